"""What a page says, by which way it goes, and under which number or address."""

from dataclasses import dataclass

from inboxd import desk_address
from inboxd.intake.door import moment
from inboxd.policy.policy import Policy
from rules.rota import Way
from store.tickets import Ticket

# A text message of this length goes as two or three; what was said is in the ticket.
_LONGEST_SMS = 300
_LONGEST_SPOKEN = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A page in words; of a call the text is what is spoken."""

    subject: str
    text: str


def address(way: Way) -> str:
    """Return a way as the address of an outbox item."""
    schemes = {"call": "tel:", "sms": "sms:", "mail": "", "webhook": ""}
    return f"{schemes[way.kind]}{way.to}"


def sender(policy: Policy, ticket: Ticket | None, way: Way) -> str | None:
    """Return the number or address that a page comes from; None where the desk has none."""
    settings = policy.office.settings
    if settings is None or way.kind == "webhook":
        return None
    if way.kind == "mail":
        return desk_address.of(settings, ticket.source if ticket is not None else "")
    lines = policy.rules.lines
    line = policy.rules.line_of(None if ticket is None else ticket.source) or next(iter(lines), None)
    # Without a provider the page waits; once there is one, it goes from the number it would have had.
    own = None if settings.twilio is None else settings.twilio.page_from
    return own or (None if line is None else line.number)


def write(policy: Policy, ticket: Ticket, way: Way, *, at: int, words: str) -> Written:
    """Write the page of a ticket for one way; `words` are those of the recording, as far as they are known."""
    who = _who(ticket)
    when = f"{moment(at).astimezone(policy.zone):%a %H:%M}"
    said = " ".join(words.split())
    subject = f"{policy.office.marked(ticket.ref)} Page: voicemail from {who}, {when}"
    if way.kind == "call":
        text = f"This is a page. Voicemail from {_spoken(who)}, {when}. Reference {' '.join(ticket.ref)}. "
        text += f"They said: {_cut(said, _LONGEST_SPOKEN)}" if said else "Nobody has listened to it yet."
        return Written(subject=subject, text=text.replace(" - ", " ").strip())
    if way.kind == "sms":
        text = f"Page {ticket.ref}: voicemail from {who}, {when}."
        text += f" “{said}”" if said else ""
        return Written(subject=subject, text=f"{_cut(text, _LONGEST_SMS)} Answer 1 to take it.")
    asked = "\n".join(
        (
            f"Voicemail from {who}, received {when}.",
            f"Call back: {ticket.callback.get('number') or 'no number is known'}",
            "",
            said or "Nobody has listened to the recording yet.",
            "",
            f"To take it and stop the paging, answer this mail, or: inboxd oncall ack {ticket.ref}",
            f"To read it: inboxd tickets show {ticket.ref}",
        )
    )
    return Written(subject=subject, text=asked)


def a_test(way: Way) -> Written:
    """Write a page that only tries the way."""
    if way.kind == "call":
        return Written(subject="Page: a test", text="This is a test of the on-call line. There is nothing to do.")
    answer = " Answer 1 to see that answers arrive." if way.kind == "sms" else ""
    return Written(subject="Page: a test", text=f"This is a test of the on-call rota. There is nothing to do.{answer}")


def _who(ticket: Ticket) -> str:
    number = ticket.requester.get("phone") or "a withheld number"
    account = (ticket.account or {}).get("name")
    return f"{account} ({number})" if account else str(number)


def _spoken(who: str) -> str:
    """Return a name and a number so that a voice says the digits one by one."""
    return "".join(f" {sign}" if sign.isdigit() else sign for sign in who).replace("+", "plus")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
