"""Text that no spreadsheet program takes for a formula, and no XML parser for a mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

LEFT_TO_RIGHT_MARK = "\u200e"
LONGEST_CELL = 32_767  # characters; Excel repairs, that is cuts, a file with a longer one

# What makes Excel, LibreOffice and Sheets compute a field of a CSV file (OWASP, "CSV Injection"), full-width forms too.
_FORMULA = re.compile(r"[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
_TO_QUOTE = re.compile('[",;|\t\r\n]')
# No characters of XML 1.0, a carriage return that XML would turn into a line feed, and what looks like such an escape.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def is_formula_like(text: str) -> bool:
    """Whether a program might compute the text. A text that an import would not keep (spaces at its edges) counts."""
    return _FORMULA.match(text.lstrip(" \u00a0" + LEFT_TO_RIGHT_MARK)) is not None


def csv_text(text: str) -> str:
    """A field of a CSV file, quoted where needed.

    A formula-like text gets an invisible mark in front, which every program takes for text, and an import strips from
    the edges of a cell: what it reads is unchanged.
    """
    if is_formula_like(text):
        text = LEFT_TO_RIGHT_MARK + text
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text


def csv_line(cells: Iterable[Any]) -> str:
    """A line of a CSV file; nothing stands for None."""
    return ",".join("" if cell is None else csv_text(str(cell)) for cell in cells) + "\r\n"


def xml_text(text: str) -> str:
    """Content of ``<t>``, control characters escaped as a workbook does (ECMA-376 part 1, §22.9.2.19)."""
    if _NOT_IN_XML.search(text):
        text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(text) if "&" in text or "<" in text or ">" in text else text


def cut(text: str, longest: int = LONGEST_CELL) -> str:
    """The text, or its beginning with an ellipsis where a cell can't hold more."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
