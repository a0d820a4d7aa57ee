"""What only a running daemon can do."""

from typing import Any

from inboxd.desk.context import Context


def reload(context: Context) -> dict[str, Any]:
    """Read rules and accounts again; return how many there are now, and which changed sections wait for a restart."""
    return context.reload()
