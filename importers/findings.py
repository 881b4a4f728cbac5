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
    "missing-code": Rule(
        E,
        "این ردیف کد ندارد؛ کدش را بنویسید یا ردیف را پاک کنید.",
        "The row has no code: enter it, or delete the row.",
    ),
    "bad-code": Rule(
        E,
        "«{value}» به شکل کدهای این ستون ({shape_fa}) نیست؛ از روی فهرست اصلی درستش کنید.",
        "“{value}” does not look like the codes of this column ({shape_en}): correct it from the original list.",
    ),
    "code-range": Rule(
        E,
        "«{value}» بازه‌ای از کدهاست و بازه باز نمی‌شود؛ هر کد را جدا، در ردیفی از خود یا با «،» میانشان، بنویسید.",
        "“{value}” is a range of codes, and ranges are not spread out: enter each code by itself, in a row of its own, or"
        " with commas between them where a cell may hold several.",
    ),
    "several-codes": Rule(
        E,
        "در این خانه چند کد است («{value}»)، ولی هر ردیف یک کد دارد؛ برای هر کد ردیفی جدا بنویسید.",
        "The cell holds several codes (“{value}”), but a row has one: give each code a row of its own.",
    ),
    "code-with-title": Rule(
        E,
        "در این خانه کد و متن با هم است («{value}»)؛ آن‌ها را در دو ستون جدا کنید (در اکسل: Data ← Text to Columns).",
        "The cell holds a code and a text (“{value}”): part them into two columns (in Excel: Data → Text to Columns).",
    ),
    "code-became-date": Rule(
        E,
        "اکسل کد این خانه را به تاریخ ({value}) برگردانده است؛ نخست قالب ستون را «متن» کنید، سپس کد را دوباره بنویسید.",
        "Excel turned the code in this cell into the date {value}: format the column as text first, then enter the"
        " code again.",
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
        "کد {value} در {first} عنوان دیگری دارد: «{other}»؛ عنوان درست را در هر دو بنویسید، یا اگر کد یکی نادرست"
        " است آن را درست کنید.",
        "The code {value} has another title in {first}: “{other}”. Write the right title in both, or correct the"
        " code that is mistyped.",
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
        "کد {value} در {first} از بخش «{other}» است و هر کد تنها از یک بخش است؛ یکی از دو ردیف را پاک کنید.",
        "The code {value} belongs to the part “{other}” in {first}, and a code belongs to one part only: delete one"
        " of the two rows.",
    ),
    "title-spelling-varies": Rule(
        I,
        "عنوان کد {value} در {first} با نویسه‌های دیگری نوشته شده است؛ نوشتهٔ نخست نگه داشته شد.",
        "The title of {value} is spelled otherwise in {first}; the first spelling was kept.",
    ),
    "repeated-row-differs": Rule(
        W,
        "ویژگی‌های کد {value} در {first} چیز دیگری است و همان نگه داشته شد؛ ردیف‌های این کد را یکسان کنید.",
        "The properties of {value} differ in {first}, and those were kept: even out the rows of this code.",
    ),
    "leading-zero-restored": Rule(
        W,
        "صفر آغاز کد از دست رفته بود؛ «{value}» به {mended} برگردانده شد. چند کد را وارسی کنید و قالب ستون را «متن»"
        " کنید.",
        "The code had lost its leading zeros: “{value}” was restored to {mended}. Check a few, and format the"
        " column as text.",
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
        "از {count} کد ۱۶رقمی این ستون، {zeros} تا به صفر پایان می‌یابد؛ گویا اکسل پیش‌تر آن‌ها را گرد کرده است."
        " پیش از انتشار با فهرست اصلی بسنجید.",
        "{zeros} of the {count} sixteen-digit codes of this column end in 0: Excel seems to have rounded them"
        " earlier. Compare them with the original list before publishing.",
    ),
    "check-digit": Rule(
        W,
        "رقم کنترل کد {value} درست نیست؛ باید {mended} باشد، مگر آنکه کد محلی باشد.",
        "The check digit of {value} is wrong: it should be {mended}, unless this is a local code.",
    ),
    "wrong-check-digit": Rule(
        E,
        "رقم کنترل کد {value} درست نیست و چنین کدی نمی‌تواند باشد (با این رقم‌ها {mended} می‌شد)؛ کد را از فهرست"
        " اصلی، به صورت متن، بنویسید.",
        "The check digit of {value} is wrong, so that there can be no such code (these digits would make {mended}):"
        " enter the code from the original list, as text.",
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
        "کد {value} در خانهٔ عددی است و شاید صفرهای آغاز یا پایانش افتاده باشد، زیرا کدهای دیگر این ستون صفر آغازین"
        " یا نقطه دارند؛ با فهرست اصلی بسنجید.",
        "The code {value} stands in a numeric cell and may have lost zeros at its beginning or end, as other codes"
        " of this column begin with zeros or have a point: compare it with the original list.",
    ),
    "unknown-terminology": Rule(
        E,
        "«{value}» شناسهٔ ترمینولوژی‌ای نیست که این فهرست بتواند داشته باشد؛ شناسهٔ لاتین آن را بنویسید{choices}.",
        "“{value}” is no id of a terminology that this list can hold: write its id{choices}.",
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
        "کد {value} که این ردیف به آن اشاره دارد در این فهرست نیست؛ ردیف آن را بیفزایید یا این خانه را درست کنید.",
        "The code {value} that this row refers to is not in this list: add its row, or correct this cell.",
    ),
    # Values
    "missing-title": Rule(
        E,
        "کد {value} عنوان ندارد؛ عنوانش را بنویسید.",
        "The code {value} has no title: enter it.",
    ),
    "missing-value": Rule(
        W,
        "خانهٔ «{heading}» خالی است؛ اگر مقداری دارد بنویسید.",
        "The cell under “{heading}” is empty: enter the value, if there is one.",
    ),
    "required-value": Rule(
        E,
        "خانهٔ «{heading}» نباید خالی باشد؛ مقدارش را بنویسید.",
        "The cell under “{heading}” must not be empty: enter the value.",
    ),
    "not-a-number": Rule(
        W,
        "«{value}» عدد نیست؛ به صورت متن و جدا از عددها نگه داشته شد. اگر باید عدد باشد، عدد بنویسید.",
        "“{value}” is no number; it was kept as text, apart from the numbers. Enter a number if one is meant.",
    ),
    "decimal-slash": Rule(
        W,
        "«{value}» با ممیز «/» نوشته شده و {mended} خوانده شد؛ اگر درست نیست، با نقطه یا «٫» بنویسید.",
        "“{value}” is written with a slash for the decimal point and was read as {mended}: if that is wrong, write"
        " it with a point.",
    ),
    "unknown-choice": Rule(
        W,
        "«{value}» از مقدارهای شناختهٔ این ستون ({choices}) نیست و همان‌گونه نگه داشته شد؛ اگر غلط نوشتاری است،"
        " درستش کنید.",
        "“{value}” is not one of the known values of this column ({choices}) and was kept as it is: correct it if"
        " it is misspelled.",
    ),
    "unknown-status": Rule(
        E,
        "«{value}» از مقدارهای این ستون ({choices}) نیست و جای ردیف را نامعلوم می‌کند؛ یکی از این مقدارها را بنویسید.",
        "“{value}” is not one of the values of this column ({choices}), so that it is unclear where the row"
        " belongs: write one of them.",
    ),
    "unknown-mark": Rule(
        W,
        "در «{value}» نشانه‌ای جز {choices} هست و همان‌گونه نگه داشته شد؛ نشانه را درست کنید.",
        "“{value}” holds a mark other than {choices} and was kept as it is: correct the mark.",
    ),
    "total-differs": Rule(
        W,
        "جمع کل {value} است ولی اجزا {mended} می‌شوند؛ هرکدام نادرست است درستش کنید.",
        "The total is {value}, but its parts add up to {mended}: correct whichever is wrong.",
    ),
    "too-long": Rule(
        E,
        "این خانه {length} نویسه دارد و بیش از {limit} پذیرفته نیست؛ متن را کوتاه کنید.",
        "This cell holds {length} characters; at most {limit} are accepted: shorten the text.",
    ),
    "control-character": Rule(
        W,
        "نویسه‌ای پنهان (کنترلی) از متن «{value}» برداشته شد؛ ببینید متن آسیب ندیده باشد.",
        "An invisible (control) character was removed from the text “{value}”: see whether the text was damaged.",
    ),
    "line-break-mended": Rule(
        I,
        "شکست خط در «{value}» به فاصله برگردانده شد.",
        "The line break in “{value}” was turned into a space.",
    ),
    "look-alike-letters": Rule(
        W,
        "در «{value}» حرفی هست که مانند حرف دیگری است (برای نمونه l به جای I) و همان‌گونه نگه داشته شد؛ حرف درست را"
        " بنویسید.",
        "“{value}” holds letters that look like others (such as l for I) and was kept as it is: enter the right"
        " letters.",
    ),
    "wrong-script": Rule(
        W,
        "از {count} خانهٔ «{heading}»، {odd} تا {script_fa} نیست؛ ببینید جای دو ستون یا سرستون‌هایشان عوض نشده باشد.",
        "{odd} of the {count} cells under “{heading}” are not {script_en}: see whether two columns or their"
        " headings are swapped.",
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
        "خانه‌های {value} در هم ادغام شده است؛ مقدار تنها از آنِ نخستین ستون است و ستون‌های دیگر در این ردیف خالی"
        " ماند. ادغام را بردارید و هر ستون را پر کنید.",
        "The cells {value} are merged: the value was taken for the first column alone, the others are empty in this"
        " row. Unmerge them and fill each column.",
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
        "ستون «{heading}» شناخته نیست و خوانده نشد؛ اگر از فهرست است، سرستون را درست کنید یا هنگام ورود نگاشت بدهید"
        " (‎--column‎).",
        "The column “{heading}” is not known and was not read: if it belongs to the list, correct its heading or"
        " map it when importing (--column).",
    ),
    "column-without-heading": Rule(
        W,
        "ستون {column} سرستون ندارد ولی در آن داده هست و خوانده نشد؛ سرستونش را بنویسید یا ستون را پاک کنید.",
        "The column {column} has no heading but holds data, and was not read: enter its heading, or delete the column.",
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
    "section-without-part": Rule(
        W,
        "عنوان «{value}» نمی‌گوید ردیف‌های زیرش از کدام بخش است؛ از «{part}»، بخش عنوان پیش از آن، گرفته شد. اگر چنین نیست، بخش را در"
        " عنوان یا در ستونی بنویسید.",
        "The title “{value}” does not say which part the rows below it belong to: they were taken for “{part}”, as the title"
        " before it says. If that is wrong, name the part in the title, or give it a column.",
    ),
    "headings-change": Rule(
        E,
        "از این ردیف سرستون‌ها دیگر می‌شود ({columns}) و {count} ردیف زیر آن خوانده نشد؛ جدول دوم را در برگه‌ای جدا بگذارید یا"
        " ستون‌هایش را به ترتیب جدول نخست درآورید. تنها این ردیف را پاک نکنید: ستون‌ها جابه‌جا خوانده می‌شوند.",
        "From this row on the headings are others ({columns}), and the {count} rows below were not read: put the second table"
        " into a sheet of its own, or its columns into the order of the first. Do not just delete this row: the columns would be"
        " confused.",
    ),
    "repeated-heading-differs": Rule(
        W,
        "سرستون‌ها در این ردیف تکرار شده‌اند ولی این‌ها شناخته نیست: {columns}؛ ستون‌ها مانند بالای جدول خوانده شد. اگر این ستون‌ها"
        " از این‌جا چیز دیگری است، جدول را در برگه‌ای جدا بگذارید؛ وگرنه سرستون را مانند ردیف نخست بنویسید.",
        "The headings stand here once more, but some are not known: {columns}. The columns were read as above: if they hold"
        " something else from here on, put the table into a sheet of its own; else spell the headings as at the top.",
    ),
    "rows-above-headings": Rule(
        E,
        "{count} ردیف بالای سرستون‌ها (ردیف {header}) کد دارد و خوانده نشد{like_fa}؛ اگر جدولی دیگر است آن را در برگه‌ای جدا بگذارید،"
        " وگرنه آن‌ها را به زیر سرستون‌ها ببرید یا پاک کنید.",
        "{count} rows above the headings (row {header}) hold codes and were not read{like_en}: put them into a sheet of their own if"
        " they are another table, else move them below the headings or delete them.",
    ),
    "row-outside-columns": Rule(
        W,
        "در این ردیف تنها بیرون از ستون‌های شناخته داده هست و خوانده نشد؛ آن را پاک کنید یا به ستون خود ببرید.",
        "The row holds data outside of the known columns only and was not read: delete it, or move it into its"
        " columns.",
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
    "struck-out": Rule(
        W,
        "این خانه خط‌خورده است، ولی ردیفش مانند دیگر ردیف‌ها خوانده شد؛ اگر کد حذف شده است، ردیف را پاک کنید یا در ستون «وضعیت»"
        " «غیرفعال» بنویسید، وگرنه خط را بردارید. رنگ و خط‌خوردگی چیزی را حذف نمی‌کند.",
        "The cell is struck through, but its row was read like any other: if the code is gone, delete the row or say"
        " so in a column of status, else take the line away. Neither colours nor lines retire a code.",
    ),
    "cell-notes": Rule(
        I,
        "{count} خانه یادداشت (Comment) دارد که خوانده نمی‌شود ({places})؛ اگر چیزی از فهرست در آن‌هاست، در ستونی بنویسیدش.",
        "{count} cells have notes, which are not read ({places}): if they say something of the list, give it a column.",
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
        "برگهٔ «{sheet}» {count} ردیف دارد و به این فهرست می‌ماند ({matched} ستون شناخته شد)، ولی ستون {missing}"
        " ندارد و خوانده نشد؛ سرستون را درست کنید یا نگاشت آن را بدهید (‎--column‎).",
        "The sheet “{sheet}” holds {count} rows and resembles this list ({matched} columns are known), but lacks"
        " {missing} and was not read: correct the heading, or map it (--column).",
    ),
    "unknown-sheet": Rule(
        W,
        "برگهٔ «{sheet}» {count} ردیف دارد ولی سرستون‌های این فهرست در آن نیست و خوانده نشد؛ اگر از فهرست است،"
        " سرستون‌هایش را درست کنید.",
        "The sheet “{sheet}” holds {count} rows but not the headings of this list, and was not read: correct them"
        " if it belongs to the list.",
    ),
    "source-assumed": Rule(
        W,
        "این پرونده «{list_fa}» گرفته شد؛ سرستون‌ها و کدهای «{other_fa}» هم همین‌هاست و نام برگه و پرونده نمی‌گوید کدام است. اگر"
        " آن است با --source {source} دوباره بفرستید.",
        "This file was taken for {list_en}; {other_en} has the same headings and codes, and neither the sheet's name nor"
        " the file's tells which one it is. If it is that one, send it again with --source {source}.",
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
        "{count} یافتهٔ دیگر از «{value}» در این ستون هست که یک‌یک نیامده است؛ علتشان یکی است.",
        "There are {count} more findings of “{value}” in this column that are not listed one by one; their cause is"
        " the same.",
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
