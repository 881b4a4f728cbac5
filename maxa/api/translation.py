"""From codes of one terminology to those of another, by a map: one code or ten thousand take the same way.

Everything is looked up set-wise: the codes in their terminology, their pairs in the map, and the other ends in theirs;
then each code is answered in its place, so that replies keep the order. Of what is nearly always asked, active codes whose
counterparts may be used, SQLite itself writes the JSON, and Python does little more than put the pieces together; all else
is answered code by code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from maxa.errors import UnknownVersion
from maxa.gateway.reading import Bound, Reading
from maxa.gateway.spelling import spelled_alike
from maxa.gateway.suggestions import Budget, SameKeys, nearest_codes
from maxa.persian.fold import code_key
from maxa.shelf.catalogue import TerminologyEntry
from maxa.shelf.pairs import pair_tails
from maxa.shelf.release import Brief, Concept, SealedRelease, json_array
from maxa.shelf.remembered import Remembered

MOST_CODES = 10_000
MAPPED, UNMAPPED, UNKNOWN = "mapped", "unmapped", "unknown-code"
OUTCOMES = (MAPPED, UNMAPPED, UNKNOWN)
_EDITS = 200  # unknown codes of one request that are looked for among those one character away: 0.3 ms each
_LONGEST_SHOWN = 60
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")  # the same in JSON, and in Python's quotes
_ALL_PLAIN = re.compile(rf"{_PLAIN.pattern}(?:\n{_PLAIN.pattern})*")
_LONGEST_REMEMBERED = 2_000  # bytes
_MARK = "⁅⁆"  # stands for such a code in a text that is made once
_MARKED = _MARK.encode()
_MOST_ENDS = 16_384
_remembered: Remembered[dict[str, _End]] = Remembered(4)  # by edition; 10 MB a process
_TITLE = "json_quote(CASE title_fa WHEN '' THEN title_en ELSE title_fa END)"
# A row for each code that is sent, in their order: json_each is the outer loop of a join.
_TITLES = f"""
    SELECT c.active, CAST({_TITLE} AS BLOB) FROM json_each(?) j LEFT JOIN concept c ON c.code = j.value
"""  # noqa: S608
_ENDS = f"""
    SELECT c.code, CAST('{{"code":' || json_quote(c.code) || ',"title":' || {_TITLE} || ',"status":"active","replaced_by":'
        || json_quote(c.replaced_by) AS BLOB)
    FROM json_each(?) j CROSS JOIN concept c ON c.code = j.value WHERE c.active = 1
"""  # noqa: S608


class Kind(NamedTuple):
    severity: str
    fa: str
    en: str


ISSUES: dict[str, Kind] = {
    "unknown-code": Kind("error", "«{terminology}» کد «{code}» ندارد{near_fa}.", "{terminology} has no code {code!r}{near_en}."),
    "unmapped": Kind(
        "warning", "کد «{code}» در نگاشت «{map}» همتایی ندارد.", "Code {code!r} has no counterpart in the map {map}."
    ),
    "retired-code": Kind(
        "warning", "کد «{code}» بازنشسته است{instead_fa}.", "Code {code!r} is retired{instead_en}."
    ),
    "retired-target": Kind(
        "warning",
        "همتای «{code}» در «{terminology}» بازنشسته است{instead_fa}.",
        "The counterpart {code!r} is retired in {terminology}{instead_en}.",
    ),
    "unknown-target": Kind(
        "warning",
        "همتای «{code}» در «{terminology}» نیست؛ به مرکز آمار و فناوری اطلاعات گزارش کنید.",
        "The counterpart {code!r} is not in {terminology}: report it to the centre.",
    ),
    "code-spelling": Kind(
        "info",
        "کد به شکل «{published}» منتشر شده است؛ تنها رقم، فاصله یا بزرگی حرف فرق دارد.",
        "The code is published as {published!r}; only digits' script, spaces or letter case differ.",
    ),
}  # fmt: skip


class Told(NamedTuple):
    """The answer to one code: its outcome, and the whole of it as JSON."""

    outcome: str
    content: bytes

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.content)
        return found


@dataclass(frozen=True, slots=True)
class MapReading:
    """A map's edition with the terminologies on both of its sides, as seen from the codes that are asked for: ``near``
    is where they belong, ``far`` where they lead. Either is None while that terminology is not on the shelf."""

    bound: Bound
    near: Bound | None
    far: Bound | None
    near_id: str
    far_id: str
    reverse: bool

    @property
    def release(self) -> SealedRelease:
        return self.bound.release


def read_map(reading: Reading, bound: Bound, *, reverse: bool) -> MapReading:
    """The terminologies are read at the ``date`` of the reading, else at their current editions: ``version`` names an
    edition of the map."""
    sides = Reading(reading.shelf, reading.catalogue, None, reading.on if reading.version is None else None)
    source, target = bound.entry.source, bound.entry.target
    near, far = (target, source) if reverse else (source, target)
    return MapReading(bound, open_side(sides, near), open_side(sides, far), near, far, reverse)


def open_side(reading: Reading, terminology: str) -> Bound | None:
    entry: TerminologyEntry | None = reading.catalogue.find(terminology)
    try:
        return reading.open(entry) if entry is not None else None
    except UnknownVersion:
        return None  # it has no edition of that day yet


def translate(held: MapReading, codes: Sequence[str]) -> list[Told]:
    """An answer for each code, in order. Raises :class:`Unavailable`."""
    told = answers(held, codes)
    return [Told(*told[code]) for code in codes]


def answers(held: MapReading, codes: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """(outcome, answer as JSON) by code. Raises :class:`Unavailable`."""
    wanted = sorted(set(codes))
    titles = [(None, None)] * len(wanted)
    if held.near is not None:  # json_each would cut a code at a NUL, and no code is empty
        asked = [code if "\0" not in code else "" for code in wanted]
        titles = held.near.release.rows(_TITLES, (orjson.dumps(asked).decode(),))
    missing = [code for code, (active, _) in zip(wanted, titles, strict=True) if active is None]
    respelled = _spelled_otherwise(held, missing)
    targets = _targets(held, [*wanted, *(concept.code for concept in respelled.values())])
    without = orjson.dumps([issue("unmapped", code=_MARK, map=held.bound.entry.id)])
    all_plain = _ALL_PLAIN.fullmatch("\n".join(wanted)) is not None
    told: dict[str, tuple[str, bytes]] = {}
    others = []
    for code, (active, title) in zip(wanted, titles, strict=True):
        if not active or code in targets.issues or not (all_plain or _PLAIN.fullmatch(code)):
            others.append(code)
            continue
        sent, counterparts = code.encode(), targets.content.get(code)
        if counterparts is None:
            told[code] = UNMAPPED, _plain(b"unmapped", sent, title, b"", without.replace(_MARKED, sent))
        else:
            told[code] = MAPPED, _plain(b"mapped", sent, title, counterparts, b"[]")
    return told | _one_by_one(held, others, respelled, targets)


def _plain(outcome: bytes, code: bytes, title: bytes, targets: bytes, issues: bytes) -> bytes:
    """The answer to an active code, from parts that are JSON; twice as fast as formatting it."""
    return b"".join(
        (
            b'{"code":"', code, b'","outcome":"', outcome, b'","published":"', code, b'","title":', title,
            b',"status":"active","replaced_by":null,"targets":[', targets, b'],"issues":', issues, b',"suggestions":[]}',
        )
    )  # fmt: skip


def _one_by_one(
    held: MapReading, codes: list[str], respelled: dict[str, Concept], targets: _Targets
) -> dict[str, tuple[str, bytes]]:  # fmt: skip
    """Of codes that are unknown, retired or spelled otherwise, or of which more than that is to be said."""
    if not codes:
        return {}
    near = held.near.release.briefly(codes) if held.near is not None else {}
    unknown = [c for c in codes if c not in near and c not in respelled and c not in targets.content]
    near |= {concept.code: Brief(concept.title, concept.active, concept.replaced_by) for concept in respelled.values()}
    nearest = _nearest(held, unknown)
    told = {}
    for code in codes:
        published = respelled[code].code if code in respelled else code
        told[code] = _answer(held, code, published, near.get(published), targets, nearest.get(code, []))
    return told


def _spelled_otherwise(held: MapReading, codes: list[str]) -> dict[str, Concept]:
    """Of codes that are not there exactly so: the one that each is another spelling of."""
    if held.near is None or not codes:
        return {}
    release, alike = held.near.release, SameKeys(held.near.release, codes)
    found = {code: spelled_alike(release, code, alike.concepts(code_key(code))) for code in codes}
    return {code: concept for code, concept in found.items() if concept is not None}


def _nearest(held: MapReading, codes: list[str]) -> dict[str, list[Concept]]:
    if held.near is None or not codes:
        return {}
    budget = Budget(edits=_EDITS)
    alike = SameKeys(held.near.release, codes)
    return {code: nearest_codes(held.near.release, code, "", budget, alike) for code in codes}


class _Targets(NamedTuple):
    """Counterparts by the code that they belong to: JSON of them all, and what is to be said of those that may not be
    used."""

    content: dict[str, bytes]
    issues: dict[str, list[dict[str, Any]]]


def _targets(held: MapReading, codes: list[str]) -> _Targets:
    rows = pair_tails(held.release, codes, reverse=held.reverse)
    ends = _ends(held, {row[1] for row in rows})
    content: dict[str, bytes] = {}
    issues: dict[str, list[dict[str, Any]]] = {}
    for near, code, tail in rows:
        head, to_say = ends[code]
        before = content.get(near)
        content[near] = head + tail if before is None else b"".join((before, b",", head, tail))
        if to_say is not None:
            issues.setdefault(near, []).append(to_say)
    return _Targets(content, issues)


class _End(NamedTuple):
    """A code at the other end of pairs: the beginning of its JSON, and what is to be said where it may not be used."""

    head: bytes
    issue: dict[str, Any] | None


def _ends(held: MapReading, codes: set[str]) -> dict[str, _End]:
    """Ends are few and come again with each batch: those of the far terminology's edition are remembered."""
    known = _known_ends(held.far)
    found = {code: known.get(code) for code in codes}
    ends = {code: end for code, end in found.items() if end is not None}
    missing = [code for code in codes if code not in ends] if len(ends) < len(codes) else []
    if missing:
        read = _read_ends(held, missing)
        ends |= read
        known |= {code: end for code, end in read.items() if len(end.head) <= _LONGEST_REMEMBERED}
    return ends


def _read_ends(held: MapReading, codes: list[str]) -> dict[str, _End]:
    if held.far is None:
        return {code: _End(orjson.dumps({"code": code, **_said_of(None)})[:-1], None) for code in codes}
    far = held.far.release
    rows = far.rows(_ENDS, (json_array(sorted(codes)),))
    ends = {code: _End(head, None) for code, head in rows}
    others = [code for code in codes if code not in ends] if len(ends) < len(codes) else []
    briefs = far.briefly(others) if others else {}
    for code in others:  # retired, or not there at all
        brief = briefs.get(code)
        ends[code] = _End(orjson.dumps({"code": code, **_said_of(brief)})[:-1], _of_target(code, brief, held))
    return ends


def _known_ends(far: Bound | None) -> dict[str, _End]:
    """What is remembered of the codes of an edition; a dictionary of its own where nothing may be."""
    if far is None:
        return {}
    key = (far.edition.sha256, "")
    known = _remembered.get(key)
    if known is None or len(known) >= _MOST_ENDS:
        known = {}
        _remembered.keep(key, known)
    return known


def _said_of(known: Brief | None) -> dict[str, Any]:
    if known is None:
        return {"title": None, "status": None, "replaced_by": None}
    return {"title": known.title, "status": "active" if known.active else "retired", "replaced_by": known.replaced_by}


def _answer(
    held: MapReading, code: str, published: str, known: Brief | None, targets: _Targets, near: list[Concept]
) -> tuple[str, bytes]:
    issues: list[dict[str, Any]] = []
    counterparts = targets.content.get(published)
    if published != code:
        issues.append(issue("code-spelling", published=published))
    if known is not None and not known.active:
        issues.append(issue("retired-code", code=published, **_instead(known.replaced_by)))
    outcome = MAPPED if counterparts else UNMAPPED if known is not None or held.near is None else UNKNOWN
    if outcome == UNKNOWN:
        issues.append(issue("unknown-code", terminology=held.near_id, code=code, **_near(near)))
    elif outcome == UNMAPPED:
        issues.append(issue("unmapped", code=code, map=held.bound.entry.id))
    issues += targets.issues.get(published, ())
    head = orjson.dumps({
        "code": code, "outcome": outcome, "published": published if known or counterparts else None, **_said_of(known),
    })  # fmt: skip
    suggestions = [{"code": c.code, "title": c.title, "status": "active"} for c in near]
    parts = (head[:-1], counterparts or b"", orjson.dumps(issues), orjson.dumps(suggestions))
    return (outcome, b'%b,"targets":[%b],"issues":%b,"suggestions":%b}' % parts)


def _of_target(code: str, known: Brief | None, held: MapReading) -> dict[str, Any]:
    if known is None:
        return issue("unknown-target", code=code, terminology=held.far_id)
    return issue("retired-target", code=code, terminology=held.far_id, **_instead(known.replaced_by))


def issue(name: str, /, **facts: str) -> dict[str, Any]:
    """One issue in both languages; ``facts`` fill its texts, cut at 60 characters."""
    kind = ISSUES[name]
    shown = {fact: text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…" for fact, text in facts.items()}
    return {
        "code": name,
        "severity": kind.severity,
        "message_fa": kind.fa.format_map(shown),
        "message_en": kind.en.format_map(shown),
    }


def _instead(code: str | None) -> dict[str, str]:
    if not code:
        return {"instead_fa": "؛ جایگزینی برای آن اعلام نشده است", "instead_en": "; no code was named in its place"}
    return {"instead_fa": f"؛ جایگزین آن «{code}» است", "instead_en": f"; {code!r} took its place"}


def _near(near: list[Concept]) -> dict[str, str]:
    codes = [concept.code for concept in near[:3]]
    if not codes:
        return {"near_fa": "", "near_en": ""}
    return {"near_fa": f"؛ نزدیک‌ترین: {'، '.join(codes)}", "near_en": f"; nearest: {', '.join(codes)}"}
