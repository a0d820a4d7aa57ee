"""The Message-IDs that a mail is and answers, from its header alone: enough to tell what has to be filed before it."""

from inboxd.message import headers, ids
from inboxd.message.defects import Defects
from inboxd.message.limits import MAX_HEADER_BYTES

_HEAD = MAX_HEADER_BYTES + 4096


def of(raw: bytes) -> tuple[str | None, frozenset[str]]:
    """Return the Message-ID and the ids of In-Reply-To and References. Never raises."""
    head = raw[:_HEAD]
    defects = Defects()
    top = headers.read(head, headers.skip_envelope(head, defects), defects)
    named = top.all("in-reply-to") + top.all("references")
    return ids.one(top.first("message-id") or b""), frozenset(ids.several(named))
