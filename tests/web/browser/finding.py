"""Find a Chromium: the system's, else Debian's package when we are root, else Playwright's own download."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# the one without windows first: it opens a page in a third of the time
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 600  # seconds that a package manager may take


class NoBrowser(RuntimeError):
    """The tests fail, rather than be passed over in silence."""


def find_browser() -> str | None:
    """Path of a browser, installed now if need be; None stands for Playwright's own. Raises :class:`NoBrowser`."""
    with (Path(tempfile.gettempdir()) / f"maxa-browser-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of a parallel run come at the same time
        found = installed()
        if found is not None:
            return found
        said = [_from_debian(), *([] if (found := installed()) else [_from_playwright()])]
        if found is None and said[-1]:
            raise NoBrowser(
                "No Chromium was found, and none could be installed. Install Debian's package 'chromium', or run "
                "`python -m playwright install chromium`.\n" + "\n".join(filter(None, said))
            )
        return found


def installed() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _from_debian() -> str:
    """What went wrong; empty when all went well."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "apt-get: not root, or no Debian"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    said = _run(["apt-get", "update", "-qq"], environment)
    for package in ("chromium-headless-shell", "chromium"):  # older Debians have the second alone
        if not said or package == "chromium":
            said = _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], environment)
        if not said:
            break
    return said


def _from_playwright() -> str:
    return _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    return f"{' '.join(command)}: {(done.stderr or done.stdout)[-400:]}" if done.returncode else ""
