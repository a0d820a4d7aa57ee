"""The first schema.

Revision ID: 0001
"""

import time
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Writers of other epochs keep their hands off the store.
EPOCH = 1

# SQLite numbers rows by itself only for a column declared INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _meta()
    _tickets()
    _intake()
    _jobs()
    _entries()
    _messages()
    _traces()
    _outbox()
    _blobs()
    if op.get_bind().dialect.name == "postgresql":
        _search_index()
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_fts USING fts5"
            "(words, ticket_id UNINDEXED, entry_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 0')"
        )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    meta = sa.table("meta", sa.column("key"), sa.column("value"))
    rows = [{"key": "epoch", "value": str(EPOCH)}, {"key": "made_at", "value": str(time.time_ns() // 1_000_000)}]
    op.bulk_insert(meta, rows)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("priority_by", sa.Text(), nullable=False),
        sa.Column("claimed_urgency", sa.Text(), nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("account", JSON, nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("contact", JSON, nullable=True),
        sa.Column("requester", JSON, nullable=False),
        sa.Column("identity", JSON, nullable=False),
        sa.Column("authentication", JSON, nullable=False),
        sa.Column("callback", JSON, nullable=False),
        sa.Column("clocks", JSON, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("actions_allowed", JSON, nullable=False),
        sa.Column("actions_blocked", JSON, nullable=True),
        sa.Column("staff_set", JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "channel <> 'email' OR priority IN ('medium', 'low')"
            " OR substr(priority_by, 1, 6) = 'staff ' OR substr(priority_by, 1, 5) = 'call '",
            name=op.f("ck_tickets_email_priority"),
        ),
        sa.CheckConstraint("channel IN ('email', 'voicemail')", name=op.f("ck_tickets_channel")),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'medium', 'low')", name=op.f("ck_tickets_priority")),
        sa.CheckConstraint("status IN ('open', 'waiting', 'solved', 'closed')", name=op.f("ck_tickets_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("ref", name=op.f("uq_tickets_ref")),
    )
    op.create_index("ix_tickets_account_id", "tickets", ["account_id"], unique=False)
    op.create_index("ix_tickets_unclosed", "tickets", ["created_at"], unique=False, **_where("status <> 'closed'"))
    op.create_table(
        "events",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_events_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_ticket_id", "events", ["ticket_id"], unique=False)


def _intake() -> None:
    op.create_table(
        "intake",
        sa.Column("seq", ID, sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("origin_key", sa.Text(), nullable=True),
        sa.Column("envelope", JSON, nullable=False),
        sa.Column("blob", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("duplicate_of", sa.Text(), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'voicemail')", name=op.f("ck_intake_channel")),
        sa.CheckConstraint(
            "status IN ('filed', 'threaded', 'duplicate', 'ignored', 'quarantined', 'rejected')",
            name=op.f("ck_intake_status"),
        ),
        sa.ForeignKeyConstraint(["duplicate_of"], ["intake.id"], name=op.f("fk_intake_duplicate_of")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_intake_ticket_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_intake")),
        sa.UniqueConstraint("id", name=op.f("uq_intake_id")),
        sa.UniqueConstraint("origin_key", name=op.f("uq_intake_origin_key")),
    )
    op.create_index("ix_intake_blob", "intake", ["blob"], unique=False, **_where("blob IS NOT NULL"))
    op.create_index("ix_intake_status", "intake", ["status", "seq"], unique=False)
    op.create_index("ix_intake_ticket_id", "intake", ["ticket_id"], unique=False)
    op.create_table(
        "intake_raw",
        sa.Column("intake_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_raw_intake_id")),
        sa.PrimaryKeyConstraint("intake_id", name=op.f("pk_intake_raw")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("lease_clock", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (claimant IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)"
            " AND (state = 'running') = (lease_clock IS NOT NULL)",
            name=op.f("ck_jobs_lease"),
        ),
        sa.CheckConstraint("state IN ('ready', 'running', 'done', 'dead')", name=op.f("ck_jobs_state")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_jobs_intake_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_jobs_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_at_once", "jobs", ["lane", "id"], unique=False, **_where("state = 'ready' AND due_at IS NULL")
    )
    op.create_index("ix_jobs_dead", "jobs", ["lane"], unique=False, **_where("state = 'dead'"))
    op.create_index("ix_jobs_intake_id", "jobs", ["intake_id"], unique=False)
    op.create_index("ix_jobs_running", "jobs", ["lane"], unique=False, **_where("state = 'running'"))
    op.create_index("ix_jobs_ticket_id", "jobs", ["ticket_id"], unique=False)
    op.create_index(
        "ix_jobs_timed",
        "jobs",
        ["lane", "due_at", "id"],
        unique=False,
        **_where("state = 'ready' AND due_at IS NOT NULL"),
    )
    op.create_index("uq_jobs_running_ticket", "jobs", ["ticket_id"], unique=True, **_where("state = 'running'"))


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_text", sa.Text(), nullable=True),
        sa.Column("identity", JSON, nullable=True),
        sa.Column("authentication", JSON, nullable=True),
        sa.Column("attachments", JSON, nullable=False),
        sa.Column("transcript", JSON, nullable=True),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('email', 'voicemail', 'note', 'reply', 'confirmation')", name=op.f("ck_entries_kind")
        ),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_entries_intake_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_entries_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_intake_id", "entries", ["intake_id"], unique=False)
    op.create_index("ix_entries_ticket_id", "entries", ["ticket_id"], unique=False)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_messages_entry_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_messages_intake_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_messages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("message_id", "ticket_id", name=op.f("uq_messages_message_id_ticket_id")),
    )
    op.create_table(
        "fingerprints",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_fingerprints_intake_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_fingerprints")),
    )
    op.create_index("ix_fingerprints_intake_id", "fingerprints", ["intake_id"], unique=False)


def _traces() -> None:
    op.create_table(
        "traces",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("intake_id", sa.Text(), nullable=True),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_traces_entry_id")),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_traces_intake_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_traces_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traces")),
    )
    op.create_index("ix_traces_intake_id", "traces", ["intake_id"], unique=False)
    op.create_index("ix_traces_ticket_id", "traces", ["ticket_id"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('acknowledgement', 'confirmation', 'reply', 'notice', 'page')", name=op.f("ck_outbox_kind")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'suppressed')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_outbox_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index("ix_outbox_state", "outbox", ["state"], unique=False)
    op.create_index("ix_outbox_ticket_id", "outbox", ["ticket_id"], unique=False)


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("upload", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_blobs")),
        sa.UniqueConstraint("upload", name=op.f("uq_blobs_upload")),
    )
    op.create_index("ix_blobs_touched_at", "blobs", ["touched_at"], unique=False)
    op.create_table(
        "blob_chunks",
        sa.Column("upload", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("upload", "number", name=op.f("pk_blob_chunks")),
    )
    op.create_index("ix_blob_chunks_at", "blob_chunks", ["at"], unique=False)


def _search_index() -> None:
    op.create_table(
        "search_index",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_search_index_entry_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_search_index_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_index")),
    )
    op.create_index("ix_search_index_ticket_id", "search_index", ["ticket_id"], unique=False)
    op.create_index("ix_search_index_words", "search_index", ["words"], unique=False, postgresql_using="gin")
