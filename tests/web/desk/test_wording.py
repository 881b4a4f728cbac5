"""What the registry and the importers say names buttons at the desk, and no verbs of the command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from maxa.settings import PROJECT
from maxa.web.desk.wording import in_words

# of the rooms whose errors and findings come to the desk; whoever has no account has not come this far
ROOMS = ("maxa/registry/actions", "maxa/registry/guards", "importers")
FILES = (
    "maxa/registry/queries.py",
    "maxa/registry/differences.py",
    "maxa/registry/decision_file.py",
    "maxa/sheets/retold.py",
)
OF_THE_COMMAND_LINE = {"actions/profiles.py"}  # forgetting columns: the desk has no page of it
COMMAND = re.compile(r"\bmaxa [a-z]+|(?<![\w-])--[a-z]+")
PERSIAN = re.compile(r"[آ-ی]")


def texts_of(path: Path) -> list[str]:
    """Every sentence of a module that names a command; what is put in stands as 7."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found, within = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            within |= {id(part) for part in node.values}
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | within:
            found.append(re.sub(r"\{\w+\}", "7", node.value))
    return [text for text in found if COMMAND.search(text) and not text.startswith("--")]


def modules() -> list[Path]:
    paths = [path for room in ROOMS for path in sorted((PROJECT / room).glob("*.py"))]
    return [*paths, *(PROJECT / file for file in FILES)]


def test_the_modules_that_speak_of_commands_are_found() -> None:
    assert sum(len(texts_of(path)) for path in modules()) > 30


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_sentence_that_comes_to_the_desk_names_a_command(path: Path) -> None:
    if any(path.match(f"*/{name}") for name in OF_THE_COMMAND_LINE):
        return
    for text in texts_of(path):
        told = in_words(text, persian=bool(PERSIAN.search(text)))
        assert not COMMAND.search(told), told


@pytest.mark.parametrize(("said", "persian", "told"), [
    ("There is no submission 9 (see `maxa submissions`).", False, "There is no submission 9."),
    ("فهرستی با شمارهٔ 9 نیست («maxa submissions»).", True, "فهرستی با شمارهٔ 9 نیست."),
    ("اگر درست است، رقم را با \u200e--confirm retired:LNC=2\u200e تأیید کنید.", True,
     "اگر درست است، رقم را هنگام فرستادن یا تأیید فهرست نشان بزنید."),
    ("If that is right, confirm the figure with --confirm retired:LNC=2.", False,
     "If that is right, tick the figure when you hand the list over or approve it."),
    ("The sheet holds --- and is no list.", False, "The sheet holds --- and is no list."),
])  # fmt: skip
def test_a_sentence_says_what_the_desk_offers(said: str, persian: bool, told: str) -> None:
    assert in_words(said, persian=persian) == told
