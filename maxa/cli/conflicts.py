"""Verbs for what the committee has to decide on: where lists stand against its decisions, and codes without a target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from maxa.cli.centre import open_centre
from maxa.cli.decisions import VERDICT_FA
from maxa.cli.output import as_json, persian, relationship_word, say, table, write_rows
from maxa.errors import BadParameter
from maxa.registry import decisions
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.models import Terminology
from maxa.registry.transaction import transaction

_KIND = {
    "differs": ("فهرست جز این می‌گوید", "the list says otherwise"),
    "carries": ("فهرست این جفت را دارد", "the list carries the pair"),
    "dropped": ("فهرست دیگر این جفت را ندارد", "the list dropped the pair"),
    "source-retired": ("کد مبدأ کنار گذاشته شده است", "the source code is retired"),
    "source-unknown": ("کد مبدأ شناخته نیست", "the source code is unknown"),
    "target-retired": ("کد مقصد کنار گذاشته شده است", "the target code is retired"),
    "target-unknown": ("کد مقصد شناخته نیست", "the target code is unknown"),
}


@click.command("conflicts")
@click.argument("map_name", metavar="[MAP]", required=False)
@click.option("--new", "only_new", is_flag=True, help="Only what the committee had not seen when it decided.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
              help="Write them as CSV; - for standard output.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def list_conflicts(
    ctx: click.Context, map_name: str | None, only_new: bool, csv_file: Path | None, json_: bool
) -> None:
    """List where lists, or retired codes, stand against the committee's decisions. The decisions are what is published.

    \b
    Example:
        maxa conflicts LNC--RVU3 --new
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        chosen = [map_named(session, map_name)] if map_name else decisions.maps(session)
        found = [c for one in chosen for c in decisions.conflicts(session, one) if not (only_new and c.known)]
    if json_:
        as_json([conflict._asdict() for conflict in found])
        return
    fa = persian()
    if csv_file is not None:
        write_rows(csv_file, _CONFLICT_FA if fa else _CONFLICT_EN, (_conflict_row(c, whole=True) for c in found))
        return
    if not found:
        say("ناسازگاری نیست.", "There are no conflicts.")
        return
    table(_CONFLICT_FA if fa else _CONFLICT_EN, (_conflict_row(c, whole=False) for c in found))
    name = (map_name or found[0].map).replace("→", "--")
    say(
        "آنچه کمیته تصمیم گرفته منتشر است. اگر فهرست درست است: maxa decisions"
        f" {name} --revoke شمارهٔ‌تصمیم --reason …؛ برای تصمیمی دیگر: maxa decide {name} …",
        f"What the committee decided is published. If the list is right: maxa decisions {name} --revoke DECISION"
        f" --reason …; to decide otherwise: maxa decide {name} …",
    )


_CONFLICT_FA = (
    "تصمیم",
    "نگاشت",
    "مبدأ",
    "مقصد",
    "نظر",
    "ارتباط",
    "ناسازگاری",
    "در فهرست",
    "از",
    "تازه",
    "جانشین",
    "دلیل",
)
_CONFLICT_EN = ("decision", "map", "source", "target", "verdict", "relationship", "conflict", "listed", "since", "new",
                "successor", "reason")  # fmt: skip


def _conflict_row(c: decisions.Conflict, *, whole: bool) -> list[Any]:
    fa = persian()
    return [c.decision, c.map, c.source, c.target or "-", VERDICT_FA[c.verdict] if fa else c.verdict,
            relationship_word(c.relationship), _KIND[c.kind][0 if fa else 1], _listed(c, whole=whole), c.since or "",
            "" if c.known else ("تازه" if fa else "new"), c.successor or "", c.reason]  # fmt: skip


def _listed(conflict: decisions.Conflict, *, whole: bool) -> str:
    """What the list says of the pair: its relationship, and its properties; on the screen those that were decided
    otherwise alone."""
    listed = conflict.listed
    if listed is None:
        return ""
    if listed["status"] == "retired":
        return "نیست" if persian() else "not there"
    properties: dict[str, Any] = listed.get("properties") or {}
    if not whole:
        decided = conflict.properties
        names = [] if decided is None else [n for n in {**properties, **decided} if properties.get(n) != decided.get(n)]
        properties = {name: properties.get(name, "-") for name in names}
    return "; ".join([relationship_word(listed["relationship"]), *(f"{k}: {v}" for k, v in properties.items())])


@click.command("unmapped")
@click.argument("map_name", metavar="MAP")
@click.option("--part", help="Only codes of this part of the source terminology.")
@click.option("--decided", is_flag=True, help="Also codes that were decided to have no target.")
@click.option("--summary", is_flag=True, help="Counts by part alone.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many codes; default: 50, of files all.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
              help="Write them as CSV; - for standard output.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def list_unmapped(
    ctx: click.Context, map_name: str, part: str | None, decided: bool, summary: bool, limit: int | None,
    csv_file: Path | None, json_: bool,
) -> None:  # fmt: skip
    """List active codes of a map's source terminology that lead nowhere, with counts by part.

    \b
    Example:
        maxa unmapped LNC--RVU3 --part clinical --csv unmapped.csv
    """
    fa = persian()
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        terminology = map_named(session, map_name)
        counts = decisions.coverage(session, terminology, part=part)
        _require_part(session, terminology, part, counts)
        shown = limit if json_ or csv_file is not None else limit or 50
        found = decisions.unmapped(session, terminology, part=part, decided=decided, limit=shown)
        if json_:
            codes = [] if summary else [one._asdict() for one in found]
            as_json({"map": terminology.name, "parts": [one._asdict() for one in counts], "codes": codes})
            return
        if csv_file is not None:
            headings = ("کد", "عنوان فارسی", "عنوان لاتین", "بخش", "تصمیم") if fa else (
                "code", "Persian title", "Latin title", "part", "decision",
            )  # fmt: skip
            write_rows(csv_file, headings, found)
            return
        if not counts:
            say(f"{terminology.source} هنوز کد فعالی ندارد.", f"{terminology.source} has no active codes yet.")
            return
        table(
            ["بخش", "فعال", "همتادار", "بی‌همتا به تصمیم", "بی‌همتا"] if fa
            else ["part", "active", "mapped", "decided: no target", "unmapped"],
            ([c.part or "-", c.active, c.mapped, c.no_target, c.unmapped] for c in counts),
        )  # fmt: skip
        if summary:
            return
        rows = list(found)
    for one in rows:
        click.echo(f"{one.code:20} {one.title_fa or one.title_en}" + (f"  [{one.decision}]" if one.decision else ""))
    total = sum(c.unmapped + (c.no_target if decided else 0) for c in counts)
    if total > len(rows):
        say(f"… از {total} کد؛ بیشتر با ‎--limit‎ یا ‎--csv‎", f"… of {total} codes: more with --limit or --csv")


def _require_part(session: Session, terminology: Terminology, part: str | None, counts: Sequence[Any]) -> None:
    if part is None or counts:
        return
    known = [c.part for c in decisions.coverage(session, terminology)]
    if part not in known and any(known):
        raise BadParameter(
            f"{terminology.source} بخشی به نام «{part}» ندارد؛ بخش‌ها: {'، '.join(known)}.",
            f"{terminology.source} has no part {part!r}; parts: {', '.join(known)}.",
            "part",
            known,
        )


VERBS = (list_conflicts, list_unmapped)
