"""Making, rotating and showing the shelf's keys (TUF spec §6.1): what a person does, with the root's keys at hand.

A new root is signed by as many keys of the old root as it asks for, and as many of its own: mirrors walk from the root
that they were given to the newest one, and from then on refuse whatever the keys that are gone still sign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Role, Root

from maxa.errors import SettingsError, WrongState
from maxa.shelf.durable import write_durably
from maxa.shelf.keys import KeyRing, new_key, write_key
from maxa.shelf.signed_names import MAKING_KEYS, METADATA, TOP, metadata_file
from maxa.shelf.standing import PREFIX, Standing, read_standing
from maxa.shelf.trust import ONLINE, SERIALIZER, Life, Signing, current_root, sign_now, signing_alone


@dataclass(frozen=True, slots=True)
class Plan:
    """How many keys a role has, and how many of them must sign."""

    threshold: int = 1
    keys: int = 1

    @classmethod
    def parse(cls, text: str) -> Plan:
        """``2/3``: two of three. Raises ValueError."""
        threshold, _, keys = text.partition("/")
        plan = cls(int(threshold), int(keys or threshold))
        if not 1 <= plan.threshold <= plan.keys <= 20:
            raise ValueError(text)
        return plan


@dataclass(frozen=True, slots=True)
class RoleStatus:
    name: str
    threshold: int
    keys: list[tuple[str, str | None]]  # (key id, where its private half lies, None: not here)
    version: int | None
    expires: datetime | None

    @property
    def at_hand(self) -> int:
        return sum(place is not None for _, place in self.keys)


@dataclass(frozen=True, slots=True)
class KeysStatus:
    roles: list[RoleStatus]
    strangers: list[str]  # private keys here that no role has
    root_sha256: str
    root_file: Path
    standing: Standing | None


def make_keys(
    shelf: Path,
    *,
    keys: Path,
    root_keys: Path,
    plans: Mapping[str, Plan] | None = None,
    life: Life | None = None,
    now: datetime | None = None,
) -> Signing:
    """Make all keys and the first root, and sign the shelf. Raises :class:`WrongState` when there is a root already, or
    was one that is lost. A kill on the way leaves keys without a root, and a mark that lets the next call begin anew."""
    life, now = life or Life(), (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    with signing_alone(shelf):
        if current_root(shelf) is not None:
            raise WrongState(
                "این قفسه کلید دارد. برای کلید تازه: «maxa keys rotate».",
                "This shelf has keys. For new ones: `maxa keys rotate`.",
            )
        begun = shelf / METADATA / MAKING_KEYS
        refuse_if_lost(shelf, *(() if begun.exists() else (keys, root_keys)))
        write_durably(begun, b"", prefix=PREFIX)
        made = {role: [new_key() for _ in range((plans or {}).get(role, Plan()).keys)] for role in TOP}
        root = Root(version=1, expires=now + life.root, consistent_snapshot=True)
        for role, signers in made.items():
            for signer in signers:
                root.add_key(signer.public_key, role)
            root.roles[role].threshold = (plans or {}).get(role, Plan()).threshold
        for role, signers in made.items():
            for signer in signers:
                write_key(root_keys if role == "root" else keys, role, signer)
        _write_root(shelf, root, made["root"], made["root"])
        ring = KeyRing({}, {}).with_more(s for signers in made.values() for s in signers)
        return sign_now(shelf, ring, life, now)


def refuse_if_lost(shelf: Path, *folders: Path) -> None:
    """Raise :class:`WrongState` where keys or metadata lie without a root: a new one would be a new repository, and all
    mirrors would refuse it."""
    if any(any(f.glob("*.pem")) for f in folders) or any((shelf / METADATA).glob("*.json")):
        raise _lost(shelf)


def _lost(shelf: Path) -> WrongState:
    place = shelf / METADATA
    return WrongState(
        f"فرادادهٔ ریشه گم شده است: کلید یا امضا هست و {place}/<n>.root.json نیست. همهٔ ‎*.root.json‎ را از پشتیبان یا از "
        "shelf/metadata هر آینه‌ای بازگردانید و «maxa keys sign» را اجرا کنید؛ ریشهٔ تازه را هیچ آینه‌ای نمی‌پذیرد. اگر به‌راستی "
        "مخزن تازه می‌خواهید، نخست shelf/metadata و keys و root-keys را کنار بگذارید و «maxa keys init» را اجرا کنید.",
        f"The root metadata is lost: there are keys or signatures, and no {place}/<n>.root.json. Restore "
        "metadata/*.root.json from a backup or any mirror (its shelf/metadata), then run `maxa keys sign`: no mirror "
        "takes a new root. If you really want a new repository, put shelf/metadata, keys and root-keys aside first, and "
        "run `maxa keys init`.",
    )


def _no_root(shelf: Path, ring: KeyRing) -> WrongState:
    if ring.signers or any((shelf / METADATA).glob("*.json")):
        return _lost(shelf)
    return WrongState("هنوز کلیدی ساخته نشده است؛ «maxa keys init».", "There are no keys yet: run `maxa keys init`.")


def rotate_keys(
    shelf: Path,
    ring: KeyRing,
    roles: Iterable[str],
    *,
    keys: Path,
    root_keys: Path,
    plans: Mapping[str, Plan] | None = None,
    life: Life | None = None,
    now: datetime | None = None,
) -> Signing:
    """Give ``roles`` new keys (or none: only the root's expiry is renewed), and sign everything that they sign anew.

    ``ring`` must hold enough of the root's keys. The old online keys need not be there: losing them, or having them
    stolen, is what this is for. New keys are on the disk before the root that names them.
    """
    life, now = life or Life(), (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    chosen, plans = [r for r in TOP if r in set(roles)], plans or {}
    with signing_alone(shelf):
        before = current_root(shelf)
        if before is None:
            raise _no_root(shelf, ring)
        old = before.signed
        _require_root_keys(old, ring)
        made: dict[str, list[CryptoSigner]] = {}
        root = Root.from_dict({**old.to_dict()})
        for role in chosen:
            had = old.roles[role]
            plan = plans.get(role, Plan(had.threshold, len(had.keyids)))
            made[role] = [new_key() for _ in range(plan.keys)]
            root.roles[role] = Role([], plan.threshold)
            for signer in made[role]:
                root.add_key(signer.public_key, role)
        used = {i for r in root.roles.values() for i in r.keyids}
        root.keys = {i: k for i, k in root.keys.items() if i in used}
        root.version, root.expires = old.version + 1, now + life.root
        for role, signers in made.items():
            for signer in signers:
                write_key(root_keys if role == "root" else keys, role, signer)
        ring = ring.with_more(s for signers in made.values() for s in signers)
        _write_root(shelf, root, ring.signing(old.roles["root"].keyids), ring.signing(root.roles["root"].keyids))
        return sign_now(shelf, ring, life, now)


def _require_root_keys(root: Root, ring: KeyRing) -> None:
    role = root.roles["root"]
    have = len(ring.signing(role.keyids))
    if have < role.threshold:
        raise SettingsError(
            f"برای این کار {role.threshold} کلید ریشه لازم است و {have} کلید در دست است. حافظه‌ای را که کلید ریشه در آن است "
            "وصل کنید و پوشه‌اش را با ‎--root-keys‎ (یا MAXA_ROOT_KEYS) بدهید.",
            f"This needs {role.threshold} of the root's keys and {have} are at hand. Plug in the stick that holds them and "
            "name its folder with --root-keys (or MAXA_ROOT_KEYS).",
        )


def _write_root(shelf: Path, root: Root, old: list[CryptoSigner], new: list[CryptoSigner]) -> None:
    metadata: Metadata[Root] = Metadata(root)
    for signer in {s.public_key.keyid: s for s in (*old, *new)}.values():
        metadata.sign(signer, append=True)
    root.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
    path = shelf / METADATA / metadata_file("root", root.version)
    write_durably(path, metadata.to_bytes(SERIALIZER), prefix=PREFIX)


def keys_status(shelf: Path, ring: KeyRing) -> KeysStatus:
    """What stands where, without changing anything."""
    root = current_root(shelf)
    if root is None:
        raise _no_root(shelf, ring)
    standing = read_standing(shelf)
    versions = dict(standing.versions) if standing else {}
    statuses = []
    for name in TOP:
        role = root.signed.roles[name]
        version = root.signed.version if name == "root" else versions.get(name)
        statuses.append(
            RoleStatus(
                name, role.threshold, [(i, ring.places.get(i)) for i in role.keyids], version,
                root.signed.expires if name == "root" else _expiry(shelf, name, version),
            )
        )  # fmt: skip
    used = {i for r in root.signed.roles.values() for i in r.keyids}
    file = shelf / METADATA / metadata_file("root", root.signed.version)
    return KeysStatus(
        statuses,
        [place for keyid, place in ring.places.items() if keyid not in used],
        hashlib.sha256(file.read_bytes()).hexdigest(),
        file,
        standing,
    )


def _expiry(shelf: Path, role: str, version: int | None) -> datetime | None:
    name = metadata_file(role, None if role == "timestamp" else version)
    try:
        return Metadata.from_file(str(shelf / METADATA / name)).signed.expires
    except Exception:  # noqa: BLE001 - a status names what it can
        return None


__all__ = ["ONLINE", "KeysStatus", "Plan", "RoleStatus", "keys_status", "make_keys", "refuse_if_lost", "rotate_keys"]
