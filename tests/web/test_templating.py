"""The quicker Jinja says what Jinja says: nothing that is not ours gets through unescaped, and nothing ours is escaped twice."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import lazy_gettext
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from maxa.web.language import text_of
from maxa.web.templating import Environment, escaped
from tests.web.asking import Browser

HOSTILE = """<script>alert('1')</script> & "x" '"""


class Odd:
    """Something that says what it is in HTML, as forms and lazy texts do."""

    def __html__(self) -> str:
        return "<b>odd</b>"


class Text(str):
    __slots__ = ()


@pytest.fixture
def render(site: Browser) -> Any:
    def rendered(source: str, **given: Any) -> str:
        with site.app.test_request_context("/?lang=en"):
            return render_template_string(source, **given)

    assert isinstance(site.app.jinja_env, Environment)
    return rendered


@pytest.mark.parametrize(
    "value", [HOSTILE, Text(HOSTILE), Markup("<i>ours</i>"), Odd(), 7, None, 1.5, ["<a>"], {"<a>": "'"}, "", "فارسی"],
)  # fmt: skip
def test_what_stands_in_a_page_reads_the_same_as_by_jinjas_own_way(render: Any, value: Any) -> None:
    assert unescape(escaped(value)) == unescape(str(escape(value)))
    shown = render("{{ value }}", value=value)
    assert unescape(shown) == unescape(str(escape(value)))
    assert "<script" not in shown
    assert "<a>" not in shown


def test_a_value_does_not_leave_the_quotes_that_it_stands_between(render: Any) -> None:
    for source in ('<a title="{{ value }}">', "<a title='{{ value }}'>"):
        shown = render(source, value=HOSTILE)
        assert shown.count('"') + shown.count("'") == 2
        assert shown.count("<") == 1


def test_what_is_put_into_a_text_is_escaped_and_markup_is_not(render: Any) -> None:
    said = "کدهای %(list)s"
    assert render("{{ _(said, list=value) }}", said=said, value="<b>") == "Codes of &lt;b&gt;"
    assert render("{{ _(said, list=value|code) }}", said=said, value="<b>").endswith("&lt;b&gt;</bdi>")
    assert render("{{ _('100%%') }}") == "100%"


def test_a_text_keeps_to_the_language_of_its_request(site: Browser) -> None:
    for language, wanted in (("fa", "خطا"), ("en", "Error"), ("fa", "خطا")):
        with site.app.test_request_context(f"/?lang={language}"):
            assert text_of("خطا") == wanted
            assert str(lazy_gettext("خطا")) == wanted


def test_a_key_of_a_dict_is_found_as_jinja_finds_it(render: Any) -> None:
    row = {"code": "1", "items": "kept", "values": "kept"}
    assert render("{{ row.code }} {{ row['items'] }} {% for k, v in row.items() %}{{ k }} {% endfor %}", row=row) == (
        "1 kept code items values "
    )
    with pytest.raises(UndefinedError):
        render("{{ row.nothing }}", row=row)
    with pytest.raises(UndefinedError):
        render("{{ nothing }}")


def test_texts_without_autoescaping_stay_as_they_are(site: Browser) -> None:
    with site.app.test_request_context("/"):
        assert (
            site.app.jinja_env.from_string("{% autoescape false %}{{ v }}{% endautoescape %}").render(v="<b>") == "<b>"
        )


def test_globals_that_come_later_are_seen(site: Browser) -> None:
    app = Flask("later")
    app.jinja_environment = Environment
    app.jinja_env.globals["one"] = "1"
    template = app.jinja_env.from_string("{{ one }}{{ two }}")
    app.jinja_env.globals["two"] = "2"
    assert template.render() == "12"
