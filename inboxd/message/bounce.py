"""Delivery reports: RFC 3464's multipart/report, and the free forms of a hundred mailers."""

import re
from dataclasses import dataclass
from typing import Final

from inboxd.message import addresses, banner, charsets, clean, encoded_words, ids, kinds
from inboxd.message import bounce_marks as marks
from inboxd.message.content import Content
from inboxd.message.headers import Headers
from inboxd.message.message import Bounce
from inboxd.message.parts import Part

_STATUSES: Final = frozenset(("message/delivery-status", "message/global-delivery-status"))
# Fields that only reports have (Exim's, and Exchange's).
_OF_REPORTS: Final = ("x-failed-recipients", "x-ms-embedded-report", "x-ms-exchange-message-is-ndr")
_REFUSAL: Final = "message/disposition-notification"
_DELETED: Final = re.compile(rb"^disposition:[^\r\n]{0,200}\bdeleted\b", re.IGNORECASE | re.MULTILINE)
_ORIGINALS: Final = frozenset(
    (
        "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
    )
)  # fmt: skip
_MESSAGE_ID: Final = re.compile(
    rb"(?:^|(?<=\r))[> \t]{0,4}message-id:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]{1,500})", re.IGNORECASE | re.MULTILINE
)
# RFC 3464 2.3.3, and Postfix's answer to "would it be delivered?".
_SUCCESS: Final = frozenset(("delivered", "relayed", "expanded", "deliverable"))
# RFC 6533 3: a letter beyond ASCII where only ASCII goes.
_LETTER: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_HEAD: Final = 6_000  # characters in which a mailer says what happened; below stands the returned mail
_BEGINNING: Final = 400
_MANY: Final = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report says: of the first recipient in `bounce`; all whose delivery failed or waits.

    `failed` is False for a report of success.
    """

    bounce: Bounce
    recipients: tuple[str, ...]
    failed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a delivery report is told by."""

    headers: Headers
    root: Part
    content: Content
    subject: str
    from_addr: str
    text: str


def read(mail: Mail, *, auto_reply: bool) -> Report | None:
    """The delivery report that a mail is, or None.

    `auto_reply`: the mail's own words call it one, or it is a read receipt. Vacation notes come from empty return
    paths, too, and say "not".
    """
    statuses = [data for content_type, data in mail.content.reports if content_type in _STATUSES]
    is_report = mail.root.content_type == "multipart/report"
    # RFC 5429 2.1.2: a filter at the recipient's refuses a mail in the form of a receipt ("deleted").
    refusals = [data for each, data in mail.content.reports if each == _REFUSAL and _DELETED.search(data)]
    if refusals and _from_daemon(mail):
        statuses += refusals
    if statuses and (is_report or _from_daemon(mail) or _begins_as_one(mail)):
        # (A report that a person forwards is an attachment of an ordinary mail, not a bounce of ours.)
        return _structured(mail, statuses)
    if mail.root.params.get("report-type", "").lower() == "delivery-status":
        return _free(mail)
    if not auto_reply and _is_free_form(mail):
        return _free(mail)
    return None


def _from_daemon(mail: Mail) -> bool:
    name = _sender(mail)
    daemon = marks.DAEMON.search(name) is not None or marks.POSTMASTER.search(name) is not None
    return daemon or mail.headers.first("x-failed-recipients") is not None


def _sender(mail: Mail) -> str:
    return encoded_words.decode((mail.headers.first("from") or b"")[:500])


def _is_automatic(mail: Mail) -> bool:
    return (mail.headers.first("auto-submitted") or b"no")[:5].lower() == b"auto-"


def _is_free_form(mail: Mail) -> bool:
    if any(mail.headers.first(name) is not None for name in _OF_REPORTS):
        return True
    if kinds.certified_receipt(mail.headers) in marks.CERTIFIED or marks.NOTIFIED.match(mail.text[:_HEAD]) is not None:
        return True
    if not _begins_as_one(mail) and not _comes_as_one(mail):
        return False
    beginning = _beginning(mail)
    if marks.HELD.search(beginning) is not None:
        return False
    return marks.NO_BOUNCE.search(f"{mail.subject}\n{beginning}") is None or _returns(mail)


def _comes_as_one(mail: Mail) -> bool:
    """Whether a mail comes from a mail system, or from nowhere, and speaks of a mail that did not arrive."""
    name = _sender(mail)
    null = kinds.from_nowhere(mail.headers)
    unnamed = name.rstrip().endswith(("<>", "<@>"))
    system = unnamed or marks.DAEMON.search(name) is not None
    # (Exchange's "System Administrator" had no address in any of its languages; people have one.)
    nameless = "@" not in name and marks.TITLE.match(mail.subject) is not None
    if system or nameless or marks.POSTMASTER.search(name) is not None:
        # (A name that no person and no firm has.)
        daemon = unnamed or marks.DAEMON.search(marks.OF_A_FIRM.sub("", name)) is not None
        if not null and not daemon and _speaks_as_a_person(mail):
            return False
        return _says_so_as_system(mail, daemon=daemon)
    # An empty return path alone is any robot's: it takes a sender's name, or both the title and the words.
    robot = marks.SENDER.search(mail.from_addr.partition("@")[0]) is not None or _is_automatic(mail)
    if not (null or robot) or not ((null and robot) or marks.SUBJECT.search(mail.subject) is not None):
        return False
    if not _is_of_mail(mail):
        return False
    head = mail.text[:_HEAD]
    sure = marks.SURE.search(head) is not None
    if null:
        return sure or marks.ANSWER.search(head) is not None
    if _speaks_as_a_person(mail) or not (_is_automatic(mail) or marks.TITLE.match(mail.subject)):
        return False
    return (sure or marks.STATUS.search(head) is not None) and bool(_named(mail, head))


def _is_of_mail(mail: Mail) -> bool:
    """Whether it begins to speak of mails, not of parcels: below, anybody says "this e-mail is confidential"."""
    beginning = _beginning(mail)
    if marks.OF_GOODS.search(beginning) is not None:
        return False
    return marks.OF_MAIL.search(marks.ADDRESS.sub(" ", f"{mail.subject}\n{beginning}")) is not None


def _speaks_as_a_person(mail: Mail) -> bool:
    """Whether somebody under a mail system's name says "I" or asks, or speaks of what a carrier brings."""
    if _is_automatic(mail) or _returns(mail):
        return False
    beginning = _beginning(mail)
    if marks.TITLE.match(mail.subject) is not None and marks.FIRST_WORDS.match(beginning) is not None:
        return False  # ("Was this helpful?" stands below.)
    return marks.PERSONAL.search(beginning) is not None or marks.OF_GOODS.search(beginning) is not None


def _says_so_as_system(mail: Mail, *, daemon: bool) -> bool:
    """Whether a mail under a mail system's name is about a mail that did not arrive.

    A postmaster, and who has a name that firms have, too, is no `daemon`.
    """
    null = kinds.from_nowhere(mail.headers)
    titled = marks.SUBJECT.search(mail.subject) is not None
    head = mail.text[:_HEAD]
    if titled and (daemon or null):
        return True
    if marks.SURE.search(head) is not None:
        return True
    # In whatever language it is: another server's answer, and about whom. Where name and return path leave nobody else,
    # whom it is about will do.
    named = _named(mail, head)
    if titled or ((daemon or null) and marks.ANSWER.search(head) is not None):
        return bool(named)
    return ((null or daemon) and len(named) == 1) or (null and daemon and bool(named))


def _begins_as_one(mail: Mail) -> bool:
    """Whether title and first words are a mail system's, whatever name stands over them.

    From an empty return path the first words do.
    """
    if marks.TITLE.match(mail.subject) is None and not kinds.from_nowhere(mail.headers):
        return False
    beginning = _beginning(mail)
    banner = marks.BANNER.match(beginning)
    status = any(each in _STATUSES for each, _ in mail.content.reports)
    # (A gateway's warning about mail from outside is a paragraph of its own; over a report with parts only.)
    places = (0, banner.end() if banner else 0, beginning.find("\n\n") + 2 if status else 0)
    if marks.PERSONAL.search(beginning) or not any(marks.FIRST_WORDS.match(beginning, place) for place in places):
        return False
    return status or _returns(mail) or (_is_of_mail(mail) and bool(_named(mail, mail.text[:_HEAD])))


def _beginning(mail: Mail) -> str:
    """The first words, below what a gateway writes over every mail from outside."""
    lines = mail.text[: 3 * _BEGINNING].split("\n")
    return "\n".join(lines[banner.below(lines) :]).lstrip()[:_BEGINNING]


def _returns(mail: Mail) -> bool:
    """Whether the mail that it reports on is in it."""
    return any(each in _ORIGINALS for each, _ in mail.content.reports)


def _structured(mail: Mail, statuses: list[bytes]) -> Report:
    blocks = [
        (address, block) for data in statuses for block in _blocks(data) if (address := _recipient(block)) is not None
    ]
    failed = [(address, block) for address, block in blocks if _action(block) not in _SUCCESS]
    address, block = next(iter(failed or blocks), (None, {}))
    if address is None:
        return _free(mail)
    status = marks.STATUS.search(block.get("status", "")) or marks.STATUS.search(block.get("diagnostic-code", ""))
    bounce = Bounce(
        final_recipient=address,
        action=_action(block) or None,
        status=status[1] if status else None,
        original_message_id=_original_id(mail),
    )
    once = {each.lower(): each for each, _ in reversed(failed)}
    recipients = tuple(once[each] for each in dict.fromkeys(each.lower() for each, _ in failed))
    return Report(bounce, recipients[:_MANY], failed=bool(failed))


def _action(block: dict[str, str]) -> str:
    match = re.match(r"[a-z]+", block.get("action", "").strip().lower())
    return match[0] if match else ""


def _blocks(data: bytes) -> list[dict[str, str]]:
    """RFC 3464 2.1: groups of fields, the first about the report, then one for each recipient."""
    text = re.sub(r"\n[ \t]+(?=\S)", " ", clean.body(charsets.decode(data, "utf-8")[0]).replace("\r", "\n"))
    blocks: list[dict[str, str]] = []
    for group in re.split(r"\n[ \t]*\n", text)[:1_000]:
        fields: dict[str, str] = {}
        for line in group.split("\n"):
            name, colon, value = line.partition(":")
            name = name.strip().lower()
            if name in ("original-recipient", "final-recipient") and name in fields and "action" in fields:
                blocks.append(fields)  # the next recipient, and no empty line before it
                fields = {}
            if colon:
                fields.setdefault(name, value.strip())
        if "action" in fields and blocks and _recipient(fields) is None and "action" not in blocks[-1]:
            blocks[-1] |= fields  # an empty line tore a recipient's fields apart
            continue
        blocks.append(fields)
    return blocks


def _recipient(block: dict[str, str]) -> str | None:
    written = [block.get(name, "") for name in ("final-recipient", "original-recipient", "x-actual-recipient")]
    named = [(value.partition(";")[2] or value).strip() for value in written]
    for value in named:
        # A final recipient may be a local matter (a path, a pipe); then the original one says more.
        found = addresses.parse(_LETTER.sub(_letter, value[:1_000]).encode("utf-8", "replace"))
        if found and "@" in found[0].address and not value.startswith(("/", "|")):
            return found[0].address
    return next((value[:320].strip(" <>") for value in named if value.strip(" <>")), None)


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if 0xA0 <= number < 0x110000 else match[0]


def _free(mail: Mail) -> Report:
    head = _above_the_original(mail.text)
    named = _named(mail, head)
    if not named and not _from_daemon(mail):
        named = _addresses(head, 0, _boxes(mail, "to"))  # (Notes answers in the name of the mailbox that is not there.)
    status = marks.STATUS.search(head)
    code = status[1][0] if status else (found[1] if (found := marks.REPLY_CODE.search(head)) else "")
    final = code == "5" or marks.FINAL.search(mail.subject) is not None
    waits = marks.DELAYED.search(head[:3_000]) if not final else code != "5" and marks.GOES_ON.search(head[:3_000])
    waits = waits or (not final and marks.DELAY_IN_TITLE.search(mail.subject))
    given_up = marks.GIVEN_UP.search(f"{mail.subject}\n{head}") is not None and not marks.GOES_ON.search(head[:3_000])
    delayed = not given_up and (code == "4" or bool(waits))
    bounce = Bounce(
        final_recipient=named[0] if named else None,
        action="delayed" if delayed else "failed",
        # (That the reason passes is worth knowing: the address is none that is gone.)
        status=status[1] if status else "4.0.0" if code == "4" and given_up else None,
        original_message_id=_original_id(mail),
    )
    return Report(bounce, tuple(named[:_MANY]))


def _above_the_original(text: str) -> str:
    head = text[:_HEAD]
    # The first such line may be a title over the mailer's own words ("----- Transcript of session -----").
    for match in marks.ORIGINAL_BELOW.finditer(head):
        if marks.ADDRESS.search(head, 0, match.start()):
            return head[: match.start()]
    return head


def _named(mail: Mail, head: str) -> list[str]:
    failed = mail.headers.first("x-failed-recipients")
    if failed:
        written = mail.headers.all("x-failed-recipients")
        return list(dict.fromkeys(box.address for each in written for box in addresses.parse(each)))
    if marks.NOTIFIED.match(head) is not None:
        return list(dict.fromkeys(marks.NOTIFIED_ADDRESS.findall(head)))
    head = marks.MESSAGE_ID.sub("", marks.ABOUT_THE_MAIL.sub("", head))
    listed = marks.LISTED.search(head)
    own = _boxes(mail, "from") | _boxes(mail, "to")
    # "Your message to (everybody) did not reach the following recipients: (one)": those below the words, if any are.
    found = (listed and _addresses(head, listed.end(), own)) or _addresses(f"{head}\n{mail.subject}", 0, own)
    return [each for each in found if marks.POSTMASTER.match(each) is None] or found


def _boxes(mail: Mail, name: str) -> set[str]:
    return {box.address.lower() for box in addresses.parse(mail.headers.first(name) or b"")}


def _addresses(head: str, start: int, own: set[str]) -> list[str]:
    """The addresses in a report from `start` on: where the first begins a line, those that begin one."""
    found: dict[str, tuple[str, bool]] = {}
    for match in marks.ADDRESS.finditer(head, start):
        address = addresses.lower_domain(match[0].rstrip("."))
        before = head[max(head.rfind("\n", 0, match.start()) + 1, start) : match.start()]
        if address.lower() not in own:
            found.setdefault(address.lower(), (address, marks.LINE_BEFORE.match(before[-80:]) is not None))
    first = next(iter(found.values()), None)
    return [address for address, leads in found.values() if leads or first is None or not first[1]]


def _original_id(mail: Mail) -> str | None:
    for content_type, data in mail.content.reports:
        if content_type in _ORIGINALS and (match := _MESSAGE_ID.search(data)):
            return ids.one(match[1])
    match = _MESSAGE_ID.search(mail.text[:64_000].encode())
    return ids.one(match[1]) if match else None
