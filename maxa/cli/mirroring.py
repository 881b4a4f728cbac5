"""``maxa mirror``: filling a shelf from another one, over a network or by a stick. No database is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import click

from maxa.cli.output import as_json, of, persian, progress, say
from maxa.errors import SettingsError
from maxa.mirror.archive_file import ArchiveSource, export
from maxa.mirror.http_source import HttpSource
from maxa.mirror.keep import prune, set_up
from maxa.mirror.patrol import patrol, until_told
from maxa.mirror.places import Places, check_readable
from maxa.mirror.sync import Choice, Synced, held_catalogue, sync
from maxa.mirror.troubles import megabytes
from maxa.mirror.verify import verify
from maxa.observe import configure_logging
from maxa.persian.dates import jalali, jalali_instant
from maxa.settings import Settings, read_settings
from maxa.shelf.standing import read_standing
from maxa.usage.mirrors import MirrorSays


@click.group("mirror")
def mirror() -> None:
    """A copy of a signed shelf that answers as the centre does, and needs nobody."""


def _mirror() -> tuple[Settings, Places]:
    settings = read_settings()
    if settings.role != "mirror":
        raise SettingsError(
            "این سرور مرکز است؛ برای آینه MAXA_ROLE=mirror بگذارید (و MAXA_HOME دیگری اگر روی همان دستگاه است).",
            "This server is a centre: set MAXA_ROLE=mirror for a mirror (and another MAXA_HOME on the same machine).",
        )
    return settings, Places.of(settings)


class _List(click.ParamType):
    name = "ID,…"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...] | str:
        if value.strip() in ("*", "all"):
            return "all"
        chosen = tuple(dict.fromkeys(part.strip() for part in re.split(r"[,،\s]+", value) if part.strip()))
        if not chosen:
            self.fail(f"{value!r} names no terminology: write for example LNC,RVU3, or all", param, ctx)
        return chosen


_TERMINOLOGIES = click.option("--terminologies", type=_List(), metavar="ID,…",
                              help="Keep only these (and maps between them), from now on; `all` for everything.")  # fmt: skip


@mirror.command("init")
@click.option("--root", "root", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The centre's root metadata, got by a way you trust. Without it: the one that is trusted already.")  # fmt: skip
@click.argument("url", required=False)
@_TERMINOLOGIES
@click.option("--name", metavar="NAME",
              help="Tell the centre under this name which serial is held; --name '' ends that. Without it nothing is told.")  # fmt: skip
@click.option("--again", is_flag=True, help="Trust this root whatever was trusted, and forget what was accepted.")
def mirror_init(
    root: Path | None,
    url: str | None,
    terminologies: tuple[str, ...] | Literal["all"] | None,
    name: str | None,
    again: bool,
) -> None:
    """Trust a root, and note where to sync from. Without URL the mirror is filled by `maxa mirror import` alone, or
    keeps the address that it has.

    \b
    Example:
        maxa mirror init --root root.json https://maxa.example/shelf/
        maxa mirror init --root root.json
        maxa mirror init https://other.example/shelf/        another address of the same centre
        maxa mirror init --name shiraz-namazi
    """
    _, places = _mirror()
    digest = set_up(
        places, root.read_bytes() if root else None, url, terminologies=terminologies, name=name, again=again
    )
    say(
        f"این آینه به ریشهٔ {digest} اعتماد می‌کند؛ آن را با آنچه «maxa keys status» در مرکز نشان می‌دهد بسنجید.",
        f"This mirror trusts the root {digest}: compare it with what `maxa keys status` shows at the centre.",
    )
    if places.config().url:
        say("گام بعد: maxa mirror sync", "Next: maxa mirror sync")
    else:
        say("گام بعد: maxa mirror import FILE", "Next: maxa mirror import FILE")


def _source(places: Places) -> HttpSource:
    url, name = places.config().url, places.config().name
    if url is None:
        places.trusted_root()
        raise SettingsError(
            "این آینه نشانی ندارد؛ «maxa mirror init --root FILE نشانی»، یا با «maxa mirror import» پرش کنید.",
            "This mirror has no source: run `maxa mirror init --root FILE URL`, or fill it with `maxa mirror import`.",
        )

    def says() -> MirrorSays | None:
        return MirrorSays(name, held_catalogue(places).serial) if name else None

    return HttpSource(url, says=says)


def _sync_and_tell(places: Places, source: HttpSource, **options: Any) -> Synced:
    done = sync(places, source, **options)
    if done.serial != done.before:
        source.tell()
    return done


@mirror.command("sync")
@_TERMINOLOGIES
@click.option("--thorough", is_flag=True, help="Also hold every file here against its hash, and mend what is damaged.")
def mirror_sync(terminologies: tuple[str, ...] | str | None, thorough: bool) -> None:
    """Bring the mirror up to its source: only what is missing, resumed where it broke off. On any trouble it stays on
    what it has. Exits with 3 when something is refused, with 6 when the source can't be reached.

    \b
    Example:
        maxa mirror sync
        maxa mirror sync --terminologies LNC,RVU3
    """
    _, places = _mirror()
    source = _source(places)
    choice = None
    if terminologies is not None:
        choice = Choice(None if isinstance(terminologies, str) else terminologies)
    with progress() as teller:
        done = _sync_and_tell(places, source, progress=teller, thoroughly=thorough, choice=choice)
    _tell(done)


def _tell(done: Synced) -> None:
    if not done.changed:
        say(f"چیز تازه‌ای نیست (سریال {done.serial}).", f"Nothing new (serial {done.serial}).")
    else:
        say(
            f"سریال {done.before} → {done.serial}: {len(done.fetched)} پرونده، {megabytes(done.size)}؛ امضا تا "
            f"{jalali(done.expires)} معتبر است.",
            f"Serial {done.before} → {done.serial}: {len(done.fetched)} files, {megabytes(done.size)}; signed until "
            f"{done.expires:%Y-%m-%d}.",
        )
    for warning in done.warnings:
        click.echo(f"! {warning}", err=True)


_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class _Every(click.ParamType):
    name = "15m"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", str(value).strip())
        seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
        if seconds < 1:
            self.fail(f"{value!r}: write for example 90s, 15m, 6h or 1d", param, ctx)
        return seconds


@mirror.command("run")
@click.option("--every", type=_Every(), default="15m", show_default=True, help="How often to look: 90s, 15m, 6h, 1d.")
def mirror_run(every: float) -> None:
    """Sync again and again, with some jitter, and pauses that grow while the source is in trouble. Ctrl-C ends it
    after the sync that is under way, a second one at once.

    \b
    Example:
        maxa mirror run --every 15m
    """
    settings, places = _mirror()
    configure_logging(settings)
    source = _source(places)
    with until_told() as stop:
        patrol(lambda: _sync_and_tell(places, source), every=every, stop=stop)


@mirror.command("status")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def mirror_status(ctx: click.Context, json_: bool) -> None:
    """Show what the mirror holds, until when it is signed, and how the last sync went. Exits with 3 past the expiry,
    with 78 where no mirror was set up.

    \b
    Example:
        maxa mirror status
    """
    _, places = _mirror()
    check_readable(places.home, places.shelf)
    places.trusted_root()
    config, standing, last, held = (
        places.config(), read_standing(places.shelf), places.last(), held_catalogue(places)
    )  # fmt: skip
    expired = standing is not None and standing.expired()
    if json_:
        as_json({
            "url": config.url, "terminologies": config.terminologies, "keep": config.keep, "serial": held.serial,
            "published_at": held.published_at if held.serial else None,
            "expires": standing.expires if standing else None, "expired": expired,
            "root_version": standing.versions.get("root") if standing else None,
            "last": {"at": last.at, "good_at": last.good_at, "source": last.source, "problem": last.problem,
                     "warnings": last.warnings} if last else None,
        })  # fmt: skip
    else:
        _tell_status(held.serial, config.url)
        if standing is not None:
            say(
                f"امضا تا {jalali(standing.expires)} معتبر است{'؛ مهلتش گذشته است!' if expired else '.'}",
                f"Signed until {standing.expires:%Y-%m-%d}{': it has EXPIRED!' if expired else '.'}",
            )
        if last is not None:
            how = (last.problem["detail_fa" if persian() else "detail_en"]) if last.problem else "ok"
            say(
                f"آخرین بار {jalali_instant(last.at)} از {last.source}: {how}",
                f"Last attempt {last.at:%Y-%m-%d %H:%M} UTC, {last.source}: {how}",
            )
            for warning in last.warnings:
                click.echo(f"! {warning}")
    if expired:
        ctx.exit(3)


def _tell_status(serial: int, url: str | None) -> None:
    place = url or ("بی نشانی (بایگانی)" if persian() else "no source (archives)")
    say(f"سریال {serial}، از {place}", f"Serial {serial}, from {place}")


@mirror.command("verify")
@click.option("--quick", is_flag=True, help="Signatures and hashes only, not every row.")
@click.pass_context
def mirror_verify(ctx: click.Context, quick: bool) -> None:
    """Hold everything here against its signatures, without asking anyone. Exits with 3 when something is wrong.

    \b
    Example:
        maxa mirror verify
    """
    _, places = _mirror()
    with progress() as teller:
        found = verify(places, deep=not quick, progress=teller)
    for problem in found.problems:
        click.echo(f"{problem.file}: {of(problem)}")
    say(
        f"{found.files} پرونده بررسی شد، {len(found.problems)} ایراد (سریال {found.serial}).",
        f"{found.files} files checked, {len(found.problems)} problems (serial {found.serial}).",
    )
    if found.problems:
        mend = "sync --thorough" if places.config().url else "import --thorough FILE"
        say(f"برای درست کردن: maxa mirror {mend}", f"To mend it: maxa mirror {mend}")
        ctx.exit(3)


@mirror.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="SERIAL",
              help="Only files published after this serial, for a mirror that has the others.")  # fmt: skip
def mirror_export(file: Path, since: int) -> None:
    """Write this shelf into one archive for a stick: at the centre, or on a mirror.

    \b
    Example:
        maxa mirror export /media/stick/maxa.zip
        maxa mirror export --since 41 /media/stick/maxa-41.zip
    """
    with progress() as teller:
        done = export(read_settings().shelf, file, since=since, progress=teller)
    say(
        f"سریال {done.serial}: {done.files} پرونده، {megabytes(done.size)} در {file}؛ تا {jalali(done.expires)} پذیرفته می‌شود.",
        f"Serial {done.serial}: {done.files} files, {megabytes(done.size)} in {file}; it is taken until "
        f"{done.expires:%Y-%m-%d}.",
    )
    if done.unsigned:
        say(
            f"! {done.unsigned} انتشار تازه‌تر هنوز امضا نشده است و در این بایگانی نیست: در مرکز «maxa keys sign»، سپس دوباره بسازید.",
            f"! {done.unsigned} newer publications are not signed yet and not in this archive: `maxa keys sign` at the "
            "centre, then export again.",
            err=True,
        )


@mirror.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--thorough", is_flag=True, help="Also hold every file here against its hash, and mend what is damaged.")
def mirror_import(file: Path, thorough: bool) -> None:
    """Take an archive from a stick: verified and switched just as a sync is. Exits with 3 when it is refused.

    \b
    Example:
        maxa mirror import /media/stick/maxa.zip
        maxa mirror import --thorough /media/stick/maxa.zip
    """
    _, places = _mirror()
    source = ArchiveSource(file)
    try:
        with progress() as teller:
            _tell(sync(places, source, progress=teller, thoroughly=thorough))
    finally:
        source.close()


@mirror.command("prune")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep the newest N editions, from now on.")
def mirror_prune(keep: int | None) -> None:
    """Remove old editions, and files that the catalogue does not list. Current codes and dates answer as before; an old
    edition that was removed is answered by the centre alone.

    \b
    Example:
        maxa mirror prune --keep 3
    """
    _, places = _mirror()
    done = prune(places, keep)
    say(
        f"{done.files} پرونده برداشته شد ({megabytes(done.size)}).",
        f"{done.files} files removed ({megabytes(done.size)}).",
    )


@mirror.command("kit")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--wheels", "wheels", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder of wheels for another Python version; may be given more than once.")  # fmt: skip
@click.option("--without-shelf", is_flag=True, help="Programs and root alone; the codes come by sync or import.")
def mirror_kit(file: Path, wheels: tuple[Path, ...], without_shelf: bool) -> None:
    """Make one archive that installs, and later upgrades, a mirror where there is Python and nothing else: programs as
    they run here, root, shelf, units, instructions. There it is run by `python3 FILE`.

    \b
    Example:
        maxa mirror kit /media/stick/maxa-mirror-kit.zip
    """
    from maxa.mirror.kit import make_kit

    with progress() as teller:
        made = make_kit(read_settings().shelf, file, more_wheels=wheels, with_shelf=not without_shelf, progress=teller)
    say(
        f"{file}: {megabytes(made.size)}، سریال {made.serial}، برای Python {'، '.join(made.pythons)}.",
        f"{file}: {megabytes(made.size)}, serial {made.serial}, for Python {', '.join(made.pythons)}.",
    )
    say(
        f"اثر انگشت بسته (sha256) {made.sha256} و ریشه {made.root_sha256} را از راهی دیگر به گیرنده برسانید.",
        f"Tell whoever gets it, by another way, its sha256 {made.sha256} and the root's {made.root_sha256}.",
    )


VERBS = (mirror,)
