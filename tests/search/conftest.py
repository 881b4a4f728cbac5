from __future__ import annotations

import pytest

from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.search.lists import DIAGNOSES, IMAGING
from tests.shelves import ShelfBuilder


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Diagnoses and imaging, one edition each."""
    folder = tmp_path_factory.mktemp("shelf")
    builder = ShelfBuilder(folder)
    builder.publish("ICD10", DIAGNOSES)
    builder.publish("Imaging", IMAGING)
    return Shelf(folder)


@pytest.fixture(scope="session")
def releases(shelf: Shelf) -> dict[str, SealedRelease]:
    return {entry.id: shelf.release(entry.current) for entry in shelf.catalogue().codes}
