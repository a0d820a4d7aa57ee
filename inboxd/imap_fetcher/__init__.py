"""Mailboxes at other servers: fetched by IMAP, stored, and only then marked. How and why: docs/mailboxes.md.

`fetcher` serves one mailbox; `connection` is the line to its server, for whoever only looks, without a store.
"""
