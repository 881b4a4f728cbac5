"""``maxa diff``: what a draft would change, and what changed between two editions, for eyes, as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import click
from sqlalchemy.orm import Session

from importers.layouts import layouts_of
from maxa.cli.centre import open_centre
from maxa.cli.output import as_json, persian, say
from maxa.diff import KINDS, Change
from maxa.errors import BadParameter
from maxa.persian.fold import latin_digits
from maxa.registry import differences, queries
from maxa.registry.history import timeline
from maxa.registry.models import Submission, Terminology
from maxa.registry.transaction import transaction
from maxa.sheets.differences import write_csv, write_workbook
from maxa.sheets.layout import LIST_SEPARATOR, RELATIONSHIP, labels
from maxa.shelf.durable import new_file
from maxa.shelf.sealed_file import PAIR_SEPARATOR, Manifest

_SHOWN = 20
_KINDS_FA = {"added": "افزوده", "changed": "تغییریافته", "retired": "منسوخ", "restored": "بازگشته", "removed": "نیامده"}


class _Changes(Protocol):
    def __call__(self, *, limit: int | None = None) -> Iterator[Change]: ...


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two states of one terminology or map, and how to ask what differs."""

    terminology: Terminology
    title_fa: str
    title_en: str
    counts: Callable[[], differences.Counts]
    changes: _Changes

    @property
    def is_map(self) -> bool:
        return self.terminology.kind == "map"

    def as_dict(self) -> dict[str, Any]:
        return {"terminology": self.terminology.name, "title_fa": self.title_fa, "title_en": self.title_en}


@click.command()
@click.argument("subject", metavar="SUBMISSION|TERMINOLOGY")
@click.argument("versions", nargs=-1, metavar="[FROM [TO]]")
@click.option("--terminology", "only", metavar="NAME", help="Of a draft that carries several, only this one.")
@click.option("--part", metavar="PART", help="Only codes of this part.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this kind of change; repeatable.")
@click.option("--find", metavar="TEXT", help="Only changes with this text in their code or titles.")
@click.option("--summary", is_flag=True, help="Counts alone, by kind and by field.")
@click.option("--limit", type=click.IntRange(min=1), help=f"At most so many changes; default: {_SHOWN}, of files all.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it as CSV.")
@click.option("--xlsx", "xlsx_file", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a workbook.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def diff(
    ctx: click.Context, subject: str, versions: tuple[str, ...], only: str | None, part: str | None,
    kinds: tuple[str, ...], find: str | None, summary: bool, limit: int | None, csv_file: Path | None,
    xlsx_file: Path | None, json_: bool,
) -> None:  # fmt: skip
    """Show what a draft would change, or what changed between two editions, field by field.

    Of editions, FROM alone is compared with the current one; neither: the current one with the one before it. A map's
    decisions are in what is compared: it is what clients get.

    \b
    Example:
        maxa diff 7 --limit 100
        maxa diff LNC 1400-06-20 1402-02-18 --xlsx lnc.xlsx
        maxa diff "LNC->RVU3" --summary
    """
    with open_centre(ctx) as centre, transaction(centre.engine) as session:
        chosen = {"part": part, "kinds": kinds or None, "query": find}
        compared = _compared(session, subject, versions, only, chosen)
        if csv_file or xlsx_file:
            _write_files(compared, csv_file, xlsx_file, limit)
        elif json_:
            as_json([
                {**one.as_dict(), "counts": one.counts().as_dict(),
                 "changes": [] if summary else [_as_dict(c) for c in one.changes(limit=limit)]}
                for one in compared
            ])  # fmt: skip
        else:
            for one in compared:
                _print(one, summary=summary, limit=limit or _SHOWN)


def _compared(
    session: Session, subject: str, versions: tuple[str, ...], only: str | None, chosen: dict[str, Any]
) -> list[_Compared]:
    number = latin_digits(subject)
    if number.isascii() and number.isdigit() and not versions:
        submission = queries.submission_or_error(session, min(int(number), 2**63 - 1))
        differences.require_draft(submission)
        return _of_draft(session, submission, only, chosen)
    if only is not None:
        raise BadParameter(
            "‎--terminology‎ با شمارهٔ فهرست می‌آید.", "--terminology goes with the number of a submission.", "terminology"
        )
    if len(versions) > 2:
        raise BadParameter("دو ویرایش بیشتر سنجیده نمی‌شود.", "No more than two editions are compared.", "versions")
    terminology = differences.terminology_named(session, subject)
    if versions:
        before = differences.release_of(session, terminology, versions[0])
        to = differences.release_of(session, terminology, versions[1] if len(versions) == 2 else None)
    else:
        to = differences.release_of(session, terminology)
        line = timeline(session, terminology.id)
        if len(line) < 2:
            raise BadParameter(
                f"{terminology.name} تنها یک ویرایش دارد؛ چیزی برای سنجیدن نیست.",
                f"{terminology.name} has one edition only: there is nothing to compare it with.",
                "versions",
            )
        before = line[line.index(to) - 1]
    return [
        _Compared(
            terminology, f"{terminology.name}: از {before.version} تا {to.version}",
            f"{terminology.name}: from {before.version} to {to.version}",
            partial(differences.edition_counts, session, terminology, before, to, **chosen),
            partial(differences.edition_changes, session, terminology, before, to, **chosen),
        )
    ]  # fmt: skip


def _of_draft(session: Session, submission: Submission, only: str | None, chosen: dict[str, Any]) -> list[_Compared]:
    found = [terminology for terminology, _ in differences.drafted(session, submission)]
    if only is not None:
        wanted = differences.terminology_named(session, only)
        if wanted not in found:
            names = [one.name for one in found]
            raise BadParameter(
                f"فهرست {submission.id}، {wanted.name} را ندارد؛ آنچه دارد: {'، '.join(names)}.",
                f"Submission {submission.id} does not carry {wanted.name}; it carries {', '.join(names)}.",
                "terminology",
                names,
            )
        found = [wanted]
    return [
        _Compared(
            one, f"{one.name}: فهرست {submission.id} در برابر ویرایش جاری",
            f"{one.name}: submission {submission.id} against the current edition",
            partial(differences.draft_counts, session, submission, one, **chosen),
            partial(differences.draft_changes, session, submission, one, **chosen),
        )
        for one in found
    ]  # fmt: skip


def _named(one: _Compared) -> dict[str, str]:
    """Names of fields for people, as exports and readers have them from the sealed file."""
    t = one.terminology
    manifest = Manifest(
        kind=t.kind, terminology=t.name, version="", ordinal=0, title_fa=t.title_fa, title_en=t.title_en, source=t.source,
        target=t.target, circular_number=None, circular_date=None, in_force="", layout=layouts_of(t.name, t.kind),
    )  # fmt: skip
    return labels(manifest, "fa" if persian() else "en")


def _write_files(compared: list[_Compared], csv_file: Path | None, xlsx_file: Path | None, limit: int | None) -> None:
    language = "fa" if persian() else "en"
    for one in compared:
        shared: dict[str, Any] = {"labels": _named(one), "is_map": one.is_map, "language": language}
        if csv_file is not None:
            path = _path_for(csv_file, one, compared)
            with new_file(path) as temporary, temporary.open("wb") as stream:
                count = write_csv(one.changes(limit=limit), stream, **shared)
            say(f"{path}: {count} تغییر", f"{path}: {count} changes")
        if xlsx_file is not None:
            path = _path_for(xlsx_file, one, compared)
            with new_file(path) as temporary:
                counts = write_workbook(
                    one.changes(limit=limit), temporary, title=one.title_fa if persian() else one.title_en, **shared
                )
            total = sum(counts.values())
            say(f"{path}: {total} تغییر", f"{path}: {total} changes")


def _path_for(path: Path, one: _Compared, compared: list[_Compared]) -> Path:
    """``diff.xlsx``, or ``diff.LNC.xlsx`` of a draft that carries several."""
    if len(compared) == 1:
        return path
    return path.with_name(f"{path.stem}.{one.terminology.name.replace('→', '--')}{path.suffix}")


def _as_dict(change: Change) -> dict[str, Any]:
    return {
        "code": shown_code(change.code), "kind": change.kind, "before": change.before, "after": change.after,
        "fields": [field._asdict() for field in change.fields()] if change.before and change.after else [],
    }  # fmt: skip


def shown_code(code: str) -> str:
    return code.replace(PAIR_SEPARATOR, " → ")


def _print(one: _Compared, *, summary: bool, limit: int) -> None:
    say(one.title_fa, one.title_en)
    counts = one.counts()
    named = _named(one)
    kinds = [(_KINDS_FA[kind] if persian() else kind, n) for kind, n in counts.kinds.items() if n]
    if not kinds:
        say("  تفاوتی نیست.", "  Nothing differs.")
        return
    click.echo("  " + ("، " if persian() else ", ").join(f"{n} {kind}" for kind, n in kinds))
    for name, n in sorted(counts.fields.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"    {n:>8}  {_label(named, name)}")
    if summary:
        return
    shown = 0
    for change in one.changes(limit=limit):
        shown += 1
        kind = _KINDS_FA[change.kind] if persian() else change.kind
        click.echo(f"{kind:10} {shown_code(change.code):24} {_told(change, named)}")
    if counts.total > shown:
        say(f"… از {counts.total} تغییر؛ بیشتر با ‎--limit‎، ‎--csv‎ یا ‎--xlsx‎",
            f"… of {counts.total} changes: more with --limit, --csv or --xlsx")  # fmt: skip


def _label(named: dict[str, str], name: str) -> str:
    return named.get(name) or name.removeprefix("properties.")


def _told(change: Change, named: dict[str, str]) -> str:
    state = change.after or change.before or {}
    title = state.get("title_fa") or state.get("title_en") or _value("relationship", state.get("relationship", ""))
    if change.before is None or change.after is None:
        return str(title)
    fields = [f"{_label(named, f.field)}: {_value(f.field, f.before)} → {_value(f.field, f.after)}" for f in change.fields()
              if f.field != "status" or change.kind == "changed"]  # fmt: skip
    return ("؛ " if persian() else "; ").join(fields) or str(title)


def _value(field: str, value: Any) -> str:
    if isinstance(value, list):
        return LIST_SEPARATOR.join(map(str, value))
    if field == "relationship" and persian():
        return RELATIONSHIP.get(value, str(value))
    return "-" if value is None else str(value)


VERBS = (diff,)
