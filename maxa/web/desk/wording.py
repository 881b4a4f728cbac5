"""What the registry and the importers say, in the words of the desk: they speak to the command line as well, and name its
verbs and options, where a page has buttons and boxes."""

from __future__ import annotations

import re

from maxa.errors import MaxaError
from maxa.web.language import is_persian

_MARK = "\u200e?"  # around Latin words in Persian
# In this order: what is said of one option comes before whatever stands in brackets, which is simply left out.
_FA = [
    (rf"با\s+{_MARK}--confirm [^\u200e]*{_MARK} تأیید کنید", "هنگام فرستادن یا تأیید فهرست نشان بزنید"),
    (rf"با {_MARK}--history{_MARK} وارد کنید", "با گزینهٔ «ویرایشی از گذشته است» دوباره بارگذاری کنید"),
    (rf"با آنکه {_MARK}--history{_MARK} داده‌اید", "با آنکه «ویرایشی از گذشته است» را برگزیده‌اید"),
    (rf"\({_MARK}--column{_MARK}\)", "(دکمهٔ «ستون‌ها» در برابر کارپوشه)"),
    (rf"با {_MARK}--source (\S+?){_MARK} دوباره بفرستید", r"با برگزیدن نوع «\1» دوباره بارگذاری کنید"),
    (rf"را با {_MARK}--part{_MARK} برگزینید", "را هنگام بارگذاری در خانهٔ «بخش» بنویسید"),
    (rf"با {_MARK}--column «[^»]*»{_MARK} کنار", "در برگهٔ «ستون‌ها» کنار"),
    (rf"برای انتشار هم‌اکنون {_MARK}--now{_MARK} بدهید", "برای انتشار پیش از آن «منتشر کن» را بزنید"),
    (rf"مدیر با {_MARK}--override{_MARK} دلیل بنویسد", "مدیر دلیل آن را بنویسد"),
    (rf"با {_MARK}--terminology{_MARK} بگویید", "هنگام بارگذاری زیر «فهرستی که سرور نمی‌شناسد» بنویسید"),
    (r"با «maxa account roles» یا در", "در"),
    (r"maxa decisions (\S+) --revoke (\d+)", r"تصمیم \2 دربارهٔ نگاشت \1 را لغو کنید"),
    (r"با «maxa decisions … --revoke شماره» لغو کنید", "خود آن تصمیم را لغو کنید"),
    (r"؛ تفاوت ویرایش‌ها: maxa diff .*$", "؛ تفاوت ویرایش‌ها در صفحهٔ عمومی همان فهرست است."),
    (rf"با {_MARK}maxa findings --csv{_MARK}", "به صورت CSV"),
    (rf"\s*\([«]?{_MARK}(?:maxa |--)[^)]*\)", ""),
]
_EN = [
    (r"confirm (it|the\s+figure)\s+with\s+--confirm \S+?(?=[;.,]?(?:\s|$))", r"tick \1 when you hand the list over or approve it"),
    (r"import it with\s+--history", "upload it again as “an edition of the past”"),
    (r"although --history was given", "although “an edition of the past” was chosen"),
    (r"\(--column\)", "(button “Columns” beside the workbook)"),
    (r"--date goes with --circular", "The day goes with the circular's number"),
    (r"send it again with --source (\S+?)\.", r"upload it again as a list of the kind “\1”."),
    (r"name its terminology with --terminology", "write its terminology below “A list that the server does not recognise” of the upload"),
    (r"choose the part with --part", "write the part into the field “Part” of the upload"),
    (r"\bwith --column [“'\"][^”'\"]*[”'\"]", "on the page “Columns”"),
    (r"give --now to publish it before", "press “Publish” to publish it before"),
    (r"gives a reason with\s+--override \(MAXA_ONE_PERSON=1 for one-person use\)", "gives a reason"),
    (r"by `maxa account roles` or on", "on"),
    (r"maxa decisions (\S+) --revoke (\d+)", r"revoke decision \2 on the map \1"),
    (r"use `maxa decisions … --revoke NUMBER`", "revoke the decision itself"),
    (r"; of editions: maxa diff .*$", "; differences between editions are on the list's public page."),
    (r"by maxa findings --csv", "as CSV"),
    (r"\s*\((?:see )?`?(?:maxa |--)[^)]*\)", ""),
]  # fmt: skip
_TABLES = {
    True: [(re.compile(pattern), words) for pattern, words in _FA],
    False: [(re.compile(pattern), words) for pattern, words in _EN],
}
_NAMES_ONE = re.compile(r"maxa |--[a-z]")


def in_words(text: str, *, persian: bool) -> str:
    """Without verbs and options of the command line."""
    if _NAMES_ONE.search(text):
        for pattern, words in _TABLES[persian]:
            text = pattern.sub(words, text)
    return text


def either_at_the_desk(fa: str | None, en: str | None) -> str:
    """The text in the reader's language, or in the other one where there is none."""
    persian = is_persian() if fa and en else bool(fa)
    return in_words((fa if persian else en) or "", persian=persian)


def said_at_the_desk(error: MaxaError) -> str:
    return either_at_the_desk(error.detail_fa, error.detail_en)
