"""The work list of maps, as people at browsers meet it; the keys are tested in tests/web/browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from maxa.registry import actions
from tests.lists import MINA, SARA, Committee, ListOf, codes
from tests.web.asking import Page
from tests.web.desk.conftest import Person, text_of

Come = Callable[[str], Person]
MAP = "LNC→RVU3"
WORK = "/desk/maps/LNC--RVU3"


@pytest.fixture
def lists(committee: Committee) -> Committee:
    """LNC a–d, of which a→x, b→y are mapped; RVU3 with titles that search finds, and the retired w, whose place y took."""
    lnc = [
        {"code": "a", "title_fa": "هموگلوبین خون", "title_en": "Hemoglobin in blood", "properties": {"unit": "g/dL"}},
        {"code": "b", "title_fa": "گلوکز سرم", "title_en": "Glucose in serum"},
        {"code": "c", "title_fa": "سدیم (یونی) در ادرار ۲۴ ساعته", "title_en": "Sodium (ion) in 24 hour urine"},
        {"code": "d", "title_fa": "پتاسیم سرم", "title_en": ""},
    ]
    rvu = [
        *codes(x="اندازه‌گیری هموگلوبین", y="اندازه‌گیری گلوکز", z="سنجش سدیم", p="سنجش پتاسیم"),
        {"code": "w", "title_fa": "قند", "status": "retired", "replaced_by": "y"},
    ]
    pairs = [{"source": s, "target": t, "relationship": "equivalent"} for s, t in (("a", "x"), ("b", "y"))]
    committee.publish(ListOf("LNC", lnc), ListOf("RVU3", rvu), ListOf(MAP, pairs))
    return committee


def form_of(person: Person, path: str, form: str = "choose") -> dict[str, Any]:
    """The hidden fields of a form on a page."""
    html = person.get(path).text
    [found] = re.findall(rf'<form [^>]*id="{form}".*?</form>', html, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found))


def decide(person: Person, code: str, *targets: str, verdict: str = "equivalent", **more: Any) -> Any:
    hidden = form_of(person, f"{WORK}?show=all&code={code}")
    return person.post(
        f"{WORK}/decide", {**hidden, "target": list(targets), "verdict": verdict, "reason": "صورت‌جلسه", **more}
    )


def publish(committee: Committee, person: Person, number: int) -> None:
    assert person.post(f"{WORK}/hand-over").headers["Location"] == f"/desk/submissions/{number}"
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()


def listed(person: Person, path: str) -> list[str]:
    """Codes of the work list, as they stand there."""
    html = person.get(path).text
    [rows] = re.findall(r'<nav class="rows".*?</nav>', html, re.DOTALL)
    return re.findall(r'<li><a [^>]*><bdi dir="ltr" class="code">([^<]+)</bdi>', rows)


def candidates(person: Person, path: str) -> list[str]:
    return re.findall(r'id="candidate-\d+" name="target" value="([^"]+)"', person.get(path).text)


def test_every_map_stands_there_with_what_is_left_to_do(lists: Committee, person: Come) -> None:
    sara = person("sara")
    assert "LNC→RVU3 2 4 2 0 0 0 codes" in sara.told("/desk/maps?lang=en")
    decide(sara, "c", "z")
    assert "LNC→RVU3 2 4 2 0 0 1 codes" in sara.told("/desk/maps")


def test_a_row_shows_its_code_its_pairs_and_what_search_suggests(lists: Committee, person: Come) -> None:
    sara = person("sara")
    told = sara.told(f"{WORK}?show=all&code=a&lang=en")
    assert "Hemoglobin in blood" in told
    assert "g/dL" in told
    assert "x" in told
    assert "published: equivalent" in told
    assert "in the list: equivalent" in told
    assert candidates(sara, f"{WORK}?show=all&code=c") == ["z"]  # though no title holds all of its words
    assert candidates(sara, f"{WORK}?show=all&code=d")[0] == "p"
    assert "x" not in candidates(sara, f"{WORK}?show=all&code=a")  # it is a pair already
    assert "w" not in candidates(sara, f"{WORK}?show=all&code=d&q=قند")  # retired


def test_other_codes_are_searched_by_hand_and_chosen_ones_stay(lists: Committee, person: Come) -> None:
    sara = person("sara")
    assert candidates(sara, f"{WORK}?code=c&q=گلوکز") == ["y"]
    part = sara.get(f"{WORK}/candidates?code=c&q=گلوکز&target=p", headers={"HX-Request": "true"})
    assert re.findall(r'value="([^"]+)"[^>]*?( checked)?>', part.text) == [("p", " checked"), ("y", "")]
    assert "<html" not in part.text
    nothing = sara.get(f"{WORK}/candidates?code=c&q=ققنوس&lang=en", headers={"HX-Request": "true"})
    assert "Nothing in RVU3 was found for “ققنوس”" in nothing.text


def test_saving_goes_on_to_the_next_row_and_remembers_the_reason(lists: Committee, person: Come) -> None:
    sara = person("sara")
    assert listed(sara, f"{WORK}") == ["c", "d"]
    hidden = form_of(sara, f"{WORK}?code=c")
    reply = sara.post(f"{WORK}/decide", {**hidden, "target": ["z", "p"], "verdict": "narrower", "reason": "صورت‌جلسهٔ ۳"})
    assert reply.status_code == 303
    assert reply.headers["Location"].endswith("show=unmapped&code=d")
    page = sara.get(reply.headers["Location"])
    assert 'value="صورت‌جلسهٔ ۳"' in page.text
    assert "دربارهٔ c ثبت شد" in text_of(page)
    assert "پیش‌نویس شما ۲ تصمیم دارد" in text_of(page)
    assert listed(sara, WORK) == ["d"]
    assert listed(sara, f"{WORK}?show=decided") == ["c"]
    drafted = lists.scalar(
        "SELECT string_agg(target_code || ' ' || relationship, ',' ORDER BY 1) FROM mapping_decision"
    )
    assert drafted is not None
    assert set(drafted.split(",")) == {"z narrower", "p narrower"}


def test_decisions_take_effect_with_the_next_publication_of_the_map(lists: Committee, person: Come) -> None:
    sara = person("sara")
    decide(sara, "c", "z")
    decide(sara, "d", verdict="no-target")
    assert "پیش از انتشار بعدی این نگاشت اثری ندارد" in sara.told(WORK)
    publish(lists, sara, 2)
    assert "در این فهرست کاری نمانده است" in sara.told(WORK)
    assert "published: equivalent" in sara.told(f"{WORK}?show=all&code=c&lang=en")
    assert "LNC→RVU3 3 4 0 0 2 0 codes" in sara.told("/desk/maps")


def test_the_draft_tells_its_decisions_and_their_reasons_to_who_approves_it(lists: Committee, person: Come) -> None:
    sara = person("sara")
    decide(sara, "c", "z", verdict="narrower", reason="صورت‌جلسهٔ ۱۲")
    sara.post(f"{WORK}/hand-over")
    told = person("mina").told("/desk/submissions/2")
    rows = told.partition("تصمیم‌های این فهرست")[2].replace(" ", "")
    assert "LNC→RVU3czخاص‌ترصورت‌جلسهٔ۱۲" in rows


def test_errors_of_a_draft_are_mended_in_the_work_list_not_in_a_workbook(lists: Committee, person: Come) -> None:
    sara, mina = person("sara"), person("mina")
    decide(sara, "a", "x", verdict="broader")
    publish(lists, sara, 2)
    for one in (sara, mina):  # both revoke it; the second is too late
        hidden = {"code": "a", "number": "1", "reason": "چون", "seen": form_of(one, f"{WORK}?show=all&code=a")["seen"]}
        one.post(f"{WORK}/revoke", hidden)
    publish(lists, sara, 3)
    mina.post("/desk/submissions/4/submit")
    told = mina.told("/desk/submissions/4")
    assert "۱ خطا هست: تصمیم‌های نادرست را از پیش‌نویس بردارید" in told
    assert "کارپوشه را درست کنید" not in told
    undo = form_of(mina, f"{WORK}?show=all&code=a", "undo")
    mina.post(f"{WORK}/take-back", undo)
    assert "ردشده" in mina.told("/desk/submissions/4")


def test_the_filters_tell_how_many_codes_they_list(lists: Committee, person: Come) -> None:
    sara = person("sara")
    assert "unmapped (2)conflicting (0)decided (0)All (4)" in sara.told(f"{WORK}?lang=en")
    decide(sara, "c", "z")
    assert "unmapped (1)conflicting (0)decided (1)All (4)" in sara.told(WORK)


def test_a_conflict_is_listed_until_it_is_decided_anew(lists: Committee, person: Come) -> None:
    sara = person("sara")
    decide(sara, "a", "x", verdict="broader")
    publish(lists, sara, 2)
    assert listed(sara, f"{WORK}?show=conflicting") == ["a"]
    assert "فهرست جز این می‌گوید" in sara.told(f"{WORK}?show=conflicting")
    decide(sara, "a", "x", verdict="equivalent")
    assert listed(sara, f"{WORK}?show=conflicting") == []


def test_a_standing_decision_is_withdrawn_and_the_draft_taken_back(lists: Committee, person: Come) -> None:
    sara = person("sara")
    decide(sara, "a", "x", verdict="broader")
    publish(lists, sara, 2)
    seen = form_of(sara, f"{WORK}?show=all&code=a")["seen"]
    told = {"show": "all", "code": "a", "seen": seen, "number": "1", "reason": "فهرست درست است"}
    assert sara.post(f"{WORK}/revoke", {**told, "reason": ""}).status_code == 303
    assert "دلیل لغو را بنویسید" in sara.told(f"{WORK}?show=all&code=a")
    assert sara.post(f"{WORK}/revoke", told).status_code == 303
    page = sara.told(f"{WORK}?show=all&code=a")
    assert "لغو تصمیم ۱" in page
    assert "فهرست درست است" in page
    assert "صورت‌جلسه" in page
    assert "sara" in page
    undo = form_of(sara, f"{WORK}?show=all&code=a", "undo")
    assert undo["number"] == "2"
    reply = sara.post(f"{WORK}/take-back", undo)
    assert reply.headers["Location"].endswith("code=a")
    assert "لغو تصمیم ۱" not in sara.told(f"{WORK}?show=all&code=a")
    assert sara.post(f"{WORK}/take-back", undo).status_code == 303
    assert "این تصمیم در پیش‌نویس شما نیست" in sara.told(WORK)


def test_what_was_saved_last_is_undone_from_the_next_row(lists: Committee, person: Come) -> None:
    sara = person("sara")
    decide(sara, "c", "z", "p")
    undo = form_of(sara, f"{WORK}?code=d", "undo")
    assert undo["code"] == "c"
    numbers = re.findall(r'name="number" value="(\d+)"', sara.get(f"{WORK}?code=d").text)
    assert len(numbers) == 2
    sara.post(f"{WORK}/take-back", {**undo, "number": numbers})
    assert lists.scalar("SELECT count(*) FROM mapping_decision") == 0
    assert listed(sara, WORK) == ["c", "d"]


def test_the_second_of_two_is_told_and_loses_nothing_of_what_was_written(lists: Committee, person: Come) -> None:
    sara, mina = person("sara"), person("mina")
    hidden = form_of(sara, f"{WORK}?code=c")
    assert decide(mina, "c", "p").status_code == 303
    sent = {**hidden, "target": ["z"], "verdict": "related", "reason": "دلیل من"}
    reply = sara.post(f"{WORK}/decide", sent)
    assert reply.status_code == 409
    told = text_of(reply)
    assert "عوض شده است (واپسین تصمیم: mina)" in told
    page = Page(reply.status_code, reply.headers, reply.text)
    assert page.status == 409
    assert 'value="دلیل من"' in reply.text
    assert re.search(r'value="z"[^>]* checked', reply.text)
    assert re.search(r'value="related"[^>]* checked', reply.text)
    [seen] = re.findall(r'name="seen" value="([^"]+)"', reply.text)
    assert sara.post(f"{WORK}/decide", {**sent, "seen": seen}).status_code == 303


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"target": "w"}, "جانشین آن y را برگزینید"),
        ({"target": "Z"}, "RVU3 کد «Z» ندارد؛ شاید z"),
        ({"target": "z", "reason": " "}, "دلیل تصمیم را بنویسید"),
        ({"target": "z", "verdict": "nonsense"}, "نوع ارتباط را برگزینید"),
        ({"target": []}, "دست‌کم یک کد مقصد برگزینید"),
        ({"target": "z", "verdict": "no-target"}, "نشان کدها را بردارید"),
        ({"target": [f"t{n}" for n in range(51)]}, "بیش از 50 کد"),
        ({"target": ["z", "a\0b"]}, "نویسهٔ تهی"),
    ],
)
def test_what_can_not_be_saved_is_refused_on_the_form(
    lists: Committee, person: Come, sent: dict[str, Any], told: str
) -> None:
    sara = person("sara")
    hidden = form_of(sara, f"{WORK}?code=c")
    reply = sara.post(f"{WORK}/decide", {**hidden, "verdict": "equivalent", "reason": "چون", **sent})
    assert reply.status_code == 400
    assert told in text_of(reply)
    assert lists.scalar("SELECT count(*) FROM mapping_decision") == 0


def test_who_may_not_decide_sees_and_no_more(lists: Committee, person: Come) -> None:
    vida = person("vida")
    told = vida.told(f"{WORK}?show=all&code=a")
    assert "تنها می‌بینید" in told
    assert "ثبت و پسین" not in told
    for path in ("decide", "take-back", "revoke", "hand-over"):
        sent = {"code": "c", "target": "z", "verdict": "equivalent", "reason": "چون", "number": "1", "seen": ""}
        assert vida.post(f"{WORK}/{path}", sent).status_code == 403, path


def test_a_list_goes_on_from_page_to_page(committee: Committee, person: Come) -> None:
    many = [f"c{n:03}" for n in range(70)]
    committee.publish(
        ListOf("LNC", [{"code": code, "title_fa": f"آزمایش {code}"} for code in many]), ListOf("RVU3", codes(x="یک")),
        ListOf(MAP, [{"source": "c005", "target": "x", "relationship": "equivalent"}]),
    )  # fmt: skip
    sara = person("sara")
    seen: list[str] = []
    path: str | None = WORK
    while path:
        seen += listed(sara, path)
        following = re.search(r'rel="next" href="([^"]+)"', sara.get(path).text)
        path = following[1].replace("&amp;", "&") if following else None
    assert seen == [code for code in many if code != "c005"]
    assert listed(sara, f"{WORK}?show=all")[:7] == many[:7]
    assert listed(sara, f"{WORK}?find=آزمایش c06")[:3] == ["c060", "c061", "c062"]
    assert listed(sara, f"{WORK}?show=decided&find=آزمایش") == []
    assert listed(sara, f"{WORK}?code=c040")[:2] == ["c040", "c041"]  # beyond the first page: the list begins there


def test_a_page_asks_for_whole_lists_once_an_edition(lists: Committee, person: Come) -> None:
    sara = person("sara")
    sara.get(WORK)
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = sara.http.application.extensions["maxa.desk"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        sara.get(WORK)
        assert asked
        assert not any("enable_nestloop" in statement for statement in asked)
        assert sum("lower(terminology.name)" in statement for statement in asked) <= 3, "both ends at once"
        lists.publish(ListOf(MAP, [{"source": "c", "target": "z", "relationship": "related"}]), circular="110/37")
        asked.clear()
        assert listed(sara, WORK) == ["a", "b", "d"]
        assert any("enable_nestloop" in statement for statement in asked)
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_addresses_of_nothing_are_told_so(lists: Committee, person: Come) -> None:
    sara = person("sara")
    assert sara.get("/desk/maps/LNC--NONE").status_code == 404
    assert sara.get(f"{WORK}?code=nothing").status_code == 404
    assert sara.get(f"{WORK}?show=nonsense&after=%FF&find=((").status_code == 200
    assert sara.get(f"{WORK}?find={'x ' * 60}").status_code == 400
    assert sara.post(f"{WORK}/hand-over").status_code == 404
    for number in (["x", str(2**70)], "9" * 5_000):
        assert sara.post(f"{WORK}/take-back", {"number": number}).status_code == 303
    assert sara.post(f"{WORK}/revoke", {"number": "9" * 5_000, "reason": "چون"}).status_code == 303


@pytest.mark.parametrize(("language", "told"), [("fa", "برجا نیست"), ("en", "does not stand")])
def test_a_decision_that_does_not_stand_is_told_without_a_command(
    lists: Committee, person: Come, language: str, told: str
) -> None:
    sara = person("sara")
    seen = form_of(sara, f"{WORK}?show=all&code=a&lang={language}")["seen"]
    sent = {"show": "all", "code": "a", "seen": seen, "number": "7", "reason": "چون"}
    assert sara.post(f"{WORK}/revoke", sent).status_code == 303
    page = sara.told(f"{WORK}?show=all&code=a")
    assert told in page
    assert "maxa " not in page


def test_a_map_whose_target_is_not_on_the_shelf_says_so(committee: Committee, person: Come) -> None:
    committee.publish(
        ListOf("LNC", codes(a="آ", b="ب")), ListOf(MAP, [{"source": "a", "target": "x", "relationship": "equivalent"}])
    )
    sara = person("sara")
    assert "RVU3 هنوز در قفسه نیست" in sara.told(f"{WORK}?code=b")
    assert decide(sara, "b", verdict="no-target").status_code == 303
    assert actions.settle_decisions(committee.engine, actor=SARA, map_name=MAP) == 2
