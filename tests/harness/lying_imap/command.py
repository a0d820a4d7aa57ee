"""A client's command, taken apart as RFC 3501 section 9 writes it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\Z")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|\(|\)|[^\s()"\[]*\[[^\]]*\](?:<[\d.]+>)?|[^\s()"]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`name` is the verb in capitals, with `UID ` before it where the client said so; `text`: the line without tag."""

    tag: bytes
    name: str
    arguments: list[bytes | list[bytes]]
    text: bytes

    def words(self, number: int) -> list[bytes]:
        """Argument `number` as a list, parentheses or not."""
        given = self.arguments[number]
        return given if isinstance(given, list) else [given]

    def word(self, number: int) -> str:
        """Argument `number` as text."""
        given = self.arguments[number]
        assert isinstance(given, bytes), self.text
        return given.decode("utf-8")


def read_command(line: Callable[[], bytes], exactly: Callable[[int], bytes], go_on: Callable[[], None]) -> Command:
    """Read one command; `line` gives the next line without its end, `go_on` asks for a literal's bytes."""
    tokens: list[bytes] = []
    text = b""
    while True:
        part = line()
        literal = _LITERAL.search(part)
        head = part[: literal.start()] if literal else part
        text += head
        tokens += _TOKEN.findall(head)
        if literal is None:
            break
        if not literal[2]:
            go_on()
        body = exactly(int(literal[1]))
        tokens.append(b'"' + re.sub(rb'(["\\])', rb"\\\1", body) + b'"')
        text += b"<literal>"
    tag, verb, *rest = [*tokens, b"", b""]
    rest = [token for token in rest if token]
    name = verb.decode("ascii", "replace").upper()
    if name == "UID" and rest:
        name, rest = f"UID {rest[0].decode('ascii').upper()}", rest[1:]
    return Command(tag=tag, name=name, arguments=_nested(rest), text=text.partition(b" ")[2])


def _nested(tokens: list[bytes]) -> list[bytes | list[bytes]]:
    """Make a list of each run in parentheses; deeper ones are not met in what clients send here."""
    found: list[bytes | list[bytes]] = []
    inner: list[bytes] | None = None
    for token in tokens:
        if token == b"(":
            inner = []
        elif token == b")":
            found.append(inner or [])
            inner = None
        elif inner is not None:
            inner.append(_plain(token))
        else:
            found.append(_plain(token))
    return found


def _plain(token: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", token[1:-1], flags=re.DOTALL) if token.startswith(b'"') else token


def numbers(sequence_set: bytes, present: list[int]) -> list[int]:
    """Those of `present` that a sequence set names; `*` is the largest of them (RFC 3501 6.4.8)."""
    largest = max(present, default=0)
    wanted: set[int] = set()
    for part in sequence_set.split(b","):
        ends = [largest if end == b"*" else int(end) for end in part.split(b":")]
        low, high = min(ends), max(ends)
        wanted.update(number for number in present if low <= number <= high)
    return sorted(wanted)
