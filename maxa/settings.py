"""Every setting, read once from the environment, typed; a wrong one stops start-up and says how to mend it.

All names begin with ``MAXA_``; docs/settings.md lists them (a test holds the two together). There are no default
secrets: what must be secret is made at first use in a file of mode 0600 below ``MAXA_HOME``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from environs import Env, EnvError, validate

from maxa.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent
ROLES = ("centre", "mirror")
ACCESS = ("open", "token")


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration of one process. Times are seconds, sizes are bytes."""

    role: str  # MAXA_ROLE: "centre" (registry, readers) or "mirror" (readers only)
    home: Path  # MAXA_HOME: everything this server keeps, unless a narrower setting moves it
    shelf: Path  # MAXA_SHELF: sealed releases and the catalogue
    database_url: str | None  # MAXA_DATABASE_URL: postgresql://…; none starts the embedded server
    access: str  # MAXA_ACCESS: "open" (loopback demo, closed LAN) or "token"
    clients_file: Path  # MAXA_CLIENTS_FILE: API clients as readers see them, secrets hashed
    token_key_file: Path  # MAXA_TOKEN_KEY_FILE: key that signs access tokens, made at first use, mode 0600
    token_seconds: int  # MAXA_TOKEN_SECONDS: life of an access token
    refresh_seconds: int  # MAXA_REFRESH_SECONDS: life of a refresh token
    keys: Path  # MAXA_KEYS: folder of the online keys that sign the shelf, each mode 0600 (centre)
    root_keys: Path  # MAXA_ROOT_KEYS: folder of the root's keys; a stick that is in place for ceremonies only
    keys_pem: str | None  # MAXA_KEYS_PEM: online keys from the environment instead, PEM
    metadata_days: int  # MAXA_METADATA_DAYS: how long a mirror may be without contact before its shelf expires
    root_days: int  # MAXA_ROOT_DAYS: life of the root metadata
    share_shelf: bool  # MAXA_SHARE_SHELF: serve /shelf/ to mirrors
    one_person: bool  # MAXA_ONE_PERSON: importer may approve their own submission
    host: str  # MAXA_HOST
    port: int  # MAXA_PORT
    web_workers: int  # MAXA_WEB_WORKERS: gunicorn processes
    web_threads: int  # MAXA_WEB_THREADS: threads a process
    log_level: str  # MAXA_LOG_LEVEL
    log_format: str  # MAXA_LOG_FORMAT: "json" or "console"
    max_body: int  # MAXA_MAX_BODY: largest request body
    max_workbook: int  # MAXA_MAX_WORKBOOK: largest workbook file
    max_upload: int  # MAXA_MAX_UPLOAD: largest upload at the desk, all its files together
    import_memory: int  # MAXA_IMPORT_MEMORY: address-space limit of the child that parses a workbook
    import_seconds: int  # MAXA_IMPORT_SECONDS: time limit of that child

    def __repr__(self) -> str:
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("keys_pem", "database_url")}
        return f"Settings({shown})"

    @property
    def mirror(self) -> Path:
        """What a mirror keeps for itself: the root it trusts, tuf's cache, its configuration, the last attempt."""
        return self.home / "mirror"

    @property
    def requests(self) -> Path:
        """Requests for codes as they were received, and how each stands (docs/requests.md)."""
        return self.home / "requests"

    @property
    def usage(self) -> Path:
        """What readers counted, until the worker has carried it over (docs/usage.md)."""
        return self.home / "usage"

    @property
    def postgres_home(self) -> Path:
        return self.home / "postgres"

    @property
    def work(self) -> Path:
        """Scratch space for imports and seals; safe to delete when nothing runs."""
        return self.home / "work"


def _default_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/maxa")
    if (PROJECT / "pyproject.toml").exists():
        return PROJECT / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "maxa"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read ``MAXA_*`` from ``environ`` (default: the process's). Raises :class:`SettingsError` naming the variable."""
    env = _EnvOf(environ) if environ is not None else Env(prefix="MAXA_")
    try:
        home = Path(env.str("HOME", "") or _default_home()).expanduser().absolute()
        settings = Settings(
            role=env.str("ROLE", "centre", validate=validate.OneOf(ROLES)),
            home=home,
            shelf=Path(env.str("SHELF", "") or home / "shelf").expanduser().absolute(),
            database_url=env.str("DATABASE_URL", "") or None,
            access=env.str("ACCESS", "token", validate=validate.OneOf(ACCESS)),
            clients_file=Path(env.str("CLIENTS_FILE", "") or home / "clients.json").expanduser().absolute(),
            token_key_file=Path(env.str("TOKEN_KEY_FILE", "") or home / "token.key").expanduser().absolute(),
            token_seconds=env.int("TOKEN_SECONDS", 763, validate=validate.Range(min=30, max=86_400)),
            refresh_seconds=env.int("REFRESH_SECONDS", 86_400, validate=validate.Range(min=60, max=31 * 86_400)),
            keys=Path(env.str("KEYS", "") or home / "keys").expanduser().absolute(),
            root_keys=Path(env.str("ROOT_KEYS", "") or home / "root-keys").expanduser().absolute(),
            keys_pem=env.str("KEYS_PEM", "") or None,
            metadata_days=env.int("METADATA_DAYS", 92, validate=validate.Range(min=1, max=3_660)),
            root_days=env.int("ROOT_DAYS", 1_096, validate=validate.Range(min=30, max=7_320)),
            share_shelf=env.bool("SHARE_SHELF", True),
            one_person=env.bool("ONE_PERSON", False),
            host=env.str("HOST", "127.0.0.1"),
            port=env.int("PORT", 8000, validate=validate.Range(min=1, max=65_535)),
            web_workers=env.int("WEB_WORKERS", 2, validate=validate.Range(min=1, max=256)),
            web_threads=env.int("WEB_THREADS", 4, validate=validate.Range(min=1, max=256)),
            log_level=env.str("LOG_LEVEL", "info", validate=validate.OneOf(("debug", "info", "warning", "error"))),
            log_format=env.str("LOG_FORMAT", "json", validate=validate.OneOf(("json", "console"))),
            max_body=env.int("MAX_BODY", 8 << 20, validate=validate.Range(min=1 << 10)),
            max_workbook=env.int("MAX_WORKBOOK", 200 << 20, validate=validate.Range(min=1 << 10)),
            max_upload=env.int("MAX_UPLOAD", 1 << 30, validate=validate.Range(min=1 << 10)),
            import_memory=env.int("IMPORT_MEMORY", 1 << 30, validate=validate.Range(min=128 << 20)),
            import_seconds=env.int("IMPORT_SECONDS", 300, validate=validate.Range(min=5)),
        )
    except EnvError as error:
        text = str(error).rstrip(".")
        raise SettingsError(
            f"تنظیم نادرست است: {text}. مقدار آن را در محیط درست کنید (docs/settings.md).",
            f"A setting is wrong: {text}. Mend it in the environment (docs/settings.md lists them all).",
        ) from None
    url = settings.database_url
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            "MAXA_DATABASE_URL باید با postgresql:// آغاز شود.",
            "MAXA_DATABASE_URL must begin with postgresql:// (for example postgresql://maxa@localhost/maxa).",
        )
    return settings


class _EnvOf(Env):
    """environs over a given mapping, so that tests need not touch the process's environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(prefix="MAXA_")
        self._environ = dict(environ)

    def _get_value(self, env_key: str, default: Any) -> Any:  # environs asks os.environ here
        return self._environ.get(env_key, default)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()
