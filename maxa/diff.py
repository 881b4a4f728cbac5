"""Differences between two states of a list, field by field. Pure: it knows neither the registry nor the shelf.

A state of a code is a flat dictionary of fields, see :func:`flat_concept` and :func:`flat_pair`; a field that is empty is
left out. ``status`` is ``active`` or ``retired``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

KINDS = ("added", "changed", "retired", "restored", "removed")
ACTIVE = "active"

State = Mapping[str, Any]


class FieldChange(NamedTuple):
    """``None`` is an empty field."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one code. ``removed``: the later state does not hold it at all, which happens only between states
    that are not editions of one history, such as a vendor's list and ours."""

    code: str
    kind: str
    before: State | None
    after: State | None

    def fields(self) -> list[FieldChange]:
        """Fields that differ, in the order of the later state, then those that it lacks."""
        before, after = self.before or {}, self.after or {}
        names = dict.fromkeys([*after, *before])
        return [
            FieldChange(name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name)
        ]  # fmt: skip


def kind_of(before: State | None, after: State | None) -> str | None:
    """One of :data:`KINDS`, ``None`` where nothing differs."""
    if before is None:
        return "added" if after is not None else None
    if after is None:
        return "removed"
    if before == after:
        return None
    was, is_ = before.get("status", ACTIVE), after.get("status", ACTIVE)
    if was == is_:
        return "changed"
    return "restored" if is_ == ACTIVE else "retired"


def change_of(code: str, before: State | None, after: State | None) -> Change | None:
    kind = kind_of(before, after)
    return Change(code, kind, before, after) if kind else None


def differences(before: Iterable[tuple[str, State]], after: Iterable[tuple[str, State]]) -> Iterator[Change]:
    """Changes between two streams of ``(code, state)``, both in the binary order of their codes."""
    left, right = iter(before), iter(after)
    old, new = next(left, None), next(right, None)
    while old is not None or new is not None:
        code = min(one[0] for one in (old, new) if one is not None)
        was = old[1] if old is not None and old[0] == code else None
        is_ = new[1] if new is not None and new[0] == code else None
        change = change_of(code, was, is_)
        if change is not None:
            yield change
        if was is not None:
            old = next(left, None)
        if is_ is not None:
            new = next(right, None)


def summary(changes: Iterable[Change]) -> dict[str, Any]:
    """``{"added": n, …, "fields": {"title_fa": n, …}}``; fields are counted over codes that stood in both states."""
    kinds: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for change in changes:
        kinds[change.kind] += 1
        if change.before is not None and change.after is not None:
            fields.update(one.field for one in change.fields())
    return {**{kind: kinds[kind] for kind in KINDS}, "fields": dict(sorted(fields.items()))}


def flat_concept(
    *,
    title_fa: str,
    title_en: str,
    status: str,
    part: str = "",
    parent: str | None = None,
    replaced_by: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The state of a concept; a property ``unit`` is the field ``properties.unit``."""
    named = {
        "title_fa": title_fa, "title_en": title_en, "status": status, "part": part, "parent": parent,
        "replaced_by": replaced_by,
    }  # fmt: skip
    return {name: value for name, value in named.items() if value not in (None, "")} | _flat(properties)


def flat_pair(
    *,
    source: str,
    target: str,
    relationship: str,
    status: str,
    part: str = "",
    properties: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The state of a map's pair."""
    named = {"source": source, "target": target, "relationship": relationship, "status": status, "part": part}
    return {name: value for name, value in named.items() if value not in (None, "")} | _flat(properties)


def _flat(properties: Mapping[str, Any] | None) -> dict[str, Any]:
    return {f"properties.{name}": value for name, value in sorted((properties or {}).items()) if value is not None}
