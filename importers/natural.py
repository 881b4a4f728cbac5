"""Natural (herbal) medicines: their part of eRx and IRC, and the map between them (circular 110/100)."""

from __future__ import annotations

from dataclasses import replace

from importers.declare import Source
from importers.drugs import NATURAL_GENERICS, NATURAL_PRODUCTS, NATURAL_WORDS

NATURAL = Source(
    name="natural",
    title_fa="فهرست داروهای طبیعی و گیاهی (eRx و IRC)",
    title_en="the list of natural medicines (eRx and IRC)",
    circulars=("110/100",),
    named=NATURAL_WORDS,
    # What was asked for as natural medicines may stand in a sheet of any name.
    sheets=(
        NATURAL_PRODUCTS,
        NATURAL_GENERICS,
        replace(NATURAL_PRODUCTS, named=""),
        replace(NATURAL_GENERICS, named=""),
    ),
)
