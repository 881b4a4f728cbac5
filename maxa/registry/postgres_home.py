"""The folder that an embedded PostgreSQL lives in: who owns what, who may log in, where its socket is."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from maxa.child import Account, end_child, start_child
from maxa.errors import AlreadyRunning, SettingsError, Unavailable
from maxa.registry.postgres_programs import Programs, can_enter, server_account

DATABASE = "maxa"
ROLE = "maxa"
PORT = 5432  # names the socket file only: the server listens on no TCP port
LONGEST_SOCKET = 107  # bytes, unix(7): sun_path without its closing NUL
INITDB_SECONDS = 300
_TEMPORARY_SOCKETS = "maxa-sockets-"


def prepare_home(home: Path) -> Account | None:
    """Make the home and settle whom the server runs as. Folders above it are made when missing, never changed.

    Raises SettingsError when that user can't get there, OSError when we can't make it.
    """
    make_folder(home)
    account = server_account(home)
    if account is None:
        home.chmod(0o700)
    else:  # root owns it; the server's user only passes through to its own folders
        home.chmod(0o711)
        if not can_enter(home, account):
            raise SettingsError(
                f"کاربر «{account.name}» که PostgreSQL همراه را اجرا می‌کند به {home} راه ندارد، چون پوشه‌ای بالای آن "
                "بسته است. MAXA_HOME را جای دیگری بگذارید (پیش‌فرض برای root پوشهٔ /var/lib/maxa است) "
                "یا سرور PostgreSQL خودتان را با MAXA_DATABASE_URL نشان دهید.",
                f"User {account.name!r}, who runs the embedded PostgreSQL, can't reach {home}: a folder above it is "
                "closed to others. Choose another MAXA_HOME (root's default is /var/lib/maxa), or name a "
                "PostgreSQL server of your own in MAXA_DATABASE_URL.",
            )
    (home / "log").mkdir(mode=0o700, exist_ok=True)
    return account


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, open to pass through whatever the umask; change none that exists."""
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(0o755)


def make_data(home: Path, programs: Programs, account: Account | None, log: Path, *, sync: bool = True) -> None:
    """A new cluster in ``data/`` with our database: made beside it, then one rename, so that none is half made.

    ``sync=False`` leaves it to the kernel when the files reach the disk.
    """
    data, fresh = home / "data", home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    if data.exists() and any(data.iterdir()):
        raise SettingsError(
            f"پوشهٔ {data} خالی نیست و دادهٔ PostgreSQL هم نیست. آن را جابه‌جا کنید یا MAXA_HOME دیگری برگزینید.",
            f"{data} is neither empty nor a PostgreSQL data folder. Move it away, or choose another MAXA_HOME.",
        )
    fresh.mkdir(mode=0o700)
    if account is not None:
        os.chown(fresh, account.uid, account.gid)
    logins = ["--auth-local=peer", "--auth-host=reject"]  # our own hba_file stands over these
    text = ["--encoding=UTF8", "--locale=C", "--no-instructions"] + ([] if sync else ["--no-sync"])
    _run(home, [programs.initdb, "-D", fresh, f"--username={ROLE}", *text, *logins], account, log)
    _run(
        home, [programs.postgres, "--single", "-D", fresh, "template1"], account, log, f"CREATE DATABASE {DATABASE};\n"
    )
    fresh.rename(data)
    folder = os.open(home, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _run(home: Path, command: Sequence[str | Path], account: Account | None, log: Path, text: str = "") -> None:
    child = start_child(
        command,
        death_signal=signal.SIGKILL,
        account=account,
        env=environment(home),
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        said, _ = child.communicate(text.encode(), timeout=INITDB_SECONDS)
    except BaseException:
        end_child(child, ())
        raise
    with log.open("ab") as file:
        file.write(said)
    if child.returncode != 0 or b"ERROR:" in said:
        raise did_not_start(log, said.decode("utf-8", "replace"))


def environment(home: Path) -> Mapping[str, str]:
    """For the server's processes: nothing of ours, since PGDATA or LD_LIBRARY_PATH would mislead them."""
    return {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"}


def write_logins(home: Path, account: Account | None) -> None:
    """Only the server's own user and root may log in, by the kernel's word for who they are (``peer``)."""
    names = {"root", account.name} if account else {pwd.getpwuid(os.geteuid()).pw_name}
    maps = "".join(f'house "{name}" {ROLE}\n' for name in sorted(names))
    for path, text in ((home / "logins.conf", "local all all peer map=house\n"), (home / "names.conf", maps)):
        path.write_text(text, "utf-8")
        path.chmod(0o644 if account else 0o600)


def make_socket_folder(home: Path, account: Account | None) -> Path:
    """``run/`` in the home where that path is short enough for a socket, else a private folder in /tmp."""
    left = read_pid_file(home / "data")
    if left is not None:
        remove_temporary_sockets(left.sockets)
    folder = home / "run"
    if len(os.fsencode(socket_in(folder))) <= LONGEST_SOCKET and not {",", '"'} & set(str(folder)):
        folder.mkdir(exist_ok=True)
    else:
        folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY_SOCKETS, dir="/tmp"))  # $TMPDIR may be long
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def remove_temporary_sockets(folder: Path) -> None:
    """Remove a socket folder that :func:`make_socket_folder` made in /tmp; any other is left alone."""
    if folder.parent == Path("/tmp") and folder.name.startswith(_TEMPORARY_SOCKETS):  # noqa: S108
        shutil.rmtree(folder, ignore_errors=True)


def socket_in(folder: Path) -> str:
    return f"{folder}/.s.PGSQL.{PORT}"


def url_of(sockets: Path) -> str:
    """``postgresql://maxa@/maxa?host=<socket folder>&port=5432``: PGPORT and the like change nothing."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets), safe='')}&port={PORT}"


@dataclass(frozen=True, slots=True)
class PidFile:
    """What PostgreSQL says of itself in ``postmaster.pid``."""

    pid: int
    sockets: Path
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """None when there is none, or when it can't be read (yet)."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        return PidFile(int(lines[0]), Path(lines[4]), len(lines) > 7 and lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


def judge_pid_file(home: Path) -> None:
    """Remove a ``postmaster.pid`` whose number is by now another program's; call only with both locks held.

    It outlives a kill -9. PostgreSQL passes over a dead number itself, but refuses to start when any process of the
    same user bears it. Raises AlreadyRunning for a server that was started by hand, without our locks.
    """
    data = home / "data"
    found = read_pid_file(data)
    if found is None or not os.path.isdir(f"/proc/{found.pid}"):
        return
    if found.pid in pids_working_in(data):
        raise already_running(home, found.pid)
    (data / "postmaster.pid").unlink()


def pids_working_in(folder: Path) -> Iterator[int]:
    """Processes whose working directory is that folder, as with all of PostgreSQL's (Linux: /proc)."""
    wanted = os.path.realpath(folder)
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/cwd") == wanted:
                yield int(name)
        except OSError:  # gone meanwhile, or another user's
            continue


def already_running(home: Path, pid: int | None) -> AlreadyRunning:
    return AlreadyRunning(
        f"PostgreSQL همراه در {home} را هم‌اکنون پردازهٔ {pid or '؟'} اجرا می‌کند. بگذارید کارش تمام شود یا آن را ببندید.",
        f"The embedded PostgreSQL in {home} is already being run by process {pid or '?'}. Let it finish, or stop it.",
        data={"pid": pid},
    )


def unusable(home: Path, error: OSError) -> SettingsError:
    reason = f"{error.strerror}: {error.filename}" if error.filename else str(error)
    return SettingsError(
        f"پوشهٔ {home} برای PostgreSQL همراه به کار نمی‌آید ({reason}). MAXA_HOME را پوشه‌ای بگذارید که از آنِ شما باشد "
        "و جا داشته باشد، یا با کاربری اجرا کنید که صاحب آن است.",
        f"{home} can't be used for the embedded PostgreSQL ({reason}). Choose a MAXA_HOME that is yours and has "
        "space, or run as the user that it belongs to.",
    )


def did_not_start(log: Path, said: str) -> Unavailable:
    """``said``: the output of the program that failed; its last complaint goes into the text."""
    lines = said.splitlines() or ["?"]
    complaints = [line for line in lines if any(mark in line for mark in ("FATAL:", "PANIC:", "ERROR:", "error:"))]
    reason = (complaints or lines)[-1].strip()[:300]
    return Unavailable(
        f"PostgreSQL همراه روشن نشد: {reason} (گزارش کامل: {log})",
        f"The embedded PostgreSQL did not start: {reason} (the whole log: {log})",
    )
