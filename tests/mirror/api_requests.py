"""Requests to ``/api/v1`` as clients send them, for :mod:`tests.mirror.requests_table`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from maxa.search.api import search

if TYPE_CHECKING:
    from tests.mirror.requests_table import Known, Request

_FORMS = ("export.csv", "export.json", "export.xlsx", "diff", "diff.csv", "diff.xlsx", "")


def _get(path: str, **parameters: Any) -> Request:
    given = urlencode({k: v for k, v in parameters.items() if v is not None}, doseq=True)
    return "GET", f"/api/v1{path}{'?' if given else ''}{given}", None


def _named(known: Known) -> str:
    return quote(known.terminology().strip() or "LNC", safe="")


def _versions(known: Known, name: str) -> list[str]:
    entry = known.catalogue.find(name) or known.catalogue.find(name, kind="map")
    return ["current", "1300-01-01", *([e.version for e in entry.editions] * 3 if entry else ())]


def terminologies(known: Known, count: int) -> Iterator[Request]:
    """Lists, single codes with their history, and editions with what differs between them."""
    chance = known.chance
    for n in range(count):
        name = _named(known)
        if n % 5 == 0:
            yield _get(chance.choice(["/terminologies", "/maps", f"/terminologies/{name}"]), date=known.date())
        elif n % 5 == 1:
            yield _get(
                f"/terminologies/{name}/concepts", page_size=chance.choice([None, 2, 1_000, 0]), version=known.version(),
                status=chance.choice([None, "all", "retired", "x"]), part=chance.choice([*[None] * 6, "", "x"]),
                date=known.date(), cursor=chance.choice([*[None] * 9, "abc"]),
            )  # fmt: skip
        elif n % 5 in (2, 3):
            code = known.code(name) or "nothing"
            yield _get(
                f"/terminologies/{name}/concepts/{quote(code, safe='')}", version=known.version(), date=known.date(),
                history=chance.choice([*[None] * 6, 0, 1, 101]),
            )  # fmt: skip
        else:
            version = chance.choice(_versions(known, name))
            below = f"/terminologies/{name}/releases"
            form = chance.choice(_FORMS)
            base = chance.choice([None, *_versions(known, name)]) if form.startswith("diff") else None
            yield _get(f"{below}/{version}/{form}".rstrip("/") if n % 2 else below, **{"from": base})


def searches(known: Known, count: int) -> Iterator[Request]:
    """In one, several and all terminologies, with pages that follow others."""
    from tests.mirror.requests_table import TEXTS

    chance = known.chance
    names = list(known.codes)
    for n in range(count):
        text = chance.choice([*TEXTS, known.title(chance.choice(names))[: chance.randrange(1, 30)]])
        some = chance.choice([None, chance.choice(names), ",".join(chance.sample(names, 3)), known.terminology()])
        if n % 3 == 0:
            yield _get("/suggest", q=text, terminology=some, limit=chance.choice([None, None, 1, 20, 21]))
            continue
        yield _get(
            "/search", q=text, terminology=some, page_size=chance.choice([None, None, 1, 3, 200, 201]),
            literal=chance.choice([None, None, "true", "perhaps"]), status=chance.choice([None, None, "active", "retired"]),
            filter=chance.choice([*[None] * 6, "unit:g/dL", "color:red", "x"]), version=known.version(), date=known.date(),
            cursor=_following(known) if n % 7 == 0 else None,
        )  # fmt: skip
        if n % 7 == 1:
            yield _get("/search", cursor=_following(known))


def _following(known: Known) -> str | None:
    """The cursor of a first page of two."""
    text = known.chance.choice(["ا", "هموگلوبین", "a"])
    return search(known.shelf, known.catalogue, text, limit=1).next


def maps(known: Known, count: int) -> Iterator[Request]:
    chance = known.chance
    for n in range(count):
        name = chance.choice(["LNC--RVU3", "LNC--RVU3", "lnc-%3Ervu3", "RVU3--LNC", "LNC--X"])
        below, reverse = f"/maps/{name}", chance.choice([None, None, "true"])
        code = known.code("RVU3" if reverse else "LNC")
        if n % 4 == 0:
            yield _get(below + chance.choice(["", "/pairs", "/unmapped", "/releases", "/releases/current/export.csv"]))
        elif n % 4 == 1:
            yield _get(f"{below}/translate", code=code, reverse=reverse, date=known.date(), version=known.version())
        else:
            codes = [known.code(chance.choice(["LNC", "RVU3"])) or "x" for _ in range(chance.randrange(12))]
            body = chance.choice([codes, {"codes": codes, "reverse": True}, {"codes": "718-7"}])
            yield "POST", f"/api/v1{below}/translate", body


def validations(known: Known, count: int) -> Iterator[Request]:
    chance = known.chance
    for n in range(count):
        name = known.terminology()
        triple = {"Terminology_id": name, "Coded_string": known.code(name), "Value": known.title(name)}
        body: Any = triple if n % 2 else [triple] * chance.randrange(3)
        yield "POST", f"/api/v1/validate{chance.choice(['', '', '?strict=true', '?date=1402/13/01'])}", body


def publications_and_errors(known: Known, count: int) -> Iterator[Request]:
    wrong: tuple[Request, ...] = (
        ("GET", "/api/v1/nothing", None), ("DELETE", "/api/v1/terminologies", None), ("GET", "/api/v1/search", None),
        ("GET", "/api/v1/suggest", None), ("GET", "/api/v1/search?q=a&q=b", None), ("POST", "/api/v1/validate", "x"),
        ("GET", "/api/v1/search?q=%ED%A0%80", None), ("GET", "/api/v1/search?q=" + "x" * 3_000, None),
        ("GET", "/api/v1/errors/unknown-code", None), ("GET", "/api/v1/openapi.json", None), ("GET", "/api/v1", None),
    )  # fmt: skip
    for n in range(count):
        if n % 2:
            yield known.chance.choice(wrong)
        else:
            yield _get(
                "/changes", after=known.chance.choice([None, 0, 3, 12, 99, "x"]),
                page_size=known.chance.choice([None, 2]),
            )  # fmt: skip
