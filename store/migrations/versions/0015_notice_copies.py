"""What a notice says of who else reads an answer to it.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that may be empty, so the version before can go on with the store."""
    op.add_column("outbox", sa.Column("copies", sa.JSON(none_as_null=True)))
