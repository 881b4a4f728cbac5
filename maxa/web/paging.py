"""Which page of a long list is asked for."""

from __future__ import annotations

from flask import request

from maxa.persian.fold import latin_digits

_MOST = 10_000
_MOST_DIGITS = 5


def page_number() -> int:
    """``?page=``, from 1, in Persian digits, too; the first one for anything else."""
    text = latin_digits(request.args.get("page", "1"))
    return min(max(int(text), 1), _MOST) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 1
