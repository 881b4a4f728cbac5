"""Puts the rooms together into one WSGI app: the readers, in either role. It opens no database: what is served comes
from the shelf, with PostgreSQL up or down."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from maxa import errors, settings
from maxa.access.oauth import install_access
from maxa.api.answering import refuse as refuse_as_problem
from maxa.api.install import install_api, is_api
from maxa.gateway.door import Gateway, unforeseen
from maxa.observe import configure_logging, observe
from maxa.requests.place import RequestDesk
from maxa.shelf.reading import Shelf
from maxa.usage.counting import Usage
from maxa.web.health import health_blueprint
from maxa.web.pages import error_page, install_pages, wants_page
from maxa.web.public.views import install_public_pages
from maxa.web.shelf_files import shelf_blueprint
from maxa.web.standing import ShelfStanding

log = structlog.get_logger("maxa.app")

LOOK_EVERY = 0.005  # seconds: far within the second in which a publication must be noticed


def create_app(given: settings.Settings | None = None, *, look_every: float = LOOK_EVERY) -> Flask:
    """The app over ``given`` settings (default: the process's); the shelf and the clients file are looked at anew
    after ``look_every`` seconds.

    Raises :class:`maxa.errors.SettingsError` when it can't start: a setting is wrong, or the token key can't be read.
    """
    chosen = given or settings.settings()
    configure_logging(chosen)
    app = Flask("maxa", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=chosen.max_body, PROPAGATE_EXCEPTIONS=False)
    app.url_map.merge_slashes = False  # a redirect would answer in HTML
    app.url_map.strict_slashes = False
    shelf = app.extensions["maxa.shelf"] = Shelf(chosen.shelf, look_every=look_every)
    access = install_access(app, chosen)
    access.clients.look_every = look_every
    gateway = Gateway(shelf, access, max_body=chosen.max_body)
    app.wsgi_app = gateway.before(app.wsgi_app)  # type: ignore[assignment, method-assign]
    standing = app.extensions["maxa.standing"] = ShelfStanding(
        chosen.shelf, chosen.mirror if chosen.role == "mirror" else None
    )
    app.wsgi_app = standing.before(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.extensions["maxa.requests"] = RequestDesk(chosen)
    install_pages(app)
    app.register_blueprint(health_blueprint())
    install_api(app)
    install_public_pages(app, chosen)
    if chosen.role == "centre":
        from maxa.web.desk import install_desk  # with the registry: no mirror loads it

        install_desk(app, chosen)
    if chosen.share_shelf:
        app.register_blueprint(shelf_blueprint(chosen.shelf, downloads_at_once=max(1, chosen.web_threads // 2)))
    app.register_error_handler(Exception, lambda error: _refusal(_told(error), gateway))
    usage = None
    if chosen.role == "centre":  # where a worker collects it
        usage = app.extensions["maxa.usage"] = Usage(chosen.usage)
    observe(app, chosen, usage)
    _look_at_the_shelf(shelf)
    return app


def _look_at_the_shelf(shelf: Shelf) -> None:
    """Read the catalogue before the first request, and say so at once when it can't be read: the server starts all
    the same, and serves as soon as the shelf is mended."""
    try:
        serial = shelf.catalogue().serial
    except (errors.MaxaError, OSError) as error:
        log.error("the shelf can't be read", problem=str(error))
    else:
        log.info("shelf opened", folder=str(shelf.folder), serial=serial)


def _refusal(error: errors.MaxaError, gateway: Gateway) -> Response:
    """An error in the form that its address speaks: a problem below /api/v1, a page for people, the envelope elsewhere."""
    if is_api(request.path):
        return refuse_as_problem(error)
    return error_page(error) if wants_page() else gateway.refuse(error, request.environ)


def _told(error: Exception) -> errors.MaxaError:
    """Whatever no view has answered itself, in our words; a trace goes into the log, never out."""
    if isinstance(error, errors.MaxaError):
        return error
    if not isinstance(error, HTTPException):
        log.error("a request failed", path=request.path[:200], exc_info=error)
        return unforeseen()
    if isinstance(error, NotFound):
        return errors.NotFound("این نشانی وجود ندارد.", "There is nothing at this address.")
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return errors.MethodNotAllowed(
            f"این روش پذیرفته نیست؛ روش‌ها: {allowed}.",
            f"The method is not allowed; there are {allowed}.",
            data={"headers": {"Allow": allowed}},
        )
    if isinstance(error, RequestEntityTooLarge):
        return errors.BodyTooLarge("بدنهٔ درخواست بزرگ‌تر از اندازهٔ مجاز است.", "The request body is too large.")
    if error.code is not None and error.code < 500:
        return errors.BadBody("درخواست خوانده نمی‌شود.", "The request can't be read.")
    return unforeseen()
