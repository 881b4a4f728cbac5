"""Every rule that a workbook is held to: its severity and what is said of a breach, in Persian and English.

Rules are explained, with how to mend each, in docs/findings.md (a test holds the two together). ``{value}`` and the
like are filled in from the finding.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, overload

from importers.rows import Finding, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 - short names keep the table readable


@dataclass(frozen=True, slots=True)
class Rule:
    severity: Severity
    fa: str
    en: str


RULES: dict[str, Rule] = {
    # Codes
    "missing-code": Rule(E, "این ردیف کد ندارد.", "The row has no code."),
    "bad-code": Rule(
        E,
        "«{value}» به شکل کدهای این ستون ({shape_fa}) نیست.",
        "“{value}” does not look like the codes of this column ({shape_en}).",
    ),
    "code-became-date": Rule(
        E,
        "اکسل کد این خانه را به تاریخ ({value}) برگردانده است؛ ستون را «متن» کنید و کد را دوباره بنویسید.",
        "Excel turned the code in this cell into the date {value}: format the column as text and enter the code again.",
    ),
    "scientific-notation": Rule(
        E,
        "کد به شکل نمایی ({value}) نوشته شده و رقم‌هایش از دست رفته است؛ آن را از فهرست اصلی، به صورت متن، بنویسید.",
        "The code stands in scientific notation ({value}) and has lost digits: enter it from the original list, as text.",
    ),
    "duplicate-code": Rule(
        E,
        "کد {value} پیش‌تر در {first} آمده است؛ تنها یک ردیف نگه دارید.",
        "The code {value} stands already in {first}: keep one row only.",
    ),
    "code-with-two-titles": Rule(
        E,
        "کد {value} در {first} عنوان دیگری دارد: «{other}».",
        "The code {value} has another title in {first}: “{other}”.",
    ),
    "code-with-two-values": Rule(
        E,
        "کد {value} در {first} نیز آمده و «{name}» آن چیز دیگری است: «{other}»؛ دو ردیف یک کد تنها در کدهای پنل و کدهای مقصد نگاشت"
        " می‌توانند با هم فرق کنند.",
        "The code {value} stands in {first} as well, where its “{name}” is another: “{other}”. Rows of one code may differ in"
        " panels and in targets of a map alone.",
    ),
    "rows-of-one-code": Rule(
        I,
        "{count} ردیف کدی دارد که پیش‌تر آمده است و با ردیف نخست آن یکی شد ({codes} کد؛ نخستین آن‌ها {value}): پنل‌ها و نگاشت‌های همه"
        " نگه داشته شد.",
        "{count} rows have a code that stood before and were added to its first row ({codes} codes, {value} the first of"
        " them): the panels and targets of all were kept.",
    ),
    "code-in-two-parts": Rule(
        E,
        "کد {value} در {first} از بخش «{other}» است؛ هر کد تنها از یک بخش است.",
        "The code {value} belongs to the part “{other}” in {first}: a code belongs to one part only.",
    ),
    "title-spelling-varies": Rule(
        I,
        "عنوان کد {value} در {first} با نویسه‌های دیگری نوشته شده است؛ نوشتهٔ نخست نگه داشته شد.",
        "The title of {value} is spelled otherwise in {first}; the first spelling was kept.",
    ),
    "repeated-row-differs": Rule(
        W,
        "ویژگی‌های کد {value} در {first} چیز دیگری است؛ آنچه نخست آمده نگه داشته شد.",
        "The properties of {value} differ in {first}; what stood first was kept.",
    ),
    "leading-zero-restored": Rule(
        W,
        "صفر آغاز کد از دست رفته بود؛ «{value}» به {mended} برگردانده شد.",
        "The code had lost its leading zeros: “{value}” was restored to {mended}.",
    ),
    "shown-with-zeros": Rule(
        I,
        "خانه عدد {value} دارد و با قالب خود {mended} نشان داده می‌شود؛ همین برداشته شد.",
        "The cell holds the number {value} and shows {mended} by its format; that was taken.",
    ),
    "code-spelling-mended": Rule(
        I,
        "نوشتهٔ کد «{value}» به {mended} یکدست شد (رقم، فاصله، حرف کوچک، پرانتز یا نویسهٔ پنهان).",
        "The spelling of the code “{value}” was evened out to {mended} (digits, spaces, small letters, brackets or invisible"
        " marks).",
    ),
    "marks-beside-code": Rule(
        I,
        "نشانه‌های {marks} کنار کد «{value}» بود و از آن جدا شد.",
        "The marks {marks} stood beside the code “{value}” and were taken off it.",
    ),
    "codes-look-rounded": Rule(
        W,
        "از {count} کد ۱۶رقمی این ستون، {zeros} تا به صفر پایان می‌یابد؛ گویا اکسل پیش‌تر آن‌ها را گرد کرده است.",
        "{zeros} of the {count} sixteen-digit codes of this column end in 0: Excel seems to have rounded them earlier.",
    ),
    "check-digit": Rule(
        W,
        "رقم کنترل کد {value} درست نیست؛ باید {mended} باشد، مگر آنکه کد محلی باشد.",
        "The check digit of {value} is wrong: it should be {mended}, unless this is a local code.",
    ),
    "wrong-check-digit": Rule(
        E,
        "رقم کنترل کد {value} درست نیست؛ باید {mended} باشد. چنین کدی نمی‌تواند باشد.",
        "The check digit of {value} is wrong: it should be {mended}. There can be no such code.",
    ),
    "digits-lost": Rule(
        E,
        "این کد در خانهٔ عددی است و اکسل تنها پانزده رقم نخست عدد را نگه می‌دارد ({value})؛ ستون را «متن» کنید و کد را از فهرست"
        " اصلی بنویسید.",
        "The code stands in a numeric cell, where Excel keeps fifteen digits alone ({value}): format the column as text and"
        " enter the code from the original list.",
    ),
    "zeros-may-be-lost": Rule(
        W,
        "کد {value} در خانهٔ عددی است و شاید صفرهای آغاز یا پایانش افتاده باشد؛ کدهای دیگر این ستون صفر آغازین دارند یا نقطه‌دارند.",
        "The code {value} stands in a numeric cell and may have lost zeros at its beginning or end:"
        " other codes of this column begin with zeros, or it has a point.",
    ),
    "unknown-terminology": Rule(
        E,
        "«{value}» شناسهٔ ترمینولوژی‌ای نیست که این فهرست بتواند داشته باشد{choices}.",
        "“{value}” is no id of a terminology that this list can hold{choices}.",
    ),
    "missing-terminology": Rule(
        E,
        "این ردیف نمی‌گوید از کدام ترمینولوژی است؛ ستون ترمینولوژی را پر کنید یا نام برگه را شناسهٔ آن بگذارید{choices}.",
        "The row does not say which terminology it belongs to: fill that column, or name the sheet after the terminology{choices}.",
    ),
    "terminology-by-code": Rule(
        I,
        "{count} ردیف نمی‌گوید کدش از کدام ترمینولوژی است؛ شکل کد آن را نشان داد (مانند 718-7 برای LNC، پنج رقم برای eRx و شانزده"
        " رقم برای IRC).",
        "{count} rows do not say which terminology their code belongs to; the shape of the code told (like 718-7 for LNC, five"
        " digits for eRx, sixteen for IRC).",
    ),
    "new-terminology": Rule(
        W,
        "ترمینولوژی «{value}» تاکنون شناخته نبود و با همین نام ساخته می‌شود؛ اگر نادرست نوشته شده، درستش کنید.",
        "The terminology “{value}” was not known so far and will be made under this name: correct it if it is mistyped.",
    ),
    "missing-part": Rule(
        E,
        "این ردیف نمی‌گوید از کدام بخش است؛ ستون «{heading}» را پر کنید یا نام بخش را در نام برگه بیاورید.",
        "The row does not say which part it belongs to: fill “{heading}”, or put the part's name into the sheet's name.",
    ),
    "unknown-reference": Rule(
        W,
        "کد {value} که این ردیف به آن اشاره دارد در این فهرست نیست.",
        "The code {value} that this row refers to is not in this list.",
    ),
    # Values
    "missing-title": Rule(E, "کد {value} عنوان ندارد.", "The code {value} has no title."),
    "missing-value": Rule(W, "خانهٔ «{heading}» خالی است.", "The cell under “{heading}” is empty."),
    "required-value": Rule(E, "خانهٔ «{heading}» نباید خالی باشد.", "The cell under “{heading}” must not be empty."),
    "not-a-number": Rule(
        W,
        "«{value}» عدد نیست؛ به صورت متن و جدا از عددها نگه داشته شد.",
        "“{value}” is no number; it was kept as text, apart from the numbers.",
    ),
    "decimal-slash": Rule(
        W,
        "«{value}» با ممیز نوشته شده و {mended} خوانده شد.",
        "“{value}” is written with a slash for the decimal point and was read as {mended}.",
    ),
    "unknown-choice": Rule(
        W,
        "«{value}» از مقدارهای شناختهٔ این ستون ({choices}) نیست؛ همان‌گونه نگه داشته شد.",
        "“{value}” is not one of the known values of this column ({choices}); it was kept as it is.",
    ),
    "unknown-status": Rule(
        E,
        "«{value}» از مقدارهای این ستون ({choices}) نیست و جای ردیف را نامعلوم می‌کند.",
        "“{value}” is not one of the values of this column ({choices}), so that it is unclear where the row belongs.",
    ),
    "unknown-mark": Rule(
        W,
        "در «{value}» نشانه‌ای جز {choices} هست؛ همان‌گونه نگه داشته شد.",
        "“{value}” holds a mark other than {choices}; it was kept as it is.",
    ),
    "total-differs": Rule(
        W,
        "جمع کل {value} است ولی اجزا {mended} می‌شوند.",
        "The total is {value}, but its parts add up to {mended}.",
    ),
    "too-long": Rule(
        E,
        "این خانه {length} نویسه دارد و بیش از {limit} پذیرفته نیست.",
        "This cell holds {length} characters; at most {limit} are accepted.",
    ),
    "control-character": Rule(
        W,
        "نویسهٔ کنترلی از متن «{value}» برداشته شد.",
        "A control character was removed from the text “{value}”.",
    ),
    "line-break-mended": Rule(
        I,
        "شکست خط در «{value}» به فاصله برگردانده شد.",
        "The line break in “{value}” was turned into a space.",
    ),
    "look-alike-letters": Rule(
        W,
        "در «{value}» حرفی هست که مانند حرف دیگری است (برای نمونه l به جای I)؛ همان‌گونه نگه داشته شد.",
        "“{value}” holds letters that look like others (such as l for I); it was kept as it is.",
    ),
    "wrong-script": Rule(
        W,
        "از {count} خانهٔ «{heading}»، {odd} تا {script_fa} نیست؛ شاید جای دو ستون عوض شده است.",
        "{odd} of the {count} cells under “{heading}” are not {script_en}: two columns may be swapped.",
    ),
    "error-cell": Rule(
        E,
        "این خانه خطای {value} دارد؛ فرمول را درست کنید یا مقدار را بنویسید.",
        "The cell holds the error {value}: mend its formula or enter the value.",
    ),
    "formula-without-value": Rule(
        E,
        "این خانه فرمولی بی‌مقدار دارد؛ پرونده را یک بار در اکسل باز و ذخیره کنید یا مقدار را بنویسید.",
        "The cell holds a formula without a saved value: open and save the file in Excel once, or enter the value.",
    ),
    "formula": Rule(
        I,
        "در ستون «{heading}» فرمول هست؛ مقدارهایی که با آن ذخیره شده برداشته شد.",
        "The column “{heading}” holds formulas; the values saved with them were taken.",
    ),
    "merged-cells-filled": Rule(
        I,
        "در ستون «{heading}» خانه‌های ادغام‌شده هست؛ مقدار هر یک برای همهٔ ردیف‌هایش برداشته شد.",
        "The column “{heading}” holds merged cells; the value of each was taken for all of its rows.",
    ),
    "merged-across": Rule(
        W,
        "خانه‌های {value} در هم ادغام شده است؛ مقدار تنها از آنِ نخستین ستون است و ستون‌های دیگر در این ردیف خالی ماند.",
        "The cells {value} are merged: the value was taken for the first column alone, the others are empty in this row.",
    ),
    # Columns, rows, sheets, file
    "column-displaced": Rule(
        W,
        "ستون «{heading}» خوانده نشد، زیرا «{other}» را برای همان فیلد ({field}) برگزیده‌اید.",
        "The column “{heading}” was not read: “{other}” was chosen for the same field ({field}).",
    ),
    "mapped-heading-absent": Rule(
        W,
        "سرستون «{value}» که نگاشتش را داده‌اید در این پرونده نیست{nearest_fa}.",
        "The heading “{value}”, which was mapped by hand, is not in this file{nearest_en}.",
    ),
    "unknown-column": Rule(
        W,
        "ستون «{heading}» شناخته نیست و خوانده نشد.",
        "The column “{heading}” is not known and was not read.",
    ),
    "column-without-heading": Rule(
        W,
        "ستون {column} سرستون ندارد ولی در آن داده هست؛ خوانده نشد.",
        "The column {column} has no heading but holds data; it was not read.",
    ),
    "list-not-given": Rule(
        I,
        "ستون‌های عنوان {terminology} در این برگه نیست؛ از آن تنها نگاشت کدها برداشته شد.",
        "The sheet has no titles for {terminology}; of these codes only the map was taken.",
    ),
    "row-passed-over": Rule(
        I,
        "این ردیف عنوان بخش یا یادداشت است و کدی ندارد: «{value}».",
        "The row is a section title or a note and carries no code: “{value}”.",
    ),
    "section-titles": Rule(
        I,
        "{count} ردیف عنوان بخش است و ویژگی ردیف‌های زیر خود شد؛ نخستین آن‌ها: {places}.",
        "{count} rows are titles of sections and became a property of the rows below them; the first are {places}.",
    ),
    "row-outside-columns": Rule(
        W,
        "در این ردیف تنها بیرون از ستون‌های شناخته داده هست؛ خوانده نشد.",
        "The row holds data outside of the known columns only; it was not read.",
    ),
    "hidden-row": Rule(
        W,
        "ردیف‌های پنهان ({value}) نیز خوانده شد؛ اگر نباید می‌آمدند، پاکشان کنید.",
        "Hidden rows ({value}) were read as well: delete them if they do not belong to the list.",
    ),
    "hidden-column": Rule(
        W,
        "ستون پنهان «{heading}» نیز خوانده شد؛ اگر نباید می‌آمد، پاکش کنید.",
        "The hidden column “{heading}” was read as well: delete it if it does not belong to the list.",
    ),
    "hidden-sheet": Rule(
        W,
        "برگهٔ پنهان «{sheet}» {count} ردیف دارد و خوانده نشد؛ اگر از فهرست است، آشکارش کنید.",
        "The hidden sheet “{sheet}” holds {count} rows and was not read: unhide it if it belongs to the list.",
    ),
    "help-sheet": Rule(
        I,
        "برگهٔ «{sheet}» راهنما یا خلاصه است ({count} ردیف) و از فهرست نیست.",
        "The sheet “{sheet}” explains or sums up ({count} rows) and is no part of the list.",
    ),
    "sheet-lacks-column": Rule(
        W,
        "برگهٔ «{sheet}» {count} ردیف دارد و به این فهرست می‌ماند ({matched} ستون شناخته شد)، ولی ستون {missing} ندارد؛ خوانده نشد.",
        "The sheet “{sheet}” holds {count} rows and resembles this list ({matched} columns are known), but lacks {missing}; it was"
        " not read.",
    ),
    "unknown-sheet": Rule(
        W,
        "برگهٔ «{sheet}» {count} ردیف دارد ولی سرستون‌های این فهرست در آن نیست؛ خوانده نشد.",
        "The sheet “{sheet}” holds {count} rows but not the headings of this list; it was not read.",
    ),
    "old-format": Rule(
        I,
        "قالب این پرونده ({value}) همهٔ آنچه را بررسی می‌خواهد نشان نمی‌دهد: قالب عددها، و در csv و HTML فرمول‌ها و خانه‌های پنهان نیز؛"
        " برای بررسی کامل با قالب xlsx بفرستید.",
        "This format ({value}) does not tell all that the checks look at: number formats, and in CSV and HTML formulas and hidden"
        " cells as well. Send .xlsx for all checks.",
    ),
    "more-findings": Rule(
        I,
        "{count} یافتهٔ دیگر از «{value}» در این ستون هست که یک‌یک نیامده است.",
        "There are {count} more findings of “{value}” in this column that are not listed one by one.",
    ),
}

MOST_PER_PLACE = 1_000  # findings of one rule in one column that are listed one by one
_SHOWN = 200  # characters of a value that a finding keeps
_IN_TEXT = 60  # and that its sentence quotes
_AFTER_ALL_ROWS = 1 << 30
# What no database, terminal or JSON takes: control characters other than line breaks and tabs, and half characters.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class Findings:
    """Collects findings; of one rule in one column only the first :data:`MOST_PER_PLACE` are kept, the rest counted."""

    def __init__(self, file: str | None = None) -> None:
        self._file = file
        self._kept: list[tuple[int, int, int, Finding]] = []
        self._counts: Counter[tuple[str, str | None, str | None]] = Counter()
        self._headings: dict[tuple[str, str | None, str | None], tuple[int, str | None]] = {}

    def add(
        self,
        rule: str,
        *,
        severity: Severity | None = None,
        sheet: str | None = None,
        order: int = -1,
        row: int | None = None,
        column: str | None = None,
        heading: str | None = None,
        value: str | None = None,
        **data: Any,
    ) -> Severity:
        """``order`` is the sheet's place in the workbook (-1: the file as a whole); ``data`` fills the sentences.

        Gives the severity of what was found.
        """
        declared = RULES[rule]
        sheet, heading, value = clean(sheet), clean(heading), clean(value)
        severity = severity or declared.severity
        key = (rule, sheet, column)
        self._counts[key] += 1
        if self._counts[key] > MOST_PER_PLACE:
            self._headings.setdefault(key, (order, heading))
            return severity
        words = {
            "sheet": sheet, "row": row, "column": column, "heading": _brief(heading), "value": _brief(value),
            # choices are the declaration's own words, not the file's; places are short already
            **{
                k: v if not isinstance(v, str) or k == "choices" else clean(v) if k == "places" else _brief(clean(v))
                for k, v in data.items()
            },
        }  # fmt: skip
        finding = Finding(
            rule=rule,
            severity=severity,
            message_fa=declared.fa.format(**words),
            message_en=declared.en.format(**words),
            file=self._file,
            sheet=sheet,
            row=row,
            column=column,
            heading=heading[:_SHOWN] if heading else heading,
            value=value[:_SHOWN] if value else value,
        )
        self._kept.append((order, row or 0, len(self._kept), finding))
        return severity

    def count(self, rule: str) -> int:
        """How often a rule was broken, those not listed one by one included."""
        return sum(n for (name, _, _), n in self._counts.items() if name == rule)

    def in_order(self) -> list[Finding]:
        """All findings by sheet and row; what was only counted is summed up at the end of its sheet."""
        for (rule, sheet, column), (order, heading) in self._headings.items():
            more = self._counts[(rule, sheet, column)] - MOST_PER_PLACE
            self.add(
                "more-findings", severity=RULES[rule].severity, sheet=sheet, order=order, column=column, heading=heading,
                value=rule, count=more,
            )  # fmt: skip
            _, _, at, finding = self._kept.pop()
            self._kept.append((order, _AFTER_ALL_ROWS, at, finding))
        self._headings = {}
        return [finding for *_, finding in sorted(self._kept, key=lambda kept: kept[:3])]


@overload
def clean(text: str) -> str: ...


@overload
def clean(text: None) -> None: ...


def clean(text: str | None) -> str | None:
    """What files of unknown origin say, fit for a database and a terminal: no control characters, no half characters."""
    if text is None or text.isprintable():
        return text
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _brief(text: str | None) -> str | None:
    if text is None or len(text) <= _IN_TEXT:
        return text
    return text[: _IN_TEXT - 1] + "…"
