"""The files that go along with an item, read from where the store keeps them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inboxd.send.carrier import Never
from inboxd.send.compose import Attached
from store import files
from store.errors import NotFound
from store.outbox import OutboxItem

if TYPE_CHECKING:
    from store.open import Store


def attached(store: "Store", item: OutboxItem) -> Iterator[Attached]:
    """Give the files of an item. Raises Never for one that is gone: a mail without it would say something else."""
    for each in item.attachments:
        try:
            with store.read() as connection, files.open_(connection, store.blobs, each["sha256"]) as file:
                data = file.read()
        except NotFound as error:
            raise Never(f"its attachment {each['filename']} is not in the store any more") from error
        yield Attached(filename=each["filename"], content_type=each["content_type"], data=data)
