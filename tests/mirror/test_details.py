"""Refusals are told in Persian to the end: no English half sentences within them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.exceptions import BadVersionNumberError, UnsignedMetadataError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from maxa.mirror.details import in_persian
from maxa.mirror.troubles import Refused
from maxa.settings import PROJECT
from tests.mirror.world import Centre

DETAILS = (
    "version 3 < 12", "serial 8 < 9", "its length or hash is another", "it is named and not delegated",
    "the root that was handed over does not verify itself", "snapshot was signed by 0/1 keys",
    "Expected root version 2 instead got version 7", "New timestamp version 4 must be >= 5",
    "Expected snapshot version 2, got 7", "Expected root v2, got v7",
    "New snapshot version must be >= 5, got version 4", "New snapshot is missing info for 'root'",
    "it does not say when it was signed", "expires 2026-01-01, this machine's clock 2026-02-02",
    "expires 2026-01-01, this machine's clock 2026-02-02, the source's 2026-03-03",
    "2026-01-01, while it is at least 2026-02-02", "longer than 64 bytes", "it can't be read (BadZipFile)",
    "too many members", "'a/b' is a link or a folder", "'a/b' is in it twice", "'a/b' is packed by method 14",
    "it is encrypted", "it lacks archive.json", "its archive.json is damaged",
    "archive format 9, this version reads 1", "eRx/1400-05-06; it begins after serial 8",
)  # fmt: skip
NAMES = re.compile(r"archive\.json|BadZipFile|'a/b'|eRx/|snapshot|timestamp|root")


@pytest.mark.parametrize("detail", DETAILS)
def test_a_detail_is_said_in_persian(detail: str) -> None:
    told = in_persian(detail)
    assert not re.search("[A-Za-z]", NAMES.sub("", told)), told
    assert set(re.findall(r"\d+", told)) <= set(re.findall(r"\d+", detail))
    refused = Refused.of("rollback", "x.json", detail)
    assert told in refused.detail_fa
    assert detail in refused.detail_en


def said() -> Iterator[tuple[str, str]]:
    """Where a refusal is raised with words of ours, and these, with 1 for what is filled in."""
    for path in sorted(Path(PROJECT, "maxa", "mirror").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused.of" and len(node.args) == 3:
                parts = node.args[2].values if isinstance(node.args[2], ast.JoinedStr) else [node.args[2]]
                words = "".join(str(p.value) if isinstance(p, ast.Constant) else "1" for p in parts)
                if re.search("[a-z]", words):
                    yield f"{path.name}:{node.lineno}", words


@pytest.mark.parametrize("words", [pytest.param(words, id=place) for place, words in said()])
def test_no_refusal_of_ours_is_told_in_english_alone(words: str) -> None:
    assert in_persian(words) != words


def test_what_tuf_says_is_known(centre: Centre) -> None:
    from tuf.api.metadata import Metadata
    from tuf.ngclient.config import EnvelopeType

    trusted = TrustedMetadataSet(centre.root(), EnvelopeType.METADATA)
    with pytest.raises(BadVersionNumberError) as version:
        trusted.update_root(centre.root())
    root = Metadata.from_bytes(centre.root())
    root.signatures.clear()
    with pytest.raises(UnsignedMetadataError) as unsigned:
        root.signed.verify_delegate("root", root.signed_bytes, root.signatures)
    for text in (str(version.value).rstrip("."), str(unsigned.value).split(".")[0]):
        assert in_persian(text) != text, text


def test_another_repositorys_keys_are_told_with_the_words_that_mend_it() -> None:
    refused = Refused.of("keys", "timestamp.json", "timestamp was signed by 0/1 keys")
    assert "init --again --root" in refused.detail_en
    assert "init --again --root" in refused.detail_fa
