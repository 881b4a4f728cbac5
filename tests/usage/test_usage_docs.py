"""docs/usage.md tells the numbers and names as they are."""

from __future__ import annotations

from maxa.access.clients import SERVICES
from maxa.registry import usage
from maxa.settings import PROJECT
from maxa.usage import spool, tally, words
from maxa.usage.counting import FLUSH_SECONDS
from maxa.usage.mirrors import HEADER, LONGEST_NAME, MirrorSays, write_header
from maxa.web.desk.dashboard import PERIODS

TEXT = " ".join((PROJECT / "docs" / "usage.md").read_text().split())


def test_the_numbers() -> None:
    assert f"the last {PERIODS[0]}, {PERIODS[1]} or {PERIODS[2]} days" in TEXT
    assert TEXT.count(f"| {usage.KEPT_DAYS} days |") == 2
    assert f"| {usage.WORDS_KEPT_DAYS} days |" in TEXT
    assert f"removed after {usage.WORDS_KEPT_DAYS} days" in TEXT
    assert f"{usage.MIRRORS_KEPT_DAYS} days after it was last seen" in TEXT
    assert f"texts over {words.LONGEST} letters" in TEXT
    assert (usage.LEAST_ASKED, "from the third time on" in TEXT) == (3, True)
    assert (FLUSH_SECONDS, "each half minute" in TEXT) == (30.0, True)
    assert f"up to {spool.MOST >> 20} MB" in TEXT
    assert f"{tally.MOST_WORDS:,} distinct words a process and half minute, {usage.MOST_WORDS_A_DAY:,} a day" in TEXT
    assert f"{usage.MOST_MIRRORS:,} mirrors" in TEXT
    assert f"1 to {LONGEST_NAME} Latin letters" in TEXT


def test_every_service_that_can_be_asked_is_one_that_is_counted() -> None:
    assert set(tally.SERVICES) >= set(SERVICES)


def test_the_names() -> None:
    assert "`MAXA_HOME/usage`" in TEXT
    assert f"{HEADER}: {write_header(MirrorSays('shiraz-namazi', 42))}" in TEXT
    for name in (*tally.OUTCOMES, *tally.SERVICES[4:]):
        assert f"`{name}`" in TEXT, name
