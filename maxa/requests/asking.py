"""What a request says, checked and cleaned, whether it came by the page or by the API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from maxa.errors import BadParameter, MissingParameter, TooManyCodes, UnknownTerminology
from maxa.shelf.catalogue import Catalogue

KINDS = ("missing-code", "wrong-title", "difference", "other")
MOST_ROWS = 5_000
LONGEST = {"code": 100, "title": 300, "note": 200}  # characters, of a row
LONGEST_ORGANISATION = 200
LONGEST_CLIENT = 128
LONGEST_TERMINOLOGY = 200
LONGEST_NOTE = 4_000
Row = dict[str, str]  # code, title, note


@dataclass(frozen=True, slots=True)
class Asking:
    """``terminology`` is empty where the requester does not know it. ``authenticated``: the client proved who it is."""

    kind: str
    terminology: str
    rows: tuple[Row, ...]
    organisation: str
    client_id: str = ""
    authenticated: bool = False
    channel: str = "page"
    note: str = ""

    def digest(self) -> str:
        """The same for the same content, by whichever way it came."""
        said = [self.kind, self.terminology, self.organisation, self.client_id, self.note, self.rows]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def asking_of(given: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], catalogue: Catalogue, **more: Any) -> Asking:
    """Fields by their names, and rows with ``code``, ``title`` and ``note``; empty rows are left out, and so is one that
    stands twice. Raises errors of a bad request that name the field."""
    kind = _text(given.get("kind"), "kind", 40)
    if kind not in KINDS:
        raise BadParameter(
            f"گونهٔ درخواست یکی از این‌هاست: {'، '.join(KINDS)}.", f"'kind' is one of {', '.join(KINDS)}.", "kind",
            suggestions=list(KINDS),
        )  # fmt: skip
    organisation = _text(given.get("organisation"), "organisation", LONGEST_ORGANISATION)
    if not organisation:
        raise MissingParameter(
            "نام سازمان را بنویسید؛ نام شخص لازم نیست.", "Name the organisation; no person's name is needed.", "organisation"
        )  # fmt: skip
    return Asking(
        kind=kind,
        terminology=_terminology(_text(given.get("terminology"), "terminology", LONGEST_TERMINOLOGY), catalogue),
        rows=_rows(rows),
        organisation=organisation,
        client_id=_text(given.get("client_id"), "client_id", LONGEST_CLIENT),
        note=_text(given.get("note"), "note", LONGEST_NOTE, lines=True),
        **more,
    )


def _terminology(wanted: str, catalogue: Catalogue) -> str:
    if not wanted:
        return ""
    entry = catalogue.find(wanted) or catalogue.find(wanted, kind="map")
    if entry is None:
        raise UnknownTerminology(
            f"واژگان «{wanted[:60]}» شناخته نیست؛ اگر نمی‌دانید کدام است آن را خالی بگذارید.",
            f"There is no terminology {wanted[:60]!r}: leave it empty if you do not know which one it is.",
            "terminology",
        )
    return entry.id


def _rows(given: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    found: dict[tuple[str, ...], Row] = {}
    for number, one in enumerate(given, start=1):
        if number > MOST_ROWS:
            raise TooManyCodes(
                f"یک درخواست تا {MOST_ROWS} سطر دارد؛ آن را چند درخواست کنید.",
                f"A request has at most {MOST_ROWS} rows: make several of it.",
                "rows",
            )
        row = {name: _text(_said(one, name), f"rows[{number}].{name}", longest) for name, longest in LONGEST.items()}
        if row["code"] or row["title"]:
            found.setdefault(tuple(row.values()), row)
    if not found:
        raise MissingParameter(
            "دست‌کم یک کد یا عنوان بنویسید: هر سطر یکی.", "Name one code or title at least: one a row.", "rows"
        )
    return tuple(found.values())


def _said(row: Mapping[str, Any], name: str) -> Any:
    """Some clients send codes as numbers."""
    value = row.get(name)
    return str(value) if name == "code" and isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any, name: str, longest: int, *, lines: bool = False) -> str:
    """One line of text without control characters (several with ``lines``); null is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadParameter(f"«{name}» باید متن باشد.", f"{name!r} must be a text.", name)
    if len(value) > longest:
        raise BadParameter(
            f"«{name}» بیش از {longest} نویسه است.", f"{name!r} is longer than {longest} characters.", name
        )
    written = value.splitlines() if lines else [value]
    return "\n".join(" ".join(_printable(line).split()) for line in written).strip()


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    # half-spaces and direction marks (Cf) belong to Persian; NUL, escapes and half characters do not
    return "".join(letter if letter.isprintable() or letter in "\u200c\u200d\u200e\u200f" else " " for letter in text)
