"""From an uploaded workbook to a served edition and its withdrawal, by clicks of people with different roles."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from maxa.registry import actions
from maxa.registry.people import Actor
from maxa.web.desk import editions
from tests.lists import SARA, Committee, ListOf, codes, workbook
from tests.web.desk.conftest import Person, text_of

People = Callable[[str], Person]


def imported(committee: Committee, number: int = 1) -> None:
    """What the worker does."""
    actions.import_submission(committee.engine, submission_id=number, workdir=committee.home / "work")


def queued(committee: Committee) -> list[str]:
    with committee.engine.connect() as connection:
        return list(connection.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY id")))


def test_an_uploaded_list_is_reviewed_approved_by_another_and_served(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")), circular="110/186")
    sara, mina = person("sara"), person("mina")
    sent = sara.upload(
        workbook(ListOf("LNC", codes(a="آ۲", b="ب", d="ت")), name="lab.json"),
        circular="110/37، 1402/02/18",
        note="نسخهٔ نهایی",
    )
    assert (sent.status_code, sent.location) == (303, "/desk/submissions/2")
    assert "centre:import_submission" in queued(committee)
    assert "در نوبت کارگر" in sara.told("/desk/submissions/2")
    imported(committee, 2)
    page = sara.told("/desk/submissions/2")
    for told in ("پیش‌نویس", "lab.json", "نسخهٔ نهایی", "110/37", "فرستادن برای بررسی"):
        assert told in page
    assert "تأیید و انتشار" not in page
    changes = sara.told("/desk/submissions/2/changes")
    assert re.search(r"آ\s+آ۲", changes)
    assert "ت" in sara.told("/desk/submissions/2/changes?kind=added")
    assert "آ۲" not in sara.told("/desk/submissions/2/changes?kind=added")
    assert "آ۲" in sara.told("/desk/submissions/2/changes?find=آ۲")
    sara.post("/desk/submissions/2/comments", {"text": "ستون ۲ را ببین"}, on="/desk/submissions/2")
    assert sara.post("/desk/submissions/2/submit", on="/desk/submissions/2").status_code == 303
    assert sara.post("/desk/submissions/2/approve", on="/desk/submissions/2").status_code == 403
    page = mina.told("/desk/submissions/2")
    assert "ستون ۲ را ببین" in page
    assert "LNC، ویرایش 1402-02-18 با ۳ تغییر" in page
    mina.post("/desk/submissions/2/approve", {"when": "now"}, on="/desk/submissions/2")
    assert queued(committee)[-1] == "centre:project"
    assert "مهر می‌شود" in mina.told("/desk/submissions/2")
    committee.project()
    page = mina.told("/desk/submissions/2")
    assert re.search(r"سریال 2 در قفسه", page)
    assert committee.current("LNC")["a"] == ("آ۲", True)
    committee.check_invariants()


def test_who_sent_a_list_is_told_that_another_approves_it(committee: Committee, person: People) -> None:
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE account SET roles = ARRAY['importer','approver'] WHERE name = 'sara'"))
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    imported(committee)
    sara.post("/desk/submissions/1/submit", on="/desk/submissions/1")
    assert "دیگری باید تأیید کند" in sara.told("/desk/submissions/1")
    assert sara.post("/desk/submissions/1/approve", {"when": "now"}, on="/desk/submissions/1").status_code == 403


def test_an_administrator_overrides_with_a_reason(committee: Committee, person: People) -> None:
    root = person("root")
    root.upload(workbook(ListOf("LNC", codes(a="آ"))))
    imported(committee)
    root.post("/desk/submissions/1/submit", on="/desk/submissions/1")
    root.post("/desk/submissions/1/approve", {"when": "now", "override": "کس دیگری نیست"}, on="/desk/submissions/1")
    assert "منتشرشده" in root.told("/desk/submissions/1")
    assert "کس دیگری نیست" in root.told("/desk/audit?action=approve")


def test_a_list_is_published_on_a_set_day(committee: Committee, person: People) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    mina = person("mina")
    here = f"/desk/submissions/{number}"
    for day, told in (("1390/01/01", "گذشته است"), ("1499/13/01", "1499/13/01"), ("", "")):
        mina.post(f"{here}/approve", {"when": "later", "day": day, "time": "08:30"}, on=here)
        page = mina.told(here)
        assert told in page
        assert "تأیید و انتشار" in page, "it is still to be approved"
    mina.post(f"{here}/approve", {"when": "later", "day": "۱۴۹۹/۰۱/۰۱", "time": "۰۸:۳۰"}, on=here)
    page = mina.told(here)
    assert "۱ فروردین ۱۴۹۹" in page
    assert "۰۸:۳۰" in page
    assert actions.publish_due(committee.engine) == []
    assert "تأییدشده" in mina.told("/desk/jobs")
    mina.post(f"{here}/publish", on=here)
    assert "منتشرشده" in mina.told(here)


def test_figures_of_guards_are_confirmed_one_by_one(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    few = ListOf("LNC", codes(a="آ"), expected={"min_rows": 0, "max_retired_share": 0.5, "max_changed_share": 1.0})
    number = committee.draft(workbook(few))
    sara, here = person("sara"), f"/desk/submissions/{number}"
    assert "retired:LNC=2" in sara.told(here)
    sara.post(f"{here}/submit", on=here)
    assert "رقم‌ها را یکایک تأیید کنید: retired:LNC=2" in sara.told(here)
    sara.post(f"{here}/submit", {"confirm": "retired:LNC=2"}, on=here)
    assert "در بررسی" in sara.told(here)


def test_errors_are_shown_by_rule_with_how_to_mend_them_and_keep_the_list_back(
    committee: Committee, person: People
) -> None:
    wrong = [
        {
            "rule": "bad-code",
            "severity": "error",
            "sheet": "۱",
            "row": n,
            "column": "A",
            "value": f"x{n}",
            "file": "list.json",
        }
        for n in range(3, 12)
    ]
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ")), findings=wrong))
    sara, here = person("sara"), f"/desk/submissions/{number}"
    page = sara.told(here)
    assert "راه درست کردن" in page
    assert "همهٔ ۹ جا" in page
    assert "تا خطایی هست" in page
    assert "x11" in sara.told(f"{here}/findings?rule=bad-code")
    assert sara.told(f"{here}/findings?severity=warning").count("x3") == 0
    table = sara.get(f"{here}/findings.csv")
    assert table.headers["Content-Disposition"].startswith("attachment")
    assert "x11" in table.text


def test_a_list_is_rejected_with_a_reason(committee: Committee, person: People) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    mina, here = person("mina"), f"/desk/submissions/{number}"
    mina.post(f"{here}/reject", {"reason": "  "}, on=here)
    assert "دلیل رد را بنویسید" in mina.told(here)
    mina.post(f"{here}/reject", {"reason": "نسخهٔ دیگری می‌آید"}, on=here)
    page = mina.told(here)
    assert "ردشده" in page
    assert "نسخهٔ دیگری می‌آید" in page


def test_withdrawing_shows_what_it_reverses_and_publishes_it(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/186")
    committee.publish(ListOf("LNC", codes(a="آ۲", c="پ")), circular="110/37")
    mina = person("mina")
    assert "1402-02-18" in mina.told("/desk/editions")
    here = "/desk/editions/LNC/1402-02-18/withdraw"
    page = mina.told(here)
    assert re.search(r"آ۲\s+آ", page), "the title goes back"
    mina.post(here, {"reason": ""}, on=here)
    assert "دلیل پس گرفتن را بنویسید" in mina.told("/desk/editions")
    reply = mina.post(here, {"reason": "کارپوشهٔ نادرست"}, on=here)
    assert reply.status_code == 303
    committee.project()
    page = mina.told("/desk/editions?terminology=LNC")
    assert "پس‌گرفته" in page
    assert "کارپوشهٔ نادرست" in page
    assert committee.current("LNC") == {"a": ("آ", True), "b": ("ب", True), "c": ("پ", False)}
    assert "پیش‌تر پس گرفته" in text_of(mina.post(here, {"reason": "باز"}, on="/desk/sessions", follow_redirects=True))


def test_withdrawing_what_is_not_served_says_that_nothing_changes(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/186")
    committee.publish(ListOf("LNC", codes(a="آ۲")), circular="110/37")
    version = "1400-06-20"
    assert "تنها نشان" in person("mina").told(f"/desk/editions/LNC/{version}/withdraw")


def test_withdrawing_the_only_edition_says_that_nothing_is_left(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    page = person("mina").told("/desk/editions/LNC/1402-02-18/withdraw")
    assert "ویرایش دیگری نیست" in page
    assert "بازنشسته ۱" in page


def test_the_same_workbook_again_says_so(committee: Committee, person: People) -> None:
    sara, book = person("sara"), workbook(ListOf("LNC", codes(a="آ")))
    sara.upload(book)
    imported(committee)
    again = sara.upload(book)
    assert again.location == "/desk/submissions/1"
    assert "چیزی تغییر نکرد" in sara.told("/desk/submissions/1")


def test_what_can_not_be_read_is_told_on_its_page(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(type(workbook())("lab.json", b"not a workbook"))
    imported(committee)
    page = sara.told("/desk/submissions/1")
    assert "ناموفق" in page
    assert "خوانده نشد" in page
    assert "ستون‌ها" in page


def test_the_part_that_shows_progress_brings_the_page_once_when_it_is_done(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    with committee.engine.begin() as connection:
        connection.execute(text('UPDATE submission SET progress = \'{"stage": "read", "done": 40, "total": 90}\''))
    part = sara.get("/desk/submissions/1/progress", headers={"HX-Request": "true"})
    assert "۴۴٪" in part.text
    assert 'value="44"' in part.text
    assert 'hx-trigger="load"' not in part.text
    assert "کارگر سرور در کار نیست" in part.text
    imported(committee)
    part = sara.get("/desk/submissions/1/progress")
    assert re.findall(r'hx-get="(.*?)" hx-trigger="(.*?)"', part.text) == [("/desk/submissions/1", "load")]
    assert "HX-Refresh" not in part.headers, "each poll would begin the reload anew, while the page is slow to come"


def test_the_list_of_submissions_is_filtered(committee: Committee, person: People) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    committee.draft(workbook(ListOf("IRC", codes(a="آ")), name="داروها.json"))
    committee.receive(workbook(ListOf("IRC", codes(b="آ")), name="third.json"))
    vida = person("vida")

    def shown(query: str) -> list[str]:
        return re.findall(r'/desk/submissions/(\d+)"', vida.get(f"/desk/submissions?{query}").text)

    assert shown("") == ["3", "2", "1"]
    assert shown("state=published") == ["1"]
    assert shown("find=دارو") == ["2"]
    assert shown("find=irc") == ["2"], "of what was not read yet nobody knows"
    assert shown("find=37/110") == ["1"]
    assert shown("find=۳") == ["3"]
    assert shown("by=sara") == ["3", "2", "1"]
    assert shown("by=nobody") == shown("find=%25") == shown("page=9") == []


def test_editions_go_on_from_page_to_page(
    committee: Committee, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "PAGE", 2)
    for title in ("آ", "ب", "پ"):
        committee.publish(ListOf("LNC", codes(a=title)))
    committee.publish(ListOf("IRC", codes(a="آ")))
    root = person("root")

    def serials(path: str) -> list[str]:
        return re.findall(r'<td>([۰-۹]+) <a class="small"', root.get(path).text)

    assert serials("/desk/editions") == ["۴", "۳"]
    [following] = re.findall(r'rel="next" href="([^"]+)"', root.get("/desk/editions?terminology=LNC").text)
    assert serials("/desk/editions?terminology=LNC") == ["۳", "۲"]
    assert serials(following.replace("&amp;", "&")) == ["۱"]
    assert serials("/desk/editions?page=۲") == ["۲", "۱"]
    assert 'rel="next"' not in root.get("/desk/editions?page=2").text


def test_clients_are_made_with_secrets_that_are_shown_once(committee: Committee, person: People) -> None:
    root, where = person("root"), "/desk/clients"
    made = root.post(
        "/desk/new-client", {"id": "noor-his", "name": "نور", "user": "noor", "service": ["Terminology", "api"],
                         "requests": "۶۰۰", "per": "minute"}, on="/desk/new-client",
    )  # fmt: skip
    assert made.headers["Cache-Control"] == "no-store"
    secret = re.findall(r'class="secret">([^<]+)', made.text)[1]
    page = root.get(f"{where}/noor-his").text
    assert secret not in page
    assert "۶۰۰/" in root.told(where)
    token = root.http.post(
        "/oauth/token", data={"grant_type": "client_credentials", "client_id": "noor-his", "client_secret": secret}
    )
    assert token.status_code == 200
    record = committee.scalar("SELECT record FROM client")
    assert (record["services"], record["rate_limit"]) == (["Terminology", "api"], {"requests": 600, "per": "minute"})
    root.post(
        f"{where}/noor-his", {"do": "save", "service": "api", "requests": "", "per": "minute"}, on=f"{where}/noor-his"
    )
    record = committee.scalar("SELECT record FROM client")
    assert (record["services"], record["rate_limit"]) == (["api"], None)
    root.post(f"{where}/noor-his", {"do": "disable"}, on=f"{where}/noor-his")
    assert "بسته" in root.told(where)
    renewed = root.post(f"{where}/noor-his/secret", on=f"{where}/noor-his")
    assert secret not in renewed.text
    for wrong in (
        {"id": "نور"},
        {"id": "x", "service": []},
        {"id": "x", "service": "api", "requests": "-1", "per": "minute"},
    ):
        assert root.post("/desk/new-client", wrong, on="/desk/new-client").status_code == 400


def test_accounts_are_made_with_a_password_that_is_good_once(
    committee: Committee, person: People, browser: Callable[[], Person]
) -> None:
    root = person("root")
    made = root.post("/desk/new-account", {"name": "reza", "terminology": ["IRC", ""], "keeps": ["importer", "importer"]},
                     on="/desk/new-account")  # fmt: skip
    once = re.findall(r'class="secret">([^<]+)', made.text)[0]
    reza = browser()
    assert reza.sign_in("reza", once).location == "/desk/password"
    assert reza.get("/desk/submissions").location == "/desk/password"
    new = {"old": once, "new": "یک گذرواژهٔ خوب و بلند", "again": "یک گذرواژهٔ خوب و بلند"}
    assert reza.post("/desk/password", {**new, "again": "چیز دیگر"}, on="/desk/password").status_code == 400
    assert reza.post("/desk/password", new, on="/desk/password").status_code == 303
    assert "IRC" in reza.told("/desk/sessions").upper()
    page = root.told("/desk/accounts/reza")
    assert "نشستی باز نیست" not in page
    root.post("/desk/accounts/reza/roles", {"role": "viewer"}, on="/desk/accounts/reza")
    assert committee.scalar("SELECT count(*) FROM stewardship") == 0
    root.post("/desk/accounts/reza/disabled", {"do": "disable"}, on="/desk/accounts/reza")
    assert reza.get("/desk/submissions").status_code == 303
    assert "باید بماند" in text_of(
        root.post("/desk/accounts/root/disabled", {"do": "disable"}, on="/desk/sessions", follow_redirects=True)
    )


def test_the_audit_trail_is_filtered_and_exported(committee: Committee, person: People) -> None:
    actions.add_account(committee.engine, actor=Actor("=cmd|' /C calc'!A0", frozenset({"administrator"})),
                        name="@evil", roles=["viewer"])  # fmt: skip
    committee.publish(ListOf("LNC", codes(a="آ")))
    mina = person("mina")
    page = mina.get("/desk/audit?actor=mina").text
    assert '<span title="approve">تأیید</span>' in page
    assert 'title="import"' not in page
    for subject in ("submission 1", "فهرست ۱"):
        page = mina.get(f"/desk/audit?subject={subject}").text
        assert page.count('<a href="/desk/submissions/1">فهرست ۱</a>') == 4
        assert "account-add" not in page[page.index("<tbody>") :]
    assert "چیزی با این پالایه‌ها نیست" in mina.told("/desk/audit?until=1390/01/01")
    assert mina.get("/desk/audit?since=1390/99/01").status_code == 400
    lines = mina.get("/desk/audit.csv").text.splitlines()
    assert len(lines) > 5
    assert not [cell for line in lines[1:] for cell in re.findall(r'(?:^|,)"?([=@+\t-])', line)]
    only = mina.get("/desk/audit.csv?action=approve").text.splitlines()
    assert len(only) == 2


@pytest.mark.parametrize("path", ["/desk/upload", "/desk/audit", "/desk/clients", "/desk/new-client", "/desk/accounts",
                                  "/desk/new-account", "/desk/accounts/root", "/desk/audit.csv"])  # fmt: skip
def test_a_viewer_sees_lists_and_no_more(people: None, person: People, path: str) -> None:
    assert person("vida").get(path).status_code == 403
