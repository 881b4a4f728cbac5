"""Open a workbook of any accepted format, told by its bytes and not by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from importers.biff import xls_facts
from importers.binary_formats import CalamineBook
from importers.cells import Merged, RowBatch
from importers.ods_facts import ods_facts
from importers.package import open_package
from importers.refusals import damaged, refusal
from importers.text_formats import CsvBook, HtmlBook
from importers.xlsb_facts import xlsb_facts
from importers.xlsx import XlsxBook

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second one: an archive without entries
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
# First bytes of what people send by mistake, with its name.
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "PDF؛ شاید نامهٔ ابلاغیه است نه فهرست آن", "a PDF, perhaps the letter and not its list"),
    (b"Rar!", "بایگانی RAR؛ نخست آن را باز کنید", "a RAR archive: unpack it first"),
    (b"7z\xbc\xaf", "بایگانی 7z؛ نخست آن را باز کنید", "a 7z archive: unpack it first"),
    (b"\x1f\x8b", "بایگانی gzip؛ نخست آن را باز کنید", "a gzip archive: unpack it first"),
    (b"\x89PNG", "تصویر", "a picture"),
    (b"\xff\xd8\xff", "تصویر", "a picture"),
    (b"GIF8", "تصویر", "a picture"),
    (b"{\\rtf", "سند RTF", "an RTF document"),
    (b"SQLite format 3", "پایگاه دادهٔ SQLite", "an SQLite database"),
    (b"\x7fELF", "برنامهٔ اجرایی", "a program"),
    (b"MZ", "برنامهٔ اجرایی", "a program"),
)


class Sheet(Protocol):
    """What every format's sheet offers. ``size`` and ``RowBatch.done`` share one unit, for progress."""

    name: str
    hidden: bool
    size: int
    hidden_columns: list[tuple[int, int]]

    @property
    def merged(self) -> list[Merged]: ...

    @property
    def notes(self) -> list[tuple[int, str]]:
        """Cells (row, letters) with notes of people; of .xlsx alone."""
        ...

    def batches(self) -> Iterator[RowBatch]: ...


class Book(Protocol):
    """``tells_all`` is false where formulas, error cells, number formats and hidden rows can't be seen."""

    kind: str
    tells_all: bool

    @property
    def sheets(self) -> Sequence[Sheet]: ...


def open_workbook(path: Path, name: str | None = None) -> Book:
    """``name`` is what the one sheet of a file without sheets is called; default: the file's own name.

    Raises BadWorkbook for what is no workbook, or is empty, encrypted, damaged or unsafe to unpack."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise damaged(f"file: {error.strerror}") from error
    if not head.strip(b"\0 \t\r\n"):
        raise refusal("empty")
    if head.startswith(_ZIP):
        return _zipped(path)
    if head.startswith(_OLE):
        return _ole(path)
    for magic, seen_fa, seen_en in _OTHERS:
        if head.startswith(magic):
            raise _not_a_workbook(seen_fa, seen_en)
    return _text(path, head, name or path.stem)


def _zipped(path: Path) -> Book:
    package = open_package(path)
    names = package.names
    if any(name.endswith("xl/workbook.bin") for name in names):
        return CalamineBook(path, "xlsb", xlsb_facts(package))
    if "encryptedpackage" in names:
        raise refusal("encrypted")
    if "mimetype" in package and package.read("mimetype", 1 << 10).strip().startswith(_ODS):
        return CalamineBook(path, "ods", ods_facts(package))
    if any(name.startswith("xl/") for name in names) or any(name.endswith("workbook.xml") for name in names):
        return XlsxBook(package)
    if any(name.startswith("word/") for name in names):
        raise _not_a_workbook("سند Word", "a Word document")
    if any(name.startswith("ppt/") for name in names):
        raise _not_a_workbook("ارائهٔ PowerPoint", "a PowerPoint presentation")
    if not names:
        raise refusal("empty")
    raise _not_a_workbook("بایگانی zip؛ نخست آن را باز کنید", "a zip archive: unpack it first")


def _ole(path: Path) -> Book:
    """The container of old .xls files, and of .xlsx files with a password (MS-OFFCRYPTO §2.3)."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refusal("encrypted")
    if not any(name.encode("utf-16-le") + b"\0\0" in content for name in ("Workbook", "Book")):
        if "WordDocument".encode("utf-16-le") in content:
            raise _not_a_workbook("سند Word", "a Word document")
        raise _not_a_workbook("سندی جز کاربرگ", "a document of another kind")
    return CalamineBook(path, "xls", xls_facts(path))


def _text(path: Path, head: bytes, name: str) -> Book:
    start = _readable(head).lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise _not_a_workbook(
            "XML Spreadsheet 2003؛ آن را در اکسل به xlsx ذخیره کنید", "XML Spreadsheet 2003: save it as .xlsx in Excel"
        )
    if start.startswith(("mime-version:", "from:")) and "multipart/related" in start:
        raise _not_a_workbook(
            "صفحهٔ MHTML؛ آن را در اکسل به xlsx ذخیره کنید", "an MHTML page: save it as .xlsx in Excel"
        )
    if start.startswith("<"):
        book = HtmlBook(path, name)
        if not book.sheets:
            raise _not_a_workbook("صفحهٔ HTML یا XML بی‌جدول", "an HTML or XML page without a table")
        return book
    table = CsvBook(path, name)
    if not any(len(values) > 1 for sheet in table.sheets for _, values in sheet.rows[:1_000]):
        raise _not_a_workbook("متنی بی‌ستون", "text without columns")
    return table


def _readable(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
    return head.decode("utf-8", errors="replace")


def _not_a_workbook(seen_fa: str, seen_en: str) -> Exception:
    return refusal("not-a-workbook", seen_fa=seen_fa, seen_en=seen_en)
