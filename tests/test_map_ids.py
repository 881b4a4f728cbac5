from __future__ import annotations

import pytest

from maxa.map_ids import map_id


@pytest.mark.parametrize(
    "typed", ["LNC→RVU3", "LNC->RVU3", "LNC--RVU3", "LNC=>RVU3", " LNC → RVU3 ", "LNC ⟶ RVU3", "LNC➔RVU3"]
)
def test_a_map_is_named_in_any_spelling(typed: str) -> None:
    assert map_id(typed) == "LNC→RVU3"


@pytest.mark.parametrize("name", ["IRC", "110-40", "SNOMED-1402-05-01"])
def test_what_is_no_map_stays_as_it_is(name: str) -> None:
    assert map_id(f" {name} ") == name
