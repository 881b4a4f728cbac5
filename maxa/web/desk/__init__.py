"""The committee's room, at the centre alone: accounts sign in, and see and do what their roles allow.

Views are thin: reads come from ``maxa.registry.queries`` and ``differences``, every write is one of
``maxa.registry.actions``, which check the permission.
"""

from __future__ import annotations

from flask import Flask

from maxa.settings import Settings

# the rooms' views register themselves on the blueprint
from maxa.web.desk import (  # noqa: F401
    accounts,
    audit,
    clients,
    columns,
    dashboard,
    editions,
    jobs,
    maps,
    marked,
    requests,
    review,
    sign_in,
    submissions,
    upload,
)
from maxa.web.desk.arriving import DeskRequest
from maxa.web.desk.cookies import DeskCookies
from maxa.web.desk.door import Desk, install_door
from maxa.web.desk.naming import page_of
from maxa.web.desk.room import room
from maxa.web.desk.showing import SHOWN
from maxa.web.pages import add_pages


def install_desk(app: Flask, settings: Settings) -> None:
    """After :func:`maxa.web.pages.install_pages`. No connection is opened before the first page is asked for."""
    app.extensions["maxa.desk"] = Desk(settings)
    app.request_class = DeskRequest
    app.session_interface = DeskCookies(settings.home / "desk.key")
    install_door(app)
    app.jinja_env.globals.update(SHOWN, page_of=page_of)
    add_pages(app, room, public=False)  # no link on public pages: they are the same at the centre and on mirrors
