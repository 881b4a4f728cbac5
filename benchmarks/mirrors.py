"""Mirrors: a first sync against ``cp`` and sha256 of the same files, what nothing new and a small change cost, how soon a
mirror answers, and fifty mirrors at once beside those who ask for codes.

``python -m benchmarks.mirrors --child HOME URL`` is one sync in a process of its own; it prints a line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.big_shelves import BENCH, big_shelf, irc_code, twenty
from benchmarks.serving import PROJECT, Server, private_memory, serving, worker_of, workers_of

ROUNDS = 5
MIRRORS = 50
_QUESTION = f"/gwmaksa/ValidateCts?Terminology_id=IRC&Coded_string={irc_code(7)}"


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
        return
    for row in measure(set(sys.argv[1:])):
        print(" | ".join(row), flush=True)


def half_a_million() -> dict[str, int]:
    """Twenty terminologies of 500,000 concepts together."""
    sizes = twenty()
    scale = 500_000 / sum(sizes.values())
    return {name: int(size * scale) for name, size in sizes.items()}


def child(home: str, url: str) -> None:
    """One sync, timed without Python's own start; then the same again, with nothing new."""
    from maxa.mirror.http_source import HttpSource
    from maxa.mirror.places import Places
    from maxa.mirror.sync import sync

    places = Places(Path(home) / "mirror", Path(home) / "shelf")
    source = HttpSource(url)
    began = time.perf_counter()
    done = sync(places, source)
    seconds = time.perf_counter() - began
    print(
        json.dumps({
            "seconds": seconds, "requests": source.requests, "bytes": source.received, "files": len(done.fetched),
            "peak_mb": peak_memory(), "serial": done.serial,
        })
    )  # fmt: skip


def peak_memory() -> float:
    """MB at the most. (getrusage would tell our parent's, as it was when it forked.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1024


def signed(shelf: Path) -> Path:
    """The shelf with signatures, made once. Returns its root."""
    from maxa.shelf.key_ceremony import make_keys
    from maxa.shelf.keys import read_keys
    from maxa.shelf.trust import current_root, sign_shelf

    keys = shelf.with_name(shelf.name + "-keys")
    if current_root(shelf) is None:
        make_keys(shelf, keys=keys, root_keys=keys / "root")
    else:
        sign_shelf(shelf, read_keys([keys]))
    return shelf / "metadata" / "1.root.json"


@contextmanager
def mirror_home(root: Path, place: Path = BENCH) -> Iterator[Path]:
    from maxa.mirror.keep import set_up
    from maxa.mirror.places import Places

    with tempfile.TemporaryDirectory(prefix="mirror-", dir=place) as home:
        set_up(Places(Path(home) / "mirror", Path(home) / "shelf"), root.read_bytes(), None)
        yield Path(home)


def start(home: Path, url: str, *, gently: bool = False) -> subprocess.Popen[str]:
    """A sync. ``gently``: it stands for another machine, and must not take this one's processors from the server."""
    command = [sys.executable, "-m", "benchmarks.mirrors", "--child", str(home), url]
    return subprocess.Popen(
        (["chrt", "--idle", "0", *command] if gently else command), cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )


def result(process: subprocess.Popen[str]) -> dict[str, float]:
    told, _ = process.communicate(timeout=600)
    if process.returncode != 0:
        raise RuntimeError("a sync failed")
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def copied(shelf: Path) -> float:
    """Seconds to copy, fsync and hash every file that a mirror fetches."""
    from maxa.shelf.catalogue import load_catalogue

    catalogue = load_catalogue((shelf / "catalogue.json").read_bytes())
    names = [e.file for t in catalogue.terminologies for e in t.editions] + [catalogue.code_index.file]  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory(prefix="copy-", dir=BENCH) as folder:
        began = time.perf_counter()
        for name in [*names, "catalogue.json"]:
            target = Path(folder) / name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(shelf / name, target)
            with target.open("rb") as file:
                os.fsync(file.fileno())
                hashlib.file_digest(file, "sha256").hexdigest()
        return time.perf_counter() - began


def measure(chosen: set[str]) -> Iterator[tuple[str, str, str]]:
    """Rows of (what, target, measured). ``chosen``: some of sync, change, start, fifty; none for all."""
    shelf = big_shelf(half_a_million(), name="half-a-million")
    root = signed(shelf)
    if not chosen or "sync" in chosen:
        with serving("wsgi:app", ready="/healthz", shelf=str(shelf), access="open", web_threads="4") as server:
            url = f"http://{server.host}:{server.port}/shelf/"
            yield from first_sync(shelf, root, url)
            yield from nothing_new(root, url)
    if not chosen or "change" in chosen:
        yield from small_change(shelf)
    if not chosen or "start" in chosen:
        yield from start_of_a_mirror()
    if not chosen or "fifty" in chosen:
        yield from fifty_at_once()


def first_sync(shelf: Path, root: Path, url: str) -> Iterator[tuple[str, str, str]]:
    ratios, seconds, peaks = [], [], []
    for _ in range(ROUNDS):
        base = copied(shelf)
        with mirror_home(root) as home:
            found = result(start(home, url))
        ratios.append(found["seconds"] / base)
        seconds.append(found["seconds"])
        peaks.append(found["peak_mb"])
    yield (
        "first sync of 500,000 concepts in 20 terminologies, against cp + fsync + sha256 of the same files", "≤ 2.5 ×",
        f"{statistics.median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f}; {statistics.median(seconds):.2f} s)",
    )  # fmt: skip
    yield "peak memory of that sync", "≤ 80 MB", f"{max(peaks):.0f} MB"


def nothing_new(root: Path, url: str) -> Iterator[tuple[str, str, str]]:
    from maxa.mirror.http_source import HttpSource
    from maxa.mirror.places import Places
    from maxa.mirror.sync import sync

    with mirror_home(root) as home:
        result(start(home, url))
        places = Places(home / "mirror", home / "shelf")
        times = []
        for _ in range(20):
            source = HttpSource(url)
            began = time.perf_counter()
            sync(places, source)
            times.append(time.perf_counter() - began)
            requests, received = source.requests, source.received
            source.close()
    yield "nothing new: requests, bytes of bodies", "2, ≤ 2,000", f"{requests}, {received:,}"
    yield "nothing new: time", "≤ 50 ms", f"{statistics.median(times) * 1000:.0f} ms"


def small_change(big: Path) -> Iterator[tuple[str, str, str]]:
    """One terminology of 5,000 concepts gets an edition; everything else stays."""
    from dataclasses import replace

    from maxa.shelf.catalogue import Catalogue, load_catalogue, write_catalogue
    from maxa.shelf.code_index import write_code_index

    with tempfile.TemporaryDirectory(prefix="centre-", dir=BENCH) as folder:
        shelf = Path(folder) / "shelf"
        shutil.copytree(
            big, shelf, symlinks=True, copy_function=os.link, ignore=shutil.ignore_patterns("metadata", "targets")
        )
        catalogue = load_catalogue((shelf / "catalogue.json").read_bytes())
        root = signed(shelf)
        entry = min(catalogue.terminologies, key=lambda t: t.current.size)
        name = entry.current.file.replace("1404-10-11", "1404-10-12")
        with (
            serving("wsgi:app", ready="/healthz", shelf=str(shelf), access="open") as server,
            mirror_home(root) as home,
        ):
            url = f"http://{server.host}:{server.port}/shelf/"
            result(start(home, url))
            content = remade(shelf / entry.current.file, shelf / name)
            edition = replace(
                entry.current, version="1404-10-12", ordinal=2, file=name, size=len(content),
                sha256=hashlib.sha256(content).hexdigest(), serial=catalogue.serial + 1,
            )  # fmt: skip
            entries = tuple(
                replace(t, editions=(*t.editions, edition)) if t.id == entry.id else t for t in catalogue.terminologies
            )
            grown = Catalogue(catalogue.serial + 1, catalogue.published_at, entries)
            index = write_code_index(shelf, grown, catalogue.code_index)
            (shelf / "catalogue.json").unlink()  # it is linked
            write_catalogue(shelf, replace(grown, code_index=index))
            signed(shelf)
            found = result(start(home, url))
    rest = found["bytes"] - len(content)
    yield (
        "one small terminology changed among 20: files, bytes", "that file and metadata only",
        f"{found['files']:.0f} file of {len(content):,} B, {rest:,.0f} B of metadata, {found['seconds']:.2f} s",
    )  # fmt: skip


def remade(old: Path, new: Path) -> bytes:
    """The same rows as another edition: only the manifest differs."""
    import sqlite3

    shutil.copyfile(old, new)
    connection = sqlite3.connect(new)
    connection.execute("UPDATE manifest SET value = '\"1404-10-12\"' WHERE key = 'version'")
    connection.execute("UPDATE manifest SET value = '2' WHERE key = 'ordinal'")
    connection.commit()
    connection.close()
    return new.read_bytes()


def start_of_a_mirror() -> Iterator[tuple[str, str, str]]:
    shelf = big_shelf({"IRC": 1_000_000}, name="million")
    signed(shelf)
    path = f"/gwmaksa/Terminology?Terminology=IRC&Code={irc_code(7)}"
    with serving("wsgi:app", ready=path, shelf=str(shelf), access="open", role="mirror") as server:
        started = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            server.restart_worker()
            server.get(path)
            started.append(time.perf_counter() - began)
        memory = private_memory(worker_of(server))
    yield "mirror's worker start to first answer, 1,000,000 concepts", "≤ 1 s", f"{statistics.median(started):.2f} s"
    yield "private memory of that worker", "≤ 80 MB", f"{memory:.0f} MB"


def fifty_at_once() -> Iterator[tuple[str, str, str]]:
    """The mirrors stand for fifty other machines: they get a processor of their own, at the lowest priority, and write
    into memory: they must take neither the server's processor nor, by fsync, the disk that it logs to."""
    shelf = big_shelf({name: size // 5 for name, size in half_a_million().items()}, name="hundred-thousand")
    root = signed(shelf)
    with serving(
        "wsgi:app", ready=_QUESTION, shelf=str(shelf), access="open", web_workers="2", web_threads="4"
    ) as server:
        one, *others = sorted(os.sched_getaffinity(0))
        for pid in (os.getpid(), server.pid, *workers_of(server)):
            pin(pid, {one})
        idle = times_of(server, seconds=10.0)
        url = f"http://{server.host}:{server.port}/shelf/"
        with homes(root, MIRRORS) as places:
            began = time.perf_counter()
            pin(os.getpid(), set(others) or {one})
            syncs = [start(home, url, gently=True) for home in places]
            pin(os.getpid(), {one})
            busy = times_while(server, syncs)
            found = [result(s) for s in syncs]
            seconds = time.perf_counter() - began
    arrived = sum(f["serial"] == 20 for f in found)
    quiet, loaded = percentile(idle, 0.99), percentile(busy, 0.99)
    yield f"{MIRRORS} mirrors at once: arrived", f"{MIRRORS}", f"{arrived} in {seconds:.0f} s"
    yield (
        "ValidateCts p99 meanwhile, against idle", "≤ 3 ×",
        f"{loaded / quiet:.1f} × ({loaded * 1000:.1f} of {quiet * 1000:.1f} ms; {len(busy):,} asked)",
    )  # fmt: skip


def pin(pid: int, processors: set[int]) -> None:
    """All threads of a process, and what it starts from now on."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), processors)


@contextmanager
def homes(root: Path, count: int) -> Iterator[list[Path]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield [stack.enter_context(mirror_home(root, Path("/dev/shm"))) for _ in range(count)]


def times_of(server: Server, seconds: float) -> list[float]:
    """Seconds that each of a steady trickle of questions took: 50 a second, from two connections."""
    stop = threading.Event()
    times: list[float] = []
    askers = [threading.Thread(target=ask, args=(server, stop, times)) for _ in range(2)]
    for asker in askers:
        asker.start()
    stop.wait(seconds)
    stop.set()
    for asker in askers:
        asker.join()
    return times


def times_while(server: Server, processes: list[subprocess.Popen[str]]) -> list[float]:
    stop = threading.Event()
    times: list[float] = []
    askers = [threading.Thread(target=ask, args=(server, stop, times)) for _ in range(2)]
    for asker in askers:
        asker.start()
    for process in processes:
        process.wait()
    stop.set()
    for asker in askers:
        asker.join()
    return times


def ask(server: Server, stop: threading.Event, times: list[float]) -> None:
    connection = HTTPConnection(server.host, server.port, timeout=60)
    while not stop.wait(0.04):
        began = time.perf_counter()
        connection.request("GET", _QUESTION)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise RuntimeError(f"ValidateCts answered {reply.status}")
        times.append(time.perf_counter() - began)
    connection.close()


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


if __name__ == "__main__":
    main()
