"""Signing at the centre: the shelf as a TUF repository (spec 1.0, https://theupdateframework.github.io/specification/).

:func:`sign_shelf` brings the metadata up to what the catalogue lists, and renews what would expire; it is idempotent, and
whatever a kill breaks off is done by the next call. ``timestamp.json`` is written last, in one step: until then clients
see the state before. Making and rotating keys is in :mod:`maxa.shelf.key_ceremony`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from maxa.errors import SettingsError, Unavailable, WrongState
from maxa.lock import PidLock
from maxa.shelf.catalogue import CATALOGUE_NAME, EMPTY, Catalogue, dump_catalogue, load_catalogue
from maxa.shelf.durable import sweep_unfinished, write_durably, write_many_durably
from maxa.shelf.keys import KeyRing
from maxa.shelf.signed_catalogue import EXTENSION, tell
from maxa.shelf.signed_names import (
    MAKING_KEYS,
    METADATA,
    TIMESTAMP,
    TOP,
    forget_superseded,
    keep_links,
    metadata_file,
    role_pattern,
)
from maxa.shelf.standing import PREFIX, Standing, read_standing, write_standing

SERIALIZER = JSONSerializer(compact=True)
_LOCK_SECONDS = 60.0
ONLINE = ("targets", "snapshot", "timestamp")


@dataclass(frozen=True, slots=True)
class Life:
    """How long signatures hold. ``online`` is what an offline mirror can count on from any publication or renewal:
    timestamp.json holds so long and is renewed after a tenth of it; the rest holds twice as long, renewed at half."""

    online: timedelta = timedelta(days=92)
    root: timedelta = timedelta(days=1_096)

    @property
    def lasting(self) -> timedelta:
        return 2 * self.online


@dataclass(frozen=True, slots=True)
class Signing:
    """What a call of :func:`sign_shelf` did."""

    serial: int
    expires: datetime
    signed: tuple[str, ...]  # roles that were signed anew


@contextmanager
def signing_alone(shelf: Path) -> Iterator[None]:
    """One signer a shelf at a time."""
    folder = shelf / METADATA
    folder.mkdir(parents=True, exist_ok=True)
    lock = PidLock(folder / ".signing.lock")
    if not lock.acquire(wait=_LOCK_SECONDS):
        raise Unavailable(
            f"پردازهٔ {lock.holder()} همین حالا قفسه را امضا می‌کند؛ اندکی دیگر دوباره اجرا کنید.",
            f"Process {lock.holder()} is signing the shelf right now: run this again in a moment.",
        )
    try:
        sweep_unfinished(folder, PREFIX)
        yield
    finally:
        lock.release()


def current_root(shelf: Path) -> Metadata[Root] | None:
    """The newest root on the shelf; None where keys were never made."""
    versions = [int(p.name.split(".")[0]) for p in (shelf / METADATA).glob("*.root.json") if p.name[0].isdigit()]
    if not versions:
        return None
    try:
        return Metadata[Root].from_file(str(shelf / METADATA / metadata_file("root", max(versions))))
    except (RepositoryError, StorageError, OSError) as error:
        raise SettingsError(
            "فرادادهٔ ریشه (metadata/*.root.json) خراب است؛ آن را از پشتیبان یا از یک آینه بازگردانید.",
            "The root metadata (metadata/*.root.json) is damaged: restore it from the backup, or from a mirror.",
        ) from error


def sign_shelf(shelf: Path, keys: KeyRing, *, life: Life | None = None, now: datetime | None = None) -> Signing:
    """Sign what the catalogue lists and is not signed yet, and what nears its expiry.

    Raises :class:`WrongState` where no keys were made, :class:`SettingsError` when keys are missing, naming the role.
    """
    with signing_alone(shelf):
        return sign_now(shelf, keys, life or Life(), now or datetime.now(UTC))


def sign_now(shelf: Path, keys: KeyRing, life: Life, now: datetime) -> Signing:
    """As :func:`sign_shelf`, for who holds the lock already."""
    root = current_root(shelf)
    if root is None:
        raise WrongState(
            "هنوز کلیدی ساخته نشده است؛ «maxa keys init» را اجرا کنید.", "There are no keys yet: run `maxa keys init`."
        )
    # here, not where keys are made: a kill may come between; a mark that stayed would let lost metadata pass for a beginning
    (shelf / METADATA / MAKING_KEYS).unlink(missing_ok=True)
    now = now.astimezone(UTC).replace(microsecond=0)
    bench = _Bench(shelf, root.signed, keys, life, now)
    path = shelf / CATALOGUE_NAME
    content = path.read_bytes() if path.exists() else dump_catalogue(EMPTY)
    catalogue = load_catalogue(content)
    bench.sign_all(catalogue)
    keep_links(shelf, _files(catalogue))
    bench.write()
    standing = bench.standing(catalogue, hashlib.sha256(content).hexdigest())
    if read_standing(shelf) != standing:
        write_standing(shelf, standing)
    bench.forget_superseded()
    return Signing(catalogue.serial, standing.expires, tuple(bench.fresh))


def _files(catalogue: Catalogue) -> dict[str, str]:
    files = {e.file: e.sha256 for t in catalogue.terminologies for e in t.editions}
    if catalogue.code_index is not None:
        files[catalogue.code_index.file] = catalogue.code_index.sha256
    return files


class _Bench:
    """One round of signing: roles as they stand, and those that are signed anew."""

    def __init__(self, shelf: Path, root: Root, keys: KeyRing, life: Life, now: datetime) -> None:
        self.folder = shelf / METADATA
        self.root, self.keys, self.life, self.now = root, keys, life, now
        self.fresh: dict[str, bytes] = {}
        self.roles: dict[str, Signed] = {}
        timestamp = self._old("timestamp", None, Timestamp, root)
        self.old_timestamp: Timestamp | None = timestamp
        self.old_snapshot: Snapshot | None = None
        if timestamp is not None:
            self.old_snapshot = self._old("snapshot", timestamp.snapshot_meta.version, Snapshot, root)
        self.old_versions: dict[str, int] = {}
        if self.old_snapshot is not None:
            self.old_versions = {n.removesuffix(".json"): m.version for n, m in self.old_snapshot.meta.items()}

    def _old(self, role: str, version: int | None, kind: type[Any], delegator: Root | Targets) -> Any:
        """Metadata that lies there, if it is sound and signed by the keys of now."""
        try:
            found = Metadata.from_file(str(self.folder / metadata_file(role, version)))
            delegator.verify_delegate(role, found.signed_bytes, found.signatures)
        except (RepositoryError, StorageError, OSError, ValueError):
            return None
        return found.signed if isinstance(found.signed, kind) else None

    def sign_all(self, catalogue: Catalogue) -> None:
        told = tell(catalogue)
        names = list(told.roles)
        old_targets = self._old("targets", self.old_versions.get("targets"), Targets, self.root)
        delegations = self._delegations(names)
        for name, wanted in told.roles.items():
            self._targets(name, wanted, None, None, old_targets)
        self._targets("targets", told.index, delegations, told.whole, self.root)
        self._snapshot()
        self._timestamp(catalogue.serial)

    def _delegations(self, names: list[str]) -> Delegations:
        ids = list(self.root.roles["targets"].keyids)
        threshold = self.root.roles["targets"].threshold
        keys = {i: self.root.keys[i] for i in ids}
        roles = {n: DelegatedRole(n, ids, threshold, False, [role_pattern(n)]) for n in names}
        return Delegations(keys, roles)

    def _targets(
        self,
        role: str,
        wanted: Mapping[str, TargetFile],
        delegations: Delegations | None,
        whole: dict[str, Any] | None,
        delegator: Root | Targets | None,
    ) -> None:
        """Keep the role as it stands when it says the same and lasts, else sign its next version."""
        version = self.old_versions.get(role) or self._orphaned(role)
        old: Targets | None = None
        if delegator is not None and role in self.old_versions:
            old = self._old(role, version, Targets, delegator)
        said = {EXTENSION: whole} if whole is not None else {}
        if (
            old is not None
            and self._lasts(old)
            and old.targets == wanted
            and old.delegations == delegations
            and old.unrecognized_fields == said
        ):
            self.roles[role] = old
            return
        signed = Targets(
            version=self._next(version), expires=self.now + self.life.lasting, targets=dict(wanted),
            delegations=delegations, unrecognized_fields=said,
        )  # fmt: skip
        self._sign(role, signed, "targets")

    def _snapshot(self) -> None:
        meta = {f"{role}.json": self._meta(role, signed) for role, signed in self.roles.items()}
        old = self.old_snapshot
        if old is not None and self._lasts(old) and old.meta == meta:
            self.roles["snapshot"] = old
            return
        version = self._next(old.version if old else self._orphaned("snapshot"))
        self._sign("snapshot", Snapshot(version=version, expires=self.now + self.life.lasting, meta=meta), "snapshot")

    def _timestamp(self, serial: int) -> None:
        meta = self._meta("snapshot", self.roles["snapshot"])
        old = self.old_timestamp
        if (
            old is not None
            and old.snapshot_meta == meta
            and old.expires - self.now > self.life.online * 0.9
            and old.expires - self.now <= self.life.online
        ):
            self.roles["timestamp"] = old
            return
        said = {EXTENSION: {"serial": serial, "signed_at": self.now.isoformat()}}
        version = self._next(old.version if old else self._orphaned("timestamp"))
        signed = Timestamp(
            version=version, expires=self.now + self.life.online, snapshot_meta=meta, unrecognized_fields=said
        )
        self._sign("timestamp", signed, "timestamp")

    def _lasts(self, signed: Signed) -> bool:
        return self.life.online < signed.expires - self.now <= self.life.lasting

    def _next(self, version: int | None) -> int:
        """Versions count milliseconds since 1970, or on from the last one: should the metadata be lost, those that are
        signed anew are newer than what mirrors have seen, however quickly one publication followed the other."""
        return max((version or 0) + 1, time.time_ns() // 1_000_000)

    def _orphaned(self, role: str) -> int | None:
        """The newest version whose file lies there, whoever signed it: after new keys, versions go on."""
        if role == "timestamp":
            with suppress(OSError, ValueError, KeyError, TypeError):
                return int(orjson.loads((self.folder / TIMESTAMP).read_bytes())["signed"]["version"])
            return None
        found = [p.name.split(".")[0] for p in self.folder.glob(f"*.{role}.json")]
        return max((int(v) for v in found if v.isdigit()), default=None)

    def _meta(self, role: str, signed: Signed) -> MetaFile:
        content = self.fresh.get(role)
        if content is None:
            content = (self.folder / metadata_file(role, signed.version)).read_bytes()
        return MetaFile(signed.version, len(content), {"sha256": hashlib.sha256(content).hexdigest()})

    def _sign(self, role: str, signed: Signed, by: str) -> None:
        metadata: Metadata[Any] = Metadata(signed)
        needed = self.root.roles[by]
        signers = self.keys.signing(needed.keyids)
        if len(signers) < needed.threshold:
            raise SettingsError(
                f"برای امضای «{by}» {needed.threshold} کلید لازم است و {len(signers)} کلید در دست است. کلیدهای برخط را در "
                "پوشهٔ MAXA_KEYS یا در MAXA_KEYS_PEM بگذارید؛ اگر گم شده‌اند: «maxa keys rotate online».",
                f"Signing {by} needs {needed.threshold} keys and {len(signers)} are at hand. Put the online keys into the "
                "folder MAXA_KEYS or into MAXA_KEYS_PEM; if they are lost: `maxa keys rotate online`.",
                data={"role": by},
            )
        for signer in signers:
            metadata.sign(signer, append=True)
        self.roles[role] = signed
        self.fresh[role] = metadata.to_bytes(SERIALIZER)

    def write(self) -> None:
        """The metadata that is new, each file durably, ``timestamp.json`` last."""
        last = self.fresh.get("timestamp")
        files = {metadata_file(r, self.roles[r].version): c for r, c in self.fresh.items() if r != "timestamp"}
        write_many_durably(self.folder, files, prefix=PREFIX)
        if last is not None:
            write_durably(self.folder / TIMESTAMP, last, prefix=PREFIX)

    def standing(self, catalogue: Catalogue, digest: str) -> Standing:
        timestamp = self.roles["timestamp"]
        signed_at = datetime.fromisoformat(timestamp.unrecognized_fields[EXTENSION]["signed_at"])
        return Standing(
            serial=catalogue.serial,
            signed_at=signed_at,
            expires=min(self.root.expires, *(s.expires for s in self.roles.values())),
            versions={"root": self.root.version} | {r: self.roles[r].version for r in TOP if r != "root"},
            keys={r: sorted(self.root.roles[r].keyids) for r in TOP},
            catalogue=digest,
            published_at=catalogue.published_at,
        )

    def forget_superseded(self) -> None:
        """Remove superseded versions after an hour: a client may be half way through them."""
        forget_superseded(self.folder, {metadata_file(r, s.version) for r, s in self.roles.items()})
