"""Processor time of a process and all that it started: what can be compared while other work shares the cores."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of_tree(root: int) -> float:
    """User and system time of a process, of its descendants, and of those that have ended (Linux: proc(5)).

    Raises ValueError for a process that is none: 0 is the parent of everything."""
    if root < 1:
        raise ValueError(f"{root} is no process")
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended: its parent's figures have it
            continue
        pid = int(folder.name)
        children.setdefault(int(fields[1]), []).append(pid)
        spent[pid] = sum(map(int, fields[11:15])) / _TICKS
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        total += spent.get(pid, 0.0)
        todo += children.get(pid, [])
    return total
