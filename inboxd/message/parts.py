"""The MIME structure of a message: a tree of byte ranges, found in one pass over the boundary lines, nothing copied.

One pass because the usual recursion is depth times size: a hundred open multiparts around half a million lines take a
line-by-line parser 18 seconds. Here each line that begins with `--` costs one look-up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from inboxd.message import charsets, headers, parameters, transfer
from inboxd.message.defects import Defects
from inboxd.message.headers import Headers
from inboxd.message.limits import MAX_BOUNDARY_BYTES, MAX_DEPTH, MAX_GUESSED_BOUNDARIES, MAX_PARTS

_DELIMITER: Final = re.compile(rb"[\r\n]--([^\r\n]{1,1000})")
_LINE_END: Final = re.compile(rb"\r\r?\n|\n|\r|\Z")
_TYPE: Final = re.compile(r"(?!(?:plain|html)/text\Z)[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
# Another field in the line of one, its line end lost: `charset=utf-8 Content-Transfer-Encoding: base64`.
_GLUED: Final = re.compile(rb"(?<=.)(Content-(?:Type|Transfer-Encoding)):(.*)", re.IGNORECASE | re.DOTALL)
_MANY_MISSES: Final = 1_000
_WINDOW: Final = 64 * 1024  # how far the first boundary line is looked for before another one is considered
_SNIFFED: Final = re.compile(rb"[\r\n]--([^\r\n]{1,900})[\r\n]{1,4}content-", re.IGNORECASE)


@dataclass(slots=True)
class Part:
    """One node. `start` and `end` bound its body in the raw message; a multipart has `children`, a leaf has none.

    `encoding` is the transfer encoding as `transfer.encoding_of` names it. `disposition` is "" when there is none.
    """

    headers: Headers
    content_type: str
    params: dict[str, str]
    disposition: str
    disposition_params: dict[str, str]
    encoding: str
    start: int
    end: int
    parent: str = ""
    children: list["Part"] = field(default_factory=list)

    def leaves(self) -> Iterator["Part"]:
        """The leaves below, in order, without recursion."""
        stack = [self]
        while stack:
            part = stack.pop()
            if part.children:
                stack.extend(reversed(part.children))
            else:
                yield part


@dataclass(slots=True)
class _Open:
    """A multipart whose closing line has not been seen."""

    part: Part
    boundary: bytes
    closed: bool = False


def read(raw: bytes, top: Headers, defects: Defects) -> Part:
    """The structure of the message whose header block is `top`. Never raises; defects say what is broken."""
    return _Reader(raw, defects).run(top)


class _Reader:
    def __init__(self, raw: bytes, defects: Defects) -> None:
        self.raw, self.defects = raw, defects
        self.stack: list[_Open] = []
        self.levels: dict[bytes, list[int]] = {}
        self.leaf: Part | None = None
        self.charset: str | None = (
            None  # of the first part that names one: raw letters in later names are most likely of it
        )
        self.count = self.guessed = self.misses = 0
        self.delimiter = _DELIMITER

    def run(self, top: Headers) -> Part:
        root = self._part(top, "")
        position = self._enter(root, None)
        # A plain search is four times as fast as the expression, which is needed where lines end in CR alone.
        plain = self.raw.find(b"\r--") < 0
        while self.stack:
            start = max(position - 1, 0)
            if plain and (start := self.raw.find(b"\n--", start)) < 0:
                break
            match = self.delimiter.search(self.raw, start)
            if match is None:
                break
            position = self._line(match)
            if self.count > MAX_PARTS:
                self.defects.give_up(f"there are more than {MAX_PARTS} parts; what follows is left in the last one")
                break
        for frame in self.stack:
            if not frame.closed:
                self.defects.add("the closing boundary is missing")
        self._close(len(self.raw), 0)
        return root

    def _line(self, match: re.Match[bytes]) -> int:
        text = match[1].rstrip(b" \t")
        level = self._level(text)
        closing = False
        if level is None and text.endswith(b"--"):
            level = self._level(text[:-2].rstrip(b" \t"))  # (`--a b --` closes a boundary that ends with a blank)
            closing = True
        if level is None:
            return self._missed(match)
        line_end = _LINE_END.search(self.raw, match.end())
        after = line_end.end() if line_end else len(self.raw)
        end = match.start()
        if self.raw[end : end + 1] == b"\n" and self.raw[end - 1 : end] == b"\r":
            end -= 1
        self.misses, self.delimiter = 0, _DELIMITER
        self._close(end, level + 1)
        frame = self.stack[level]
        if closing:
            frame.closed = True
            return after
        if frame.closed:
            self.defects.add("parts stand behind the closing boundary")
        block = headers.read(self.raw, headers.skip_blank(self.raw, after, self.defects), self.defects)
        part = self._part(block, frame.part.content_type)
        frame.part.children.append(part)
        return self._enter(part, frame)

    def _missed(self, match: re.Match[bytes]) -> int:
        # A body with millions of lines that begin with two dashes: from some point on only our own boundaries are asked
        # for, by the regular expression itself.
        self.misses += 1
        if self.misses == _MANY_MISSES:
            own = b"|".join(re.escape(boundary) for boundary, levels in self.levels.items() if levels)
            self.delimiter = re.compile(rb"[\r\n]--((?:" + own + rb")[^\r\n]{0,40})")
        return match.end()

    def _level(self, boundary: bytes) -> int | None:
        levels = self.levels.get(boundary)
        return levels[-1] if levels else None

    def _close(self, end: int, level: int) -> None:
        """End the leaf under way and every multipart from `level` on."""
        if self.leaf is not None:
            self.leaf.end = max(self.leaf.start, end)
            self.leaf = None
        while len(self.stack) > level:
            frame = self.stack.pop()
            self.levels[frame.boundary].pop()
            frame.part.end = max(frame.part.start, end)
            if not frame.part.children:
                self._childless(frame.part)

    def _childless(self, part: Part) -> None:
        # Its boundary never came: what is there is text, and must be shown.
        self.defects.add("a multipart has no parts; its content is read as text")
        part.content_type, part.params = "text/plain", {}

    def _enter(self, part: Part, frame: _Open | None) -> int:
        """Begin a part: push a multipart, or make it the leaf under way. Returns where to go on."""
        self.count += 1
        if not part.content_type.startswith("multipart/"):
            self.leaf = part
            return part.start
        boundary = self._boundary(part)
        if boundary is None or len(self.stack) >= MAX_DEPTH:
            if boundary is not None:
                self.defects.give_up(f"parts are nested more than {MAX_DEPTH} deep; the rest is left in one piece")
            elif frame is None or part.start == part.end:
                self._childless(part)
            self.leaf = part
            return part.start
        self.levels.setdefault(boundary, []).append(len(self.stack))
        self.stack.append(_Open(part, boundary))
        return part.start

    def _boundary(self, part: Part) -> bytes | None:
        named = part.params.get("boundary", "").strip().encode("utf-8", "replace")
        usable = 0 < len(named) <= MAX_BOUNDARY_BYTES
        window = part.start + _WINDOW
        if usable and self.raw.find(b"--" + named, part.start, window) >= 0:
            return named
        # Other quotes around it, a comment or a comma behind it, or the dashes of its line before it.
        bare = named.partition(b" ")[0].strip(b"',").removeprefix(b"--")
        if bare and bare != named and usable:
            line = re.compile(rb"[\r\n]--" + re.escape(bare) + rb"(?:--)?[ \t]*+[\r\n]")
            if line.search(self.raw, max(part.start - 1, 0), window) is not None:
                return bare
        # No name, or one that does not come (blanks in it, other quotes): the line above the first part's header is it.
        self.guessed += 1
        guess = self.guessed <= MAX_GUESSED_BOUNDARIES
        found = _SNIFFED.search(self.raw, max(part.start - 1, 0), window) if guess else None
        if found is not None and not self.levels.get(found[1].rstrip()):
            self.defects.add("the boundary is not the one that was named")
            return found[1].rstrip()
        return named if usable else None

    def _part(self, block: Headers, parent: str) -> Part:
        types = [_alone(each) for each in block.all("content-type")] or _behind(block, "mime-version", "content-type")
        content_type, params = self._parameters(types[0]) if types else ("", {})
        if len(types) > 1:
            self.defects.add("Content-Type stands more than once")
        if _TYPE.fullmatch(content_type) is None:
            content_type, params = self._default_type(content_type, params, parent)
        placed = block.first("content-disposition")
        disposition, disposition_params = self._parameters(placed) if placed else ("", {})
        encodings = block.all("content-transfer-encoding") or _behind(
            block, "content-type", "content-transfer-encoding"
        )
        encoding, known = transfer.encoding_of(encodings[0].decode("latin-1") if encodings else "")
        if not known:
            self.defects.add("the transfer encoding is not known; the bytes are taken as they are")
        return Part(
            headers=block,
            content_type=content_type,
            params=params,
            disposition=disposition,
            disposition_params=disposition_params,
            encoding=encoding,
            start=block.end,
            end=len(self.raw),
            parent=parent,
        )

    def _parameters(self, value: bytes) -> tuple[str, dict[str, str]]:
        main, params = parameters.parse(value, self.charset)
        if self.charset is None and charsets.codec_of(params.get("charset")) is not None:
            self.charset = params["charset"]
            if not value.isascii():
                main, params = parameters.parse(value, self.charset)
        return main, params

    def _default_type(self, written: str, params: dict[str, str], parent: str) -> tuple[str, dict[str, str]]:
        if written in ("text", "html", "plain", "text/html", "text/", "plain/text", "html/text"):
            self.defects.add("the Content-Type is incomplete or turned round")
            return ("text/html" if "html" in written else "text/plain"), params
        if written == "multipart" or "boundary" in params:
            return "multipart/mixed", params
        if written:
            self.defects.add("the Content-Type cannot be read")
            if "name" in params:
                return "application/octet-stream", params  # a file, of whatever kind
        # RFC 2046 5.1.5: the parts of a digest are messages unless they say otherwise.
        return ("message/rfc822" if parent == "multipart/digest" and not written else "text/plain"), params


def _alone(value: bytes) -> bytes:
    """A value without a field that was glued to it."""
    glued = _GLUED.search(value) if b":" in value else None
    return value if glued is None else value[: glued.start()].rstrip(b" \t;")


def _behind(block: Headers, name: str, wanted: str) -> list[bytes]:
    """The values of a field that stands in the line of another."""
    found = filter(None, (_GLUED.search(each) for each in block.all(name) if b":" in each))
    return [each[2].strip() for each in found if each[1].decode("ascii").lower() == wanted]
