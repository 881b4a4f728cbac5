"""The centre's signing as the worker and the command line ask for it: from the settings, and never in the way of a
publication, which readers of the centre see with or without signatures."""

from __future__ import annotations

from datetime import timedelta

import structlog

from maxa.errors import MaxaError, WrongState
from maxa.settings import Settings
from maxa.shelf.key_ceremony import make_keys, refuse_if_lost
from maxa.shelf.keys import KeyRing, read_keys
from maxa.shelf.trust import Life, Signing, current_root, sign_shelf

log = structlog.get_logger("maxa.trust")


def life_of(settings: Settings) -> Life:
    return Life(timedelta(days=settings.metadata_days), timedelta(days=settings.root_days))


def online_keys(settings: Settings) -> KeyRing:
    return read_keys([settings.keys], settings.keys_pem)


def bring_signatures_up(settings: Settings) -> Signing:
    """Sign what is new and renew what nears its expiry; at a centre's first start, make the keys before."""
    if current_root(settings.shelf) is None:
        if settings.keys_pem is not None:
            refuse_if_lost(settings.shelf, settings.keys, settings.root_keys)
            return sign_shelf(settings.shelf, online_keys(settings), life=life_of(settings))  # says to make keys
        try:
            signing = make_keys(
                settings.shelf, keys=settings.keys, root_keys=settings.root_keys, life=life_of(settings)
            )
        except WrongState:
            if current_root(settings.shelf) is None:
                raise
            # another process was quicker
            return sign_shelf(settings.shelf, online_keys(settings), life=life_of(settings))
        log.warning(
            "keys made: move the root's keys to a stick in a safe", root_keys=str(settings.root_keys),
            keys=str(settings.keys), serial=signing.serial,
        )  # fmt: skip
        return signing
    signing = sign_shelf(settings.shelf, online_keys(settings), life=life_of(settings))
    if signing.signed:
        shown = list(signing.signed)
        log.info(
            "signed", serial=signing.serial, roles=shown[:8], count=len(shown), expires=signing.expires.isoformat()
        )
    return signing


def try_to_sign(settings: Settings) -> MaxaError | None:
    """As :func:`bring_signatures_up`; what is wrong is logged and given back: the publication itself stands."""
    try:
        bring_signatures_up(settings)
    except MaxaError as error:
        log.error("the shelf is not signed: mirrors get nothing new until this is mended", problem=error.detail_en)
        return error
    except Exception as error:  # whatever it is, it must not take the worker with it
        log.exception("the shelf is not signed: mirrors get nothing new until this is mended")
        told = getattr(error, "strerror", None) or type(error).__name__
        return MaxaError(f"قفسه امضا نشد: {told}.", f"The shelf was not signed: {told}.")
    return None
