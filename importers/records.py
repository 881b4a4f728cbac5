"""Make concepts and pairs of checked values, and put them into the spool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from importers.cells import Cell
from importers.declare import Concepts, Pairs, PartBy, TerminologyBy
from importers.fields import Unheard
from importers.gathering import Gathering
from importers.parents import finder_of
from importers.references import References
from importers.row_checks import check_sums, check_titles
from importers.rows import ConceptRow, MapRow, says_nothing
from importers.rvu_codes import keep_marks
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
        self._rest = tuple(name for name, notes in reading.columns.items() if notes.column not in declared.columns)
        self._also = [also for also in declared.also if also.code in given and given & {also.title_fa, also.title_en}]
        self.not_given = [also for also in declared.also if also.code in given and also not in self._also]
        self._pairs = [p for p in declared.pairs if p.source_field in given and p.target_field in given]
        self._references = References(reading, spool)
        self._parents = finder_of(declared.parents)
        self._part_of_name = declared.part_of_name(reading.sheet.name)
        self._maps_seen: dict[
            Pairs, set[tuple[str, str, str]]
        ] = {}  # → ends and parts of the rows, with a pair or none
        self._new: set[str] = set()
        self._gathering = Gathering(reading)

    @property
    def wants_codes(self) -> bool:
        """Whether parents are found among the sheet's codes, so that these must be known beforehand."""
        return self._parents is not None

    def foresee(self, cells: Iterable[dict[str, Cell]]) -> None:
        """The rows of the sheet, before they are taken."""
        letters = self._reading.key.letters
        if self._parents is not None:
            self._parents.foresee(self._declared.key.type.read([row.get(letters) for row in cells], Unheard()))

    def take(self, numbers: list[int], values: Values, sections: list[str | None], told: list[str | None]) -> int:
        """Put one batch into the spool; ``told`` are the parts that titles of sections tell. Gives the number of rows
        that were taken."""
        reading = self._reading
        check_titles(reading, values, self._is_known if self._gathering.wanted else None)
        check_sums(reading, values)
        parts = self._parts(values, told)
        own = self._terminologies(self._declared.terminology, values, len(numbers))
        ends = [
            (self._terminologies(p.source, values, len(numbers)), self._terminologies(p.target, values, len(numbers)))
            for p in self._pairs
        ]
        others = [self._terminologies(also.terminology, values, len(numbers)) for also in self._also]
        bad = reading.bad
        rows = [index for index in range(len(numbers)) if index not in bad]
        for also, terminologies in zip(self._also, others, strict=True):  # first: a clash takes the whole row out
            rows = self._take_also(also, rows, numbers, terminologies, parts, values)
        if self._declared.terminology:
            rows = self._take_own(rows, numbers, own, parts, values, sections)
        paired: set[int] = set()
        for pairs, (sources, targets) in zip(self._pairs, ends, strict=True):
            paired |= self._take_pairs(pairs, rows, numbers, sources, targets, parts, values, sections)
        if not self._declared.terminology and self._pairs:  # rows that give nothing but pairs
            notes = reading.columns[self._pairs[0].target_field]
            for index in rows:
                if index not in paired and index not in reading.bad:
                    notes.add("missing-value", index, "")
        self._references.note(numbers, values)
        return len(rows)

    def end(self) -> None:
        """When all sheets of the workbook are read."""
        self._gathering.tell()
        self._references.tell_unknown()
        for pairs, seen in self._maps_seen.items():
            for source, target, part in sorted(seen):
                self._spool.have_pairs(source, target, part, self._declared.expected(part, pairs.expect))

    def _take_own(
        self,
        rows: list[int],
        numbers: list[int],
        terminologies: list[str],
        parts: list[str],
        values: Values,
        sections: list[str | None],
    ) -> list[int]:
        declared, reading = self._declared, self._reading
        none: list[Any] = [None] * len(numbers)
        keep_marks(reading.key.beside, declared.properties, values, len(numbers))
        codes = values[declared.key.field]
        titles_fa, titles_en = values.get("title_fa", none), values.get("title_en", none)
        statuses, parents = values.get("status", none), self._parents_of(codes, values.get("parent", none))
        successors = values.get("replaced_by", none)
        names = (*declared.properties, *self._rest) if not declared.maps else declared.properties
        properties = self._properties(names, values)
        doubts, sheet, column = reading.key.doubts, reading.sheet.name, reading.key.letters
        add, section, gathering = self._spool.add_concept, declared.section, self._gathering
        expected = {part: declared.expected(part, declared.expect) for part in set(parts)}
        taken, counted = [], []
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
            terminology, part = terminologies[index], parts[index]
            if gathering.wanted:
                variant = gathering.variant(values, index)
                done = self._spool.add_gathered(terminology, part, expected[part], row, gathering.lists, variant)
            else:
                done = add(terminology, part, expected[part], row)
            if isinstance(done, Clash):
                self._tell(done, done.field or declared.key.field, index, row.code)
                continue
            taken.append(index)
            if done is None:
                counted.append(index)
            else:  # one more row of a code that is counted already
                gathering.note(terminology, row.code, row.row)
                self._spool.count_filled(terminology, part, dict.fromkeys(done, 1))
        columns = {name: values.get(name, none) for name in names}
        columns |= {"title_fa": titles_fa, "title_en": titles_en, "parent": parents, "replaced_by": successors}
        if section:
            columns[section] = [
                value or above for value, above in zip(columns.get(section, none), sections, strict=True)
            ]
        self._count_filled(counted, terminologies, parts, columns)
        return taken

    def _parents_of(self, codes: list[Any], given: list[Any]) -> list[Any]:
        if self._parents is None:
            return given
        find = self._parents.parent_of
        return [parent or (find(code) if code else None) for code, parent in zip(codes, given, strict=True)]

    def _count_filled(self, taken: list[int], terminologies: list[str], parts: list[str], columns: Values) -> None:
        """How many of the rows that were taken have a value in each column, by list."""
        if not taken:
            return
        groups: dict[tuple[str, str], list[int]] = {}
        if len(set(terminologies)) == len(set(parts)) == 1:
            groups[terminologies[0], parts[0]] = taken
        else:
            for index in taken:
                groups.setdefault((terminologies[index], parts[index]), []).append(index)
        for (terminology, part), rows in groups.items():
            whole = len(rows) == len(parts)
            counts = {
                name: _filled(column if whole else [column[index] for index in rows])
                for name, column in columns.items()
            }
            self._spool.count_filled(terminology, part, counts)

    def _take_also(
        self,
        also: Concepts,
        rows: list[int],
        numbers: list[int],
        terminologies: list[str],
        parts: list[str],
        values: Values,
    ) -> list[int]:
        """Concepts of a further terminology. Gives the rows without those that it takes out."""
        none: list[Any] = [None] * len(numbers)
        codes = values[also.code]
        titles_fa, titles_en = values.get(also.title_fa, none), values.get(also.title_en, none)
        properties = self._properties(also.properties, values)
        notes = self._reading.columns[also.code]
        doubts, sheet, column = notes.doubts, self._reading.sheet.name, notes.letters
        repeats = self._spool.repeats
        expected = {part: self._declared.expected(part, also.expect) for part in set(parts)}
        taken = []
        for index in rows:
            title_fa, title_en = titles_fa[index] or "", titles_en[index] or ""
            given = codes[index] if title_fa or title_en else None
            held, terminology, part = properties(index), terminologies[index], parts[index]
            fatal = False
            for code in given if isinstance(given, list) else (given,):
                if code is None or repeats(terminology, code, (title_fa, title_en, held, part)):
                    continue
                row = ConceptRow(
                    code, title_fa, title_en, properties=held, sheet=sheet, row=numbers[index], column=column,
                    doubt=doubts.get(index),
                )  # fmt: skip
                clash = self._spool.add_repeated(terminology, part, expected[part], row, also.properties)
                if clash is not None:
                    self._tell(clash, also.code, index, code)
                    fatal = fatal or clash.fatal
            if not fatal:
                taken.append(index)
        return taken

    def _take_pairs(
        self,
        pairs: Pairs,
        rows: list[int],
        numbers: list[int],
        from_: list[str],
        to: list[str],
        parts: list[str],
        values: Values,
        sections: list[str | None],
    ) -> set[int]:
        """``from_`` and ``to``: the terminologies of each row's codes. Gives the rows that had a pair."""
        columns = self._reading.columns
        none: list[Any] = [None] * len(numbers)
        sources, targets = values[pairs.source_field], values[pairs.target_field]
        relationships = values.get(pairs.relationship_by, none)
        statuses = values.get(pairs.status_by, none)
        source_doubts, target_doubts = columns[pairs.source_field].doubts, columns[pairs.target_field].doubts
        properties = self._properties((*pairs.properties, *self._rest), values)
        add, sheet, says = self._spool.add_pair, self._reading.sheet.name, dict(pairs.says)
        counted: dict[tuple[str, str, str], Counter[str]] = {}
        names = (*pairs.properties, *self._rest)
        column = columns[pairs.target_field].letters
        section = self._declared.section if self._declared.section in pairs.properties else ""
        expected = {part: self._declared.expected(part, pairs.expect) for part in set(parts)}
        self._maps_seen.setdefault(pairs, set()).update((from_[index], to[index], parts[index]) for index in rows)
        paired = set()
        for index in rows:
            source, target = sources[index], targets[index]
            if source is None or target is None:
                continue
            paired.add(index)
            doubt = None
            if index in target_doubts:
                doubt = {**target_doubts[index], "side": "target"}
            elif index in source_doubts:
                doubt = {**source_doubts[index], "side": "source"}
            held = says | properties(index) if says else properties(index)
            if section and sections[index]:
                held.setdefault(section, sections[index])
            list_of_row = from_[index], to[index], parts[index]
            filled = counted.get(list_of_row)
            if filled is None:
                filled = counted[list_of_row] = Counter(dict.fromkeys(names, 0))
            for one in source if isinstance(source, list) else (source,):
                for other in target if isinstance(target, list) else (target,):
                    if held:
                        filled.update(name for name, value in held.items() if not says_nothing(value))
                    filled["relationship"] += relationships[index] is not None
                    row = MapRow(
                        one, other, relationships[index] or pairs.relationship, held, sheet, numbers[index], column,
                        doubt, statuses[index] or _ACTIVE,
                    )  # fmt: skip
                    add(from_[index], to[index], parts[index], expected[parts[index]], row)
        for (source_name, target_name, part), counts in counted.items():
            self._spool.count_filled_pairs(source_name, target_name, part, counts)
        return paired

    def _is_known(self, code: str) -> bool:
        own = self._declared.terminology
        return isinstance(own, str) and self._spool.holds(own, code)

    def _properties(self, names: tuple[str, ...], values: Values) -> Callable[[int], dict[str, Any]]:
        """Properties of a row of the batch; what was no number stands beside its field, as ``<field>_text``."""
        columns = self._reading.columns
        held = [(name, values[name]) for name in names if name in values]
        beside = [
            (f"{name}_text", texts)
            for name in names
            if name in values and (notes := columns.get(name)) and (texts := notes.beside)
        ]
        if not held:
            return lambda index: {}

        def of_row(index: int) -> dict[str, Any]:
            properties = {name: value for name, column in held if (value := column[index]) is not None}
            for name, texts in beside:
                if index in texts:
                    properties[name] = texts[index]
            return properties

        return of_row

    def _parts(self, values: Values, told: list[str | None]) -> list[str]:
        """The part of each row: the column's, else the one that the sheet's name tells, else the declared one, else the
        one that the title of a section tells."""
        part = self._declared.part
        if not isinstance(part, PartBy):
            return [part] * len(told)
        otherwise = self._part_of_name or part.default
        given = values.get(part.field) or [None] * len(told)
        if otherwise is not None:
            told = [otherwise] * len(given)
        parts = [value or other for value, other in zip(given, told, strict=True)]
        if None in parts:
            notes = self._reading.columns.get(part.field, self._reading.key)
            for index, value in enumerate(parts):
                if value is None and index not in self._reading.bad:
                    notes.add("missing-part", index, "")
        if part.keeps:
            values[part.field] = parts
        return [value or "" for value in parts]

    def _terminologies(self, given: str | TerminologyBy, values: Values, count: int) -> list[str]:
        """The terminology of each row; a row that names none, or one that is no id, is taken out."""
        if isinstance(given, str):
            return [given] * count
        reading = self._reading
        otherwise = given.of_sheet(reading.sheet.name) or given.default
        notes = reading.columns.get(given.field)
        if notes is None and given.field not in values and otherwise:
            return [self._spool.one_spelling(otherwise)] * count
        found: list[str] = []
        known: dict[str | None, str] = {None: otherwise}
        for index, text in enumerate(values.get(given.field) or [None] * count):
            if text not in known:
                known[text] = given.id_of(text)
            name = known[text]
            if not name and index not in reading.bad:
                rule = "unknown-terminology" if text else "missing-terminology"
                choices = "، ".join(given.known)
                (notes or reading.key).add(rule, index, text or "", choices=f": {choices}" if choices else "")
            name = self._spool.one_spelling(name) if name else ""
            if name and given.known and name not in given.known and name not in self._new:
                self._new.add(name)
                (notes or reading.key).add("new-terminology", index, name)
            found.append(name)
        return found

    def _tell(self, clash: Clash, field: str, index: int, code: str) -> None:
        columns = self._reading.columns
        name = next((c.heading for c in self._declared.columns if c.field == clash.field), clash.field)
        columns.get(field, self._reading.key).add(
            clash.rule, index, code, first=clash.first, other=clash.other, name=name
        )  # fmt: skip


def _filled(values: list[Any]) -> int:
    """How many say something (:func:`importers.rows.says_nothing`). A column that is filled with one such word throughout
    is what a bad export leaves, so only words that its first, middle or last cell holds are looked for."""
    count = sum(map(bool, values))
    if count:
        ends = {value for value in (values[0], values[len(values) // 2], values[-1]) if isinstance(value, str)}
        count -= sum(values.count(word) for word in {*filter(None, ends), "0"} if says_nothing(word))
    return count
