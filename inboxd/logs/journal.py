"""Does what we write go into systemd's journal? Then it has its own clock and takes a priority from each line."""

import os
from collections.abc import Mapping


def is_the_journal(descriptor: int, environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether a descriptor is the very stream that `$JOURNAL_STREAM` names (systemd.exec(5)).

    The variable alone proves nothing: it is inherited by children whose output was sent elsewhere.
    """
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(descriptor)
        return (found.st_dev, found.st_ino) == (int(device), int(inode))
    except (OSError, ValueError):  # closed, or no pair of numbers: then it is not the journal
        return False
