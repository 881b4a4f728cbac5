"""Every write to the registry: keyword-only, transactional, audited, permission checked.

A submission's way: :func:`receive_submission` → :func:`import_submission` → :func:`submit_for_review` →
:func:`approve_submission` → :func:`publish_submission`; or :func:`reject_submission`. Later
:func:`withdraw_release`. Sealing is not a write of the registry: maxa.shelf.seal projects what is published here.
"""

from maxa.registry.actions.accounts import (
    add_account,
    change_password,
    change_roles,
    disable_account,
    reset_password,
)
from maxa.registry.actions.administration import add_client, change_client
from maxa.registry.actions.comments import comment_on
from maxa.registry.actions.deciding import (
    decide_on_code,
    revoke_decision,
    settle_decisions,
    take_back_decisions,
)
from maxa.registry.actions.decision_sets import draft_decisions
from maxa.registry.actions.importing_again import retry_import
from maxa.registry.actions.imports import import_submission, receive_submission
from maxa.registry.actions.jobs import cancel_job, retry_job
from maxa.registry.actions.publishing import publish_due, publish_submission
from maxa.registry.actions.requests import answer_request, comment_on_request, review_request
from maxa.registry.actions.review import approve_submission, reject_submission, submit_for_review
from maxa.registry.actions.sessions import end_session, sign_in
from maxa.registry.actions.withdrawing import foresee_withdrawal, withdraw_release

__all__ = [
    "add_account",
    "add_client",
    "answer_request",
    "approve_submission",
    "cancel_job",
    "change_client",
    "change_password",
    "change_roles",
    "comment_on",
    "comment_on_request",
    "decide_on_code",
    "disable_account",
    "draft_decisions",
    "end_session",
    "foresee_withdrawal",
    "import_submission",
    "publish_due",
    "publish_submission",
    "receive_submission",
    "reject_submission",
    "reset_password",
    "retry_import",
    "retry_job",
    "review_request",
    "revoke_decision",
    "settle_decisions",
    "sign_in",
    "submit_for_review",
    "take_back_decisions",
    "withdraw_release",
]
