"""A map's id, however it is typed: ``→`` is hard to type."""

from __future__ import annotations

_ARROWS = ("->", "--", "=>", "⟶", "➔")


def map_id(text: str) -> str:
    """The id as it is published, of any of its spellings: ``LNC--RVU3``, ``LNC->RVU3``, ``LNC → RVU3``."""
    for arrow in _ARROWS:
        text = text.replace(arrow, "→")
    return "→".join(part.strip() for part in text.split("→"))
