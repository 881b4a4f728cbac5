"""Which rows of a table of decisions are to be decided. `maxa decisions --csv` also writes the map of each and what became
of it: a row of another map, or of a decision that no longer stands, must not be decided by the way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maxa.errors import BadParameter
from maxa.map_ids import map_id
from maxa.persian.fold import title_key

MAP_HEADINGS = ("نگاشت", "map")
STATE_HEADINGS = ("حالت", "state")

STATE_WORDS = {
    "standing": "برجا", "draft": "پیش‌نویس", "in_review": "در بررسی", "approved": "تأییدشده", "ended": "پایان‌یافته",
    "rejected": "ردشده",
}  # fmt: skip
_STATE_OF = {title_key(word): state for state, fa in STATE_WORDS.items() for word in (state, fa)}
_GONE = ("ended", "rejected")
_LINES_TOLD = 10
_LONGEST_TOLD = 100


def map_key(name: str) -> str:
    """One spelling of a map's id, in any letter case."""
    return map_id(name).replace(" ", "").lower()


def refuse_rows_of_others(
    rows: Iterable[tuple[int, Mapping[str, Any]]], *, map_name: str | None, told: tuple[str, str]
) -> list[tuple[int, Mapping[str, Any]]]:
    """The rows ``(line, fields)``, all of one map and none of a decision that ended. Without ``map_name`` the first row
    says the map. Raises :class:`BadParameter`, which begins with ``told`` (Persian, English)."""
    kept = []
    gone: list[int] = []
    wanted = map_name
    for line, row in rows:
        named = _cell(row, "map")
        wanted = wanted or named
        if named and map_key(named) != map_key(wanted):
            raise BadParameter(
                f"{told[0]}سطر {line}: تصمیمی دربارهٔ {named} است، نه {wanted}؛ ردیف‌های هر نگاشت را جدا بدهید.",
                f"{told[1]}line {line}: the decision is on {named}, not on {wanted}: hand in the rows of each map apart.",
                "file",
            )
        word = _cell(row, "state")
        state = _STATE_OF.get(title_key(word)) if word else "standing"
        if state is None:
            fa, en = "، ".join(STATE_WORDS.values()), ", ".join(STATE_WORDS)
            raise BadParameter(
                f"{told[0]}سطر {line}: حالت «{word}» شناخته نیست ({fa})؛ درستش کنید یا خانه را خالی کنید.",
                f"{told[1]}line {line}: the state {word!r} is not known ({en}): correct it, or clear the cell.",
                "file",
            )
        if state in _GONE:
            gone.append(line)
        kept.append((line, row))
    if gone:
        lines = ", ".join(map(str, gone[:_LINES_TOLD])) + (", …" if len(gone) > _LINES_TOLD else "")
        raise BadParameter(
            f"{told[0]}{len(gone)} ردیف (سطر {lines.replace(', ', '، ')}) از تصمیم‌هایی است که پایان یافته یا رد شده است. آن ردیف‌ها را پاک"
            " کنید؛ اگر باید از نو تصمیم گرفته شود، خانهٔ «حالت» آن را خالی کنید.",
            f"{told[1]}{len(gone)} rows (line {lines}) are of decisions that ended or were rejected. Delete these rows; to"
            " decide one anew, clear its cell “state”.",
            "file",
        )
    return kept


def _cell(row: Mapping[str, Any], field: str) -> str:
    """In one line, and no longer than a message may quote."""
    return " ".join(str(row.get(field) or "").split())[:_LONGEST_TOLD]
