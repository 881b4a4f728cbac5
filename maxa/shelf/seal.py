"""Project the registry's publications onto the shelf: seal releases, then switch the catalogue (DESIGN §3, §4).

Idempotent and resumable: each step leaves a state from which the next start goes on. A release's file is made beside
its place and renamed; its digest is noted in the registry; the catalogue comes last; then the publication is noted
as visible. A file that a catalogue has listed is never replaced.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.orm import Session

from importers.layouts import layouts_of
from maxa.errors import Unavailable, WrongState
from maxa.persian.dates import TEHRAN, jalali, next_second
from maxa.registry.models import Concept, Mapping, Publication, Release, Shelving, Terminology
from maxa.registry.queries import pending_serials
from maxa.registry.transaction import Lock, session_lock, transaction
from maxa.shelf.catalogue import (
    CATALOGUE_NAME,
    EMPTY,
    Catalogue,
    CodeIndex,
    Edition,
    TerminologyEntry,
    load_catalogue,
    write_catalogue,
)
from maxa.shelf.code_index import index_files, write_code_index
from maxa.shelf.durable import new_file, sweep_unfinished
from maxa.shelf.sealed_file import (
    FORMAT,
    Manifest,
    PastRow,
    SealedConcept,
    SealedFileWriter,
    SealedPair,
    file_name,
    format_of,
    sha256_of,
)
from maxa.shelf.search_index import AnalyserLost

Say = Callable[[str], None]
_INDEXES_KEPT = 2  # the one in use, and the one before for readers bound to the earlier catalogue
_FETCH = 5_000
_WORTH_A_PROCESS = 20_000  # rows; a process takes as long to start as these to seal


def _quiet(_: str) -> None:
    return None


def project_shelf(engine: Engine, shelf: Path, *, say: Say = _quiet) -> list[int]:
    """Seal and list whatever is published and not yet visible; returns the serials that became visible.

    One process projects at a time; a second one waits and then finds nothing to do. Raises :class:`WrongState` when
    the shelf is ahead of the registry (an older database was restored).
    """
    shelf.mkdir(parents=True, exist_ok=True)
    with engine.connect() as connection, session_lock(connection, Lock.SHELF, wait=True):
        connection.commit()
        sweep_unfinished(shelf)
        with transaction(engine) as session:
            pending = pending_serials(session)
            newest = session.scalar(select(func.max(Publication.serial))) or 0
        held = held_catalogue(shelf)
        if held.serial > newest:
            raise _shelf_is_ahead(f"serial {held.serial} > {newest}")
        for serial in pending:
            _project(engine, shelf, serial, say)
        if not pending and held.serial < newest:  # the catalogue is missing or damaged
            _switch(engine, shelf, newest, say)
    return pending


def _project(engine: Engine, shelf: Path, serial: int, say: Say) -> None:
    with transaction(engine) as session:
        to_seal = _unsealed(session, serial)
    _seal_all(engine, shelf, to_seal, say)
    _switch(engine, shelf, serial, say)


def _unsealed(session: Session, serial: int) -> list[tuple[int, int]]:
    """``(release id, rows)`` of what a publication made and is not sealed yet, the largest first."""
    releases = session.scalars(
        select(Release).where(Release.serial == serial, Release.sealed_sha256.is_(None)).order_by(Release.id)
    ).unique()
    sized = []
    for release in releases:
        live = Mapping if release.terminology.kind == "map" else Concept
        rows = session.scalar(
            select(func.count()).where(live.terminology_id == release.terminology_id, live.until.is_(None))
        )
        sized.append((release.id, rows or 0))
    return sorted(sized, key=lambda one: -one[1])


def _seal_all(engine: Engine, shelf: Path, releases: list[tuple[int, int]], say: Say) -> None:
    """Seal the largest release here and, where that pays, the others in a second process meanwhile."""
    from maxa.shelf.seal_beside import start_sealing, wait_for_sealing

    beside = [release_id for release_id, _ in releases[1:]]
    if sum(rows for _, rows in releases[1:]) < _WORTH_A_PROCESS:
        for release_id, rows in releases:
            seal_release(engine, shelf, release_id, rows=rows, say=say)
        return
    child = start_sealing(engine, shelf, beside)
    try:
        seal_release(engine, shelf, releases[0][0], rows=releases[0][1], say=say)
        wait_for_sealing(child)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def seal_release(engine: Engine, shelf: Path, release_id: int, *, rows: int = 0, say: Say = _quiet) -> None:
    """Write a release's file and note its digest. A release that was sealed before must come out the same.

    ``rows``, where it is known, tells whether a second process to analyse them pays.
    """
    with engine.connect() as connection:
        with Session(bind=connection) as session:
            release = session.get_one(Release, release_id)
            manifest = _manifest(release)
            terminology_id, sealed_before = release.terminology_id, release.sealed_digest
        say(f"seal {manifest.terminology} {manifest.version}")
        name = file_name(manifest.terminology, manifest.version)
        with new_file(shelf / name) as temporary:
            try:
                beside = rows >= _WORTH_A_PROCESS and _cores() > 1
                filled = _write(connection, temporary, manifest, terminology_id, beside=beside)
            except AnalyserLost:  # killed, perhaps because two processes were more than the machine holds
                connection.rollback()
                temporary.unlink(missing_ok=True)
                filled = _write(connection, temporary, manifest, terminology_id, beside=False)
            if sealed_before is not None and filled.digest != sealed_before:
                raise Unavailable(
                    f"بازسازی ویرایش {manifest.version} از {manifest.terminology} با آنچه منتشر شد یکی نیست.",
                    f"Edition {manifest.version} of {manifest.terminology} does not come out as it was published.",
                )
            size, sha256 = temporary.stat().st_size, sha256_of(temporary)
            _require_not_listed(shelf, name, sha256, restoring=sealed_before is not None)
    with transaction(engine) as session:
        release = session.get_one(Release, release_id)
        release.sealed_file, release.sealed_size, release.sealed_sha256 = name, size, sha256
        release.sealed_digest = filled.digest
        release.active_count, release.retired_count = filled.active_count, filled.retired_count


def _write(
    connection: Connection, path: Path, manifest: Manifest, terminology_id: int, *, beside: bool
) -> Manifest:  # fmt: skip
    writer = SealedFileWriter(path, manifest, beside=beside)
    try:
        which = (terminology_id, manifest.ordinal)
        if manifest.kind == "codes":
            writer.add_concepts(_concepts(connection, *which))
        else:
            writer.add_pairs(_pairs(connection, *which))
        writer.add_past(_past(connection, manifest.kind, *which))
        return writer.finish()
    finally:
        writer.close()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _require_not_listed(shelf: Path, name: str, sha256: str, *, restoring: bool) -> None:
    """What a catalogue has listed is never replaced by other content: an older database was restored."""
    listed = {e.file: e.sha256 for t in held_catalogue(shelf).terminologies for e in t.editions}
    if not restoring and listed.get(name, sha256) != sha256:
        raise _shelf_is_ahead(name)


def _shelf_is_ahead(what: str) -> WrongState:
    return WrongState(
        f"قفسه از پایگاه داده جلوتر است ({what})؛ پشتیبان تازه‌تر پایگاه را بازگردانید.",
        f"The shelf is ahead of the registry ({what}): restore a newer backup of the database.",
    )


def _manifest(release: Release) -> Manifest:
    t, letter = release.terminology, release.circular
    return Manifest(
        kind=t.kind, terminology=t.name, version=release.version, ordinal=release.ordinal, title_fa=t.title_fa,
        title_en=t.title_en, source=t.source, target=t.target, circular_number=letter.number if letter else None,
        circular_date=jalali(letter.day) if letter else None, in_force=release.in_force.isoformat(),
        layout=layouts_of(t.name, t.kind),
    )  # fmt: skip


def _stream(connection: Connection, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Rows through a server-side cursor of the driver's own: a list of any length in little memory."""
    driver = connection.connection.driver_connection
    with driver.cursor(name="seal") as cursor:  # type: ignore[union-attr]
        cursor.itersize = _FETCH
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_FETCH):
            yield from rows


def _short(content_hash: bytes) -> int:
    return int.from_bytes(content_hash[:8], signed=True)


# The rows of an edition, whatever has been published since: another publisher may commit while this one is sealed.
_STANDING = "terminology_id = %s AND since <= %s AND (until IS NULL OR until > %s)"
# Sorting wide rows by rank spills to disk with the default memory; this is one sort at a time.
_SORT_MEMORY = "SET LOCAL work_mem = '96MB'"


def _concepts(connection: Connection, terminology_id: int, ordinal: int) -> Iterator[SealedConcept]:
    connection.execute(text(_SORT_MEMORY))
    rows = _stream(
        connection,
        "SELECT code, part, title_fa, title_en, status = 'active', parent, replaced_by, CAST(properties AS text), since,"  # noqa: S608
        f" content_hash FROM concept WHERE {_STANDING}"
        " ORDER BY status = 'active' DESC, char_length(CASE WHEN title_fa = '' THEN title_en ELSE title_fa END), code",
        terminology_id, ordinal, ordinal,
    )  # fmt: skip
    for code, part, fa, en, active, parent, replaced_by, properties, since, hashed in rows:
        yield SealedConcept(code, part, fa, en, active, parent, replaced_by, properties, since, _short(hashed))


def _pairs(connection: Connection, terminology_id: int, ordinal: int) -> Iterator[SealedPair]:
    connection.execute(text(_SORT_MEMORY))
    rows = _stream(
        connection,
        "SELECT source_code, target_code, part, relationship, status = 'active', CAST(properties AS text), since,"  # noqa: S608
        f" content_hash FROM mapping WHERE {_STANDING}"
        " ORDER BY status = 'active' DESC, code",
        terminology_id, ordinal, ordinal,
    )  # fmt: skip
    for source, target, part, relationship, active, properties, since, hashed in rows:
        yield SealedPair(source, target, part, relationship, active, properties, since, _short(hashed))


def _past(connection: Connection, kind: str, terminology_id: int, ordinal: int) -> Iterator[PastRow]:
    live = "concept" if kind == "codes" else "mapping"
    rows = _stream(
        connection,
        f"SELECT code, since, until, status = 'active', content_hash FROM {live}"  # noqa: S608
        " WHERE terminology_id = %s AND until IS NOT NULL AND until <= %s ORDER BY code, since",
        terminology_id, ordinal,
    )  # fmt: skip
    for code, since, until, active, hashed in rows:
        yield PastRow(code, since, until, active, _short(hashed))


def _switch(engine: Engine, shelf: Path, serial: int, say: Say) -> None:
    """Write the catalogue of ``serial`` and note when it became visible.

    ``FromDate=`` of a client that synced while the old catalogue was served must not be later than the instant that
    the new one bears, or it would miss the change: so that instant is taken as the next whole second, and moved on
    should the switch itself have taken longer.
    """
    say(f"catalogue {serial}")
    with transaction(engine) as session:
        noted = session.scalar(select(Shelving.visible_at).where(Shelving.serial == serial))
        before = session.scalar(select(func.max(Shelving.visible_at)).where(Shelving.serial < serial))
    index: CodeIndex | None = None
    while True:
        visible_at = noted or next_second(max(datetime.now(UTC), before or datetime.fromtimestamp(0, UTC)))
        with transaction(engine) as session:
            catalogue = catalogue_of(session, serial, visible_at.astimezone(TEHRAN))
        if index is None:
            index = _code_index(shelf, catalogue)
        write_catalogue(shelf, replace(catalogue, code_index=index))
        if noted or datetime.now(UTC) <= visible_at:
            break
    if not noted:
        with transaction(engine) as session:
            session.add(Shelving(serial=serial, visible_at=visible_at))
            session.flush()
            session.execute(text("SELECT pg_notify('maxa_shelf', :serial)"), {"serial": str(serial)})
    for old in index_files(shelf)[_INDEXES_KEPT:]:
        old.unlink(missing_ok=True)


def _code_index(shelf: Path, catalogue: Catalogue) -> CodeIndex:
    previous = held_catalogue(shelf).code_index
    return write_code_index(shelf, catalogue, previous)


def held_catalogue(shelf: Path) -> Catalogue:
    """The catalogue that lies on the shelf; an empty one when there is none or it is damaged (it is a projection)."""
    try:
        return load_catalogue((shelf / CATALOGUE_NAME).read_bytes())
    except (FileNotFoundError, Unavailable):
        return EMPTY


def catalogue_of(session: Session, serial: int, visible_at: datetime) -> Catalogue:
    """The catalogue as of a serial: every release up to it, oldest first in each terminology."""
    instants = {s.serial: s.visible_at.astimezone(TEHRAN) for s in session.scalars(select(Shelving))}
    instants[serial] = visible_at
    rows = session.scalars(
        select(Release).where(Release.serial <= serial).order_by(Release.terminology_id, Release.ordinal)
    ).unique()
    editions: dict[Terminology, list[Edition]] = {}
    versions: dict[int, str] = {}
    for row in rows:
        versions[row.id] = row.version
        editions.setdefault(row.terminology, []).append(_edition(row, instants, serial, versions))
    entries = tuple(
        TerminologyEntry(t.name, t.kind, t.title_fa, t.title_en, t.source, t.target, tuple(listed))
        for t, listed in sorted(editions.items(), key=lambda item: item[0].name.casefold())
    )
    return Catalogue(serial, visible_at, entries)


def _edition(row: Release, instants: dict[int, datetime], serial: int, versions: dict[int, str]) -> Edition:
    if row.sealed_file is None or row.sealed_size is None or row.sealed_sha256 is None or row.sealed_digest is None:
        raise Unavailable(
            f"ویرایش {row.version} از {row.terminology.name} هنوز مهر نشده است.",
            f"Edition {row.version} of {row.terminology.name} is not sealed yet.",
        )
    letter = row.circular
    withdrawn_serial = (
        row.withdrawn_serial if row.withdrawn_serial is not None and row.withdrawn_serial <= serial else None
    )
    return Edition(
        terminology=row.terminology.name, version=row.version, ordinal=row.ordinal, file=row.sealed_file,
        size=row.sealed_size, sha256=row.sealed_sha256, digest=row.sealed_digest,
        circular_number=letter.number if letter else None, circular_date=jalali(letter.day) if letter else None,
        in_force=row.in_force, published_at=instants[row.serial], serial=row.serial,
        active_count=row.active_count or 0, retired_count=row.retired_count or 0,
        withdrawn=withdrawn_serial is not None,
        reverses=versions.get(row.reverses_id) if row.reverses_id else None,
        withdrawn_serial=withdrawn_serial, withdrawn_at=instants.get(withdrawn_serial) if withdrawn_serial else None,
        before=row.before,
    )  # fmt: skip


def restore_missing(engine: Engine, shelf: Path, *, say: Say = _quiet) -> list[str]:
    """Seal anew every listed file that is missing, damaged or of an older format, and the catalogue; others are left as
    they are.

    What is replaced is kept aside as ``*.damaged``. Returns the names of the files that were restored.
    """
    restored = []
    project_shelf(engine, shelf, say=say)
    with engine.connect() as connection, session_lock(connection, Lock.SHELF, wait=True):
        connection.commit()
        with transaction(engine) as session:
            listed = [
                (r.id, r.sealed_file, r.sealed_size, r.sealed_sha256, (r.active_count or 0) + (r.retired_count or 0))
                for r in session.scalars(select(Release).order_by(Release.id)).unique()
                if r.sealed_file is not None
            ]
            newest = session.scalar(select(func.max(Shelving.serial)))
        for release_id, name, size, sha256, rows in listed:
            path = shelf / str(name)
            if path.exists():
                sound = path.stat().st_size == size and sha256_of(path) == sha256
                if sound and format_of(path) == FORMAT:
                    continue
                os.link(path, path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.damaged"))
            seal_release(engine, shelf, release_id, rows=rows, say=say)
            restored.append(str(name))
        if newest:
            for index in index_files(shelf):
                index.unlink(missing_ok=True)
            _switch(engine, shelf, newest, say)
    return restored
