"""From a circular's workbook to checked rows. Knows no database and no web.

``extract`` reads one workbook in a limited child process; ``SOURCES`` holds the declared lists, ``source_for`` finds
the one that a circular carries, and ``VERSION`` changes whenever the same bytes may give other rows.
"""

from __future__ import annotations

from importers.extraction import extract
from importers.sources import SOURCES, source_for
from importers.version import VERSION

__all__ = ["SOURCES", "VERSION", "extract", "source_for"]
