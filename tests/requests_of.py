"""Requests as readers file them."""

from __future__ import annotations

from typing import Any

from maxa.requests.asking import Asking


def asking(*rows: str | dict[str, str], **more: Any) -> Asking:
    """Rows are titles, or dicts of what is said."""
    given = {"kind": "missing-code", "terminology": "LNC", "organisation": "بیمهٔ نمونه", **more}
    whole = [{"code": "", "title": "", "note": "", **(r if isinstance(r, dict) else {"title": r})} for r in rows]
    return Asking(rows=tuple(whole or [{"code": "", "title": "آزمایش تازه", "note": ""}]), **given)
