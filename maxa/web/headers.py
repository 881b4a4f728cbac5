"""What every page says to the browser: load nothing but from here, run no script but our files, guess no types, be in
nobody's frame, and tell no other site where the reader came from."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache

from flask import Flask, Request, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from maxa.gateway.envelope import content_tag

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
WORTH_COMPRESSING = 1_400  # bytes: what is smaller goes in one packet anyhow
_LEVEL = 3  # 0.1 ms for a page of 30 kB


def content_security_policy(**over: str) -> str:
    """The policy, with some of its directives replaced: ``img_src="'self' data:"``."""
    chosen = POLICY | {name.replace("_", "-"): sources for name, sources in over.items()}
    return "; ".join(f"{name} {sources}" for name, sources in chosen.items())


_EVERYWHERE = [
    (name.lower(), name, value)
    for name, value in (
        *HEADERS.items(), ("Content-Security-Policy", content_security_policy()), ("Cache-Control", "private, no-cache"),
    )
]  # fmt: skip


def install_headers(app: Flask, *, is_page: Callable[[], bool]) -> None:
    """``is_page`` says of the present request whether one of the pages answers it."""

    @app.after_request
    def secure(reply: Response) -> Response:
        return guard(reply) if is_page() else reply


def guard(reply: Response) -> Response:
    """A page with all that it says to the browser; what it says already, it keeps."""
    held = {name.lower() for name, _ in reply.headers}
    for key, name, value in _EVERYWHERE:
        if key not in held:
            reply.headers.add(name, value)
    if reply.mimetype == "text/html":
        if "vary" in held:
            reply.vary.update(("Cookie", "Accept-Encoding"))
        else:
            reply.headers.add("Vary", "Cookie, Accept-Encoding")
    return reply


def takes_gzip(request: Request) -> bool:
    """Whether the browser takes a compressed reply."""
    return _names_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=256)
def _names_gzip(accepted: str) -> bool:
    return len(accepted) < 1_000 and "gzip" in parse_accept_header(accepted, Accept)


def compress_and_tag(reply: Response) -> Response:
    """A public page, told unchanged to whoever holds it (304), and compressed. Not for pages that hold a secret beside
    what a stranger may have put in the address (BREACH)."""
    if request.method != "GET" or reply.status_code != 200 or reply.is_streamed or reply.mimetype != "text/html":
        return reply
    if "ETag" in reply.headers:
        return reply  # it was kept, as it was sent
    content = reply.get_data()
    reply.headers["ETag"] = f'W/"{content_tag(b"page", content)}"'
    if "HTTP_IF_NONE_MATCH" in request.environ:
        reply.make_conditional(request)
    if reply.status_code == 304 or not takes_gzip(request):
        return reply
    if len(content) > WORTH_COMPRESSING and "Content-Encoding" not in reply.headers:
        reply.set_data(gzip.compress(content, _LEVEL, mtime=0))
        reply.headers["Content-Encoding"] = "gzip"
    return reply
