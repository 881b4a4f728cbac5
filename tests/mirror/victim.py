"""A process to be killed: ``python -m tests.mirror.victim HOME sync URL | import FILE | prune N``.

It prints ``ready``, waits for a line, does its one thing, prints ``done`` and waits for its end.
"""

from __future__ import annotations

import sys
from pathlib import Path

import structlog

from maxa.mirror.archive_file import ArchiveSource
from maxa.mirror.http_source import HttpSource
from maxa.mirror.keep import prune
from maxa.mirror.places import Places
from maxa.mirror.sync import sync


def main(home: str, action: str, what: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    places = Places(Path(home) / "mirror", Path(home) / "shelf")
    print("ready", flush=True)
    sys.stdin.readline()
    if action == "sync":
        sync(places, HttpSource(what))
    elif action == "import":
        sync(places, ArchiveSource(Path(what)))
    else:
        prune(places, int(what))
    print("done", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
