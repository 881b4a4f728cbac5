"""What each finding means and how to mend it, in words for the person who has the workbook open.

Keyed by rule, of the importers and of the registry's guards; a test holds the table against both, and docs/findings.md
explains each at more length. Knows neither of them: marked workbooks are made of what findings say.
"""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    means_fa: str
    mend_fa: str
    means_en: str
    mend_en: str


_NOTHING_FA, _NOTHING_EN = "لازم نیست کاری کنید.", "Nothing needs to be done."
_FIGURE_FA = "اگر رقم درست است آن را تأیید کنید؛ وگرنه ستون یا ردیف‌های افتاده را به فهرست برگردانید."
_FIGURE_EN = "Confirm the figure if it is right; otherwise put the missing column or rows back."

ADVICE: dict[str, Advice] = {
    # Codes
    "missing-code": Advice(
        "ردیف کد ندارد، ولی خانه‌های دیگرش پر است.",
        "کد را بنویسید یا ردیف را پاک کنید؛ اگر عنوان بخش است، خانه‌های ردیف را در هم ادغام کنید.",
        "The row has no code, though other cells of it are filled.",
        "Enter the code, or delete the row; if it is the title of a section, merge the cells of the row.",
    ),
    "bad-code": Advice(
        "کد به شکل کدهای این ستون نیست.",
        "کد را از فهرست اصلی درست کنید؛ اگر ردیف‌های بسیاری چنین است، ببینید ستون‌ها جابه‌جا نشده باشد.",
        "The code does not have the shape of the column's codes.",
        "Correct it from the original list; when many rows are concerned, look whether columns were shifted.",
    ),
    "code-range": Advice(
        "به جای یک کد، بازه‌ای از کدها نوشته شده است.",
        "هر کد بازه را جدا بنویسید.",
        "A range of codes stands in place of one.",
        "Enter each code of the range by itself.",
    ),
    "several-codes": Advice(
        "در خانهٔ کد چند کد است.",
        "برای هر کد ردیفی جدا بنویسید.",
        "The cell of the row's code holds several.",
        "Give each code a row of its own.",
    ),
    "code-with-title": Advice(
        "کد و متن در یک خانه است.",
        "آن‌ها را در دو ستون جدا کنید (Data ← Text to Columns).",
        "A code and a text share a cell.",
        "Part them into two columns (Data → Text to Columns).",
    ),
    "code-became-date": Advice(
        "اکسل کد را به تاریخ برگردانده است.", "نخست قالب ستون را «متن» (Text) کنید، سپس کد را دوباره بنویسید.",
        "Excel turned the code into a date.", "Format the column as Text first, then enter the code again.",
    ),
    "scientific-notation": Advice(
        "رقم‌های کد در نمایش نمایی از دست رفته است.", "کد را از فهرست اصلی در ستونی با قالب «متن» بنویسید.",
        "The code has lost digits to scientific notation.", "Enter it from the original list, in a column formatted as Text.",
    ),
    "duplicate-code": Advice(
        "یک کد در دو ردیف آمده است.", "تنها یکی از دو ردیف را نگه دارید.",
        "The same code stands in two rows.", "Keep one of the rows.",
    ),
    "code-with-two-titles": Advice(
        "یک کد در دو ردیف دو عنوان دارد.", "ببینید کدام عنوان درست است یا کدام کد نادرست نوشته شده است.",
        "The same code has two titles.", "Find out which title is right, or which code is mistyped.",
    ),
    "code-with-two-values": Advice(
        "دو ردیف یک کد دربارهٔ یک ویژگی دو چیز می‌گویند.",
        "ببینید کدام درست است و در هر دو ردیف همان را بنویسید؛ یا اگر کد یکی از دو ردیف نادرست است، درستش کنید.",
        "Two rows of one code say two things of the same property.",
        "Enter in both what is right; or correct the code, when one of the rows has a wrong one.",
    ),
    "rows-of-one-code": Advice(
        "کدهایی چند ردیف دارند، برای هر پنل یا هر کد مقصد یکی؛ این ردیف‌ها یکی شد.", _NOTHING_FA,
        "Some codes have several rows, one for each panel or target; these were made one.", _NOTHING_EN,
    ),
    "code-in-two-parts": Advice(
        "یک کد در فهرست دو بخش آمده است.", "کد را تنها در بخشی که از آن است نگه دارید.",
        "The code stands in the lists of two parts.", "Keep it in the part that it belongs to.",
    ),
    "title-spelling-varies": Advice(
        "عنوان یک کد با نویسه‌های گوناگون نوشته شده است.", _NOTHING_FA,
        "The title of a code is spelled in several ways.", _NOTHING_EN,
    ),
    "repeated-row-differs": Advice(
        "ویژگی‌های کدی که در چند ردیف می‌آید یکسان نیست.", "ردیف‌ها را یکسان کنید.",
        "A code that stands in several rows has other properties in one of them.", "Even out the rows.",
    ),
    "leading-zero-restored": Advice(
        "اکسل صفر آغاز کد را انداخته بود و به جای خود برگشت.",
        "چند کد را وارسی کنید و برای بار دیگر قالب ستون را «متن» کنید.",
        "Excel had dropped leading zeros; they were put back.",
        "Check a few codes, and format the column as Text for the next time.",
    ),
    "shown-with-zeros": Advice(
        "خانه عدد دارد و صفرهایش از قالب آن است؛ همان که دیده می‌شود برداشته شد.", _NOTHING_FA,
        "The cell holds a number whose format shows the zeros; what it shows was taken.", _NOTHING_EN,
    ),
    "code-spelling-mended": Advice(
        "رقم فارسی، فاصله، حرف کوچک، پرانتز یا نویسهٔ پنهان کد یکدست شد.", _NOTHING_FA,
        "Digits, spaces, small letters, brackets or invisible marks of the code were evened out.", _NOTHING_EN,
    ),
    "marks-beside-code": Advice(
        "نشانه‌های کتاب ارزش نسبی (# و * و +) کنار کد نوشته شده بود و از آن جدا شد.", _NOTHING_FA,
        "Marks of the book of relative values stood beside a code and were taken off it.", _NOTHING_EN,
    ),
    "codes-look-rounded": Advice(
        "بیش از اندازه کد شانزده‌رقمی به صفر پایان می‌یابد؛ گویا اکسل پیش‌تر گردشان کرده است.",
        "کدها را از فهرست اصلی بردارید و پیش از انتشار با آن بسنجید.",
        "Too many sixteen-digit codes end in 0: Excel seems to have rounded them.",
        "Take the codes from the original list, and compare before publishing.",
    ),
    "check-digit": Advice(
        "رقم کنترل کد درست نیست.", "اگر کد محلی نیست، آن را درست کنید.",
        "The check digit does not fit.", "Correct the code, unless it is a local one.",
    ),
    "wrong-check-digit": Advice(
        "رقمی از کد نادرست نوشته شده یا اکسل آن را گرد کرده است.", "کد را از فهرست اصلی در ستونی با قالب «متن» بنویسید.",
        "A digit of the code is mistyped, or Excel rounded it.", "Enter it from the original list, in a column formatted as Text.",
    ),
    "digits-lost": Advice(
        "کد بیش از پانزده رقم دارد و در خانهٔ عددی است؛ رقم‌های آخرش از دست رفته است.",
        "نخست قالب ستون را «متن» (Text) کنید، سپس کد را از فهرست اصلی بنویسید.",
        "The code has more than fifteen digits and stands in a numeric cell: its last digits are lost.",
        "Format the column as Text first, then enter the code from the original list.",
    ),
    "zeros-may-be-lost": Advice(
        "شاید اکسل صفرهای کد را انداخته باشد.", "با فهرست اصلی بسنجید؛ ستون را «متن» کنید و کد را دوباره بنویسید.",
        "Excel may have dropped zeros of the code.", "Compare with the original list; format the column as Text and enter the code again.",
    ),
    "unknown-terminology": Advice(
        "نام ترمینولوژی این ردیف شناخته نیست.", "شناسهٔ لاتین ترمینولوژی را بنویسید، مانند thritaEHR.WardType.",
        "The terminology of the row is not known.", "Write its id, for example thritaEHR.WardType.",
    ),
    "missing-terminology": Advice(
        "ردیف نمی‌گوید از کدام ترمینولوژی است.", "ستون ترمینولوژی را پر کنید یا برگه را به نام آن بنامید.",
        "The row does not say which terminology it belongs to.", "Fill that column, or name the sheet after the terminology.",
    ),
    "terminology-by-code": Advice(
        "ستون ترمینولوژی در ردیف‌هایی خالی است و شکل کدها آن را نشان داد.",
        "اگر کدها از ترمینولوژی دیگری است، ستون «ترمینولوژی» را پر کنید.",
        "Some rows do not name the terminology of their code, and its shape told it.",
        "Fill the column of terminologies if the codes are of another one.",
    ),
    "new-terminology": Advice(
        "نام این ترمینولوژی تازه است.", "اگر نادرست نوشته شده، درستش کنید؛ اگر به‌راستی تازه است، چیزی لازم نیست.",
        "The name of this terminology is new.", "Correct it if it is mistyped; if it really is new, nothing needs to be done.",
    ),
    "missing-part": Advice(
        "ردیف نمی‌گوید از کدام بخش فهرست است.", "ستون بخش را پر کنید یا نام بخش را در نام برگه بیاورید.",
        "The row does not say which part of the list it belongs to.",
        "Fill the column of parts, or put the part's name into the sheet's name.",
    ),
    "unknown-reference": Advice(
        "ردیف به کدی اشاره دارد که در این فهرست نیست.", "ردیف آن کد را بیفزایید یا اشاره را درست کنید.",
        "The row refers to a code that this list does not hold.", "Add that row, or correct the reference.",
    ),
    # Values
    "missing-title": Advice(
        "کد هیچ عنوانی ندارد.", "عنوان را بنویسید.", "The code has no title.", "Enter the title.",
    ),
    "missing-value": Advice(
        "خانه خالی است و مقدار دیگری جای آن را گرفته است.", "اگر مقداری دارد، بنویسید.",
        "The cell is empty, and another one stands in for it.", "Enter the value, if there is one.",
    ),
    "required-value": Advice(
        "این خانه نباید خالی باشد.", "مقدار را بنویسید.", "The cell must not be empty.", "Enter the value.",
    ),
    "not-a-number": Advice(
        "در ستون عددها واژه آمده است.", "عدد بنویسید؛ اگر همین واژه‌ها درست است، بماند.",
        "Words stand in a column of numbers.", "Enter a number, or leave it if the words are meant.",
    ),
    "decimal-slash": Advice(
        "عدد با ممیز «/» نوشته شده است.", "اگر عددی که خوانده شد درست نیست، با نقطه یا «٫» بنویسید.",
        "The number is written with a slash.", "If it was not read as meant, write it with a point.",
    ),
    "unknown-choice": Advice(
        "مقدار از مقدارهای شناختهٔ ستون نیست.", "یکی از مقدارهای شناخته را بنویسید.",
        "The value is none of the known ones.", "Enter one of the known values.",
    ),
    "unknown-status": Advice(
        "مقدار شناخته نیست و جای ردیف را نامعلوم می‌کند.", "یکی از مقدارهای نام‌برده را بنویسید.",
        "The value is not known, and it decides where the row belongs.", "Enter one of the values named.",
    ),
    "unknown-mark": Advice(
        "نشانه‌ای ناشناخته در ستون ویژگی است.", "نشانه را درست کنید.",
        "The column holds an unknown mark.", "Correct the mark.",
    ),
    "total-differs": Advice(
        "جمع کل با اجزای آن نمی‌خواند.", "هرکدام را که نادرست است درست کنید.",
        "The total is not the sum of its parts.", "Correct whichever is wrong.",
    ),
    "too-long": Advice(
        "متن خانه بیش از اندازه بلند است.", "متن را کوتاه کنید.", "The text is too long.", "Shorten the text.",
    ),
    "control-character": Advice(
        "نویسهٔ کنترلی پنهانی در متن بود و برداشته شد.", "ببینید متن در جابه‌جایی آسیب ندیده باشد.",
        "An invisible control character was removed.", "Look whether the text was damaged on its way.",
    ),
    "line-break-mended": Advice(
        "شکست خط در عنوان به فاصله برگشت.", _NOTHING_FA, "A line break in a title became a space.", _NOTHING_EN,
    ),
    "look-alike-letters": Advice(
        "حرفی در نام لاتین مانند حرف دیگری است (برای نمونه l به جای I).", "نام را با حرف درست بنویسید.",
        "A Latin name holds a letter that looks like another one.", "Enter the right letter.",
    ),
    "wrong-script": Advice(
        "بیشتر خانه‌های ستون به خط دیگری است.", "ببینید دو ستون یا سرستون‌هایشان جابه‌جا نشده باشد.",
        "Most cells of the column are in another script.", "See whether two columns or their headings are swapped.",
    ),
    "error-cell": Advice(
        "خانه خطای اکسل دارد.", "فرمول را درست کنید یا به جایش مقدار بنویسید.",
        "The cell shows an error of Excel.", "Mend the formula, or replace it by its value.",
    ),
    "formula-without-value": Advice(
        "خانه فرمولی دارد که مقدارش ذخیره نشده است.", "پرونده را در اکسل باز و ذخیره کنید یا مقدار را بنویسید.",
        "The formula has no saved value.", "Open and save the file in Excel, or enter the value.",
    ),
    "formula": Advice(
        "مقدارهای این ستون از فرمول آمده است.", "اگر پرونده را اکسل ذخیره کرده، کاری لازم نیست.",
        "Values of the column come from formulas.", "Nothing, if Excel saved the file.",
    ),
    "merged-cells-filled": Advice(
        "خانه‌های ادغام‌شده برای همهٔ ردیف‌هایشان خوانده شد.", _NOTHING_FA,
        "Merged cells were taken for all of their rows.", _NOTHING_EN,
    ),
    "merged-across": Advice(
        "خانه‌های چند ستون در هم ادغام شده است.", "ادغام را بردارید و هر ستون را پر کنید.",
        "Cells of several columns are merged.", "Unmerge them and fill each column.",
    ),
    # Columns, rows, sheets
    "column-displaced": Advice(
        "ستون دیگری برای همین فیلد برگزیده شده است.", "اگر گزینش درست است کاری لازم نیست؛ وگرنه آن را بردارید.",
        "Another column was chosen for the same field.", "Nothing if the choice is right; otherwise leave it out.",
    ),
    "mapped-heading-absent": Advice(
        "سرستونی که نگاشتش را داده‌اید در پرونده نیست.", "سرستون را همان‌گونه که در برگه است بنویسید.",
        "A heading that was mapped by hand is not in the file.", "Spell the heading as it stands in the sheet.",
    ),
    "unknown-column": Advice(
        "سرستون شناخته نیست و ستون خوانده نشد.", "سرستون را درست کنید، یا نگاشت ستون را هنگام فرستادن بدهید.",
        "The heading is not known and the column was not read.", "Correct the heading, or map the column when importing.",
    ),
    "column-without-heading": Advice(
        "ستون داده دارد ولی سرستون ندارد.", "سرستون را بنویسید یا ستون را پاک کنید.",
        "The column holds data below an empty heading.", "Give it its heading, or delete it.",
    ),
    "list-not-given": Advice(
        "عنوان کدهای فهرست دیگر در این برگه نیست و تنها نگاشت برداشته شد.", "اگر آن فهرست جدا می‌آید کاری لازم نیست.",
        "The sheet has no titles for the other list; only the map was taken.", "Nothing, if that list comes on its own.",
    ),
    "row-passed-over": Advice(
        "ردیف عنوان بخش یا یادداشت است و خوانده نشد.", "اگر باید از فهرست باشد، کدش را بنویسید.",
        "The row is a section title or a note.", "If it was meant to be a row of the list, give it its code.",
    ),
    "section-titles": Advice(
        "ردیف‌هایی که تنها یک نوشته دارند عنوان بخش شمرده شدند و ویژگی ردیف‌های زیر خود شدند.",
        "اگر یکی از آن‌ها خدمتی است که کدش جا مانده، کدش را بنویسید.",
        "Rows that hold a text alone were taken for titles of sections, a property of the rows below them.",
        "If one of them is an item whose code was forgotten, enter its code.",
    ),
    "section-without-part": Advice(
        "عنوانی میان ردیف‌ها نمی‌گوید زیرش کدام بخش است.",
        "بخش را در عنوان یا در ستونی بنویسید.",
        "A title between the rows does not tell the part of what stands below it.",
        "Name the part in the title, or give it a column.",
    ),
    "headings-change": Advice(
        "میان برگه جدولی دیگر با سرستون‌های دیگر آغاز می‌شود؛ ردیف‌هایش خوانده نشد.",
        "جدول دوم را در برگه‌ای جدا بگذارید یا ستون‌هایش را به ترتیب جدول نخست درآورید.",
        "Another table with other headings begins in the sheet; its rows were not read.",
        "Put it into a sheet of its own, or its columns into the order of the first table.",
    ),
    "repeated-heading-differs": Advice(
        "سرستون‌ها تکرار شده‌اند و برخی‌شان شناخته نیست؛ ستون‌ها مانند بالای جدول خوانده شد.",
        "اگر ستونی از این‌جا چیز دیگری است، جدول را در برگه‌ای جدا بگذارید؛ وگرنه سرستون را مانند ردیف نخست بنویسید.",
        "The headings are repeated, some in a spelling that is not known; the columns were read as above.",
        "If a column holds something else from here on, give the table its own sheet; else spell the heading as at the top.",
    ),
    "rows-above-headings": Advice(
        "بالای سرستون‌ها ردیف‌هایی با کد هست که خوانده نشد.",
        "جدول دیگر را در برگه‌ای جدا بگذارید؛ وگرنه ردیف‌ها را به زیر سرستون‌ها ببرید یا پاک کنید.",
        "Rows with codes stand above the headings and were not read.",
        "Put another table into a sheet of its own; else move the rows below the headings, or delete them.",
    ),
    "row-outside-columns": Advice(
        "دادهٔ ردیف بیرون از ستون‌های فهرست است.", "آن را پاک کنید یا به ستون خود ببرید.",
        "The row holds data outside of the known columns.", "Delete it, or move it into the table.",
    ),
    "hidden-row": Advice(
        "ردیف‌های پنهان نیز خوانده شد.", "اگر از فهرست نیست، پاکشان کنید.",
        "Hidden rows were read.", "Delete them if they are not meant.",
    ),
    "hidden-column": Advice(
        "ستون پنهان نیز خوانده شد.", "اگر از فهرست نیست، پاکش کنید.",
        "A hidden column was read.", "Delete it if it is not meant.",
    ),
    "struck-out": Advice(
        "خانه‌های خط‌خورده نیز خوانده شد.",
        "ردیف کد حذف‌شده را پاک کنید یا در ستون «وضعیت» «غیرفعال» بنویسید.",
        "Cells that are struck through were read, too.",
        "Delete the row of a code that is gone, or say so in a column of status.",
    ),
    "cell-notes": Advice(
        "خانه‌هایی یادداشت دارد که خوانده نمی‌شود.",
        "اگر چیزی از فهرست در آن‌هاست، در ستونی بنویسیدش.",
        "Cells have notes, which are not read.",
        "If they say something of the list, give it a column.",
    ),
    "hidden-sheet": Advice(
        "برگهٔ پنهان خوانده نشد.", "اگر از فهرست است، آشکارش کنید.",
        "A hidden sheet was not read.", "Unhide it if it belongs to the list.",
    ),
    "help-sheet": Advice(
        "برگهٔ راهنما یا خلاصه است و از فهرست نیست.", _NOTHING_FA,
        "The sheet explains or sums up.", _NOTHING_EN,
    ),
    "sheet-lacks-column": Advice(
        "برگه به فهرست می‌ماند ولی ستونی لازم را ندارد.", "سرستون را درست کنید یا نگاشت آن را بدهید.",
        "The sheet resembles the list but lacks a column.", "Correct the heading, or map it.",
    ),
    "unknown-sheet": Advice(
        "برگه سرستون‌های فهرست را ندارد و خوانده نشد.", "اگر از فهرست است، سرستون‌هایش را درست کنید.",
        "The sheet has not the headings of the list.", "Correct its headings, if it belongs to the list.",
    ),
    "source-assumed": Advice(
        "دو فهرست سرستون‌ها و کدهای یکسان دارند و چیزی نمی‌گوید این کدام است.",
        "اگر فهرست دیگر است، منبع را برگزینید یا نام برگه را چنان بنویسید که آن را بگوید.",
        "Two lists have the same headings and codes, and nothing tells which of them this is.",
        "If it is the other one, choose the source, or give the sheet a name that tells it.",
    ),
    "old-format": Advice(
        "قالب پرونده همهٔ آنچه را بررسی می‌خواهد نشان نمی‌دهد.", "اگر می‌توانید با قالب xlsx بفرستید.",
        "The format of the file does not tell all that is checked.", "Send .xlsx where there is a choice.",
    ),
    "more-findings": Advice(
        "یافته‌های دیگری از همین گونه هست که یک‌یک نیامده است.", "علت را درست کنید؛ برای همه یکی است.",
        "There are more findings of this kind, not listed one by one.", "Mend the cause: it is the same for all.",
    ),
    # Compared with the current edition
    "rounded-code": Advice(
        "اکسل کد را گرد کرده و رقم آخرش از دست رفته است.", "قالب ستون را «متن» کنید و کد درست را از فهرست اصلی بنویسید.",
        "Excel rounded the code and its last digit is lost.", "Format the column as Text and enter the true code.",
    ),
    "rounded-code-restored": Advice(
        "اکسل کد را گرد کرده بود و از روی عنوان در ویرایش جاری بازیافته شد.", "کد بازیافته را وارسی کنید.",
        "Excel had rounded the code; it was found by its title in the current edition.", "Check the code.",
    ),
    "duplicate-pair": Advice(
        "یک جفت نگاشت دو بار با ویژگی‌های متفاوت آمده است.", "جفت درست را نگه دارید.",
        "A pair stands twice with different properties.", "Keep the right one.",
    ),
    "code-in-other-part": Advice(
        "کد اکنون در بخش دیگری فعال است.", "نخست آن را در آن بخش کنار بگذارید یا فهرست هر دو بخش را با هم بفرستید.",
        "The code is active in another part.", "Retire it there first, or send the lists of both parts together.",
    ),
    "code-restored": Advice(
        "اصلاحیه کدی کنارگذاشته را برمی‌گرداند.", "اگر نباید برگردد، ستون «وضعیت» را پر کنید.",
        "The amendment brings a retired code back.", "If it should stay retired, fill the column of the status.",
    ),
    "active-with-successor": Advice(
        "کد فعال است ولی جانشین دارد.", "وضعیت یا جانشین را درست کنید.",
        "The code is active but names a successor.", "Correct the status or the successor.",
    ),
    "fields-kept": Advice(
        "ستون‌هایی که اصلاحیه ندارد همان ماند که بود.", _NOTHING_FA,
        "Columns that the amendment lacks stayed as they are.", _NOTHING_EN,
    ),
    "row-changes-nothing": Advice(
        "ردیف درست همان است که در ویرایش جاری است.", _NOTHING_FA, "The row changes nothing.", _NOTHING_EN,
    ),
    "back-dated": Advice(
        "فهرست از ویرایش جاری کهنه‌تر است.", "اگر برای پیشینه است، آن را به صورت پیشینه وارد کنید.",
        "The list is older than the current edition.", "If it is meant as history, import it as history.",
    ),
    "not-history": Advice(
        "ویرایشی تازه‌تر از این نیست و این فهرست ویرایش جاری می‌شود.", _NOTHING_FA,
        "There is no newer edition: this list becomes the current one.", _NOTHING_EN,
    ),
    "history-of-some-parts": Advice(
        "برخی بخش‌ها ویرایش تازه‌تر دارد و برخی ندارد.", "آن‌ها را جدا وارد کنید.",
        "Some of the parts have a newer edition and some have none.", "Import them separately.",
    ),
    "history-by-amendment": Advice(
        "پس از این اصلاحیه باز اصلاحیه‌ای آمده است، نه فهرست کامل.", "فهرست کامل آن روز را وارد کنید.",
        "Another amendment came after this one, not a full list.", "Bring in the full list of that day.",
    ),
    "near-terminology": Advice(
        "این ترمینولوژی تازه است و نامش به نام دیگری می‌ماند.",
        "اگر به‌راستی تازه است تأییدش کنید؛ وگرنه شناسه را درست کنید و دوباره وارد کنید.",
        "The terminology is new, and its name is almost another one's.",
        "Confirm it if it really is new; otherwise correct the id and import again.",
    ),
    "other-circular": Advice(
        "ابلاغیهٔ نام‌برده این فهرست را ندارد.", "شمارهٔ ابلاغیه را وارسی کنید؛ اگر درست است، تأییدش کنید.",
        "The circular is not known to carry this list.", "Check its number; confirm it if it is right.",
    ),
    "other-list": Advice(
        "کدهای این فهرست در ویرایش جاری نیست؛ گویا فهرست دیگری است.", "پرونده را وارسی کنید؛ اگر درست است، تأیید کنید.",
        "Hardly any of these codes is in the current edition: it seems to be another list.",
        "Check the file; confirm it if it is right.",
    ),
    "too-few-rows": Advice(
        "فهرست کامل از کمینهٔ خود کوتاه‌تر است.", "اگر تنها چند کد تغییر کرده، آن را به صورت اصلاحیه بفرستید.",
        "The full list is shorter than its minimum.", "If only a few codes change, send it as an amendment.",
    ),
    "too-many-rows": Advice(
        "فهرست از آنچه انتظار می‌رفت بلندتر است.", "ببینید ردیف‌ها تکراری یا از فهرست دیگری نباشد.",
        "The list is longer than expected.", "See whether rows are repeated or of another list.",
    ),
    "many-retired": Advice(
        "فهرست کدهای بسیاری را کنار می‌گذارد.", _FIGURE_FA, "The list would retire many codes.", _FIGURE_EN,
    ),
    "many-changed": Advice(
        "فهرست کدهای بسیاری را تغییر می‌دهد.", _FIGURE_FA, "The list would change many codes.", _FIGURE_EN,
    ),
    "many-added": Advice(
        "اصلاحیه کدهای تازهٔ بسیاری می‌افزاید.", "ببینید کارپوشهٔ فهرستی دیگر نباشد؛ اگر رقم درست است، آن را تأیید کنید.",
        "The amendment would add many new codes.",
        "See whether it is the workbook of another list; confirm the figure if it is right.",
    ),
    "emptied-column": Advice(
        "ستونی که در ویرایش جاری پر است در این فهرست خالی یا صفر است.", _FIGURE_FA,
        "A column that is filled in the current edition is empty or zero here.", _FIGURE_EN,
    ),
    "unknown-parent": Advice(
        "کد والد در فهرست نیست.", "ردیف والد را بیفزایید یا کد والد را درست کنید.",
        "The parent is not in the list.", "Add its row, or correct the parent.",
    ),
    "retired-parent": Advice(
        "کد فعال زیر کدی کنارگذاشته است.", "والد دیگری بدهید یا والد را فعال کنید.",
        "An active code stands below a retired one.", "Give it another parent, or make the parent active.",
    ),
    "parent-circle": Advice(
        "والدها دور می‌زنند و به خود کد برمی‌گردند.", "یکی از والدهای این دور را درست کنید.",
        "The parents lead back to the code itself.", "Correct one of the parents of the circle.",
    ),
    "unknown-successor": Advice(
        "کد جانشین در فهرست نیست.", "ردیف جانشین را بیفزایید یا کد جانشین را درست کنید.",
        "The successor is not in the list.", "Add its row, or correct the successor.",
    ),
    "retired-successor": Advice(
        "جانشین خود کنار گذاشته شده است و جانشینی ندارد.", "جانشینی فعال بدهید یا ستون را خالی بگذارید.",
        "The successor is itself retired and has none.", "Name an active successor, or leave the cell empty.",
    ),
    "successor-circle": Advice(
        "جانشین‌ها دور می‌زنند و به خود کد برمی‌گردند.", "یکی از جانشین‌های این دور را درست کنید.",
        "The successors lead back to the code itself.", "Correct one of the successors of the circle.",
    ),
    "unknown-map-source": Advice(
        "کد مبدأ نگاشت در ترمینولوژی خود نیست.", "کد مبدأ را درست کنید یا نخست فهرست آن را منتشر کنید.",
        "The source code of the pair is not known.", "Correct it, or publish its list first.",
    ),
    "unknown-map-target": Advice(
        "کد مقصد نگاشت در ترمینولوژی خود نیست.", "کد مقصد را درست کنید یا نخست فهرست آن را منتشر کنید.",
        "The target code of the pair is not known.", "Correct it, or publish its list first.",
    ),
    # Decisions of the committee over observed maps
    "decided-pair-dropped": Advice(
        "فهرست جفتی را که کمیته برقرار دانسته است دیگر ندارد؛ جفت برجا می‌ماند.",
        "اگر تصمیم دیگر درست نیست، آن را لغو کنید.",
        "The list no longer carries a pair that the committee decided; the pair stays.", "Revoke the decision if it is outdated.",
    ),
    "decided-already": Advice(
        "همین تصمیم اکنون برجاست.", _NOTHING_FA, "Just this is decided already.", _NOTHING_EN,
    ),
    "pair-differs-in-part": Advice(
        "بخش دیگری از این نگاشت همین جفت را با نوع ارتباط یا ویژگی‌های دیگری دارد.",
        "دو فهرست را یکسان کنید، یا بگذارید کمیته تصمیم بگیرد.",
        "Another part of the map carries the pair with another relationship or other properties.",
        "Make the two lists agree, or have the committee decide.",
    ),
    "against-decision": Advice(
        "فهرست جز آن می‌گوید که کمیته تصمیم گرفته است؛ تصمیم برجا می‌ماند.", "اگر فهرست درست می‌گوید، تصمیم را لغو کنید.",
        "The list says otherwise than the committee decided; the decision stands.", "Revoke the decision if the list is right.",
    ),
    "decisions-contradict": Advice(
        "دربارهٔ یک کد دو چیز ناسازگار نوشته شده است.", "یکی از آن دو را بردارید.",
        "Two things that exclude each other are said of one code.", "Remove one of them.",
    ),
    "decision-replaces": Advice(
        "تصمیم جای تصمیم پیشین را می‌گیرد.", _NOTHING_FA, "The decision takes the place of an earlier one.", _NOTHING_EN,
    ),
    "decision-on-retired-code": Advice(
        "تصمیم دربارهٔ کدی است که کنار گذاشته شده است.", "کد جایگزین را به کار ببرید یا تصمیم را لغو کنید.",
        "The decision names a retired code.", "Use its successor, or revoke the decision.",
    ),
    "decision-agrees": Advice(
        "فهرست‌ها همین را می‌گویند؛ تصمیم اکنون چیزی را تغییر نمی‌دهد.", _NOTHING_FA,
        "The lists say the same: the decision changes nothing now.", _NOTHING_EN,
    ),
    "decision-on-unknown-code": Advice(
        "کدی که تصمیم از آن می‌گوید شناخته نیست.", "کد را درست کنید.",
        "The decision names a code that is not known.", "Correct the code.",
    ),
    "decision-not-standing": Advice(
        "تصمیمی که باید لغو شود دیگر برجا نیست.", "پیش‌نویس را رد کنید.",
        "The decision to be revoked does not stand any more.", "Reject this draft.",
    ),
    "same-title": Advice(
        "چند کد یک عنوان دارند.", "ببینید عنوان‌ها درست است و کدی دو بار با دو شماره نیامده باشد.",
        "Several codes have one title.", "See whether the titles are right and no item has two codes.",
    ),
    "titles-shared": Advice(
        "در این فهرست کدهای بسیاری هم‌عنوان‌اند و یک‌یک نیامده است.", _NOTHING_FA,
        "Many codes of this list share their titles.", _NOTHING_EN,
    ),
}  # fmt: skip

_UNKNOWN = Advice(
    "شرح آن در پیام یافته است.", "پیام یافته را بخوانید.", "Its message says what it means.", "Read its message."
)


def advice_for(rule: str) -> Advice:
    """A rule that a newer part of the program tells, and this table does not know, has its own message at least."""
    return ADVICE.get(rule, _UNKNOWN)
