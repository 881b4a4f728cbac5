"""Texts of the pages and their English: what the sources ask for, and what the catalogues have.

``python -m tests.web.catalogues`` writes what is missing into the catalogues, without a translation: the tests then say
which ones still need one. What a room alone says stands in its own file, the rest in ``messages.po``.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

import maxa.web

WEB = Path(maxa.web.__file__).resolve().parent
ENGLISH = WEB / "translations" / "en" / "LC_MESSAGES"
ROOMS = ("desk",)
_KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}  # fmt: skip
Key = tuple[str, str | None]
HEADER = r"""msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""


def asked_for() -> dict[Key, tuple[str | tuple[str, ...], str]]:
    """``{(text, context): (text or its singular and plural, file of the catalogue)}`` of every template and module."""
    found: dict[Key, tuple[str | tuple[str, ...], str]] = {}
    for path in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py")]):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        options = {"trimmed": "true", "silent": "false"} if path.suffix == ".html" else {}
        file = next((f"{room}.po" for room in ROOMS if room in path.relative_to(WEB).parts), "messages.po")
        with path.open("rb") as source:
            for _, text, _, context in extract(method, source, keywords=_KEYWORDS, options=options):
                singular = text if isinstance(text, str) else text[0]
                _, before = found.get((singular, context), (text, file))
                found[singular, context] = (text, file if file == before else "messages.po")
    return found


def translated() -> dict[Key, Message]:
    """Every entry of every English catalogue."""
    found = {}
    for path in sorted(ENGLISH.glob("*.po")):
        for message in read(path):
            if message.id:
                found[message.id if isinstance(message.id, str) else message.id[0], message.context] = message
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def main() -> None:
    asked, known = asked_for(), translated()
    files = {f"{room}.po" for room in ROOMS if (ENGLISH / f"{room}.po").exists()} | {file for _, file in asked.values()}
    for name in sorted(files):
        catalog = Catalog(locale="en", charset="utf-8", fuzzy=False)
        for (text, context), (whole, file) in asked.items():
            if file == name:
                old = known.get((text, context))
                catalog.add(whole, string=old.string if old else None, context=context)
        content = io.BytesIO()
        write_po(content, catalog, sort_output=True, no_location=True, omit_header=True, width=118)
        (ENGLISH / name).write_text(HEADER + content.getvalue().decode().strip() + "\n")


if __name__ == "__main__":
    main()
