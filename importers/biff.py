"""The records of an old .xls workbook that calamine passes over ([MS-XLS], and [MS-CFB] for its container).

Read for side facts alone: values come from calamine. What is not understood gives no facts, and never an error.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from importers.cells import BUILTIN_FORMATS, zeros_of_format
from importers.side_facts import ERRORS, SideFacts, as_ranges

_BIFF8 = 0x0600
_BOF, _EOF, _BOUNDSHEET, _FORMAT, _XF, _FILEPASS = 0x809, 0x0A, 0x85, 0x41E, 0xE0, 0x2F
_ROW, _COLINFO, _BOOLERR, _FORMULA, _NUMBER, _RK, _MULRK = 0x208, 0x7D, 0x205, 0x06, 0x203, 0x27E, 0xBD
_END = 0xFFFFFFF8  # from here on a sector number is a mark and no sector
_ROOT, _STREAM = 5, 2


def xls_facts(path: Path) -> dict[str, SideFacts] | None:
    """Facts by the sheet's name; ``None`` when the file is older than Excel 97, encrypted, or not understood."""
    try:
        book = _stream(path.read_bytes())
        return _facts(book) if book is not None else None
    except (struct.error, IndexError, ValueError, UnicodeError):
        return None


def _stream(content: bytes) -> bytes | None:
    """The stream ``Workbook`` of the compound file."""
    sector = 1 << min(struct.unpack_from("<H", content, 30)[0], 16)
    small = 1 << min(struct.unpack_from("<H", content, 32)[0], 16)
    fat_count, first_entry = struct.unpack_from("<I", content, 44)[0], struct.unpack_from("<I", content, 48)[0]
    cutoff, first_small, _, first_more, more_count = struct.unpack_from("<IIIII", content, 56)
    most = len(content) // sector + 1

    def at(number: int) -> bytes:
        return content[(number + 1) * sector : (number + 2) * sector]

    places = list(struct.unpack_from("<109I", content, 76))
    more = first_more
    for _ in range(min(more_count, most)):
        if more >= _END:
            break
        entries = struct.unpack(f"<{sector // 4}I", at(more))
        places += entries[:-1]
        more = entries[-1]
    fat: list[int] = []
    for place in places[: min(fat_count, most)]:
        if place < _END:
            fat += struct.unpack(f"<{sector // 4}I", at(place))

    def chain(number: int, table: list[int], longest: int) -> Iterator[int]:
        for _ in range(longest):
            if number >= _END or number >= len(table):
                return
            yield number
            number = table[number]

    entries_bytes = b"".join(at(number) for number in chain(first_entry, fat, most))
    root = stream = None
    for offset in range(0, len(entries_bytes) - 127, 128):
        entry = entries_bytes[offset : offset + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", errors="replace")
        start, size = struct.unpack_from("<II", entry, 116)
        if entry[66] == _ROOT:
            root = (start, size)
        elif entry[66] == _STREAM and name == "Workbook":
            stream = (start, size)
    if stream is None:
        return None
    start, size = stream
    if size >= cutoff or root is None:
        return b"".join(at(number) for number in chain(start, fat, most))[:size]
    held = b"".join(at(number) for number in chain(root[0], fat, most))
    table: list[int] = []
    for number in chain(first_small, fat, most):
        table += struct.unpack(f"<{sector // 4}I", at(number))
    pieces = (held[number * small : (number + 1) * small] for number in chain(start, table, len(held) // small + 1))
    return b"".join(pieces)[:size]


def _records(book: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream, without those of substreams within it (charts)."""
    depth = 0
    while offset + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, offset)
        body = book[offset + 4 : offset + 4 + length]
        offset += 4 + length
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth == 1:
            yield kind, body


def _facts(book: bytes) -> dict[str, SideFacts] | None:
    sheets: list[tuple[str, int]] = []
    codes = dict(BUILTIN_FORMATS)
    formats: list[str] = []
    for kind, body in _records(book, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            return None
        if kind == _FILEPASS:
            return None
        if kind == _BOUNDSHEET and body[5] in (0, 1):
            sheets.append((_text(body[8:], body[6], body[7]), struct.unpack_from("<I", body)[0]))
        elif kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", body)
            codes[number] = _text(body[5:], length, wide)
        elif kind == _XF:
            formats.append(codes.get(struct.unpack_from("<H", body, 2)[0], ""))
    zeros = {number: code for number, code in enumerate(formats) if zeros_of_format(code)}
    return {name: _sheet(book, offset, zeros) for name, offset in sheets}


def _text(content: bytes, length: int, flags: int) -> str:
    return content[: length * 2].decode("utf-16-le") if flags & 1 else content[:length].decode("latin-1")


def _sheet(book: bytes, offset: int, zeros: dict[int, str]) -> SideFacts:
    facts = SideFacts()
    hidden: list[int] = []
    for kind, body in _records(book, offset):
        if kind == _ROW:
            row, flags = struct.unpack_from("<H10xI", body)
            if flags & 0x20:
                hidden.append(row + 1)
        elif kind == _COLINFO:
            first, last, flags = struct.unpack_from("<HH4xH", body)
            if flags & 1:
                facts.hidden_columns.append((first + 1, last + 1))
        elif kind == _BOOLERR:
            row, column, _, value, is_error = struct.unpack_from("<HHHBB", body)
            if is_error:
                facts.add_error(row + 1, column + 1, ERRORS.get(value, "#N/A"))
        elif kind == _FORMULA:
            row, column = struct.unpack_from("<HH", body)
            facts.add_formula(row + 1, column + 1)
            if body[12:14] == b"\xff\xff" and body[6] == 2:
                facts.add_error(row + 1, column + 1, ERRORS.get(body[8], "#N/A"))
        elif kind in (_NUMBER, _RK):
            row, column, style = struct.unpack_from("<HHH", body)
            if style in zeros:
                facts.add_format(row + 1, column + 1, zeros[style])
        elif kind == _MULRK and zeros:
            row, column = struct.unpack_from("<HH", body)
            for at in range(4, len(body) - 2, 6):
                style = struct.unpack_from("<H", body, at)[0]
                if style in zeros:
                    facts.add_format(row + 1, column + 1 + (at - 4) // 6, zeros[style])
    facts.hidden_rows = as_ranges(hidden)
    return facts
