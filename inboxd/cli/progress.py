"""A progress bar on stderr, for a person who waits; nothing where stderr is no terminal or the work is short."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_FEW = 3


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[], None]]:
    """Give a function to call after each of `length` steps."""
    if length <= _FEW or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)
