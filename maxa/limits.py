"""Limits that a process sets itself before it touches a file of unknown origin."""

from __future__ import annotations

import resource

_GRACE = 5  # seconds between the limit at which the kernel asks, and the one at which it kills


def limit_this_process(*, memory: int, seconds: int) -> None:
    """Bytes of address space, and seconds of the processor. No core file: that of a broken workbook helps nobody."""
    for name, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, ceiling = resource.getrlimit(name)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(name, (soft, hard))
