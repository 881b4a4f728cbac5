"""The page at ``/shelf/``: for the person who looks whether a shelf is alive, and wants to mirror it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, make_response, render_template, request

from maxa.errors import MaxaError
from maxa.shelf.catalogue import EMPTY
from maxa.web.headers import guard

if TYPE_CHECKING:
    from maxa.shelf.reading import Shelf
    from maxa.web.standing import ShelfStanding


def shelf_page(standing: ShelfStanding, shelf: Shelf) -> Response:
    try:
        catalogue = shelf.catalogue()
    except (MaxaError, OSError):
        catalogue = EMPTY
    html = render_template(
        "shelf.html",
        serial=catalogue.serial,
        lists=catalogue.terminologies,
        standing=standing.current(),
        address=request.base_url.rstrip("/") + "/",
    )
    reply = make_response(html)
    reply.headers["Cache-Control"] = "no-store"
    return guard(reply)
