"""The process that checks one list: ``python -m maxa.listcheck``, started by running.py and by nothing else.

Whatever a hostile workbook does, it does it here.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from importers.refusals import refusal
from maxa.errors import BadWorkbook
from maxa.limited import leave_result, take_task

_MOST_LACKING = 200_000  # rows of the sheet that lists what the list lacks


def main() -> None:
    task = take_task()
    work = _rows if "most" in task else _check
    leave_result(lambda: work(task), too_large=refusal("too-large", limit=task["memory"] >> 20))


def _rows(task: dict[str, Any]) -> dict[str, Any]:
    from importers.workbook import open_workbook  # under the limits
    from maxa.listcheck.rows import rows_in, rows_of_text

    path = Path(task["path"])
    try:
        return {"rows": rows_in(open_workbook(path, Path(task["filename"]).stem), task["most"])}
    except BadWorkbook as error:
        if (
            error.data.get("reason") != "not-a-workbook"
            or (rows := rows_of_text(path.read_bytes(), task["most"])) is None
        ):
            raise
        return {"rows": rows}


def _check(task: dict[str, Any]) -> dict[str, Any]:
    from importers.workbook import open_workbook  # under the limits
    from maxa.gateway.reading import Reading
    from maxa.listcheck.comparing import SHOWN, compare, lacking
    from maxa.listcheck.reading import lines_of, lists_in
    from maxa.shelf.reading import Shelf

    shelf = Shelf(Path(task["shelf"]))
    reading = Reading(shelf, shelf.catalogue())
    bound = reading.bind(task["terminology"])

    def known(texts: Collection[str]) -> int:
        published = bound.release.published(set(texts))
        return sum(text in published for text in texts)

    places = lists_in(open_workbook(Path(task["path"]), Path(task["filename"]).stem), known)
    told = compare((line for place in places for line in lines_of(place)), reading, bound)
    if not told.rows:
        raise refusal("empty")
    missing = list(lacking(bound, told.listed))
    if task["target"] is not None:
        from maxa.listcheck.marked import write_marked

        headings = {place.sheet.name: place.heading for place in places}
        write_marked(task, told, missing[:_MOST_LACKING], headings, {p.sheet.name: p.after for p in places if p.after})
    return {
        "version": bound.edition.version,
        "sheets": [place.sheet.name for place in places],
        "rows": told.rows,
        "right": told.right,
        "counts": dict(told.counts),
        "issues": [_issue(line, item) for line, item in told.issues[:SHOWN]],
        "issue_rows": len(told.issues),
        "lacking_count": len(missing),
        "lacking": [{"code": one.code, "title_fa": one.title_fa, "title_en": one.title_en} for one in missing[:SHOWN]],
    }


def _issue(line: Any, item: dict[str, Any]) -> dict[str, Any]:
    return {"sheet": line.sheet, "row": line.row, "column": line.column, **item}


if __name__ == "__main__":
    main()
