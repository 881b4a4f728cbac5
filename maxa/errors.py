"""One small family of errors: each has a stable code, an HTTP status, a Persian and an English text.

Rooms raise these; one handler in each web surface renders them (CONTRACT.md §1, RFC 9457 at /api/v1), and the
command line prints the text of the user's language. What a text may hold comes from the caller, never from a
stack trace, SQL or a path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(eq=False)
class MaxaError(Exception):
    """Base of all errors that a user may see.

    ``detail_fa``/``detail_en`` say what is wrong and how to mend it; ``parameter`` names the request parameter,
    ``suggestions`` holds the nearest right values, ``data`` whatever a machine may want.
    """

    detail_fa: str
    detail_en: str
    parameter: str | None = None
    suggestions: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        return self.detail_en

    def as_dict(self) -> dict[str, Any]:
        """The error as CONTRACT.md §1 puts it into ``errors``."""
        return {
            "code": self.code,
            "parameter": self.parameter,
            "detail_fa": self.detail_fa,
            "detail_en": self.detail_en,
            "suggestions": self.suggestions,
        }


class UnknownTerminology(MaxaError):
    code, status, exit_code = "unknown-terminology", 404, 4


class UnknownMap(MaxaError):
    code, status, exit_code = "unknown-map", 404, 4


class UnknownCode(MaxaError):
    code, status, exit_code = "unknown-code", 404, 4


class UnknownVersion(MaxaError):
    code, status, exit_code = "unknown-version", 404, 4


class NotFound(MaxaError):
    code, status, exit_code = "not-found", 404, 4


class MethodNotAllowed(MaxaError):
    code, status = "method-not-allowed", 405


class UnknownParameter(MaxaError):
    code, status = "unknown-parameter", 400


class BadParameter(MaxaError):
    code, status, exit_code = "bad-parameter", 400, 2


class MissingParameter(MaxaError):
    code, status = "missing-parameter", 400


class DuplicateParameter(MaxaError):
    code, status = "duplicate-parameter", 400


class BadDate(MaxaError):
    code, status, exit_code = "bad-date", 400, 2


class BadBody(MaxaError):
    code, status = "bad-body", 400


class BadCursor(MaxaError):
    code, status = "bad-cursor", 400


class ExpiredCursor(MaxaError):
    code, status = "expired-cursor", 410


class UnsupportedMediaType(MaxaError):
    code, status = "unsupported-media-type", 415


class BodyTooLarge(MaxaError):
    code, status = "body-too-large", 413


class PageTooLarge(MaxaError):
    code, status = "page-too-large", 400


class TooManyCodes(MaxaError):
    code, status = "too-many-codes", 413


class NotAuthenticated(MaxaError):
    code, status = "not-authenticated", 401


class NotAllowed(MaxaError):
    code, status, exit_code = "not-allowed", 403, 5


class TooManyRequests(MaxaError):
    code, status = "too-many-requests", 429


class Unavailable(MaxaError):
    """The part that could answer is down (PostgreSQL for writes) or what it holds can't be trusted (a shelf file)."""

    code, status, exit_code = "unavailable", 503, 6


class OnlyAtCentre(MaxaError):
    """A mirror was asked for what the centre alone can take; the text says where the centre is, if that is known."""

    code, status = "only-at-centre", 421


class InternalError(MaxaError):
    """Something that we did not foresee; the log has it under the request's id, the caller learns nothing of it."""

    code, status, exit_code = "internal-error", 500, 70


class SettingsError(MaxaError):
    """A setting is missing or wrong: the process does not start."""

    code, status, exit_code = "bad-settings", 500, 78


class BadWorkbook(MaxaError):
    """The file can't be read as a workbook of the source at all."""

    code, status, exit_code = "bad-workbook", 422, 3


class WrongState(MaxaError):
    """The submission or release is not in a state that allows this action."""

    code, status, exit_code = "wrong-state", 409, 3


class AlreadyRunning(MaxaError):
    """Another process holds what only one may hold (a data folder, a home); the text names its pid."""

    code, status, exit_code = "already-running", 409, 3


class BaseMoved(MaxaError):
    """What was approved was compared with an edition that is no longer the current one: review it again."""

    code, status, exit_code = "base-moved", 409, 3


class NeedsConfirmation(MaxaError):
    """A guard wants the figure confirmed before it lets the submission through."""

    code, status, exit_code = "needs-confirmation", 409, 3


class HasErrors(MaxaError):
    """A submission with findings of severity error can't be approved or published."""

    code, status, exit_code = "has-errors", 409, 3
