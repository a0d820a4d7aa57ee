"""How much room is left where the store lies. Without any, mail is put off; a person who knows early makes some."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inboxd.settings import Settings

# Of the largest mail that is taken by default, ten.
LITTLE_BYTES: Final = 256 * 1024 * 1024
# An ordinary mail and its work find no room in less.
NONE_BYTES: Final = 1024 * 1024


def little(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Give each disk of the store that has little room left, by a folder on it, with a sentence that says so.

    Of a store on PostgreSQL only the folder of blobs is ours to see, where there is one.
    """
    for folder, left in _left(settings):
        if left < LITTLE_BYTES:
            amount = f"{left // 1_000_000} MB are" if left >= 2_000_000 else "some kilobytes are"
            what = "without room mail is put off, and nothing is filed or sent: make some, and inboxd goes on by itself"
            yield folder, f"{amount} left on this disk; {what}"


def none(settings: Settings) -> str | None:
    """Say where there is no room for a mail any more; None where there is some.

    A database may find room for a few bytes in what it holds already when the disk has none.
    """
    for folder, left in _left(settings):
        if left < NONE_BYTES:
            return f"{folder}: no room is left on this disk for a mail"
    return None


def _left(settings: Settings) -> Iterator[tuple[Path, int]]:
    """Give each disk of the store once, by a folder on it, with the bytes that are left there for us."""
    database = settings.store.sqlite_path
    seen: set[int] = set()
    for folder in (None if database is None else database.parent, settings.store.blobs):
        try:
            disk = None if folder is None else (folder.stat().st_dev, os.statvfs(folder))
        except OSError:
            continue  # it is not there yet, or not ours to look at: others say so
        if folder is None or disk is None or disk[0] in seen or not disk[1].f_blocks:
            continue  # (a file system without blocks counts no room)
        seen.add(disk[0])
        # What is kept for root is no room for us.
        yield folder, disk[1].f_bavail * disk[1].f_frsize
