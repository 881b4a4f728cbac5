"""The addresses of the public pages. Views are thin: what a page tells is read in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request
from flask_babel import lazy_gettext

from maxa.access.clients import RateLimit
from maxa.api.answering import Answer, reply_of
from maxa.api.differences import FILES, differences_file
from maxa.api.editions import edition_named, find_map, find_terminology
from maxa.api.feed import MEDIA_TYPE, feed
from maxa.api.parameters import CURRENT
from maxa.api.views import export_answer
from maxa.errors import BadParameter
from maxa.persian.fold import latin_digits
from maxa.settings import Settings
from maxa.sheets.export import KINDS as EXPORTS
from maxa.sheets.export import MEDIA_TYPES
from maxa.shelf.catalogue import Catalogue, TerminologyEntry
from maxa.usage.counting import UNFOUND
from maxa.web.headers import content_security_policy
from maxa.web.pages import NavigationItem, add_pages
from maxa.web.public import checking, developers, editions
from maxa.web.public import concept as codes
from maxa.web.public.downloads import in_turn
from maxa.web.public.reading import address_of, asked, catalogue, code_link, concept_address, shelf
from maxa.web.public.requesting import requesting
from maxa.web.public.results import query_of, search_of, suggestions_of
from maxa.web.public.start import start_of
from maxa.web.throttle import Throttle, sender
from maxa.work_folders import sweep

public = Blueprint("public", __name__)
searches = Throttle(RateLimit(3_000, "minute"))  # a whole hospital may type from behind one address

NAVIGATION = [
    NavigationItem("public.start", lazy_gettext("فهرست‌ها")),
    NavigationItem("public.check", lazy_gettext("بررسی کدها")),
    NavigationItem("public.developer_page", lazy_gettext("توسعه‌دهندگان")),
]


def install_public_pages(app: Flask, chosen: Settings) -> None:
    """After :func:`maxa.web.pages.install_pages`, and after the API, whose path converters are used."""
    app.extensions["maxa.settings"] = chosen
    sweep(chosen.work)
    app.jinja_env.globals.update(address_of=address_of, concept_address=concept_address)
    app.jinja_env.filters.update(
        code_link=code_link, property_values=codes.property_values, pair_properties=codes.pair_properties
    )
    add_pages(app, public, navigation=NAVIGATION, public=True)
    add_pages(app, requesting, public=False)  # never kept: what they tell changes under one address


@public.get("/")
def start() -> str:
    return render_template("public/start.html", start=start_of(catalogue()))


@public.get("/search")
def search() -> str:
    searches.take(sender(request))
    given = request.args
    query = query_of(
        given.get("q", ""), given.getlist("terminology"), given.get("status", ""), given.get("literal", "")
    )  # fmt: skip
    if not query.text:
        return render_template("public/search.html", query=query, results=None)
    results = search_of(shelf(), catalogue(), query, given.get("cursor"))
    if not results.reply.found_as_asked and not given.get("cursor"):
        request.environ[UNFOUND] = (query.text, bool(results.reply.hits))
    return render_template("public/search.html", query=query, results=results)


@public.get("/suggest")
def suggest() -> str:
    """The options of the search box, for the script that asks while one types."""
    searches.take(sender(request))
    text, terminologies = request.args.get("q", ""), request.args.getlist("terminology")
    hits = suggestions_of(shelf(), catalogue(), text, terminologies)
    return render_template("public/suggest.html", hits=hits)


# --- terminologies and maps, and their editions ------------------------------------------------------------------------

Find = Callable[[Catalogue, str], TerminologyEntry]
KINDS: tuple[tuple[str, Find], ...] = (("terminologies", find_terminology), ("maps", find_map))


def _list_page(entry: TerminologyEntry) -> str:
    happened = editions.happened(entry)
    return render_template(
        "public/terminology.html",
        entry=entry,
        parts=editions.parts(entry.current),
        happened=happened,
        restored=any(counts["restored"] for counts in happened.values()),
        withdrawn={edition.version for edition in entry.editions if edition.withdrawn},
        chart=editions.chart(entry),
        maps=[one for one in catalogue().maps if entry.id in (one.source, one.target)],
    )


def _codes_page(entry: TerminologyEntry) -> str:
    status, part, parent, cursor = (_given(name) for name in ("status", "part", "parent", "cursor"))
    page = editions.codes(entry, status=status, part=part, parent=parent, cursor=cursor)
    chosen = {"status": status, "part": part, "parent": parent}
    return render_template(
        "public/codes.html", entry=entry, page=page, parts=editions.parts(entry.current), chosen=chosen
    )  # fmt: skip


def _edition_page(entry: TerminologyEntry, version: str) -> str:
    edition = edition_named(entry, version)
    base, kind = _given("from"), _given("kind")
    differences = editions.changes(entry, version, base, kind, _given("cursor"))
    return render_template(
        "public/edition.html",
        entry=entry,
        edition=edition,
        differences=differences,
        base=base,
        kind=kind,
        names=codes.field_names(shelf().release(edition)),
        text_of=codes.text_of,
        parts=editions.parts(edition),
    )


def _compared(entry: TerminologyEntry) -> Response:
    """The form that compares two editions leads to the page of the newer one."""
    newer = edition_named(entry, request.args.get("to", CURRENT))
    older = edition_named(entry, request.args.get("from", newer.version))
    return redirect(f"{address_of(entry)}/releases/{newer.version}?{urlencode({'from': older.version})}")  # type: ignore[return-value]


def _export(entry: TerminologyEntry, version: str, form: str) -> Response:
    return reply_of(in_turn(export_answer(asked(part=_given("part")), entry, version, form)))


def _differences(entry: TerminologyEntry, version: str, form: str) -> Response:
    given = {"from": _given("from"), "kind": _given("kind")}
    return reply_of(in_turn(differences_file(asked(**given), entry, version, form)))


def _feed(entry: TerminologyEntry) -> Response:
    return reply_of(Answer(feed(catalogue(), request.url_root, request.base_url, entry), content_type=MEDIA_TYPE))


def _serve(room: str, find: Find) -> None:
    """The same addresses for terminologies and for maps."""

    def add(rule: str, name: str, view: Callable[..., str | Response], **fixed: str) -> None:
        def answer(name: str, **more: str) -> str | Response:
            return view(find(catalogue(), name), **more, **fixed)

        public.add_url_rule(f"/{room}/<name>{rule}", f"{room}_{name}", answer)

    add("", "list", _list_page)
    add("/codes", "codes", _codes_page)
    add("/compare", "compare", _compared)
    add("/feed.atom", "feed", _feed)
    add("/releases/<version>", "edition", _edition_page)
    for form in EXPORTS:
        add(f"/releases/<version>/export.{form}", f"export_{form}", _export, form=form)
    for form in FILES:
        add(f"/releases/<version>/diff.{form}", f"diff_{form}", _differences, form=form)


for _room, _find in KINDS:
    _serve(_room, _find)


@public.get("/feed.atom")
def feed_of_all() -> Response:
    return reply_of(Answer(feed(catalogue(), request.url_root, request.base_url), content_type=MEDIA_TYPE))


# --- codes -------------------------------------------------------------------------------------------------------------


@public.get("/terminologies/<terminology>/concepts/<any_code:code>")
def concept(terminology: str, code: str) -> str:
    entry = find_terminology(catalogue(), terminology)
    version = request.args.get("version")
    found = codes.concept_of(entry, code, version, _number("history", 100))
    release = shelf().release(edition_named(entry, found["version"]))
    maps = codes.map_entries(found)
    return render_template(
        "public/concept.html",
        entry=entry,
        concept=found,
        asked_code=code,
        properties=codes.properties_of(release, found),
        maps=maps,
        map_headings={one.id: codes.headings_of(shelf().release(one.current)) for one, _, _ in maps},
        names=codes.field_names(release),
        coded_json=codes.coded_text_json(found),
        coded_xml=codes.coded_text_xml(found),
        text_of=codes.text_of,
        shown=codes.SHOWN,
    )


# --- the check of codes and lists --------------------------------------------------------------------------------------


@public.get("/check")
def check() -> str:
    return _check_page(None, _given("terminology"))


@public.post("/check")
def checked() -> str | Response:
    """A page with the findings; for ``as=workbook`` the marked workbook."""
    entry = find_terminology(catalogue(), request.form.get("terminology", ""))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _check_page(checking.check_pasted(entry, request.form.get("codes", "")), entry.id)
    chosen: Settings = current_app.extensions["maxa.settings"]
    marked = request.form.get("as") == "workbook"
    report, workbook = checking.check_upload(
        entry, file, chosen, address=sender(request), marked=marked
    )  # fmt: skip
    if workbook is None:
        return _check_page(report, entry.id)
    name = f"{checking.name_of(file).rpartition('.')[0] or 'list'}-checked.xlsx"
    return reply_of(Answer(workbook, content_type=MEDIA_TYPES["xlsx"], filename=name), posts=True)


def _check_page(report: checking.Report | None, terminology: str | None) -> str:
    lists = sorted(catalogue().codes, key=lambda entry: entry.id.casefold())
    return render_template(
        "public/check.html",
        report=report,
        terminology=terminology,
        lists=lists,
        most_lines=checking.MOST_LINES,
        most_megabytes=current_app.config["MAX_CONTENT_LENGTH"] >> 20,
    )


# --- for developers ----------------------------------------------------------------------------------------------------

_SWAGGER_POLICY = content_security_policy(img_src="'self' data:")  # its style sheet draws arrows from data: addresses


@public.get("/developers")
def developer_page() -> str:
    sample = developers.sample_of(shelf(), catalogue())
    open_to_all = current_app.extensions["maxa.access"].open_to_all
    return render_template(
        "public/developers.html",
        sample=sample,
        gateway=developers.gateway_examples(sample) if sample else [],
        api=developers.api_examples(sample) if sample else [],
        errors=developers.error_codes(),
        issues=developers.issue_codes(),
        open_to_all=open_to_all,
        auth="" if open_to_all else "-H 'Authorization: Bearer TOKEN' -H 'pid: PID' ",
        root=request.url_root,
    )


@public.get("/developers/api")
def api_docs() -> Response:
    reply = make_response(render_template("public/api_docs.html"))
    reply.headers["Content-Security-Policy"] = _SWAGGER_POLICY
    return reply


def _given(name: str) -> str | None:
    """A parameter of the address; an empty one was not given."""
    return request.args.get(name, "").strip() or None


def _number(name: str, most: int) -> int | None:
    """A count in the address, if there is one. Raises :class:`BadParameter`."""
    text = latin_digits(request.args.get(name, "")).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
        raise BadParameter(
            f"«{name}» باید عددی از 0 تا {most} باشد.", f"{name!r} must be a whole number from 0 to {most}.", name
        )
    return int(text)
