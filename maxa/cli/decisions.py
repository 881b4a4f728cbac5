"""Verbs for decisions of the committee on maps: draft them, list and revoke them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, of, persian, say, table
from maxa.errors import BadParameter
from maxa.persian.dates import jalali_instant
from maxa.registry import actions, decisions, queries
from maxa.registry.actions.decisions import map_named
from maxa.registry.decision_file import NO_TARGET, NOT, RELATIONSHIPS, make_decision, read_decisions
from maxa.registry.decision_rows import STATE_WORDS
from maxa.registry.transaction import transaction
from maxa.sheets.layout import RELATIONSHIP
from maxa.sheets.plain_text import csv_line

VERDICT_FA = {"holds": "برقرار", "not": "نه", "no-target": "بی‌همتا", "revoke": "لغو"}
_LISTS_FA = {"agrees": "همین", "otherwise": "جز این", "nothing": "ندارد"}


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
        write_csv(csv_file, [*(_CSV_FA if persian() else _CSV_EN), *names], (_csv_row(one, names) for one in found))
        return
    if not found:
        say("تصمیمی نیست.", "There are no decisions.")
        return
    fa = persian()
    table(
        ["شماره", "نگاشت", "مبدأ", "مقصد", "نظر", "ارتباط", "حالت", "از", "فهرست‌ها", "که", "دلیل"] if fa
        else ["no", "map", "source", "target", "verdict", "relationship", "state", "since", "lists", "by", "reason"],
        (
            [d.id, d.map, d.source, d.target or "-", VERDICT_FA[d.verdict] if fa else d.verdict,
             relationship_word(d.relationship), STATE_WORDS[d.state] if fa else d.state, d.since,
             _LISTS_FA.get(d.lists or "", "") if fa else d.lists, d.actor, d.reason]
            for d in found
        ),
    )  # fmt: skip


def relationship_word(name: str | None) -> str:
    return (RELATIONSHIP.get(name, name) if persian() else name) if name else ""


def _as_dict(decision: decisions.Decided) -> dict[str, Any]:
    return {**decision._asdict(), "at": jalali_instant(decision.at)}


_CSV_FA = ("شماره", "نگاشت", "کد مبدأ", "کد مقصد", "نظر", "نوع ارتباط", "بخش", "حالت", "دلیل")
_CSV_EN = ("number", "map", "source", "target", "verdict", "relationship", "part", "state", "reason")


def _csv_row(d: decisions.Decided, properties: Sequence[str]) -> list[Any]:
    fa, given = persian(), d.properties or {}
    return [d.id, d.map, d.source, d.target or "", VERDICT_FA[d.verdict] if fa else d.verdict,
            relationship_word(d.relationship), d.part, STATE_WORDS[d.state] if fa else d.state, d.reason,
            *(given.get(name) for name in properties)]  # fmt: skip


def write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """UTF-8 with its mark, so that Excel reads it; a cell that Excel would take for a formula is disarmed."""
    lines = [csv_line(row) for row in (headings, *rows)]
    content = ("\ufeff" + "".join(lines)).encode("utf-8", errors="replace")
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    path.write_bytes(content)
    count = len(lines) - 1
    say(f"{path}: {count} ردیف", f"{path}: {count} rows")


VERBS = (decide, list_decisions)
