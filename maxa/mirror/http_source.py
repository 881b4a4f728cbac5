"""A shelf behind HTTP: the centre, a static file server, a CDN, or another mirror.

Slow, broken and hostile servers are met by limits: of each wait, of the rate below which a server is given up, of
redirects, of bytes. TLS is verified by the system's certificates where the address is https; what comes is verified by
its signatures either way. Proxies are taken from the environment (``http_proxy``, ``no_proxy``).
"""

from __future__ import annotations

import random
import re
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationValueError, MaxRetryError, SSLError

from maxa.errors import BadParameter
from maxa.mirror.source import Piece
from maxa.mirror.troubles import NotThere, Refused, SourceTrouble
from maxa.shelf.signed_names import METADATA, TIMESTAMP, as_url
from maxa.usage.mirrors import HEADER, MirrorSays, write_header

CHUNK = 256 << 10
_TIMESTAMP = f"{METADATA}/{TIMESTAMP}"
_SMALL = 8_192  # bytes of a body that are rather read than that a connection is given up


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for. Seconds, and bytes a second."""

    connect: float = 10.0
    read: float = 30.0  # without a byte
    head: float = 60.0  # for all header lines of a reply
    metadata: float = 60.0  # for a whole metadata file
    slowest: float = 512.0  # bytes a second over ``window``, below which a connection is given up
    window: float = 60.0
    tries: int = 5  # without a byte gained
    pause: float = 0.5  # before the second try; doubles, up to ``longest_pause``
    longest_pause: float = 15.0
    busy: float = 1_800.0  # in all, for a server that says that it is busy (503, 429)
    redirects: int = 4


class HttpSource:
    """``url`` is that of the shelf, such as ``https://maxa.example/shelf/``. ``says`` gives what the mirror tells the
    source of itself when it looks for what is new; without it, nothing."""

    def __init__(
        self, url: str, patience: Patience | None = None, *, says: Callable[[], MirrorSays | None] | None = None
    ) -> None:
        self.url = shelf_url(url)
        self.name = self.url
        self.patience = patience or Patience()
        self._says = says
        self._pool = _pool(self.url, self.patience)
        self._date: tuple[float, float] | None = None
        self._busy_until = 0.0
        self.requests = 0
        self.received = 0

    def clock(self) -> float | None:
        if self._date is None:
            return None
        said, at = self._date
        return said + (time.monotonic() - at)

    def close(self) -> None:
        self._pool.clear()

    def metadata(self, name: str, limit: int) -> bytes:
        deadline = time.monotonic() + self.patience.metadata
        content = bytearray()
        with self._get(name, self._identity() if name == _TIMESTAMP else {}) as reply:
            for chunk in self._chunks(reply, deadline):
                content += chunk
                if len(content) > limit:
                    raise Refused.of("tampered", name, f"longer than {limit} bytes")
        return bytes(content)

    def tell(self) -> None:
        """Say which serial is held now. Whether it arrives matters to nobody here."""
        told = self._identity()
        if told:
            with suppress(SourceTrouble):
                self._give_back(self._ask(_TIMESTAMP, told))

    def _identity(self) -> dict[str, str]:
        says = self._says() if self._says is not None else None
        return {HEADER: write_header(says)} if says is not None else {}

    @contextmanager
    def piece(self, name: str, start: int, length: int) -> Iterator[Piece]:
        with self._get(name, {"Range": f"bytes={start}-{start + length - 1}"}, partly=True) as reply:
            begins = start
            if reply.status == 200:
                begins = 0
            elif not (reply.headers.get("Content-Range") or "").startswith(f"bytes {start}-"):
                raise SourceTrouble(
                    f"منبع بخش دیگری از {name} را فرستاد.",
                    f"The source sent another range of {name} than was asked for.",
                )
            yield Piece(begins, self._chunks(reply, None))

    @contextmanager
    def _get(self, name: str, headers: dict[str, str], partly: bool = False) -> Iterator[urllib3.BaseHTTPResponse]:
        reply = self._answered(name, headers)
        try:
            if reply.status in (403, 404, 410):
                raise NotThere.of(self.name, name)
            if reply.status not in ((200, 206) if partly else (200,)):
                raise SourceTrouble(
                    f"منبع {self.name} به‌جای {name} پاسخ {reply.status} داد.",
                    f"The source {self.name} answered {reply.status} instead of {name}.",
                )
            yield reply
        finally:
            self._give_back(reply)

    def _give_back(self, reply: urllib3.BaseHTTPResponse) -> None:
        """Keep the connection where the body was read to its end, else close it: it may be endless."""
        left = reply.length_remaining
        if left is not None and 0 < left <= _SMALL:
            with suppress(SourceTrouble):  # as patient as with metadata: it may drip
                for _ in self._chunks(reply, time.monotonic() + self.patience.head):
                    pass
            left = reply.length_remaining
        with suppress(HTTPError, OSError):
            if left == 0:
                reply.release_conn()
            else:
                reply.close()

    def _answered(self, name: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """A reply that is not "busy": those are waited for, as long as the server asks, with some jitter."""
        waited, pause = 0.0, self.patience.pause
        while True:
            reply = self._ask(name, headers)
            if reply.status not in (429, 503):
                return reply
            self._give_back(reply)
            asked = _seconds(reply.headers.get("Retry-After"))
            pause = min(asked if asked is not None else pause * 2, 60.0)
            wait = pause * random.uniform(0.75, 1.5)  # noqa: S311 - jitter
            if waited + wait > self.patience.busy:
                raise SourceTrouble(
                    f"منبع {self.name} سرگرم است و پس از {waited:.0f} ثانیه نوبت نداد.",
                    f"The source {self.name} is busy, and gave no turn within {waited:.0f} s.",
                )
            time.sleep(wait)
            waited += wait

    def _ask(self, name: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """The reply at the end of the redirects. They are followed here: urllib3 would read their bodies to the end, and
        one that is endless would hold a sync for ever."""
        url = urljoin(self.url, as_url(name))
        for _ in range(self.patience.redirects + 1):
            reply = self._request(url, headers)
            where = reply.get_redirect_location()
            if not where:
                return self._dated(reply)
            reply.close()
            before, url = url, self._next_url(url, where)
            if urlsplit(url).netloc != urlsplit(before).netloc:  # what this mirror is called is for its source alone
                headers = {name: value for name, value in headers.items() if name != HEADER}
        raise SourceTrouble(
            f"منبع {self.name} بی‌پایان به نشانی‌های دیگر می‌فرستد.", f"The source {self.name} redirects in a loop."
        )

    def _next_url(self, url: str, where: str) -> str:
        try:
            following = urljoin(url, where)
            scheme, host = urlsplit(following).scheme, urlsplit(following).hostname
        except ValueError:
            scheme = host = following = ""
        if not host or scheme not in ("https", urlsplit(url).scheme):
            raise SourceTrouble(
                f"منبع {self.name} به نشانی‌ای می‌فرستد که دنبال نمی‌شود ({where[:100]}).",
                f"The source {self.name} redirects to what is not followed ({where[:100]}).",
            )
        return following

    def _request(self, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        retries = urllib3.Retry(total=None, connect=0, read=0, status=0, other=0, redirect=0)
        self.requests += 1
        try:
            return self._pool.request(
                "GET", url, headers={**_HEADERS, **headers}, preload_content=False, retries=retries, redirect=False,
                decode_content=False,
            )  # fmt: skip
        except MaxRetryError as error:
            raise self._unreachable(error.reason or error) from None
        except (HTTPError, OSError) as error:
            raise self._unreachable(error) from None

    def _dated(self, reply: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
        with suppress(KeyError, OverflowError, TypeError, ValueError):
            self._date = (parsedate_to_datetime(reply.headers["Date"]).timestamp(), time.monotonic())
        return reply

    def _chunks(self, reply: urllib3.BaseHTTPResponse, deadline: float | None) -> Iterator[bytes]:
        patience = self.patience
        began, gained = time.monotonic(), 0
        try:
            while chunk := reply.read1(CHUNK, decode_content=False):
                self.received += len(chunk)
                yield chunk
                gained += len(chunk)
                now = time.monotonic()
                if deadline is not None and now > deadline:
                    raise self._too_slow()
                if now - began > patience.window:
                    if gained < patience.slowest * patience.window:
                        raise self._too_slow()
                    began, gained = now, 0
        except (HTTPError, OSError) as error:
            raise self._unreachable(error) from None

    def _too_slow(self) -> SourceTrouble:
        return SourceTrouble(
            f"منبع {self.name} چنان کند است که رها شد؛ دفعهٔ بعد از همان‌جا ادامه می‌یابد.",
            f"The source {self.name} is so slow that it was given up; the next time goes on from there.",
        )

    def _unreachable(self, error: object) -> SourceTrouble:
        if isinstance(error, SSLError) or "certificate" in str(error).lower():
            return SourceTrouble(
                f"گواهی TLS منبع {self.name} پذیرفته نیست. اگر سازمان مرجع گواهی خودش را دارد آن را در گواهی‌های سیستم بگذارید.",
                f"The TLS certificate of {self.name} is not accepted. If your organisation has a certificate authority of "
                "its own, add it to the system's.",
            )
        kind = type(error).__name__
        return SourceTrouble(
            f"منبع {self.name} در دسترس نیست یا ارتباط برید ({kind}). آنچه هست خدمت می‌دهد؛ دوباره همگام کنید.",
            f"The source {self.name} can't be reached or broke off ({kind}). What is there is served on; sync again.",
        )


def shelf_url(url: str) -> str:
    """``url`` with its closing slash. Raises :class:`BadParameter` when it is no http address, or carries a name or a
    password: it stands in config.json, in `maxa mirror status` and in /readyz."""
    text = url.strip()
    shown = re.sub(r"^(\w+://)?.*@", r"\1…@", text)[:100]
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise BadParameter(
            f"نشانی «{shown}» نام کاربری یا گذرواژه دارد و پذیرفته نیست: نشانی در وضعیت آینه و ‎/readyz‎ دیده می‌شود. نشانی را بی آن "
            "بدهید و در منبع راه این دستگاه را (با IP) باز کنید؛ گذرواژهٔ پروکسی در https_proxy جا دارد.",
            f"The address {shown!r} carries a user name or a password and is not taken: the address is shown in the "
            "mirror's status and in /readyz. Give it without, and let this machine in at the source (by its IP); the "
            "password of a proxy goes into https_proxy.",
            "URL",
        )
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # "http://[::1", a port that is none
        sound = False
    if not sound or parts.query or parts.fragment:
        raise BadParameter(
            f"«{shown}» نشانی قفسه نیست؛ مانند https://maxa.example/shelf/ بدهید.",
            f"{shown!r} is no address of a shelf: give one like https://maxa.example/shelf/.",
            "URL",
        )
    return text.rstrip("/") + "/"


def _version() -> str:
    try:
        return version("maxa")
    except PackageNotFoundError:
        return "0"


_HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"maxa-mirror/{_version()}"}


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.1, float(text or ""))
    except ValueError:
        return None


def _pool(url: str, patience: Patience) -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=patience.connect, read=patience.read)
    parts = urlsplit(url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    manager = urllib3.PoolManager(timeout=timeout, ssl_context=context, maxsize=1)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        with suppress(LocationValueError, ValueError):
            where, headers = _proxy(proxy)
            manager = urllib3.ProxyManager(
                where, proxy_headers=headers, timeout=timeout, ssl_context=context, maxsize=1
            )
    manager.pool_classes_by_scheme = _pool_classes(patience.head)
    return manager


def _proxy(address: str) -> tuple[str, dict[str, str]]:
    """``user:password@proxy:3128`` → the proxy's address, and the header with its password: urllib3 sends none itself."""
    scheme, found, rest = address.rpartition("://")
    before, _, _ = rest.partition("/")
    user, _, host = before.rpartition("@")
    headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else {}
    return f"{scheme if found else 'http'}://{host}", dict(headers)


def _pool_classes(head: float) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections wait ``head`` seconds in all for the header lines of a reply: the read timeout is that of
    each byte, and a server that sends one in a while would hold a sync for years."""

    class Head:
        sock: socket.socket | None

        def getresponse(self, *args: Any, **kwargs: Any) -> Any:
            late = threading.Event()
            timer = threading.Timer(head, _hang_up, [self.sock, late])
            timer.daemon = True
            timer.start()
            try:
                reply = super().getresponse(*args, **kwargs)  # type: ignore[misc]
            finally:
                timer.cancel()
            if late.is_set():  # the lines that came till then would pass for a head
                raise TimeoutError
            return reply

    class Plain(HTTPConnectionPool):
        ConnectionCls = type("PlainConnection", (Head, HTTPConnection), {})

    class Secure(HTTPSConnectionPool):
        ConnectionCls = type("SecureConnection", (Head, HTTPSConnection), {})

    return {"http": Plain, "https": Secure}


def _hang_up(sock: socket.socket | None, late: threading.Event) -> None:
    late.set()
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's own: it takes TLS from under the reader
