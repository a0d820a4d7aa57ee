"""What reading a mail gives: plain, frozen data. Defects are data, too."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from inboxd.message.claims import NONE, Claims
from inboxd.message.forwards import Forwarded

Urgency = Literal["urgent", "high", "medium", "low"]
Doubt = Literal["unusual", "deceptive"]

# Text in these classes comes back from a worker process that read a hostile message: pydantic checks it strictly.
_STRICT = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote it, read strictly: an address only where no two mail programs could disagree about it.

    `address` (domain in lower case) is set only when exactly one From field holds exactly one plain `local@domain` and
    the header block is unambiguous; otherwise it is None and `reason` is one sentence that says why. It is what a
    proof may be compared with; `Message.from_addr` is what a person would read. `doubt` is `deceptive` where no mail
    program writes such a header, only somebody who wants two readers to see two authors. `shown` are the addresses
    that a person could read in From fields that name no one author.
    """

    __pydantic_config__: ClassVar = _STRICT

    address: str | None
    reason: str | None
    doubt: Doubt | None = None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A file inside an attachment (Outlook's winmail.dat): what `Attachment` says of a file, by the same rules."""

    __pydantic_config__: ClassVar = _STRICT

    filename: str
    content_type: str
    size: int
    sha256: str
    dangerous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the body: its name as shown (never a path), type, size in bytes, and SHA-256 of the bytes.

    Unnamed parts have a generated name that is the same each time. `dangerous` is true for names and types that run
    when opened, and for names built to hide that, of a file inside as well. `content_id` is without angle brackets.
    `contains` are the files inside, where it is one that was opened; `about` is an invitation in a few lines.
    """

    __pydantic_config__: ClassVar = _STRICT

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool
    content_id: str | None
    dangerous: bool
    contains: tuple[Inside, ...] = ()
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery report (RFC 3464, or the free forms): `action` is `failed`, `delayed`, …, `status` like `5.1.1`.

    The fields are those of the first recipient reported; `original_message_id` is with angle brackets.
    """

    __pydantic_config__: ClassVar = _STRICT

    final_recipient: str | None
    action: str | None
    status: str | None
    original_message_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """A phone system's mail with a recording in it, as it says itself. Numbers in E.164 where they can be.

    `caller` is `anonymous` where it was withheld; `duration` in seconds; `received_at` in RFC 3339; `name` is what the
    caller's number is called by the phone system. Without its country a number is taken for one of +1 here: who knows
    which line was called reads `caller_as_written` and `called_as_written`.
    """

    __pydantic_config__: ClassVar = _STRICT

    caller: str | None
    called: str | None
    mailbox: str | None
    duration: int | None
    received_at: str | None
    system: str
    name: str | None = None
    caller_as_written: str | None = None
    called_as_written: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSignature:
    """What a signature by the author's program is worth, in RFC 7281's words; `reason` is one sentence.

    `policy`: it fits, and who signed is no more than a certificate's own word, which nobody vouches for; `fail`: it
    does not fit; `neutral`: it is not checked. None of them proves who wrote the mail. `signer` is the address in the
    certificate.
    """

    __pydantic_config__: ClassVar = _STRICT

    method: Literal["smime", "openpgp"]
    result: Literal["policy", "fail", "neutral"]
    reason: str
    signer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail as read. Addresses have their domain in lower case; Message-IDs keep their angle brackets.

    `text` is the readable body, `reply_text` what is new in it. (Its HTML is made by who shows it: `parse_with_html`.)
    `received` is the time on the topmost Received field that has one: when the last server took it in.
    `unreadable` is one sentence where the structure could not be read whole: then the raw mail has to be kept beside
    what is here. `fingerprint` is equal for two copies of the same message (hex SHA-256). `defects` are sentences.
    `is_signed` and `is_encrypted` are what the mail says of itself (OpenPGP, S/MIME); `signature` is what the first of
    its signatures is worth.
    `no_autoresponse`: no program should answer it, because one wrote it, or it asks for none (RFC 3834 2).
    `language` is the first tag of Content-Language (RFC 3282), as the author's program says it.
    `says_nothing_new`: it holds nothing but what it answers, and a signature, or may do so; `reply_text` is all of that
    then.
    `forwarded` is who first wrote a mail that is sent on, as it says itself.
    `claims` is what the header says of its own credibility; nothing of it is believed here.
    """

    __pydantic_config__: ClassVar = _STRICT

    from_addr: str | None
    from_name: str | None
    from_all: tuple[str, ...]
    author: Author
    sender: str | None
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str | None
    message_id: str | None
    date: datetime | None
    received: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    reply_text: str
    attachments: tuple[Attachment, ...]
    is_auto_reply: bool
    is_bounce: bool
    is_list: bool
    is_read_receipt: bool
    bounce: Bounce | None
    bounced_recipients: tuple[str, ...]
    voicemail: Voicemail | None
    machine_fields: tuple[tuple[str, str], ...] = ()
    claimed_urgency: Urgency | None
    fingerprint: str
    unreadable: str | None
    defects: tuple[str, ...]
    claims: Claims = NONE
    is_signed: bool = False
    is_encrypted: bool = False
    no_autoresponse: bool = False
    language: str | None = None
    forwarded: Forwarded | None = None
    says_nothing_new: bool = False
    signature: MailSignature | None = None

    @property
    def is_automatic(self) -> bool:
        """Whether a program wrote it of itself: an automatic answer, or a bounce."""
        return self.is_auto_reply or self.is_bounce
