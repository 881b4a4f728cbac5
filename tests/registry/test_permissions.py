"""Role × action, in one table. An action that is added without a row here fails the test."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import maxa.registry.actions
from maxa.errors import MaxaError, NotAllowed
from maxa.registry.actions.requests import Reply
from maxa.registry.people import PERMISSIONS, ROLES, Actor

VIEWER, IMPORTER, APPROVER, ADMINISTRATOR = ROLES
ALL = set(ROLES)
IMPORTERS = {IMPORTER, APPROVER, ADMINISTRATOR}
APPROVERS = {APPROVER, ADMINISTRATOR}
ADMINISTRATORS = {ADMINISTRATOR}
SUBMISSION = {"submission_id": 404}
REQUEST = {"request_id": 404}

# action → who may do it, and a call that is refused or finds nothing
TABLE: dict[str, tuple[set[str], dict[str, Any]]] = {
    "accounts.add_account": (ADMINISTRATORS, {"name": "new", "roles": ["administrator"]}),
    "accounts.change_roles": (ADMINISTRATORS, {"name": "nobody", "roles": ["viewer"]}),
    "accounts.disable_account": (ADMINISTRATORS, {"name": "nobody"}),
    "accounts.reset_password": (ADMINISTRATORS, {"name": "nobody"}),
    "accounts.change_password": (ALL, {"old": "x", "new": "y", "address": "::1"}),
    "sessions.end_session": (ALL, {"session_id": 404}),
    "administration.add_client": (ADMINISTRATORS, {"client_id": "c", "name": "c", "record": {}}),
    "administration.change_client": (ADMINISTRATORS, {"client_id": "nobody", "check": dict}),
    "comments.comment_on": (ALL, {**SUBMISSION, "text": "چرا؟"}),
    "deciding.decide_on_code": (IMPORTERS, {"map_name": "A→B", "decisions": [], "seen": ""}),
    "deciding.revoke_decision": (IMPORTERS, {"map_name": "A→B", "number": 404, "reason": "نادرست", "seen": ""}),
    "deciding.settle_decisions": (IMPORTERS, {"map_name": "A→B"}),
    "deciding.take_back_decisions": (IMPORTERS, {"map_name": "A→B", "numbers": [404]}),
    "decision_sets.draft_decisions": (IMPORTERS, {"map_name": "A→B"}),
    "jobs.cancel_job": (IMPORTERS, {"job_id": 404}),
    "jobs.retry_job": (IMPORTERS, {"job_id": 404}),
    "importing_again.retry_import": (IMPORTERS, SUBMISSION),
    "importing_again.import_again": (IMPORTERS, {**SUBMISSION, "mapped": {}}),
    "profiles.forget_columns": (IMPORTERS, {"source": "nothing"}),
    "publishing.publish_submission": (APPROVERS, SUBMISSION),
    "withdrawing.withdraw_release": (APPROVERS, {"terminology": "LNC", "version": "1402-02-18", "reason": "نادرست"}),
    "withdrawing.foresee_withdrawal": (APPROVERS, {"terminology": "LNC", "version": "1402-02-18"}),
    "receiving.receive_submission": (IMPORTERS, {"workbooks": []}),
    "requests.review_request": (IMPORTERS, REQUEST),
    "requests.answer_request": (IMPORTERS, {**REQUEST, "replies": {1: Reply("refused", reason="نیست")}}),
    "requests.comment_on_request": (ALL, {**REQUEST, "text": "چرا؟"}),
    "review.approve_submission": (APPROVERS, SUBMISSION),
    "review.reject_submission": (IMPORTERS, {**SUBMISSION, "reason": "نادرست"}),
    "review.submit_for_review": (IMPORTERS, SUBMISSION),
}
# What nobody does in person: who signs in is nobody yet; the rest is the worker's, after a person was asked.
WITHOUT_ACTOR = {"sessions.sign_in", "sessions.resume", "imports.import_submission", "looking.look_at",
                 "jobs.note_failure", "jobs.forget_old_jobs",
                 "publishing.publish_due", "requests.take_up_request", "requests.show_requests"}  # fmt: skip


def writing_actions() -> dict[str, Callable[..., Any]]:
    """Every public function of the package that is given the registry."""
    found = {}
    for room in pkgutil.iter_modules([str(Path(maxa.registry.actions.__file__).parent)]):
        module = importlib.import_module(f"maxa.registry.actions.{room.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and "engine" in inspect.signature(function).parameters:
                found[f"{room.name}.{name}"] = function
    return found


def act(call: Callable[..., Any], engine: Engine, **arguments: Any) -> None:
    done = call(engine, **arguments)
    if isinstance(done, AbstractContextManager):  # what is foreseen is looked at within a block
        with done:
            pass


def test_every_action_has_a_row() -> None:
    assert set(writing_actions()) == set(TABLE) | WITHOUT_ACTOR


def test_every_action_with_an_actor_takes_it_by_name() -> None:
    for name, function in writing_actions().items():
        parameters = inspect.signature(function).parameters
        assert ("actor" in parameters) == (name in TABLE), name
        assert all(p.kind in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in list(parameters.values())[1:]), name


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", TABLE)
def test_an_action_is_refused_to_exactly_the_roles_that_may_not(action: str, role: str, engine: Engine) -> None:
    allowed, arguments = TABLE[action]
    actor = Actor("someone", frozenset({role}))
    call = writing_actions()[action]
    if role not in allowed:
        with pytest.raises(NotAllowed, match="may not"):
            act(call, engine, actor=actor, **arguments)
        return
    try:
        act(call, engine, actor=actor, **arguments)
    except NotAllowed:
        raise
    except MaxaError:
        pass  # nothing of what it names is there


@pytest.mark.parametrize("action", TABLE)
def test_an_account_without_roles_may_do_nothing(action: str, engine: Engine) -> None:
    with pytest.raises(NotAllowed, match="may not"):
        act(writing_actions()[action], engine, actor=Actor("someone", frozenset()), **TABLE[action][1])


@pytest.mark.parametrize(
    ("permission", "keeper", "everywhere"),
    [(name, {"importer", "approver"} & roles, roles | {"administrator"}) for name, roles in PERMISSIONS.items()],
)
def test_who_keeps_one_list_may_do_there_what_the_role_may_anywhere(
    permission: str, keeper: set[str], everywhere: set[str]
) -> None:
    for role in ("importer", "approver"):
        steward = Actor("steward", frozenset(), frozenset({("irc", role)}))
        assert steward.may(permission) == steward.may(permission, ["IRC"]) == (role in keeper)
        assert not steward.may(permission, ["IRC", "LNC"])
        assert not steward.may(permission, [])
    for role in ROLES:
        assert Actor("x", frozenset({role})).may(permission, ["IRC", "LNC"]) == (role in everywhere)
