"""Whether a running daemon decides by the files as they stand, or by older ones."""

from collections.abc import Iterator

from inboxd.control.client import connect
from inboxd.errors import InboxdError
from inboxd.preflight.finding import Finding
from inboxd.settings import Settings


def running_rules(settings: Settings) -> Iterator[Finding]:
    """Ask the daemon whether it refused the last reload: then what it read before still holds, mended files or not."""
    place = str(settings.control.socket)
    try:
        backend = connect(settings.control.socket)
        refused = [] if backend is None else backend.call("status", {}).get("not_reloaded", [])
    except InboxdError as error:
        yield Finding(level="failed", what=str(error), place=place)
        return
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        what = "the daemon still decides by the rules and accounts it read before; the last reload was refused: "
        yield Finding(level="failed", what=f"{what}{refused[0]}{more}. When that is mended: inboxd reload", place=place)
