"""Any new list, and any map: sources that are only used when a person asks for them, since nearly every workbook fits.

What is not known of a list is not guessed: columns that are not declared become properties under their own headings, as
text, so that ``010`` stays ``010`` and the same list gives the same properties from every kind of file.
"""

from __future__ import annotations

from importers.codes import Code
from importers.columns import RELATIONSHIP, ROW_NUMBERS, STATUS_COLUMN, parent, successor
from importers.declare import Column, Pairs, PartBy, Sheet, Source, TerminologyBy
from importers.fields import Description, LatinText, PersianText, Title

# Everything printable in ASCII but blanks, with a letter or a digit in it.
ANY_CODE = Code(
    r"(?=[!-/:-@\[-`{-~]*[0-9A-Za-z])[!-~]{1,100}",
    "نویسه‌های لاتین و رقم، بی‌فاصله",
    "Latin letters, digits and signs, without spaces",
    padded=True,
    loose=True,
)
TERMINOLOGY_ID = Code(
    r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*",
    "شناسهٔ لاتین یک ترمینولوژی، مانند LNC",
    "the id of a terminology, like LNC",
)
PART_ID = Code(
    r"(?=.{1,40}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*", "نام لاتین بخش، مانند clinical", "the name of a part, like clinical"
)

GENERIC = Source(
    name="generic",
    title_fa="فهرستی دیگر (کد و عنوان)",
    title_en="any other list (code and title)",
    recognised=False,
    sheets=(
        Sheet(
            terminology=TerminologyBy("terminology"),
            part=PartBy("part", default=""),
            columns=(
                Column("ترمینولوژی|terminology|terminology_id|شناسه ترمینولوژی"
                       "||نام ترمینولوژی|code system|system", "terminology", TERMINOLOGY_ID, required=True),
                Column("کد|code|شناسه|coded_string|کد آیتم|کد خدمت|کد دارو|کد کالا|item code|drug code|service code", "code",
                       ANY_CODE, key=True),
                Column("عنوان فارسی|عنوان|نام|نام فارسی|شرح|title_fa|value|مقدار|معنی|نام خدمت|نام دارو|نام کالا"
                       "||شرح خدمت|شرح کالا", "title_fa", PersianText),
                Column("عنوان لاتین|نام لاتین|عنوان انگلیسی|نام انگلیسی|title_en|title|name|display|drug name|item name||description",
                       "title_en", LatinText),
                STATUS_COLUMN,
                Column("بخش|part", "part", PART_ID),
                parent(ANY_CODE),
                successor(ANY_CODE),
            ),
            any_of=("title_fa", "title_en"),
            ignore=ROW_NUMBERS,
            rest=Description,
        ),
    ),
)  # fmt: skip


def generic_map(known: tuple[Column, ...] = ()) -> Source:
    """``known``: properties that pairs have in declared lists, so that they come back as they went out."""
    pairs = Pairs(
        source=TerminologyBy("source_terminology"),
        source_field="source",
        target=TerminologyBy("target_terminology"),
        target_field="target",
        properties=("source_title", "target_title", *(column.field for column in known)),
        relationship_by="relationship",
        status_by="status",
    )
    sheet = Sheet(
        terminology="",
        part=PartBy("part", default=""),
        columns=(
            Column("ترمینولوژی مبدأ|source terminology|source_terminology|از ترمینولوژی||source system", "source_terminology",
                   TERMINOLOGY_ID, required=True),
            Column("کد مبدأ|source code|source|source_code|از کد", "source", ANY_CODE, key=True),
            Column("عنوان مبدأ|source title|source name|source_title", "source_title", Title),
            Column("ترمینولوژی مقصد|target terminology|target_terminology|destination terminology|به ترمینولوژی||target system",
                   "target_terminology", TERMINOLOGY_ID, required=True),
            Column("کد مقصد|target code|target|target_code|destination code|به کد", "target", ANY_CODE, required=True),
            Column("عنوان مقصد|target title|target name|destination name|target_title", "target_title", Title),
            Column("نوع ارتباط|relationship|relation type|رابطه", "relationship", RELATIONSHIP),
            STATUS_COLUMN,
            Column("بخش|part", "part", PART_ID),
            *known,
        ),
        ignore=ROW_NUMBERS,
        maps=(pairs,),
        rest=Description,
    )  # fmt: skip
    return Source(
        name="generic-map",
        title_fa="نگاشتی دیگر (کد مبدأ و کد مقصد)",
        title_en="any other map (source code and target code)",
        recognised=False,
        sheets=(sheet,),
    )
