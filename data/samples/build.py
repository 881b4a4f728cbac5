"""Build the sample workbooks in the circulars' layouts: ``python data/samples/build.py [folder]``.

The layouts are as people make them: title rows, merged and two-row headings, section titles between the rows, repeated
headings, notes below, hidden helper sheets, Arabic and Persian letters mixed. What in them is true and what is invented
is said in data/LICENCES.md. The same input gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
if __package__ in (None, ""):  # run as a script
    sys.path.insert(0, str(HERE.parent.parent))

from data.samples.builders import imaging, laboratory, maps, medicines, record, relative_values  # noqa: E402
from data.samples.builders.content import tests  # noqa: E402
from data.samples.builders.pages import save  # noqa: E402


def build(folder: Path) -> list[Path]:
    """Write all samples; those of lists that nobody declared go to ``generic/``. Gives their paths."""
    lab = tests()
    centre, whole = "مرجع کدینگ سلامت ایران (مکسا)", "کدینگ جامع آزمایشگاه"
    books = {
        "rvu3.xlsx": relative_values.rvu_book(),
        "drugs-110-40.xlsx": medicines.drug_book(),
        "ambulance-110-90.xlsx": relative_values.ambulance_book(),
        "natural-110-100.xlsx": medicines.natural_book(),
        "physiotherapy-110-121.xlsx": relative_values.physiotherapy_book(),
        "imaging-110-124.xlsx": imaging.imaging_book(),
        "usage-110-128.xlsx": medicines.usage_book(),
        "prescription-map-110-356.xlsx": maps.prescription_book(lab),
        "lab-110-37.xlsx": laboratory.lab_book(lab, (centre, whole, "ابلاغیهٔ ۱۱۰/۳۷ مورخ ۱۴۰۲/۰۲/۱۸ (نمونه)")),
        "lab-update-1402-07-01.xlsx": laboratory.lab_book(
            laboratory.next_lab_edition(lab),
            (centre, f"{whole}، بخش بالینی", "به‌روزرسانی ۱۴۰۲/۰۷/۰۱، بی‌ابلاغیه (نمونه)"),
        ),
        "genetics-110-368.xlsx": laboratory.genetics_book(lab),
        "blood-bank.xlsx": laboratory.part_book("blood-bank", lab, (centre, "کدینگ بانک خون (نمونه)")),
        "forensic.xlsx": laboratory.part_book("forensic", lab, (centre, "کدینگ آزمایش‌های پزشکی قانونی (نمونه)")),
        "pathology.xlsx": laboratory.part_book("pathology", lab, (centre, "کدینگ پاتولوژی (نمونه)")),
        "icd10.xlsx": record.icd10_book(),
        "value-sets.xlsx": record.value_set_book(),
        "snomed.xlsx": record.snomed_book(),
        "generic/teeth.xlsx": maps.teeth_book(),
        "generic/usage-to-snomed.xlsx": maps.usage_to_snomed_book(),
    }
    (folder / "generic").mkdir(parents=True, exist_ok=True)
    for name, book in books.items():
        save(book, folder / name)
    return [folder / name for name in books]


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201
