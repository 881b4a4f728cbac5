"""Requests a day as stacked bars, drawn to stretch over whatever width there is: no text in it, which would be stretched
as well. Only figures go in; words and colours are the page's and the style sheet's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

STEP, BAR, HEIGHT = 10.0, 7.6, 100.0
_LEAST = 0.6  # of the height: what happened at all can be seen


@dataclass(frozen=True, slots=True)
class Piece:
    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    day: date
    x: float
    total: int
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class DayChart:
    """``most`` is the highest bar's total; ``labels`` are the days to write below, in reading order."""

    width: float
    most: int
    bars: list[Bar]
    labels: list[date]


def day_chart(
    counts: Mapping[date, Mapping[str, int]], days: Sequence[date], kinds: Sequence[str], *, rightwards: bool
) -> DayChart | None:
    """``counts`` by day and kind; None where there are none. ``rightwards``: the oldest stands at the left."""
    totals = {day: sum(counts.get(day, {}).values()) for day in days}
    most = max(totals.values(), default=0)
    if not most:
        return None
    bars = []
    for place, day in enumerate(days):
        x = (place if rightwards else len(days) - 1 - place) * STEP + (STEP - BAR) / 2
        pieces, top = [], HEIGHT
        for kind in kinds:
            n = counts.get(day, {}).get(kind, 0)
            if n:
                tall = max(_LEAST, n / most * HEIGHT)
                top = max(0.0, top - tall)
                pieces.append(Piece(kind, round(top, 2), round(tall, 2)))
        bars.append(Bar(day, round(x, 2), totals[day], pieces))
    labels = [days[0], days[len(days) // 2], days[-1]]
    return DayChart(len(days) * STEP, most, bars, labels)
