"""How the pages read: through the same functions as /api/v1, over one catalogue a request."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import orjson
from flask import current_app, g
from markupsafe import Markup

from maxa.api.answering import Answer, Asked
from maxa.gateway.sent import Body
from maxa.shelf.catalogue import Catalogue, TerminologyEntry
from maxa.shelf.reading import Shelf
from maxa.shelf.sealed_file import folder_name
from maxa.web.formats import code as shown_code
from maxa.web.templating import markup

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+", re.ASCII).fullmatch  # what quote() would leave as it is


def shelf() -> Shelf:
    opened: Shelf = current_app.extensions["maxa.shelf"]
    return opened


def catalogue() -> Catalogue:
    """What this request reads, whatever is published meanwhile."""
    if "maxa_catalogue" not in g:
        g.maxa_catalogue = shelf().catalogue()
    bound: Catalogue = g.maxa_catalogue
    return bound


def asked(**parameters: Any) -> Asked:
    """A question to the functions of the API; a parameter that is None is one that was not sent."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return Asked(shelf(), catalogue(), given, Body())


def told(answer: Answer) -> Any:
    """What such a function answered."""
    return orjson.loads(answer.data)


def address_of(entry: TerminologyEntry) -> str:
    """The page of a terminology or of a map; ids of maps are written in ASCII."""
    if entry.kind == "map":
        return f"/maps/{quote(folder_name(entry.id))}"
    return f"/terminologies/{quote(entry.id)}"


def concept_address(terminology: str, code: str) -> str:
    """The page of a code, stable over editions; what is no letter or digit is percent-encoded, ``/`` too."""
    if not _PLAIN(terminology) or not _PLAIN(code):
        terminology, code = quote(terminology, safe=""), quote(code, safe="")
    return f"/terminologies/{terminology}/concepts/{code}"


def code_link(code: str, terminology: str) -> Markup:
    """A code that leads to its page."""
    return markup(f'<a href="{concept_address(terminology, code)}">{shown_code(code)}</a>')
