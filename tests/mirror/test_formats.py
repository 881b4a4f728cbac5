"""What a newer version wrote is refused with the sentence that says to upgrade, and the old data is served on."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from maxa.mirror.troubles import Refused
from maxa.shelf import signed_catalogue, trust
from maxa.shelf.catalogue import write_catalogue
from maxa.shelf.sealed_file import FORMAT, sha256_of
from tests.gateway.clinic import HEMOGLOBIN
from tests.mirror.world import Centre, Mirror, Server


def test_a_sealed_file_of_a_newer_format(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    centre.publish("LNC", codes=5, sign=False)
    edition = centre.catalogue.terminology("LNC").current
    path = centre.folder / edition.file
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={FORMAT + 1}")
    connection.close()
    newer = replace(edition, size=path.stat().st_size, sha256=sha256_of(path))
    entries = tuple(
        replace(t, editions=(*t.editions[:-1], newer)) if t.id == "LNC" else t for t in centre.catalogue.terminologies
    )
    write_catalogue(centre.folder, replace(centre.catalogue, terminologies=entries))
    centre.sign()
    with pytest.raises(Refused, match="upgrade") as refused:
        mirror.sync(server.url)
    assert refused.value.kind == "format"
    assert f"format {FORMAT}" in refused.value.detail_en
    assert "روزآمد" in refused.value.detail_fa
    assert "can't be used" not in refused.value.detail_fa
    assert mirror.serial == 8
    assert mirror.answers() == HEMOGLOBIN


def test_a_catalogue_of_a_newer_format(
    centre: Centre, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.sync(server.url)
    with monkeypatch.context() as newer:
        newer.setattr(trust, "tell", lambda c: replace(t := signed_catalogue.tell(c), whole={**t.whole, "format": 2}))
        centre.publish()
    with pytest.raises(Refused, match="upgrade") as refused:
        mirror.sync(server.url)
    assert refused.value.kind == "format"
    assert mirror.serial == 8
    assert mirror.is_whole()
    centre.publish("UCUM")
    assert mirror.sync(server.url).serial == 10


def test_a_field_that_this_version_does_not_know_is_a_newer_version_too(
    centre: Centre, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a format not have been counted up: refused, never half understood."""
    mirror.sync(server.url)
    with monkeypatch.context() as newer:

        def told(catalogue: object) -> object:
            found = signed_catalogue.tell(catalogue)  # type: ignore[arg-type]
            for role in found.roles.values():
                for target in role.values():
                    target.unrecognized_fields["custom"]["surprise"] = 1
            return found

        newer.setattr(trust, "tell", told)
        centre.publish()
    with pytest.raises(Refused, match="upgrade"):
        mirror.sync(server.url)
    assert mirror.serial == 8


@pytest.mark.parametrize(
    "path", ["../../etc/cron.d/x.maxa", "/etc/x.maxa", "LNC/../../x.maxa", ".parts/x.maxa", "x.maxa"]
)
def test_a_signed_path_that_leads_elsewhere_is_refused(
    centre: Centre, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, path: str, tmp_path: Path
) -> None:
    """Whoever has the online keys must not be able to write where they like."""
    mirror.sync(server.url)
    with monkeypatch.context() as evil:

        def told(catalogue: object) -> object:
            found = signed_catalogue.tell(catalogue)  # type: ignore[arg-type]
            role = found.roles["LNC.1"]
            target = role.pop("LNC/1402-05-01.maxa")
            target.path = path
            role[path] = target
            return found

        evil.setattr(trust, "tell", told)
        evil.setattr(trust, "keep_links", lambda *_: None)
        centre.publish()
    with pytest.raises(Refused) as refused:
        mirror.sync(server.url)
    assert refused.value.kind == "path"
    assert mirror.serial == 8
