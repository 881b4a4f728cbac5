"""Files that hold secrets: for their owner alone, replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

from maxa.shelf.durable import new_file


def write_private(path: Path, content: bytes) -> None:
    """Replace a file, mode 0600. Where root writes another user's file, it stays that user's: a command run by sudo
    must not shut the server out of its own secrets."""
    with new_file(path, mode=0o600) as unfinished:
        unfinished.write_bytes(content)
        if os.geteuid() == 0:
            before = path if path.exists() else path.parent
            owner = before.stat()
            os.chown(unfinished, owner.st_uid, owner.st_gid)
