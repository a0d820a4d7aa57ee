"""What kind of mail it is: an automatic answer (RFC 3834 and the vendors' habits), list mail, a read receipt."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from inboxd.message import auto_reply_marks as marks
from inboxd.message.headers import Headers
from inboxd.message.parts import Part

_PRECEDENCE: Final = frozenset(("auto_reply", "auto-reply", "autoreply"))
_ROBOT: Final = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|auto-?(?:reply|responder|answer)|vacation)[^@]*@",
    re.IGNORECASE,
)
# Addresses of programs, lists and bounces (RFC 2142, and the habits of list managers), and those that say so.
_NOBODY: Final = re.compile(
    r"(?:owner-[^@]+|[^@]+-(?:owner|request|bounces?|errors)|mailer[-_.]?daemon|postmaster|listserv|majordomo|mailman"
    r"|root|www-data|nobody|daemon|cron|auto[-_.]?(?:reply|responder|answer))(?:[+=][^@]*)?@"
    r"|bounces?(?:[-+=._0-9][^@]*)?@"
    r"|[^@]*(?:(?:no|do[-_.]?not|dont)[-_.]?reply|n[aã]o[-_.]?respond|no[-_.]?(?:respond(?:er|a)|contest)"
    r"|ne[-_.]?pas[-_.]?r[eé]pondre|nicht[-_.]?antworten|keine[-_.]?antwort|non[-_.]?risponder|geen[-_.]?antwoord"
    r"|svara[-_.]?(?:inte|ej)|nie[-_.]?odpowiad)[^@]*@",
    re.IGNORECASE,
)
# People's mail goes out under addresses that take bounces; these are the ones that RFC 3834 names.
_NO_PERSONS_ENVELOPE: Final = re.compile(r"(?:owner-[^@]+|[^@]+-request|mailer-daemon)@", re.IGNORECASE)
# (Postfix and Sendmail write the empty one as `MAILER-DAEMON` where they file a mail.)
_NOWHERE: Final = re.compile(rb"\s*<\s*(?:mailer-daemon(?:@[^<>\s]*)?)?\s*>\s*", re.IGNORECASE)
_COMPLAINT: Final = re.compile(r"complaint about message from \d{1,3}\.\d{1,3}\.\d{1,3}\.[\dx]{1,3}")
_COMMENT: Final = re.compile(r"\([^()]*\)")
# `X-Autoreply`, `X-Mail-Autoreply`, `X-Amazon-Auto-Reply`: whatever a vendor calls it. (Behind
# `X-Auto-Response-` comes Suppress, which is on people's mail, too.)
_MARK: Final = re.compile(
    r"x-(?:[a-z]{1,30}-)?auto-?(?:reply|replied|respond|responder|response|generated)(?:-from)?|x-vacation|"
    r"x-fc-machinegenerated"
)
_LISTS: Final = (
    "list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere", "x-list", "x-listname",
    "x-mailman-version",
)  # fmt: skip

_NO_ANSWER: Final = (
    "list-unsubscribe", "list-help", "list-subscribe", "list-owner", "list-archive", "feedback-id", "x-loop",
    "x-failed-recipients", "x-inboxd", "x-cron-env",
)  # fmt: skip
# Where a mail goes in a circle, somebody has to stop (RFC 5321 6.3; Postfix stops at 50, too).
_MOST_HOPS: Final = 50
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def is_auto_reply(headers: Headers, subject: str, from_addr: str, text: str) -> bool:
    """Whether a program answered, or wrote, in a person's place."""
    if any(_first_word(each) != "no" for each in headers.all("auto-submitted")):
        return True
    if _PRECEDENCE & {_word(headers, "precedence"), _word(headers, "x-precedence")}:
        return True
    # Outlook puts `X-Auto-Response-Suppress: All` on ordinary mail; with the mark against loops it is a rule's answer.
    if headers.first("x-auto-response-suppress") is not None and _looped(headers):
        return True
    marked = [name for name in headers.by_name if name.startswith("x-") and _MARK.fullmatch(name) is not None]
    if any(_word(headers, name) not in ("no", "false", "0") for name in marked):
        return True
    if "vacation" in _word(headers, "x-apple-action") or certified_receipt(headers):
        return True
    if _word(headers, "preference") in _PRECEDENCE or "autoresponder" in (
        _said(headers, "x-post-messageclass"),
        _said(headers, "delivered-to"),
    ):
        return True
    if _is_plain_receipt(subject, text):
        return True
    replies = any(headers.first(name) is not None for name in ("in-reply-to", "references"))
    if from_nowhere(headers) and (replies or _is_bulk(headers)):
        return True  # RFC 3834 4: people's answers have an envelope sender
    answers = replies or headers.first("x-auto-response-suppress") is not None
    if calls_itself_one(subject):
        return answers or _is_robots(headers, from_addr) or says_away(text)
    return _is_of_absence(headers, subject, from_addr, text, answers=answers)


def _is_plain_receipt(subject: str, text: str) -> bool:
    """Whether it is a read receipt of Outlook's that is no report, in any language.

    "Your message", its fields and "was read on" are all of it; the title repeats what stands in the fields.
    """
    if ":" not in subject or len(text) > 2 * marks.FIRST_WORDS:
        return False
    form = marks.RECEIPT.fullmatch(text.strip())
    if form is None:
        return False
    tags = marks.TAGGED.match(subject)
    title = subject[tags.end() if tags else 0 :].partition(":")[2].strip()
    return bool(title) and title in form[1]


def _is_of_absence(headers: Headers, subject: str, from_addr: str, text: str, *, answers: bool) -> bool:
    """Whether a mail whose subject people, too, give to theirs is a program's."""
    away = marks.AWAY.match(subject)
    if away is None:
        return False
    # `Abwesend: Drucker` is how Exchange heads its answers, and no person does who also suppresses answers.
    titled = ":" in subject[away.end() : away.end() + 20] and headers.first("x-auto-response-suppress") is not None
    if titled or _is_robots(headers, from_addr):
        return True
    named = marks.NAMED_AT_END.search(subject) is not None
    return (answers or named) and is_note_of_absence(text)


def calls_itself_one(subject: str) -> bool:
    """Whether the subject says so as only those of automatic answers do. Alone it proves nothing."""
    return marks.TITLE.match(subject) is not None or marks.TITLE_AT_END.search(subject) is not None


def may_be_one(subject: str) -> bool:
    """Whether the subject begins as those of automatic answers do, or as that of a person who will be away."""
    return calls_itself_one(subject) or marks.AWAY.match(subject) is not None


def says_away(text: str) -> bool:
    """Whether a text begins in the words of a note of absence. A person may use them, too."""
    return marks.AWAY_WORDS.search(text[: marks.FIRST_WORDS]) is not None


def is_note_of_absence(text: str) -> bool:
    """Whether a text says so, and nothing else: who is away soon, and asks something before, is a person."""
    return says_away(text) and marks.ASKS.search(text[: marks.FIRST_WORDS]) is None


def reads_like_one(subject: str, text: str) -> bool:
    """Whether a mail without any mark may be a program's: reason enough to ask, and for nothing else."""
    return may_be_one(subject) or says_away(text) or marks.UNAVAILABLE.search(text[: marks.FIRST_WORDS]) is not None


def _is_robots(headers: Headers, from_addr: str) -> bool:
    """Whether something in the header says that a program sent it, though not what kind of mail it is."""
    return (
        _is_bulk(headers)
        or from_nowhere(headers)
        or headers.first("x-loop") is not None
        or _looped(headers)
        or _ROBOT.match(from_addr) is not None
    )


def _is_bulk(headers: Headers) -> bool:
    return any(_word(headers, name) in ("bulk", "junk") for name in ("precedence", "x-precedence"))


def from_nowhere(headers: Headers) -> bool:
    """Whether the envelope named no sender, as that of reports and automatic answers does (RFC 5321 4.5.5)."""
    return _NOWHERE.fullmatch(headers.first("return-path") or b"-") is not None


def certified_receipt(headers: Headers) -> str:
    """What a receipt of Italy's certified mail says (RFC 6109); "" where it is none. People's mail has X-Trasporto."""
    return _word(headers, "x-ricevuta")


def _looped(headers: Headers) -> bool:
    """Whether a rule of Exchange's made it: an answer, or a mail that it sends on."""
    return any(headers.first(f"x-ms-exchange-{name}") for name in ("inbox-rules-loop", "generated-message-source"))


def is_list(headers: Headers) -> bool:
    """Whether it came through a mailing list (RFC 2919); a List-Unsubscribe alone is a newsletter."""
    return any(headers.first(name) for name in _LISTS) or _word(headers, "precedence") == "list"


def wants_no_answer(headers: Headers, authors: Iterable[str], reply_to: Sequence[str]) -> bool:
    """Whether a header forbids that a program answers, or nobody would read what it wrote (RFC 3834 2).

    `authors` are the addresses of From and Sender.
    """
    return (
        any(_word(headers, name) in ("bulk", "junk", "list") for name in ("precedence", "x-precedence"))
        or _word(headers, "content-type") == "multipart/report"
        or any(headers.first(name) is not None for name in _NO_ANSWER)
        or len(headers.all("received")) >= _MOST_HOPS
        # [MS-OXCMAIL]: which kinds are unwanted (All, AutoReply, OOF, DR, …); each is one of ours to some program.
        or _said(headers, "x-auto-response-suppress") not in ("", "none")
        or from_nowhere(headers)
        or any(map(_NOBODY.match, authors))
        or (bool(reply_to) and all(map(_NOBODY.match, reply_to)))
    )


def is_nobodys_envelope(mail_from: str) -> bool:
    """Whether the sender on an envelope is one that RFC 3834 2 wants no program to answer."""
    return _NO_PERSONS_ENVELOPE.match(mail_from) is not None


def language(headers: Headers) -> str | None:
    """The first language of Content-Language (RFC 3282); None where none is named."""
    value = (headers.first("content-language") or b"")[:200].decode("latin-1")
    found = _LANGUAGE.match(_COMMENT.sub(" ", value).strip())
    return None if found is None else found.group()[:20]


def is_read_receipt(root: Part) -> bool:
    """Whether it is a message disposition notification (RFC 8098): the report, and the notification in it.

    Both, because a receipt becomes no ticket: a mail that only calls itself one, or in which somebody sends one on and
    asks what it is, wants a reader.
    """
    return (
        root.content_type == "multipart/report"
        and root.params.get("report-type", "").lower() in ("", "disposition-notification")
        and any(part.content_type == "message/disposition-notification" for part in root.leaves())
    )


def is_feedback_report(root: Part, subject: str) -> bool:
    """Whether it is a complaint that a provider passes on (RFC 5965), or Microsoft's older form of one."""
    if root.content_type == "multipart/report":
        return root.params.get("report-type", "").lower() == "feedback-report" or any(
            part.content_type == "message/feedback-report" for part in root.leaves()
        )
    return _COMPLAINT.match(subject) is not None and any(
        part.content_type == "message/rfc822" for part in root.leaves()
    )


def _said(headers: Headers, name: str) -> str:
    """The last word of a field in lower case."""
    value = (headers.first(name) or b"")[:200].decode("latin-1").lower().split()
    return value[-1] if value else ""


def _word(headers: Headers, name: str) -> str:
    """A field's first word in lower case, "" when it is not there; comments and parameters left out (RFC 3834 5)."""
    value = headers.first(name)
    return "" if value is None else _first_word(value)


def _first_word(value: bytes) -> str:
    text = _COMMENT.sub(" ", value[:200].decode("latin-1")).partition(";")[0].strip().lower()
    return text or "yes"
