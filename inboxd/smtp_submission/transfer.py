"""One mail handed over in a session: MAIL, RCPT, DATA (RFC 5321 3.3), and what each refusal means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from inboxd.remote.trouble import Kind, Trouble, Troubled
from inboxd.settings import Outgoing
from inboxd.smtp_submission import troubles
from inboxd.smtp_submission.line import REPLY_SECONDS
from inboxd.smtp_submission.session import Submission

# RFC 5321 4.5.3.2.4 to .6: a client waits so long for the go-ahead and the blocks of a mail, and for the word after its
# end. Whoever holds a lease for a transfer holds it for longer than all of this.
DATA_SECONDS: Final = 180.0
END_SECONDS: Final = 600.0

_DONE: Final = range(200, 300)
_GO_ON: Final = 354
_PERMANENT: Final = range(500, 600)
_ANSWERS: Final = frozenset((*_DONE, *range(400, 500), *_PERMANENT))
# RFC 4954 6: it is us who is refused, whatever the mail.
_SIGN_IN_WANTED: Final = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail with its envelope; `sender` "" is the null sender. `utf8`: its addresses need SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    raw: bytes
    utf8: bool = False


class AnswerLost(Troubled):
    """The mail went out whole, and what the server said to it did not come back: it may have been taken."""


def transfer(session: Submission, outgoing: Outgoing, mail: Mail, begin: Callable[[], bytes] | None = None) -> None:
    """Hand a mail over. Raises Troubled (`temporary`, or `refused` for good), AnswerLost.

    `begin` is called when the server is ready for the mail, right before its first byte, and gives the bytes to send:
    after it the server may have the mail. What `begin` raises ends the transfer, and nothing of the mail was sent.
    """
    _demand_ability(session, outgoing, mail)
    line = session.line
    with troubles.told(outgoing):
        _demand(line.mail(mail.sender, _options(session, mail)), _from_refused(mail))
        _demand(line.rcpt(mail.recipient), f"{troubles.where(outgoing)} does not take {mail.recipient}")
        line.wait(DATA_SECONDS)
        raw = mail.raw if begin is None else begin()
        _give(session, outgoing, raw)
        line.wait(REPLY_SECONDS)


def _give(session: Submission, outgoing: Outgoing, raw: bytes) -> None:
    line = session.line
    line.putcmd("data")
    code, words = line.getreply()
    if code != _GO_ON:
        _refuse(code, words, f"{troubles.where(outgoing)} does not take the mail")
    # RFC 5321 4.5.2: a dot at the head of a line is doubled.
    stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
    line.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
    line.wait(END_SECONDS)
    try:
        line.send(b".\r\n")
        answer = line.getreply()
    except OSError as error:  # smtplib's own errors are such, too
        raise _lost(outgoing, str(error)) from error
    if answer[0] not in _ANSWERS:
        # Half a word, or none of SMTP's: it says nothing of what became of the mail.
        raise _lost(outgoing, f"it said {troubles.printable(answer[1])}")
    _demand(answer, f"{troubles.where(outgoing)} does not take the mail")


def _lost(outgoing: Outgoing, why: str) -> AnswerLost:
    return AnswerLost(
        Trouble(
            kind="temporary",
            what=f"{troubles.where(outgoing)} did not say whether it took the mail: {why}.",
            advice="It is tried again under the same Message-ID.",
        )
    )


def _options(session: Submission, mail: Mail) -> list[str]:
    options = [f"SIZE={len(mail.raw)}"] if session.line.has_extn("size") else []  # RFC 1870 6
    # RFC 6531 3.4; its header then is UTF-8, which RFC 6152 has to be said of.
    return options + (["SMTPUTF8", "BODY=8BITMIME"] if mail.utf8 else [])


def _demand_ability(session: Submission, outgoing: Outgoing, mail: Mail) -> None:
    limit = session.abilities.max_size
    if limit is not None and len(mail.raw) > limit:
        raise Troubled(
            Trouble(
                kind="refused",
                what=f"The mail has {len(mail.raw):,} bytes, and {troubles.where(outgoing)} takes {limit:,}.",
                advice="Send less, or put the file where it can be fetched.",
            )
        )
    if mail.utf8 and not session.abilities.utf8:
        raise Troubled(
            Trouble(
                kind="refused",
                what=f"The address {mail.recipient} or ours has letters before the @ that are not ASCII, and "
                f"{troubles.where(outgoing)} cannot send to or from such (it offers no SMTPUTF8).",
                advice="Use another address of that person, or another server.",
            )
        )


def _from_refused(mail: Mail) -> str:
    if mail.sender:
        return f"the server does not let us send as {mail.sender}"
    return "the server takes no mail from the null sender (if it never does, write envelope: from in outgoing)"


def _demand(answer: tuple[int, bytes], what: str) -> None:
    code, words = answer
    if code not in _DONE:
        _refuse(code, words, what)


def _refuse(code: int, words: bytes, what: str) -> NoReturn:
    kind: Kind
    if code in _SIGN_IN_WANTED:
        kind, advice = "credentials", "Name user and password_file, or oauth2, in outgoing."
    else:
        kind, advice = ("refused" if code in _PERMANENT else "temporary"), ""
    raise Troubled(Trouble(kind=kind, what=f"{what}: {code} {troubles.printable(words)}.", advice=advice))
