"""Mailboxes pulled by IMAP, tokens of OAuth2, accounts that commands put on file.

Revision ID: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only for a column declared INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Add tables; nothing that is there changes, so the version before can go on with the store."""
    _mailboxes()
    _tokens()
    _accounts()


def _mailboxes() -> None:
    op.create_table(
        "mailbox_folders",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("old_below", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("surveyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("mailbox", "folder", name=op.f("pk_mailbox_folders")),
    )
    op.create_table(
        "mailbox_messages",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_messages")),
        sa.ForeignKeyConstraint(
            ["intake_id"],
            ["intake.id"],
            name=op.f("fk_mailbox_messages_intake_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint(
            "mailbox", "folder", "uidvalidity", "uid", name=op.f("uq_mailbox_messages_mailbox_folder_uidvalidity_uid")
        ),
        sa.CheckConstraint(
            "state IN ('stored', 'old', 'partial', 'unreadable', 'gone')", name=op.f("ck_mailbox_messages_state")
        ),
    )
    op.create_index(
        "ix_mailbox_messages_identity",
        "mailbox_messages",
        ["mailbox", "folder", "identity"],
        **_where("identity IS NOT NULL"),
    )
    op.create_index(
        "ix_mailbox_messages_after", "mailbox_messages", ["mailbox", "folder"], **_where("after IS NOT NULL")
    )
    op.create_index(
        "ix_mailbox_messages_unreadable",
        "mailbox_messages",
        ["mailbox", "folder"],
        **_where("state = 'unreadable'"),
    )
    op.create_index("ix_mailbox_messages_intake_id", "mailbox_messages", ["intake_id"])
    op.create_table(
        "mailbox_leases",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("claimant", sa.Text(), nullable=False),
        sa.Column("lease_clock", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_leases")),
    )


def _tokens() -> None:
    op.create_table(
        "oauth_tokens",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("obtained_at", sa.BigInteger(), nullable=False),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("lease_clock", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_oauth_tokens")),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.CheckConstraint("source IN ('import', 'command')", name=op.f("ck_accounts_source")),
    )
    op.create_table(
        "account_contacts",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_contacts")),
        sa.CheckConstraint("source IN ('import', 'command')", name=op.f("ck_account_contacts_source")),
        sa.UniqueConstraint("account_id", "contact_id", name=op.f("uq_account_contacts_account_id_contact_id")),
    )
    op.create_table(
        "account_events",
        sa.Column("id", ID, sa.Identity(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    op.create_index("ix_account_events_account_id", "account_events", ["account_id"])
