"""The files of a mail of staff that go on to the customer with its words."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from inboxd.message import Attachment, Message

# What proves who wrote the mail to us says nothing of the one that we write. The last two hold the whole of a mail: its
# parts are listed beside them where it is signed (RFC 8551 3.5.2); where it is encrypted it is not sent on at all.
_SIGNATURES: Final = frozenset(
    (
        "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
        "application/pkcs7-mime", "application/x-pkcs7-mime",
    )
)  # fmt: skip
# An attached mail may be the very notice that is answered, which tells what only staff may read; what is packed into
# a winmail.dat cannot be taken out here.
_STAY: Final = ("message/", "application/vnd.ms-outlook", "application/ms-tnef")
_MAILS: Final = (".eml", ".msg")
_PICTURE: Final = re.compile(r"\[cid:([^\[\]\s]{1,200})\]")


def of(message: Message, text: str, intake_id: str) -> list[dict[str, Any]]:
    """Return the files that go along with `text`, as an outbox item names them: by the mail and their place in it.

    A picture in the text goes along where the words name it, so a logo in a signature does not.
    """
    named = set(_PICTURE.findall(text))
    return [
        {**asdict(each), "intake_id": intake_id, "index": index}
        for index, each in _files(message)
        if not each.inline or each.content_id in named
    ]


def with_names(message: Message, text: str) -> str:
    """Return the text with the names of the pictures where it says which one stands there."""
    names = {each.content_id: each.filename for each in message.attachments if each.content_id}
    return _PICTURE.sub(lambda found: f"[{names[found[1]]}]" if found[1] in names else found[0], text)


def that_stay(message: Message) -> list[str]:
    """Return the names of the files for which the mail must not be sent on."""
    return [
        each.filename
        for _, each in _files(message)
        if each.content_type.startswith(_STAY) or each.filename.lower().endswith(_MAILS)
    ]


def _files(message: Message) -> Iterator[tuple[int, Attachment]]:
    return ((index, each) for index, each in enumerate(message.attachments) if each.content_type not in _SIGNATURES)
