"""``maxa translate``: codes by a map, out of the shelf; it needs no database and runs on a mirror too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from maxa.api.editions import find_map
from maxa.api.translation import MOST_CODES, UNKNOWN, read_map, translate
from maxa.cli.output import as_json, persian, table
from maxa.errors import BadBody
from maxa.gateway.reading import Reading
from maxa.persian.dates import parse_day
from maxa.settings import read_settings
from maxa.sheets.layout import RELATIONSHIP
from maxa.shelf import Shelf


@click.command("translate")
@click.argument("map_id", metavar="MAP")
@click.argument("codes", nargs=-1, metavar="CODE…")
@click.option("--reverse", is_flag=True, help="From the target's codes to the source's.")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
              help="A JSON array of codes, or one a line (what follows a comma or tab is passed over); - for standard input.")  # fmt: skip
@click.option("--version", "edition", metavar="VERSION", help="A named edition of the map, e.g. 1402-02-18.")
@click.option("--date", "on", metavar="DAY", help="What was in force on that day.")
@click.option("--json", "json", is_flag=True, help="As /api/v1 answers.")
def translate_codes(
    map_id: str,
    codes: tuple[str, ...],
    reverse: bool,
    file: Path | None,
    edition: str | None,
    on: str | None,
    json: bool,
) -> None:
    """Translate codes by a map, as POST /api/v1/maps/MAP/translate does. Exits with 3 when a code is unknown.

    MAP may be written LNC→RVU3, LNC->RVU3 (in quotes) or LNC--RVU3.

    \b
    Example:
        maxa translate LNC--RVU3 718-7 2345-7
        maxa translate LNC--RVU3 801515 --reverse
        maxa translate LNC--RVU3 --file codes.txt --json
    """
    wanted = [*codes, *(_codes_of(file) if file is not None else ())]
    if not wanted:
        raise click.UsageError("give CODE…, or --file")
    shelf = Shelf(read_settings().shelf)
    reading = Reading(shelf, shelf.catalogue(), edition, parse_day(on, parameter="date") if on else None)
    held = read_map(reading, reading.open(find_map(reading.catalogue, map_id)), reverse=reverse)
    starts = range(0, len(wanted), MOST_CODES)
    items = [told.as_dict() for start in starts for told in translate(held, wanted[start : start + MOST_CODES])]
    if json:
        as_json(items)
    else:
        _print(items)
    if any(item["outcome"] == UNKNOWN for item in items):
        sys.exit(3)


def _codes_of(file: Path) -> list[str]:
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if content.lstrip()[:1] == b"[":
        try:
            codes = orjson.loads(content)
        except ValueError as error:
            raise click.UsageError(f"{file}: not JSON: {error}") from None
        if not all(isinstance(code, str) and code.strip() for code in codes):
            raise click.UsageError(f"{file}: each element of the array must be a code in quotes")
        return list(codes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadBody(
            f"پروندهٔ «{file.name}» متن UTF-8 نیست (سطر {line})؛ آن را با رمزگذاری UTF-8 ذخیره کنید.",
            f"{file.name} is not UTF-8 text (line {line}): save it as UTF-8, one code a line.",
        ) from None
    lines = (line.replace("\t", ",").partition(",")[0].strip().strip('"') for line in text.splitlines())
    return [line for line in lines if line]


def _print(items: list[dict[str, Any]]) -> None:
    fa = persian()
    rows = []
    for item in items:
        told = "؛ ".join(issue["message_fa"] for issue in item["issues"]) if fa else "; ".join(
            issue["message_en"] for issue in item["issues"]
        )  # fmt: skip
        for n, target in enumerate(item["targets"] or [None]):
            relationship = target["relationship"] if target else ""
            first = n == 0
            rows.append((
                item["published"] or item["code"] if first else "", item["title"] if first else "",
                RELATIONSHIP.get(relationship, relationship) if fa else relationship,
                target["code"] if target else "-", target["title"] if target else "", told if first else "",
            ))  # fmt: skip
    headings = ("کد", "عنوان", "ارتباط", "همتا", "عنوان همتا", "یادداشت") if fa else (
        "code", "title", "relationship", "counterpart", "its title", "note",
    )  # fmt: skip
    table(headings, rows)


VERBS = (translate_codes,)
