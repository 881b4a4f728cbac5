"""A client that starts from nothing and applies ``FromDate`` replies holds exactly what the service serves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maxa.app import create_app
from maxa.persian.dates import TEHRAN, jalali_instant
from maxa.settings import Settings
from tests.lists import Committee, ListOf

CODES = "abcdefgh"
PATH = "/gwmaksa/SearchTerminology"
NAMES = itertools.count()


@dataclass
class Copy:
    """A client's copy of one terminology, of active codes or of all. It remembers when its last sync began."""

    http: FlaskClient
    terminology: str
    status: str
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)
    since: str | None = None

    def ask(self, **more: str) -> list[dict[str, Any]]:
        query = {"Terminology": self.terminology, **more}
        items: list[dict[str, Any]] = []
        while True:
            reply = self.http.get(PATH, query_string=query)
            assert reply.status_code == 200, reply.text
            items += reply.json["data"]
            cursor = reply.json["page"]["next"]
            if cursor is None:
                return items
            query["Cursor"] = cursor

    def served(self) -> dict[str, tuple[str, str]]:
        return {i["Coded_string"]: (i["Value"], i["Status"]) for i in self.ask(Status=self.status)}

    def sync(self, **paging: str) -> None:
        begun = jalali_instant(datetime.now(TEHRAN))
        if self.since is None:
            self.rows = self.served()
        else:
            for item in self.ask(FromDate=self.since, **paging):
                gone = item["Change"] == "retired" and self.status == "active"
                if gone:
                    self.rows.pop(item["Coded_string"], None)
                else:
                    self.rows[item["Coded_string"]] = (item["Value"], item["Status"])
        self.since = begun


rows = st.dictionaries(st.sampled_from(CODES), st.sampled_from(["یک", "دو", "سه"]), min_size=1)
publishes = st.tuples(st.sampled_from(["full", "amendment"]), rows)
withdraws = st.tuples(st.just("withdraw"), st.integers(0, 3))
plays = st.lists(
    st.tuples(st.one_of(publishes, publishes, withdraws), st.sampled_from(["", "active", "all", "both", "paged"])),
    min_size=30, max_size=30,
)  # fmt: skip


def play(committee: Committee, http: FlaskClient, steps: list[Any]) -> None:
    terminology = f"T{next(NAMES)}"
    committee.publish(ListOf(terminology, [{"code": "a", "title_fa": "یک"}]))
    copies = {status: Copy(http, terminology, status) for status in ("active", "all")}
    for copy in copies.values():
        copy.sync()
    for (kind, what), who in steps:
        if kind == "withdraw":
            editions = committee.shelf.catalogue().terminology(terminology).editions
            chosen = editions[max(0, len(editions) - 1 - what)]
            if not chosen.withdrawn:
                committee.withdraw(terminology, chosen.version)
        else:
            listed = [{"code": code, "title_fa": title} for code, title in what.items()]
            held = committee.current(terminology)
            named = {row["code"]: (row["title_fa"], True) for row in listed}
            left_out = {c for c, (_, active) in held.items() if active} - set(named)
            if {**held, **named} != held or (kind == "full" and left_out):
                committee.publish(
                    ListOf(terminology, listed), scope=kind, confirm=True
                )  # few codes: some guard may ask
        for status, copy in copies.items():
            if who in (status, "both", "paged"):
                copy.sync(**({"PageSize": "2"} if who == "paged" else {}))
                assert copy.rows == copy.served()
    for copy in copies.values():
        copy.sync()
        assert copy.rows == copy.served()
        assert copy.rows == {
            code: (title, "active" if active else "retired")
            for code, (title, active) in committee.current(terminology).items()
            if active or copy.status == "all"
        }


@pytest.fixture
def http(committee: Committee, settings_for: Callable[..., Settings]) -> FlaskClient:
    return create_app(settings_for(access="open")).test_client()


# Thirty publications a try: shrinking a failure would take longer than reading it.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=3, deadline=None, phases=_PHASES, suppress_health_check=_SHARED, print_blob=True)
@given(steps=plays)
def test_thirty_publications_and_withdrawals(committee: Committee, http: FlaskClient, steps: list[Any]) -> None:
    play(committee, http, steps)


@pytest.mark.deep
@settings(max_examples=60, deadline=None, phases=_PHASES, suppress_health_check=_SHARED, print_blob=True)
@given(steps=plays)
def test_many_plays(committee: Committee, http: FlaskClient, steps: list[Any]) -> None:
    play(committee, http, steps)
