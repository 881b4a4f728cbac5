"""The dashboard, the usage of each client, and which mirrors have what was published."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from maxa.registry import usage
from maxa.registry.models import Client
from maxa.registry.transaction import transaction
from maxa.usage.tally import OUTCOMES, SERVICES
from maxa.web.desk.day_chart import HEIGHT, day_chart
from maxa.web.desk.showing import ISSUE_NAMES, SERVICE_NAMES
from maxa.web.desk.showing import OUTCOMES as OUTCOME_NAMES
from tests.lists import Committee, ListOf, codes
from tests.web.desk.conftest import Person, text_of

Come = Callable[[str], Person]


class Told(str):
    """A page's text; spaces are no matter, as cells of a table have none between them."""

    def __new__(cls, text: str) -> Told:
        return super().__new__(cls, re.sub(r"\s", "", text))

    def __contains__(self, text: str) -> bool:  # type: ignore[override]
        return super().__contains__(re.sub(r"\s", "", text))


@pytest.fixture
def today() -> date:
    return usage.today()


@pytest.fixture
def counted(committee: Committee, today: date) -> date:
    """Some days of a small country."""
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/186")
    committee.publish(ListOf("LNC", codes(a="ب")), circular="110/37")
    now = datetime.now(UTC)
    with transaction(committee.engine) as session:
        for ago, n in ((0, 1_200), (3, 40), (29, 5), (60, 7)):
            day = today - timedelta(days=ago)
            usage.add_requests(session, day, [("Terminology", "noor", "ok", n), ("pages", "-", "ok", 2)])
        usage.add_requests(session, today, [("ValidateCts", "noor", "limited", 31), ("api", "=saba", "refused", 4)])
        usage.add_issues(session, today, [("LNC", "unknown-code", 17), ("-", "unknown-terminology", 3)])
        usage.add_words(session, today, [("قرص ابی", 8, 3), ("=cmd", 4, 0), ("کم", 2, 0)])
        usage.note_mirrors(session, [("shiraz", 2, now), ("tabriz", 1, now), ("liar", 900, now)])
        session.add(
            Client(
                id="noor", name="نور",
                record={"services": ["Terminology"], "rate_limit": {"requests": 10, "per": "second"}, "users": [], "disabled": False},
            )
        )  # fmt: skip
    return today


def test_whoever_may_see_the_desk_sees_what_is_asked_of_it(person: Come, counted: date) -> None:
    shown = Told(person("vida").told("/desk/dashboard"))
    assert "پاسخ‌داده ۱٬۲۵۱" in shown  # 1200 + 40 + 5 of noor, three days of two pages
    assert "بیش از سقف ۳۱" in shown
    assert "noor ۱٬۲۷۶" in shown
    assert "ترمینولوژی کد ناشناخته واژگان ناشناخته همه LNC ۱۷ ۰ ۱۷ ناشناخته ۰ ۳ ۳" in shown
    assert "قرص ابی ۸ ۳" in shown
    assert "کم ۲" not in shown, "asked too seldom to be shown"
    assert "tabriz 1 ۱ انتشار" in shown
    assert "shiraz 2 به‌روز" in shown
    assert "liar 900 سریالی که منتشر نشده است" in shown


def test_no_one_sees_it_without_an_account(browser: Callable[[], Person], counted: date) -> None:
    for path in ("/desk/dashboard", "/desk/dashboard/words.csv"):
        reply = browser().get(path)
        assert (reply.status_code, "/desk/sign-in" in reply.headers["Location"]) == (303, True)


def test_the_period_is_chosen_and_anything_else_is_a_month(person: Come, counted: date) -> None:
    vida = person("vida")
    for days, answered in (("7", "۱٬۲۴۴"), ("90", "۱٬۲۶۰"), ("30", "۱٬۲۵۱"), ("31", "۱٬۲۵۱"), ("x'", "۱٬۲۵۱")):
        assert f"پاسخ‌داده {answered}" in Told(vida.told(f"/desk/dashboard?days={days}")), days


def test_before_anything_was_counted_it_says_so(person: Come) -> None:
    shown = person("vida").told("/desk/dashboard?lang=en")
    assert shown.count("Nothing has been counted in this period yet.") == 2
    assert "No mirror has told its serial yet." in shown


def test_what_was_lost_is_told(person: Come, committee: Committee, today: date) -> None:
    with transaction(committee.engine) as session:
        usage.add_dropped(session, today, 70_000)
    assert "69 kB of this period's counts were lost" in Told(person("vida").told("/desk/dashboard?lang=en"))


def rows_of(who: Person, table: str, days: int = 30) -> list[list[str]]:
    reply = who.get(f"/desk/dashboard/{table}.csv?days={days}")
    assert (reply.status_code, reply.mimetype) == (200, "text/csv")
    assert f"filename={table}.csv" in reply.headers["Content-Disposition"]
    assert reply.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(reply.text[1:])))


def test_every_table_is_to_be_had_as_csv(person: Come, counted: date) -> None:
    vida = person("vida")
    requests = rows_of(vida, "requests")
    assert requests[0] == ["day", "day_gregorian", "service", "outcome", "requests"]
    assert [row[1:] for row in requests if row[4] == "1200"] == [[counted.isoformat(), "Terminology", "ok", "1200"]]
    assert rows_of(vida, "issues")[1:] == [["LNC", "unknown-code", "17"], ["\u200e-", "unknown-terminology", "3"]]
    assert rows_of(vida, "clients", 7)[1] == ["noor", "1271", "0", "31", "0"]
    assert [row[:3] for row in rows_of(vida, "mirrors")[1:]] == [
        ["tabriz", "1", "1"],
        ["shiraz", "2", "0"],
        ["liar", "900", ""],
    ]
    assert len(rows_of(vida, "requests", 90)) > len(requests)


def test_no_csv_holds_a_formula(person: Come, counted: date) -> None:
    vida = person("vida")
    assert rows_of(vida, "words")[1:] == [["قرص ابی", "8", "3"], ["\u200e=cmd", "4", "0"]]
    assert "\u200e=saba" in [row[0] for row in rows_of(vida, "clients")]


def test_a_table_that_there_is_not(person: Come) -> None:
    reply = person("vida").get("/desk/dashboard/secrets.csv")
    assert reply.status_code == 404


def test_clients_have_their_usage_and_share_of_the_limit(person: Come, counted: date) -> None:
    root = person("root")
    assert "۱٬۲۳۱ ۱٬۲۷۶ ۳۱ باز" in Told(root.told("/desk/clients"))
    shown = Told(root.told("/desk/clients/noor"))
    assert "امروز ۱٬۲۳۱ ۳۰ روز ۱٬۲۷۶ بیش از سقف، ۳۰ روز ۳۱" in shown
    assert "سهم امروز از سقف" in shown
    assert '<a href="/desk/clients/noor">' in root.get("/desk/dashboard").text
    assert "/desk/clients/" not in person("vida").get("/desk/dashboard").text, "a link that would be refused"


def test_a_client_that_asked_nothing_and_has_no_limit(person: Come, committee: Committee) -> None:
    with transaction(committee.engine) as session:
        session.add(
            Client(id="new", name="new", record={"services": [], "rate_limit": None, "users": [], "disabled": False})
        )
    root = person("root")
    assert "new new — ۰ ۰ ۰ باز" in Told(root.told("/desk/clients"))
    assert "سهم امروز از سقف" not in Told(root.told("/desk/clients/new"))


def test_after_publishing_the_submission_says_which_mirrors_have_it(person: Come, counted: date) -> None:
    vida = person("vida")
    assert "۲ از ۳ آینه‌ای که سریال خود را می‌گویند آن را دارند" in Told(vida.told("/desk/submissions/1"))
    shown = Told(vida.told("/desk/submissions/2"))
    assert "۱ از ۳ آینه‌ای" in shown
    lacking, having = shown.split(Told("هنوز ندارند"))[1].split("دارند", 1)
    assert ("tabriz" in lacking, "liar" in lacking, "shiraz" in having) == (True, True, True)


def test_where_no_mirror_tells_its_serial_nothing_is_said_of_them(person: Come, committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    assert "آینه" not in text_of(person("vida").get("/desk/submissions/1"))


def test_everything_that_is_counted_has_a_name() -> None:
    from maxa.gateway.issues import INFO, ISSUES

    assert set(SERVICES) == set(SERVICE_NAMES)
    assert set(OUTCOMES) == set(OUTCOME_NAMES)
    assert {name for name, kind in ISSUES.items() if kind.severity != INFO} == set(ISSUE_NAMES)


DAYS = [date(2026, 5, n) for n in range(1, 8)]


def test_the_chart_stacks_services_and_turns_with_the_language() -> None:
    counts = {DAYS[0]: {"api": 30, "pages": 10}, DAYS[6]: {"api": 20}}
    chart = day_chart(counts, DAYS, ["api", "pages"], rightwards=True)
    assert chart is not None
    first, last = chart.bars[0], chart.bars[-1]
    assert [(p.kind, p.y, p.height) for p in first.pieces] == [("api", 25.0, 75.0), ("pages", 0.0, 25.0)]
    assert [(p.kind, p.y, p.height) for p in last.pieces] == [("api", 50.0, 50.0)]
    assert (chart.most, first.x < last.x, chart.labels) == (40, True, [DAYS[0], DAYS[3], DAYS[6]])
    turned = day_chart(counts, DAYS, ["api", "pages"], rightwards=False)
    assert turned is not None
    assert turned.bars[0].x == last.x


def test_little_is_seen_beside_much_and_nothing_leaves_the_chart() -> None:
    kinds = [f"k{n}" for n in range(8)]
    chart = day_chart({DAYS[0]: dict.fromkeys(kinds[1:], 1) | {"k0": 10**9}}, DAYS, kinds, rightwards=True)
    assert chart is not None
    assert all(piece.height >= 0.6 and 0 <= piece.y <= HEIGHT for piece in chart.bars[0].pieces)


def test_no_chart_of_nothing() -> None:
    assert day_chart({}, DAYS, ["api"], rightwards=True) is None
