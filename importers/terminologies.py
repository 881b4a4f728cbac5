"""Ids of the terminologies that sources give, in their canonical spelling, and their titles as the registry is told them.

Which ids are attested, and which are this project's own choice, is said in docs/sources.md.
"""

from __future__ import annotations

# Value sets of the record (FACTS §6). The misspelling of daignosis.status is in the name.
VALUE_SETS: dict[str, tuple[str, str]] = {
    "thritaEHR.serviceType": ("نوع خدمت", "Service types"),
    "thritaEHR.otherCost": ("هزینه‌های دیگر", "Other costs"),
    "thritaEHR.kType": ("نوع ضریب کا", "Kinds of the K factor"),
    "thritaEHR.WardType": ("نوع بخش بستری", "Ward types"),
    "thritaEHR.Insurer": ("سازمان بیمه‌گر", "Insurers"),
    "thritaEHR.InsuranceBox": ("صندوق بیمه", "Insurance boxes"),
    "thritaEHR.admissionType": ("نوع پذیرش", "Admission types"),
    "thritaEHR.medicalRecordType": ("نوع پروندهٔ پزشکی", "Medical record types"),
    "thritaEHR.healthcareProvider.role": ("نقش ارائه‌دهندهٔ خدمت", "Roles of healthcare providers"),
    "thritaEHR.specialty": ("تخصص", "Specialties"),
    "thritaEHR.daignosis.status": ("وضعیت تشخیص", "Diagnosis statuses"),
    "thritaEHR.ordinalTerm": ("درجه‌ها و ترتیب‌ها", "Ordinal terms"),
    "thritaEHR.conditionOnDischarge": ("وضعیت هنگام ترخیص", "Conditions on discharge"),
    "thritaEHR.organizationType": ("نوع سازمان", "Organization types"),
    "thritaEHR.specimenAdequacy": ("کفایت نمونه", "Specimen adequacy"),
    "thritaEHR.gender": ("جنسیت", "Genders"),
    "thritaEHR.maritalStatus": ("وضعیت تأهل", "Marital statuses"),
    "thritaEHR.educationLevel": ("سطح تحصیلات", "Education levels"),
    "thritaEHR.job": ("شغل", "Occupations"),
    "thritaEHR.Religion": ("دین و مذهب", "Religions"),
}  # fmt: skip

SNOMED_SUBSETS: dict[str, tuple[str, str]] = {
    "SNOMEDCT.route": ("راه تجویز دارو (SNOMED CT)", "Routes of administration (SNOMED CT)"),
    "SNOMEDCT.method": ("روش تجویز دارو (SNOMED CT)", "Methods of administration (SNOMED CT)"),
    "SNOMEDCT.frequency": ("تواتر مصرف دارو (SNOMED CT)", "Frequencies of administration (SNOMED CT)"),
    "SNOMEDCT.asNeeded": ("مصرف در صورت نیاز (SNOMED CT)", "Reasons of use as needed (SNOMED CT)"),
    "SNOMEDCT.bodySite": ("ناحیهٔ بدن (SNOMED CT)", "Body sites (SNOMED CT)"),
    "SNOMEDCT.laterality": ("سمت بدن (SNOMED CT)", "Lateralities (SNOMED CT)"),
    "SNOMEDCT.priority": ("اولویت (SNOMED CT)", "Priorities (SNOMED CT)"),
    "SNOMEDCT.specimen": ("نوع نمونه (SNOMED CT)", "Specimen types (SNOMED CT)"),
}  # fmt: skip

# Codes that insurers give the services they pay.
INSURERS: dict[str, tuple[str, str]] = {
    "Tamin.service": ("کد خدمات سازمان تأمین اجتماعی", "Services of the Social Security Organization"),
    "IHIO.service": ("کد خدمات سازمان بیمهٔ سلامت ایران", "Services of the Iran Health Insurance Organization"),
    "ArmedForces.service": ("کد خدمات بیمهٔ نیروهای مسلح", "Services of the armed forces' insurer"),
    "Imdad.service": ("کد خدمات کمیتهٔ امداد", "Services of the Imdad Committee"),
    "CentralInsurance.service": ("کد خدمات بیمهٔ مرکزی", "Services of Central Insurance"),
}  # fmt: skip

TERMINOLOGIES: dict[str, tuple[str, str]] = {
    "LNC": ("کدهای آزمایشگاه و تصویربرداری (بر پایهٔ LOINC)", "Laboratory and imaging codes (LOINC-based)"),
    "RVU3": ("کتاب ارزش نسبی خدمات سلامت (ویرایش سوم)", "Book of relative values of health services (third edition)"),
    "eRx": ("کد ژنریک نسخهٔ الکترونیکی", "Generic codes of the electronic prescription"),
    "IRC": ("کد فرآورده‌های دارویی (پروانه)", "Medicinal products by licence (IRC)"),
    "ICD10": ("طبقه‌بندی بین‌المللی بیماری‌ها (ICD-10)", "International classification of diseases (ICD-10)"),
    "drugUsage.time": ("زمان مصرف دارو", "Times of using a medicine"),
    "drugUsage.way": ("نحوهٔ مصرف دارو", "Ways of using a medicine"),
    "drugUsage.method": ("متد مصرف دارو", "Methods of using a medicine"),
    **INSURERS,
    **SNOMED_SUBSETS,
    **VALUE_SETS,
}  # fmt: skip

# Other ids that are seen on the wire (FACTS §6): they are not short for a thritaEHR one.
_SEEN = (
    "ICD-O-3", "ICPC2P", "SNOMEDCT", "iranDrugCoding", "Imed-ir", "countryDivisions", "ISO_3166-1", "Local", "ATC", "CDT",
    "FDI", "FDOIR", "HQ", "ICD-FA", "NCPDP", "UCUM",
)  # fmt: skip
FOREIGN = {name.casefold(): name for name in (*TERMINOLOGIES, *_SEEN) if not name.startswith("thritaEHR.")}

_CANONICAL = {name.casefold(): name for name in TERMINOLOGIES}


def canonical(terminology: str) -> str:
    """The id in its canonical spelling, whatever its case (FACTS §6); as it is given when nobody knows it."""
    return _CANONICAL.get(terminology.casefold(), terminology)


def titles_of(terminology: str, source: str = "", target: str = "") -> tuple[str, str]:
    """Persian and English title; a map is named after its two ends."""
    if source and target:
        return f"نگاشت {source} به {target}", f"Map from {source} to {target}"
    return TERMINOLOGIES.get(terminology, (terminology, terminology))
