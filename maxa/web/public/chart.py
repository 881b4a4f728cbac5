"""What each edition brought, as a chart: bars upwards for what was added, changed or restored, downwards for what was
retired. Only figures go in; words and colours are the page's and the style sheet's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

UPWARDS = ("added", "changed", "restored")
BAR, GAP = 26, 22
HEIGHT, LABELS, EDGE = 120, 74, 12
ROOM = 40  # at the left, where slanted labels begin
MOST = 30  # editions in one chart: the newest


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of one kind in one edition's bar."""

    kind: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    version: str
    middle: float
    pieces: list[Piece]
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    zero: float
    bars: list[Bar]


def chart_of(editions: Sequence[tuple[str, Counter[str]]], *, rightwards: bool) -> Chart | None:
    """``editions``: (version, counts by kind), oldest first; None where there are fewer than two, as the first edition
    adds all that it holds and would dwarf the others. ``rightwards``: the oldest stands at the left."""
    shown = list(editions[1:][-MOST:])
    if not shown:
        return None
    up = max(sum(counts[kind] for kind in UPWARDS) for _, counts in shown)
    down = max(counts["retired"] for _, counts in shown)
    scale = HEIGHT / max(1, up + down)
    zero = EDGE + up * scale
    width = ROOM + 2 * EDGE + len(shown) * (BAR + GAP)
    bars = []
    for place, (version, counts) in enumerate(shown if rightwards else reversed(shown)):
        x = ROOM + EDGE + GAP / 2 + place * (BAR + GAP)
        pieces, top = [], zero
        for kind in UPWARDS:
            if counts[kind]:
                tall = max(1.5, counts[kind] * scale)
                top -= tall
                pieces.append(Piece(kind, x, round(top, 1), round(tall, 1)))
        if counts["retired"]:
            pieces.append(Piece("retired", x, round(zero, 1), round(max(1.5, counts["retired"] * scale), 1)))
        bars.append(Bar(version, x + BAR / 2, pieces, counts))
    return Chart(width, HEIGHT + 2 * EDGE + LABELS, round(zero, 1), bars)
