"""Names of states, roles and the like as people read them, with the colour of their tags."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

STATES: dict[str, tuple[LazyString, str]] = {
    "importing": (lazy_gettext("در حال وارد شدن"), "info"),
    "draft": (lazy_gettext("پیش‌نویس"), "accent"),
    "in_review": (lazy_gettext("در بررسی"), "warn"),
    "approved": (lazy_gettext("تأییدشده"), "info"),
    "published": (lazy_gettext("منتشرشده"), "good"),
    "failed": (lazy_gettext("ناموفق"), "bad"),
    "rejected": (lazy_gettext("ردشده"), ""),
}
ROLES = {
    "viewer": lazy_gettext("بیننده"),
    "importer": lazy_gettext("واردکننده"),
    "approver": lazy_gettext("تأییدکننده"),
    "administrator": lazy_gettext("مدیر"),
}
SEVERITIES: dict[str, tuple[LazyString, str]] = {
    "error": (lazy_gettext("خطا"), "bad"),
    "warning": (lazy_gettext("هشدار"), "warn"),
    "info": (lazy_gettext("آگاهی"), "info"),
}
SCOPES = {
    "full": lazy_gettext("فهرست کامل"),
    "amendment": lazy_gettext("اصلاحیه"),
    "decisions": lazy_gettext("تصمیم‌های نگاشت"),
}
KINDS = {
    "added": lazy_gettext("افزوده"),
    "changed": lazy_gettext("تغییریافته"),
    "retired": lazy_gettext("بازنشسته"),
    "restored": lazy_gettext("بازگردانده"),
    "removed": lazy_gettext("هنوز نبوده"),
}
STAGES = {
    "queued": lazy_gettext("در نوبت کارگر"),
    "read": lazy_gettext("خواندن کارپوشه"),
    "load": lazy_gettext("بار کردن ردیف‌ها"),
    "check": lazy_gettext("سنجش با ویرایش جاری"),
    "seal": lazy_gettext("مهر می‌شود و در قفسه می‌نشیند …"),
}
TASKS = {
    "import_submission": lazy_gettext("وارد کردن فهرست"),
    "look_at_workbook": lazy_gettext("دیدن ستون‌های کارپوشه"),
    "mark_workbook": lazy_gettext("نشان‌دار کردن کارپوشه"),
    "project": lazy_gettext("مهر کردن و نشاندن در قفسه"),
    "publish_due": lazy_gettext("انتشار آنچه زمانش رسیده است"),
    "renew_signatures": lazy_gettext("تازه کردن امضاها"),
    "receive_requests": lazy_gettext("گرفتن درخواست‌های کد"),
    "add_up_usage": lazy_gettext("جمع زدن کارکرد"),
    "show_requests_anew": lazy_gettext("نوشتن دوبارهٔ وضعیت درخواست‌های کد"),
    "tidy_up": lazy_gettext("پاک کردن آنچه کهنه شده است"),
    "project_clients": lazy_gettext("رساندن برنامه‌ها به سرویس‌ها"),
}
JOB_STATES: dict[str, tuple[LazyString, str]] = {
    "todo": (lazy_gettext("در صف"), "warn"),
    "doing": (lazy_gettext("در حال انجام"), "info"),
    "failed": (lazy_gettext("ناموفق"), "bad"),
    "cancelled": (lazy_gettext("لغوشده"), ""),
    "aborted": (lazy_gettext("رهاشده"), ""),
    "succeeded": (lazy_gettext("انجام‌شده"), "good"),
}
COLUMN_STATES: dict[str, tuple[LazyString, str]] = {
    "matched": (lazy_gettext("شناخته"), "good"),
    "chosen": (lazy_gettext("به دست نگاشته"), "accent"),
    "ignored": (lazy_gettext("کنار گذاشته"), ""),
    "displaced": (lazy_gettext("ستون دیگری به جایش"), "warn"),
    "unmatched": (lazy_gettext("ناشناخته"), "warn"),
    "no-heading": (lazy_gettext("بی‌سرستون"), ""),
}
VERDICTS = {
    "equivalent": lazy_gettext("برابر"),
    "broader": lazy_gettext("عام‌تر"),
    "narrower": lazy_gettext("خاص‌تر"),
    "related": lazy_gettext("مرتبط"),
    "not": lazy_gettext("برقرار نیست"),
    "no-target": lazy_gettext("همتا ندارد"),
    "revoke": lazy_gettext("لغو"),
}
DECISION_STATES: dict[str, tuple[LazyString, str]] = {
    "standing": (lazy_gettext("برجا"), "good"),
    "ended": (lazy_gettext("پایان‌یافته"), ""),
    **{state: STATES[state] for state in ("draft", "in_review", "approved", "rejected")},
}
WORK_FILTERS = {
    "unmapped": lazy_gettext("بی‌همتا"),
    "conflicting": lazy_gettext("ناسازگار"),
    "decided": lazy_gettext("تصمیم‌گرفته"),
    "all": lazy_gettext("همه"),
}
# as maxa.usage.tally names them
OUTCOMES = {
    "ok": lazy_gettext("پاسخ‌داده"),
    "refused": lazy_gettext("نپذیرفته"),
    "limited": lazy_gettext("بیش از سقف"),
    "failed": lazy_gettext("خطای سرور"),
}
SERVICE_NAMES = {
    "CtsTerminologies": "CtsTerminologies",
    "Terminology": "Terminology",
    "SearchTerminology": "SearchTerminology",
    "ValidateCts": "ValidateCts",
    "api": "/api/v1",
    "pages": lazy_gettext("صفحه‌ها"),
    "shelf": lazy_gettext("قفسه"),
    "token": lazy_gettext("توکن"),
}
ISSUE_NAMES = {
    "unknown-terminology": lazy_gettext("واژگان ناشناخته"),
    "unknown-code": lazy_gettext("کد ناشناخته"),
    "retired-code": lazy_gettext("کد بازنشسته"),
    "incomplete": lazy_gettext("بخش‌های خالی"),
    "value-mismatch": lazy_gettext("عنوان دیگر"),
    "wrong-terminology": lazy_gettext("کدِ واژگانی دیگر"),
    "swapped": lazy_gettext("کد و عنوان جابه‌جا"),
    "rounded-code": lazy_gettext("کد گردشده در اکسل"),
}

SHOWN = {
    "STATES": STATES, "ROLES": ROLES, "SEVERITIES": SEVERITIES, "SCOPES": SCOPES, "KINDS": KINDS, "STAGES": STAGES,
    "COLUMN_STATES": COLUMN_STATES, "VERDICTS": VERDICTS, "DECISION_STATES": DECISION_STATES, "WORK_FILTERS": WORK_FILTERS,
    "OUTCOMES": OUTCOMES, "SERVICE_NAMES": SERVICE_NAMES, "ISSUE_NAMES": ISSUE_NAMES,
    "TASKS": TASKS, "JOB_STATES": JOB_STATES,
}  # fmt: skip
