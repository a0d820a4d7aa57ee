"""A progress bar on stderr, for a person who waits; nothing where stderr is no terminal or the work is short."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FEW = 3
_CELLS = 30
_CLEAR = "\r\x1b[K"

Step = Callable[[Callable[[], None]], None]


@contextmanager
def progress(length: int, label: str) -> Iterator[Step]:
    """Give a function to call once for each of `length` results; it prints the result and moves the bar on.

    Results may go to the same terminal: the bar makes way for each of them.
    """
    if length <= _FEW or not sys.stderr.isatty():
        yield lambda show: show()
        return
    done = 0

    def step(show: Callable[[], None]) -> None:
        nonlocal done
        done += 1
        _write(_CLEAR)
        show()
        _write(_bar(done, length, label))

    _write(_bar(0, length, label))
    try:
        yield step
    finally:
        _write(_CLEAR)


def _bar(done: int, length: int, label: str) -> str:
    full = _CELLS * done // length
    return f"{label} [{'#' * full}{'-' * (_CELLS - full)}] {done}/{length}"


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
