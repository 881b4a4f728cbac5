"""What a mirror keeps for itself below ``MAXA_HOME/mirror``, beside the shelf that it fills.

root.json     the root metadata that a person handed over (mirror init --root)
config.json   {"url", "terminologies": [...] | null, "keep": n | null, "name": "..." | null}
tuf/          tuf's own cache of verified metadata; may be deleted but for root.json and root_history/
last.json     the last attempt and how it went, for `status` and /readyz
lock          one sync, import or prune at a time
"""

from __future__ import annotations

import errno
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import structlog

from maxa.errors import AlreadyRunning, MaxaError, NotAllowed, SettingsError
from maxa.lock import PidLock
from maxa.settings import Settings
from maxa.shelf.catalogue import CATALOGUE_NAME
from maxa.shelf.durable import write_durably
from maxa.usage.mirrors import is_mirror_name

log = structlog.get_logger("maxa.mirror")


@dataclass(frozen=True, slots=True)
class Config:
    """``url`` of the shelf that is mirrored (None: archives alone); what is kept of it (None: everything); ``name`` by
    which the mirror tells its source which serial it holds (None: it tells nothing)."""

    url: str | None = None
    terminologies: tuple[str, ...] | None = None
    keep: int | None = None  # newest editions of each terminology
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """How the last sync or import went; ``good_at`` is when one last did."""

    at: datetime
    good_at: datetime | None
    source: str
    problem: dict[str, str] | None = None  # code, kind, detail_fa, detail_en
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    home: Path
    shelf: Path

    @classmethod
    def of(cls, settings: Settings) -> Places:
        return cls(settings.mirror, settings.shelf)

    @property
    def root(self) -> Path:
        return self.home / "root.json"

    @property
    def tuf(self) -> Path:
        return self.home / "tuf"

    @property
    def parts(self) -> Path:
        """Downloads that are under way; on the shelf's own file system, so that a rename is one step."""
        return self.shelf / ".parts"

    @property
    def reserve(self) -> Path:
        """Room that is held for a prune: on a full disk it must still write what is listed before it removes files."""
        return self.shelf / ".reserve"

    def hold_reserve(self) -> None:
        """Hold room for the catalogue and the records, as long as there is any."""
        with suppress(OSError, AttributeError):  # not every system can: macOS lacks posix_fallocate
            size = 4 * (self.shelf / CATALOGUE_NAME).stat().st_size + (64 << 10)
            if not self.reserve.exists() or self.reserve.stat().st_size < size:
                with self.reserve.open("ab") as file:  # what is held stays held where there is no room for more
                    os.posix_fallocate(file.fileno(), 0, size)

    def free_reserve(self) -> None:
        self.reserve.unlink(missing_ok=True)

    def trusted_root(self) -> bytes:
        try:
            return self.root.read_bytes()
        except FileNotFoundError:
            raise SettingsError(
                "این آینه هنوز ریشه‌ای ندارد که به آن اعتماد کند؛ «maxa mirror init --root FILE نشانی» را اجرا کنید.",
                "This mirror has no root to trust yet: run `maxa mirror init --root FILE URL`.",
            ) from None
        except PermissionError as error:
            raise closed(self.root) from error

    def config(self) -> Config:
        try:
            data = orjson.loads((self.home / "config.json").read_bytes())
            kept = data.get("terminologies")
            kept = tuple(kept) if kept else None  # [] came of a slip that was taken once: nobody keeps nothing
            name = data.get("name")
            return Config(data.get("url"), kept, data.get("keep"), name if name and is_mirror_name(name) else None)
        except FileNotFoundError:
            return Config()
        except PermissionError as error:
            raise closed(self.home / "config.json") from error
        except (OSError, AttributeError, TypeError, ValueError):
            raise SettingsError(
                f"{self.home / 'config.json'} خراب است؛ «maxa mirror init» را دوباره اجرا کنید.",
                f"{self.home / 'config.json'} is damaged: run `maxa mirror init` again.",
            ) from None

    def write_config(self, config: Config) -> None:
        write_durably(self.home / "config.json", orjson.dumps(asdict(config), option=orjson.OPT_INDENT_2))

    def last(self) -> Attempt | None:
        try:
            data = orjson.loads((self.home / "last.json").read_bytes())
            good = data["good_at"]
            return Attempt(
                datetime.fromisoformat(data["at"]), datetime.fromisoformat(good) if good else None, data["source"],
                data["problem"], tuple(data["warnings"]),
            )  # fmt: skip
        except (OSError, KeyError, TypeError, ValueError):
            return None

    def note(self, source: str, problem: MaxaError | None, warnings: tuple[str, ...] = ()) -> None:
        """Keep how an attempt went. Not worth a failure: on a full disk it is left."""
        now = datetime.now(UTC)
        before = self.last()
        told = None
        if problem is not None:
            kind = str(problem.data.get("kind", problem.code))
            told = {
                "code": problem.code, "kind": kind, "detail_fa": problem.detail_fa, "detail_en": problem.detail_en
            }  # fmt: skip
        good_at = now if problem is None else before.good_at if before else None
        attempt = Attempt(now, good_at, source, told, warnings)
        beside = self.home / f".last.{os.getpid()}"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(orjson.dumps(asdict(attempt)))
            beside.replace(self.home / "last.json")
        except OSError:
            beside.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One sync, import or prune at a time; a second one is refused, with the first one's pid. Raises
        :class:`NotAllowed`, before anything is done, where the folders are another user's."""
        lock = PidLock(self.home / "lock")
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.shelf.mkdir(parents=True, exist_ok=True)
            if not os.access(self.shelf, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.shelf))
            acquired = lock.acquire()
        except PermissionError as error:
            raise closed(Path(error.filename or self.home)) from error
        if not acquired:
            raise AlreadyRunning(
                f"پردازهٔ {lock.holder()} همین حالا این آینه را همگام می‌کند؛ پس از آن دوباره اجرا کنید.",
                f"Process {lock.holder()} is at work on this mirror right now: run this again when it is done.",
            )
        try:
            yield
        finally:
            try:
                for folder in (self.home, self.shelf):
                    _give_to_owner(folder)
            except OSError as error:  # must not hide how the work itself went
                log.warning("what root wrote was not given to the folder's owner", error=str(error))
            finally:
                lock.release()


def closed(path: Path) -> NotAllowed:
    """The error for a file or folder that this process's user may not use: it names who may."""
    owner = _owner(path)
    return NotAllowed(
        f"این کاربر به {path} راه ندارد؛ فرمان را با کاربر «{owner}» اجرا کنید: sudo -u {owner} …",
        f"This user may not use {path}: run this as the user {owner} (`sudo -u {owner} …`).",
    )


def check_readable(*paths: Path) -> None:
    """Raise :class:`NotAllowed` for a path that is there, or can't even be looked for, and that this user may not read."""
    for path in paths:
        try:
            found = path.stat()
        except PermissionError as error:
            raise closed(path) from error
        except OSError:
            continue
        if not os.access(path, os.R_OK | (os.X_OK if stat.S_ISDIR(found.st_mode) else 0), effective_ids=True):
            raise closed(path)


def _owner(path: Path) -> str:
    """Who owns the path, or the nearest folder above it that can be seen."""
    for one in (path, *path.absolute().parents):
        with suppress(OSError):
            uid = one.stat().st_uid
            with suppress(KeyError):
                return pwd.getpwuid(uid).pw_name
            return str(uid)
    return "root"


def _give_to_owner(folder: Path) -> None:
    """What root wrote becomes that of the folder's owner: after a command run by sudo the service must be able to go on."""
    if os.geteuid() != 0:
        return
    owner = next((s for s in (folder.stat(), folder.parent.stat()) if s.st_uid != 0), None)
    if owner is None:
        return
    os.chown(folder, owner.st_uid, owner.st_gid)
    for _, folders, files, fd in os.fwalk(folder):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):  # readers and signers remove files of theirs meanwhile
                found = os.stat(name, dir_fd=fd, follow_symlinks=False)
                if found.st_uid == 0 and (stat.S_ISDIR(found.st_mode) or found.st_nlink == 1):
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=fd, follow_symlinks=False)
