"""The systemd units of a mirror, as systemd itself reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from maxa.settings import PROJECT, read_settings

UNITS = ("maxa-mirror.service", "maxa-mirror-sync.service", "maxa-mirror-sync.timer")
DEPLOY = PROJECT / "deploy"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with programs that exist on this machine in the place of those in /opt/maxa."""
    for name in UNITS:
        text = (DEPLOY / name).read_text()
        text = re.sub(r"/opt/maxa/\.venv/bin/(python|maxa)", sys.executable, text)
        text = text.replace("/etc/maxa-mirror.env", str(DEPLOY / "maxa-mirror.env"))
        (tmp_path / name).write_text(text.replace("WorkingDirectory=/opt/maxa", f"WorkingDirectory={PROJECT}"))
    return tmp_path


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(units / name for name in UNITS)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "maxa" in line]
    assert (done.returncode, complaints) == (0, [])


@needs_systemd
@pytest.mark.parametrize("name", ["maxa-mirror.service", "maxa-mirror-sync.service"])
def test_a_unit_exposes_little(units: Path, name: str) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=30", units / name], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-400:]


def test_the_environment_file_is_a_mirrors() -> None:
    lines = [x for x in (DEPLOY / "maxa-mirror.env").read_text().splitlines() if x and not x.startswith("#")]
    settings = read_settings(dict(line.split("=", 1) for line in lines))
    assert (settings.role, settings.access) == ("mirror", "token")
    assert settings.database_url is None
