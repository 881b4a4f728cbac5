"""``maxa keys``: the keys that sign the shelf. They need no database, only the shelf and the folders of the keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from maxa.cli.output import as_json, persian, say, table
from maxa.errors import SettingsError
from maxa.persian.dates import jalali
from maxa.settings import Settings, read_settings
from maxa.shelf.key_ceremony import KeysStatus, Plan, keys_status, make_keys, rotate_keys
from maxa.shelf.keys import KeyRing, read_keys
from maxa.shelf.signed_names import TOP
from maxa.shelf.signing import bring_signatures_up, life_of
from maxa.shelf.trust import ONLINE, Signing

_ROLES = (*TOP, "online")
_SOON_DAYS = 90


def _centre() -> Settings:
    settings = read_settings()
    if settings.role == "mirror":
        raise SettingsError(
            "آینه کلید خصوصی ندارد؛ این کار در مرکز شدنی است.", "A mirror has no private keys: do this at the centre."
        )
    return settings


class _PlanType(click.ParamType):
    name = "role=threshold/keys"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Plan]:
        role, _, text = value.partition("=")
        try:
            if role not in TOP:
                raise ValueError(role)
            return role, Plan.parse(text)
        except ValueError:
            self.fail(f"{value!r}: write for example root=2/3 (two of three); roles are {', '.join(TOP)}", param, ctx)


_PLANS = click.option("--plan", "plans", multiple=True, type=_PlanType(),
                      help="How many of how many keys must sign, e.g. root=2/3. May be given once a role.")  # fmt: skip
_ROOT_KEYS = click.option("--root-keys", "root_folders", multiple=True, metavar="DIR",
                          type=click.Path(file_okay=False, path_type=Path),
                          help="Folder of root keys (a stick); may be given more than once. Default: MAXA_ROOT_KEYS, whose files "
                               "must be closed to others.")  # fmt: skip


@click.group("keys")
def keys() -> None:
    """The keys that sign the shelf: mirrors trust the root's, the root names the online ones."""


@keys.command("init")
@_PLANS
@_ROOT_KEYS
def keys_init(plans: tuple[tuple[str, Plan], ...], root_folders: tuple[Path, ...]) -> None:
    """Make all keys and the first root, and sign the shelf. The centre does it at its first start by itself, with one
    key a role; do it before that to have thresholds, or the root's keys on a stick from the beginning.

    \b
    Example:
        maxa keys init --plan root=2/3 --root-keys /media/stick
    """
    settings = _centre()
    folder = root_folders[0] if root_folders else settings.root_keys
    settings.shelf.mkdir(parents=True, exist_ok=True)
    signing = make_keys(settings.shelf, keys=settings.keys, root_keys=folder, plans=dict(plans), life=life_of(settings))
    _tell(signing)
    say(
        f"کلیدهای ریشه در {folder} است: آن‌ها را روی حافظه‌ای جدا ببرید، در گاوصندوق بگذارید و از این دستگاه پاک کنید.",
        f"The root's keys are in {folder}: move them to a stick, put it into a safe, and remove them from this machine.",
        err=True,
    )


@keys.command("rotate")
@click.argument("roles", nargs=-1, required=True, type=click.Choice((*_ROLES, "renew")))
@_PLANS
@_ROOT_KEYS
def keys_rotate(roles: tuple[str, ...], plans: tuple[tuple[str, Plan], ...], root_folders: tuple[Path, ...]) -> None:
    """Give roles new keys; the old ones are worth nothing from then on. `online` is targets, snapshot and timestamp,
    `renew` no role: only the root's expiry is renewed. It takes the root's keys, and not the old online ones.

    \b
    Example:
        maxa keys rotate online --root-keys /media/stick     after a loss or theft of the online keys
        maxa keys rotate root --root-keys /media/stick       other root keys
        maxa keys rotate renew --root-keys /media/stick      the same keys for some more years
    """
    settings = _centre()
    folders = root_folders or (settings.root_keys,)
    chosen = {r for name in roles for r in (ONLINE if name == "online" else () if name == "renew" else (name,))}
    ring = _keys_at_hand(settings, root_folders)
    _tell_open(ring)
    signing = rotate_keys(
        settings.shelf, ring, chosen, keys=settings.keys, root_keys=folders[0], plans=dict(plans),
        life=life_of(settings),
    )  # fmt: skip
    _tell(signing)
    after = keys_status(settings.shelf, _keys_at_hand(settings, root_folders))
    if after.strangers:
        say(
            "کلیدهای زیر دیگر به کار نمی‌آیند؛ پاکشان کنید:", "These keys are of no use any more; remove them:", err=True
        )
        for place in after.strangers:
            click.echo(f"  {place}", err=True)


def _keys_at_hand(settings: Settings, root_folders: tuple[Path, ...]) -> KeyRing:
    """Only a folder that was named for this call may be a stick that knows no modes."""
    own = [settings.keys] if root_folders else [settings.keys, settings.root_keys]
    return read_keys(own, settings.keys_pem, root_folders=root_folders)


def _tell_open(ring: KeyRing) -> None:
    for place in ring.open:
        say(
            f"! کلید ریشهٔ {place} برای دیگران باز است: «chmod 600»؛ اگر حافظه حالت فایل نمی‌شناسد (FAT، exFAT)، آن را تنها برای همین "
            "کار وصل کنید.",
            f"! The root's key {place} is open to others: `chmod 600` it; where the stick's file system knows no modes "
            "(FAT, exFAT), have it plugged in for this work alone.",
            err=True,
        )


@keys.command("sign")
def keys_sign() -> None:
    """Sign what the catalogue lists and is not signed yet, and renew what nears its expiry. The worker does it by
    itself, each hour and after each publication.

    \b
    Example:
        maxa keys sign
    """
    _tell(bring_signatures_up(_centre()))


def _tell(signing: Signing) -> None:
    say(
        f"سریال {signing.serial} امضا شده است، تا {jalali(signing.expires)} ({len(signing.signed)} فراداده تازه شد).",
        f"Serial {signing.serial} is signed until {signing.expires:%Y-%m-%d} ({len(signing.signed)} files renewed).",
    )


@keys.command("status")
@_ROOT_KEYS
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def keys_status_(ctx: click.Context, root_folders: tuple[Path, ...], json_: bool) -> None:
    """Show roles, thresholds, where private keys lie, expiries, and the root's fingerprint. Exits with 3 when a signature
    has expired, or the online keys are not enough to sign.

    \b
    Example:
        maxa keys status
    """
    settings = _centre()
    ring = _keys_at_hand(settings, root_folders)
    _tell_open(ring)
    status = keys_status(settings.shelf, ring)
    troubles = _troubles(status, settings)
    if json_:
        as_json(_as_dict(status, troubles))
    else:
        table(
            ["role", "needs", "here", "version", "expires", "keys"],
            (
                [r.name, f"{r.threshold}/{len(r.keys)}", r.at_hand, r.version, r.expires and f"{r.expires:%Y-%m-%d}",
                 ", ".join(i[:12] for i, _ in r.keys)]
                for r in status.roles
            ),
        )  # fmt: skip
        click.echo(f"root: {status.root_file}")
        click.echo(f"sha256: {status.root_sha256}")
        for fa, en, _ in troubles:
            click.echo(f"! {fa if persian() else en}")
    if any(bad for _, _, bad in troubles):
        ctx.exit(3)


def _troubles(status: KeysStatus, settings: Settings) -> list[tuple[str, str, bool]]:
    """(Persian, English, whether it is one now)."""
    now, found = datetime.now(UTC), []
    for role in status.roles:
        if role.expires is not None and role.expires <= now:
            found.append((
                f"امضای «{role.name}» در {jalali(role.expires)} منقضی شد: آینه‌ها چیز تازه‌ای نمی‌پذیرند.",
                f"{role.name} expired on {role.expires:%Y-%m-%d}: mirrors take nothing new.", True,
            ))  # fmt: skip
        elif role.name == "root" and role.expires is not None and (role.expires - now).days < _SOON_DAYS:
            found.append((
                f"مهلت ریشه در {jalali(role.expires)} می‌گذرد؛ «maxa keys rotate renew».",
                f"The root expires on {role.expires:%Y-%m-%d}: `maxa keys rotate renew`.", False,
            ))  # fmt: skip
        if role.name != "root" and role.at_hand < role.threshold:
            found.append((
                f"برای «{role.name}» {role.threshold} کلید لازم است و {role.at_hand} کلید اینجاست؛ «maxa keys rotate online».",
                f"{role.name} needs {role.threshold} keys and {role.at_hand} are here: `maxa keys rotate online`.", True,
            ))  # fmt: skip
        if role.name == "root" and any(p and p.startswith(str(settings.home)) for _, p in role.keys):
            found.append((
                "کلید ریشه هنوز روی همین دستگاه است؛ آن را روی حافظه‌ای جدا ببرید.",
                "The root's key still lies on this machine: move it to a stick.", False,
            ))  # fmt: skip
    found += [
        (f"کلید بی‌نقش: {p}؛ پاکش کنید.", f"A key without a role: {p}; remove it.", False) for p in status.strangers
    ]
    return found


def _as_dict(status: KeysStatus, troubles: list[tuple[str, str, bool]]) -> dict[str, object]:
    return {
        "roles": [
            {"role": r.name, "threshold": r.threshold, "keys": [i for i, _ in r.keys], "here": r.at_hand,
             "version": r.version, "expires": r.expires}
            for r in status.roles
        ],
        "root": {"file": str(status.root_file), "sha256": status.root_sha256},
        "serial": status.standing.serial if status.standing else None,
        "warnings": [en for _, en, _ in troubles],
    }  # fmt: skip


VERBS = (keys,)
