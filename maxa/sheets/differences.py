"""Differences between two states of a list, as CSV and as a right-to-left workbook; both written as the changes come.

The workbook has a first sheet that sums up, and a sheet for each kind of change: added, changed (a line a field, with
what stood before and after), retired (with the successor), restored, removed.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from maxa.diff import ACTIVE, KINDS, Change
from maxa.sheets.layout import CONCEPT_FIELDS, LIST_SEPARATOR, PAIR_FIELDS, RELATIONSHIP, STATUS
from maxa.sheets.plain_text import csv_line
from maxa.sheets.workbook import LAST_ROW, BookWriter, Cell, Column, Pipe, SheetXml, Style, reference_to
from maxa.shelf.sealed_file import PAIR_SEPARATOR

Labels = Mapping[str, str]

_KINDS: Final = {
    "fa": {"added": "افزوده", "changed": "تغییریافته", "retired": "منسوخ", "restored": "بازگشته", "removed": "نیامده"},
    "en": {kind: kind for kind in KINDS},
}
_WORDS: Final = {
    "fa": {
        "summary": "خلاصه", "code": "کد", "source": "کد مبدأ", "target": "کد مقصد", "change": "تغییر", "title": "عنوان",
        "field": "فیلد", "before": "پیش از این", "after": "پس از این", "successor": "کد جایگزین", "count": "شمار",
        "content": "محتوا", "kind": "نوع تغییر", "fields": "فیلدهایی که تغییر کرده‌اند", "none": "هیچ تفاوتی نیست.",
        "more": "ادامه",
    },
    "en": {
        "summary": "summary", "code": "code", "source": "source code", "target": "target code", "change": "change",
        "title": "title", "field": "field", "before": "before", "after": "after", "successor": "replaced by",
        "count": "count", "content": "content", "kind": "kind of change", "fields": "fields that changed",
        "none": "Nothing differs.", "more": "more",
    },
}  # fmt: skip
_STYLES: Final = {
    "added": Style.ADDED, "changed": Style.CHANGED, "retired": Style.RETIRED, "restored": Style.RESTORED,
    "removed": Style.RETIRED,
}  # fmt: skip
_TITLES = ("title_fa", "title_en")


class _Telling:
    """Changes as lines of text, in one language, for codes or for pairs of a map."""

    def __init__(self, *, is_map: bool, labels: Labels, language: str) -> None:
        self.words, self.kinds = _WORDS[language], _KINDS[language]
        at = 0 if language == "fa" else 1
        self._labels = {name: texts[at] for name, texts in (PAIR_FIELDS if is_map else CONCEPT_FIELDS).items()}
        self._labels |= labels
        self._shown = {"status": STATUS, "relationship": RELATIONSHIP} if language == "fa" else {}
        self.is_map = is_map
        self.keys = [self.words["source"], self.words["target"]] if is_map else [self.words["code"]]

    def label(self, name: str) -> str:
        return self._labels.get(name) or name.removeprefix("properties.")

    def key(self, code: str) -> list[str]:
        if not self.is_map:
            return [code]
        source, _, target = code.partition(PAIR_SEPARATOR)
        return [source, target]

    def value(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return LIST_SEPARATOR.join(map(str, value))
        if isinstance(value, str):
            return self._shown.get(name, {}).get(value, value)
        return value

    def title(self, change: Change) -> str:
        """The title as it is now, or as it was; a pair's relationship."""
        state = change.after or change.before or {}
        if self.is_map:
            return str(self.value("relationship", state.get("relationship", "")))
        return state.get("title_fa") or state.get("title_en") or ""

    def content(self, change: Change) -> str:
        """All fields of a code that came or went, apart from its code, titles and an active status."""
        state = change.after if change.after is not None else change.before or {}
        told = [
            f"{self.label(name)}: {self.value(name, value)}"
            for name, value in state.items()
            if name not in ("source", "target", *_TITLES) and not (name == "status" and value == ACTIVE)
        ]
        return "؛ ".join(told) if self.kinds is _KINDS["fa"] else "; ".join(told)

    def fields(self, change: Change) -> Iterator[tuple[str, Any, Any]]:
        """Label, value before and after, of each field that differs in a code that stood in both states."""
        if change.before is None or change.after is None:
            return
        for name, before, after in change.fields():
            if change.kind != "changed" and name == "status":
                continue  # said by the kind
            yield self.label(name), self.value(name, before), self.value(name, after)


def write_csv(
    changes: Iterable[Change], stream: IO[bytes], *, labels: Labels, is_map: bool = False, language: str = "fa"
) -> int:
    """UTF-8 with its mark, a line a changed field; a code that came or went has one line, with all its fields as
    text in the last column (what is new) or the one before it (what went). Gives the number of changes.

    ``labels``: names of fields, see :func:`maxa.sheets.layout.labels`.
    """
    written = 0
    for count, block in _csv_blocks(changes, _Telling(is_map=is_map, labels=labels, language=language)):
        stream.write(block)
        written = count
    return written


def csv_chunks(
    changes: Iterable[Change], *, labels: Labels, is_map: bool = False, language: str = "fa"
) -> Iterator[bytes]:
    """What :func:`write_csv` writes, in blocks."""
    for _, block in _csv_blocks(changes, _Telling(is_map=is_map, labels=labels, language=language)):
        yield block


def _csv_blocks(changes: Iterable[Change], telling: _Telling) -> Iterator[tuple[int, bytes]]:
    words = telling.words
    headings = [words["change"], *telling.keys, words["title"], words["field"], words["before"], words["after"]]
    lines = ["\ufeff" + csv_line(headings)]
    count = 0
    for count, change in enumerate(changes, start=1):
        lines += [csv_line(line) for line in _csv_lines(change, telling)]
        if len(lines) >= 500:
            yield count, "".join(lines).encode("utf-8", errors="replace")
            lines.clear()
    yield count, "".join(lines).encode("utf-8", errors="replace")


def _csv_lines(change: Change, telling: _Telling) -> Iterator[list[Any]]:
    start = [telling.kinds[change.kind], *telling.key(change.code), telling.title(change)]
    if change.before is None:
        yield [*start, "", "", telling.content(change)]
    elif change.after is None:
        yield [*start, "", telling.content(change), ""]
    else:
        fields = list(telling.fields(change))
        if not fields:
            yield [*start, "", "", ""]
        for name, before, after in fields:
            yield [*start, name, before, after]


# --- workbook --------------------------------------------------------------------------------------------------------


@dataclass
class _Part:
    """A sheet that is being written, to a file of its own: the sheets grow side by side."""

    kind: str
    file: IO[bytes]
    sheet: SheetXml
    changes: int = 0  # that begin in it


class _KindSheets:
    """The sheets of one kind of change; a new one is begun where Excel's rows are all used."""

    def __init__(self, kind: str, telling: _Telling, spools: ExitStack) -> None:
        self.kind, self._telling, self._spools = kind, telling, spools
        self.parts: list[_Part] = []
        self.count = 0
        words = telling.words
        keys: list[tuple[str, float]] = [(name, 22) for name in telling.keys]
        self._columns = [*keys, (words["title"], 48.0)]
        if kind == "retired" and not telling.is_map:
            self._columns.append((words["successor"], 22))
        if kind in ("added", "removed"):
            self._columns.append((words["content"], 80))
        else:
            self._columns += [(words["field"], 24), (words["before"], 40), (words["after"], 40)]

    def add(self, change: Change) -> None:
        telling = self._telling
        self.count += 1
        start: list[Cell] = [*telling.key(change.code), telling.title(change)]
        if self.kind == "retired" and not telling.is_map:
            start.append((change.after or {}).get("replaced_by") or "")
        if change.before is None or change.after is None:
            lines: list[list[Cell]] = [[*start, telling.content(change)]]
        else:
            lines = [[*start, name, before, after] for name, before, after in telling.fields(change)] or [start]
        part = self._part(len(lines))
        part.changes += 1
        for line in lines:
            part.sheet.add(line)

    def _part(self, lines: int) -> _Part:
        if not self.parts or self.parts[-1].sheet.rows + lines > LAST_ROW:
            file: IO[bytes] = self._spools.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
            sheet = SheetXml(file, [Column(width, Style.TEXT) for _, width in self._columns])
            sheet.add((name for name, _ in self._columns), _STYLES[self.kind])
            self.parts.append(_Part(self.kind, file, sheet))
        return self.parts[-1]


def write_workbook(
    changes: Iterable[Change],
    target: Path | str | IO[bytes],
    *,
    title: str,
    labels: Labels,
    is_map: bool = False,
    language: str = "fa",
) -> dict[str, int]:
    """Write the workbook to a path or a binary stream, which need not be seekable. Gives the counts by kind.

    Changes are taken once, as they come; what is written waits in temporary files, not in memory.
    """
    if isinstance(target, Path | str):
        with Path(target).open("wb") as file:
            return write_workbook(changes, file, title=title, labels=labels, is_map=is_map, language=language)
    pipe = Pipe()
    counts: dict[str, int] = {}
    for block in workbook_chunks(
        changes, title=title, labels=labels, is_map=is_map, language=language, counts=counts, pipe=pipe
    ):
        target.write(block)
    return counts


def workbook_chunks(
    changes: Iterable[Change],
    *,
    title: str,
    labels: Labels,
    is_map: bool = False,
    language: str = "fa",
    counts: dict[str, int] | None = None,
    pipe: Pipe | None = None,
) -> Iterator[bytes]:
    """What :func:`write_workbook` writes, in blocks; the first comes when all changes are taken. ``counts`` is filled."""
    telling = _Telling(is_map=is_map, labels=labels, language=language)
    pipe = pipe or Pipe()
    with ExitStack() as spools:
        sheets = {kind: _KindSheets(kind, telling, spools) for kind in KINDS}
        fields: Counter[str] = Counter()
        for change in changes:
            sheets[change.kind].add(change)
            fields.update(name for name, _, _ in telling.fields(change))
        if counts is not None:
            counts.update({kind: kept.count for kind, kept in sheets.items()})
        book = BookWriter(pipe, large=any(part.file.tell() > 1 << 31 for one in sheets.values() for part in one.parts))
        _write_summary(book, telling, title, sheets, fields)
        for kind, kept in sheets.items():
            for part in kept.parts:
                part.sheet.end()
                part.file.seek(0)
                _, file = book.open_sheet(telling.kinds[kind])
                with file:
                    while block := part.file.read(1 << 20):
                        file.write(block)
                        if pipe.size > 1 << 16:
                            yield pipe.take()
        book.close()
    yield pipe.take()


def _write_summary(
    book: BookWriter, telling: _Telling, title: str, sheets: Mapping[str, _KindSheets], fields: Counter[str]
) -> None:
    words = telling.words
    _, file = book.open_sheet(words["summary"])
    with file:
        sheet = SheetXml(file, [Column(34, Style.WRAPPED), Column(16, Style.NUMBER)], header=0)
        sheet.add([(title, Style.TITLE)])
        sheet.add([])
        if not any(kept.count for kept in sheets.values()):
            sheet.add([words["none"]])
        else:
            sheet.add([words["kind"], words["count"]], Style.HEADING)
            for kind, kept in sheets.items():
                row = sheet.add([(telling.kinds[kind], _STYLES[kind]), kept.count])
                if kept.parts:
                    sheet.link(f"A{row}", reference_to(telling.kinds[kind], "A1"), telling.kinds[kind])
            if fields:
                sheet.add([])
                sheet.add([words["fields"], words["count"]], Style.HEADING)
                for name, count in fields.most_common():
                    sheet.add([name, count])
        sheet.end()
