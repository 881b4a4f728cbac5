"""Verbs for decisions of the committee on maps: draft them, list and revoke them, see conflicts and codes without target."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, of, persian, say, table
from maxa.errors import BadParameter
from maxa.persian.dates import jalali_instant
from maxa.registry import actions, decisions, queries
from maxa.registry.actions.decisions import map_named
from maxa.registry.decision_file import NO_TARGET, NOT, RELATIONSHIPS, make_decision, read_decisions
from maxa.registry.decision_rows import STATE_WORDS
from maxa.registry.models import Terminology
from maxa.registry.transaction import transaction
from maxa.sheets.layout import RELATIONSHIP
from maxa.sheets.plain_text import csv_text

_VERDICT_FA = {"holds": "برقرار", "not": "نه", "no-target": "بی‌همتا", "revoke": "لغو"}
_LISTS_FA = {"agrees": "همین", "otherwise": "جز این", "nothing": "ندارد"}
_KIND = {
    "differs": ("فهرست جز این می‌گوید", "the list says otherwise"),
    "carries": ("فهرست این جفت را دارد", "the list carries the pair"),
    "dropped": ("فهرست دیگر این جفت را ندارد", "the list dropped the pair"),
    "source-retired": ("کد مبدأ کنار گذاشته شده است", "the source code is retired"),
    "source-unknown": ("کد مبدأ شناخته نیست", "the source code is unknown"),
    "target-retired": ("کد مقصد کنار گذاشته شده است", "the target code is retired"),
    "target-unknown": ("کد مقصد شناخته نیست", "the target code is unknown"),
}


@click.command()
@click.argument("map_name", metavar="MAP")
@click.argument("source", required=False)
@click.argument("target", required=False)
@click.option("--relationship", metavar="|".join(RELATIONSHIPS), help="Default: as the list has it, else equivalent.")
@click.option("--not", "does_not", is_flag=True, help="The pair does not hold, whatever a list says.")
@click.option("--no-target", is_flag=True, help="SOURCE has no target: no pair of it is published.")
@click.option("--property", "properties", multiple=True, metavar="NAME=VALUE",
              help="A property of the pair, in place of the list's; repeatable.")  # fmt: skip
@click.option("--part", help="The part of a pair that no list carries; default: that of its source code.")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Many decisions: CSV, TSV or JSON (docs/maps.md).")  # fmt: skip
@click.option("--reason", default="", help="Why; kept with the decision. Of a file: where a row gives none.")
@click.option("--note", default="", help="A remark kept with the submission.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def decide(
    ctx: click.Context, map_name: str, source: str | None, target: str | None, relationship: str | None, does_not: bool,
    no_target: bool, properties: tuple[str, ...], part: str | None, file: Path | None, reason: str, note: str,
    json_: bool,
) -> None:  # fmt: skip
    """Draft a decision of the committee on a map. It stands over what lists say, once another person has approved it.

    \b
    Example:
        maxa decide "LNC->RVU3" 718-7 801515 --relationship narrower --reason "minutes of 1402/03/02"
        maxa decide LNC--RVU3 2345-7 --no-target --reason "not in the book"
        maxa decide LNC--RVU3 718-7 801520 --not --reason "another method"
        maxa decide LNC--RVU3 --file decisions.csv --reason "minutes of 1402/03/02"
    """
    if (file is None) == (source is None):
        raise click.UsageError("give SOURCE and TARGET, or --file")
    if does_not and no_target:
        raise click.UsageError("--not and --no-target exclude each other")
    if file is not None and (relationship or does_not or no_target or properties or part):
        raise click.UsageError("with --file, all of it stands in the file")
    with open_centre(ctx) as centre:
        if file is not None:
            if file.stat().st_size > centre.settings.max_workbook:
                raise BadParameter(
                    f"پروندهٔ «{file.name}» از اندازهٔ مجاز ({centre.settings.max_workbook >> 20} مگابایت) بزرگ‌تر است.",
                    f"{file.name} is larger than the {centre.settings.max_workbook >> 20} MB allowed (MAXA_MAX_WORKBOOK).",
                    "file",
                )
            made = read_decisions(file.read_bytes(), name=file.name, reason=reason, map_name=map_name)
        else:
            verdict = NO_TARGET if no_target else NOT if does_not else ""
            made = [
                make_decision({
                    "source": source, "target": target, "verdict": verdict, "relationship": relationship or "",
                    "properties": _properties(properties), "part": part, "reason": reason,
                })
            ]  # fmt: skip
        received = actions.draft_decisions(
            centre.engine, actor=centre.actor, map_name=map_name, decisions=made, note=note, reason=reason
        )
        _report(ctx, centre, received.submission_id, existing=received.existing, json_=json_)


def _properties(given: Sequence[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            raise click.UsageError(f"--property {one}: write NAME=VALUE, each name once")
        found[name.strip()] = value.strip()
    return found or None


def _report(ctx: click.Context, centre: OpenCentre, number: int, *, existing: bool, json_: bool) -> None:
    with transaction(centre.engine) as session:
        found = queries.findings(session, number)
        told = decisions.decisions(session, submission=number)
    if json_:
        as_json({
            "submission": number, "existing": existing, "decisions": [_as_dict(one) for one in told],
            "findings": [
                {n: getattr(f, n) for n in ("severity", "rule", "value", "message_fa", "message_en")} for f in found
            ],
        })  # fmt: skip
    else:
        if existing:
            say(
                f"همین تصمیم‌ها در پیش‌نویس {number} هست؛ چیزی افزوده نشد.",
                f"Submission {number} holds just these decisions already: nothing was added.",
            )
        say(f"پیش‌نویس {number}: {len(told)} تصمیم.", f"Submission {number}: {len(told)} decisions, as a draft.")
        for finding in found:
            click.echo(f"  {finding.severity}: {finding.rule}: {of(finding)}")
    if any(f.severity == "error" for f in found):
        ctx.exit(3)
    if not json_:
        say(
            f"گام بعد: maxa diff {number}؛ سپس maxa submit {number}، و دیگری maxa approve {number}",
            f"Next: maxa diff {number}, then maxa submit {number}, and another person maxa approve {number}",
        )


@click.command("decisions")
@click.argument("map_name", metavar="[MAP]", required=False)
@click.option("--source", metavar="CODE", help="Only on this code of the source terminology.")
@click.option("--state", "states", multiple=True, type=click.Choice([str(s) for s in decisions.STATES]),
              help="Default: those that stand or are on their way; repeatable.")  # fmt: skip
@click.option("--all", "all_", is_flag=True, help="Also those that ended or were rejected.")
@click.option("--revoke", "revoke", multiple=True, type=click.IntRange(1, 2**63 - 1), metavar="NUMBER",
              help="Draft the revocation of a standing decision; repeatable, with MAP and --reason.")  # fmt: skip
@click.option("--reason", default="", help="Why they are revoked.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
              help="Write them as CSV, which `maxa decide --file` reads; - for standard output.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def list_decisions(
    ctx: click.Context, map_name: str | None, source: str | None, states: tuple[str, ...], all_: bool,
    revoke: tuple[int, ...], reason: str, csv_file: Path | None, json_: bool,
) -> None:  # fmt: skip
    """List the committee's decisions on maps, or revoke some: what the lists say holds again, once that is approved.

    \b
    Example:
        maxa decisions LNC--RVU3
        maxa decisions LNC--RVU3 --revoke 12 --reason "the list was corrected"
    """
    with open_centre(ctx) as centre:
        if revoke:
            if map_name is None:
                raise click.UsageError("--revoke needs MAP")
            received = actions.draft_decisions(
                centre.engine, actor=centre.actor, map_name=map_name, revoke=revoke, reason=reason
            )
            _report(ctx, centre, received.submission_id, existing=received.existing, json_=json_)
            return
        with transaction(centre.engine) as session:
            terminology = map_named(session, map_name) if map_name else None
            wanted = decisions.STATES if all_ else states or decisions.OPEN_STATES
            found = decisions.decisions(session, terminology=terminology, source=source, states=wanted)
    if json_:
        as_json([_as_dict(one) for one in found])
        return
    if csv_file is not None:
        names = sorted({name for one in found for name in one.properties or {}})
        _write_csv(csv_file, [*(_CSV_FA if persian() else _CSV_EN), *names], (_csv_row(one, names) for one in found))
        return
    if not found:
        say("تصمیمی نیست.", "There are no decisions.")
        return
    fa = persian()
    table(
        ["شماره", "نگاشت", "مبدأ", "مقصد", "نظر", "ارتباط", "حالت", "از", "فهرست‌ها", "که", "دلیل"] if fa
        else ["no", "map", "source", "target", "verdict", "relationship", "state", "since", "lists", "by", "reason"],
        (
            [d.id, d.map, d.source, d.target or "-", _VERDICT_FA[d.verdict] if fa else d.verdict,
             _relationship(d.relationship), STATE_WORDS[d.state] if fa else d.state, d.since,
             _LISTS_FA.get(d.lists or "", "") if fa else d.lists, d.actor, d.reason]
            for d in found
        ),
    )  # fmt: skip


def _relationship(name: str | None) -> str:
    return (RELATIONSHIP.get(name, name) if persian() else name) if name else ""


def _as_dict(decision: decisions.Decided) -> dict[str, Any]:
    return {**decision._asdict(), "at": jalali_instant(decision.at)}


_CSV_FA = ("شماره", "نگاشت", "کد مبدأ", "کد مقصد", "نظر", "نوع ارتباط", "بخش", "حالت", "دلیل")
_CSV_EN = ("number", "map", "source", "target", "verdict", "relationship", "part", "state", "reason")


def _csv_row(d: decisions.Decided, properties: Sequence[str]) -> list[Any]:
    fa, given = persian(), d.properties or {}
    return [d.id, d.map, d.source, d.target or "", _VERDICT_FA[d.verdict] if fa else d.verdict,
            _relationship(d.relationship), d.part, STATE_WORDS[d.state] if fa else d.state, d.reason,
            *(given.get(name) for name in properties)]  # fmt: skip


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
        _write_csv(csv_file, _CONFLICT_FA if fa else _CONFLICT_EN, (_conflict_row(c, whole=True) for c in found))
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
    return [c.decision, c.map, c.source, c.target or "-", _VERDICT_FA[c.verdict] if fa else c.verdict,
            _relationship(c.relationship), _KIND[c.kind][0 if fa else 1], _listed(c, whole=whole), c.since or "",
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
    return "; ".join([_relationship(listed["relationship"]), *(f"{k}: {v}" for k, v in properties.items())])


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
            _write_csv(csv_file, headings, found)
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


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """UTF-8 with its mark, so that Excel reads it; a cell that Excel would take for a formula is disarmed."""
    lines = [",".join(csv_text("" if cell is None else str(cell)) for cell in row) for row in (headings, *rows)]
    content = ("\ufeff" + "".join(line + "\r\n" for line in lines)).encode("utf-8", errors="replace")
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    path.write_bytes(content)
    count = len(lines) - 1
    say(f"{path}: {count} ردیف", f"{path}: {count} rows")


VERBS = (decide, list_decisions, list_conflicts, list_unmapped)
