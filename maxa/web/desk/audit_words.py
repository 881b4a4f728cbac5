"""The audit trail in words: what was done, about what, and its details, as people read them. The CSV has them as they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from maxa.persian.fold import latin_digits
from maxa.web.language import either

ACTIONS: dict[str, LazyString] = {
    "account-add": lazy_gettext("حساب تازه"),
    "account-disable": lazy_gettext("بستن حساب"),
    "account-enable": lazy_gettext("باز کردن حساب"),
    "account-roles": lazy_gettext("نقش‌های حساب"),
    "approve": lazy_gettext("تأیید"),
    "base-moved": lazy_gettext("ویرایش جاری عوض شده بود"),
    "cancel-job": lazy_gettext("لغو کار در صف"),
    "client-add": lazy_gettext("برنامهٔ تازه"),
    "client-change": lazy_gettext("تغییر برنامه"),
    "comment": lazy_gettext("یادداشت"),
    "confirm": lazy_gettext("پذیرفتن یک رقم"),
    "decide": lazy_gettext("تصمیم بر نگاشت"),
    "forget-columns": lazy_gettext("فراموش کردن ستون‌ها"),
    "import": lazy_gettext("بارگذاری"),
    "import-again": lazy_gettext("وارد کردن از نو"),
    "import-failed": lazy_gettext("وارد نشد"),
    "job-failed": lazy_gettext("کار ناموفق"),
    "letter": lazy_gettext("متن ابلاغیه"),
    "one-time-password-expired": lazy_gettext("گذرواژهٔ یک‌بارمصرف گذشته بود"),
    "password-change": lazy_gettext("تغییر گذرواژه"),
    "password-change-failed": lazy_gettext("تغییر گذرواژه با گذرواژهٔ نادرست"),
    "password-reset": lazy_gettext("گذرواژهٔ نو"),
    "publish": lazy_gettext("انتشار"),
    "reject": lazy_gettext("رد یا بستن"),
    "remember-column": lazy_gettext("به یاد سپردن ستون"),
    "request-answer": lazy_gettext("پاسخ به درخواست"),
    "request-comment": lazy_gettext("یادداشت بر درخواست"),
    "request-received": lazy_gettext("درخواست رسید"),
    "request-review": lazy_gettext("به دست گرفتن درخواست"),
    "retry-job": lazy_gettext("از سر گرفتن کار"),
    "session-end": lazy_gettext("پایان نشست"),
    "sign-in": lazy_gettext("ورود"),
    "sign-in-failed": lazy_gettext("ورود ناموفق"),
    "submit": lazy_gettext("سپردن به بررسی"),
    "take-back": lazy_gettext("پس گرفتن تصمیم"),
    "unchanged": lazy_gettext("بی‌تغییر بود"),
    "withdraw": lazy_gettext("پس گرفتن ویرایش"),
}
# what stands before a subject's number
SUBJECTS = {
    "submission": lazy_gettext("فهرست"),
    "job": lazy_gettext("کار صف"),
    "request": lazy_gettext("درخواست"),
}
DETAILS: dict[str, LazyString] = {
    "address": lazy_gettext("نشانی"),
    "answers": lazy_gettext("پاسخ‌ها"),
    "args": lazy_gettext("دربارهٔ"),
    "bases": lazy_gettext("سنجیده با ویرایش‌های"),
    "before": lazy_gettext("پیش از آن"),
    "circular": lazy_gettext("ابلاغیه"),
    "client": lazy_gettext("برنامه"),
    "codes": lazy_gettext("کدها"),
    "columns": lazy_gettext("ستون‌ها"),
    "decided": lazy_gettext("تصمیم"),
    "decisions": lazy_gettext("تصمیم‌ها"),
    "digest": lazy_gettext("اثر محتوا"),
    "failure": lazy_gettext("پیشتر ناموفق بود"),
    "field": lazy_gettext("فیلد"),
    "fields": lazy_gettext("فیلدها"),
    "files": lazy_gettext("پرونده‌ها"),
    "guard": lazy_gettext("رقم"),
    "heading": lazy_gettext("سرستون"),
    "history": lazy_gettext("از گذشته"),
    "keeps": lazy_gettext("نگهدار"),
    "map": lazy_gettext("نگاشت"),
    "name": lazy_gettext("نام"),
    "number": lazy_gettext("شماره"),
    "one_time": lazy_gettext("یک‌بارمصرف"),
    "organisation": lazy_gettext("سازمان"),
    "override": lazy_gettext("دلیل تأیید فهرست خود"),
    "publish_at": lazy_gettext("زمان انتشار"),
    "reason": lazy_gettext("دلیل"),
    "releases": lazy_gettext("ویرایش‌ها"),
    "revokes": lazy_gettext("لغو تصمیم"),
    "roles": lazy_gettext("نقش‌ها"),
    "rows": lazy_gettext("سطرها"),
    "scope": lazy_gettext("دامنه"),
    "serial": lazy_gettext("سریال"),
    "services": lazy_gettext("سرویس‌ها"),
    "sha256": lazy_gettext("اثر پرونده"),
    "source": lazy_gettext("کد مبدأ"),
    "task": lazy_gettext("کار"),
    "terminology": lazy_gettext("ترمینولوژی"),
}


def details(detail: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and value of what there is to tell; of an error its sentence alone, in the page's language, without a name."""
    if "detail_fa" in detail:
        yield "", either(str(detail["detail_fa"]), str(detail.get("detail_en", "")))
        return
    for key, value in sorted(detail.items()):
        if value is None or value is False or value in ("", [], {}):
            continue
        if isinstance(value, dict) and "detail_fa" in value:
            shown = either(str(value["detail_fa"]), str(value.get("detail_en", "")))
        else:
            shown = _shown(value)
        yield str(DETAILS.get(key, key)), shown


def _shown(value: Any) -> str:
    if value is True:
        return gettext("آری")
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(
            " ".join(filter(None, map(_shown, one))) if isinstance(one, list) else _shown(one) for one in value
        )
    return "" if value is None else str(value)


def subject_of(subject: str) -> tuple[str, str]:
    """What kind of thing a subject is, in words ("" for a name or an edition), and its number or name."""
    kind, _, rest = subject.partition(" ")
    return (str(SUBJECTS[kind]), rest) if kind in SUBJECTS and rest else ("", subject)


def subject_as_kept(text: str) -> str:
    """What a person typed as the page shows it: ``فهرست ۱۵`` is kept as ``submission 15``."""
    for kind, shown in SUBJECTS.items():
        rest = text.removeprefix(f"{shown} ")
        if rest != text:
            return f"{kind} {latin_digits(rest.strip())}"
    return text
