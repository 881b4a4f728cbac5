"""Every parameter of the four services, declared once, and how what a client sent is held against the table.

CONTRACT.md §1: names are read without regard to case; a near miss of a known name, a name given twice, and a value out
of range are refused by name, since a typo must not silently widen a query; so is a parameter of another service. Any
other unknown one is ignored and named in ``X-Maxa-Ignored``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote

from rapidfuzz.distance import OSA

from maxa.errors import BadParameter, DuplicateParameter, MissingParameter, UnknownParameter
from maxa.gateway import values

CTS_TERMINOLOGIES = "CtsTerminologies"
TERMINOLOGY = "Terminology"
SEARCH_TERMINOLOGY = "SearchTerminology"
VALIDATE_CTS = "ValidateCts"
SERVICES = (CTS_TERMINOLOGIES, TERMINOLOGY, SEARCH_TERMINOLOGY, VALIDATE_CTS)

MOST_IN_A_PAGE = 10_000
MOST_FOUND_IN_A_PAGE = 200
MOST_IGNORED = 100


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: ``name`` is how errors call it, ``read(value, name)`` turns what was sent into what is meant.

    ``instead`` names, for a service that does not have it, the parameter that was probably meant there.
    """

    name: str
    services: tuple[str, ...]
    read: Callable[[Any, str], Any]
    aliases: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


_TERMINOLOGY_NAMES = ("Terminology", "Terminology_id", "TerminologyId")

PARAMETERS = (
    Parameter("Terminology", (TERMINOLOGY, SEARCH_TERMINOLOGY), values.any_text, aliases=_TERMINOLOGY_NAMES),
    Parameter("Terminology_id", (VALIDATE_CTS,), values.any_text, aliases=_TERMINOLOGY_NAMES),
    Parameter("Code", (TERMINOLOGY,), values.any_text, instead={VALIDATE_CTS: "Coded_string"}),
    Parameter("Coded_string", (VALIDATE_CTS,), values.any_text, instead={TERMINOLOGY: "Code"}),
    Parameter("Value", (VALIDATE_CTS,), values.any_text, instead={TERMINOLOGY: "Search", SEARCH_TERMINOLOGY: "Search"}),
    Parameter("Search", (TERMINOLOGY, SEARCH_TERMINOLOGY), values.text, instead={VALIDATE_CTS: "Value"}),
    Parameter("Literal", (TERMINOLOGY, SEARCH_TERMINOLOGY), values.flag),
    Parameter("Status", (SEARCH_TERMINOLOGY,), values.one_of("active", "retired", "all")),
    Parameter("PageSize", (TERMINOLOGY,), values.number(1, MOST_FOUND_IN_A_PAGE)),
    Parameter("PageSize", (SEARCH_TERMINOLOGY,), values.number(1, MOST_IN_A_PAGE)),
    Parameter("Cursor", (TERMINOLOGY, SEARCH_TERMINOLOGY), values.any_text),
    Parameter("FromDate", (CTS_TERMINOLOGIES, SEARCH_TERMINOLOGY), values.span, instead={TERMINOLOGY: "Date"}),
    Parameter("Version", SERVICES, values.version),
    Parameter("Date", SERVICES, values.day),
    Parameter("Strict", (VALIDATE_CTS,), values.flag),
)


class Table:
    """The parameters of one service ``among`` those of its surface, ready to be looked up by whatever name a client
    writes."""

    def __init__(
        self,
        service: str,
        *,
        only: tuple[str, ...] | None = None,
        spoken_of: str = "",
        among: Sequence[Parameter] = PARAMETERS,
    ) -> None:
        mine = [p for p in among if service in p.services and (only is None or p.name in only)]
        self.service = service
        self.names = tuple(p.name for p in mine)
        self._spoken_of = spoken_of or service
        self._by_name = {spelled: p for p in mine for spelled in _spellings(p)}
        self._foreign = {
            spelled: p
            for p in among
            for spelled in _spellings(p)
            if p.name not in self.names and spelled not in self._by_name
        }

    def find(self, name: str) -> Parameter | None:
        """The parameter of this name; None for one to be ignored. Raises :class:`UnknownParameter` for a near miss
        and for a parameter of another service."""
        found = self._by_name.get(name) or self._by_name.get(name.lower())
        if found is not None:
            return found
        foreign = self._foreign.get(name.lower())
        if foreign is not None:
            raise self._belongs_elsewhere(foreign)
        near = self._nearest(name)
        if near is not None:
            shown = name[:60]
            raise UnknownParameter(
                f"پارامتر «{shown}» شناخته نیست؛ شاید «{near}» را می‌خواستید. نام آن را درست کنید یا آن را بردارید.",
                f"There is no parameter {shown!r}; did you mean {near!r}? Correct its name or leave it out.",
                shown,
                suggestions=[near],
            )
        return None

    def _belongs_elsewhere(self, foreign: Parameter) -> UnknownParameter:
        instead = foreign.instead.get(self.service)
        instead = instead if instead in self.names else None
        names_fa, names_en = "، ".join(self.names) or "هیچ", ", ".join(self.names) or "none"
        hint_fa = f"؛ به جای آن «{instead}» را بنویسید" if instead else f"؛ پارامترهای آن: {names_fa}"
        hint_en = f"; write {instead!r} instead" if instead else f"; it takes {names_en}"
        return UnknownParameter(
            f"«{self._spoken_of}» پارامتر «{foreign.name}» ندارد{hint_fa}.",
            f"{self._spoken_of} does not take the parameter {foreign.name!r}{hint_en}.",
            foreign.name,
            suggestions=[instead] if instead else [],
        )

    def _nearest(self, name: str) -> str | None:
        wanted = _letters(name[:60])
        if len(wanted) < 3:  # "_", "t", "v" and their like are no one's typing errors
            return None
        best: tuple[int, str] | None = None
        for known, parameter in (*self._by_name.items(), *self._foreign.items()):
            distance = OSA.distance(wanted, _letters(known), score_cutoff=3)
            if distance <= _forgiven(wanted, _letters(known)) and (best is None or distance < best[0]):
                best = (distance, parameter.name if parameter.name in self.names else self._instead(parameter))
        return best[1] if best else None

    def _instead(self, foreign: Parameter) -> str:
        instead = foreign.instead.get(self.service)
        return instead if instead in self.names else foreign.name

    def read(self, sent: Iterable[tuple[str, Any]], ignored: dict[str, None]) -> dict[str, Any]:
        """Name → value of what was sent (``None`` counts as not sent); names to ignore are added to ``ignored``."""
        found: dict[str, Any] = {}
        for name, value in sent:
            parameter = self._by_name.get(name)
            if parameter is None:
                if name in ignored:
                    continue
                parameter = self.find(name)
                if parameter is None:
                    _ignore(name, ignored)
                    continue
            if parameter.name in found:
                raise DuplicateParameter(
                    f"پارامتر «{parameter.name}» دو بار داده شده است{_one_name(parameter)[0]}؛ یکی را بردارید.",
                    f"The parameter {parameter.name!r} is given twice{_one_name(parameter)[1]}: leave one out.",
                    parameter.name,
                )
            found[parameter.name] = None if value is None else parameter.read(value, parameter.name)
        return {name: value for name, value in found.items() if value is not None} if None in found.values() else found


def _ignore(name: str, ignored: dict[str, None]) -> None:
    if len(ignored) >= MOST_IGNORED:
        raise BadParameter(
            f"بیش از {MOST_IGNORED} پارامتر ناشناخته فرستاده شده است.",
            f"There are more than {MOST_IGNORED} unknown parameters.",
            name[:60],
        )
    ignored[name] = None


def _spellings(parameter: Parameter) -> set[str]:
    """Its names as written in the contract, which most clients send, and in lower case for all others."""
    names = {parameter.name, *parameter.aliases}
    return names | {name.lower() for name in names}


def _one_name(parameter: Parameter) -> tuple[str, str]:
    if not parameter.aliases:
        return "", ""
    return f" ({'، '.join(parameter.aliases)} یک نام‌اند)", f" ({', '.join(parameter.aliases)} are one name)"


def _letters(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _forgiven(written: str, known: str) -> int:
    """How many letters may be wrong, missing, too many or swapped for a name to count as a near miss of a known one.

    Short names forgive one (a client's own ``mode`` or ``session`` must not be taken for a typing error of ``Code`` or
    ``Version``), longer ones more.
    """
    if len(known) <= 4:
        return 1
    if len(known) <= 7:
        return 2 if written[:1] == known[:1] else 1
    return 3 if len(known) >= 12 else 2


def require(asked: Mapping[str, Any], name: str, *, example: str) -> Any:
    """The value of a parameter that must be there. Raises :class:`MissingParameter`."""
    value = asked.get(name)
    if value is None or value == "":
        raise MissingParameter(
            f"پارامتر «{name}» لازم است؛ برای نمونه {example}.",
            f"The parameter {name!r} is required; for example {example}.",
            name,
        )
    return value


def ignored_header(names: Iterable[str]) -> str:
    """Names as they may stand in a header: percent-encoded, cut, at most twenty."""
    return ", ".join(quote(name[:40], safe="!#$&'*+-.^_`|~") for name in islice(filter(None, names), 20))
