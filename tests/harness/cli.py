"""The command line called in this process: as fast as a function, with what it would print and its exit code."""

import contextlib
import io
import json
from dataclasses import dataclass
from typing import Any

from inboxd.cli.main import run


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def call(*arguments: object, terminal: bool = False) -> Ended:
    """Run `inboxd ARGUMENTS`; `terminal`: stdout says that it is one."""
    out, err = io.BytesIO(), io.BytesIO()
    kind = _Terminal if terminal else io.TextIOWrapper
    streams = (
        kind(out, encoding="utf-8", write_through=True),
        io.TextIOWrapper(err, encoding="utf-8", write_through=True),
    )
    code: Any = None
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            run([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
    return Ended(code, out.getvalue().decode("utf-8"), err.getvalue().decode("utf-8"))
