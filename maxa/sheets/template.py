"""Empty workbooks to fill in, one for each declared list, from the same declaration that reads them.

A right-to-left sheet for each kind of sheet that the source has: headings in the first row, those that must be there in
another colour, codes as text down the whole column, drop-down lists where only a few values are meant; and a sheet that
explains each column and what Excel does to codes, which an import passes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from importers import SOURCES
from importers.codes import Code
from importers.declare import Column, Sheet, Source, TerminologyBy
from importers.fields import Choice, Decimal, Field, Marks
from importers.layouts import can_be, choices_of, fields_once, gives, gives_map, heading_of, sheet_title
from maxa.errors import NotFound
from maxa.map_ids import map_id
from maxa.sheets.retold import put_text
from maxa.sheets.workbook import LAST_ROW, reference_to, sheet_name
from maxa.shelf.durable import new_file

HELP: Final = "راهنما"  # an import passes over a sheet that is named so
_REQUIRED, _ONE_OF, _OPTIONAL = (PatternFill("solid", fgColor=c) for c in ("FFF8CBAD", "FFFFE699", "FFDDEBF7"))
_BOLD, _TITLE = Font(bold=True), Font(bold=True, size=14)
_WRAP = Alignment(wrap_text=True, vertical="top", readingOrder=2)
_HELP_HEADINGS: Final = ("برگه", "سرستون", "لازم است؟", "چه باید نوشت", "مقدارهای پذیرفته", "سرستون‌های هم‌معنا")
_HELP_WIDTHS: Final = (22, 28, 22, 46, 46, 60)
_FIRST_LIST = 9  # column of the help sheet from which the drop-down lists stand

_ABOUT_CODES: Final = (
    "اکسل از هر عدد تنها ۱۵ رقم نگه می‌دارد و صفرهای آغاز آن را می‌اندازد: کد ۱۶رقمی در خانهٔ عددی رقم آخرش را از دست می‌دهد.",
    "کد را به صورت متن بنویسید؛ ستون‌های کد در این پرونده از پیش «متن» (Text) است و چنین هم بماند.",
    "هنگام چسباندن، «Paste Special ← Values» یا «Match Destination Formatting» را برگزینید تا قالب متن ستون عوض نشود.",
    "پروندهٔ CSV را با دو بار کلیک باز نکنید؛ در اکسل از «Data ← From Text/CSV» بیاورید و ستون کد را «Text» کنید.",
    "کدهایی مانند 10-9 در خانهٔ غیرمتنی تاریخ می‌شود و آنچه نوشته بودید از دست می‌رود.",
    "ستونی را که لازم ندارید می‌توانید پاک کنید، مگر ستون‌های لازم را؛ جای ستون‌ها نیز آزاد است.",
    "فهرست کامل یک بخش همهٔ کدهای آن را می‌خواهد: کدی که در آن نیاید کنار گذاشته می‌شود. برای چند تغییر، اصلاحیه بفرستید.",
)


@dataclass(frozen=True)
class Template:
    """The sheets of one source that a template has, each kind once; ``others``: sources that carry the same terminology
    too."""

    source: Source
    sheets: tuple[Sheet, ...]
    others: tuple[str, ...] = ()


def terminologies_of(source: Source) -> list[str]:
    """Terminologies that the source's sheets give, maps too; of sheets that name them in each row, the prefix."""
    found: list[str] = []
    for sheet in source.sheets:
        found.append(sheet.shown_terminology)
        found += [name for also in sheet.also if (name := also.shown_terminology) != "*"]
        found += [pairs.terminology for pairs in sheet.pairs]
    return [name for name in dict.fromkeys(found) if name]


def template_for(name: str) -> Template:
    """The template of a source, or of a terminology or map, in any letter case. Raises NotFound with what there is."""
    wanted = map_id(name)
    source = next((one for one in SOURCES.values() if one.name.casefold() == wanted.casefold()), None)
    carrying = [(one, sheets) for one in SOURCES.values() if (sheets := _sheets_of(one, wanted))]
    if source is not None:
        others = (one.name for one, _ in carrying if one is not source)
        return Template(source, _each_kind_once(source.sheets), tuple(others))
    if not carrying:
        known = sorted({*SOURCES, *(t for one in SOURCES.values() for t in terminologies_of(one))})
        raise NotFound(
            f"الگویی برای «{name[:60]}» نیست؛ «maxa template --list» همه را می‌گوید.",
            f"There is no template for {name[:60]!r}: `maxa template --list` names them all.",
            suggestions=get_close_matches(wanted, known, n=3),
        )
    (first, sheets), *more = carrying
    return Template(first, _each_kind_once(sheets), tuple(one.name for one, _ in more))


def _each_kind_once(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """A list may be declared several times, since its sheets are told by their names, by a column or by their headings.
    Of these the one stays that asks for most columns, so that what is filled in is known under any name."""
    kinds: dict[object, list[Sheet]] = {}
    for sheet in sheets:
        fields = frozenset(column.field for column in sheet.columns)
        kinds.setdefault((sheet.shown_terminology, sheet.parts(), fields), []).append(sheet)
    return tuple(
        max(same, key=lambda sheet: (sum(c.must_exist for c in sheet.columns), not sheet.named))
        for same in kinds.values()
    )


def _sheets_of(source: Source, terminology: str) -> tuple[Sheet, ...]:
    """Sheets of the terminology's own; else those that carry the map; else those that mention its codes with their
    titles. ``*`` stands for what each row names."""
    name = terminology.casefold()
    for carries in (
        lambda sheet: gives(sheet, terminology) or sheet.shown_terminology.casefold() == name,
        lambda sheet: any(gives_map(one, terminology) or one.terminology.casefold() == name for one in sheet.pairs),
        lambda sheet: any(can_be(also.terminology, terminology) for also in sheet.also),
    ):
        if sheets := tuple(filter(carries, source.sheets)):
            return sheets
    return ()


def write_template(template: Template, path: Path) -> None:
    """Write the workbook; it is there whole or not at all."""
    book = Workbook()
    book.remove(book.worksheets[0])
    pages: list[tuple[Sheet, Worksheet]] = []
    for sheet in template.sheets:
        name = sheet.label or sheet_title(sheet, sheet.shown_terminology.rstrip(".*") or template.source.name)
        pages.append((sheet, book.create_sheet(sheet_name(name, book.sheetnames))))
    guide = book.create_sheet(HELP)
    lists = _Lists(guide)
    for sheet, page in pages:
        _write_headings(sheet, page, lists)
    _write_help(guide, template.source, pages)
    book.active = pages[0][1]
    with new_file(path.absolute()) as temporary:
        book.save(temporary)


class _Lists:
    """Values of the drop-down lists, on the help sheet: a list in the rule itself may have 255 characters only."""

    def __init__(self, guide: Worksheet) -> None:
        self._guide, self._next = guide, _FIRST_LIST
        self._places: dict[tuple[str, ...], str] = {}

    def place(self, heading: str, values: Sequence[str]) -> str:
        key = tuple(values)
        if key not in self._places:
            letters = get_column_letter(self._next)
            put_text(self._guide[f"{letters}1"], f"مقدارهای «{heading}»")
            for row, value in enumerate(values, start=2):
                put_text(self._guide[f"{letters}{row}"], value)
            self._guide.column_dimensions[letters].width = 20
            self._next += 1
            self._places[key] = reference_to(HELP, f"${letters}$2:${letters}${len(values) + 1}")
        return self._places[key]


def _write_headings(sheet: Sheet, page: Worksheet, lists: _Lists) -> None:
    page.sheet_view.rightToLeft = True
    page.freeze_panes = "A2"
    for number, column in enumerate(fields_once(sheet), start=1):
        letters = get_column_letter(number)
        heading = heading_of(sheet, column)
        cell = page[f"{letters}1"]
        put_text(cell, heading)
        cell.font, cell.alignment, cell.fill = _BOLD, _WRAP, _fill(sheet, column)
        note = Comment(f"{_needed(sheet, column)}\n{_told(column.type)}", "مکسا")
        note.width, note.height = 300, 90
        cell.comment = note
        dimension = page.column_dimensions[letters]
        dimension.width = max(14, min(40, len(heading) + 6)) if not column.field.startswith("title") else 44
        if not isinstance(column.type, Decimal):
            dimension.number_format = "@"
        rule = _rule(sheet, column, heading, lists)
        if rule is not None:
            rule.add(f"{letters}2:{letters}{LAST_ROW}")
            page.add_data_validation(rule)


def _fill(sheet: Sheet, column: Column) -> PatternFill:
    if column.must_exist:
        return _REQUIRED
    return _ONE_OF if column.field in sheet.any_of else _OPTIONAL


def _needed(sheet: Sheet, column: Column) -> str:
    if column.must_exist:
        return "لازم است"
    return "یکی از این ستون‌ها لازم است" if column.field in sheet.any_of else "دلخواه"


def _told(kind: Field) -> str:
    """What a cell of the column holds, in one sentence."""
    if isinstance(kind, Code):
        several = "؛ چند کد را با «،» از هم جدا کنید" if kind.many else ""
        return f"کد: {kind.shape_fa}{several}. به صورت متن."
    if isinstance(kind, Choice):
        return "یکی از مقدارهای فهرست." if kind.decides else "بهتر است یکی از مقدارهای فهرست باشد."
    if isinstance(kind, Decimal):
        return "عدد."
    if isinstance(kind, Marks):
        return f"نشانه‌ها، هر کدام یک بار: {' '.join(kind.allowed)}"
    longest = getattr(kind, "longest", 0)
    return f"متن، تا {longest} نویسه." if longest else "متن."


def _accepted(sheet: Sheet, column: Column) -> tuple[list[str], bool]:
    """The values that a column of few values takes, and whether it takes no others."""
    if isinstance(column.type, Choice):
        return list(choices_of(column.type).values()), column.type.decides
    ends = [sheet.terminology, *(end for pairs in sheet.pairs for end in (pairs.source, pairs.target))]
    by = next((end for end in ends if isinstance(end, TerminologyBy) and end.field == column.field), None)
    return (list(by.known), by.closed) if by is not None else ([], False)


def _rule(sheet: Sheet, column: Column, heading: str, lists: _Lists) -> DataValidation | None:
    kind = column.type
    values, closed = _accepted(sheet, column)
    if values:
        rule = DataValidation(
            type="list", formula1=lists.place(heading, values), allow_blank=True,
            errorStyle="stop" if closed else "warning",
        )  # fmt: skip
        rule.error, rule.errorTitle = "یکی از مقدارهای فهرست را برگزینید.", heading[:32]
    elif isinstance(kind, Code) and kind.width and not kind.many:
        rule = DataValidation(
            type="textLength", operator="equal", formula1=str(kind.width), allow_blank=True, errorStyle="stop"
        )
        rule.error, rule.errorTitle = f"این کد {kind.shape_fa} است."[:225], heading[:32]
    else:
        return None
    rule.showErrorMessage = True
    return rule


def _write_help(guide: Worksheet, source: Source, pages: Sequence[tuple[Sheet, Worksheet]]) -> None:
    guide.sheet_view.rightToLeft = True
    for letters, width in zip("ABCDEF", _HELP_WIDTHS, strict=True):
        guide.column_dimensions[letters].width = width
    put_text(guide["A1"], f"راهنمای پر کردن {source.title_fa}")
    guide["A1"].font = _TITLE
    colours = ((_REQUIRED, "ستون لازم"), (_ONE_OF, "یکی از این ستون‌ها لازم است"), (_OPTIONAL, "ستون دلخواه"))
    for number, (fill, text) in enumerate(colours, start=1):
        put_text(guide.cell(2, number), text)
        guide.cell(2, number).fill = fill
    row = 4
    for number, text in enumerate(_HELP_HEADINGS, start=1):
        put_text(guide.cell(row, number), text)
        guide.cell(row, number).font = _BOLD
    for sheet, page in pages:
        for column in fields_once(sheet):
            row += 1
            heading, *_ = texts = [heading_of(sheet, column)]
            texts += [text for text in column.spellings if text != heading]
            told = (
                # With a word before each: a row that held nothing but headings would be taken for a heading row.
                f"برگهٔ {page.title}", f"ستون «{heading}»", _needed(sheet, column), _told(column.type),
                "، ".join(_accepted(sheet, column)[0]), f"یا: {'، '.join(texts[1:])}" if texts[1:] else "",
            )  # fmt: skip
            for number, text in enumerate(told, start=1):
                if text:
                    put_text(guide.cell(row, number), text)
                    guide.cell(row, number).alignment = _WRAP
    row += 2
    put_text(guide.cell(row, 1), "اکسل با کدها چه می‌کند، و چگونه درست بمانند")
    guide.cell(row, 1).font = _BOLD
    for text in _ABOUT_CODES:
        row += 1
        put_text(guide.cell(row, 1), text)
