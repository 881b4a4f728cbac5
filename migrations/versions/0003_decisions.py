"""Decisions of the committee over what the lists say of a map: what was observed is kept apart from what is published.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = (
    "id, terminology_id, part, code, since, until, status, source_code, target_code, relationship, properties,"
    " content_hash"
)
# A map on which nothing was ever decided needs no layer of its own: what was published is what its lists say.
_VIEW = f"""
    CREATE VIEW observed_mapping AS SELECT {_COLUMNS} FROM listed_mapping
    UNION ALL SELECT {_COLUMNS} FROM mapping m
    WHERE NOT EXISTS (SELECT 1 FROM decision_standing d WHERE d.terminology_id = m.terminology_id)
"""  # noqa: S608


def upgrade() -> None:
    op.create_table(
        "listed_mapping",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("terminology_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source_code", sa.Text(collation="C"), nullable=False),
        sa.Column("target_code", sa.Text(collation="C"), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "listed_mapping_current", "listed_mapping", ["terminology_id", "code"], unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip
    op.create_index(
        "listed_mapping_past", "listed_mapping", ["terminology_id", "until"],
        postgresql_where=sa.text("until IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "mapping_decision",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("terminology_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("source_code", sa.Text(collation="C"), nullable=False),
        sa.Column("target_code", sa.Text(collation="C"), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("properties", sa.JSON(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("revokes", sa.BigInteger(), nullable=True),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("verdict IN ('holds', 'not', 'no-target', 'revoke')"),
        sa.CheckConstraint("(verdict = 'revoke') = (revokes IS NOT NULL)"),
        sa.ForeignKeyConstraint(["terminology_id"], ["terminology.id"]),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.ForeignKeyConstraint(["revokes"], ["mapping_decision.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission_id", "terminology_id", "code"),
    )
    op.create_index("mapping_decision_subject", "mapping_decision", ["terminology_id", "code"])
    op.create_table(
        "decision_standing",
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("terminology_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("until IS NULL OR until > since"),
        sa.ForeignKeyConstraint(["decision_id"], ["mapping_decision.id"]),
        sa.PrimaryKeyConstraint("decision_id", "since"),
    )
    op.create_index(
        "decision_standing_current", "decision_standing", ["terminology_id", "code"], unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip
    op.create_index("decision_standing_map", "decision_standing", ["terminology_id"])
    op.execute(_VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW observed_mapping")
    op.drop_table("decision_standing")
    op.drop_table("mapping_decision")
    op.drop_table("listed_mapping")
