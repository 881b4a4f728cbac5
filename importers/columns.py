"""Columns and values that many lists share."""

from __future__ import annotations

from importers.codes import Code
from importers.declare import Column
from importers.fields import Choice, Description

ROW_NUMBERS = ("ردیف", "شماره", "شماره ردیف", "#", "row", "no")
STATUSES = {
    "active": "فعال|معتبر|دارد|active|جاری|جدید|افزوده شده|اضافه شده|اصلاح شده|ویرایش شده|new|updated",
    "retired": "غیرفعال|منسوخ|لغو شده|لغو|حذف شده|حذف|باطل|باطل شده|منقضی|نامعتبر|غیر معتبر|deprecated|inactive|retired"
    "|حذف شد|حذف گردید|حذفی|لغو گردید|غیرفعال شده|ادغام شده|removed|deleted|obsolete",
}
STATUS = Choice(STATUSES, decides=True)
STATUS_COLUMN = Column("وضعیت|وضعیت کد|status", "status", STATUS)
NOTE_COLUMN = Column("یادداشت|note", "note", Description)
RELATIONSHIP = Choice(
    {
        "equivalent": "برابر|معادل|یکسان|equivalent",
        "broader": "عام‌تر|کلی‌تر|broader",
        "narrower": "خاص‌تر|جزئی‌تر|narrower",
        "related": "مرتبط|نزدیک|related",
    },
    decides=True,
)


def successor(type_: Code, refers_to: str | None = None) -> Column:
    """The code that came in place of a retired one."""
    return Column("کد جایگزین|جایگزین|replaced by|replaced_by", "replaced_by", type_, refers_to=refers_to)


def parent(type_: Code) -> Column:
    return Column("کد والد|والد|کد بالادست|parent|parent code", "parent", type_)
