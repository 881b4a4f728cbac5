"""PostgreSQL for tests: one server a run, one migrated template, and a copy of it for each test that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import upgrade

# Power loss is not what tests test; kill -9 of PostgreSQL loses nothing by these.
CARELESS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}


def short_folder() -> Path:
    """A new folder with a path short enough for sockets, which the server's own user can reach when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="maxa-test-", dir="/tmp"))
    if os.geteuid() == 0:
        folder.chmod(0o755)  # pytest's tmp_path lies below a folder closed to all but root
    return folder


class DatabaseServer:
    """A server that may make databases: all of its names begin with ``prefix``, so that runs don't meet."""

    def __init__(self, url: str, prefix: str, worker: str = "main") -> None:
        self.url = url
        self.prefix = prefix
        self.worker = worker
        self._made = 0
        self._spent: list[str] = []
        self._admin: psycopg.Connection[tuple[object, ...]] | None = None
        self._strategy = "WAL_LOG"

    @property
    def template(self) -> str:
        return f"{self.prefix}_template"

    def make_template(self) -> None:
        """Migrated once a run. Call it with the run's lock held."""
        if not self._run("SELECT 1 FROM pg_database WHERE datname = %s", self.template):
            fresh = f"{self.template}_new"  # a run that died while migrating must not leave a half-made one
            self._drop(fresh)
            self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
            upgrade(self.url_of(fresh))
            self._drop_spent()
            self._run(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(self.template))
            )

    def create(self, *, template: str | None = None) -> str:
        """A new database, empty or a copy of the template; gives its name."""
        self._drop_spent()
        self._made += 1
        name = f"{self.prefix}_{self.worker}_{self._made}"
        like = sql.SQL("TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(template or "template0"), sql.Identifier(self._strategy)
        )
        self._run(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), like))
        return name

    def spend(self, name: str) -> None:
        """The test is done with it. It is dropped when the next one is made: by then its connections are gone, for
        which PostgreSQL would otherwise wait a tenth of a second."""
        self._spent.append(name)

    def url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def close(self, *, everything: bool) -> None:
        """Drop what this worker made, or all that the run made."""
        self._drop_spent()
        if everything:
            for (name,) in self._run("SELECT datname FROM pg_database WHERE datname LIKE %s", f"{self.prefix}\\_%"):
                self._drop(str(name))
        if self._admin is not None:
            self._admin.close()

    def _drop_spent(self) -> None:
        while self._spent:
            self._drop(self._spent.pop())

    def _drop(self, name: str) -> None:
        """An autovacuum that is at work in it is another role's, which FORCE may not end: the plain statement sends it
        away, and waits 5 seconds for whoever else is there."""
        plain = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        for _ in range(5):
            try:
                self._run(sql.SQL("{} WITH (FORCE)").format(plain))
                return
            except psycopg.errors.InsufficientPrivilege:
                with suppress(psycopg.errors.ObjectInUse):
                    self._run(plain)
                    return
        raise RuntimeError(f"the database {name} of a test can't be dropped: somebody is at work in it")

    def _run(self, statement: str | sql.Composable, *values: object) -> list[tuple[object, ...]]:
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(self.url, autocommit=True, application_name="maxa tests")
            careless = self._admin.execute("SHOW fsync").fetchone() == ("off",)
            self._strategy = "FILE_COPY" if careless else "WAL_LOG"  # the quicker one: 13 of 29 ms, 21 of 45 ms
        done = self._admin.execute(statement, values or None)  # type: ignore[arg-type]
        return done.fetchall() if done.description else []


class ServerOfARun:
    """``MAXA_TEST_DATABASE_URL``'s server, or an embedded one that is thrown away after the run."""

    def __init__(self, run: str) -> None:
        self.prefix = f"maxa_test_{run}"
        self.named = os.environ.get("MAXA_TEST_DATABASE_URL")
        self._folder: Path | None = None
        self._embedded: EmbeddedPostgres | None = None

    def start(self) -> str:
        if self.named:
            return self.named
        self._folder = short_folder()
        self._embedded = EmbeddedPostgres(self._folder / "postgres", options=CARELESS)
        return make_url(self._embedded.start()).set(database="postgres").render_as_string(hide_password=False)

    def stop(self) -> None:
        if self.named:
            DatabaseServer(self.named, self.prefix).close(everything=True)
        if self._embedded is not None:
            self._embedded.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
