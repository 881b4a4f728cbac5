"""The switch: what was verified becomes what is served, in an order that is safe against power loss.

1. every new file is in ``.parts``, verified, fsynced, and of a format that this version reads
2. the files get their names, the shared index of codes is there
3. ``standing.json`` says what is accepted: from here on nothing older is taken
4. ``catalogue.json`` in one step: readers notice within a moment
5. links and metadata for mirrors of this mirror, ``timestamp.json`` last

A kill between 3 and 4 is seen at the next sync, because the catalogue is not the one that the standing names; one between
4 and 5, because ``timestamp.json`` is not the one that was accepted.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from maxa.errors import MaxaError
from maxa.mirror.client import Offer
from maxa.mirror.download import Wanted, is_there
from maxa.mirror.places import Config, Places
from maxa.mirror.troubles import Refused
from maxa.shelf.catalogue import CATALOGUE_NAME, Catalogue, CodeIndex, Edition, TerminologyEntry, dump_catalogue
from maxa.shelf.code_index import index_files, write_code_index
from maxa.shelf.durable import sweep_unfinished, sync_files, write_durably, write_many_durably
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import open_sealed
from maxa.shelf.signed_names import METADATA, TIMESTAMP, forget_superseded, keep_links
from maxa.shelf.standing import PREFIX, Standing, write_standing

_INDEXES_KEPT = 2


def kept_catalogue(offer: Offer, config: Config) -> Catalogue:
    """What this mirror lists: old editions beyond ``keep`` stay in the list, for their ordinals and instants, as not
    kept; the index of codes is settled later."""
    entries = tuple(_kept(entry, config.keep) for entry in offer.catalogue.terminologies)
    return replace(offer.catalogue, terminologies=entries, code_index=None)


def _kept(entry: TerminologyEntry, keep: int | None) -> TerminologyEntry:
    first = 0 if keep is None else max(0, len(entry.editions) - keep)
    editions = tuple(replace(e, kept=n >= first) for n, e in enumerate(entry.editions))
    return replace(entry, editions=editions)


def asked_for(config: Config) -> dict[str, object]:
    """The configuration under which a state was accepted: under another one it is made anew."""
    chosen = None if config.terminologies is None else list(config.terminologies)
    return {"asked": chosen, "keep": config.keep}


def is_accepted(shelf: Path, standing: Standing) -> bool:
    """Whether the catalogue that is served is the one that was accepted last: not after a kill between steps 3 and 4."""
    try:
        content = (shelf / CATALOGUE_NAME).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == standing.catalogue


def files_of(catalogue: Catalogue) -> list[Wanted]:
    return [Wanted(e.file, e.size, e.sha256) for t in catalogue.terminologies for e in t.editions if e.kept]


def links_of(catalogue: Catalogue, signed: CodeIndex | None) -> dict[str, str]:
    """Path → sha256 of what mirrors of this mirror may ask for: an index of codes that was made here is in no signature."""
    links = {w.path: w.sha256 for w in files_of(catalogue)}
    if signed is not None and catalogue.code_index == signed:
        links[signed.file] = signed.sha256
    return links


def as_wanted(index: CodeIndex) -> Wanted:
    return Wanted(index.file, index.size, index.sha256)


def check_formats(catalogue: Catalogue, paths: Mapping[str, Path]) -> None:
    """Open what came new, before anything is switched: a file of a newer version is refused with the sentence that says
    to upgrade. ``paths``: shelf path → where the verified file lies."""
    editions: dict[str, Edition] = {e.file: e for t in catalogue.terminologies for e in t.editions}
    for name, path in paths.items():
        try:
            if name in editions:
                SealedRelease(path, editions[name], verify=False)
            else:
                open_sealed(path).close()
        except MaxaError as error:
            raise Refused.of(
                "format",
                name,
                error.detail_en.removesuffix(" Run `maxa shelf check`.").rstrip("."),
                error.detail_fa.removesuffix(" «maxa shelf check» را اجرا کنید.").rstrip("."),
            ) from None


def put_in_place(places: Places, new: list[Wanted]) -> None:
    """Give the verified parts their names; a file that lies there under the name is replaced in one step."""
    folders: set[Path] = set()
    for one in new:
        final = places.shelf / one.path
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            folders.add(final.parent.parent)
        os.replace(places.parts / one.sha256, final)
        folders.add(final.parent)
    sync_files(folders)


def settle_index(places: Places, catalogue: Catalogue, signed: CodeIndex | None, held: Catalogue) -> Catalogue:
    """The catalogue with its index of codes: the centre's where it was fetched, else one of our own, from the last one
    and what is new (a publication would otherwise cost every mirror the whole index)."""
    if signed is not None and is_there(places.shelf, as_wanted(signed), thoroughly=True):
        return replace(catalogue, code_index=signed)
    if not catalogue.codes:
        return catalogue
    ours = held.code_index
    same = {t.id: t.current.file for t in held.codes} == {t.id: t.current.file for t in catalogue.codes}
    if ours is not None and same and is_there(places.shelf, as_wanted(ours), thoroughly=True):
        return replace(catalogue, code_index=ours)
    subset = {t.id for t in held.codes} <= {t.id for t in catalogue.codes}
    previous = held.code_index if subset else None
    try:
        return replace(catalogue, code_index=write_code_index(places.shelf, catalogue, previous))
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


def switch(places: Places, offer: Offer, catalogue: Catalogue, config: Config) -> None:
    """Steps 3 to 5."""
    content = dump_catalogue(catalogue)
    write_standing(
        places.shelf,
        Standing(
            serial=offer.serial, signed_at=offer.signed_at, expires=offer.expires, versions=offer.versions,
            keys=offer.keys, catalogue=hashlib.sha256(content).hexdigest(), published_at=catalogue.published_at,
            terminologies=offer.terminologies, more=asked_for(config),
        ),
    )  # fmt: skip
    path = places.shelf / CATALOGUE_NAME
    if not _holds(path, content):
        write_durably(path, content)
    keep_links(places.shelf, links_of(catalogue, offer.catalogue.code_index))
    publish_metadata(places.shelf, offer)
    tidy(places, catalogue, offer)


def publish_metadata(shelf: Path, offer: Offer) -> None:
    """The signed metadata, as it came, for mirrors of this mirror and for exports; ``timestamp.json`` last."""
    folder = shelf / METADATA
    new = {n: c for n, c in offer.files.items() if n != TIMESTAMP and not _holds(folder / n, c)}
    write_many_durably(folder, new, prefix=PREFIX)
    if not _holds(folder / TIMESTAMP, offer.files[TIMESTAMP]):
        write_durably(folder / TIMESTAMP, offer.files[TIMESTAMP], prefix=PREFIX)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def tidy(places: Places, catalogue: Catalogue, offer: Offer) -> None:
    """Remove what nothing names any more: superseded metadata, old indexes, parts of downloads that are not wanted."""
    forget_superseded(places.shelf / METADATA, set(offer.files))
    sweep_unfinished(places.shelf / METADATA, PREFIX)
    in_use = catalogue.code_index.file if catalogue.code_index else ""
    for old in index_files(places.shelf)[_INDEXES_KEPT:]:
        if f"codes/{old.name}" != in_use:
            old.unlink(missing_ok=True)
    if places.parts.is_dir():
        for part in places.parts.iterdir():
            part.unlink(missing_ok=True)
