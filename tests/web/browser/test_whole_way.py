"""From sign-in at the centre's desk to a code that is found on a mirror: with the processes that run in earnest."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from maxa.port import answers
from maxa.settings import PROJECT, Settings
from maxa.shelf.key_ceremony import make_keys
from maxa.supervisor import environment_of
from maxa.web.language import translations_of
from tests.lists import Committee
from tests.test_worker import eventually, running_worker, url_of
from tests.web.browser.conftest import is_wrong
from tests.web.desk.conftest import PASSWORD, cheap_hash, people

__all__ = ["cheap_hash", "people"]  # fixtures

SAMPLE = PROJECT / "data" / "samples" / "icd10.xlsx"
PATIENCE = 60_000.0  # milliseconds: an import runs in a child process, and other tests run beside this one


@contextmanager
def gunicorn(settings: Settings, log: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), "wsgi:app"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment_of(settings), cwd=PROJECT, stdout=out, stderr=out)
        try:
            eventually(lambda: answers(settings) or server.poll() is not None, "the server answers")
            assert server.poll() is None, log.read_text()
            yield f"http://127.0.0.1:{settings.port}"
        finally:
            server.terminate()
            server.wait(30)


def maxa_of(mirror: Settings, *words: str) -> str:
    """The command at the mirror, in a process of its own."""
    environment = {**environment_of(mirror), "MAXA_LANG": "en", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-m", "maxa.cli", *words], env=environment, cwd=mirror.home, capture_output=True, text=True,
        timeout=PATIENCE / 1_000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """``browse(address, language)``: a new visitor; whatever their pages say is wrong fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def visitor(address: str, language: str) -> Page:
        context = chromium.new_context(viewport={"width": 1_280, "height": 800}, base_url=address)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "lang", "value": language, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(address) or wrong.append(f"asked {asked.url}"))
        return page

    yield visitor
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize("language", ["fa", pytest.param("en", marks=pytest.mark.deep)])
def test_what_is_uploaded_at_the_desk_is_found_on_a_mirror(
    language: str, browse: Callable[..., Page], committee: Committee, people: None,
    settings_for: Callable[..., Settings], free_port: int, tmp_path: Path,
) -> None:  # fmt: skip
    centre = settings_for(
        port=free_port, database_url=url_of(committee), shelf=committee.folder, access="open", web_workers=1
    )
    committee.project()
    make_keys(centre.shelf, keys=centre.keys, root_keys=centre.root_keys)

    def named(persian: str) -> re.Pattern[str]:
        return re.compile(f"^{re.escape(translations_of(language).gettext(persian))}$")

    def sign_in(name: str) -> Page:
        page = browse(address, language)
        page.goto("/desk/submissions")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/desk/submissions")
        return page

    with gunicorn(centre, tmp_path / "centre.log") as address:
        sara = sign_in("sara")
        sara.goto("/desk/upload")
        sara.locator("#workbook").set_input_files(SAMPLE)
        sara.locator("main form button").click()
        with running_worker(committee):
            sara.get_by_role("button", name=named("برای بررسی بفرست")).click(timeout=PATIENCE)
            expect(sara.locator("h1 + .tag")).to_have_text(named("در بررسی"))
            mina = sign_in("mina")
            mina.goto(sara.url)
            mina.get_by_role("button", name=named("تأیید")).click()
            expect(mina.locator(".tag", has_text=named("در قفسه"))).to_be_visible(timeout=PATIENCE)
        mina.goto("/")
        expect(mina.locator("main")).to_contain_text("ICD10")

        home = tmp_path / "mirror"
        home.mkdir()
        root = tmp_path / "root.json"
        root.write_bytes((centre.shelf / "metadata" / "1.root.json").read_bytes())
        mirror = settings_for(home=home, role="mirror", access="open", port=free_port, web_workers=1)
        maxa_of(mirror, "mirror", "init", "--root", str(root), f"{address}/shelf/")
        assert "0 → 1" in maxa_of(mirror, "mirror", "sync")

    with gunicorn(mirror, tmp_path / "mirror.log") as address:  # the centre is gone, and is not missed
        anyone = browse(address, language)
        anyone.goto("/")
        field = anyone.locator("#search-field")
        field.fill("cholera")
        expect(anyone.locator("[role=option]").first).to_contain_text("A00")
        field.press("Enter")
        anyone.wait_for_url("**/search?q=cholera")
        anyone.locator("a.hit").first.click()
        anyone.wait_for_url("**/terminologies/ICD10/concepts/A00*")
        expect(anyone.locator(".bigcode")).to_contain_text("A00")
        expect(anyone.locator("html")).to_have_attribute("lang", language)
        assert anyone.goto("/desk").status == 404  # type: ignore[union-attr]
