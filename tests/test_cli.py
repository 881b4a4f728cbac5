"""The command line as its users meet it: verbs, their words, and exit codes that scripts can use."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from maxa.access.clients import read_clients
from maxa.cli import main
from maxa.errors import Unavailable
from maxa.registry.actions.sessions import resume, sign_in
from tests.lists import Committee, ListOf, codes, workbook
from tests.test_worker import url_of

Run = Callable[..., Result]


@pytest.fixture
def maxa(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MAXA_HOME", str(committee.home))
    monkeypatch.setenv("MAXA_DATABASE_URL", url_of(committee))
    monkeypatch.setenv("MAXA_LANG", "en")
    monkeypatch.setenv("MAXA_ACTOR", "sara")

    def run(*words: str, code: int = 0, **more: Any) -> Result:
        result = CliRunner().invoke(main, list(words), **more)
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    return run


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., str]:
    def write(*lists: ListOf, name: str = "list.json", **more: Any) -> str:
        path = tmp_path / name
        path.write_bytes(workbook(*lists, **more).content)
        return str(path)

    return write


def test_from_a_workbook_to_a_served_code(maxa: Run, file_of: Callable[..., str], committee: Committee) -> None:
    file = file_of(ListOf("LNC", codes(**{"718-7": "هموگلوبین"}), part="clinical"))
    imported = maxa("import", file, "--circular", "110/37").output
    assert "LNC clinical: 1 rows" in imported
    assert "maxa publish 1" in imported
    assert "added" in maxa("diff", "1").output
    refused = maxa("publish", "1", code=5).output
    assert "MAXA_ONE_PERSON" in refused
    maxa("publish", "1", env={"MAXA_ONE_PERSON": "1"})
    assert json.loads(maxa("lookup", "lnc", "718-7").output)["Value"] == "هموگلوبین"
    for option in ("--in", "--terminology"):
        assert "718-7" in maxa("search", option, "lnc", "هموگ").output
    hits = json.loads(maxa("search", "هموگلبین", "--json").output)
    assert (hits["hits"][0]["code"], hits["searchedInstead"]["text"], hits["counts"]) == (
        "718-7",
        "هموگلوبین",
        {"LNC": 1},
    )
    maxa("search", "هموگلبین", "--literal", code=4)
    maxa("validate", "LNC", "718-7", "هموگلوبین")
    assert "unknown-code" in maxa("validate", "LNC", "718-8", code=3).output
    assert "1402-02-18" in maxa("releases", "LNC").output
    assert json.loads(maxa("submissions", "--json").output)[0]["state"] == "published"
    assert "0 problems" in maxa("shelf", "check").output
    committee.check_invariants()


def test_the_same_workbook_again_says_so_and_succeeds(maxa: Run, file_of: Callable[..., str]) -> None:
    file = file_of(ListOf("LNC", codes(a="آ")))
    maxa("import", file)
    assert "imported before (submission 1)" in maxa("import", file).output


def test_two_people_publish(maxa: Run, file_of: Callable[..., str]) -> None:
    maxa("account", "add", "root", "--role", "administrator")
    maxa("--as", "root", "account", "add", "sara", "--role", "importer")
    maxa("--as", "root", "account", "add", "mina", "--role", "approver")
    maxa("import", file_of(ListOf("LNC", codes(a="آ"))))
    maxa("submit", "1")
    maxa("approve", "1", code=5)
    assert "serial 1" in maxa("--as", "mina", "approve", "1").output
    asked = maxa("--as", "mina", "withdraw", "LNC", version_of(maxa), "--dry-run").output
    assert "would publish" in asked
    assert ": +0 ~0 -1 ↺0" in asked
    maxa("--as", "mina", "withdraw", "LNC", version_of(maxa), code=2)
    assert "serial 2" in maxa("--as", "mina", "withdraw", "LNC", version_of(maxa), "--reason", "نادرست").output
    maxa("--as", "nobody", "submissions", code=4)


def version_of(maxa: Run) -> str:
    return str(json.loads(maxa("releases", "LNC", "--json").output)[0]["version"])


def test_findings_name_the_place_and_exit_with_three(maxa: Run, file_of: Callable[..., str]) -> None:
    finding = {"rule": "bad-code", "severity": "error", "sheet": "آزمایش", "row": 7, "column": "B", "value": "71-؟"}
    file = file_of(ListOf("LNC", codes(a="آ")), findings=[finding])
    maxa("import", file, code=3)
    told = maxa("findings", "1", code=3).output
    assert "bad-code: list.json «آزمایش» B7 [71-؟]" in told
    assert json.loads(maxa("findings", "1", "--json", code=3).output)[0]["row"] == 7
    assert "1 errors" in maxa("publish", "1", code=3).output
    maxa("reject", "1", "--reason", "خطا دارد")


def test_a_guard_asks_for_its_figure(maxa: Run, file_of: Callable[..., str]) -> None:
    one = {"MAXA_ONE_PERSON": "1"}
    maxa("import", file_of(ListOf("LNC", codes(a="آ", b="ب"))), "--publish", env=one)
    fewer = ListOf("LNC", codes(a="آ"), expected={"min_rows": 0, "max_retired_share": 0.1})
    maxa("import", file_of(fewer))
    assert "retired:LNC=1" in maxa("publish", "2", code=3, env=one).output
    maxa("publish", "2", "--confirm", "retired:LNC=1", env=one)


def test_what_is_wrong_has_its_exit_code(maxa: Run, tmp_path: Path) -> None:
    maxa("import", str(tmp_path / "nothing.xlsx"), code=2)
    (tmp_path / "empty.xlsx").write_bytes(b"")
    assert "empty" in maxa("import", str(tmp_path / "empty.xlsx"), code=3).output
    (tmp_path / "letter.xlsx").write_bytes(b"Dear all,")
    assert "refused" in maxa("import", str(tmp_path / "letter.xlsx"), code=3).output
    maxa("findings", "99", code=4)
    maxa("lookup", "LNC", "718-7", code=4)
    maxa("withdraw", "LNC", "1402-02-18", "--reason", "؟", code=4)
    maxa("import", str(tmp_path / "letter.xlsx"), "--date", "1402/13/01", code=2)
    maxa("submissions", code=78, env={"MAXA_PORT": "high"})
    maxa("submissions", code=78, env={"MAXA_ROLE": "mirror"})


def test_the_work_goes_on_when_nobody_reads_what_is_told(
    maxa: Run, file_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`maxa import … --publish | head -1`: the pipe is closed before the work is done."""
    file = file_of(ListOf("LNC", codes(a="آ")))
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setenv("MAXA_ONE_PERSON", "1")
    with monkeypatch.context() as patch, os.fdopen(writing, "w", encoding="utf-8") as closed:
        patch.setattr(sys, "stdout", closed)
        main(["import", file, "--publish"], standalone_mode=False)
    assert json.loads(maxa("lookup", "LNC", "a").output)["Value"] == "آ"
    assert json.loads(maxa("submissions", "--json").output)[0]["state"] == "published"


def test_without_the_database_writes_say_unavailable_and_reads_go_on(maxa: Run, file_of: Callable[..., str]) -> None:
    maxa("import", file_of(ListOf("LNC", codes(a="آ"))), "--publish", env={"MAXA_ONE_PERSON": "1"})
    gone = {"MAXA_DATABASE_URL": "postgresql://maxa@127.0.0.1:1/maxa"}
    maxa("submissions", code=6, env=gone)
    assert json.loads(maxa("lookup", "LNC", "a", env=gone).output)["Value"] == "آ"
    assert "0 problems" in maxa("shelf", "check", env=gone).output


def test_persian_users_are_answered_in_persian(maxa: Run) -> None:
    told = maxa("findings", "99", code=4, env={"MAXA_LANG": "fa"}).output
    assert "نیست" in told


def test_a_client_is_made_shown_once_and_closed(maxa: Run, committee: Committee) -> None:
    shown, _, _ = maxa("client", "add", "noor", "--user", "noor-user").output.partition("These")
    made = json.loads(shown)
    file = committee.home / "clients.json"
    assert made["client_secret"] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert [c.client_id for c in read_clients(file)] == ["noor"]
    maxa("client", "add", "noor", code=2)
    assert "noor" in maxa("client", "list").output
    maxa("client", "disable", "noor")
    assert read_clients(file)[0].disabled
    before = read_clients(file)[0]
    maxa("client", "secret", "noor")
    after = read_clients(file)[0]
    assert after.secret_hash != before.secret_hash
    assert after.token_epoch == before.token_epoch + 1
    maxa("client", "secret", "nobody", code=4)


def test_a_damaged_shelf_is_told_and_rebuilt(maxa: Run, file_of: Callable[..., str], committee: Committee) -> None:
    maxa("import", file_of(ListOf("LNC", codes(a="آ"))), "--publish", env={"MAXA_ONE_PERSON": "1"})
    edition = committee.shelf.catalogue().terminology("LNC").current
    (committee.folder / edition.file).write_bytes(b"no more")
    assert edition.file in maxa("shelf", "check", code=3).output
    assert edition.file in maxa("shelf", "rebuild").output
    maxa("shelf", "check")


def test_the_schema_is_upgraded_once(maxa: Run) -> None:
    assert "up to date" in maxa("db", "upgrade").output


ONE = {"MAXA_ONE_PERSON": "1"}


def test_several_workbooks_and_their_letter_come_in_together_and_go_out_again(
    maxa: Run, file_of: Callable[..., str], tmp_path: Path
) -> None:
    letter = tmp_path / "110-40.pdf"
    letter.write_bytes(b"%PDF-1.4 circular")
    drugs = file_of(ListOf("IRC", codes(a="آ"), part="medicine"), name="drugs.json")
    more = file_of(ListOf("IRC", codes(b="ب"), part="supplement"), name="supplements.json")
    told = maxa("import", drugs, more, "--circular", "110/40", "--letter", str(letter)).output
    assert "drugs.json (json)" in told
    assert "supplements.json (json)" in told
    listed = json.loads(maxa("files", "1", "--json").output)
    assert [(row["kind"], row["name"]) for row in listed] == [
        ("workbook", "drugs.json"), ("workbook", "supplements.json"), ("letter", "110-40.pdf"),
    ]  # fmt: skip
    out = tmp_path / "out"
    maxa("files", "1", "--save", str(out))
    assert (out / "110-40.pdf").read_bytes() == letter.read_bytes()
    assert (out / "drugs.json").read_bytes() == Path(drugs).read_bytes()
    maxa("files", "1", "--save", str(out))
    (out / "drugs.json").write_bytes(b"mine")
    assert "something else" in maxa("files", "1", "--save", str(out), code=2).output
    assert (out / "drugs.json").read_bytes() == b"mine"


def test_one_bad_workbook_is_named_and_nothing_is_taken(maxa: Run, file_of: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b"?")
    good = file_of(ListOf("IRC", codes(a="آ")), name="good.json")
    assert "'bad.json'" in maxa("import", good, str(tmp_path / "bad.json"), code=3).output
    assert "the same workbook" in maxa("import", good, good, code=2).output
    assert "no PDF" in maxa("import", good, "--letter", good, code=2).output


def test_history_comes_in_behind_what_is_current(maxa: Run, file_of: Callable[..., str]) -> None:
    maxa("import", file_of(ListOf("LNC", codes(b="ب"))), "--circular", "110/37", "--publish", env=ONE)
    old = file_of(ListOf("LNC", codes(a="آ")), name="old.json")
    assert "back-dated" in maxa("import", old, "--circular", "110/186", code=3).output
    maxa("import", old, "--circular", "110/186", "--history", "--publish", env=ONE)
    rows = json.loads(maxa("releases", "LNC", "--json").output)
    assert [(r["version"], r["history"]) for r in rows] == [
        ("1402-02-18.2", False), ("1400-06-20", True), ("1402-02-18", False),
    ]  # fmt: skip
    assert json.loads(maxa("lookup", "LNC", "b").output)["Status"] == "active"
    assert "--date" in maxa("import", old, "--history", code=2).output


def test_mapped_headings_are_listed_and_forgotten(
    maxa: Run, file_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importers
    from tests.registry.test_receiving import JSON

    monkeypatch.setattr(importers, "SOURCES", {"json": JSON})
    assert "Nothing" in maxa("profiles", "list").output
    maxa("import", file_of(ListOf("LNC", codes(a="آ"))), "--column", "نام تست=title_fa", "--column", "شرح=")
    rows = json.loads(maxa("profiles", "list", "json", "--json").output)
    assert [(r["heading"], r["field"], r["by"]) for r in rows] == [("شرح", "", "sara"), ("نام تست", "title_fa", "sara")]
    maxa("import", file_of(ListOf("LNC", codes(a="آ"))), "--column", "نام تست", code=2)
    assert "1 headings" in maxa("profiles", "forget", "json", "شرح").output
    maxa("profiles", "forget", "json", "شرح", code=4)
    maxa("profiles", "list", "drogs", code=4)


def test_secrets_of_a_client_are_told_though_the_file_can_not_be_written(
    maxa: Run, committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("دیسک پر است.", "The disk is full.")

    monkeypatch.setattr("maxa.cli.centre.project_clients", full)
    for words in (("add", "noor"), ("secret", "noor")):
        assert "client_secret" in maxa("client", *words, code=Unavailable.exit_code).output
    assert not (committee.home / "clients.json").exists()


def test_a_client_with_a_persian_name_is_told_to_give_an_id(maxa: Run) -> None:
    assert "--id" in maxa("client", "add", "بیمارستان نور", code=2).output
    made = maxa("client", "add", "بیمارستان نور", "--id", "noor").output
    assert json.loads(made.partition("These")[0])["client_id"] == "noor"


def test_a_figure_is_confirmed_with_the_approval(maxa: Run, file_of: Callable[..., str]) -> None:
    guarded = {"min_rows": 0, "max_retired_share": 0.1}
    maxa("import", file_of(ListOf("LNC", codes(a="آ", b="ب", c="پ"))), "--publish", env=ONE)
    maxa("import", file_of(ListOf("LNC", codes(a="آ"), expected=guarded)))
    maxa("submit", "2", "--confirm", "retired:LNC=2")
    maxa("import", file_of(ListOf("LNC", codes(d="ت"))), "--amendment", "--publish", env=ONE)
    maxa("approve", "2", code=3, env=ONE)
    assert "retired:LNC=3" in maxa("approve", "2", code=3, env=ONE).output
    maxa("approve", "2", "--confirm", "retired:LNC=3", env=ONE)


def test_an_account_is_made_with_a_password_that_is_good_once(maxa: Run, committee: Committee) -> None:
    made = json.loads(maxa("account", "add", "root", "--role", "administrator").stdout)
    assert made["account"] == "root"
    token, who = sign_in(committee.engine, name="root", password=made["one_time_password"], address="::1")
    assert who.must_change
    renewed = json.loads(maxa("--as", "root", "account", "password", "root").stdout)
    assert renewed["one_time_password"] != made["one_time_password"]
    assert resume(committee.engine, token=token) is None
    maxa("account", "add", "sara", "--role", "importer", code=4)  # there are accounts now, and none of this name
    again = maxa("--as", "root", "account", "add", "root", "--role", "administrator", code=2)
    assert "already" in again.output


def test_a_password_that_is_asked_for_is_ones_own(maxa: Run, committee: Committee) -> None:
    typed = "a quite good one\n" * 2
    maxa("account", "add", "root", "--role", "administrator", "--password", input=typed)
    assert not sign_in(committee.engine, name="root", password="a quite good one", address="::1")[1].must_change
    maxa("--as", "root", "account", "password", "root", "--ask", input="short\nshort\n", code=2)


def test_roles_and_what_an_account_keeps_are_listed_and_changed(maxa: Run) -> None:
    maxa("account", "add", "root", "--role", "administrator")
    maxa("user", "list", code=2)
    maxa("--as", "root", "account", "add", "reza", "--keeps", "IRC=importer", "--keeps", "LNC--RVU3=approver")
    told = {one["name"]: one for one in json.loads(maxa("--as", "root", "account", "list", "--json").output)}
    assert told["reza"]["keeps"] == ["IRC=importer", "LNC→RVU3=approver"]
    assert told["reza"]["roles"] == ["viewer"]
    maxa("--as", "root", "account", "roles", "reza", "--role", "importer")
    maxa("--as", "reza", "account", "list", code=5)
    maxa("--as", "root", "account", "disable", "reza")
    assert "closed" in maxa("--as", "root", "account", "list").output
    maxa("--as", "reza", "submissions", code=4)
    maxa("--as", "root", "account", "disable", "reza", "--enable")
    maxa("--as", "reza", "submissions")
    maxa("--as", "root", "account", "roles", "reza", "--keeps", "IRC", code=2)
    maxa("--as", "root", "account", "disable", "nobody", code=4)
