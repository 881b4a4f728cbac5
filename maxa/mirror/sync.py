"""One sync, the whole way: look, fetch what is missing, verify, switch. On any trouble the mirror stays on what it has."""

from __future__ import annotations

import errno
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from maxa.errors import MaxaError
from maxa.mirror.accept import (
    as_wanted,
    asked_for,
    check_formats,
    files_of,
    is_accepted,
    kept_catalogue,
    put_in_place,
    settle_index,
    switch,
)
from maxa.mirror.client import Client, Offer, forget_cache
from maxa.mirror.download import Downloads, Progress, Wanted, check_space, is_there
from maxa.mirror.http_source import Patience
from maxa.mirror.places import Config, Places
from maxa.mirror.sharing import missing_links, shares
from maxa.mirror.source import Source
from maxa.mirror.troubles import NotThere, Refused, disk_trouble
from maxa.shelf.catalogue import CATALOGUE_NAME, EMPTY, Catalogue, load_catalogue
from maxa.shelf.durable import sweep_unfinished
from maxa.shelf.standing import Standing, read_standing

log = structlog.get_logger("maxa.mirror")


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did. ``fetched`` names the files that came."""

    serial: int
    before: int
    fetched: tuple[str, ...]
    size: int
    renewed: bool  # signatures alone, or content as well
    expires: datetime
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.renewed or bool(self.fetched)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is kept from now on, None for everything: noted once the source was found to have it all."""

    terminologies: tuple[str, ...] | None


def _quiet(*_: object) -> None:
    return None


def sync(
    places: Places,
    source: Source,
    *,
    patience: Patience | None = None,
    progress: Progress = _quiet,
    now: datetime | None = None,
    thoroughly: bool = False,
    choice: Choice | None = None,
) -> Synced:
    """Bring the mirror to the source's newest signed state. ``thoroughly`` also holds every file here against its hash;
    without a ``choice`` it keeps what it kept before.

    Raises :class:`Refused` (with the kind of attack), :class:`SourceTrouble`, :class:`NoSpace`, :class:`AlreadyRunning`,
    :class:`UnknownTerminology` for a choice that the source does not have.
    How it went is noted for `maxa mirror status` and /readyz.
    """
    with places.alone():
        try:
            done = _sync(places, source, patience, progress, now, thoroughly, choice)
        except MaxaError as error:
            places.note(source.name, error)
            raise
        except OSError as error:
            trouble = disk_trouble(error)
            places.note(source.name, trouble)
            raise trouble from error
        places.note(source.name, None, done.warnings)
        places.hold_reserve()
        return done


def _sync(
    places: Places,
    source: Source,
    patience: Patience | None,
    progress: Progress,
    now: datetime | None,
    thoroughly: bool,
    choice: Choice | None,
) -> Synced:
    before, standing = places.config(), read_standing(places.shelf)
    config = before if choice is None else replace(before, terminologies=choice.terminologies)
    held = held_catalogue(places)
    sweep_unfinished(places.shelf)
    progress("look", 0, 0)
    client, news = _look(places, source, standing, now)
    if not news and standing is not None and not thoroughly and _in_order(places, config, standing, held):
        _note_choice(places, before, config)
        return Synced(standing.serial, standing.serial, (), 0, False, standing.expires)
    offer = client.offer(config.terminologies)
    _note_choice(places, before, config)
    catalogue = kept_catalogue(offer, config)
    fetched = _bring_files(places, source, offer, catalogue, held, patience, progress, thoroughly)
    catalogue = settle_index(places, catalogue, offer.catalogue.code_index, held)
    switch(places, offer, catalogue, config)
    log.info("mirror brought up", serial=offer.serial, before=held.serial, files=len(fetched))
    return Synced(
        offer.serial, held.serial, tuple(w.path for w in fetched), sum(w.size for w in fetched), True, offer.expires,
        offer.warnings,
    )  # fmt: skip


def _note_choice(places: Places, before: Config, config: Config) -> None:
    if config != before:
        places.write_config(config)


def _look(places: Places, source: Source, standing: Standing | None, now: datetime | None) -> tuple[Client, bool]:
    """What is new at the source. tuf's cache may have been damaged by a power cut, in ways that look like an attack:
    what is refused with it is asked once more without it. Our own floor holds either way."""
    root = places.trusted_root()

    def look() -> tuple[Client, bool]:
        client = Client(source, root=root, cache=places.tuf, standing=standing, now=now)
        return client, client.refresh()

    try:
        return look()
    except Refused:
        if standing is None:
            raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
    forget_cache(places.tuf)
    return look()


def _in_order(places: Places, config: Config, standing: Standing, held: Catalogue) -> bool:
    """Whether what lies here is what was accepted, under the configuration of now, down to what it shares."""
    if not is_accepted(places.shelf, standing) or dict(standing.more) != asked_for(config):
        return False
    index = [as_wanted(held.code_index)] if held.code_index else []
    if not all(is_there(places.shelf, one, thoroughly=False) for one in (*files_of(held), *index)):
        return False
    return shares(places.shelf, standing, held) and not missing_links(places.shelf, standing, held)


def _bring_files(
    places: Places,
    source: Source,
    offer: Offer,
    catalogue: Catalogue,
    held: Catalogue,
    patience: Patience | None,
    progress: Progress,
    thoroughly: bool,
) -> list[Wanted]:
    """Fetch, verify and put in place what the shelf lacks; returns it."""
    known = {e.file: e.sha256 for t in held.terminologies for e in t.editions if e.kept}
    missing = [
        one
        for one in files_of(catalogue)
        # a file that no catalogue of ours has named is held against its hash: a sync that was killed may have left it
        if not is_there(places.shelf, one, thoroughly=thoroughly or known.get(one.path) != one.sha256)
    ]
    check_space(places.shelf, missing, places.parts)
    downloads = Downloads(source, places.parts, patience)
    downloads.fetch_all(missing, progress)
    index = _index_to_fetch(places, offer, held)
    if index is not None:
        with suppress(NotThere):  # a mirror makes its own, and so shall we
            downloads.fetch_all([index], progress)
            missing = [*missing, index]
    check_formats(catalogue, {one.path: places.parts / one.sha256 for one in missing})
    put_in_place(places, missing)
    return missing


def _index_to_fetch(places: Places, offer: Offer, held: Catalogue) -> Wanted | None:
    """The centre's index of codes is fetched the first time, and where ours is damaged; else it is made here from the
    last one: a publication must not cost every mirror the whole index. A mirror of some terminologies makes its own."""
    signed = offer.catalogue.code_index
    if signed is None or offer.terminologies is not None or held.serial == offer.serial:
        return None
    one = as_wanted(signed)
    ours = held.code_index is not None and is_there(places.shelf, as_wanted(held.code_index), thoroughly=True)
    return None if ours or is_there(places.shelf, one, thoroughly=True) else one


def held_catalogue(places: Places) -> Catalogue:
    try:
        return load_catalogue((places.shelf / CATALOGUE_NAME).read_bytes())
    except (OSError, MaxaError):
        return EMPTY
