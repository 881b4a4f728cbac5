"""Codes of the book of relative values, which people write with their marks: ``801515*``, ``#801515``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from importers.codes import Code, evened_out
from importers.fields import MARKS_ALIKE, Notes

MARKS = "#*+"  # in the order in which the column ویژگی keeps them

_MODIFIER = re.compile(r"(\d{2})[/,،٫](\d)", re.ASCII)  # 90/1, as decimals are written by hand


@dataclass(frozen=True)
class RvuCode(Code):
    """Marks before or behind a code are taken off it, with a finding; of the row's own code they are kept beside it."""

    def _of_text(self, text: str, index: int, notes: Notes) -> str | None:
        if not self.many and (part := _MODIFIER.fullmatch(evened_out(text))) and self.matches(f"{part[1]}.{part[2]}"):
            notes.add("code-spelling-mended", index, text, mended=f"{part[1]}.{part[2]}")
            return f"{part[1]}.{part[2]}"
        plain = text.translate(MARKS_ALIKE).strip()
        bare = plain.strip(MARKS + " ")
        marks = [mark for mark in MARKS if mark in plain]
        if not marks or (bare and not self.matches(evened_out(bare))) or not (bare or self.many):
            return super()._of_text(text, index, notes)
        notes.add("marks-beside-code", index, text, marks=" ".join(marks))
        if not self.many:
            notes.beside[index] = "".join(marks)
        return evened_out(bare) or None


# Six digits, or a modifier of two digits and perhaps a part (26, 90.1).
RVU_CODE = RvuCode(
    r"[1-9]\d{5}|\d{2}(?:\.\d)?", shape_fa="شش رقم، یا تعدیل‌گر دورقمی مانند 26 و 90.1", shape_en="six digits, or a modifier like 26 or 90.1"
)  # fmt: skip

SERVICE_CODE = RvuCode(r"[1-9]\d{5}", "شش رقم، مانند 801515", "six digits, like 801515")  # no modifiers


def keep_marks(
    beside: Mapping[int, str], properties: Collection[str], values: dict[str, list[Any]], count: int
) -> None:
    """Put marks that stood beside the rows' own codes with those of their column, which may be missing."""
    name = next((name for name in ("marks", "mark") if name in properties), None)
    if not beside or name is None:
        return
    column = values.setdefault(name, [None] * count)
    for index, marks in beside.items():
        given = column[index]
        both = f"{given or ''}{marks}"
        column[index] = "".join(mark for mark in MARKS if mark in both) if set(both) <= set(MARKS) else given or marks
