"""The shared strings of an .xlsx workbook, streamed: plain ones by an expression, all others by expat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from importers.package import Package
from importers.refusals import broken_input_is_refused
from importers.sheet_expat import unescape_text
from importers.xml import Irregular, is_plain_utf8, local_name, plain_text, safe_parser

CHUNK = 1 << 20
_START = re.compile(rb"<sst(?: [^<>]*)?>")
_ITEM = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>|(<)')


def shared_strings(package: Package, part: str) -> Iterator[str]:
    """The text of every ``<si>`` in order; of rich text the runs together, without phonetic guides."""
    with package.open(part) as stream, broken_input_is_refused("sharedStrings"):
        rest = stream.read(CHUNK)
        start = _START.search(rest)
        if start is None or start[0].endswith(b"/>") or not is_plain_utf8(rest[: start.end()]):
            yield from _by_expat(b"", rest, stream)
            return
        head, rest = rest[: start.end()], rest[start.end() :]
        while True:
            if b"<!" in rest or b"<?" in rest or b"</sst" in rest:
                yield from _by_expat(head, rest, stream)  # the last chunk, or one that can't be cut at </si>
                return
            cut = rest.rfind(b"</si>") + 5
            if cut >= 5:
                chunk, rest = rest[:cut], rest[cut:]
                try:
                    yield from _plain(chunk.decode())
                except Irregular:
                    reader = _Strings(head)
                    reader.feed(chunk)
                    yield from reader.take()
            block = stream.read(CHUNK)
            if not block:
                yield from _by_expat(head, rest, stream)  # which says that the end is missing
                return
            rest += block


def _plain(text: str) -> list[str]:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    entities, escapes = "&" in text, "_x" in text
    found = []
    for string, other in _ITEM.findall(text):
        if other:
            raise Irregular
        found.append(string)
    if entities:
        found = [plain_text(string) for string in found]
    return [unescape_text(string) for string in found] if escapes else found


def _by_expat(head: bytes, rest: bytes, stream: IO[bytes]) -> Iterator[str]:
    reader = _Strings(head)
    while rest:
        reader.feed(rest)
        yield from reader.take()
        rest = stream.read(CHUNK)
    reader.close()


class _Strings:
    def __init__(self, head: bytes) -> None:
        self._found: list[str] = []
        self._item: list[str] | None = None
        self._in_text = self._phonetic = False
        self._parser = safe_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self.feed(head)

    def feed(self, content: bytes) -> None:
        self._parser.Parse(content, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def take(self) -> list[str]:
        found, self._found = self._found, []
        return found

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "si":
            self._item = []
        elif local == "rPh":
            self._phonetic = True
        elif local == "t":
            self._in_text = not self._phonetic

    def _end(self, name: str) -> None:
        local = local_name(name)
        if local == "si" and self._item is not None:
            self._found.append(unescape_text("".join(self._item)))
            self._item = None
        elif local == "rPh":
            self._phonetic = False
        elif local == "t":
            self._in_text = False

    def _text(self, text: str) -> None:
        if self._in_text and self._item is not None:
            self._item.append(text)
