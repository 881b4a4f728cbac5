"""Verify a whole shelf against its catalogue, without the registry: a mirror checks its copy the same way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from maxa.errors import MaxaError, Unavailable
from maxa.shelf.catalogue import CATALOGUE_NAME, Edition, load_catalogue
from maxa.shelf.reading import CodesWhere
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import digests_of, open_sealed


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    message_fa: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Report:
    serial: int
    files: int
    problems: list[Problem]


def check_shelf(
    folder: Path, *, deep: bool = True, progress: Callable[[str, int, int], None] = lambda *_: None
) -> Report:
    """Open every listed file, compare bytes and manifest, and with ``deep`` every row's digest and SQLite's own check."""
    try:
        catalogue = load_catalogue((folder / CATALOGUE_NAME).read_bytes())
    except FileNotFoundError:
        problem = Problem(
            CATALOGUE_NAME, "فهرست قفسه نیست؛ هنوز چیزی منتشر نشده است؟", "missing: is nothing published yet?"
        )
        return Report(0, 0, [problem])
    except Unavailable as error:
        return Report(0, 0, [Problem(CATALOGUE_NAME, error.detail_fa, error.detail_en)])
    editions = [e for t in catalogue.terminologies for e in t.editions if e.kept]
    problems: list[Problem] = []
    for done, edition in enumerate(editions):
        progress("check", done, len(editions))
        found = _check_edition(folder, edition, deep)
        if found is not None:
            problems.append(found)
    if catalogue.code_index is not None:
        try:
            CodesWhere(folder / catalogue.code_index.file, catalogue.code_index)
        except MaxaError as error:
            problems.append(Problem(catalogue.code_index.file, error.detail_fa, error.detail_en))
    return Report(catalogue.serial, len(editions) + 1, problems)


def _check_edition(folder: Path, edition: Edition, deep: bool) -> Problem | None:
    try:
        release = SealedRelease(folder / edition.file, edition)
        if deep:
            connection = open_sealed(folder / edition.file)
            try:
                manifest = release.manifest
                sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok" and digests_of(
                    connection, manifest.kind
                ) == (edition.digest, manifest.history_digest)
            finally:
                connection.close()
            if not sound:
                return Problem(edition.file, "ردیف‌ها با شناسنامه نمی‌خوانند.", "its rows do not match its digest.")
    except MaxaError as error:
        return Problem(edition.file, error.detail_fa, error.detail_en)
    except sqlite3.Error as error:
        return Problem(edition.file, "خوانده نمی‌شود.", f"it can't be read ({type(error).__name__}).")
    return None
