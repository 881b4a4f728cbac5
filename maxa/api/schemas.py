"""The form of every reply and body of /api/v1, for the OpenAPI document.

Replies are written by hand-made functions, not dumped through these schemas: ten thousand items would take longer in
marshmallow than in the map. Tests hold the two together, field by field (tests/api/).
"""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from maxa.api.translation import ISSUES, MOST_CODES, OUTCOMES
from maxa.diff import KINDS
from maxa.gateway.issues import ISSUES as VALIDATION_ISSUES
from maxa.gateway.values import LONGEST_TEXT

STATUSES = ("active", "retired")
RELATIONSHIPS = ("equivalent", "broader", "narrower", "related")
SEVERITIES = ("error", "warning", "info")
CHANGE_KINDS = ("added", "changed", "retired", "restored")


class Strict(Schema):
    """No field that is not declared."""

    class Meta:
        unknown = RAISE


def text(about: str, *, null: bool = False, example: Any = None, of: tuple[str, ...] = ()) -> fields.String:
    told: dict[str, Any] = {"description": about} | ({"example": example} if example is not None else {})
    checks = validate.OneOf([*of, None] if null else of) if of else None
    return fields.String(required=True, allow_none=null, validate=checks, metadata=told)


def whole(about: str, *, null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null, metadata={"description": about, "minimum": 0})


def flag(about: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": about})


def many(schema: type[Schema], about: str = "", *, null: bool = False) -> fields.List:
    return fields.List(fields.Nested(schema), required=True, allow_none=null, metadata={"description": about})


def one(schema: type[Schema], about: str = "") -> fields.Nested:
    return fields.Nested(schema, required=True, metadata={"description": about})


def texts(about: str) -> fields.List:
    return fields.List(fields.String(), required=True, metadata={"description": about})


def values(about: str) -> fields.Dict:
    """An object of names of the list's own."""
    return fields.Dict(keys=fields.String(), required=True, metadata={"description": about})


def named_texts(about: str) -> fields.Dict:
    return fields.Dict(fields.String(), fields.String(), required=True, metadata={"description": about})


def counts(about: str) -> fields.Dict:
    return fields.Dict(fields.String(), fields.Integer(), required=True, metadata={"description": about})


# --- errors ----------------------------------------------------------------------------------------------------------


class Problem(Strict):
    """RFC 9457."""

    type = text("Address that tells what the error means.", example="/api/v1/errors/unknown-code")
    title = text("The kind of error in a word, in the language asked for.")
    status = whole("The HTTP status.")
    detail = text("What is wrong and how to mend it, in the language that Accept-Language asks for.")
    code = text("Stable code.", example="unknown-code")
    detail_fa = text("The same in Persian.")
    detail_en = text("The same in English.")
    parameter = text("The parameter that is wrong.", null=True)
    suggestions = texts("The nearest right values.")


class ErrorKind(Strict):
    type = text("Address of this description.")
    code = text("Stable code.")
    status = whole("HTTP status that it comes with.")
    title_fa = text("The kind of error in Persian.")
    title_en = text("The kind of error in English.")


# --- lists -----------------------------------------------------------------------------------------------------------


class Page(Strict):
    total = whole("How many items the whole list has.")
    size = whole("How many items this reply holds.")
    next = text("Send it as `cursor` for what follows; null on the last page.", null=True)


class Part(Strict):
    part = text("Name of the part; empty for a list without parts.")
    active_count = whole("Active rows.")
    retired_count = whole("Retired rows.")


class Release(Strict):
    """An edition of a terminology or map."""

    terminology = text("Id of the terminology or map.", example="LNC")
    version = text("The edition.", example="1402-02-18")
    current = flag("Whether it is the current one.")
    previous = text("Version of the edition before.", null=True)
    circular_number = text("Number of the circular.", null=True, example="110/37")
    circular_date = text("Jalali day of the circular.", null=True, example="1402/02/18")
    in_force = text("Jalali day from which it is in force.", example="1402/02/18")
    published_on = text("Jalali day of publication.")
    published_at = text("Instant of publication, ISO 8601.")
    serial = whole("Serial of the publication.")
    active_count = whole("Active codes or pairs.")
    retired_count = whole("Retired codes or pairs.")
    withdrawn = flag("Whether it was withdrawn.")
    reverses = text("Version of the withdrawn edition that this one undoes.", null=True)
    digest = text("Identifies the edition's rows.")
    size = whole("Bytes of its sealed file.")
    sha256 = text("Digest of its sealed file.")


class ReleaseDetails(Release):
    parts = many(Part, "Its parts.")
    labels = named_texts("Field → heading, as the list's workbook has it.")


class Releases(Strict):
    items = many(Release)
    page = one(Page)


class Terminology(Strict):
    id = text("Its id, as published.", example="LNC")
    title_fa = text("Persian title.", null=True)
    title_en = text("Latin title.", null=True)
    release = one(Release, "The edition that is read.")


class TerminologyDetails(Terminology):
    parts = many(Part, "Its parts.")
    labels = named_texts("Field → heading, as the list's workbook has it.")
    release_count = whole("How many editions there are.")
    maps_out = texts("Maps that lead out of it.")
    maps_in = texts("Maps that lead into it.")


class Terminologies(Strict):
    items = many(Terminology)
    page = one(Page)


# --- codes -----------------------------------------------------------------------------------------------------------


class Brief(Strict):
    code = text("The code.")
    title = text("Its title.")
    status = text("Whether it may be used.", of=STATUSES)


class Concept(Strict):
    code = text("The code.", example="718-7")
    title = text("The Persian title, or the Latin one where the list has no other.")
    title_fa = text("Persian title.", null=True)
    title_en = text("Latin title.", null=True)
    status = text("Whether it may be used.", of=STATUSES)
    part = text("The part that it belongs to.")
    parent = text("The code above it.", null=True)
    replaced_by = text("The code that took its place.", null=True)
    properties = values("Whatever else the list says of it.")
    changed_in = text("The edition that last changed it.", null=True)
    changed_on = text("Jalali day of that publication.", null=True)
    circular_number = text("Circular of that edition.", null=True)


class Concepts(Strict):
    terminology = text("Id of the terminology.")
    version = text("The edition that is read.")
    items = many(Concept)
    page = one(Page)


class FieldChange(Strict):
    field = text("The field; a property `unit` is `properties.unit`.")
    label = text("Its heading.", null=True)
    before = fields.Raw(required=True, allow_none=True, metadata={"description": "Its value before; null: empty."})
    after = fields.Raw(required=True, allow_none=True, metadata={"description": "Its value after; null: empty."})


class HistoryItem(Strict):
    version = text("The edition that brought this state.", null=True)
    circular_number = text("Its circular.", null=True)
    circular_date = text("Jalali day of the circular.", null=True)
    in_force = text("Jalali day from which it is in force.", null=True)
    published_on = text("Jalali day of publication.", null=True)
    withdrawn = flag("Whether that edition was withdrawn.")
    change = text("What became of the code.", of=CHANGE_KINDS)
    status = text("Its status from then on.", of=STATUSES)
    title_fa = text("Its Persian title from then on.", null=True)
    title_en = text("Its Latin title from then on.", null=True)
    fields = many(  # type: ignore[assignment]
        FieldChange, "What changed; null where the earlier edition's file is not on this shelf.", null=True
    )


class PairEnd(Strict):
    code = text("The code at the other end.")
    title = text("Its title; null where its terminology does not have it.", null=True)
    status = text("Whether it may be used.", null=True, of=STATUSES)
    replaced_by = text("The code that took its place.", null=True)
    relationship = text("How the counterpart relates to the source.", of=RELATIONSHIPS)
    part = text("Part of the map.")
    properties = values("Whatever else the map says of the pair.")


class MapOfConcept(Strict):
    map = text("Id of the map.")
    version = text("Its edition.")
    pair_count = whole("How many pairs there are.")
    pairs = many(PairEnd, "The first 1,000 of them.")


class ConceptDetails(Concept):
    terminology = text("Id of the terminology.")
    version = text("The edition that is read.")
    labels = named_texts("Field → heading, as the list's workbook has it.")
    ancestors = many(Brief, "From the parent upwards.")
    children = many(Brief, "The first 1,000 codes below it.")
    child_count = whole("How many there are.")
    replaces = many(Brief, "Codes that it took the place of, the first 1,000.")
    replaces_count = whole("How many there are.")
    history = many(HistoryItem, "Newest first in time.")
    history_count = whole("How many states there are.")
    maps_out = many(MapOfConcept, "Counterparts in the maps that lead out of the terminology.")
    maps_in = many(MapOfConcept, "Counterparts in the maps that lead into it.")


# --- search ----------------------------------------------------------------------------------------------------------


class SearchedInstead(Strict):
    kinds = texts("How it differs from what was asked, the chief difference first.")
    message_fa = text("In Persian.")
    message_en = text("In English.")
    text = text("What was searched.")  # the last one: its name is that of the function


class Hit(Concept):
    terminology = text("Id of the terminology.", example="LNC")
    version = text("The edition that was searched.", example="1402-02-18")
    highlight = text("The title as HTML, `<em>` around what matched; the Latin one where only that did.")


class Hits(Strict):
    counts = counts("Terminology → number of hits, of those that have any; 1,000 means as many or more.")
    total_is_exact = flag("False: there are more than `page.total`, which is 1,000.")
    searched_instead = fields.Nested(
        SearchedInstead, required=True, allow_none=True,
        metadata={"description": "What was searched in the place of what was asked, since that matched nothing."},
    )  # fmt: skip
    items = many(Hit, "Best first.")
    page = one(Page)


class Suggestion(Strict):
    terminology = text("Id of the terminology.", example="LNC")
    version = text("Its current edition.", example="1402-02-18")
    code = text("The code.", example="718-7")
    title = text("Its title.")
    status = text("Whether it may be used.", of=STATUSES)
    highlight = text("As in search.")


class Suggestions(Strict):
    items = many(Suggestion, "Likeliest first.")


# --- differences -----------------------------------------------------------------------------------------------------


class Change(Strict):
    code = text("The code; `source → target` in a map.")
    source = text("In a map: the source's code.", null=True)
    target = text("In a map: the target's code.", null=True)
    kind = text("What became of it.", of=KINDS)
    title = text("Its title.", null=True)
    part = text("The part that it belongs to.")
    replaced_by = text("The code that took its place.", null=True)
    fields = many(FieldChange, "The fields that differ.")  # type: ignore[assignment]


class Summary(Strict):
    added = whole("Codes that the other edition does not have.")
    changed = whole("Codes with other content.")
    retired = whole("Codes that may no longer be used.")
    restored = whole("Retired codes that may be used again.")
    removed = whole("Codes that only the edition compared with has: it is the newer one.")
    fields = counts(  # type: ignore[assignment]
        "Field → number of codes in which it differs, of those that stand in both editions."
    )


_DIFFERENCES: dict[str, fields.Field[Any]] = {
    "terminology": text("Id of the terminology or map."),
    "from": text("The edition compared with; null: nothing came before.", null=True),
    "to": text("The edition."),
    "summary": one(Summary, "Of the `part` asked for, of every kind."),
    "items": many(Change),
    "page": one(Page),
}  # "from" is a word of Python's
Differences = Strict.from_dict(dict(_DIFFERENCES), name="Differences")

OPENAPI: dict[str, Any] = {"type": "object", "required": ["openapi", "info", "paths"]}
_NULLABLE = {"type": ["string", "null"]}
_ROWS = {"type": "array", "items": {"type": "object"}}
EXPORT: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "terminology", "version", "digest"],
    "properties": {
        "kind": {"type": "string", "enum": ["codes", "map"]}, "terminology": {"type": "string"},
        "version": {"type": "string"}, "title_fa": {"type": "string"}, "title_en": {"type": "string"},
        "source": {"type": "string"}, "target": {"type": "string"}, "circular_number": _NULLABLE,
        "circular_date": _NULLABLE, "in_force": {"type": "string", "format": "date"},
        "active_count": {"type": "integer"}, "retired_count": {"type": "integer"}, "digest": {"type": "string"},
        "concepts": _ROWS, "pairs": _ROWS,
    },
}  # fmt: skip


# --- maps ------------------------------------------------------------------------------------------------------------


class Map(Terminology):
    source = text("The terminology that it leads from.", example="LNC")
    target = text("The terminology that it leads to.", example="RVU3")


class MapDetails(Map):
    parts = many(Part, "Its parts.")
    labels = named_texts("Field → heading, as the list's workbook has it.")
    release_count = whole("How many editions there are.")
    pair_count = whole("Active pairs.")
    source_count = whole("Codes of the source that have a counterpart.")
    target_count = whole("Codes of the target that are one.")
    relationships = counts("Relationship → number of active pairs.")


class Maps(Strict):
    items = many(Map)
    page = one(Page)


class Pair(Strict):
    source = text("Code of the source terminology.")
    target = text("Code of the target terminology.")
    relationship = text("How the target relates to the source.", of=RELATIONSHIPS)
    status = text("Whether the pair stands.", of=STATUSES)
    part = text("Part of the map.")
    properties = values("Whatever else the map says of the pair.")


class Pairs(Strict):
    map = text("Id of the map.")
    version = text("The edition that is read.")
    items = many(Pair)
    page = one(Page)


class TranslationIssue(Strict):
    code = text("Stable code.", of=tuple(ISSUES))
    severity = text("How grave it is.", of=SEVERITIES)
    message_fa = text("In Persian.")
    message_en = text("In English.")


class TranslationItem(Strict):
    code = text("The code as it was sent.")
    outcome = text("Whether there is a counterpart.", of=OUTCOMES)
    published = text("The code as published; null where it is unknown.", null=True)
    title = text("Its title.", null=True)
    status = text("Whether it may be used.", null=True, of=STATUSES)
    replaced_by = text("The code that took its place.", null=True)
    targets = many(PairEnd, "Its counterparts.")
    issues = many(TranslationIssue, "What there is to say of it.")
    suggestions = many(Brief, "The nearest codes, where it is unknown.")


class Translation(TranslationItem):
    map = text("Id of the map.")
    version = text("Edition of the map that was read.")
    reverse = flag("Whether it was read from target to source.")


class OutcomeCounts(Strict):
    mapped = whole("Codes with a counterpart.")
    unmapped = whole("Codes without one.")
    unknown = whole("Codes that their terminology does not have.")  # type: ignore[assignment]


class Translations(Strict):
    map = text("Id of the map.")
    version = text("Edition of the map that was read.")
    reverse = flag("Whether it was read from target to source.")
    counts = one(OutcomeCounts)
    items = many(TranslationItem, "In the order of the codes.")
    page = one(Page)


class Unmapped(Strict):
    map = text("Id of the map.")
    version = text("Edition of the map that was read.")
    reverse = flag("Whether it is the target's codes that are listed.")
    terminology = text("The terminology whose codes are listed.")
    terminology_version = text("Its edition.")
    items = many(Concept)
    page = one(Page)


_CODE = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}
# Some clients send codes as numbers.
_CODES = {"type": "array", "items": {"anyOf": [_CODE, {"type": "integer"}]}, "maxItems": MOST_CODES}
CODES_BODY = {
    "schema": {
        "oneOf": [
            _CODES,
            {
                "type": "object",
                "required": ["codes"],
                "properties": {"codes": _CODES},
            },
        ]
    },
    "example": ["718-7", "2345-7"],
}


# --- validation ------------------------------------------------------------------------------------------------------


class CodedText(Strict):
    """DO_CODED_TEXT."""

    Value = fields.String(required=True, metadata={"description": "The title."})
    Terminology_id = fields.String(required=True, metadata={"description": "The terminology."})
    Coded_string = fields.String(required=True, metadata={"description": "The code."})


class ValidationIssue(Strict):
    code = text("Stable code.", of=tuple(VALIDATION_ISSUES))
    severity = text("How grave it is; an `error` makes the coding invalid.", of=SEVERITIES)
    message_fa = text("In Persian.")
    message_en = text("In English.")
    ReplacedBy = fields.String(allow_none=True, metadata={"description": "Of a retired code: its successor."})
    RetiredOn = fields.String(allow_none=True, metadata={"description": "Of a retired code: the Jalali day."})


class Validated(Strict):
    IsValid = flag("Whether the coding may be sent.")
    Terminology_id = text("As published, where it is known.")
    Coded_string = text("As sent.")
    Value = text("As sent.")
    Version = text("The edition that was asked.", null=True)
    Issues = many(ValidationIssue)
    Expected = fields.Nested(
        CodedText, required=True, allow_none=True, metadata={"description": "What should have been sent."}
    )
    Suggestions = many(CodedText, "The nearest codings.")


class ValidatedMany(Strict):
    items = many(Validated, "In the order of what was sent.")
    page = one(Page)


_PART = {"type": ["string", "integer", "null"], "maxLength": LONGEST_TEXT}
_TRIPLE = {
    "type": "object",
    "description": "DO_CODED_TEXT; what is left out or empty is told as the issue `incomplete`.",
    "properties": {"Value": _PART, "Terminology_id": _PART, "Coded_string": _PART},
}
_ONE = {**_TRIPLE, "anyOf": [{"required": [name]} for name in ("Value", "Terminology_id", "Coded_string")]}
CODED_TEXT_BODY = {
    "schema": {"oneOf": [_ONE, {"type": "array", "items": _TRIPLE, "maxItems": MOST_CODES}]},
    "example": {"Terminology_id": "LNC", "Coded_string": "718-7", "Value": "هموگلوبین خون"},
}
VALIDATED: dict[str, Any] = {
    "oneOf": [{"$ref": "#/components/schemas/Validated"}, {"$ref": "#/components/schemas/ValidatedMany"}]
}


# --- publications ----------------------------------------------------------------------------------------------------


class Event(Strict):
    serial = whole("Serial of the publication.")
    event = text("What happened to the edition.", of=("published", "withdrawn"))
    at = text("When readers began to see it, ISO 8601.")
    on = text("The Jalali day of it.")
    kind = text("What it is an edition of.", of=("codes", "map"))
    title_fa = text("Persian title of that.", null=True)
    release = one(Release, "The edition, as it stands now.")


class Changes(Strict):
    after = whole("The serial that was sent.")
    serial = whole("Send it as the next `after`; less than `after` where that is still to come.")
    more = flag("Whether there is more already.")
    items = many(Event)
