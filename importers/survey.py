"""The looking of inspection.py: one pass over every sheet, hidden ones too. Runs in the limited child."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from importers.cells import Cell, ErrorValue, Formula, Number, column_letters, column_number, is_date_format, shown
from importers.choosing import choose
from importers.codes import Code
from importers.declare import PartBy, Source
from importers.findings import clean
from importers.heading_keys import heading_key
from importers.headings import Header
from importers.inspection import Candidate, ColumnSeen, Given, Inspection, MissingColumn, Nearest, Quirk, SheetSeen
from importers.nearest import Guess, fields_by_guess, guessed_header, nearest_fields, source_by_codes, stand_ins
from importers.profile import Profile, knows_fields, source_asked_for
from importers.reading import is_help, look_at
from importers.recognition import Fit, Seen, absent_headings, codes_under, ranked_fits, recognised_sources
from importers.row_kinds import RowKinds
from importers.sources import SOURCES
from importers.workbook import open_workbook
from maxa.errors import BadWorkbook

_EXAMPLES, _EXAMPLE = 3, 40
_CANDIDATES = 5
_MOST_COLUMNS = 400  # that are described one by one
_OTHER_DIGITS = re.compile("[۰-۹٠-٩]")


def survey(path: Path, *, source: str | None, filename: str, profile: Profile | None) -> Inspection:
    """Raises BadWorkbook when the file is none; that no source fits goes into the result."""
    book = open_workbook(path, Path(filename).stem)
    seen = look_at(book)
    visible = [one for one in seen if one.rows]
    wanted = source_asked_for(source, profile, SOURCES)
    refusal: dict[str, str] | None = None
    fit: Fit | None = None
    try:
        fit = choose(seen, wanted, profile, filename)
    except BadWorkbook as refused:
        refusal = {
            "reason": str(refused.data.get("reason", "")),
            "detail_fa": clean(refused.detail_fa), "detail_en": clean(refused.detail_en),
        }  # fmt: skip
    ranked = _all_fits(visible, profile)
    shown_fit = fit or _nearest(visible, ranked, wanted, profile)
    sheets = [_sheet(one, shown_fit, read=fit is not None) for one in seen]
    likely, flags = _likely(visible, fit or shown_fit, wanted)
    return Inspection(
        file=clean(filename),
        format=book.kind,
        tells_all=book.tells_all,
        source=fit.source.name if fit is not None else None,
        candidates=[_candidate(one) for one in _told_of(fit, ranked)],
        sheets=sheets,
        gives=_gives(fit) if fit is not None else [],
        likely=likely,
        flags=flags or _flags(sheets),
        refusal=refusal,
        absent=absent_headings(visible, profile),
    )


def _told_of(fit: Fit | None, ranked: list[Fit]) -> list[Fit]:
    """The source that was chosen first, though it may be one that is never recognised by itself."""
    others = [one for one in ranked if fit is None or one.source.name != fit.source.name]
    return [*([fit] if fit is not None else []), *others][:_CANDIDATES]


def _all_fits(visible: list[Seen], profile: Profile | None) -> list[Fit]:
    known = [source for source in recognised_sources() if knows_fields(profile, source)]
    return [fit for fit in ranked_fits(visible, known, profile) if fit.matched]


def _nearest(visible: list[Seen], ranked: list[Fit], wanted: Source | None, profile: Profile | None) -> Fit | None:
    """What the sheets are shown against when no source fits."""
    if wanted is not None:
        own = profile if knows_fields(profile, wanted) else None
        return ranked_fits(visible, [wanted], own)[0]
    return ranked[0] if ranked else None


def _likely(visible: list[Seen], fit: Fit | None, wanted: Source | None) -> tuple[str, list[str]]:
    """The source whose codes the workbook holds, when its headings say another one or none, and how to map them."""
    if wanted is not None or (fit is not None and fit.complete and fit.plausible):
        return "", []
    for one in visible:
        header = (fit.headers.get(one.order) or fit.partial.get(one.order)) if fit is not None else None
        guess = Guess(header.rows, header.headings) if header is not None else guessed_header(one)
        if guess is None or (header is not None and not header.complete and _can_be_mended(one, header)):
            continue
        source = source_by_codes(one, guess)
        if source is None or (fit is not None and source is fit.source):
            continue
        known = {(key, column.field) for sheet in source.sheets for key, column in sheet.by_key.items()}
        fields = fields_by_guess(one, guess, source)
        return source.name, [
            f"{clean(guess.headings[letters])}={near.field}"
            for letters, near in sorted(fields.items(), key=lambda item: column_number(item[0]))
            if (heading_key(guess.headings[letters]), near.field) not in known
        ]
    return "", []


def _can_be_mended(one: Seen, header: Header) -> bool:
    """Whether the codes are there, or every missing column has a likely stand-in: no other source need be thought of."""
    return header.key is not None or stand_ins(one, header).keys() >= {column.field for column in header.missing}


def _candidate(fit: Fit) -> Candidate:
    headers = [*fit.headers.values()] or [max(fit.partial.values(), key=lambda header: len(header.columns))]
    missing = [] if fit.headers else [column.heading for column in headers[0].missing]
    return Candidate(
        source=fit.source.name,
        title_fa=fit.source.title_fa,
        title_en=fit.source.title_en,
        circulars=list(fit.source.circulars),
        complete=fit.complete,
        columns_matched=sum(len(header.columns) for header in headers),
        columns_seen=sum(len(header.headings) for header in headers),
        codes_seen=fit.codes.given,
        codes_fitting=fit.codes.fitting,
        evidence=round(fit.evidence, 2),
        missing=missing,
    )


def _gives(fit: Fit) -> list[Given]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for header in fit.headers.values():
        for kind, terminology, parts in _tables_of(header):
            found.setdefault((kind, terminology), {}).update(dict.fromkeys(parts))
    return [Given(kind, terminology, list(parts)) for (kind, terminology), parts in found.items()]


def _tables_of(header: Header) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    sheet = header.sheet
    fields = {column.field for column in header.columns.values()}
    by_row = isinstance(sheet.part, PartBy) and sheet.part.field in fields
    parts = sheet.parts() if by_row else (_part_of(header),)
    if name := _terminology_of(header):
        yield "concept", name, parts
    for also in sheet.also:
        if also.code in fields and fields & {also.title_fa, also.title_en}:
            yield "concept", also.shown_terminology, parts
    for pairs in sheet.pairs:
        if pairs.source_field in fields and pairs.target_field in fields:
            yield "map", pairs.terminology, parts


def _part_of(header: Header) -> str:
    part = header.sheet.part
    return part.default or "" if isinstance(part, PartBy) else part


def _terminology_of(header: Header) -> str:
    return header.sheet.shown_terminology if header.sheet.terminology else ""


class _Tally:
    """What one column of a sheet holds."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.examples: list[str] = []

    def take(self, cell: Cell) -> None:
        self.kinds[_kind(cell)] += 1
        if len(self.examples) < _EXAMPLES:
            text = clean(" ".join(shown(cell).split()))
            if text and text not in self.examples:
                self.examples.append(text if len(text) <= _EXAMPLE else text[: _EXAMPLE - 1] + "…")


def _kind(cell: Cell) -> str:
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, Number):
        return "date" if is_date_format(cell.format) else "number"
    if isinstance(cell, Formula):
        return "formula"
    return "error" if isinstance(cell, ErrorValue) else "truth"


def _unheard(rule: str, row: int, value: str, **data: Any) -> None:
    pass


class _Pass:
    """One pass over a sheet: what its columns hold, and what people did to it."""

    def __init__(self, one: Seen, header: Header | None, guess: Guess | None) -> None:
        self.tallies: dict[str, _Tally] = {}
        self.rows = self.data_rows = 0
        self.first = self.last = 0
        self.quirks: Counter[str] = Counter()
        self.where: dict[str, str] = {}
        self._header = header
        named = header or guess
        self._last = named.rows[-1] if named is not None else 0  # of the headings
        self._kinds = RowKinds(header, _unheard, one.sheet.merged) if header is not None and header.key else None
        blank = 0
        for batch in one.sheet.batches():
            self.rows += len(batch.numbers)
            blank += batch.blank
            self._take_cells(batch.numbers, batch.cells)
            for row in batch.hidden:
                self.note("hidden-rows", f"{row}")
            self._take_rows(batch.numbers, batch.cells)
        if self._kinds is not None:
            self._kinds.end()
            self._tell_kinds(blank)
        self._tell_merges(one)

    def note(self, kind: str, where: str, count: int = 1) -> None:
        self.quirks[kind] += count
        self.where.setdefault(kind, where)

    def _take_cells(self, numbers: list[int], cells: list[dict[str, Cell]]) -> None:
        if numbers:
            self.first = self.first or numbers[0]
            self.last = max(self.last, numbers[-1])
        below = self._last
        key = self._header.key if self._header is not None else None
        for number, row in zip(numbers, cells, strict=True):
            data = number > below
            for letters, cell in row.items():
                if data:
                    tally = self.tallies.get(letters)
                    if tally is None:
                        tally = self.tallies[letters] = _Tally()
                    tally.take(cell)
                if isinstance(cell, str):
                    if "ي" in cell or "ك" in cell:
                        self.note("other-letters", f"{letters}{number}")
                    if data and letters == key and _OTHER_DIGITS.search(cell):
                        self.note("other-digits", f"{letters}{number}")
                elif isinstance(cell, Formula):
                    self.note("formulas" if cell.value is not None else "formulas-without-value", f"{letters}{number}")
                    if isinstance(cell.value, ErrorValue):
                        self.note("error-cells", f"{letters}{number}")
                elif isinstance(cell, ErrorValue):
                    self.note("error-cells", f"{letters}{number}")

    def _take_rows(self, numbers: list[int], cells: list[dict[str, Cell]]) -> None:
        if self._kinds is None or self._header is None or self._header.key is None:
            return
        last, key = self._last, self._header.key
        top = [at for at, number in enumerate(numbers) if number <= last]
        self._kinds.above([numbers[at] for at in top], [cells[at] for at in top])
        below = [at for at, number in enumerate(numbers) if number > last]
        kept, *_ = self._kinds.data_rows([numbers[at] for at in below], [cells[at] for at in below])
        self.data_rows += len(kept)
        if not isinstance(self._header.columns[key].type, Code):
            return
        for at in (below[index] for index in kept):
            cell = cells[at].get(key)
            if isinstance(cell, Number):
                dated = is_date_format(cell.format)
                self.note("date-codes" if dated else "numeric-codes", f"{key}{numbers[at]}")

    def _tell_kinds(self, blank: int) -> None:
        names = {
            "title": "title-rows", "repeated-header": "repeated-header", "other-table": "other-table",
            "section": "sections", "note": "notes",
            "blank": "blank-rows", "outside-columns": "outside",
        }  # fmt: skip
        counts = Counter(self._kinds.passed_over if self._kinds is not None else {})
        counts["blank"] += blank
        for reason, name in names.items():
            if counts[reason]:
                self.quirks[name] += counts[reason]

    def _tell_merges(self, one: Seen) -> None:
        below = self._last
        for top, left, bottom, right in one.sheet.merged:
            where = f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
            if top > below and top < bottom:
                self.note("merged-down", where)
            if top > below and left < right:
                self.note("merged-across", where)


def _sheet(one: Seen, fit: Fit | None, *, read: bool) -> SheetSeen:
    header = None
    if fit is not None:
        header = fit.headers.get(one.order) or fit.partial.get(one.order)
    guess = guessed_header(one) if header is None and one.rows else None
    passed = _Pass(one, header, guess)
    names = header.headings if header is not None else guess.headings if guess is not None else {}
    rows = header.rows if header is not None else guess.rows if guess is not None else ()
    letters = sorted({*names, *passed.tallies}, key=column_number)
    hidden = one.sheet.hidden_columns
    near = nearest_fields(one, header, guess, fit)
    columns = [_column(at, names.get(at, ""), header, passed, hidden, near.get(at)) for at in letters[:_MOST_COLUMNS]]
    quirks = _quirks(one, header, passed, columns)
    complete = header is not None and header.complete
    return SheetSeen(
        name=clean(one.sheet.name),
        hidden=one.sheet.hidden,
        read=read and complete,
        rows=passed.rows,
        extent=f"{letters[0]}{passed.first}:{letters[-1]}{passed.last}" if passed.rows and letters else "",
        header_rows=list(rows),
        guessed_header=header is None and guess is not None,
        terminology=_terminology_of(header) if header is not None else "",
        part=_part_of(header) if header is not None else "",
        data_rows=passed.data_rows,
        columns=columns,
        missing=_missing(one, header),
        quirks=quirks,
    )


def _column(
    letters: str,
    heading: str,
    header: Header | None,
    passed: _Pass,
    hidden: list[tuple[int, int]],
    nearest: Nearest | None,
) -> ColumnSeen:
    state, name = "unmatched" if heading else "no-heading", ""
    if header is not None:
        if letters in header.columns:
            state = "chosen" if letters in header.chosen else "matched"
            name = header.columns[letters].field
        elif letters in header.ignored:
            state = "ignored"
        elif letters in header.displaced:
            state = "displaced"
    tally = passed.tallies.get(letters)
    number = column_number(letters)
    return ColumnSeen(
        letters=letters,
        heading=clean(heading),
        state=state,
        field=name,
        hidden=any(first <= number <= last for first, last in hidden),
        filled=sum(tally.kinds.values()) if tally else 0,
        kinds=dict(tally.kinds) if tally else {},
        examples=tally.examples if tally else [],
        nearest=nearest if state in ("unmatched", "no-heading") else None,
    )


def _quirks(one: Seen, header: Header | None, passed: _Pass, columns: list[ColumnSeen]) -> list[Quirk]:
    if header is not None and len(header.rows) > 1:
        passed.note("two-row-header", f"{header.rows[0]}–{header.rows[-1]}")
    for column in columns:
        if column.hidden and column.filled:
            passed.note("hidden-columns", column.letters)
        if column.state == "no-heading" and column.filled and header is not None:
            passed.note("no-heading", column.letters)
    if header is not None and header.key is not None:
        codes = codes_under(header, one.rows)
        if codes.examples and not codes.counting:
            passed.note("foreign-codes", clean(codes.examples[0]), codes.given - codes.fitting)
    return [Quirk(kind, count, passed.where.get(kind, "")) for kind, count in passed.quirks.items()]


def _missing(one: Seen, header: Header | None) -> list[MissingColumn]:
    if header is None or header.complete:
        return []
    likely = stand_ins(one, header)
    return [
        MissingColumn(column.field, column.heading, *likely.get(column.field, ("", "")))
        for column in header.missing
    ]  # fmt: skip


def _flags(sheets: list[SheetSeen]) -> list[str]:
    """``heading=field`` for each missing column that some column may be."""
    flags: dict[str, None] = {}
    for sheet in sheets:
        if is_help(sheet.name) and not sheet.read:
            continue
        headings = {column.letters: column for column in sheet.columns}
        wanted = {missing.field: missing.letters for missing in sheet.missing if missing.letters}
        if sheet.guessed_header:
            for column in sheet.columns:
                if column.nearest is not None and column.heading:
                    wanted.setdefault(column.nearest.field, column.letters)
        for name, letters in wanted.items():
            if headings[letters].heading:
                flags[f"{headings[letters].heading}={name}"] = None
    return list(flags)
