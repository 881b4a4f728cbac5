"""The way to PostgreSQL: engines with sensible time-outs, and the schema brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from maxa.errors import MaxaError, SettingsError, Unavailable, WrongState
from maxa.settings import PROJECT

CONNECT_SECONDS = 5
MINIMUM_SERVER = 15  # major version: the oldest that the tests run against (Debian 12)
MIGRATIONS = PROJECT / "migrations"
_MIGRATION_LOCK = 0x4D415841_4D494752  # "MAXAMIGR": one migrator at a time
_MIGRATION_WAIT_SECONDS = 60
_DDL_LOCK_SECONDS = 10  # a migration waits this long for a table, since everyone else queues behind it


def make_engine(
    url: str,
    *,
    name: str = "maxa",
    pool_size: int = 5,
    lock_seconds: int = 120,
    statement_seconds: int = 1800,
    idle_seconds: int = 600,
    **options: Any,
) -> Engine:
    """An engine over psycopg 3. Connects at first use; a server that can't be reached raises Unavailable.

    ``name`` shows in ``pg_stat_activity``; the time-outs end a wait for a lock, a statement, and a transaction that
    sits idle (0: never). ``options`` go to :func:`sqlalchemy.create_engine`. Raises SettingsError for a bad URL.
    """
    parsed = _driver_url(url)
    timeouts = {
        "lock_timeout": lock_seconds,
        "statement_timeout": statement_seconds,
        "idle_in_transaction_session_timeout": idle_seconds,
    }
    session = " ".join(f"-c {setting}={seconds}s" for setting, seconds in timeouts.items())
    own = parsed.query.get("options", "")  # the operator's come last and win
    arguments = {
        "application_name": name,
        "connect_timeout": CONNECT_SECONDS,
        "options": f"{session} -c timezone=UTC {own if isinstance(own, str) else ' '.join(own)}".strip(),
    }
    if "poolclass" not in options:
        options = {"pool_size": pool_size, "max_overflow": 10, "pool_timeout": 30, **options}
    engine = create_engine(
        parsed.difference_update_query(["options"]), pool_pre_ping=True, connect_args=arguments, **options
    )

    @event.listens_for(engine, "handle_error")
    def say_unavailable(context: ExceptionContext) -> None:
        if not context.is_pre_ping and (context.connection is None or context.is_disconnect):
            raise _unreachable(parsed, context.original_exception)

    return engine


def _driver_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            "نشانی پایگاه داده خوانده نشد؛ MAXA_DATABASE_URL باید مانند postgresql://maxa@localhost/maxa باشد.",
            "The database's URL can't be read; MAXA_DATABASE_URL must look like postgresql://maxa@localhost/maxa.",
        )
    return parsed.set(drivername="postgresql+psycopg")


def _unreachable(url: URL, error: BaseException) -> Unavailable:
    """Says what to mend. ``data["reason"]`` holds libpq's own words, for the operator's terminal only."""
    reason = str(error).strip()
    state = getattr(error, "sqlstate", None)
    host = url.host or url.query.get("host")
    local = not host or str(host).startswith("/")
    place = "روی همین دستگاه" if local else f"در {host}:{url.port or 5432}"
    place_en = "on this machine" if local else f"at {host}:{url.port or 5432}"
    data = {"reason": reason}
    if state in ("28P01", "28000") or "authentication failed" in reason or "no password supplied" in reason:
        return Unavailable(
            f"PostgreSQL {place} ورود کاربر «{url.username}» را نپذیرفت. نام و گذرواژه را در MAXA_DATABASE_URL درست کنید.",
            f"PostgreSQL {place_en} refuses the login of {url.username!r}. Mend user and password in MAXA_DATABASE_URL.",
            data=data,
        )
    if state == "3D000" or f'database "{url.database}" does not exist' in reason:
        return Unavailable(
            f"پایگاه دادهٔ «{url.database}» {place} وجود ندارد. آن را بسازید: createdb --encoding=UTF8 {url.database}",
            f"There is no database {url.database!r} {place_en}. Make it: createdb --encoding=UTF8 {url.database}",
            data=data,
        )
    return Unavailable(
        f"PostgreSQL {place} پاسخ نمی‌دهد. ببینید روشن است و MAXA_DATABASE_URL درست است؛ سرویس‌های خواندنی کار می‌کنند.",
        f"PostgreSQL {place_en} does not answer. See that it runs and that MAXA_DATABASE_URL is right; "
        "the reading services go on working.",
        data=data,
    )


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic over ``migrations/`` of this checkout, on an open connection where one is given."""
    if not (MIGRATIONS / "env.py").exists():
        raise SettingsError(
            "پوشهٔ migrations کنار بستهٔ maxa نیست. MAXA را از پوشهٔ کامل پروژه اجرا کنید (pip install -e .).",
            "There is no migrations folder beside the package maxa. Run MAXA from a whole checkout (pip install -e .).",
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> tuple[str | None, str | None]:
    """Bring the schema to the newest revision; gives the revisions before and after (equal: nothing to do).

    One migrator works at a time, and the others wait for it. A failing migration leaves the schema as it was. Raises
    Unavailable (no server, too old, busy, no rights) or WrongState (a schema newer than this code).
    """
    with _migrator(url) as connection:
        _check_server(connection)
        before, head = _revisions(connection)
        if before == head:
            return before, head
        connection.execute(text(f"SET lock_timeout = '{_DDL_LOCK_SECONDS}s'"))
        connection.commit()
        try:
            command.upgrade(alembic_config(connection), "head")
            connection.commit()
        except OperationalError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) == "55P03":
                raise _busy() from error
            raise
        except ProgrammingError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) == "42501":
                raise _no_rights(connection) from error
            raise
        return before, head


def current_and_head(url: str) -> tuple[str | None, str | None]:
    """The schema's revision in the database (None: empty) and the newest one that this code knows."""
    engine = make_engine(url, name="maxa revision", poolclass=NullPool)
    with engine.connect() as connection:
        return _revisions(connection, known=False)


@contextmanager
def _migrator(url: str) -> Iterator[Connection]:
    """A connection that holds the migration lock."""
    engine = make_engine(
        url,
        name="maxa migration",
        poolclass=NullPool,
        lock_seconds=_MIGRATION_WAIT_SECONDS,
        statement_seconds=0,
        idle_seconds=0,
    )
    with engine.connect() as connection:
        try:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()
        except OperationalError as error:
            raise _busy() from error
        yield connection  # closing it lets go of the lock


def _revisions(connection: Connection, *, known: bool = True) -> tuple[str | None, str | None]:
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    scripts = ScriptDirectory.from_config(alembic_config())
    if known and current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise WrongState(
            f"پایگاه داده از نسخهٔ تازه‌تری از MAXA است (ویرایش {current}). همان نسخه یا تازه‌تر از آن را اجرا کنید.",
            f"The database is of a newer version of MAXA (revision {current}). Run that version, or a newer one.",
            data={"revision": current},
        )
    return current, scripts.get_current_head()


def _check_server(connection: Connection) -> None:
    version, encoding = connection.execute(
        text("SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding')")
    ).one()
    connection.rollback()
    if version < MINIMUM_SERVER:
        raise Unavailable(
            f"این سرور PostgreSQL {version} است؛ MAXA دست‌کم نسخهٔ {MINIMUM_SERVER} می‌خواهد. سرور را به‌روز کنید.",
            f"This server is PostgreSQL {version}; MAXA needs {MINIMUM_SERVER} or newer. Upgrade the server.",
        )
    if encoding != "UTF8":
        raise Unavailable(
            f"رمزگذاری پایگاه داده {encoding} است و متن فارسی را نگه نمی‌دارد. آن را با createdb --encoding=UTF8 بسازید.",
            f"The database's encoding is {encoding}, which can't hold Persian. Make it by createdb --encoding=UTF8.",
        )


def _busy() -> Unavailable:
    return Unavailable(
        "پایگاه داده سرگرم است: به‌روزرسانی دیگری در جریان است یا جدولی در دست کار است. کمی بعد دوباره بکوشید.",
        "The database is busy: another upgrade is under way, or a table is in use. Try again shortly.",
    )


def _no_rights(connection: Connection) -> MaxaError:
    user, database = connection.engine.url.username, connection.engine.url.database
    return Unavailable(
        f"کاربر «{user}» اجازهٔ ساختن جدول در «{database}» را ندارد: ALTER DATABASE {database} OWNER TO {user};",
        f"User {user!r} may not make tables in {database!r}: ALTER DATABASE {database} OWNER TO {user};",
    )
