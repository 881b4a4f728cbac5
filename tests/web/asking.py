"""Look at the pages as a browser without JavaScript does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers

from maxa.app import create_app
from maxa.settings import read_settings

VOID = {"meta", "link", "img", "input", "br", "hr", "col", "wbr", "source"}
IN_SVG = {"path", "rect", "line", "circle", "polyline"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class _Reader(HTMLParser):
    """Elements with the text inside them; complains of tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


@dataclass(frozen=True)
class Page:
    status: int
    headers: Headers
    html: str

    @property
    def elements(self) -> list[Element]:
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        assert not reader.open, f"<{reader.open[-1].tag}> is not closed"
        return reader.elements

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements by tag and attributes (``class_`` holds the class among others)."""

        def fits(element: Element) -> bool:
            for name, value in attributes.items():
                held = element.attributes.get(name.rstrip("_").replace("_", "-"))
                if name == "class_":
                    if value not in (held or "").split():
                        return False
                elif held != value:
                    return False
            return True

        return [element for element in self.elements if element.tag == tag and fits(element)]

    @property
    def text(self) -> str:
        """What is read on the page below its head, spaces set right."""
        (main,) = self.all("main") or self.all("html") or [Element("", {}, self.html)]
        return re.sub(r"\s+", " ", main.text).strip()

    @property
    def title(self) -> str:
        (heading,) = self.all("h1")
        return re.sub(r"\s+", " ", heading.text).strip()

    @property
    def links(self) -> list[str]:
        return [element.attributes.get("href") or "" for element in self.all("a")]


class Browser:
    """A reader of the pages; ``language`` is what its cookie says."""

    def __init__(self, app: Flask, language: str | None = None) -> None:
        self.app = app
        self.http = app.test_client()
        if language is not None:
            self.http.set_cookie("lang", language)

    def in_english(self) -> Browser:
        return Browser(self.app, "en")

    def get(self, path: str, headers: dict[str, str] | None = None, /, **query: Any) -> Page:
        options = {"query_string": query} if query else {}
        with self.http.get(path, headers={"Accept": "text/html", **(headers or {})}, **options) as reply:
            return Page(reply.status_code, reply.headers, reply.text)

    def post(self, path: str, data: Any, headers: dict[str, str] | None = None) -> Page:
        with self.http.post(path, data=data, headers={"Accept": "text/html", **(headers or {})}) as reply:
            return Page(reply.status_code, reply.headers, reply.text)


def browser_over(shelf: Path, home: Path, **settings: str) -> Browser:
    given = {"home": str(home), "shelf": str(shelf), "access": "open", "log_level": "error", **settings}
    chosen = read_settings({f"MAXA_{name.upper()}": value for name, value in given.items()})
    return Browser(create_app(chosen, look_every=0.0))
