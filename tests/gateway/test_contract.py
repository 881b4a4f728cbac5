"""docs/contract.md and the code say the same, and every rule of it has a test."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import maxa.errors
from maxa.errors import MaxaError
from maxa.gateway.batch import MOST_CODES
from maxa.gateway.door import PATHS
from maxa.gateway.issues import ISSUES
from maxa.gateway.parameters import MOST_FOUND_IN_A_PAGE, MOST_IN_A_PAGE, PARAMETERS, SERVICES
from maxa.gateway.suggestions import Budget
from maxa.search.find import EXACT_TO, LONGEST_QUERY, MOST_WORDS
from maxa.settings import PROJECT
from tests.gateway import test_cts_terminologies, test_terminology, test_validate_cts

CONTRACT = (PROJECT / "docs" / "contract.md").read_text()
TESTS = Path(__file__).parent


def table(heading: str) -> dict[str, list[str]]:
    """First cell (without its backquotes) → the others, of the table under a heading row."""
    lines = CONTRACT[CONTRACT.index(f"| {heading} |") :].splitlines()[2:]
    rows: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, *others = (cell.strip() for cell in line.strip("|").split("|"))
        assert first not in rows
        rows[first.strip("`")] = others
    return rows


def tied_rules() -> Counter[str]:
    """Every number that a test is tied to, and how often."""
    found: Counter[str] = Counter()
    for path in TESTS.glob("test_*.py"):
        for numbers in re.findall(r"^@rule\((.+)\)$", path.read_text(), re.MULTILINE):
            found.update(re.findall(r'"([^"]+)"', numbers))
    return found


def test_every_rule_has_a_test_and_every_test_a_rule() -> None:
    numbered = re.findall(r"^\| (\d\.\d+) \|", CONTRACT, re.MULTILINE)
    assert len(numbered) == len(set(numbered)) > 40
    rules = set(numbered) | {f"issue:{name}" for name in ISSUES}
    assert set(tied_rules()) == rules


def test_the_parameters_are_those_of_the_table() -> None:
    documented = {
        name: SERVICES if services == "all" else tuple(services.split(", "))
        for name, (services, _) in table("parameter").items()
    }
    declared: dict[str, tuple[str, ...]] = {}
    for parameter in PARAMETERS:
        declared[parameter.name] = declared.get(parameter.name, ()) + parameter.services
    assert documented == declared


def test_the_limits_are_those_of_the_table() -> None:
    parameters = table("parameter")
    assert f"1–{MOST_FOUND_IN_A_PAGE} (default 20); 1–{MOST_IN_A_PAGE:,} " in parameters["PageSize"][1]
    assert f"up to {LONGEST_QUERY} characters and {MOST_WORDS - 1} words" in parameters["Search"][1]
    assert f"up to {MOST_CODES:,};" in CONTRACT
    assert f"exact up to {EXACT_TO:,}" in CONTRACT
    budget = Budget()
    assert (
        f"{budget.edits} for codes one character away, {budget.titles} for titles, {budget.elsewhere:,} looks into other "
        f"terminologies, {budget.ids} unknown terminology ids"
    ) in CONTRACT


def test_the_error_codes_are_those_of_the_table() -> None:
    kinds = {
        kind.code: kind.status
        for kind in vars(maxa.errors).values()
        if isinstance(kind, type) and issubclass(kind, MaxaError)
    }
    documented = {code: int(status) for code, (status, _) in table("code").items()}
    assert documented == {code: kinds[code] for code in documented}


def test_every_code_that_the_gateway_raises_is_documented() -> None:
    documented = set(table("code"))
    for folder in ("gateway", "search"):
        for path in (PROJECT / "maxa" / folder).glob("*.py"):
            for name in re.findall(r"(?:raise|->|return) ([A-Z]\w+)\(", path.read_text()):
                kind = getattr(maxa.errors, name, None)
                if kind is not None:
                    assert kind.code in documented, f"{path.name} raises {name}"


def test_the_issues_are_those_of_the_table() -> None:
    documented = {name: severity.split(", ")[0] for name, (severity, _) in table("issue").items()}
    expected = {name: kind.severity for name, kind in ISSUES.items()}
    assert documented == expected | {"incomplete": "error", "value-mismatch": "warning"}


def test_every_issue_speaks_persian_and_english() -> None:
    for name, kind in ISSUES.items():
        assert set(re.findall(r"{(\w+?)(?:_fa|_en)?(?:!r)?}", kind.fa)) <= set(
            re.findall(r"{(\w+?)(?:_fa|_en)?(?:!r)?}", kind.fa + kind.en)
        ), name
        assert re.search("[آ-ی]", kind.fa)
        assert not re.search("[يك]", kind.fa.replace("ي/ی", "").replace("ك/ک", ""))
        assert re.search("[a-z]", kind.en)


def test_the_fields_of_replies_are_named() -> None:
    for fields in (test_cts_terminologies.FIELDS, test_terminology.FIELDS, test_validate_cts.FIELDS):
        assert ", ".join(f"`{field}`" for field in fields) in CONTRACT


def test_the_paths_are_named() -> None:
    for path in PATHS:
        assert f"`{path}/`" in CONTRACT
