"""What a mirror keeps: setting it up, and removing what it need not hold any more."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from maxa.errors import BadParameter, SettingsError, WrongState
from maxa.mirror.accept import asked_for, files_of, is_accepted
from maxa.mirror.client import forget_cache
from maxa.mirror.http_source import shelf_url
from maxa.mirror.places import Config, Places
from maxa.mirror.sync import held_catalogue
from maxa.mirror.troubles import disk_trouble
from maxa.shelf.catalogue import Catalogue, TerminologyEntry, dump_catalogue, write_catalogue
from maxa.shelf.durable import write_durably
from maxa.shelf.signed_names import METADATA, TARGETS, keep_links
from maxa.shelf.standing import NAME, read_standing, write_standing
from maxa.usage.mirrors import is_mirror_name

_CODES = "codes"  # the shared index looks after itself


@dataclass(frozen=True, slots=True)
class Pruned:
    files: int
    size: int


def set_up(
    places: Places,
    root: bytes | None,
    url: str | None,
    *,
    terminologies: tuple[str, ...] | Literal["all"] | None = None,
    name: str | None = None,
    again: bool = False,
) -> str:
    """Trust ``root`` (the content of a root metadata file, handed over by a way that can be trusted) from now on.

    Returns the sha256 of the root that is trusted then, to be compared with what `maxa keys status` shows at the centre.
    ``None`` stands for what the mirror has: its root, its address, its choice of terminologies, its name ("" takes that
    away). A newer root that the one trusted leads to is taken, an older one does not replace it; a mirror that trusts
    another repository is left as it is, unless ``again``: then its record of what it accepted is forgotten. Nothing is
    changed before everything is checked.
    """
    address = shelf_url(url) if url else None
    if name and not is_mirror_name(name):
        raise BadParameter(
            "نام آینه ۱ تا ۶۴ حرف و رقم لاتین و . _ - است و با حرف یا رقم آغاز می‌شود؛ برای نمونه shiraz-namazi.",
            "A mirror's name has 1 to 64 Latin letters, digits and . _ -, and begins with a letter or digit; for example "
            "shiraz-namazi.",
            "name",
        )
    found = _as_root(root) if root is not None else None
    with places.alone():
        try:
            held = places.root.read_bytes() if places.root.exists() else None
            if root is None or found is None:
                root, found = places.trusted_root(), None
            if found is not None and held is not None and held != root and not again:
                _check_it_follows(places, held, root, found)
            config = _config_of_before(places)
            if terminologies is not None:
                config = replace(config, terminologies=None if terminologies == "all" else terminologies)
            if name is not None:
                config = replace(config, name=name or None)
            places.write_config(replace(config, url=address or config.url))
            if held is not None and not again and _version(root) < _version(held):
                root = held  # one that we have walked past: its keys may have been stolen since
            write_durably(places.root, root)
            if again:  # last: until then the old floor holds, and nothing older is taken
                _forget(places)
        except OSError as error:
            raise disk_trouble(error) from error
    return hashlib.sha256(root).hexdigest()


def _config_of_before(places: Places) -> Config:
    try:
        return places.config()
    except SettingsError:  # damaged: setting up anew is what its message advises
        return Config()


def _as_root(content: bytes) -> Metadata[Root]:
    """Raises :class:`BadParameter` for what is no root, or does not vouch for itself."""
    try:
        metadata: Metadata[Root] = Metadata.from_bytes(content)
        if not isinstance(metadata.signed, Root):
            raise RepositoryError("no root")
        metadata.verify_delegate("root", metadata)
    except (RepositoryError, ValueError):
        raise BadParameter(
            "این فایل فرادادهٔ ریشهٔ مکسا نیست؛ در مرکز metadata/<n>.root.json از قفسه را بگیرید («maxa keys status» جای آن را "
            "می‌گوید).",
            "This file is no root metadata: take metadata/<n>.root.json of the centre's shelf (`maxa keys status` says "
            "where it lies).",
            "root",
        ) from None
    return metadata


def _version(root: bytes) -> int:
    """0 for a root that is damaged."""
    try:
        return _as_root(root).signed.version
    except BadParameter:
        return 0


def _check_it_follows(places: Places, held: bytes, root: bytes, found: Metadata[Root]) -> None:
    """Raise :class:`WrongState` unless ``root`` is one that we have walked to, or the newest of those vouches for it:
    an older one must not, its keys may have been stolen since."""
    known = {held, *(p.read_bytes() for p in (places.tuf / "root_history").glob("[1-9]*.root.json"))}
    if root in known:
        return
    trusted: list[Metadata[Root]] = []
    for content in known:
        with suppress(BadParameter):
            trusted.append(_as_root(content))
    newest = max(trusted, key=lambda m: m.signed.version, default=None)
    if newest is not None and found.signed.version > newest.signed.version:
        with suppress(RepositoryError):
            newest.signed.verify_delegate("root", found.signed_bytes, found.signatures)
            return
    raise WrongState(
        "این آینه به ریشهٔ دیگری اعتماد دارد. اگر مرکز به‌راستی عوض شده است ‎--again‎ را بیفزایید: آنگاه آنچه پیش‌تر "
        "پذیرفته بود فراموش می‌شود. برای عوض کردن نشانی، init را بی ‎--root‎ اجرا کنید.",
        "This mirror trusts another root. If the centre was really replaced, add --again: what was accepted "
        "before is then forgotten. To change the address alone, run init without --root.",
    )


def _forget(places: Places) -> None:
    forget_cache(places.tuf)
    for path in (places.tuf / "root_history").glob("*.json"):
        path.unlink(missing_ok=True)
    (places.tuf / "root.json").unlink(missing_ok=True)
    (places.shelf / NAME).unlink(missing_ok=True)
    for path in (places.shelf / METADATA).glob("*.json"):
        path.unlink(missing_ok=True)


def prune(places: Places, keep: int | None) -> Pruned:
    """Keep the newest ``keep`` editions of each terminology (None: as set before), now and from now on, and remove
    whatever the catalogue does not list. Old editions stay in the list, so that dates and `FromDate` answer as before.

    The catalogue is switched before a file is removed. A kill in between leaves files that the next prune removes.
    """
    with places.alone():
        try:
            places.free_reserve()
            return _prune(places, keep)
        except OSError as error:
            raise disk_trouble(error) from error
        finally:
            places.hold_reserve()


def _prune(places: Places, keep: int | None) -> Pruned:
    first = _remove_unlisted(places, held_catalogue(places))  # on a full disk the next lines need what this frees
    config = places.config()
    if keep is not None:
        config = replace(config, keep=keep)
        places.write_config(config)
    held, standing = held_catalogue(places), read_standing(places.shelf)
    if held.serial and standing is not None:
        pruned = _with_fewer(held, config.keep)
        if pruned != held:
            # a sync that was killed left the catalogue from before: then the standing must go on naming the accepted one,
            # so that the next sync finishes the switch
            if is_accepted(places.shelf, standing):
                digest = hashlib.sha256(dump_catalogue(pruned)).hexdigest()
                write_standing(places.shelf, replace(standing, catalogue=digest, more=asked_for(config)))
            write_catalogue(places.shelf, pruned)
        held = pruned
    then = _remove_unlisted(places, held)
    return Pruned(first.files + then.files, first.size + then.size)


def _with_fewer(catalogue: Catalogue, keep: int | None) -> Catalogue:
    """Flags go one way only here: what was pruned before comes back by a sync."""
    if keep is None:
        return catalogue

    def fewer(entry: TerminologyEntry) -> TerminologyEntry:
        first = max(0, len(entry.editions) - keep)
        return replace(
            entry, editions=tuple(replace(e, kept=e.kept and n >= first) for n, e in enumerate(entry.editions))
        )

    return replace(catalogue, terminologies=tuple(fewer(t) for t in catalogue.terminologies))


def _remove_unlisted(places: Places, catalogue: Catalogue) -> Pruned:
    if not catalogue.serial:  # a damaged catalogue is no reason to remove anything
        return Pruned(0, 0)
    listed = {w.path: w.sha256 for w in files_of(catalogue)}
    files = size = 0
    for part in places.parts.iterdir() if places.parts.is_dir() else ():
        size += part.stat().st_size
        part.unlink()
    for folder in _folders(places.shelf):
        for path in folder.iterdir():
            if f"{folder.name}/{path.name}" not in listed and path.is_file():
                files, size = files + 1, size + path.stat().st_size
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    index = catalogue.code_index
    if index is not None and (places.shelf / TARGETS / _CODES).is_dir():
        links = {p.name for p in (places.shelf / TARGETS / _CODES).iterdir()}
        if f"{index.sha256}.{index.file.partition('/')[2]}" in links:
            listed[index.file] = index.sha256
    keep_links(places.shelf, listed)
    return Pruned(files, size)


def _folders(shelf: Path) -> list[Path]:
    ours = (METADATA, TARGETS, _CODES)
    return [f for f in shelf.iterdir() if f.is_dir() and f.name not in ours and not f.name.startswith(".")]
