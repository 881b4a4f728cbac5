"""Findings: their texts, their order, how many are kept, and that each rule is explained."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from importers.findings import MOST_PER_PLACE, RULES, Findings
from importers.refusals import REASONS
from importers.rows import Severity
from maxa.settings import PROJECT
from tests.importers.books import read, rvu_book

PAGE = (PROJECT / "docs" / "findings.md").read_text()
SOURCE = "\n".join(path.read_text() for path in (PROJECT / "importers").glob("*.py"))
PERSIAN = re.compile("[\u0600-\u06ff]")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained_with_its_severity_and_persian_message(rule: str) -> None:
    assert f"### `{rule}` ({RULES[rule].severity.value})\n\n> {RULES[rule].fa}\n" in PAGE


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_refusal_is_explained(reason: str) -> None:
    assert f"### `{reason}`\n\n> {REASONS[reason][0]}\n" in PAGE


def test_nothing_is_explained_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `([a-z-]+)`", PAGE, re.M)) == {*RULES, *REASONS}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_used(rule: str) -> None:
    assert SOURCE.count(f'"{rule}"') >= 2


@pytest.mark.parametrize(
    "texts", [(r.fa, r.en) for r in RULES.values()] + list(REASONS.values()), ids=[*RULES, *REASONS]
)
def test_both_languages_say_something_in_their_own_letters(texts: tuple[str, str]) -> None:
    fa, en = texts
    assert PERSIAN.search(fa)
    assert en.isascii() or not PERSIAN.search(en)
    assert not re.search("[يك]", fa)
    assert fa.endswith((".", "»."))
    assert en.endswith(".")


@pytest.mark.parametrize("rule", RULES)
def test_a_message_in_one_language_tells_no_less_than_in_the_other(rule: str) -> None:
    def fields(text: str) -> set[str]:
        return {name.removesuffix("_fa").removesuffix("_en") for _, name, _, _ in Formatter().parse(text) if name}

    assert fields(RULES[rule].fa) == fields(RULES[rule].en)


def test_of_one_rule_in_one_column_the_first_thousand_are_kept_and_the_rest_is_counted(tmp_path: Path) -> None:
    rows = [["801515", "#", f"شرح {n}", "حرف", None, None] for n in range(MOST_PER_PLACE + 250)]
    rows = [[str(100_000 + n), *row[1:]] for n, row in enumerate(rows)]
    given = read(rvu_book(tmp_path / "list.xlsx", rows))
    assert len(given.of_rule("not-a-number")) == MOST_PER_PLACE
    (more,) = given.of_rule("more-findings")
    assert (more.severity, more.column, more.value) == ("warning", "D", "not-a-number")
    assert "250" in more.message_fa
    assert given.findings[-1] == more


def test_what_is_only_counted_keeps_its_severity(tmp_path: Path) -> None:
    rows = [[str(100_000 + n), "#", "ش" * 1_001] for n in range(MOST_PER_PLACE + 1)]
    given = read(rvu_book(tmp_path / "list.xlsx", rows))
    (more,) = given.of_rule("more-findings")
    assert more.severity is Severity.ERROR


def test_findings_come_in_the_order_of_sheets_and_rows() -> None:
    findings = Findings("list.xlsx")
    findings.add("missing-code", sheet="ب", order=1, row=2, column="A")
    findings.add("missing-code", sheet="الف", order=0, row=9, column="A")
    findings.add("error-cell", sheet="الف", order=0, row=3, column="C", value="#N/A")
    findings.add("formula", sheet="الف", order=0, column="C", heading="ارزش")
    findings.add("old-format", value="xls")
    assert [(f.sheet, f.row) for f in findings.in_order()] == [
        (None, None),
        ("الف", None),
        ("الف", 3),
        ("الف", 9),
        ("ب", 2),
    ]


def test_a_value_with_braces_and_a_long_one_do_no_harm() -> None:
    findings = Findings()
    findings.add("bad-code", row=1, value="{x!r}{0}" + "y" * 500, shape_fa="رقم", shape_en="digits")
    (finding,) = findings.in_order()
    assert "{x!r}{0}" in finding.message_fa
    assert len(finding.value or "") == 200
    assert len(finding.message_en) < 200
