"""What inboxd says of its work: lines on standard error, for people, collectors (`json`) or systemd's journal.

An event is a constant word (`accepted`); what comes from outside stands only in its values, where it is escaped, cut
and, under the name of a secret, left out. Nobody outside can forge a line or drive a terminal.
"""

import logging
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Literal, ParamSpec, TextIO, TypeVar

import structlog
from structlog.types import Processor

from inboxd.logs.clean import clean
from inboxd.logs.journal import is_the_journal
from inboxd.logs.render import render_console, render_journald, render_json

__all__ = ["Format", "Level", "bound", "configure", "fitting"]

P = ParamSpec("P")
T = TypeVar("T")

Format = Literal["console", "json", "journald"]
Level = Literal["debug", "info", "warning", "error"]

_RENDERERS: Final[Mapping[Format, Processor]] = {
    "console": render_console,
    "json": render_json,
    "journald": render_journald,
}

# What libraries say below these levels is their inner life, and some of it is the text of people's mail.
_FLOORS: Final[Mapping[str, int]] = {
    "aiohttp": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    "imapclient": logging.WARNING,
    "mail.log": logging.CRITICAL,  # aiosmtpd; our receiver says the same with the queue id
    "mailparser": logging.ERROR,  # warns of each content type that it does not know
    "sqlalchemy": logging.WARNING,
}

_shared: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# One list for good: loggers keep it from their first line on.
_processors: Final[list[Processor]] = [
    structlog.stdlib.filter_by_level,
    *_shared,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


class _Handler(logging.StreamHandler[TextIO]):
    """Our handler, told apart from those that others (a test runner) put beside it."""


def configure(format: Format, level: Level, stream: TextIO | None = None) -> None:  # noqa: A002 - the key's name
    """Send every log line of this process, those of libraries included, to `stream` (default: standard error).

    May be called again; the last call holds.
    """
    structlog.configure(
        processors=_processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                clean,
                _RENDERERS[format],
            ],
        )
    )
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    chosen = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(chosen)
    for name, floor in _FLOORS.items():
        # The root's level does not hold back what a library's own logger lets through.
        logging.getLogger(name).setLevel(max(chosen, floor))
    # A warning printed beside the log would be no JSON.
    logging.captureWarnings(capture=True)


def fitting() -> Format:
    """Return the format for standard error when nobody chose one: `journald` where systemd's journal reads it."""
    return "journald" if is_the_journal(2) else "console"


def bound(**values: Any) -> AbstractContextManager[None]:
    """Put `values` (a queue id) on every line of this thread or task until the block ends."""
    return structlog.contextvars.bound_contextvars(**values)
