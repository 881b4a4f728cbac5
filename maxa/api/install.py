"""Puts /api/v1 into the app."""

from __future__ import annotations

from flask import Flask

from maxa.api.answering import AnyCode
from maxa.api.problems import BASE
from maxa.api.views import api


def install_api(app: Flask) -> None:
    """The app must hold ``maxa.shelf`` and ``maxa.access`` among its extensions when it is asked."""
    app.url_map.converters["any_code"] = AnyCode
    app.register_blueprint(api)


def is_api(path: str) -> bool:
    return path == BASE or path.startswith(f"{BASE}/")
