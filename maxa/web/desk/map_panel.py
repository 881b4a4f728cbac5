"""What the page of a map's work list shows of one source code, and what its search finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy.orm import Session

from maxa.errors import NotFound
from maxa.registry import deciding, decisions
from maxa.registry.actions.deciding import find_draft
from maxa.registry.models import Terminology
from maxa.search.find import ask, find
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.web.desk.candidates import Candidate, named, release_of, searched, suggested
from maxa.web.desk.naming import names_of

_MOST_FOUND = 500  # source codes that a search of the work list keeps


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person has chosen and typed: of a form that could not be saved, or nothing yet. ``reason`` None: the last
    one that they gave."""

    targets: Sequence[str] = ()
    verdict: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One source code with all that a decision on it needs. ``state`` is sent back with the decision; ``chosen``,
    ``verdict`` and ``reason`` fill in the form."""

    code: str
    concept: deciding.End | None
    pairs: list[deciding.PairNow]
    targets: dict[str, deciding.End]
    candidates: list[Candidate]
    on_shelf: bool
    decided: list[decisions.Decided]
    own: list[decisions.Decided]
    state: str
    chosen: list[str] = field(default_factory=list)
    verdict: str = ""
    reason: str = ""

    @property
    def shown(self) -> int:
        """How many pairs stand before the candidates, so that keys go on counting."""
        return len(self.pairs)


def source_codes_found(terminology: Terminology, text: str) -> tuple[str, ...] | None:
    """Source codes that a search finds, sorted; None without one. Where the list is not on the shelf, the text is a code."""
    if not text:
        return None
    release = release_now(terminology.source)
    if release is None:
        return (text,)
    found = find([release], ask(text, parameter="find"), limit=_MOST_FOUND, count=False)
    return tuple(sorted({hit.concept.code for hit in found.hits}))


def release_now(terminology: str) -> SealedRelease | None:
    """The current edition on the shelf; None while there is none."""
    shelf: Shelf = current_app.extensions["maxa.shelf"]
    return release_of(shelf, shelf.catalogue(), terminology)


def names_of_source(terminology: Terminology) -> dict[str, str]:
    """Names of the properties of the source's codes."""
    return names_of(Terminology(name=terminology.source, kind="codes", title_fa="", title_en="", source="", target=""))


def panel_of(session: Session, terminology: Terminology, code: str, *, person: str, q: str, sent: Sent) -> Panel:
    """Raises :class:`NotFound` for a code of which nothing is known."""
    source, target = deciding.ends_of(session, terminology)
    concept = deciding.concepts(session, source, [code]).get(code)
    pairs = deciding.pairs_of_code(session, terminology, code)
    told = decisions.decisions(session, terminology=terminology, source=code, states=decisions.STATES)
    draft = find_draft(session, terminology, person)
    own = [one for one in told if draft is not None and one.submission == draft.id]
    release = release_now(terminology.target)
    of_pairs = {one.target for one in pairs}
    candidates = candidates_of(release, concept, q, of_pairs, sent.targets) if release is not None else []
    reason = deciding.last_reason(session, terminology, person) if sent.reason is None else sent.reason
    if not concept and not pairs and not told:
        raise NotFound(
            f"«{terminology.source}» کد «{code[:40]}» ندارد و تصمیمی دربارهٔ آن نیست.",
            f"{terminology.source} has no code {code[:40]!r}, and nothing is decided on it.",
        )
    return Panel(
        code=code, concept=concept, pairs=pairs, candidates=candidates, on_shelf=release is not None,
        targets=deciding.concepts(session, target, of_pairs | {one.target for one in told if one.target}),
        decided=told[::-1], own=own, state=deciding.state_of_code(session, terminology, code),
        chosen=list(sent.targets), verdict=sent.verdict, reason=reason,
    )  # fmt: skip


def candidates_of(
    release: SealedRelease, concept: deciding.End | None, q: str, without: Collection[str], chosen: Sequence[str]
) -> list[Candidate]:
    """Those that are chosen stay, whatever is looked for next."""
    kept = named(release, [code for code in dict.fromkeys(chosen) if code not in without])
    held = set(without) | {one.code for one in kept}
    if q:
        return kept + [one for one in searched(release, q) if one.code not in held]
    titles = [concept.title_fa, concept.title_en] if concept is not None else []
    return kept + suggested(release, titles, held)
