"""What ``maxa inspect`` sees."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from importers.inspection import QUIRKS, ColumnSeen, Inspection, inspect
from importers.profile import Profile
from importers.refusals import REASONS
from importers.survey import survey
from maxa.cli.inspecting import inspect_
from maxa.errors import BadParameter, BadWorkbook
from maxa.settings import PROJECT
from tests.importers import messy
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    drug_book,
    lab_book,
    raw_xlsx,
    rvu_book,
    save_csv,
    save_xlsx,
    worksheet,
)

SAMPLES = PROJECT / "data" / "samples"


def look(path: Path, **options: object) -> Inspection:
    return inspect(path, workdir=path.parent / "work", **options)  # type: ignore[arg-type]


def column(seen: Inspection, letters: str, sheet: int = 0) -> ColumnSeen:
    return next(one for one in seen.sheets[sheet].columns if one.letters == letters)


def quirks(seen: Inspection, sheet: int = 0) -> dict[str, int]:
    return {quirk.kind: quirk.count for quirk in seen.sheets[sheet].quirks}


def test_a_sample_is_described_whole() -> None:
    seen = inspect(SAMPLES / "lab-110-37.xlsx", workdir=Path(os.environ.get("TMPDIR", "/tmp")))
    assert (seen.format, seen.source, seen.refusal, seen.likely) == ("xlsx", "lab", None, "")
    best = seen.candidates[0]
    assert (best.source, best.complete, best.fits) == ("lab", True, True)
    assert "110/37" in best.circulars
    assert best.codes_fitting == best.codes_seen == 40
    assert [(g.kind, g.terminology) for g in seen.gives] == [("concept", "LNC"), ("map", "LNC→RVU3")]
    assert "genetics" in seen.gives[0].parts
    sheet = seen.sheets[0]
    assert (sheet.read, sheet.header_rows, sheet.terminology) == (True, [4], "LNC")
    assert {one.state for one in sheet.columns} == {"matched", "ignored"}
    assert {"title-rows", "repeated-header", "sections", "notes", "other-letters"} <= quirks(seen).keys()
    assert (seen.sheets[1].hidden, seen.sheets[1].read) == (True, False)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    look(lab_book(tmp_path / "list.xlsx"))
    assert list((tmp_path / "work").iterdir()) == []


def test_the_inspection_survives_json(tmp_path: Path) -> None:
    seen = look(lab_book(tmp_path / "list.xlsx"))
    assert Inspection.from_dict(orjson.loads(orjson.dumps(seen.as_dict()))) == seen


def test_columns_are_told_with_letters_states_and_contents(tmp_path: Path) -> None:
    headings = ["ردیف", *RVU_HEADINGS, "ستون تازه"]
    rows = [[at, *row, "x" if at == 1 else None] for at, row in enumerate(RVU_ROWS, start=1)]
    seen = look(rvu_book(tmp_path / "list.xlsx", rows, headings))
    assert [(c.letters, c.heading, c.state, c.field) for c in seen.sheets[0].columns] == [
        ("A", "ردیف", "ignored", ""), ("B", "کد", "matched", "code"), ("C", "ویژگی", "matched", "marks"),
        ("D", "شرح کد", "matched", "title_fa"), ("E", "ارزش حرفه‌ای", "matched", "professional"),
        ("F", "ارزش فنی", "matched", "technical"), ("G", "ارزش کل", "matched", "total"),
        ("H", "ستون تازه", "unmatched", ""),
    ]  # fmt: skip
    assert (column(seen, "H").filled, column(seen, "H").examples) == (1, ["x"])
    assert column(seen, "B").kinds == {"text": 3}
    assert seen.sheets[0].extent == "A1:H4"


def test_an_unknown_heading_has_its_nearest_field(tmp_path: Path) -> None:
    headings = [*LAB_HEADINGS[:2], "نام لاتيني آزمایش", *LAB_HEADINGS[3:]]
    seen = look(lab_book(tmp_path / "list.xlsx", LAB_ROWS, headings))
    nearest = column(seen, "C").nearest
    assert nearest is not None
    assert (nearest.field, nearest.heading, nearest.why) == ("title_en", "نام لاتین آزمایش", "heading")


def test_a_column_of_codes_under_a_strange_heading_is_known_by_its_codes(tmp_path: Path) -> None:
    """The flags that are proposed do mend the file."""
    path = lab_book(tmp_path / "list.xlsx", LAB_ROWS, ["شناسه", *LAB_HEADINGS[1:]])
    seen = look(path)
    assert (seen.source, (seen.refusal or {})["reason"]) == (None, "missing-column")
    (missing,) = seen.sheets[0].missing
    assert (missing.field, missing.letters, missing.why) == ("code", "A", "codes")
    assert seen.flags == ["شناسه=code"]
    mended = look(path, profile=Profile({"شناسه": "code"}))
    assert (mended.source, mended.refusal) == ("lab", None)
    assert column(mended, "A").state == "chosen"


def test_a_file_without_one_known_heading_is_told_by_its_codes(tmp_path: Path) -> None:
    path = drug_book(tmp_path / "list.xlsx", [row[:4] for row in DRUG_ROWS], ["شناسه", "شماره ژن", "فارسی", "لاتین"])
    seen = look(path)
    assert (seen.source, (seen.refusal or {})["reason"], seen.likely) == (None, "no-header", "drugs")
    assert (seen.sheets[0].guessed_header, seen.sheets[0].header_rows) == (True, [1])
    assert "شناسه=code" in seen.flags
    columns = dict(flag.rsplit("=", 1) for flag in seen.flags)
    assert look(path, source="drugs", profile=Profile(columns)).source == "drugs"


def test_codes_of_another_list_under_shared_headings_are_told(tmp_path: Path) -> None:
    path = save_xlsx(
        tmp_path / "list.xlsx", {"برگه": [["کد ملی", "شرح خدمت"], *[[row[0], row[1]] for row in LAB_ROWS]]}
    )
    seen = look(path)
    assert (seen.source, (seen.refusal or {})["reason"], seen.likely) == (None, "wrong-codes", "lab")
    assert "LNC" in (seen.refusal or {})["detail_fa"]
    assert quirks(seen)["foreign-codes"] == 3
    columns = dict(flag.rsplit("=", 1) for flag in seen.flags)
    assert columns == {"کد ملی": "code", "شرح خدمت": "title_fa"}
    assert look(path, source=seen.likely, profile=Profile(columns)).source == "lab"


def test_the_runner_up_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    seen = look(drug_book(tmp_path / "list.xlsx"))
    assert [one.source for one in seen.candidates[:1]] == ["drugs"]
    assert all(one.evidence <= seen.candidates[0].evidence for one in seen.candidates[1:])
    assert all(one.complete or one.missing for one in seen.candidates)


@pytest.mark.parametrize(
    ("quirk", "seen_as"),
    [
        ("title_rows_above_the_headings", "title-rows"), ("two_rows_of_headings", "two-row-header"),
        ("section_titles_between_the_rows", "sections"), ("headings_repeated_on_each_page", "repeated-header"),
        ("notes_and_totals_below", "notes"), ("blank_rows_between", "blank-rows"),
        ("scribbles_beside_the_table", "outside"), ("rows_hidden_by_a_filter", "hidden-rows"),
        ("a_hidden_column", "hidden-columns"), ("equal_cells_merged_downwards", "merged-down"),
        ("cells_merged_over_columns", "merged-across"), ("formulas_with_their_values", "formulas"),
        ("formulas_that_no_program_calculated", "formulas-without-value"), ("an_error_in_a_cell", "error-cells"),
        ("a_code_that_excel_made_a_date", "date-codes"), ("a_code_of_another_shape", "foreign-codes"),
        ("a_column_without_heading", "no-heading"), ("codes_in_persian_digits", "other-digits"),
        ("arabic_letters_in_the_texts", "other-letters"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", messy.LISTS)
def test_a_quirk_is_seen(source: str, quirk: str, seen_as: str, tmp_path: Path) -> None:
    clean = messy.LISTS[source]
    path = messy.QUIRKS[quirk].make(clean, tmp_path)
    seen = survey(path, source=None, filename=path.name, profile=None)
    assert seen.source == source
    assert quirks(seen)[seen_as] >= 1
    before = survey(messy.as_it_should_be(clean, tmp_path), source=None, filename="a", profile=None)
    assert seen_as not in quirks(before)


def test_a_numeric_column_of_codes_is_told(tmp_path: Path) -> None:
    rows = [[int(row[0]), *row[1:]] for row in DRUG_ROWS]
    assert quirks(look(drug_book(tmp_path / "list.xlsx", rows)))["numeric-codes"] == 3


def test_every_quirk_has_a_name_in_both_languages() -> None:
    assert all(fa and en and fa != en for fa, en in QUIRKS.values())


def test_a_hidden_sheet_is_counted_and_not_read(tmp_path: Path) -> None:
    book = Workbook()
    for name, rows in (("فهرست", [LAB_HEADINGS, *LAB_ROWS]), ("کمکی", [["a", "b"], [1, 2]])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book["کمکی"].sheet_state = "hidden"
    del book["Sheet"]
    book.save(tmp_path / "list.xlsx")
    seen = look(tmp_path / "list.xlsx")
    assert [(sheet.name, sheet.hidden, sheet.read, sheet.rows) for sheet in seen.sheets] == [
        ("فهرست", False, True, 4), ("کمکی", True, False, 2),
    ]  # fmt: skip


def test_a_mapped_heading_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert look(lab_book(tmp_path / "list.xlsx"), profile=Profile({"xyz": ""})).absent == ["xyz"]


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").write_bytes(b"%PDF-1.7 letter")
    with pytest.raises(BadWorkbook) as caught:
        look(tmp_path / "list.xlsx")
    assert caught.value.data["reason"] == "not-a-workbook"
    assert list((tmp_path / "work").iterdir()) == []


def test_an_unknown_source_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(BadParameter):
        look(lab_book(tmp_path / "list.xlsx"), source="rvu")


def test_a_hostile_extent_costs_nothing(tmp_path: Path) -> None:
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    seen = look(raw_xlsx(tmp_path / "list.xlsx", worksheet(row)), memory=256 << 20, seconds=20)
    assert seen.sheets[0].extent == "XFD1048576:XFD1048576"
    assert seen.refusal is not None
    assert seen.refusal["reason"] in REASONS


def test_a_wall_of_columns_is_cut_in_the_telling(tmp_path: Path) -> None:
    seen = look(save_xlsx(tmp_path / "list.xlsx", {"a": [[f"h{n}" for n in range(3_000)], list(range(3_000))]}))
    assert len(seen.sheets[0].columns) == 400


def test_half_characters_and_bells_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "list.xlsx", worksheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>کد_xD800_</t></is></c><c r="B1" t="inlineStr"><is><t>شرح_x0007_</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>_xD800__x001B_[2J</t></is></c><c r="B2"><v>1</v></c></row>'
    ))  # fmt: skip
    told = orjson.dumps(look(path).as_dict()).decode()
    assert "\ud800" not in told
    assert "\\u001b" not in told
    assert "\\u0007" not in told


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    """A name in Windows-1256, as it comes from an old archive, is no UTF-8."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe1\xed\xd3\xca.csv"))
    save_csv(path, [DRUG_HEADINGS, *DRUG_ROWS])
    seen = inspect(path, workdir=tmp_path / "work", source="drugs")
    assert (seen.source, seen.file) == ("drugs", "\ufffd" * 4 + ".csv")


def test_a_list_that_nobody_declared_is_shown_as_what_a_person_names_it(tmp_path: Path) -> None:
    path = save_xlsx(
        tmp_path / "list.xlsx", {"برگه": [["کد", "عنوان", "رنگ"], ["T-01", "لوله", "بنفش"], ["T-02", "دیگر", "قرمز"]]}
    )
    seen = look(path, profile=Profile(terminology="LabTube"))
    assert (seen.source, seen.candidates[0].source) == ("generic", "generic")
    assert [(g.kind, g.terminology) for g in seen.gives] == [("concept", "LabTube")]
    assert [(c.heading, c.state, c.field) for c in seen.sheets[0].columns] == [
        ("کد", "matched", "code"), ("عنوان", "matched", "title_fa"), ("رنگ", "matched", "رنگ"),
    ]  # fmt: skip


# The verb


def run(*arguments: object, language: str = "en") -> Result:
    return CliRunner(env={"MAXA_LANG": language}).invoke(inspect_, [str(a) for a in arguments], catch_exceptions=False)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_verb_shows_what_was_seen(language: str, tmp_path: Path) -> None:
    shown = run(SAMPLES / "drugs-110-40.xlsx", language=language)
    assert shown.exit_code == 0
    for piece in ("drugs", "110/40", "IRC", "eRx→IRC", "کد ژنریک", "generic_code"):
        assert piece in shown.output


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_verb_ends_with_3_and_still_shows_what_it_saw(language: str, tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx", LAB_ROWS, ["شناسه", *LAB_HEADINGS[1:]])
    shown = run(path, language=language)
    assert shown.exit_code == 3
    assert "--column 'شناسه=code'" in shown.output
    assert "title_fa" in shown.output


def test_the_verb_speaks_to_programs(tmp_path: Path) -> None:
    shown = run(save_csv(tmp_path / "drugs.csv", [DRUG_HEADINGS, *DRUG_ROWS]), "--json")
    data = orjson.loads(shown.output)
    assert (data["source"], data["format"], data["tells_all"]) == ("drugs", "csv", False)
    assert Inspection.from_dict(data).sheets[0].columns[0].field == "code"


def test_columns_are_mapped_on_the_command_line(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx", LAB_ROWS, ["شناسه", *LAB_HEADINGS[1:]])
    assert run(path, "--column", "شناسه=code").exit_code == 0
    with pytest.raises(BadParameter):
        run(path, "--column", "شناسه")


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAXA_MAX_WORKBOOK", "1024")
    with pytest.raises(BadWorkbook, match="MAXA_MAX_WORKBOOK"):
        run(lab_book(tmp_path / "list.xlsx"))


def test_no_mapping_is_proposed_for_the_sheet_of_findings(tmp_path: Path) -> None:
    findings = [["قاعده", "آنچه یافته شد", "نام"], *([f"قاعدهٔ {n}", f"متن فارسی {n}", f"rule-{n}"] for n in range(6))]
    path = save_xlsx(tmp_path / "list.xlsx", {"یافته‌ها": findings, "آزمایش": [LAB_HEADINGS, *LAB_ROWS]})
    assert look(path).flags == []
