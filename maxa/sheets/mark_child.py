"""The process that marks one workbook: ``python -m maxa.sheets.mark_child``, started by mark.py and by nothing else.

Whatever a hostile workbook does, it does it here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from importers.refusals import refusal
from maxa.limited import leave_result, take_task


def main() -> None:
    task = take_task()
    leave_result(lambda: _mark(task), too_large=refusal("too-large", limit=task["memory"] >> 20))


def _mark(task: dict[str, Any]) -> dict[str, int]:
    from maxa.sheets.marking import mark_file  # openpyxl comes under the limits as well

    return mark_file(
        Path(task["path"]),
        orjson.loads(Path(task["findings"]).read_bytes()),
        Path(task["target"]),
        filename=task["filename"],
        headers=task["headers"],
    )


if __name__ == "__main__":
    main()
