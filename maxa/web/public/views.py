"""The addresses of the public pages. Views are thin: what a page tells is read in the modules beside this one."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from flask_babel import lazy_gettext

from maxa.web.pages import NavigationItem, add_pages
from maxa.web.public.reading import address_of, catalogue, concept_address
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
