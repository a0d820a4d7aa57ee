"""What the outbox needs to send: the parts of a mail, limits, retries, and items that wait for a person.

Revision ID: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
COUNTED = "automatic AND state <> 'suppressed'"


def upgrade() -> None:
    """Add columns that may be empty, so the version before can go on with the store."""
    for column in (
        sa.Column("to_name", sa.Text()),
        sa.Column("from_name", sa.Text()),
        sa.Column("cc", JSON),
        sa.Column("html", sa.Text()),
        sa.Column("in_reply_to", sa.Text()),
        sa.Column("thread", JSON),
        sa.Column("attachments", JSON),
        sa.Column("language", sa.Text()),
        sa.Column("automatic", sa.Boolean()),
        sa.Column("to_key", sa.Text()),
        sa.Column("entry_id", ID),
        sa.Column("job_id", ID),
        sa.Column("not_after", sa.BigInteger()),
        sa.Column("next_try_at", sa.BigInteger()),
        sa.Column("dated_at", sa.BigInteger()),
        sa.Column("held_at", sa.BigInteger()),
        sa.Column("released_at", sa.BigInteger()),
        sa.Column("bounce", JSON),
    ):
        op.add_column("outbox", column)
    op.create_index("ix_outbox_entry_id", "outbox", ["entry_id"])
    where: dict[str, Any] = {"sqlite_where": sa.text(COUNTED), "postgresql_where": sa.text(COUNTED)}
    op.create_index("ix_outbox_to_key", "outbox", ["to_key", "created_at"], **where)
    op.create_index("ix_outbox_automatic", "outbox", ["created_at"], **where)
