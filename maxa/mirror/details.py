"""What was found, in Persian: refusals are raised with an English detail (tuf's own among them), and told in both."""

from __future__ import annotations

import re

# What the English detail looks like → how it is said in Persian; what is not listed stays as it is (file names, say).
_TABLE: tuple[tuple[str, str], ...] = (
    (r"version (\d+) < (\d+)", r"نسخهٔ \1 کهنه‌تر از \2 است"),
    (r"serial (\d+) < (\d+)", r"سریال \1 کهنه‌تر از \2 است"),
    (r"its content has another hash than was signed", "چکیدهٔ محتوایش آن نیست که امضا شده است"),
    (r"its length or hash is another", "اندازه یا چکیده‌اش دیگر است"),
    (r"it is named and not delegated", "نامش هست و واگذار نشده است"),
    (r"the root that was handed over does not verify itself", "ریشه‌ای که داده شده است خود را تأیید نمی‌کند"),
    (r"(\S+) was signed by (\d+)/(\d+) keys", r"\1 را از \3 کلید لازم \2 کلید امضا کرده است"),
    (
        r"Expected (\S+) (?:version |v)(\d+)(?:,| instead) got (?:version |v)?(\d+)",
        r"از \1 نسخهٔ \2 انتظار می‌رفت و نسخهٔ \3 آمد",
    ),
    (r"New snapshot version must be >= (\d+), got version (\d+)", r"نسخهٔ تازهٔ snapshot (\2) نباید کهنه‌تر از \1 باشد"),
    (r"New snapshot is missing info for '(\S+)'", r"snapshot تازه چیزی از \1 نمی‌گوید"),
    (r"New (\S+) version (\d+) must be >= (\d+)", r"نسخهٔ تازهٔ \1 (\2) نباید کهنه‌تر از \3 باشد"),
    (r"it does not say when it was signed", "نمی‌گوید کی امضا شده است"),
    (r"expires (\S+), this machine's clock (\S+), the source's (\S+)", r"مهلت \1، ساعت این دستگاه \2، ساعت منبع \3"),
    (r"expires (\S+), this machine's clock (\S+)", r"مهلت \1، ساعت این دستگاه \2"),
    (r"(\S+), while it is at least (\S+)", r"مهلت \1، و اکنون دست‌کم \2 است"),
    (r"longer than (\d+) bytes", r"بلندتر از \1 بایت"),
    (r"it can't be read \((\w+)\)", r"خوانده نمی‌شود (\1)"),
    (r"too many members", "فایل‌های درونش بیش از اندازه است"),
    (r"(.+) is a link or a folder", r"\1 پیوند یا پوشه است"),
    (r"(.+) is in it twice", r"\1 دو بار در آن است"),
    (r"(.+) is packed by method (\d+)", r"\1 به روش ناشناس \2 فشرده شده است"),
    (r"it is encrypted", "رمزگذاری شده است"),
    (r"it lacks archive\.json", "archive.json ندارد"),
    (r"its archive\.json is damaged", "archive.json آن خراب است"),
    (r"archive format (\S+), this version reads (\S+)", r"قالب بایگانی \1 است و این نسخه \2 را می‌خواند"),
    (r"(.+); it begins after serial (\S+)", r"\1؛ از پس از سریال \2 آغاز می‌شود"),
)


def in_persian(detail: str) -> str:
    for english, persian in _TABLE:
        found = re.fullmatch(english, detail)
        if found is not None:
            return found.expand(persian)
    return detail
