"""Requests as clients send them, by service: what a mirror must answer as the centre does.

A request is ``(method, path with query, JSON body or None)``. Those of ``/api/v1`` are made in
:mod:`tests.mirror.api_requests`. Another surface adds a function that gives its own and a line in :data:`TABLE`; what
of a body may differ between two servers is named in :data:`PASSING`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from tests.mirror import api_requests

Request = tuple[str, str, Any]
PASSING = (rb'"waitTime":\d+',)  # patterns that are taken out of both bodies

BASES = ("/gwmaksa", "/api/client/apim/v1/maksaservice/gwmaksa")
DATES = (
    "1400/01/01",
    "1402-05-01",
    "۱۴۰۲/۰۲/۱۸",
    "1404/10/11 10:30:00",
    "2026-01-01",
    "1402/13/01",
    "1402/12/30",
    "x",
    "",
)
TEXTS = (
    "هموگلوبین", "گلبول", "قرص", "hemoglobin", "718", "استامینوفن کدیین", "شمارش پلاکت ها", "بخش", '"گلبول قرمز"', "((",
    "-قرص", "a:b:\"c", "glucose serum", "لوزارتان ۵۰", "zzzz", "ي", "",
)  # fmt: skip


def _get(service: str, chance: random.Random, **parameters: Any) -> Request:
    given = {k: v for k, v in parameters.items() if v is not None}
    return "GET", f"{chance.choice(BASES)}/{service}?{urlencode(given)}", None


class Known:
    """What a shelf has to be asked about, for the makers of requests."""

    def __init__(self, shelf: Shelf, seed: int) -> None:
        self.chance = random.Random(seed)
        self.shelf = shelf
        self.catalogue: Catalogue = shelf.catalogue()
        self.codes = {
            t.id: list(shelf.release(t.current).page(after=None, limit=400, status="all")) for t in self.catalogue.codes
        }

    def terminology(self) -> str:
        known = self.chance.choice(list(self.codes))
        return self.chance.choice([*[known] * 12, known.lower(), f" {known} ", "LNX", "*", ""])

    def code(self, terminology: str) -> str:
        there = self.codes.get(terminology.strip()) or self.chance.choice(list(self.codes.values()))
        code = self.chance.choice(there).code
        return self.chance.choice([*[code] * 8, code[:-1], code + "0", code[:15] + "0", f" {code}", "nothing", ""])

    def title(self, terminology: str) -> str:
        there = self.codes.get(terminology.strip()) or self.chance.choice(list(self.codes.values()))
        return self.chance.choice([self.chance.choice(there).title, "عنوان دیگر", "", "Hemoglobin"])

    def version(self) -> str | None:
        versions = [e.version for t in self.catalogue.terminologies for e in t.editions]
        return self.chance.choice([*[None] * 60, *versions, "1399-01-01", "x"])

    def date(self) -> str | None:
        return self.chance.choice([*[None] * 20, *DATES])


def cts_terminologies(known: Known, count: int) -> Iterator[Request]:
    for _ in range(count):
        yield _get("CtsTerminologies", known.chance, FromDate=known.date())


def terminology(known: Known, count: int) -> Iterator[Request]:
    for _ in range(count):
        name = known.terminology()
        yield _get(
            "Terminology",
            known.chance,
            Terminology=name,
            Code=known.code(name),
            Version=known.version(),
            Date=known.date(),
        )


def searches(known: Known, count: int) -> Iterator[Request]:
    for _ in range(count):
        yield _get(
            "Terminology", known.chance, Terminology=known.terminology(), Search=known.chance.choice(TEXTS),
            PageSize=known.chance.choice([*[None] * 8, 1, 3, 20, 0, -1, "x"]), Version=known.version(),
        )  # fmt: skip


def lists(known: Known, count: int) -> Iterator[Request]:
    for _ in range(count):
        yield _get(
            "SearchTerminology", known.chance, Terminology=known.terminology(),
            PageSize=known.chance.choice([None, None, 2, 5, 1000, 0]), Status=known.chance.choice([*[None] * 4, "all", "retired", "x"]),
            FromDate=known.date(), Version=known.version(), Cursor=known.chance.choice([*[None] * 20, "abc"]),
            Serach=known.chance.choice([*[None] * 20, "x"]), _=known.chance.choice([None, "1"]),
        )  # fmt: skip


def validations(known: Known, count: int) -> Iterator[Request]:
    for _ in range(count):
        name = known.terminology()
        yield _get(
            "ValidateCts", known.chance, Terminology_id=name, Coded_string=known.code(name), Value=known.title(name),
            Date=known.date(), Strict=known.chance.choice([*[None] * 6, "true", "true", "maybe"]), Version=known.version(),
        )  # fmt: skip


def posted(known: Known, count: int) -> Iterator[Request]:
    def triple() -> dict[str, Any]:
        name = known.terminology()
        return {"Terminology_id": name, "Coded_string": known.code(name), "Value": known.title(name)}

    for n in range(count):
        body: Any = triple() if n % 3 else [triple() for _ in range(known.chance.randrange(12))]
        yield "POST", f"{known.chance.choice(BASES)}/ValidateCts", body


def errors(known: Known, count: int) -> Iterator[Request]:
    wrong = (
        ("GET", "/gwmaksa/Nothing", None), ("GET", "/gwmaksa/", None), ("DELETE", "/gwmaksa/Terminology", None),
        ("POST", "/gwmaksa/Terminology", [1, 2]), ("GET", "/gwmaksa/Terminology?Code=1&Code=2", None),
        ("GET", "/nothing", None), ("GET", "/gwmaksa/Terminology", None), ("POST", "/gwmaksa/ValidateCts", "x"),
        ("GET", "/gwmaksa/Terminology?Terminology=" + "x" * 3_000, None), ("OPTIONS", "/gwmaksa/ValidateCts", None),
    )  # fmt: skip
    for _ in range(count):
        yield known.chance.choice(wrong)


# (what, share of the requests)
TABLE: tuple[tuple[Callable[[Known, int], Iterator[Request]], float], ...] = (
    (cts_terminologies, 0.03), (terminology, 0.14), (searches, 0.1), (lists, 0.1), (validations, 0.14), (posted, 0.06),
    (errors, 0.03), (api_requests.terminologies, 0.14), (api_requests.searches, 0.12), (api_requests.maps, 0.07),
    (api_requests.validations, 0.03), (api_requests.publications_and_errors, 0.04),
)  # fmt: skip


def recorded(shelf: Shelf, count: int, seed: int) -> list[Request]:
    known = Known(shelf, seed)
    return [request for make, share in TABLE for request in make(known, int(count * share))]
