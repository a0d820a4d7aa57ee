"""The garbage collector, kept still while a large file is read."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collector() -> Iterator[None]:
    """Make many objects, none of them garbage: the collector would walk them over and over.

    It took half of the time for 10,000 rules, two thirds for 50,000 accounts, and holds up every other thread while it
    walks.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
