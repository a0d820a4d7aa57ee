"""The console script: looks around, then hands over to the command table."""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import inboxd

_ROOMS = ("rules", "store", "transcribe")


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: the console script `inboxd`, and `python -m inboxd`."""
    problem = _misplaced_room()
    if problem is not None:
        sys.stderr.write(f"inboxd: {problem}\n")
        sys.exit(1)
    # Only now: all below needs the other rooms.
    from inboxd.cli.root import execute

    try:
        code = execute(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, a pager) has seen enough. Python flushes stdout once more on its way out: let that end
        # in the void rather than in a message.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)


def _misplaced_room() -> str | None:
    """Say where a package of another project stands in the place of one of ours: they have plain names."""
    home = Path(inboxd.__file__).parent.parent
    for room in _ROOMS:
        spec = find_spec(room)
        found = Path(spec.origin).parent.parent if spec is not None and spec.origin else None
        if found != home:
            place = f"it is in {found}" if found else "it is missing"
            return f"the package `{room}` must stand beside inboxd in {home}, and {place}; inboxd wants its own venv"
    return None
