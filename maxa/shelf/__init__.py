"""The shelf: sealed releases and the catalogue, opened read-only by every reader."""

from maxa.shelf.reading import Shelf

__all__ = ["Shelf"]
