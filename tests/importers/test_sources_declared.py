"""Declarations of all sources: each is sound in itself, and the documentation says what it gives."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from importers.codes import Code
from importers.declare import CONCEPT_PARTS, Pairs, PartBy, Sheet, Source, TerminologyBy
from importers.fields import Choice
from importers.heading_keys import heading_key
from importers.sources import DECLARED, SOURCES
from importers.terminologies import SNOMED_SUBSETS, TERMINOLOGIES, VALUE_SETS
from maxa.persian.fold import fold
from maxa.registry.circulars import known_circulars, number_key
from maxa.settings import PROJECT

SHEETS = [
    pytest.param(source, sheet, id=f"{source.name}-{number}")
    for source in SOURCES.values()
    for number, sheet in enumerate(source.sheets)
]


def names_used(sheet: Sheet) -> set[str]:
    names = {
        *sheet.any_of,
        *(name for also in sheet.also for name in (also.code, also.title_fa, also.title_en, *also.properties)),
        *(name for pairs in sheet.pairs for name in pairs.fields),
        *(name for check in sheet.checks for name in (check.total, *check.parts)),
        *(by.field for by in told_by_row(sheet)),
    }
    if isinstance(sheet.part, PartBy):
        names.add(sheet.part.field)
    return names - {""}


def told_by_row(sheet: Sheet) -> list[TerminologyBy]:
    ends = [end for pairs in sheet.pairs for end in (pairs.source, pairs.target)]
    named = [sheet.terminology, *(also.terminology for also in sheet.also), *ends]
    return [one for one in named if isinstance(one, TerminologyBy)]


@pytest.mark.parametrize(("source", "sheet"), SHEETS)
def test_a_declaration_is_sound(source: Source, sheet: Sheet) -> None:
    spellings = Counter(key for column in sheet.columns for key in column.keys)
    assert [key for key, count in spellings.items() if count > 1] == []
    assert not spellings.keys() & sheet.ignored_keys
    assert all(heading_key(text) for column in sheet.columns for text in column.spellings)
    fields = [column.field for column in sheet.columns]
    assert len(fields) == len(set(fields))
    assert sum(column.key for column in sheet.columns) == 1
    assert isinstance(sheet.key.type, Code)
    assert names_used(sheet) <= set(fields)
    if isinstance(sheet.part, PartBy):
        (parts,) = [column.type for column in sheet.columns if column.field == sheet.part.field]
        if isinstance(parts, Choice):
            assert sheet.part.default is None or sheet.part.default in parts.values
    own = [sheet.terminology, *(also.terminology for also in sheet.also)]
    for terminology in own:
        if isinstance(terminology, str) and terminology:
            assert terminology in TERMINOLOGIES
    for by in told_by_row(sheet):
        assert by.known.keys() <= TERMINOLOGIES.keys()


@pytest.mark.parametrize(("source", "sheet"), SHEETS)
def test_no_field_is_lost_between_concepts_and_maps(source: Source, sheet: Sheet) -> None:
    """What a column declares ends up somewhere: in a concept, its properties, a map, or the part."""
    own = {*CONCEPT_PARTS, *sheet.properties} if sheet.terminology else set()
    unused = {column.field for column in sheet.columns} - own - names_used(sheet) - {"section" and sheet.section}
    assert not unused


@pytest.mark.parametrize(("source", "sheet"), SHEETS)
def test_what_goes_out_can_come_in_again(source: Source, sheet: Sheet) -> None:
    """A list can say of each code that it is retired and what came in its place, and of a section what its title is."""
    fields = {column.field for column in sheet.columns}
    assert "status" in fields
    if sheet.terminology:
        assert "replaced_by" in fields
        assert isinstance(next(c.type for c in sheet.columns if c.field == "status"), Choice)
    if sheet.section:
        assert sheet.section in fields


@pytest.mark.parametrize(("source", "sheet"), SHEETS)
def test_choices_do_not_claim_one_spelling_for_two_values(source: Source, sheet: Sheet) -> None:
    for column in sheet.columns:
        if isinstance(column.type, Choice):
            claimed = Counter(
                key for texts in column.type.values.values() for key in {fold(text) for text in texts.split("|")}
            )
            assert [key for key, count in claimed.items() if count > 1] == [], column.field


def test_a_field_of_pairs_means_the_same_in_all_lists() -> None:
    """The generic map reads properties of any declared map back by their names: their types must agree."""
    types: dict[str, object] = {}
    for source in DECLARED:
        for sheet in source.sheets:
            for pairs in sheet.pairs:
                for name in pairs.properties:
                    type_ = next(column.type for column in sheet.columns if column.field == name)
                    assert types.setdefault(name, type_) == type_, name


def test_property_names_fit_for_an_interface() -> None:
    for source in SOURCES.values():
        for sheet in source.sheets:
            assert all(re.fullmatch(r"[a-z][a-z_]*", column.field) for column in sheet.columns)


@pytest.mark.parametrize("names", [VALUE_SETS, SNOMED_SUBSETS])
def test_no_two_terminologies_share_a_spelling(names: dict[str, tuple[str, str]]) -> None:
    for source in ("value-sets", "snomed"):
        by = SOURCES[source].sheets[0].terminology
        assert isinstance(by, TerminologyBy)
        claimed = Counter(
            key
            for name, spellings in by.known.items()
            for key in {heading_key(t) for t in (name, name.removeprefix(by.prefix), *spellings.split("|"))}
        )
        assert [key for key, count in claimed.items() if count > 1] == []


@pytest.mark.parametrize("source", DECLARED, ids=lambda source: source.name)
def test_a_source_names_circulars_that_are_known_and_carry_what_it_gives(source: Source) -> None:
    known = {number_key(circular.number): circular for circular in known_circulars()}
    for number in source.circulars:
        carried = set(known[number_key(number)].carries)
        assert carried, number
        given = {
            sheet.terminology for sheet in source.sheets if isinstance(sheet.terminology, str) and sheet.terminology
        }
        given |= {also.shown_terminology for sheet in source.sheets for also in sheet.also}
        given |= {pairs.terminology for sheet in source.sheets for pairs in sheet.pairs}
        assert {name for name in given if "*" not in name} <= carried, number


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_docs_say_which_list_becomes_what(source: Source) -> None:
    page = (PROJECT / "docs" / "sources.md").read_text()
    assert f"`{source.name}`" in page
    for number in source.circulars:
        assert number in page
    for sheet in source.sheets:
        for part in sheet.parts():
            assert f"`{part or chr(34) * 2}`" in page or f"`{sheet.shown_terminology}/{part}`" in page
        assert f"`{sheet.shown_terminology or chr(34) * 2}`" in page or not sheet.terminology or any(
            f"`{sheet.shown_terminology}/{part}`" in page for part in sheet.parts()
        )  # fmt: skip
        for pairs in sheet.pairs:
            assert isinstance(pairs, Pairs)
            assert f"`{pairs.terminology}`" in page
