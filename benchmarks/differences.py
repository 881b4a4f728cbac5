"""Differences of two editions of 100,000 codes in the registry, and what the merging of such an edition takes.

``python -m benchmarks.differences [--rows N] [--rounds N]``. Lists like those of medicines, generated; of the second
edition every row differs, of the third one in twenty. A map of as many pairs follows, without decisions and with a
thousand. Every figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from maxa.diff import summary
from maxa.registry import actions, differences
from maxa.registry.decision_file import Decision
from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import make_engine, upgrade
from maxa.registry.guards import compare_with_current
from maxa.registry.models import State, Submission, SubmissionTable, Terminology
from maxa.registry.people import Actor
from maxa.registry.staging import (
    CONCEPT_COLUMNS,
    MAPPING_COLUMNS,
    PAIR_SEPARATOR,
    canonical_properties,
    concept_hash,
    content_hash,
)
from maxa.registry.transaction import transaction

ME = Actor("bench", frozenset({"administrator"}))
_EXPECTED = {"min_rows": 0, "max_rows": 10**7, "max_retired_share": 1.0, "max_changed_share": 1.0}


def concept_row(ids: tuple[int, int, str], n: int, price: int) -> tuple[Any, ...]:
    code = f"{5_000_000_000_000_000 + n * 7919}"
    fa, en = f"قرص شمارهٔ {n} روکش‌دار {n % 500} میلی‌گرم", f"FILM COATED TABLET {n} {n % 500} MG"
    properties = canonical_properties(
        {"price": price, "generic": f"{60_000 + n % 4000}", "company": f"شرکت داروسازی {n % 90}", "form": "TABLET"}
    )
    hashed = concept_hash(ids[2], fa, en, None, None, properties, active=True)
    return (*ids, code, "active", fa, en, None, None, properties, hashed, 0, "", n, "", None)


def pair_row(ids: tuple[int, int, str], n: int, value: int) -> tuple[Any, ...]:
    source, target = f"{5_000_000_000_000_000 + n * 7919}", f"{800_000 + n % 9000}"
    properties = canonical_properties({"group": f"{n % 40}", "value": value})
    hashed = content_hash([ids[2], "equivalent", properties], active=True)
    return (*ids, f"{source}{PAIR_SEPARATOR}{target}", "active", source, target, "equivalent", properties, hashed, 0, "",
            n, "", None)  # fmt: skip


def drafted(engine: Engine, terminology: str, rows: int, value: Callable[[int], int]) -> int:
    """A full list as a draft, as an import leaves it."""
    is_map = "→" in terminology
    with transaction(engine) as session:
        source, _, target = terminology.partition("→")
        session.execute(
            text(
                "INSERT INTO terminology(name, kind, title_fa, title_en, source, target) VALUES (:n, :k, :n, :n, :s, :t)"
                " ON CONFLICT DO NOTHING"
            ),
            {"n": terminology, "k": "map" if is_map else "codes", "s": source if is_map else "", "t": target},
        )
        one = session.scalars(select(Terminology).where(Terminology.name == terminology)).one()
        submission = Submission(
            state=State.DRAFT, scope="full", fingerprint=hashlib.sha256(str(time.time_ns()).encode()).hexdigest(),
            created_by=ME.name, confirmed=[],
        )  # fmt: skip
        session.add(submission)
        session.flush()
        session.add(SubmissionTable(submission_id=submission.id, terminology_id=one.id, part="", rows=rows,
                                    expected=_EXPECTED))  # fmt: skip
        session.flush()
        columns, into, make = (
            (MAPPING_COLUMNS, "staged_mapping", pair_row)
            if is_map
            else (CONCEPT_COLUMNS, "staged_concept", concept_row)
        )
        cursor = session.connection().connection.cursor()
        with cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN") as copy:  # type: ignore[attr-defined]
            for n in range(rows):
                copy.write_row(make((submission.id, one.id, ""), n, value(n)))
        compare_with_current(session, submission)
        return submission.id


def published(engine: Engine, number: int) -> float:
    actions.submit_for_review(engine, submission_id=number, actor=ME)
    actions.approve_submission(engine, submission_id=number, actor=ME, one_person=True)
    begun = time.perf_counter()
    actions.publish_submission(engine, submission_id=number, actor=ME)
    return time.perf_counter() - begun


def editions(engine: Engine, terminology: str, rows: int) -> Iterator[tuple[str, float]]:
    """Publish three editions; tells how long each took."""
    versions: list[tuple[str, Callable[[int], int]]] = [
        ("first", lambda n: 1000), ("every row changes", lambda n: 2000),
        ("5 % change", lambda n: 3000 if n % 20 == 0 else 2000),
    ]  # fmt: skip
    for name, value in versions:
        number = drafted(engine, terminology, rows, value)
        yield f"publish, {name}", published(engine, number)


def timed(engine: Engine, rounds: int, what: Callable[[Any], Any]) -> float:
    times = []
    for _ in range(rounds):
        with transaction(engine) as session:
            begun = time.perf_counter()
            what(session)
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(engine: Engine, terminology: str, rounds: int) -> Iterator[tuple[str, float]]:
    def between(session: Any, before: int, after: int) -> tuple[Any, ...]:
        one = differences.terminology_named(session, terminology)
        line = sorted(differences.editions(session, one), key=lambda r: r.ordinal)
        return session, one, line[before], line[after]

    for name, before, after in (("every row changed", 0, 1), ("5 % changed", 1, 2), ("all three, back", 2, 0)):
        yield (
            f"changes, {name}",
            timed(
                engine,
                rounds,
                lambda s, b=before, a=after: sum(1 for _ in differences.edition_changes(*between(s, b, a))),
            ),
        )
        yield (
            f"summary in SQL, {name}",
            timed(engine, rounds, lambda s, b=before, a=after: differences.edition_counts(*between(s, b, a))),
        )
    yield (
        "summary of the stream, every row changed",
        timed(engine, rounds, lambda s: summary(differences.edition_changes(*between(s, 0, 1)))),
    )
    yield (
        "a page of 100, every row changed",
        timed(engine, rounds, lambda s: list(differences.edition_changes(*between(s, 0, 1), limit=100))),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    home = Path("/tmp/maxa-bench-differences")
    shutil.rmtree(home, ignore_errors=True)
    with EmbeddedPostgres(home / "postgres") as postgres:
        upgrade(postgres.url)
        engine = make_engine(postgres.url)
        for terminology in ("IRC", "IRC→RVU3"):
            print(f"{terminology}, {given.rows:,} rows, medians of {given.rounds} rounds")
            for name, took in editions(engine, terminology, given.rows):
                print(f"  {name}: {took:.2f} s")
            for name, took in measure(engine, terminology, given.rounds):
                print(f"  {name}: {took:.3f} s")
        with_decisions(engine, given.rows)
        engine.dispose()
    shutil.rmtree(home, ignore_errors=True)


def with_decisions(engine: Engine, rows: int) -> None:
    made = [
        Decision(f"{5_000_000_000_000_000 + n * 7919}", f"{800_000 + n % 9000}", "holds", "چون", "broader")
        for n in range(0, rows, max(rows // 1_000, 1))
    ]
    begun = time.perf_counter()
    number = actions.draft_decisions(engine, actor=ME, map_name="IRC→RVU3", decisions=made).submission_id
    print(f"  draft {len(made)} decisions: {time.perf_counter() - begun:.2f} s")
    print(f"  publish them: {published(engine, number):.2f} s")
    number = drafted(engine, "IRC→RVU3", rows, lambda n: 4000)
    with transaction(engine) as session:
        submission = session.get_one(Submission, number)
        begun = time.perf_counter()
        ((one, _),) = differences.drafted(session, submission)
        print(f"  counts of a draft: {differences.draft_counts(session, submission, one).kinds}"
              f" {time.perf_counter() - begun:.2f} s")  # fmt: skip
        begun = time.perf_counter()
        count = sum(1 for _ in differences.draft_changes(session, submission, one))
        print(f"  its {count:,} changes: {time.perf_counter() - begun:.2f} s")
    print(f"  publish a list under decisions, every row changes: {published(engine, number):.2f} s")


if __name__ == "__main__":
    main()
