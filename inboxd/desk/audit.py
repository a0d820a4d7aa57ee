"""What the sources hold, compared with the store."""

from typing import Any

from inboxd.desk.arguments import Seconds
from inboxd.desk.context import Context
from inboxd.errors import UsageWrong


def audit(
    context: Context,
    mailbox: str | None = None,
    wait_seconds: Seconds = 0.0,  # noqa: ARG001 - how long the caller will wait; the daemon's end takes what it takes
) -> list[dict[str, Any]]:
    """Compare all sources, or one mailbox, with the store: a finding for each gap, counts, and a total."""
    chosen = [each for each in context.settings.imap if mailbox in (None, each.name)]
    if mailbox is not None and not chosen:
        names = ", ".join(each.name for each in context.settings.imap) or "none"
        raise UsageWrong(f"there is no mailbox {mailbox!r}; configured: {names}")
    return context.audit(chosen, mailbox is None)
