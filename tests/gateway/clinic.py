"""The shelf that most gateway tests ask: a few terminologies with the quirks that the contract speaks of."""

from __future__ import annotations

from pathlib import Path

from tests.shelves import ShelfBuilder, concept, pair

HALF_SPACE = "\u200c"
LAB_1, LAB_2 = "1402-02-18", "1402-05-01"
HEMOGLOBIN = "هموگلوبین خون"
PLATELETS = "شمارش پلاکت" + HALF_SPACE + "ها"


def clinic(folder: Path) -> ShelfBuilder:
    """LNC in two editions (the second retires, restores, changes and adds), IRC, eRx, RVU3, ICD10, a value set without
    a circular, and a map. Publications lie an hour apart, from 10:00 on 1404/10/11."""
    shelf = ShelfBuilder(folder)
    shelf.publish(
        "LNC",
        [
            concept("718-7", "هموگلوبین", "Hemoglobin [Mass/volume] in Blood", properties={"unit": "g/dL"}),
            concept("789-8", "شمارش گلبول قرمز", "Erythrocytes [#/volume] in Blood"),
            concept("777-3", PLATELETS, "Platelets [#/volume] in Blood"),
            concept("2345-7", "گلوکز", "Glucose [Mass/volume] in Serum or Plasma"),
            concept("4548-4", "هموگلوبین گلیکوزیله", "Hemoglobin A1c", active=False),
        ],
        day="1402/02/18", title_fa="آزمایشگاه", title_en="Laboratory",
    )  # fmt: skip
    shelf.publish(
        "IRC",
        [
            concept("0579693345955352", "استامینوفن کدئین قرص"),
            concept("7210201495605784", "آموکسی" + HALF_SPACE + "سیلین کپسول ۵۰۰"),
            concept("1114266489716699", "متفورمین قرص"),
            concept("9275740779753124", "لوزارتان ۲۵"),
            concept("9275740779753128", "لوزارتان ۵۰"),
        ],
        day="1400/02/07", circular="110/40", title_fa="فرآورده", title_en="Products",
    )  # fmt: skip
    shelf.publish(
        "eRx", [concept("60000", "استامینوفن / کافئین", "ACETAMINOPHEN / CAFFEINE"), concept("01277", "آتورواستاتین")],
        day="1400/02/07", circular="110/40",
    )  # fmt: skip
    shelf.publish(
        "RVU3", [concept("801515", "ویزیت", properties={"marks": "#*", "professional": "2.5"}), concept("90.1", "تعدیل")],
        day="1400/09/13", circular="110/356", title_fa="ارزش نسبی خدمات", title_en="",
    )  # fmt: skip
    shelf.publish("ICD10", [concept("A00.0", "وبا", "Cholera"), concept("B00", "تبخال", parent="B")], circular=None)
    shelf.publish(
        "thritaEHR.WardType", [concept("1", "بخش عادی"), concept("2", "بخش ویژه"), concept("010", "اورژانس")],
        day="1401/11/10", circular=None,
    )  # fmt: skip
    shelf.publish("LNC→RVU3", [pair("718-7", "801515")], circular="110/356")
    shelf.publish(
        "LNC",
        [
            concept("718-7", HEMOGLOBIN, "Hemoglobin [Mass/volume] in Blood", properties={"unit": "g/dL"}),
            concept("789-8", "شمارش گلبول قرمز", "Erythrocytes [#/volume] in Blood", active=False, replaced_by="26453-1"),
            concept("777-3", PLATELETS, "Platelets [#/volume] in Blood"),
            concept("2345-7", "گلوکز", "Glucose [Mass/volume] in Serum or Plasma"),
            concept("4548-4", "هموگلوبین گلیکوزیله", "Hemoglobin A1c"),
            concept("26453-1", "شمارش گلبول" + HALF_SPACE + "های قرمز", "Erythrocytes [#/volume] in Blood"),
        ],
        day="1402/05/01", circular="110/99", title_fa="آزمایشگاه", title_en="Laboratory",
    )  # fmt: skip
    return shelf
