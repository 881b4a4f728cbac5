"""Bring ``.venv`` up to the lock files: ``python3 .ci/venv.py run`` (what runs) or ``dev`` (and what tests).

Quick when nothing is to be done: a stamp in the folder names the locks, the place and the Python that it was made of,
and is written last, so that whatever was interrupted is done again. Needs nothing but Python >= 3.11.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
UNFINISHED = VENV / "unfinished"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "run"
    if what not in LOCKS:
        sys.exit(f"usage: venv.py {'|'.join(LOCKS)}")
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, and finds all done
    key = fingerprint()
    enough = LOCKS if what == "run" else ["dev"]
    good = usable()
    if good and any((VENV / f"made-for-{name}-{key}").exists() for name in enough):
        return
    for stamp in VENV.glob("made-for-*"):
        if not stamp.name.endswith(key):
            stamp.unlink()
    if not good:
        create()
    say(f"installing what {LOCKS[what]} names … (once, about a minute)")
    if not install(what, lock):
        say("that did not work; once more in a new virtual environment …")
        create()
        if not install(what, lock):
            sys.exit("make: the packages could not be installed; pip says why above. Is the package index reachable?")
    (VENV / f"made-for-{what}-{key}").touch()


def fingerprint() -> str:
    """Changes with the locks, with what an editable install reads of pyproject.toml, with place and Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    parts = [(ROOT / lock).read_bytes() for lock in LOCKS.values()]
    parts += [repr((project["project"], project["build-system"], project["tool"]["setuptools"])).encode()]
    parts += [os.fsencode(ROOT), repr(sys.version_info[:2]).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def usable() -> bool:
    """The Python in there works (its base may have been removed), is as new as ours and has pip; pip was not cut short,
    which takes a package that it half unpacked for an installed one."""
    if UNFINISHED.exists():
        return False
    ask = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        return subprocess.run([PYTHON, "-c", ask], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def create() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(
            f"make: {sys.executable} can't make virtual environments, because ensurepip is missing.\n"
            f"On Debian and Ubuntu: apt-get install python{version}-venv   (elsewhere: a whole Python {version})"
        )
    say("creating the virtual environment .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], check=False)
    if done.returncode != 0:
        sys.exit(f"make: {sys.executable} -m venv failed.")


def install(what: str, lock: int) -> bool:
    pip = [PYTHON, "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input", "install"]
    locked = [*pip, "--require-hashes", "-r", ROOT / LOCKS[what]]
    ours = [*pip, "--no-deps", "--no-build-isolation", "-e", ROOT]
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    UNFINISHED.touch()
    for step in (locked, ours):  # pip holds our lock, too: if we are killed, the next make waits for it
        if subprocess.run(step, env=environment, pass_fds=[lock], check=False).returncode != 0:
            return False
    UNFINISHED.unlink()
    return True


def say(text: str) -> None:
    sys.stderr.write(f"make: {text}\n")


main()
