"""What the reading child leaves in its folder for the parent: ``extract.json`` and ``findings.jsonl``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from importers.refusals import damaged
from importers.rows import Expected, Extract, Finding, Severity, SheetSummary, Table
from maxa.errors import BadWorkbook

_RESULT, _FINDINGS = "extract.json", "findings.jsonl"


def leave_extract(extract: Extract, folder: Path) -> None:
    """The result is written last: a child that died before left none."""
    with (folder / _FINDINGS).open("wb") as lines:
        for finding in extract.findings:
            lines.write(orjson.dumps(finding, option=orjson.OPT_APPEND_NEWLINE))
    tables = [
        {"kind": t.kind, "terminology": t.terminology, "part": t.part, "path": t.path.name, "rows": t.rows,
         "expected": t.expected, "title_fa": t.title_fa, "title_en": t.title_en, "source": t.source, "target": t.target}
        for t in extract.tables
    ]  # fmt: skip
    _leave(
        {
            "source": extract.source,
            "importer_version": extract.importer_version,
            "tables": tables,
            "sheets": extract.sheets,
        },
        folder,
    )


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
    tables = [
        Table(**{**table, "path": folder / table["path"], "expected": Expected(**table["expected"])})
        for table in result["tables"]
    ]
    sheets = [SheetSummary(**sheet) for sheet in result["sheets"]]
    with (folder / _FINDINGS).open("rb") as lines:
        findings = [_finding(orjson.loads(line)) for line in lines]
    for table in tables:
        if not table.path.is_file():
            raise damaged(f"{table.path.name} missing")
    return Extract(result["source"], result["importer_version"], tables, findings, sheets)


def _finding(fields: dict[str, Any]) -> Finding:
    return Finding(**{**fields, "severity": Severity(fields["severity"])})
