"""Rows a day: a sender has so many, a retry costs nothing, a client with a token has more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from maxa.errors import TooManyRequests
from maxa.requests import allowance, place
from maxa.requests.allowance import DailyRows
from maxa.requests.place import RequestDesk
from maxa.settings import Settings
from tests.requests_of import asking

NOON = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)  # in Tehran


def test_a_sender_has_so_many_rows_until_midnight_in_tehran_and_others_have_their_own() -> None:
    at = [NOON]
    rows = DailyRows(lambda: at[0])
    rows.take("a", 60, most=100)
    with pytest.raises(TooManyRequests) as refused:
        rows.take("a", 41, most=100)
    assert refused.value.data["headers"]["Retry-After"] == str(12 * 3_600)
    assert "فردا" in refused.value.detail_fa
    rows.take("a", 40, most=100)
    rows.take("b", 100, most=100)
    at[0] += timedelta(hours=12)
    rows.take("a", 100, most=100)


def test_requests_of_one_row_are_not_without_end() -> None:
    rows = DailyRows(lambda: NOON)
    for _ in range(10):
        rows.take("a", 1, most=100)
    with pytest.raises(TooManyRequests):
        rows.take("a", 1, most=100)


def test_senders_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST_KNOWN", 2)
    rows = DailyRows(lambda: NOON)
    for name in "abc":
        rows.take(name, 100, most=100)
    rows.take("a", 100, most=100)
    with pytest.raises(TooManyRequests):
        rows.take("c", 1, most=100)


def test_a_retry_is_known_when_the_day_is_used_up_and_a_client_with_a_token_may_report_more(
    settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "ROWS_A_DAY", 10)
    desk = RequestDesk(settings_for())
    first = desk.file(asking("آ"), sender="10.0.0.7")
    assert desk.file(asking("آ"), sender="10.0.0.7").tracking == first.tracking
    with pytest.raises(TooManyRequests):
        desk.file(asking("ب"), sender="10.0.0.7")
    assert len(list(desk.spool.waiting())) == 1
    for title in "پت":
        desk.file(asking(title, client_id="his", authenticated=True), sender="his")
