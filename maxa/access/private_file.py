"""Files that hold secrets: for their owner alone, replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

from maxa.shelf.durable import new_file


def write_private(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file, mode 0600; with ``replace=False`` an existing one stays and :class:`FileExistsError` is raised.

    Where root writes another user's file (or into another user's folder), it becomes that user's: a command run by
    sudo must not shut the server out of its own secrets.
    """
    with new_file(path, replace=replace, mode=0o600) as unfinished:
        unfinished.write_bytes(content)
        if os.geteuid() == 0:
            owner = (path if path.exists() else path.parent).stat()
            os.chown(unfinished, owner.st_uid, owner.st_gid)
