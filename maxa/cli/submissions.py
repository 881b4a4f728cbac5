"""Verbs of the committee: look at what a draft holds, publish it, withdraw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from maxa.cli.centre import OpenCentre, open_centre
from maxa.cli.output import as_json, echo, progress, say, table
from maxa.errors import WrongState
from maxa.map_ids import map_id
from maxa.persian.dates import jalali, jalali_instant, parse_instant
from maxa.registry import actions, queries
from maxa.registry.actions.publishing import Published
from maxa.registry.actions.withdrawing import counts_of_release
from maxa.registry.counts import Counts
from maxa.registry.models import Finding, State, Submission
from maxa.registry.transaction import transaction


def state_of(centre: OpenCentre, number: int) -> State:
    with transaction(centre.engine) as session:
        return State(queries.submission_or_error(session, number).state)


def where(finding: Finding) -> str:
    cell = f"{finding.column or ''}{finding.row or ''}"
    return " ".join(str(p) for p in (finding.file, finding.sheet and f"«{finding.sheet}»", cell) if p) or "-"


@click.command()
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only those in this state.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@click.pass_context
def submissions(ctx: click.Context, json_: bool, state: str | None, limit: int) -> None:
    """List what was sent in, newest first.

    \b
    Example:
        maxa submissions
        maxa submissions --state draft --limit 500
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        rows = [_summary(s) for s in queries.submissions(session, limit=limit, state=state)]
        count = queries.count_submissions(session, state=state)
    if json_:
        as_json(rows)
        return
    table(
        ["id", "state", "circular", "scope", "by", "when", "files"],
        ([r["id"], r["state"], r["circular"], r["scope"], r["by"], r["at"], ", ".join(r["files"])] for r in rows),
    )
    if count > len(rows):
        say(f"{len(rows)} از {count}؛ بیشتر با ‎--limit‎", f"{len(rows)} of {count}; more with --limit")


def _summary(s: Submission) -> dict[str, Any]:
    letter = f"{s.circular.number} ({jalali(s.circular.day)})" if s.circular else None
    return {
        "id": s.id, "state": s.state, "circular": letter, "scope": f"{s.scope} (history)" if s.history else s.scope,
        "by": s.created_by,
        "at": jalali_instant(s.created_at), "files": [f.name for f in s.files],
    }  # fmt: skip


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
            one_person=centre.settings.one_person, override_reason=override, confirm=confirm,
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
        publish_as_asked(centre, submission, confirm, at, override, now)


def publish_as_asked(
    centre: OpenCentre,
    number: int,
    confirm: tuple[str, ...] = (),
    at: str | None = None,
    override: str | None = None,
    now: bool = False,
) -> None:
    """Whatever is left to do of submitting, approving, publishing and sealing."""
    when = parse_instant(at, parameter="at") if at else None
    state = state_of(centre, number)
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
        if state_of(centre, number) is not State.PUBLISHED:
            raise
        centre.put_on_shelf()  # the worker was quicker
        say(f"فهرست {number} منتشر شد.", f"Submission {number} is published.")
    else:
        _show(centre, published)


def _show(centre: OpenCentre, published: Published) -> None:
    with progress() as teller:
        centre.put_on_shelf(teller.say, serial=published.serial)
    say(f"منتشر شد؛ سریال {published.serial}.", f"Published; serial {published.serial}.")
    _tell(published.releases)


def _tell(releases: Sequence[tuple[str, str, Counts]]) -> None:
    for name, version, c in releases:
        echo(f"  {name} {version}: +{c.added} ~{c.changed} -{c.retired} ↺{c.restored}")


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
@click.option("--reason", default="", help="Why; kept in the audit trail. Required, but with --dry-run.")
@click.option("--dry-run", is_flag=True, help="Only tell what it would reverse.")
@click.pass_context
def withdraw(ctx: click.Context, terminology: str, version: str, reason: str, dry_run: bool) -> None:
    """Withdraw an edition. What comes from it and is served goes back to what it was: a new edition is published at once.
    Parts that were listed since stay as they are.

    \b
    Example:
        maxa withdraw LNC 1402-02-18.2 --dry-run
        maxa withdraw LNC 1402-02-18.2 --reason "wrong workbook"
    """
    name = map_id(terminology)
    with open_centre(ctx) as centre:
        if not dry_run:
            _show(centre, actions.withdraw_release(
                centre.engine, terminology=name, version=version, actor=centre.actor, reason=reason
            ))  # fmt: skip
            return
        with actions.foresee_withdrawal(
            centre.engine, terminology=name, version=version, actor=centre.actor
        ) as foreseen:
            undo = foreseen.undo
            if undo is None:
                say("آنچه اکنون برقرار است از آن نیست؛ تنها نشان می‌خورد.",
                    "Nothing that is served comes from it: it would only be marked.")  # fmt: skip
                return
            say("پس گرفتن آن این ویرایش را منتشر می‌کند:", "Withdrawing it would publish:")
            _tell([(undo.terminology.name, undo.version, counts_of_release(undo))])


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
                "withdrawn": r.withdrawn_serial is not None, "history": r.before is not None,
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
             r["changed"], r["retired"], r["restored"], ", ".join(word for word in ("withdrawn", "history") if r[word])]
            for r in rows
        ),
    )  # fmt: skip


VERBS = (submissions, submit, approve, publish, reject, withdraw, releases)
