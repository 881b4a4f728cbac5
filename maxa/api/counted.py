"""Counts over a whole edition, made once a process: a sealed file never changes, so they can't go stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from maxa.errors import BadParameter
from maxa.sheets.layout import labels
from maxa.shelf.release import SealedRelease
from maxa.shelf.remembered import Remembered

T = TypeVar("T")

_known: Remembered[Any] = Remembered(512)


def counted(release: SealedRelease, what: str, count: Callable[[], T]) -> T:
    """``count()``, or what it gave before for this edition under the name ``what``."""
    key = (release.edition.sha256, what)
    found = _known.get(key)
    if found is None:
        found = count()
        _known.keep(key, found)
    return cast("T", found)


def parts_of(release: SealedRelease) -> list[dict[str, Any]]:
    """Its parts with their counts; one without a name where the list has no parts."""
    rows = counted(release, "parts", release.parts)
    return [{"part": part, "active_count": active, "retired_count": gone} for part, active, gone in rows]


def labels_of(release: SealedRelease, language: str = "fa") -> dict[str, str]:
    """Names of its fields for people, as :func:`maxa.sheets.layout.labels` gives them. Not to be changed."""
    return counted(release, f"labels {language}", lambda: labels(release.manifest, language))


def check_part(part: str | None, *releases: SealedRelease | None) -> None:
    """Raises :class:`BadParameter` for a part that none of the editions has: an empty list would look like an answer."""
    if part is None:
        return
    known = dict.fromkeys(one["part"] for release in releases if release is not None for one in parts_of(release))
    if part not in known:
        named = [one for one in known if one]
        hint_fa = f"؛ بخش‌ها: {'، '.join(named)}" if named else "؛ این فهرست بخش‌بندی ندارد"
        hint_en = f"; it has {', '.join(named)}" if named else "; it is not kept in parts"
        raise BadParameter(
            f"بخشی به نام «{part[:60]}» نیست{hint_fa}.",
            f"There is no part {part[:60]!r}{hint_en}.",
            "part",
            suggestions=named,
        )
