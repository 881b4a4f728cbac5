from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import structlog
from flask import Flask, Response, request, send_file
from prometheus_client import CollectorRegistry
from werkzeug.test import Client as HttpClient

from maxa.access.clients import Client, User, hash_secret, write_clients
from maxa.access.oauth import install_access
from maxa.metrics import Metrics
from maxa.observe import Observed, configure_logging, console_line, json_line, observe

Lines = list[dict[str, Any]]


@pytest.fixture
def set_up_logging(settings_for: Any, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., None]]:
    """``set_up_logging(log_level="debug")``; everything is as before when the test has ended."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def set_up(**over: Any) -> None:
        configure_logging(settings_for(**over))

    yield set_up
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def printed(capfd: pytest.CaptureFixture[str]) -> Lines:
    return [orjson.loads(line) for line in capfd.readouterr().out.splitlines()]


@pytest.fixture
def app() -> Flask:
    app = Flask("observed")

    @app.get("/codes/<code>")
    def code(code: str) -> str:
        return f"code {code}"

    @app.get("/stream")
    def stream() -> Response:
        return Response(iter(["one", "two"]))

    @app.get("/broken-stream")
    def broken_stream() -> Response:
        def chunks() -> Iterator[bytes]:
            yield b"one"
            raise ConnectionError

        return Response(chunks())

    @app.get("/crash")
    def crash() -> str:
        raise ZeroDivisionError

    @app.get("/file")
    def file() -> Response:
        return send_file(io.BytesIO(b"0123456789"), mimetype="text/plain")

    @app.get("/refused")
    def refused() -> tuple[str, int]:
        request.environ.update(
            {"maxa.client": "hospital-1", "maxa.service": "Terminology", "maxa.error": "not-allowed"}
        )
        return "no", 403

    return app


class Server(HttpClient):
    """A client that does as a server does: reads a reply to its end and closes it."""

    def open(self, *args: Any, **options: Any) -> Any:
        return super().open(*args, **{"buffered": True, "environ_base": {"REMOTE_ADDR": "127.0.0.1"}, **options})


class Log:
    """An observed app, what it logged, and what it counted."""

    def __init__(self, app: Flask, line: Callable[[dict[str, Any]], bytes] | None = json_line) -> None:
        self.written: list[bytes] = []
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.wsgi = Observed(app.wsgi_app, metrics=self.metrics, line=line, write=self.written.append)
        self.http = Server(self.wsgi)

    @property
    def lines(self) -> Lines:
        return [orjson.loads(line) for line in self.written]

    def counted(self, **labels: str) -> float | None:
        self.metrics.flush()
        return self.registry.get_sample_value("maxa_requests_total", {"service": "", **labels})


@pytest.fixture
def log(app: Flask) -> Log:
    return Log(app)


# --- the access line -------------------------------------------------------------------------------------------------


def test_a_request_makes_one_line_with_all_that_an_operator_asks(log: Log) -> None:
    reply = log.http.get("/codes/718-7?password=hidden&Code=hidden", headers={"Authorization": "bearer hidden"})
    (line,) = log.lines
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line.pop("timestamp"))
    assert 0 <= line.pop("ms") < 60_000
    assert line == {
        "level": "info",
        "event": "request",
        "method": "GET",
        "path": "/codes/718-7",
        "status": 200,
        "bytes": len(b"code 718-7"),
        "client": None,
        "address": "127.0.0.1",
        "request_id": reply.headers["X-Request-Id"],
    }
    assert b"hidden" not in log.written[0]
    assert log.written[0].count(b"\n") == 1


def test_a_sane_request_id_is_taken_over(log: Log) -> None:
    assert log.http.get("/", headers={"X-Request-Id": "proxy-7:A_b.9"}).headers["X-Request-Id"] == "proxy-7:A_b.9"


@pytest.mark.parametrize("given", ["", " ", "a" * 65, "a b", "x\ty", 'a"b', "é", "-a", "a;b"])
def test_another_request_id_is_replaced(log: Log, given: str) -> None:
    reply = log.http.get("/", environ_overrides={"HTTP_X_REQUEST_ID": given})
    assert re.fullmatch(r"[0-9a-f]{10}-[0-9a-f]+", reply.headers["X-Request-Id"])


def test_each_request_has_an_id_of_its_own_also_after_a_fork(log: Log) -> None:
    ids = {log.http.get("/").headers["X-Request-Id"] for _ in range(50)}
    assert len(ids) == 50
    code = (
        "import os, maxa.observe as o; r, w = os.pipe(); mine = o._new_id()\n"
        "if os.fork() == 0: os.write(w, o._new_id().encode()); os._exit(0)\n"
        "os.wait(); print(os.read(r, 99).decode().split('-')[0] != mine.split('-')[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "True"


def test_a_persian_path_stays_readable_and_a_hostile_one_stays_one_line(log: Log) -> None:
    log.http.get("/codes/هموگلوبین")
    log.http.get("/codes/%0a%22%00%ff" + "x" * 2_000)
    assert log.lines[0]["path"] == "/codes/هموگلوبین"
    assert len(log.lines[1]["path"]) == 500
    assert log.written[1].count(b"\n") == 1


def test_a_streamed_reply_is_counted_to_its_end(log: Log) -> None:
    assert log.http.get("/stream").data == b"onetwo"
    assert log.lines[0]["bytes"] == 6
    assert "broken_off" not in log.lines[0]


def test_a_stream_that_breaks_off_is_told_from_a_whole_one(log: Log) -> None:
    reply = log.http.get("/broken-stream", buffered=False)
    with pytest.raises(ConnectionError):
        reply.get_data()
    reply.close()
    assert log.lines[0]["broken_off"] is True
    assert log.lines[0]["bytes"] == 3


def test_head_and_not_modified_send_no_bytes(log: Log, app: Flask) -> None:
    log.http.head("/codes/1")
    assert (log.lines[0]["method"], log.lines[0]["bytes"]) == ("HEAD", 0)


def test_the_stable_code_of_an_error_and_the_client_are_in_the_line(log: Log) -> None:
    log.http.get("/refused")
    assert (log.lines[0]["status"], log.lines[0]["error"]) == (403, "not-allowed")
    assert log.lines[0]["client"] == "hospital-1"


def test_a_crash_is_a_500_whether_flask_answers_it_or_not(log: Log, app: Flask) -> None:
    assert log.http.get("/crash").status_code == 500
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        log.http.get("/crash")
    assert [line["status"] for line in log.lines] == [500, 500]


def test_a_file_goes_to_the_server_as_the_object_that_it_can_send_by_itself(log: Log) -> None:
    class FileWrapper:
        def __init__(self, file: Any, size: int = 0) -> None:
            self.file = file

    environ: dict[str, Any] = {"wsgi.file_wrapper": FileWrapper, "REQUEST_METHOD": "GET", "PATH_INFO": "/file"}
    environ |= {"SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}
    body = log.wsgi(environ, lambda status, headers: None)
    assert isinstance(body, FileWrapper)
    assert len(log.lines) == 1


def test_closing_twice_counts_once(log: Log, app: Flask) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/codes/1", "SERVER_NAME": "x"}
    environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO()}
    body: Any = log.wsgi(environ, lambda status, headers: None)
    body.close()
    body.close()
    assert len(log.lines) == 1


def test_a_console_line_is_readable_and_cannot_be_forged(app: Flask) -> None:
    log = Log(app, console_line)
    log.http.get("/refused")
    log.http.get("/codes/%0a2026 forged")
    assert re.search(
        r"Z 403 GET /refused [\d.]+ ms 2 B client=hospital-1 error=not-allowed address=127", log.written[0].decode()
    )
    assert log.written[1].count(b"\n") == 1


def test_a_log_that_nobody_reads_costs_no_answer(app: Flask) -> None:
    code = (
        "import os, sys, flask; from werkzeug.test import Client\n"
        "from prometheus_client import CollectorRegistry\n"
        "from maxa.metrics import Metrics; from maxa.observe import Observed, json_line\n"
        "r, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)\n"
        "app = flask.Flask('x'); http = Client(Observed(app, metrics=Metrics(CollectorRegistry()), line=json_line))\n"
        "sys.stderr.write(str(http.get('/').status_code)); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == "404"


def test_the_level_warning_turns_the_access_log_off_and_the_counts_stay(
    app: Flask, settings_for: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    observe(app, settings_for(log_level="warning"))
    assert Server(app).get("/codes/1").status_code == 200
    assert capfd.readouterr().out == ""


def test_an_observed_app_writes_to_stdout(app: Flask, settings_for: Any, capfd: pytest.CaptureFixture[str]) -> None:
    observe(app, settings_for())
    Server(app).get("/codes/1")
    (line,) = printed(capfd)
    assert line["path"] == "/codes/1"


# --- counts ----------------------------------------------------------------------------------------------------------


def test_requests_are_counted_by_endpoint_and_class_of_status(log: Log) -> None:
    for path in ("/codes/1", "/codes/2", "/nowhere/1", "/nowhere/2", "/crash"):
        log.http.get(path)
    assert log.counted(endpoint="code", status="2xx") == 2
    assert log.counted(endpoint="unmatched", status="4xx") == 2, "unknown paths make no labels of their own"
    assert log.counted(endpoint="crash", status="5xx") == 1


def test_a_services_name_is_a_label_and_its_clients_use_is_counted(log: Log) -> None:
    log.http.get("/refused")
    assert log.counted(service="Terminology", endpoint="refused", status="4xx") == 1
    labels = {"client": "hospital-1", "service": "Terminology"}
    assert log.registry.get_sample_value("maxa_client_requests_total", labels) == 1


# --- the log of the rooms --------------------------------------------------------------------------------------------


def test_structlog_and_the_standard_library_write_json_lines(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging()
    structlog.get_logger("maxa.shelf").info("sealed", terminology="LNC", title="هموگلوبین", big=2**80)
    logging.getLogger("procrastinate").warning("job %s stalled", 7)
    first, second = printed(capfd)
    assert (first["event"], first["level"], first["logger"], first["title"]) == (
        "sealed",
        "info",
        "maxa.shelf",
        "هموگلوبین",
    )
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["level"], second["logger"]) == ("job 7 stalled", "warning", "procrastinate")


def test_setting_up_twice_writes_once(set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logging()
    set_up_logging()
    structlog.get_logger("maxa").info("once")
    assert len(printed(capfd)) == 1


def test_what_lies_under_the_level_is_not_written(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(log_level="warning")
    structlog.get_logger("maxa").info("quiet")
    logging.getLogger("maxa").info("quiet")
    structlog.get_logger("maxa").warning("loud")
    assert [line["event"] for line in printed(capfd)] == ["loud"]


def test_an_exception_is_logged_with_its_traceback_and_the_requests_id(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str], app: Flask, settings_for: Any
) -> None:
    set_up_logging()
    observe(app, settings_for())
    reply = Server(app).get("/crash", headers={"X-Request-Id": "req-1"})
    assert reply.status_code == 500
    error, access = printed(capfd)
    assert error["level"] == "error"
    assert "ZeroDivisionError" in error["exception"]
    assert error["request_id"] == access["request_id"] == "req-1"


def test_an_id_does_not_stick_to_what_is_logged_after_its_request(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str], log: Log
) -> None:
    set_up_logging()
    log.http.get("/codes/1")
    structlog.get_logger("maxa").info("later")
    assert "request_id" not in printed(capfd)[0]


def test_the_console_format_is_for_people(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(log_format="console")
    structlog.get_logger("maxa.shelf").info("sealed", terminology="LNC", password="hidden")
    out = capfd.readouterr().out
    assert "sealed" in out
    assert "terminology" in out
    assert "hidden" not in out


def test_a_traceback_on_the_console_does_not_show_what_the_variables_held(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(log_format="console")
    environ = {"HTTP_AUTHORIZATION": "bearer " + "topsecret"}
    try:
        environ["no such key"]
    except KeyError:
        structlog.get_logger("maxa").exception("a request failed")
    out = capfd.readouterr().out
    assert "KeyError" in out
    assert "topsecret" not in out


def test_secrets_that_a_room_logs_by_mistake_are_withheld(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    set_up_logging()
    structlog.get_logger("maxa").info("oops", password="hidden", access_token="hidden", body=b"hidden", client="c")
    (line,) = printed(capfd)
    assert line["password"] == line["access_token"] == line["body"] == "withheld"
    assert line["client"] == "c"


def test_no_token_or_password_reaches_the_log_even_at_debug_level(
    set_up_logging: Callable[..., None], settings_for: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = settings_for(log_level="debug")
    set_up_logging(log_level="debug")
    client = Client("hospital-1", "H", hash_secret("client secret"), "0" * 24, (User("u", hash_secret("user secret")),))
    write_clients(settings.clients_file, [client])
    app = Flask("x")
    install_access(app, settings)
    observe(app, settings)
    form = {"grant_type": "password", "username": "u", "password": "user secret"}
    http, auth = Server(app), ("hospital-1", "client secret")
    tokens = http.post("/oauth/token", data=form, auth=auth).json
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    again = http.post("/oauth/token", data=refresh, auth=auth).json
    http.post("/oauth/token", data={**form, "password": "a guess"}, auth=auth)
    out = "".join(capfd.readouterr())
    hidden = [
        "client secret",
        "user secret",
        "a guess",
        *(t[k] for t in (tokens, again) for k in ("access_token", "refresh_token")),
    ]
    assert [secret for secret in hidden if secret in out] == []
    lines = [orjson.loads(line) for line in out.splitlines()]
    access = [line for line in lines if line["event"] == "request"]
    assert [(line["client"], line.get("error")) for line in access] == [
        ("hospital-1", None), ("hospital-1", None), ("hospital-1", "invalid_grant"),
    ]  # fmt: skip


def test_gunicorns_own_lines_take_the_same_way(
    set_up_logging: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("gunicorn.error")
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.propagate = False
    set_up_logging()
    logger.info("Booting worker")
    captured = capfd.readouterr()
    assert orjson.loads(captured.out)["event"] == "Booting worker"
    assert captured.err == ""
