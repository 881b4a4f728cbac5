"""How a request stands, as its follower is told, by the page and by the API."""

from __future__ import annotations

from collections import Counter
from typing import Any

from maxa.errors import MaxaError, NotFound, Unavailable
from maxa.persian.dates import jalali, parse_day
from maxa.requests.spool import Damaged, Spool
from maxa.requests.tracking import read_tracking
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf

ROW_STATES = ("received", "in_review", "assigned", "existing", "refused")


def found(spool: Spool, tracking: str, shelf: Shelf, catalogue: Catalogue) -> dict[str, Any]:
    """Raises :class:`NotFound` for a number that was not given out, or was mistyped."""
    number = read_tracking(tracking)
    try:
        record = spool.find(number) if number else None
    except (OSError, Damaged):
        raise Unavailable(
            "وضع این درخواست اکنون خوانده نمی‌شود؛ اندکی دیگر دوباره بپرسید و اگر ماند، به مدیر سامانه بگویید.",
            "How this request stands can't be read: ask again in a moment, and tell the operator if it stays so.",
        ) from None
    if record is None:
        if number is None:
            raise NotFound(
                "این شمارهٔ پیگیری درست نوشته نشده است؛ ۱۲ حرف و رقم دارد، مانند 7K3M-9QXD-2TRZ.",
                "This is no tracking number: it has 12 letters and digits, such as 7K3M-9QXD-2TRZ.",
                "tracking",
            )
        raise NotFound(
            "درخواستی با این شمارهٔ پیگیری نیست.", "There is no request with this tracking number.", "tracking"
        )
    state = record.get("state", "received")
    published = _published(record["rows"], shelf, catalogue)
    items = [_item(place, row, state, published) for place, row in enumerate(record["rows"], start=1)]
    counts = Counter(item["state"] for item in items)
    return {
        "tracking": record["tracking"],
        "state": state,
        "kind": record["kind"],
        "terminology": record["terminology"] or None,
        "organisation": record["organisation"],
        "note": record["note"],
        "received_at": record["received_at"],
        "updated_at": record.get("updated_at"),
        "counts": {name: counts[name] for name in ROW_STATES},
        "items": items,
    }


def _published(rows: list[dict[str, Any]], shelf: Shelf, catalogue: Catalogue) -> set[tuple[str, str]]:
    """Answered codes that readers find now, whatever was known when they were answered."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        answer = row.get("answer")
        if answer and answer["code"]:
            wanted.setdefault(answer["terminology"], set()).add(answer["code"])
    there: set[tuple[str, str]] = set()
    for terminology, codes in wanted.items():
        entry = catalogue.find(terminology)
        if entry is None:
            continue
        try:
            known = shelf.release(entry.current).published(codes)
        except (MaxaError, OSError):
            continue  # the answer stands without its link
        there |= {(terminology, code) for code in known}
    return there


def _item(place: int, row: dict[str, Any], state: str, published: set[tuple[str, str]]) -> dict[str, Any]:
    answer = row.get("answer")
    waits = "received" if state == "received" else "in_review"
    told = {"position": place, "code": row["code"], "title": row["title"], "note": row["note"]}
    if answer is None:
        return {**told, "state": waits, "answer": None}
    is_published = (answer["terminology"], answer["code"]) in published
    expected = parse_day(answer["expected"]) if answer["expected"] and not is_published else None
    said = {
        "terminology": answer["terminology"] or None,
        "code": answer["code"] or None,
        "reason": answer["reason"] or None,
        "answered_at": answer["at"],
        "published": is_published,
        "expected": jalali(expected) if expected else None,
    }
    return {**told, "state": answer["kind"], "answer": said}
