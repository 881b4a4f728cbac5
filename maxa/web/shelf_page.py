"""The page at ``/shelf/``: for the person who looks whether a shelf is alive, and wants to mirror it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import Response, request

from maxa.errors import MaxaError
from maxa.persian.dates import jalali
from maxa.shelf.catalogue import EMPTY, Catalogue

if TYPE_CHECKING:
    from maxa.shelf.reading import Shelf
    from maxa.web.standing import ShelfStanding

_STYLE = (
    "body{font-family:Vazirmatn,Tahoma,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.9}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:right}"
    ".bad{background:#b00020;color:#fff;padding:.8rem 1rem;border-radius:.4rem;font-weight:bold}"
    "code,td.l{direction:ltr;unicode-bidi:isolate;font-family:monospace}"
)


def shelf_page(standing: ShelfStanding, shelf: Shelf) -> Response:
    try:
        catalogue = shelf.catalogue()
    except (MaxaError, OSError):
        catalogue = EMPTY
    body = "".join((_warning(standing), _summary(standing, catalogue), _list(catalogue), _how(request.base_url)))
    reply = Response(
        f'<!doctype html><html lang="fa" dir="rtl"><meta charset="utf-8"><title>قفسهٔ مکسا</title><style>{_STYLE}</style>'
        f"<h1>قفسهٔ مکسا</h1>{body}</html>"
    )
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return reply


def _warning(standing: ShelfStanding) -> str:
    warning = standing.warning()
    return f'<p class="bad" role="alert">{escape(warning[0])}</p>' if warning else ""


def _summary(standing: ShelfStanding, catalogue: Catalogue) -> str:
    now = standing.current()
    signed = (
        f"امضا در {jalali(now.signed_at)}، تا {jalali(now.expires)} معتبر؛ نسخهٔ ریشه {now.versions.get('root')}."
        if now
        else "این قفسه هنوز امضا نشده است و آینه نمی‌شود."
    )
    return f"<p>سریال {catalogue.serial}. {signed}</p>"


def _list(catalogue: Catalogue) -> str:
    rows = "".join(
        f'<tr><td class="l">{escape(t.id)}</td><td>{escape(t.title_fa)}</td><td class="l">{escape(t.current.version)}</td>'
        f"<td>{escape(t.current.circular_number or '—')}</td><td>{t.current.active_count:,}</td></tr>"
        for t in catalogue.terminologies
    )
    return (
        f"<table><thead><tr><th>واژگان<th>عنوان<th>ویرایش<th>ابلاغیه<th>کدهای فعال</thead><tbody>{rows}</tbody></table>"
        if rows
        else "<p>هنوز چیزی منتشر نشده است.</p>"
    )


def _how(address: str) -> str:
    shown = escape(address.rstrip("/") + "/")
    return (
        "<p>برای ساختن آینه، فرادادهٔ ریشه را از راهی مطمئن (نه از همین نشانی) بگیرید، سپس:</p>"
        f"<p><code>maxa mirror init --root root.json {shown}</code><br><code>maxa mirror sync</code></p>"
    )
