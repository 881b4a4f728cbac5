"""Pairs that several parts of a map carry: what each part's lists say is kept by part. And drafts name their terminology.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSONB = postgresql.JSONB(astext_type=sa.Text())
_COLUMNS = (
    "terminology_id, part, code, since, until, status, source_code, target_code, relationship, properties, content_hash"
)
# A map no two parts of which ever carried the same pair needs no rows by part: those that its lists say tell theirs.
_VIEW = f"""
    CREATE VIEW mapping_by_part AS SELECT id, {_COLUMNS} FROM part_mapping
    UNION ALL SELECT id, {_COLUMNS} FROM observed_mapping o
    WHERE NOT EXISTS (SELECT 1 FROM terminology t WHERE t.id = o.terminology_id AND t.parted)
"""  # noqa: S608
# Until now a pair belonged to the part that wrote it last. Which maps have such pairs is seen by their past rows.
_PARTED = """
    UPDATE terminology t SET parted = true WHERE kind = 'map' AND EXISTS (
        SELECT 1 FROM observed_mapping o WHERE o.terminology_id = t.id GROUP BY o.code HAVING min(o.part) <> max(o.part))
"""
_COPY = f"""
    INSERT INTO part_mapping ({_COLUMNS}) SELECT {", ".join(f"o.{c}" for c in _COLUMNS.split(", "))}
    FROM observed_mapping o JOIN terminology t ON t.id = o.terminology_id WHERE t.parted ORDER BY o.id
"""  # noqa: S608


def upgrade() -> None:
    op.create_table(
        "part_mapping",
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
        "part_mapping_current", "part_mapping", ["terminology_id", "code", "part"], unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip
    op.create_index(
        "part_mapping_past", "part_mapping", ["terminology_id", "until"],
        postgresql_where=sa.text("until IS NOT NULL"),
    )  # fmt: skip
    op.add_column("terminology", sa.Column("parted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("submission_table", sa.Column("named", _JSONB, nullable=True))
    op.execute(_VIEW)
    op.execute(_PARTED)
    op.execute(_COPY)


def downgrade() -> None:
    op.execute("DROP VIEW mapping_by_part")
    op.drop_column("submission_table", "named")
    op.drop_column("terminology", "parted")
    op.drop_table("part_mapping")
