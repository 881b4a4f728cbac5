"""``catalogue.json``: every published release, which is current, under one increasing serial (DESIGN §4).

A reader binds to one :class:`Catalogue` at the start of a request; a publication replaces the file in one step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from rapidfuzz import fuzz, process

from maxa.errors import Unavailable, UnknownTerminology, UnknownVersion
from maxa.persian.dates import TEHRAN, jalali, jalali_instant
from maxa.persian.fold import code_key, latin_digits
from maxa.shelf.durable import write_durably
from maxa.shelf.remembered import Remembered
from maxa.timeline import in_order

_MOST_ANSWERED = 256

CATALOGUE_FORMAT = 1
CATALOGUE_NAME = "catalogue.json"


@dataclass(frozen=True, slots=True)
class Edition:
    """A published release. ``published_at`` is when readers began to see it, ``in_force`` the circular's day."""

    terminology: str
    version: str
    ordinal: int
    file: str  # relative to the shelf
    size: int
    sha256: str
    digest: str  # of the canonical rows
    circular_number: str | None
    circular_date: str | None  # Jalali, 1402/02/18
    in_force: date
    published_at: datetime
    serial: int
    active_count: int
    retired_count: int
    withdrawn: bool = False
    reverses: str | None = None  # version of the withdrawn edition that this one undoes
    withdrawn_serial: int | None = None  # of the catalogue that first marked it as withdrawn
    withdrawn_at: datetime | None = None  # when readers began to see that
    before: int | None = None  # of history: ordinal of the edition that came after it in time (maxa.timeline)
    kept: bool = True  # False: a mirror keeps no file of this old edition; it is listed for its ordinal and instant

    @property
    def published_on(self) -> str:
        """Jalali day of publication, 1402/02/18."""
        return jalali(self.published_at)

    @property
    def last_update(self) -> str:
        """Jalali instant of publication, fit for ``FromDate=``."""
        return jalali_instant(self.published_at)


@dataclass(frozen=True)
class TerminologyEntry:
    """A terminology or map with its editions, oldest first; the last one is current."""

    id: str
    kind: str  # "codes" | "map"
    title_fa: str
    title_en: str
    source: str
    target: str
    editions: tuple[Edition, ...]

    @property
    def current(self) -> Edition:
        return self.editions[-1]

    @cached_property
    def by_ordinal(self) -> Mapping[int, Edition]:
        return {e.ordinal: e for e in self.editions}

    @cached_property
    def in_time(self) -> tuple[Edition, ...]:
        """The editions as they followed each other, those brought in as history in their places."""
        return tuple(in_order(self.editions)) if any(e.before is not None for e in self.editions) else self.editions

    def line_to(self, edition: Edition) -> tuple[Edition, ...]:
        """What led to an edition in time, itself last. One of history that was withdrawn never stood for any day."""
        before = self.in_time[: next(at for at, one in enumerate(self.in_time) if one.ordinal == edition.ordinal)]
        return (*(one for one in before if not (one.withdrawn and one.before is not None)), edition)

    @cached_property
    def out_of_step(self) -> frozenset[int]:
        """Ordinals of the editions that came after another one in time than in order of publication."""
        if self.in_time is self.editions:
            return frozenset()
        lines = (self.line_to(edition)[-2:] for edition in self.editions)
        led = {line[-1].ordinal: line[0].ordinal if len(line) == 2 else None for line in lines}
        ordinals = [edition.ordinal for edition in self.editions]
        return frozenset(
            ordinal for before, ordinal in zip([None, *ordinals], ordinals, strict=False) if led[ordinal] != before
        )

    def edition(self, *, version: str | None = None, on: date | None = None) -> Edition:
        """The named edition, else the one in force on a day, else the current one. Raises UnknownVersion."""
        if version is not None:
            wanted = latin_digits(version).strip().replace("/", "-")
            for edition in self.editions:
                if edition.version == wanted:
                    return edition
            known = [e.version for e in reversed(self.editions)][:5]
            raise UnknownVersion(
                f"«{self.id}» ویرایش «{version[:40]}» ندارد.",
                f"{self.id} has no edition {version[:40]!r}.",
                "Version",
                suggestions=known,
            )
        if on is not None:
            for edition in reversed(self.in_time):
                if edition.in_force <= on and not (edition.withdrawn and edition.before is not None):
                    return edition
            raise UnknownVersion(
                f"«{self.id}» در {jalali(on)} هنوز ویرایشی در اجرا نداشت؛ نخستین از {self._first_day} است.",
                f"No edition of {self.id} was in force on {jalali(on)}; the first is of {self._first_day}.",
                "Date",
                suggestions=[self._first_day],
            )
        return self.current

    @property
    def _first_day(self) -> str:
        return jalali(min(e.in_force for e in self.editions))

    def first_since(self, instant: datetime, upto: Edition) -> int:
        """Ordinal of the first edition published at or after ``instant``, at most one past ``upto``."""
        for edition in self.editions:
            if edition.ordinal > upto.ordinal:
                break
            if edition.published_at >= instant:
                return edition.ordinal
        return upto.ordinal + 1


@dataclass(frozen=True, slots=True)
class CodeIndex:
    """Where the file lies that tells which terminologies hold a code."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Catalogue:
    serial: int
    published_at: datetime
    terminologies: tuple[TerminologyEntry, ...]
    code_index: CodeIndex | None = None
    _by_name: dict[str, TerminologyEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {t.id.casefold(): t for t in self.terminologies})

    @cached_property
    def codes(self) -> tuple[TerminologyEntry, ...]:
        return tuple(t for t in self.terminologies if t.kind == "codes")

    @cached_property
    def maps(self) -> tuple[TerminologyEntry, ...]:
        return tuple(t for t in self.terminologies if t.kind == "map")

    @cached_property
    def answered(self) -> Remembered[Any]:
        """Answers that were made from this very catalogue, for the reader that keeps some (maxa.gateway.searching)."""
        return Remembered(_MOST_ANSWERED)

    def as_of(self, serial: int) -> Catalogue:
        """What there was to read at an earlier ``serial``: a cursor may be older than this catalogue."""
        if serial >= self.serial:
            return self
        entries = []
        for entry in self.terminologies:
            editions = tuple(e for e in entry.editions if e.serial <= serial)
            if editions:
                entries.append(entry if editions == entry.editions else replace(entry, editions=editions))
        return replace(self, serial=serial, terminologies=tuple(entries))

    def find(self, name: str, *, kind: str = "codes") -> TerminologyEntry | None:
        """Look an id up without regard to case (FACTS §6)."""
        entry = self._by_name.get(name.casefold()) or self._by_name.get(name.strip().casefold())
        return entry if entry is not None and entry.kind == kind else None

    def terminology(self, name: str, *, kind: str = "codes", parameter: str = "Terminology") -> TerminologyEntry:
        """As :meth:`find`, but raises :class:`UnknownTerminology` with the nearest ids."""
        entry = self.find(name, kind=kind)
        if entry is None:
            shown = name.strip()[:60]
            raise UnknownTerminology(
                f"واژگان «{shown}» شناخته نیست.",
                f"There is no terminology {shown!r}.",
                parameter,
                suggestions=self.nearest_ids(name, kind=kind),
            )
        return entry

    def nearest_ids(self, name: str, *, kind: str = "codes", limit: int = 3) -> list[str]:
        ids = [t.id for t in self.terminologies if t.kind == kind]
        keys = {i: code_key(i).removeprefix("thritaehr") for i in ids}
        wanted = code_key(name[:100]).removeprefix("thritaehr")
        best = process.extract(wanted, keys, scorer=fuzz.WRatio, limit=limit, score_cutoff=60)
        return [key for _, _, key in best]


EMPTY = Catalogue(0, datetime.fromtimestamp(0, TEHRAN), ())


def dump_catalogue(catalogue: Catalogue) -> bytes:
    def entry(t: TerminologyEntry) -> dict[str, Any]:
        return {
            "id": t.id, "kind": t.kind, "title_fa": t.title_fa, "title_en": t.title_en, "source": t.source,
            "target": t.target, "current": t.current.version, "editions": [asdict(e) for e in t.editions],
        }  # fmt: skip

    content = {
        "format": CATALOGUE_FORMAT,
        "serial": catalogue.serial,
        "published_at": catalogue.published_at,
        "terminologies": [entry(t) for t in catalogue.terminologies],
        "code_index": asdict(catalogue.code_index) if catalogue.code_index else None,
    }
    return orjson.dumps(
        content | {"sha256": digest_of(content)}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def digest_of(content: dict[str, Any]) -> str:
    """Of all that the catalogue says, in its compact form: what is cut or flipped on the disk is not served."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def load_catalogue(content: bytes) -> Catalogue:
    """Read ``catalogue.json``. Raises :class:`Unavailable` saying what was found and expected."""
    try:
        data = orjson.loads(content)
        found = data["format"]
        if found != CATALOGUE_FORMAT:
            raise Unavailable(
                f"قالب فهرست {found} است و این نسخه قالب {CATALOGUE_FORMAT} را می‌خواند؛ نرم‌افزار را روزآمد کنید.",
                f"The catalogue's format is {found}, this version reads {CATALOGUE_FORMAT}: upgrade the software.",
            )
        if data.pop("sha256") != digest_of(data):
            raise ValueError("it is not what was written")
        return Catalogue(
            serial=data["serial"],
            published_at=datetime.fromisoformat(data["published_at"]),
            terminologies=tuple(_entry(t) for t in data["terminologies"]),
            code_index=CodeIndex(**data["code_index"]) if data["code_index"] else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unavailable(
            "فهرست قفسه خراب است. «maxa shelf rebuild» را اجرا کنید (در آینه: «maxa mirror sync»).",
            "The shelf's catalogue is damaged. Run `maxa shelf rebuild` (on a mirror: `maxa mirror sync`).",
        ) from None


def _entry(data: dict[str, Any]) -> TerminologyEntry:
    editions = tuple(
        Edition(
            **{
                **e,
                "in_force": date.fromisoformat(e["in_force"]),
                "published_at": datetime.fromisoformat(e["published_at"]),
                "withdrawn_at": datetime.fromisoformat(at) if (at := e.get("withdrawn_at")) else None,
            }
        )
        for e in data["editions"]
    )
    return TerminologyEntry(
        id=data["id"],
        kind=data["kind"],
        title_fa=data["title_fa"],
        title_en=data["title_en"],
        source=data["source"],
        target=data["target"],
        editions=editions,
    )


def write_catalogue(shelf: Path, catalogue: Catalogue) -> None:
    write_durably(shelf / CATALOGUE_NAME, dump_catalogue(catalogue))
