"""What the reading child leaves in its folder for the parent: ``extract.json`` and ``findings.jsonl``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from importers.refusals import damaged
from importers.rows import Expected, Extract, Finding, Severity, SheetSummary, Table
from maxa.errors import BadWorkbook

_RESULT, _FINDINGS, _ABOUT = "extract.json", "findings.jsonl", ".about"

TakeRows = Callable[[Table, bytes], None]


def leave_extract(extract: Extract, folder: Path) -> None:
    """The result is written last: a child that died before left none."""
    with (folder / _FINDINGS).open("wb") as lines:
        for finding in extract.findings:
            lines.write(orjson.dumps(finding, option=orjson.OPT_APPEND_NEWLINE))
    tables = [_about(table) for table in extract.tables]
    _leave(
        {
            "source": extract.source,
            "importer_version": extract.importer_version,
            "tables": tables,
            "sheets": extract.sheets,
        },
        folder,
    )


def _about(t: Table) -> dict[str, Any]:
    return {
        "kind": t.kind, "terminology": t.terminology, "part": t.part, "path": t.path.name, "rows": t.rows,
        "expected": t.expected, "title_fa": t.title_fa, "title_en": t.title_en, "source": t.source, "target": t.target,
        "filled": t.filled,
    }  # fmt: skip


def leave_about(table: Table, folder: Path) -> None:
    """Say what a spool file that was just begun will hold, so that its rows can be taken while it grows."""
    about = folder / f"{table.path.name}{_ABOUT}"
    unfinished = about.with_suffix(".tmp")
    unfinished.write_bytes(orjson.dumps(_about(table)))
    unfinished.rename(about)


class RowsAsTheyCome:
    """Hands over the spool files' lines while the child still writes them. A row that was spooled stays."""

    def __init__(self, folder: Path, take: TakeRows) -> None:
        self._folder, self._take = folder, take
        self._taken: dict[str, int] = {}
        self._tables: dict[str, Table] = {}

    def drain(self, *, at_least: int = 1) -> None:
        """Hand over whole lines from every file that has ``at_least`` so many new bytes."""
        for about in sorted(self._folder.glob(f"*{_ABOUT}")):
            name = about.name.removesuffix(_ABOUT)
            if name not in self._tables:
                self._tables[name] = _table(orjson.loads(about.read_bytes()), self._folder)
            table, done = self._tables[name], self._taken.get(name, 0)
            if table.path.stat().st_size - done < at_least:
                continue
            with table.path.open("rb") as spooled:
                spooled.seek(done)
                block = spooled.read()
            whole = block.rfind(b"\n") + 1
            if whole:
                self._take(table, block[:whole])
                self._taken[name] = done + whole


def leave_refusal(refused: BadWorkbook, folder: Path) -> None:
    _leave({"refused": {"fa": refused.detail_fa, "en": refused.detail_en, "data": refused.data}}, folder)


def _leave(result: dict[str, Any], folder: Path) -> None:
    (folder / _RESULT).write_bytes(orjson.dumps(result))


def take_over(folder: Path) -> Extract | None:
    """``None`` when the child left nothing whole. Raises the BadWorkbook that it left."""
    try:
        result = orjson.loads((folder / _RESULT).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    if "refused" in result:
        refused = result["refused"]
        raise BadWorkbook(refused["fa"], refused["en"], data=refused["data"])
    tables = [_table(table, folder) for table in result["tables"]]
    sheets = [SheetSummary(**sheet) for sheet in result["sheets"]]
    with (folder / _FINDINGS).open("rb") as lines:
        findings = [_finding(orjson.loads(line)) for line in lines]
    for table in tables:
        if not table.path.is_file():
            raise damaged(f"{table.path.name} missing")
    return Extract(result["source"], result["importer_version"], tables, findings, sheets)


def _table(about: dict[str, Any], folder: Path) -> Table:
    return Table(**{**about, "path": folder / about["path"], "expected": Expected(**about["expected"])})


def _finding(fields: dict[str, Any]) -> Finding:
    return Finding(**{**fields, "severity": Severity(fields["severity"])})
