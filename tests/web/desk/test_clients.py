"""API clients at the desk: nothing is stored that the clients file would not take, and no secret is lost with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from maxa.access.clients import LONGEST_USERNAME, MOST_REQUESTS, read_clients
from maxa.errors import Unavailable
from maxa.projection import project_clients, project_missed_clients
from maxa.settings import Settings
from tests.lists import Committee
from tests.web.desk.conftest import Person, text_of

People = Callable[[str], Person]
HERE = "/desk/clients/noor-his"
CLIENT = {"id": "noor-his", "name": "نور", "user": "noor", "service": "api"}


def unwritable(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def being_edited(*_: object, **__: object) -> None:
    raise Unavailable("فرمان دیگری ویرایش می‌کند.", "Another command is editing the clients file right now.")


@pytest.fixture
def root(person: People) -> Person:
    who = person("root")
    assert who.post("/desk/new-client", CLIENT).status_code == 200
    return who


@pytest.fixture(params=[unwritable, being_edited])
def file_fails(request: pytest.FixtureRequest, root: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("maxa.web.desk.clients.project_clients", request.param)
        yield


@pytest.mark.parametrize("limit", [str(MOST_REQUESTS + 1), "0" * 11 + "1" + "9" * 30, "9" * 200, "0", "-1", "۵x"])
def test_a_limit_that_the_file_would_not_take_is_refused_and_the_others_are_still_projected(
    limit: str, root: Person, committee: Committee, desk_settings: Settings
) -> None:
    root.post(HERE, {"do": "save", "service": "api", "requests": limit, "per": "minute"}, on=HERE)
    assert "1,000,000" in root.told(HERE)
    assert committee.scalar("SELECT record->>'rate_limit' FROM client") is None
    new = {**CLIENT, "id": "other", "requests": limit, "per": "minute"}
    reply = root.post("/desk/new-client", new)
    assert (reply.status_code, "1,000,000" in text_of(reply)) == (400, True)
    project_clients(committee.engine, desk_settings)
    assert [one.client_id for one in read_clients(desk_settings.clients_file)] == ["noor-his"]


def test_the_largest_limit_and_the_longest_name_are_taken(root: Person, desk_settings: Settings) -> None:
    new = {**CLIENT, "id": "other", "user": "u" * LONGEST_USERNAME, "requests": str(MOST_REQUESTS), "per": "minute"}
    assert root.post("/desk/new-client", new).status_code == 200
    _, other = read_clients(desk_settings.clients_file)
    assert (other.users[0].username, other.rate_limit and other.rate_limit.requests) == ("u" * 128, 1_000_000)


def test_a_user_with_too_long_a_name_is_refused_in_words(root: Person, committee: Committee) -> None:
    reply = root.post("/desk/new-client", {**CLIENT, "id": "other", "user": "u" * (LONGEST_USERNAME + 1)})
    assert reply.status_code == 400
    assert "نام کاربر حداکثر 128 نویسه دارد" in text_of(reply)
    assert committee.scalar("SELECT count(*) FROM client") == 1


@pytest.mark.usefixtures("file_fails")
def test_secrets_are_shown_though_the_file_can_not_be_written(
    root: Person, committee: Committee, desk_settings: Settings
) -> None:
    made = root.post("/desk/new-client", {**CLIENT, "id": "other"})
    assert made.status_code == 200
    assert len(re.findall(r'class="secret"', made.text)) == 5
    assert "هنوز از آن آگاه نشده‌اند" in made.text
    renewed = root.post(f"{HERE}/secret", on=HERE)
    assert renewed.status_code == 200
    assert len(re.findall(r'class="secret"', renewed.text)) == 2
    assert project_missed_clients(committee.engine, desk_settings), "as the worker does each minute"
    assert [one.client_id for one in read_clients(desk_settings.clients_file)] == ["noor-his", "other"]
    assert not project_missed_clients(committee.engine, desk_settings)


@pytest.mark.usefixtures("file_fails")
def test_a_change_that_the_services_do_not_know_yet_says_so(root: Person, committee: Committee) -> None:
    root.post(HERE, {"do": "save", "service": "Terminology", "requests": "5", "per": "second"}, on=HERE)
    assert "هنوز از آن آگاه نشده‌اند" in root.get(HERE).text
    assert committee.scalar("SELECT record->'rate_limit'->>'requests' FROM client") == "5"


@pytest.mark.usefixtures("file_fails")
def test_who_closes_a_client_is_told_when_its_tokens_live_on(root: Person) -> None:
    reply = root.post(HERE, {"do": "disable"}, on=HERE)
    assert reply.status_code == 503
    assert "توکن‌هایش را می‌پذیرند" in reply.text


def test_a_file_that_was_damaged_is_written_anew(root: Person, committee: Committee, desk_settings: Settings) -> None:
    desk_settings.clients_file.write_bytes(b"{")
    assert project_missed_clients(committee.engine, desk_settings)
    assert len(read_clients(desk_settings.clients_file)) == 1


def test_a_registry_without_clients_leaves_a_file_made_by_hand(committee: Committee, desk_settings: Settings) -> None:
    desk_settings.clients_file.parent.mkdir(parents=True, exist_ok=True)
    desk_settings.clients_file.write_bytes(b'{"format": 1, "clients": []}')
    assert not project_missed_clients(committee.engine, desk_settings)
    assert desk_settings.clients_file.read_bytes() == b'{"format": 1, "clients": []}'
