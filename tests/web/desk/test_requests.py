"""Requests at the desk: found, answered by a click or many at once, shown to who asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy.exc import ProgrammingError
from werkzeug.datastructures import Headers

from maxa.errors import Unavailable
from maxa.requests.spool import Spool
from maxa.settings import Settings
from maxa.web.desk import requests as desk_requests
from tests.lists import Committee, ListOf, codes
from tests.requests_of import asking
from tests.web.asking import Page
from tests.web.desk.conftest import Person, text_of

Come = Callable[[str], Person]
ONE = "/desk/requests/1"


@pytest.fixture
def spool(desk_settings: Settings) -> Spool:
    return Spool(desk_settings.requests)


@pytest.fixture
def filed(committee: Committee, spool: Spool) -> str:
    """A request of three rows over a published list; its tracking number."""
    committee.publish(ListOf("LNC", codes(a="هموگلوبین خون", b="قند ناشتا")), circular="110/37")
    rows: list[Any] = ["هموگلوبین", {"code": "=1+1", "title": "@SUM(A1)", "note": "+cmd"}, "چیزی تازه"]
    return spool.file(asking(*rows, note="فوری", client_id="his")).tracking


def revision(who: Person) -> str:
    [field] = Page(200, Headers(), who.get(ONE).text).all("input", name="revision")
    return str(field.attributes["value"])


def answer(who: Person, **form: Any) -> str:
    done = who.post(f"{ONE}/answer", {"terminology": "LNC", "revision": revision(who), **form}, on=ONE)
    assert done.status_code == 303
    return who.told(done.headers["Location"])


def states(spool: Spool, number: str) -> list[str]:
    record = spool.find(number)
    assert record is not None
    return [row["answer"]["kind"] if row["answer"] else "" for row in record["rows"]]


def test_what_was_filed_is_on_the_desk_at_once_and_counted_on_its_first_page(filed: str, person: Come) -> None:
    sara = person("sara")
    page = sara.told("/desk/requests")
    assert filed in page
    assert "۰ از ۳" in page
    assert "۱ درخواست کد باز است" in sara.told("/desk/submissions")


def test_filters_and_search_narrow_the_list(filed: str, spool: Spool, person: Come) -> None:
    other = spool.file(asking("بیحسی موضعی", organisation="بیمهٔ دو", terminology="")).tracking
    sara = person("sara")
    sara.post(f"{ONE}/review", on="/desk/requests")
    for query, seen, unseen in (
        ("organisation=بیمهٔ+دو", other, filed), ("terminology=LNC", filed, other), ("reviewer=mine", filed, other),
        ("state=received", other, filed), (f"find={filed.lower()}&state=", filed, other), ("find=بیحسی", other, filed),
    ):  # fmt: skip
        page = sara.told(f"/desk/requests?{query}")
        assert seen in page, query
        assert unseen not in page, query
    assert "درخواستی با این پالایه‌ها نیست" in sara.told("/desk/requests?state=answered&find=%25")


def test_the_search_suggests_and_a_click_answers_one_row(filed: str, spool: Spool, person: Come) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    page = sara.get(ONE).text
    assert 'value="1:LNC:a"' in page
    assert 'href="/terminologies/LNC/concepts/a"' in page
    assert "پاسخ ثبت شد" in answer(sara, pick="1:LNC:a")
    assert states(spool, filed) == ["existing", "", ""]
    follower = text_of(sara.get(f"/requests/{filed}"))
    assert "کدی که هست" in follower
    assert "sara" not in follower.replace("میز کمیته", "")


def test_many_rows_are_answered_at_once_each_with_its_own_code_or_all_with_one(
    filed: str, spool: Spool, person: Come
) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    said = answer(sara, kind="assigned", row=["2", "3"], code="n-1", **{"code-3": "n-3"})
    assert "n-1" in said
    assert "هنوز در هیچ فهرستی نیست" in said
    record = spool.find(filed)
    assert record is not None
    assert [row["answer"]["code"] for row in record["rows"] if row["answer"]] == ["n-1", "n-3"]
    answer(sara, kind="refused", every="1", reason="تکراری است")
    assert states(spool, filed) == ["refused", "assigned", "assigned"]
    assert filed not in sara.told("/desk/requests")
    assert filed in sara.told("/desk/requests?state=answered")


@pytest.mark.parametrize(
    ("form", "says"),
    [({"kind": "existing", "row": "1", "code": "zzz"}, "ندارد"), ({"kind": "refused", "row": "1"}, "دلیل رد را بنویسید"),
     ({"kind": "refused", "reason": "x"}, "هیچ سطری برگزیده نشده است"), ({"kind": "x", "row": "1"}, "گونهٔ پاسخ"),
     ({"kind": "existing", "row": "x"}, "سطری که برگزیده‌اید نیست"), ({"pick": "x"}, "سطری که برگزیده‌اید نیست")],
)  # fmt: skip
def test_an_answer_that_can_not_stand_is_told_and_changes_nothing(
    filed: str, spool: Spool, person: Come, form: dict[str, str], says: str
) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    assert says in answer(sara, **form)
    assert states(spool, filed) == ["", "", ""]


def test_who_only_looks_sees_no_form_and_may_not_answer(filed: str, person: Come) -> None:
    vida = person("vida")
    vida.told("/desk/requests")
    page = vida.get(ONE).text
    assert 'name="pick"' not in page
    assert "ثبت پاسخ" not in page
    assert vida.post(f"{ONE}/answer", {"pick": "1:LNC:a"}, on=ONE).status_code == 403
    assert vida.post(f"{ONE}/review", on=ONE).status_code == 403
    vida.post(f"{ONE}/comments", {"text": "به نظرم <b>تکراری</b> است"}, on=ONE)
    assert "<b>تکراری" not in vida.get(ONE).text
    assert "تکراری" in vida.told(ONE)
    assert "تکراری" not in text_of(vida.get(f"/requests/{filed}"))


def test_an_answer_overwrites_no_colleagues_without_a_word_and_the_form_is_kept(
    filed: str, spool: Spool, person: Come
) -> None:
    sara, mina = person("sara"), person("mina")
    sara.told("/desk/requests")
    stale = revision(sara)
    answer(mina, kind="refused", row="2", reason="نه")
    form = {
        "revision": stale, "kind": "assigned", "terminology": "IRC", "row": ["2", "3"], "code": "n-1", "code-3": "n-3",
        "reason": "<b>دلیل</b>", "back-page": "1",
    }  # fmt: skip
    reply = sara.post(f"{ONE}/answer", form, on=ONE)
    assert reply.status_code == 409
    assert "آخرین پاسخ از «mina»" in text_of(reply)
    assert states(spool, filed) == ["", "refused", ""]
    page = Page(409, reply.headers, reply.text)
    values = {one.attributes.get("name"): one.attributes.get("value") for one in page.all("input")}
    assert {name: values[name] for name in ("terminology", "code", "code-3", "reason")} == {
        "terminology": "IRC", "code": "n-1", "code-3": "n-3", "reason": "<b>دلیل</b>",
    }  # fmt: skip
    assert [one.attributes["value"] for one in page.all("input", name="row") if "checked" in one.attributes] == [
        "2",
        "3",
    ]
    assert [one.attributes["value"] for one in page.all("option") if "selected" in one.attributes] == ["assigned"]
    again = sara.post(
        f"{ONE}/answer", {**form, "terminology": "LNC", "revision": str(values["revision"])}, on=ONE
    )  # fmt: skip
    assert again.status_code == 303
    assert states(spool, filed) == ["", "assigned", "assigned"]


@pytest.mark.parametrize("said", [{}, {"revision": "x"}, {"revision": "9999999999999999999"}])
def test_a_form_that_does_not_say_what_it_was_made_of_changes_nothing(
    filed: str, spool: Spool, person: Come, said: dict[str, str]
) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    assert sara.post(f"{ONE}/answer", {"pick": "1:LNC:a", **said}, on=ONE).status_code == 409
    assert states(spool, filed) == ["", "", ""]


def gone(*_: object, **__: object) -> None:
    raise Unavailable("پایگاه داده نیست", "The registry is gone.")


def broken(*_: object, **__: object) -> None:
    raise ProgrammingError("INSERT", {}, Exception("permission denied"))


@pytest.mark.parametrize("fails", [gone, broken])
def test_an_answer_that_is_in_the_registry_is_told_as_given_when_it_can_not_be_shown_yet(
    filed: str, spool: Spool, person: Come, monkeypatch: pytest.MonkeyPatch, fails: Callable[..., None]
) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    with monkeypatch.context() as patch:
        patch.setattr("maxa.collecting_requests.show_requests", fails)
        assert "پاسخ ثبت شد" in answer(sara, pick="1:LNC:a")
        assert filed in sara.told("/desk/requests")
    assert states(spool, filed) == ["", "", ""]
    sara.told("/desk/requests")
    assert states(spool, filed) == ["existing", "", ""]


def test_a_page_collects_a_few_and_leaves_the_rest_to_the_worker(
    filed: str, spool: Spool, person: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_requests, "COLLECTED_BY_A_PAGE", 2)
    for title in ("ب", "پ", "ت"):
        spool.file(asking(title))
    sara = person("sara")
    sara.told("/desk/requests")
    assert len(list(spool.waiting())) == 2
    sara.told("/desk/requests")
    assert not list(spool.waiting())


def test_files_of_a_request_hold_no_formula(filed: str, person: Come) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    csv = sara.get(f"{ONE}/rows.csv")
    assert csv.headers["Content-Disposition"].startswith(f"attachment; filename=request-{filed}.csv")
    for line in csv.data.decode("utf-8-sig").splitlines()[1:]:
        for cell in line.split(","):
            assert not cell.strip('"').startswith(("=", "+", "-", "@")), cell
    assert "\u200e=1+1" in csv.text
    book = openpyxl.load_workbook(io.BytesIO(sara.get(f"{ONE}/rows.xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert "=1+1" in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_published_code_becomes_a_link_for_who_asked(filed: str, committee: Committee, person: Come) -> None:
    sara = person("sara")
    sara.told("/desk/requests")
    answer(sara, kind="assigned", row="3", code="c")
    assert "/concepts/c" not in sara.get(f"/requests/{filed}").text
    committee.publish(ListOf("LNC", codes(a="هموگلوبین خون", b="قند ناشتا", c="چیزی تازه")))
    assert 'href="/terminologies/LNC/concepts/c"' in sara.get(f"/requests/{filed}").text


@pytest.mark.parametrize(
    "path", ["/desk/requests/2", "/desk/requests/9999999999999999999", "/desk/requests/2/rows.csv"]
)
def test_a_request_that_is_not_there_is_not_found(filed: str, person: Come, path: str) -> None:
    assert person("sara").get(path).status_code == 404


def test_the_history_and_the_audit_trail_tell_who_answered(filed: str, person: Come) -> None:
    mina = person("mina")
    mina.told("/desk/requests")
    answer(mina, pick="1:LNC:a")
    answer(mina, kind="refused", row="1", reason="نادرست بود")
    page = mina.told(ONE)
    assert page.index("نادرست بود") < page.rindex("کدی که هست")
    assert "پاسخ به درخواست" in mina.told(f"/desk/audit?subject=request+{filed}")
