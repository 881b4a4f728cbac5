"""What differs between two editions of a terminology or a map, as JSON a page at a time, or whole as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from maxa.api.answering import Answer, Asked
from maxa.api.counted import check_part, counted, labels_of
from maxa.api.editions import edition_before, edition_named
from maxa.api.history import field_items
from maxa.api.paging import Page
from maxa.diff import Change
from maxa.errors import UnknownVersion
from maxa.gateway.envelope import content_tag
from maxa.gateway.reading import Bound
from maxa.sheets.differences import csv_chunks, workbook_chunks
from maxa.sheets.export import MEDIA_TYPES
from maxa.shelf.catalogue import Edition, TerminologyEntry
from maxa.shelf.sealed_file import PAIR_SEPARATOR, folder_name
from maxa.shelf.states import Counts, Differences

FILES = ("csv", "xlsx")


class Compared(NamedTuple):
    """Two editions: ``before`` is None where ``after`` is the first one and nothing else was named."""

    before: Bound | None
    after: Bound

    @property
    def differences(self) -> Differences:
        return Differences(self.before.release if self.before else None, self.after.release)

    @property
    def key(self) -> tuple[str, str]:
        return self.before.edition.sha256 if self.before else "", self.after.edition.sha256


def compare(asked: Asked, entry: TerminologyEntry, version: str, base: str | None) -> Compared:
    """Raises :class:`UnknownVersion` naming the parameter that names no edition."""
    after = edition_named(entry, version)
    before: Edition | None
    if base is None:
        before = edition_before(entry, after)
    else:
        try:
            before = edition_named(entry, base)
        except UnknownVersion as error:
            error.parameter = "from"
            raise
    return Compared(_open(asked, entry, before) if before else None, _open(asked, entry, after))


def _open(asked: Asked, entry: TerminologyEntry, edition: Edition) -> Bound:
    return Bound(entry, edition, asked.shelf.release(edition))


def counts_of(compared: Compared) -> dict[str, Counts]:
    """Counts of each part; made once a process for each pair of editions."""
    before, _ = compared.key
    return counted(compared.after.release, f"differences {before}", compared.differences.counts)


def list_differences(asked: Asked, entry: TerminologyEntry, version: str) -> Answer:
    page = Page("differences", asked)
    compared = compare(asked, entry, version, page.text("from"))
    bounds = [bound for bound in compared if bound is not None]
    page.check_editions(bounds)
    kind, part = page.text("kind"), page.text("part")
    check_part(part, *(bound.release for bound in bounds))
    summary = _added_up(counts_of(compared), part)
    found = compared.differences.changes(after=page.after, kind=kind, part=part)
    changes = list(islice(found, page.size + 1))
    items = [change_item(change, compared) for change in changes[: page.size]]
    last = changes[page.size - 1].code if len(changes) > page.size else None
    total = summary.kinds[kind] if kind else sum(summary.kinds.values())
    return Answer.of({
        "terminology": entry.id,
        "from": compared.before.edition.version if compared.before else None,
        "to": compared.after.edition.version,
        "summary": summary.as_dict(),
        "items": items,
        "page": page.told(total=total, items=items, last=last, bounds=bounds),
    })  # fmt: skip


def _added_up(counts: dict[str, Counts], part: str | None) -> Counts:
    if part is not None:
        return counts.get(part, Counts())
    kinds: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for one in counts.values():
        kinds.update(one.kinds)
        fields.update(one.fields)
    return Counts(kinds, fields)


def change_item(change: Change, compared: Compared) -> dict[str, Any]:
    """One change. The code of a map's is ``source → target``, and both stand beside it."""
    state = change.after or change.before or {}
    source, joined, target = change.code.partition(PAIR_SEPARATOR)
    return {
        "code": f"{source} → {target}" if joined else change.code,
        "source": source if joined else None,
        "target": target if joined else None,
        "kind": change.kind,
        "title": state.get("title_fa") or state.get("title_en"),
        "part": state.get("part", ""),
        "replaced_by": state.get("replaced_by"),
        "fields": field_items(change.fields(), labels_of(compared.after.release)),
    }


# --- files ---------------------------------------------------------------------------------------------------------


def differences_file(asked: Asked, entry: TerminologyEntry, version: str, form: str) -> Answer:
    """The differences as CSV or as a right-to-left workbook."""
    compared = compare(asked, entry, version, asked.get("from"))
    kind, part = asked.get("kind"), asked.get("part")
    check_part(part, *(bound.release for bound in compared if bound is not None))
    before, after = compared.key
    base = compared.before.edition.version if compared.before else "0"
    name = f"{folder_name(entry.id)}-{base}-{compared.after.edition.version}.diff.{form}"
    tag = content_tag(b"diff", f"{before} {after} {kind} {part} {form}".encode())
    return Answer(chunks=_chunks(compared, form, kind, part), tag=tag, content_type=MEDIA_TYPES[form], filename=name)


def _chunks(compared: Compared, form: str, kind: str | None, part: str | None) -> Iterator[bytes]:
    changes = compared.differences.changes(kind=kind, part=part)
    named, is_map = labels_of(compared.after.release), compared.after.entry.kind == "map"
    if form == "csv":
        return csv_chunks(changes, labels=named, is_map=is_map)
    return workbook_chunks(changes, title=_title(compared), labels=named, is_map=is_map)


def _title(compared: Compared) -> str:
    after = compared.after
    base = f"ویرایش {compared.before.edition.version}" if compared.before else "فهرست تهی"
    return f"تفاوت‌های {after.entry.title_fa or after.entry.id}: از {base} تا ویرایش {after.edition.version}"
