"""Shelves of any size for measurements, written straight through the sealed-file writer into ``.bench/``.

They are kept between runs: the folder's name holds everything that decides its content.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson

from maxa.persian.dates import TEHRAN
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry, write_catalogue
from maxa.shelf.code_index import write_code_index
from maxa.shelf.sealed_file import Manifest, SealedConcept, SealedFileWriter, file_name, sha256_of

BENCH = Path(__file__).resolve().parent.parent / ".bench"
_RECIPE = 7  # raise it when the content below changes
_DAY = datetime(2026, 1, 1, 9, tzinfo=TEHRAN)
_FORMS = ("قرص خوراکی", "کپسول", "شربت", "آمپول تزریقی", "قطرهٔ چشمی", "پماد موضعی", "شیاف", "اسپری استنشاقی")
_NAMES = (
    "استامینوفن", "آموکسی‌سیلین", "ایبوپروفن", "متفورمین", "لوزارتان", "آتورواستاتین", "سالبوتامول", "امپرازول",
    "سفالکسین", "دیکلوفناک", "فاموتیدین", "وارفارین", "انسولین", "هپارین", "دگزامتازون", "آزیترومایسین",
)  # fmt: skip
_LATIN = (
    "Acetaminophen", "Amoxicillin", "Ibuprofen", "Metformin", "Losartan", "Atorvastatin", "Salbutamol", "Omeprazole",
    "Cephalexin", "Diclofenac", "Famotidine", "Warfarin", "Insulin", "Heparin", "Dexamethasone", "Azithromycin",
)  # fmt: skip


def irc_code(i: int) -> str:
    """A 16-digit code, spread so that neighbours in ``i`` are no neighbours in code order."""
    return f"{(i * 7_919_000_000_099 + 579_693_345_955_352) % 10**16:016}"


def lab_code(i: int) -> str:
    """A LOINC-like code, 5 to 7 digits with a check digit."""
    return f"{i + 100}-{(i * 7) % 10}"


def drugs(count: int, code=irc_code, *, retired_every: int = 50) -> Iterator[SealedConcept]:  # type: ignore[no-untyped-def]
    """Drug-like concepts in static rank: active first, shorter title first, then code."""
    rows = []
    for i in range(count):
        n = i % len(_NAMES)
        strength = (i // 128 % 40 + 1) * 25  # every name in every form and strength
        fa = f"{_NAMES[n]} {_FORMS[i // 16 % len(_FORMS)]} {strength} میلی‌گرم شمارهٔ {i}"
        en = f"{_LATIN[n]} {strength} mg no {i}"
        properties = orjson.dumps({"price": i * 10, "pack": i % 100}, option=orjson.OPT_SORT_KEYS).decode()
        active = i % retired_every != retired_every - 1
        rows.append(SealedConcept(code(i), "", fa, en, active, None, None, properties, 1, i))
    rows.sort(key=lambda c: (not c.active, len(c.title_fa), c.code))
    return iter(rows)


def value_set(seed: int, count: int) -> Iterator[SealedConcept]:
    """A short list with words of its own, made of syllables."""
    rnd = random.Random(seed)

    def word() -> str:
        return "".join(rnd.choice("بپتجدرزسشفکلمن") + rnd.choice("اویـ").strip("ـ") for _ in range(rnd.randint(2, 4)))

    words = [word() for _ in range(count)]
    rows = [
        SealedConcept(
            str(i), "", " ".join(rnd.choices(words, k=rnd.randint(1, 3))), f"Item {i}", True, None, None, None, 1, i
        )
        for i in range(count)
    ]
    return iter(sorted(rows, key=lambda c: (len(c.title_fa), c.code)))


def many_shelves(small: int, concepts: int, big: int) -> Path:
    """``small`` short lists beside one of ``big`` products."""
    sizes = {f"set{n:03}": concepts for n in range(small)} | {"IRC": big}
    return big_shelf(sizes, name=f"many-{small}-{concepts}-{big}")


def big_shelf(sizes: dict[str, int], *, name: str) -> Path:
    """A shelf with one edition of each terminology in ``sizes`` (id → concepts); built once, then reused."""
    folder = BENCH / f"shelf-{_RECIPE}-{name}"
    if (folder / "catalogue.json").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    entries = []
    for serial, (terminology, size) in enumerate(sizes.items(), 1):
        path = folder / file_name(terminology, "1404-10-11")
        path.parent.mkdir(parents=True, exist_ok=True)
        manifest = Manifest(
            kind="codes", terminology=terminology, version="1404-10-11", ordinal=1, title_fa=terminology,
            title_en=terminology, source="", target="", circular_number="110/40", circular_date="1404/10/11",
            in_force="2026-01-01",
        )  # fmt: skip
        writer = SealedFileWriter(path, manifest)
        if terminology.startswith("set"):
            writer.add_concepts(value_set(serial, size))
        else:
            writer.add_concepts(drugs(size, irc_code if terminology.startswith("IRC") else lab_code))
        sealed = writer.finish()
        edition = Edition(
            terminology, "1404-10-11", 1, str(path.relative_to(folder)), path.stat().st_size, sha256_of(path),
            sealed.digest, "110/40", "1404/10/11", _DAY.date(), _DAY, serial, sealed.active_count,
            sealed.retired_count,
        )  # fmt: skip
        entries.append(TerminologyEntry(terminology, "codes", terminology, terminology, "", "", (edition,)))
    catalogue = Catalogue(len(entries), _DAY, tuple(entries))
    index = write_code_index(folder, catalogue, None)
    write_catalogue(folder, Catalogue(catalogue.serial, _DAY, catalogue.terminologies, index))
    return folder


def twenty(seed: int = 20) -> dict[str, int]:
    """Twenty terminologies of 5,000 to 100,000 concepts: the shelf that batches are measured on."""
    rnd = random.Random(seed)
    sizes = {"IRC": 100_000, "LNC": 50_000}
    sizes |= {f"thritaEHR.list{i:02}": rnd.choice((5_000, 10_000, 20_000, 40_000)) for i in range(18)}
    return sizes
