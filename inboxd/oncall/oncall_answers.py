"""Answers to pages that come by telephone: key 1 on the call, 1 in answer to the text message.

Who asks is proven by the provider's signature, which the web room checks; the key's address cannot be guessed. A text
message is taken by the number it comes from, which must be one that was paged.
"""

from typing import TYPE_CHECKING, Final

from inboxd.intake.door import now_ms
from inboxd.oncall import paging
from store import pages, tickets
from store.pages import Paged

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

_TAKES: Final = "1"
_MOST_ASKED: Final = 3


def by_key(store: "Store", token: str, digits: str) -> str:
    """Take the key pressed on a page's call; return what is said to whoever pressed it."""
    if digits.strip() != _TAKES:
        return "That was not 1. You will be called again."

    def write(txn: "Connection") -> str:
        paged = pages.by_token(txn, token)
        if paged is None:
            return "This call is not known here."
        return _taken(txn, paged, f"Key 1 on the call to {_number(paged)}.")

    return store.write(write)


def by_sms(store: "Store", number: str, body: str, sid: str) -> str:
    """Take a text message; return the answer to it, "" for none: a stranger's is not answered.

    `sid` is the provider's name for it: told of again, it takes no second page, now or in a later night.
    """

    def write(txn: "Connection") -> str:
        paged = pages.last_to(txn, (f"sms:{number}", f"tel:{number}"))
        if paged is None:
            return ""
        if body.split()[:1] != [_TAKES]:
            # A telephone that answers by itself, while its owner drives, answers this, too: not for ever, and not paid.
            asked = (f"asked {paged.item_id} {time}" for time in range(_MOST_ASKED))
            again = any(pages.take_text_message(txn, each, at=now_ms()) for each in asked)
            return "Answer 1 to take the page." if again else ""
        if not pages.take_text_message(txn, sid, at=now_ms()):
            return ""
        return _taken(txn, paged, f"Answered 1 by text message from {number}.")

    return store.write(write)


def _taken(txn: "Connection", paged: Paged, how: str) -> str:
    first = paging.acknowledge(txn, paged.page_id, by=paged.person, how=how, at=now_ms())
    page = pages.get(txn, paged.page_id)
    if page.ticket_id is None:
        return "Thank you. The test arrived."
    ref = tickets.get_by_id(txn, page.ticket_id).ref
    return f"Thank you. Ticket {ref} is yours." if first else f"{page.ended_by} has ticket {ref} already."


def _number(paged: Paged) -> str:
    return paged.to_address.removeprefix("tel:").removeprefix("sms:")
