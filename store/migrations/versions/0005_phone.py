"""Calls, the ledger of recordings, numbers that are turned away, accounts at the phone provider.

Revision ID: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Add tables; nothing that is there changes, so the version before can go on with the store."""
    _calls()
    _recordings()
    op.create_table(
        "blocked_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("blocked_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocked_numbers")),
    )
    op.create_table(
        "phone_accounts",
        sa.Column("account_sid", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account_sid", name=op.f("pk_phone_accounts")),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("told", JSON, nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("sid", name=op.f("uq_calls_sid")),
        sa.UniqueConstraint("ref", name=op.f("uq_calls_ref")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_calls_ticket_id")),
        sa.CheckConstraint(
            "state IN ('told', 'filed', 'unknown', 'foreign', 'blocked', 'old')", name=op.f("ck_calls_state")
        ),
    )
    op.create_index("ix_calls_ticket_id", "calls", ["ticket_id"])


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("call_sid", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("job_id", ID, nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("sid", name=op.f("uq_recordings_sid")),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
            name=op.f("fk_recordings_intake_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_recordings_job_id")),
        sa.CheckConstraint("way IN ('provider', 'pbx')", name=op.f("ck_recordings_way")),
        sa.CheckConstraint(
            "state IN ('waiting', 'stored', 'absent', 'unknown', 'foreign', 'old')", name=op.f("ck_recordings_state")
        ),
    )
    op.create_index("ix_recordings_line", "recordings", ["line", "started_at"])
    op.create_index("ix_recordings_call_sid", "recordings", ["call_sid"])
    op.create_index("ix_recordings_intake_id", "recordings", ["intake_id"])
    op.create_index("ix_recordings_job_id", "recordings", ["job_id"])
    op.create_index("ix_recordings_waiting", "recordings", ["at"], **_where("state = 'waiting'"))
    op.create_index("ix_recordings_after", "recordings", ["at"], **_where("after IS NOT NULL"))
