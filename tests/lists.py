"""Lists as JSON "workbooks": registry and shelf tests state rows directly and leave parsing to the importers' tests.

The JSON goes the whole way of a workbook (received, staged by COPY, guarded, merged, sealed); only the parsing of a
spreadsheet is taken over by :func:`extract_json`, which hands on the same spool files.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, text

import importers
from importers.handover import TakeRows
from importers.rows import (
    ConceptRow,
    Expected,
    Extract,
    Finding,
    MapRow,
    Severity,
    Table,
    concept_line,
    map_line,
    says_nothing,
)
from maxa.errors import BadWorkbook
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.people import Actor
from maxa.shelf import Shelf
from maxa.shelf.check import check_shelf
from maxa.shelf.seal import project_shelf

_SAVES = itertools.count()
SARA = Actor("sara", frozenset({"importer"}))
MINA = Actor("mina", frozenset({"approver"}))
ADMIN = Actor("admin", frozenset({"administrator"}))


@dataclass
class ListOf:
    """Rows of one terminology part, or of a map. ``rows``: dicts of ConceptRow or MapRow fields."""

    terminology: str
    rows: list[dict[str, Any]]
    part: str = ""
    expected: dict[str, Any] = field(
        default_factory=lambda: {
            "min_rows": 0,
            "max_retired_share": 1.0,
            "max_changed_share": 1.0,
            "max_added_share": 100.0,
        }
    )


def codes(**titles: str) -> list[dict[str, Any]]:
    """``codes(a="x")`` → rows with these codes and titles."""
    return [{"code": code, "title_fa": title} for code, title in titles.items()]


def workbook(*lists: ListOf, name: str = "list.json", findings: list[dict[str, Any]] | None = None) -> Workbook:
    """A workbook of these lists; no two are the same file, as two saves of one sheet in Excel are not."""
    content = {"tables": [vars(one) for one in lists], "findings": findings or [], "saved": next(_SAVES)}
    return Workbook(name, orjson.dumps(content))


def filled_of(
    rows: list[dict[str, Any]], own: tuple[str, ...] = ("title_fa", "title_en", "parent", "replaced_by")
) -> dict[str, int]:
    """As importers.rows.Table.filled; only of columns that the rows have."""
    names = {name for row in rows for name in row.get("properties", {})}
    flat = [{**row.get("properties", {}), **{n: row.get(n) for n in own}} for row in rows]
    return {n: sum(1 for row in flat if not says_nothing(row.get(n))) for n in (*names, *own)}


def extract_json(path: Path, *, workdir: Path, take: TakeRows, **_: Any) -> Extract:
    try:
        data = orjson.loads(path.read_bytes())
    except ValueError:
        raise BadWorkbook("خوانده نشد", "not readable", data={"reason": "not-a-workbook"}) from None
    tables = []
    for n, one in enumerate(data["tables"]):
        is_map = "→" in one["terminology"]
        source, _, target = one["terminology"].partition("→")
        spool = workdir / f"{path.stem}-{n}.jsonl"
        with spool.open("wb") as file:
            for place, row in enumerate(one["rows"], start=2):
                at = {"sheet": "۱", "row": place, "column": "A"} | row
                file.write(map_line(MapRow(**at)) if is_map else concept_line(ConceptRow(**at)))
        tables.append(
            Table(
                kind="map" if is_map else "concept", terminology=one["terminology"], part=one["part"], path=spool,
                rows=len(one["rows"]), expected=Expected(**one["expected"]), title_fa=f"فهرست {one['terminology']}",
                title_en=one["terminology"], source=source if is_map else "", target=target,
                filled=filled_of(one["rows"], ("relationship",)) if is_map else filled_of(one["rows"]),
            )
        )  # fmt: skip
    for table in tables:
        take(table, table.path.read_bytes())
    findings = [
        Finding(severity=Severity(f.pop("severity")), message_fa="فا", message_en="en", **f) for f in data["findings"]
    ]
    return Extract("json", "1", tables, findings, [])


@pytest.fixture
def json_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importers, "extract", extract_json, raising=False)
    monkeypatch.setattr(importers, "SOURCES", {}, raising=False)
    monkeypatch.setattr(importers, "VERSION", "1", raising=False)


@dataclass
class Committee:
    """A registry and its shelf, and the way of a list through them in one call."""

    engine: Engine
    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "shelf"

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.folder)

    def receive(self, *books: Workbook, circular: str | None = None, **more: Any) -> int:
        return actions.receive_submission(
            self.engine, actor=SARA, workbooks=list(books), circular=circular, **more
        ).submission_id

    def draft(self, *books: Workbook, circular: str | None = None, **more: Any) -> int:
        number = self.receive(*books, circular=circular, **more)
        actions.import_submission(self.engine, submission_id=number, workdir=self.home / "work")
        return number

    def approve(self, number: int, confirm: tuple[str, ...] = ()) -> None:
        actions.submit_for_review(self.engine, submission_id=number, actor=SARA, confirm=confirm)
        actions.approve_submission(self.engine, submission_id=number, actor=MINA)

    def asked(self, number: int) -> tuple[str, ...]:
        """The figures that a submission wants confirmed."""
        query = text("SELECT DISTINCT confirm FROM finding WHERE submission_id = :number AND confirm IS NOT NULL")
        with self.engine.connect() as connection:
            return tuple(connection.scalars(query, {"number": number}))

    def publish(
        self, *lists: ListOf, circular: str | None = None, seal: bool = True, confirm: bool = False, **more: Any
    ) -> Any:
        """With ``confirm``, whatever figures the guards ask for are confirmed."""
        number = self.draft(workbook(*lists), circular=circular, **more)
        self.approve(number, self.asked(number) if confirm else ())
        published = actions.publish_submission(self.engine, submission_id=number, actor=MINA)
        if seal:
            self.project()
        return published

    def withdraw(self, terminology: str, version: str) -> Any:
        published = actions.withdraw_release(
            self.engine, terminology=terminology, version=version, actor=MINA, reason="اشتباه بود"
        )
        self.project()
        return published

    def project(self) -> list[int]:
        return project_shelf(self.engine, self.folder)

    def current(self, terminology: str, kind: str = "codes") -> dict[str, tuple[str, bool]]:
        """``{code: (title, active)}`` as the shelf serves it now."""
        entry = self.shelf.catalogue().terminology(terminology, kind=kind)
        release = self.shelf.release(entry.current)
        return {c.code: (c.title, bool(c.active)) for page in release.everything(status="all") for c in page}

    def scalar(self, sql: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.scalar(text(sql), values)

    def check_invariants(self) -> None:
        """Registry and shelf agree; every listed file opens and matches its digest; one current row a code."""
        report = check_shelf(self.folder)
        newest = self.scalar("SELECT max(serial) FROM publication")
        if newest is None:
            assert report.serial == 0
            return
        assert not report.problems, report.problems
        assert report.serial == newest
        for table in ("concept", "mapping"):
            twice = self.scalar(
                f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE until IS NULL"
                " GROUP BY terminology_id, code HAVING count(*) > 1) x"
            )
            assert twice == 0
        self.check_maps()
        catalogue = self.shelf.catalogue()
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT t.name, t.kind, r.version, r.sealed_digest, r.sealed_sha256, r.ordinal FROM release r"
                    " JOIN terminology t ON t.id = r.terminology_id ORDER BY r.id"
                )
            ).all()
        listed = {(e.terminology, e.version): e for t in catalogue.terminologies for e in t.editions}
        assert {(r.name, r.version) for r in rows} == set(listed)
        for row in rows:
            edition = listed[row.name, row.version]
            assert (edition.digest, edition.sha256, edition.ordinal) == (
                row.sealed_digest,
                row.sealed_sha256,
                row.ordinal,
            )
        for entry in catalogue.codes:
            with self.engine.connect() as connection:
                rows = connection.execute(
                    text(
                        "SELECT c.code, c.title_fa, c.title_en, c.status, c.since, c.until FROM concept c"
                        " JOIN terminology t ON t.id = c.terminology_id WHERE t.name = :name"
                    ),
                    {"name": entry.id},
                ).all()
            for edition in entry.editions:  # each holds what stood at its ordinal, also long afterwards
                release = self.shelf.release(edition)
                held = {c.code: (c.title, bool(c.active)) for page in release.everything(status="all") for c in page}
                assert held == {
                    r.code: (r.title_fa or r.title_en, r.status == "active")
                    for r in rows
                    if r.since <= edition.ordinal and (r.until is None or r.until > edition.ordinal)
                }

    def check_maps(self) -> None:
        """Of each map: the active pairs are what the lists say, with what stands decided over it."""
        with self.engine.connect() as connection:
            for tid in connection.scalars(text("SELECT id FROM terminology WHERE kind = 'map'")).all():
                published, observed = (
                    {
                        (r.source_code, r.target_code): r.relationship
                        for r in connection.execute(
                            text(
                                f"SELECT * FROM {table} WHERE terminology_id = :t AND until IS NULL AND status = 'active'"
                            ),
                            {"t": tid},
                        )
                    }
                    for table in ("mapping", "observed_mapping")
                )
                decided = connection.execute(
                    text(
                        "SELECT d.* FROM mapping_decision d JOIN decision_standing s ON s.decision_id = d.id"
                        " WHERE s.terminology_id = :t AND s.until IS NULL ORDER BY d.verdict"
                    ),
                    {"t": tid},
                ).all()
                alone = {d.source_code for d in decided if d.verdict == "no-target"}
                wanted = {pair: relationship for pair, relationship in observed.items() if pair[0] not in alone}
                for one in decided:
                    if one.verdict == "holds":
                        wanted[one.source_code, one.target_code] = one.relationship
                    elif one.verdict == "not":
                        wanted.pop((one.source_code, one.target_code), None)
                assert published == wanted


@pytest.fixture
def committee(engine: Engine, home: Path, json_lists: None) -> Committee:
    return Committee(engine, home)
