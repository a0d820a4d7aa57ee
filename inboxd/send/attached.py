"""The files that go along with an item, read from where they lie: among the store's files, or in a mail."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.send.carrier import Later, Never
from inboxd.send.compose import Attached
from inboxd.worker_process import Extract, WorkerDied
from store import files, intake
from store.errors import NotFound
from store.outbox import OutboxItem

if TYPE_CHECKING:
    from store.open import Store


def attached(store: "Store", extract: Extract, item: OutboxItem) -> Iterator[Attached]:
    """Give the files of an item. Raises Never for one that is gone: a mail without it would say something else.

    Raises Later where the mail that it came by could not be opened this time.
    """
    for each in item.attachments:
        try:
            data = _kept(store, each) if "intake_id" not in each else _in_mail(store, extract, each)
        except (NotFound, FileNotFoundError, IndexError) as error:
            raise Never(f"its attachment {each['filename']} is not in the store any more") from error
        except WorkerDied as death:
            raise Later(f"the mail that {each['filename']} came by cannot be opened: its reader {death}") from death
        if hashlib.sha256(data).hexdigest() != each["sha256"]:
            raise Never(f"its attachment {each['filename']} is not what it was when the mail was written")
        yield Attached(filename=each["filename"], content_type=each["content_type"], data=data)


def _kept(store: "Store", file: dict[str, Any]) -> bytes:
    with store.read() as connection, files.open_(connection, store.blobs, file["sha256"]) as there:
        return there.read()


def _in_mail(store: "Store", extract: Extract, file: dict[str, Any]) -> bytes:
    with store.read() as connection:
        mail = intake.get(connection, file["intake_id"])
    with bytes_of(store, mail) as raw:
        return extract(raw, file["index"])
