"""From one written word to its runs: folded pieces of one script each, with what stands between them.

This is the first half of the chain in :mod:`maxa.persian.analysis`; docs/search.md lists it letter by letter.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from maxa.persian.fold import ZWNJ, fold

# Letters of other alphabets that look like Latin ones (they come from copied PDFs), and Greek ones that are spelled out.
_LOOK_ALIKE = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУасеоіјрѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲ",
        "ABCEHIJKMOPSTXYaceoijpsxyABEZHIKMNOPTYXoc",
        strict=True,
    )
)
_SPELLED_OUT = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa", "λ": "lambda", "ω": "omega",
    "Γ": "gamma", "Δ": "delta", "Ω": "omega", "µ": "u", "μ": "u", "®": "", "™": "", "©": "", "°": "", "ß": "beta",
}  # fmt: skip
_FOREIGN = str.maketrans(_LOOK_ALIKE | _SPELLED_OUT)
_RUN = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]+|%")
_BARE_DECIMAL = re.compile(r"\.[0-9]")
_POSSESSIVE = re.compile(r"(?<=[a-z])'s?(?![a-z])")


class Run(NamedTuple):
    """``glue`` is what stood before the run within its written word: ``""`` when nothing did (also where only the script
    changes), :data:`ZWNJ` for a half-space."""

    text: str
    glue: str

    @property
    def is_number(self) -> bool:
        return self.text.isdigit()

    @property
    def is_latin(self) -> bool:
        return self.text.isascii() and self.text.isalpha()

    @property
    def is_persian(self) -> bool:
        return not self.text.isascii()


def runs_of(written: str) -> list[Run]:
    """``IgE-اختصاصی`` → ``ige``, ``اختصاصی``; ``500mg`` → ``500``, ``mg``; no run is empty."""
    runs: list[Run] = []
    for part in written.split(ZWNJ):
        folded = part if part.isascii() else part.translate(_FOREIGN)
        folded = _POSSESSIVE.sub("", fold(folded))
        if _BARE_DECIMAL.match(folded):
            folded = "0" + folded  # .5
        end = 0
        for match in _RUN.finditer(folded):
            glue = folded[end : match.start()]
            if not runs:
                glue = ""
            elif end == 0:
                glue = ZWNJ
            runs.append(Run(match.group(), glue))
            end = match.end()
    return runs
