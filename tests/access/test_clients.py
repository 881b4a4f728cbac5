from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.access import clients as clients_module
from maxa.access.clients import (
    GATEWAY_SERVICES,
    HASHER,
    SERVICES,
    Client,
    RateLimit,
    User,
    client_as_dict,
    client_from_dict,
    editing_clients,
    hash_secret,
    new_pid,
    new_secret,
    parse_clients,
    read_clients,
    replace_clients,
    write_clients,
)
from maxa.errors import BadParameter, SettingsError, Unavailable

HASH = "$argon2id$v=19$m=19456,t=2,p=1$0Wj1hcsMsY+69MZ2akTFEg$Qywx+J2pPKs9kjCxtLMZyePBxl/wz9HXFEXDqHcz3N0"
PLAIN = Client("a", "A", HASH, "0" * 24)


def content(**over: Any) -> bytes:
    return orjson.dumps({"format": 1, "clients": [{**client_as_dict(PLAIN), **over}]})


def test_a_secret_can_be_checked_against_its_hash_and_two_hashes_of_it_differ() -> None:
    first, second = hash_secret("a secret"), hash_secret("a secret")
    assert HASHER.verify(first, "a secret")
    assert HASHER.verify(second, "a secret")
    assert first != second
    assert "a secret" not in first


def test_new_secrets_and_pids_have_their_forms() -> None:
    assert len(new_secret()) == 43
    assert new_secret() != new_secret()
    assert len(new_pid()) == 24
    int(new_pid(), 16)


pids = st.text("0123456789abcdef", min_size=24, max_size=24)
some_clients = st.builds(
    Client,
    client_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}", fullmatch=True),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    secret_hash=st.just(HASH),
    pid=pids | st.fixed_dictionaries(dict.fromkeys(GATEWAY_SERVICES, pids), optional={"api": pids}),
    users=st.lists(
        st.builds(User, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128), st.just(HASH)),
        unique_by=lambda u: u.username,
        max_size=3,
    ).map(tuple),
    services=st.lists(st.sampled_from(SERVICES), unique=True).map(tuple),
    rate_limit=st.none() | st.builds(RateLimit, st.integers(1, 1_000_000), st.sampled_from(["second", "minute"])),
    disabled=st.booleans(),
    token_epoch=st.integers(0, 2**53),
)


@given(some_clients)
def test_a_client_comes_back_from_its_written_form_as_it_was(client: Client) -> None:
    assert client_from_dict(orjson.loads(orjson.dumps(client_as_dict(client)))) == client


def test_the_file_is_for_its_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    other = replace(PLAIN, client_id="b", rate_limit=RateLimit(5, "minute"))
    write_clients(path, [other, PLAIN])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_clients(path) == [PLAIN, other]
    assert [p.name for p in tmp_path.iterdir()] == ["clients.json"]


def test_a_file_that_does_not_exist_holds_no_clients(tmp_path: Path) -> None:
    assert read_clients(tmp_path / "none.json") == []


@pytest.mark.parametrize(
    ("damaged", "place"),
    [
        (b"", "JSON"),
        (b'{"format": 1, "clients": [', "JSON"),
        (b"[]", "Invalid input type"),
        (b'{"format": 2, "clients": []}', "format"),
        (b'{"format": 1}', "clients"),
        (b'{"format": 1, "clients": [1]}', "clients[0]"),
        (content(client_id="a:b"), "clients[0].client_id"),
        (content(client_id=""), "clients[0].client_id"),
        (content(secret_hash="a secret in clear"), "clients[0].secret_hash"),
        (content(pid="123"), "clients[0].pid"),
        (content(pid="g" * 24), "clients[0].pid"),
        (content(pid=None), "clients[0].pid"),
        (content(pid={"ValidateCts": "0" * 24}), "No pid for CtsTerminologies, Terminology, SearchTerminology"),
        (content(pid={"Serach": "0" * 24}), "'Serach' is not a service"),
        (content(services=["Serach"]), "clients[0].services[0]"),
        (content(users=[{"username": "u", "password_hash": "clear"}]), "clients[0].users[0].password_hash"),
        (content(users=[{"username": "u", "password_hash": HASH}] * 2), "Two users"),
        (content(rate_limit={"requests": 0, "per": "second"}), "clients[0].rate_limit.requests"),
        (content(rate_limit={"requests": 5, "per": "day"}), "clients[0].rate_limit.per"),
        (content(disabled="no"), "clients[0].disabled"),
        (content(token_epoch="1"), "clients[0].token_epoch"),
        (content(tokenepoch=2), "clients[0].tokenepoch"),
        (orjson.dumps({"format": 1, "clients": [client_as_dict(PLAIN)] * 2}), "client a stands there twice"),
    ],
)
def test_a_damaged_file_is_refused_whole_and_the_place_is_named(damaged: bytes, place: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_clients(damaged)
    assert place in caught.value.detail_en
    assert "MAXA_CLIENTS_FILE" in caught.value.detail_fa


def test_a_file_that_may_not_be_read_says_so_without_naming_paths(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_clients(tmp_path)
    assert "Is a directory" in caught.value.detail_en
    assert str(tmp_path) not in caught.value.detail_en


def test_an_invalid_client_is_not_written_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    with pytest.raises(BadParameter):
        write_clients(path, [replace(PLAIN, pid="wrong")])
    assert read_clients(path) == [PLAIN]


@pytest.mark.parametrize(
    ("over", "field"), [({"client_id": "بیمارستان نور"}, "client_id"), ({"name": ""}, "name"), ({"pid": {}}, "pid")]
)
def test_a_client_that_the_file_would_not_take_is_refused_before_it_is_stored(over: dict[str, Any], field: str) -> None:
    with pytest.raises(BadParameter, match=field) as caught:
        client_as_dict(replace(PLAIN, **over))
    assert caught.value.parameter == field


def test_the_same_client_twice_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="twice"):
        write_clients(tmp_path / "clients.json", [PLAIN, PLAIN])
    assert list(tmp_path.iterdir()) == []


def test_root_leaves_the_file_to_the_user_whose_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", lambda path, uid, gid: given.append((uid, gid)))
    write_clients(tmp_path / "clients.json", [PLAIN])
    owner = tmp_path.stat()
    assert given == [(owner.st_uid, owner.st_gid)]


def test_one_client_alone_is_refused_with_its_field() -> None:
    with pytest.raises(SettingsError, match="pid"):
        client_from_dict({**client_as_dict(PLAIN), "pid": 7})


def test_an_edit_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])

    def fail_half_way() -> None:
        with editing_clients(path) as by_id:
            by_id["b"] = replace(PLAIN, client_id="b")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    assert read_clients(path) == [PLAIN]


def test_editors_at_the_same_time_lose_no_client(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"

    def add(number: int) -> None:
        with editing_clients(path) as by_id:
            by_id[f"c{number}"] = replace(PLAIN, client_id=f"c{number}")

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [c.client_id for c in read_clients(path)] == [f"c{n}" for n in range(8)]


def test_a_replacement_is_read_when_no_one_else_writes_any_more(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    registry = [PLAIN]
    reading = threading.Event()

    def project() -> None:
        reading.set()
        replace_clients(path, lambda: registry)

    with editing_clients(path):
        waiting = threading.Thread(target=project)
        waiting.start()
        assert reading.wait(30)
        registry = [PLAIN, replace(PLAIN, client_id="b")]
    waiting.join(30)
    assert [c.client_id for c in read_clients(path)] == ["a", "b"]


def test_a_damaged_file_is_healed_by_a_replacement(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    path.write_text("{")
    replace_clients(path, lambda: [PLAIN])
    assert read_clients(path) == [PLAIN]


def test_an_editor_that_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients_module, "EDIT_WAIT_SECONDS", 0.0)
    path = tmp_path / "clients.json"
    with editing_clients(path), pytest.raises(Unavailable, match="editing"), editing_clients(path):
        pass
