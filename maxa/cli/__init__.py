"""The ``maxa`` command: a table of verbs, each with help and an example. ``maxa VERB --help`` tells more.

Exit codes: 0 done, 1 something unforeseen, 2 wrong usage, 3 refused (bad workbook, findings, wrong state), 4 not
found, 5 not allowed, 6 unavailable, 78 wrong settings.
"""

from __future__ import annotations

import getpass
import sys
from typing import Any

import click

from maxa.cli import (
    administration,
    decisions,
    differences,
    importing,
    inspecting,
    lookups,
    maps,
    running,
    searching,
    sheets,
    submissions,
)
from maxa.cli.output import complain
from maxa.errors import MaxaError


class _Group(click.Group):
    """Lists verbs in the order of a day's work, and prints errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

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


for verb in (
    *running.VERBS, *inspecting.VERBS, *importing.VERBS, *submissions.VERBS, *differences.VERBS, *decisions.VERBS, *sheets.VERBS,
    *lookups.VERBS, *searching.VERBS, *maps.VERBS, *administration.VERBS,
):  # fmt: skip
    main.add_command(verb)
