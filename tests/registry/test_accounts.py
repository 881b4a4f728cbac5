"""Accounts, passwords, sessions, and what stewards may do with their own lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from maxa.errors import BadParameter, BaseMoved, NotAllowed, NotAuthenticated, NotFound, TooManyRequests
from maxa.registry import actions, queries
from maxa.registry.actions.accounts import change_password
from maxa.registry.actions.sessions import IDLE, LIFE, SignedIn, end_session, open_sessions, resume, sign_in
from maxa.registry.models import Account, AuditEvent, DeskSession, Guessing, State
from maxa.registry.passwords import FREE, ONE_TIME_LIFE, one_time_password
from maxa.registry.people import Actor, actor_named
from maxa.registry.transaction import transaction
from tests.lists import ADMIN, MINA, SARA, Committee, ListOf, codes, workbook

PASSWORD = "چهار واژهٔ نامربوط"
HERE = "192.0.2.7"


@pytest.fixture
def root(engine: Engine) -> Actor:
    actions.add_account(engine, actor=ADMIN, name="root", roles=["administrator"], password=PASSWORD)
    return Actor("root", frozenset({"administrator"}))


def enter(
    engine: Engine, name: str = "root", password: str = PASSWORD, address: str = HERE, **more: object
) -> tuple[str, SignedIn]:
    return sign_in(engine, name=name, password=password, address=address, **more)  # type: ignore[arg-type]


def events(engine: Engine) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        return [(e.action, e.subject) for e in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


def test_who_signs_in_is_known_by_the_token_alone(engine: Engine, root: Actor) -> None:
    token, who = enter(engine)
    assert resume(engine, token=token) == who
    assert who.actor.is_administrator
    assert not who.must_change
    assert resume(engine, token=token + "x") is None
    with engine.connect() as connection:
        held = connection.execute(text("SELECT CAST(d AS text) FROM desk_session d")).scalar_one()
    assert token not in held
    assert ("sign-in", "root") in events(engine)


@pytest.mark.parametrize(
    ("name", "password"), [("root", "wrong"), ("nobody", PASSWORD), ("", ""), ("root\0", "\ud800")]
)
def test_whatever_is_wrong_the_words_are_the_same(engine: Engine, root: Actor, name: str, password: str) -> None:
    with pytest.raises(NotAuthenticated, match="The account or the password is wrong"):
        enter(engine, name, password)
    assert events(engine)[-1][0] == "sign-in-failed"


def test_a_one_time_password_must_be_changed_and_runs_out(engine: Engine, root: Actor) -> None:
    once = actions.add_account(engine, actor=root, name="sara", roles=["importer"])
    assert once is not None
    token, who = enter(engine, "sara", once)
    assert who.must_change
    change_password(engine, actor=who.actor, old=once, new=PASSWORD, address=HERE, session_id=who.session_id)
    again = resume(engine, token=token)
    assert again is not None
    assert not again.must_change
    once = actions.reset_password(engine, actor=root, name="sara")
    assert once is not None
    with pytest.raises(NotAuthenticated):
        enter(engine, "sara", once, now=datetime.now(UTC) + ONE_TIME_LIFE + timedelta(hours=1))
    assert enter(engine, "sara", once)[1].must_change


def test_changing_a_password_ends_the_other_sessions_and_a_reset_ends_all(engine: Engine, root: Actor) -> None:
    mine, who = enter(engine)
    other, _ = enter(engine)
    change_password(engine, actor=root, old=PASSWORD, new=PASSWORD + "۲", address=HERE, session_id=who.session_id)
    assert resume(engine, token=mine) is not None
    assert resume(engine, token=other) is None
    with pytest.raises(NotAuthenticated):
        enter(engine)
    actions.reset_password(engine, actor=root, name="root", password=PASSWORD)
    assert resume(engine, token=mine) is None
    assert not enter(engine)[1].must_change


def test_a_session_ends_by_idling_by_age_and_by_hand(engine: Engine, root: Actor) -> None:
    now = datetime.now(UTC)
    idle, _ = enter(engine)
    assert resume(engine, token=idle, now=now + IDLE - timedelta(minutes=5)) is not None
    assert resume(engine, token=idle, now=now + 2 * IDLE - timedelta(minutes=10)) is not None, "it was used in between"
    assert resume(engine, token=idle, now=now + 4 * IDLE) is None
    assert resume(engine, token=idle) is None, "what has run out is never taken up again"
    old, _ = enter(engine)
    for step in range(int(LIFE / timedelta(hours=1))):
        assert resume(engine, token=old, now=now + timedelta(hours=step)) is not None
    assert resume(engine, token=old, now=now + LIFE + timedelta(minutes=1)) is None
    ended, who = enter(engine)
    end_session(engine, actor=root, session_id=who.session_id)
    assert resume(engine, token=ended) is None


def test_only_ones_own_sessions_can_be_ended_but_by_an_administrator(engine: Engine, root: Actor) -> None:
    actions.add_account(engine, actor=root, name="sara", roles=["importer"], password=PASSWORD)
    token, who = enter(engine)
    with pytest.raises(NotFound):
        end_session(engine, actor=SARA, session_id=who.session_id)
    assert resume(engine, token=token) is not None
    token, who = enter(engine, "sara")
    end_session(engine, actor=root, session_id=who.session_id)
    assert resume(engine, token=token) is None
    with transaction(engine) as session:
        assert open_sessions(session, name="sara") == []
        row = session.get(DeskSession, who.session_id)
        assert row is not None
        assert row.ended_by == "root"


def test_a_closed_account_is_out_at_once(engine: Engine, root: Actor) -> None:
    actions.add_account(engine, actor=root, name="sara", roles=["importer"], password=PASSWORD)
    token, _ = enter(engine, "sara")
    actions.disable_account(engine, actor=root, name="sara")
    assert resume(engine, token=token) is None
    with pytest.raises(NotAuthenticated):
        enter(engine, "sara")
    actions.disable_account(engine, actor=root, name="sara", disabled=False)
    assert resume(engine, token=token) is None, "opening it again revives no session"
    enter(engine, "sara")


def test_guessing_has_to_wait_longer_and_longer_even_with_the_right_password(engine: Engine, root: Actor) -> None:
    now = datetime.now(UTC)
    free = FREE["name-and-address"]
    for _ in range(free + 1):
        with pytest.raises(NotAuthenticated):
            enter(engine, password="wrong", now=now)
    with pytest.raises(TooManyRequests) as refused:
        enter(engine, now=now)
    assert refused.value.data["retry_after"] == 1
    enter(engine, now=now, address="192.0.2.8")  # the owner, elsewhere
    waits = []
    for _ in range(12):
        with pytest.raises(TooManyRequests) as refused:
            enter(engine, now=now)
        waits.append(refused.value.data["retry_after"])
        now += timedelta(seconds=waits[-1])
        with pytest.raises(NotAuthenticated):
            enter(engine, password="wrong", now=now)
    assert waits == sorted(waits)
    assert waits[-1] == 300
    enter(engine, now=now + timedelta(seconds=301))
    with transaction(engine) as session:
        assert all(row.blocked_until is None for row in session.scalars(select(Guessing)))


def test_many_names_from_one_address_are_a_guesser_as_well(engine: Engine, root: Actor) -> None:
    now = datetime.now(UTC)
    for n in range(FREE["address"] + 1):
        with pytest.raises(NotAuthenticated):
            enter(engine, f"name {n}", "wrong", now=now)
    with pytest.raises(TooManyRequests):
        enter(engine, now=now)
    enter(engine, address="192.0.2.8", now=now)


@pytest.mark.parametrize("bad", ["short", "x" * 300, "aaaaaaaaaaaaaaaa", "rootrootrootroot", ""])
def test_a_password_that_is_guessed_too_soon_is_not_taken(engine: Engine, root: Actor, bad: str) -> None:
    with pytest.raises(BadParameter):
        actions.reset_password(engine, actor=root, name="root", password=bad)
    with pytest.raises(BadParameter):
        change_password(engine, actor=root, old=PASSWORD, new=bad, address=HERE)
    enter(engine)


def test_the_old_password_is_asked_for_and_guesses_at_it_are_counted(engine: Engine, root: Actor) -> None:
    for _ in range(FREE["name-and-address"] + 1):
        with pytest.raises(NotAllowed, match="present password is wrong"):
            change_password(engine, actor=root, old="wrong", new="a quite good one", address=HERE)
    with pytest.raises(TooManyRequests):
        change_password(engine, actor=root, old=PASSWORD, new="a quite good one", address=HERE)


def test_a_wrong_present_password_is_in_the_audit_trail(engine: Engine, root: Actor) -> None:
    with pytest.raises(NotAllowed):
        change_password(engine, actor=root, old="wrong", new="a quite good one", address=HERE)
    with transaction(engine) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.actor, event.action, event.subject) == ("root", "password-change-failed", "root")
    assert event.detail == {"address": HERE}


def test_a_new_password_that_is_not_taken_is_no_guess_at_the_old_one(engine: Engine, root: Actor) -> None:
    for weak in ["short", PASSWORD] * (FREE["name-and-address"] + 1):
        with pytest.raises(BadParameter):
            change_password(engine, actor=root, old=PASSWORD, new=weak, address=HERE)
    enter(engine)


def test_a_one_time_password_is_never_the_same() -> None:
    assert len({one_time_password() for _ in range(50)}) == 50
    assert all(len(one_time_password()) == 23 for _ in range(5))


@pytest.mark.parametrize("name", ["", "  ", "..", "a/b", "system", "System", "x" * 61, "a\nb"])
def test_a_name_that_is_none_is_refused(engine: Engine, root: Actor, name: str) -> None:
    with pytest.raises(BadParameter):
        actions.add_account(engine, actor=root, name=name, roles=["viewer"])


def test_changing_roles_replaces_them_all_and_is_told(engine: Engine, root: Actor) -> None:
    actions.add_account(engine, actor=root, name="reza", roles=[], keeps=[("IRC", "importer"), ("eRx", "importer")])
    with transaction(engine) as session:
        reza = actor_named(session, "reza")
    assert reza.roles == {"viewer"}
    assert reza.keeps == {("irc", "importer"), ("erx", "importer")}
    actions.change_roles(engine, actor=root, name="reza", roles=["importer"], keeps=[("irc", "approver")])
    with transaction(engine) as session:
        reza = actor_named(session, "reza")
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert reza.roles == {"importer"}
    assert reza.keeps == {("irc", "approver")}
    assert event.detail["before"]["keeps"] == ["eRx=importer", "IRC=importer"]
    with pytest.raises(BadParameter):
        actions.change_roles(engine, actor=root, name="reza", roles=["viewer"], keeps=[("irc", "administrator")])
    with transaction(engine) as session:
        assert session.get_one(Account, "reza").roles == ["importer"]


def test_a_steward_takes_a_list_of_its_own_all_the_way_and_no_other(committee: Committee) -> None:
    importer = Actor("reza", frozenset({"viewer"}), frozenset({("irc", "importer")}))
    approver = Actor("nasrin", frozenset({"viewer"}), frozenset({("irc", "approver")}))
    engine = committee.engine

    def draft(*lists: ListOf) -> int:
        number = actions.receive_submission(engine, actor=importer, workbooks=[workbook(*lists)]).submission_id
        actions.import_submission(engine, submission_id=number, workdir=committee.home)
        return number

    own = draft(ListOf("IRC", codes(a="آ")))
    actions.submit_for_review(engine, submission_id=own, actor=importer)
    with pytest.raises(NotAllowed):
        actions.approve_submission(engine, submission_id=own, actor=importer)
    actions.approve_submission(engine, submission_id=own, actor=approver)
    published = actions.publish_submission(engine, submission_id=own, actor=approver)
    mixed = draft(ListOf("IRC", codes(a="آ", b="ب")), ListOf("LNC", codes(a="آ")))
    with pytest.raises(NotAllowed, match="in LNC"):
        actions.submit_for_review(engine, submission_id=mixed, actor=importer)
    actions.submit_for_review(engine, submission_id=mixed, actor=SARA)
    with pytest.raises(NotAllowed, match="in LNC"):
        actions.approve_submission(engine, submission_id=mixed, actor=approver)
    actions.approve_submission(engine, submission_id=mixed, actor=MINA)
    with pytest.raises(NotAllowed, match="in LNC"):
        actions.publish_submission(engine, submission_id=mixed, actor=approver, now=True)
    other = committee.publish(ListOf("LNC", codes(z="ژ")))
    with pytest.raises(NotAllowed, match="in LNC"):
        actions.withdraw_release(
            engine, terminology="LNC", version=other.releases[0][1], actor=approver, reason="نادرست"
        )
    with pytest.raises(NotAllowed, match="may not approve"):
        actions.reject_submission(engine, submission_id=committee.receive(workbook(ListOf("LNC", codes(q="ق")))),
                                  actor=approver, reason="نه")  # fmt: skip
    actions.withdraw_release(
        engine, terminology="irc", version=published.releases[0][1], actor=approver, reason="نادرست"
    )


def test_a_steward_confirms_no_figure_of_another_list(committee: Committee) -> None:
    engine = committee.engine
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    few = {"min_rows": 0, "max_retired_share": 0.0, "max_changed_share": 1.0, "max_added_share": 100.0}
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"), expected=few)))
    actions.submit_for_review(engine, submission_id=number, actor=SARA, confirm=["retired:LNC=2"])
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ", d="ت")))
    with pytest.raises(BaseMoved):  # from now on another figure is asked for
        actions.approve_submission(engine, submission_id=number, actor=MINA)
    keeps_another = Actor("nasrin", frozenset({"viewer"}), frozenset({("irc", "approver")}))
    with pytest.raises(NotAllowed, match="in LNC"):
        actions.approve_submission(engine, submission_id=number, actor=keeps_another, confirm=["retired:LNC=3"])
    with transaction(engine) as session:
        assert "retired:LNC=3" not in queries.submission_or_error(session, number).confirmed
    actions.approve_submission(engine, submission_id=number, actor=MINA, confirm=["retired:LNC=3"])


def test_comments_stand_in_their_order_and_are_never_changed(committee: Committee) -> None:
    number = committee.receive(workbook(ListOf("LNC", codes(a="آ"))))
    actions.comment_on(committee.engine, actor=SARA, submission_id=number, text=" چرا؟\n\nبرگهٔ ۲ ")
    actions.comment_on(committee.engine, actor=MINA, submission_id=number, text="<b>خوب</b>")
    with transaction(committee.engine) as session:
        from maxa.registry.actions.comments import comments_on

        assert [(c.actor, c.text) for c in comments_on(session, number)] == [
            ("sara", "چرا؟\n\nبرگهٔ ۲"), ("mina", "<b>خوب</b>"),
        ]  # fmt: skip
        assert queries.submission_or_error(session, number).state == State.IMPORTING
    for empty in ("", " \n", "x" * 4_001):
        with pytest.raises(BadParameter):
            actions.comment_on(committee.engine, actor=SARA, submission_id=number, text=empty)
    with pytest.raises(Exception, match="never changed"), committee.engine.begin() as connection:
        connection.execute(text("UPDATE submission_comment SET text = 'x'"))
