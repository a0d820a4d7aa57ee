"""The lies: each makes a `Tell`, which answers a command in place of the truth."""

import re
from collections.abc import Callable

from tests.harness.lying_imap.answers import Answer, End, Execute, Tell
from tests.harness.lying_imap.command import Command

_LITERAL = re.compile(rb"\{(\d+)\}\r\n")


def drop() -> Tell:
    """Close the line in place of doing what was asked."""
    return lambda _command, _execute: Answer(end="cut")


def do_and_drop() -> Tell:
    """Do what was asked, and close the line in place of saying so."""

    def tell(_command: Command, execute: Execute) -> Answer:
        execute()
        return Answer(end="cut")

    return tell


def drop_in_literal(after: int = 20) -> Tell:
    """Close the line that many bytes into the last literal of the answer."""

    def tell(_command: Command, execute: Execute) -> Answer:
        whole = execute().encoded()
        literals = list(_LITERAL.finditer(whole))
        at = literals[-1].end() + after if literals else len(whole) // 2
        return Answer(untagged=[whole[:at]], end="cut")

    return tell


def hang() -> Tell:
    """Say nothing for ever, the line open."""
    return lambda _command, _execute: Answer(end="hang")


def hang_in_literal(after: int = 20) -> Tell:
    """Fall silent in the middle of a literal."""
    cut = drop_in_literal(after)

    def tell(command: Command, execute: Execute) -> Answer:
        answer = cut(command, execute)
        answer.end = "hang"
        return answer

    return tell


def refuse(words: bytes) -> Tell:
    """Answer with `words` (`NO [OVERQUOTA] no room`) and do nothing."""
    return lambda command, _execute: Answer(tagged=command.tag + b" " + words + b"\r\n")


def say_instead(*lines: bytes, end: End = "cut") -> Tell:
    """Send these lines, whatever was asked, and close the line (or `hang`, or `go on`)."""
    return lambda _command, _execute: Answer(untagged=[line + b"\r\n" for line in lines], end=end)


def repeat() -> Tell:
    """Say each untagged response twice."""
    return _changed(lambda lines: [line for line in lines for _ in range(2)])


def reverse() -> Tell:
    """Say the untagged responses in the opposite order."""
    return _changed(lambda lines: lines[::-1])


def leave_out(what: bytes) -> Tell:
    """Leave out the untagged responses that hold `what`."""
    return _changed(lambda lines: [line for line in lines if what not in line])


def add(*lines: bytes) -> Tell:
    """Say these lines before the others."""
    return _changed(lambda rest: [*(line + b"\r\n" for line in lines), *rest])


def add_between(line: bytes) -> Tell:
    """Say this line after each of the others."""
    return _changed(lambda lines: [part for one in lines for part in (one, line + b"\r\n")])


def replace(pattern: bytes, by: bytes) -> Tell:
    """Replace what matches in each untagged response, in its first line alone (never in a mail)."""

    def changed(line: bytes) -> bytes:
        head, end, rest = line.partition(b"\r\n")
        return re.sub(pattern, by, head) + end + rest

    return _changed(lambda lines: [changed(line) for line in lines])


def other_uids(plus: int = 1000) -> Tell:
    """Answer for UIDs that nobody asked for."""

    def changed(line: bytes) -> bytes:
        return re.sub(rb"\bUID (\d+)", lambda match: b"UID %d" % (int(match[1]) + plus), line, count=1)

    return _changed(lambda lines: [changed(line) for line in lines])


def nil_bodies() -> Tell:
    """Say NIL where a mail's bytes should be."""

    def changed(line: bytes) -> bytes:
        literal = _LITERAL.search(line)
        if literal is None:
            return line
        return line[: literal.start()] + b"NIL" + line[literal.end() + int(literal[1]) :]

    return _changed(lambda lines: [changed(line) for line in lines])


def wrong_literal(more: int) -> Tell:
    """Say a length that is `more` bytes off."""

    def changed(line: bytes) -> bytes:
        return _LITERAL.sub(lambda match: b"{%d}\r\n" % max(0, int(match[1]) + more), line, count=1)

    return _changed(lambda lines: [changed(line) for line in lines])


def _changed(change: Callable[[list[bytes]], list[bytes]]) -> Tell:
    def tell(_command: Command, execute: Execute) -> Answer:
        answer = execute()
        answer.untagged = change(answer.untagged)
        return answer

    return tell
