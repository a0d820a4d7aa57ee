"""Address lists as mail really holds them: groups, comments, routes, missing commas, names without quotes; linear.

This is the reading for people and for finding an account; `author` is the strict one that a proof may stand on.
"""

import re
from dataclasses import dataclass
from typing import Final

from inboxd.addresses import shown
from inboxd.message import clean, encoded_words
from inboxd.message.limits import MAX_ADDRESSES, MAX_FIELD_BYTES

_TOKEN: Final = re.compile(
    rb'(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)|(?P<special>[<>(),;:\[\]"])|(?P<space>\s++)|(?P<pair>\\.)'
    rb'|(?P<atom>[^\s<>(),;:\[\]"=\\]++|[=\\])',
    re.DOTALL,
)
# What most fields hold, and the scanner would make the same of, word by word: names of plain words, plain addresses.
_PLAIN: Final = rb"(?:([A-Za-z0-9-]++(?: [A-Za-z0-9-]++)*+) <([\w.+-]++@[\w.-]++)>|([\w.+-]++@[\w.-]++))"
_PLAIN_MAILBOX: Final = re.compile(_PLAIN)
_PLAIN_LIST: Final = re.compile(rb"%b(?:, ?%b)*+" % (_PLAIN, _PLAIN))
_SHORT: Final = 1_000
_UNQUOTE: Final = re.compile(rb"\\(.)", re.DOTALL)
# (A bracket is a part of it only where a domain is expected: `front@[192.0.2.1]`.)
_PIECE: Final = re.compile(r"[^\s<>(),;:\"\[\]]+(?:(?<=@)\[[^\s\[\]]{1,60}\])?")
_SEVERAL: Final = re.compile(r"[,;]")
_LOOKS: Final = re.compile(r"[^@]+@[^@]+")
# `"Front Desk"front@example.com`: what stands in quotes is the name, for neither dot nor @ joins it to the address.
_NAME_BEFORE: Final = re.compile(r'"([^"\\]*)"([^".@][^"@]*@[^"@]+)')
# What a comma, a bracket or a copy from a web page (marks that nobody sees) leaves at an address.
_AROUND: Final = ",;:<>\u200b\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with its display name ("" when there is none). `address` may lack a domain (`root`)."""

    name: str
    address: str


def parse(value: bytes, hint: str | None = None) -> list[Mailbox]:
    """Every mailbox in an unfolded address field, groups opened, in order. Never raises.

    `hint`: the charset of raw 8-bit characters, if known.
    """
    if not value.isascii() or b"\x1b" in value:
        # First of all: in other charsets than UTF-8 a letter may hold the bytes of a comma or of a bracket.
        value = encoded_words.raw(value[:MAX_FIELD_BYTES], hint).encode("utf-8", "replace")
    if len(value) <= _SHORT and _PLAIN_LIST.fullmatch(value) is not None:
        found = _PLAIN_MAILBOX.findall(value)
        return [
            Mailbox(name.decode(), lower_domain((angle or bare).decode().rstrip("."))) for name, angle, bare in found
        ]
    return _Scanner(value[:MAX_FIELD_BYTES]).run()


def lower_domain(address: str) -> str:
    """The address with its domain in lower case; the local part is its owner's business (RFC 5321 2.4)."""
    # ASCII letters alone: `str.lower` makes a plain `k` of a look-alike, and another's address of this one.
    return shown(address)


class _Scanner:
    """Collects, between two commas, the words of a name, the parts of a bare address, comments and an angle address."""

    def __init__(self, value: bytes, *, nested: bool = False) -> None:
        self.nested = nested
        self.tokens = [(match.lastgroup or "", match[0]) for match in _TOKEN.finditer(value)]
        self.closing = _pairs(self.tokens)
        # Where the last group ends: before it a colon may stand behind the name of one, whatever that looks like.
        self.last_end = max((n for n, token in enumerate(self.tokens) if token == ("special", b";")), default=-1)
        self.found: list[Mailbox] = []
        self.in_group = False
        self._clear()

    def _clear(self) -> None:
        self.at_sign = False
        self.words: list[tuple[str, bytes]] = []
        self.comments: list[bytes] = []
        self.angle: bytes | None = None

    def run(self) -> list[Mailbox]:
        index = 0
        while index < len(self.tokens) and len(self.found) < MAX_ADDRESSES:
            kind, text = self.tokens[index]
            index += 1
            if kind != "special":
                self._word(kind, text)
            elif text == b"(":
                index = self._comment(index)
            elif text == b"<":
                index = self._angle(index)
            elif text == b"[":
                index = self._literal(index)
            elif text == b",":
                self._comma(index)
            elif text == b";":
                self._semicolon(index)
            elif text == b":":
                self._colon(index)
            else:
                self._stray(text)
        self._emit()
        if any("@" in mailbox.address for mailbox in self.found):
            # `Desk, Front front@x` leaves a "Desk" behind.
            return [mailbox for mailbox in self.found if "@" in mailbox.address]
        return self.found

    def _stray(self, text: bytes) -> None:
        # A > ) or quote without its partner says nothing; `Front [Desk] <front@x>` does.
        if text == b"]" and self.angle is None and not self.at_sign:
            self._word("atom", text)

    def _word(self, kind: str, text: bytes) -> None:
        if self.angle is not None and kind != "space":
            # `<a@x> b@y`: a comma was forgotten.
            self._emit()
        self.at_sign = self.at_sign or (kind == "atom" and b"@" in text)
        self.words.append((kind, text))

    def _comment(self, index: int) -> int:
        end = self.closing.get(index - 1)
        if end is None:
            return index  # never closed: it was no comment
        self.comments.append(b"".join(text for _, text in self.tokens[index:end]))
        return end + 1

    def _angle(self, index: int) -> int:
        if self.angle is not None:
            self._emit()
        inside: list[bytes] = []
        start = index
        while index < len(self.tokens):
            kind, text = self.tokens[index]
            if text == b">" and kind == "special":
                self.angle = _bare(inside)
                return index + 1
            if text == b"<" and kind == "special":
                break  # `<<a@x>` and `<mailto <a@x>>`: the inner one counts
            if text == b"(" and kind == "special":
                index = self.closing.get(index, index) + 1
                continue
            if kind != "space":
                inside.append(text)
            index += 1
        if index >= len(self.tokens):
            # Never closed: what looks like an address up to the next comma.
            index = start
            inside = []
            while index < len(self.tokens) and self.tokens[index][1] not in (b",", b";"):
                inside.append(self.tokens[index][1])
                index += 1
            looks = _addresses_in(_bare(inside).decode("utf-8", "replace"))
            self.angle = looks[0][0].encode() if looks else _bare([text for text in inside if text.strip()])
        return index

    def _literal(self, index: int) -> int:
        # A domain literal (`a@[192.0.2.1]`) belongs to the word before it; elsewhere a bracket is a letter of the name.
        inside = [b"["]
        if not (self.words and self.words[-1][1].endswith(b"@")):
            self._word("atom", b"[")
            return index
        for offset in range(index, min(index + 20, len(self.tokens))):
            text = self.tokens[offset][1]
            inside.append(text)
            if text == b"]":
                self._word("atom", b"".join(inside))
                return offset + 1
        self._word("atom", b"[")
        return index

    def _comma(self, index: int) -> None:
        # `Desk, Back <j@x>`, `Desk &amp; Back <j@x>`: a name without quotes, if an angle address follows.
        if self.angle is None and not self.at_sign and self._text_words() and self._angle_follows(index):
            self.words.append(("atom", self.tokens[index - 1][1]))
            return
        self._emit()

    def _semicolon(self, index: int) -> None:
        if self.in_group:
            self._emit()
            self.in_group = False
        else:
            self._comma(index)

    def _angle_follows(self, index: int) -> bool:
        for kind, text in self.tokens[index : index + 24]:
            if kind == "special":
                return text == b"<"
            if kind == "quoted" or (kind == "atom" and b"@" in text):
                return False
        return False

    def _colon(self, index: int) -> None:
        # (Without a semicolon behind it, `Desk: Front <front@x>` is a name without quotes.)
        ends = index <= self.last_end
        if self._text_words() and (ends or not (self.at_sign or self._angle_follows(index))):
            self._clear()  # the name of a group: its members follow
            self.in_group = True
        else:
            self.words.append(("atom", b":"))

    def _text_words(self) -> bool:
        return any(kind != "space" for kind, _ in self.words)

    def _emit(self) -> None:
        words, comments, angle = self.words, self.comments, self.angle
        self._clear()
        if angle is not None:
            name = _phrase(words) or _comment_name(comments)
            if angle:
                self._add(name, angle)
            elif looks := _addresses_in(name):
                self.found.append(Mailbox("", lower_domain(looks[0][0])))
            return
        solid = [text for kind, text in words if kind != "space"]
        if not solid:
            return
        self._bare_address(words, solid, comments)

    def _bare_address(self, words: list[tuple[str, bytes]], solid: list[bytes], comments: list[bytes]) -> None:
        joined = _bare(solid)
        unquoted = [(kind, text) for kind, text in words if kind != "quoted"]
        signs = sum(text.count(b"@") for _, text in unquoted)
        whole = any(kind == "word" and b"<" in text for kind, text in words)  # the field in one encoded word
        if signs == 1 and not whole and not _adjacent(words):
            self._add(_comment_name(comments), joined)
            return
        if signs == 1 and len(unquoted) < len(words):
            # `"Ask help@x" front@y`: what stands in quotes is a name, whatever it looks like.
            (address, *_), *_ = _addresses_in(_phrase(unquoted)) or [("", 0, 0)]
            if address:
                self._add(_phrase([each for each in words if each[0] == "quoted"]), address.encode())
                return
        text = _phrase(words)
        if "<" in text and any(kind == "word" for kind, _ in words) and not self.nested:
            # A mailer that encoded the whole field, address included.
            self.found.extend(_Scanner(text.encode(), nested=True).run())
            return
        looks = _addresses_in(text)
        if not looks:
            commented = _addresses_in(_comment_name(comments))
            if len(commented) == 1 and b"!" not in joined:
                self._add(text, commented[0][0].encode())  # `Front Desk (front@example.com)`
            elif (len(solid) == 1 or not _adjacent(words)) and not _is_sentence(joined):
                self._add(_comment_name(comments), joined.strip(b'"'))
            return
        # Several in a row without commas, or a name before a bare address (`Front front@x`).
        previous = 0
        for address, start, end in looks:
            name = text[previous:start].removesuffix("[mailto:").strip(" \"'<>").rstrip("[ ") if len(looks) == 1 else ""
            previous = end
            self.found.append(
                Mailbox(name or _comment_name(comments), lower_domain(_without_bracket(address.strip(".'"))))
            )

    def _add(self, name: str, address: bytes) -> None:
        decoded = encoded_words.decode(address)
        if '"' not in decoded:
            decoded = decoded.replace(" ", "")
        if decoded.lower().startswith("mailto:"):
            decoded = decoded[7:]
        if decoded.startswith("@") and ":" in decoded:
            decoded = decoded.rpartition(":")[2]  # a source route (RFC 5322 4.4) says nothing any more
        if "@" not in decoded and decoded.strip("\"'").endswith((":;", ":")):
            return  # `<Undisclosed-Recipient:;>`: a group without members, in brackets or quotes
        if decoded[:1] == '"' and (name_before := _NAME_BEFORE.match(decoded)) is not None:
            name, decoded = name or name_before[1], name_before[2]
        if decoded.count("@") > 1 and '"' not in decoded and len(several := _SEVERAL.split(decoded)) > 1:
            # `<front@x, back@x>`
            self.found.extend(Mailbox("", lower_domain(each)) for each in several if _LOOKS.fullmatch(each))
            return
        decoded = decoded.strip(_AROUND)
        decoded = _without_bracket(decoded)
        if len(decoded) > 1 and decoded[0] == decoded[-1] and decoded[0] in "'\"":
            inside = decoded[1:-1]
            decoded = inside if decoded[0] == "'" or _LOOKS.fullmatch(inside) else decoded
        decoded = decoded.rstrip(".")  # the root of the DNS
        if decoded and not decoded.startswith("@"):
            self.found.append(Mailbox(name, lower_domain(decoded)))


def _is_sentence(word: bytes) -> bool:
    """Whether a word is several in quotes (`"Undisclosed recipients"`): a name whose address was left out."""
    return word[:1] == word[-1:] == b'"' and b" " in word.strip(b'" ') and b"@" not in word


def _adjacent(words: list[tuple[str, bytes]]) -> bool:
    """Whether blanks separate two words of which neither is joined to its neighbour by a dot or an @."""
    previous: bytes | None = None
    blank = False
    for kind, text in words:
        if kind == "space":
            blank = True
            continue
        if previous is not None and blank and previous[-1:] not in b"@." and text[:1] not in b"@.":
            return True
        previous, blank = text, False
    return False


def _pairs(tokens: list[tuple[str, bytes]]) -> dict[int, int]:
    """Where each comment that is closed ends; found once, because a search for each parenthesis would be quadratic."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for index, (kind, text) in enumerate(tokens):
        if kind != "special":
            continue
        if text == b"(":
            opened.append(index)
        elif text == b")" and opened:
            closing[opened.pop()] = index
    return closing


def _addresses_in(text: str) -> list[tuple[str, int, int]]:
    """What looks like an address in a text, and where: word by word, so that no word is read twice."""
    if "@" not in text:
        return []
    return [(match[0], *match.span()) for match in _PIECE.finditer(text) if _LOOKS.fullmatch(match[0])]


def _without_bracket(address: str) -> str:
    # Outlook's `[mailto:front@example.com]`; `front@[192.0.2.1]` keeps its own.
    address = address.removeprefix("[")
    return address if "[" in address else address.rstrip("]")


def _bare(inside: list[bytes]) -> bytes:
    return b"".join(inside)


def _comment_name(comments: list[bytes]) -> str:
    return encoded_words.decode(_UNQUOTE.sub(rb"\1", comments[-1])) if comments else ""


def _phrase(words: list[tuple[str, bytes]]) -> str:
    out: list[bytes] = []
    for kind, text in words:
        if kind == "quoted":
            out.append(_UNQUOTE.sub(rb"\1", text[1:-1]))
        elif kind == "space":
            out.append(b" ")
        else:
            out.append(text)
    name = encoded_words.decode(b"".join(out))
    name = clean.line(re.sub(r"\s+", " ", name)).replace(" ,", ",")
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1]
    return name.strip()
