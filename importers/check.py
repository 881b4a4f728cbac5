"""Read one sheet by its declaration: cells → checked values → rows in the spool, and findings for all the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from importers.cells import Cell, RowBatch, column_number, shown
from importers.codes import WRONG_CODES
from importers.declare import Column, Sheet
from importers.findings import Findings
from importers.headings import Header
from importers.merges import MergedCells
from importers.mixed_codes import CodeOf
from importers.records import Records
from importers.row_kinds import RowKinds
from importers.rows import Severity, SheetSummary
from importers.spool import Spool
from importers.workbook import Sheet as WorkbookSheet

Progress = Callable[[int], None]

_NAMED = 5  # cells with notes that are named


class ColumnNotes:
    """A column of the sheet that is being read: its declaration, and where its findings go (fields.Notes)."""

    def __init__(self, reading: SheetReading, letters: str, column: Column, heading: str) -> None:
        self._reading = reading
        self.letters = letters
        self.column = column
        self.heading = heading
        self.tally: Counter[str] = Counter()
        self.doubts: dict[int, dict[str, Any]] = {}
        self.beside: dict[int, str] = {}
        self.bad_codes: list[str] = []

    def add(self, rule: str, index: int, value: str | None = None, **data: Any) -> None:
        """A finding at a row of the current batch; one of severity error takes the row out."""
        if rule in WRONG_CODES and value and len(self.bad_codes) < 50:
            self.bad_codes.append(value)
        self._reading.tell(
            rule, self._reading.numbers[index], value, index=index, column=self.letters, heading=self.heading, **data
        )

    def add_for_column(self, rule: str, **data: Any) -> None:
        self._reading.tell(rule, None, None, column=self.letters, heading=self.heading, **data)

    def read(self, cells: list[dict[str, Cell]]) -> list[Any]:
        letters = self.letters
        self.doubts, self.beside = {}, {}
        values = self.column.type.read([row.get(letters) for row in cells], self)
        if self.column.required and not self.column.key and None in values:
            for index, value in enumerate(values):
                if value is None and index not in self._reading.bad and index not in self.beside:
                    self.add("required-value", index, "")
        return values


class SheetReading:
    """One pass over one sheet. ``order`` is its place in the workbook."""

    def __init__(self, sheet: WorkbookSheet, header: Header, order: int, findings: Findings, spool: Spool) -> None:
        self.sheet = sheet
        self.header = header
        self.declared: Sheet = header.sheet
        self._order = order
        self._findings = findings
        self.numbers: list[int] = []  # of the rows in the current batch
        self.bad: set[int] = set()  # indices in the current batch of rows with errors
        self.columns = {
            column.field: ColumnNotes(self, letters, column, header.headings[letters])
            for letters, column in header.columns.items()
        }
        self.key = self.columns[self.declared.key.field]
        self._mixed = {
            n: notes.column.type for n, notes in self.columns.items() if isinstance(notes.column.type, CodeOf)
        }
        self._kinds = RowKinds(header, self._tell_row, sheet.merged)
        self._merged = MergedCells(sheet.merged, header)
        self._records = Records(self, spool)
        self._hidden: list[int] = []
        self._outside: dict[str, int] = {}  # columns without heading → first row with data
        self._present = self.rows_read = 0

    def tell(
        self,
        rule: str,
        row: int | None,
        value: str | None,
        *,
        index: int | None = None,
        column: str | None = None,
        heading: str | None = None,
        **data: Any,
    ) -> None:
        severity = self._findings.add(
            rule, sheet=self.sheet.name, order=self._order, row=row, column=column, heading=heading, value=value, **data
        )
        if index is not None and severity is Severity.ERROR:
            self.bad.add(index)

    def _tell_row(self, rule: str, row: int, value: str, **data: Any) -> None:
        """Of a row that is none of data; a missing code stands in the column of codes."""
        if rule == "missing-code":
            self.tell(rule, row, "", column=self.key.letters, heading=self.key.heading)
        else:
            self.tell(rule, row, value, **data)

    def run(self, progress: Progress) -> SheetSummary:
        """Read the whole sheet. Raises BadWorkbook when its XML turns out to be broken."""
        if self._records.wants_codes:
            last = self.header.rows[-1]
            for batch in self.sheet.batches():
                rows = zip(batch.numbers, batch.cells, strict=True)
                self._records.foresee([cells for number, cells in rows if number > last])
        for batch in self.sheet.batches():
            self._take(batch)
            progress(batch.done)
        self._kinds.end()
        for notes in self.columns.values():
            notes.column.type.finish(notes)
            if count := notes.tally["told by the code"]:
                notes.add_for_column("terminology-by-code", count=count)
        self._tell_columns()
        self._tell_hidden_rows()
        return SheetSummary(
            name=self.sheet.name,
            hidden=self.sheet.hidden,
            header_row=self.header.rows[0],
            rows_present=self._present,
            rows_read=self.rows_read,
            passed_over=dict(sorted(self._kinds.passed_over.items())),
        )

    def end(self) -> None:
        """To be called when all sheets are read: codes that rows refer to should be in the list itself."""
        self._records.end()

    def _take(self, batch: RowBatch) -> None:
        self._present += len(batch.numbers) + batch.blank
        if batch.blank:
            self._kinds.passed_over["blank"] += batch.blank
        numbers, cells = batch.numbers, batch.cells
        last = self.header.rows[-1]
        if numbers and min(numbers) <= last:
            top = [at for at, number in enumerate(numbers) if number <= last]
            self._kinds.above([numbers[at] for at in top], [cells[at] for at in top])
            below = [at for at, number in enumerate(numbers) if number > last]
            numbers, cells = [numbers[at] for at in below], [cells[at] for at in below]
        if not numbers:
            return
        self._hidden += [number for number in batch.hidden if number > last]
        self._note_struck(batch, numbers, cells)
        for letters in set().union(*cells) - self.header.headings.keys():
            self._outside.setdefault(letters, numbers[0])
        for letters in self._merged.fill(numbers, cells):
            self._column_at(letters).add_for_column("merged-cells-filled")
        kept, sections, parts = self._kinds.data_rows(numbers, cells)
        if len(kept) < len(numbers):
            numbers, cells = [numbers[i] for i in kept], [cells[i] for i in kept]
        self.numbers, self.bad = numbers, set()
        self._tell_merged_across(numbers)
        values = {field: notes.read(cells) for field, notes in self.columns.items() if field not in self._mixed}
        for field, type_ in self._mixed.items():
            self._read_mixed(field, type_, cells, values)
        self._tell_missing_codes(values[self.key.column.field])
        self.rows_read += self._records.take(numbers, values, sections, parts)

    def _note_struck(self, batch: RowBatch, numbers: list[int], cells: list[dict[str, Cell]]) -> None:
        """Rows that people struck through instead of deleting them are read like all others; they are told of."""
        if not batch.struck:
            return
        for number, row in zip(numbers, cells, strict=True):
            struck = [at for at in batch.struck.get(number, ()) if at in row and at in self.header.columns]
            if struck:
                letters = self.key.letters if self.key.letters in struck else struck[0]
                self.tell(
                    "struck-out", number, shown(row[letters]), column=letters, heading=self.header.headings[letters]
                )

    def _read_mixed(
        self, field: str, type_: CodeOf, cells: list[dict[str, Cell]], values: dict[str, list[Any]]
    ) -> None:
        """Codes of several terminologies, and the names of these in ``values``."""
        notes = self.columns[field]
        notes.doubts, notes.beside = {}, {}
        of_sheet = type_.by.of_sheet(self.sheet.name) or None
        names = [name or of_sheet for name in values.get(type_.by.field, [None] * len(cells))]
        values[field], names, told = type_.read_named([row.get(notes.letters) for row in cells], names, notes)
        values[type_.by.field] = names
        notes.tally["told by the code"] += told

    def _tell_merged_across(self, numbers: list[int]) -> None:
        if self._merged.any_across:
            for number in numbers:
                for letters, place in self._merged.across(number):
                    self.tell("merged-across", number, place, column=letters, heading=self.header.headings.get(letters))

    def _column_at(self, letters: str) -> ColumnNotes:
        return self.columns[self.header.columns[letters].field]

    def _tell_missing_codes(self, codes: list[Any]) -> None:
        if None in codes:
            for index, code in enumerate(codes):
                if code is None and index not in self.bad:
                    self.key.add("missing-code", index, "")

    def _tell_columns(self) -> None:
        for letters, heading in self.header.unknown.items():
            self.tell("unknown-column", self.header.rows[-1], None, column=letters, heading=heading)
        for letters, other in self.header.displaced.items():
            self.tell(
                "column-displaced", self.header.rows[-1], None, column=letters, heading=self.header.headings[letters],
                other=self.header.headings[other], field=self.header.columns[other].field,
            )  # fmt: skip
        for letters, row in sorted(self._outside.items()):
            self.tell("column-without-heading", row, None, column=letters)
        hidden = self.sheet.hidden_columns
        for notes in self.columns.values():
            number = column_number(notes.letters)
            if any(first <= number <= last for first, last in hidden):
                notes.add_for_column("hidden-column")
        below = [f"{letters}{row}" for row, letters in self.sheet.notes if row > self.header.rows[-1]]
        if below:
            self.tell("cell-notes", None, None, count=len(below), places="، ".join(below[:_NAMED]))
        for concepts in self._records.not_given:
            self.tell("list-not-given", None, None, terminology=concepts.shown_terminology)

    def _tell_hidden_rows(self) -> None:
        """One finding for each run of hidden rows."""
        start = previous = 0
        for number in [*self._hidden, 1 << 30]:
            if start and number != previous + 1:
                run = f"{start}–{previous}" if previous > start else str(start)
                self.tell("hidden-row", start, run)
                start = 0
            start, previous = start or number, number
