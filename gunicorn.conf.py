"""gunicorn, with everything that can be set taken from MAXA's settings: ``gunicorn -c gunicorn.conf.py wsgi:app``.

The modules are imported once, before the workers are forked, and the application is made in each worker after it: so
the code is shared in memory and a worker is up quickly, while SQLite connections and threads are never carried over a
fork. (For new code restart, or USR2; HUP renews workers and settings only.)
"""

import gc
import importlib
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from maxa.errors import SettingsError
from maxa.metrics import FOLDER_VARIABLE, share_metrics
from maxa.settings import PROJECT, read_settings

try:
    _settings = read_settings()
except SettingsError as error:
    print(f"{error.detail_fa}\n{error.detail_en}", file=sys.stderr)  # noqa: T201
    sys.exit(error.exit_code)
_memory = Path("/dev/shm")  # noqa: S108 - memory: neither metrics nor heartbeats should wait for a disk
_METRICS = "maxa-metrics-"

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
proc_name = "maxa"
pythonpath = str(PROJECT)  # wsgi.py is found from any folder
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None

timeout = 60  # a worker whose main thread is silent for so long is replaced; long downloads are none of its business
graceful_timeout = 10
keepalive = 15  # longer than clients pause between calls, so that they keep their connection

limit_request_line = 8190  # 1,300 Persian letters in percent form
limit_request_fields = 64
limit_request_field_size = 8190

accesslog = None  # the application writes its own, structured one
errorlog = "-"
loglevel = _settings.log_level
control_socket_disable = True


def on_starting(server):
    """In the master, before the workers: shared metrics, then the imports that they all need."""
    if FOLDER_VARIABLE not in os.environ:
        place = _memory if worker_tmp_dir else _settings.home
        _forget_the_dead(place)
        share_metrics(Path(tempfile.mkdtemp(prefix=f"{_METRICS}{os.getpid()}-", dir=place)))
    importlib.import_module("maxa.app")
    if _settings.role == "centre":
        importlib.import_module("maxa.web.desk")
    gc.collect()
    gc.freeze()  # the collector need not touch, and so copy, what the workers share


def child_exit(server, worker):
    """In the master: a worker's "live" gauges go with it; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead

    with suppress(OSError):
        mark_process_dead(worker.pid)


def on_exit(server):
    folder = Path(os.environ.get(FOLDER_VARIABLE, ""))
    if folder.name.startswith(f"{_METRICS}{os.getpid()}-"):  # ours, not one that the operator named
        shutil.rmtree(folder, ignore_errors=True)


def _forget_the_dead(place):
    """Remove what masters left behind that were killed."""
    for folder in place.glob(f"{_METRICS}*-*"):
        pid = folder.name.removeprefix(_METRICS).split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and folder.stat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)
