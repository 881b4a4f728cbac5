"""Checks of a draft that need the current edition. Each adds findings; some want a figure confirmed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import any_, delete, func, literal, select, text
from sqlalchemy.orm import Session

from maxa.persian.fold import title_key
from maxa.registry.circulars import known_circulars, number_key
from maxa.registry.models import Finding, Release, Submission, SubmissionTable, Terminology
from maxa.registry.staging import PAIR_SEPARATOR
from maxa.registry.transaction import read_whole_lists

_SHOWN = 200  # findings a rule, beyond which the rest is counted


def check_draft(session: Session, submission: Submission) -> None:
    """Run every guard over a freshly staged draft, and note which editions it was compared with."""
    settle_rounded_codes(session, submission)
    compare_with_current(session, submission)


def compare_with_current(session: Session, submission: Submission) -> None:
    """(Re-)run the guards that may answer differently when another edition has become current."""
    read_whole_lists(session)
    session.execute(delete(Finding).where(Finding.submission_id == submission.id, Finding.guard))
    submission.bases = current_bases(session, submission)
    check_codes_stated_twice(session, submission)
    check_other_parts(session, submission)
    check_back_dated(session, submission)
    check_circular(session, submission)
    for table in _tables(session, submission):
        check_size(session, submission, table)
        check_shares(session, submission, table)
        if table.terminology.kind == "map":
            check_map_targets(session, submission, table)


def current_bases(session: Session, submission: Submission) -> dict[str, int]:
    """Terminology → ordinal of its latest release (0: none yet), for all that a submission touches."""
    rows = session.execute(
        select(Terminology.name, func.coalesce(func.max(Release.ordinal), 0))
        .join(SubmissionTable, SubmissionTable.terminology_id == Terminology.id)
        .outerjoin(Release, Release.terminology_id == Terminology.id)
        .where(SubmissionTable.submission_id == submission.id)
        .group_by(Terminology.name)
    )
    return {name: ordinal for name, ordinal in rows}  # noqa: C416


def _add(session: Session, submission: Submission, rule: str, severity: str, fa: str, en: str, **place: Any) -> None:
    guard = place.pop("guard", True)
    session.add(
        Finding(
            submission_id=submission.id, rule=rule, severity=severity, message_fa=fa, message_en=en, guard=guard, **place
        )
    )  # fmt: skip


def _place(row: Any) -> dict[str, Any]:
    return {"file": row.file, "sheet": row.sheet, "row": row.row, "column": row.column, "value": row.code}


def settle_rounded_codes(session: Session, submission: Submission) -> None:
    """A 16-digit code that Excel rounded (FACTS §8) is taken when the current edition holds exactly one code in its
    range with this title; else it is an error. Pairs from the same row follow their concept."""
    rows = session.execute(
        text("""
            SELECT s.id, s.terminology_id, s.file_id, f.name AS file, s.sheet, s.row, s."column", s.code,
                   s.title_fa, s.title_en, c.code AS found, c.title_fa AS found_fa, c.title_en AS found_en
            FROM staged_concept s JOIN submission_file f ON f.id = s.file_id
            LEFT JOIN concept c ON c.terminology_id = s.terminology_id AND c.until IS NULL
                AND c.code BETWEEN s.doubt->'candidates'->>0 AND s.doubt->'candidates'->>1
            WHERE s.submission_id = :id AND s.doubt IS NOT NULL ORDER BY s.id"""),
        {"id": submission.id},
    )
    found: dict[int, set[str]] = defaultdict(set)
    doubtful = {}
    for row in rows:
        doubtful[row.id] = row
        titles = {title_key(row.title_fa), title_key(row.title_en)} - {""}
        if row.found is not None and titles & {title_key(row.found_fa), title_key(row.found_en)}:
            found[row.id].add(row.found)
    taken: list[Any] = []
    refused: list[Any] = []
    for key, row in doubtful.items():
        (taken if len(found[key]) == 1 else refused).append(row)
    true_codes = {row.id: next(iter(found[row.id])) for row in taken}
    _take_restored(session, submission, taken, true_codes)
    for row in taken[:_SHOWN]:
        code = true_codes[row.id]
        _add(
            session, submission, "rounded-code-restored", "warning",
            f"اکسل کد {row.code} را گرد کرده بود؛ با عنوان آن در ویرایش جاری، کد {code} برداشته شد.",
            f"Excel had rounded the code {row.code}; by its title in the current edition it was taken as {code}.",
            guard=False,
            **_place(row),
        )  # fmt: skip
    for row in refused[:_SHOWN]:
        _add(
            session, submission, "rounded-code", "error",
            f"کد {row.code} را اکسل گرد کرده و رقم آخر آن از دست رفته است؛ ستون را «متن» کنید و کد درست را از فهرست"
            " اصلی بنویسید.",
            f"Excel rounded the code {row.code} and its last digit is lost: format the column as text and enter the true"
            " code from the original list.",
            guard=False,
            **_place(row),
        )  # fmt: skip
    for rule, severity, rows_of_rule in (
        ("rounded-code-restored", "warning", taken),
        ("rounded-code", "error", refused),
    ):
        more = len(rows_of_rule) - _SHOWN
        if more > 0:
            _add(session, submission, rule, severity, f"و {more} ردیف دیگر مانند این.", f"And {more} more rows like this.",
                 guard=False)  # fmt: skip
    session.execute(
        text("DELETE FROM staged_mapping WHERE submission_id = :id AND doubt IS NOT NULL"), {"id": submission.id}
    )
    session.flush()


# The true code in place of the damaged one: in the concept, and on its side of the pairs that came from its row.
_TAKE_CONCEPTS = """
    UPDATE staged_concept s SET code = r.new, doubt = NULL FROM restored r WHERE s.id = r.id
"""
_TAKE_PAIRS = """
    UPDATE staged_mapping m SET {side}_code = r.new, doubt = NULL, code = {joined}
    FROM restored r JOIN terminology own ON own.id = r.terminology_id JOIN terminology t ON t.{side} = own.name
    WHERE m.submission_id = :id AND m.terminology_id = t.id AND m.file_id = r.file_id AND m.sheet = r.sheet
      AND m.row = r.row AND m.{side}_code = r.old
"""


def _take_restored(session: Session, submission: Submission, taken: list[Any], true_codes: dict[int, str]) -> None:
    if not taken:
        return
    session.execute(
        text(
            "CREATE TEMP TABLE restored (id bigint, terminology_id int, file_id bigint, sheet text, row int, old text,"
            " new text) ON COMMIT DROP"
        )
    )
    columns = ("id", "terminology_id", "file_id", "sheet", "row", "code")
    session.execute(
        text("INSERT INTO restored VALUES (:id, :terminology_id, :file_id, :sheet, :row, :code, :new)"),
        [{**{c: getattr(row, c) for c in columns}, "new": true_codes[row.id]} for row in taken],
    )
    session.execute(text(_TAKE_CONCEPTS))
    for side, joined in (("source", "r.new || :sep || m.target_code"), ("target", "m.source_code || :sep || r.new")):
        session.execute(
            text(_TAKE_PAIRS.format(side=side, joined=joined)), {"id": submission.id, "sep": PAIR_SEPARATOR}
        )
    session.execute(text("DROP TABLE restored"))


def check_codes_stated_twice(session: Session, submission: Submission) -> None:
    """The same code twice in a submission: across its workbooks or parts, or because a damaged code was restored."""
    rows = session.execute(
        text("""
            SELECT s.code, s.sheet, s.row, s."column", f.name AS file, t.name AS terminology FROM staged_concept s
            JOIN (SELECT terminology_id, code FROM staged_concept WHERE submission_id = :id
                  GROUP BY 1, 2 HAVING count(*) > 1) twice USING (terminology_id, code)
            JOIN submission_file f ON f.id = s.file_id JOIN terminology t ON t.id = s.terminology_id
            WHERE s.submission_id = :id ORDER BY s.code, s.id LIMIT :shown"""),
        {"id": submission.id, "shown": _SHOWN},
    ).all()
    for row in rows:
        _add(
            session, submission, "duplicate-code", "error",
            f"کد {row.code} در {row.terminology} بیش از یک بار آمده است؛ تنها یک ردیف نگه دارید.",
            f"The code {row.code} of {row.terminology} stands more than once in this submission: keep one row.",
            **_place(row),
        )  # fmt: skip
    session.execute(
        text("""
            DELETE FROM staged_mapping a USING staged_mapping b WHERE a.submission_id = :id AND b.submission_id = :id
            AND a.terminology_id = b.terminology_id AND a.code = b.code AND a.content_hash = b.content_hash AND a.id > b.id"""),
        {"id": submission.id},
    )
    pairs = session.execute(
        text("""
            SELECT s.code, s.source_code, s.target_code, s.sheet, s.row, s."column", f.name AS file FROM staged_mapping s
            JOIN (SELECT terminology_id, code FROM staged_mapping WHERE submission_id = :id
                  GROUP BY 1, 2 HAVING count(*) > 1) twice USING (terminology_id, code)
            JOIN submission_file f ON f.id = s.file_id WHERE s.submission_id = :id ORDER BY s.code, s.id LIMIT :shown"""),
        {"id": submission.id, "shown": _SHOWN},
    ).all()
    for row in pairs:
        _add(
            session, submission, "duplicate-pair", "error",
            f"جفت {row.source_code} ← {row.target_code} دو بار و با ویژگی‌های متفاوت آمده است.",
            f"The pair {row.source_code} → {row.target_code} stands twice, with different properties.",
            **{**_place(row), "value": f"{row.source_code} → {row.target_code}"},
        )  # fmt: skip
    session.flush()


def check_other_parts(session: Session, submission: Submission) -> None:
    """A code belongs to one part; an active one of another part is not taken over silently. It may move when the full
    list of its old part, in the same submission, no longer names it."""
    rows = session.execute(
        text("""
            SELECT s.code, s.sheet, s.row, s."column", f.name AS file, c.part, s.part AS new_part FROM staged_concept s
            JOIN concept c ON c.terminology_id = s.terminology_id AND c.code = s.code AND c.until IS NULL
            JOIN submission_file f ON f.id = s.file_id
            WHERE s.submission_id = :id AND c.part <> s.part AND c.status = 'active'
              AND NOT (:full AND EXISTS (SELECT 1 FROM submission_table t WHERE t.submission_id = :id
                                         AND t.terminology_id = c.terminology_id AND t.part = c.part))
            ORDER BY s.id LIMIT :shown"""),
        {"id": submission.id, "shown": _SHOWN, "full": submission.scope == "full"},
    )
    for row in rows:
        _add(
            session, submission, "code-in-other-part", "error",
            f"کد {row.code} اکنون در بخش «{row.part}» است، نه «{row.new_part}»؛ نخست باید در آن بخش کنار گذاشته شود.",
            f"The code {row.code} is active in the part {row.part!r}, not {row.new_part!r}: it must be retired there first.",
            **_place(row),
        )  # fmt: skip
    session.flush()


def check_back_dated(session: Session, submission: Submission) -> None:
    """Editions come oldest first: a list older than the current one of its part would undo what came later."""
    if submission.circular is None:
        return
    for table in session.query(SubmissionTable).filter_by(submission_id=submission.id):
        newest = (
            session.query(Release)
            .filter(
                Release.terminology_id == table.terminology_id,
                literal(table.part) == any_(Release.parts),
                Release.withdrawn_serial.is_(None),
                Release.circular_id.is_not(None),
            )
            .order_by(Release.ordinal.desc())
            .first()
        )
        if newest is not None and newest.in_force > submission.circular.day:
            _add(
                session, submission, "back-dated", "error",
                f"این فهرست از ویرایش جاری «{table.terminology.name}» ({newest.version}) کهنه‌تر است؛ ویرایش‌ها از کهنه به"
                " نو وارد می‌شوند.",
                f"This list is older than the current edition of {table.terminology.name} ({newest.version}): editions"
                " are brought in oldest first.",
            )  # fmt: skip
    session.flush()


def check_circular(session: Session, submission: Submission) -> None:
    """A known circular says what it carries; another list under its number is probably under the wrong one."""
    letter = submission.circular
    known = next(
        (c for c in known_circulars() if letter and (number_key(c.number), c.day) == (letter.number_key, letter.day)),
        None,
    )
    if known is None or not known.carries:
        return
    for name in sorted({t.terminology.name for t in _tables(session, submission)} - set(known.carries)):
        _add(
            session, submission, "other-circular", "warning",
            f"ابلاغیهٔ {known.number} ({known.subject}) فهرست {name} را ندارد؛ اگر شماره درست است، با"
            f" ‎--confirm circular:{name}‎ تأیید کنید.",
            f"Circular {known.number} is not known to carry {name}: if the number is right, confirm it with --confirm"
            f" circular:{name}.",
            confirm=f"circular:{name}",
        )  # fmt: skip
    session.flush()


def _tables(session: Session, submission: Submission) -> list[SubmissionTable]:
    return session.query(SubmissionTable).filter_by(submission_id=submission.id).order_by(SubmissionTable.id).all()


def check_size(session: Session, submission: Submission, table: SubmissionTable) -> None:
    """Under the declared minimum a full list is broken off or the wrong one; over the maximum it wants a look."""
    low, high = table.expected["min_rows"], table.expected["max_rows"]
    name = _list_name(table.terminology, table.part)
    if submission.scope == "full" and table.rows < low:
        _add(
            session, submission, "too-few-rows", "error",
            f"فهرست کامل {name} تنها {table.rows} ردیف دارد و کمینهٔ آن {low} است؛ اگر تنها چند کد تغییر کرده، آن را به"
            " صورت اصلاحیه (‎--amendment‎) بفرستید.",
            f"The full list of {name} has {table.rows} rows, its minimum is {low}: if only a few codes change, send it as"
            " an amendment (--amendment).",
        )  # fmt: skip
    if table.rows > high:
        _add(
            session, submission, "too-many-rows", "warning",
            f"فهرست {name}، {table.rows} ردیف دارد و بیش از {high} انتظار نمی‌رفت.",
            f"The list of {name} has {table.rows} rows, more than the {high} expected.",
        )  # fmt: skip


def _list_name(terminology: Terminology, part: str) -> str:
    return f"{terminology.name}/{part}" if part else terminology.name


def check_shares(session: Session, submission: Submission, table: SubmissionTable) -> None:
    """A full list that retires or changes more than its declared share of the part needs the figure confirmed."""
    if submission.scope != "full":
        return
    live = "mapping" if table.terminology.kind == "map" else "concept"
    row = session.execute(
        text(f"""
            SELECT count(*) AS held,
                   count(*) FILTER (WHERE s.code IS NULL OR s.status = 'retired') AS retired,
                   count(*) FILTER (WHERE s.status = 'active' AND s.content_hash <> c.content_hash) AS changed
            FROM {live} c LEFT JOIN staged_{live} s
                ON s.submission_id = :id AND s.terminology_id = c.terminology_id AND s.code = c.code
            WHERE c.terminology_id = :tid AND c.part = :part AND c.until IS NULL AND c.status = 'active'"""),  # noqa: S608
        {"id": submission.id, "tid": table.terminology_id, "part": table.part},
    ).one()
    if not row.held:
        return
    name = _list_name(table.terminology, table.part)
    for kind, figure, verb in (("retired", row.retired, "کنار می‌گذارد"), ("changed", row.changed, "تغییر می‌دهد")):
        limit = table.expected[f"max_{kind}_share"]
        if figure > limit * row.held:
            _add(
                session, submission, f"many-{kind}", "warning",
                f"این فهرست {figure} کد از {row.held} کد {name} را {verb} (بیش از {limit:.0%}). اگر درست است، رقم را با"
                f" ‎--confirm {kind}:{name}={figure}‎ تأیید کنید.",
                f"This list would leave {figure} of {row.held} codes of {name} {kind} (more than {limit:.0%}). If that is"
                f" right, confirm the figure with --confirm {kind}:{name}={figure}.",
                confirm=f"{kind}:{name}={figure}",
            )  # fmt: skip


# Active codes of a terminology, in its current edition or in this same submission.
_KNOWN_CODES = """
    SELECT code FROM concept WHERE terminology_id = :other AND until IS NULL AND status = 'active'
    UNION ALL SELECT code FROM staged_concept WHERE submission_id = :id AND terminology_id = :other
"""


def check_map_targets(session: Session, submission: Submission, table: SubmissionTable) -> None:
    """Pairs should lead from a known code to a known code, in the current editions or in this same submission."""
    for side in ("source", "target"):
        other = getattr(table.terminology, side)
        other_id = session.scalar(select(Terminology.id).where(func.lower(Terminology.name) == other.lower()))
        values = {"id": submission.id, "tid": table.terminology_id, "other": other_id, "shown": _SHOWN}
        if other_id is None or not session.scalar(text(f"SELECT EXISTS ({_KNOWN_CODES})"), values):
            continue  # that terminology has no list yet: nothing can be said
        rows = session.execute(
            text(f"""
                SELECT m.{side}_code AS code, m.sheet, m.row, m."column", f.name AS file FROM staged_mapping m
                JOIN submission_file f ON f.id = m.file_id
                LEFT JOIN ({_KNOWN_CODES}) known ON known.code = m.{side}_code
                WHERE m.submission_id = :id AND m.terminology_id = :tid AND m.part = :part AND known.code IS NULL
                ORDER BY m.id LIMIT :shown"""),  # noqa: S608
            {**values, "part": table.part},
        )
        for row in rows:
            _add(
                session, submission, f"unknown-map-{side}", "warning",
                f"کد {row.code} در {other} نیست؛ نگاشت به کدی که شناخته نیست راه نمی‌برد.",
                f"The code {row.code} is not in {other}: the pair leads nowhere.",
                **_place(row),
            )  # fmt: skip
