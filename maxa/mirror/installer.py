"""Installs, or upgrades, a MAXA mirror from a kit. It is the kit's ``__main__.py``: ``python3 maxa-mirror-kit.zip``.

It must run on a machine with Python and nothing else, so it imports the standard library alone, and reads as far as the
check of the version with any Python 3. Nothing is fetched from anywhere. A new version gets a folder of its own; the old
one is switched away from at the end, and kept.
"""

import argparse
import json
import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import typing
import venv
import zipfile

REFUSED = 3  # exit code of `maxa mirror import`
OLDER = ("rollback", "expired")  # kinds of refusal by which the mirror is merely ahead of the kit


def main() -> None:
    options = _options()
    kit = os.path.dirname(os.path.abspath(__file__))
    if not zipfile.is_zipfile(kit):
        _stop(
            "این برنامه را از خود بستهٔ نصب اجرا کنید: python3 maxa-mirror-kit.zip",
            "Run this from the kit itself: python3 maxa-mirror-kit.zip",
        )
    with zipfile.ZipFile(kit) as archive:
        about = json.loads(archive.read("kit.json"))
        _check_machine(about)
        with tempfile.TemporaryDirectory(prefix="maxa-kit-") as unpacked:
            _unpack(archive, unpacked)
            _install(options, about, unpacked)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 maxa-mirror-kit.zip", description="Install or upgrade a MAXA mirror; no network is needed."
    )
    root = os.geteuid() == 0
    base = "/opt/maxa" if root else os.path.expanduser("~/maxa")
    parser.add_argument("--prefix", default=base, help="where the programs go (default: %(default)s)")
    parser.add_argument(
        "--home", default="/var/lib/maxa" if root else os.path.join(base, "var"),
        help="where the data lie (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--user", default="maxa", help="system user of the mirror, when root installs (default: maxa)")
    parser.add_argument("--url", help="address of the shelf to sync from, where there is a network")
    parser.add_argument("--no-systemd", action="store_true", help="leave systemd alone")
    return parser.parse_args()


def _say(persian: str, english: str) -> None:
    print(persian if os.environ.get("MAXA_LANG", os.environ.get("LANG", "")).startswith("fa") else english, flush=True)


def _stop(persian: str, english: str) -> typing.NoReturn:
    sys.stderr.write(persian + "\n" + english + "\n")
    sys.exit(1)


def _check_machine(about: dict) -> None:
    here = "%d.%d" % sys.version_info[:2]
    if here not in about["pythons"]:
        wanted = ", ".join(about["pythons"])
        _stop(
            "این بسته برای Python %s ساخته شده و این دستگاه Python %s دارد. آن نسخه را با نامش اجرا کنید (مانند python%s)، یا در "
            "مرکز بسته‌ای برای این نسخه بسازید (--wheels)." % (wanted, here, about["pythons"][0]),
            "This kit is for Python %s, and this is Python %s. Run that version by its name (such as python%s), or have a "
            "kit made for this one (--wheels)." % (wanted, here, about["pythons"][0]),
        )
    if platform.system() != "Linux" or platform.machine() != about["machine"]:
        _stop(
            "این بسته برای Linux روی %s است؛ این دستگاه %s روی %s است."
            % (about["machine"], platform.system(), platform.machine()),
            "This kit is for Linux on %s; this is %s on %s."
            % (about["machine"], platform.system(), platform.machine()),
        )


def _unpack(archive: zipfile.ZipFile, folder: str) -> None:
    for info in archive.infolist():
        name = info.filename
        if (
            name.startswith("/")
            or ".." in name.split("/")
            or (info.external_attr >> 16) & 0o170000 not in (0, 0o100000)
        ):
            _stop("بسته خراب است: %r" % name, "The kit is damaged: %r" % name)
    archive.extractall(folder)
    if archive.testzip() is not None:
        _stop("بسته خراب است؛ دوباره رونوشت بگیرید.", "The kit is damaged: copy it again.")


def _install(options: argparse.Namespace, about: dict, unpacked: str) -> None:
    prefix, home = os.path.abspath(options.prefix), os.path.abspath(options.home)
    root = os.geteuid() == 0
    account = _account(options.user) if root else None
    _say(
        "نصب MAXA %s در %s …" % (about["version"], prefix), "Installing MAXA %s in %s ..." % (about["version"], prefix)
    )
    os.makedirs(os.path.join(prefix, "venvs"), exist_ok=True)
    made = _make_venv(prefix, about, unpacked)
    _check_account(made, account)
    _check_address(made, options.url)
    for name in os.listdir(os.path.join(unpacked, "files")):
        _copy(os.path.join(unpacked, "files", name), os.path.join(prefix, name))
    _copy(os.path.join(unpacked, "units"), os.path.join(prefix, "deploy"))  # a mirror makes kits, too
    before = os.path.realpath(os.path.join(prefix, ".venv"))
    _switch(made, os.path.join(prefix, ".venv"))
    _forget_older(os.path.join(prefix, "venvs"), keep=(made, before))
    _make_home(home, account)
    _fill(options, prefix, home, unpacked, account)
    systemd = account is not None and not options.no_systemd and os.path.isdir("/run/systemd/system")
    if account is not None and systemd:
        _start_units(prefix, home, account, unpacked)
    _tell_how(prefix, home, systemd)


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        subprocess.check_call(
            ["useradd", "--system", "--user-group", "--home-dir", "/var/lib/maxa", "--shell", "/usr/sbin/nologin", name]
        )
        return pwd.getpwnam(name)


def _make_venv(prefix: str, about: dict, unpacked: str) -> str:
    made = os.path.join(prefix, "venvs", "%s-%d" % (about["version"], time.time()))
    wheels = os.path.join(unpacked, "wheels")
    try:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(made)
        python = os.path.join(made, "bin", "python")
        pip = next(os.path.join(wheels, n) for n in os.listdir(wheels) if n.startswith("pip-"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
        environment.update(PIP_CONFIG_FILE=os.devnull, PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
        command = [
            python, os.path.join(pip, "pip"), "install", "--quiet", "--no-index", "--no-cache-dir", "--no-deps",
            "--root-user-action=ignore", "--find-links", wheels, "--requirement",
            os.path.join(unpacked, "requirements.txt"),
        ]  # fmt: skip
        subprocess.check_call(command, env=environment, cwd=unpacked)
        subprocess.check_call([python, "-c", "import maxa.app, maxa.cli.mirroring"], env=environment, cwd=unpacked)
    except (subprocess.CalledProcessError, OSError, StopIteration) as error:
        shutil.rmtree(made, ignore_errors=True)
        _stop(
            "نصب نشد (%s). نسخهٔ پیشین، اگر بود، دست‌نخورده است؛ سطرهای بالا علت را می‌گویند." % error,
            "It was not installed (%s). The version before, if any, is untouched; the lines above say why." % error,
        )
    return made


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # of a container, say
        return str(os.geteuid())


def _check_account(made: str, account: typing.Optional[pwd.struct_passwd]) -> None:
    """The account must be able to run what was installed: a Python below /root, say, is closed to it."""
    python = os.path.join(made, "bin", "python")
    try:
        subprocess.check_call([python, "-c", "import maxa"], cwd="/", preexec_fn=_dropping(account))
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(made, ignore_errors=True)
        name, real = account.pw_name if account else _own_name(), os.path.realpath(python)
        _stop(
            "کاربر «%s» نمی‌تواند %s را اجرا کند (%s). با پایتونی نصب کنید که برای همه باز است، مانند ‎/usr/bin/python3‎، در پوشه‌ای "
            "که آن کاربر به آن راه دارد." % (name, real, error),
            "The user %s can't run %s (%s). Install with a Python that is open to all, such as /usr/bin/python3, into a "
            "folder that this user can enter." % (name, real, error),
        )


_LOOK_AT_ADDRESS = """
import sys
from maxa.errors import MaxaError
from maxa.mirror.http_source import shelf_url
try:
    shelf_url(sys.argv[1])
except MaxaError as error:
    sys.exit(error.detail_fa + chr(10) + error.detail_en)
"""


def _check_address(made: str, url: typing.Optional[str]) -> None:
    """Before anything is switched: an address that is none must not leave an upgrade half way."""
    if url and subprocess.call([os.path.join(made, "bin", "python"), "-c", _LOOK_AT_ADDRESS, url], cwd="/") != 0:
        shutil.rmtree(made, ignore_errors=True)
        _stop(
            "نشانی پذیرفته نشد (بالا). نسخهٔ پیشین، اگر بود، دست‌نخورده است.",
            "The address was not taken (see above). The version before, if any, is untouched.",
        )


def _dropping(account: typing.Optional[pwd.struct_passwd]) -> typing.Callable[[], None]:
    def drop() -> None:
        if account is not None:
            os.setgroups([account.pw_gid])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)

    return drop


def _switch(made: str, link: str) -> None:
    beside = link + ".new"
    if os.path.lexists(beside):
        os.remove(beside)
    os.symlink(os.path.relpath(made, os.path.dirname(link)), beside)
    os.replace(beside, link)


def _forget_older(folder: str, keep: tuple) -> None:
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.realpath(path) not in [os.path.realpath(k) for k in keep]:
            shutil.rmtree(path, ignore_errors=True)


def _copy(source: str, target: str) -> None:
    beside = target + ".new"
    if os.path.isdir(source):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, beside)
        os.replace(beside, target)


def _make_home(home: str, account: typing.Optional[pwd.struct_passwd]) -> None:
    if not os.path.isdir(home):
        os.makedirs(home)
        os.chmod(home, 0o750)
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)


def _maxa(prefix: str, home: str, account: typing.Optional[pwd.struct_passwd], *words: str) -> int:
    """Run ``maxa`` as the mirror's own user; returns its exit code."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAXA_", "PYTHON")) or k == "MAXA_LANG"}
    environment.update(MAXA_ROLE="mirror", MAXA_HOME=home, HOME=home)
    command = [os.path.join(prefix, ".venv", "bin", "maxa"), *words]
    return subprocess.call(command, env=environment, cwd=prefix, preexec_fn=_dropping(account))


def _fill(
    options: argparse.Namespace, prefix: str, home: str, unpacked: str, account: typing.Optional[pwd.struct_passwd]
) -> None:
    with tempfile.TemporaryDirectory(prefix="maxa-shelf-") as handed:  # readable for the mirror's user
        for name in ("root.json", "shelf.zip"):
            if os.path.exists(os.path.join(unpacked, name)):
                shutil.move(os.path.join(unpacked, name), os.path.join(handed, name))
        if account is not None:
            for name in [handed, *(os.path.join(handed, n) for n in os.listdir(handed))]:
                os.chown(name, account.pw_uid, account.pw_gid)
        # Where a root is trusted the mirror walks on from it by itself, however often the centre's was rotated since.
        if not os.path.exists(os.path.join(home, "mirror", "root.json")):
            root = os.path.join(handed, "root.json")
            if _maxa(prefix, home, account, "mirror", "init", "--root", root) != 0:
                _stop("ریشه پذیرفته نشد.", "The root was not taken.")
        if os.path.exists(os.path.join(handed, "shelf.zip")):
            _import(prefix, home, os.path.join(handed, "shelf.zip"), account)
        # Last: a kit of another centre, whose codes are refused, must not leave its address here. (One without codes is
        # taken at its word; the mirror goes on trusting its own root.)
        if options.url and _maxa(prefix, home, account, "mirror", "init", options.url) != 0:
            _stop("نشانی پذیرفته نشد.", "The address was not taken.")


def _import(prefix: str, home: str, archive: str, account: typing.Optional[pwd.struct_passwd]) -> None:
    before = _last_attempt(home)
    code = _maxa(prefix, home, account, "mirror", "import", archive)
    last = _last_attempt(home)
    kind = (last.get("problem") or {}).get("kind") if last != before else None  # else it is of an attempt before
    if code == REFUSED and kind in OLDER:
        _say(
            "کدهای همراه بسته برداشته نشد (بالا)؛ آنچه آینه دارد به جای خود است.",
            "The codes in the kit were not taken (see above); what the mirror has stays.",
        )
    elif code != 0:
        _stop("کدهای همراه بسته پذیرفته نشد.", "The codes in the kit could not be taken.")


def _last_attempt(home: str) -> dict:
    try:
        with open(os.path.join(home, "mirror", "last.json"), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _start_units(prefix: str, home: str, account: pwd.struct_passwd, unpacked: str, etc: str = "/etc") -> None:
    units, user = os.path.join(unpacked, "units"), account.pw_name
    for name in sorted(os.listdir(units)):
        with open(os.path.join(units, name), encoding="utf-8") as file:
            text = file.read().replace("/opt/maxa", prefix).replace("/var/lib/maxa", home)
        text = text.replace("User=maxa", "User=" + user).replace("Group=maxa", "Group=" + user)
        if not name.endswith(".env"):
            _write(os.path.join(etc, "systemd/system", name), text, 0o644)
        elif not os.path.exists(os.path.join(etc, name)):  # else it is the operator's own
            _write(os.path.join(etc, name), text, 0o640, account.pw_gid)  # a proxy's password may be put into it
    _systemctl("daemon-reload")
    running = ["maxa-mirror.service"]
    if _has_address(home):
        running.append("maxa-mirror-sync.timer")
    else:  # each sync would fail, and the unit with it
        _systemctl("disable", "--quiet", "--now", "maxa-mirror-sync.timer")
    _systemctl("enable", "--quiet", *running)
    _systemctl("restart", *running)


def _systemctl(*words: str) -> None:
    subprocess.check_call(["systemctl", *words])


def _has_address(home: str) -> bool:
    """Whether the mirror knows where to sync from; else it is filled by archives alone."""
    try:
        with open(os.path.join(home, "mirror", "config.json"), encoding="utf-8") as file:
            return bool(json.load(file).get("url"))
    except (OSError, AttributeError, ValueError):
        return False


def _write(target: str, text: str, mode: int, group: int = 0) -> None:
    beside = target + ".new"
    if os.path.lexists(beside):
        os.remove(beside)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), 0, group)
        os.fchmod(file.fileno(), mode)
    os.replace(beside, target)


def _tell_how(prefix: str, home: str, systemd: bool) -> None:
    settings = "MAXA_ROLE=mirror MAXA_HOME=%s" % home
    _say("\nآماده است.", "\nIt is ready.")
    if systemd:
        _say(
            "سرویس «maxa-mirror» در کار است؛ تنظیم‌ها در ‎/etc/maxa-mirror.env‎ است.",
            "The service maxa-mirror runs; its settings are in /etc/maxa-mirror.env.",
        )
        if not _has_address(home):
            _say(
                "این آینه نشانی ندارد: با «maxa mirror import FILE» پر می‌شود. اگر روزی شبکه داشت: «maxa mirror init نشانی»، سپس "
                "«systemctl enable --now maxa-mirror-sync.timer».",
                "This mirror has no address: it is filled by `maxa mirror import FILE`. Should it get a network: `maxa mirror "
                "init URL`, then `systemctl enable --now maxa-mirror-sync.timer`.",
            )
    else:
        _say("برای اجرا:", "To run it:")
        print("  cd %s && %s .venv/bin/python -m gunicorn -c gunicorn.conf.py wsgi:app" % (prefix, settings))
    _say("برای هر برنامهٔ بیمارستان یک بار:", "Once for each program of the hospital:")
    print("  %s %s/.venv/bin/maxa client add NAME" % (settings, prefix))


if __name__ == "__main__":
    main()
