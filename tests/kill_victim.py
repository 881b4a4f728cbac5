"""A process to be killed: it finishes what its predecessor began, then imports, publishes and withdraws for ever.

``python -m tests.kill_victim URL HOME SEED [--recover-only]`` prints ``ready`` once nothing is pending any more,
and goes on when it gets a line.
"""

from __future__ import annotations

import io
import random
import sys
from contextlib import suppress
from pathlib import Path

import openpyxl
import structlog

from maxa.errors import BaseMoved, NeedsConfirmation, WrongState
from maxa.registry import actions, decisions, queries
from maxa.registry.actions.imports import Workbook
from maxa.registry.decision_file import Decision
from maxa.registry.engine import make_engine
from maxa.registry.models import State
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from maxa.settings import read_settings
from maxa.shelf.seal import project_shelf
from maxa.worker import Centre, recover

ME = Actor("victim", frozenset({"administrator"}))
HEADINGS = ("کد IRC", "کد ژنریک", "نام فارسی فرآورده", "نام لاتین فرآورده", "نام ژنریک", "قیمت مصرف کننده")


def workbook(chance: random.Random) -> bytes:
    """A full list of medicines: 130 products of which some are left out, some have another price."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("داروها")
    sheet.append(HEADINGS)
    left_out = set(chance.sample(range(130), chance.randrange(4)))
    for i in range(130):
        if i not in left_out:
            generic = 60_000 + i % 40
            price = 1_000 + (chance.randrange(10) if chance.random() < 0.2 else 0)
            sheet.append((f"{5_000_000_000_000_000 + i * 7919}", f"{generic}", f"قرص شمارهٔ {i}", f"TABLET {i} MG",
                          f"GENERIC {generic}", price))  # fmt: skip
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def finish(centre: Centre, number: int) -> None:
    """Bring one submission to its end from whatever state it is in."""
    engine = centre.engine
    with transaction(engine) as session:
        state = State(queries.submission_or_error(session, number).state)
    if state is State.IMPORTING:
        state = actions.import_submission(engine, submission_id=number, workdir=centre.settings.work)
    if state is State.DRAFT:
        try:
            actions.submit_for_review(engine, submission_id=number, actor=ME)
        except NeedsConfirmation as asked:
            actions.submit_for_review(engine, submission_id=number, actor=ME, confirm=asked.suggestions)
        state = State.IN_REVIEW
    if state is State.IN_REVIEW:
        actions.approve_submission(engine, submission_id=number, actor=ME, one_person=True)
        state = State.APPROVED
    if state is State.APPROVED:
        try:
            actions.publish_submission(engine, submission_id=number, actor=ME)
        except WrongState as refused:
            if "changes nothing" not in refused.detail_en:
                raise
    project_shelf(engine, centre.settings.shelf)


def finish_all(centre: Centre) -> None:
    recover(centre)
    with transaction(centre.engine) as session:
        open_ones = [s.id for s in queries.submissions(session) if s.state not in ("published", "rejected", "failed")]
    for number in sorted(open_ones):
        while True:
            try:
                finish(centre, number)
                break
            except BaseMoved:
                continue
    project_shelf(centre.engine, centre.settings.shelf)


def decide(centre: Centre, chance: random.Random) -> None:
    """A decision on one product of a generic code, or one is revoked; what stands already is passed over."""
    i = chance.randrange(130)
    source, target = f"{60_000 + i % 40}", f"{5_000_000_000_000_000 + i * 7919}"
    verdict = chance.choice(("holds", "not", "no-target"))
    made = Decision(
        source, None if verdict == "no-target" else target, verdict, "آزمون", "broader" if verdict == "holds" else None
    )
    with transaction(centre.engine) as session:
        standing = [d.id for d in decisions.decisions(session, states=(decisions.STANDING,))]
    revoked = chance.sample(standing, 1) if standing and chance.random() < 0.3 else []
    with suppress(WrongState):
        drafted = actions.draft_decisions(
            centre.engine,
            actor=ME,
            map_name="eRx→IRC",
            decisions=[] if revoked else [made],
            revoke=revoked,
            reason="آزمون",
        )
        finish(centre, drafted.submission_id)


def main(url: str, home: str, seed: str, *options: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = read_settings({"MAXA_HOME": home, "MAXA_DATABASE_URL": url})
    centre = Centre(make_engine(url), url, settings)
    finish_all(centre)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if "--recover-only" in options:
        return
    sys.stdin.readline()  # our registry and shelf are being looked at
    chance = random.Random(seed)
    while True:
        content = workbook(chance)
        received = actions.receive_submission(
            centre.engine, actor=ME, workbooks=[Workbook("drugs.xlsx", content, "drugs")], circular="110/40"
        )
        finish(centre, received.submission_id)
        if chance.random() < 0.5:
            decide(centre, chance)
        if chance.random() < 0.25:
            with transaction(centre.engine) as session:
                newest = queries.releases(session, "IRC")[0]
            if newest.withdrawn_serial is None and newest.ordinal > 1:
                actions.withdraw_release(
                    centre.engine, terminology="IRC", version=newest.version, actor=ME, reason="آزمون"
                )
                project_shelf(centre.engine, centre.settings.shelf)


if __name__ == "__main__":
    Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
    main(*sys.argv[1:])
