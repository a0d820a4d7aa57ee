"""May this user work with the files of an SQLite store? SQLite itself says no more than that it cannot open one."""

import os
import pwd
from pathlib import Path
from typing import Final

# The log and its index are files of their own, made by whoever opened the store first.
_COMPANIONS: Final = ("", "-wal", "-shm")


def refusal(database: Path, *, write: bool) -> str | None:
    """Say which file keeps this user out, and whose it is; None where none does."""
    for ending in _COMPANIONS:
        path = database.with_name(database.name + ending)
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if not os.access(path, os.R_OK | (os.W_OK if write else 0), effective_ids=True):
            owner, mode = login(status.st_uid), status.st_mode & 0o777
            done = "written to" if write else "read"
            return f"{path} may not be {done} by this user: it belongs to {owner}, mode {mode:04o}"
    return None


def login(uid: int) -> str:
    """Give a user's name, the number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
