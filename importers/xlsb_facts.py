"""Hidden rows and columns, error cells and formulas of .xlsb, which calamine passes over ([MS-XLSB] §2.4)."""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterator
from typing import IO

from importers.package import Package
from importers.refusals import broken_input_is_refused
from importers.side_facts import ERRORS, SideFacts, as_ranges
from importers.xml import elements
from maxa.errors import BadWorkbook

_ROW, _ERROR, _FORMULAS, _COLUMN, _SHEET = 0, 3, (8, 9, 10, 11), 60, 156
_FORMULA_ERROR = 11
_LONGEST = 1 << 20


def xlsb_facts(package: Package) -> dict[str, SideFacts]:
    """Facts by the sheet's name; a sheet that is not understood has none."""
    found: dict[str, SideFacts] = {}
    try:
        targets = {
            given["Id"]: posixpath.normpath(posixpath.join("xl", given.get("Target", "")))
            for name, given in elements(package.read("xl/_rels/workbook.bin.rels"), "rels")
            if name == "Relationship" and "Id" in given
        }
        with package.open("xl/workbook.bin") as stream, broken_input_is_refused("workbook.bin"):
            names = [_sheet_name(body) for kind, body in _records(stream) if kind == _SHEET]
    except BadWorkbook:
        return {}
    for name, relation in names:
        part = targets.get(relation, "")
        if part not in package:
            continue
        try:
            with package.open(part) as stream, broken_input_is_refused(part):
                found[name] = _facts(stream)
        except BadWorkbook:
            continue
    return found


def _records(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    while head := stream.read(1):
        kind = head[0]
        if kind & 0x80:
            kind = kind & 0x7F | (stream.read(1)[0] & 0x7F) << 7
        size = shift = 0
        for _ in range(4):
            byte = stream.read(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if size > _LONGEST:
            raise ValueError("a record of more than a megabyte")
        yield kind, stream.read(size)


def _sheet_name(body: bytes) -> tuple[str, str]:
    """Name and relationship of a BrtBundleSh."""
    length = struct.unpack_from("<I", body, 8)[0]
    relation = body[12 : 12 + 2 * length].decode("utf-16-le")
    offset = 12 + 2 * length
    length = struct.unpack_from("<I", body, offset)[0]
    return body[offset + 4 : offset + 4 + 2 * length].decode("utf-16-le"), relation


def _facts(stream: IO[bytes]) -> SideFacts:
    facts = SideFacts()
    hidden: list[int] = []
    row = 0
    for kind, body in _records(stream):
        if kind == _ROW:
            row = struct.unpack_from("<I", body)[0] + 1
            if len(body) > 11 and body[11] & 0x10:
                hidden.append(row)
        elif kind == _COLUMN:
            first, last, flags = struct.unpack_from("<II8xH", body)
            if flags & 1:
                facts.hidden_columns.append((first + 1, last + 1))
        elif kind == _ERROR or kind in _FORMULAS:
            column = struct.unpack_from("<I", body)[0] + 1
            if kind in _FORMULAS:
                facts.add_formula(row, column)
            if kind in (_ERROR, _FORMULA_ERROR):
                facts.add_error(row, column, ERRORS.get(body[8], "#N/A"))
    facts.hidden_rows = as_ranges(hidden)
    return facts
