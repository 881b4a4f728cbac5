"""What is signed at a source: tuf's client workflow (spec §5.3), with our own floor below it.

tuf keeps its cache of verified metadata without fsync and forgets what it can't read, so the record of what this mirror
accepted (:mod:`maxa.shelf.standing`) is held against it: nothing older is taken, cache or no cache. Where the root has
given a role other keys, the floor of that role falls: else a thief could have raised it for ever (spec §5.3.11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Metadata, Root, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from maxa.errors import UnknownTerminology
from maxa.map_ids import map_id
from maxa.mirror.source import Source
from maxa.mirror.troubles import NotThere, Refused, SourceTrouble
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.signed_catalogue import EXTENSION, NotOurs, read_back, roles_named, whole_of
from maxa.shelf.signed_names import METADATA, TIMESTAMP, TOP, from_url, metadata_file
from maxa.shelf.standing import Standing

_CONFIG = UpdaterConfig(
    max_delegations=100_000, root_max_length=64_000, timestamp_max_length=16_384, snapshot_max_length=4_000_000,
    targets_max_length=4_000_000, prefix_targets_with_hash=True,
)  # fmt: skip
_LIMITS = (
    _CONFIG.root_max_length, _CONFIG.timestamp_max_length, _CONFIG.snapshot_max_length, _CONFIG.targets_max_length,
)  # fmt: skip
_CLOCK_SLACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A verified state of a source, wholly signed, unexpired and not older than what was accepted before."""

    catalogue: Catalogue  # of the terminologies that were asked for
    serial: int
    files: Mapping[str, bytes]  # metadata by file name, as it is to lie in metadata/
    versions: Mapping[str, int]
    keys: Mapping[str, list[str]]
    signed_at: datetime
    expires: datetime
    terminologies: list[str] | None
    warnings: tuple[str, ...] = ()


class _Fetcher(FetcherInterface):
    """Hands tuf's requests on to a source, and remembers what was asked last, for the message."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.last = ""
        self.content = b""

    def _fetch(self, url: str) -> Any:
        raise NotImplementedError

    def download_bytes(self, url: str, max_length: int) -> bytes:
        self.last = url.rpartition("/")[2]
        try:
            self.content = self.source.metadata(f"{METADATA}/{from_url(self.last)}", max_length)
        except NotThere as error:
            if self.last.endswith(".root.json"):
                raise tuf_errors.DownloadHTTPError("no such root", 404) from error
            raise
        except Refused as error:
            if error.kind == "tampered" and max_length not in _LIMITS:  # the length that is signed above it
                raise Refused.of("mixed", self.last, "its length or hash is another") from None
            raise
        return self.content


class Client:
    """One look at a source. ``cache`` is tuf's folder, ``root`` the root that a person handed over."""

    def __init__(
        self, source: Source, *, root: bytes, cache: Path, standing: Standing | None, now: datetime | None = None
    ) -> None:
        self.source = source
        self.cache = cache
        self.standing = standing
        self.now = now or datetime.now(UTC)
        self._fetcher = _Fetcher(source)
        cache.mkdir(parents=True, exist_ok=True)
        self._updater = self._made(root)

    def _made(self, root: bytes) -> Updater:
        try:
            return Updater(str(self.cache), f"{METADATA}/", fetcher=self._fetcher, config=_CONFIG, bootstrap=root)
        except tuf_errors.RepositoryError:
            raise Refused.of("keys", "root.json", "the root that was handed over does not verify itself") from None

    def refresh(self) -> bool:
        """Fetch the top-level metadata. False: nothing new, the accepted state is the newest (two requests).

        Raises :class:`Refused` naming the attack, :class:`SourceTrouble` when the source can't be asked.
        """
        try:
            self._updater.refresh()
        except tuf_errors.RepositoryError as error:
            raise self._refusal(error) from None
        except tuf_errors.DownloadHTTPError as error:
            raise self._nothing_there(error) from None
        except NotThere as error:
            raise _no_shelf(self.source.name) if self._fetcher.last == TIMESTAMP else error from None
        timestamp, root = self._load("timestamp"), self._root()
        self._hold_against_floor(root)
        held = self.standing
        return held is None or (root.version, timestamp.version) != (
            held.versions.get("root"),
            held.versions.get("timestamp"),
        )

    def offer(self, wanted: Iterable[str] | None) -> Offer:
        """The state that was found, with the metadata of the terminologies ``wanted`` (ids in any letter case; None:
        all). Maps between wanted terminologies come with them."""
        targets = self._load("targets")
        try:
            chosen = _chosen(whole_of(targets), wanted)
            roles = {name: self._role(name) for name in roles_named(whole_of(targets), chosen)}
            catalogue = read_back(targets, roles)
        except NotOurs as error:
            raise Refused(error.detail_fa, error.detail_en, data=error.data) from None
        root, timestamp, snapshot = self._root(), self._load("timestamp"), self._load("snapshot")
        held = self.standing
        if held is not None and catalogue.serial < held.serial and self._same_keys(root, "targets"):
            raise Refused.of("rollback", "targets.json", f"serial {catalogue.serial} < {held.serial}")
        signed = {"timestamp": timestamp, "snapshot": snapshot, "targets": targets}
        expires = min(s.expires for s in (root, *signed.values(), *roles.values()))
        signed_at = _signed_at(timestamp)
        self._check_time(root, timestamp, expires)
        files = {metadata_file(r, None if r == "timestamp" else s.version): self._bytes(r) for r, s in signed.items()}
        files |= {metadata_file(r, s.version): self._bytes(r) for r, s in roles.items()}
        files |= self._roots()
        return Offer(
            catalogue=catalogue,
            serial=catalogue.serial,
            files=files,
            versions={"root": root.version} | {r: s.version for r, s in signed.items()},
            keys={r: sorted(root.roles[r].keyids) for r in TOP},
            signed_at=signed_at,
            expires=expires,
            terminologies=chosen,
            warnings=self._clock_warnings(signed_at),
        )

    # --- what tuf verified, read back from its cache --------------------------------------------------------------

    def _bytes(self, role: str) -> bytes:
        return (self.cache / f"{quote(role, '')}.json").read_bytes()

    def _load(self, role: str) -> Any:
        return Metadata.from_bytes(self._bytes(role)).signed

    def _root(self) -> Root:
        return self._load("root")

    def _roots(self) -> dict[str, bytes]:
        newest = self._root().version
        found = {int(p.name.split(".")[0]): p for p in (self.cache / "root_history").glob("[1-9]*.root.json")}
        return {p.name: p.read_bytes() for version, p in sorted(found.items()) if version <= newest}

    def _role(self, name: str) -> Targets:
        """A delegated role, fetched and verified: asking for a target that is not there makes tuf load the roles that
        could have it."""
        folder = name.rpartition(".")[0]
        try:
            self._updater.get_targetinfo(f"{folder}/-")
            return self._load(name)
        except tuf_errors.RepositoryError as error:
            raise self._refusal(error) from None
        except FileNotFoundError:
            raise Refused.of("mixed", f"{name}.json", "it is named and not delegated") from None

    # --- what is refused ------------------------------------------------------------------------------------------

    def _hold_against_floor(self, root: Root) -> None:
        held = self.standing
        if held is None:
            return
        if root.version < held.versions.get("root", 0):
            raise Refused.of("rollback", "root.json", f"version {root.version} < {held.versions['root']}")
        for role in ("timestamp", "snapshot", "targets"):
            found, floor = self._load(role).version, held.versions.get(role, 0)
            if found < floor and self._same_keys(root, role):
                raise Refused.of("rollback", f"{role}.json", f"version {found} < {floor}")

    def _same_keys(self, root: Root, role: str) -> bool:
        held = self.standing
        return held is not None and sorted(root.roles[role].keyids) == sorted(held.keys.get(role, []))

    def _check_time(self, root: Root, timestamp: Timestamp, expires: datetime) -> None:
        """tuf has held the expiry against this machine's clock; where that is behind what was signed before, time is at
        least that, and nothing that expired by then is taken."""
        floor = max(self.now, self._surely_past(root, timestamp))
        if expires <= floor:
            raise Refused.of("expired", TIMESTAMP, f"{expires:%Y-%m-%d}, while it is at least {floor:%Y-%m-%d}")

    def _surely_past(self, root: Root, timestamp: Timestamp) -> datetime:
        """When the accepted state was signed. One signature from the future (a wrong clock at the centre, a thief) must
        not stop the time here: it counts no more once the role has other keys, nor against a newer version that was
        signed earlier, which proves that the time noted before was wrong. An older version is a rollback either way."""
        held, signed_at = self.standing, _signed_at(timestamp)
        if held is None or not self._same_keys(root, "timestamp"):
            return signed_at
        newer = timestamp.version > held.versions.get("timestamp", 0)
        return signed_at if newer and signed_at < held.signed_at else held.signed_at

    def _clock_warnings(self, signed_at: datetime) -> tuple[str, ...]:
        if self.now < signed_at - _CLOCK_SLACK:
            return (
                f"This machine's clock says {self.now:%Y-%m-%d %H:%M} UTC, yet the centre signed at "
                f"{signed_at:%Y-%m-%d %H:%M}: set the clock.",
            )
        return ()

    def _refusal(self, error: Exception) -> Refused:
        where = self._fetcher.last or "the metadata"
        text = str(error)
        cause = error.__cause__ or error.__context__
        if isinstance(error, tuf_errors.UnsignedMetadataError):
            return Refused.of("keys", where, text.split(".")[0])
        if isinstance(error, tuf_errors.ExpiredMetadataError):
            return Refused.of("expired", where, self._expiry())
        if isinstance(error, tuf_errors.LengthOrHashMismatchError):
            return Refused.of("mixed", where, "its length or hash is another")
        if isinstance(error, tuf_errors.BadVersionNumberError):
            mixed = where != TIMESTAMP and text.startswith("Expected snapshot version")
            return Refused.of("mixed" if mixed or self._of_role(where) else "rollback", where, text.rstrip("."))
        if "missing info" in text:
            return Refused.of("rollback", where, text)
        return Refused.of("tampered", where, type(cause or error).__name__)

    @staticmethod
    def _of_role(where: str) -> bool:
        return not any(where.endswith(f"{role}.json") for role in ("root", "timestamp", "snapshot"))

    def _expiry(self) -> str:
        try:
            said = orjson.loads(self._fetcher.content)["signed"]["expires"][:10]
        except (KeyError, TypeError, ValueError):
            said = "?"
        clock = self.source.clock()
        other = f", the source's {datetime.fromtimestamp(clock, UTC):%Y-%m-%d}" if clock else ""
        return f"expires {said}, this machine's clock {self.now:%Y-%m-%d}{other}"

    def _nothing_there(self, error: tuf_errors.DownloadHTTPError) -> SourceTrouble:
        return _no_shelf(self.source.name)


def _no_shelf(name: str) -> SourceTrouble:
    return NotThere(
        f"در {name} قفسهٔ امضاشده‌ای نیست (metadata/timestamp.json). نشانی را ببینید؛ معمولاً به ‎/shelf/‎ پایان می‌یابد.",
        f"There is no signed shelf at {name} (metadata/timestamp.json). Look at the address: it usually ends in /shelf/.",
    )


def _signed_at(timestamp: Timestamp) -> datetime:
    try:
        found = datetime.fromisoformat(timestamp.unrecognized_fields[EXTENSION]["signed_at"])
    except (KeyError, TypeError, ValueError):
        raise Refused.of("format", TIMESTAMP, "it does not say when it was signed") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _chosen(whole: Mapping[str, Any], wanted: Iterable[str] | None) -> list[str] | None:
    """Canonical ids of what is kept. Raises :class:`UnknownTerminology` with the ids there are."""
    if wanted is None:
        return None
    there = {t["id"].casefold(): t for t in whole["terminologies"]}
    chosen: list[str] = []
    for name in wanted:
        entry = there.get(map_id(name).casefold())
        if entry is None:
            raise UnknownTerminology(
                f"واژگان «{name[:60]}» در منبع نیست.", f"The source has no terminology {name[:60]!r}.", "terminologies",
                suggestions=[t["id"] for t in whole["terminologies"]][:12],
            )  # fmt: skip
        chosen.append(entry["id"])
    chosen += [
        t["id"] for t in there.values()
        if t["kind"] == "map" and t["source"] in chosen and t["target"] in chosen and t["id"] not in chosen
    ]  # fmt: skip
    return chosen


def forget_cache(cache: Path) -> None:
    """tuf's cache is made anew from the source, except for the roots: each verified the next, and forgetting them would
    let a thief of old keys serve the time before they were taken from him."""
    for path in cache.glob("*.json"):
        if path.name != "root.json":
            path.unlink(missing_ok=True)
