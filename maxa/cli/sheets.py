"""Verbs that give files: findings as a table, the workbook marked, templates, and exports of any edition."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from importers import SOURCES
from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, of, persian, say, table
from maxa.errors import BadParameter, NotFound
from maxa.map_ids import map_id
from maxa.persian.dates import parse_day
from maxa.registry import queries
from maxa.registry.models import Finding, SubmissionFile
from maxa.registry.sent import write_to
from maxa.registry.transaction import transaction
from maxa.settings import read_settings
from maxa.sheets.export import KINDS, export_release, export_to
from maxa.sheets.findings_table import Group, findings_csv, grouped, place_of
from maxa.sheets.mark import mark_workbook
from maxa.sheets.template import template_for, terminologies_of, write_template
from maxa.shelf import Shelf
from maxa.shelf.catalogue import TerminologyEntry
from maxa.shelf.durable import new_file
from maxa.work_folders import work_folder

_FIELDS = (
    "severity", "rule", "file", "sheet", "row", "column", "heading", "value", "message_fa", "message_en", "confirm",
)  # fmt: skip
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--rule", help="Only this rule.")
@click.option("--severity", type=click.Choice(["error", "warning", "info"]), help="Only this severity.")
@click.option(
    "--group", "group", is_flag=True, help="By rule: counts, what it means, how to mend it, the first places."
)
@click.option("--csv", "csv", type=_OUT, help="Write all of them to this file, for Excel.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="At most so many places.")
@click.pass_context
def findings(
    ctx: click.Context, submission: int, rule: str | None, severity: str | None, group: bool, csv: Path | None,
    json_: bool, limit: int | None,
) -> None:  # fmt: skip
    """Say what is wrong in a submission, and where: sheet, row, column, value, rule.

    Exits with 3 when there are errors. `maxa mark` gives the workbook back with these cells marked.

    \b
    Example:
        maxa findings 7 --severity error
        maxa findings 7 --group
        maxa findings 7 --csv findings.csv
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        queries.submission_or_error(session, submission)
        counts = queries.finding_counts(session, submission)
        rows = queries.findings(session, submission, rule=rule, severity=severity, limit=limit)
    if csv is not None:
        _write(csv, findings_csv(rows))
        say(f"{len(rows)} یافته در {csv} نوشته شد.", f"{len(rows)} findings are written to {csv}.")
    elif json_:
        whole = (
            [one.as_dict() for one in grouped(rows)] if group else [{n: getattr(f, n) for n in _FIELDS} for f in rows]
        )
        as_json(whole)
    elif group:
        for one in grouped(rows):
            _print_group(one)
    else:
        for level, name, count in counts:
            click.echo(f"{level:8}{name:28}{count:>7}")
        for finding in rows:
            shown = f" [{finding.value}]" if finding.value else ""
            click.echo(f"{finding.severity}: {finding.rule}: {place_of(finding) or '-'}{shown}: {of(finding)}")
        if not counts:
            say("یافته‌ای نیست.", "No findings.")
    if any(level == "error" for level, _, _ in counts):
        ctx.exit(3)


def _print_group(group: Group) -> None:
    told = group.as_dict()
    language = "fa" if persian() else "en"
    click.echo(f"{group.severity:8}{group.rule:28}{group.count:>7}  {told[f'means_{language}']}")
    click.echo(f"        → {told[f'mend_{language}']}")
    for key in group.confirm:
        click.echo(f"        --confirm {key}")
    for finding in group.first:
        shown = f" [{finding.value}]" if finding.value else ""
        click.echo(f"        {place_of(finding) or '-'}{shown}: {of(finding)}")
    if group.count > len(group.first):
        more = group.count - len(group.first)
        say(f"        … و {more} دیگر", f"        … and {more} more")


def _write(path: Path, blocks: Any) -> None:
    with new_file(path.absolute()) as temporary, temporary.open("wb") as file:
        for block in blocks:
            file.write(block)


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("-o", "--output", "output", type=_OUT, help="Default: the workbook's own name with «-marked».")
@click.option("--file", "name", metavar="NAME", help="Only this workbook of the submission.")
@click.pass_context
def mark(ctx: click.Context, submission: int, output: Path | None, name: str | None) -> None:
    """Give the submission's workbooks back with faulty cells marked, a note on each, and a first sheet that sums up.

    Several workbooks give several files: with -o marked.xlsx they are marked-1.xlsx, marked-2.xlsx.

    \b
    Example:
        maxa mark 7 -o marked.xlsx
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        files = list(queries.submission_or_error(session, submission).files)
        rows = queries.findings(session, submission)
        if not files:
            raise NotFound(
                f"فهرست {submission} کارپوشه‌ای ندارد که نشان‌گذاری شود (تصمیم‌های کمیته پرونده‌ای ندارند)؛"
                f" یافته‌هایش را maxa findings {submission} می‌گوید.",
                f"Submission {submission} has no workbook to mark (decisions of the committee have none):"
                f" maxa findings {submission} tells its findings.",
            )
        chosen = [file for file in files if name in (None, file.name)]
        if not chosen:
            raise NotFound(
                f"در فهرست {submission} پرونده‌ای به نام «{name}» نیست.",
                f"Submission {submission} has no workbook named {name!r}.",
                suggestions=[file.name for file in files],
            )
        for file, target in zip(chosen, _targets(chosen, output), strict=True):
            _mark_one(centre, session, file, rows, target)


def _targets(files: Sequence[SubmissionFile], output: Path | None) -> list[Path]:
    if output is None:
        named = [Path(f"{Path(file.name).stem}-marked.xlsx") for file in files]
        stems = [path.stem for path in named]
        return [
            path if stems.count(path.stem) == 1 else path.with_stem(f"{path.stem}-{n}")
            for n, path in enumerate(named, start=1)
        ]
    if len(files) == 1:
        return [output]
    return [output.with_stem(f"{output.stem}-{n}") for n in range(1, len(files) + 1)]


def _mark_one(
    centre: OpenCentre, session: Session, file: SubmissionFile, rows: Sequence[Finding], target: Path
) -> None:
    headers = {
        sheet["name"]: sheet["header_row"]
        for sheet in file.sheets or ()
        if isinstance(sheet, dict) and sheet.get("header_row")
    }
    with work_folder(centre.workdir, "marking") as folder:
        # The name matters nowhere but in the name of a CSV's one sheet, which findings refer to.
        path = folder / (Path(file.name).name or "workbook")
        write_to(session, file, path)
        marked = mark_workbook(
            path, rows, target, workdir=folder, filename=file.name, headers=headers,
            memory=centre.settings.import_memory, seconds=centre.settings.import_seconds,
        )  # fmt: skip
    say(
        f"{target}: {marked.cells} خانه نشان‌گذاری شد؛ {marked.elsewhere} یافتهٔ دیگر در برگهٔ نخست است.",
        f"{target}: {marked.cells} cells are marked; {marked.elsewhere} more findings stand on the first sheet.",
    )


@click.command()
@click.argument("name", required=False)
@click.option("-o", "--output", "output", type=_OUT, help="Default: <source>-template.xlsx.")
@click.option("--list", "list_", is_flag=True, help="All templates, with the terminologies that each carries.")
def template(name: str | None, output: Path | None, list_: bool) -> None:
    """Write an empty workbook to fill in: of a terminology, a map, or a source. It needs no database.

    \b
    Example:
        maxa template LNC -o lnc.xlsx
        maxa template drugs
        maxa template --list
    """
    if list_ or name is None:
        if name is None and not list_:
            raise click.UsageError("give the NAME of a terminology or source, or --list")
        title = "title_fa" if persian() else "title_en"
        table(
            ["source", "terminologies", "title"],
            ([one.name, ", ".join(terminologies_of(one)), getattr(one, title)] for one in SOURCES.values()),
        )
        return
    found = template_for(name)
    path = output or Path(f"{found.source.name}-template.xlsx")
    write_template(found, path)
    say(
        f"{path}: الگوی {found.source.title_fa}؛ آن را با ‎maxa import {path} --source {found.source.name}‎ بفرستید.",
        f"{path}: the template of {found.source.title_en}; send it with maxa import {path} --source {found.source.name}",
    )
    if found.others:
        others = ", ".join(found.others)
        say(f"  این ترمینولوژی فهرست‌های دیگری هم دارد: {others}", f"  Other lists carry it too: {others}", err=True)


@click.command("export")
@click.argument("terminology")
@click.option(
    "--version", "edition", metavar="VERSION", help="A named edition, e.g. 1402-02-18; default: the current one."
)
@click.option("--date", "on", metavar="DAY", help="The edition in force on that day.")
@click.option("--part", help="Only this part.")
@click.option("--format", "kind", type=click.Choice(KINDS), help="Default: by the name of the file, else xlsx.")
@click.option("-o", "--output", "output", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
              help="The file to write; - for standard output.")  # fmt: skip
def export_edition(
    terminology: str, edition: str | None, on: str | None, part: str | None, kind: str | None, output: Path | None
) -> None:
    """Write an edition of a terminology or map as csv, json or xlsx, retired codes too. It runs on a mirror as well.

    Imported again, the file changes nothing.

    \b
    Example:
        maxa export LNC -o lnc.xlsx
        maxa export "LNC->RVU3" --format csv -o - | head
    """
    kind = kind or _kind_of(output)
    shelf = Shelf(read_settings().shelf)
    entry = _entry(shelf, terminology)
    chosen = entry.edition(version=edition, on=parse_day(on, parameter="date") if on else None)
    release = shelf.release(chosen)
    if output is not None and str(output) == "-":
        for block in export_release(release, kind, part=part):
            sys.stdout.buffer.write(block)
        return
    path = output or Path(f"{chosen.file.rpartition('.')[0].replace('/', '-')}.{kind}")
    size = export_to(release, kind, path, part=part)
    say(
        f"{path}: {entry.id} {chosen.version}، {size >> 10} کیلوبایت.",
        f"{path}: {entry.id} {chosen.version}, {size >> 10} kB.",
    )


def _kind_of(output: Path | None) -> str:
    suffix = output.suffix.lower().lstrip(".") if output is not None else ""
    if suffix in KINDS or not suffix:
        return suffix or "xlsx"
    raise BadParameter(
        f"از نام «{output}» قالب روشن نیست؛ --format را بدهید.",
        f"The name {str(output)!r} does not tell the format: give --format.",
        "format",
        suggestions=list(KINDS),
    )


def _entry(shelf: Shelf, name: str) -> TerminologyEntry:
    catalogue = shelf.catalogue()
    for wanted in (name, map_id(name)):
        entry = catalogue.find(wanted, kind="map") or catalogue.find(wanted)
        if entry is not None:
            return entry
    return catalogue.terminology(name, kind="map" if "→" in map_id(name) else "codes")


VERBS = (findings, mark, template, export_edition)
