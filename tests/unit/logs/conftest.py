"""What every test of the log needs."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from inboxd import logs

Start = Callable[..., io.StringIO]


@pytest.fixture
def start() -> Iterator[Start]:
    """Begin to log into a buffer; everything global is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs._FLOORS}

    def start(form: logs.Format, level: logs.Level = "info") -> io.StringIO:
        buffer = io.StringIO()
        logs.configure(form, level, buffer)
        return buffer

    yield start
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, earlier in levels.items():
        logging.getLogger(name).setLevel(earlier)
    logging.captureWarnings(capture=False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
