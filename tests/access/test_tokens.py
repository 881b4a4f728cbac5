from __future__ import annotations

import base64
import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from structlog.testing import capture_logs

from maxa.access import tokens as tokens_module
from maxa.access.tokens import Claims, KeyFile, Tokens
from maxa.errors import NotAuthenticated, SettingsError, Unavailable
from tests.access.conftest import Clock
from tests.access.test_clients import PLAIN


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    clock = Clock(1_800_000_000.5)
    return Tokens(KeyFile(tmp_path / "token.key"), token_seconds=763, refresh_seconds=86_400, clock=clock)


@pytest.fixture
def always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key files are looked at on each use instead of once a second."""
    monkeypatch.setattr(tokens_module, "RECHECK_SECONDS", 0.0)


def test_a_token_says_what_was_put_in_and_nothing_more(tokens: Tokens) -> None:
    token = tokens.issue(PLAIN, user="پذیرش", scope="trust read write")
    assert tokens.read(token) == Claims("a", "پذیرش", "trust read write", 1, 1_800_000_000 + 763)
    payload = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert set(payload) == {"client", "user", "scope", "epoch", "typ", "iat", "exp", "jti"}
    assert len(token) < 500


def test_no_two_tokens_are_alike(tokens: Tokens) -> None:
    assert tokens.issue(PLAIN, user=None, scope="read") != tokens.issue(PLAIN, user=None, scope="read")


def test_a_token_lives_to_its_last_second(tokens: Tokens) -> None:
    token = tokens.issue(PLAIN, user=None, scope="read")
    tokens._clock.now = 1_800_000_762.9
    tokens.read(token)
    tokens._clock.now = 1_800_000_763.0
    with pytest.raises(NotAuthenticated, match="expired"):
        tokens.read(token)


@pytest.mark.parametrize(("issued", "read"), [("access", "refresh"), ("refresh", "access")])
def test_the_two_kinds_do_not_stand_for_each_other(tokens: Tokens, issued: str, read: str) -> None:
    token = tokens.issue(PLAIN, user=None, scope="read", kind=issued)
    assert tokens.read(token, issued)
    with pytest.raises(NotAuthenticated, match="other kind"):
        tokens.read(token, read)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.data())
def test_a_token_with_one_letter_changed_is_refused(tokens: Tokens, data: st.DataObject) -> None:
    token = tokens.issue(PLAIN, user=None, scope="read")
    # The last letter of a part carries bits that base64 throws away, so it may stand for the same bytes.
    places = [i for i in range(len(token)) if token[i + 1 : i + 2] not in ("", ".")]
    place = data.draw(st.sampled_from(places))
    letter = data.draw(st.characters(codec="latin-1").filter(lambda c: c != token[place]))
    with pytest.raises(NotAuthenticated):
        tokens.read(token[:place] + letter + token[place + 1 :])


@given(text=st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9_-]{0,80}(\.[A-Za-z0-9_-]{0,80}){0,4}", fullmatch=True))
def test_no_text_at_all_does_more_than_be_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    keys = KeyFile(tmp_path_factory.getbasetemp() / "fuzz.key")
    with pytest.raises(NotAuthenticated):
        Tokens(keys, token_seconds=60, refresh_seconds=60).read(text)


def forged(header: dict[str, Any], claims: Any, key: bytes = b"k" * 64) -> str:
    return jwt.encode(header, claims, OctKey.import_key(key), algorithms=[header["alg"]])


def unsigned(header: dict[str, Any], claims: Any) -> str:
    parts = [base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


def test_forged_tokens_are_refused(tokens: Tokens) -> None:
    good = jwt.decode(tokens.issue(PLAIN, user=None, scope="read"), tokens.current_keys(), algorithms=["HS256"])
    key = tokens.current_keys().keys[0]
    secret = base64.urlsafe_b64decode(key.as_dict()["k"] + "==")
    assert tokens.read(forged({"alg": "HS256", "kid": key.kid}, good.claims, secret)), "the forger's tools work"
    for token in (
        unsigned({"alg": "none"}, good.claims),
        unsigned({"alg": "HS256", "kid": key.kid}, good.claims),
        forged({"alg": "HS256"}, good.claims),
        forged({"alg": "HS256", "kid": key.kid}, good.claims),
        forged({"alg": "HS384", "kid": key.kid}, good.claims, secret),
        forged({"alg": "HS256", "kid": key.kid}, {}, secret),
        forged({"alg": "HS256", "kid": key.kid}, {**good.claims, "exp": "soon"}, secret),
        tokens.issue(PLAIN, user=None, scope="x" * 5_000),
    ):
        with pytest.raises(NotAuthenticated, match="not valid"):
            tokens.read(token)


def make_key(path: Path, barrier: Barrier, out: multiprocessing.Queue[Any]) -> None:
    barrier.wait(30)
    out.put(KeyFile(path).keys().keys[0].kid)


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    path, barrier, out = tmp_path / "new" / "token.key", context.Barrier(8), context.Queue()
    workers = [context.Process(target=make_key, args=(path, barrier, out)) for _ in range(8)]
    for worker in workers:
        worker.start()
    kids = {out.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join(60)
    assert len(kids) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["token.key"]
    assert {KeyFile(path).keys().keys[0].kid} == kids


def test_after_a_rotation_old_tokens_are_still_read_and_new_ones_have_the_new_key(tokens: Tokens) -> None:
    old = tokens.issue(PLAIN, user=None, scope="read")
    tokens.keys.rotate()
    new = tokens.issue(PLAIN, user=None, scope="read")
    assert old.split(".")[0] != new.split(".")[0]
    assert tokens.read(old)
    assert tokens.read(new)
    tokens.keys.rotate()
    with pytest.raises(NotAuthenticated):
        tokens.read(old)
    assert tokens.read(new)


def test_a_rotation_that_keeps_nothing_voids_every_token(tokens: Tokens) -> None:
    old = tokens.issue(PLAIN, user=None, scope="read")
    tokens.keys.rotate(keep=0)
    with pytest.raises(NotAuthenticated):
        tokens.read(old)


@pytest.mark.usefixtures("always_look")
def test_another_process_notices_a_rotation_and_a_removal(tokens: Tokens, tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    other = Tokens(KeyFile(path), token_seconds=763, refresh_seconds=60, clock=tokens._clock)
    other.current_keys()
    tokens.keys.rotate()
    token = tokens.issue(PLAIN, user=None, scope="read")
    assert other.read(token)
    path.unlink()
    for process in (other, tokens):
        with pytest.raises(NotAuthenticated):
            process.read(token)
    assert other.read(tokens.issue(PLAIN, user=None, scope="read"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"short\n", "base64url"),
        (b"c2hvcnQ=\n", "shorter"),
        (b"\xff\xfe", "base64"),
    ],
)
def test_a_damaged_key_file_stops_start_up_and_says_what_to_do(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "token.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        KeyFile(path).keys()
    assert problem in caught.value.detail_en
    assert "remove it to have one made" in caught.value.detail_en
    with pytest.raises(Unavailable):
        Tokens(KeyFile(path), token_seconds=60, refresh_seconds=60).issue(PLAIN, user=None, scope="read")


@pytest.mark.usefixtures("always_look")
def test_a_key_file_that_breaks_while_running_is_reported_once_and_the_key_stays(
    tokens: Tokens, tmp_path: Path
) -> None:
    token = tokens.issue(PLAIN, user=None, scope="read")
    (tmp_path / "token.key").write_bytes(b"broken")
    with capture_logs() as logs:
        assert tokens.read(token)
        assert tokens.read(token)
    assert [entry["log_level"] for entry in logs] == ["error"]


def test_a_key_file_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    KeyFile(path).keys()
    path.chmod(0o644)
    with capture_logs() as logs:
        KeyFile(path).keys()
    assert any("chmod 600" in entry["event"] for entry in logs)
