"""How long the shelf vouches for itself, as readers tell it: ``/readyz``, ``/metrics``, a header, a page.

A shelf past its expiry is served on, since a hospital needs its codes; but every reply then says so in
``X-Maxa-Expired``, and pages that people see may show :meth:`ShelfStanding.warning`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from maxa.persian.dates import jalali
from maxa.shelf.standing import NAME, Standing, read_standing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Maxa-Expired"
_LOOK_SECONDS = 1.0


class ShelfStanding:
    """Reads ``standing.json`` when it changes, at most once a second. ``mirror``: the mirror's own folder, if it is one."""

    def __init__(self, shelf: Path, mirror: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.shelf = shelf
        self.mirror = mirror
        self._clock = clock
        self._path = shelf / NAME
        self._next_look = 0.0
        self._seen: tuple[int, int] | None = None
        self._standing: Standing | None = None
        self._expires: float | None = None

    def current(self) -> Standing | None:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            try:
                stat = os.stat(self._path)
                seen = (stat.st_mtime_ns, stat.st_ino)
            except OSError:
                seen = None
            if seen != self._seen:
                self._seen, self._standing = seen, read_standing(self.shelf)
                self._expires = self._standing.expires.timestamp() if self._standing else None
        return self._standing

    def expired(self) -> bool:
        self.current()
        return self._expires is not None and self._clock() >= self._expires

    def warning(self) -> tuple[str, str] | None:
        """What to tell people, in Persian and English, when the shelf is past its expiry; else None."""
        standing = self.current()
        if standing is None or not self.expired():
            return None
        return (
            f"مهلت امضای این کدها در {jalali(standing.expires)} گذشته است: این سرور از آن هنگام از مرکز چیزی نگرفته است و شاید "
            "کدهای تازه را نداشته باشد.",
            f"The signature of these codes expired on {standing.expires:%Y-%m-%d}: this server has had nothing from the "
            "centre since, and may lack newer codes.",
        )

    def before(self, app: WSGIApplication) -> WSGIApplication:
        """``app`` with the header on every reply while the shelf is past its expiry."""

        def loudly(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if not self.expired():
                return app(environ, start_response)

            def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
                standing = self._standing
                day = standing.expires.astimezone(UTC).isoformat() if standing else "unknown"
                return start_response(status, [*headers, (HEADER, day)], *error)

            return app(environ, start)

        return loudly

    def report(self) -> dict[str, Any]:
        """What /readyz adds: how the signatures, the disk and a mirror's last attempt stand."""
        standing = self.current()
        told: dict[str, Any] = {"disk": {"free_bytes": self._free()}}
        if standing is not None:
            told["trust"] = {
                "serial": standing.serial,
                "signed_at": standing.signed_at.isoformat(),
                "expires": standing.expires.isoformat(),
                "expires_in_seconds": int(standing.expires.timestamp() - self._clock()),
                "expired": self.expired(),
                "root_version": standing.versions.get("root"),
            }
            warning = self.warning()
            if warning is not None:
                told["warning"] = {"detail_fa": warning[0], "detail_en": warning[1]}
        if self.mirror is not None:
            told["mirror"] = self._last() or {"at": None}
        return told

    def gauges(self) -> dict[str, float | None]:
        standing, last = self.current(), self._last() or {}
        good = last.get("good_at")
        return {
            "maxa_shelf_published_timestamp_seconds": standing.published_at.timestamp() if standing else None,
            "maxa_shelf_expires_timestamp_seconds": standing.expires.timestamp() if standing else None,
            "maxa_shelf_disk_free_bytes": self._free(),
            "maxa_mirror_last_success_timestamp_seconds": datetime.fromisoformat(good).timestamp() if good else None,
            "maxa_mirror_last_attempt_ok": float(last.get("problem") is None) if last else None,
        }

    def _free(self) -> int | None:
        try:
            return shutil.disk_usage(self.shelf).free
        except OSError:
            return None

    def _last(self) -> dict[str, Any] | None:
        """How the last sync or import went: {"at", "good_at", "source", "problem", "warnings"}."""
        if self.mirror is None:
            return None
        try:
            found = orjson.loads((self.mirror / "last.json").read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None
