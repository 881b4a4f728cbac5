"""The counts of one day, as they gather in memory, as lines of a spool file, and as the worker adds them up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from maxa.access.clients import is_client_id
from maxa.usage.mirrors import is_mirror_name
from maxa.usage.words import kept_words

NOBODY = "-"  # the client of a request that named none; the terminology of an issue that has none
SERVICES = ("CtsTerminologies", "Terminology", "SearchTerminology", "ValidateCts", "api", "pages", "shelf", "token")
OUTCOMES = ("ok", "refused", "limited", "failed")  # 2xx and 3xx, 4xx, 429, 5xx
MOST_WORDS = 5_000  # distinct ones, of a flush
MOST_MIRRORS = 1_000
MOST_KEYS = 50_000  # distinct pairs of terminology and issue, or of client, service and outcome
_BOUNDS = {"requests": MOST_KEYS, "issues": MOST_KEYS, "words": MOST_WORDS, "mirrors": MOST_MIRRORS}
_A_LINE = 1_000  # entries
_MOST = 10**12  # of one count
_ISSUE = re.compile(r"[a-z][a-z-]{0,39}\Z")


@dataclass(slots=True)
class Tally:
    """``words`` → how often they found nothing, and how often something else was found instead; ``mirrors`` → serial and
    when it was told (seconds since 1970); ``dropped`` are bytes of spool files that nobody collected in time."""

    day: date
    requests: dict[tuple[str, str, str], int] = field(default_factory=dict)
    issues: dict[tuple[str, str], int] = field(default_factory=dict)
    words: dict[str, tuple[int, int]] = field(default_factory=dict)
    mirrors: dict[str, tuple[int, int]] = field(default_factory=dict)
    dropped: int = 0

    def count_request(self, service: str, client: str, outcome: str, n: int = 1) -> None:
        key = (service, client, outcome)
        held = self.requests.get(key)
        if held is not None:
            self.requests[key] = held + n
        elif len(self.requests) < MOST_KEYS:
            self.requests[key] = n

    def count_issue(self, terminology: str, issue: str, n: int) -> None:
        key = (terminology, issue)
        if key in self.issues or len(self.issues) < MOST_KEYS:
            self.issues[key] = self.issues.get(key, 0) + n

    def count_words(self, words: str, n: int, instead: int) -> None:
        held = self.words.get(words)
        if held is not None:
            self.words[words] = (held[0] + n, held[1] + instead)
        elif len(self.words) < MOST_WORDS:
            self.words[words] = (n, instead)

    def note_mirror(self, name: str, serial: int, at: int) -> None:
        held = self.mirrors.get(name)
        if (held is None and len(self.mirrors) < MOST_MIRRORS) or (held is not None and at >= held[1]):
            self.mirrors[name] = (serial, at)

    def note_dropped(self, size: int) -> None:
        self.dropped += size

    def has_room(self, kind: str, entries: int) -> bool:
        return kind not in _BOUNDS or len(getattr(self, kind)) + entries <= _BOUNDS[kind]

    def lines(self) -> Iterator[bytes]:
        """Whole lines of JSON, none of which is long, so that one that is damaged costs little."""
        kinds: dict[str, list[Any]] = {
            "requests": [[*key, n] for key, n in self.requests.items()],
            "issues": [[*key, n] for key, n in self.issues.items()],
            "words": [[words, *counts] for words, counts in self.words.items()],
            "mirrors": [[name, *told] for name, told in self.mirrors.items()],
        }
        if self.dropped:
            yield self._line("dropped", self.dropped)
        for kind, entries in kinds.items():
            for start in range(0, len(entries), _A_LINE):
                yield self._line(kind, entries[start : start + _A_LINE])

    def _line(self, kind: str, content: Any) -> bytes:
        return orjson.dumps({"day": self.day.isoformat(), kind: content}, option=orjson.OPT_APPEND_NEWLINE)


class DamagedLine(ValueError):
    """A line that no process of ours wrote whole."""


def add_line(line: bytes, tallies: dict[date, list[Tally]], *, oldest: date, newest: date) -> None:
    """Add what a line says to the last tally of its day; where it has no room, a new one follows, since the bounds are those
    of one flush. Raises :class:`DamagedLine`, and then nothing of it is added."""
    try:
        said = orjson.loads(line)
        day = date.fromisoformat(said.pop("day"))
        [(kind, content)] = said.items()
        if not oldest <= day <= newest:
            raise DamagedLine("day")
        read, count = _KINDS[kind]
        entries = read(content)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DamagedLine(str(error)[:100]) from None
    of_day = tallies.setdefault(day, [Tally(day)])
    if not of_day[-1].has_room(kind, len(entries)):
        of_day.append(Tally(day))
    for entry in entries:
        count(of_day[-1], *entry)


def is_terminology(text: object) -> bool:
    """Whatever id a terminology may have, or :data:`NOBODY`."""
    return isinstance(text, str) and 0 < len(text) <= 200 and text.isprintable()


def _whole(value: object, least: int = 0, most: int = _MOST) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("a number")
    return value


def _holds(true: bool) -> None:
    if not true:
        raise ValueError("an entry")


def _requests(content: Any) -> list[tuple[str, str, str, int]]:
    found = []
    for service, client, outcome, n in content:
        _holds(service in SERVICES and outcome in OUTCOMES)
        _holds(isinstance(client, str) and (client == NOBODY or is_client_id(client)))
        found.append((service, client, outcome, _whole(n, 1)))
    return found


def _issues(content: Any) -> list[tuple[str, str, int]]:
    found = []
    for terminology, issue, n in content:
        _holds(is_terminology(terminology) and isinstance(issue, str) and _ISSUE.match(issue) is not None)
        found.append((terminology, issue, _whole(n, 1)))
    return found


def _words(content: Any) -> list[tuple[str, int, int]]:
    found = []
    for words, n, instead in content:
        _holds(isinstance(words, str) and kept_words(words) == words)
        found.append((words, _whole(n, 1), _whole(instead)))
    return found


def _mirrors(content: Any) -> list[tuple[str, int, int]]:
    found = []
    for name, serial, at in content:
        _holds(isinstance(name, str) and is_mirror_name(name))
        found.append((name, _whole(serial, most=10**15), _whole(at, most=10**11)))
    return found


def _dropped(content: Any) -> list[tuple[int]]:
    return [(_whole(content),)]


# kind → its entries, checked, and what counts one of them
_KINDS: dict[str, tuple[Callable[[Any], list[Any]], Callable[..., None]]] = {
    "requests": (_requests, Tally.count_request),
    "issues": (_issues, Tally.count_issue),
    "words": (_words, Tally.count_words),
    "mirrors": (_mirrors, Tally.note_mirror),
    "dropped": (_dropped, Tally.note_dropped),
}
