"""The net change between two states of a code."""

from __future__ import annotations

import pytest

from maxa.shelf.changes import change_kind

ACTIVE, OTHER, RETIRED, CORRECTED = (1, 10), (1, 20), (0, 30), (0, 40)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, ACTIVE, "added"),
        (None, RETIRED, "retired"),
        (ACTIVE, ACTIVE, None),
        (ACTIVE, OTHER, "changed"),
        (ACTIVE, RETIRED, "retired"),
        (RETIRED, ACTIVE, "restored"),
        (RETIRED, RETIRED, None),
        (RETIRED, CORRECTED, "retired"),
    ],
)
def test_what_a_client_is_told(before: tuple[int, int] | None, after: tuple[int, int], kind: str | None) -> None:
    assert change_kind(before, after) == kind
