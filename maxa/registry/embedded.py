"""The embedded PostgreSQL: our own child process on a private socket folder, gone when we are gone (DESIGN §3).

A home holds ``data/`` (the cluster), ``run/`` (the socket folder), ``log/postgres.log``, the two files that say who
may log in, and three locks:

- ``owner.lock``: held by the process that runs the server; a second one is refused with its pid.
- ``data.lock``: held by PostgreSQL's own processes, which inherit it. It is free only when all of them are gone, so
  that a server orphaned by a kill -9 is waited for, and a ``postmaster.pid`` left behind is judged without guessing.
- ``users.lock``: shared by commands that use a server which another command started for itself.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from maxa.child import Account, Child, end_child, exited, start_child
from maxa.errors import AlreadyRunning, Unavailable
from maxa.lock import PidLock
from maxa.registry import postgres_home as place
from maxa.registry.postgres_programs import Programs, programs_for, reachable_programs
from maxa.settings import Settings

LOG_LIMIT = 10 << 20  # bytes
START_SECONDS = 300  # crash recovery after a large import may take its time
ORPHAN_SECONDS = 20

OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(place.PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "50",
    "max_logical_replication_workers": "0",
    "jit": "off",  # costs more than it gives in queries of milliseconds
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
    "log_min_duration_statement": "10s",
    "cluster_name": "maxa",
}


class EmbeddedPostgres:
    """One server in one home. ``options`` are PostgreSQL settings laid over :data:`OPTIONS`.

    Use it as a context manager, or call :meth:`start` and :meth:`stop`; when the server died, ``start`` again.
    """

    def __init__(self, home: Path, *, options: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "log/postgres.log"
        self._options = {**OPTIONS, **(options or {})}
        self._owner = PidLock(home / "owner.lock")
        self._data_lock = PidLock(home / "data.lock")
        self._child: Child | None = None
        self._sockets: Path | None = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where to connect. Raises Unavailable before the first start."""
        if self._sockets is None:
            raise Unavailable("PostgreSQL همراه هنوز روشن نشده است.", "The embedded PostgreSQL has not been started.")
        return place.url_of(self._sockets)

    @property
    def child(self) -> Child | None:
        """PostgreSQL's first process, while we run it."""
        return self._child

    def alive(self) -> bool:
        return self._child is not None and not exited(self._child)

    def start(self, *, wait: float = 5.0) -> str:
        """Start the server (making its data at first) and give its URL when it answers.

        ``wait``: seconds for another owner to end. Raises AlreadyRunning with that owner's pid, SettingsError when
        the home can't be used, Unavailable when PostgreSQL does not start.
        """
        if self.alive():
            return self.url
        if self._child is not None:  # it died; the owner's lock stays ours
            end_child(self._child, ())
            self._child = None
        try:
            account = place.prepare_home(self.home)
            if not self._owner.acquire(wait=wait):
                raise place.already_running(self.home, self._owner.holder())
            try:
                self._start(account)
            except BaseException:
                self.stop()
                raise
        except OSError as error:
            raise place.unusable(self.home, error) from error
        return self.url

    def stop(self, *, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop the server and wait for its end: fast and clean, or at once when that lasts or ``hurry()`` is true."""
        if self._child is not None:
            end_child(self._child, ((signal.SIGINT, 60.0), (signal.SIGQUIT, 5.0)), hurry=hurry)
            self._child = None
        if self._sockets is not None:
            place.remove_temporary_sockets(self._sockets)
            self._sockets = None
        self._data_lock.release()
        self._owner.release()

    def trim_log(self) -> None:
        """Keep one old log of some :data:`LOG_LIMIT` bytes; PostgreSQL goes on appending to the emptied file."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_LIMIT:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def _start(self, account: Account | None) -> None:
        self._wait_for_orphans()
        place.judge_pid_file(self.home)
        programs = reachable_programs(programs_for(self.data), account, copies=self.home)
        if not (self.data / "PG_VERSION").exists():
            place.make_data(self.home, programs, account, self.log, sync=self._options["fsync"] != "off")
        place.write_logins(self.home, account)
        if self._sockets is None:
            self._sockets = place.make_socket_folder(self.home, account)
        self.trim_log()
        said_before = self.log.stat().st_size if self.log.exists() else 0
        lock = self._data_lock.fd
        with self.log.open("ab") as log:
            self._child = start_child(
                self._command(programs, self._sockets),
                death_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: clean, waits for no client
                account=account,
                env=place.environment(self.home),
                cwd=self.home,
                stdout=log,
                stderr=log,
                pass_fds=[lock] if lock is not None else [],
            )
        self._data_lock.release()  # its processes hold it from now on
        self._wait_until_it_answers(said_before)

    def _command(self, programs: Programs, sockets: Path) -> list[str | Path]:
        options = {
            **self._options,
            "unix_socket_directories": str(sockets),
            "hba_file": str(self.home / "logins.conf"),
            "ident_file": str(self.home / "names.conf"),
        }
        if programs.major >= 18:
            options.setdefault("io_method", "sync")  # three processes fewer on a small machine
        command: list[str | Path] = [programs.postgres, "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _wait_for_orphans(self) -> None:
        """A server still on the data has lost its owner, whose lock we hold: it is ending, or it is made to end."""
        if self._data_lock.acquire(wait=ORPHAN_SECONDS):
            return
        for pid in place.pids_working_in(self.data):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGQUIT)  # PostgreSQL's immediate shutdown; the next start recovers
        if not self._data_lock.acquire(wait=ORPHAN_SECONDS):
            raise place.already_running(self.home, next(place.pids_working_in(self.data), None))

    def _wait_until_it_answers(self, said_before: int) -> None:
        """Poll the socket. ``said_before``: the log's size at the start, for the complaint when it fails."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            told = place.read_pid_file(self.data)
            try:
                if told is not None and told.ready:
                    psycopg.connect(self.url, connect_timeout=5).close()
                    return
            except psycopg.OperationalError:  # up, and refusing us: that seldom mends itself
                deadline = min(deadline, time.monotonic() + 5)
            if not self.alive() or time.monotonic() > deadline:
                with self.log.open("rb") as log:
                    log.seek(said_before)
                    raise place.did_not_start(self.log, log.read(1 << 20).decode("utf-8", "replace"))
            time.sleep(0.005)


def running_url(home: Path) -> str | None:
    """The URL of the server that is running in this home, or None."""
    told = place.read_pid_file(home / "data")
    if told is None or not told.ready:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(place.socket_in(told.sockets))
        except OSError:  # left behind by a kill -9
            return None
    return place.url_of(told.sockets)


@contextmanager
def registry_url(settings: Settings, *, wait: float = 30.0) -> Iterator[str]:
    """Where the registry answers, for the length of the block.

    The named server (``MAXA_DATABASE_URL``); else the embedded one that ``maxa run`` or another command is running;
    else one started here and stopped after the block, as soon as no other command uses it.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    home = settings.postgres_home
    server = EmbeddedPostgres(home)
    with _users_of(home) as users:
        deadline = time.monotonic() + wait
        while (url := running_url(home)) is None:
            try:
                url = server.start(wait=0)
                break
            except AlreadyRunning:  # it is just starting, or just stopping
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        try:
            yield url
        finally:
            if server.child is not None:
                try:
                    fcntl.flock(users, fcntl.LOCK_UN)
                    fcntl.flock(users, fcntl.LOCK_EX)  # commands that came to use our server end first
                finally:
                    server.stop()


@contextmanager
def _users_of(home: Path) -> Iterator[int]:
    """Hold ``users.lock`` with the others; gives its file descriptor."""
    try:
        if not home.exists():
            place.prepare_home(home)
        users = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise place.unusable(home, error) from error
    try:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield users
    finally:
        os.close(users)
