"""Verbs that bring workbooks in: import, what was sent in, and the headings that were mapped by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from importers.profile import Profile, columns_from_flags
from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, echo, of, persian, progress, say, table
from maxa.cli.submissions import publish_as_asked, state_of, where
from maxa.errors import BadParameter, BadWorkbook
from maxa.persian.dates import jalali_instant, parse_day
from maxa.registry import actions, queries
from maxa.registry.actions.imports import Letter, Workbook
from maxa.registry.actions.profiles import forget_columns, remembered
from maxa.registry.models import State, Submission, SubmissionFile
from maxa.registry.sent import OnDisk, pieces
from maxa.registry.transaction import transaction


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--circular", metavar="NUMBER", help="The circular's number, e.g. 110/37 (either way round, any digits).")
@click.option("--date", "day", metavar="DAY", help="Its Jalali date, when the number alone does not tell.")
@click.option(
    "--letter", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.pdf",
    help="The circular itself, kept with the submission.",
)  # fmt: skip
@click.option(
    "--source",
    metavar="NAME",
    help="The kind of list (lab, drugs, rvu3, …); default: recognised by headings and codes.",
)
@click.option("--column", "columns", multiple=True, metavar="HEADING=FIELD",
              help="Read this heading as that field; `HEADING=` leaves the column out. Remembered for the source.")  # fmt: skip
@click.option("--terminology", default="", metavar="ID", help="For the generic sources: the terminology of the list.")
@click.option("--part", default="", metavar="PART", help="For the generic sources: the part that it is a list of.")
@click.option("--title", "title_fa", default="", help="For the generic sources: Persian title of a new terminology.")
@click.option("--title-en", default="", help="The same in English.")
@click.option(
    "--amendment", is_flag=True, help="Only what the workbook names changes; default: a full list of its part."
)
@click.option("--history", is_flag=True, help="An older edition: what is current stays so (docs/operations.md).")
@click.option("--note", default="", help="A remark kept with the submission.")
@click.option(
    "--publish", "publish_too", is_flag=True, help="Publish at once when there is nothing to mend or confirm."
)
@click.pass_context
def import_(
    ctx: click.Context, files: tuple[Path, ...], circular: str | None, day: str | None, letter: Path | None,
    source: str | None, columns: tuple[str, ...], terminology: str, part: str, title_fa: str, title_en: str,
    amendment: bool, history: bool, note: str, publish_too: bool,
) -> None:  # fmt: skip
    """Read workbooks into a draft; nothing is public until it is published.

    Several workbooks make one submission: they are reviewed and published together, and one that can't be read keeps all
    of them out.

    \b
    Example:
        maxa import lab.xlsx --circular 110/37 --letter 110-37.pdf
        maxa import drugs.xlsx supplements.xlsx --circular 110/40
        maxa import new-drugs.xlsx --circular 110/40 --amendment
        maxa import lab-1400.xlsx --circular 110/186 --history
        maxa import wards.xlsx --terminology thritaEHR.WardType --column "نام بخش=title_fa"
    """
    on = parse_day(day, parameter="date") if day else None
    profile = Profile(
        columns=columns_from_flags(columns), terminology=terminology.strip(), part=part.strip(),
        title_fa=title_fa.strip(), title_en=title_en.strip(),
    )  # fmt: skip
    with open_centre(ctx) as centre:
        for file in (*files, *([letter] if letter else [])):
            _require_size(centre, file)
        received = actions.receive_submission(
            centre.engine, actor=centre.actor, circular=circular, day=on, note=note, history=history,
            workbooks=[Workbook(f.name, OnDisk.at(f), source, profile) for f in files],
            letter=Letter(letter.name, OnDisk.at(letter)) if letter else None,
            scope="amendment" if amendment else "full",
        )  # fmt: skip
        number = received.submission_id
        state = state_of(centre, number)
        if received.existing and state is not State.IMPORTING:
            say(
                f"همین کارپوشه پیش‌تر وارد شده است (فهرست {number})؛ چیزی تغییر نکرد.",
                f"This very workbook was imported before (submission {number}): nothing changed.",
            )
            if state is State.PUBLISHED:
                centre.put_on_shelf()  # a kill may have come between
                return
        else:
            with progress() as teller:
                state = actions.import_submission(
                    centre.engine, submission_id=number, workdir=centre.workdir, progress=teller,
                    memory=centre.settings.import_memory, seconds=centre.settings.import_seconds,
                )  # fmt: skip
        errors = _report(centre, number)
        if state is State.FAILED or errors:
            ctx.exit(3)
        if publish_too:
            publish_as_asked(centre, number)
        else:
            say(
                f"گام بعد: maxa diff {number}؛ سپس maxa publish {number}",
                f"Next: maxa diff {number}, then maxa publish {number}",
            )


def _require_size(centre: OpenCentre, file: Path) -> None:
    limit = centre.settings.max_workbook
    if file.stat().st_size > limit:
        raise BadWorkbook(
            f"پروندهٔ «{file.name}» از اندازهٔ مجاز ({limit >> 20} مگابایت) بزرگ‌تر است.",
            f"{file.name} is larger than the {limit >> 20} MB allowed (MAXA_MAX_WORKBOOK).",
        )


def _report(centre: OpenCentre, number: int) -> int:
    """Print what an import gave; returns how many errors it has."""
    with transaction(centre.engine) as session:
        submission = queries.submission_or_error(session, number)
        if submission.state == State.FAILED:
            failure = submission.failure or {}
            told = failure.get("detail_fa" if persian() else "detail_en", "")
            say(f"فهرست {number} پذیرفته نشد: {told}", f"Submission {number} was refused: {told}")
            return 1
        say(f"فهرست {number} وارد شد ({submission.state}).", f"Submission {number} is imported ({submission.state}).")
        for file in submission.files:
            _report_file(session, submission, file)
        for t in submission.tables:
            say(f"  {t.terminology.name} {t.part}: {t.rows} ردیف", f"  {t.terminology.name} {t.part}: {t.rows} rows")
        counts = queries.finding_counts(session, number)
        for severity, rule, count in counts:
            echo(f"  {severity:8}{rule:28}{count:>7}")
        errors = sum(count for severity, _, count in counts if severity == "error")
        for finding in queries.findings(session, number, severity="error", limit=5):
            echo(f"  {where(finding)}: {of(finding)}")
        if errors:
            say(f"همه: maxa findings {number}", f"All of them: maxa findings {number}")
        return errors


def _report_file(session: Session, submission: Submission, file: SubmissionFile) -> None:
    """One line a workbook: what it was taken for, its rows, and how many findings are its own."""
    sheets = [s for s in file.sheets or [] if s["header_row"] is not None]
    present, read = (sum(s[name] for s in sheets) for name in ("rows_present", "rows_read"))
    passed_over = sum(sum(s["passed_over"].values()) for s in sheets)
    counts = queries.finding_counts(session, submission.id, file=file.name)
    told = {severity: sum(n for level, _, n in counts if level == severity) for severity in ("error", "warning")}
    say(
        f"  «{file.name}» ({file.source}): {len(sheets)} برگه، {present} ردیف: {read} خوانده، {passed_over} جز فهرست؛"
        f" {told['error']} خطا، {told['warning']} هشدار",
        f"  {file.name} ({file.source}): {len(sheets)} sheets, {present} rows: {read} read, {passed_over} passed over;"
        f" {told['error']} errors, {told['warning']} warnings",
    )


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Write them there, byte for byte as they were sent in.")  # fmt: skip
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def files(ctx: click.Context, submission: int, save: Path | None, json_: bool) -> None:
    """List the workbooks of a submission and the letter that came with them, or save them.

    \b
    Example:
        maxa files 7
        maxa files 7 --save sent-in
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        found = queries.submission_or_error(session, submission)
        kept = [("workbook", f.source, f) for f in found.files] + (
            [("letter", None, found.letter)] if found.letter else []
        )
        rows = [
            {"kind": kind, "name": f.name, "source": source, "size": f.size, "sha256": f.sha256}
            for kind, source, f in kept
        ]
        if save is not None:
            save.mkdir(parents=True, exist_ok=True)
            for _, _, f in kept:
                _save(save / Path(f.name).name, pieces(session, f), f.sha256)
    if json_:
        as_json(rows)
    else:
        table(["kind", "name", "source", "bytes", "sha256"], [list(row.values()) for row in rows])


def _save(path: Path, content: Iterable[bytes], sha256: str) -> None:
    try:
        with path.open("xb") as out:
            out.writelines(content)
    except FileExistsError:
        if OnDisk.at(path).sha256 != sha256:
            raise BadParameter(
                f"«{path}» هست و چیز دیگری در آن است؛ پوشهٔ دیگری بدهید.",
                f"{str(path)!r} is there already and holds something else: give another folder.",
                "save",
            ) from None


@click.group("profiles")
def profiles() -> None:
    """Headings that were mapped by hand (`maxa import --column`) and are remembered for the next workbook."""


@profiles.command("list")
@click.argument("source", required=False)
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def profiles_list(ctx: click.Context, source: str | None, json_: bool) -> None:
    """List what is remembered, of all sources or of one: heading, field (empty: not read), who and when.

    \b
    Example:
        maxa profiles list lab
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        rows: list[dict[str, Any]] = [
            {"source": r.source, "terminology": r.terminology, "heading": r.heading, "field": r.field, "by": r.actor,
             "at": jalali_instant(r.at)}
            for r in remembered(session, source)
        ]  # fmt: skip
    if json_:
        as_json(rows)
        return
    if not rows:
        say("چیزی به یاد سپرده نشده است.", "Nothing is remembered.")
        return
    table(list(rows[0]), [list(row.values()) for row in rows])


@profiles.command("forget")
@click.argument("source")
@click.argument("heading", required=False)
@click.option("--terminology", metavar="ID", help="Of the generic sources: only what was said of this terminology.")
@click.pass_context
def profiles_forget(ctx: click.Context, source: str, heading: str | None, terminology: str | None) -> None:
    """Forget a heading of a source, or all of them; imports that used it stay as they are.

    \b
    Example:
        maxa profiles forget lab "نام تست"
    """
    with open_centre(ctx) as centre:
        count = forget_columns(
            centre.engine, actor=centre.actor, source=source, heading=heading, terminology=terminology
        )
    say(f"{count} سرستون فراموش شد.", f"{count} headings forgotten.")


VERBS = (import_, files, profiles)
