"""Expat as it is used on files from outside: no DOCTYPE (hence no entities), names without their namespace."""

from __future__ import annotations

import re
from xml.parsers import expat

from importers.refusals import broken_input_is_refused, refusal

# Transitional and strict SpreadsheetML (ECMA-376 parts 1 and 4), package and office relationships, OpenDocument.
_KNOWN = (
    "http://schemas.openxmlformats.org/",
    "http://purl.oclc.org/ooxml/",
    "urn:oasis:names:tc:opendocument:",
)
_SEPARATOR = " "
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")


class Irregular(Exception):
    """Legal or not, this XML is not of the one form that the fast readers know: expat must look at it."""


def safe_parser() -> expat.XMLParserType:
    """A namespace-aware parser that refuses a DOCTYPE; element names come as ``namespace name``."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise refusal("unsafe-xml")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def local_name(name: str) -> str:
    """``http://…/main c`` → ``c``; an element of a foreign namespace (an extension) → ``""``."""
    namespace, _, local = name.rpartition(_SEPARATOR)
    return local if not namespace or namespace.startswith(_KNOWN) else ""


def elements(content: bytes, part: str) -> list[tuple[str, dict[str, str]]]:
    """All elements of a small part in document order: name and attributes, both without namespace."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local_name(name), {key.rpartition(_SEPARATOR)[2]: value for key, value in attributes.items()}))

    parser = safe_parser()
    parser.StartElementHandler = start
    with broken_input_is_refused(part):
        parser.Parse(content, True)
    return found


def is_plain_utf8(head: bytes) -> bool:
    """Whether the head of a part declares no other encoding and has no comment or DOCTYPE."""
    declared = _ENCODING.search(head[:200])
    return b"<!" not in head and (declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii"))


def plain_text(text: str) -> str:
    """Character data with its entities resolved. Raises :class:`Irregular` for what only expat can judge."""
    if "&" not in text:
        return text
    if "&" in _ENTITY.sub("", text):
        raise Irregular  # an entity that nobody declared
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    if number < 32 or 0xD800 <= number < 0xE000 or number in (0xFFFE, 0xFFFF) or number > 0x10FFFF:
        raise Irregular
    return chr(number)
