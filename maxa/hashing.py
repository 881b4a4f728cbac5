"""Argon2id of secrets that people or programs keep: one choice of parameters for clients and for accounts."""

from __future__ import annotations

import argon2

# OWASP's second recommendation (19 MiB, 2 passes, 1 lane): 26 ms on one slow core, and a handful of concurrent checks
# fit in a small machine's memory. A hash carries its own parameters, so these may change freely.
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_secret(secret: str) -> str:
    """Argon2id of a client secret or a password, with a salt of its own."""
    return HASHER.hash(secret)
