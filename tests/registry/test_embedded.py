from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from maxa.child import end_child, start_child
from maxa.errors import AlreadyRunning, SettingsError, Unavailable
from maxa.registry import embedded, postgres_home
from maxa.registry.embedded import EmbeddedPostgres, registry_url, running_url
from maxa.registry.postgres_programs import (
    Programs,
    installed_programs,
    reachable_programs,
    server_account,
)
from maxa.settings import Settings
from tests.databases import CARELESS, short_folder

ROOT = os.geteuid() == 0
OWNER = """
import sys
from pathlib import Path
from maxa.registry.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), server.child.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A PostgreSQL home whose table ``kept`` holds one row: initdb takes longer than all else here."""
    folder = short_folder()
    with careless(folder / "postgres") as server:
        ask(server.url, "CREATE TABLE kept (word text)")
        ask(server.url, "INSERT INTO kept VALUES ('کد')")
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def place(made_once: Path) -> Iterator[Path]:
    """That home, for tests that leave it as it was."""
    yield made_once
    assert list(postgres_home.pids_working_in(made_once / "data")) == []


@pytest.fixture
def copy(made_once: Path, home: Path) -> Path:
    """A copy of it, for tests that don't."""
    subprocess.run(["cp", "-a", made_once, home / "postgres"], check=True)
    return home / "postgres"


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    """Started for the test, stopped after it."""
    with careless(place) as running:
        yield running


def careless(place: Path) -> EmbeddedPostgres:
    """A server that does not wait for the disk: none of this is about power loss."""
    return EmbeddedPostgres(place, options=CARELESS)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def gone(pid: int) -> bool:
    """Ended; a zombie that no one has reaped yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def socket_folder(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def test_a_new_home_gets_a_server_that_keeps_what_is_written(home: Path) -> None:
    server = EmbeddedPostgres(home / "new/postgres")
    url = server.start()
    ask(url, "CREATE TABLE words AS SELECT 'کد سلامت' AS word")
    server.stop()
    assert running_url(server.home) is None
    with server:
        assert ask(server.url, "SELECT word FROM words") == "کد سلامت"
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW timezone") == "UTC"
        assert [ask(server.url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on", "on"]


def test_the_server_listens_on_a_private_socket_alone(server: EmbeddedPostgres) -> None:
    assert ask(server.url, "SHOW listen_addresses") == ""
    folder = socket_folder(server.url).stat()
    assert stat.S_IMODE(folder.st_mode) == 0o700
    assert folder.st_uid == (server.home / "data").stat().st_uid
    assert ask(server.url, "SELECT count(*) FROM pg_hba_file_rules") == 1
    assert ask(server.url, "SELECT type || ' ' || auth_method FROM pg_hba_file_rules") == "local peer"


def test_the_server_never_runs_as_root_and_no_folder_above_its_home_is_touched(place: Path) -> None:
    before = [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in place.parents]
    with careless(place) as server:
        assert server.child is not None
        runs_as = os.stat(f"/proc/{server.child.pid}").st_uid
        assert runs_as == (server.data.stat().st_uid)
        assert runs_as != 0
        assert (runs_as == os.geteuid()) is not ROOT
    assert [(folder, folder.stat().st_mode, folder.stat().st_uid) for folder in place.parents] == before


def test_stopping_leaves_no_process_and_no_lock(place: Path) -> None:
    server = careless(place)
    server.start()
    assert list(postgres_home.pids_working_in(server.data))
    server.stop()
    assert list(postgres_home.pids_working_in(server.data)) == []
    with careless(place) as next_one:
        assert next_one.alive()


def test_a_second_server_on_the_same_home_is_refused_with_the_pid_of_the_first(server: EmbeddedPostgres) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}") as caught:
        careless(server.home).start(wait=0)
    assert str(os.getpid()) in caught.value.detail_fa
    assert ask(server.url, "SELECT word FROM kept") == "کد"


def test_a_server_that_someone_started_by_hand_is_left_alone_and_named(server: EmbeddedPostgres) -> None:
    assert server.child is not None
    for lock in ("owner.lock", "data.lock"):
        (server.home / lock).unlink()  # as if it had been started without our locks
    with pytest.raises(AlreadyRunning, match=f"process {server.child.pid}"):
        careless(server.home).start(wait=0)
    assert ask(server.url, "SELECT word FROM kept") == "کد"


def test_the_server_goes_when_its_owner_is_killed_and_the_next_start_works_at_once(place: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    url, pid = owner.stdout.readline().split()
    with psycopg.connect(url) as client:  # a client that stays must not keep it up
        client.execute("CREATE TABLE later AS SELECT 1")
        client.commit()
        owner.kill()
        owner.wait()
        with careless(place) as successor:  # no waiting in between: it waits for the orphan itself
            assert gone(int(pid))
            assert ask(successor.url, "SELECT count(*) FROM later") == 1
            ask(successor.url, "DROP TABLE later")
    owner.stdin.close()
    owner.stdout.close()


def test_the_server_outlives_the_thread_that_started_it(place: Path) -> None:
    server = careless(place)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    try:  # the kernel's death signal would come at the thread's end and cut this short
        assert ask(server.url, "SELECT 'still here' FROM pg_sleep(0.3)") == "still here"
        assert server.alive()
    finally:
        server.stop()


def test_a_killed_server_is_noticed_and_starts_again_with_all_that_was_committed(place: Path) -> None:
    server = careless(place)
    url = server.start()
    ask(url, "CREATE TABLE later AS SELECT 1")
    assert server.child is not None
    os.kill(server.child.pid, signal.SIGKILL)
    assert eventually(lambda: not server.alive())
    assert running_url(place) is None
    assert server.start() == url
    assert ask(url, "SELECT count(*) FROM later") == 1
    ask(url, "DROP TABLE later")
    server.stop()


def test_a_backend_that_goes_on_computing_after_its_server_was_killed_is_ended(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ORPHAN_SECONDS", 0.3)
    server = careless(place)
    busy = psycopg.connect(server.start(), autocommit=True)
    pid = busy.info.backend_pid
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000) g WHERE g < 0")
    assert server.child is not None
    os.kill(server.child.pid, signal.SIGKILL)
    assert eventually(lambda: not server.alive())
    server.start()
    try:
        assert gone(pid)
        assert ask(server.url, "SELECT word FROM kept") == "کد"
    finally:
        busy.close()
        server.stop()


def test_a_pid_file_whose_number_is_now_another_programs_does_not_stop_the_start(place: Path) -> None:
    with careless(place) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines(keepends=True)
    other = start_child(["sleep", "600"], death_signal=signal.SIGKILL, account=server_account(place))
    try:
        left = server.data / "postmaster.pid"
        left.write_text("".join([f"{other.pid}\n", *lines[1:]]))
        os.chown(left, server.data.stat().st_uid, server.data.stat().st_gid)
        assert running_url(place) is None
        with careless(place) as again:
            assert ask(again.url, "SELECT word FROM kept") == "کد"
        assert not gone(other.pid)
    finally:
        end_child(other)


def test_a_home_with_a_long_path_gets_a_short_private_socket_folder_that_goes_with_the_server(copy: Path) -> None:
    long = copy.parent / ("ن" * 60)
    copy.rename(long)
    with careless(long) as server:
        folder = socket_folder(server.url)
        assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 107
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert running_url(long) == server.url
        assert ask(server.url, "SELECT word FROM kept") == "کد"
        assert server.child is not None
        os.kill(server.child.pid, signal.SIGKILL)
        assert eventually(lambda: not server.alive())
        server.start()
        assert socket_folder(server.url) == folder, "clients keep the URL over a restart"
    assert not folder.exists()


def test_an_existing_data_folder_keeps_its_major_version(home: Path) -> None:
    installed = installed_programs()
    assert len(installed) > 1
    place = home / "postgres"
    account = postgres_home.prepare_home(place)
    oldest = reachable_programs(installed[-1], account, copies=place)
    postgres_home.make_data(place, oldest, account, place / "log/postgres.log", sync=False)
    with careless(place) as server:
        assert str(ask(server.url, "SHOW server_version")).startswith(f"{oldest.major}.")


@pytest.mark.parametrize(("version", "says"), [("12", "PostgreSQL 12"), ("?", "damaged")])
def test_a_data_folder_that_no_installed_version_reads_is_refused(copy: Path, version: str, says: str) -> None:
    (copy / "data/PG_VERSION").write_text(version)
    with pytest.raises(Unavailable, match=says):
        careless(copy).start()


def test_files_of_others_in_the_place_of_the_data_are_refused_and_kept(home: Path) -> None:
    (home / "postgres/data").mkdir(parents=True)
    (home / "postgres/data/thesis.txt").write_text("precious")
    with pytest.raises(SettingsError, match="neither empty nor"):
        EmbeddedPostgres(home / "postgres").start()
    assert (home / "postgres/data/thesis.txt").read_text() == "precious"


def test_an_initdb_that_was_cut_short_is_begun_anew(home: Path) -> None:
    (home / "postgres/data.new/base").mkdir(parents=True)
    (home / "postgres/data.new/PG_VERSION").write_text("18")
    with careless(home / "postgres") as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not (home / "postgres/data.new").exists()


def test_a_server_that_does_not_start_says_why_and_where_its_log_is(place: Path) -> None:
    server = EmbeddedPostgres(place, options={"shared_buffers": "1kB"})
    with pytest.raises(Unavailable, match=r"shared_buffers.*postgres\.log") as caught:
        server.start()
    assert "shared_buffers" in caught.value.detail_fa
    with careless(place) as mended:  # the failed one has let go of everything
        assert ask(mended.url, "SELECT word FROM kept") == "کد"


def test_a_home_that_the_servers_user_can_not_use_is_refused_by_name(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700 if ROOT else 0o500)
    try:
        with pytest.raises(SettingsError, match="MAXA_HOME") as caught:
            EmbeddedPostgres(closed / "postgres").start()
        assert str(closed) in caught.value.detail_fa
        assert stat.S_IMODE(closed.stat().st_mode) == (0o700 if ROOT else 0o500)
    finally:
        closed.chmod(0o700)


def test_programs_below_a_closed_folder_are_copied_once_to_where_roots_server_can_run_them(home: Path) -> None:
    newest = installed_programs()[0]
    wheel = newest.root.parent
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(newest.root, closed / "site" / wheel.name / newest.root.name)
    shutil.copytree(wheel.parent / f"{wheel.name}.libs", closed / "site" / f"{wheel.name}.libs")
    hidden = Programs(closed / "site" / wheel.name / newest.root.name, newest.major)
    place = home / "postgres"
    account = postgres_home.prepare_home(place)
    (place / "pgsql-of-yore").mkdir()
    found = reachable_programs(hidden, account, copies=place)
    if account is None:  # not root: what we can run, our server can run
        assert found == hidden
        return
    assert found.root.is_relative_to(place)
    made = found.postgres.stat()
    assert (made.st_uid, stat.S_IMODE(made.st_mode)) == (0, 0o755), "the server must not be able to change itself"
    assert not (place / "pgsql-of-yore").exists()
    postgres_home.make_data(place, found, account, place / "log/postgres.log", sync=False)
    assert reachable_programs(hidden, account, copies=place) == found
    assert found.postgres.stat().st_mtime_ns == made.st_mtime_ns
    found.initdb.unlink()  # a copy that does not work any more is made anew
    assert reachable_programs(hidden, account, copies=place).initdb.exists()


def test_a_log_grown_large_is_put_aside_while_the_server_goes_on_writing(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LOG_LIMIT", 100)
    server.trim_log()
    assert server.log.stat().st_size == 0
    assert "ready to accept connections" in server.log.with_suffix(".log.1").read_text()
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(server.url, "SELECT * FROM absent")
    assert eventually(lambda: "absent" in server.log.read_text())


def test_a_command_uses_the_named_server_else_the_running_one_else_one_of_its_own(
    place: Path, settings_for: Callable[..., Settings]
) -> None:
    with registry_url(settings_for(database_url="postgresql://elsewhere/maxa")) as url:
        assert url == "postgresql://elsewhere/maxa"
    settings = settings_for(home=place.parent)
    assert settings.postgres_home == place
    with registry_url(settings) as url:
        assert ask(url, "SELECT word FROM kept") == "کد"
    assert running_url(place) is None, "it was started for the block alone"
    with careless(place) as server:
        with registry_url(settings) as url:
            assert url == server.url
        assert server.alive()


def test_a_command_that_started_the_server_leaves_it_to_those_that_came_to_use_it(
    place: Path, settings_for: Callable[..., Settings]
) -> None:
    settings = settings_for(home=place.parent)
    first_is_in, second_is_in = threading.Event(), threading.Event()

    def first() -> None:
        with registry_url(settings):
            first_is_in.set()
            second_is_in.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    assert first_is_in.wait(20)
    with registry_url(settings) as url:
        second_is_in.set()  # the first would stop its server now
        assert ask(url, "SELECT 'still here' FROM pg_sleep(0.3)") == "still here"
    thread.join(20)
    assert not thread.is_alive()
    assert running_url(place) is None


def test_a_command_waits_for_a_server_that_is_just_starting(home: Path, settings_for: Callable[..., Settings]) -> None:
    settings = settings_for()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, settings.postgres_home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert eventually((settings.postgres_home / "owner.lock").exists)
        with registry_url(settings) as url:
            assert ask(url, "SELECT 1") == 1
        assert owner.stdout is not None
        assert owner.stdout.readline().split()[0] == url
        owner.kill()
