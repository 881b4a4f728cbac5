"""What a person has to be asked before a workbook is read, though its headings fit: nothing is chosen in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importers.cells import shown
from importers.codes import Code
from importers.declare import PartBy, Sheet, Source
from importers.fields import EDGES, EMPTY
from importers.findings import clean
from importers.heading_keys import heading_key, names_it
from importers.headings import Header
from importers.recognition import MOST_FIT, Fit, Seen, shape_of
from importers.refusals import refusal
from maxa.persian.fold import latin_digits

_MONEY = re.compile(r"[1-9]\d{0,2}(?:[,٬،]\d{3})+|[1-9]\d*000|\d+\.\d+", re.ASCII).fullmatch


def ask_about_sheets(visible: Sequence[Seen], fit: Fit, part: str = "") -> None:
    """Raises BadWorkbook for a sheet of several lists or parts. ``part``: the one that a person chose."""
    for one in visible:
        header = fit.headers.get(one.order)
        if header is None:
            continue
        if not part and len(told := _told_by_name(fit.source, header, one.sheet.name)) > 1:
            raise refusal(
                "several-told", sheet=clean(one.sheet.name), told_fa="، ".join(told), told_en=", ".join(told)
            )  # fmt: skip
        _ask_about_neighbours(fit.source, header, one)
        _ask_about_money(header, one)


def _told_by_name(source: Source, header: Header, name: str) -> list[str]:
    """Lists or parts that the sheet's name tells, where the name decides."""
    sheet, fields = header.sheet, {column.field for column in header.columns.values()}
    if isinstance(sheet.part, PartBy):
        return [] if sheet.part.field in fields else sorted(sheet.parts_of_name(name))
    if not sheet.named:
        return []
    by_words: dict[str, Sheet] = {}
    for one in source.sheets:
        if one.named and one.fits_name(name):
            by_words.setdefault(one.named, one)
    lists = list(dict.fromkeys(one.shown_terminology for one in by_words.values()))
    parts = [str(one.part) for one in by_words.values()]
    return lists if len(lists) == len(by_words) else parts


def _ask_about_neighbours(source: Source, header: Header, one: Seen) -> None:
    """Codes of a sister list stand in the same sheet: its rows would be left out."""
    own = header.sheet.shown_terminology
    known = {key for sheet in source.sheets if sheet.shown_terminology == own for key in sheet.by_key}
    below = [row for number, row in one.rows if number > header.rows[-1]]
    for letters, text in header.unknown.items():
        key = heading_key(text)
        if key in known:
            continue  # another name of what the list itself has: the id of a row
        cells = [row[letters] for row in below if letters in row and shown(row[letters]).strip(EDGES) not in EMPTY]
        for sister in source.sheets:
            another = sister.shown_terminology != own and key in sister.key.keys
            if another and cells and shape_of(sister.key, cells).share >= MOST_FIT:
                raise refusal(
                    "lists-side-by-side", sheet=clean(one.sheet.name), heading=clean(text), column=letters,
                    other=sister.shown_terminology, list=own,
                )  # fmt: skip


def _ask_about_money(header: Header, one: Seen) -> None:
    """A list of tariffs has a column for each insurer too: what they pay, and not their codes."""
    for letters, column in header.columns.items():
        keys = {heading_key(header.headings[letters]), *header.keys_of(letters)}
        if (
            column.key
            or not isinstance(column.type, Code)
            or letters in header.chosen
            or not keys & column.everyday_keys
        ):
            continue
        cells = [shown(row[letters]).strip() for number, row in one.rows if number > header.rows[-1] and letters in row]
        sums = [text for text in cells if _MONEY(latin_digits(text))]
        if sums and 2 * len(sums) >= len(cells):
            raise refusal(
                "sums-for-codes", sheet=clean(one.sheet.name), heading=clean(header.headings[letters]), column=letters,
                value=clean(sums[0]),
            )  # fmt: skip


def ask_which_source(visible: Sequence[Seen], ranked: Sequence[Fit], filename: str) -> tuple[Source, ...]:
    """Of sources that declare words to be known by, where another one fits exactly as well: the names of the sheets and
    of the file, the headings and the titles above them tell. Where they tell nothing the first is taken, and
    the others are given; raises BadWorkbook where they tell several, or another one."""
    best = ranked[0]
    tied = [fit.source for fit in ranked if fit.source.named and fit.rank == best.rank]
    if not best.source.named or len(tied) < 2:
        return ()
    untold = False
    for one in visible:
        header = best.headers.get(one.order)
        if header is None or header.named:
            continue
        above = [shown(cell) for number, row in one.rows if number <= header.rows[-1] for cell in row.values()]
        told = [
            source
            for source in tied
            if any(
                names_it(word, text) for word in source.named.split("|") for text in (one.sheet.name, filename, *above)
            )
        ]
        if not told:
            untold = True
        elif told != [best.source]:
            raise refusal(
                "one-of-several", sheet=clean(one.sheet.name), sources=", ".join(source.name for source in tied),
                lists_fa="، ".join(f"«{source.title_fa}» (--source {source.name})" for source in tied),
                lists_en=", ".join(f"{source.title_en} (--source {source.name})" for source in tied),
            )  # fmt: skip
    return tuple(source for source in tied if source is not best.source) if untold else ()
