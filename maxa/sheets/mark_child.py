"""The process that marks one workbook: ``python -m maxa.sheets.mark_child``, started by mark.py and by nothing else.

Its task is JSON on standard input. It limits itself before it touches the file; whatever a hostile workbook does, it
does it here.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from importers.refusals import refusal
from maxa.errors import BadWorkbook
from maxa.limits import limit_this_process


def main() -> None:
    task = orjson.loads(sys.stdin.buffer.read())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    if os.getppid() != task["parent"]:  # gone before the kernel knew of our wish to die with it
        os._exit(1)
    limit_this_process(memory=task["memory"], seconds=task["seconds"])
    gc.disable()  # a workbook of many cells is no garbage, and looking for some takes a third of the time
    result: dict[str, Any]
    try:
        result = _mark(task)
    except BadWorkbook as error:
        result = _refused(error)
    except MemoryError:
        result = {}
    if not result:  # the frames of the failed call are gone by now
        _return_memory()
        result = _refused(refusal("too-large", limit=task["memory"] >> 20))
    Path(task["result"]).write_bytes(orjson.dumps(result))


def _refused(error: BadWorkbook) -> dict[str, Any]:
    return {"refused": {"fa": error.detail_fa, "en": error.detail_en, "data": error.data}}


def _mark(task: dict[str, Any]) -> dict[str, int]:
    from maxa.sheets.marking import mark_file  # openpyxl comes under the limits as well

    return mark_file(
        Path(task["path"]),
        orjson.loads(Path(task["findings"]).read_bytes()),
        Path(task["target"]),
        filename=task["filename"],
        headers=task["headers"],
    )


def _return_memory() -> None:
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
