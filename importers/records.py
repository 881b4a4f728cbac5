"""Make concepts and pairs of checked values, and put them into the spool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importers.declare import Concepts, Pairs, PartBy
from importers.row_checks import check_sums, check_titles
from importers.rows import ConceptRow, MapRow
from importers.spool import Clash, Spool

if TYPE_CHECKING:
    from importers.check import SheetReading

Values = dict[str, list[Any]]  # field → one value for each row of the batch
_ACTIVE, _RETIRED = "active", "retired"


class Records:
    """``not_given``: further concepts of the declaration for which the sheet has no title column."""

    def __init__(self, reading: SheetReading, spool: Spool) -> None:
        self._reading = reading
        self._spool = spool
        self._declared = declared = reading.declared
        given = reading.columns.keys()
        self._also = [also for also in declared.also if also.code in given and given & {also.title_fa, also.title_en}]
        self.not_given = [also for also in declared.also if also.code in given and also not in self._also]
        self._pairs = [p for p in declared.pairs if p.source_field in given and p.target_field in given]
        self._referring = [notes for notes in reading.columns.values() if notes.column.refers_to]
        self._references: dict[tuple[str, str], int] = {}  # (field, code) → first row

    def take(self, numbers: list[int], values: Values, sections: list[str | None]) -> int:
        """Put one batch into the spool. Gives the number of rows that were taken."""
        reading = self._reading
        check_titles(reading, values)
        check_sums(reading, values)
        parts = self._parts(values, len(numbers))
        bad = reading.bad
        rows = [index for index in range(len(numbers)) if index not in bad]
        for also in self._also:  # first: what clashes here takes the whole row out
            rows = self._take_also(also, rows, numbers, parts, values)
        if self._declared.terminology:
            rows = self._take_own(rows, numbers, parts, values, sections)
        for pairs in self._pairs:
            self._take_pairs(pairs, rows, numbers, parts, values)
        self._note_references(numbers, values)
        return len(rows)

    def _take_own(
        self, rows: list[int], numbers: list[int], parts: list[str], values: Values, sections: list[str | None]
    ) -> list[int]:
        declared, reading = self._declared, self._reading
        none: list[Any] = [None] * len(numbers)
        codes = values[declared.key.field]
        titles_fa, titles_en = values.get("title_fa", none), values.get("title_en", none)
        statuses, parents = values.get("status", none), values.get("parent", none)
        successors = values.get("replaced_by", none)
        properties = self._properties(declared.properties, values)
        doubts, sheet, column = reading.key.doubts, reading.sheet.name, reading.key.letters
        add, terminology, section = self._spool.add_concept, declared.terminology, declared.section
        expected = {part: declared.expected(part, declared.expect) for part in set(parts)}
        taken = []
        for index in rows:
            held = properties(index)
            if section and sections[index]:
                held.setdefault(section, sections[index])
            successor = successors[index]
            row = ConceptRow(
                codes[index], titles_fa[index] or "", titles_en[index] or "",
                statuses[index] or (_RETIRED if successor else _ACTIVE), parents[index], successor, held,
                sheet, numbers[index], column, doubts.get(index),
            )  # fmt: skip
            clash = add(terminology, parts[index], expected[parts[index]], row)
            if clash is None:
                taken.append(index)
            else:
                self._tell(clash, declared.key.field, index, row.code)
        return taken

    def _take_also(
        self, also: Concepts, rows: list[int], numbers: list[int], parts: list[str], values: Values
    ) -> list[int]:
        """Concepts of a further terminology. Gives the rows without those that it takes out."""
        none: list[Any] = [None] * len(numbers)
        codes = values[also.code]
        titles_fa, titles_en = values.get(also.title_fa, none), values.get(also.title_en, none)
        properties = self._properties(also.properties, values)
        notes = self._reading.columns[also.code]
        doubts, sheet, column = notes.doubts, self._reading.sheet.name, notes.letters
        repeats, terminology = self._spool.repeats, also.terminology
        expected = {part: self._declared.expected(part, also.expect) for part in set(parts)}
        taken = []
        for index in rows:
            code, title_fa, title_en = codes[index], titles_fa[index] or "", titles_en[index] or ""
            if code is not None and (title_fa or title_en):
                held = properties(index)
                if not repeats(terminology, code, (title_fa, title_en, held, parts[index])):
                    row = ConceptRow(
                        code, title_fa, title_en, properties=held, sheet=sheet, row=numbers[index], column=column,
                        doubt=doubts.get(index),
                    )  # fmt: skip
                    clash = self._spool.add_repeated(terminology, parts[index], expected[parts[index]], row)
                    if clash is not None:
                        self._tell(clash, also.code, index, code)
                        if clash.fatal:
                            continue
            taken.append(index)
        return taken

    def _take_pairs(self, pairs: Pairs, rows: list[int], numbers: list[int], parts: list[str], values: Values) -> None:
        columns = self._reading.columns
        sources, targets = values[pairs.source_field], values[pairs.target_field]
        source_doubts, target_doubts = columns[pairs.source_field].doubts, columns[pairs.target_field].doubts
        properties = self._properties(pairs.properties, values)
        add, relationship, sheet = self._spool.add_pair, pairs.relationship, self._reading.sheet.name
        column = columns[pairs.target_field].letters
        expected = {part: self._declared.expected(part, pairs.expect) for part in set(parts)}
        for index in rows:
            source, target = sources[index], targets[index]
            if source is None or target is None:
                continue
            doubt = None
            if index in target_doubts:
                doubt = {**target_doubts[index], "side": "target"}
            elif index in source_doubts:
                doubt = {**source_doubts[index], "side": "source"}
            held = properties(index)
            for one in source if isinstance(source, list) else (source,):
                for other in target if isinstance(target, list) else (target,):
                    row = MapRow(one, other, relationship, held, sheet, numbers[index], column, doubt)
                    add(pairs, parts[index], expected[parts[index]], row)

    def _properties(self, names: tuple[str, ...], values: Values) -> Callable[[int], dict[str, Any]]:
        """Properties of a row of the batch; what was no number stands beside its field, as ``<field>_text``."""
        columns = self._reading.columns
        held = [(name, values[name]) for name in names if name in values]
        beside = [(f"{name}_text", texts) for name in names if name in values and (texts := columns[name].beside)]
        if not held:
            return lambda index: {}

        def of_row(index: int) -> dict[str, Any]:
            properties = {name: value for name, column in held if (value := column[index]) is not None}
            for name, texts in beside:
                if index in texts:
                    properties[name] = texts[index]
            return properties

        return of_row

    def _parts(self, values: Values, count: int) -> list[str]:
        part = self._declared.part
        if not isinstance(part, PartBy):
            return [part] * count
        return (
            [value or part.default for value in values[part.field]] if part.field in values else [part.default] * count
        )

    def _note_references(self, numbers: list[int], values: Values) -> None:
        for notes in self._referring:
            field = notes.column.field
            for index, value in enumerate(values[field]):
                for code in value if isinstance(value, list) else (value,):
                    if code is not None:
                        self._references.setdefault((field, code), numbers[index])

    def tell_unknown_references(self) -> None:
        """Codes that rows refer to should be codes of the workbook. Each is told once, at its first row."""
        for (field, code), row in self._references.items():
            notes = self._reading.columns[field]
            if not self._spool.holds(notes.column.refers_to or "", code):
                self._reading.tell("unknown-reference", row, code, column=notes.letters, heading=notes.heading)

    def _tell(self, clash: Clash, field: str, index: int, code: str) -> None:
        self._reading.columns[field].add(clash.rule, index, code, first=clash.first, other=clash.other)
