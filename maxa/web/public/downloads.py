"""Whole lists as files. To make one takes a thread for seconds, so only a few run in a process at a time; whoever comes
too many is told to come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from maxa.api.answering import Answer
from maxa.errors import Unavailable

AT_ONCE = 2
_turns = threading.BoundedSemaphore(AT_ONCE)


def in_turn(answer: Answer) -> Answer:
    """The same answer, whose pieces are made in their turn. Raises :class:`Unavailable` before the first piece."""
    if answer.chunks is not None:
        answer.chunks = _in_turn(answer.chunks)
    return answer


def _in_turn(chunks: Iterator[bytes]) -> Iterator[bytes]:
    if not _turns.acquire(blocking=False):
        raise Unavailable(
            "اکنون دریافت‌های دیگری در جریان است؛ اندکی دیگر دوباره بخواهید.",
            "Other downloads are being made just now: ask again in a moment.",
            data={"headers": {"Retry-After": "2"}},
        )
    try:
        yield from chunks
    finally:
        _turns.release()
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
