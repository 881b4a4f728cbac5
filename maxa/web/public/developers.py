"""What the developer page tells: how to call the services, with examples that this very server answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask_babel import LazyString, lazy_gettext

from maxa.api.problems import TITLES, statuses
from maxa.gateway.issues import ISSUES
from maxa.gateway.parameters import CTS_TERMINOLOGIES, SEARCH_TERMINOLOGY, TERMINOLOGY, VALIDATE_CTS
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from maxa.web.language import either

_GATEWAY = "/gwmaksa"
_API = "/api/v1"
_VARYING = re.compile(r"\{\w+(?:!r)?\}")  # what a message fills in


class Sample(NamedTuple):
    """A code that this server has; examples ask for it."""

    terminology: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Example:
    """A GET that this server answers."""

    title: LazyString
    address: str


@dataclass(frozen=True, slots=True)
class ErrorRow:
    code: str
    status: int | None
    severity: str | None
    text: str


def sample_of(shelf: Shelf, catalogue: Catalogue) -> Sample | None:
    """An active code of the laboratory's list, else of the longest; None on an empty shelf."""
    ranked = sorted(catalogue.codes, key=lambda entry: (entry.id != "LNC", -entry.current.active_count, entry.id))
    for entry in ranked:
        for concept in shelf.release(entry.current).page(after=None, limit=1):
            return Sample(entry.id, concept.code, concept.title)
    return None


def gateway_examples(sample: Sample) -> list[Example]:
    """The four services of circular 110/88 (docs/contract.md)."""
    triple = {"Terminology_id": sample.terminology, "Coded_string": sample.code, "Value": sample.title}
    return [
        _example(lazy_gettext("فهرست واژگان‌ها"), f"{_GATEWAY}/{CTS_TERMINOLOGIES}"),
        _example(
            lazy_gettext("عنوان یک کد"), f"{_GATEWAY}/{TERMINOLOGY}", Terminology=sample.terminology, Code=sample.code
        ),
        _example(
            lazy_gettext("جست‌وجو در یک واژگان"), f"{_GATEWAY}/{TERMINOLOGY}",
            Terminology=sample.terminology, Search=sample.title.split()[0] if sample.title else sample.code, PageSize="5",
        ),
        _example(
            lazy_gettext("همهٔ کدهای یک واژگان، صفحه به صفحه"), f"{_GATEWAY}/{SEARCH_TERMINOLOGY}",
            Terminology=sample.terminology, PageSize="5",
        ),
        _example(
            lazy_gettext("تغییرهای یک واژگان از یک تاریخ"), f"{_GATEWAY}/{SEARCH_TERMINOLOGY}",
            Terminology=sample.terminology, FromDate="1402/01/01", PageSize="5",
        ),
        _example(lazy_gettext("آیا این کد درست است؟"), f"{_GATEWAY}/{VALIDATE_CTS}", **triple),
    ]  # fmt: skip


def api_examples(sample: Sample) -> list[Example]:
    listed = f"{_API}/terminologies/{quote(sample.terminology, safe='')}"
    return [
        _example(lazy_gettext("هر آنچه دربارهٔ یک کد دانسته است"), f"{listed}/concepts/{quote(sample.code, safe='')}"),
        _example(lazy_gettext("ویرایش‌های یک واژگان"), f"{listed}/releases"),
        _example(lazy_gettext("تفاوت ویرایش جاری با پیش از آن"), f"{listed}/releases/current/diff", page_size="5"),
        _example(lazy_gettext("نگاشت‌ها"), f"{_API}/maps"),
        _example(lazy_gettext("انتشارهای پس از یک شماره"), f"{_API}/changes", after="0", page_size="5"),
    ]


def _example(title: LazyString, path: str, **query: str) -> Example:
    return Example(title, f"{path}?{urlencode(query)}" if query else path)


def error_codes() -> list[ErrorRow]:
    """Errors of requests, with their HTTP status."""
    known = statuses()
    return [ErrorRow(code, known.get(code), None, either(title.fa, title.en)) for code, title in sorted(TITLES.items())]


def issue_codes() -> list[ErrorRow]:
    """What ``ValidateCts`` may say of a coded text."""
    return [
        ErrorRow(code, None, kind.severity, _VARYING.sub("…", either(kind.fa, kind.en))) for code, kind in ISSUES.items()
    ]  # fmt: skip
