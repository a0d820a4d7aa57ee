"""A progress bar on stderr, for a person who waits; nothing where stderr is no terminal or the work is short."""

import sys
import time
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


_EVERY_SECONDS = 0.1
_RATE_AFTER_SECONDS = 2.0


class Meter:
    """How far a long work has come: how many of how many, how fast, and how long it will still take."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._label = ""
        self._length: int | None = None
        self._done = 0
        self._began = self._written = 0.0

    def begin(self, label: str, length: int | None = None) -> None:
        """Start a piece of the work; `length` None: nobody knows how much there is."""
        self._label, self._length, self._done = label, length, 0
        self._began, self._written = time.monotonic(), 0.0

    def at(self, done: int) -> None:
        """Say how much is done."""
        self._done = done
        if self._shown and time.monotonic() - self._written >= _EVERY_SECONDS:
            self._written = time.monotonic()
            _write(_CLEAR + self._text())

    def step(self, show: Callable[[], None] | None) -> None:
        """Say that one more is done, and print its result, if it has one to print; the bar makes way for it."""
        if show is not None:
            self.clear()
            show()
            self._written = 0.0
        self.at(self._done + 1)

    def clear(self) -> None:
        """Take the bar away."""
        if self._shown and self._written:
            _write(_CLEAR)

    def _text(self) -> str:
        if self._length is None:
            return f"{self._label}: {self._done}"
        text = _bar(self._done, self._length, self._label)
        seconds = time.monotonic() - self._began
        if seconds < _RATE_AFTER_SECONDS or not self._done:
            return text
        rate = self._done / seconds
        return f"{text}, {rate:.0f}/s, {_span((self._length - self._done) / rate)} left"


@contextmanager
def meter() -> Iterator[Meter]:
    """Give a meter; it shows itself where stderr is a terminal, and is taken away at the end."""
    found = Meter(shown=sys.stderr.isatty())
    try:
        yield found
    finally:
        found.clear()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _bar(done: int, length: int, label: str) -> str:
    full = _CELLS * done // max(length, 1)
    return f"{label} [{'#' * full}{'-' * (_CELLS - full)}] {done}/{length}"


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
