"""Parents that no column names, found from the codes themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from importers.icd10_codes import Icd10Parents


class ParentFinder(Protocol):
    def foresee(self, codes: Iterable[Any]) -> None:
        """Codes of the list, some of which are parents. Called any number of times before :meth:`parent_of`."""

    def parent_of(self, code: str) -> str | None:
        """The nearest code above this one that the list has."""


_FINDERS = {"icd10": Icd10Parents}


def finder_of(name: str) -> ParentFinder | None:
    """A new finder of the kind that a :class:`importers.declare.Sheet` names; ``None`` for ``""``."""
    return _FINDERS[name]() if name else None
