"""Tickets that stand behind all others in the list, and indexes to look back by.

Revision ID: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column with a default and indexes, so the version before can go on with the store."""
    op.add_column("tickets", sa.Column("behind", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_tickets_created_at", "tickets", ["created_at"])
    op.create_index("ix_entries_called_at", "entries", ["at"], **_where("kind = 'voicemail'"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
