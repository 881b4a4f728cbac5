"""Make concepts and pairs of checked values, and put them into the spool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importers.declare import Pairs, PartBy
from importers.rows import ConceptRow, MapRow
from importers.spool import Clash, Spool, codes_of

if TYPE_CHECKING:
    from importers.check import SheetReading

Values = dict[str, list[Any]]
_ACTIVE, _RETIRED = "active", "retired"


class Records:
    """``not_given``: further concepts of the declaration for which the sheet has no title column."""

    def __init__(self, reading: SheetReading, spool: Spool) -> None:
        self._reading = reading
        self._spool = spool
        self._declared = reading.declared
        given = reading.columns.keys()
        self._also = [also for also in self._declared.also if also.code in given and given & {also.title_fa, also.title_en}]
        self.not_given = [also for also in self._declared.also if also.code in given and also not in self._also]
        self._pairs = [p for p in self._declared.pairs if p.source_field in given and p.target_field in given]
        self._properties = [name for name in self._declared.properties if name in given]
        self._referring = [notes for notes in reading.columns.values() if notes.column.refers_to]
        self._references: dict[tuple[str, str], tuple[int, str]] = {}  # (field, code) → first row, column

    def take(self, numbers: list[int], values: Values, sections: list[str | None]) -> int:
        """Put one batch into the spool. Gives the number of rows that were taken."""
        reading = self._reading
        self._check_titles(values)
        self._check_sums(values)
        parts = self._parts(values, len(numbers))
        none: list[Any] = [None] * len(numbers)
        codes = values[self._declared.key.field]
        titles_fa, titles_en = values.get("title_fa", none), values.get("title_en", none)
        statuses, parents = values.get("status", none), values.get("parent", none)
        successors = values.get("replaced_by", none)
        properties = [(name, values[name]) for name in self._properties]
        beside = [(f"{name}_text", reading.columns[name].beside) for name in self._properties]
        beside = [(name, texts) for name, texts in beside if texts]
        section = self._declared.section
        doubts, sheet, column = reading.key.doubts, reading.sheet.name, reading.key.letters
        own, expect = self._declared.terminology, self._declared.expect
        taken = 0
        for index, number in enumerate(numbers):
            if index in reading.bad:
                continue
            if own:
                held = {name: value for name, of_rows in properties if (value := of_rows[index]) is not None}
                for name, texts in beside:
                    if index in texts:
                        held[name] = texts[index]
                if section and sections[index]:
                    held[section] = sections[index]
                successor = successors[index]
                row = ConceptRow(
                    codes[index], titles_fa[index] or "", titles_en[index] or "",
                    statuses[index] or (_RETIRED if successor else _ACTIVE), parents[index], successor, held,
                    sheet, number, column, doubts.get(index),
                )  # fmt: skip
                clash = self._spool.add_concept(own, parts[index], expect, row)
                if clash is not None:
                    self._tell(clash, reading.key.column.field, index, row.code)
                    continue
            if not self._take_also(index, number, parts[index], values):
                continue
            for pairs in self._pairs:
                self._take_pairs(pairs, index, number, parts[index], values)
            taken += 1
        self._note_references(numbers, values)
        return taken

    def _take_also(self, index: int, number: int, part: str, values: Values) -> bool:
        """Concepts of further terminologies. False when one of them takes the row out."""
        for also in self._also:
            code = values[also.code][index]
            title_fa, title_en = self._title(also.title_fa, values, index), self._title(also.title_en, values, index)
            if code is None or not (title_fa or title_en):
                continue
            held = self._held(also.properties, values, index)
            row = ConceptRow(
                code, title_fa, title_en, properties=held, sheet=self._reading.sheet.name, row=number,
                column=self._reading.columns[also.code].letters, doubt=self._reading.columns[also.code].doubts.get(index),
            )  # fmt: skip
            clash = self._spool.add_repeated(also.terminology, part, also.expect, row)
            if clash is not None:
                self._tell(clash, also.code, index, code)
                if clash.fatal:
                    return False
        return True

    def _held(self, properties: tuple[str, ...], values: Values, index: int) -> dict[str, Any]:
        held = {}
        for name in properties:
            if name not in values:
                continue
            if values[name][index] is not None:
                held[name] = values[name][index]
            elif index in self._reading.columns[name].beside:
                held[f"{name}_text"] = self._reading.columns[name].beside[index]
        return held

    @staticmethod
    def _title(field: str, values: Values, index: int) -> str:
        return (values[field][index] or "") if field in values else ""

    def _take_pairs(self, pairs: Pairs, index: int, number: int, part: str, values: Values) -> None:
        columns = self._reading.columns
        held = self._held(pairs.properties, values, index)
        doubt = None
        for side, field in (("source", pairs.source_field), ("target", pairs.target_field)):
            if index in columns[field].doubts:
                doubt = {**columns[field].doubts[index], "side": side}
        for source in codes_of(values[pairs.source_field][index]):
            for target in codes_of(values[pairs.target_field][index]):
                row = MapRow(
                    source, target, pairs.relationship, held, self._reading.sheet.name, number,
                    columns[pairs.target_field].letters, doubt,
                )  # fmt: skip
                self._spool.add_pair(pairs.source, pairs.target, part, pairs.expect, row)

    def _parts(self, values: Values, count: int) -> list[str]:
        part = self._declared.part
        if not isinstance(part, PartBy):
            return [part] * count
        return [value or part.default for value in values[part.field]] if part.field in values else [part.default] * count

    def _check_titles(self, values: Values) -> None:
        """One of the titles must be there; a Persian one where the list has a column for it."""
        reading = self._reading
        given = [field for field in self._declared.any_of if field in values]
        codes = values[self._declared.key.field]
        for position, field in enumerate(given):
            if None not in values[field]:
                continue
            notes = reading.columns[field]
            for index, value in enumerate(values[field]):
                if value is not None or index in reading.bad:
                    continue
                if any(values[other][index] is not None for other in given):
                    if position == 0:
                        notes.add("missing-value", index, "")
                elif position == 0:
                    reading.tell(
                        "missing-title", reading.numbers[index], str(codes[index]), index=index, column=notes.letters,
                        heading=notes.heading,
                    )  # fmt: skip

    def _check_sums(self, values: Values) -> None:
        for check in self._declared.checks:
            if check.total not in values or not all(part in values for part in check.parts):
                continue
            notes = self._reading.columns[check.total]
            for index, total in enumerate(values[check.total]):
                parts = [values[part][index] for part in check.parts]
                if total is None or all(part is None for part in parts):
                    continue
                added = sum(part for part in parts if part is not None)
                if abs(added - total) > 0.005:
                    notes.add("total-differs", index, f"{total:g}", mended=f"{added:g}")

    def _note_references(self, numbers: list[int], values: Values) -> None:
        for notes in self._referring:
            field = notes.column.field
            for index, value in enumerate(values[field]):
                for code in codes_of(value):
                    self._references.setdefault((field, code), (numbers[index], notes.letters))

    def tell_unknown_references(self, spool: Spool) -> None:
        for (field, code), (row, _) in self._references.items():
            notes = self._reading.columns[field]
            if not spool.holds(notes.column.refers_to or "", code):
                self._reading.tell("unknown-reference", row, code, column=notes.letters, heading=notes.heading)

    def _tell(self, clash: Clash, field: str, index: int, code: str) -> None:
        self._reading.columns[field].add(clash.rule, index, code, first=clash.first, other=clash.other)

