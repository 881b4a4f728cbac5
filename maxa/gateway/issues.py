"""The issues that ``ValidateCts`` may tell, in Persian and English (CONTRACT.md §5). One table, one row a kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

ERROR, WARNING, INFO = "error", "warning", "info"
_LONGEST_SHOWN = 60


class Kind(NamedTuple):
    severity: str
    fa: str
    en: str


ISSUES: dict[str, Kind] = {
    "unknown-terminology": Kind(
        ERROR,
        "واژگان «{terminology}» شناخته نیست{near_fa}.",
        "There is no terminology {terminology!r}{near_en}.",
    ),
    "unknown-code": Kind(
        ERROR,
        "«{terminology}» (ویرایش {version}) کد «{code}» ندارد{near_fa}.",
        "{terminology} (edition {version}) has no code {code!r}{near_en}.",
    ),
    "retired-code": Kind(
        ERROR,
        "کد «{code}» از {day} بازنشسته شده است؛ {instead_fa}.",
        "Code {code!r} was retired on {day}; {instead_en}.",
    ),
    "incomplete": Kind(
        ERROR,
        "این بخش‌ها خالی است: {parts}؛ سپاس هر سه بخش (Value، Terminology_id و Coded_string) را می‌خواهد.",
        "Empty: {parts}; SEPAS demands all three parts (Value, Terminology_id, Coded_string).",
    ),
    "value-mismatch": Kind(
        WARNING,
        "عنوان کد «{code}» «{published}» است، نه «{value}»؛ کد یا عنوان را درست کنید.",
        "The title of code {code!r} is {published!r}, not {value!r}: correct the code or the title.",
    ),
    "wrong-terminology": Kind(
        ERROR,
        "کد «{code}» با این عنوان در «{elsewhere}» است، نه در «{terminology}»؛ Terminology_id را درست کنید.",
        "Code {code!r} with this title belongs to {elsewhere}, not to {terminology}: correct Terminology_id.",
    ),
    "swapped": Kind(
        ERROR,
        "کد و عنوان جابه‌جا شده‌اند: «{value}» کد است و باید در Coded_string باشد.",
        "Code and title stand in each other's place: {value!r} is the code and belongs in Coded_string.",
    ),
    "rounded-code": Kind(
        ERROR,
        "کد «{code}» را اکسل گرد کرده یا صفرهای آغازش را انداخته است؛ {instead_fa}. ستون کد را «متن» (Text) کنید.",
        "Excel has rounded code {code!r} or dropped its leading zeros; {instead_en}. Format the column as text.",
    ),
    "value-spelling": Kind(
        INFO,
        "املای عنوان با آنچه منتشر شده اندکی فرق دارد (ي/ی، ك/ک، نیم‌فاصله، فاصله، رقم یا بزرگی حرف).",
        "The title is spelled differently from the published one (ي/ی, ك/ک, half-space, spaces, digits or case only).",
    ),
    "code-spelling": Kind(
        INFO,
        "کد به شکل «{published}» منتشر شده است؛ تنها رقم، فاصله یا بزرگی حرف فرق دارد.",
        "The code is published as {published!r}; only digits' script, spaces or letter case differ.",
    ),
    "terminology-case": Kind(
        INFO,
        "نام واژگان «{published}» نوشته می‌شود؛ تنها بزرگی حرف یا فاصله فرق دارد.",
        "The terminology is written {published!r}; only letter case or spaces differ.",
    ),
}


def issue(
    name: str, /, *, severity: str | None = None, more: dict[str, Any] | None = None, **facts: str
) -> dict[str, Any]:
    """One issue of a reply. ``facts`` fill its texts, cut at 60 characters; ``more`` are fields for programs."""
    kind = ISSUES[name]
    shown = {fact: text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…" for fact, text in facts.items()}
    told = {
        "code": name,
        "severity": severity or kind.severity,
        "message_fa": kind.fa.format_map(shown),
        "message_en": kind.en.format_map(shown),
    }
    return told if more is None else told | more


def issues_of(items: Iterable[dict[str, Any]]) -> dict[tuple[str, str], int] | None:
    """How often each terminology (``-`` where it is unknown) had each issue, for the usage counts; INFO ones are none of
    a failure."""
    found: dict[tuple[str, str], int] = {}
    for item in items:
        for told in item["Issues"]:
            if told["severity"] != INFO:
                key = (item["Terminology_id"] if item["Version"] is not None else "-", told["code"])
                found[key] = found.get(key, 0) + 1
    return found or None
