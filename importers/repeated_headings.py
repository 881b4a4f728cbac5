"""Know the headings of a sheet again among its rows: whole rows of them, in their places or in others."""

from __future__ import annotations

from importers.codes import Code, evened_out
from importers.declare import Column
from importers.heading_keys import heading_key, words_key
from importers.heading_rows import bare_heading
from importers.headings import Header

_FEWEST = 2  # headings in a row of headings
_SHOWN = 40  # characters of each heading

Texts = dict[str, str]  # column letters → what the cell shows


class RepeatedHeadings:
    """What the texts of one row mean as headings of this sheet. ``key`` is the column of codes."""

    def __init__(self, header: Header, key: str) -> None:
        self._header = header
        self._key = key
        self._field = header.columns[key].field
        self._type = header.columns[key].type

    def repeat(self, texts: Texts) -> bool:
        """Whether the row is one of headings. Several words for one column count once, and a row with a code is none."""
        known = self.known(texts)
        if len(known) < _FEWEST or 2 * len(known) < len(texts):
            return False
        key = texts.get(self._key)
        if key is None or self._is_key_heading(key):
            return True
        others = {letters: text for letters, text in texts.items() if letters != self._key}
        if (
            self._declared(key)
            and self._field in self.known(others)
            and all(map(self._meaning, others, others.values()))
        ):
            return True  # the columns stand in another order
        return not self.may_be_code(key)

    def like_headings(self, texts: Texts) -> bool:
        """Whether a row above the headings is another of headings: two at least are declared, and most of them known."""
        names = {column.field for text in texts.values() if (column := self._declared(text))}
        own = sum(heading_key(text) == heading_key(self._header.headings.get(at, "")) for at, text in texts.items())
        enough = len(names) >= _FEWEST and 2 * max(len(names), own) >= len(texts)
        return enough and not (self._key in texts and self._is_plain_code(texts[self._key]))

    def known(self, texts: Texts) -> set[str]:
        """Fields whose headings stand in the row, and letters of columns whose unknown heading stands there again."""
        return {meaning for letters, text in texts.items() if (meaning := self._meaning(letters, text))}

    def elsewhere(self, texts: Texts, *, any_data: bool) -> str:
        """Columns of a row of headings that are now declared to be others: the rows below are another table's. Right
        below the headings the same may be said in another script, which is none (``any_data``: of rows above)."""
        return _named({
            letters: text
            for letters, text in texts.items()
            if self._is_elsewhere(letters, text) and (any_data or not self._translated(letters, text))
        })  # fmt: skip

    def unknown(self, texts: Texts, *, any_data: bool) -> str:
        """Columns that are read, but whose heading in this row is not known, or is another's in another script."""
        return _named({
            letters: text
            for letters, text in texts.items()
            if letters in self._header.columns
            and (self._is_elsewhere(letters, text) or (any_data and not self._meaning(letters, text)))
        })  # fmt: skip

    def _is_key_heading(self, text: str) -> bool:
        """By the declaration or the heading row: a row above it, which may be a title's, is not asked."""
        declared = self._declared(text)
        if declared is not None:
            return declared.field == self._field
        return heading_key(bare_heading(text)) == heading_key(bare_heading(self._header.headings[self._key]))

    def _is_plain_code(self, text: str) -> bool:
        return self._declared(text) is None and self.may_be_code(text)

    def is_code(self, text: str) -> bool:
        """Whether this is a code as it stands, and no heading."""
        return isinstance(self._type, Code) and bool(self._type.matches(evened_out(text))) and not self._declared(text)

    def may_be_code(self, text: str) -> bool:
        """Whether the row's own code may be this, right or wrong."""
        if not isinstance(self._type, Code):
            return False
        return bool(self._type.matches(evened_out(text))) or (text[0].isascii() and any(map(str.isdigit, text)))

    def _meaning(self, letters: str, text: str) -> str:
        if self._stands_here(letters, text):
            column = self._header.columns.get(letters)
            return column.field if column is not None else letters
        declared = self._declared(text)
        return declared.field if declared is not None else ""

    def _stands_here(self, letters: str, text: str) -> bool:
        if self._header.is_heading(letters, text) or self._header.is_heading(letters, bare_heading(text)):
            return True
        column = self._header.columns.get(letters)
        return column is not None and self._header.sheet.titles_else.get(heading_key(text)) == column.field

    def _declared(self, text: str) -> Column | None:
        sheet, bare = self._header.sheet, bare_heading(text)
        return (
            sheet.by_key.get(heading_key(text))
            or sheet.by_key.get(heading_key(bare))
            or sheet.by_words.get(words_key(bare))
        )

    def _is_elsewhere(self, letters: str, text: str) -> bool:
        if self._stands_here(letters, text):
            return False
        declared = self._declared(text)
        return declared is not None and declared is not self._header.columns.get(letters)

    def _translated(self, letters: str, text: str) -> bool:
        return text.isascii() != self._header.headings.get(letters, "").isascii()


def _named(texts: Texts) -> str:
    return "، ".join(f"{letters} «{text[:_SHOWN]}»" for letters, text in texts.items())
