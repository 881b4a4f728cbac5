"""Every query parameter of /api/v1, declared once: how it is read, and how the OpenAPI document tells of it.

They are held against what a client sent by the gateway's own table, so that the rules are the same (CONTRACT.md §1):
names in any letter case, near misses and parameters of other addresses refused by name, the rest ignored and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from maxa.diff import KINDS
from maxa.errors import BadParameter, PageTooLarge
from maxa.gateway import values
from maxa.gateway.parameters import MOST_IN_A_PAGE, Parameter, Table
from maxa.persian.fold import latin_digits
from maxa.search.api import DEFAULT_PAGE as DEFAULT_FOUND
from maxa.search.api import MOST_FILTERS, MOST_TERMINOLOGIES
from maxa.search.api import MOST_IN_A_PAGE as MOST_FOUND
from maxa.search.find import LONGEST_QUERY
from maxa.search.suggest import DEFAULT as DEFAULT_SUGGESTED
from maxa.search.suggest import MOST_SUGGESTED

CURRENT = "current"  # may be sent wherever an edition is named
DEFAULT_PAGE = 100
DEFAULT_HISTORY, MOST_HISTORY = 20, 100
LONGEST_FILTER = 200  # characters
_MOST_SERIAL = 2**53


@dataclass(frozen=True, slots=True)
class ApiParameter(Parameter):
    """``services`` are the operations that take it; ``schema``, ``about`` and ``example`` go into the document."""

    schema: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    example: Any = None
    required: bool = False
    repeated: bool = False  # may be given several times; ``read`` gets the list of what was sent

    def documented(self) -> dict[str, Any]:
        told: dict[str, Any] = {"in": "query", "name": self.name, "description": self.about, "schema": {**self.schema}}
        if self.repeated:
            told |= {"style": "form", "explode": True}
        if self.example is not None:
            told["example"] = self.example
        if self.required:
            told["required"] = True
        return told


def _serial(value: Any, name: str) -> int:
    found = latin_digits(values.any_text(value, name)).strip()
    if not (found.isascii() and found.isdigit() and len(found) <= 16 and int(found) <= _MOST_SERIAL):
        raise BadParameter(
            f"«{name}» باید شمارهٔ یک انتشار باشد: عددی از 0 به بالا، همان «serial» پاسخ پیشین.",
            f"{name!r} must be the serial of a publication: a whole number from 0, the 'serial' of an earlier reply.",
            name,
        )
    return int(found)


def _count(low: int, high: int) -> Callable[[Any, str], int]:
    """As :func:`values.number`, for what is no page."""
    read = values.number(low, high)

    def checked(value: Any, name: str) -> int:
        try:
            return read(value, name)
        except PageTooLarge:
            raise BadParameter(
                f"«{name}» باید عددی از {low} تا {high} باشد.",
                f"{name!r} must be a whole number from {low} to {high}.",
                name,
            ) from None

    return checked


def _part(value: Any, name: str) -> str:
    """A part's name; the empty one names the part of lists that have no parts."""
    return values.any_text(value, name).strip()


def _ids(sent: Any, name: str) -> tuple[str, ...]:
    """Ids, with commas between them or each in a parameter of its own."""
    return tuple(values.text(one, name) for text in sent for one in values.any_text(text, name).split(","))


def _filters(sent: Any, name: str) -> dict[str, tuple[str, ...]]:
    """``property:text`` of each → texts by property; several of one property mean any of them."""
    found: dict[str, tuple[str, ...]] = {}
    for text in sent:
        prop, _, value = values.any_text(text, name).partition(":")
        if not prop.strip() or not value.strip() or len(text) > LONGEST_FILTER:
            raise BadParameter(
                f"«{name}» را به شکل ویژگی:مقدار بنویسید، حداکثر {LONGEST_FILTER} نویسه؛ برای نمونه modality:CT.",
                f"Write {name!r} as property:value, at most {LONGEST_FILTER} characters; for example modality:CT.",
                name,
            )
        key = prop.strip()
        found[key] = (*found.get(key, ()), value.strip())
    return found


_EDITIONED = (
    "terminologies", "terminology", "concepts", "concept", "map", "translate", "translate_many", "unmapped", "pairs",
    "validate", "search",
)  # fmt: skip
_PAGED = ("concepts", "pairs", "differences", "unmapped")
_REVERSIBLE = ("translate", "translate_many", "unmapped")
_SEARCHES = ("search", "suggest")
_TEXT = {"type": "string", "minLength": 1, "maxLength": values.LONGEST_TEXT}
_FLAG = {"type": "boolean", "default": False}

PARAMETERS: tuple[ApiParameter, ...] = (
    ApiParameter(
        "q", ("search",), values.any_text, schema={"type": "string", "maxLength": LONGEST_QUERY}, example="هموگلوبین",
        about="Words in any order, the last one as a beginning; also `\"a phrase\"`, `-without`, `a OR b` (`یا`), `code:718*`,"
        " `fa:`, `en:` and `property:text`. It may be left out where `filter` or `cursor` is given.",
    ),
    ApiParameter(
        "q", ("suggest",), values.any_text, schema={"type": "string", "maxLength": LONGEST_QUERY}, example="هموگ",
        about="What is typed so far; nothing is suggested for nothing.", required=True,
    ),
    ApiParameter(
        "terminology", _SEARCHES, _ids, repeated=True,
        schema={"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_TERMINOLOGIES}, example=["LNC", "RVU3"],
        about="The terminologies that are searched, with commas between them or in several parameters; all of them unless"
        " given.",
    ),
    ApiParameter(
        "filter", ("search",), _filters, repeated=True,
        schema={
            "type": "array", "minItems": 1, "maxItems": MOST_FILTERS,
            "items": {"type": "string", "pattern": r"^[^:]*[^:\s][^:]*:[\s\S]*\S", "maxLength": LONGEST_FILTER},
        },
        about="Only codes whose property has this text, as `property:text`; of several texts of one property any, of"
        " several properties all.",
    ),
    ApiParameter(
        "literal", ("search",), values.flag, schema=_FLAG,
        about="Only the words as typed: no synonyms, and nothing else instead where nothing matches.",
    ),
    ApiParameter(
        "version", _EDITIONED, values.version, instead={"differences": "from"},
        schema=_TEXT, example="1402-02-18",
        about="Read this edition instead of the current one; goes before `date`.",
    ),
    ApiParameter(
        "date", _EDITIONED, values.day,
        schema=_TEXT, example="1402/02/18",
        about="Read the edition that was in force on this day: Jalali `1402/02/18`, or Gregorian from 1700 on.",
    ),
    ApiParameter(
        "status", ("concepts", "pairs"), values.one_of("active", "retired", "all"),
        schema={"type": "string", "enum": ["active", "retired", "all"], "default": "active"},
        about="Which rows are listed.",
    ),
    ApiParameter(
        "status", ("search",), values.one_of("active", "retired", "all"),
        schema={"type": "string", "enum": ["active", "retired", "all"], "default": "all"},
        about="Which codes are found; retired ones stand last.",
    ),
    ApiParameter(
        "part", ("concepts", "pairs", "differences", "differences_file", "unmapped", "export"), _part,
        schema={"type": "string"}, about="Only rows of this part, such as `clinical` or `medicine`.",
    ),
    ApiParameter(
        "parent", ("concepts",), values.text, schema=_TEXT, example="A00", about="Only children of this code.",
    ),
    ApiParameter(
        "history", ("concept",), _count(0, MOST_HISTORY),
        schema={"type": "integer", "minimum": 0, "maximum": MOST_HISTORY, "default": DEFAULT_HISTORY},
        about="How many of the newest states of the code are told.",
    ),
    ApiParameter(
        "from", ("differences", "differences_file"), values.version, instead={"concepts": "version"},
        schema=_TEXT, example="1402-02-18",
        about="The edition to compare with, older or newer; by default the one before.",
    ),
    ApiParameter(
        "kind", ("differences", "differences_file"), values.one_of(*KINDS),
        schema={"type": "string", "enum": list(KINDS)}, about="Only changes of this kind.",
    ),
    ApiParameter(
        "code", ("translate",), values.text, instead={"concepts": "parent"},
        schema=_TEXT, example="718-7", about="The code to translate.", required=True,
    ),
    ApiParameter(
        "reverse", _REVERSIBLE, values.flag, schema=_FLAG,
        about="From the target terminology's codes to the source terminology's.",
    ),
    ApiParameter(
        "strict", ("validate",), values.flag, schema=_FLAG, about="Another title than the published one is an error.",
    ),
    ApiParameter(
        "after", ("changes",), _serial, schema={"type": "integer", "minimum": 0, "maximum": _MOST_SERIAL, "default": 0},
        example=0, about="Publications after this serial: the `serial` of the reply before.",
    ),
    ApiParameter(
        "page_size", (*_PAGED, "changes"), values.number(1, MOST_IN_A_PAGE), aliases=("PageSize",),
        schema={"type": "integer", "minimum": 1, "maximum": MOST_IN_A_PAGE, "default": DEFAULT_PAGE},
        about="How many items one reply may hold.",
    ),
    ApiParameter(
        "page_size", ("search",), values.number(1, MOST_FOUND), aliases=("PageSize",),
        schema={"type": "integer", "minimum": 1, "maximum": MOST_FOUND, "default": DEFAULT_FOUND},
        about="How many hits one reply may hold.",
    ),
    ApiParameter(
        "limit", ("suggest",), _count(1, MOST_SUGGESTED), instead={"search": "page_size"},
        schema={"type": "integer", "minimum": 1, "maximum": MOST_SUGGESTED, "default": DEFAULT_SUGGESTED},
        about="How many are suggested.",
    ),
    ApiParameter(
        "cursor", (*_PAGED, "search"), values.any_text, schema={"type": "string"},
        about="`page.next` of the reply before; it stays on the edition that the first page was read from.",
    ),
)  # fmt: skip

_NAMES = {p.name.replace("_", ""): p.name for p in PARAMETERS}


@cache
def _repeated(operation: str) -> frozenset[str]:
    return frozenset(p.name for p in PARAMETERS if p.repeated and operation in p.services)


def gathered(pairs: list[tuple[str, Any]], operation: str) -> list[tuple[str, Any]]:
    """What was sent, with one list in the place of a parameter that may be given several times."""
    repeated = _repeated(operation)
    if not repeated:
        return pairs
    lists: dict[str, list[Any]] = {}
    others = []
    for name, value in pairs:
        if name.lower() in repeated:
            lists.setdefault(name.lower(), []).append(value)
        else:
            others.append((name, value))
    return others + list(lists.items())


@cache
def table_of(operation: str) -> Table:
    return Table(operation, spoken_of=f"/api/v1: {operation}", among=PARAMETERS)


def documented(operation: str) -> list[dict[str, Any]]:
    return [p.documented() for p in PARAMETERS if operation in p.services]


def spelled(parameter: str | None) -> str | None:
    """What the gateway calls ``PageSize`` is ``page_size`` here."""
    if parameter is None:
        return None
    return _NAMES.get(parameter.lower().replace("_", ""), parameter)
