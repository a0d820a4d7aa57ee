"""A stream that says it is a terminal."""

import io


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def on_a_terminal(buffer: io.BytesIO) -> io.TextIOWrapper:
    """Return a text stream into `buffer` that commands take for a terminal."""
    return _Terminal(buffer, encoding="utf-8", write_through=True)
