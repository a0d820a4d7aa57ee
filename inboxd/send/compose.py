"""An item of the outbox as the bytes of a mail: the same bytes however often it is tried.

Header fields are written here, one function for each kind; the bodies are the email package's. Whatever stands in an
item, no line of it begins a header field of its own.
"""

import hashlib
import re
from base64 import encodebytes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.charset import BASE64, QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, quote
from io import BytesIO
from typing import Final

from inboxd import addresses
from inboxd.intake.door import moment
from inboxd.message import clean
from inboxd.send.carrier import Never
from store.outbox import OutboxItem

# RFC 5322 2.1.1: at most 998 octets a line, and 78 as a good custom.
_LINE: Final = 998
_GOOD_LINE: Final = 78
_ENCODED_LINE: Final = 76

_VALUE: Final = re.compile("[^\r\n\0]+(?:\r\n[ \t][^\r\n\0]+)*")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_LONGEST_PHRASE: Final = 250  # characters
_LONGEST_FILE_NAME: Final = 180  # octets of UTF-8: three characters each when escaped, and that in one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file that goes along."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A mail ready to be handed over; `utf8`: its addresses need SMTPUTF8 (RFC 6531)."""

    raw: bytes
    utf8: bool


def compose(item: OutboxItem, from_address: str, attached: Iterable[Attached], *, dated_at: int) -> Composed:
    """Write the mail of an item. Raises Never when it cannot be written as one."""
    # A domain always has a form in ASCII; a local part with other letters is what nobody can rewrite.
    utf8 = not _ascii_local(item.to_address) or not _ascii_local(from_address)
    head = b"".join(_field(name, value) for name, value in _fields(item, from_address, dated_at, utf8=utf8))
    return Composed(raw=head + _flat(_body(item, tuple(attached))), utf8=utf8)


def _fields(item: OutboxItem, from_address: str, dated_at: int, *, utf8: bool) -> Iterable[tuple[str, str]]:
    yield "Date", format_datetime(moment(dated_at))
    yield "From", _mailbox(item.from_name, from_address, utf8=utf8)
    yield "To", _mailbox(item.to_name, item.shown_to or item.to_address, utf8=utf8)
    if item.cc:
        yield "Cc", _folded([_mailbox(None, each, utf8=utf8) for each in item.cc], ",")
    if item.reply_to is not None:
        yield "Reply-To", _mailbox(item.from_name, item.reply_to, utf8=utf8)
    yield "Subject", _unstructured("Subject", item.subject)
    yield "Message-ID", item.message_id
    if item.in_reply_to is not None:
        yield "In-Reply-To", item.in_reply_to
    thread = _thread(item)
    if thread:
        yield "References", _folded(thread, "")
    if item.automatic:
        # RFC 3834 5 and 5.1: `auto-replied` answers one mail, `auto-generated` answers none.
        answers = item.kind in {"acknowledgement", "confirmation"}
        yield "Auto-Submitted", "auto-replied" if answers else "auto-generated"
        # Exchange sends no vacation note and no receipt to this; it knows nothing of RFC 3834.
        yield "X-Auto-Response-Suppress", "All"
    if item.language is not None and _LANGUAGE.fullmatch(item.language):
        yield "Content-Language", item.language


def _thread(item: OutboxItem) -> list[str]:
    # RFC 5322 3.6.4: the parent's References with the parent's own id behind them.
    parent = () if item.in_reply_to is None else (item.in_reply_to,)
    return [each for each in item.thread if each not in parent] + list(parent)


def _mailbox(name: str | None, address: str, *, utf8: bool) -> str:
    """Write `name <address>`; an address that this mail cannot carry becomes an empty group of its name (RFC 6857)."""
    if not utf8 and not _ascii_local(address):
        return f"{_phrase(addresses.shown(address))} :;"
    written = address if utf8 else ascii_domain(address)
    shown = clean.line(name or "")[:_LONGEST_PHRASE]
    return f"{_phrase(shown)} <{written}>" if shown else written


def _phrase(text: str) -> str:
    text = clean.line(text)
    if text.isascii() and "=?" not in text:
        return text if _ATOMS.fullmatch(text) else f'"{quote(text)}"'
    return Header(text, "utf-8", maxlinelen=_ENCODED_LINE, header_name="Reply-To").encode(linesep="\r\n")


def _unstructured(name: str, text: str) -> str:
    text = clean.line(text)[:_LONGEST_PHRASE] or "(no subject)"
    # What looks like an encoded word is encoded: it would be read as one.
    if text.isascii() and "=?" not in text:
        # RFC 5322 2.2.3: a fold stands before a blank, and unfolding leaves that blank where it was.
        return "\r\n ".join(_wrapped(text, _ENCODED_LINE - len(name)))
    return Header(text, "utf-8", maxlinelen=_ENCODED_LINE, header_name=name).encode(linesep="\r\n")


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1].strip() and word and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] or len(lines) > 1 else word
    return lines


def _folded(parts: Sequence[str], mark: str) -> str:
    return f"{mark}\r\n ".join(parts)


def _field(name: str, value: str) -> bytes:
    """Write one header field; say no to a value that would end it early or break a line: the last line of defence."""
    if not _VALUE.fullmatch(value) or any(len(line.encode()) > _LINE for line in f"{name}: {value}".split("\r\n")):
        raise Never(f"its {name} cannot be written as RFC 5322 has it: a line would be broken or too long")
    return f"{name}: {value}\r\n".encode()


def _body(item: OutboxItem, attached: tuple[Attached, ...]) -> Message:
    plain = _text(item.text, "plain")
    # RFC 2046 5.1.4: the plainest first, the richest last.
    shown: Message = plain if item.html is None else _multipart("alternative", [plain, _text(item.html, "html")], item)
    if not attached:
        return shown
    return _multipart("mixed", [shown, *(_file(each) for each in attached)], item)


def _multipart(kind: str, parts: list[Message], item: OutboxItem) -> MIMEMultipart:
    # The same each time; no body has a line with the digest of an id that is made by chance.
    boundary = "=_" + hashlib.sha256(f"{kind} {item.message_id}".encode()).hexdigest()[:48]
    whole = MIMEMultipart(kind, boundary=boundary)
    for part in parts:
        del part["MIME-Version"]
        whole.attach(part)
    return whole


def _text(text: str, kind: str) -> MIMENonMultipart:
    text = clean.body(text)
    if not text.endswith("\n"):
        text += "\n"
    plain = text.isascii() and max(map(len, text.splitlines())) <= _GOOD_LINE
    charset = Charset("us-ascii" if plain else "utf-8")
    if not plain:
        # RFC 2045 6.7 and 6.8: quoted-printable stays readable where most letters are ASCII, base64 is shorter
        # elsewhere.
        charset.body_encoding = QP if len(text.encode()) <= len(text) * 3 // 2 else BASE64
    part = MIMENonMultipart("text", kind, charset=str(charset))
    part.set_payload(text, charset)
    return part


def _file(attached: Attached) -> MIMEBase:
    kind = attached.content_type.lower()
    # RFC 2046 5.2.1 lets nobody encode a message/rfc822, and it may hold anything: as a file it arrives as it is.
    if not _TYPE.fullmatch(kind) or kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"
    main, _, sub = kind.partition("/")
    part = MIMEBase(main, sub)
    part.set_payload(encodebytes(attached.data).decode("ascii"))
    part["Content-Transfer-Encoding"] = "base64"
    name = _file_name(attached.filename)
    # RFC 2231 for a name in other letters.
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def _file_name(name: str) -> str:
    name = clean.line(name).replace("/", "_").replace("\\", "_") or "file"
    stem, dot, ending = name.rpartition(".")
    room = _LONGEST_FILE_NAME - len((dot + ending).encode())
    if len(name.encode()) <= _LONGEST_FILE_NAME:
        return name
    if not stem or room < 1:
        return name.encode()[:_LONGEST_FILE_NAME].decode("utf-8", "ignore")
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


def _flat(message: Message) -> bytes:
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=compat32.clone(linesep="\r\n")).flatten(message)
    return out.getvalue()


def ascii_domain(address: str) -> str:
    """Return an address with its domain as A-labels (RFC 5890), which every server takes. Raises Never."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    in_ascii = addresses.a_labels(domain)
    if in_ascii is None:
        raise Never(f'"{domain}" has no form in ASCII, so no server can be asked for it')
    return f"{local}@{in_ascii}"


def _ascii_local(address: str) -> bool:
    return address.rpartition("@")[0].isascii()
