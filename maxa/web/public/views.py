"""The addresses of the public pages. Views are thin: what a page tells is read in the modules beside this one."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request
from flask_babel import lazy_gettext

from maxa.api.editions import edition_named, find_terminology
from maxa.errors import BadParameter
from maxa.persian.fold import latin_digits
from maxa.web.pages import NavigationItem, add_pages
from maxa.web.public import concept as codes
from maxa.web.public.reading import address_of, catalogue, concept_address, shelf
from maxa.web.public.results import query_of, search_of, suggestions_of
from maxa.web.public.start import start_of

public = Blueprint("public", __name__)

NAVIGATION = [NavigationItem("public.start", lazy_gettext("فهرست‌ها"))]


def install_public_pages(app: Flask) -> None:
    """After :func:`maxa.web.pages.install_pages`, and after the API, whose path converters are used."""
    app.jinja_env.globals.update(address_of=address_of, concept_address=concept_address)
    add_pages(app, public, navigation=NAVIGATION, public=True)


@public.get("/")
def start() -> str:
    return render_template("public/start.html", start=start_of(catalogue()))


@public.get("/search")
def search() -> str:
    asked = request.args
    query = query_of(
        asked.get("q", ""), asked.getlist("terminology"), asked.get("status", ""), asked.get("literal", "")
    )  # fmt: skip
    if not query.text:
        return render_template("public/search.html", query=query, results=None)
    results = search_of(shelf(), catalogue(), query, asked.get("cursor"))
    return render_template("public/search.html", query=query, results=results)


@public.get("/suggest")
def suggest() -> str:
    """The options of the search box, for the script that asks while one types."""
    text, terminologies = request.args.get("q", ""), request.args.getlist("terminology")
    hits = suggestions_of(shelf(), catalogue(), text, terminologies)
    return render_template("public/suggest.html", hits=hits)


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
        coded_json=codes.coded_text_json(found),
        coded_xml=codes.coded_text_xml(found),
        text_of=codes.text_of,
        shown=codes.SHOWN,
    )


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
