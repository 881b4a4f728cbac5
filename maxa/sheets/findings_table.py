"""Findings as tables: grouped by rule with counts and first places, as CSV, and as rows for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from maxa.sheets.mending import advice_for
from maxa.sheets.plain_text import csv_line

SEVERITIES: Final = ("error", "warning", "info")
SEVERITY_FA: Final = {"error": "خطا", "warning": "هشدار", "info": "آگاهی"}
MORE = "more-findings"  # of the importers: counts findings of the rule in ``value`` that are not listed one by one
_FIRST = 5  # places that a group shows

_FIELDS: Final = (
    "severity", "rule", "file", "sheet", "row", "column", "heading", "value", "message_fa", "message_en", "confirm",
)  # fmt: skip
_HEADINGS: Final = (
    "شدت", "قاعده", "پرونده", "برگه", "ردیف", "ستون", "سرستون", "مقدار", "پیام", "پیام لاتین", "کلید تأیید",
    "راه درست کردن",
)  # fmt: skip


class Found(Protocol):
    """A finding of the importers or of the registry."""

    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def message_fa(self) -> str: ...
    @property
    def message_en(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def row(self) -> int | None: ...
    @property
    def column(self) -> str | None: ...
    @property
    def heading(self) -> str | None: ...
    @property
    def value(self) -> str | None: ...


def place_of(finding: Found) -> str:
    """``file «sheet» B12``; empty for a finding about the submission as a whole."""
    cell = f"{finding.column or ''}{finding.row or ''}"
    return " ".join(part for part in (finding.file, finding.sheet and f"«{finding.sheet}»", cell) if part)


def cases_of(finding: Found) -> int:
    """How many cases a finding stands for: one, unless it counts what is not listed one by one."""
    return int(getattr(finding, "cases", None) or _counted(finding))


def _counted(finding: Found) -> int:
    """The importers say the number in the sentence alone; English is the one without other digits."""
    if finding.rule != MORE:
        return 1
    digits = next((word for word in finding.message_en.split() if word.isdecimal()), "1")
    return int(digits)


@dataclass
class Group:
    """All findings of one rule. ``count``: all cases; ``listed``: those that have a finding of their own."""

    rule: str
    severity: str
    count: int = 0
    listed: int = 0
    first: list[Found] = field(default_factory=list)
    confirm: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        advice = advice_for(self.rule)
        return {
            "rule": self.rule, "severity": self.severity, "count": self.count, "listed": self.listed,
            "means_fa": advice.means_fa, "mend_fa": advice.mend_fa, "means_en": advice.means_en,
            "mend_en": advice.mend_en, "confirm": self.confirm,
            "first": [
                {"place": place_of(f), "value": f.value, "message_fa": f.message_fa, "message_en": f.message_en}
                for f in self.first
            ],
        }  # fmt: skip


def grouped(findings: Iterable[Found], *, first: int = _FIRST) -> list[Group]:
    """Groups by rule, errors first, then by count. What ``more-findings`` counts belongs to the rule that it counts."""
    groups: dict[tuple[str, str], Group] = {}
    for finding in findings:
        rest = cases_of(finding) > 1 or finding.rule == MORE
        rule = finding.value if finding.rule == MORE and finding.value else finding.rule
        key = (rule, str(finding.severity))
        if rest:  # a count of the rest may be of another severity than what it counts
            key = next((known for known in groups if known[0] == rule), key)
        group = groups.setdefault(key, Group(*key))
        group.count += cases_of(finding)
        if not rest:
            group.listed += 1
            if len(group.first) < first:
                group.first.append(finding)
        confirm = getattr(finding, "confirm", None)
        if confirm:
            group.confirm.append(confirm)
    order = {name: at for at, name in enumerate(SEVERITIES)}
    return sorted(groups.values(), key=lambda one: (order.get(one.severity, len(order)), -one.count, one.rule))


def findings_csv(findings: Iterable[Found]) -> Iterator[bytes]:
    """UTF-8 with its mark, right for Excel: a line a finding, with how to mend it."""
    yield ("\ufeff" + csv_line(_HEADINGS)).encode()
    for finding in findings:
        severity = str(finding.severity)
        cells = [getattr(finding, name, None) for name in _FIELDS]
        cells[0] = SEVERITY_FA.get(severity, severity)
        yield csv_line([*cells, advice_for(finding.rule).mend_fa]).encode("utf-8", errors="replace")
