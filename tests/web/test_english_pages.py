"""The English interface is whole: what is Persian on an English page is data."""

from __future__ import annotations

import re

import pytest

from maxa.requests.spool import Spool
from tests.api.asking import SAMPLE
from tests.web.asking import Browser

PAGES = [
    "/", "/search", "/search?q=هموگلوبین&literal=1&terminology=LNC&status=active", "/search?q=zzqqxx", "/terminologies/Imaging",
    "/terminologies/LNC/concepts/718-7", "/terminologies/LNC/concepts/789-8", "/terminologies/Imaging/releases/1401-05-05",
    "/terminologies/LNC/codes?status=all", "/maps/LNC--RVU3", "/maps/LNC--RVU3/codes", "/check", "/developers", "/developers/api",
    "/shelf/", "/no-such-page", "/terminologies/XX", "/terminologies/LNC/concepts/zzz", "/search?q=a&status=foo",
    "/terminologies/LNC/releases/1300-01-01", "/requests", f"/requests/{SAMPLE}", "/requests/0000-0000-0000",
]  # fmt: skip
# Data stands in <bdi>, in lists to choose from, in examples, in the title of the window, and in the field that was filled.
DATA = r"<bdi.*?</bdi>|<option.*?</option>|<pre.*?</pre>|<title>.*?</title>|<input[^>]*>|<a [^>]*hreflang=\"fa\".*?</a>"


@pytest.fixture(autouse=True)
def answered(site: Browser) -> None:
    """A request with rows of every answer."""
    settings = site.app.extensions["maxa.settings"]
    given = {"terminology": "LNC", "reason": "", "at": "2026-05-02T08:30:00+00:00", "pending": False, "expected": None}
    answers = [
        None, {**given, "kind": "existing", "code": "718-7"}, {**given, "kind": "assigned", "code": "1", "pending": True},
        {**given, "kind": "refused", "code": "", "terminology": "", "reason": "not a test"},
    ]  # fmt: skip
    Spool(settings.requests).show(
        {
            "tracking": SAMPLE, "digest": "", "kind": "missing-code", "terminology": "LNC", "organisation": "Sample",
            "note": "", "state": "in_review", "received_at": "2026-05-01T08:30:00+00:00", "updated_at": given["at"],
            "rows": [{"code": f"H-{at}", "title": "", "note": "", "answer": one} for at, one in enumerate(answers)],
        }
    )  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_an_english_page_is_persian_but_data(site: Browser, path: str) -> None:
    html = re.sub(DATA, "", site.in_english().get(path).html, flags=re.DOTALL)
    assert re.findall(r"[^<>\"]*[\u0600-\u06ff][^<>\"]*", html) == []
