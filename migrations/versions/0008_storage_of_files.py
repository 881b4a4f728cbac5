"""Files that were sent in lie as they are: pieces of a compressed one are read by unpacking all that comes before them.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("submission_file", "submission_letter")


def upgrade() -> None:
    """What is there already stays compressed until it is written again: rewriting it would hold the tables for long."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTENDED")
