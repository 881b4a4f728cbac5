"""The audit trail is told in words, whatever was done."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from maxa.registry.jobs import FAILED_ACTION
from maxa.registry.models import AuditEvent
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT
from maxa.web.desk.audit_words import ACTIONS, DETAILS, details, subject_as_kept, subject_of
from tests.lists import Committee
from tests.web.desk.conftest import Person


def audited() -> Iterator[ast.Call]:
    for path in (PROJECT / "maxa" / "registry").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "audit":
                yield node


def test_every_action_and_every_detail_has_a_name() -> None:
    actions = {
        one.value
        for call in audited()
        for one in ast.walk(call.args[2])
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }
    assert len(actions) > 25
    assert actions | {FAILED_ACTION} == set(ACTIONS)
    named = {word.arg for call in audited() for word in call.keywords if word.arg}
    assert named == set(DETAILS)


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"number": 3, "history": False, "circular": None, "files": []}, [("شماره", "3")]),
        ({"rows": 0}, [("سطرها", "0")]),
        ({"bases": {"LNC": 2, "LNC→RVU3": 3}}, [("سنجیده با ویرایش‌های", "LNC 2, LNC→RVU3 3")]),
        ({"one_time": True, "roles": ["viewer", "importer"]}, [("یک‌بارمصرف", "آری"), ("نقش‌ها", "viewer, importer")]),
        ({"decided": [["1", "holds", None], [None, "no-target", None]]}, [("تصمیم", "1 holds, no-target")]),
        ({"detail_fa": "نشد", "detail_en": "It failed", "reason": "too-large"}, [("", "نشد")]),
        ({"failure": {"detail_fa": "نشد", "detail_en": "It failed"}}, [("پیشتر ناموفق بود", "نشد")]),
        ({"something": "of an older version"}, [("something", "of an older version")]),
    ],
)
def test_details_are_told_as_people_say_them(
    app: Flask, detail: dict[str, object], told: list[tuple[str, str]]
) -> None:
    with app.test_request_context("/desk/audit?lang=fa"):
        assert list(details(detail)) == told


def test_a_subject_may_be_asked_for_as_it_is_shown(app: Flask) -> None:
    with app.test_request_context("/desk/audit?lang=fa"):
        assert subject_of("submission 15") == ("فهرست", "15")
        assert subject_of("LNC 1402-02-18") == ("", "LNC 1402-02-18")
        assert subject_of("submission") == ("", "submission")
        for text, kept in (("فهرست ۱۵", "submission 15"), ("submission 15", "submission 15"), ("sara", "sara")):
            assert subject_as_kept(text) == kept


def test_what_an_older_or_newer_version_wrote_is_shown_as_it_is(
    committee: Committee, person: Callable[[str], Person]
) -> None:
    with transaction(committee.engine) as session:
        session.add(
            AuditEvent(
                actor="x", action="of-another-version", subject="job x", detail={"a": [{"b": 1}]}, at=datetime.now(UTC)
            )
        )
    page = person("mina").told("/desk/audit?action=of-another-version")
    assert "of-another-version" in page
    assert "a: b 1" in page
