"""Find the headings of the first page where those of a later one, spelled better, were taken for the heading row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rapidfuzz import fuzz

from importers.heading_keys import heading_key, words_key
from importers.heading_rows import Reading
from importers.headings import Header

_FEW_COLUMNS = 2
_ALIKE = 80  # of 100: the two spellings of a heading that was mistyped


def from_first_page(header: Header, readings: Iterable[Reading]) -> Header:
    """``header``, or the same columns from where their headings stand first: in the same places, one of them mistyped or not there yet,
    with rows of the list in between."""
    above = [reading for reading in readings if reading.rows[-1] < header.rows[0]]
    for reading in above:
        if len(reading.rows) != len(header.rows):
            continue
        rows = [one.headings for one in above if len(one.rows) == 1 and one.rows[0] > reading.rows[-1]]
        if any(_fills(header, row) for row in rows) and _is_nearly(header, reading, rows):
            again = {(letters, key) for letters, keys in reading.keys.items() for key in keys}
            below = {(letters, heading_key(text)) for letters, text in header.headings.items()}
            headings = {letters: header.headings[letters] for letters in header.columns} | reading.headings
            return replace(header, rows=reading.rows, headings=headings, texts=reading.texts | again | below)
    return header


def _fills(header: Header, row: dict[str, str]) -> bool:
    return header.key in row and 2 * len(row.keys() & header.columns.keys()) >= len(header.columns)


def _is_nearly(header: Header, reading: Reading, rows: list[dict[str, str]]) -> bool:
    """Whether all headings but one are those of the columns, and that one is like what it should be; or it is not there,
    and none of the rows below has anything in its place."""
    strays = [letters for letters in header.columns if not _says_the_same(header, reading, letters)]
    if len(strays) != 1 or len(header.columns) == 1:
        return False
    (stray,) = strays
    if stray not in reading.headings:
        return len(header.columns) > _FEW_COLUMNS and all(stray not in row for row in rows)
    found, wanted = (heading_key(headings[stray]) for headings in (reading.headings, header.headings))
    if found in header.sheet.by_key or words_key(reading.headings[stray]) in header.sheet.by_words:
        return False
    same_figures = [c for c in found if c.isdigit()] == [c for c in wanted if c.isdigit()]  # a year is no slip
    return same_figures and fuzz.ratio(found, wanted) >= _ALIKE


def _says_the_same(header: Header, reading: Reading, letters: str) -> bool:
    column = header.columns[letters]
    keys = reading.keys.get(letters, [])
    return any(key in column.keys or (letters, key) in header.texts for key in keys) or (
        reading.words.get(letters, "") in column.word_keys
    )
