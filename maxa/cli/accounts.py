"""Verbs for the accounts of the committee's staff. They sign in at the desk, and act here by ``--as``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select

from maxa.cli.centre import open_centre
from maxa.cli.output import as_json, say, table
from maxa.errors import BadParameter
from maxa.map_ids import map_id
from maxa.persian.dates import jalali_instant
from maxa.registry import actions
from maxa.registry.models import Account
from maxa.registry.people import KEEPING_ROLES, ROLES
from maxa.registry.transaction import transaction

_ROLE = click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given more than once.")
_KEEPS = click.option(
    "--keeps", multiple=True, metavar="TERMINOLOGY=ROLE",
    help=f"A role over one terminology or map only, for a steward: {' or '.join(KEEPING_ROLES)}.",
)  # fmt: skip


@click.group("account")
def account() -> None:
    """Accounts of the committee's staff: for the desk, and for --as."""


@account.command("add")
@click.argument("name")
@_ROLE
@_KEEPS
@click.option("--password", "ask", is_flag=True, help="Ask for a password; default: make one that is good once.")
@click.pass_context
def account_add(ctx: click.Context, name: str, roles: tuple[str, ...], keeps: tuple[str, ...], ask: bool) -> None:
    """Make an account. The first one must be an administrator's. Its one-time password is shown once; at the desk it has
    to be changed at the first sign-in, within a week.

    \b
    Example:
        maxa account add root --role administrator
        maxa --as root account add sara --role importer
        maxa --as root account add mina --role approver
        maxa --as root account add reza --keeps IRC=importer --keeps eRx=importer
    """
    password = _asked() if ask else None
    with open_centre(ctx) as centre:
        once = actions.add_account(
            centre.engine, actor=centre.actor, name=name, roles=roles, keeps=_kept(keeps), password=password
        )
    say(f"حساب «{name}» آماده است.", f"The account {name!r} is ready.", err=once is not None)
    _show(name, once)


@account.command("list")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def account_list(ctx: click.Context, json_: bool) -> None:
    """List the accounts, their roles and what they keep.

    \b
    Example:
        maxa account list
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        centre.actor.require("administer")
        rows: list[dict[str, Any]] = [
            {"name": one.name, "roles": one.roles, "keeps": [f"{kept.title}={kept.role}" for kept in one.stewardships],
             "password": _password_state(one), "disabled": one.disabled, "made": jalali_instant(one.created_at)}
            for one in session.scalars(select(Account).order_by(Account.name))
        ]  # fmt: skip
    if json_:
        as_json(rows)
        return
    table(
        ["name", "roles", "keeps", "password", "state", "made"],
        ([r["name"], ", ".join(r["roles"]), ", ".join(r["keeps"]), r["password"], "closed" if r["disabled"] else "open",
          r["made"]] for r in rows),
    )  # fmt: skip


def _password_state(one: Account) -> str:
    if one.password_hash is None:
        return "none"
    return "one-time" if one.change_until is not None else "own"


@account.command("disable")
@click.argument("name")
@click.option("--enable", is_flag=True, help="Open it again.")
@click.pass_context
def account_disable(ctx: click.Context, name: str, enable: bool) -> None:
    """Close an account at once: its sessions end, and nobody acts in its name. What it did stays in the audit trail.

    \b
    Example:
        maxa --as root account disable sara
    """
    with open_centre(ctx) as centre:
        actions.disable_account(centre.engine, actor=centre.actor, name=name, disabled=not enable)
    say("انجام شد.", "Done.")


@account.command("password")
@click.argument("name")
@click.option("--ask", is_flag=True, help="Ask for the new password; default: make one that is good once.")
@click.pass_context
def account_password(ctx: click.Context, name: str, ask: bool) -> None:
    """Give an account a new password, for one that was forgotten; all its sessions end.

    \b
    Example:
        maxa --as root account password sara
    """
    password = _asked() if ask else None
    with open_centre(ctx) as centre:
        once = actions.reset_password(centre.engine, actor=centre.actor, name=name, password=password)
    if once is None:
        say("گذرواژه عوض شد.", "The password is changed.")
    _show(name, once)


@account.command("roles")
@click.argument("name")
@_ROLE
@_KEEPS
@click.pass_context
def account_roles(ctx: click.Context, name: str, roles: tuple[str, ...], keeps: tuple[str, ...]) -> None:
    """Give an account these roles, instead of those that it has.

    \b
    Example:
        maxa --as root account roles sara --role importer --role approver
        maxa --as root account roles reza --role viewer --keeps IRC=approver
    """
    with open_centre(ctx) as centre:
        actions.change_roles(centre.engine, actor=centre.actor, name=name, roles=roles, keeps=_kept(keeps))
    say("انجام شد.", "Done.")


def _kept(keeps: Sequence[str]) -> list[tuple[str, str]]:
    """``IRC=importer`` → ``("IRC", "importer")``; maps as they are typed anywhere else (``LNC--RVU3``)."""
    pairs = []
    for one in keeps:
        name, equals, role = one.rpartition("=")
        if not equals or role.strip() not in KEEPING_ROLES:
            raise BadParameter(
                f"«{one[:60]}» باید چنین باشد: شناسهٔ ترمینولوژی=نقش، برای نمونه ‎IRC=importer‎.",
                f"{one[:60]!r} must be TERMINOLOGY=ROLE, for example IRC=importer; roles: {', '.join(KEEPING_ROLES)}.",
                "keeps",
            )
        pairs.append((map_id(name), role.strip()))
    return pairs


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _show(name: str, once: str | None) -> None:
    if once is not None:
        as_json({"account": name, "one_time_password": once})
        say(
            "این گذرواژه دیگر نشان داده نمی‌شود و تا یک هفته یک بار به کار می‌آید.",
            "This password is not shown again; it is good once, within a week.",
            err=True,
        )


VERBS = (account,)
