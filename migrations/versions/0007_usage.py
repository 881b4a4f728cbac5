"""Usage by the day: requests, validation failures, words that found nothing, and the serials that mirrors tell.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_request",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "service", "client", "outcome"),
    )
    op.create_table(
        "usage_issue",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("terminology", sa.Text(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "terminology", "issue"),
    )
    op.create_table(
        "usage_words",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(collation="C"), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("instead", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "words"),
    )
    op.create_table(
        "usage_dropped",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "usage_spool",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "mirror_seen",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for table in ("mirror_seen", "usage_spool", "usage_dropped", "usage_words", "usage_issue", "usage_request"):
        op.drop_table(table)
