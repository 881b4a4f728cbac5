from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import Engine, text

from maxa.errors import SettingsError, Unavailable, WrongState
from maxa.registry import engine as engines
from maxa.registry.engine import alembic_config, current_and_head, make_engine, upgrade
from maxa.registry.models import Base

NOBODY = "postgresql://maxa@127.0.0.1:1/maxa"


def test_an_empty_database_is_brought_to_the_newest_revision_and_a_second_time_nothing_happens(
    empty_database_url: str,
) -> None:
    before, head = current_and_head(empty_database_url)
    assert before is None
    assert upgrade(empty_database_url) == (None, head)
    assert upgrade(empty_database_url) == (head, head)
    assert current_and_head(empty_database_url) == (head, head)


def test_a_migration_written_now_would_be_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        command.check(alembic_config(connection))  # raises when models, or tables of others, ask for one


def test_two_migrators_at_once_take_turns(empty_database_url: str) -> None:
    with ThreadPoolExecutor() as threads:
        outcomes = list(threads.map(upgrade, [empty_database_url] * 3))
    head = current_and_head(empty_database_url)[1]
    assert sorted(outcomes, key=str) == [(head, head), (head, head), (None, head)]


def test_a_failing_migration_leaves_the_schema_as_it_was(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = make_engine(empty_database_url)
    with make.begin() as connection:  # in the way of the first revision, which then fails half way through
        connection.execute(text(f"CREATE TABLE {sorted(Base.metadata.tables)[-1]} (id int)"))
    with pytest.raises(Exception, match="already exists"):
        upgrade(empty_database_url)
    with make.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    make.dispose()
    assert count == 1
    assert current_and_head(empty_database_url)[0] is None


def test_a_schema_newer_than_the_code_is_refused_by_its_revision(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(WrongState, match="9999"):
        upgrade(database_url)
    assert current_and_head(database_url)[0] == "9999"


def test_a_migration_that_others_hold_up_says_busy(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_MIGRATION_WAIT_SECONDS", 1)
    engine = make_engine(empty_database_url)
    with engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": engines._MIGRATION_LOCK})
        with pytest.raises(Unavailable, match="busy"):
            upgrade(empty_database_url)
    engine.dispose()


def test_a_server_that_does_not_answer_is_unavailable_and_named_without_the_password() -> None:
    url = NOBODY.replace("maxa@", "maxa:hush@")
    with pytest.raises(Unavailable) as caught:
        upgrade(url)
    assert "127.0.0.1:1" in caught.value.detail_en
    assert "127.0.0.1:1" in caught.value.detail_fa
    assert "hush" not in caught.value.detail_en + caught.value.detail_fa + str(caught.value.data)
    with pytest.raises(Unavailable), make_engine(url).connect():
        pass


def test_a_missing_database_says_how_to_make_it(database_url: str) -> None:
    with pytest.raises(Unavailable, match="createdb --encoding=UTF8 nowhere"):
        upgrade(make_engine(database_url).url.set(database="nowhere").render_as_string(hide_password=False))


def test_a_server_that_went_away_is_unavailable_and_its_return_is_noticed(engine: Engine) -> None:
    with engine.connect() as connection, engine.connect() as other:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        with pytest.raises(Unavailable):
            connection.execute(text("SELECT 1"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_engines_bring_time_outs_and_utc_and_keep_the_options_of_the_url(database_url: str) -> None:
    url = database_url + ("&" if "?" in database_url else "?") + "options=-c%20statement_timeout%3D7s"
    engine = make_engine(url, name="someone", lock_seconds=3)
    with engine.connect() as connection:
        shown = {
            name: connection.scalar(text(f"SHOW {name}"))
            for name in ("lock_timeout", "statement_timeout", "TimeZone", "application_name")
        }
    engine.dispose()
    assert shown == {
        "lock_timeout": "3s", "statement_timeout": "7s", "TimeZone": "UTC", "application_name": "someone",
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["mysql://maxa@localhost/maxa", "nonsense", "", "postgresql://maxa@localhost:port/maxa"]
)
def test_a_url_that_is_none_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://"):
        make_engine(url)
