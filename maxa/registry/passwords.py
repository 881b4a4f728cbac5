"""Passwords of accounts: what is good enough, checking at a bounded cost, and slowing down whoever guesses."""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from datetime import datetime, timedelta

import structlog
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, TooManyRequests
from maxa.hashing import HASHER
from maxa.registry.models import Guessing

SHORTEST, LONGEST = 12, 256
_FEWEST_LETTERS = 5  # different ones
ONE_TIME_LIFE = timedelta(days=7)
_AT_ONCE = 2  # checks of 19 MiB and 26 ms each, in one process

# Wrong passwords that are free, by what they are counted by; each further one doubles the wait. One name from one
# address is the guesser; many names from one address, or one name from many, is a guesser with more means. The wait
# is never so long that guessing at a name keeps its owner out for good.
FREE = {"name-and-address": 5, "address": 30, "name": 50}
LONGEST_WAIT = timedelta(minutes=5)
FORGET_AFTER = timedelta(minutes=15)

log = structlog.get_logger("maxa.registry")
_slots = threading.BoundedSemaphore(_AT_ONCE)
_WAIT_FOR_SLOT = 5.0
_nobody = HASHER.hash(secrets.token_bytes(16))


def one_time_password() -> str:
    """Four groups of five letters and digits (over 100 bits) that nobody mistakes for one another."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def normalised(password: str) -> bytes:
    """The same password typed on another system is the same bytes."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def hash_password(password: str) -> str:
    return HASHER.hash(normalised(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; ``None`` (no such account) takes as long as one that is there."""
    if len(password) > LONGEST:
        return False
    if not _slots.acquire(timeout=_WAIT_FOR_SLOT):
        raise _too_many(1)
    try:
        HASHER.verify(password_hash or _nobody, normalised(password))
    except VerificationError:
        return False
    except InvalidHashError:
        log.error("the password hash of an account can't be used")
        return False
    finally:
        _slots.release()
    return password_hash is not None


def require_good(password: str, *, name: str) -> None:
    """Raises :class:`BadParameter` for a password that is short, long, of few letters, or the account's own name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadParameter(
            f"گذرواژه باید دست‌کم {SHORTEST} و بیشینه {LONGEST} نویسه باشد؛ چند واژهٔ نامربوط کنار هم خوب است.",
            f"A password has {SHORTEST} to {LONGEST} characters; some unrelated words make a good one.",
            "password",
        )
    lowered = password.casefold()
    if len(set(lowered)) < _FEWEST_LETTERS or len(lowered.replace(name.casefold(), "")) < SHORTEST // 2:
        raise BadParameter(
            "این گذرواژه زود حدس زده می‌شود: نویسه‌های گوناگون‌تر بنویسید و نام حساب را در آن نیاورید.",
            "This password is guessed too soon: use more different characters, and not the name of the account.",
            "password",
        )


def _keys(name: str, address: str) -> dict[str, int]:
    """Key → free failures. Names may be anything that someone sent, so they are hashed."""
    by_name = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    address = address[:64]
    return {
        f"{by_name}@{address}": FREE["name-and-address"],
        f"@{address}": FREE["address"],
        f"{by_name}@": FREE["name"],
    }


def count_attempt(session: Session, *, name: str, address: str, at: datetime) -> None:
    """Count an attempt as failed before the password is looked at, so that guesses sent at once are counted as well;
    :func:`forgive` takes it back. Raises :class:`TooManyRequests` while one must wait."""
    keys = _keys(name, address)
    session.execute(delete(Guessing).where(Guessing.last < at - FORGET_AFTER))
    for key in sorted(keys):
        session.execute(insert(Guessing).values(key=key, failures=0, last=at).on_conflict_do_nothing())
    rows = session.scalars(select(Guessing).where(Guessing.key.in_(keys)).order_by(Guessing.key).with_for_update())
    counted = list(rows)
    waits = [row.blocked_until - at for row in counted if row.blocked_until is not None and row.blocked_until > at]
    if waits:
        raise _too_many(max(waits).total_seconds())
    for row in counted:
        row.failures += 1
        row.last = at
        over = row.failures - keys[row.key]
        row.blocked_until = at + min(LONGEST_WAIT, timedelta(seconds=2.0 ** min(over - 1, 30))) if over > 0 else None


def forgive(session: Session, *, name: str, address: str) -> None:
    """The password was right: nothing is held against this name at this address, and one attempt less against others."""
    own, *others = _keys(name, address)
    session.execute(delete(Guessing).where(Guessing.key == own))
    for row in session.scalars(
        select(Guessing).where(Guessing.key.in_(others)).order_by(Guessing.key).with_for_update()
    ):
        row.failures, row.blocked_until = max(0, row.failures - 1), None


def _too_many(seconds: float) -> TooManyRequests:
    wait = max(1, int(seconds + 0.999))
    return TooManyRequests(
        f"ورودهای نادرست زیاد بوده است؛ {wait} ثانیهٔ دیگر دوباره بکوشید. اگر گذرواژه را فراموش کرده‌اید، مدیر آن را نو می‌کند.",
        f"Too many wrong passwords: try again in {wait} seconds. An administrator can renew one that was forgotten.",
        data={"retry_after": wait, "headers": {"Retry-After": str(wait)}},
    )
