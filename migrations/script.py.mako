"""${message}

Revision: ${up_revision}, after: ${down_revision | comma,n}

Written for a registry that others are using (docs/operations.md):
- a lock on a table is waited for only 10 s; what takes long (filling a column) goes in batches or in the worker;
- a new column of a big table is nullable or has a constant default; an index on it is built CONCURRENTLY in
  ``with op.get_context().autocommit_block():``, at the end of a revision of its own;
- the code before this revision must go on working on the schema after it, so that a column is dropped one release
  after its last use;
- there is no way down: mend forwards by another revision, or restore the backup.
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
