"""``python -m maxa.worker``: the worker alone, for systemd and for ``maxa run``."""

from __future__ import annotations

import sys

from maxa.errors import MaxaError
from maxa.observe import configure_logging
from maxa.registry.embedded import registry_url
from maxa.settings import read_settings
from maxa.worker import run_worker


def main() -> None:
    """Work until told to stop; a sentence and an exit code when it can not begin."""
    try:
        settings = read_settings()
        configure_logging(settings)
        with registry_url(settings) as url:
            run_worker(settings, url)
    except MaxaError as error:
        sys.stderr.write(f"{error.detail_fa}\n{error.detail_en}\n")
        sys.exit(error.exit_code)


main()
