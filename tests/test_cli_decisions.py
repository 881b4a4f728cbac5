"""Decisions on maps, conflicts, codes without target and differences, as they are met on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.lists import Committee, ListOf, codes, workbook
from tests.test_cli import Run, maxa

__all__ = ["maxa"]

MAP = "LNC->RVU3"
ONE_PERSON = {"MAXA_ONE_PERSON": "1"}


@pytest.fixture
def lists(maxa: Run, committee: Committee) -> Run:
    committee.publish(
        ListOf("LNC", codes(a="آهن", b="ب", c="پ")), ListOf("RVU3", codes(x="یک", y="دو", z="سه")),
        ListOf("LNC→RVU3", [{"source": "a", "target": "x"}, {"source": "b", "target": "y"}]),
    )  # fmt: skip
    return maxa


@pytest.fixture
def decide(lists: Run) -> Callable[..., str]:
    """``decide("a", "x", "--not")`` → drafted and published; gives what was said of the draft."""

    def run(*words: str) -> str:
        told = lists("decide", MAP, *words, "--reason", "صورت‌جلسه", "--json").output
        lists("publish", str(json.loads(told)["submission"]), env=ONE_PERSON)
        return told

    return run


def test_from_a_decision_to_a_translation(lists: Run) -> None:
    told = lists("decide", MAP, "a", "x", "--relationship", "broader", "--reason", "minutes of 1402/03/02").output
    assert "Submission 2: 1 decisions, as a draft." in told
    assert "maxa approve 2" in told
    assert "relationship: equivalent → broader" in lists("diff", "2").output
    assert "نوع ارتباط: برابر → عام‌تر" in lists("diff", "2", env={"MAXA_LANG": "fa"}).output
    lists("publish", "2", code=5)
    lists("publish", "2", env=ONE_PERSON)
    (item,) = json.loads(lists("translate", "LNC--RVU3", "a", "--json").output)
    assert [(t["code"], t["relationship"]) for t in item["targets"]] == [("x", "broader")]
    assert "minutes of 1402/03/02" in lists("decisions", MAP).output


def test_a_draft_with_errors_ends_with_3(lists: Run) -> None:
    assert "decision-on-unknown-code" in lists("decide", MAP, "a", "q", "--reason", "چون", code=3).output


def test_decisions_have_no_workbook_to_mark(lists: Run) -> None:
    lists("decide", MAP, "a", "q", "--reason", "چون", code=3)
    told = lists("mark", "2", code=4).output
    assert "no workbook" in told
    assert "maxa findings 2" in told
    assert "None" not in told


def test_many_decisions_come_from_a_file(lists: Run, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text("کد مبدأ,کد مقصد,نظر,نوع ارتباط\na,x,برقرار,عام‌تر\nb,,بی‌همتا,\n", encoding="utf-8-sig")
    lists("decide", MAP, "--file", str(file), "--reason", "صورت‌جلسه")
    assert [d["verdict"] for d in json.loads(lists("decisions", "--json").output)] == ["holds", "no-target"]
    file.write_text("source,target\na\n")
    assert "line 2" in lists("decide", MAP, "--file", str(file), "--reason", "چون", code=2).output


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("a",),
        ("a", "x", "--not", "--no-target"),
        ("a", "x", "--file", "pyproject.toml"),
        ("a", "x", "--property", "p"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(lists: Run, words: tuple[str, ...]) -> None:
    lists("decide", MAP, *words, "--reason", "چون", code=2)


def test_decisions_go_out_as_csv_and_come_in_again(lists: Run, decide: Callable[..., str], tmp_path: Path) -> None:
    decide("a", "x", "--relationship", "عام‌تر", "--property", "بیمه‌گر=تأمین")
    decide("b", "--no-target")
    decide("c", "z", "--not")
    file = tmp_path / "decisions.csv"
    for language in ("fa", "en"):
        lists("decisions", MAP, "--csv", str(file), env={"MAXA_LANG": language})
        assert "stands decided" in lists("decide", MAP, "--file", str(file), code=3).output


def test_a_file_with_decisions_that_ended_does_not_bring_them_back(
    lists: Run, decide: Callable[..., str], tmp_path: Path
) -> None:
    decide("a", "x", "--not")
    decide("a", "x", "--relationship", "broader")
    file = tmp_path / "all.csv"
    for language in ("fa", "en"):
        lists("decisions", MAP, "--all", "--csv", str(file), env={"MAXA_LANG": language})
        assert "ended or were rejected" in lists("decide", MAP, "--file", str(file), code=2).output


def test_a_revoked_decision_gives_way_to_the_list(lists: Run, decide: Callable[..., str]) -> None:
    decide("a", "x", "--not")
    lists("decisions", MAP, "--revoke", "1", code=2)
    lists("decisions", MAP, "--revoke", "9", "--reason", "چون", code=4)
    told = json.loads(lists("decisions", MAP, "--revoke", "1", "--reason", "چون", "--json").output)
    lists("publish", str(told["submission"]), env=ONE_PERSON)
    assert "There are no decisions." in lists("decisions", MAP).output
    assert [d["state"] for d in json.loads(lists("decisions", "--all", "--json").output)] == ["ended", "ended"]
    (item,) = json.loads(lists("translate", "LNC--RVU3", "a", "--json").output)
    assert [t["code"] for t in item["targets"]] == ["x"]


def test_conflicts_are_listed_and_the_new_ones_apart(
    lists: Run, decide: Callable[..., str], committee: Committee, tmp_path: Path
) -> None:
    assert "no conflicts" in lists("conflicts").output
    decide("a", "x", "--relationship", "broader")
    assert len(json.loads(lists("conflicts", MAP, "--json").output)) == 1
    assert json.loads(lists("conflicts", "--new", "--json").output) == []
    committee.publish(ListOf("LNC→RVU3", [{"source": "a", "target": "x", "relationship": "related"}]))
    (conflict,) = json.loads(lists("conflicts", "--new", "--json").output)
    assert conflict["listed"]["relationship"] == "related"
    assert "فهرست جز این می‌گوید" in lists("conflicts", env={"MAXA_LANG": "fa"}).output
    shown = lists("conflicts").output
    assert "صورت‌جلسه" in shown  # the reason
    assert "maxa decisions LNC--RVU3 --revoke" in shown
    lists("conflicts", "--csv", str(tmp_path / "c.csv"))
    assert (tmp_path / "c.csv").read_bytes().startswith(b"\xef\xbb\xbfdecision,")


def test_codes_without_target_are_counted_and_listed(lists: Run, decide: Callable[..., str], tmp_path: Path) -> None:
    assert json.loads(lists("unmapped", MAP, "--json").output)["codes"] == [
        {"code": "c", "title_fa": "پ", "title_en": "", "part": "", "decision": None}
    ]
    decide("c", "--no-target")
    told = json.loads(lists("unmapped", MAP, "--json").output)
    assert told["codes"] == []
    assert told["parts"] == [{"part": "", "active": 3, "mapped": 2, "no_target": 1, "unmapped": 0}]
    assert "c" in lists("unmapped", MAP, "--decided").output
    assert (
        lists("unmapped", MAP, "--decided", "--csv", "-").stdout_bytes.decode("utf-8-sig").splitlines()[1] == "c,پ,,,1"
    )
    lists("unmapped", "LNC->ICD10", code=4)


# --- maxa diff ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(maxa: Run, committee: Committee) -> Run:
    first = [{"code": "a", "title_fa": "آهن", "properties": {"unit": "mg"}}, {"code": "b", "title_fa": "=ب"}]
    second = [{"code": "a", "title_fa": "آهن سرم", "properties": {"unit": "g"}}, {"code": "c", "title_fa": "پ"}]
    committee.publish(ListOf("LNC", first), circular="110/501")
    committee.publish(ListOf("LNC", second), circular="110/37")
    return maxa


def test_editions_are_compared_by_version(two: Run) -> None:
    told = two("diff", "LNC", "1401/12/15", "1402-02-18").output
    assert "1 added, 1 changed, 1 retired" in told
    assert "Persian title: آهن → آهن سرم" in told
    assert two("diff", "LNC", "۱۴۰۱/۱۲/۱۵").output == told
    assert two("diff", "LNC").output == told
    assert "removed" in two("diff", "LNC", "1402-02-18", "1401-12-15").output
    assert "Nothing differs." in two("diff", "LNC", "1402-02-18", "1402-02-18").output


def test_a_diff_can_be_narrowed(two: Run) -> None:
    chosen = json.loads(two("diff", "LNC", "--kind", "added", "--json").output)
    assert [c["code"] for c in chosen[0]["changes"]] == ["c"]
    assert chosen[0]["counts"]["added"] == 1
    assert json.loads(two("diff", "LNC", "--find", "سرم", "--json").output)[0]["counts"]["changed"] == 1
    assert json.loads(two("diff", "LNC", "--summary", "--json").output)[0]["changes"] == []
    assert "more with --limit" in two("diff", "LNC", "--limit", "1").output
    assert "آهن → آهن سرم" not in two("diff", "LNC", "--summary").output


def test_a_diff_goes_out_as_csv_and_as_a_workbook(two: Run, tmp_path: Path) -> None:
    csv, xlsx = tmp_path / "d.csv", tmp_path / "d.xlsx"
    assert "3 changes" in two("diff", "LNC", "--csv", str(csv), "--xlsx", str(xlsx), env={"MAXA_LANG": "en"}).output
    assert "آهن سرم" in csv.read_text("utf-8-sig")
    book = openpyxl.load_workbook(xlsx)
    assert book.worksheets[0].sheet_view.rightToLeft
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "آهن سرم" in cells
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_draft_of_several_lists_gives_a_file_each(two: Run, committee: Committee, tmp_path: Path) -> None:
    number = str(committee.draft(workbook(ListOf("LNC", codes(a="آ")), ListOf("RVU3", codes(x="یک")))))
    two("diff", number, "--csv", str(tmp_path / "d.csv"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.LNC.csv", "d.RVU3.csv"]
    assert [one["terminology"] for one in json.loads(two("diff", number, "--json").output)] == ["LNC", "RVU3"]
    assert "LNC" not in two("diff", number, "--terminology", "rvu3").output
    two("diff", number, "--terminology", "ICD10", code=4)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("9",), 4), (("1",), 3), (("LNX",), 4), (("LNC", "1300-01-01"), 4), (("LNC", "a", "b", "c"), 2),
        (("LNC", "--terminology", "LNC"), 2), (("99999999999999999999999",), 4),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(two: Run, words: tuple[str, ...], code: int) -> None:
    told = two("diff", *words, code=code).output
    assert told.startswith("maxa: ")
    assert "Traceback" not in told


def test_one_edition_alone_is_compared_with_nothing(maxa: Run, committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    assert "one edition only" in maxa("diff", "LNC", code=2).output
