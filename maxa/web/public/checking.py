"""What the check page answers: pasted codes judged here, an uploaded list in a child process. Nothing is kept."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import FileStorage

from maxa.access.clients import RateLimit
from maxa.errors import BadParameter, TooManyCodes, Unavailable
from maxa.gateway.reading import Reading
from maxa.gateway.suggestions import Budget
from maxa.gateway.validate import Triple, Validator
from maxa.listcheck.running import Checked, check_list
from maxa.settings import Settings
from maxa.shelf.catalogue import TerminologyEntry
from maxa.web.public.reading import catalogue, shelf
from maxa.web.throttle import Throttle

MOST_LINES = 1_000
MOST_SECONDS = 60
AT_ONCE = 2  # lists that are checked at a time in this process
_SEPARATOR = re.compile(r"[\t;،؛|]|,\s*|\s{2,}")
_turns = threading.BoundedSemaphore(AT_ONCE)
uploads = Throttle(RateLimit(20, "minute"))


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows. ``counts`` are rows by issue; ``lacking`` is None where only single codes were asked for."""

    terminology: str
    version: str
    rows: int
    right: int
    counts: dict[str, int]
    issues: list[dict[str, Any]]
    issue_rows: int
    lacking: list[dict[str, Any]] | None = None
    lacking_count: int = 0

    @property
    def wrong(self) -> int:
        return self.rows - self.right


def check_pasted(entry: TerminologyEntry, text: str) -> Report:
    """Codes of one terminology, one a line, each with a title behind it or without. Raises :class:`TooManyCodes`."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise BadParameter(
            "کدی نوشته نشده است؛ در هر سطر یک کد بنویسید.", "There is no code: write one a line.", "codes"
        )
    if len(lines) > MOST_LINES:
        raise TooManyCodes(
            f"{len(lines)} سطر نوشته‌اید؛ تا {MOST_LINES} سطر را می‌توان چسباند. فهرست بلند را به صورت پرونده بفرستید.",
            f"These are {len(lines)} lines: up to {MOST_LINES} can be pasted. Send a long list as a file.",
            "codes",
        )
    reading = Reading(shelf(), catalogue())
    triples = [_triple(entry, line) for _, line in lines]
    items = Validator(reading, posted=False, budget=Budget()).judge(triples)
    issues, counts = [], dict[str, int]()
    for (number, _), item in zip(lines, items, strict=True):
        said = [one for one in item["Issues"] if one["code"] != "incomplete"]
        if said:
            issues.append({**item, "Issues": said, "row": number, "sheet": None})
            for code in {one["code"] for one in said}:
                counts[code] = counts.get(code, 0) + 1
    return Report(
        entry.id, entry.current.version, len(lines), len(lines) - len(issues), counts, issues, len(issues)
    )  # fmt: skip


def _triple(entry: TerminologyEntry, line: str) -> Triple:
    parts = [part.strip() for part in _SEPARATOR.split(line[:600], maxsplit=1)]
    return Triple(entry.id, parts[0], parts[1] if len(parts) > 1 else "")


def check_upload(
    entry: TerminologyEntry, file: FileStorage, chosen: Settings, *, address: str, marked: bool
) -> tuple[Report, bytes | None]:
    """A whole list; with ``marked`` the workbook comes, too. Raises :class:`TooManyRequests`, :class:`Unavailable` while
    others are being checked, and BadWorkbook."""
    uploads.take(address)
    if not _turns.acquire(blocking=False):
        raise Unavailable(
            "اکنون فهرست‌های دیگری در حال بررسی است؛ اندکی دیگر دوباره بفرستید.",
            "Other lists are being checked just now: send yours again in a moment.",
            data={"headers": {"Retry-After": "5"}},
        )
    try:
        found: Checked = check_list(
            file.save, filename=name_of(file), terminology=entry.id, shelf=chosen.shelf, workdir=chosen.work,
            marked=marked, memory=chosen.import_memory, seconds=min(chosen.import_seconds, MOST_SECONDS),
        )  # fmt: skip
    finally:
        _turns.release()
    told = found.told
    report = Report(
        entry.id, told["version"], told["rows"], told["right"], told["counts"], told["issues"], told["issue_rows"],
        told["lacking"], told["lacking_count"],
    )  # fmt: skip
    return report, found.workbook


def name_of(file: FileStorage) -> str:
    """The file's own name, fit to be shown and to be the name of a download."""
    name = re.split(r"[\\/]", file.filename or "")[-1]
    return "".join(letter if letter.isprintable() else "_" for letter in name)[-120:].strip() or "list"
