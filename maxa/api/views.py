"""The addresses of /api/v1. Views are thin: what they answer is read in the modules beside this one."""

from __future__ import annotations

from flask import request

from maxa.api import concepts, differences, judging, maps, publications, request_schemas, requesting, schemas, searching
from maxa.api.answering import JSON, Answer, Asked, Blueprint
from maxa.api.counted import check_part
from maxa.api.document import openapi_document
from maxa.api.editions import (
    bind,
    edition_named,
    find_map,
    find_terminology,
    release_details,
    release_item,
    terminology_details,
    terminology_item,
)
from maxa.api.feed import MEDIA_TYPE, feed
from maxa.api.paging import whole
from maxa.api.problems import BASE, TITLES, TYPES, statuses
from maxa.errors import NotFound
from maxa.gateway.envelope import content_tag
from maxa.gateway.reading import Bound
from maxa.sheets.export import MEDIA_TYPES, export_release, file_name
from maxa.shelf.catalogue import TerminologyEntry

api = Blueprint("api", __name__, url_prefix=BASE)

TERMINOLOGIES, MAPS, EDITIONS = "terminologies", "maps", "releases"
SEARCH, CODINGS, REQUESTS, PUBLICATIONS, ABOUT = "search", "validation", "requests", "publications", "about"


# --- terminologies ---------------------------------------------------------------------------------------------------


@api.answers("/terminologies", schemas.Terminologies, tag=TERMINOLOGIES, refuses=[404])
def terminologies(asked: Asked) -> Answer:
    """Every terminology

    Each with the edition that is current, or the one that `version` or `date` name; those that have none are left out."""
    return Answer.of(whole([terminology_item(entry, edition) for entry, edition in asked.reading.editions()]))


@api.answers("/terminologies/<terminology>", schemas.TerminologyDetails, tag=TERMINOLOGIES)
def terminology(asked: Asked, terminology: str) -> Answer:
    """One terminology

    With its parts, the headings of its columns, and the maps that lead out of it and into it."""
    return Answer.of(terminology_details(asked, bind(asked, find_terminology(asked.catalogue, terminology))))


@api.answers(
    "/terminologies/<terminology>/concepts", schemas.Concepts, operation="concepts", tag=TERMINOLOGIES, refuses=[410]
)
def list_of_concepts(asked: Asked, terminology: str) -> Answer:
    """The codes of an edition

    In the binary order of the codes, active ones unless `status` says more. The cursor stays on the edition of the
    first page, whatever is published meanwhile."""
    return concepts.list_concepts(asked, terminology)


@api.answers("/terminologies/<terminology>/concepts/<any_code:code>", schemas.ConceptDetails, tag=TERMINOLOGIES)
def concept(asked: Asked, terminology: str, code: str) -> Answer:
    """All that is known of a code

    Titles, properties with their headings, the codes above and below it, what became of it over the editions, and its
    counterparts in every map. A code that differs in digits' script, letter case or spaces alone is found too."""
    return concepts.show_concept(asked, terminology, code)


# --- search ----------------------------------------------------------------------------------------------------------


@api.answers("/search", schemas.Hits, tag=SEARCH, refuses=[404, 410])
def search(asked: Asked) -> Answer:
    """Search titles and codes

    In one, several or all terminologies, best first, with counts for each and the titles marked. Where nothing matches,
    `searched_instead` tells what was searched in its place; `literal` forbids that."""
    return searching.list_hits(asked)


@api.answers("/suggest", schemas.Suggestions, tag=SEARCH, refuses=[404])
def suggest(asked: Asked) -> Answer:
    """What may be meant by what is typed so far

    For type-ahead: the likeliest codes, with titles that differ."""
    return searching.list_suggestions(asked)


# --- editions, of terminologies and of maps --------------------------------------------------------------------------


def _releases(entry: TerminologyEntry) -> Answer:
    return Answer.of(whole([release_item(entry, edition) for edition in reversed(entry.editions)]))


def _release(asked: Asked, entry: TerminologyEntry, version: str) -> Answer:
    edition = edition_named(entry, version)
    return Answer.of(release_details(Bound(entry, edition, asked.shelf.release(edition))))


def export_answer(asked: Asked, entry: TerminologyEntry, version: str, form: str) -> Answer:
    """The whole edition as a file: for the pages, too."""
    edition = edition_named(entry, version)
    release = asked.shelf.release(edition)
    part = asked.get("part")
    check_part(part, release)
    tag = content_tag(b"export", f"{edition.sha256} {form} {part}".encode())
    chunks = export_release(release, form, part=part)
    return Answer(chunks=chunks, tag=tag, content_type=MEDIA_TYPES[form], filename=file_name(release, form))


@api.answers("/terminologies/<terminology>/releases", schemas.Releases, operation="releases", tag=EDITIONS)
def releases(asked: Asked, terminology: str) -> Answer:
    """The editions of a terminology, newest first"""
    return _releases(find_terminology(asked.catalogue, terminology))


@api.answers(
    "/terminologies/<terminology>/releases/<version>", schemas.ReleaseDetails, operation="release", tag=EDITIONS
)
def release(asked: Asked, terminology: str, version: str) -> Answer:
    """One edition of a terminology"""
    return _release(asked, find_terminology(asked.catalogue, terminology), version)


@api.answers(
    "/terminologies/<terminology>/releases/<version>/diff",
    schemas.Differences, operation="differences", tag=EDITIONS, refuses=[410],
)  # fmt: skip
def release_diff(asked: Asked, terminology: str, version: str) -> Answer:
    """What differs from another edition

    Code by code and field by field, with counts. `from` may be older or newer; `removed` are codes that the older of
    the two does not have yet."""
    return differences.list_differences(asked, find_terminology(asked.catalogue, terminology), version)


@api.answers("/maps/<map_id>/releases", schemas.Releases, operation="releases", tag=EDITIONS)
def map_releases(asked: Asked, map_id: str) -> Answer:
    """The editions of a map, newest first"""
    return _releases(find_map(asked.catalogue, map_id))


@api.answers("/maps/<map_id>/releases/<version>", schemas.ReleaseDetails, operation="release", tag=EDITIONS)
def map_release(asked: Asked, map_id: str, version: str) -> Answer:
    """One edition of a map"""
    return _release(asked, find_map(asked.catalogue, map_id), version)


@api.answers(
    "/maps/<map_id>/releases/<version>/diff", schemas.Differences, operation="differences", tag=EDITIONS, refuses=[410]
)
def map_release_diff(asked: Asked, map_id: str, version: str) -> Answer:
    """What differs from another edition of a map

    Pair by pair and field by field, with counts."""
    return differences.list_differences(asked, find_map(asked.catalogue, map_id), version)


def _serve_files() -> None:
    """Exports and files of differences: an address for each format, of terminologies and of maps."""
    finders = ((find_terminology, "terminologies/<terminology>", "release"), (find_map, "maps/<map_id>", "map_release"))
    for find, below, name in finders:
        for form in ("csv", "json", "xlsx"):
            _serve_export(find, f"/{below}/releases/<version>/export.{form}", f"{name}_export_{form}", form)
        for form in differences.FILES:
            _serve_differences(find, f"/{below}/releases/<version>/diff.{form}", f"{name}_diff_{form}", form)


def _serve_export(find, rule: str, name: str, form: str) -> None:  # type: ignore[no-untyped-def]
    def view(asked: Asked, version: str, **names: str) -> Answer:
        return export_answer(asked, find(asked.catalogue, *names.values()), version, form)

    view.__name__ = name
    view.__doc__ = f"""The whole edition as {form}

    Retired codes and their successors too; imported again it changes nothing."""
    gives = schemas.EXPORT if form == "json" else None
    api.answers(rule, gives, operation="export", tag=EDITIONS, content_type=MEDIA_TYPES[form])(view)


def _serve_differences(find, rule: str, name: str, form: str) -> None:  # type: ignore[no-untyped-def]
    def view(asked: Asked, version: str, **names: str) -> Answer:
        return differences.differences_file(asked, find(asked.catalogue, *names.values()), version, form)

    view.__name__ = name
    view.__doc__ = f"""What differs from another edition, as {form}"""
    api.answers(rule, None, operation="differences_file", tag=EDITIONS, content_type=MEDIA_TYPES[form])(view)


_serve_files()


# --- maps ------------------------------------------------------------------------------------------------------------


@api.answers("/maps", schemas.Maps, operation="terminologies", tag=MAPS)
def list_of_maps(asked: Asked) -> Answer:
    """Every map

    Each with the edition that is current, or the one that `version` or `date` name; those that have none are left out."""
    return maps.list_maps(asked)


@api.answers("/maps/<map_id>", schemas.MapDetails, operation="map", tag=MAPS)
def one_map(asked: Asked, map_id: str) -> Answer:
    """One map, with counts"""
    return maps.show_map(asked, map_id)


@api.answers("/maps/<map_id>/pairs", schemas.Pairs, tag=MAPS, refuses=[410])
def pairs(asked: Asked, map_id: str) -> Answer:
    """The pairs of a map

    In the order of source and target, active ones unless `status` says more."""
    return maps.list_pairs(asked, map_id)


@api.answers("/maps/<map_id>/translate", schemas.Translation, tag=MAPS)
def translate(asked: Asked, map_id: str) -> Answer:
    """The counterparts of one code

    A code that its terminology does not have is 404; one without a counterpart is answered, with `outcome` `unmapped`."""
    return maps.translate_one(asked, map_id)


@api.answers(
    "/maps/<map_id>/translate", schemas.Translations, method="POST", tag=MAPS, takes=schemas.CODES_BODY,
)  # fmt: skip
def translate_many(asked: Asked, map_id: str) -> Answer:
    """The counterparts of up to 10,000 codes

    Each is answered in its place, also where it is unknown."""
    return maps.translate_many(asked, map_id)


@api.answers("/maps/<map_id>/unmapped", schemas.Unmapped, tag=MAPS, refuses=[410])
def unmapped(asked: Asked, map_id: str) -> Answer:
    """Active codes without a counterpart

    Of the source terminology, or with `reverse` of the target terminology."""
    return maps.list_unmapped(asked, map_id)


# --- validation, publications, and the API itself ----------------------------------------------------------------------


@api.answers(
    "/validate", schemas.VALIDATED, method="POST", tag=CODINGS, refuses=[404], takes=schemas.CODED_TEXT_BODY,
)  # fmt: skip
def validate(asked: Asked) -> Answer:
    """Are these codings right, and if not, what is

    One DO_CODED_TEXT, or an array of up to 10,000: the service `ValidateCts` of the gateway, with its issues."""
    return judging.validate(asked)


@api.answers(
    "/requests", request_schemas.Receipt, method="POST", tag=REQUESTS, refuses=[404, 421],
    takes=request_schemas.REQUEST_BODY, headers=[request_schemas.KEY_HEADER],
)  # fmt: skip
def file_request(asked: Asked) -> Answer:
    """Report missing codes, wrong titles, or a difference between lists

    Up to 5,000 rows, each a code, a title, or both; no personal data. The committee answers row by row. Only at the centre."""
    return requesting.file_request(asked)


@api.answers("/requests/<tracking>", request_schemas.RequestState, tag=REQUESTS, refuses=[421])
def request_state(asked: Asked, tracking: str) -> Answer:
    """How a request stands

    With every row and the committee's answer to it."""
    return requesting.request_state(asked, tracking)


@api.answers("/changes", schemas.Changes, tag=PUBLICATIONS)
def changes(asked: Asked) -> Answer:
    """What was published since

    Every edition and every withdrawal after a serial, in their order. Send the `serial` of the reply as the next
    `after`."""
    return publications.list_changes(asked)


@api.answers("/feed.atom", None, tag=PUBLICATIONS, content_type=MEDIA_TYPE)
def feed_atom(asked: Asked) -> Answer:
    """The newest publications and withdrawals, as an Atom feed"""
    return Answer(feed(asked.catalogue, request.url_root, request.base_url), content_type=MEDIA_TYPE)


@api.answers("/errors/<error>", schemas.ErrorKind, tag=ABOUT, open_to_all=True)
def error_kind(asked: Asked, error: str) -> Answer:
    """What an error code means

    The address that `type` of a problem names. No token is asked for."""
    title = TITLES.get(error)
    if title is None:
        raise NotFound(
            "چنین کد خطایی نیست.", "There is no such error code.", "error", suggestions=sorted(TITLES)[:5]
        )  # fmt: skip
    told = {"type": f"{TYPES}{error}", "code": error, "status": statuses()[error], "title_fa": title.fa}
    return Answer.of({**told, "title_en": title.en})


@api.answers("/openapi.json", schemas.OPENAPI, tag=ABOUT, content_type=JSON, open_to_all=True)
def openapi(asked: Asked) -> Answer:
    """This document

    No token is asked for."""
    return Answer(openapi_document())
