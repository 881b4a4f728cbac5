"""What a person says about a workbook that no declaration knows: which column is which field, and what the list is.

A :class:`Profile` goes with each upload. What a person maps by hand stands over what was remembered from earlier
uploads of the same source, and that over the headings which the declaration knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from importers.declare import PartBy, Sheet, Source, TerminologyBy
from importers.heading_keys import heading_key
from importers.refusals import refusal
from importers.terminologies import TERMINOLOGIES
from maxa.errors import BadParameter

_ARROW = re.compile("→|->|--|←")
_ID = re.compile(r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*", re.ASCII)
_PART = re.compile(r"(?=.{1,40}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
IGNORE = ""  # in place of a field: the column of this heading is not to be read


@dataclass(frozen=True)
class Profile:
    """``columns``: heading as typed → field, ``""`` to ignore the column by name. ``remembered``: source → the same,
    from earlier uploads. ``terminology``, ``part`` and the titles are for the generic sources.

    A field may be given by its name (``title_fa``) or by a heading that the declaration knows (``نام فارسی``).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    terminology: str = ""
    part: str = ""
    title_fa: str = ""
    title_en: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The profile for JSON, the same for equal profiles. What is empty is left out."""
        whole: dict[str, Any] = {
            "columns": dict(sorted(self.columns.items())),
            "remembered": {name: dict(sorted(these.items())) for name, these in sorted(self.remembered.items()) if these},
            "terminology": self.terminology,
            "part": self.part,
            "title_fa": self.title_fa,
            "title_en": self.title_en,
        }  # fmt: skip
        return {name: value for name, value in whole.items() if value}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any] | None) -> Profile:
        """What :meth:`as_dict` gave, or ``None`` for an empty profile. Raises BadParameter for anything else."""
        given = given or {}
        texts = {name: given.get(name, "") for name in ("terminology", "part", "title_fa", "title_en")}
        columns, remembered = given.get("columns", {}), given.get("remembered", {})
        whole = (
            set(given) <= {*texts, "columns", "remembered"}
            and all(isinstance(text, str) for text in texts.values())
            and _is_mapping_of_texts(columns)
            and isinstance(remembered, Mapping)
            and all(isinstance(name, str) and _is_mapping_of_texts(these) for name, these in remembered.items())
        )
        if not whole:
            raise BadParameter(
                "نمایهٔ ستون‌ها خوانده نشد؛ باید از سرستون به نام فیلد باشد.",
                "The profile of columns is not readable: it must map headings to fields.",
                "profile",
            )
        return cls(dict(columns), {name: dict(these) for name, these in remembered.items()}, **texts)


def _is_mapping_of_texts(given: Any) -> bool:
    return isinstance(given, Mapping) and all(isinstance(k, str) and isinstance(v, str) for k, v in given.items())


def columns_from_flags(flags: Iterable[str]) -> dict[str, str]:
    """``heading=field`` as it is typed, several times, into ``Profile.columns``; ``heading=`` ignores the column.

    Raises BadParameter (column) for a flag without ``=`` or heading, and for one heading with two fields.
    """
    columns: dict[str, str] = {}
    by_key: dict[str, str] = {}
    for flag in flags:
        heading, equals, name = (piece.strip() for piece in flag.rpartition("="))
        key = heading_key(heading)
        if not equals or not key:
            raise BadParameter(
                f"«{flag}» روشن نیست؛ آن را به شکل «سرستون=فیلد» بنویسید، برای نمونه «نام آزمایش=title_fa»،"
                " یا «سرستون=» تا آن ستون خوانده نشود.",
                f"{flag!r} is not clear: write it as heading=field, for example “Test name=title_en”, or heading= to leave"
                " the column out.",
                "column",
            )
        if by_key.setdefault(key, name) != name:
            raise BadParameter(
                f"برای سرستون «{heading}» دو فیلد داده‌اید: {by_key[key] or '—'} و {name or '—'}.",
                f"The heading {heading!r} is given two fields: {by_key[key] or '(none)'} and {name or '(none)'}.",
                "column",
            )
        columns[heading] = name
    return columns


def source_asked_for(name: str | None, profile: Profile | None, sources: Mapping[str, Source]) -> Source | None:
    """The source to read a workbook by; ``None`` leaves it to the headings.

    A profile that names a terminology asks for a generic source: for the one of maps, when it names two (``A→B``). What
    it names holds where the workbook says nothing else. A part holds for the declared sources too whose rows may tell
    theirs; raises BadWorkbook (unknown-part) for one that the source does not have.
    """
    given = profile or Profile()
    if name is None:
        if not given.terminology:
            return None
        name = "generic-map" if _ARROW.search(given.terminology) else "generic"
    source = sources[name]
    if not source.recognised and any(
        isinstance(sheet.terminology, TerminologyBy) or not sheet.terminology for sheet in source.sheets
    ):
        sheets = tuple(_told(sheet, given.terminology, given.part) for sheet in source.sheets)
    else:
        sheets = _sheets_of_part(source, given.part) if given.part else source.sheets
    return replace(source, sheets=sheets)


def titles_given(profile: Profile | None) -> dict[str, tuple[str, str]]:
    """Terminology → Persian and English title, as a person gave them."""
    if profile is None or not profile.terminology:
        return {}
    first, second = _ends(profile.terminology)
    return {f"{first}→{second}" if second else first: (profile.title_fa, profile.title_en)}


def _ends(terminology: str) -> tuple[str, str]:
    """The ids in the spelling that is known, ``""`` for one that is not given."""
    spellings = {name.casefold(): name for name in TERMINOLOGIES}
    names = [spellings.get(name.strip().casefold(), name.strip()) for name in _ARROW.split(terminology)]
    return names[0], names[1] if len(names) > 1 else ""


def _told(sheet: Sheet, terminology: str, part: str) -> Sheet:
    """A generic sheet for rows of which a person said what they are."""
    first, second = _ends(terminology)
    told: set[str] = set()

    def end(by: str | TerminologyBy, name: str) -> str | TerminologyBy:
        if not isinstance(by, TerminologyBy) or not name:
            return by
        told.add(by.field)
        return replace(by, default=name)

    own = end(sheet.terminology, first) if sheet.terminology else ""
    maps = tuple(replace(p, source=end(p.source, first), target=end(p.target, second)) for p in sheet.pairs)
    columns = tuple(replace(c, required=False, present=False) if c.field in told else c for c in sheet.columns)
    kept = replace(sheet.part, default=part) if part and isinstance(sheet.part, PartBy) else sheet.part
    return replace(sheet, terminology=own, maps=maps, columns=columns, part=kept)


def _sheets_of_part(source: Source, part: str) -> tuple[Sheet, ...]:
    """The sheets that can hold rows of this part, with it for rows that do not tell theirs. A sheet that is known as the
    part's by its name may then have any name. Persian names of parts hold as well."""
    found = []
    for sheet in source.sheets:
        named = part if part in sheet.parts() else sheet.part_of_name(part)
        if named is None:
            continue
        if isinstance(sheet.part, PartBy):
            found.append(replace(sheet, part=replace(sheet.part, default=named)))
        else:
            found += [sheet, replace(sheet, named="")] if sheet.named else [sheet]
    if not found:
        known = dict.fromkeys(one for sheet in source.sheets for one in sheet.parts() if one)
        raise refusal(
            "unknown-part", part=part, list_fa=source.title_fa, list_en=source.title_en,
            parts_fa="، ".join(known) or "هیچ", parts_en=", ".join(known) or "none",
        )  # fmt: skip
    return tuple(found)


def check_terminology(source: str | None, profile: Profile | None) -> None:
    """Raises BadParameter for an id, or for a part of a list that nobody declared, that could be none."""
    if profile is None:
        return
    names = _ARROW.split(profile.terminology) if profile.terminology else []
    if len(names) > 2 or not all(_ID.fullmatch(name.strip()) for name in names):
        raise BadParameter(
            f"«{profile.terminology}» شناسهٔ ترمینولوژی نیست؛ شناسه با حرف لاتین آغاز می‌شود، مانند LNC یا thritaEHR.gender،"
            " و نگاشت را به شکل LNC→RVU3 بنویسید.",
            f"{profile.terminology!r} is no id of a terminology: it begins with a Latin letter, like LNC or thritaEHR.gender;"
            " a map is written LNC→RVU3.",
            "terminology",
        )
    undeclared = bool(names) if source is None else source.startswith("generic")
    if undeclared and profile.part and not _PART.fullmatch(profile.part):
        raise BadParameter(
            f"«{profile.part}» نام بخش نیست؛ حرف‌های کوچک لاتین و خط تیره بنویسید، مانند blood-bank.",
            f"{profile.part!r} is no name of a part: write small Latin letters and dashes, like blood-bank.",
            "part",
        )


@dataclass(frozen=True)
class Choices:
    """A profile as one source sees it: folded heading → field, as asked now and as remembered."""

    asked: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.asked or self.remembered)

    def of(self, keys: Sequence[str]) -> str | None:
        """The field that was chosen for a column of these folded headings; ``None`` when nobody chose one."""
        return next((chosen[key] for chosen in (self.asked, self.remembered) for key in keys if key in chosen), None)


NO_CHOICES = Choices()


def choices_for(profile: Profile | None, source: Source) -> Choices:
    """Fields are given by their names, whichever way the person named them.

    Raises BadWorkbook (unknown-field) when a person maps a column to a field that no sheet of the source has. What was
    remembered for a field that is no longer declared is forgotten.
    """
    if profile is None:
        return NO_CHOICES
    asked: dict[str, str] = {}
    for heading, given in profile.columns.items():
        name = _field_of(given, source)
        if name is None:
            raise unknown_field(given, source)
        asked[heading_key(heading)] = name
    remembered = {
        heading_key(heading): name
        for heading, given in profile.remembered.get(source.name, {}).items()
        if (name := _field_of(given, source)) is not None
    }
    return Choices(asked, remembered)


def knows_fields(profile: Profile | None, source: Source) -> bool:
    """Whether the source has all the fields that a person mapped columns to."""
    return profile is None or all(_field_of(given, source) is not None for given in profile.columns.values())


def _field_of(given: str, source: Source) -> str | None:
    if given == IGNORE:
        return IGNORE
    for sheet in source.sheets:
        if any(column.field == given for column in sheet.columns):
            return given
    key = heading_key(given)
    for sheet in source.sheets:
        if key in sheet.by_key:
            return sheet.by_key[key].field
    if any(sheet.rest is not None for sheet in source.sheets):
        return " ".join(given.split()) or None  # a property by this name
    return None


def unknown_field(given: str, source: Source) -> Exception:
    """Lists the fields that there are, each with the heading that people know it by."""
    return refusal(
        "unknown-field", field=given, list_fa=source.title_fa, list_en=source.title_en,
        fields_fa="، ".join(f"{name} («{heading}»)" for name, heading in fields_of(source.sheets)),
        fields_en=", ".join(f"{name} (“{heading}”)" for name, heading in fields_of(source.sheets)),
    )  # fmt: skip


def fields_of(sheets: Iterable[Sheet]) -> list[tuple[str, str]]:
    """Fields with their headings, each once, in the order of declaration."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for column in sheet.columns:
            found.setdefault(column.field, column.heading)
    return list(found.items())
