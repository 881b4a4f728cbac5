"""docs/api.md: every address is documented, and every example does what it says."""

from __future__ import annotations

import re
import shlex
from typing import Any

import orjson
import pytest
from werkzeug.datastructures import MultiDict

from maxa.api.parameters import DEFAULT_HISTORY, DEFAULT_PAGE, MOST_HISTORY
from maxa.api.translation import _EDITS, ISSUES, MOST_CODES
from maxa.settings import PROJECT
from tests.api.asking import BASE, Answer, Api
from tests.api.test_document import OPERATIONS

PAGE = (PROJECT / "docs" / "api.md").read_text()
SECTIONS = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
HOST = "http://127.0.0.1:8000"
EXAMPLES = re.findall(r"^curl .+$", PAGE, re.MULTILINE)


def heading(section: str) -> str:
    return section.splitlines()[0].strip("`")


def ask(api: Api, line: str) -> Answer:
    """A line of curl, as our test client asks it."""
    words = iter(shlex.split(line)[1:])
    headers: dict[str, str] = {}
    options: dict[str, Any] = {}
    method, address = "GET", ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            method, options["data"] = "POST", next(words).encode()
        elif word == "-o":
            next(words)
        elif word == "--data-urlencode":
            name, _, value = next(words).partition("=")
            options.setdefault("query_string", []).append((name, value))
        elif not word.startswith("-"):
            address = word
    assert address.startswith(f"{HOST}{BASE}")
    content_type = headers.pop("Content-Type", None)
    if content_type:
        options["content_type"] = content_type
    if "query_string" in options:
        options["query_string"] = MultiDict(options["query_string"])
    return api.ask(method, address.removeprefix(HOST), headers, **options)


def test_every_address_is_documented_once() -> None:
    documented = [heading(section) for section in SECTIONS]
    served = {f"{method.upper()} {path.removeprefix(BASE)}" for path, method, _ in OPERATIONS}
    assert len(documented) == len(set(documented))
    assert set(documented) == served


@pytest.mark.parametrize("section", SECTIONS, ids=heading)
def test_every_address_has_an_example_of_its_own(section: str) -> None:
    method, path = heading(section).split()
    (line,) = re.findall(r"^curl .+$", section, re.MULTILINE)
    pattern = re.escape(f"{HOST}{BASE}{path}")
    pattern = re.sub(r"\\{\w+\\}", "[^/?\"' ]+", pattern)
    assert re.search(pattern + "[?\"']?", line), line
    assert (" -d " in line) == (method == "POST")


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_answered(api: Api, line: str) -> None:
    answer = ask(api, line)
    assert answer.status == (404 if "LNX" in line else 200)
    assert answer.body


def test_the_problem_that_is_shown_is_the_one_that_is_answered(api: Api) -> None:
    (line,) = [line for line in EXAMPLES if "LNX" in line]
    shown = re.search(r"```json\n(\{.+?\n\})\n```", PAGE, re.DOTALL)
    assert shown is not None
    assert orjson.loads(shown[1]) == ask(api, line).problem


def test_the_issues_and_limits_are_those_of_the_code() -> None:
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|info) \|", PAGE, re.MULTILINE))
    assert told == {name: kind.severity for name, kind in ISSUES.items()}
    assert f"`page_size` is {DEFAULT_PAGE} unless given" in PAGE
    assert f"told ({DEFAULT_HISTORY}, at most {MOST_HISTORY};" in PAGE.replace("\n", " ")
    assert f"Up to {MOST_CODES:,} codes" in PAGE
    assert f"the first {_EDITS} unknown codes" in PAGE.replace("\n", " ")
