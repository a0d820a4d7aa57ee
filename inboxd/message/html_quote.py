"""The marks that mail programs leave in HTML around what they quote: better witnesses than the text."""

import functools
import re
from typing import Final, Literal

import re2

from inboxd.message.html_page import Page, attributes_of, unescape
from inboxd.message.reply_marks import FORWARD

# Elements that hold a quote, attribution included.
_CLASSES: Final = re.compile(
    r"(?:^|[\s_-])(?:gmail_quote(?:_container)?|(?:ydp\w{1,20})?yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra|"
    r"tutanota_quote|freshdesk_quote|cm_quote|missive_quote|ntes-mailmaster-quote|"
    r"front-blockquote|gmail_attr|iclouddiv_quoted|fairemail_quote|mail_android_quote|quotedReply)(?:$|\s)"
)
_PREFIX: Final = re.compile(r"moz-cite-prefix|gmail_attr|reply-intro")  # of these, the line above a quote
_IDS: Final = re.compile(
    r"(?:^|x_)(?:OLK_SRC_BODY_SECTION|(?:ydp\w{1,20})?yahoo_quoted_?\d*|(?:v\d)?reply-intro|mail-editor-reference-message-container|(?:yiv\d{1,20})?AOLMsgPart_\w{1,60}|"
    r"ms-outlook-mobile-reference-message|CanaryBlockquote|aqm-original|origbody)$"
)
_NAMES: Final = frozenset(("quote", "messageReplySection"))
# Elements that hold a signature. Long ones are none: people write their answer into the block, too.
_SIGNATURE_CLASSES: Final = re.compile(
    r"(?:^|\s)(?:x_)?(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block|cm_signature|bloop_sign\w{0,40}|(?:front-|sh-|fairemail_|zmail_)?signature)(?:$|\s)"
)
_SIGNATURE_IDS: Final = re.compile(
    r"(?:^|x_)(?:Signature|AppleMailSignature|ms-outlook-mobile-signature|composer_signature|aqm-signature|emailSignature|CanarySig|(?:v\d)?signature|sig\d{1,12})$"
)
_LONGEST_SIGNATURE: Final = 1_500  # characters, and tags
# Elements behind which all is history, up to the end of the mail.
_CUT_IDS: Final = re.compile(r"(?:^|x_)(?:divRplyFwdMsg|appendonsend|zwchr|stopSpelling|ydp\w{0,20}yahoo_quoted)$")
# Outlook and Windows Mail draw a line above the header of the mail they answer.
_CUT_STYLE: Final = re.compile(
    r"border-top:\s?solid\s#(?:E1E1E1|B5C4DF)\s1\.0pt|border-top-color:\s?rgb\(229,\s?229,\s?229\)", re.IGNORECASE
)
# How Gmail and Apple Mail indent a paragraph.
_INDENT: Final = re.compile(r"margin:\s?0(?:px)?\s0(?:px)?\s0(?:px)?\s40px;\s?border:\s?none", re.IGNORECASE)


# What any of these stands in.
_TELLING: Final = re.compile(r" (?:class|id|name|type|cite|style|data-marker)=")
# One of these is in each mark of a quote above, whatever the case: who adds a mark looks here, too.
_HINT: Final = re2.compile(
    "(?i)quote|cite|orig|reply|rplyfwd|border-top|olk_src|aolmsg|zmail_extra|gmail_attr|reference-message|appendonsend|zwchr|stopspelling"
)
_EMPTY: Final = "&gt;"  # read as a quote in a quote, and shown to nobody
_AHEAD: Final = 6  # texts in which the title of a forwarded mail is looked for

Role = Literal["quote", "cut", "by hand", "signature"]


def may_hold_one(html: str) -> bool:
    """Whether a mark of a quote may stand in HTML that is not parsed: most that does not answer holds none."""
    return _HINT.search(html) is not None


def roles(page: Page) -> dict[str, Role]:
    """What the tags of a page say that mail programs mark: a quote, the begin of history, a signature."""
    telling = ((tag, name) for tag, name in page.names.items() if _TELLING.search(tag) is not None)
    return {tag: role for tag, name in telling if (role := _role(tag, name)) is not None}


def holds_history(marked: dict[str, Role]) -> bool:
    """Whether what is quoted is marked itself, and not the line above it alone."""
    return any(role in ("quote", "cut") and _PREFIX.search(tag) is None for tag, role in marked.items())


def without_quotes(page: Page, marked: dict[str, Role]) -> Page:
    """The page without the quotes and signatures in `marked`, its `roles`.

    A forwarded mail is no quote: it is what its sender wants read.
    """
    signatures = _short_signatures(page, marked) if "signature" in marked.values() else frozenset()
    tags = list(page.tags)
    dropped: set[int] = set()
    opened: list[int] = []  # at which depth the quotes by hand began
    depth = inside = 0  # open elements, and those since a quote began
    answered = 0  # behind the last quote that holds answers
    steps = page.steps()
    for index, step in enumerate(steps):
        depth += step
        if inside:
            inside += step
            continue
        if index < answered and index not in signatures:
            continue
        if opened and step < 0 and depth < opened[-1]:
            opened.pop()
            tags[index] = "/div"
        role = marked.get(page.tags[index])
        if role in ("quote", "cut") and not _is_forward(page, index):
            if role == "cut":
                return _above(Page(page.texts, tags), index).without(dropped)
            if "gmail_quote" in page.tags[index] and (answered := _behind_answers(page, steps, index)):
                continue  # its lines tell what is answered
            dropped.add(index)
            inside = max(step, 0)
        elif index in signatures:
            dropped.add(index)
            inside = max(step, 0)
        elif role == "by hand":
            # What Gmail's writer put in quotes by hand is a part of the answer, and no quote for those who read on.
            tags[index] = "div"
            opened.append(depth)
    return _without(Page(page.texts, tags), dropped)


def _without(page: Page, dropped: set[int]) -> Page:
    """The page without the elements that begin at `dropped`, of which quotes below a line with a colon are left empty.

    If that line is an attribution, the answer may go on below its quote.
    """
    if not any(page.names[page.tags[index]] == "blockquote" for index in dropped):
        return page.without(dropped)
    texts, starts = list(page.texts), set(dropped)
    above = texts[0]  # the last text that is kept, in its element
    inside = 0
    empties = False
    for index, step in enumerate(page.steps()):
        if inside:
            inside += step
            if empties and inside:
                texts[index + 1] = ""
                if step >= 0:
                    starts.add(index)
            continue
        if index in dropped:
            inside = max(step, 0)
            empties = page.names[page.tags[index]] == "blockquote" and above.rstrip().endswith((":", "："))
            above = ""
            if empties:
                starts.remove(index)
                texts[index + 1] = _EMPTY
        elif texts[index + 1].strip():
            above = texts[index + 1]
    return Page(texts, page.tags).without(starts)


def _behind_answers(page: Page, steps: list[int], start: int) -> int:
    """Where Gmail's element around a quote ends, if somebody wrote into it below a quoted paragraph; else 0."""
    depth = quoted = 0
    seen = written = False
    for index in range(start, len(steps)):
        depth += steps[index]
        if depth <= 0:
            return index if written else 0
        if page.names[page.tags[index]] in ("blockquote", "/blockquote"):
            quoted = max(0, quoted + steps[index])
            seen = True
        written = written or (seen and not quoted and bool(unescape(page.texts[index + 1]).strip()))
    return 0


def _above(page: Page, index: int) -> Page:
    """What stands above a tag, without the line that a mail program draws above what it quotes."""
    while index and page.names[page.tags[index - 1]] == "hr" and not page.texts[index].strip():
        index -= 1
    return Page(page.texts[: index + 1], page.tags[:index])


@functools.lru_cache(maxsize=256)  # mails say the same, again and again
def _role(tag: str, name: str) -> Role | None:
    attributes = attributes_of(tag)
    if _cuts(attributes):
        return "cut"
    classes = attributes.get("class", "")
    if name == "blockquote":
        if attributes.get("type", "").lower() == "cite" or "cite" in attributes:
            return "quote"
        if "gmail_quote" in classes or _INDENT.search(attributes.get("style", "")):
            return "by hand"
    elif _CLASSES.search(classes) or attributes.get("name") in _NAMES or _IDS.search(attributes.get("id", "")):
        return "quote"
    return "signature" if _signs(attributes) else None


def _cuts(attributes: dict[str, str]) -> bool:
    return (
        _CUT_IDS.search(attributes.get("id", "")) is not None
        or _CUT_STYLE.search(attributes.get("style", "")) is not None
    )


def _signs(attributes: dict[str, str]) -> bool:
    return (
        _SIGNATURE_CLASSES.search(attributes.get("class", "")) is not None
        or attributes.get("name") == "messageSignatureSection"
        or attributes.get("data-marker", "").startswith("__SIG_")
        or _SIGNATURE_IDS.search(attributes.get("id", "")) is not None
    )


def _short_signatures(page: Page, marked: dict[str, Role]) -> frozenset[int]:
    """Where the elements begin that are marked as signatures and are as short as one; all in one pass."""
    found: set[int] = set()
    opened: list[tuple[int, int]] = []
    length = 0
    for place, step in enumerate(page.steps()):
        if step > 0:
            opened.append((place, length))
        elif step < 0 and opened:
            start, before = opened.pop()
            if (
                marked.get(page.tags[start]) == "signature"
                and max(place - start, length - before) <= _LONGEST_SIGNATURE
            ):
                found.add(start)
        length += len(page.texts[place + 1])
    return frozenset(found)


def _is_forward(page: Page, index: int) -> bool:
    inside = page.texts[index + 1 : index + 1 + _AHEAD]
    above = page.texts[max(0, index - _AHEAD) : index + 1][::-1]
    near = (next((text for text in texts if text.strip()), "") for texts in (inside, above))
    return any(FORWARD.match(unescape(text).strip()) is not None for text in near)
