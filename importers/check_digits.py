"""Check digits of the codes that have them."""

from __future__ import annotations


def loinc(code: str) -> str | None:
    """The code with its right check digit when the given one is wrong, else ``None`` (also for what is no LOINC code).

    Mod 10 as LOINC's users' guide gives it (the Luhn algorithm): ``718-7``, ``2345-7``.
    """
    body, dash, digit = code.rpartition("-")
    if not dash or not (body.isascii() and body.isdigit()):
        return None
    right = str(-sum(_doubled(int(d)) if at % 2 == 0 else int(d) for at, d in enumerate(reversed(body))) % 10)
    return None if digit == right else f"{body}-{right}"


def _doubled(digit: int) -> int:
    return digit * 2 - 9 if digit > 4 else digit * 2
