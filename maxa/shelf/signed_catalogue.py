"""What the shelf's TUF metadata says: the catalogue told as signed targets, and read back from them.

Each terminology has delegated roles (TUF spec §4.5.1) of up to 250 editions, so that a publication changes the role of
its terminology alone and no metadata file grows past some 150 kB. An edition is a target whose custom metadata carries
what the catalogue says of it. What the catalogue says as a whole stands in the top-level targets under ``x-maxa``:
``{"format", "serial", "published_at", "terminologies": [{…, "roles": n}], "code_index"}``. The catalogue passes through
whole, whatever fields it has: a mirror writes the same ``catalogue.json``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from tuf.api.metadata import TargetFile, Targets

from maxa.errors import MaxaError
from maxa.shelf.catalogue import CATALOGUE_FORMAT, Catalogue, digest_of, dump_catalogue, load_catalogue
from maxa.shelf.sealed_file import folder_name
from maxa.shelf.signed_names import is_target_path, role_of

EXTENSION = "x-maxa"
_IN_TARGET = ("file", "size", "sha256")  # said by the target itself


@dataclass(frozen=True, slots=True)
class Told:
    """A catalogue as metadata: ``whole`` for the top-level targets, ``index`` beside it, ``roles`` by name."""

    whole: dict[str, Any]
    index: dict[str, TargetFile]
    roles: dict[str, dict[str, TargetFile]]


class NotOurs(MaxaError):
    """Metadata that is signed and sound TUF, and yet is not a catalogue that this version reads."""

    code, status, exit_code = "update-refused", 409, 3


def tell(catalogue: Catalogue) -> Told:
    """The catalogue in the form in which it is signed."""
    data = orjson.loads(dump_catalogue(catalogue))
    roles: dict[str, dict[str, TargetFile]] = {}
    for terminology in data["terminologies"]:
        editions = terminology.pop("editions")
        names = {role_of(e["terminology"], e["ordinal"]) for e in editions}
        terminology["roles"] = len(names)
        for edition in editions:
            role = roles.setdefault(role_of(edition["terminology"], edition["ordinal"]), {})
            role[edition["file"]] = _target(edition)
    index = data.pop("code_index")
    data.pop("sha256")
    targets = {index["file"]: _target(index)} if index else {}
    return Told(data, targets, roles)


def _target(entry: dict[str, Any]) -> TargetFile:
    said = {k: v for k, v in entry.items() if k not in _IN_TARGET}
    more = {"custom": said} if said else {}
    return TargetFile(entry["size"], {"sha256": entry["sha256"]}, entry["file"], more)


def roles_named(whole: Mapping[str, Any], wanted: Iterable[str] | None = None) -> list[str]:
    """Names of the delegated roles of the terminologies ``wanted`` (default: all)."""
    chosen = None if wanted is None else set(wanted)
    return [
        f"{folder_name(t['id'])}.{n}"
        for t in whole["terminologies"]
        if chosen is None or t["id"] in chosen
        for n in range(1, t["roles"] + 1)
    ]


def whole_of(targets: Targets) -> dict[str, Any]:
    """The ``x-maxa`` part. Raises :class:`NotOurs` when it is of a newer format or not there."""
    whole = targets.unrecognized_fields.get(EXTENSION)
    found = whole.get("format") if isinstance(whole, dict) else None
    if not isinstance(whole, dict) or found is None:
        raise NotOurs(
            "این مخزن امضاشده قفسهٔ مکسا نیست.", "This signed repository is no MAXA shelf.", data={"kind": "foreign"}
        )
    if found != CATALOGUE_FORMAT:
        raise NotOurs(
            f"قالب فهرست {found} است و این نسخه قالب {CATALOGUE_FORMAT} را می‌خواند؛ نرم‌افزار آینه را روزآمد کنید. تا آن "
            "هنگام آنچه هست خدمت می‌دهد.",
            f"The catalogue's format is {found}, this version reads {CATALOGUE_FORMAT}: upgrade the mirror's software. "
            "Until then it serves what it has.",
            data={"kind": "format"},
        )
    return whole


def read_back(targets: Targets, roles: Mapping[str, Targets]) -> Catalogue:
    """The catalogue that was told. Terminologies whose roles are not among ``roles`` are left out.

    Raises :class:`NotOurs` when it can't be one (nothing is trusted to be well-formed because it is signed).
    """
    whole = whole_of(targets)
    try:
        data = {k: v for k, v in whole.items() if k != "terminologies"}
        data["terminologies"] = [t for t in (_terminology(t, roles) for t in whole["terminologies"]) if t is not None]
        index = [_entry(target) for target in targets.targets.values()]
        data["code_index"] = index[0] if index else None
        data["sha256"] = digest_of(data)
        return load_catalogue(orjson.dumps(data))
    except NotOurs:
        raise
    except (MaxaError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise NotOurs(
            "فرادادهٔ امضاشده خوانا نیست: فهرست مکسا از آن به دست نمی‌آید. شاید نسخهٔ تازه‌تری آن را نوشته است؛ نرم‌افزار آینه را "
            "روزآمد کنید.",
            "The signed metadata does not make a MAXA catalogue. A newer version may have written it: upgrade the "
            "mirror's software.",
            data={"kind": "format"},
        ) from None


def _terminology(told: dict[str, Any], roles: Mapping[str, Targets]) -> dict[str, Any] | None:
    names = roles_named({"terminologies": [told]})
    if any(name not in roles for name in names):
        return None
    editions = [_entry(target) for name in names for target in roles[name].targets.values()]
    editions.sort(key=lambda e: e["ordinal"])
    if (
        not editions
        or editions[-1]["version"] != told["current"]
        or {e["terminology"] for e in editions} != {told["id"]}
    ):
        raise ValueError("the roles do not hold the terminology's editions")
    return {k: v for k, v in told.items() if k != "roles"} | {"editions": editions}


def _entry(target: TargetFile) -> dict[str, Any]:
    if not is_target_path(target.path):
        raise NotOurs(
            "فرادادهٔ امضاشده فایلی بیرون از جای خود نام می‌برد. پذیرفته نشد: شاید کلیدهای مرکز دزدیده شده‌اند.",
            f"The signed metadata names a file out of its place ({target.path[:80]!r}). Refused: the centre's keys may "
            "have been stolen.",
            data={"kind": "path"},
        )
    if len(target.hashes.get("sha256", "")) != 64:
        raise ValueError("a target without a sha256")
    said = target.custom or {}
    return {**said, "file": target.path, "size": target.length, "sha256": target.hashes["sha256"]}
