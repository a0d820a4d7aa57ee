"""To whom an entry was written besides the desk, and an index to find what somebody wrote lately.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that may be empty, and an index: the version before goes on writing rows without them."""
    op.add_column("entries", sa.Column("recipients", sa.JSON(none_as_null=True), nullable=True))
    op.create_index("ix_entries_author", "entries", ["author", "at"])
