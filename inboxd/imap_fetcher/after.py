"""What is done with a mail on the server once it is stored: only then, and again after a crash in between."""

from collections.abc import Sequence
from typing import assert_never

from inboxd.imap_fetcher.connection import Connection
from inboxd.settings import After

AT_ONCE = 100


def word(after: After) -> str | None:
    """Give what the ledger says of a mail that this is still to be done with; None for nothing."""
    return None if after.action == "keep" else str(after)


def act(line: Connection, after: After, uids: Sequence[int]) -> None:
    """Do it with these mails of the open folder. Harmless for mails that are gone. Raises Refused."""
    match after.action:
        case "keep":
            pass
        case "seen":
            line.mark_seen(uids)
        case "move":
            assert after.folder is not None
            line.move(uids, after.folder)
        case "delete":
            line.delete(uids)
        case _:
            assert_never(after.action)
