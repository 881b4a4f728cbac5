"""When a mirror was seen first: one that comes back on another day keeps its place before names that anyone makes up.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mirror_seen", sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE mirror_seen SET first_seen_at = seen_at")
    op.alter_column("mirror_seen", "first_seen_at", nullable=False)


def downgrade() -> None:
    op.drop_column("mirror_seen", "first_seen_at")
