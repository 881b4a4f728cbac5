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
from flask import Flask, Response, has_request_context, request
from flask.globals import app_ctx
from flask_babel import Babel, Domain
from markupsafe import Markup

from maxa.errors import MaxaError
from maxa.web.templating import escaped, markup

LANGUAGES = {"fa": "فارسی", "en": "English"}
DEFAULT = "fa"
COOKIE = "lang"
CATALOGUES = Path(__file__).resolve().parent / "translations"
_YEAR = 365 * 86_400
_context = app_ctx._get_current_object  # type: ignore[attr-defined]  # app_ctx is a LocalProxy, as flask.g is


class _Catalogues(Domain):
    def get_translations(self) -> NullTranslations:
        return translations_of(language() if has_request_context() else DEFAULT)


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
    app.jinja_env.globals.update(gettext=text_of, _=text_of)
    for known in LANGUAGES:
        translations_of(known)
    app.after_request(_remember)


def _now() -> NullTranslations:
    return translations_of(language())


def text_of(text: str, /, **variables: Any) -> Markup:
    """``_`` of the templates: a text in the language of this request, what is put into it escaped. Jinja's own way and
    Flask-Babel's take many times as long, and a page has some hundred texts."""
    if not variables:
        return _as_it_stands(language(), text)
    return markup(_pattern(language(), text) % {name: escaped(value) for name, value in variables.items()})


@lru_cache(maxsize=4_096)
def _pattern(code: str, text: str) -> str:
    return translations_of(code).gettext(text)


@lru_cache(maxsize=4_096)
def _as_it_stands(code: str, text: str) -> Markup:
    return markup(_pattern(code, text) % {})


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
    held = _context().g  # a page asks hundreds of times; ``flask.g`` takes five times as long
    try:
        chosen: str = held.language
    except AttributeError:
        asked = request.args.get("lang") or request.cookies.get(COOKIE) or DEFAULT
        chosen = held.language = asked if asked in LANGUAGES else DEFAULT
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
