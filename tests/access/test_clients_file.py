from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from maxa.access.clients import write_clients
from maxa.access.clients_file import ClientsFile
from maxa.errors import Unavailable
from tests.access.test_clients import PLAIN

OTHER = replace(PLAIN, client_id="b")


def test_the_same_object_is_given_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    followed = ClientsFile(path)
    first = followed.current()
    assert first == {"a": PLAIN}
    assert followed.current() is first
    write_clients(path, [PLAIN, OTHER])
    assert followed.current() == {"a": PLAIN, "b": OTHER}


def test_a_missing_file_means_no_clients_until_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    followed = ClientsFile(path)
    assert followed.current() == {}
    write_clients(path, [PLAIN])
    assert followed.current() == {"a": PLAIN}


def test_a_file_that_breaks_is_reported_once_and_the_last_good_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    followed = ClientsFile(path)
    before = followed.current()
    path.write_bytes(path.read_bytes()[:-20])
    with capture_logs() as logs:
        assert followed.current() is before
        assert followed.current() is before
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert "JSON" in logs[0]["problem"]
    write_clients(path, [OTHER])
    assert followed.current() == {"b": OTHER}


def test_a_file_broken_from_the_start_says_unavailable_and_is_read_when_mended(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    path.write_text("{")
    followed = ClientsFile(path)
    for _ in range(2):
        with pytest.raises(Unavailable, match="MAXA_CLIENTS_FILE"):
            followed.current()
    write_clients(path, [PLAIN])
    assert followed.current() == {"a": PLAIN}


def test_a_file_that_goes_away_takes_its_clients_with_it(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    followed = ClientsFile(path)
    assert followed.current()
    path.unlink()
    with capture_logs() as logs:
        assert followed.current() == {}
        assert followed.current() == {}
    assert [entry["log_level"] for entry in logs] == ["warning"]


def test_a_file_that_turns_into_something_unreadable_keeps_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    followed = ClientsFile(path)
    before = followed.current()
    path.unlink()
    path.mkdir()
    assert followed.current() is before


def test_a_file_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    path.chmod(0o644)
    with capture_logs() as logs:
        ClientsFile(path).current()
    assert any("chmod 600" in entry["event"] for entry in logs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=200) | st.text('{}[]",:format1clients ', max_size=60).map(str.encode))
def test_no_content_at_all_gets_past_the_last_good_clients(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "clients.json"
    write_clients(path, [PLAIN])
    followed = ClientsFile(path)
    before = followed.current()
    path.write_bytes(noise)
    assert followed.current() is before
