"""On one serial a mirror answers as the centre does: bodies, statuses and validators, ``waitTime`` apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from maxa.shelf.reading import Shelf
from tests.gateway.asking import door_to
from tests.mirror.requests_table import PASSING, recorded
from tests.mirror.world import Centre, Mirror, Server, stick
from tests.shelves import concept

COUNT = 5_000


def answer(door: Any, method: str, path: str, body: Any) -> tuple[int, bytes, dict[str, str]]:
    given: dict[str, Any] = {} if body is None else {"json": body}
    with door.http.open(path, method=method, **given) as reply:
        content = reply.get_data()
        for pattern in PASSING:
            content = re.sub(pattern, b"", content)
        headers = {k: v for k, v in reply.headers.items() if k not in ("X-Request-Id", "Content-Length", "Date")}
        return reply.status_code, content, headers


def grown(centre: Centre) -> None:
    """Editions between which a mirror leaps: a list that shares codes with others, a withdrawal, retired codes."""
    shelf = centre.builder
    shelf.publish("ATC", [concept("718-7", "هموگلوبین"), concept("N02", "ضد درد")], version="1403-01-01")
    shelf.publish("AAA", [concept("718-7", "هموگلوبین خون"), concept("801515", "ویزیت")], version="1403-01-02")
    shelf.publish("zzz", [concept("718-7", "هموگلوبین خون")], version="1403-01-03")
    shelf.publish("ATC", [concept("718-7", "هموگلوبین", active=False), concept("N02", "ضد درد")], version="1403-02-01")
    shelf.publish(
        "ATC", [concept("718-7", "هموگلوبین"), concept("N02", "ضد درد")], version="1403-02-02", withdraws="1403-02-01"
    )
    centre.sign()


def compare(centre: Centre, mirror: Mirror, tmp_path: Path, count: int, seed: int) -> tuple[dict[int, int], set[str]]:
    """How often each status came, and the last words of the addresses that were answered."""
    doors = [
        door_to(centre.folder, tmp_path / "c"),
        door_to(mirror.places.shelf, mirror.home, role="mirror"),
    ]
    statuses: dict[int, int] = {}
    good: set[str] = set()
    requests = recorded(Shelf(centre.folder), count, seed)
    assert len(requests) >= count * 0.95
    for method, path, body in requests:
        one, other = (answer(door, method, path, body) for door in doors)
        assert one == other, (method, path, body)
        statuses[one[0]] = statuses.get(one[0], 0) + 1
        if one[0] == 200:
            good.add(path.partition("?")[0].rpartition("/")[2])
    return statuses, good


@pytest.mark.parametrize("way", ["leaps", "steps", "stick"])
def test_a_mirror_answers_as_the_centre_does(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path, way: str
) -> None:
    """However it got there: by one sync from before all of it, from nothing, or from a stick."""
    if way == "leaps":
        mirror.sync(server.url)
    grown(centre)
    if way == "stick":
        mirror.take(stick(centre, tmp_path / "all.zip"))
    else:
        mirror.sync(server.url)
    assert mirror.serial == centre.catalogue.serial
    statuses, good = compare(centre, mirror, tmp_path, COUNT if way == "leaps" else 400, seed=1405)
    if way == "leaps":
        assert good >= {"CtsTerminologies", "Terminology", "SearchTerminology", "ValidateCts", "search", "suggest", "translate",
                        "concepts", "718-7", "diff", "export.xlsx", "validate", "changes"}  # fmt: skip
    asked = sum(statuses.values())
    assert statuses[200] > asked * 0.4
    assert statuses[400] > asked / 50
    assert statuses[404] > asked / 50


def test_a_mirror_of_some_terminologies_answers_for_those(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.choose(("LNC", "IRC"))
    mirror.sync(server.url)
    one, other = door_to(centre.folder, tmp_path / "c"), door_to(mirror.places.shelf, mirror.home, role="mirror")
    for path in (
        "/gwmaksa/Terminology?Terminology=LNC&Code=718-7",
        "/gwmaksa/SearchTerminology?Terminology=IRC",
        "/gwmaksa/SearchTerminology?Terminology=LNC&FromDate=1400/01/01",
        "/gwmaksa/ValidateCts?Terminology_id=IRC&Coded_string=0579693345955352&Value=x",
    ):
        assert answer(one, "GET", path, None) == answer(other, "GET", path, None)
    assert other.get("Terminology", Terminology="RVU3", Code="801515").refusal[1] == "unknown-terminology"
    assert other.validate("IRC", "801515", "ویزیت")["IsValid"] is False
