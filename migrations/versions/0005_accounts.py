"""People at the desk: what they keep, sessions, guesses at passwords, comments, and what was seen of their workbooks.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.add_column("account", sa.Column("password_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("change_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "stewardship",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("terminology", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('importer', 'approver')"),
        sa.ForeignKeyConstraint(["account"], ["account.name"]),
        sa.PrimaryKeyConstraint("account", "terminology", "role"),
    )
    op.create_table(
        "desk_session",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("desk_session_token", "desk_session", ["token_hash"], unique=True)
    op.create_index("desk_session_account", "desk_session", ["account"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "guessing",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("guessing_last", "guessing", ["last"])
    op.create_table(
        "submission_comment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_submission_comment_submission_id", "submission_comment", ["submission_id"])
    op.execute(
        "CREATE TRIGGER submission_comment_only_grows BEFORE UPDATE OR DELETE ON submission_comment"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )
    op.create_table(
        "seen_workbook",
        sa.Column("file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("failure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["submission_file.id"]),
        sa.PrimaryKeyConstraint("file_id"),
    )


def downgrade() -> None:
    op.drop_table("seen_workbook")
    op.drop_table("submission_comment")
    op.drop_table("guessing")
    op.drop_table("desk_session")
    op.drop_table("stewardship")
    op.drop_column("account", "change_until")
    op.drop_column("account", "password_at")
