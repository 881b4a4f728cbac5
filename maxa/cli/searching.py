"""``maxa search``: the search of clients, over the shelf; no database is needed, and a mirror has it too."""

from __future__ import annotations

import sys
from typing import Any

import click

from maxa.cli.output import as_json, persian, say, table
from maxa.persian.dates import parse_day
from maxa.search.api import DEFAULT_PAGE, MOST_IN_A_PAGE, SearchHit, SearchReply
from maxa.search.api import search as search_shelf
from maxa.settings import read_settings
from maxa.shelf import Shelf

_NOTHING_FOUND = 4


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--in",
    "--terminology",
    "terminologies",
    metavar="ID",
    multiple=True,
    help="Search this terminology; repeat it for several. Default: all.",
)
@click.option(
    "--limit", type=click.IntRange(1, MOST_IN_A_PAGE), default=DEFAULT_PAGE, show_default=True, help="Hits on a page."
)
@click.option("--cursor", help="The next page: the cursor that the page before told.")
@click.option("--literal", is_flag=True, default=None, help="Only the words as typed: no synonyms, no other spelling.")
@click.option("--status", type=click.Choice(["all", "active", "retired"]), help="Default: all.")
@click.option("--version", "edition", metavar="VERSION", help="Search this edition, e.g. 1402-02-18.")
@click.option("--date", "on", metavar="DAY", help="Search the edition in force on that day.")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def search(
    words: tuple[str, ...], terminologies: tuple[str, ...], limit: int, cursor: str | None, literal: bool | None,
    status: str | None, edition: str | None, on: str | None, in_json: bool,
) -> None:  # fmt: skip
    """Search titles and codes: all words in any order, the last one as a beginning. Exits with 4 when nothing is found.

    Also "a phrase", -without, a OR b (یا), code:718*, fa:, en:, and a property such as category:سونوگرافی.

    \b
    Example:
        maxa search قند خون ناشتا
        maxa search --in RVU3 category:سونوگرافی حاملگی
    """
    shelf = Shelf(read_settings().shelf)
    day = parse_day(on, parameter="date") if on else None
    reply = search_shelf(
        shelf, shelf.catalogue(), " ".join(words), terminologies=terminologies, limit=limit, cursor=cursor, literal=literal,
        status=status, version=edition, on=day,
    )  # fmt: skip
    if in_json:
        as_json(_plain(reply))
    else:
        _print(reply)
    if not reply.hits:
        sys.exit(_NOTHING_FOUND)


def _plain(reply: SearchReply) -> dict[str, Any]:
    return {
        "total": reply.total, "totalIsExact": reply.total_is_exact, "counts": reply.counts,
        "searchedInstead": reply.instead, "next": reply.next, "hits": [_hit(hit) for hit in reply.hits],
    }  # fmt: skip


def _hit(hit: SearchHit) -> dict[str, Any]:
    concept = hit.concept
    return {
        "terminology": hit.terminology, "version": hit.version, "code": concept.code, "title_fa": concept.title_fa,
        "title_en": concept.title_en, "status": "active" if concept.active else "retired",
        "replaced_by": concept.replaced_by, "highlight": hit.highlight, "properties": concept.property_values(),
    }  # fmt: skip


def _print(reply: SearchReply) -> None:
    if reply.instead:
        say(str(reply.instead["message_fa"]), str(reply.instead["message_en"]), err=True)
    if not reply.hits:
        say("چیزی یافت نشد.", "Nothing was found.", err=True)
        return
    retired = "بازنشسته" if persian() else "retired"
    table(
        ("واژگان", "کد", "عنوان", "") if persian() else ("terminology", "code", "title", ""),
        (
            (h.terminology, h.concept.code, h.concept.title, "" if h.concept.active else _retired(retired, h))
            for h in reply.hits
        ),
    )
    more = "" if reply.total_is_exact else "+"
    counts = "، ".join(f"{name}: {n}" for name, n in reply.counts.items())
    say(
        f"{len(reply.hits)} از {reply.total}{more} ({counts})",
        f"{len(reply.hits)} of {reply.total}{more} ({counts})",
        err=True,
    )
    if reply.next:
        say(f"ادامه: --cursor {reply.next}", f"more: --cursor {reply.next}", err=True)


def _retired(word: str, hit: SearchHit) -> str:
    return f"{word} → {hit.concept.replaced_by}" if hit.concept.replaced_by else word


VERBS = (search,)
