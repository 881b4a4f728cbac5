"""The audit trail as it is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from maxa.registry.people import Actor, audit
from maxa.registry.trail import Wanted, actors_and_actions, events
from maxa.registry.transaction import transaction

SCANS = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'audit_event'"


def noted(session: Session, *subjects: str) -> None:
    for subject in subjects:
        audit(session, Actor("sara", frozenset()), "import", subject)
    session.flush()


@pytest.fixture
def long_trail(engine: Engine) -> Iterator[Session]:
    """Of 20,000 events, nearly all by one person."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_event (id, actor, action, subject, detail) SELECT 1000 + n,"
                " CASE n WHEN 7 THEN 'mina' WHEN 19000 THEN 'Zahra' ELSE 'sara' END,"
                " CASE n % 2 WHEN 0 THEN 'import' ELSE 'submit' END, 'submission ' || n, '{}'"
                " FROM generate_series(1, 20000) n"
            )
        )
        connection.execute(text("ANALYZE audit_event"))
    with transaction(engine) as session:
        yield session


@pytest.mark.parametrize("subject", ["request MX-7", "REQUEST mx-7", "request mx-7 "])
def test_a_subject_is_found_in_any_letter_case(engine: Engine, subject: str) -> None:
    with transaction(engine) as session:
        noted(session, "request MX-7", "request MX-7 row 2", "request MX-70", "request MX")
        found = [event.subject for event in events(session, Wanted(subject=subject), limit=10)]
    assert found == ["request MX-7 row 2", "request MX-7"]


def test_a_subject_with_the_signs_of_a_pattern_means_itself(engine: Engine) -> None:
    with transaction(engine) as session:
        noted(session, "a_c d", "abc d")
        assert [event.subject for event in events(session, Wanted(subject="A_C"), limit=10)] == ["a_c d"]


def test_who_and_what_is_in_the_trail_is_told_once_each_and_in_order(long_trail: Session) -> None:
    people, kinds = actors_and_actions(long_trail)
    assert sorted(people) == ["Zahra", "mina", "sara"]
    assert people == list(long_trail.scalars(text("SELECT DISTINCT actor FROM audit_event ORDER BY actor")))
    assert kinds == ["import", "submit"]


def test_of_an_empty_trail_there_is_nobody_and_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        assert actors_and_actions(session) == ([], [])


def test_no_reading_of_a_page_goes_through_the_whole_trail(long_trail: Session) -> None:
    actors_and_actions(long_trail)
    assert long_trail.scalar(text(SCANS)) == 0, "lists"
    for wanted in (Wanted(), Wanted(subject="Submission 19"), Wanted(actor="mina"), Wanted(action="withdraw")):
        events(long_trail, wanted, limit=100)
        assert long_trail.scalar(text(SCANS)) == 0, wanted


def test_the_indexes_can_be_taken_back(engine: Engine) -> None:
    from alembic import command

    from maxa.registry.engine import alembic_config

    indexes = text("SELECT count(*) FROM pg_indexes WHERE tablename = 'audit_event'")
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0009")
        assert connection.scalar(indexes) == 1
        command.upgrade(alembic_config(connection), "head")
        assert connection.scalar(indexes) == 4
