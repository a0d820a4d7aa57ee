"""Pages: who is to be woken for a ticket, how far that has come, and whom each item of the outbox was for.

Revision ID: 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Add tables; nothing that is there changes, so the version before can go on with the store."""
    op.create_table(
        "pages",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Boolean(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("caused_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_pages_ticket_id")),
        sa.CheckConstraint(
            "state IN ('waiting', 'braked', 'paging', 'acknowledged', 'ended')", name=op.f("ck_pages_state")
        ),
    )
    op.create_index("uq_pages_ticket_id", "pages", ["ticket_id"], unique=True, **_where("state <> 'braked'"))
    op.create_index("ix_pages_caused_at", "pages", ["caused_at"])
    op.create_table(
        "page_items",
        sa.Column("item_id", ID, nullable=False),
        sa.Column("page_id", ID, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_page_items")),
        sa.UniqueConstraint("token", name=op.f("uq_page_items_token")),
        sa.ForeignKeyConstraint(["item_id"], ["outbox.id"], name=op.f("fk_page_items_item_id")),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_page_items_page_id")),
    )
    op.create_index("ix_page_items_page_id", "page_items", ["page_id"])
