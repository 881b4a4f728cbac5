"""Clean lists of several sources, and what people do to a workbook before they send it (FACTS §8 of the design notes).

A *quirk* is a function from a clean list to a file. It says what must come out: the rules that must be told, and
whether the checked rows are those of the clean workbook.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from tests.importers.books import (
    LAB_HEADINGS,
    Read,
    raw_xlsx,
    rewrite,
    save_csv,
    save_ods,
    save_xls,
    save_xlsb,
    text_cell,
    worksheet,
    xml_row,
)

Row = list[Any]


@dataclass(frozen=True)
class CleanList:
    """One sheet as it should be. ``numbers`` are columns of numbers, ``latin`` and ``persian`` of titles, ``optional``
    one of free text, ``code`` the column of codes."""

    source: str
    sheet: str
    headings: Row
    rows: list[Row]
    code: int
    persian: int
    latin: int | None
    optional: int
    numbers: tuple[int, ...]

    @property
    def table(self) -> list[Row]:
        return [self.headings, *self.rows]

    def changed(self, change: Callable[[int, int, Any], Any]) -> CleanList:
        """``change(row, column, value)`` for each cell below the headings."""
        rows = [[change(at, column, value) for column, value in enumerate(row)] for at, row in enumerate(self.rows)]
        return replace(self, rows=rows)


LAB = CleanList(
    "lab", "آزمایش‌ها", [*LAB_HEADINGS, "نمونه", "یادداشت"],
    [
        ["718-7", "هموگلوبین", "Hemoglobin", "58410-2", "800105", 1250, "خون", "صبح"],
        ["4544-3", "هماتوکریت", "Hematocrit", "58410-2", "800110", 0.4, "خون", "صبح"],
        ["58410-2", "شمارش کامل خون", "CBC panel", None, "800115", 1.2, "خون", None],
        ["2345-7", "قند خون ناشتا", "Glucose", None, "800120", 3, "سرم", "ناشتا"],
        ["2160-0", "کراتینین", "Creatinine", None, "800125", 2.5, "سرم", "بی‌ناشتایی"],
        ["3094-0", "اوره", "Urea nitrogen", None, "800130", 2, "سرم", "بی‌ناشتایی"],
    ],
    code=0, persian=1, latin=2, optional=7, numbers=(5,),
)  # fmt: skip
DRUGS = CleanList(
    "drugs", "داروها",
    ["کد IRC", "کد ژنریک", "نام فارسی", "نام لاتین", "نام ژنریک", "شرکت", "شکل دارویی", "قیمت", "یادداشت"],
    [
        ["0579693345955352", "01277", "وازوپرسین آلفا", "VASOPRESSIN A", "VASOPRESSIN 20 [iU]", "آلفا", "آمپول", 362_120, "x"],
        ["7210201495605784", "01277", "وازوپرسین بتا", "VASOPRESSIN B", "VASOPRESSIN 20 [iU]", "بتا", "آمپول", 370_000, "x"],
        ["9275740779753128", "60000", "استامینوفن کافئین", "ACETAMINOPHEN", "ACETAMINOPHEN 325 mg", "بتا", "قرص", 12_500, None],
        ["1114266489716699", "60010", "آموکسی‌سیلین", "AMOXICILLIN", "AMOXICILLIN 500 mg", "گاما", "کپسول", 98_000, "یخچال"],
        ["2233445566778899", "60020", "متفورمین", "METFORMIN", "METFORMIN 500 mg", "گاما", "قرص", 45_000, "یخچال"],
    ],
    code=0, persian=2, latin=3, optional=8, numbers=(7,),
)  # fmt: skip
RVU = CleanList(
    "rvu3", "ارزش نسبی", ["کد", "ویژگی", "شرح کد", "ارزش حرفه‌ای", "ارزش فنی", "ارزش کل", "یادداشت"],
    [
        ["801515", "#", "اندازه‌گیری کمّی ویتامین D", 0.5, 1.5, 2, "الف"],
        ["901792", "#*", "زالودرمانی", 1000, 1, 1001, "الف"],
        ["801520", None, "شرح دیگر", 1, 2, 3, None],
        ["801525", "*", "جراحی پوست", 4, 2, 6, "ب"],
        ["801530", "+", "بخیه ساده", 3, 1, 4, "ب"],
    ],
    code=0, persian=2, latin=None, optional=6, numbers=(3, 4, 5),
)  # fmt: skip
IMAGING = CleanList(
    "imaging", "تصویربرداری",
    ["کد LOINC", "عنوان فارسی", "عنوان لاتین", "مدالیته", "ناحیه بدن", "کد RVU", "ارزش RVU", "یادداشت"],
    [
        ["24627-2", "سی‌تی اسکن قفسه سینه", "CT Chest", "CT", "قفسه سینه", "700005", 1250, "الف"],
        ["24725-4", "سی‌تی اسکن سر", "CT Head", "CT", "سر", "700010", 4.5, "الف"],
        ["30799-1", "سی‌تی اسکن مغز با تزریق", "CT Head W contrast", "CT", "سر", "700015", 5, None],
        ["24566-2", "سی‌تی اسکن صورت", "CT Face", "CT", "صورت", "700020", 4, "ب"],
        ["24556-3", "سی‌تی اسکن شکم", "CT Abdomen", "CT", "شکم", "700025", 6, "ب"],
    ],
    code=0, persian=1, latin=2, optional=7, numbers=(6,),
)  # fmt: skip
DIAGNOSES = CleanList(
    "icd10", "ICD-10", ["کد ICD-10", "عنوان فارسی", "عنوان لاتین", "شامل", "یادداشت"],
    [
        ["A00", "وبا", "Cholera", "عفونت", "x"],
        ["A00.0", "وبای کلاسیک", "Classical cholera", "عفونت", "x"],
        ["A00.1", "وبای التور", "Cholera eltor", None, None],
        ["A01", "حصبه و شبه‌حصبه", "Typhoid and paratyphoid fevers", "تب", "y"],
        ["A01.0", "حصبه", "Typhoid fever", "تب", "y"],
    ],
    code=0, persian=1, latin=2, optional=4, numbers=(),
)  # fmt: skip
LISTS = {clean.source: clean for clean in (LAB, DRUGS, RVU, IMAGING, DIAGNOSES)}


@dataclass(frozen=True)
class Quirk:
    """``rules``: told on top of what the clean workbook is told; ``lost``: rows of data (from 0) that can't be taken;
    ``same``: the rows that are taken are those of the clean workbook; ``spelling``: only after folding."""

    make: Callable[[CleanList, Path], Path]
    rules: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    lost: tuple[int, ...] = ()
    same: bool = True
    spelling: bool = False
    only: Callable[[CleanList], bool] = lambda clean: True
    but: tuple[str, ...] = ()  # properties that the quirk rightly changes


QUIRKS: dict[str, Quirk] = {}
OLD = frozenset({"old-format"})


def quirk(**expected: Any) -> Callable[[Callable[[CleanList, Path], Path]], Callable[[CleanList, Path], Path]]:
    def declare(make: Callable[[CleanList, Path], Path]) -> Callable[[CleanList, Path], Path]:
        for name in ("rules", "maybe"):
            if name in expected:
                expected[name] = frozenset(expected[name])
        QUIRKS[make.__name__] = Quirk(make, **expected)
        return make

    return declare


def save(
    folder: Path, clean: CleanList, rows: Sequence[Sequence[Any]], then: Callable[[Worksheet], None] | None = None
) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = clean.sheet
    sheet.sheet_view.rightToLeft = True
    for row in rows:
        sheet.append(list(row))
    if then is not None:
        then(sheet)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def padded(row: Sequence[Any], width: int) -> Row:
    return [*row, *[None] * (width - len(row))]


# Rows that are no data


@quirk()
def as_it_should_be(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.table)


@quirk()
def title_rows_above_the_headings(clean: CleanList, folder: Path) -> Path:
    titles = [["مرجع کدینگ سلامت ایران"], [], ["پیوست ابلاغیهٔ ۱۱۰/۳۷", None, "مورخ ۱۴۰۲/۰۲/۱۸"]]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(clean.headings))

    return save(folder, clean, [*titles, *clean.table], merge)


@quirk()
def headings_far_below(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [*[[f"بند {n} از شرح نامه"] for n in range(40)], *[[]] * 300, *clean.table])


@quirk()
def two_rows_of_headings(clean: CleanList, folder: Path) -> Path:
    """The last two columns under a group, all others merged downwards."""
    width = len(clean.headings)
    upper = [*clean.headings[:-2], "مشخصات دیگر", None]
    lower = [*[None] * (width - 2), *clean.headings[-2:]]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells(start_row=1, end_row=1, start_column=width - 1, end_column=width)
        for column in range(1, width - 1):
            sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)

    return save(folder, clean, [upper, lower, *clean.rows], merge)


@quirk()
def three_rows_of_headings(clean: CleanList, folder: Path) -> Path:
    """The last two columns under a group in a group, all others merged downwards."""
    width = len(clean.headings)
    first = [*clean.headings[:-2], "مشخصات دیگر", None]
    second = [*[None] * (width - 2), "سال ۱۴۰۴", None]
    third = [*[None] * (width - 2), *clean.headings[-2:]]

    def merge(sheet: Worksheet) -> None:
        for row in (1, 2):
            sheet.merge_cells(start_row=row, end_row=row, start_column=width - 1, end_column=width)
        for column in range(1, width - 1):
            sheet.merge_cells(start_row=1, end_row=3, start_column=column, end_column=column)

    return save(folder, clean, [first, second, third, *clean.rows], merge)


@quirk(rules={"headings-change"}, maybe={"unknown-reference"}, lost=(2, 3))
def a_second_table_in_another_order(clean: CleanList, folder: Path) -> Path:
    """Its columns are turned round; below it the first table goes on."""
    other = [[row[0], *row[:0:-1]] for row in (clean.headings, *clean.rows[2:4])]
    return save(folder, clean, [*clean.table[:3], [], *other, [], clean.headings, *clean.rows[4:]])


@quirk(
    rules={"rows-above-headings"}, maybe={"unknown-reference"}, lost=(0, 1), only=lambda clean: clean.source != "icd10"
)
def a_table_with_fewer_columns_above(clean: CleanList, folder: Path) -> Path:
    above = [[row[clean.persian], row[clean.code]] for row in clean.table[:3]]
    return save(folder, clean, [*above, [], clean.headings, *clean.rows[2:]])


@quirk(maybe={"row-passed-over", "section-titles"}, but=("group", "chapter"))
def section_titles_between_the_rows(clean: CleanList, folder: Path) -> Path:
    rows = [clean.headings, ["بخش یکم: شایع‌ترین‌ها"], *clean.rows[:2], ["بخش دوم"], *clean.rows[2:]]

    def merge(sheet: Worksheet) -> None:
        for at in (2, 5):
            sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(clean.headings))

    return save(folder, clean, rows, merge)


@quirk()
def headings_repeated_on_each_page(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [*clean.table[:3], clean.headings, *clean.table[3:5], clean.headings, *clean.table[5:]])


@quirk(rules={"row-passed-over"})
def notes_and_totals_below(clean: CleanList, folder: Path) -> Path:
    notes = [["جمع کل", None, len(clean.rows)], [], ["* این فهرست تا پایان سال معتبر است"], ["تهیه‌کننده: دبیرخانه"]]
    return save(folder, clean, [*clean.table, *notes])


@quirk()
def blank_rows_between(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [row for line in clean.table for row in ([], line, [" ", None, "\u200c"])])


@quirk(rules={"row-outside-columns", "column-without-heading"})
def scribbles_beside_the_table(clean: CleanList, folder: Path) -> Path:
    def scribble(sheet: Worksheet) -> None:
        sheet.cell(len(clean.rows) + 5, len(clean.headings) + 6, "بازبینی شد")
        sheet.cell(len(clean.rows) + 5, len(clean.headings) + 7, 12)

    return save(folder, clean, clean.table, scribble)


# Hidden things


@quirk(rules={"hidden-sheet"})
def a_hidden_sheet(clean: CleanList, folder: Path) -> Path:
    def hide(sheet: Worksheet) -> None:
        other = sheet.parent.create_sheet("Lookup")
        for row in clean.table[:3]:
            other.append(row)
        other.sheet_state = "veryHidden"

    return save(folder, clean, clean.table, hide)


@quirk(rules={"hidden-row"})
def rows_hidden_by_a_filter(clean: CleanList, folder: Path) -> Path:
    def hide(sheet: Worksheet) -> None:
        for at in (3, 4):
            sheet.row_dimensions[at].hidden = True

    return save(folder, clean, clean.table, hide)


@quirk(rules={"hidden-column"})
def a_hidden_column(clean: CleanList, folder: Path) -> Path:
    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions["BCDEFGHIJ"[clean.optional - 1]].hidden = True

    return save(folder, clean, clean.table, hide)


@quirk(rules={"struck-out"})
def a_row_struck_through(clean: CleanList, folder: Path) -> Path:
    def strike(sheet: Worksheet) -> None:
        for cell in sheet[3]:
            cell.font = Font(strike=True)
        sheet.cell(4, len(clean.headings) + 3).font = Font(strike=True)  # an empty one
        sheet.cell(5, 1).font = Font(bold=True)

    return save(folder, clean, clean.table, strike)


@quirk(rules={"cell-notes"})
def notes_on_cells(clean: CleanList, folder: Path) -> Path:
    def note(sheet: Worksheet) -> None:
        sheet.cell(1, 1).comment = Comment("به صورت متن", "مکسا")
        sheet.cell(3, clean.persian + 1).comment = Comment("این کد حذف شد", "مریم")

    return save(folder, clean, clean.table, note)


# Columns


@quirk()
def columns_in_reverse(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [row[::-1] for row in clean.table])


@quirk()
def columns_shuffled(clean: CleanList, folder: Path) -> Path:
    order = list(range(len(clean.headings)))
    random.Random(len(order)).shuffle(order)
    return save(folder, clean, [[row[at] for at in order] for row in clean.table])


@quirk()
def empty_columns_before(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [[None, None, None, *row] for row in clean.table])


@quirk()
def empty_columns_between(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [[value for cell in row for value in (cell, None)] for row in clean.table])


@quirk()
def rows_numbered(clean: CleanList, folder: Path) -> Path:
    numbered = [["رديف", *clean.headings], *([at, *row] for at, row in enumerate(clean.rows, start=1))]
    return save(folder, clean, [*numbered, [len(numbered)], [len(numbered) + 1]])


@quirk(rules={"unknown-column"})
def a_column_that_nobody_knows(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [[*row, "ستونی دیگر" if at == 0 else at] for at, row in enumerate(clean.table)])


@quirk(rules={"column-without-heading"})
def a_column_without_heading(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [[*row, None if at == 0 else "؟"] for at, row in enumerate(clean.table)])


def _respelled(heading: Any) -> Any:
    """Arabic letters, a line break, a half-space, a colon, capitals and tatweel."""
    text = str(heading).replace("ی", "ي").replace("ک", "ك").replace(" ", "\n", 1).upper()
    return f"  {text[:2]}\u0640{text[2:]}\u200c: *" if text[:1] > "z" else f" {text} :"


@quirk()
def headings_in_another_spelling(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, [[_respelled(heading) for heading in clean.headings], *clean.rows])


@quirk()
def headings_wrapped_and_styled(clean: CleanList, folder: Path) -> Path:
    def style(sheet: Worksheet) -> None:
        for cell in sheet[1]:
            cell.alignment = Alignment(wrap_text=True)
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = sheet.dimensions

    return save(folder, clean, [[str(h).replace(" ", " \n ") for h in clean.headings], *clean.rows], style)


# Cells


@quirk(maybe={"code-spelling-mended"}, but=("marks",))
def edges_of_spaces_and_invisible_marks(clean: CleanList, folder: Path) -> Path:
    def pad(row: int, column: int, value: Any) -> Any:
        return f" \u00a0{value}\u200c\u200f  " if isinstance(value, str) else value

    return save(folder, clean, clean.changed(pad).table)


def _in_digits(text: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(c)) if c.isascii() and c.isdigit() else c for c in text)


@quirk(rules={"code-spelling-mended"})
def codes_in_persian_digits(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: _in_digits(value, "۰") if column == clean.code else value
    ).table)  # fmt: skip


@quirk(rules={"code-spelling-mended"})
def codes_in_arabic_digits(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: _in_digits(value, "٠") if column == clean.code else value
    ).table)  # fmt: skip


@quirk()
def numbers_as_text_with_thousands_separators(clean: CleanList, folder: Path) -> Path:
    def as_text(row: int, column: int, value: Any) -> Any:
        return f" {value:,} " if column in clean.numbers and value is not None else value

    return save(folder, clean, clean.changed(as_text).table)


@quirk()
def numbers_in_persian_digits(clean: CleanList, folder: Path) -> Path:
    def as_text(row: int, column: int, value: Any) -> Any:
        if column not in clean.numbers or value is None:
            return value
        return _in_digits(f"{value:,}".replace(",", "٬").replace(".", "٫"), "۰")

    return save(folder, clean, clean.changed(as_text).table)


@quirk()
def dashes_for_empty_cells(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(lambda row, column, value: "-" if value is None else value).table)


@quirk(rules={"look-alike-letters"}, same=False, only=lambda clean: clean.latin is not None)
def look_alike_letters_in_a_latin_name(clean: CleanList, folder: Path) -> Path:
    def swap(row: int, column: int, value: Any) -> Any:
        return f"FACTOR Vlll {value}" if (row, column) == (1, clean.latin) else value

    return save(folder, clean, clean.changed(swap).table)


@quirk(spelling=True)
def arabic_letters_in_the_texts(clean: CleanList, folder: Path) -> Path:
    def arabic(row: int, column: int, value: Any) -> Any:
        return value.replace("ی", "ي").replace("ک", "ك") if isinstance(value, str) else value

    return save(folder, clean, clean.changed(arabic).table)


@quirk(rules={"merged-cells-filled"})
def equal_cells_merged_downwards(clean: CleanList, folder: Path) -> Path:
    """The first two rows have the same optional text; one of them is merged away."""

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells(start_row=2, end_row=3, start_column=clean.optional + 1, end_column=clean.optional + 1)

    rows = clean.changed(
        lambda row, column, value: clean.rows[0][column] if (row, column) == (1, clean.optional) else value
    )
    return save(folder, clean, rows.table, merge)


@quirk(rules={"merged-across"}, same=False)
def cells_merged_over_columns(clean: CleanList, folder: Path) -> Path:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells(start_row=3, end_row=3, start_column=clean.optional, end_column=clean.optional + 1)

    return save(folder, clean, clean.table, merge)


@quirk(rules={"line-break-mended"})
def a_line_break_in_a_title(clean: CleanList, folder: Path) -> Path:
    """A title of two words or more; the break stands for its first space."""
    at = next(at for at, row in enumerate(clean.rows) if " " in str(row[clean.persian]))

    def broken(row: int, column: int, value: Any) -> Any:
        return value.replace(" ", "\n", 1) if (row, column) == (at, clean.persian) else value

    return save(folder, clean, clean.changed(broken).table)


@quirk(rules={"control-character"})
def a_control_character_in_a_title(clean: CleanList, folder: Path) -> Path:
    return _raw(clean, folder, {(1, clean.persian): text_cell(escape(f"{clean.rows[1][clean.persian]}_x0007_"))})


@quirk(rules={"error-cell"}, lost=(1,))
def an_error_in_a_cell(clean: CleanList, folder: Path) -> Path:
    return _raw(clean, folder, {(1, clean.optional): 't="e"><v>#N/A</v>'})


@quirk(rules={"error-cell", "formula"}, lost=(1,))
def an_error_in_a_formula(clean: CleanList, folder: Path) -> Path:
    return _raw(clean, folder, {(1, clean.optional): 't="e"><f>VLOOKUP(A2,X!A:B,2,0)</f><v>#REF!</v>'})


@quirk(rules={"formula"})
def formulas_with_their_values(clean: CleanList, folder: Path) -> Path:
    """Every second title is the result of a formula."""
    changed = {
        (row, clean.persian): f't="str"><f>TRIM(Z{row})</f><v>{escape(clean.rows[row][clean.persian])}</v>'
        for row in range(0, len(clean.rows), 2)
    }
    return _raw(clean, folder, changed)


@quirk(rules={"formula-without-value"}, maybe={"unknown-reference"}, lost=(0, 2))
def formulas_that_no_program_calculated(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: "=A1&B1" if column == clean.persian and row in (0, 2) else value
    ).table)  # fmt: skip


@quirk(rules={"formula"})
def rows_filled_with_formulas_beforehand(clean: CleanList, folder: Path) -> Path:
    """Below the list, and in an empty cell of it, formulas whose value is an empty text."""
    empty = 't="str"><f>IF(Z9="","",Z9)</f><v></v>'
    width = len(clean.headings)
    more = replace(clean, rows=[*clean.rows, *[[None] * width for _ in range(3)]])
    last = len(clean.rows)
    changed = {(row, column): empty for row in range(last, last + 3) for column in range(width)}
    free = next(at for at, row in enumerate(clean.rows) if row[clean.optional] is None)
    return _raw(more, folder, changed | {(free, clean.optional): empty})


@quirk(rules={"code-became-date"}, lost=(1,))
def a_code_that_excel_made_a_date(clean: CleanList, folder: Path) -> Path:
    return _raw(clean, folder, {(1, clean.code): 's="1"><v>45000</v>'}, formats=["yyyy-mm-dd"])


@quirk(rules={"missing-code"}, maybe={"unknown-reference"}, lost=(2,))
def a_row_without_its_code(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: None if (row, column) == (2, clean.code) else value
    ).table)  # fmt: skip


@quirk(rules={"code-with-title"}, maybe={"unknown-reference"}, lost=(2,))
def a_title_beside_the_code(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: f"{value} - {clean.rows[2][clean.persian]}" if (row, column) == (2, clean.code) else value
    ).table)  # fmt: skip


@quirk(rules={"several-codes"}, maybe={"unknown-reference"}, lost=(2,))
def two_codes_in_a_cell(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: f"{value}\n{clean.rows[3][column]}" if (row, column) == (2, clean.code) else value
    ).table)  # fmt: skip


@quirk(rules={"bad-code"}, maybe={"unknown-reference"}, lost=(2,))
def a_code_of_another_shape(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: "کد ۱۲؟" if (row, column) == (2, clean.code) else value
    ).table)  # fmt: skip


@quirk(rules={"duplicate-code"}, lost=(0,))
def a_row_that_stands_twice(clean: CleanList, folder: Path) -> Path:
    """Which of the two is lost does not matter: they are the same."""
    return save(folder, clean, [*clean.table, clean.rows[0]])


@quirk(rules={"not-a-number"}, maybe={"total-differs"}, same=False, only=lambda clean: bool(clean.numbers))
def words_in_place_of_a_number(clean: CleanList, folder: Path) -> Path:
    return save(folder, clean, clean.changed(
        lambda row, column, value: "طبق پرونده" if (row, column) == (1, clean.numbers[0]) else value
    ).table)  # fmt: skip


# Files


@quirk()
def the_old_excel_format(clean: CleanList, folder: Path) -> Path:
    return save_xls(folder / "list.xls", {clean.sheet: clean.table})


@quirk(rules={"hidden-sheet", "hidden-row", "hidden-column"})
def the_old_excel_format_with_hidden_and_merged_things(clean: CleanList, folder: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(clean.sheet)
    sheet.write_merge(0, 0, 0, len(clean.headings) - 1, "عنوان فهرست")
    for at, row in enumerate(clean.table, start=2):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value)
    other = book.add_sheet("Lookup")
    other.write(0, 0, "کمکی")
    other.visibility = 1
    sheet.row(4).hidden = True
    sheet.col(clean.optional).hidden = True
    book.save(str(folder / "list.xls"))
    return folder / "list.xls"


@quirk(rules=OLD)
def the_binary_excel_format(clean: CleanList, folder: Path) -> Path:
    return save_xlsb(folder / "list.xlsb", clean.table)


@quirk(rules={"error-cell"}, lost=(1,))
def the_old_excel_format_with_an_error(clean: CleanList, folder: Path) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(clean.sheet)
    for at, row in enumerate(clean.table):
        for column, value in enumerate(row):
            if (at, column) == (2, clean.optional):
                sheet.row(at).set_cell_error(column, "#N/A!")
            elif value is not None:
                sheet.write(at, column, value)
    book.save(str(folder / "list.xls"))
    return folder / "list.xls"


@quirk(rules={*OLD, "hidden-row", "hidden-column"})
def the_binary_excel_format_with_hidden_things(clean: CleanList, folder: Path) -> Path:
    return save_xlsb(folder / "list.xlsb", clean.table, hidden_rows={2}, hidden_columns={clean.optional})


@quirk(rules={*OLD, "error-cell"}, lost=(1,))
def the_binary_excel_format_with_an_error(clean: CleanList, folder: Path) -> Path:
    rows = clean.changed(lambda row, column, value: "x" if (row, column) == (1, clean.optional) else value).table
    return save_xlsb(folder / "list.xlsb", rows, errors={(2, clean.optional)})


@quirk(rules={*OLD, "hidden-row"})
def the_libre_office_format_filtered(clean: CleanList, folder: Path) -> Path:
    path = save_ods(folder / "list.ods", clean.table)
    pieces = "<table:table-row>"

    def hide(xml: str) -> str:
        before, after = xml.rsplit(pieces, 1)
        return f'{before}<table:table-row table:visibility="filter">{after}'

    rewrite(path, "content.xml", hide)
    return path


@quirk(rules=OLD)
def the_libre_office_format(clean: CleanList, folder: Path) -> Path:
    return save_ods(folder / "list.ods", clean.table)


@quirk(rules=OLD)
def a_csv_in_utf8(clean: CleanList, folder: Path) -> Path:
    return save_csv(folder / "list.csv", clean.table)


@quirk(rules=OLD)
def a_csv_with_semicolons_and_no_mark(clean: CleanList, folder: Path) -> Path:
    return save_csv(folder / "list.csv", clean.table, encoding="utf-8", delimiter=";")


@quirk(rules=OLD)
def a_text_in_utf16_with_tabs(clean: CleanList, folder: Path) -> Path:
    return save_csv(folder / "list.txt", clean.table, encoding="utf-16", delimiter="\t")


@quirk(rules=OLD, spelling=True)
def a_csv_in_windows_1256(clean: CleanList, folder: Path) -> Path:
    """An encoding without the Persian ی: programs of that time wrote ي."""
    rows = [
        [str(v).replace("ی", "ي").replace("ک", "ك") if isinstance(v, str) else v for v in row] for row in clean.table
    ]
    return save_csv(folder / "list.csv", rows, encoding="cp1256")


@quirk(rules=OLD)
def an_html_table_named_xls(clean: CleanList, folder: Path) -> Path:
    return _html(folder, clean.sheet, f"<tr><th colspan={len(clean.headings)}>عنوان</th></tr>", clean.table)


@quirk(rules=OLD)
def an_html_table_with_spans(clean: CleanList, folder: Path) -> Path:
    """Headings in two rows, by rowspan and colspan."""
    first = "".join(f"<th rowspan=2>{escape(heading)}</th>" for heading in clean.headings[:-2])
    second = "".join(f"<th>{escape(heading)}</th>" for heading in clean.headings[-2:])
    return _html(folder, clean.sheet, f"<tr>{first}<th colspan=2>دیگر</th></tr><tr>{second}</tr>", clean.rows)


def _html(folder: Path, name: str, before: str, rows: Sequence[Sequence[Any]]) -> Path:
    body = "".join(
        "<tr>" + "".join(f"<td x:str>{'&nbsp;' if v is None else escape(str(v))}</td>" for v in row) + "</tr>\n"
        for row in rows
    )
    path = folder / f"{name}.xls"
    path.write_text(
        f"<html><head><meta charset=utf-8><style>td{{mso-number-format:'\\@'}}</style></head><body><table>{before}{body}"
        "</table></body></html>",
        "utf-8",
    )
    return path


def _raw(clean: CleanList, folder: Path, changed: dict[tuple[int, int], str], formats: Sequence[str] = ()) -> Path:
    """The workbook by its XML, so that some cells can be what no Python library writes."""

    def cell(value: Any) -> str:
        return f"><v>{value}</v>" if isinstance(value, int | float) else text_cell(escape(value))

    lines = []
    for at, row in enumerate(clean.table):
        cells = {
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column]: cell(value) for column, value in enumerate(row) if value is not None
        }
        for (data_row, column), xml in changed.items():
            if data_row + 1 == at:
                cells["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column]] = xml
        lines.append(xml_row(at + 1, dict(sorted(cells.items()))))
    workbook = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        f'<sheet name="{escape(clean.sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    return raw_xlsx(folder / "list.xlsx", worksheet("".join(lines)), formats=formats, workbook=workbook)


# What must come out


def checked_rows(given: Read) -> dict[tuple[str, str, str], list[tuple[Any, ...]]]:
    """The rows of each table, in a comparable form, without their places."""
    found: dict[tuple[str, str, str], list[tuple[Any, ...]]] = {}
    for table in given.extract.tables:
        rows: list[tuple[Any, ...]]
        if table.kind == "concept":
            rows = [
                (r.code, r.title_fa, r.title_en, r.status, r.parent, r.replaced_by, dict(r.properties), r.doubt)
                for r in given.concepts(table.terminology, table.part)
            ]
        else:
            rows = [
                (r.source, r.target, r.relationship, dict(r.properties), r.doubt)
                for r in given.pairs(table.terminology)
            ]
        found[table.kind, table.terminology, table.part] = sorted(rows, key=repr)
    return found
