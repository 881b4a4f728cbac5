"""Verbs of the committee: import, look at what a draft holds, publish it, withdraw it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, of, persian, progress, say, table
from maxa.errors import BadWorkbook, WrongState
from maxa.persian.dates import jalali, jalali_instant, parse_day, parse_instant
from maxa.registry import actions, queries
from maxa.registry.actions.imports import Workbook
from maxa.registry.actions.publishing import Published
from maxa.registry.models import Finding, State, Submission
from maxa.registry.transaction import transaction

_SHOWN = 20


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--circular", metavar="NUMBER", help="The circular's number, e.g. 110/37 (either way round, any digits).")
@click.option("--date", "day", metavar="DAY", help="Its Jalali date, when the number alone does not tell.")
@click.option(
    "--source", metavar="NAME", help="The kind of list (lab, drugs, rvu3); default: recognised by its headings."
)
@click.option(
    "--amendment", is_flag=True, help="Only what the workbook names changes; default: a full list of its part."
)
@click.option("--note", default="", help="A remark kept with the submission.")
@click.option(
    "--publish", "publish_too", is_flag=True, help="Publish at once when there is nothing to mend or confirm."
)
@click.pass_context
def import_(
    ctx: click.Context, files: tuple[Path, ...], circular: str | None, day: str | None, source: str | None,
    amendment: bool, note: str, publish_too: bool,
) -> None:  # fmt: skip
    """Read workbooks into a draft; nothing is public until it is published.

    \b
    Example:
        maxa import lab.xlsx --circular 110/37
        maxa import new-drugs.xlsx --circular 110/40 --amendment
    """
    on = parse_day(day, parameter="date") if day else None
    with open_centre(ctx) as centre:
        for file in files:
            if file.stat().st_size > centre.settings.max_workbook:
                raise BadWorkbook(
                    f"پروندهٔ «{file.name}» از اندازهٔ مجاز ({centre.settings.max_workbook >> 20} مگابایت) بزرگ‌تر است.",
                    f"{file.name} is larger than the {centre.settings.max_workbook >> 20} MB allowed (MAXA_MAX_WORKBOOK).",
                )
        received = actions.receive_submission(
            centre.engine, actor=centre.actor, circular=circular, day=on, note=note,
            workbooks=[Workbook(f.name, f.read_bytes(), source) for f in files],
            scope="amendment" if amendment else "full",
        )  # fmt: skip
        number = received.submission_id
        state = _state(centre, number)
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
            _publish(centre, number, (), None, None)
        else:
            say(
                f"گام بعد: maxa diff {number}؛ سپس maxa publish {number}",
                f"Next: maxa diff {number}, then maxa publish {number}",
            )


def _state(centre: OpenCentre, number: int) -> State:
    with transaction(centre.engine) as session:
        return State(queries.submission_or_error(session, number).state)


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
        for t in submission.tables:
            say(f"  {t.terminology.name} {t.part}: {t.rows} ردیف", f"  {t.terminology.name} {t.part}: {t.rows} rows")
        counts = queries.finding_counts(session, number)
        for severity, rule, count in counts:
            click.echo(f"  {severity:8}{rule:28}{count:>7}")
        errors = sum(count for severity, _, count in counts if severity == "error")
        for finding in queries.findings(session, number, severity="error", limit=5):
            click.echo(f"  {_where(finding)}: {of(finding)}")
        if errors:
            say(f"همه: maxa findings {number}", f"All of them: maxa findings {number}")
        return errors


def _where(finding: Finding) -> str:
    cell = f"{finding.column or ''}{finding.row or ''}"
    return " ".join(str(p) for p in (finding.file, finding.sheet and f"«{finding.sheet}»", cell) if p) or "-"


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def submissions(ctx: click.Context, json_: bool) -> None:
    """List what was sent in, newest first.

    \b
    Example:
        maxa submissions
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        rows = [_summary(s) for s in queries.submissions(session)]
    if json_:
        as_json(rows)
        return
    table(
        ["id", "state", "circular", "scope", "by", "when", "files"],
        ([r["id"], r["state"], r["circular"], r["scope"], r["by"], r["at"], ", ".join(r["files"])] for r in rows),
    )


def _summary(s: Submission) -> dict[str, Any]:
    letter = f"{s.circular.number} ({jalali(s.circular.day)})" if s.circular else None
    return {
        "id": s.id, "state": s.state, "circular": letter, "scope": s.scope, "by": s.created_by,
        "at": jalali_instant(s.created_at), "files": [f.name for f in s.files],
    }  # fmt: skip


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--rule", help="Only this rule.")
@click.option("--severity", type=click.Choice(["error", "warning", "info"]), help="Only this severity.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="At most so many places.")
@click.pass_context
def findings(
    ctx: click.Context, submission: int, rule: str | None, severity: str | None, json_: bool, limit: int | None
) -> None:
    """Say what is wrong in a submission, and where: sheet, row, column, value, rule.

    Exits with 3 when there are errors.

    \b
    Example:
        maxa findings 7 --severity error
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        queries.submission_or_error(session, submission)
        counts = queries.finding_counts(session, submission)
        rows = queries.findings(session, submission, rule=rule, severity=severity, limit=limit)
    if json_:
        names = (
            "severity",
            "rule",
            "file",
            "sheet",
            "row",
            "column",
            "heading",
            "value",
            "message_fa",
            "message_en",
            "confirm",
        )
        as_json([{n: getattr(f, n) for n in names} for f in rows])
    else:
        for level, name, count in counts:
            click.echo(f"{level:8}{name:28}{count:>7}")
        for finding in rows:
            shown = f" [{finding.value}]" if finding.value else ""
            click.echo(f"{finding.severity}: {finding.rule}: {_where(finding)}{shown}: {of(finding)}")
        if not counts:
            say("یافته‌ای نیست.", "No findings.")
    if any(level == "error" for level, _, _ in counts):
        ctx.exit(3)


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help="At most so many codes.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def diff(ctx: click.Context, submission: int, limit: int, json_: bool) -> None:
    """Show what a draft would change against the current editions, code by code.

    \b
    Example:
        maxa diff 7 --limit 100
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        found = queries.submission_or_error(session, submission)
        if found.state in (State.PUBLISHED, State.REJECTED, State.FAILED):
            raise WrongState(
                f"فهرست {submission} دیگر پیش‌نویس نیست ({found.state}).",
                f"Submission {submission} is no draft any more ({found.state}).",
            )
        counts = queries.draft_counts(session, submission)
        rows = queries.draft_changes(session, submission, limit=limit)
    if json_:
        as_json({"counts": counts, "changes": rows})
        return
    for name, kinds in counts.items():
        told = ", ".join(f"{n} {kind}" for kind, n in kinds.items() if n)
        click.echo(f"{name}: {told or 'no change'}")
    for row in rows:
        click.echo(f"{row['change']:9}{row['terminology']:12}{row['code']:24}{_difference(row)}")
    if sum(sum(k.values()) for k in counts.values()) > len(rows):
        say("… بیشتر با ‎--limit‎", "… more with --limit")


def _difference(row: dict[str, Any]) -> str:
    before, after = row["before"], row["after"]
    if row["change"] in ("added", "retired") or not (before and after):
        shown = after or before
        return shown.get("title_fa") or shown.get("title_en") or ""
    fields = [f"{k}: {before[k]} → {after[k]}" for k in after if before.get(k) != after.get(k)]
    return "; ".join(fields)


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--confirm", multiple=True, metavar="KEY", help="Confirm a figure that a guard asks for, as it spells it."
)
@click.pass_context
def submit(ctx: click.Context, submission: int, confirm: tuple[str, ...]) -> None:
    """Hand a draft to another person for review.

    \b
    Example:
        maxa submit 7 --confirm retired:LNC/clinical=120
    """
    with open_centre(ctx) as centre:
        actions.submit_for_review(centre.engine, submission_id=submission, actor=centre.actor, confirm=confirm)
    say(f"فهرست {submission} در بررسی است.", f"Submission {submission} is in review.")


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--at", metavar="INSTANT", help="Publish then, e.g. 1405/09/01 00:00:00 (Tehran); the worker does it.")
@click.option("--override", metavar="REASON", help="As administrator, approve your own import, giving the reason.")
@click.option(
    "--confirm", multiple=True, metavar="KEY", help="Confirm a figure that a guard asks for, as it spells it."
)
@click.pass_context
def approve(
    ctx: click.Context, submission: int, at: str | None, override: str | None, confirm: tuple[str, ...]
) -> None:
    """Approve what another person imported, and publish it now or at a set time.

    \b
    Example:
        maxa --as mina approve 7
        maxa --as mina approve 7 --at "1405/09/01 00:00:00"
    """
    when = parse_instant(at, parameter="at") if at else None
    with open_centre(ctx) as centre:
        actions.approve_submission(
            centre.engine, submission_id=submission, actor=centre.actor, publish_at=when,
            one_person=centre.settings.one_person, override_reason=override,
        )  # fmt: skip
        if when is not None:
            say(
                f"تأیید شد؛ انتشار: {jalali_instant(when)}.",
                f"Approved; it will be published at {jalali_instant(when)}.",
            )
            return
        _publish_approved(centre, submission)


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--confirm", multiple=True, metavar="KEY", help="Confirm a figure that a guard asks for, as it spells it."
)
@click.option("--at", metavar="INSTANT", help="Publish then, e.g. 1405/09/01 00:00:00 (Tehran); the worker does it.")
@click.option("--override", metavar="REASON", help="As administrator, approve your own import, giving the reason.")
@click.option("--now", is_flag=True, help="Publish now what is approved for a later time.")
@click.pass_context
def publish(
    ctx: click.Context, submission: int, confirm: tuple[str, ...], at: str | None, override: str | None, now: bool
) -> None:
    """Do what is left to do: submit, approve, publish, seal.

    Approving your own import needs MAXA_ONE_PERSON=1, or an administrator's --override.

    \b
    Example:
        maxa publish 7
    """
    with open_centre(ctx) as centre:
        _publish(centre, submission, confirm, at, override, now)


def _publish(
    centre: OpenCentre, number: int, confirm: tuple[str, ...], at: str | None, override: str | None, now: bool = False
) -> None:
    when = parse_instant(at, parameter="at") if at else None
    state = _state(centre, number)
    if state is State.PUBLISHED and when is None:
        centre.put_on_shelf()
        say(f"فهرست {number} منتشر شده و در قفسه است.", f"Submission {number} is published and on the shelf.")
        return
    if when is not None and state not in (State.DRAFT, State.IN_REVIEW):
        raise WrongState(
            f"فهرست {number} در حالت «{state}» است؛ زمان انتشار را تنها هنگام تأیید می‌توان داد.",
            f"Submission {number} is {state}: a time can be set only when it is approved.",
        )
    if state is State.DRAFT:
        actions.submit_for_review(centre.engine, submission_id=number, actor=centre.actor, confirm=confirm)
    if state in (State.DRAFT, State.IN_REVIEW):
        actions.approve_submission(
            centre.engine, submission_id=number, actor=centre.actor, publish_at=when, confirm=confirm,
            one_person=centre.settings.one_person, override_reason=override,
        )  # fmt: skip
    if when is not None:
        say(f"تأیید شد؛ انتشار: {jalali_instant(when)}.", f"Approved; it will be published at {jalali_instant(when)}.")
        return
    _publish_approved(centre, number, now)


def _publish_approved(centre: OpenCentre, number: int, now: bool = False) -> None:
    try:
        published = actions.publish_submission(centre.engine, submission_id=number, actor=centre.actor, now=now)
    except WrongState:
        if _state(centre, number) is not State.PUBLISHED:
            raise
        centre.put_on_shelf()  # the worker was quicker
        say(f"فهرست {number} منتشر شد.", f"Submission {number} is published.")
    else:
        _show(centre, published)


def _show(centre: OpenCentre, published: Published) -> None:
    with progress() as teller:
        centre.put_on_shelf(teller.say)
    say(f"منتشر شد؛ سریال {published.serial}.", f"Published; serial {published.serial}.")
    for name, version, c in published.releases:
        click.echo(f"  {name} {version}: +{c.added} ~{c.changed} -{c.retired} ↺{c.restored}")


@click.command()
@click.argument("submission", type=click.IntRange(1, 2**63 - 1))
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
@click.pass_context
def reject(ctx: click.Context, submission: int, reason: str) -> None:
    """Close a submission that is not to be published.

    \b
    Example:
        maxa reject 7 --reason "the ministry sent a corrected list"
    """
    with open_centre(ctx) as centre:
        actions.reject_submission(centre.engine, submission_id=submission, actor=centre.actor, reason=reason)
    say(f"فهرست {submission} رد شد.", f"Submission {submission} is rejected.")


@click.command()
@click.argument("terminology")
@click.argument("version")
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
@click.pass_context
def withdraw(ctx: click.Context, terminology: str, version: str, reason: str) -> None:
    """Withdraw an edition. Of the current one, a new edition with the earlier content is published at once.

    \b
    Example:
        maxa withdraw LNC 1402-02-18.2 --reason "wrong workbook"
    """
    with open_centre(ctx) as centre:
        published = actions.withdraw_release(
            centre.engine,
            terminology=terminology.replace("->", "→"),
            version=version,
            actor=centre.actor,
            reason=reason,
        )
        _show(centre, published)


@click.command()
@click.argument("terminology", required=False)
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def releases(ctx: click.Context, terminology: str | None, json_: bool) -> None:
    """List editions with their circulars and counts, newest first.

    \b
    Example:
        maxa releases LNC
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        rows = [
            {
                "terminology": r.terminology.name, "version": r.version,
                "circular": r.circular.number if r.circular else None, "in_force": jalali(r.in_force),
                "serial": r.serial, "active": r.active_count, "retired_codes": r.retired_count,
                "added": r.added, "changed": r.changed, "retired": r.retired, "restored": r.restored,
                "withdrawn": r.withdrawn_serial is not None,
            }
            for r in queries.releases(session, terminology)
        ]  # fmt: skip
    if json_:
        as_json(rows)
        return
    table(
        ["terminology", "version", "circular", "in force", "serial", "active", "+", "~", "-", "↺", ""],
        (
            [r["terminology"], r["version"], r["circular"], r["in_force"], r["serial"], r["active"], r["added"],
             r["changed"], r["retired"], r["restored"], "withdrawn" if r["withdrawn"] else ""]
            for r in rows
        ),
    )  # fmt: skip


VERBS = (import_, submissions, findings, diff, submit, approve, publish, reject, withdraw, releases)
