"""``python -m maxa.cli``."""

from maxa.cli import main

main()
