"""Wheels made of what is installed here, without asking an index: a mirror then runs the very versions that the centre
runs, and a centre that has no internet can make a kit, too.

An installed distribution lists its files in ``RECORD`` (PyPA: recording installed projects); the same files under the
same tags make a wheel again. Of an editable checkout the packages are taken from the checkout.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator
from email.parser import Parser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from maxa.errors import SettingsError

_NOT_IN_A_WHEEL = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_EPOCH = (2020, 1, 1, 0, 0, 0)  # equal content makes equal wheels


def needed(name: str, *, without: Iterable[str] = ()) -> list[Distribution]:
    """The distribution and all that it needs here, each once, in the order of their names.

    Raises :class:`SettingsError` naming what is not installed.
    """
    left_out = {canonicalize_name(n) for n in without}
    found: dict[str, Distribution] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        key = canonicalize_name(one[0])
        if one in seen or key in left_out:
            continue
        seen.add(one)
        try:
            dist = found.setdefault(key, distribution(one[0]))
        except PackageNotFoundError:
            raise SettingsError(
                f"بستهٔ {one[0]} که {name} به آن نیاز دارد اینجا نصب نیست.",
                f"{one[0]}, which {name} needs, is not installed here.",
            ) from None
        waiting += [(r.name, frozenset(r.extras)) for r in _requirements(dist, one[1])]
    return [found[key] for key in sorted(found)]


def _requirements(dist: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    environment = {k: str(v) for k, v in default_environment().items()}
    for text in dist.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(
            requirement.marker.evaluate({**environment, "extra": extra}) for extra in (*extras, "")
        ):
            yield requirement


def make_wheel(
    dist: Distribution, folder: Path, *, checkout: Path | None = None, packages: tuple[str, ...] = ()
) -> Path:
    """Write the distribution as a wheel into ``folder``. With ``checkout``, its ``packages`` come from there, and the
    tables of ``data/``, which the code looks for beside them."""
    name = re.sub(r"[-_.]+", "_", dist.name)
    info = f"{name}-{dist.version}.dist-info"
    said = dist.read_text("WHEEL") or "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files: dict[str, Path] = {}
    if checkout is not None:
        said = "Wheel-Version: 1.0\nGenerator: maxa\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        for package in packages:
            for path in (checkout / package).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    files[path.relative_to(checkout).as_posix()] = path
        tables = [path for path in (checkout / "data").iterdir() if path.suffix in (".toml", ".txt")]
        files |= {path.relative_to(checkout).as_posix(): path for path in tables}
    for listed, place in _installed(dist):
        if listed.parts[0].endswith(".dist-info"):
            if listed.name not in _NOT_IN_A_WHEEL and listed.name != "WHEEL":
                files[f"{info}/{PurePosixPath(*listed.parts[1:])}"] = place
        elif checkout is None:
            files[listed.as_posix()] = place
    tags = _tags(said)
    wheel = folder / f"{name}-{dist.version}-{tags}.whl"
    _write(wheel, files, {f"{info}/WHEEL": said.encode()}, f"{info}/RECORD")
    return wheel


def _installed(dist: Distribution) -> Iterator[tuple[PurePosixPath, Path]]:
    """Files of the distribution that a wheel holds: not its scripts, which are made anew, nor what Python compiled."""
    for file in dist.files or []:
        path = PurePosixPath(file)
        if path.parts[0] in ("..", "/") or path.is_absolute() or "__pycache__" in path.parts or path.suffix == ".pyc":
            continue
        place = Path(str(dist.locate_file(file)))
        if place.is_file():
            yield path, place


def _tags(said: str) -> str:
    """``cp311-cp311-manylinux_2_17_x86_64``: the compressed set of what WHEEL lists (PEP 425)."""
    tags = [tag.split("-") for tag in Parser().parsestr(said).get_all("Tag") or ["py3-none-any"]]
    return "-".join(".".join(dict.fromkeys(tag[part] for tag in tags)) for part in range(3))


def _write(wheel: Path, files: dict[str, Path], more: dict[str, bytes], record_name: str) -> None:
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted([*files, *more]):
            content = more[name] if name in more else files[name].read_bytes()
            archive.writestr(_member(name), content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(
                f'"{name}",sha256={digest},{len(content)}' if "," in name else f"{name},sha256={digest},{len(content)}"
            )
        record.append(f"{record_name},,")
        archive.writestr(_member(record_name), "\n".join(record) + "\n")


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o100644 << 16
    return info
