"""Publications and withdrawals as an Atom feed (RFC 4287), for readers of news rather than programs."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree as Xml

from maxa.api.publications import Event, events
from maxa.shelf.catalogue import Catalogue, TerminologyEntry
from maxa.shelf.sealed_file import folder_name

MEDIA_TYPE = "application/atom+xml"
NEWEST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_TITLE = "انتشارهای مکسا"


def feed(catalogue: Catalogue, root: str, own: str, entry: TerminologyEntry | None = None) -> bytes:
    """The newest publications, of one terminology or map or of all. ``root`` is the server's address with a slash at its
    end, ``own`` that of the feed. Ids are the same on every mirror."""
    found = [one for one in events(catalogue, 0) if entry is None or one.entry.id == entry.id][: -NEWEST - 1 : -1]
    Xml.register_namespace("", _ATOM)
    top = Xml.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fa"})
    _add(top, "id", "urn:maxa:feed" + (f":{quote(entry.id, safe='')}" if entry else ""))
    _add(top, "title", _TITLE + (f": {entry.title_fa or entry.id}" if entry else ""))
    _add(top, "updated", (found[0].at if found else catalogue.published_at).isoformat(timespec="seconds"))
    _add(_add(top, "author"), "name", "مکسا، مرجع کدینگ سلامت ایران")
    _add(top, "link", rel="self", href=own, type=MEDIA_TYPE)
    _add(top, "link", rel="alternate", href=root, type="text/html")
    for event in found:
        _tell(top, event, root)
    return Xml.tostring(top, encoding="utf-8", xml_declaration=True)


def _tell(top: Xml.Element, event: Event, root: str) -> None:
    listed, edition = event.entry, event.edition
    room = "maps" if listed.kind == "map" else "terminologies"
    item = _add(top, "entry")
    _add(item, "id", f"urn:maxa:{event.kind}:{event.serial}:{quote(listed.id, safe='')}:{edition.version}")
    what = "پس گرفته شد" if event.kind == "withdrawn" else "منتشر شد"
    _add(item, "title", f"{listed.title_fa or listed.id} {edition.version} {what}")
    _add(item, "updated", event.at.isoformat(timespec="seconds"))
    page = f"{root}{room}/{quote(folder_name(listed.id))}/releases/{quote(edition.version)}"
    _add(item, "link", rel="alternate", href=page, type="text/html")
    _add(item, "category", term=listed.id)
    circular = f"ابلاغیهٔ {edition.circular_number}" if edition.circular_number else "بی‌ابلاغیه"
    _add(item, "summary", f"{circular}؛ {edition.active_count} کد فعال، {edition.retired_count} کد بازنشسته.")


def _add(to: Xml.Element, name: str, text: str | None = None, /, **attributes: str) -> Xml.Element:
    element = Xml.SubElement(to, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element
