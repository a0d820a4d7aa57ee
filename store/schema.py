"""The tables. Times are epoch milliseconds in columns named `…_at`; what they are for: docs/store.md.

A change here needs a migration (store/migrations/versions); a test holds both to the same schema.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from store.types import CleanText, Id, Json

# Revisions in their order, the last one is what this program wants; known here so that opening a store that is up to
# date does not import Alembic.
REVISIONS: Final = tuple(f"{number:04}" for number in range(1, 17))
# Raised by a migration that older programs must not write to (the contracting half of expand and contract).
EPOCH: Final = 1

# FTS5 gives what PostgreSQL's search_index gives. The texts are folded by us (store.search), so the tokenizer must not
# fold again by rules of its own.
FTS_DDL: Final = (
    "CREATE VIRTUAL TABLE search_fts USING fts5"
    "(words, ticket_id UNINDEXED, entry_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 0')"
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _serial() -> Column[int]:
    return Column("id", Id, Identity(), primary_key=True)


def _one_of(column: str, *words: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def _words(name: str, *, null: bool = False, **more: Any) -> Column[str]:
    return Column(name, CleanText(), nullable=null, **more)


def _refers(name: str, to: str, kind: Any = Id, *, null: bool = True) -> Column[Any]:
    return Column(name, kind, ForeignKey(to), nullable=null)


def _time(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger(), nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, Integer(), nullable=False)


def _json(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Json, nullable=null)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


meta = Table("meta", metadata, _words("key", primary_key=True), _words("value"))

tickets = Table(
    "tickets",
    metadata,
    _serial(),
    _words("ref", unique=True),
    _words("channel"),
    _words("source"),
    _words("subject"),
    _words("status"),
    _words("type", null=True),
    _words("queue", null=True),
    _words("priority"),
    _words("priority_by"),
    _words("claimed_urgency", null=True),
    _json("tags"),
    _words("assignee", null=True),
    _json("account", null=True),
    _words("account_id", null=True),
    _json("contact", null=True),
    _json("requester"),
    _json("identity"),
    _json("authentication"),
    _json("callback"),
    _json("clocks"),
    # The earliest due time of a clock that is not met, taken out of `clocks` for lists by due time.
    _time("due_at", null=True),
    _json("actions_allowed"),
    _json("actions_blocked", null=True),
    _json("staff_set"),
    _time("created_at"),
    _time("updated_at"),
    _time("closed_at", null=True),
    # 1: in the list it stands behind all that is 0, whatever its priority.
    Column("behind", Integer(), nullable=False, server_default="0"),
    _one_of("channel", "email", "voicemail"),
    _one_of("status", "open", "waiting", "solved", "closed"),
    _one_of("priority", "urgent", "high", "medium", "low"),
    # The law that email sets no priority, where no rule and no slip of ours gets past it.
    CheckConstraint(
        "channel <> 'email' OR priority IN ('medium', 'low')"
        " OR substr(priority_by, 1, 6) = 'staff ' OR substr(priority_by, 1, 5) = 'call '",
        name="email_priority",
    ),
    _partial("ix_tickets_unclosed", "created_at", where="status <> 'closed'"),
    # With the status, which the condition names: so that they are counted in the index alone.
    _partial("ix_tickets_unclosed_account", "account_id", "created_at", "status", where="status <> 'closed'"),
    Index("ix_tickets_account_id", "account_id", "created_at"),
    Index("ix_tickets_created_at", "created_at"),
)

intake = Table(
    "intake",
    metadata,
    # The order of arrival; the wall clock may step.
    Column("seq", Id, Identity(), primary_key=True),
    _words("id", unique=True),
    _words("channel"),
    _words("source"),
    _words("origin_key", null=True, unique=True),
    _json("envelope"),
    _words("blob", null=True),
    _words("sha256"),
    Column("size", BigInteger(), nullable=False),
    _time("received_at"),
    _time("accepted_at"),
    _words("status", null=True),
    _words("reason", null=True),
    _refers("ticket_id", "tickets.id"),
    _refers("duplicate_of", "intake.id", CleanText()),
    _one_of("channel", "email", "voicemail"),
    _one_of("status", "filed", "threaded", "duplicate", "ignored", "quarantined", "rejected"),
    Index("ix_intake_status", "status", "seq"),
    Index("ix_intake_ticket_id", "ticket_id"),
    _partial("ix_intake_blob", "blob", where="blob IS NOT NULL"),
)

# Apart from `intake`: SQLite rewrites a whole row when one column changes, and the status changes.
intake_raw = Table(
    "intake_raw",
    metadata,
    Column("intake_id", CleanText(), ForeignKey("intake.id"), primary_key=True),
    Column("raw", LargeBinary(), nullable=False),
)


jobs = Table(
    "jobs",
    metadata,
    _serial(),
    _words("kind"),
    _words("lane"),
    _refers("intake_id", "intake.id", CleanText()),
    _refers("ticket_id", "tickets.id"),
    _json("payload"),
    _words("state"),
    # NULL is "at once", whatever the clock says: a clock that is set back must not hold up mail.
    _time("due_at", null=True),
    _count("attempt"),
    _count("max_attempts"),
    _count("failures"),
    _words("claimant", null=True),
    _words("lease_clock", null=True),
    Column("lease_until", BigInteger(), nullable=True),
    _words("error", null=True),
    _time("created_at"),
    _time("finished_at", null=True),
    _one_of("state", "ready", "running", "done", "dead"),
    CheckConstraint(
        "(state = 'running') = (claimant IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)"
        " AND (state = 'running') = (lease_clock IS NOT NULL)",
        name="lease",
    ),
    # The guard behind the claim's own condition: never two running jobs of one ticket (NULLs do not collide).
    _partial("uq_jobs_running_ticket", "ticket_id", where="state = 'running'", unique=True),
    _partial("ix_jobs_at_once", "lane", "id", where="state = 'ready' AND due_at IS NULL"),
    _partial("ix_jobs_timed", "lane", "due_at", "id", where="state = 'ready' AND due_at IS NOT NULL"),
    _partial("ix_jobs_running", "lane", where="state = 'running'"),
    _partial("ix_jobs_dead", "lane", where="state = 'dead'"),
    Index("ix_jobs_intake_id", "intake_id"),
    Index("ix_jobs_ticket_id", "ticket_id"),
)

entries = Table(
    "entries",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id", null=False),
    _words("kind"),
    _time("at"),
    _words("author", null=True),
    _words("text"),
    _words("reply_text", null=True),
    _json("identity", null=True),
    _json("authentication", null=True),
    _json("attachments"),
    _json("transcript", null=True),
    _refers("intake_id", "intake.id", CleanText()),
    _words("message_id", null=True),
    _json("recipients", null=True),
    _one_of("kind", "email", "voicemail", "note", "reply", "confirmation"),
    Index("ix_entries_ticket_id", "ticket_id"),
    Index("ix_entries_intake_id", "intake_id"),
    Index("ix_entries_author", "author", "at"),
    _partial("ix_entries_called_at", "at", where="kind = 'voicemail'"),
)

events = Table(
    "events",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id", null=False),
    _time("at"),
    _words("actor"),
    _words("what"),
    _words("why", null=True),
    # What has to be put back to undo it, and since when it is undone.
    _json("undo", null=True),
    _time("undone_at", null=True),
    Index("ix_events_ticket_id", "ticket_id"),
)

# Several tickets may hold one Message-ID: the same id with other content is filed, too.
messages = Table(
    "messages",
    metadata,
    _serial(),
    _words("message_id"),
    _refers("ticket_id", "tickets.id", null=False),
    _refers("entry_id", "entries.id"),
    _refers("intake_id", "intake.id", CleanText()),
    UniqueConstraint("message_id", "ticket_id"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    _words("fingerprint", primary_key=True),
    _refers("intake_id", "intake.id", CleanText(), null=False),
    Index("ix_fingerprints_intake_id", "intake_id"),
)

traces = Table(
    "traces",
    metadata,
    _serial(),
    _refers("intake_id", "intake.id", CleanText()),
    _refers("ticket_id", "tickets.id"),
    _refers("entry_id", "entries.id"),
    _time("at"),
    _words("kind"),
    _json("body"),
    Index("ix_traces_intake_id", "intake_id"),
    Index("ix_traces_ticket_id", "ticket_id"),
)

outbox = Table(
    "outbox",
    metadata,
    _serial(),
    _words("kind"),
    _words("to_address"),
    _words("from_address", null=True),
    _words("reply_to", null=True),
    _words("message_id", unique=True),
    _words("subject"),
    _words("text"),
    _refers("ticket_id", "tickets.id"),
    _words("state"),
    _words("reason", null=True),
    _time("created_at"),
    _time("sent_at", null=True),
    _count("attempts"),
    _time("acknowledged_at", null=True),
    _words("acknowledged_by", null=True),
    # What a mail needs beyond what is shown of it; no value in these of before is the empty one.
    _words("to_name", null=True),
    _words("from_name", null=True),
    _json("cc", null=True),
    _words("html", null=True),
    _words("in_reply_to", null=True),
    _json("thread", null=True),
    _json("attachments", null=True),
    _words("language", null=True),
    # Nobody's hand wrote it (RFC 3834); the limits count these.
    Column("automatic", Boolean(), nullable=True),
    # `to_address` in the form in which addresses are compared.
    _words("to_key", null=True),
    # No foreign keys: SQLite adds none to a table that is there. `job_id` is the one job that may carry the item out;
    # another of its jobs, left over from before, does nothing.
    Column("entry_id", Id, nullable=True),
    Column("job_id", Id, nullable=True),
    _time("not_after", null=True),
    _time("next_try_at", null=True),
    # The Date that it went out under first, and goes out under again.
    _time("dated_at", null=True),
    # It waits for a person's word since then, and had that word at `released_at`.
    _time("held_at", null=True),
    _time("released_at", null=True),
    # What came back, where it did not arrive or not yet.
    _json("bounce", null=True),
    # The address in To, where this is the copy of somebody in Cc.
    _words("shown_to", null=True),
    # To whom, by its own words, an answer to this notice goes as well.
    _json("copies", null=True),
    # To one of staff, as the configuration had it: what they are told is counted apart.
    Column("to_staff", Boolean(), nullable=True),
    _one_of("kind", "acknowledgement", "confirmation", "reply", "notice", "page"),
    _one_of("state", "queued", "sending", "sent", "failed", "suppressed"),
    Index("ix_outbox_ticket_id", "ticket_id"),
    Index("ix_outbox_state", "state"),
    Index("ix_outbox_entry_id", "entry_id"),
    _partial("ix_outbox_to_key", "to_key", "created_at", where="automatic AND state <> 'suppressed'"),
    # With all that is asked of them, the condition's again: up to a thousand are counted for each mail that goes out.
    _partial(
        "ix_outbox_automatic",
        "created_at",
        "automatic",
        "state",
        "to_staff",
        where="automatic AND state <> 'suppressed'",
    ),
)

# A question to an address on file. The reply that answers it is an entry like any other; how it ended stands here.
confirmations = Table(
    "confirmations",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id", null=False),
    _refers("entry_id", "entries.id"),
    _refers("outbox_id", "outbox.id"),
    _words("purpose"),
    _words("to_address"),
    _json("waiting"),
    _json("access", null=True),
    _time("asked_at"),
    _words("asked_by"),
    _time("expires_at"),
    _words("state"),
    _time("ended_at", null=True),
    _words("ended_by", null=True),
    _refers("end_entry_id", "entries.id"),
    _time("noticed_at", null=True),
    _one_of("purpose", "actions", "access"),
    _one_of("state", "asked", "confirmed", "refused", "expired", "withdrawn"),
    Index("ix_confirmations_ticket_id", "ticket_id"),
    Index("ix_confirmations_outbox_id", "outbox_id"),
)

# Files that staff attached, by the digest of their bytes; the bytes are a blob.
files = Table(
    "files",
    metadata,
    _words("sha256", primary_key=True),
    _words("blob"),
    Column("size", BigInteger(), nullable=False),
    _time("at"),
    Index("ix_files_blob", "blob"),
)

# One ticket points at another: `merged` into it, `split` off it, or `linked` with it.
ticket_links = Table(
    "ticket_links",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id", null=False),
    _refers("other_id", "tickets.id", null=False),
    _words("kind"),
    _time("at"),
    _words("by"),
    _one_of("kind", "merged", "split", "linked"),
    UniqueConstraint("ticket_id", "other_id", "kind"),
    Index("ix_ticket_links_other_id", "other_id"),
)

# Addresses that mail of ours came back from for good.
dead_addresses = Table(
    "dead_addresses",
    metadata,
    _words("address_key", primary_key=True),
    _words("reason"),
    _time("at"),
)

blobs = Table(
    "blobs",
    metadata,
    _words("name", primary_key=True),
    _words("upload", unique=True),
    Column("size", BigInteger(), nullable=False),
    _time("touched_at"),
    Index("ix_blobs_touched_at", "touched_at"),
)

blob_chunks = Table(
    "blob_chunks",
    metadata,
    _words("upload", primary_key=True),
    Column("number", Integer(), primary_key=True, autoincrement=False),
    Column("data", LargeBinary(), nullable=False),
    _time("at"),
    Index("ix_blob_chunks_at", "at"),
)

# One row for each folder of a mailbox that was ever looked into. UIDs below `old_below` were there at the first look,
# which is over at `surveyed_at`.
mailbox_folders = Table(
    "mailbox_folders",
    metadata,
    _words("mailbox", primary_key=True),
    _words("folder", primary_key=True),
    Column("uidvalidity", BigInteger(), nullable=False),
    Column("old_below", BigInteger(), nullable=False),
    _time("first_at"),
    _time("surveyed_at", null=True),
)

# The ledger: one row for each mail that a mailbox held, and what became of it. `identity` names a mail when the server
# numbers its folder anew.
mailbox_messages = Table(
    "mailbox_messages",
    metadata,
    _serial(),
    _words("mailbox"),
    _words("folder"),
    Column("uidvalidity", BigInteger(), nullable=False),
    Column("uid", BigInteger(), nullable=False),
    _words("identity", null=True),
    _words("state"),
    # Looked at when the transaction ends: the ledger says which mails are new before their rows are written.
    Column("intake_id", CleanText(), ForeignKey("intake.id", deferrable=True, initially="DEFERRED"), nullable=True),
    # What is still to be done with the mail on the server, now that it is stored.
    _words("after", null=True),
    _words("reason", null=True),
    _time("at"),
    _one_of("state", "stored", "old", "partial", "unreadable", "gone"),
    UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
    _partial("ix_mailbox_messages_identity", "mailbox", "folder", "identity", where="identity IS NOT NULL"),
    _partial("ix_mailbox_messages_after", "mailbox", "folder", where="after IS NOT NULL"),
    _partial("ix_mailbox_messages_unreadable", "mailbox", "folder", where="state = 'unreadable'"),
    Index("ix_mailbox_messages_intake_id", "intake_id"),
)

# Which node serves a mailbox, where several share a database.
mailbox_leases = Table(
    "mailbox_leases",
    metadata,
    _words("mailbox", primary_key=True),
    _words("claimant"),
    _words("lease_clock"),
    Column("lease_until", BigInteger(), nullable=False),
)

# `origin` is a digest of what a token descends from (the application, the token in a file), so that a new one of those
# begins anew. Who claims a row renews its token; the others wait and then use the newer one.
oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    _words("name", primary_key=True),
    _words("refresh_token"),
    _words("origin"),
    _time("obtained_at"),
    _words("claimant", null=True),
    _words("lease_clock", null=True),
    Column("lease_until", BigInteger(), nullable=True),
)

# What commands put on file beside accounts.yaml, which rules over both tables.
accounts = Table(
    "accounts",
    metadata,
    _words("id", primary_key=True),
    _words("name"),
    _words("plan", null=True),
    _words("source"),
    _words("file", null=True),
    _time("changed_at"),
    _words("changed_by"),
    _one_of("source", "import", "command"),
)

# `account_id` may be one of accounts.yaml, so it refers to no table.
account_contacts = Table(
    "account_contacts",
    metadata,
    _serial(),
    _words("account_id"),
    _words("contact_id"),
    _json("body"),
    _words("source"),
    _words("file", null=True),
    _time("changed_at"),
    _words("changed_by"),
    _one_of("source", "import", "command"),
    UniqueConstraint("account_id", "contact_id"),
)

account_events = Table(
    "account_events",
    metadata,
    _serial(),
    _words("account_id"),
    _time("at"),
    _words("actor"),
    _words("what"),
    _words("why", null=True),
    Index("ix_account_events_account_id", "account_id"),
)

# One row for each call that a webhook or a listing told of. `ref` is the reference that the caller was told; `told` is
# what came with the call and with nothing else.
calls = Table(
    "calls",
    metadata,
    _serial(),
    _words("sid", unique=True),
    _words("caller", null=True),
    _words("called", null=True),
    _json("told"),
    _words("ref", null=True, unique=True),
    _words("state"),
    _refers("ticket_id", "tickets.id"),
    _time("at"),
    _one_of("state", "told", "filed", "unknown", "foreign", "blocked", "old"),
    Index("ix_calls_ticket_id", "ticket_id"),
)

# One row for each recording, by the provider (`sid`) or by a PBX's mail: so the same call by both ways is found.
recordings = Table(
    "recordings",
    metadata,
    _serial(),
    _words("way"),
    _words("sid", null=True, unique=True),
    _words("call_sid", null=True),
    _words("line", null=True),
    _words("caller", null=True),
    _time("started_at", null=True),
    Column("seconds", Integer(), nullable=True),
    _words("state"),
    _words("reason", null=True),
    # Looked at when the transaction ends: what is new is known before the row of the intake is written.
    Column("intake_id", CleanText(), ForeignKey("intake.id", deferrable=True, initially="DEFERRED"), nullable=True),
    _refers("job_id", "jobs.id"),
    # What is still to be done with it at the provider, now that it is stored.
    _words("after", null=True),
    _time("at"),
    _one_of("way", "provider", "pbx"),
    _one_of("state", "waiting", "stored", "absent", "unknown", "foreign", "old"),
    Index("ix_recordings_line", "line", "started_at"),
    Index("ix_recordings_call_sid", "call_sid"),
    Index("ix_recordings_intake_id", "intake_id"),
    Index("ix_recordings_job_id", "job_id"),
    _partial("ix_recordings_waiting", "at", where="state = 'waiting'"),
    _partial("ix_recordings_after", "at", where="after IS NOT NULL"),
)

# Callers who are turned away; `until` NULL is for good.
blocked_numbers = Table(
    "blocked_numbers",
    metadata,
    _words("number", primary_key=True),
    _time("until", null=True),
    _words("blocked_by"),
    _time("at"),
)

# Since when an account of the provider is looked at, and when it was looked at last.
phone_accounts = Table(
    "phone_accounts",
    metadata,
    _words("account_sid", primary_key=True),
    _time("first_at"),
    _time("looked_at", null=True),
)

# Who is to be woken, and how far that has come: `step` counts the steps that were taken. `waiting`: for the words of a
# recording; `braked`: it woke nobody. `caller`, `known` and `words` say what caused it, for the brake.
pages = Table(
    "pages",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id"),
    _words("target"),
    _words("rule", null=True),
    _words("caller", null=True),
    Column("known", Boolean(), nullable=False),
    Column("words", Boolean(), nullable=True),
    _words("state"),
    _count("step"),
    _time("caused_at"),
    _time("ended_at", null=True),
    _words("ended_by", null=True),
    _one_of("state", "waiting", "braked", "paging", "acknowledged", "ended"),
    # Once for each ticket, whoever else looks at this moment.
    _partial("uq_pages_ticket_id", "ticket_id", where="state <> 'braked'", unique=True),
    Index("ix_pages_caused_at", "caused_at"),
)

# Whom an item of the outbox was for; `token` is what a telephone key is sent back under.
page_items = Table(
    "page_items",
    metadata,
    Column("item_id", Id, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    _refers("page_id", "pages.id", null=False),
    _words("person"),
    _words("token", unique=True),
    Index("ix_page_items_page_id", "page_id"),
)

# Text messages that were taken as answers to pages: the provider may tell of one twice.
text_messages = Table(
    "text_messages",
    metadata,
    _words("sid", primary_key=True),
    _time("at"),
)

# When tickets were opened from a domain, kept while that is counted.
domain_tickets = Table(
    "domain_tickets",
    metadata,
    _serial(),
    _words("domain"),
    _time("at"),
    Index("ix_domain_tickets_domain", "domain", "at"),
)

# The desk's mail to itself, address by address. `waiting_since`: when the first was sent of those that have not come
# back; `alarm_at`: since when people know that none does.
canaries = Table(
    "canaries",
    metadata,
    _words("address_key", primary_key=True),
    _words("address"),
    _time("next_at"),
    _time("sent_at", null=True),
    _time("waiting_since", null=True),
    _time("back_at", null=True),
    Column("took_ms", BigInteger(), nullable=True),
    _time("alarm_at", null=True),
)

# What the recogniser hears for the desk's own words: `times` counts the recordings in which a person put it right.
phrases = Table(
    "phrases",
    metadata,
    _words("heard", primary_key=True),
    _words("meant", primary_key=True),
    _count("times"),
    _words("taught_by"),
    _time("at"),
)

# PostgreSQL only; SQLite has FTS_DDL.
search_index = Table(
    "search_index",
    metadata,
    _serial(),
    _refers("ticket_id", "tickets.id", null=False),
    _refers("entry_id", "entries.id"),
    Column("words", TSVECTOR(), nullable=False),
    Index("ix_search_index_words", "words", postgresql_using="gin"),
    Index("ix_search_index_ticket_id", "ticket_id"),
)


def tables_for(dialect: str) -> Iterable[Table]:
    """Give the tables that a database of this kind has, in the order of their references."""
    return [table for table in metadata.sorted_tables if dialect == "postgresql" or table is not search_index]
