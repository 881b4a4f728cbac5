"""Small lists of other kinds than the samples: diagnoses, imaging, products with long names (invented or everyday titles)."""

from __future__ import annotations

from maxa.shelf.sealed_file import SealedConcept
from tests.shelves import concept

DIAGNOSES: list[SealedConcept] = [
    concept("A00", "وبا", "Cholera"),
    concept("A00.0", "وبای کلاسیک", "Classical cholera"),
    concept("E11", "دیابت نوع ۲", "Type 2 diabetes mellitus"),
    concept("E11.9", "دیابت نوع ۲ بدون عارضه", "Type 2 diabetes mellitus without complications"),
    concept("E10.9", "دیابت نوع ۱ بدون عارضه", "Type 1 diabetes mellitus without complications"),
    concept("I10", "فشار خون بالای اولیه", "Essential (primary) hypertension"),
    concept("I21.9", "انفارکتوس حاد میوکارد، نامشخص", "Acute myocardial infarction, unspecified"),
    concept("J18.9", "پنومونی، نامشخص", "Pneumonia, unspecified organism"),
    concept("J45", "آسم", "Asthma"),
    concept("K35", "آپاندیسیت حاد", "Acute appendicitis"),
    concept("G43.9", "میگرن، نامشخص", "Migraine, unspecified"),
    concept("N39.0", "عفونت مجاری ادراری", "Urinary tract infection, site not specified"),
    concept("O80", "زایمان طبیعی تک‌قلو", "Single spontaneous delivery"),
    concept("S52.5", "شکستگی انتهای تحتانی رادیوس", "Fracture of lower end of radius"),
    concept("C50.9", "بدخیمی پستان، نامشخص", "Malignant neoplasm of breast, unspecified"),
    concept("R51", "سردرد", "Headache"),
    concept("G44.2", "سردرد تنشی", "Tension-type headache"),
    concept("G30.9", "بیماری آلزایمر، نامشخص", "Alzheimer's disease, unspecified"),
    concept("D68.2", "کمبود فاکتور VIII", "Hereditary factor Vlll deficiency"),
    concept("Z00.0", "معاینهٔ عمومی", "General medical examination", active=False, replaced_by="Z00.00"),
    concept("Z00.00", "معاینهٔ عمومی بزرگسال", "General adult medical examination"),
]

IMAGING: list[SealedConcept] = [
    concept("CT001", "سی‌تی اسکن مغز بدون ماده حاجب", "CT brain without contrast", properties={"modality": "CT", "region": "سر"}),
    concept("CT002", "سی‌تی اسکن مغز با ماده حاجب", "CT brain with contrast", properties={"modality": "CT", "region": "سر"}),
    concept("CT003", "سی تی اسکن شکم و لگن", "CT abdomen and pelvis", properties={"modality": "CT", "region": "شکم"}),
    concept("MR001", "ام آر آی مغز", "MRI brain", properties={"modality": "MRI", "region": "سر"}),
    concept("MR002", "ام‌آر‌آی زانو", "MRI knee", properties={"modality": "MRI", "region": "اندام"}),
    concept("US001", "سونوگرافی شکم", "Ultrasound abdomen", properties={"modality": "US", "region": "شکم"}),
    concept("US002", "سونوگرافی سه ماههٔ اول بارداری", "Obstetric ultrasound, first trimester",
            properties={"modality": "US", "region": "لگن"}),
    concept("XR001", "رادیوگرافی قفسهٔ سینه رخ", "Chest X-ray PA", properties={"modality": "XR", "region": "سینه"}),
    concept("XR002", "گرافی مچ دست دو نما", "Wrist X-ray two views", properties={"modality": "XR", "region": "اندام"}),
    concept("NM001", "اسکن استخوان", "Bone scan", properties={"modality": "NM", "region": "اندام"}),
]  # fmt: skip
