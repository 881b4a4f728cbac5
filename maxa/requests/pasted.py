"""Rows as they are pasted: a code, a title, or both in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maxa.persian.fold import latin_digits

_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9.\-/*#+_]{0,49}")
_SEPARATOR = re.compile(r"[\t;،؛|]|,\s*|\s{2,}")


def looks_like_code(text: str) -> bool:
    """Latin letters and digits without a space, one digit at least."""
    return _CODE.fullmatch(latin_digits(text)) is not None


def pasted_rows(text: str) -> Iterator[dict[str, str]]:
    """One a line: a code, a title, or a code and its title with a tab, a comma or two spaces between."""
    for line in text.splitlines():
        parts = [part.strip() for part in _SEPARATOR.split(line.strip(), maxsplit=1)]
        if looks_like_code(parts[0]):
            yield {"code": parts[0], "title": parts[1] if len(parts) > 1 else ""}
        elif line.strip():
            yield {"code": "", "title": line.strip()}
