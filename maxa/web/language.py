"""The language of a page: Persian, unless the reader chose English by ``?lang=en``, which a cookie then remembers.

Texts are written in Persian where they stand; ``translations/en/LC_MESSAGES/*.po`` hold the English ones, a file for each
room of pages. They are read at start-up as they are: nothing has to be compiled in a fresh checkout.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale

from maxa.errors import MaxaError

LANGUAGES = {"fa": "فارسی", "en": "English"}
DEFAULT = "fa"
COOKIE = "lang"
CATALOGUES = Path(__file__).resolve().parent / "translations"
_YEAR = 365 * 86_400


class _Catalogues(Domain):
    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return translations_of(str(locale) if locale is not None else DEFAULT)


def install_language(app: Flask) -> None:
    babel = Babel(app, default_locale=DEFAULT, default_timezone="Asia/Tehran", locale_selector=language)
    babel.domain_instance = _Catalogues()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _now().gettext(text),
        ngettext=lambda one, many, n: _now().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _now().pgettext(context, text),
        npgettext=lambda context, one, many, n: _now().npgettext(context, one, many, n),
    )
    for known in LANGUAGES:
        translations_of(known)
    app.after_request(_remember)


def _now() -> NullTranslations:
    """Of this request; Flask-Babel's own way there takes five times as long, some hundred times a page."""
    return translations_of(language())


@lru_cache
def translations_of(code: str) -> NullTranslations:
    """Every catalogue of a language, as one; for Persian, in which the texts are written, there is none."""
    found: NullTranslations | None = None
    for path in sorted((CATALOGUES / code / "LC_MESSAGES").glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=code))
        compiled.seek(0)
        one = Translations(fp=compiled)
        if found is None:
            found = one
        else:
            found.merge(one)  # type: ignore[attr-defined]
    return found or NullTranslations()


def language() -> str:
    """``fa`` or ``en``: of this request."""
    chosen: str | None = g.get("language")
    if chosen is None:
        asked = request.args.get("lang") or request.cookies.get(COOKIE) or DEFAULT
        chosen = g.language = asked if asked in LANGUAGES else DEFAULT
    return chosen


def is_persian() -> bool:
    return language() == DEFAULT


def direction() -> str:
    return "rtl" if is_persian() else "ltr"


def said(error: MaxaError) -> str:
    """What an error says, in the reader's language."""
    return error.detail_fa if is_persian() else error.detail_en


def either(fa: str | None, en: str | None) -> str:
    """The text in the reader's language, or in the other one where there is none."""
    return (fa or en or "") if is_persian() else (en or fa or "")


def in_language(code: str) -> str:
    """The address of this page in another language; on the reply to a POST, of the page that it came from."""
    if request.method != "GET":
        return "?" + urlencode({"lang": code})
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', code)])}"


def _remember(reply: Response) -> Response:
    asked = request.args.get("lang")
    if asked in LANGUAGES and request.method == "GET" and reply.mimetype == "text/html":
        secure: Any = request.is_secure
        reply.set_cookie(COOKIE, asked, max_age=_YEAR, path="/", samesite="Lax", httponly=True, secure=secure)
    return reply
