"""Decisions on a map as a person writes them: one by one, or many in a CSV, TSV or JSON file. Pure.

A table has a row of headings, in Persian or English; a column that is none of ours is a property of the pair, named by
its heading. JSON is an array of objects, ``properties`` an object in each.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from maxa.errors import BadParameter
from maxa.persian.fold import latin_digits, title_key
from maxa.registry.decision_rows import MAP_HEADINGS, STATE_HEADINGS, refuse_rows_of_others

HOLDS, NOT, NO_TARGET, REVOKE = "holds", "not", "no-target", "revoke"
RELATIONSHIPS = ("equivalent", "broader", "narrower", "related")
LONGEST_CODE, LONGEST_TEXT = 200, 2_000
_EDGES = " \t\r\n\u00a0\u200c\u200e\u200f\ufeff"  # spaces, and the invisible marks that spreadsheets and exports leave
MOST = 50_000  # decisions in one submission: a person reviews them

# field → headings, the first of each language being the one that exports and messages use
HEADINGS = {
    "source": ("کد مبدأ", "source", "source code", "مبدأ", "کد مبدا"),
    "target": ("کد مقصد", "target", "target code", "مقصد"),
    "verdict": ("نظر", "verdict", "رأی", "تصمیم"),
    "relationship": ("نوع ارتباط", "relationship", "ارتباط"),
    "reason": ("دلیل", "reason", "توضیح"),
    "part": ("بخش", "part"),
}
_FIELD_OF = {title_key(heading): field for field, headings in HEADINGS.items() for heading in headings}
_FIELD_OF |= {title_key(h): "map" for h in MAP_HEADINGS} | {title_key(h): "state" for h in STATE_HEADINGS}
# What a column of titles tells is there for the eye, and the numbers of `maxa decisions --csv`
_PASSED_OVER = {
    title_key(heading)
    for heading in ("عنوان مبدأ", "عنوان مقصد", "source title", "target title", "شماره", "number", "ردیف")
}
_VERDICTS = {
    HOLDS: ("برقرار", "هست", "برقرار است", "yes"), NOT: ("نه", "برقرار نیست", "نیست", "no"),
    NO_TARGET: ("بی‌همتا", "همتا ندارد", "بدون مقصد", "no target", "none"),
}  # fmt: skip
_VERDICT_OF = {title_key(word): verdict for verdict, words in _VERDICTS.items() for word in (verdict, *words)}
_REVOKED = {title_key(word) for word in (REVOKE, "لغو")}
_RELATIONSHIP_WORDS = {
    "equivalent": ("برابر", "هم‌ارز", "معادل", "یکسان"), "broader": ("عام‌تر", "کلی‌تر", "گسترده‌تر"),
    "narrower": ("خاص‌تر", "جزئی‌تر", "محدودتر"),
    "related": ("مرتبط", "نزدیک", "وابسته"),
}  # fmt: skip
RELATIONSHIP_FA = {name: words[0] for name, words in _RELATIONSHIP_WORDS.items()}
_RELATIONSHIP_OF = {title_key(w): name for name, words in _RELATIONSHIP_WORDS.items() for w in (name, *words)}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it is handed in. ``relationship`` and ``properties`` None: as the list has them; without a list,
    ``equivalent`` and none. ``part`` matters only for a pair that no list carries."""

    source: str
    target: str | None
    verdict: str
    reason: str
    relationship: str | None = None
    properties: Mapping[str, Any] | None = None
    part: str | None = None

    @property
    def pair(self) -> str:
        return f"{self.source} → {self.target or '-'}"


def make_decision(given: Mapping[str, Any], *, where: tuple[str, str] = ("", ""), reason: str = "") -> Decision:
    """A decision from what was typed. Raises :class:`BadParameter`, which begins with ``where`` (Persian, English)."""

    def refuse(fa: str, en: str, parameter: str) -> BadParameter:
        return BadParameter(f"{where[0]}{fa}", f"{where[1]}{en}", parameter)

    def text(name: str) -> str:
        value = given.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise refuse(
                f"«{HEADINGS[name][0]}» باید متن باشد (در گیومه)، نه {type(value).__name__}.",
                f"{name} must be a text (in quotes), not a {type(value).__name__}.",
                name,
            )
        value = value.strip(_EDGES)
        longest = LONGEST_CODE if name in ("source", "target") else LONGEST_TEXT
        if len(value) > longest or any(map(_is_control, value)):
            raise refuse(
                f"«{HEADINGS[name][0]}» نویسهٔ کنترلی دارد یا از {longest} نویسه بلندتر است.",
                f"{name} holds a control character or is longer than {longest} characters.",
                name,
            )
        return value

    source, target = (latin_digits(text(name)) for name in ("source", "target"))
    if not source or "\n" in source + target or "\t" in source + target:
        raise refuse("کد مبدأ نیست یا چند سطر دارد.", "The source code is missing or has several lines.", "source")
    if title_key(text("verdict")) in _REVOKED:
        raise refuse(
            "لغو با پرونده داده نمی‌شود؛ این ردیف را بردارید و با «maxa decisions … --revoke شماره» لغو کنید.",
            "Decisions are not revoked by a file: remove this row and use `maxa decisions … --revoke NUMBER`.",
            "verdict",
        )
    verdict = _named(text("verdict"), _VERDICT_OF) if text("verdict") else (HOLDS if target else "")
    if verdict is None:
        raise refuse(
            f"نظر «{text('verdict')}» شناخته نیست؛ برقرار، نه یا بی‌همتا بنویسید.",
            f"The verdict {text('verdict')!r} is not known: write holds, not or no-target.",
            "verdict",
        )
    if not verdict:
        raise refuse(
            "کد مقصد نیست؛ برای کدی که همتا ندارد، نظر «بی‌همتا» (no-target) بنویسید.",
            "The target code is missing: for a code that has none, give the verdict no-target.",
            "target",
        )
    if (verdict == NO_TARGET) == bool(target):
        raise refuse(
            "با نظر «بی‌همتا» کد مقصد نمی‌آید." if target else "کد مقصد نیست.",
            "A verdict of no-target takes no target code." if target else "The target code is missing.",
            "target",
        )
    relationship = _named(text("relationship"), _RELATIONSHIP_OF) if text("relationship") else None
    if text("relationship") and relationship is None:
        raise refuse(
            f"نوع ارتباط «{text('relationship')}» شناخته نیست؛ برابر، عام‌تر، خاص‌تر یا مرتبط بنویسید.",
            f"The relationship {text('relationship')!r} is not known: equivalent, broader, narrower or related.",
            "relationship",
        )
    why = text("reason") or reason.strip()
    if not why:
        raise refuse("دلیل تصمیم را بنویسید.", "Give the reason of the decision.", "reason")
    properties = _properties(given.get("properties"), refuse)
    if verdict != HOLDS and (relationship or properties):
        raise refuse(
            "نوع ارتباط و ویژگی تنها برای جفتی است که برقرار است.",
            "A relationship or properties go with a pair that holds only.",
            "relationship",
        )
    return Decision(source, target or None, verdict, why, relationship, properties, text("part") or None)


def _is_control(character: str) -> bool:
    return (character < " " and character not in "\t\n\r") or character == "\x7f"


def _named(word: str, names: Mapping[str, str]) -> str | None:
    return names.get(title_key(word))


def _properties(given: Any, refuse: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    simple = isinstance(given, Mapping) and all(
        isinstance(k, str) and k.strip() and (v is None or isinstance(v, str | int | float | bool))
        for k, v in given.items()
    )
    if not simple or "\0" in orjson.dumps(given).decode() or "\\u0000" in orjson.dumps(given).decode():
        raise refuse(
            "ویژگی‌ها باید شیئی از نام به متن یا عدد باشد.",
            "properties must be an object of names to texts or numbers.",
            "properties",
        )
    return {k.strip(): v for k, v in given.items() if v is not None and v != ""}


def read_decisions(content: bytes, *, name: str, reason: str = "", map_name: str | None = None) -> list[Decision]:
    """The decisions of a file; ``reason`` stands where a row gives none. Raises :class:`BadParameter` with the line, also
    for a row that says to be of another map than ``map_name``, or of a decision that ended."""
    told = (f"پروندهٔ «{name}»: ", f"{name}: ")
    if not content.strip():
        raise _bad_file(told, "خالی است.", "it is empty.")
    if b"\0" in content or content[:2] in (b"PK", b"\xd0\xcf", b"\xff\xfe", b"\xfe\xff"):
        raise _bad_file(
            told,
            "متن نیست؛ آن را در اکسل با قالب «CSV UTF-8» ذخیره کنید.",
            "it is no text: save it from Excel as “CSV UTF-8”.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1256")  # what Excel writes as CSV on a Persian Windows
        except UnicodeDecodeError:
            raise _bad_file(told, "نه UTF-8 است نه Windows-1256.", "it is neither UTF-8 nor Windows-1256.") from None
    if not text.strip(_EDGES).strip():
        raise _bad_file(told, "خالی است.", "it is empty.")
    is_json = text.lstrip()[:1] in ("[", "{")
    rows = _json_rows(text, told) if is_json else refuse_rows_of_others(
        _at_most(_table_rows(text, told), told), map_name=map_name, told=told
    )  # fmt: skip
    decisions = []
    for place, row in _at_most(rows, told):
        fa, en = (f"عضو {place}", f"element {place}") if is_json else (f"سطر {place}", f"line {place}")
        where = (f"{told[0]}{fa}: ", f"{told[1]}{en}: ")
        decisions.append(make_decision(row, where=where, reason=reason))
    if not decisions:
        raise _bad_file(told, "تصمیمی در آن نیست.", "there is no decision in it.")
    return decisions


def _at_most(
    rows: Iterable[tuple[int, Mapping[str, Any]]], told: tuple[str, str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for count, row in enumerate(rows, start=1):
        if count > MOST:
            raise _bad_file(
                told,
                f"بیش از {MOST} تصمیم دارد؛ آن را چند پرونده کنید.",
                f"it has more than {MOST} decisions: split it.",
            )
        yield row


def _bad_file(told: tuple[str, str], fa: str, en: str) -> BadParameter:
    return BadParameter(told[0] + fa, told[1] + en, "file")


def _json_rows(text: str, told: tuple[str, str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad_file(
            told, f"JSON نیست (سطر {error.lineno}).", f"it is not JSON (line {error.lineno}: {error.msg})."
        ) from None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise _bad_file(told, "باید آرایه‌ای از شیءها باشد.", "it must be an array of objects.")
    known = {*HEADINGS, "properties"}
    for place, one in enumerate(given, start=1):
        for key in one:
            if key not in known:
                raise _bad_file(
                    told, f"عضو {place}: «{key}» شناخته نیست ({', '.join(sorted(known))}).",
                    f"element {place}: {key!r} is not known ({', '.join(sorted(known))}).",
                )  # fmt: skip
        yield place, one


def _table_rows(text: str, told: tuple[str, str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    first = text.lstrip().splitlines()[0]
    delimiter = max("\t,;", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        fields: list[str] | None = None
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if fields is None:
                fields = _fields(cells, told)
                continue
            if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
                raise _bad_file(
                    told, f"سطر {reader.line_num}: خانه‌های آن بیش از سرستون‌هاست.",
                    f"line {reader.line_num}: it has more cells than there are headings.",
                )  # fmt: skip
            yield reader.line_num, _row(fields, cells)
    except csv.Error as error:
        raise _bad_file(
            told, f"سطر {reader.line_num}: جدول نیست ({error}).", f"line {reader.line_num}: no table ({error})."
        ) from None


def _fields(cells: Sequence[str], told: tuple[str, str]) -> list[str]:
    """Field of each column; ``=name`` for a property, empty for what is passed over."""
    fields = []
    for heading in cells:
        key = title_key(heading)
        fields.append(_FIELD_OF.get(key) or ("" if not key or key in _PASSED_OVER else f"={heading.strip()}"))
    twice = sorted({f.removeprefix("=") for f in fields if f and fields.count(f) > 1})
    if twice:
        raise _bad_file(told, f"سرستون «{twice[0]}» دو بار آمده است.", f"the heading {twice[0]!r} stands twice.")
    if "source" not in fields or not {"target", "verdict"} & set(fields):
        raise _bad_file(
            told,
            "سطر نخست باید سرستون‌ها باشد: " + "، ".join(h[0] for h in HEADINGS.values()) + ".",
            "the first line must hold the headings: " + ", ".join(HEADINGS) + ".",
        )
    return fields


def _row(fields: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for field, cell in zip(fields, cells, strict=False):
        if field.startswith("="):
            if cell.strip(_EDGES):
                properties[field[1:]] = cell.strip(_EDGES)
        elif field:
            row[field] = cell
    return {**row, "properties": properties or None}
