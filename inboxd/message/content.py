"""What the parts of a message are: its text, its HTML, its attachments; each leaf decoded once and let go."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from inboxd.message import attachments, calendar, charsets, clean, cms, headers, inside, lines, parts, tnef, transfer
from inboxd.message.defects import Defects
from inboxd.message.limits import MAX_TEXT_BYTES
from inboxd.message.message import Attachment
from inboxd.message.parts import Part

_FLOWED_SIGNATURE: Final = "-- "
_QUOTED: Final = re.compile(r">(?: ?>)*+ ?")
_META: Final = re.compile(rb"<meta\s[^<>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HTML: Final = re.compile(r"\s{0,100}<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_UU_BYTES: Final = 4_000_000
_META_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Text:
    """A text part: `kind` is `plain` or `html`, `alternative` numbers the multipart/alternative around it, if any."""

    kind: str
    text: str
    alternative: int | None


@dataclass(slots=True)
class Content:
    """All leaves of a message.

    `envelopes` are the kinds of S/MIME parts, `packed` is the text of a winmail.dat or of an
    invitation, for a mail that has no other.
    `digests` are type and digest of each decoded leaf as it is shown, in order; `reports` the parts of delivery
    reports and the headers of attached originals, as bytes.
    """

    texts: list[Text] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    digests: list[tuple[str, str]] = field(default_factory=list)
    envelopes: list[cms.Kind | None] = field(default_factory=list)
    packed: Text | None = None
    reports: list[tuple[str, bytes]] = field(default_factory=list)


_REPORTS: Final = frozenset(
    (
        "message/delivery-status", "message/global-delivery-status", "message/rfc822", "message/global",
        "text/rfc822-headers", "message/rfc822-headers", "message/global-headers", "message/feedback-report",
        "message/disposition-notification",
    )
)  # fmt: skip
_BODIES: Final = ("text/plain", "text/html")
_XHTML: Final = "application/xhtml+xml"  # as gateways of mobile networks send it
# Texts for programs, and those that are read elsewhere.
_OTHER_TEXTS: Final = frozenset(
    (
        "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers", "text/csv", "text/css",
        "text/javascript", "text/rtf", "text/xml", "text/x-amp-html",
    )
)  # fmt: skip
_REPORT_BYTES: Final = 64 * 1024
_STATUS: Final = "message/delivery-status"
_FILES: Final = frozenset(("text/plain", "application/octet-stream"))
# RFC 3464 2.2: the one field that has to be there comes first, but for an identifier.
_STATUS_FILE: Final = re.compile(rb"\s{0,9}(?:original-envelope-id:[^\r\n]*\r?\n)?reporting-mta:", re.IGNORECASE)


def read(raw: bytes, root: Part, defects: Defects) -> Content:
    """Decode every leaf of `root`. Never raises."""
    content = Content()
    for leaf in _leaves(memoryview(raw), root, defects):
        part, data = leaf.part, leaf.data(defects)
        text = _text(part, data, leaf.alternative, defects) if leaf.is_text else None
        if text is not None:
            content.texts.append(text)
        report = _report_type(part, data)
        if report and len(content.reports) < 50:
            content.reports.append((report, bytes(data[:_REPORT_BYTES])))
        if cms.is_one(part.content_type):
            content.envelopes.append(cms.kind_of(data))
        event = ""
        if part.content_type == "text/calendar" and content.packed is None:
            event = charsets.decode(bytes(data[:_REPORT_BYTES]), part.params.get("charset") or "utf-8")[0]
            content.packed = Text("plain", calendar.summary(event), None)
        digest = _digest(part, data)
        name = None
        if leaf.is_listed:
            name = attachments.name_of(part)
            sha256 = hashlib.sha256(data).hexdigest() if _is_lines(part) else digest
            described = attachments.describe(part, data, sha256, len(content.attachments) + 1)
            if tnef.is_one(part.content_type, described.filename):
                described = _opened(content, described, data, defects)
            if event:
                described = replace(described, about=calendar.about(event))
            content.attachments.append(described)
        content.digests.append((part.content_type, _as_shown(digest, text, name)))
    content.texts = _without_doubles(content.texts)
    if content.packed and not any(each.text.strip() for each in content.texts):
        content.texts.append(content.packed)
    return content


def attachment(raw: bytes, root: Part, index: int, inside: int | None = None) -> bytes:
    """The decoded bytes of the attachment that stands at `index` in `read`'s list, or of the file `inside` of it.

    IndexError when there is none.
    """
    defects = Defects()
    listed = (leaf for leaf in _leaves(memoryview(raw), root, defects) if leaf.is_listed)
    leaf = next(islice(listed, index, None), None)
    if leaf is None:
        raise IndexError("there are not so many attachments")
    data = leaf.data(defects)
    if inside is None:
        return bytes(data)
    opened = tnef.read(data)
    return bytes(opened.files[inside].data if opened is not None else [][inside])


def _opened(content: Content, described: Attachment, data: bytes | memoryview, defects: Defects) -> Attachment:
    opened = tnef.read(data)
    if opened is None:
        defects.add("a winmail.dat cannot be opened")
        return described
    if not opened.whole:
        defects.add("a winmail.dat is cut off or damaged")
    if content.packed is None and (opened.html or opened.text):
        kind, text = ("html", opened.html) if opened.html else ("plain", opened.text)
        content.packed = Text(kind, clean.body(text), None)
    files = inside.files_of(opened)
    dangerous = described.dangerous or any(file.dangerous for file in files)
    return replace(described, contains=files, dangerous=dangerous)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A leaf, and what it is: text, an attachment, or text that is listed as an attachment, too."""

    view: memoryview
    part: Part
    alternative: int | None
    is_text: bool
    is_listed: bool
    written: bytes | None = None  # its bytes, where they are not those of the part's range

    def data(self, defects: Defects) -> bytes | memoryview:
        return decoded(self.view, self.part, defects) if self.written is None else self.written


def _leaves(view: memoryview, root: Part, defects: Defects, *, nested: bool = False) -> Iterator[_Leaf]:
    body = body_parts(root)
    for part, alternative in _with_alternatives(root):
        is_text = id(part) in body
        leaf = _Leaf(view, part, alternative, is_text, is_listed=not is_text or body[id(part)])
        if is_text and not leaf.is_listed and _may_hold_files(view, part):
            text, files = inside.out_of_text(bytes(decoded(view, part, defects)))
            yield _Leaf(view, part, alternative, is_text=True, is_listed=False, written=text)
            for file in files:
                yield _Leaf(view, file.part, None, is_text=False, is_listed=True, written=file.data)
            continue
        yield leaf
        if cms.is_one(part.content_type) and not nested:
            # What is only signed is not secret: the mail in it is read as if it stood beside its envelope.
            signed = cms.signed_content(decoded(view, part, defects))
            if signed is not None:
                top = headers.read(signed, 0, defects)
                yield from _leaves(memoryview(signed), parts.read(signed, top, defects), defects, nested=True)


def _may_hold_files(view: memoryview, part: Part) -> bool:
    return part.content_type == "text/plain" and b"begin" in bytes(view[part.start : part.end][:_UU_BYTES])


def decoded(view: memoryview, part: Part, defects: Defects) -> bytes | memoryview:
    """A leaf's bytes with its transfer encoding undone."""
    data, defect = transfer.decode(view[part.start : part.end], part.encoding)
    if defect is not None:
        defects.add(defect)
    return data


def body_parts(root: Part) -> dict[int, bool]:
    """The leaves that are the body, by id(); True for one that is listed as an attachment as well (it has a name)."""
    leaves = list(root.leaves())
    body = {id(part): bool(attachments.name_of(part)) for part in leaves if _is_body(part)}
    if body:
        return body
    # The only text is marked as an attachment, or has a name: a mailer's habit; it must not come out as an empty mail.
    # Text of a kind that nobody knows is plain text (RFC 2046 4.1.4), where there is no other.
    for is_it in (_BODIES.__contains__, _XHTML.__eq__, _is_unknown_text):
        for part in leaves:
            if is_it(part.content_type) and not part.parent.startswith("multipart/report"):
                return {id(part): bool(attachments.name_of(part)) or part.disposition == "attachment"}
    return {}


def _is_unknown_text(content_type: str) -> bool:
    return content_type.startswith("text/") and content_type not in _OTHER_TEXTS


def _report_type(part: Part, data: bytes | memoryview) -> str:
    """The type of a delivery report's part; "" of any other."""
    if part.content_type in _REPORTS:
        return part.content_type
    # (`details.txt`, `ATT00001.dat`: what gateways make of a part whose type they don't know.)
    is_file = part.content_type in _FILES and bool(attachments.name_of(part))
    return _STATUS if is_file and _STATUS_FILE.match(bytes(data[:200])) else ""


def _is_body(part: Part) -> bool:
    if (
        part.content_type not in (*_BODIES, "text/enriched", "text/richtext", "text")
        or part.disposition == "attachment"
    ):
        return False
    # (Alternatives say the same as the text, under whatever name.)
    return part.parent == "multipart/alternative" or not attachments.name_of(part)


def _with_alternatives(root: Part) -> Iterator[tuple[Part, int | None]]:
    stack: list[tuple[Part, int | None]] = [(root, None)]
    number = 0
    while stack:
        part, alternative = stack.pop()
        if not part.children:
            yield part, alternative
            continue
        if part.content_type == "multipart/alternative" and alternative is None:
            number += 1
            alternative = number
        stack.extend((child, alternative) for child in reversed(part.children))


def _is_lines(part: Part) -> bool:
    return part.content_type.startswith(("text/", "message/"))


def _digest(part: Part, data: bytes | memoryview) -> str:
    # Line ends and blank lines at the end are a transport's doing where the content is lines.
    if not _is_lines(part):
        return hashlib.sha256(data).hexdigest()
    digest = hashlib.sha256()
    for piece in lines.normalised(data, strip=b"\r\n \t"):
        digest.update(piece)
    return digest.hexdigest()


def _as_shown(digest: str, text: Text | None, name: str | None) -> str:
    """Hex SHA-256 over the bytes of a leaf, as `digest` says them, and over what a reader makes of them.

    The same bytes under another charset, behind an alternative or as a file say something else: a copy of a mail that
    shows less than the mail itself must not pass for it. `name` is that of a leaf that is listed as an attachment.
    """
    shown = hashlib.sha256(digest.encode())
    if text is not None:
        shown.update(f"\0{text.kind}\0{text.alternative}\0{text.text.rstrip()}".encode())
    if name is not None:
        shown.update(f"\0file\0{name}".encode("utf-8", "replace"))
    return shown.hexdigest()


def _text(part: Part, data: bytes | memoryview, alternative: int | None, defects: Defects) -> Text:
    if len(data) > MAX_TEXT_BYTES:
        defects.add("the text is longer than can be shown; the rest stands in the raw mail")
        data = data[:MAX_TEXT_BYTES]
    charset = part.params.get("charset") or None
    if part.content_type == "text/html" and charsets.codec_of(charset) is None:
        charset = _charset_in_html(data) or charset
    text, defect = charsets.decode(bytes(data), charset)
    if defect is not None:
        defects.add(defect)
    text = clean.body(text)
    is_html = part.content_type in ("text/html", _XHTML)
    if not is_html and not part.headers.all("content-type"):
        is_html = _HTML.match(text) is not None  # programs of before MIME
    kind = "html" if is_html else "plain"
    if part.content_type in ("text/enriched", "text/richtext"):
        kind = "enriched"
        text = re.sub(r"<[^<>]{0,80}>", "", text.replace("<<", "\x01")).replace("\x01", "<")
    if kind == "plain" and part.params.get("format", "").lower() == "flowed":
        text = _unflow(text, delete_space=part.params.get("delsp", "").lower() == "yes")
    return Text(kind, text, alternative)


def _without_doubles(texts: list[Text]) -> list[Text]:
    """Enriched text is plain by now; beside a plain alternative it says the same once more."""
    plain = {text.alternative for text in texts if text.kind == "plain" and text.alternative is not None}
    kept = (text for text in texts if text.kind != "enriched" or text.alternative not in plain)
    return [replace(text, kind="plain") if text.kind == "enriched" else text for text in kept]


def _charset_in_html(data: bytes | memoryview) -> str | None:
    """What the HTML says of itself; not UTF-16, for whoever could read that name has read it in ASCII."""
    found = _META.search(bytes(data[:_META_BYTES]))
    label = found[1].decode("ascii") if found else None
    return None if label is None or label.lower().startswith(("utf-16", "utf-32", "ucs")) else label


def _unflow(text: str, *, delete_space: bool) -> str:
    """RFC 3676: lines that end with a blank go on in the next, where that is quoted as deeply."""
    out: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for written in text.split("\n"):
        quoted = _QUOTED.match(written) if written.startswith(">") else None
        prefix = quoted[0] if quoted else ""
        line = written[len(prefix) :] if prefix else written.removeprefix(" ")  # stuffed (4.4)
        deep = prefix.count(">")
        flows = line.endswith(" ") and line != _FLOWED_SIGNATURE
        if paragraph and (deep != depth or line == _FLOWED_SIGNATURE):
            out.append("".join(paragraph))
            paragraph = []
        if not paragraph:
            paragraph.append(prefix)
        paragraph.append(line[:-1] if flows and delete_space else line)
        depth = deep
        if not flows:
            out.append("".join(paragraph))
            paragraph = []
    if paragraph:
        out.append("".join(paragraph))
    return "\n".join(out)
