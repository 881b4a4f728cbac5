"""docs/access.md is run: its clients file is read, its commands are executed against a server."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from flask import Flask
from werkzeug.serving import make_server

from maxa.access.clients import parse_clients
from maxa.access.guessing import FORGET_AFTER, FREE_FAILURES, LONGEST_WAIT
from maxa.access.token_form import LONGEST_FORM, REQUIRED
from maxa.access.tokens import KeyFile
from maxa.settings import PROJECT
from tests.access.conftest import PASSWORD, PID, SECRET

PAGE = (PROJECT / "docs" / "access.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(30)
    server.server_close()


def run(command: str, port: int, **environ: str) -> dict[str, object]:
    known = {"CLIENT_ID": "hospital-1", "CLIENT_SECRET": SECRET, "PID": PID, "NAME": "reception", "PASSWORD": PASSWORD}
    done = subprocess.run(
        ["sh", "-euc", command.replace("127.0.0.1:8000", f"127.0.0.1:{port}")],
        env={"PATH": os.environ["PATH"], "no_proxy": "*", **known, **environ},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return orjson.loads(done.stdout)


def test_the_clients_file_on_the_page_is_a_valid_one() -> None:
    (client,) = parse_clients(blocks("json")[0].encode())
    assert client.client_id == "noor-his"


def test_the_commands_on_the_page_work_one_after_another(port: int) -> None:
    password, refresh, credentials, call, _ = blocks("sh")
    first = run(password, port)
    shown = orjson.loads(blocks("json")[1])
    assert list(first) == list(shown)
    assert {**first, "access_token": "", "refresh_token": ""} == {**shown, "access_token": "", "refresh_token": ""}
    second = run(refresh, port, REFRESH_TOKEN=str(first["refresh_token"]))
    assert run(call, port, TOKEN=str(second["access_token"])) == {"client": "hospital-1", "user": "reception"}
    third = run(credentials, port)
    assert run(call, port, TOKEN=str(third["access_token"])) == {"client": "hospital-1", "user": None}


def test_the_rotation_on_the_page_puts_a_new_key_first_and_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    old = KeyFile(path).keys().keys[0].kid
    subprocess.run(["sh", "-euc", blocks("sh")[4]], env={**os.environ, "KEY_FILE": str(path)}, check=True, timeout=60)
    kids = [key.kid for key in KeyFile(path).keys().keys]
    assert len(kids) == 2
    assert kids[1] == old
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_limits_on_the_page_are_those_in_force() -> None:
    assert f"{FREE_FAILURES} are free" in PAGE
    assert f"to {LONGEST_WAIT / 60:.0f} minutes" in PAGE
    assert f"{FORGET_AFTER / 60:.0f} minutes of peace" in PAGE
    assert f"over {LONGEST_FORM >> 10} kB" in PAGE
    for grant in REQUIRED:
        assert f"grant_type={grant}" in PAGE
