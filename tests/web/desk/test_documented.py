"""docs/desk.md tells the numbers and the roles as they are."""

from __future__ import annotations

import re

from maxa.registry.actions.sessions import IDLE, LIFE
from maxa.registry.passwords import FREE, LONGEST, LONGEST_WAIT, ONE_TIME_LIFE, SHORTEST
from maxa.registry.people import PERMISSIONS, ROLES
from maxa.settings import PROJECT
from maxa.web.desk.door import WRITES

TEXT = " ".join((PROJECT / "docs" / "desk.md").read_text().split())

# what a row of the table of roles begins with → the permissions that it tells of
ROWS = {
    "see submissions": ("read", "comment"),
    "import, map columns": ("import", "submit", "reject", "decide", "answer"),
    "approve what another sent": ("approve", "publish", "withdraw", "audit"),
    "accounts, clients": ("administer",),
}


def test_the_numbers() -> None:
    assert f"{SHORTEST} to {LONGEST} characters" in TEXT
    assert f"after {IDLE.seconds // 3600} hours without a click and after {LIFE.seconds // 3600} hours" in TEXT
    assert f"by name and address ({FREE['name-and-address']} are free), by address ({FREE['address']})" in TEXT
    assert f"by name ({FREE['name']})" in TEXT
    assert f"to {LONGEST_WAIT.seconds // 60} minutes" in TEXT
    assert f"{WRITES.requests} times a {WRITES.per}" in TEXT
    assert (ONE_TIME_LIFE.days, "within a week" in TEXT) == (7, True)


def test_the_table_of_roles() -> None:
    table = [line for line in (PROJECT / "docs" / "desk.md").read_text().splitlines() if line.startswith("|")]
    assert [cell.strip() for cell in table[0].split("|")[2:-1]] == list(ROLES)
    told = set()
    for start, permissions in ROWS.items():
        [row] = [line for line in table if line.startswith(f"| {start}")]
        ticks = {role for role, cell in zip(ROLES, row.split("|")[2:-1], strict=True) if "✓" in cell}
        for permission in permissions:
            assert ticks == PERMISSIONS[permission] | {"administrator"}, permission
            told.add(permission)
    assert told == set(PERMISSIONS)


def test_the_keys_of_a_maps_work_list() -> None:
    page = (PROJECT / "maxa" / "web" / "templates" / "desk" / "map_work.html").read_text()
    told = re.findall(r"<kbd>(.+?)</kbd>", page[page.index('<dl class="facts">') :])
    table = (PROJECT / "docs" / "desk.md").read_text().partition("| key | |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    assert re.findall(r"`(.)`|(Enter)", " ".join(cells)) == [("", key) if key == "Enter" else (key, "") for key in told]
