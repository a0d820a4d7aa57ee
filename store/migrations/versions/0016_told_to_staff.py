"""Which automatic mail goes to staff: it is counted apart.

Revision ID: 0016
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that may be empty and widen an index; the version before goes on with both."""
    op.add_column("outbox", sa.Column("to_staff", sa.Boolean(), nullable=True))
    op.drop_index("ix_outbox_automatic", "outbox")
    counted = _where("automatic AND state <> 'suppressed'")
    op.create_index("ix_outbox_automatic", "outbox", ["created_at", "automatic", "state", "to_staff"], **counted)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
