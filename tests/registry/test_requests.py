"""Requests in the registry: taken up once, answered by whoever may, shown to their followers, whatever is killed between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from maxa.collecting_requests import collect_requests
from maxa.errors import BadParameter, NotAllowed, NotFound
from maxa.registry import actions
from maxa.registry.actions.requests import Reply, take_up_request
from maxa.registry.people import Actor
from maxa.registry.requests import Wanted, answers_of, comments_on, count_open, requests, rows_of
from maxa.registry.transaction import transaction
from maxa.requests.spool import Spool
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook
from tests.requests_of import asking

VIDA = Actor("vida", frozenset({"viewer"}))


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "requests")


def numbers(engine: Engine, **wanted: str) -> list[int]:
    with transaction(engine) as session:
        return [one.request.id for one in requests(session, Wanted(**wanted), limit=50)]


def answer(engine: Engine, number: int, actor: Actor = SARA, **replies: Reply) -> Any:
    """``answer(engine, 1, r2=Reply(…))`` answers row 2."""
    placed = {int(name[1:]): reply for name, reply in replies.items()}
    return actions.answer_request(engine, actor=actor, request_id=number, replies=placed)


REFUSED = Reply("refused", reason="خدمت جداگانه‌ای نیست")


def test_a_request_is_taken_up_once_and_its_follower_sees_it(engine: Engine, spool: Spool) -> None:
    filed = spool.file(asking("آ", {"code": "12", "title": "ب", "note": "ن"}, client_id="his", note="یک\nدو"))
    assert collect_requests(engine, spool) == [filed.tracking]
    assert collect_requests(engine, spool) == []
    assert list(spool.received.iterdir()) == []
    state = spool.find(filed.tracking)
    assert state is not None
    assert state["state"] == "received"
    assert [(r["code"], r["title"], r["answer"]) for r in state["rows"]] == [("", "آ", None), ("12", "ب", None)]
    with transaction(engine) as session:
        (one,) = requests(session, Wanted(), limit=5)
        assert (one.request.organisation, one.request.note, one.rows, one.answered) == ("بیمهٔ نمونه", "یک\nدو", 2, 0)
        assert one.request.received_at.isoformat() == filed.received_at


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", ["take_up", "show", "forget"])
def test_a_kill_between_any_two_steps_loses_nothing_and_repeats_nothing(
    engine: Engine, spool: Spool, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    filed = [spool.file(asking(title)).tracking for title in ("آ", "ب")]
    calls = []

    def killed_at_second(whole: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            calls.append(step)
            if len(calls) == 2:
                raise Killed
            return whole(*args, **named)

        return call

    with monkeypatch.context() as patch:
        if step == "take_up":
            patch.setattr("maxa.collecting_requests.take_up_request", killed_at_second(take_up_request))
        else:
            patch.setattr(Spool, step, killed_at_second(getattr(Spool, step)))
        with pytest.raises(Killed):
            collect_requests(engine, spool)
    assert all(spool.find(number) for number in filed)
    collect_requests(engine, spool)
    assert len(numbers(engine)) == 2
    assert list(spool.waiting()) == []
    assert {state["state"] for number in filed if (state := spool.find(number))} == {"received"}


def test_a_file_that_says_nonsense_is_set_aside_and_the_others_are_taken_up(engine: Engine, spool: Spool) -> None:
    bad, good = spool.file(asking("آ")).tracking, spool.file(asking("ب")).tracking
    path = spool.received / f"{bad}.json"
    for over in ({"rows": ["x"]}, {"received_at": "never"}, {"organisation": {"a": 1}}, {"note": "\0"}):
        path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), **over}))
        collect_requests(engine, spool)
        (spool.damaged / path.name).rename(path)
    assert [one["tracking"] for one in spool.waiting()] == [bad]
    assert len(numbers(engine)) == 1
    assert spool.find(good)


@pytest.mark.parametrize(
    ("ailing", "mended"),
    [("ALTER TABLE request_row RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO request_row"),
     ("ALTER DATABASE {} SET default_transaction_read_only = on", "ALTER DATABASE {} RESET default_transaction_read_only")],
)  # fmt: skip
def test_a_registry_that_takes_nothing_sets_no_request_aside(
    engine: Engine, spool: Spool, ailing: str, mended: str
) -> None:
    number = spool.file(asking("آ")).tracking

    def do(statement: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ WRITE")
            connection.exec_driver_sql(statement.format(engine.url.database))
        engine.dispose()  # what a database is set to holds for new connections

    do(ailing)
    with pytest.raises(DBAPIError):
        collect_requests(engine, spool)
    assert not spool.damaged.exists()
    assert [one["tracking"] for one in spool.waiting()] == [number]
    do(mended)
    assert collect_requests(engine, spool) == [number]


def test_states_that_are_lost_damaged_or_of_an_older_backup_are_written_anew(engine: Engine, spool: Spool) -> None:
    numbers_of = [spool.file(asking(title)).tracking for title in "آبپت"]
    collect_requests(engine, spool)
    paths = [spool.states / f"{number}.json" for number in numbers_of]
    older = paths[2].read_bytes()
    for one in numbers(engine):
        answer(engine, one, r1=REFUSED)
    collect_requests(engine, spool)
    right = [orjson.loads(path.read_bytes()) for path in paths]
    paths[0].unlink()
    paths[1].write_bytes(b"{")
    paths[2].write_bytes(older)
    untouched = paths[3].stat().st_mtime_ns, paths[3].stat().st_ino
    collect_requests(engine, spool, whole=True)
    assert [orjson.loads(path.read_bytes()) for path in paths] == right
    assert {state["state"] for state in right} == {"answered"}
    assert (paths[3].stat().st_mtime_ns, paths[3].stat().st_ino) == untouched


def test_who_takes_a_request_in_hand_is_known_to_the_committee_alone(engine: Engine, spool: Spool) -> None:
    number = spool.file(asking("آ")).tracking
    collect_requests(engine, spool)
    (one,) = numbers(engine)
    actions.review_request(engine, actor=SARA, request_id=one)
    collect_requests(engine, spool)
    state = spool.find(number)
    assert state is not None
    assert state["state"] == "in_review"
    assert "sara" not in orjson.dumps(state).decode()
    assert numbers(engine, reviewer="sara") == [one]


def test_rows_get_existing_codes_assigned_ones_and_refusals(committee: Committee, spool: Spool) -> None:
    engine = committee.engine
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/37")
    number = spool.file(asking("آ", "ب", "پ")).tracking
    collect_requests(engine, spool)
    done = answer(engine, 1, r1=Reply("existing", "lnc", "a"), r2=Reply("assigned", "LNC", "new-1"))
    assert (done.rows, done.unannounced) == (2, ["new-1"])
    assert numbers(engine, state="open") == [1]
    answer(engine, 1, r3=REFUSED)
    assert numbers(engine, state="answered") == [1]
    collect_requests(engine, spool)
    state = spool.find(number)
    assert state is not None
    assert state["state"] == "answered"
    told = [
        (r["answer"]["kind"], r["answer"]["terminology"], r["answer"]["code"], r["answer"]["pending"])
        for r in state["rows"]
    ]
    assert told == [("existing", "LNC", "a", False), ("assigned", "LNC", "new-1", True), ("refused", "", "", False)]
    assert state["rows"][2]["answer"]["reason"] == REFUSED.reason
    assert count_of(engine) == 0


def count_of(engine: Engine) -> int:
    with transaction(engine) as session:
        return count_open(session)


def test_an_answer_may_be_corrected_and_the_earlier_one_stays_in_the_history(engine: Engine, spool: Spool) -> None:
    spool.file(asking("آ"))
    collect_requests(engine, spool)
    answer(engine, 1, r1=REFUSED)
    answer(engine, 1, MINA, r1=Reply("refused", reason="دلیل درست"))
    with transaction(engine) as session:
        assert [(one.actor, one.reason) for one in answers_of(session, 1)] == [
            ("mina", "دلیل درست"), ("sara", REFUSED.reason),
        ]  # fmt: skip
        (row,) = rows_of(session, 1)
        assert row.answer is not None
        assert row.answer.reason == "دلیل درست"
    for statement in ("UPDATE request_answer SET reason = 'x'", "DELETE FROM request_answer"):
        with pytest.raises(DBAPIError, match="never changed or deleted"), engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_a_code_of_a_list_on_its_way_is_announced_with_its_day(committee: Committee, spool: Spool) -> None:
    engine = committee.engine
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    draft = committee.draft(workbook(ListOf("LNC", codes(a="آ", z="ز"))))
    spool.file(asking("ز", "ژ"))
    collect_requests(engine, spool)
    assert answer(engine, 1, r1=Reply("assigned", "LNC", "z")).unannounced == []
    due = datetime.now(UTC) + timedelta(days=3)
    actions.submit_for_review(engine, submission_id=draft, actor=SARA)
    actions.approve_submission(engine, submission_id=draft, actor=MINA, publish_at=due)
    answer(engine, 1, r2=Reply("assigned", "LNC", "z"))
    with transaction(engine) as session:
        first, second = (row.answer for row in rows_of(session, 1))
        assert first is not None
        assert second is not None
        assert (first.pending, first.expected) == (True, None)
        assert second.expected is not None
        assert abs((second.expected - due.date()).days) <= 1


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply("existing", "LNC", "zzz"), "has no code zzz"), (Reply("existing", "LNC", "b"), "b is retired"),
        (Reply("assigned", "LNC", "b"), "b is retired"), (Reply("existing", "LNX", "a"), "no terminology"),
        (Reply("existing", "LNC", " "), "name the terminology and the code"), (Reply("refused"), "why it is refused"),
        (Reply("perhaps"), "kind of an answer"), (Reply("assigned", "LNC", "x" * 101), "longer than 100"),
        (Reply("refused", reason="x" * 1_001), "longer than 1000"), (Reply("existing", "LNC→RVU3", "a"), "no terminology"),
    ],
)  # fmt: skip
def test_an_answer_that_can_not_stand_changes_no_row(
    committee: Committee, spool: Spool, reply: Reply, says: str
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")))
    committee.publish(ListOf("LNC", codes(a="آ")))
    spool.file(asking("آ", "ب"))
    collect_requests(committee.engine, spool)
    with pytest.raises(BadParameter, match=says):
        answer(committee.engine, 1, r1=Reply("existing", "LNC", "a"), r2=reply)
    assert committee.scalar("SELECT count(*) FROM request_answer") == 0
    assert numbers(committee.engine, state="received") == [1]


def test_no_row_and_rows_that_are_not_there_are_refused(engine: Engine, spool: Spool) -> None:
    spool.file(asking("آ"))
    collect_requests(engine, spool)
    with pytest.raises(BadParameter, match="No row"):
        answer(engine, 1)
    with pytest.raises(NotFound, match="no row 2"):
        answer(engine, 1, r2=REFUSED)


def test_a_steward_answers_for_the_lists_that_he_keeps_alone(committee: Committee, spool: Spool) -> None:
    engine = committee.engine
    committee.publish(ListOf("IRC", codes(a="آ")), ListOf("LNC", codes(a="آ")))
    for terminology in ("IRC", "LNC", ""):
        spool.file(asking("آ", "ب", terminology=terminology))
        collect_requests(engine, spool)
    keeper = Actor("reza", frozenset(), frozenset({("irc", "importer")}))
    mine, other, unknown = (numbers(engine, terminology=t)[0] for t in ("IRC", "LNC", ""))
    unknown = (set(numbers(engine)) - {mine, other}).pop()
    answer(engine, mine, keeper, r1=Reply("existing", "LNC", "a"))
    with pytest.raises(NotAllowed, match="in LNC"):  # a new code of another list is given by who keeps that one
        answer(engine, mine, keeper, r1=Reply("assigned", "LNC", "b"))
    answer(engine, mine, keeper, r1=Reply("assigned", "irc", "b"))
    with pytest.raises(NotAllowed, match="LNC"):
        answer(engine, other, keeper, r1=REFUSED)
    with pytest.raises(NotAllowed):
        actions.review_request(engine, actor=keeper, request_id=other)
    with pytest.raises(NotAllowed):
        answer(engine, unknown, keeper, r1=REFUSED)
    with pytest.raises(NotAllowed):  # a refusal has no list, whatever it says
        answer(engine, unknown, keeper, r1=Reply("refused", "IRC", reason="نه"))
    with pytest.raises(NotAllowed):
        answer(engine, unknown, keeper, r1=Reply("existing", "IRC", "a"), r2=Reply("refused", "IRC", reason="نه"))
    answer(engine, unknown, keeper, r1=Reply("existing", "IRC", "a"))
    answer(engine, mine, keeper, r2=REFUSED)
    answer(engine, unknown, r2=REFUSED)


def test_everything_is_audited(engine: Engine, spool: Spool) -> None:
    number = spool.file(asking("آ")).tracking
    collect_requests(engine, spool)
    actions.review_request(engine, actor=SARA, request_id=1)
    actions.comment_on_request(engine, actor=VIDA, request_id=1, text="تکراری است\0؟")
    answer(engine, 1, MINA, r1=REFUSED)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor, action, subject FROM audit_event ORDER BY id").all()
    assert [tuple(row) for row in rows] == [
        (actor, f"request-{what}", f"request {number}")
        for actor, what in (("system", "received"), ("sara", "review"), ("vida", "comment"), ("mina", "answer"))
    ]
    with transaction(engine) as session:
        (comment,) = comments_on(session, 1)
        assert comment.text == "تکراری است\N{REPLACEMENT CHARACTER}؟"
    collect_requests(engine, spool)
    assert "تکراری" not in orjson.dumps(spool.find(number)).decode()


def test_requests_are_found_by_number_words_and_filters(engine: Engine, spool: Spool) -> None:
    numbers_of = [
        spool.file(asking({"title": "هموگلوبین A2", "code": "X-7"}, organisation="بیمهٔ یک")).tracking,
        spool.file(asking("قند", organisation="بیمهٔ دو", terminology="IRC", note="فوری 100%")).tracking,
    ]
    for number in numbers_of:
        collect_requests(engine, spool)
        assert len(numbers(engine, find=number.lower())) == 1
    (one,) = numbers(engine, find="a2")
    (other,) = numbers(engine, terminology="IRC")
    assert one != other
    assert numbers(engine, find="x-7") == [one]
    assert numbers(engine, find="100%") == [other]
    assert numbers(engine, find="%") == [other]
    assert numbers(engine, organisation="بیمهٔ یک", state="open") == [one]
    assert numbers(engine, find="\\") == []


def test_five_thousand_rows_are_taken_up_and_answered_at_once(committee: Committee, spool: Spool) -> None:
    number = spool.file(asking(*(f"خدمت {n}" for n in range(5_000)))).tracking
    collect_requests(committee.engine, spool)
    done = answer(committee.engine, 1, **{f"r{n}": REFUSED for n in range(1, 5_001)})
    assert done.rows == 5_000
    collect_requests(committee.engine, spool)
    state = spool.find(number)
    assert state is not None
    assert state["state"] == "answered"
    assert [row["title"] for row in state["rows"][:2]] == ["خدمت 0", "خدمت 1"]
