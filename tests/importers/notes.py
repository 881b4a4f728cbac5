"""A stand-in for what a column is read with: it remembers what it was told."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Told:
    """fields.Notes for a column on its own."""

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()
        self.doubts: dict[int, dict[str, Any]] = {}
        self.beside: dict[int, str] = {}
        self.told: list[tuple[str, int | None, str | None]] = []

    def add(self, rule: str, index: int, value: str | None = None, **data: Any) -> None:
        self.told.append((rule, index, value))

    def add_for_column(self, rule: str, **data: Any) -> None:
        self.told.append((rule, None, None))

    @property
    def rules(self) -> list[str]:
        return [rule for rule, _, _ in self.told]

    @property
    def rows(self) -> set[int | None]:
        return {index for _, index, _ in self.told}
