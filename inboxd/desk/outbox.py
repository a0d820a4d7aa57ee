"""What inboxd sends and what it held back."""

from typing import Any

from inboxd import views
from inboxd.desk.context import Context
from store import outbox


def list_(context: Context) -> list[dict[str, Any]]:
    """Return every item, the oldest first."""
    with context.store.read() as connection:
        return [views.outbox(item) for item in outbox.list_(connection)]
