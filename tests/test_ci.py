"""What CI runs besides `make test`."""

from __future__ import annotations

import re

from maxa.settings import PROJECT


def test_the_run_on_another_server_names_what_it_leaves_out_and_nothing_that_is_gone() -> None:
    makefile = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
    left_out = re.search(r"^ANY_SERVER = (.+)$", makefile, re.MULTILINE)
    assert left_out is not None
    assert [name for name in left_out[1].split() if not (PROJECT / f"tests/registry/test_{name}.py").exists()] == []
    run = (PROJECT / ".ci" / "run").read_text()
    assert "make test-server" in run
    assert "tests/" not in run, "a new test file would not join it"
