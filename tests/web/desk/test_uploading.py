"""Uploads of any size, and what a person has typed when one is refused."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import threading
import tracemalloc
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from maxa.errors import TooManyRequests
from maxa.web.desk import arriving
from maxa.web.throttle import Throttle
from tests.lists import Committee, ListOf, codes, workbook
from tests.web.desk.conftest import LOCAL, Person, text_of

People = Callable[[str], Person]
LARGE = 12 << 20
HTMX = {"HX-Request": "true", "HX-Target": "problem"}


def end_sessions(committee: Committee) -> None:
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE desk_session SET ended_at = now()"))


def send(person: Person, token: str, *, name: str = "lab.json", **said: str) -> TestResponse:
    """As htmx sends the form."""
    book = workbook(ListOf("LNC", codes(a="آ")))
    data = MultiDict({"csrf_token": token, "scope": "full", **said, "workbook": [(io.BytesIO(book.content), name)]})
    return person.http.post("/desk/upload", base_url=LOCAL, data=data, headers=HTMX)


def test_a_large_workbook_is_never_held_in_the_memory_of_the_web_process(
    committee: Committee, person: People, tmp_path: Path
) -> None:
    sara = person("sara")
    before = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{sara.token("/desk/upload")}\r\n'
        '--x\r\nContent-Disposition: form-data; name="workbook"; filename="large.xlsx"\r\n\r\n'
    ).encode()
    content = os.urandom(LARGE)
    body = tmp_path / "body"
    body.write_bytes(before + content + b"\r\n--x--\r\n")
    with body.open("rb") as stream:
        tracemalloc.start()
        try:
            reply = sara.http.post(
                "/desk/upload", base_url=LOCAL, input_stream=stream, content_length=body.stat().st_size,
                content_type="multipart/form-data; boundary=x",
            )  # fmt: skip
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert reply.status_code == 303
    assert most < LARGE // 2
    file = committee.scalar("SELECT id FROM submission_file")
    assert committee.scalar("SELECT content FROM submission_file") == content
    assert sara.get(f"/desk/submissions/1/files/{file}").data == content


def test_an_upload_that_the_disk_has_no_room_for_is_refused_before_it_comes(
    committee: Committee, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sara = person("sara")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 1 << 40, 1_000))
    reply = sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    assert reply.status_code == 503
    assert "جای خالی دیسک" in text_of(reply)
    assert committee.scalar("SELECT count(*) FROM submission") == 0


class Unread(io.RawIOBase):
    """A body that nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        pytest.fail("the body was read")


@pytest.mark.parametrize("throttled", [False, True])
def test_of_a_body_from_a_stranger_or_from_who_sends_too_often_nothing_is_read(
    committee: Committee,
    person: People,
    browser: Callable[[], Person],
    monkeypatch: pytest.MonkeyPatch,
    throttled: bool,
) -> None:
    stranger = person("sara") if throttled else browser()
    if throttled:
        monkeypatch.setattr(Throttle, "take", refuse_all)
    reply = stranger.http.post(
        "/desk/upload", base_url=LOCAL, headers=HTMX, content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(LARGE)},
    )  # fmt: skip
    assert reply.status_code == (429 if throttled else 401)
    assert reply.headers["Connection"] == "close"


def refuse_all(*_: object) -> None:
    raise TooManyRequests("بس", "enough")


def test_a_sender_that_lets_its_bytes_drip_holds_no_thread_for_long(
    committee: Committee, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sara = person("sara")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 40, 1 << 40, 1_000))
    monkeypatch.setattr(arriving, "_DRAIN_SECONDS", 0.1)
    theirs, ours = socket.socketpair()
    theirs.sendall(b"--x")
    hung_up = threading.Event()

    def hang_up() -> None:
        hung_up.set()
        theirs.close()

    patience = threading.Timer(30, hang_up)
    patience.start()
    with theirs, ours, ours.makefile("rb") as body:
        reply = sara.http.post(
            "/desk/upload", base_url=LOCAL, headers=HTMX, content_type="multipart/form-data; boundary=x",
            environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(LARGE), "gunicorn.socket": ours},
        )  # fmt: skip
    patience.cancel()
    assert reply.status_code == 503
    assert not hung_up.is_set()


def test_a_form_sent_by_htmx_goes_on_to_the_list_and_keeps_its_page_when_it_is_refused(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    reply = send(sara, sara.token("/desk/upload"), circular="؟؟")
    assert reply.status_code == 400
    assert 'id="problem"' in reply.text
    assert "شمارهٔ ابلاغیه نیست" in reply.text
    assert "<html" not in reply.text
    reply = send(sara, sara.token("/desk/upload"))
    assert (reply.status_code, reply.headers["HX-Redirect"]) == (204, "/desk/submissions/1")


def test_a_session_that_ended_in_the_middle_of_an_upload_costs_nothing_that_was_typed(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    token = sara.token("/desk/upload")
    end_sessions(committee)
    reply = send(sara, token, note="نسخهٔ نهایی")
    assert reply.status_code == 401
    assert 'href="/desk/sign-in" target="_blank"' in reply.text
    assert sara.sign_in("sara").status_code == 303  # in another tab
    reply = send(sara, token, note="نسخهٔ نهایی")
    assert reply.status_code == 400, "signing in has renewed the tokens of forms"
    [fresh] = re.findall(r'id="upload-token" value="([^"]+)" hx-swap-oob="true"', reply.text)
    assert send(sara, fresh, note="نسخهٔ نهایی").status_code == 204
    assert committee.scalar("SELECT note FROM submission") == "نسخهٔ نهایی"


def test_what_was_done_in_another_tab_is_told_without_harm(committee: Committee, person: People) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    sara, here = person("sara"), f"/desk/submissions/{number}"
    for _ in range(2):
        sara.post(f"{here}/submit", on=here)
    page = sara.told(here)
    assert "این فهرست اکنون «در بررسی» است" in page
    assert committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'submit'") == 1


@pytest.mark.parametrize(
    "name", ["\u202bفهرست \u200fبلند\u202c\u2066v2\u2069.xlsx", "gnp.\u202exslx.exe", "الف" * 70 + ".xlsx"]
)
def test_marks_of_direction_in_the_name_of_a_file_are_left_out(name: str, committee: Committee, person: People) -> None:
    sara = person("sara")
    assert send(sara, sara.token("/desk/upload"), name=name).status_code == 204
    kept = committee.scalar("SELECT name FROM submission_file")
    assert kept == re.sub("[\u200f\u202a-\u202e\u2066-\u2069]", "", name)[-200:]
    assert kept in sara.get("/desk/submissions/1").text


def test_what_was_typed_into_a_form_is_shown_for_copying_when_the_session_has_ended(
    committee: Committee, person: People
) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    sara, here = person("sara"), f"/desk/submissions/{number}"
    token = sara.token(here)
    end_sessions(committee)
    for given, kept in ((token, True), ("forged by another site", False)):
        reply = sara.post(f"{here}/comments", {"csrf_token": given, "text": "ستون ۳ <b>نیست</b>"}, on="/desk/sign-in")
        assert reply.status_code == 401
        assert ("ستون ۳ &lt;b&gt;نیست&lt;/b&gt;" in reply.text) is kept
        assert "<b>نیست" not in reply.text


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("most", [1_000, None])
def test_of_a_form_that_is_too_large_nothing_is_shown_when_the_session_has_ended(
    app: Flask, browser: Callable[[], Person], content_type: str, most: int | None
) -> None:
    stranger = browser()
    token = stranger.token()
    if most is not None:
        app.config["MAX_CONTENT_LENGTH"] = most
    form = {"csrf_token": token, "text": "x" * 600_000}  # of a part, the parser holds 500 kB at most
    reply = stranger.http.post(
        "/desk/submissions/1/comments", base_url=stranger.base, data=form, content_type=content_type,
        headers={"Accept": "text/html"},
    )  # fmt: skip
    assert reply.status_code == 401
    assert "/desk/sign-in" in reply.text
