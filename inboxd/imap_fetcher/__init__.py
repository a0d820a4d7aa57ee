"""Mailboxes at other servers: fetched by IMAP, stored, and only then marked. How and why: docs/mailboxes.md."""

from inboxd.imap_fetcher.connection import Connection, Refused, Selected, connect
from inboxd.imap_fetcher.fetcher import Fetcher, stop_all

__all__ = ["Connection", "Fetcher", "Refused", "Selected", "connect", "stop_all"]
