from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from maxa.errors import SettingsError
from maxa.port import answers, base_url, check_port
from maxa.settings import Settings


def test_a_port_that_is_taken_is_named_with_another_to_try(settings_for: Callable[..., Settings]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"{port}.*MAXA_PORT=") as caught:
            check_port(settings_for(port=port), wait=0)
        assert str(port) in caught.value.detail_fa
        with pytest.raises(SettingsError, match="taken"):
            check_port(settings_for(port=port, host="0.0.0.0"), wait=0)
    check_port(settings_for(port=port))


@pytest.mark.parametrize(
    ("host", "says"), [("192.0.2.1", "an address of this machine"), ("no such host", "is not known")]
)
def test_a_host_that_is_not_ours_is_told_as_such(settings_for: Callable[..., Settings], host: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        check_port(settings_for(host=host))
    assert "MAXA_HOST" in caught.value.detail_fa


def test_nobody_answers_on_a_free_port_nor_on_one_that_speaks_no_http(settings_for: Callable[..., Settings]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        settings = settings_for(port=other.getsockname()[1])
        assert not answers(settings)
        other.listen()
        with socket.create_connection(other.getsockname()):
            assert not answers(settings)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("codes.example", "http://codes.example:8000"),
    ],
)
def test_the_address_for_a_browser_on_this_machine(settings_for: Callable[..., Settings], host: str, url: str) -> None:
    assert base_url(settings_for(host=host)) == url
