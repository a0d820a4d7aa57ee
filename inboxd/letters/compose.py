"""A ticket as the places of a template: what is told of it, in whose words, and how it becomes a letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from types import MappingProxyType
from typing import Any

from inboxd.intake.door import moment
from inboxd.message import clean
from inboxd.outbox import Letter
from inboxd.policy.policy import Policy
from inboxd.templates import Words
from rules.calendars import Calendar
from store.outbox import Kind
from store.tickets import Ticket

_FIRST_RESPONSE = "first-response"
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a letter is about. `language` is the reader's, where it is known.

    `private`: it goes to somebody who has not written himself, or whose address somebody may have used: nothing of
    the message stands in it. `calendar` is the one that the clock first-response counts.
    """

    ticket: Ticket
    language: str | None = None
    private: bool = False
    calendar: str | None = None


def letter(
    policy: Policy,
    about: About,
    *,
    kind: Kind,
    template: str,
    to: str,
    at: int,
    values: Mapping[str, str] = MappingProxyType({}),
    copies: Sequence[str] = (),
    **more: Any,
) -> Letter:
    """Return the letter that a template makes of a ticket; `more` are fields of `Letter`, `values` further places.

    `copies` are promised nothing where the template does not name them.
    """
    office, ticket = policy.office, about.ticket
    language = office.templates.language_of(template, about.language)
    places = {**places_of(policy, about, office.templates.words_of(language)), **values}
    written = office.templates.write(template, language, places)
    voice = office.voice(ticket.queue)
    signature = f"\n-- \n{voice.signature.strip()}\n" if voice.signature.strip() else ""
    return Letter(
        kind=kind,
        to=to,
        from_address=office.from_address(ticket.source, ticket.queue),
        from_name=voice.name or None,
        subject=written.subject,
        text=written.text + signature,
        language=written.language,
        copies=copies if "in_copy" in written.places else (),
        to_staff=office.staff_member(to) is not None,
        most_in_all=office.most_an_hour,
        ticket_id=ticket.id,
        created_at=at,
        **more,
    )


def places_of(policy: Policy, about: About, words: Words) -> dict[str, str]:
    """Return what stands in a template's places: one line each, but for lists of ours."""
    ticket, office = about.ticket, policy.office
    said = {
        "reference": ticket.ref,
        "mark": office.marked(ticket.ref),
        "desk": office.voice(ticket.queue).name or office.from_address(ticket.source, ticket.queue) or "",
        "account": (ticket.account or {}).get("name"),
        "queue": ticket.queue,
        "priority": policy.rules.scale.name(ticket.priority),
        "answer_due": due(ticket, _FIRST_RESPONSE, policy.zone),
        "callback_due": due(ticket, "callback", policy.zone),
        "hours": hours(policy.rules.calendars.get(about.calendar or ""), words),
        "terms": ticket.callback.get("terms"),
    }
    if not about.private:
        said |= {
            "subject": ticket.subject if ticket.channel == "email" else None,
            "name": (ticket.contact or {}).get("name"),
            "number": ticket.callback.get("number"),
        }
    blocked: Mapping[str, str] = ticket.actions_blocked or {}
    lists = {
        "waiting": "\n".join(f"- {_line(action)}" for action in blocked),
        "unblock": "\n".join(dict.fromkeys(f"- {_line(reason)}" for reason in blocked.values() if reason)),
    }
    return {name: _line(value or "") for name, value in said.items()} | lists


def due(ticket: Ticket, clock: str, zone: tzinfo) -> str:
    """Return when a clock runs out, in the desk's zone; "" where there is none, or it is met."""
    for each in ticket.clocks:
        if each["name"] == clock and each["met_at"] is None:
            return f"{moment(each['due_at']).astimezone(zone):%Y-%m-%d %H:%M %Z}"
    return ""


def day(at: int, zone: tzinfo) -> str:
    """Return the desk's day of a stored time."""
    found: date = moment(at).astimezone(zone).date()
    return found.isoformat()


def hours(calendar: Calendar | None, words: Words) -> str:
    """Return the open hours of a week in a line: `Monday to Friday 08:00-17:00 (America/Chicago)`."""
    if calendar is None:
        return ""
    week = [_spans(each) for each in calendar.week]
    if all(each == "00:00-24:00" for each in week):
        return words.always
    told: list[str] = []
    start = 0
    for index in range(1, 8):
        if index < 7 and week[index] == week[start]:
            continue
        if week[start]:
            last = index - 1
            days = words.days[start] if last == start else f"{words.days[start]} {words.span} {words.days[last]}"
            told.append(f"{days} {week[start]}")
        start = index
    return f"{'; '.join(told)} ({calendar.zone.key})"


def _spans(day: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in day)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _line(text: str) -> str:
    return clean.line(text)[:_LONGEST_VALUE]
