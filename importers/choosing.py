"""Choose the source to read a workbook by, or say why none fits, or what has to be asked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importers.cells import column_number, shown
from importers.codes import Code
from importers.declare import Source
from importers.findings import clean
from importers.heading_keys import heading_key
from importers.headings import Header
from importers.profile import Profile, knows_fields, unknown_field
from importers.questions import ask_about_sheets, ask_which_source
from importers.recognition import (
    FEW_CODES,
    HARDLY_ANY,
    Fit,
    Seen,
    first_rows,
    ranked_fits,
    recognised_sources,
    terminology_of_codes,
)  # fmt: skip
from importers.refusals import refusal

_AS_ROWS = (
    " و مانند شمارهٔ ردیف‌ها یک‌به‌یک از 1 بالا می‌رود (اگر کد است، منبع را خودتان برگزینید)",
    ", but count up from 1 as numbers of rows do (if they are codes, choose the source yourself)",
)


def choose(
    seen: Sequence[Seen], wanted: Source | None, profile: Profile | None = None, filename: str = ""
) -> Fit:  # fmt: skip
    """The source to read the workbook by. ``filename``: as the user called it. Raises BadWorkbook when none fits, when it
    is not the one asked for, and when a person has to be asked."""
    visible = [one for one in seen if one.rows]
    candidates = _candidates(wanted, profile)
    ranked = ranked_fits(visible, candidates, profile)
    best = ranked[0]
    if not best.complete:
        raise _hidden(seen, candidates, profile) or _refused(visible, ranked, wanted, profile)
    if wanted is None and best.refuted:
        raise _lacking(visible, ranked) or _wrong_codes(visible, best)
    if wanted is not None and (other := _better(visible, best, profile)) is not None:
        raise _another_list(other.source, wanted)
    if wanted is None and best.codes.given >= FEW_CODES and best.codes.share <= HARDLY_ANY:
        raise _wrong_codes(visible, best)
    for one in visible:
        if one.order in best.headers:
            best.headers[one.order].refuse_duplicates(one.sheet.name)
    part = profile.part if profile is not None else ""
    ask_about_sheets(visible, best, part)
    if wanted is None:
        _ask_about_codes(visible, ranked)
        if not part:
            return replace(best, instead_of=ask_which_source(visible, ranked, filename))
    return best


def _ask_about_codes(visible: Sequence[Seen], ranked: Sequence[Fit]) -> None:
    """Codes that are plainly another list's, under a heading that the one chosen does not know: a list of laboratory
    tests of unknown titles is not read as the book of relative values because it has the book's codes too."""
    best = ranked[0]
    for fit in ranked[1:]:
        for order, header in fit.partial.items() if fit.lacks_a_column else ():
            if order in best.headers and header.key in best.headers[order].unknown:
                raise _missing_column(visible, fit.source, order, header)


def _lacking(visible: Sequence[Seen], ranked: Sequence[Fit]) -> Exception | None:
    """A list whose codes are there, but not all of its columns."""
    lacking = [fit for fit in ranked if fit.lacks_a_column]
    if not lacking:
        return None
    order, header = next(iter(lacking[0].partial.items()))
    return _missing_column(visible, lacking[0].source, order, header)


def _hidden(seen: Sequence[Seen], candidates: list[Source], profile: Profile | None) -> Exception | None:
    """The list stands in a sheet that is hidden."""
    hidden = [replace(one, rows=first_rows(one.sheet)) for one in seen if one.sheet.hidden]
    fit = ranked_fits([one for one in hidden if one.rows], candidates, profile)[0]
    if not fit.complete or not fit.plausible:
        return None
    names = [clean(one.sheet.name) for one in hidden if one.order in fit.headers]
    return refusal(
        "hidden-list", list_fa=fit.source.title_fa, list_en=fit.source.title_en,
        sheets_fa="، ".join(f"«{name}»" for name in names), sheets_en=", ".join(f"“{name}”" for name in names),
    )  # fmt: skip


def _candidates(wanted: Source | None, profile: Profile | None) -> list[Source]:
    """Without a source asked for, those that have all fields which a person mapped columns to."""
    if wanted is not None:
        return [wanted]
    recognised = recognised_sources()
    knowing = [source for source in recognised if knows_fields(profile, source)]
    if not knowing and profile is not None:
        known = {name for source in recognised for sheet in source.sheets for name in (c.field for c in sheet.columns)}
        stranger = next((name for name in profile.columns.values() if name not in known), "")
        raise unknown_field(stranger or next(iter(profile.columns.values())), max(recognised, key=_breadth))
    return knowing


def _breadth(source: Source) -> int:
    return sum(len(sheet.columns) for sheet in source.sheets)


def _better(visible: Sequence[Seen], asked: Fit, profile: Profile | None) -> Fit | None:
    """Another source that the workbook plainly is: the codes are of its shape, and hardly any of the one asked for."""
    if asked.codes.counting:
        return None  # numbers of rows perhaps, but its own codes if a person says so
    if not asked.refuted and (asked.codes.given < FEW_CODES or asked.codes.share > HARDLY_ANY):
        return None
    others = [source for source in recognised_sources() if source is not asked.source and knows_fields(profile, source)]
    if not others:
        return None
    best = ranked_fits(visible, others, profile)[0]
    return best if best.complete and best.codes.given and best.codes.share >= 1 - HARDLY_ANY else None


def _wrong_codes(visible: Sequence[Seen], fit: Fit) -> Exception:
    """Nobody asked for this source, its headings are shared by many, and the codes are not its own."""
    order = next(iter(fit.headers))
    hint_fa, hint_en = _AS_ROWS if fit.codes.counting else hint_of(fit.codes.examples, fit.headers[order])
    return refusal(
        "wrong-codes", sheet=next(one.sheet.name for one in visible if one.order == order), count=fit.codes.given,
        bad=fit.codes.given - fit.codes.fitting, value=clean(fit.codes.examples[0]),
        list_fa=fit.source.title_fa, list_en=fit.source.title_en,
        hint_fa=hint_fa, hint_en=hint_en,
    )  # fmt: skip


def hint_of(examples: Sequence[str], header: Header) -> tuple[str, str]:
    """What wrong codes are instead, in Persian and English: another list's, or codes with their titles in one cell."""
    if likely := terminology_of_codes(examples):
        return f" و به کدهای {likely} می‌ماند", f", but like codes of {likely}"
    type_ = header.columns[header.key].type if header.key is not None else None
    if isinstance(type_, Code) and all(type_.joined(text) == "code-with-title" for text in examples):
        return (
            "؛ کد و عنوان در یک خانه است، در دو ستون جدایشان کنید (Data ← Text to Columns)",
            ": a cell holds code and title, part them into two columns (Data → Text to Columns)",
        )
    return "", ""


def _another_list(other: Source, wanted: Source) -> Exception:
    return refusal(
        "another-list", other=other.name, other_fa=other.title_fa, other_en=other.title_en,
        list_fa=wanted.title_fa, list_en=wanted.title_en,
    )  # fmt: skip


def _missing_column(visible: Sequence[Seen], source: Source, order: int, header: Header) -> Exception:
    return refusal(
        "missing-column", sheet=next(one.sheet.name for one in visible if one.order == order), row=header.rows[-1],
        list_fa=source.title_fa, list_en=source.title_en,
        missing_fa="، ".join(f"«{column.heading}»" for column in header.missing),
        missing_en=", ".join(f"“{column.heading}”" for column in header.missing),
    )  # fmt: skip


def _transposed(visible: Sequence[Seen], sources: Sequence[Source]) -> Exception | None:
    """Headings that stand below each other in the first column: a table that lies on its side."""
    for one in visible:
        first = min((letters for _, row in one.rows for letters in row), key=column_number)
        texts = [shown(row[first]) for _, row in one.rows if first in row and len(row) > 2]
        keys = {heading_key(text): text for text in texts}
        for sheet in (sheet for source in sources for sheet in source.sheets):
            known = {column.field: keys[key] for key, column in sheet.by_key.items() if key in keys}
            if sheet.key.field in known and len(known) >= 2 and 2 * len(known) >= len(texts):
                named = [clean(text)[:40] for text in known.values()][:3]
                return refusal(
                    "transposed", sheet=clean(one.sheet.name), column=first,
                    headings_fa="، ".join(f"«{text}»" for text in named), headings_en=", ".join(f"“{text}”" for text in named),
                )  # fmt: skip
    return None


def _refused(
    visible: Sequence[Seen], ranked: list[Fit], wanted: Source | None, profile: Profile | None
) -> Exception:  # fmt: skip
    """Why no sheet fits: it is another list's, or a column is missing, or there are no headings at all."""
    nearest = max(ranked, key=lambda fit: (fit.matched + fit.lacks_a_column, fit.evidence))
    if wanted is not None:
        others = [source for source in recognised_sources() if source is not wanted and knows_fields(profile, source)]
        other = ranked_fits(visible, others, profile)[0] if others else None
        if other is not None and other.complete and other.plausible and other.matched >= nearest.matched:
            return _another_list(other.source, wanted)
    order, header = max(
        nearest.partial.items(), key=lambda one: (len(one[1].columns), -len(one[1].missing)), default=(0, None)
    )
    if header is not None and len(header.columns) >= len(header.missing):
        return _missing_column(visible, nearest.source, order, header)
    if (turned := _transposed(visible, [wanted] if wanted is not None else recognised_sources())) is not None:
        return turned
    asked = wanted or (nearest.source if nearest.matched else None)
    headings = [column.heading for column in asked.sheets[0].wanted()] if asked else []
    return refusal(
        "no-header",
        list_fa=wanted.title_fa if wanted else "هیچ‌یک از فهرست‌های شناخته",
        list_en=wanted.title_en if wanted else "any known list",
        wanted_fa="، ".join(f"«{heading}»" for heading in headings) or "کد و عنوان",
        wanted_en=", ".join(f"“{heading}”" for heading in headings) or "code and title",
        more_fa="" if wanted else " (اگر فهرستی تازه است، ترمینولوژی‌اش را با --terminology بگویید)",
        more_en="" if wanted else " (if it is a new list, name its terminology with --terminology)",
    )
