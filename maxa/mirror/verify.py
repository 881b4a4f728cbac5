"""Hold everything that a mirror has against its signatures, from the root that a person handed over down to each row,
without asking anyone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from maxa.errors import MaxaError
from maxa.mirror.accept import as_wanted, files_of, is_accepted
from maxa.mirror.client import Client
from maxa.mirror.download import Progress, is_there
from maxa.mirror.places import Places, check_readable
from maxa.mirror.sharing import missing_links
from maxa.mirror.source import Piece
from maxa.mirror.sync import held_catalogue
from maxa.mirror.troubles import NotThere, Refused
from maxa.shelf.catalogue import CATALOGUE_NAME
from maxa.shelf.check import Problem, check_shelf
from maxa.shelf.standing import read_standing


@dataclass(frozen=True, slots=True)
class Verified:
    serial: int
    files: int
    problems: list[Problem]
    expires: datetime | None


class FolderSource:
    """The shelf's own folder as a source of metadata."""

    def __init__(self, shelf: Path) -> None:
        self.shelf = shelf
        self.name = str(shelf)

    def metadata(self, name: str, limit: int) -> bytes:
        try:
            content = (self.shelf / name).read_bytes()
        except OSError:
            raise NotThere(f"{name} در قفسه نیست.", f"{name} is missing from the shelf.") from None
        if len(content) > limit:
            raise Refused.of("tampered", name, f"longer than {limit} bytes")
        return content

    @contextmanager
    def piece(self, name: str, start: int, length: int) -> Iterator[Piece]:
        raise NotThere(name, name)
        yield  # pragma: no cover

    def clock(self) -> float | None:
        return None

    def close(self) -> None:
        return


def verify(places: Places, *, deep: bool = True, progress: Progress = lambda *_: None) -> Verified:
    """Every problem there is: of the signatures, of the catalogue, of each file, and with ``deep`` of each row. Raises
    :class:`NotAllowed` where the mirror is another user's: what can't be read would look damaged."""
    check_readable(places.home, places.shelf, places.shelf / CATALOGUE_NAME)
    standing, held = read_standing(places.shelf), held_catalogue(places)
    problems = _of_signatures(places)
    if standing is None:
        problems.append(Problem("metadata/standing.json", "نیست یا خراب است.", "it is missing or damaged."))
    elif not is_accepted(places.shelf, standing):
        problems.append(Problem(CATALOGUE_NAME, "آن نیست که پذیرفته شد.", "it is not the one that was accepted."))
    if standing is not None and held.serial:
        problems += [
            Problem(
                name,
                "پیوند آن نیست؛ آینه‌های این آینه به آن نیاز دارند.",
                "its link is missing: mirrors of this mirror need it.",
            )
            for name in missing_links(places.shelf, standing, held)
        ]
    wanted = files_of(held) + ([as_wanted(held.code_index)] if held.code_index else [])
    for done, one in enumerate(wanted):
        progress("check", done, len(wanted))
        if not is_there(places.shelf, one, thoroughly=True):
            problems.append(
                Problem(one.path, "نیست، یا بریده یا دست‌خورده است.", "it is missing, cut or tampered with.")
            )
    damaged = {p.file for p in problems}
    if deep and not damaged & ({w.path for w in wanted} | {CATALOGUE_NAME}):
        problems += check_shelf(places.shelf, deep=True, progress=progress).problems
    return Verified(held.serial, len(wanted), problems, standing.expires if standing else None)


def _of_signatures(places: Places) -> list[Problem]:
    """The chain from the trusted root, over the metadata that lies on the shelf; an expiry is told as a problem too."""
    with tempfile.TemporaryDirectory(prefix="maxa-verify-") as cache:
        standing = read_standing(places.shelf)
        try:
            client = Client(
                FolderSource(places.shelf), root=places.trusted_root(), cache=Path(cache), standing=standing
            )
            client.refresh()
            offer = client.offer(places.config().terminologies)
        except MaxaError as error:
            return [Problem("metadata", error.detail_fa, error.detail_en)]
    signed = {w.path: w for w in files_of(offer.catalogue)}
    return [
        Problem(one.path, "آن نیست که امضا شده است.", "it is not what was signed.")
        for one in files_of(held_catalogue(places))
        if signed.get(one.path) != one
    ]
