"""``make bench``: all measurements, one after the other, on an otherwise idle machine; some minutes.

``python -m benchmarks NAME …`` runs some. Figures are ratios taken in one run; docs/benchmarks.md holds the last ones.
"""

from __future__ import annotations

import subprocess
import sys

ALL = (
    "import_irc",
    "gateway",
    "validate",
    "maps",
    "differences",
    "sheets",
    "against_orm",
    "search",
    "fallbacks",
    "pages",
    "mirrors",
)


def main() -> None:
    chosen = sys.argv[1:] or ALL
    failed = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
