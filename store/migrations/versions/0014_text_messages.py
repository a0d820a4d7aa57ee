"""Text messages that were taken, so that one which is told of twice answers one page.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; nothing that is there changes, so the version before can go on with the store."""
    op.create_table(
        "text_messages",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_text_messages")),
    )
