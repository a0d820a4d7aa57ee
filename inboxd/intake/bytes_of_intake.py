"""The bytes of what came in, for whoever reads them: from the row, or in a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from store.intake import Intake

if TYPE_CHECKING:
    from store.open import Store


@contextmanager
def bytes_of(store: "Store", intake: Intake) -> Iterator[bytes | Path]:
    """Give the bytes, or a file that holds them until the block ends."""
    if intake.blob is None:
        assert intake.raw is not None
        yield intake.raw
        return
    with TemporaryDirectory(prefix="inboxd-") as folder:
        yield store.blobs.path_or_copy(intake.blob, Path(folder))
