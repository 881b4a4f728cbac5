"""The shelf that most tests of /api/v1 ask: the clinic's, with a map that has every quirk, a hierarchy, odd codes, parts,
headings, and a withdrawn edition."""

from __future__ import annotations

from pathlib import Path

from tests.gateway.clinic import clinic
from tests.shelves import ShelfBuilder, concept, pair

ODD_CODES = ("A00", "A00.0", "A/B", "/slash", "a b", "100%", "ک۱", "x?y#z", "../up", "C++", "q\"'&<>", "tail/")
LAYOUT = [
    {
        "source": "imaging", "sheet": "تصویربرداری", "parts": ["ct", "mri"], "part_field": None,
        "columns": [
            {"field": "code", "heading": "کد", "kind": "code"},
            {"field": "title_fa", "heading": "شرح خدمت", "kind": "text"},
            {"field": "region", "heading": "ناحیهٔ بدن", "kind": "text"},
        ],
    }
]  # fmt: skip
LAB_MAP_1, LAB_MAP_2 = "1400-09-13", "1402-06-01"


def library(folder: Path) -> ShelfBuilder:
    shelf = clinic(folder)
    shelf.publish(
        "LNC→RVU3",
        [
            pair("718-7", "801515", properties={"insurer": "تامین"}),
            pair("718-7", "90.1", "narrower"),
            pair("789-8", "801515", "broader"),
            pair("2345-7", "999999", "related"),
            pair("777-3", "801515", active=False),
        ],
        day="1402/06/01", circular="110/120", title_fa="آزمایش به ارزش نسبی", title_en="",
    )  # fmt: skip
    rows = [concept("A00", "وبا", "Cholera"), concept("A00.0", "وبای کلاسیک", "Cholera, classical", parent="A00")]
    rows += [concept(code, f"کد {code}", parent="A00") for code in ODD_CODES[2:]]
    shelf.publish("Odd", rows, circular=None, day="1402/06/02")
    shelf.publish(
        "Imaging",
        [
            concept("1", "سی‌تی سر", part="ct", properties={"region": "سر", "price": 10}),
            concept("2", "سی‌تی شکم", part="ct", properties={"region": "شکم"}),
            concept("3", "ام‌آر‌آی زانو", part="mri", properties={"region": "زانو"}),
        ],
        day="1400/05/05", circular="110/124", layout=LAYOUT,
    )  # fmt: skip
    shelf.publish(
        "Imaging",
        [
            concept("1", "سی‌تی اسکن سر", part="ct", properties={"region": "سر", "price": 12}),
            concept("2", "سی‌تی شکم", part="ct", properties={"region": "شکم"}, active=False, replaced_by="4"),
            concept("3", "ام‌آر‌آی زانو", part="mri", properties={"region": "زانو"}),
            concept("4", "سی‌تی شکم و لگن", part="ct", properties={"region": "شکم"}),
        ],
        day="1401/05/05", circular="110/125", layout=LAYOUT,
    )  # fmt: skip
    shelf.publish(
        "Imaging",
        [
            concept("1", "سی‌تی سر", part="ct", properties={"region": "سر", "price": 10}),
            concept("2", "سی‌تی شکم", part="ct", properties={"region": "شکم"}),
            concept("3", "ام‌آر‌آی زانو", part="mri", properties={"region": "زانو"}),
            concept("4", "سی‌تی شکم و لگن", part="ct", properties={"region": "شکم"}, active=False),
        ],
        day="1401/06/01", circular=None, layout=LAYOUT, withdraws="1401-05-05",
    )  # fmt: skip
    return shelf
