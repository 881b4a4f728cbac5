"""Which declared field an unknown heading may mean: by its spelling, by the codes below it, or by their letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from importers.cells import Cell, Number, shown
from importers.codes import Code
from importers.declare import Column, Sheet, Source
from importers.fields import EDGES, EMPTY, Text
from importers.heading_rows import Row
from importers.headings import Header
from importers.inspection import Nearest
from importers.recognition import Fit, Seen, part_is_told, recognised_sources, shape_of, strictness
from maxa.persian.fold import fold

_ALIKE = 62  # of 100: from here on a spelling is worth a question
_FITTING = 0.8  # share of cells of a column that have the shape of a code
_HALF = 0.5  # below this share no spelling makes a column one of codes
_CELLS = 40
_FEW = 3
_STRICT = 0.6
_TITLES = ("title_fa", "title_en")  # letters tell nothing of other texts


@dataclass(frozen=True)
class Guess:
    """A row that looks like headings though none is known, and the codes that stand below it."""

    rows: tuple[int, ...]
    headings: dict[str, str]


def guessed_header(one: Seen) -> Guess | None:
    """The first row of texts that is as wide as the rows below it."""
    rows = one.rows
    for at, (number, row) in enumerate(rows):
        texts = {letters for letters, cell in row.items() if isinstance(cell, str) and not _like_data(cell)}
        below = [set(other) for _, other in rows[at + 1 : at + 6]]
        if len(texts) < 2 or len(texts) < len(row) or not below:
            continue
        if sum(len(texts & other) * 2 >= len(other) for other in below) * 2 >= len(below):
            headings = {letters: " ".join(shown(cell).split())[:200] for letters, cell in row.items()}
            return Guess((number,), headings)
    return None


def _like_data(text: str) -> bool:
    return len(text) > 80 or sum(map(str.isdigit, text)) * 2 > len(text)


def nearest_fields(one: Seen, header: Header | None, guess: Guess | None, fit: Fit | None) -> dict[str, Nearest]:
    """For each column that no declaration knows, the field that it may be, where one is likely enough."""
    if header is not None:
        free = _free(header)
        return {
            letters: near
            for letters, heading in header.unknown.items()
            if (near := _nearest(heading, cells_below(one.rows, letters, header.rows[-1]), free)) is not None
        }
    if guess is None:
        return {}
    source = fit.source if fit is not None else source_by_codes(one, guess)
    return fields_by_guess(one, guess, source) if source is not None else {}


def fields_by_guess(one: Seen, guess: Guess, source: Source) -> dict[str, Nearest]:
    """What each heading may mean in this source, no field twice; the surest are settled first."""
    below = {letters: cells_below(one.rows, letters, guess.rows[-1]) for letters in guess.headings}

    def resemblance(sheet: Sheet) -> tuple[bool, int]:
        key = next((column for column in sheet.columns if column.key), None)
        has_codes = key is not None and any(_by_cells(cells, key)[0] for cells in below.values())
        return has_codes, _likeness(guess.headings.values(), sheet.columns)

    best = max(_open_to(one, source), key=resemblance)
    found: dict[str, Nearest] = {}
    columns = list(best.columns)
    while True:
        sure = [
            (near.score, letters, near)
            for letters, heading in guess.headings.items()
            if letters not in found and (near := _nearest(heading, below[letters], columns)) is not None
        ]
        if not sure:
            break
        _, letters, near = max(sure, key=lambda one: one[0])
        found[letters] = near
        columns = [column for column in columns if column.field != near.field]
    wanted = best.wanted()
    needed = {column.field for column in wanted}
    for column in wanted:  # what the sheet can't do without goes before what it merely may have
        if column.field in {near.field for near in found.values()}:
            continue
        for letters in guess.headings:
            score, why = _by_cells(below[letters], column)
            if score and (letters not in found or found[letters].field not in needed):
                found[letters] = Nearest(column.field, column.heading, why, score)
                break
    return found


def stand_ins(one: Seen, header: Header) -> dict[str, tuple[str, str]]:
    """Missing field → letters of the column that may be it, and why."""
    found: dict[str, tuple[str, str]] = {}
    unknown = dict(header.unknown)
    for column in header.missing:
        best: tuple[int, str, str] = (0, "", "")
        for letters, heading in unknown.items():
            near = _nearest(heading, cells_below(one.rows, letters, header.rows[-1]), [column])
            if near is not None and near.score > best[0]:
                best = (near.score, letters, near.why)
        if best[1]:
            found[column.field] = best[1:]
            del unknown[best[1]]
    return found


def cells_below(rows: Iterable[Row], letters: str, last: int) -> list[Cell]:
    """The first filled cells of a column, without rows that hold nothing else."""
    return [
        row[letters]
        for number, row in rows
        if number > last and len(row) > 1 and letters in row and shown(row[letters]).strip(EDGES) not in EMPTY
    ][:_CELLS]


def _free(header: Header) -> list[Column]:
    taken = {column.field for column in header.columns.values()}
    return [column for column in header.sheet.columns if column.field not in taken]


def _nearest(heading: str, cells: list[Cell], columns: Iterable[Column]) -> Nearest | None:
    """Codes of the right shape say more than a spelling, and a spelling more than letters."""
    best: Nearest | None = None
    for column in columns:
        if isinstance(column.type, Code) and len(cells) >= _FEW and shape_of(column, cells).share < _HALF:
            continue
        for score, why in ((_spelled_alike(heading, column), "heading"), _by_cells(cells, column)):
            if score and (best is None or score > best.score):
                best = Nearest(column.field, column.heading, why, score)
    return best


def _spelled_alike(heading: str, column: Column) -> int:
    folded = fold(heading)
    if not folded:
        return 0
    score = max(_alike(folded, fold(text)) for text in column.spellings)
    return int(score) if score >= _ALIKE else 0


def _alike(one: str, other: str) -> float:
    whole = fuzz.ratio(one, other)
    words = fuzz.token_sort_ratio(one, other)
    return max(whole, words, 0.9 * fuzz.token_set_ratio(one, other) if min(len(one), len(other)) > 3 else 0)


def _by_cells(cells: list[Cell], column: Column) -> tuple[int, str]:
    if len(cells) < _FEW:
        return 0, ""
    if isinstance(column.type, Code) and strictness(column.type.matches) >= _STRICT:
        share = shape_of(column, cells).share
        return (95 if column.key else 80, "codes") if share >= _FITTING else (0, "")
    if isinstance(column.type, Text) and column.type.script and column.field in _TITLES:
        texts = [shown(cell) for cell in cells if not isinstance(cell, Number)]
        lettered = [text for text in texts if any(map(str.isalpha, text)) and len(text) > 3]
        persian = sum(not text.isascii() for text in lettered)
        right = persian if column.type.script == "fa" else len(lettered) - persian
        telling = len(set(lettered)) >= _HALF * len(lettered)  # titles differ from row to row
        enough = _FITTING * len(cells)
        return (50, "letters") if telling and len(lettered) >= enough and right >= enough else (0, "")
    return 0, ""


def source_by_codes(one: Seen, guess: Guess) -> Source | None:
    """The source whose strict codes stand in one of the columns; of several, one whose needs the columns could meet,
    and then the one whose codes are the strictest and whose headings are the most alike."""
    best: tuple[bool, float] = (False, 0.0)
    found: Source | None = None
    for letters in guess.headings:
        cells = cells_below(one.rows, letters, guess.rows[-1])
        if len(cells) < _FEW:
            continue
        for source in recognised_sources():
            for sheet in _open_to(one, source):
                key = next((column for column in sheet.columns if column.key), None)
                if key is None or not isinstance(key.type, Code):
                    continue
                strict = strictness(key.type.matches)
                if strict < _STRICT or shape_of(key, cells).share < _FITTING:
                    continue
                worth = strict + 0.01 * _likeness(guess.headings.values(), sheet.columns)
                if (True, worth) > best and (_meets(one, guess, source), worth) > best:
                    best, found = (_meets(one, guess, source), worth), source
    return found


def _meets(one: Seen, guess: Guess, source: Source) -> bool:
    """Whether the columns could be all those without which some sheet of the source can't be read."""
    fields = {near.field for near in fields_by_guess(one, guess, source).values()}
    return any(
        fields >= {column.field for column in sheet.columns if column.must_exist}
        and part_is_told(sheet, fields, one, guess.rows[-1])
        and (not sheet.any_of or bool(fields & set(sheet.any_of)))
        for sheet in _open_to(one, source)
    )


def _open_to(one: Seen, source: Source) -> list[Sheet]:
    """Sheets that this one may be by its name; all of them where none is."""
    return [sheet for sheet in source.sheets if sheet.fits_name(one.sheet.name) is not False] or list(source.sheets)


def _likeness(headings: Iterable[str], columns: Iterable[Column]) -> int:
    columns = list(columns)
    return sum(any(_spelled_alike(heading, column) for column in columns) for heading in headings)
