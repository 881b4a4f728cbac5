"""The ``maxa`` command: a table of verbs, each with help and an example. ``maxa VERB --help`` tells more.

Exit codes: 0 done, 1 something unforeseen, 2 wrong usage, 3 refused (bad workbook, findings, wrong state), 4 not
found, 5 not allowed, 6 unavailable, 78 wrong settings.
"""

from __future__ import annotations

import getpass
import importlib
import sys
from collections.abc import MutableMapping
from typing import Any

import click

from maxa.cli.output import complain
from maxa.errors import MaxaError

# Verbs whose rooms need neither registry nor importers: on a mirror they start in a third of the time and memory.
_LIGHT = {"mirror": "maxa.cli.mirroring", "keys": "maxa.cli.keys"}


class _Group(click.Group):
    """Lists verbs in the order of a day's work, loads their rooms when they are asked for, and prints errors as
    sentences."""

    _loaded: MutableMapping[str, click.Command]

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        if not self._loaded:
            self._loaded = {str(verb.name): verb for verb in _verbs()}
        return self._loaded

    @commands.setter
    def commands(self, given: MutableMapping[str, click.Command]) -> None:
        self._loaded = given

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _LIGHT and not self._loaded:
            verbs: tuple[click.Command, ...] = importlib.import_module(_LIGHT[name]).VERBS
            return next((verb for verb in verbs if verb.name == name), None)
        return self.commands.get(name)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except MaxaError as error:
            complain(error)
            sys.exit(error.exit_code)


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--as", "actor", envvar="MAXA_ACTOR", metavar="NAME", default=_login_name,
              help="Act in this account's name; default: your login name.")  # fmt: skip
@click.version_option(package_name="maxa", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, actor: str) -> None:
    """An open MAXA server: circular workbooks in, the four MAXA services out.

    \b
    A day's work:
        maxa run                                        everything on one machine
        maxa import lab.xlsx --circular 110/37          a draft, with findings
        maxa findings 7; maxa diff 7                    what is wrong, what would change
        maxa publish 7                                  a new edition, on the shelf
        maxa lookup LNC 718-7                           as a client sees it
    """
    ctx.obj = actor


def _verbs() -> list[click.Command]:
    """The table of verbs, in the order in which help lists them."""
    from maxa.cli import (
        accounts,
        administration,
        conflicts,
        decisions,
        differences,
        importing,
        inspecting,
        keys,
        lookups,
        maps,
        mirroring,
        running,
        searching,
        sheets,
        submissions,
    )

    rooms = (
        running, inspecting, importing, submissions, differences, decisions, conflicts, sheets, lookups, searching, maps, accounts,
        administration, keys, mirroring,
    )  # fmt: skip
    return [verb for room in rooms for verb in room.VERBS]
