"""``maxa mirror`` and ``maxa keys`` as an operator meets them, in a process that knows no database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from maxa.access.clients import read_clients
from maxa.cli import main
from maxa.settings import PROJECT
from tests.mirror.world import Centre, Server

Run = Callable[..., Result]


def runner(monkeypatch: pytest.MonkeyPatch, home: Path, role: str) -> Run:
    def run(*words: str, code: int = 0, lang: str = "en", role: str = role, home: Path = home) -> Result:
        env = {"MAXA_HOME": str(home), "MAXA_ROLE": role, "MAXA_LANG": lang, "MAXA_DATABASE_URL": ""}
        result = CliRunner().invoke(main, list(words), env=env)
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    return run


@pytest.fixture
def maxa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return runner(monkeypatch, tmp_path / "mirror", "mirror")


@pytest.fixture
def at_the_centre(monkeypatch: pytest.MonkeyPatch, centre: Centre) -> Run:
    return runner(monkeypatch, centre.home, "centre")


@pytest.fixture
def root(centre: Centre, tmp_path: Path) -> str:
    path = tmp_path / "root.json"
    path.write_bytes(centre.root())
    return str(path)


def test_a_mirror_from_nothing_to_a_code(
    maxa: Run, at_the_centre: Run, centre: Centre, server: Server, root: str
) -> None:
    shown = at_the_centre("keys", "status").output
    fingerprint = next(line for line in shown.splitlines() if line.startswith("sha256: ")).removeprefix("sha256: ")
    assert fingerprint in maxa("mirror", "init", "--root", root, server.url).output
    assert "0 → 8: 9 files" in maxa("mirror", "sync").output
    assert "Nothing new (serial 8)" in maxa("mirror", "sync").output
    assert json.loads(maxa("lookup", "LNC", "718-7").output)["Coded_string"] == "718-7"
    status = json.loads(maxa("mirror", "status", "--json").output)
    assert (status["serial"], status["expired"], status["last"]["problem"]) == (8, False, None)
    assert "0 problems" in maxa("mirror", "verify").output
    assert "1 files removed" in maxa("mirror", "prune", "--keep", "1").output
    assert "چیز تازه‌ای نیست" in maxa("mirror", "sync", lang="fa").output


def test_by_stick(maxa: Run, at_the_centre: Run, centre: Centre, root: str, tmp_path: Path) -> None:
    stick = str(tmp_path / "stick.zip")
    assert "Next: maxa mirror import" in maxa("mirror", "init", "--root", root).output
    assert "Serial 8: 9 files" in at_the_centre("mirror", "export", stick).output
    assert "0 → 8" in maxa("mirror", "import", stick).output
    centre.publish()
    assert "1 files" in at_the_centre("mirror", "export", "--since", "8", stick).output
    assert "8 → 9" in maxa("mirror", "import", stick).output
    assert "mirror export" in maxa("mirror", "import", root, code=3).output


def test_a_damaged_file_is_mended_by_stick(
    maxa: Run, at_the_centre: Run, centre: Centre, root: str, tmp_path: Path
) -> None:
    whole, part = str(tmp_path / "whole.zip"), str(tmp_path / "part.zip")
    at_the_centre("mirror", "export", whole)
    at_the_centre("mirror", "export", "--since", "8", part)
    maxa("mirror", "init", "--root", root)
    maxa("mirror", "import", whole)
    damaged = tmp_path / "mirror" / "shelf" / "LNC" / "1402-05-01.maxa"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    assert "To mend it: maxa mirror import --thorough FILE" in maxa("mirror", "verify", code=3).output
    assert "import --thorough FILE" in maxa("mirror", "export", str(tmp_path / "on.zip"), code=3).output
    assert "Nothing new" in maxa("mirror", "import", whole).output, "a quick look at lengths does not see it"
    assert "lacks files that are needed" in maxa("mirror", "import", "--thorough", part, code=3).output
    assert "1 files" in maxa("mirror", "import", "--thorough", whole).output
    assert "0 problems" in maxa("mirror", "verify").output


def test_a_mirror_that_was_not_set_up_says_so(maxa: Run) -> None:
    for verb in ("status", "sync"):
        assert "no root to trust yet: run `maxa mirror init" in maxa("mirror", verb, code=78).output
    assert "mirror init" in maxa("mirror", "status", "--json", code=78, lang="fa").output


def test_refusals_and_troubles_have_their_exit_codes(
    maxa: Run, centre: Centre, server: Server, root: str, tmp_path: Path
) -> None:
    assert "mirror init" in maxa("mirror", "sync", code=78).output
    maxa("mirror", "init", "--root", root, "http://127.0.0.1:9/shelf")
    assert "can't be reached" in maxa("mirror", "sync", code=6).output
    assert "can't be reached" in maxa("mirror", "status").output
    maxa("mirror", "init", "--root", root, server.url)
    server.meddle = lambda name, content: content.replace(b"e", b"f") if name.endswith("timestamp.json") else content
    maxa("mirror", "sync", code=3)
    assert "پذیرفته نشد" in maxa("mirror", "status", lang="fa").output
    assert "is no address" in maxa("mirror", "init", "--root", root, "maxa.example", code=2).output
    assert "no root metadata" in maxa("mirror", "init", "--root", __file__, code=2).output
    assert "did you mean: IRC" in maxa_with(server, maxa, "--terminologies", "LNX").output
    maxa("mirror", "run", "--every", "soon", code=2)
    assert "MAXA_ROLE=mirror" in maxa("mirror", "sync", code=78, role="centre").output


def maxa_with(server: Server, maxa: Run, *options: str) -> Result:
    server.meddle = None
    return maxa("mirror", "sync", *options, code=4)


def test_a_slip_in_the_choice_of_terminologies_is_not_remembered(maxa: Run, server: Server, root: str) -> None:
    maxa("mirror", "init", "--root", root, server.url)
    maxa("mirror", "sync", "--terminologies", "LNC,IRC")
    assert "did you mean" in maxa("mirror", "sync", "--terminologies", "LNX", code=4).output
    assert "Nothing new" in maxa("mirror", "sync").output
    for empty in (",", " ، ", ""):
        assert "names no terminology" in maxa("mirror", "sync", "--terminologies", empty, code=2).output
        maxa("mirror", "init", "--root", root, "--terminologies", empty, code=2)
    assert json.loads(maxa("mirror", "status", "--json").output)["terminologies"] == ["LNC", "IRC"]
    maxa("mirror", "sync", "--terminologies", "all")
    assert json.loads(maxa("mirror", "status", "--json").output)["terminologies"] is None


def test_another_root_is_not_trusted_by_accident(maxa: Run, root: str, tmp_path: Path, server: Server) -> None:
    maxa("mirror", "init", "--root", root, server.url)
    maxa("mirror", "sync")
    other = Centre(tmp_path / "other")
    (tmp_path / "other.json").write_bytes(other.root())
    assert "--again" in maxa("mirror", "init", "--root", str(tmp_path / "other.json"), code=3).output
    maxa("mirror", "init", "--root", str(tmp_path / "other.json"), "--again")
    assert "not signed by this repository's keys" in maxa("mirror", "sync", code=3).output
    assert json.loads(maxa("lookup", "LNC", "718-7").output)["Coded_string"] == "718-7", "served on"


def test_keys_at_the_centre(at_the_centre: Run, centre: Centre, maxa: Run, tmp_path: Path) -> None:
    assert "is signed until" in at_the_centre("keys", "sign").output
    told = at_the_centre("keys", "rotate", "online").output
    assert "remove them" in told
    status = json.loads(at_the_centre("keys", "status", "--json").output)
    assert [r["here"] for r in status["roles"]] == [1, 1, 1, 1]
    assert any("move it to a stick" in w for w in status["warnings"])
    stick = tmp_path / "stick"
    centre.root_keys.rename(stick)
    assert "root's keys and 0 are at hand" in at_the_centre("keys", "rotate", "renew", code=78).output
    at_the_centre("keys", "rotate", "renew", "--root-keys", str(stick))
    for key in centre.keys.glob("*.pem"):
        key.unlink()
    assert "rotate online" in at_the_centre("keys", "status", code=3).output
    at_the_centre("keys", "rotate", "online", "--root-keys", str(stick))
    at_the_centre("keys", "status")
    assert "maxa keys rotate" in at_the_centre("keys", "init", code=3).output
    assert "centre" in maxa("keys", "status", code=78).output


def test_root_keys_on_a_stick_that_knows_no_modes_are_warned_of(
    at_the_centre: Run, centre: Centre, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    centre.root_keys.rename(stick)
    for key in stick.glob("*.pem"):
        key.chmod(0o755)  # as every file on FAT is
    assert "is open to others" in at_the_centre("keys", "status", "--root-keys", str(stick)).output
    assert "is open to others" in at_the_centre("keys", "rotate", "renew", "--root-keys", str(stick)).output


def test_root_keys_in_the_default_folder_must_be_closed_to_others(at_the_centre: Run, centre: Centre) -> None:
    key = next(centre.root_keys.glob("*.pem"))
    key.chmod(0o644)
    for words in (("status",), ("rotate", "renew")):
        told = at_the_centre("keys", *words, code=78).output
        assert f"chmod 600 {key}" in told
    assert not (centre.metadata / "2.root.json").exists()
    key.chmod(0o600)
    at_the_centre("keys", "rotate", "renew")


def test_keys_with_thresholds_from_the_beginning(maxa: Run, tmp_path: Path) -> None:
    home, stick = tmp_path / "fresh", tmp_path / "stick"
    maxa("keys", "init", "--plan", "root=2/3", "--root-keys", str(stick), role="centre", home=home)
    assert len(list(stick.glob("*.pem"))) == 3
    status = json.loads(maxa("keys", "status", "--json", role="centre", home=home).output)
    assert [(r["threshold"], len(r["keys"])) for r in status["roles"]] == [(2, 3), (1, 1), (1, 1), (1, 1)]
    maxa("keys", "init", "--plan", "root=4/3", role="centre", home=tmp_path / "x", code=2)


def test_clients_of_a_mirror_live_in_its_own_file(maxa: Run, tmp_path: Path) -> None:
    file = tmp_path / "mirror" / "clients.json"
    made = json.loads(maxa("client", "add", "his", "--user", "ward").stdout)
    assert made["client_secret"] not in file.read_text()
    assert "open" in maxa("client", "list").output
    maxa("client", "disable", "his")
    assert read_clients(file)[0].disabled
    maxa("client", "disable", "his", "--enable")
    renewed = json.loads(maxa("client", "secret", "his", "--file").output)
    assert renewed["client_secret"] != made["client_secret"]
    assert read_clients(file)[0].token_epoch == 2
    assert "did you mean: his" in maxa("client", "secret", "hi", code=4).output


def test_the_mirrors_verbs_load_no_database_and_little_else() -> None:
    code = (
        "import sys; from maxa.cli import main; main.get_command(None, 'mirror');"
        "print([m for m in ('sqlalchemy', 'psycopg', 'procrastinate', 'openpyxl', 'flask', 'importers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_lists_all_verbs_in_their_order(maxa: Run) -> None:
    told = maxa("--help").output
    assert told.index(" import ") < told.index(" keys ") < told.index(" mirror ")
    assert "sync" in maxa("mirror", "--help").output
