"""What a submission carries besides its workbooks: profiles of columns, the letter, filled columns, history.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "column_profile",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("terminology", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "terminology", "key"),
    )
    op.create_table(
        "submission_letter",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.add_column("submission", sa.Column("history", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("submission", sa.Column("day", sa.Date(), nullable=True))
    op.add_column(
        "submission_file", sa.Column("profile", _JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False)
    )
    op.add_column(
        "submission_table", sa.Column("filled", _JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False)
    )
    op.add_column("submission_table", sa.Column("kept", _JSONB, nullable=True))
    op.add_column("finding", sa.Column("cases", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("release", sa.Column("before", sa.Integer(), nullable=True))
    op.create_index(
        "concept_references",
        "concept",
        ["terminology_id"],
        postgresql_where=sa.text("until IS NULL AND (parent IS NOT NULL OR replaced_by IS NOT NULL)"),
    )


def downgrade() -> None:
    op.drop_index("concept_references", table_name="concept")
    op.drop_column("release", "before")
    op.drop_column("finding", "cases")
    op.drop_column("submission_table", "kept")
    op.drop_column("submission_table", "filled")
    op.drop_column("submission_file", "profile")
    op.drop_column("submission", "day")
    op.drop_column("submission", "history")
    op.drop_table("submission_letter")
    op.drop_table("column_profile")
