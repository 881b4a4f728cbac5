"""Indexes of the audit trail, for its filters and for the lists of who and what is in it.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # text_pattern_ops: found from the beginning of a subject in whatever collation the database has
    op.create_index(
        "audit_event_subject", "audit_event", [sa.literal_column("lower(subject)").label("lowered")],
        postgresql_ops={"lowered": "text_pattern_ops"},
    )  # fmt: skip
    op.create_index("audit_event_actor", "audit_event", ["actor", "id"])
    op.create_index("audit_event_action", "audit_event", ["action", "id"])


def downgrade() -> None:
    for index in ("audit_event_action", "audit_event_actor", "audit_event_subject"):
        op.drop_index(index, "audit_event")
