"""Whether what a mirror shares with mirrors of its own is there: the signed metadata, and the links by content."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from maxa.mirror.accept import links_of
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.signed_names import METADATA, TIMESTAMP, hashed_name, metadata_file
from maxa.shelf.standing import Standing


def shares(shelf: Path, standing: Standing, held: Catalogue) -> bool:
    """Whether the metadata that was accepted is published: ``timestamp.json`` comes last, so that a kill shows in it; any
    other file may have been lost since. A mirror of some terminologies has the roles of those alone."""
    if _signed(shelf, TIMESTAMP).get("version") != standing.versions.get("timestamp"):
        return False
    named = _signed(shelf, metadata_file("snapshot", standing.versions.get("snapshot"))).get("meta")
    if not isinstance(named, dict):
        return False
    folders = {"", *(e.file.partition("/")[0] for t in held.terminologies for e in t.editions)}
    roles = {name.removesuffix(".json"): meta["version"] for name, meta in named.items()}
    return all(
        (shelf / METADATA / metadata_file(role, version)).is_file()
        for role, version in roles.items()
        if role.rpartition(".")[0] in folders
    )


def missing_links(shelf: Path, standing: Standing, held: Catalogue) -> list[str]:
    """Names below the shelf that its metadata promises and that lead nowhere, or not to their file."""
    wanted = links_of(replace(held, code_index=None), None)
    index = held.code_index
    if index is not None and _vouched(shelf, standing, index.file) == index.sha256:
        wanted[index.file] = index.sha256
    names = {hashed_name(path, sha256): path for path, sha256 in wanted.items()}
    return [name for name, path in names.items() if not _leads_to(shelf / name, f"../../{path}")]


def _vouched(shelf: Path, standing: Standing, path: str) -> str | None:
    """The sha256 that the accepted top-level targets give a file."""
    targets = _signed(shelf, metadata_file("targets", standing.versions.get("targets"))).get("targets", {})
    with suppress(AttributeError, KeyError, TypeError):
        return str(targets[path]["hashes"]["sha256"])
    return None


def _signed(shelf: Path, name: str) -> dict[str, Any]:
    """What a metadata file says; it was verified when it was accepted. Empty where it is gone or damaged."""
    with suppress(OSError, KeyError, TypeError, ValueError):
        found = orjson.loads((shelf / METADATA / name).read_bytes())["signed"]
        return found if isinstance(found, dict) else {}
    return {}


def _leads_to(link: Path, aim: str) -> bool:
    try:
        return os.readlink(link) == aim
    except OSError:
        return False
