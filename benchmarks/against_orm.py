"""The same look-up asked of PostgreSQL through the SQLAlchemy ORM: what sealed files save a reader.

    python -m benchmarks.against_orm

Both have the same 100,000 products; gunicorn is the same, PostgreSQL is the embedded one on the same machine. The
gateway checks a token, logs and counts; the other view does none of that.
"""

from __future__ import annotations

import shutil
import statistics
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.big_shelves import drugs, twenty
from benchmarks.gateway import Row, alternating, gateway, look_ups, median_ratio, products
from benchmarks.serving import serving
from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import make_engine, upgrade
from maxa.registry.models import Circular, Publication, Release, Terminology

_HOME = Path("/tmp/maxa-bench-orm")  # short, for PostgreSQL's socket


def fill(engine: Engine) -> None:
    """The shelf's products as the registry would hold them: one release, current rows."""
    with Session(engine) as session:
        terminology = Terminology(name="IRC", kind="codes")
        circular = Circular(number="110/40", number_key="110/40", day=date(2021, 4, 27))
        session.add_all([terminology, circular, Publication(serial=1, kind="publish", actor="bench")])
        session.flush()
        session.add(
            Release(
                terminology_id=terminology.id,
                ordinal=1,
                version="1400-02-07",
                circular_id=circular.id,
                in_force=circular.day,
                serial=1,
            )
        )
        terminology_id = terminology.id
        session.commit()
    with engine.begin() as connection:
        cursor = connection.connection.cursor()
        columns = "terminology_id, part, code, since, status, title_fa, title_en, properties, content_hash"
        with cursor.copy(f"COPY concept ({columns}) FROM STDIN") as copy:
            for c in drugs(twenty()["IRC"]):
                status = "active" if c.active else "retired"
                copy.write_row(
                    (
                        terminology_id,
                        "",
                        c.code,
                        1,
                        status,
                        c.title_fa,
                        c.title_en,
                        c.properties,
                        c.hash.to_bytes(8, "big"),
                    )
                )
        connection.execute(text("ANALYZE"))


def measure(rounds: int = 7) -> list[Row]:
    rows = products()
    shutil.rmtree(_HOME, ignore_errors=True)
    try:
        with EmbeddedPostgres(_HOME / "postgres") as postgres:
            upgrade(postgres.url)
            engine = make_engine(postgres.url)
            fill(engine)
            engine.dispose()
            asked = [f"/orm?Terminology=IRC&Code={c.code}" for c in rows]
            with (
                serving("benchmarks.orm_view:app", ready=asked[0], database_url=postgres.url) as orm,
                gateway("twenty", twenty()) as maxa,
            ):
                found = alternating(
                    {
                        "orm": lambda: orm.rate(asked, requests=1_500),
                        "maxa": lambda: maxa.rate(look_ups(rows), requests=3_000),
                    },
                    rounds,
                )
    finally:
        shutil.rmtree(_HOME, ignore_errors=True)
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [(
        "`Terminology?Code=` against the same look-up by the ORM from PostgreSQL", "≥ 2.5 ×",
        f"{median_ratio(found, 'maxa', 'orm'):.1f} × ({middle['maxa']:,.0f} against {middle['orm']:,.0f} requests/s)",
    )]  # fmt: skip


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row))
