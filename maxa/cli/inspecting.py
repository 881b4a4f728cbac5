"""The verb that looks at a workbook before anything is imported. It needs no database and no shelf."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from importers.findings import clean
from importers.inspection import QUIRKS, Candidate, ColumnSeen, Inspection, SheetSeen, inspect
from importers.profile import Profile, columns_from_flags
from maxa.cli.output import as_json, persian, say, table
from maxa.errors import BadWorkbook
from maxa.settings import read_settings

_STATES = {
    "matched": ("شناخته", "matched"), "chosen": ("به دست نگاشته", "mapped by hand"),
    "ignored": ("به نام کنار گذاشته", "ignored by name"), "displaced": ("ستون دیگری به جایش", "another column chosen"),
    "unmatched": ("ناشناخته", "unmatched"), "no-heading": ("بی‌سرستون", "no heading"),
}  # fmt: skip
_REASONS = {
    "heading": ("نام همانند", "spelled alike"), "codes": ("شکل کدها", "the shape of its codes"),
    "letters": ("خط متن‌ها", "the letters of its texts"),
}  # fmt: skip


@click.command("inspect")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="NAME", help="Look at it as this kind of list; default: recognised.")
@click.option("--column", "columns", multiple=True, metavar="HEADING=FIELD",
              help="As in `maxa import`: read this heading as that field; `HEADING=` leaves the column out.")  # fmt: skip
@click.option("--terminology", default="", metavar="ID", help="For the generic sources: the terminology of the list.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.pass_context
def inspect_(
    ctx: click.Context, file: Path, source: str | None, columns: tuple[str, ...], terminology: str, json_: bool
) -> None:
    """Say what a workbook looks like to us: sheets, headings, columns, which list it resembles and why.

    Nothing is imported, and no database is needed. Exits with 3 when an import would refuse the file.

    \b
    Example:
        maxa inspect lab.xlsx
        maxa inspect lab.xlsx --source lab --column "Test name=title_en"
    """
    settings = read_settings()
    if file.stat().st_size > settings.max_workbook:
        raise BadWorkbook(
            f"پروندهٔ «{clean(file.name)}» از اندازهٔ مجاز ({settings.max_workbook >> 20} مگابایت) بزرگ‌تر است.",
            f"{clean(file.name)} is larger than the {settings.max_workbook >> 20} MB allowed (MAXA_MAX_WORKBOOK).",
        )
    profile = Profile(columns=columns_from_flags(columns), terminology=terminology)
    with tempfile.TemporaryDirectory(prefix="maxa-inspect-") as folder:
        seen = inspect(
            file, workdir=Path(folder), source=source, profile=profile,
            memory=settings.import_memory, seconds=settings.import_seconds,
        )  # fmt: skip
    if json_:
        as_json(seen.as_dict())
    else:
        _print(seen)
    if seen.source is None:
        sys.exit(3)


def _print(seen: Inspection) -> None:
    say(
        f"{seen.file}: {seen.format}، {len(seen.sheets)} برگه", f"{seen.file}: {seen.format}, {len(seen.sheets)} sheets"
    )
    if not seen.tells_all:
        say(
            "  این قالب همه چیز را نشان نمی‌دهد: قالب عددها، و در csv و HTML فرمول‌ها و خانه‌های پنهان نیز.",
            "  This format does not tell all: number formats, and in CSV and HTML formulas and hidden cells as well.",
        )
    _print_source(seen)
    for sheet in seen.sheets:
        _print_sheet(sheet)
    for heading in seen.absent:
        say(
            f"! سرستون «{clean(heading)}» که نگاشته‌اید در هیچ برگه‌ای نیست.",
            f"! The heading “{clean(heading)}” that you mapped is on no sheet.",
        )
    if seen.refusal is not None:
        click.echo()
        told = seen.refusal["detail_fa" if persian() else "detail_en"]
        say(f"وارد کردن این پرونده پذیرفته نمی‌شود: {told}", f"An import would refuse this file: {told}")
    if seen.source is None and not seen.likely and not seen.flags:
        say(
            "اگر فهرست تازه‌ای است، بگویید از کدام ترمینولوژی است: --terminology شناسه",
            "If this is a list that nobody declared, say which terminology it is of: --terminology ID",
        )
    if seen.likely:
        say(
            f"کدهایش به شکل کدهای «{seen.likely}» است: --source {seen.likely}",
            f"Its codes have the shape of those of “{seen.likely}”: --source {seen.likely}",
        )
    if seen.flags:
        say("شاید با این نگاشت‌ها درست شود:", "Mapping these headings may mend it:")
        for flag in seen.flags:
            click.echo(f"  --column {_quoted(flag)}")


def _quoted(text: str) -> str:
    """For a shell, in quotes that Persian text keeps readable."""
    return "'" + text.replace("'", "'\\''") + "'"


def _print_source(seen: Inspection) -> None:
    best = next((one for one in seen.candidates if one.source == seen.source), None)
    if seen.source is None:
        say("به هیچ فهرست شناخته‌ای نمی‌خورد.", "It fits no known list.")
    elif best is None:
        say(f"خوانده می‌شود چون: {seen.source}", f"It would be read as: {seen.source}")
    else:
        say(
            f"خوانده می‌شود چون «{best.source}»، {best.title_fa}: {_why(best)}",
            f"It would be read as “{best.source}”, {best.title_en}: {_why(best)}",
        )
        if best.circulars:
            say(f"  ابلاغیه: {'، '.join(best.circulars)}", f"  circulars: {', '.join(best.circulars)}")
    for given in seen.gives:
        parts = ", ".join(part for part in given.parts if part)
        kind = ("نگاشت", "map") if given.kind == "map" else ("کدهای", "codes of")
        click.echo(f"  → {kind[0 if persian() else 1]} {given.terminology}{f' ({parts})' if parts else ''}")
    others = [one for one in seen.candidates if one is not best][:2]
    for other in others:
        say(f"  پس از آن «{other.source}»: {_why(other)}", f"  next “{other.source}”: {_why(other)}")


def _why(one: Candidate) -> str:
    fa, en = persian(), not persian()
    pieces = [
        f"{one.columns_matched} از {one.columns_seen} سرستون شناخته" if fa
        else f"{one.columns_matched} of {one.columns_seen} headings known",
    ]  # fmt: skip
    if one.codes_seen:
        pieces.append(
            f"{one.codes_fitting} از {one.codes_seen} کد نخست به شکل کدهایش" if fa
            else f"{one.codes_fitting} of the first {one.codes_seen} codes have its shape"
        )  # fmt: skip
    if one.missing:
        missing = ("، " if fa else ", ").join(one.missing)
        pieces.append(f"lacks {missing}" if en else f"کم دارد: {missing}")
    return ("، " if fa else ", ").join(pieces)


def _print_sheet(sheet: SheetSeen) -> None:
    click.echo()
    hidden = ("، پنهان", ", hidden")[0 if persian() else 1] if sheet.hidden else ""
    say(
        f"برگهٔ «{sheet.name}»{hidden}: {sheet.rows} ردیف {sheet.extent}",
        f"Sheet “{sheet.name}”{hidden}: {sheet.rows} rows {sheet.extent}",
    )
    if not sheet.rows:
        return
    if sheet.header_rows:
        rows = "–".join(map(str, sheet.header_rows))
        guess = ("؛ گمان ما", ", a guess")[0 if persian() else 1] if sheet.guessed_header else ""
        say(f"  سرستون‌ها در ردیف {rows}{guess}", f"  headings in row {rows}{guess}")
    if sheet.read:
        part = f" {sheet.part}" if sheet.part else ""
        say(
            f"  خوانده می‌شود: {sheet.data_rows} ردیف داده، {sheet.terminology}{part}",
            f"  would be read: {sheet.data_rows} rows of data, {sheet.terminology}{part}",
        )
    else:
        say("  خوانده نمی‌شود.", "  would not be read.")
    if sheet.columns:
        headings = ("ستون", "سرستون", "وضع", "فیلد", "پر", "نمونه") if persian() else (
            "column", "heading", "state", "field", "filled", "for example")  # fmt: skip
        table(headings, (_row(column) for column in sheet.columns))
    for missing in sheet.missing:
        why = _REASONS.get(missing.why, ("", ""))
        maybe_fa = f"؛ شاید ستون {missing.letters} ({why[0]})" if missing.letters else ""
        maybe_en = f"; perhaps column {missing.letters} ({why[1]})" if missing.letters else ""
        say(
            f"  ! ستون «{missing.heading}» ({missing.field}) نیست{maybe_fa}",
            f"  ! lacks “{missing.heading}” ({missing.field}){maybe_en}",
        )
    for quirk in sheet.quirks:
        name = QUIRKS[quirk.kind][0 if persian() else 1]
        where = f" ({quirk.where})" if quirk.where else ""
        click.echo(f"  · {name}: {quirk.count}{where}")


def _row(column: ColumnSeen) -> tuple[object, ...]:
    field = column.field
    if column.nearest is not None:
        why = _REASONS[column.nearest.why][0 if persian() else 1]
        field = f"{column.nearest.field}? ({why})"
    state = _STATES[column.state][0 if persian() else 1]
    if column.hidden:
        state += ("، پنهان", ", hidden")[0 if persian() else 1]
    return column.letters, column.heading, state, field, column.filled, " | ".join(column.examples[:2])


VERBS = (inspect_,)
