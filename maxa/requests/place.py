"""Where requests are taken: at the centre. A mirror has no committee, and says where the centre is."""

from __future__ import annotations

from pathlib import Path

import orjson

from maxa.errors import OnlyAtCentre
from maxa.requests.allowance import CLIENT_ROWS_A_DAY, ROWS_A_DAY, DailyRows
from maxa.requests.asking import Asking
from maxa.requests.spool import Filed, Spool
from maxa.settings import Settings


class RequestDesk:
    """``app.extensions["maxa.requests"]``."""

    def __init__(self, settings: Settings) -> None:
        self._spool = Spool(settings.requests) if settings.role == "centre" else None
        self._config = settings.mirror / "config.json"
        self._rows = DailyRows()

    @property
    def is_here(self) -> bool:
        return self._spool is not None

    @property
    def spool(self) -> Spool:
        """Raises :class:`OnlyAtCentre`."""
        return self.require_here()

    def require_here(self) -> Spool:
        """What a mirror says first: it takes none. Raises :class:`OnlyAtCentre`."""
        if self._spool is None:
            centre = self.centre
            at_fa, at_en = (f": {centre}/requests", f", at {centre}/requests") if centre else ("", "")
            raise OnlyAtCentre(
                f"اینجا آینه است و درخواست نمی‌گیرد؛ آن را به مرکز بفرستید{at_fa}.",
                f"This is a mirror and takes no requests: send yours to the centre{at_en}.",
                suggestions=[f"{centre}/requests"] if centre else [],
            )
        return self._spool

    def file(self, asking: Asking, *, sender: str, key: str = "") -> Filed:
        """Keep a request of ``sender``: a client with a token, else an address. A retry counts for nothing."""
        most = CLIENT_ROWS_A_DAY if asking.authenticated else ROWS_A_DAY
        return self.spool.file(
            asking, key=key, admit=lambda: self._rows.take(sender, len(asking.rows), most=most)
        )  # fmt: skip

    @property
    def centre(self) -> str | None:
        """Of a mirror: the server that it copies, which is the centre or leads there; None where it lives on sticks."""
        return _source_of(self._config) if self._spool is None else None


def _source_of(config: Path) -> str | None:
    """The server whose shelf ``mirror/config.json`` names; read anew, since `maxa mirror init` may change it."""
    try:
        url = orjson.loads(config.read_bytes())["url"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return None
    return url.rstrip("/").removesuffix("/shelf")
