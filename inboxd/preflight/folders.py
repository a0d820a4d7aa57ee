"""The folders that inboxd writes to."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from inboxd import disk_room
from inboxd.preflight.finding import Finding
from inboxd.settings import Settings


def folders(settings: Settings) -> Iterator[Finding]:
    """Look whether the folders that inboxd writes to are there, may be written to, and have room."""
    wanted: dict[Path, str] = {}
    if settings.store.sqlite_path is not None:
        wanted[settings.store.sqlite_path.parent] = "store"
    blobs = settings.store.blobs
    if blobs is not None:
        wanted.setdefault(blobs if blobs.exists() else blobs.parent, "blobs")
    wanted.setdefault(settings.control.socket.parent, "control socket")
    for folder, use in wanted.items():
        problem = _folder_problem(folder)
        what = f"the folder of the {use} {problem or 'may be written to'}"
        yield Finding(level="failed" if problem else "ok", what=what, place=str(folder))
    for folder, said in disk_room.little(settings):
        yield Finding(level="warning", what=f"only {said}", place=str(folder))


def _folder_problem(folder: Path) -> str | None:
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return "does not exist; make it first"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    if not stat.S_ISDIR(mode):
        return "is not a folder"
    # A file system that is mounted read-only refuses root, too.
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        return "may not be written to by this user"
    return None
