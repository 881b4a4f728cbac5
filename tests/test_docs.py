"""Docs can't rot: every setting, verb, error code and finding is documented."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import maxa.errors
from maxa.api.requesting import filings as api_filings
from maxa.cli import main
from maxa.registry.guards import RULES
from maxa.requests.allowance import CLIENT_ROWS_A_DAY, ROWS_A_DAY
from maxa.settings import PROJECT
from maxa.web.public.requesting import filings as page_filings
from maxa.web.public.requesting import followings

DOCS = PROJECT / "docs"


def sources() -> Iterator[Path]:
    for room in ("maxa", "importers"):
        yield from (PROJECT / room).rglob("*.py")
    yield PROJECT / "gunicorn.conf.py"


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    settings = (PROJECT / "maxa" / "settings.py").read_text()
    read = {f"MAXA_{name}" for name in re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)}
    read |= {"MAXA_ACTOR", "MAXA_LANG"}
    documented = set(re.findall(r"`(MAXA_[A-Z_]+)`", (DOCS / "settings.md").read_text()))
    assert documented == read


def verbs(group: click.Group = main, prefix: str = "maxa") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from verbs(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def test_every_verb_is_documented() -> None:
    documented = set(re.findall(r"`(maxa [a-z]+(?: [a-z]+)?)`", (DOCS / "commands.md").read_text()))
    assert {name for name, _ in verbs()} <= documented


@pytest.mark.parametrize(("name", "command"), list(verbs()))
def test_every_verb_has_help_and_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert "Example:" in command.help
    example = command.help.partition("Example:")[2]
    assert name.removeprefix("maxa ") in example


def test_every_error_code_is_documented() -> None:
    codes = {
        kind.code for kind in vars(maxa.errors).values()
        if isinstance(kind, type) and issubclass(kind, maxa.errors.MaxaError) and kind.status < 500 and kind.status != 409
    }  # fmt: skip
    contract = (DOCS / "contract.md").read_text()
    assert {code for code in codes if f"`{code}`" not in contract} == {"bad-workbook"}


def test_no_page_links_to_what_is_not_there() -> None:
    for page in [*PROJECT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_guard_is_documented() -> None:
    findings = (DOCS / "findings.md").read_text()
    assert {rule for rule in RULES if f"`{rule}`" not in findings} == set()


def test_what_a_sender_may_file_is_said_once_and_as_it_is() -> None:
    told = (DOCS / "requests.md").read_text()
    for figure in (
        f"file {page_filings.limit.requests} requests a minute by the page", f"token, {api_filings.limit.requests}.",
        f"{ROWS_A_DAY:,} a day", f"token {CLIENT_ROWS_A_DAY:,}", f"look {followings.limit.requests} times a minute",
    ):  # fmt: skip
        assert figure in " ".join(told.split()), figure
    for page in ("docs/api.md", "docs/adr/0030-requests-by-file.md", "CHANGELOG.md"):
        text = (PROJECT / page).read_text()
        assert not [f for f in (f"{ROWS_A_DAY:,} rows", f"{CLIENT_ROWS_A_DAY:,}", "120 times") if f in text], page


def test_the_backup_copies_something_or_fails_and_leaves_the_guessable_key_out(tmp_path: Path) -> None:
    backup = (DOCS / "operations.md").read_text().partition("## Backup and restore")[2]
    copying = [line for line in backup.splitlines() if line.startswith("rsync ")]
    stub = tmp_path / "rsync"
    stub.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\n')
    stub.chmod(0o755)
    for line in copying:
        assert subprocess.run(["/bin/sh", "-c", line], env={"PATH": str(tmp_path)}, capture_output=True).returncode != 0
    assert not (tmp_path / "asked").exists()
    for line in copying:
        subprocess.run(["/bin/sh", "-c", line], env={"PATH": str(tmp_path), "MAXA_HOME": "/h"}, check=True)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert {word for line in asked for word in line.split() if word.startswith("/")} == {
        "/h/shelf", "/h/keys", "/h/token.key", "/h/clients.json", "/h/requests"
    }  # fmt: skip
    for line in asked:
        assert "--ignore-missing-args" not in line or "/h/shelf" not in line
        assert "/h/requests" not in line or "--exclude=requests.key" in line
