"""Who gets in, and what is kept out: sign-in, sessions, CSRF, redirects, caches, hostile input, a database that is down."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import text

from importers.profile import Profile
from maxa.access.clients import Client, client_as_dict, hash_secret, new_pid
from maxa.app import create_app
from maxa.collecting_requests import collect_requests
from maxa.queue import defer
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.requests.spool import Spool
from maxa.settings import Settings
from maxa.web.desk.door import WRITES, is_safe_next
from tests.lists import ADMIN, SARA, Committee, ListOf, codes, workbook
from tests.requests_of import asking
from tests.test_worker import url_of
from tests.web.desk.conftest import PASSWORD, Person, text_of

People = Callable[[str], Person]
Come = Callable[[], Person]


def get_rules(app: Flask) -> list[str]:
    return sorted(
        rule.rule for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "GET" in (rule.methods or ())
    )  # fmt: skip


def post_rules(app: Flask) -> list[str]:
    return sorted(
        rule.rule for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "POST" in (rule.methods or ())
    )  # fmt: skip


def filled(rule: str) -> str:
    """An address of the rule, with 1 for numbers."""
    return re.sub(r"<any\(.*?\):\w+>", "csv", re.sub(r"<int:\w+>", "1", re.sub(r"<(?:path:)?\w+>", "LNC", rule)))


def test_a_mirror_has_no_desk(home: Any, settings_for: Callable[..., Settings]) -> None:
    app = create_app(settings_for(role="mirror", log_level="error"))
    for path in ("/desk", "/desk/", "/desk/sign-in", "/desk/submissions"):
        assert app.test_client().get(path).status_code == 404


def test_every_page_but_the_sign_in_asks_who_it_is(app: Flask, browser: Come) -> None:
    rules = get_rules(app)
    assert len(rules) > 20
    for rule in rules:
        reply = browser().get(filled(rule))
        if rule == "/desk/sign-in":
            assert reply.status_code == 200
        else:
            assert reply.status_code == 303, rule
            assert reply.location.startswith("/desk/sign-in?next="), rule
        assert reply.headers["Cache-Control"] == "no-store", rule


def test_nothing_is_written_without_the_token_of_a_page(app: Flask, committee: Committee, person: People) -> None:
    root = person("root")
    before = committee.scalar("SELECT count(*) FROM audit_event")
    for rule in post_rules(app):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "x.y.z"}):
            reply = root.http.post(filled(rule), base_url=root.base, data=token, headers={"Accept": "text/html"})
            assert reply.status_code == 400, rule
            assert "کهنه" in reply.text
    assert committee.scalar("SELECT count(*) FROM audit_event") == before
    root.told("/desk/submissions")  # still signed in


def test_nothing_is_written_by_strangers(app: Flask, committee: Committee, person: People, browser: Come) -> None:
    stranger = browser()
    token = stranger.token()
    before = committee.scalar("SELECT count(*) FROM audit_event")
    for rule in post_rules(app):
        if rule != "/desk/sign-in":
            reply = stranger.http.post(filled(rule), base_url=stranger.base, data={"csrf_token": token})
            assert reply.status_code == 401, rule
    assert committee.scalar("SELECT count(*) FROM audit_event") == before


@pytest.fixture
def furnished(committee: Committee, desk_settings: Settings) -> dict[str, str]:
    """Something at every address of the desk: two lists, their map, a draft, a request, a client, a job. Gives what
    stands for the names in its rules."""
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/37")
    pair = {"source": "a", "target": "x", "relationship": "equivalent"}
    committee.publish(ListOf("RVU3", codes(x="یک")), ListOf("LNC→RVU3", [pair]))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ۲", b="ب"))))
    actions.comment_on(committee.engine, actor=SARA, submission_id=number, text="سلام")
    client = Client(client_id="c", name="c", secret_hash=hash_secret("x"), pid=new_pid())
    actions.add_client(committee.engine, actor=ADMIN, client_id="c", name="c", record=client_as_dict(client))
    spool = Spool(desk_settings.requests)
    spool.file(asking("سدیم"))
    collect_requests(committee.engine, spool)
    defer(url_of(committee), "import_submission", submission_id=number)
    file = committee.scalar("SELECT max(id) FROM submission_file")
    return {
        "<path:terminology>/<version>": "LNC/1402-02-18", "<path:name>": "LNC--RVU3", "<name>": "sara",
        "<client_id>": "c", "<int:file_id>": str(file), "/submissions/<int:number>": f"/submissions/{number}",
    }  # fmt: skip


def address_of(rule: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        rule = rule.replace(name, value)
    return filled(rule)


FOR_EVERYONE = {
    "/desk/sign-in", "/desk/sign-out", "/desk/password", "/desk/sessions/<int:number>/end",
    "/desk/submissions/<int:number>/comments", "/desk/requests/<int:number>/comments",
}  # fmt: skip


def test_of_the_forms_a_viewer_may_send_comments_and_those_of_the_own_account(
    app: Flask, committee: Committee, furnished: dict[str, str], person: People
) -> None:
    _, vida = person("sara"), person("vida")  # session 1 is another one's
    rules = [rule for rule in post_rules(app) if rule not in FOR_EVERYONE]
    assert len(rules) > 20
    before = committee.scalar("SELECT count(*) FROM audit_event")
    answers = {rule: vida.post(address_of(rule, furnished)).status_code for rule in rules}
    assert {rule: status for rule, status in answers.items() if status != 403} == {}
    assert committee.scalar("SELECT count(*) FROM audit_event") == before


def test_the_token_of_one_browser_is_worth_nothing_in_another(person: People, browser: Come) -> None:
    root, stranger = person("root"), browser()
    reply = root.http.post("/desk/sign-out", base_url=root.base, data={"csrf_token": stranger.token()})
    assert reply.status_code == 400


def test_the_cookies_are_closed_to_scripts_and_other_sites_and_secure_but_on_this_machine(
    people: None, browser: Come
) -> None:
    for base, secure in (("http://localhost", False), ("http://127.0.0.1:8000", False), ("https://maxa.example", True),
                         ("http://maxa.example", True), ("http://localhost.example", True)):  # fmt: skip
        who = browser()
        who.base = base
        page = who.get("/desk/sign-in")
        [kept] = page.headers.getlist("Set-Cookie")
        for wanted in ("HttpOnly", "SameSite=Lax", "Path=/desk"):
            assert wanted in kept
        assert ("Secure" in kept) == secure, base
    reply = browser().sign_in("root")
    told = [cookie for cookie in reply.headers.getlist("Set-Cookie") if cookie.startswith("desk=")]
    assert len(told) == 1
    for wanted in ("HttpOnly", "SameSite=Lax", "Path=/desk"):
        assert wanted in told[0]


def test_signing_in_gives_a_session_of_its_own_and_signing_out_ends_it(
    committee: Committee, people: None, browser: Come
) -> None:
    who = browser()
    before = who.token()
    who.sign_in("root")
    assert who.token("/desk/sessions") != before
    kept = who.http.get_cookie("desk", path="/desk")
    assert kept is not None
    who.post("/desk/sign-out")
    assert who.get("/desk/submissions").status_code == 303
    who.http.set_cookie("desk", kept.value, path="/desk")
    assert who.get("/desk/submissions").status_code == 303, "the old token is dead, not only forgotten"


def test_a_session_is_ended_from_another_browser(people: None, person: People) -> None:
    here, there = person("sara"), person("sara")
    numbers = re.findall(r"/desk/sessions/(\d+)/end", here.get("/desk/sessions").text)
    assert len(numbers) == 2
    for number in numbers:
        assert person("vida").post(f"/desk/sessions/{number}/end").status_code == 404
    assert here.post(f"/desk/sessions/{numbers[0]}/end").status_code == 303
    assert there.get("/desk/submissions").status_code == 303
    assert here.get("/desk/submissions").status_code == 200


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(browser: Come) -> None:
    reply = browser().get("/desk/submissions/1/progress", headers={"HX-Request": "true"})
    assert (reply.status_code, reply.headers["HX-Redirect"]) == (204, "/desk/sign-in")


@pytest.mark.parametrize("target", ["/desk", "/desk/submissions?find=لبن", "/desk/submissions/1#x"])
def test_after_signing_in_one_comes_where_one_wanted_to_go(target: str, people: None, browser: Come) -> None:
    assert is_safe_next(target)
    reply = browser().sign_in("root", next=target)
    assert (reply.status_code, unquote(reply.location)) == (303, target)


@pytest.mark.parametrize("target", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "/desk//evil.example", "/desk\\@evil.example", "",
    "/deskevil", "javascript:alert(1)", "/desk/\n//evil.example", "/", "desk", "/desk/\tx",
])  # fmt: skip
def test_nobody_is_sent_elsewhere(target: str, people: None, browser: Come) -> None:
    assert not is_safe_next(target)
    assert browser().sign_in("root", next=target).location == "/desk/submissions"


def test_guessing_is_slowed_down_on_the_page_as_well(people: None, browser: Come) -> None:
    who = browser()
    statuses = [who.sign_in("root", "wrong").status_code for _ in range(7)]
    assert statuses[:6] == [401] * 6
    assert statuses[6] == 429
    reply = who.sign_in("root")
    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) >= 1
    assert 'value="root"' in reply.text
    assert PASSWORD not in reply.text


def test_too_many_writes_from_one_address_have_to_wait(people: None, browser: Come) -> None:
    who = browser()
    statuses = {who.http.post("/desk/upload", base_url=who.base).status_code for _ in range(WRITES.requests + 5)}
    assert statuses == {401, 429}


def test_with_the_database_down_the_desk_says_so_and_the_readers_go_on(
    committee: Committee, settings_for: Callable[..., Settings], free_port: int
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    url = f"postgresql://nobody@127.0.0.1:{free_port}/nothing"
    app = create_app(settings_for(database_url=url, shelf=committee.folder, access="open", log_level="error"))
    who = Person(app.test_client())
    assert who.get("/desk/sign-in").status_code == 200
    who.http.set_cookie("desk", "x" * 43, path="/desk")
    page = who.get("/desk/submissions")
    assert page.status_code == 503
    assert "سرویس‌های خواندنی کار می‌کنند" in page.text
    for inner in ("nobody", "127.0.0.1", str(free_port), "MAXA_DATABASE_URL"):
        assert inner not in page.text, "a stranger is told nothing of how the server is built"
    assert "آ" in who.http.get("/gwmaksa/Terminology?Terminology=LNC&Code=a").text
    assert who.get("/").status_code == 200


def test_without_a_registry_the_desk_says_what_the_operator_must_set(
    home: Any, settings_for: Callable[..., Settings]
) -> None:
    who = Person(create_app(settings_for(log_level="error")).test_client())
    who.http.set_cookie("desk", "x" * 43, path="/desk")
    page = who.get("/desk/submissions")
    assert page.status_code == 503
    assert "MAXA_DATABASE_URL" in page.text


# --- hostile input ---------------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_markup_in_lists_names_and_comments_stays_text(committee: Committee, person: People, browser: Come) -> None:
    finding = {"rule": "bad-title", "severity": "warning", "sheet": HOSTILE, "row": 3, "column": "B", "value": HOSTILE,
               "file": "list.json"}  # fmt: skip
    committee.publish(ListOf("LNC", [{"code": "a", "title_fa": "آ"}]))
    number = committee.draft(
        workbook(ListOf("LNC", [{"code": "a", "title_fa": HOSTILE}, {"code": HOSTILE, "title_fa": "x"}]),
                 name=f"{HOSTILE}.json", findings=[finding]), note=HOSTILE,
    )  # fmt: skip
    root, here = person("root"), f"/desk/submissions/{number}"
    root.post(f"{here}/comments", {"text": HOSTILE}, on=here)
    root.post("/desk/new-client", {"id": "c", "name": HOSTILE, "service": "api"}, on="/desk/new-client")
    root.post("/desk/new-account", {"name": HOSTILE[:50], "role": "viewer"}, on="/desk/new-account")
    assert "<script>alert" not in browser().sign_in(HOSTILE, HOSTILE).text
    for path in (here, f"{here}/changes", f"{here}/findings", "/desk/submissions", "/desk/clients", "/desk/clients/c",
                 "/desk/accounts", "/desk/audit", f"/desk/submissions?find={HOSTILE}", f"/desk/audit?subject={HOSTILE}",
                 f"{here}/changes?find={HOSTILE}&after={HOSTILE}&part={HOSTILE}"):  # fmt: skip
        page = root.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "style=" not in page, path


def test_files_given_out_hold_no_formulas(committee: Committee, person: People) -> None:
    evil = "=cmd|' /C calc'!A0"
    committee.publish(ListOf("LNC", codes(a="آ")))
    finding = {"rule": "bad-title", "severity": "warning", "sheet": "۱", "row": 3, "column": "B", "value": evil}
    number = committee.draft(workbook(ListOf("LNC", [{"code": "a", "title_fa": evil}]), findings=[finding]))
    root, here = person("root"), f"/desk/submissions/{number}"
    for path in (f"{here}/findings.csv", f"{here}/changes.csv", "/desk/audit.csv"):
        table = root.get(path)
        assert table.status_code == 200
        assert table.headers["Content-Disposition"].startswith("attachment")
        assert table.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r'(?:^|,)"?=', table.text, re.MULTILINE), path
    book = root.get(f"{here}/changes.xlsx")
    assert book.data[:2] == b"PK"
    assert b"<f>" not in book.data


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.xlsx", "..\\..\\boot.ini", "/etc/cron.d/x.xlsx", "نام\r\nX-Evil: 1.xlsx", "a" * 400 + ".xlsx"],
)
def test_names_of_files_lead_nowhere(name: str, committee: Committee, person: People) -> None:
    sara = person("sara")
    number = committee.receive(Workbook(name, workbook(ListOf("LNC", codes(a="آ"))).content, None, Profile()))
    file = committee.scalar("SELECT id FROM submission_file")
    reply = sara.get(f"/desk/submissions/{number}/files/{file}")
    assert reply.status_code == 200
    told = reply.headers["Content-Disposition"]
    assert told.startswith("attachment; filename=")
    assert not set("/\\\r\n") & set(told.partition("filename*=")[0])
    assert ".." not in told.partition("filename*=")[0]
    assert "X-Evil" not in reply.headers
    assert reply.content_type == "application/octet-stream"


def test_a_file_is_given_with_its_own_submission_only(committee: Committee, person: People) -> None:
    for title in ("آ", "ب"):
        committee.receive(workbook(ListOf("LNC", codes(a=title))))
    first, second = (
        committee.scalar("SELECT min(id) FROM submission_file"),
        committee.scalar("SELECT max(id) FROM submission_file"),
    )
    vida = person("vida")
    assert vida.get(f"/desk/submissions/1/files/{first}").status_code == 200
    assert vida.get(f"/desk/submissions/1/files/{second}").status_code == 404
    assert vida.get("/desk/submissions/1/letter").status_code == 404
    assert vida.get("/desk/submissions/99").status_code == 404


def test_an_upload_that_is_too_large_is_refused_and_nothing_is_kept(
    committee: Committee, people: None, settings_for: Callable[..., Settings], app: Flask
) -> None:
    small = settings_for(
        database_url=app.extensions["maxa.desk"].url, shelf=committee.folder, max_workbook=1 << 20, max_upload=3 << 20,
        log_level="error",
    )  # fmt: skip
    sara = Person(create_app(small).test_client())
    sara.sign_in("sara")
    reply = sara.upload(Workbook("large.xlsx", b"PK" + bytes(1 << 20), None, Profile()))
    assert reply.status_code == 413
    assert "«large.xlsx» از اندازهٔ مجاز (1 مگابایت) بزرگ‌تر است" in text_of(reply)
    several = {"workbook": [(io.BytesIO(bytes(1 << 20)), f"{n}.xlsx") for n in range(4)]}
    reply = sara.post("/desk/upload?lang=en", several, on="/desk/upload")
    assert reply.status_code == 413
    assert "together are larger than the 3 MB allowed" in text_of(reply)
    letter = {"workbook": [(io.BytesIO(b"{}"), "a.xlsx")], "letter": [(io.BytesIO(bytes((1 << 20) + 1)), "l.pdf")]}
    assert sara.post("/desk/upload", letter, on="/desk/upload").status_code == 413
    assert committee.scalar("SELECT count(*) FROM submission") == 0
    assert list(small.work.iterdir()) == []


@pytest.mark.parametrize(("said", "told"), [
    ({}, "کارپوشه‌ای انتخاب نشده است"),
    ({"circular": "؟؟"}, "شمارهٔ ابلاغیه نیست"),
    ({"circular": "110/37", "day": "1402/13/01"}, "1402/13/01"),
    ({"scope": "everything"}, "دامنه"),
    ({"history": "yes"}, "پیشینه"),
])  # fmt: skip
def test_what_is_wrong_with_an_upload_is_told_beside_what_was_typed(
    said: dict[str, str], told: str, committee: Committee, person: People
) -> None:
    sara = person("sara")
    books = [workbook(ListOf("LNC", codes(a="آ")))] if said else []
    reply = sara.upload(*books, note="این را ننویسم دوباره", **said)
    assert 400 <= reply.status_code < 500
    page = text_of(reply)
    assert told in page
    assert "این را ننویسم دوباره" in page
    assert committee.scalar("SELECT count(*) FROM submission") == 0


def test_a_letter_must_be_a_pdf_and_comes_back_as_it_was(committee: Committee, person: People) -> None:
    sara, book = person("sara"), workbook(ListOf("LNC", codes(a="آ")))
    assert sara.upload(book, letter=[(io.BytesIO(b"<html>"), "letter.pdf")]).status_code == 400
    pdf = b"%PDF-1.7\n..."
    sara.upload(book, letter=[(io.BytesIO(pdf), "ابلاغیه.pdf")])
    reply = sara.get("/desk/submissions/1/letter")
    assert reply.data == pdf
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_a_slow_reader_of_a_file_holds_nothing_of_the_registry(
    app: Flask, committee: Committee, person: People
) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    root = person("root")
    for path in ("/desk/audit.csv", f"/desk/submissions/{number}/changes.csv", "/desk/dashboard/clients.csv"):
        with closing(root.get(path, buffered=False)) as reply:
            blocks = iter(reply.response)
            assert next(blocks)
            next(blocks, None)
            assert app.extensions["maxa.desk"].engine.pool.checkedout() == 0, path


def test_a_page_left_by_its_reader_leaves_no_connection_behind(
    app: Flask, committee: Committee, person: People
) -> None:
    committee.publish(ListOf("LNC", codes(**{f"c{n}": "آ" for n in range(300)})))
    number = committee.draft(workbook(ListOf("LNC", codes(**{f"c{n}": f"آ{n}" for n in range(300)}))))
    root = person("root")
    for path in ("/desk/audit.csv", f"/desk/submissions/{number}/changes.csv"):
        with closing(root.get(path, buffered=False)) as reply:
            next(iter(reply.response))
    assert app.extensions["maxa.desk"].engine.pool.checkedout() == 0


NO_PAGES = {  # files, parts of pages, and addresses that lead on
    "/desk/", "/desk/audit.csv", "/desk/dashboard/<table>.csv", "/desk/sign-in", "/desk/maps/<path:name>/candidates",
    "/desk/requests/<int:number>/rows.<any(csv, xlsx):form>",
    "/desk/submissions/<int:number>/changes.<any(csv, xlsx):kind>",
    "/desk/submissions/<int:number>/columns/<int:file_id>/ready", "/desk/submissions/<int:number>/files/<int:file_id>",
    "/desk/submissions/<int:number>/findings.csv", "/desk/submissions/<int:number>/letter",
    "/desk/submissions/<int:number>/marked/<int:file_id>/ready", "/desk/submissions/<int:number>/progress",
}  # fmt: skip


def test_every_page_opens_in_both_languages(
    app: Flask, committee: Committee, furnished: dict[str, str], person: People
) -> None:
    root = person("root")
    rules = get_rules(app)
    assert set(rules) >= NO_PAGES
    for rule in (rule for rule in rules if rule not in NO_PAGES):
        path = address_of(rule, furnished)
        persian = root.get(path)
        assert persian.status_code == 200, path
        assert persian.mimetype == "text/html", path
        assert "unsafe-inline" not in persian.headers["Content-Security-Policy"]
        assert not re.search(r"\son\w+=|<script>|style=", persian.text), path
        english = root.get(f"{path}?lang=en")
        assert english.status_code == 200, path
        assert 'dir="ltr"' in english.text.partition(">")[2].partition("<head")[0]
        text_of(english)
        root.http.delete_cookie("lang")


def test_a_closed_connection_is_not_taken_for_a_missing_account(committee: Committee, person: People) -> None:
    root = person("root")
    with committee.engine.connect() as connection:
        ended = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'maxa desk' AND datname = current_database()"  # not of tests beside this one
            )
        ).all()
    assert ended
    assert root.get("/desk/submissions").status_code == 200


@pytest.mark.parametrize("path", [
    "/desk/submissions/99999999999999999999", "/desk/submissions/9223372036854775807/changes", "/desk/clients/%00",
    "/desk/accounts/a%00b", "/desk/audit?before=99999999999999999999999", "/desk/audit?actor=%00", "/desk/audit?before=x",
    "/desk/submissions?page=99999999999999", "/desk/submissions?page=-1", "/desk/submissions?find=%00&state=%ff",
    "/desk/submissions/1/changes?after=%00", "/desk/submissions/1/changes?terminology=x&kind=x&part=x",
    "/desk/submissions/1/findings?page=x&rule=%27", "/desk/editions/x/y/withdraw", "/desk/editions?terminology=%27",
    "/desk/submissions/-1", "/desk/submissions?find=x&find=%00", "/desk/submissions/1/changes?kind=added&kind=%00",
    "/desk/submissions/1/files/99999999999999999999", "/desk/nothing", "/desk/submissions?find=%5C%25_",
])  # fmt: skip
def test_no_address_breaks_the_desk(path: str, committee: Committee, person: People) -> None:
    committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    assert person("root").get(path).status_code in (200, 400, 404), path


@pytest.mark.parametrize(("path", "data"), [
    ("/desk/submissions/1/reject", {"reason": "a\0b"}),
    ("/desk/submissions/1/comments", {"text": "a\0b"}),
    ("/desk/submissions/1/comments", {"text": "\u202e" * 5_000}),
    ("/desk/submissions/1/approve", {"when": "later", "day": "\0"}),
    ("/desk/submissions/1/submit", {"confirm": ["a", "b\0"]}),
    ("/desk/submissions/99999999999999999999/submit", {}),
    ("/desk/new-client", {"id": "x", "name": "a\0b", "service": "api"}),
    ("/desk/new-client", {"id": "x", "name": "x", "service": "api", "requests": "9" * 300, "per": "minute"}),
    ("/desk/new-client", {"id": "x", "name": "x", "service": "api", "requests": "5", "per": "year"}),
    ("/desk/new-client", {"id": "x", "name": "x", "service": "api", "requests": "1000001", "per": "minute"}),
    ("/desk/new-client", {"id": "x", "name": "x", "service": "api", "requests": "0" * 11 + "1" + "9" * 30, "per": "minute"}),
    ("/desk/new-client", {"id": "x", "name": "x", "service": "api", "user": "u" * 129}),
    ("/desk/new-account", {"name": "a\0b", "role": "viewer"}),
    ("/desk/new-account", {"name": "ab", "role": "root"}),
    ("/desk/accounts/sara/roles", {"terminology": "x" * 500, "keeps": "approver"}),
    ("/desk/accounts/sara/roles", {"terminology": "IRC", "keeps": "administrator"}),
    ("/desk/editions/LNC/x/withdraw", {"reason": "نه"}),
])  # fmt: skip
def test_no_form_breaks_the_desk(path: str, data: dict[str, str], committee: Committee, person: People) -> None:
    committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    root = person("root")
    reply = root.post(path, data)
    assert reply.status_code in (303, 400, 404), path
    assert committee.scalar("SELECT count(*) FROM client") == 0
    assert committee.scalar("SELECT count(*) FROM stewardship") == 0
    assert committee.scalar("SELECT count(*) FROM account") == 4
    assert root.get("/desk/submissions/1").status_code == 200


def test_the_desk_itself_leads_to_the_submissions(person: People) -> None:
    root = person("root")
    for path in ("/desk", "/desk/"):
        assert root.get(path).location == "/desk/submissions"
