"""Editions, and withdrawing one after seeing what that reverses."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from maxa.registry import actions, queries
from maxa.registry.differences import edition_changes, edition_counts
from maxa.registry.models import Publication, Shelving, Terminology
from maxa.registry.transaction import transaction
from maxa.web.desk.door import actor, attempt, engine
from maxa.web.desk.naming import fields_of, names_of, shown_code, title_of
from maxa.web.desk.review import seal
from maxa.web.desk.room import room
from maxa.web.paging import page_number

PAGE = 100
_SHOWN = 50


@room.get("/editions")
def edition_list() -> ResponseReturnValue:
    wanted, page = request.args.get("terminology", "")[:200], page_number()
    with transaction(engine()) as session:
        names = list(session.scalars(select(Terminology.name).order_by(Terminology.name)))
        known = wanted if wanted in names else None
        found = queries.releases(session, known, offset=(page - 1) * PAGE, limit=PAGE + 1)
        reasons = {p.serial: p for p in session.scalars(select(Publication).where(Publication.kind == "withdraw"))}
        shown = set(session.scalars(select(Shelving.serial)))
        return render_template(
            "desk/editions.html", rows=found[:PAGE], page=page, more=len(found) > PAGE,
            names=names, wanted=wanted, reasons=reasons, shown=shown,
            may={name: actor().may("withdraw", [name]) for name in names},
            address=lambda n: url_for("desk.edition_list", page=n, terminology=known),
        )  # fmt: skip


@room.get("/editions/<path:terminology>/<version>/withdraw")
def withdraw(terminology: str, version: str) -> ResponseReturnValue:
    with actions.foresee_withdrawal(engine(), terminology=terminology, version=version, actor=actor()) as foreseen:
        session, release, undo = foreseen.session, foreseen.release, foreseen.undo
        counts, changes = None, []
        if undo is not None:
            counts = edition_counts(session, release.terminology, foreseen.served, undo)
            changes = list(edition_changes(session, release.terminology, foreseen.served, undo, limit=_SHOWN))
        return render_template(
            "desk/withdraw.html", release=release, undo=undo, counts=counts, changes=changes,
            names=names_of(release.terminology), shown_code=shown_code, title_of=title_of, fields_of=fields_of,
        )  # fmt: skip


@room.post("/editions/<path:terminology>/<version>/withdraw")
def withdraw_post(terminology: str, version: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "")[:4_000]

    def do() -> None:
        actions.withdraw_release(engine(), terminology=terminology, version=version, actor=actor(), reason=reason)
        seal()

    return attempt(
        do, done=gettext("ویرایش پس گرفته شد."),
        back=url_for("desk.edition_list", terminology=terminology),
    )  # fmt: skip
