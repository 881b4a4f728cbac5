"""What a mirror refuses and why: each kind names the attack or the trouble, and how to mend it, in both languages.

A refusal never changes what the mirror serves.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maxa.errors import BadParameter, MaxaError, Unavailable
from maxa.mirror.details import in_persian
from maxa.shelf.signed_names import of_hashed_name

# kind → (Persian, English); ``{where}`` is the file, ``{detail}`` what was found.
KINDS: dict[str, tuple[str, str]] = {
    "rollback": (
        "بازگرداندن به گذشته: منبع چیزی کهنه‌تر از آنچه این آینه پذیرفته است می‌دهد ({where}؛ {detail}). پذیرفته نشد. اگر مرکز از "
        "پشتیبان کهنه‌ای بازگردانده شده است باید سریال تازه‌ای منتشر کند.",
        "Rollback: the source offers something older than what this mirror has accepted ({where}; {detail}). Refused. If "
        "the centre was restored from an old backup, it must publish a newer serial.",
    ),
    "expired": (
        "مهلت امضا گذشته است ({where}؛ {detail}): یا منبع را در گذشته نگه داشته‌اند (freeze)، یا مرکز امضا را تازه نکرده است، یا "
        "ساعت این دستگاه درست نیست. پذیرفته نشد؛ نخست ساعت را ببینید («date»)، سپس «maxa keys status» را در مرکز.",
        "The signature has expired ({where}; {detail}): the source is held back in the past (a freeze attack), or the "
        "centre has not renewed it, or this machine's clock is wrong. Refused; look at the clock (`date`), then at "
        "`maxa keys status` at the centre.",
    ),
    "mixed": (
        "فراداده‌های ناهمزمان: {where} آن نیست که امضای بالادستش می‌گوید ({detail}). پذیرفته نشد. شاید کسی فایل‌های چند زمان را "
        "درآمیخته است، یا یک نهانگاه (cache) در راه کهنه مانده است.",
        "Mixed metadata: {where} is not what the signature above it says ({detail}). Refused. Someone may have put files "
        "of different times together, or a cache on the way is stale.",
    ),
    "keys": (
        "امضای {where} از کلیدهای این مخزن نیست ({detail}): کلید دیگری، یا کلیدی که ریشه دیگر نمی‌پذیرد. پذیرفته نشد. اگر مرکز "
        "به‌راستی از نو ساخته شده است، ریشهٔ تازه را از راهی مطمئن بگیرید و «maxa mirror init --again --root» را اجرا کنید.",
        "{where} is not signed by this repository's keys ({detail}): by another key, or by one that the root no longer "
        "accepts. Refused. If the centre was really made anew, get its root by a way you trust and run `maxa mirror init "
        "--again --root`.",
    ),
    "tampered": (
        "{where} دست‌خورده یا بریده است ({detail}). پذیرفته نشد. دوباره همگام کنید؛ اگر باز چنین شد، پروکسی یا نشانی منبع را "
        "بررسی کنید.",
        "{where} was tampered with or cut ({detail}). Refused. Sync again; if it stays so, look at the proxy or the "
        "source's address.",
    ),
    "path": (
        "نام فایلی در {where} به بیرون از قفسه می‌رود ({detail}). پذیرفته نشد.",
        "A file name in {where} leads out of the shelf ({detail}). Refused.",
    ),
    "format": (
        "{where} از نسخهٔ تازه‌تری است ({detail}): نرم‌افزار این آینه را روزآمد کنید («maxa mirror kit» در مرکز). تا آن هنگام آنچه "
        "هست خدمت می‌دهد.",
        "{where} is of a newer version ({detail}): upgrade this mirror's software (`maxa mirror kit` at the centre). Until "
        "then it serves what it has.",
    ),
    "archive": (
        "{where} بایگانی درست مکسا نیست: {detail}. پذیرفته نشد؛ آن را در مرکز دوباره بسازید («maxa mirror export»).",
        "{where} is no sound MAXA archive: {detail}. Refused; make it again at the centre (`maxa mirror export`).",
    ),
    "incomplete": (
        "{where} همهٔ فایل‌های لازم را ندارد ({detail}). بایگانی کامل، یا بایگانی از سریال این آینه بگیرید («maxa mirror export "
        "--since …»).",
        "{where} lacks files that are needed ({detail}). Take a whole archive, or one since this mirror's serial (`maxa "
        "mirror export --since …`).",
    ),
}


class Refused(MaxaError):
    """What a source offered is not taken; ``data["kind"]`` is one of :data:`KINDS`. What was served stays."""

    code, status, exit_code = "update-refused", 409, 3

    @classmethod
    def of(cls, kind: str, where: str, detail: str, detail_fa: str | None = None) -> Refused:
        fa, en = KINDS[kind]
        return cls(
            fa.format(where=where, detail=detail_fa or in_persian(detail)),
            en.format(where=where, detail=detail),
            data={"kind": kind},
        )

    @property
    def kind(self) -> str:
        return str(self.data["kind"])


class SourceTrouble(Unavailable):
    """The source can't be reached, breaks off, or answers with what is no shelf: to be tried again later."""

    code = "source-unavailable"


class NotThere(SourceTrouble):
    """The source says that it has no such file (404, 403, 410)."""

    @classmethod
    def of(cls, source: str, name: str) -> NotThere:
        """Naming the edition where it is one: a mirror that was pruned, or keeps some terminologies, lacks files."""
        edition = edition_of(name)
        if edition is None:
            return cls(f"منبع {source} فایل {name} را ندارد.", f"The source {source} does not have {name}.")
        return cls(
            f"منبع {source} ویرایش {edition} را ندارد: شاید آینه‌ای است که ویرایش‌های کهنه را برداشته است (prune). از مرکز یا آینهٔ "
            "کامل همگام کنید، یا همان اندازه نگه دارید: «maxa mirror prune --keep N».",
            f"The source {source} does not have the edition {edition}: it may be a mirror that was pruned. Sync from the "
            "centre or a whole mirror, or keep as few editions: `maxa mirror prune --keep N`.",
        )


def edition_of(name: str) -> str | None:
    """``targets/eRx/<sha256>.1400-05-06.maxa`` → ``eRx/1400-05-06``; None for what is no edition."""
    found = of_hashed_name(name)
    return None if found is None or found[0].startswith("codes/") else found[0].removesuffix(".maxa")


class NoSpace(Unavailable):
    """The disk is full; nothing was changed."""

    code = "disk-full"


def disk_trouble(error: OSError) -> Unavailable:
    """What a failing write comes to: :class:`NoSpace`, or a sentence with what the system says."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return no_space(None, None)
    place = f" ({error.filename})" if error.filename else ""
    return Unavailable(
        f"دیسک این آینه نوشته یا خوانده نمی‌شود: {error.strerror}{place}. آنچه هست خدمت می‌دهد.",
        f"This mirror's disk can't be written or read: {error.strerror}{place}. What is there is served on.",
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """For a file of the shelf that is copied elsewhere: what fails here is not the stick's fault."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"{path} خوانده نمی‌شود: {error.strerror or error}. قفسه روی این دستگاه را ببینید (مالک، حالت فایل، دیسک).",
            f"{path} can't be read: {error.strerror or error}. Look at the shelf on this machine (owner, mode, disk).",
        ) from error


@contextmanager
def writing_to(file: Path) -> Iterator[None]:
    """For a file that the user names, on a stick say: nothing but a plain file in a folder that is there is written, and
    what the system refuses becomes a sentence that says what to do."""
    try:
        kind = file.stat().st_mode if file.exists() else stat.S_IFREG
        if not stat.S_ISREG(kind):
            raise BadParameter(
                f"{file} فایل نیست (دستگاه یا پوشه است) و جایگزین نمی‌شود؛ نام فایلی بدهید، مانند ‎/media/stick/maxa.zip‎.",
                f"{file} is a device or a folder, no file, and is not replaced: name a file, such as "
                "/media/stick/maxa.zip.",
                "FILE",
            )
        if not file.absolute().parent.is_dir():
            raise BadParameter(
                f"پوشهٔ {file.absolute().parent} نیست؛ آیا حافظه وصل و سوار (mount) است؟",
                f"There is no folder {file.absolute().parent}: is the stick plugged in and mounted?",
                "FILE",
            )
        yield
    except OSError as error:
        raise _of_target(file, error) from error


def _of_target(file: Path, error: OSError) -> Unavailable:
    folder = file.absolute().parent
    if error.errno == errno.EFBIG:
        return NoSpace(
            f"{file} از بزرگ‌ترین فایلی که این حافظه می‌پذیرد بزرگ‌تر است (FAT32: ۴ گیگابایت)؛ حافظه را exFAT کنید.",
            f"{file} is larger than the largest file that this file system takes (FAT32: 4 GB): format the stick as "
            "exFAT.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace(
            f"در {folder} جا نیست؛ جا باز کنید یا حافظهٔ بزرگ‌تری بگیرید. چیزی نوشته نشد.",
            f"There is no room in {folder}: make some, or take a larger stick. Nothing was written.",
        )
    place = error.filename or folder
    return Unavailable(
        f"{file} نوشته نشد: {error.strerror or error} ({place}).",
        f"{file} was not written: {error.strerror or error} ({place}).",
    )


def no_space(needed: int | None, free: int | None) -> NoSpace:
    told_fa = f" ({megabytes(needed)} لازم است و {megabytes(free)} هست)" if needed and free is not None else ""
    told_en = f" ({megabytes(needed)} needed, {megabytes(free)} free)" if needed and free is not None else ""
    return NoSpace(
        f"دیسک جا ندارد{told_fa}. جا باز کنید («maxa mirror prune --keep 3» ویرایش‌های کهنه را برمی‌دارد) و دوباره همگام کنید؛ "
        "آنچه هست خدمت می‌دهد.",
        f"The disk is full{told_en}. Make room (`maxa mirror prune --keep 3` removes old editions) and sync again; what is "
        "there is served on.",
    )


def megabytes(size: int | None) -> str:
    return f"{(size or 0) / 1e6:,.1f} MB"
