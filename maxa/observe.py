"""What the server says about itself: structured log, one access line a request, and the counts behind /metrics.

Rooms log by ``structlog.get_logger("maxa.<room>")``. The access line does not pass through structlog: it is put
together and written in one step, because every request pays for it. Query strings, headers and bodies are never
logged: they may hold secrets.

What a view leaves in the WSGI environ is taken up here: ``maxa.client`` and ``maxa.service`` (the access check sets
them), ``maxa.error`` (the stable code of the error that was answered), and what :mod:`maxa.usage.counting` names.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from maxa.metrics import Metrics, metrics
from maxa.settings import Settings
from maxa.usage.counting import Usage

if TYPE_CHECKING:
    from flask import Flask

WITHHELD = frozenset({
    "access_token", "refresh_token", "token", "password", "secret", "client_secret", "secret_hash", "password_hash",
    "authorization", "cookie", "body", "form",
})  # fmt: skip
LONGEST_PATH = 500
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")

_request_id: ContextVar[str | None] = ContextVar("maxa_request_id", default=None)


# --- the log ---------------------------------------------------------------------------------------------------------


class _Handler(logging.StreamHandler[Any]):
    """Ours on the root logger, so that setting up twice does not write twice."""


def configure_logging(settings: Settings) -> None:
    """Send structlog's and the standard library's records to stdout as JSON lines, or readable on a console."""
    level = settings.log_level.upper()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        _withhold_secrets,
    ]
    if settings.log_format == "json":
        last: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ]
    else:
        # A traceback with local variables would show the headers of the request, and the token among them.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, _Handler)] + [handler]
    root.setLevel(level)
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # At debug level Authlib logs the tokens that it issues.
    logging.getLogger("authlib").setLevel(logging.WARNING)


def _add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request_id = _request_id.get()
    if request_id is not None:
        event.setdefault("request_id", request_id)
    return event


def _withhold_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in WITHHELD & event.keys():
        event[name] = "withheld"
    return event


def _to_json(event: Any, **options: Any) -> str:
    try:
        return orjson.dumps(event, default=repr).decode()
    except TypeError:  # what orjson refuses: integers over 64 bits, half surrogate pairs, keys that are no strings
        return json.dumps(event, default=repr, skipkeys=True)


# --- one line and one count a request --------------------------------------------------------------------------------


def observe(app: Flask, settings: Settings, usage: Usage | None = None) -> None:
    """Put the access log, the metrics and the usage counts around an app."""
    writer = None
    if settings.log_level in ("debug", "info"):
        writer = json_line if settings.log_format == "json" else console_line
    app.wsgi_app = Observed(app.wsgi_app, metrics=metrics(), line=writer, usage=usage)  # type: ignore[method-assign]


class Observed:
    """WSGI middleware: 7 µs around an app that does nothing, 15 µs around a Flask view with its caches in use.

    ``line`` makes the log line (None: no access log), ``write`` takes it; ``usage`` counts by the day (None: nobody).
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        metrics: Metrics,
        line: Callable[[dict[str, Any]], bytes] | None,
        write: Callable[[bytes], Any] | None = None,
        usage: Usage | None = None,
    ) -> None:
        self._app = app
        self.metrics = metrics
        self.line = line
        self.write = write or _write_to_stdout
        self.usage = usage

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        exchange = Exchange(self, environ, start_response)
        try:
            body = exchange.body = self._app(environ, exchange.start)
        except BaseException:
            exchange.status = "500"
            exchange.finish()
            raise
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(body, wrapper):
            exchange.finish()  # the server sends the file by itself, if it gets this very object
            return body
        return exchange


class Exchange:
    """One request and its reply; the server iterates over it and closes it when the reply has left."""

    __slots__ = (
        "_began", "_endpoint", "_environ", "_length", "_observed", "_sent", "_start", "_whole", "body", "request_id",
        "status",
    )  # fmt: skip

    def __init__(self, observed: Observed, environ: dict[str, Any], start_response: Callable[..., Any]) -> None:
        self._began = time.perf_counter()
        self._observed: Observed | None = observed
        self._environ = environ
        self._start = start_response
        self._length: str | None = None
        self._sent = 0
        self._whole = True
        self._endpoint = "unmatched"
        self.body: Iterable[bytes] = ()
        self.status = "500"
        given = environ.get("HTTP_X_REQUEST_ID")
        self.request_id = given if given is not None and _SANE_ID.match(given) else _new_id()
        _request_id.set(self.request_id)

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.status = status[:3]
        rule = getattr(self._environ.get("werkzeug.request"), "url_rule", None)  # Flask takes it away at the end
        if rule is not None:
            self._endpoint = rule.endpoint
        else:
            # What answers before Flask names itself.
            self._endpoint = self._environ.get("maxa.endpoint", self._endpoint)
        for name, value in headers:
            if name == "Content-Length":
                self._length = value
                break
        headers.append(("X-Request-Id", self.request_id))
        return self._start(status, headers, exc_info) if exc_info else self._start(status, headers)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body) if self._length is not None else self._counted()

    def _counted(self) -> Iterator[bytes]:
        self._whole = False
        for chunk in self.body:
            self._sent += len(chunk)
            yield chunk
        self._whole = True

    def close(self) -> None:
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            self.finish()

    def finish(self) -> None:
        """Count and log, once."""
        observed, self._observed = self._observed, None
        if observed is None:
            return
        seconds = time.perf_counter() - self._began
        environ, status = self._environ, self.status
        client = environ.get("maxa.client")
        service = environ.get("maxa.service", "")
        observed.metrics.count(service, self._endpoint, status[0] + "xx", seconds, client)
        if observed.usage is not None:
            observed.usage.count(environ, service, self._endpoint, status, client)
        if observed.line is not None:
            method, path = environ.get("REQUEST_METHOD", "-"), environ.get("PATH_INFO", "")
            if not path.isascii():  # WSGI hands UTF-8 over as Latin-1
                path = path.encode("latin-1", "replace").decode("utf-8", "replace")
            empty = method == "HEAD" or status == "304"
            event = {
                "timestamp": datetime.now(UTC),
                "level": "info",
                "event": "request",
                "method": method[:20],
                "path": path[:LONGEST_PATH],
                "status": int(status),
                "ms": round(seconds * 1000, 2),
                "bytes": 0 if empty else int(self._length) if self._length else self._sent,
                "client": client,
                "address": environ.get("REMOTE_ADDR"),
                "request_id": self.request_id,
            }
            if "maxa.error" in environ:
                event["error"] = environ["maxa.error"]
            if not self._whole:
                event["broken_off"] = True
            observed.write(observed.line(event))
        _request_id.set(None)


def json_line(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def console_line(event: dict[str, Any]) -> bytes:
    path = event["path"] if event["path"].isprintable() else ascii(event["path"])
    extra = "".join(
        f" {name}={event[name]}" for name in ("client", "error", "broken_off", "address") if event.get(name)
    )
    method = event["method"] if event["method"].isprintable() else ascii(event["method"])
    return (
        f"{event['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ} {event['status']} {method} {path} {event['ms']} ms {event['bytes']} B"
        f"{extra} {event['request_id']}\n"
    ).encode("utf-8", "replace")


def _write_to_stdout(line: bytes) -> None:
    """One write a line, so that lines of several processes in one pipe stay whole. A full disk or a reader that went
    away must not cost an answer: the line is lost instead."""
    try:
        os.write(1, line)
    except OSError:
        return


def _start_ids() -> None:
    global _ids, _process
    _ids = count(1)
    _process = secrets.token_hex(5) + "-"


_ids: Iterator[int]
_process: str
_start_ids()
os.register_at_fork(after_in_child=_start_ids)  # workers of a preloaded app must not share a prefix


def _new_id() -> str:
    return f"{_process}{next(_ids):x}"
