"""Questions to addresses on file, and how they ended.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for a column declared INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Add a table; nothing that is there changes, so the version before can go on with the store."""
    op.create_table(
        "confirmations",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("waiting", JSON, nullable=False),
        sa.Column("access", JSON, nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_entry_id", ID, nullable=True),
        sa.Column("noticed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_confirmations_{column}"))
            for column, table in (
                ("ticket_id", "tickets"),
                ("entry_id", "entries"),
                ("outbox_id", "outbox"),
                ("end_entry_id", "entries"),
            )
        ),
        sa.CheckConstraint("purpose IN ('actions', 'access')", name=op.f("ck_confirmations_purpose")),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'refused', 'expired', 'withdrawn')", name=op.f("ck_confirmations_state")
        ),
    )
    op.create_index("ix_confirmations_ticket_id", "confirmations", ["ticket_id"])
    op.create_index("ix_confirmations_outbox_id", "confirmations", ["outbox_id"])
