"""The header in which a mirror tells its serial is read strictly: anyone can send it."""

from __future__ import annotations

import pytest

from maxa.usage.mirrors import MirrorSays, is_mirror_name, read_header, write_header


def test_what_is_written_is_read() -> None:
    says = MirrorSays("shiraz-namazi.2", 41)
    assert read_header(write_header(says)) == says


@pytest.mark.parametrize(
    "text",
    [None, "", "shiraz", "shiraz; serial=", "shiraz; serial=-1", "shiraz; serial=1x", "shiraz; serial=01",
     "شیراز; serial=1", "a b; serial=1", "-a; serial=1", "<b>; serial=1", f"{'a' * 65}; serial=1",
     "a; serial=9999999999999999", "a; serial=1\n", "a; serial=۱"],
)  # fmt: skip
def test_whatever_else_is_sent_is_nothing(text: str | None) -> None:
    assert read_header(text) is None


def test_names() -> None:
    assert is_mirror_name("a" * 64)
    assert not any(map(is_mirror_name, ("", "a" * 65, "a\n", "a/b", ".a")))
