"""What a command prints: JSON Lines for a script, clean text for a person, errors and hints on stderr."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TextIO

from inboxd.cli.terminal import clean, one_line
from inboxd.errors import ConfigurationWrong, InboxdError

# Valid in JSON as they are, yet a terminal obeys C1 controls, lone surrogates are not UTF-8, and many line readers
# end a line at U+0085, U+2028 and U+2029: written as \uXXXX they are the same value everywhere.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_PLACED = re.compile(r"\S.*?:\d+:\d+: ")


def json_line(value: Any) -> str:
    """Return `value` as one line of JSON, keys in the order given."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


class Output:
    """Where one command's results go. `json` is set once the options are read, before anything is printed."""

    def __init__(self) -> None:
        self.json = False

    def show(self, value: Any, render: Callable[[Any], str]) -> None:
        """Print one result: as a line of JSON, or as `render` says it for a person."""
        if self.json:
            self.record(value)
        else:
            self.text(render(value))

    def show_all(self, values: Sequence[Any], render: Callable[[Any], str], *, none: str) -> None:
        """Print each of some results; a person reads `none` where there are no such."""
        for value in values:
            self.show(value, render)
        if not values and not self.json:
            self.text(none)

    def item(self, value: dict[str, Any], render: Callable[[Any], str]) -> None:
        """Print the result for one of several paths; one with an `error` is said on stderr, too."""
        if value["error"] is None:
            self.show(value, render)
            return
        self.complain(one_line(f"{value['path']}: {value['error']}"))
        if self.json:
            self.record(value)

    def record(self, value: Any) -> None:
        """Print `value` as a line of JSON on stdout, in UTF-8 whatever the locale is."""
        _write(sys.stdout, json_line(value), encoding="utf-8")

    def text(self, text: str) -> None:
        """Print text for a person on stdout; controls and bidirectional marks in it are shown, not obeyed."""
        _write(sys.stdout, clean(text))

    def document(self, text: str) -> None:
        """Print lines of a file on stdout: as they are, in UTF-8 whatever the locale is."""
        _write(sys.stdout, text, encoding="utf-8")

    def hint(self, text: str) -> None:
        """Say something on stderr that is no result."""
        _write(sys.stderr, clean(text))

    def complain(self, text: str) -> None:
        """Say on stderr what is wrong; each line begins with `file:line:column:`, or else with our name."""
        for line in text.splitlines():
            self.hint(line if _PLACED.match(line) else f"inboxd: {line}")

    def error(self, error: InboxdError) -> None:
        """Say on stderr what went wrong, and in JSON as `error`: one line each."""
        self.complain(str(error))
        if not self.json:
            return
        mistakes = error.mistakes if isinstance(error, ConfigurationWrong) else ()
        for mistake in mistakes:
            self.record({"error": str(mistake), **asdict(mistake)})
        if not mistakes:
            self.record({"error": str(error)})


def _write(stream: TextIO, line: str, encoding: str | None = None) -> None:
    """Write and flush at once: a reader at the other end of a pipe sees each result when it is there."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        wanted = encoding or stream.encoding
        if (stream.encoding, stream.errors) != (wanted, "backslashreplace"):
            reconfigure(encoding=wanted, errors="backslashreplace")
    stream.write(line + "\n")
    stream.flush()
