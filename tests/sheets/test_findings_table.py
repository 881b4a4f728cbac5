"""Findings grouped and as CSV; and every rule has its advice."""

from __future__ import annotations

import csv
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest

from importers.findings import RULES, Findings
from importers.refusals import REASONS
from maxa.registry.guards.rules import RULES as GUARDS
from maxa.sheets.findings_table import cases_of, findings_csv, grouped
from maxa.sheets.mending import ADVICE, advice_for

ALL = [*RULES, *GUARDS]
PERSIAN = re.compile("[\u0600-\u06ff]")


def test_every_rule_has_advice_and_there_is_none_for_what_does_not_exist() -> None:
    assert set(ADVICE) == set(ALL)
    assert not set(ADVICE) & set(REASONS)


@pytest.mark.parametrize("rule", sorted({*ALL}))
def test_advice_is_a_sentence_in_each_language(rule: str) -> None:
    advice = ADVICE[rule]
    for fa in (advice.means_fa, advice.mend_fa):
        assert PERSIAN.search(fa)
        assert fa.endswith((".", "»."))
        assert not re.search("[يك]", fa)
    for en in (advice.means_en, advice.mend_en):
        assert not PERSIAN.search(en)
        assert en.endswith(".")


def test_a_rule_that_is_not_known_yet_has_words_too() -> None:
    assert advice_for("of-tomorrow").mend_fa


def found(rule: str, severity: str = "error", **more: Any) -> Any:
    given = {
        "file": "a.xlsx",
        "sheet": "برگه",
        "row": 2,
        "column": "A",
        "heading": "کد",
        "value": None,
        "confirm": None,
    }
    return SimpleNamespace(rule=rule, severity=severity, message_fa="پیام", message_en="x", **given | more)


def test_groups_are_counted_errors_first_with_the_first_places() -> None:
    rows = [found("check-digit", "warning", row=n) for n in range(2, 12)] + [found("bad-code", row=40)]
    groups = grouped(rows, first=3)
    assert [(one.rule, one.severity, one.count, one.listed) for one in groups] == [
        ("bad-code", "error", 1, 1), ("check-digit", "warning", 10, 10),
    ]  # fmt: skip
    assert [one.row for one in groups[1].first] == [2, 3, 4]
    told = groups[1].as_dict()
    assert told["mend_fa"] == ADVICE["check-digit"].mend_fa
    assert told["first"][0]["place"] == "a.xlsx «برگه» A2"


def test_what_is_only_counted_is_added_to_its_rule() -> None:
    kept = Findings("a.xlsx")
    for row in range(1, 1_251):
        kept.add("bad-code", sheet="برگه", order=0, row=row, column="A", value="x", shape_fa="", shape_en="")
    (group,) = grouped(kept.in_order())
    assert (group.count, group.listed) == (1_250, 1_000)


def test_cases_of_a_guard_count_as_many() -> None:
    rows = [found("unknown-parent", "warning"), found("unknown-parent", "info", cases=39, row=None)]
    assert cases_of(rows[1]) == 39
    (group,) = grouped(rows)
    assert (group.severity, group.count) == ("warning", 40)


def test_confirmations_are_kept() -> None:
    (group,) = grouped([found("many-retired", "warning", confirm="retired:LNC=12")])
    assert group.as_dict()["confirm"] == ["retired:LNC=12"]


def test_csv_is_for_excel_and_holds_no_formula() -> None:
    content = b"".join(findings_csv([found("bad-code", value="=1+1"), found("too-few-rows", file=None, sheet=None)]))
    assert content.startswith(b"\xef\xbb\xbf")
    heading, first, second = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert heading[:4] == ["شدت", "قاعده", "پرونده", "برگه"]
    assert first[0] == "خطا"
    assert first[7] == "\u200e=1+1"
    assert first[-1] == ADVICE["bad-code"].mend_fa
    assert second[2] == ""
