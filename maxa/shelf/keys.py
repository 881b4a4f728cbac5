"""Private keys of the shelf's signatures: Ed25519, as PEM (PKCS 8) in files of mode 0600, or from the environment.

A key is known by its key id (TUF spec §4.2), which comes from its public half: what a file is called does not matter.
The root's keys belong on a stick in a safe, in a folder apart; the online ones lie where the worker signs.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner, Key

from maxa.access.private_file import write_private
from maxa.errors import SettingsError

_BLOCK = re.compile(r"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----", re.DOTALL)
FROM_ENVIRONMENT = "MAXA_KEYS_PEM"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The private keys at hand, by key id, and where each was found. ``open`` are files that others may read."""

    signers: Mapping[str, CryptoSigner]
    places: Mapping[str, str]
    open: tuple[str, ...] = ()

    def signing(self, keyids: Iterable[str]) -> list[CryptoSigner]:
        return [self.signers[k] for k in keyids if k in self.signers]

    def with_more(self, signers: Iterable[CryptoSigner]) -> KeyRing:
        more = {s.public_key.keyid: s for s in signers}
        return KeyRing({**self.signers, **more}, {**dict.fromkeys(more, "new"), **self.places}, self.open)


def new_key() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


def write_key(folder: Path, role: str, signer: CryptoSigner) -> Path:
    """``<role>-<begin of the key id>.pem``, mode 0600, in a folder of mode 0700 (one that exists keeps its mode)."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o700)
    path = folder / f"{role}-{signer.public_key.keyid[:12]}.pem"
    write_private(path, signer.private_bytes, replace=False)
    return path


def read_keys(folders: Iterable[Path], pem: str | None = None, *, root_folders: Iterable[Path] = ()) -> KeyRing:
    """Every key of the folders, and of the PEM blocks of ``pem``. Raises :class:`SettingsError` for a file that holds no
    key, or that others may read: but for those of ``root_folders``, since a stick's file system may know no modes (FAT,
    exFAT), these are named in ``open``."""
    signers: dict[str, CryptoSigner] = {}
    places: dict[str, str] = {}
    for number, block in enumerate(_BLOCK.findall(pem or ""), 1):
        signer = _signer(block.encode(), f"{FROM_ENVIRONMENT} ({number})")
        signers[signer.public_key.keyid], places[signer.public_key.keyid] = signer, FROM_ENVIRONMENT
    if pem and not signers:
        raise SettingsError(
            f"در {FROM_ENVIRONMENT} کلید خصوصی PEM (PKCS 8) پیدا نشد.",
            f"{FROM_ENVIRONMENT} holds no PEM private key (PKCS 8).",
        )
    open_ones: list[str] = []
    own = list(folders)
    for folder in (*own, *(f for f in root_folders if f not in own)):
        for path in sorted(folder.glob("*.pem")):
            signer, is_open = _from_file(path)
            if is_open and folder in own:
                raise _too_open(path)
            open_ones += [str(path)] if is_open else []
            signers[signer.public_key.keyid], places[signer.public_key.keyid] = signer, str(path)
    return KeyRing(signers, places, tuple(open_ones))


def _from_file(path: Path) -> tuple[CryptoSigner, bool]:
    """The key, and whether others may read the file."""
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"کلید {path} خوانده نمی‌شود: {error.strerror}.", f"The key {path} can't be read: {error.strerror}."
        ) from None
    return _signer(content, str(path)), bool(mode & (stat.S_IRWXG | stat.S_IRWXO))


def _too_open(path: Path) -> SettingsError:
    mode = f"{stat.S_IMODE(path.stat().st_mode):o}"
    return SettingsError(
        f"کلید {path} برای دیگران باز است (حالت {mode})؛ «chmod 600 {path}» را اجرا کنید، و اگر کسی آن را "
        "دیده باشد «maxa keys rotate» را.",
        f"The key {path} is open to others (mode {mode}): run `chmod 600 {path}`, and if anyone may "
        "have seen it, `maxa keys rotate`.",
    )


def _signer(pem: bytes, place: str) -> CryptoSigner:
    try:
        private = load_pem_private_key(pem, None)
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("not Ed25519")
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(
            f"{place} کلید خصوصی Ed25519 به شکل PEM (PKCS 8، بی‌رمز) نیست.",
            f"{place} is no Ed25519 private key in PEM form (PKCS 8, without a password).",
        ) from None
    return CryptoSigner(private)


def public(signers: Iterable[CryptoSigner]) -> list[Key]:
    return [s.public_key for s in signers]
