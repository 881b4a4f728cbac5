"""Verbs that read the shelf, as clients see it; they need no database and run on a mirror too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from maxa.cli.output import as_json, persian
from maxa.gateway.lookup import look_up
from maxa.gateway.reading import Reading
from maxa.gateway.validate import Triple, Validator
from maxa.persian.dates import parse_day
from maxa.settings import read_settings
from maxa.shelf import Shelf


@click.command()
@click.argument("terminology")
@click.argument("code")
@click.option("--version", "edition", metavar="VERSION", help="A named edition, e.g. 1402-02-18.")
@click.option("--date", "on", metavar="DAY", help="The edition in force on that day.")
def lookup(terminology: str, code: str, edition: str | None, on: str | None) -> None:
    """Look a code up as the service `Terminology` does. Exits with 4 when it is unknown.

    \b
    Example:
        maxa lookup LNC 718-7
        maxa lookup LNC 718-7 --date 1400/10/01
    """
    reply = look_up({"Terminology": terminology, "Code": code}, _reading(edition, on))
    as_json(orjson.loads(reply.data))


def _reading(version: str | None, on: str | None) -> Reading:
    shelf = Shelf(read_settings().shelf)
    return Reading(shelf, shelf.catalogue(), version, parse_day(on, parameter="date") if on else None)


@click.command()
@click.argument("terminology", required=False)
@click.argument("code", required=False)
@click.argument("value", required=False, default="")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
              help="A JSON array of DO_CODED_TEXT, or lines of terminology,code,title; - for standard input.")  # fmt: skip
@click.option("--date", "on", metavar="DAY", help="Validate against what was in force on that day.")
@click.option("--strict", is_flag=True, help="Another title is an error.")
def validate(
    terminology: str | None, code: str | None, value: str, file: Path | None, on: str | None, strict: bool
) -> None:
    """Validate codings as the service `ValidateCts` does. Exits with 3 when one is not valid.

    \b
    Example:
        maxa validate LNC 718-7 "Hemoglobin"
        maxa validate --file codes.json
    """
    if file is not None:
        items = _items_of(file)
    elif terminology and code:
        items = [{"Terminology_id": terminology, "Coded_string": code, "Value": value}]
    else:
        raise click.UsageError("give TERMINOLOGY and CODE, or --file")
    validator = Validator(_reading(None, on), posted=file is not None, strict=strict)
    replies = orjson.loads(orjson.dumps(validator.judge([_triple(item) for item in items])))
    if file is not None:
        as_json(replies)
    else:
        _print_reply(replies[0])
    if not all(reply["IsValid"] for reply in replies):
        sys.exit(3)


def _triple(item: Any) -> Triple:
    if not isinstance(item, dict):
        raise click.UsageError("each item is an object with Terminology_id, Coded_string and Value")
    return Triple(*(str(item.get(name) or "") for name in ("Terminology_id", "Coded_string", "Value")))


def _items_of(file: Path) -> list[dict[str, str]]:
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if content.lstrip()[:1] in (b"[", b"{"):
        try:
            data = orjson.loads(content)
        except ValueError as error:
            raise click.UsageError(f"{file}: not JSON: {error}") from None
        return data if isinstance(data, list) else [data]
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    rows = [line.split(",", 2) for line in lines if line.strip()]
    names = ("Terminology_id", "Coded_string", "Value")
    return [dict(zip(names, (*(c.strip() for c in row), "", "", ""), strict=False)) for row in rows]


def _print_reply(reply: dict[str, Any]) -> None:
    valid = ("معتبر", "نامعتبر") if persian() else ("valid", "not valid")
    click.echo(f"{reply['Terminology_id']} {reply['Coded_string']}: {valid[0 if reply['IsValid'] else 1]}")
    for issue in reply["Issues"]:
        click.echo(f"  {issue['severity']}: {issue['code']}: {issue['message_fa' if persian() else 'message_en']}")
    if reply.get("Expected"):
        click.echo(f"  {orjson.dumps(reply['Expected']).decode()}")
    for suggestion in reply["Suggestions"]:
        click.echo(f"  ? {suggestion['Coded_string']}  {suggestion['Value']}")


VERBS = (lookup, validate)
