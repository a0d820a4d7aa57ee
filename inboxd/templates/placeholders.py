"""The words in braces that a template may use, and how a text is taken apart at them."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Final

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "reference": "the ticket's reference, like 48213-7",
    "mark": "the same as subjects write it, like [#48213-7]: `templates.reference`",
    "desk": "the name of the queue that writes, else the desk's address",
    "subject": "the subject of what came in; empty in a confirmation, and for senders who are not on file",
    "name": "the name of the contact on file; empty in a confirmation",
    "account": "the account's name",
    "queue": "the queue where the ticket waits",
    "priority": "the ticket's priority, by the desk's own name for it",
    "answer_due": "when the clock first-response runs out, in the desk's zone",
    "callback_due": "when the clock callback runs out, in the desk's zone",
    "number": "the number that is called back; empty in a confirmation",
    "hours": "the open hours that the clock first-response counts",
    "terms": "the terms of a call back, where a rule names them",
    "waiting": "the actions that wait, one a line",
    "unblock": "the reasons why they wait, one a line",
    "until": "the last day of temporary access, or the day until which a confirmation can be answered",
    "person": "who would be let in for a while, with the address: only where that is asked",
    "what": "what happened, in sentences: only in a notice to staff",
    "text": "the customer's last words, each line behind `>`: only in a notice to staff",
    "proof": "who said those words, and how far that is proven, behind `>`: only in a notice to staff",
    "in_copy": "who gets a copy of an answer by mail: only in a notice to staff; whom it does not name gets none",
    "left_out": "who has written and gets none: only in a notice to staff",
    "headline": "as many of these sentences as a subject has room for: only in a notice to staff",
}


class WrongBraces(ValueError):
    """A text whose braces make no placeholders; says which, and what would be right."""

    def __init__(self, found: str, message: str) -> None:
        super().__init__(message)
        self.found = found


def parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Give the text in pieces, each with the name of the placeholder behind it. Raises WrongBraces."""
    try:
        pieces = list(Formatter().parse(text))
    except ValueError:
        alone = "{" if text.count("{") != text.count("}") and text.count("{") > text.count("}") else "}"
        raise WrongBraces(alone, f'a "{alone}" stands alone; write {alone}{alone} for the sign itself') from None
    for literal, name, form, conversion in pieces:
        if name is not None and (form or conversion or not name):
            found = "{" + name
            raise WrongBraces(found, "a placeholder is one name in braces, like {reference}")
        yield literal, name


def names(text: str) -> tuple[str, ...]:
    """Return the placeholders of a text, each once. Raises WrongBraces."""
    return tuple(dict.fromkeys(name for _, name in parts(text) if name is not None))
