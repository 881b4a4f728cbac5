"""What every page needs: templates, language, formats, headers, static files, and errors as pages.

A room of pages is a Flask blueprint that :func:`add_pages` puts in; :func:`install_pages` comes first, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from flask import Blueprint, Flask, Response, current_app, render_template, request
from flask_babel import LazyString
from jinja2 import StrictUndefined

from maxa.errors import MaxaError
from maxa.web.formats import FORMATS
from maxa.web.headers import compress_and_tag, install_headers
from maxa.web.kept_pages import keep_pages
from maxa.web.language import LANGUAGES, direction, either, in_language, install_language, language, said
from maxa.web.static_files import StaticFiles, static_blueprint
from maxa.web.templating import Environment

log = structlog.get_logger("maxa.web")


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link in the head of every page."""

    endpoint: str
    title: LazyString


class Link(NamedTuple):
    endpoint: str
    address: str
    title: str


@dataclass
class Pages:
    """What rooms of pages add to; ``app.extensions["maxa.pages"]``."""

    files: StaticFiles
    rooms: set[str] = field(default_factory=set)
    public_rooms: set[str] = field(default_factory=set)
    navigation: list[NavigationItem] = field(default_factory=list)
    _links: dict[str, list[Link]] = field(default_factory=dict)

    def links(self, app: Flask) -> list[Link]:
        """The navigation in the language of this request; made once, when all rooms are in."""
        found = self._links.get(language())
        if found is None:
            build = app.url_map.bind("").build
            found = [Link(one.endpoint, build(one.endpoint), str(one.title)) for one in self.navigation]
            self._links[language()] = found
        return found


def install_pages(app: Flask) -> Pages:
    """Before the app's first request, and before anything asks for ``app.jinja_env``."""
    app.jinja_environment = Environment
    app.jinja_options = {
        **app.jinja_options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True,
    }  # fmt: skip
    pages = app.extensions["maxa.pages"] = Pages(StaticFiles())
    keep_pages(app, pages.public_rooms)
    install_language(app)
    app.jinja_env.filters.update(FORMATS)
    app.jinja_env.globals.update(
        static=pages.files.address, language=language, direction=direction,
        in_language=in_language, said=said, either=either, languages=LANGUAGES,
    )  # fmt: skip
    app.register_blueprint(Blueprint("pages", __name__, template_folder="templates"))
    app.register_blueprint(static_blueprint(pages.files))
    app.context_processor(_of_every_page)
    install_headers(app, is_page=_is_answered_by_a_page)
    app.after_request(lambda reply: compress_and_tag(reply) if request.blueprint in pages.public_rooms else reply)
    return pages


def add_pages(app: Flask, room: Blueprint, *, navigation: list[NavigationItem] | None = None, public: bool) -> None:
    """Put a room's pages in. ``public`` ones hold nothing secret: they are compressed and told unchanged (304)."""
    pages: Pages = app.extensions["maxa.pages"]
    pages.rooms.add(room.name)
    pages.navigation += navigation or []
    if public:
        pages.public_rooms.add(room.name)
    app.register_blueprint(room)


def wants_page() -> bool:
    """Whether whoever sent this request is shown an error as a page: one of the pages would have answered, or a browser
    asks for an address that there is not."""
    if request.url_rule is not None:
        return _is_answered_by_a_page()
    return "text/html" in request.headers.get("Accept", "")


def error_page(error: MaxaError) -> Response:
    """The page that says what is wrong and how to go on; for a part of a page, the sentence alone."""
    request.environ["maxa.error"] = error.code
    part = request.headers.get("HX-Request") == "true"
    html = render_template("error_part.html" if part else "error.html", error=error)
    reply = Response(html, error.status, content_type="text/html; charset=utf-8")
    for name, value in error.data.get("headers", {}).items():
        reply.headers[name] = value
    return reply


def _is_answered_by_a_page() -> bool:
    rooms = current_app.extensions["maxa.pages"].rooms
    return request.blueprint in rooms or (request.url_rule is None and "text/html" in request.headers.get("Accept", ""))


def _of_every_page() -> dict[str, Any]:
    """Serial and warning stand at the foot and the head of every page; an unreadable shelf must not break the page that
    says so."""
    extensions = current_app.extensions
    standing, shelf = extensions.get("maxa.standing"), extensions.get("maxa.shelf")
    warning = standing.warning() if standing is not None else None
    try:
        catalogue = shelf.catalogue() if shelf is not None else None
    except (MaxaError, OSError):
        catalogue = None
    return {
        "navigation": extensions["maxa.pages"].links(current_app),
        "shelf_warning": either(*warning) if warning else None,
        "catalogue": catalogue,
        "shares_shelf": "shelf" in current_app.blueprints,
    }
