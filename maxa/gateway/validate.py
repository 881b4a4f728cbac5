"""``ValidateCts``: is this coded text right, and if not, what is (CONTRACT.md §5).

One triple or ten thousand take the same way: the triples are grouped by terminology, their codes looked up set-wise,
and each is then judged in its place, so that replies keep the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from maxa.gateway.elsewhere import in_other_terminologies, in_terminologies_like
from maxa.gateway.issues import ERROR, WARNING, issue
from maxa.gateway.reading import Bound, Reading, coded_text, retired_by
from maxa.gateway.rounding import unrounded
from maxa.gateway.spelling import same_title, spelled_alike
from maxa.gateway.suggestions import MOST_SUGGESTED, Budget, SameKeys, nearest_codes, with_title
from maxa.persian.dates import jalali
from maxa.persian.fold import code_key
from maxa.shelf.release import Concept, Published

_MOST_SUCCESSIONS = 10
_NOTHING: list[dict[str, Any]] = []


class Triple(NamedTuple):
    """A ``DO_CODED_TEXT`` as it was sent; what was not sent is empty."""

    terminology: str
    code: str
    value: str


class _Group:
    """The triples of one terminology, as its id was sent: the edition they are held against (None: there is no such
    terminology), and what was looked up for all of their codes at once."""

    __slots__ = ("alike", "bound", "is_spelled_right", "published")

    def __init__(self, bound: Bound | None, terminology: str, codes: Collection[str]) -> None:
        self.bound = bound
        self.is_spelled_right = bound is not None and bound.entry.id == terminology
        self.published: dict[str, Published] = {}
        self.alike: SameKeys | None = None
        if bound is not None:
            self.published = bound.release.published(codes)
            if len(self.published) < len(codes):
                self.alike = SameKeys(bound.release, [c for c in codes if c not in self.published])


class Validator:
    """Judges triples within one reading. ``posted`` triples must be complete, ``strict`` ones bear the right title."""

    def __init__(self, reading: Reading, *, posted: bool, strict: bool = False, budget: Budget | None = None) -> None:
        self._reading = reading
        self._incomplete = ERROR if posted else WARNING
        self._mismatch = ERROR if strict else WARNING
        self._budget = budget or Budget()
        self._nearest: dict[str, list[str]] = {}

    def judge(self, triples: Sequence[Triple]) -> list[dict[str, Any]]:
        """A reply item for each triple, in order. Raises :class:`UnknownVersion` where the edition asked for is not
        one of a terminology's, and :class:`Unavailable`."""
        groups = self._look_up(triples)
        judged: dict[Triple, dict[str, Any]] = {}
        items = []
        for triple in triples:
            terminology, code, value = triple
            group = groups[terminology]
            published = group.published.get(code)
            if (
                published is not None
                and published.active
                and value
                and (value == published.title_fa or value == published.title_en)
                and group.is_spelled_right
            ):
                items.append(_item(triple, group.bound, _NOTHING, None, _NOTHING))
                continue
            item = judged.get(triple)
            if item is None:
                item = judged[triple] = self._judge_with_care(triple, group)
            items.append(item)
        return items

    def _look_up(self, triples: Sequence[Triple]) -> dict[str, _Group]:
        wanted: dict[str, dict[str, None]] = {}
        for terminology, code, _ in triples:
            wanted.setdefault(terminology, {})[code] = None
        groups = {}
        for terminology, codes in wanted.items():
            entry = self._reading.catalogue.find(terminology)
            groups[terminology] = _Group(self._reading.open(entry) if entry else None, terminology, codes)
        return groups

    def _judge_with_care(self, triple: Triple, group: _Group) -> dict[str, Any]:
        issues = self._missing_parts(triple)
        bound = group.bound
        if bound is None:
            return self._judge_without_terminology(triple, issues)
        if not group.is_spelled_right:
            issues.append(issue("terminology-case", published=bound.entry.id))
        if not triple.code.strip():
            found = self._by_title(bound, triple.value)
            return _item(triple, bound, issues, None, [coded_text(bound.entry.id, c) for c in found])
        concept = bound.release.concept(triple.code) if triple.code in group.published else None
        if concept is None:
            alike = group.alike or SameKeys(bound.release, [triple.code])
            concept = spelled_alike(bound.release, triple.code, alike.concepts(code_key(triple.code)))
            if concept is None:
                return self._judge_unknown_code(triple, bound, issues, alike)
            issues.append(issue("code-spelling", published=concept.code))
        suggestions: list[Concept] = []
        if not concept.active:
            suggestions = _successors(bound, concept)
            issues.append(_retired(bound, concept))
        if triple.value.strip() and triple.value not in (concept.title_fa, concept.title_en):
            issues.append(self._other_value(triple, concept))
            if issues[-1]["code"] == "value-mismatch":  # a rounded code may happen to be another product's
                bearers = unrounded(bound.release, triple.code, triple.value)
                suggestions += [c for c in bearers if same_title(triple.value, c)]
        expected = coded_text(bound.entry.id, concept) if issues else None
        return _item(triple, bound, issues, expected, [coded_text(bound.entry.id, c) for c in suggestions])

    def _missing_parts(self, triple: Triple) -> list[dict[str, Any]]:
        parts = zip(("Terminology_id", "Coded_string", "Value"), triple, strict=True)
        missing = [name for name, part in parts if not part.strip()]
        if not missing:
            return []
        severity = self._incomplete if missing == ["Value"] else ERROR
        return [issue("incomplete", severity=severity, parts=", ".join(missing))]

    def _other_value(self, triple: Triple, concept: Concept) -> dict[str, Any]:
        if same_title(triple.value, concept):
            return issue("value-spelling")
        return issue(
            "value-mismatch", severity=self._mismatch, code=concept.code, published=concept.title, value=triple.value
        )

    def _by_title(self, bound: Bound, value: str) -> list[Concept]:
        if not value.strip() or self._budget.titles <= 0:
            return []
        self._budget.titles -= 1
        return [c for c in with_title(bound.release, value) if c.active][:MOST_SUGGESTED]

    # --- codes and terminologies that are not there ---------------------------------------------------------------

    def _judge_without_terminology(self, triple: Triple, issues: list[dict[str, Any]]) -> dict[str, Any]:
        near: list[str] = []
        if triple.terminology.strip():
            near = self._nearest_ids(triple.terminology)
            near_fa, near_en = _joined(near)
            issues.append(
                issue("unknown-terminology", terminology=triple.terminology, near_fa=near_fa, near_en=near_en)
            )
        suggestions = [
            coded_text(b.entry.id, c)
            for b, c in in_other_terminologies(self._reading, triple.code, triple.value, None, self._budget)
        ]
        suggestions += in_terminologies_like(self._reading, near, triple.code, triple.value, self._budget)
        unique = {(s["Terminology_id"], s["Coded_string"]): s for s in reversed(suggestions)}
        return _item(triple, None, issues, None, list(reversed(unique.values()))[:MOST_SUGGESTED])

    def _nearest_ids(self, terminology: str) -> list[str]:
        if terminology not in self._nearest:
            self._nearest[terminology] = []
            if self._budget.ids > 0:
                self._budget.ids -= 1
                self._nearest[terminology] = self._reading.catalogue.nearest_ids(terminology)
        return self._nearest[terminology]

    def _judge_unknown_code(
        self, triple: Triple, bound: Bound, issues: list[dict[str, Any]], alike: SameKeys
    ) -> dict[str, Any]:
        """The code is not there: say what happened to it, if that can be told, else what is near."""
        terminology, code = bound.entry.id, triple.code.strip()
        swapped = _swapped(bound, triple)
        if swapped is not None:
            issues.append(issue("swapped", value=triple.value.strip()))
            published = coded_text(terminology, swapped)
            return _item(triple, bound, issues, published, [published])
        candidates = unrounded(bound.release, triple.code, triple.value)
        if candidates:
            one = coded_text(terminology, candidates[0]) if len(candidates) == 1 else None
            in_words = _instead([c.code for c in candidates])
            issues.append(issue("rounded-code", code=code, instead_fa=in_words[0], instead_en=in_words[1]))
            suggested = [coded_text(terminology, c) for c in candidates[:MOST_SUGGESTED]]
            return _item(triple, bound, issues, one, suggested)
        elsewhere = list(in_other_terminologies(self._reading, code, triple.value, bound.entry.id, self._budget))
        if elsewhere:
            ids = ", ".join(other.entry.id for other, _ in elsewhere)
            issues.append(issue("wrong-terminology", code=code, elsewhere=ids, terminology=terminology))
            there = [coded_text(other.entry.id, c) for other, c in elsewhere[:MOST_SUGGESTED]]
            return _item(triple, bound, issues, there[0] if len(elsewhere) == 1 else None, there)
        near = nearest_codes(bound.release, triple.code, triple.value, self._budget, alike)
        near_fa, near_en = _joined([c.code for c in near[:3]])
        version = bound.edition.version
        issues.append(
            issue("unknown-code", terminology=terminology, version=version, code=code, near_fa=near_fa, near_en=near_en)
        )
        return _item(triple, bound, issues, None, [coded_text(terminology, c) for c in near])


def _item(
    triple: Triple,
    bound: Bound | None,
    issues: list[dict[str, Any]],
    expected: dict[str, Any] | None,
    suggestions: list[dict[str, Any]],
) -> dict[str, Any]:
    """The reply item. ``Coded_string`` and ``Value`` are as sent, ``Terminology_id`` is spelled as published."""
    return {
        "IsValid": not issues or not any(i["severity"] == ERROR for i in issues),
        "Terminology_id": bound.entry.id if bound is not None else triple.terminology,
        "Coded_string": triple.code,
        "Value": triple.value,
        "Version": bound.edition.version if bound is not None else None,
        "Issues": issues,
        "Expected": expected,
        "Suggestions": suggestions,
    }


def _swapped(bound: Bound, triple: Triple) -> Concept | None:
    """The concept whose code stands in ``Value`` while its title, or at least no code, stands in ``Coded_string``."""
    value = triple.value.strip()
    if not value or " " in value:  # no code holds a space, most titles do
        return None
    concept = bound.release.concept(value) or spelled_alike(bound.release, value)
    if concept is None:
        return None
    no_code = " " in triple.code.strip() or not triple.code.isascii()
    return concept if no_code or same_title(triple.code, concept) else None


def _retired(bound: Bound, concept: Concept) -> dict[str, Any]:
    """``RetiredOn`` is the day from which ``Date=`` finds the code retired: the retiring edition's day in force."""
    retiring = retired_by(bound, concept)
    day = jalali(retiring.in_force) if retiring else None
    in_words = _instead([concept.replaced_by] if concept.replaced_by else [])
    return issue(
        "retired-code",
        more={"ReplacedBy": concept.replaced_by, "RetiredOn": day},
        code=concept.code, day=day or "?", instead_fa=in_words[0], instead_en=in_words[1],
    )  # fmt: skip


def _successors(bound: Bound, concept: Concept) -> list[Concept]:
    """The active code that took a retired one's place, through others that were retired in turn."""
    seen = {concept.code}
    for _ in range(_MOST_SUCCESSIONS):
        if concept.replaced_by is None or concept.replaced_by in seen:
            return []
        following = bound.release.concept(concept.replaced_by)
        if following is None or following.active:
            return [following] if following else []
        seen.add(following.code)
        concept = following
    return []


def _joined(near: list[str]) -> tuple[str, str]:
    return (f"؛ نزدیک‌ترین: {'، '.join(near)}", f"; nearest: {', '.join(near)}") if near else ("", "")


def _instead(codes: list[str]) -> tuple[str, str]:
    if len(codes) == 1:
        return f"به جای آن «{codes[0]}» را بفرستید", f"send {codes[0]!r} instead"
    if codes:
        return "چند کد می‌تواند همان باشد؛ با عنوان بسنجید", "several codes may be meant: compare their titles"
    return "جایگزینی برای آن اعلام نشده است", "no code was named in its place"
