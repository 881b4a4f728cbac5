"""Verbs of the administrator: API clients, the schema, the shelf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from maxa.access.clients import (
    SERVICES,
    Client,
    User,
    client_as_dict,
    editing_clients,
    hash_secret,
    is_client_id,
    new_pid,
    new_secret,
    read_clients,
    require_storable,
)
from maxa.cli.centre import open_centre
from maxa.cli.output import as_json, progress, say, table
from maxa.errors import BadParameter, NotFound
from maxa.registry import actions, queries
from maxa.registry.embedded import registry_url
from maxa.registry.engine import upgrade as upgrade_schema
from maxa.registry.transaction import transaction
from maxa.settings import read_settings
from maxa.shelf.check import check_shelf
from maxa.shelf.seal import restore_missing


@click.group("client")
def client() -> None:
    """API clients: programs of vendors and insurers that call the services."""


@client.command("add")
@click.argument("name")
@click.option("--id", "client_id", help="The client id; default: the name.")
@click.option("--user", "username", help="Also make a user for grant_type=password.")
@click.option("--service", "services", multiple=True, type=click.Choice(SERVICES), help="Only these; default: all.")
@click.option("--file", "to_file", is_flag=True, help="Write the local clients file only (a mirror has no registry).")
@click.pass_context
def client_add(
    ctx: click.Context, name: str, client_id: str | None, username: str | None, services: tuple[str, ...], to_file: bool
) -> None:
    """Make a client; its secret, pid and password are shown once and kept as hashes.

    \b
    Example:
        maxa client add noor-his --user noor
        maxa client add "سامانهٔ بیمارستان نور" --id noor-his
    """
    client_id = client_id or name
    if not is_client_id(client_id):
        raise BadParameter(
            f"«{client_id}» شناسهٔ برنامه نمی‌شود: تنها حرف و رقم لاتین و . _ @ - پذیرفته است. نام می‌تواند فارسی بماند؛"
            " شناسه را جدا بدهید، برای نمونه ‎--id noor-his‎.",
            f"{client_id!r} can't be a client id: it takes Latin letters, digits and . _ @ - only. The name may stay as it is;"
            " give the id apart, for example --id noor-his.",
            "id",
        )
    secret, pid, password = new_secret(), new_pid(), new_secret()
    users = (User(username, hash_secret(password)),) if username else ()
    made = Client(
        client_id=client_id, name=name, secret_hash=hash_secret(secret), pid=pid, users=users,
        services=services or SERVICES,
    )  # fmt: skip
    shown = {"client_id": made.client_id, "client_secret": secret, "pid": pid}
    if username:
        shown |= {"username": username, "password": password}
    settings = read_settings()
    if _local(to_file):
        with editing_clients(settings.clients_file) as clients:
            if made.client_id in clients:
                raise click.UsageError(f"there is a client {made.client_id!r} already")
            clients[made.client_id] = made
        as_json(shown)
    else:
        with open_centre(ctx) as centre:
            actions.add_client(
                centre.engine, actor=centre.actor, client_id=made.client_id, name=name, record=client_as_dict(made)
            )
            as_json(shown)  # first: it stands in the registry, and nothing tells the secrets again
            centre.project_clients()
    say("این رازها دیگر نشان داده نمی‌شوند.", "These secrets are not shown again.", err=True)


_TO_FILE = click.option(
    "--file", "to_file", is_flag=True, help="The local clients file alone (a mirror has no registry)."
)


@client.command("list")
@_TO_FILE
@click.pass_context
def client_list(ctx: click.Context, to_file: bool) -> None:
    """List API clients, without their secrets.

    \b
    Example:
        maxa client list
    """
    if _local(to_file):
        records = [client_as_dict(c) for c in read_clients(read_settings().clients_file)]
    else:
        with open_centre(ctx) as centre, transaction(centre.engine) as session:
            records = list(queries.client_records(session))
    table(
        ["id", "name", "services", "state"],
        (
            [r["client_id"], r["name"], ", ".join(r["services"]), "disabled" if r.get("disabled") else "open"]
            for r in records
        ),
    )


@client.command("disable")
@click.argument("client_id")
@click.option("--enable", is_flag=True, help="Open it again.")
@_TO_FILE
@click.pass_context
def client_disable(ctx: click.Context, client_id: str, enable: bool, to_file: bool) -> None:
    """Close a client at once: its tokens stop working.

    \b
    Example:
        maxa client disable noor-his
    """
    if _local(to_file):
        _change_in_file(client_id, disabled=not enable)
    else:
        with open_centre(ctx) as centre:
            actions.change_client(
                centre.engine, actor=centre.actor, client_id=client_id, check=require_storable, disabled=not enable
            )
            centre.project_clients()
    say("انجام شد.", "Done.")


@client.command("secret")
@click.argument("client_id")
@_TO_FILE
@click.pass_context
def client_secret(ctx: click.Context, client_id: str, to_file: bool) -> None:
    """Give a client a new secret; the old one and every token issued with it stop working.

    \b
    Example:
        maxa client secret noor-his
    """
    secret = new_secret()
    shown = {"client_id": client_id, "client_secret": secret}
    if _local(to_file):
        _change_in_file(client_id, secret_hash=hash_secret(secret), revoke=True)
        as_json(shown)
    else:
        with open_centre(ctx) as centre:
            actions.change_client(
                centre.engine, actor=centre.actor, client_id=client_id, check=require_storable,
                secret_hash=hash_secret(secret), revoke=True,
            )  # fmt: skip
            as_json(shown)
            centre.project_clients()


def _local(to_file: bool) -> bool:
    """Whether clients are administered in the local file: as asked for, and on a mirror always."""
    return to_file or read_settings().role == "mirror"


def _change_in_file(client_id: str, *, revoke: bool = False, **over: Any) -> None:
    """Change a client of the local file; ``revoke`` makes its tokens worthless. Raises NotFound with the nearest ids."""
    with editing_clients(read_settings().clients_file) as clients:
        held = clients.get(client_id)
        if held is None:
            raise NotFound(
                f"برنامهٔ «{client_id[:60]}» در فایل برنامه‌ها نیست.", f"There is no client {client_id[:60]!r} in the file.",
                suggestions=sorted(clients)[:5],
            )  # fmt: skip
        clients[client_id] = replace(held, **over, token_epoch=held.token_epoch + revoke)


@click.group("db")
def db() -> None:
    """The registry's schema."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to this version's. Safe to run at any time and from several machines at once.

    \b
    Example:
        MAXA_DATABASE_URL=postgresql://maxa@db/maxa maxa db upgrade
    """
    with registry_url(read_settings()) as url:
        before, after = upgrade_schema(url)
    if before == after:
        say(f"ساختار پایگاه داده روزآمد است ({after}).", f"The schema is up to date ({after}).")
    else:
        say(f"از {before or 'تهی'} به {after} آورده شد.", f"Brought from {before or 'nothing'} to {after}.")


@click.group("shelf")
def shelf() -> None:
    """The shelf: sealed releases and the catalogue that readers open."""


@shelf.command("check")
@click.option("--quick", is_flag=True, help="Sizes and sha256 only, not every row.")
@click.pass_context
def shelf_check(ctx: click.Context, quick: bool) -> None:
    """Verify every listed file: bytes, manifest, every row's digest. Exits with 3 when something is wrong.

    \b
    Example:
        maxa shelf check
    """
    settings = read_settings()
    with progress() as teller:
        report = check_shelf(settings.shelf, deep=not quick, progress=teller)
    for problem in report.problems:
        click.echo(f"{problem.file}: {problem.message_en}")
    say(
        f"{report.files} پرونده بررسی شد، {len(report.problems)} ایراد (سریال {report.serial}).",
        f"{report.files} files checked, {len(report.problems)} problems (serial {report.serial}).",
    )
    if report.problems:
        say("برای بازسازی: maxa shelf rebuild", "To restore them: maxa shelf rebuild")
        ctx.exit(3)


@shelf.command("rebuild")
@click.pass_context
def shelf_rebuild(ctx: click.Context) -> None:
    """Restore missing or damaged files from the registry; sound ones are left as they are.

    \b
    Example:
        maxa shelf rebuild
    """
    with open_centre(ctx) as centre, progress() as teller:
        restored = restore_missing(centre.engine, centre.settings.shelf, say=teller.say)
        centre.sign()
    for name in restored:
        click.echo(name)
    say(f"{len(restored)} پرونده بازسازی شد.", f"{len(restored)} files restored.")


VERBS = (client, db, shelf)
