"""Mail as nineteen real clients thread it: what each keeps of ids, subjects and addresses when somebody answers.

A client is a function from what is answered to the headers of the answer. What they drop is what they really drop:
Notes knows no References, some phones send neither, ticket systems of others rename the subject, gateways cut long
References short.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The mail that is answered: its Message-ID, the ids of its thread, its subject, and where answers go to."""

    message_id: str
    references: Sequence[str] = ()
    subject: str
    reply_to: str


Headers = dict[str, str]
Client = Callable[[Answered], Headers]


def _thread(answered: Answered) -> list[str]:
    return [*answered.references, answered.message_id]


def _full(mark: str) -> Client:
    def client(answered: Answered) -> Headers:
        return {
            "Subject": f"{mark} {answered.subject}",
            "In-Reply-To": answered.message_id,
            "References": " ".join(_thread(answered)),
        }

    return client


def gmail(answered: Answered) -> Headers:
    """Write all ids, one a line."""
    return _full("Re:")(answered) | {"References": "\r\n ".join(_thread(answered))}


def outlook(answered: Answered) -> Headers:
    """Write the topic and an index of its own as well, in another language's mark."""
    return _full("AW:")(answered) | {"Thread-Topic": answered.subject, "Thread-Index": "AdnxYzAbCdEfGhIjRk2="}


def mobile_outlook(answered: Answered) -> Headers:
    """Repeat the parent's id inside References and leave In-Reply-To in upper case brackets as they are."""
    return {"Subject": f"RE: {answered.subject}", "References": ",".join(_thread(answered))}


def apple_mail(answered: Answered) -> Headers:
    """Write the parent's id first of all."""
    return _full("Re:")(answered) | {"References": " ".join([answered.message_id, *answered.references])}


def thunderbird(answered: Answered) -> Headers:
    """Write References before In-Reply-To, folded with tabs."""
    return {
        "Subject": f"Re: {answered.subject}",
        "References": "\r\n\t".join(_thread(answered)),
        "In-Reply-To": answered.message_id,
    }


def notes(answered: Answered) -> Headers:
    """Write no References at all."""
    return {"Subject": f"Antwort: {answered.subject}", "In-Reply-To": answered.message_id}


def old_gateway(answered: Answered) -> Headers:
    """Explain the id in words, as RFC 822 let programs do."""
    return {
        "Subject": f"RE: {answered.subject}",
        "In-Reply-To": f'Your message of "Tue, 13 Jan 2026 16:00:00 GMT." {answered.message_id}',
    }


def phone(answered: Answered) -> Headers:
    """Write neither id: only the subject is left."""
    return {"Subject": f"Re: {answered.subject}"}


def ticket_system(answered: Answered) -> Headers:
    """Rename the subject, and write ids of its own alone: only the address that was answered to is left."""
    own = make_msgid(domain="desk.client.example")
    return {"Subject": "[Case 991] your note", "In-Reply-To": own, "References": own}


def cut_short(answered: Answered) -> Headers:
    """Keep the last of the references alone, with a subject that somebody shortened."""
    return {"Subject": answered.subject[: max(4, len(answered.subject) // 3)], "References": answered.message_id}


def exchange(answered: Answered) -> Headers:
    """Put a mark of the firm's own before the subject, and fold References behind commas."""
    return _full("RE: [EXTERNAL]")(answered) | {"References": ",\r\n\t".join(_thread(answered))}


def netease(answered: Answered) -> Headers:
    """Mark the subject in Chinese, in a charset of its own, and write no ids."""
    mark = base64.b64encode("回复：".encode("gb18030")).decode()
    return {"Subject": f"=?gb18030?B?{mark}?={answered.subject}"}


def encoded(answered: Answered) -> Headers:
    """Write the whole subject in encoded words, cut wherever one is full, and no ids."""
    text = f"Re: {answered.subject} – größer"
    words = [text[place : place + 9] for place in range(0, len(text), 9)]
    return {"Subject": "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word.encode()).decode()}?=" for word in words)}


def bare(answered: Answered) -> Headers:
    """Leave the brackets of ids away, and the subject empty."""
    return {"Subject": "", "In-Reply-To": answered.message_id.strip("<>")}


def run_together(answered: Answered) -> Headers:
    """Write References without a blank between them, and In-Reply-To with all of them."""
    ids = "".join(_thread(answered))
    return {"Subject": f"Odp: {answered.subject}", "References": ids, "In-Reply-To": ids}


def typographer(answered: Answered) -> Headers:
    """Make hyphens longer, put the reference behind the subject, and write no ids."""
    head, _, rest = answered.subject.partition("] ")
    return {"Subject": f"Vá: {rest} {head}]".replace("-", "\u2013")} if rest else {"Subject": answered.subject}


def marks_upon_marks(answered: Answered) -> Headers:
    """Put a mark before each mark, of several programs."""
    return {"Subject": f"Re: AW: RE: SV[2]: Fwd: ODG: {answered.subject}", "References": answered.message_id}


def mail_gateway(answered: Answered) -> Headers:
    """Write the domains of ids in capitals, and ids of its own behind them."""
    local, _, domain = answered.message_id.partition("@")
    written = f"{local}@{domain.upper()}"
    return {"Subject": "Re: your mail", "In-Reply-To": written, "References": f"{written} <1@gateway.client.example>"}


def archive(answered: Answered) -> Headers:
    """Begin with dozens of ids of another conversation, and end with the one that is answered."""
    others = [f"<{number}.archive@client.example>" for number in range(60)]
    return {"Subject": "Re: minutes", "References": "\r\n ".join([*others, answered.message_id])}


CLIENTS: dict[str, Client] = {
    each.__name__: each
    for each in (
        gmail, outlook, mobile_outlook, apple_mail, thunderbird, notes, old_gateway, phone, ticket_system, cut_short,
        exchange, netease, encoded, bare, run_together, typographer, marks_upon_marks, mail_gateway, archive,
    )
}  # fmt: skip


def mail(
    headers: Headers,
    *,
    sender: str,
    to: str = "support@example.com",
    cc: str | None = None,
    message_id: str,
    text: str = "It is still so.\r\n",
) -> bytes:
    """Make the mail with such headers, as bytes: folds stay as they are written."""
    message = EmailMessage()
    message.set_content(text)
    lines = {"From": sender, "To": to, "Date": "Tue, 13 Jan 2026 16:00:00 +0000", "Message-ID": message_id, **headers}
    if cc is not None:
        lines["Cc"] = cc
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    # (Mixed line ends would make the header one that two programs read in two ways.)
    return head.encode() + message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
