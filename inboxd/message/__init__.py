"""Any bytes as a mail: `parse` never raises, is linear in time and memory, and says in `defects` what was broken."""

from inboxd.message.message import Attachment, Author, Bounce, Message, Urgency
from inboxd.message.parse import attachment, parse, parse_with_html
from inboxd.message.unread import unread
from inboxd.message.wire import from_json, to_json

__all__ = [
    "Attachment",
    "Author",
    "Bounce",
    "Message",
    "Urgency",
    "attachment",
    "from_json",
    "parse",
    "parse_with_html",
    "to_json",
    "unread",
]
