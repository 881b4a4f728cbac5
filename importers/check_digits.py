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


# The Verhoeff scheme: multiplication in the dihedral group of order ten, and the permutation that is applied by position.
_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_INVERSE = "0432156789"


def sctid(code: str) -> str | None:
    """The SNOMED CT identifier with its right check digit when the given one is wrong, else ``None``.

    Verhoeff's scheme over all digits, as the SNOMED CT Release File Specifications give it: ``26643006``.
    """
    if not (code.isascii() and code.isdigit() and len(code) > 1):
        return None
    at = 0
    for position, digit in enumerate(reversed(code[:-1]), start=1):
        at = int(_TIMES[at][int(_PERMUTED[position % 8][int(digit)])])
    right = _INVERSE[at]
    return None if code[-1] == right else code[:-1] + right
