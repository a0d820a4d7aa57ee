"""When tickets were opened from a domain, for the limit on those.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add a table; nothing that is there changes, so the version before can go on with the store."""
    op.create_table(
        "domain_tickets",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_tickets")),
    )
    op.create_index("ix_domain_tickets_domain", "domain_tickets", ["domain", "at"])
