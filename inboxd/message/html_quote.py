"""The marks that mail programs leave in HTML around what they quote: better witnesses than the text."""

import re
from collections.abc import Sequence
from typing import Final

from inboxd.message.html_events import Event, Page

# Elements that hold a quote, attribution included.
_CLASSES: Final = re.compile(
    r"(?:^|[\s_-])(?:gmail_quote(?:_container)?|(?:ydp\w{1,20})?yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra|"
    r"tutanota_quote|freshdesk_quote|"
    r"front-blockquote|gmail_attr|iclouddiv_quoted|fairemail_quote|mail_android_quote|quotedReply)(?:$|\s)"
)
_IDS: Final = re.compile(
    r"(?:^|x_)(?:OLK_SRC_BODY_SECTION|(?:ydp\w{1,20})?yahoo_quoted_?\d*|(?:v\d)?reply-intro|mail-editor-reference-message-container|(?:yiv\d{1,20})?AOLMsgPart_\w{1,60}|"
    r"ms-outlook-mobile-reference-message)$"
)
_NAMES: Final = frozenset(("quote", "messageReplySection"))
# Elements that hold a signature. Long ones are none: people write their answer into the block, too.
_SIGNATURE_CLASSES: Final = re.compile(
    r"(?:^|\s)(?:x_)?(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block|bloop_sign\w{0,40}|(?:front-|sh-|fairemail_|zmail_)?signature)(?:$|\s)"
)
_SIGNATURE_IDS: Final = re.compile(
    r"(?:^|x_)(?:Signature|AppleMailSignature|ms-outlook-mobile-signature|composer_signature|(?:v\d)?signature|sig\d{1,12})$"
)
_LONGEST_SIGNATURE: Final = 1_500  # characters, and elements
# Elements behind which all is history, up to the end of the mail.
_CUT_IDS: Final = re.compile(r"(?:^|x_)(?:divRplyFwdMsg|appendonsend|zwchr|stopSpelling|ydp\w{0,20}yahoo_quoted)$")
# Outlook draws a line above the header of the mail it answers.
_CUT_STYLE: Final = re.compile(r"border-top:\s?solid\s#(?:E1E1E1|B5C4DF)\s1\.0pt", re.IGNORECASE)
_FORWARDED: Final = re.compile(
    r"\s*(?:-{5,}\s*)?(?:forwarded message|begin forwarded|weitergeleitete nachricht|message transféré)", re.IGNORECASE
)


def has_marks(page: Page) -> bool:
    """Whether a mail program marked a quote."""
    return any(_holds(event) or _cuts(event) or _by_hand(event) for event in page.starts)


def has_signature(page: Page) -> bool:
    """Whether a mail program marked a signature."""
    return any(_signs(event) for event in page.starts)


def without_quotes(page: Page) -> list[Event]:
    """The events outside of marked quotes. A forwarded mail is not one: it is what its sender wants read."""
    events = list(page)
    out: list[Event] = []
    signatures = _short_signatures(events) if has_signature(page) else frozenset()
    depth = 0  # open elements since a quote began; 0 outside
    for index, event in enumerate(events):
        if depth:
            depth += (event.kind == "start") - (event.kind == "end")
            continue
        if event.attributes:
            if (_holds(event) or _cuts(event)) and not _is_forward(events, index):
                if _cuts(event):
                    _drop_rule(out)
                    break
                depth = 1
                continue
            if index in signatures:
                depth = 1
                continue
        # What Gmail's writer put in quotes by hand is a part of the answer, and no blockquote for those who read on.
        out.append(Event("start", "div", {}) if event.kind == "start" and _by_hand(event) else event)
    return out


def _drop_rule(events: list[Event]) -> None:
    """Take away the line that a mail program draws above what it quotes."""
    while events and (events[-1].value == "hr" or (events[-1].kind == "text" and not events[-1].value.strip())):
        events.pop()


def _holds(event: Event) -> bool:
    attributes = event.attributes
    if not attributes:
        return False
    if event.value == "blockquote":
        return attributes.get("type", "").lower() == "cite" or "cite" in attributes
    if "class" in attributes and _CLASSES.search(attributes["class"]):
        return True
    if "name" in attributes and attributes["name"] in _NAMES:
        return True
    return "id" in attributes and _IDS.search(attributes["id"]) is not None


def _signs(event: Event) -> bool:
    attributes = event.attributes
    if "class" in attributes and _SIGNATURE_CLASSES.search(attributes["class"]):
        return True
    if attributes.get("name") == "messageSignatureSection" or attributes.get("data-marker", "").startswith("__SIG_"):
        return True
    return "id" in attributes and _SIGNATURE_IDS.search(attributes["id"]) is not None


def _short_signatures(events: Sequence[Event]) -> frozenset[int]:
    """Where the elements begin that are marked as signatures and are as short as one; all in one pass."""
    found: set[int] = set()
    opened: list[tuple[int, int]] = []
    length = 0
    for place, event in enumerate(events):
        if event.kind == "start":
            opened.append((place, length))
        elif event.kind == "text":
            length += len(event.value)
        elif opened:
            start, before = opened.pop()
            if max(place - start + 1, length - before) <= _LONGEST_SIGNATURE and _signs(events[start]):
                found.add(start)
    return frozenset(found)


def _by_hand(event: Event) -> bool:
    return event.value == "blockquote" and not _holds(event) and "gmail_quote" in event.attributes.get("class", "")


def _cuts(event: Event) -> bool:
    attributes = event.attributes
    if "id" in attributes and _CUT_IDS.search(attributes["id"]):
        return True
    return "style" in attributes and _CUT_STYLE.search(attributes["style"]) is not None


def _is_forward(events: Sequence[Event], index: int) -> bool:
    words = [event.value for event in events[index : index + 12] if event.kind == "text" and event.value.strip()]
    return bool(words) and _FORWARDED.match(words[0]) is not None
