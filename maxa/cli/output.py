"""What the command line says: in Persian where the terminal's language is Persian, else in English."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from maxa.errors import MaxaError, NeedsConfirmation
from maxa.sheets.plain_text import csv_line

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def persian() -> bool:
    """``MAXA_LANG`` decides, else the locale."""
    language = os.environ.get("MAXA_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return language.lower().startswith("fa")


def echo(text: str, *, err: bool = False) -> None:
    """Print a line of what a verb that changes something tells on its way.

    Its reader may be gone, as with ``maxa import … --publish | head -1``. The work must not stop between importing and
    publishing for that: nobody asked it to, and what was left out would look done. So the rest is told to nobody.
    """
    try:
        click.echo(text, err=err)
    except BrokenPipeError:
        stream = sys.stderr if err else sys.stdout
        with suppress(OSError, ValueError):  # no file behind it
            nobody = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nobody, stream.fileno())
            os.close(nobody)


def say(fa: str, en: str, *, err: bool = False) -> None:
    echo(fa if persian() else en, err=err)


def of(item: Any) -> str:
    """The text of a finding or error in the user's language."""
    fa = getattr(item, "message_fa", None) or getattr(item, "detail_fa", "")
    en = getattr(item, "message_en", None) or getattr(item, "detail_en", "")
    return str(fa if persian() else en)


def complain(error: MaxaError) -> None:
    click.echo(f"maxa: {of(error)}", err=True)
    if error.suggestions and not isinstance(error, NeedsConfirmation):
        told = ", ".join(error.suggestions)
        click.echo(f"  منظورتان: {told}" if persian() else f"  did you mean: {told}", err=True)


def as_json(data: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE, default=str))


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for eyes; pipes get it too, as wide as it is."""
    shown = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))  # never as markup
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(shown)


def relationship_word(name: str | None) -> str:
    """What a map's relationship is called in the user's language."""
    from maxa.sheets.layout import RELATIONSHIP  # it knows the sealed files, which not every verb needs

    return (RELATIONSHIP.get(name, name) if persian() else name) if name else ""


def write_rows(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """As CSV, ``-`` for standard output: UTF-8 with its mark, so that Excel reads it, and no cell that Excel would take
    for a formula."""
    lines = [csv_line(row) for row in (headings, *rows)]
    content = ("\ufeff" + "".join(lines)).encode("utf-8", errors="replace")
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    path.write_bytes(content)
    count = len(lines) - 1
    say(f"{path}: {count} ردیف", f"{path}: {count} rows")


@contextmanager
def progress() -> Iterator[ProgressTeller]:
    """Progress bars on a terminal's error stream; silent elsewhere."""
    bars = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=errors, transient=True, disable=not errors.is_terminal,
    )  # fmt: skip
    with bars:
        yield ProgressTeller(bars)


class ProgressTeller:
    """``teller(stage, done, total)``: one bar a stage."""

    _NAMES = {  # noqa: RUF012
        "read": ("خواندن کارپوشه", "reading the workbook"), "load": ("بار کردن ردیف‌ها", "loading rows"),
        "check": ("سنجش با ویرایش جاری", "comparing with the current edition"),
    }  # fmt: skip

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        fa, en = self._NAMES.get(stage, (stage, stage))
        if stage not in self._tasks:
            for task in self._tasks.values():
                self._bars.update(task, visible=False)
            self._tasks[stage] = self._bars.add_task(fa if persian() else en, total=total or None)
        self._bars.update(self._tasks[stage], completed=done, total=total or None)

    def say(self, text: str) -> None:
        self(text, 0, 0)
