"""The canary: a mail from the desk to each of its own addresses, again and again, and an alarm when none comes back.

Each address has one row in the store that says when its next mail goes and since when one is out. Whoever holds the row
(one daemon, or one of several nodes) writes the mail in that transaction: a restart sends no second one, and a silence
that began before it goes on. What comes back is `inboxd.canary.canary_back`'s.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from inboxd import addresses, desk_address, outbox, reply_token
from inboxd.oncall import paging
from inboxd.oncall.page_words import Written
from inboxd.outbox import Letter
from inboxd.policy.policy import Policy, PolicyHolder
from inboxd.settings import Canary, Settings
from rules.clocks import duration
from store import canaries, clock_steps, secret
from store.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.open import Store

log = structlog.get_logger("inboxd.canary")

HELD: Final = "outgoing.mode is hold, so no canary is sent and nobody knows whether mail comes back"
_SUBJECT: Final = "inboxd writes to itself"
_TEXT: Final = """\
The desk writes to itself to see that its mail goes out and comes back.
Nobody has to do anything; what comes back becomes no ticket.

Canary {token}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """An alarm: no mail to `address` has come back for so many `seconds`."""

    address: str
    seconds: int


def held(settings: Settings) -> str | None:
    """Say why no canary is sent although one is wanted; None where it is."""
    return HELD if settings.outgoing is None or settings.outgoing.mode == "hold" else None


def watched(settings: Settings) -> dict[str, str]:
    """Return the addresses that are written to, by the key they are compared under."""
    return {addresses.key(each): each for each in desk_address.of_desk(settings)}


def tell_staff(txn: "Connection", policy: Policy, subject: str, text: str, *, at: int) -> None:
    """Queue a notice to everybody who takes any, but to no address of the desk: that mail would take the same way."""
    own = set(map(addresses.key, policy.office.own_addresses))
    for member in policy.office.staff_of(None):
        if addresses.key(member.addresses[0]) not in own:
            letter = _letter(policy, to=member.addresses[0], to_name=member.name, subject=subject, text=text, at=at)
            outbox.queue(txn, letter)


class Watch:
    """Sends each canary at its time and raises the alarm; `look` may be called as often as one likes, by every node."""

    def __init__(
        self,
        settings: Settings,
        wanted: Canary,
        store: "Store",
        policy: PolicyHolder,
        *,
        wake: Callable[[], None],
        up_seconds: Callable[[], float] | None = None,
    ) -> None:
        """`wake` is called when there are items to send. `up_seconds`: how long this process has worked."""
        self._wanted = wanted
        self._store = store
        self._policy = policy
        self._wake = wake
        self._watched = watched(settings)
        self._held = held(settings)
        self._away = False
        started = time.monotonic()
        self._up_seconds = up_seconds or (lambda: time.monotonic() - started)
        if self._held is not None:
            log.warning("canary_held", reason=self._held)

    def look(self) -> None:
        """Do what is due at each address."""
        if self._held is not None:
            return
        try:
            silent = self._store.write(self._act) if self._is_due() else None
        except StoreError as error:
            # Said once; without a store no mail is taken in either, and /readyz says that.
            if not self._away:
                log.warning("canary_waits", error=str(error))
            self._away = True
            return
        self._away = False
        if silent is None:
            return
        for each in silent:
            log.error("canary_silent", address=each.address, seconds=each.seconds)
        self._wake()

    def _is_due(self) -> bool:
        """Look without writing: nearly always there is nothing to do."""
        with self._store.read() as connection:
            now = canaries.now(connection)
            known = canaries.of(connection, self._watched.keys())
            return len(known) < len(self._watched) or any(
                self._goes(each, now) or self._is_silent(connection, each, now) for each in known.values()
            )

    def _act(self, txn: "Connection") -> list[Silence]:
        now, silent = canaries.now(txn), []
        # In one order, or two nodes could each wait for what the other holds.
        for key, address in sorted(self._watched.items()):
            known = canaries.hold(txn, key, address)
            if self._is_silent(txn, known, now):
                canaries.change(txn, key, alarm_at=now)
                silent.append(Silence(address=address, seconds=(now - (known.waiting_since or now)) // 1000))
                self._raise_alarm(txn, silent[-1], now)
            if self._goes(known, now):
                since = now if known.waiting_since is None else known.waiting_since
                next_at = now + self._wanted.every * 1000
                canaries.change(txn, key, sent_at=now, waiting_since=since, next_at=next_at)
                self._send(txn, key, address, now)
        return silent

    def _goes(self, known: canaries.Canary, now: int) -> bool:
        # A clock that was set back must not silence it for as long. Twice the time: who waited for another node's turn
        # asked for the time before that one did, and must not take its next for one that lies too far ahead.
        return known.next_at <= now or known.next_at > now + 2 * self._wanted.every * 1000

    def _is_silent(self, txn: "Connection", known: canaries.Canary, now: int) -> bool:
        if known.waiting_since is None or known.alarm_at is not None:
            return False
        # What came in while nobody was here has to be read first: a start is no silence.
        limit = self._wanted.limit
        if now - known.waiting_since < limit * 1000 or self._up_seconds() < limit:
            return False
        # A clock that was set forward is no silence either.
        return clock_steps.age(txn, known.waiting_since) >= limit * 1000

    def _send(self, txn: "Connection", key: str, address: str, now: int) -> None:
        token = reply_token.canary(key, now, secret.reply_key(txn))
        letter = _letter(self._policy.current, to=address, subject=_SUBJECT, text=_TEXT.format(token=token), at=now)
        # When the next one goes, this one has nothing to tell any more: after a smarthost's bad day they all would go.
        outbox.queue(txn, replace(letter, not_after=now + self._wanted.every * 1000))

    def _raise_alarm(self, txn: "Connection", silence: Silence, now: int) -> None:
        policy = self._policy.current
        subject = f"Mail to {silence.address} does not come back"
        lasting, every = (duration(timedelta(seconds=each)) for each in (silence.seconds, self._wanted.every))
        text = (
            f"inboxd writes to {silence.address} every {every} to see that mail goes out and comes in.\n"
            f"Nothing has come back for {lasting}: mail of customers may be stuck, too.\n\n"
            "To see what is wrong: inboxd status\nWhat has not gone out: inboxd outbox list --state queued\n"
        )
        tell_staff(txn, policy, subject, text, at=now)
        person = policy.rules.rota.people.get(self._wanted.page or "") if policy.rules.rota is not None else None
        if person is not None:
            said = f"{subject}. Nothing has come in by it for {lasting}."
            paging.by_every_way(txn, policy, person, lambda _way: Written(subject=subject, text=said), at=now)


def _letter(policy: Policy, *, to: str, subject: str, text: str, at: int, to_name: str | None = None) -> Letter:
    settings = policy.office.settings
    return Letter(
        kind="notice",
        to=to,
        to_name=to_name,
        from_address=None if settings is None else desk_address.of(settings, to),
        from_name=policy.office.voice(None).name or None,
        subject=subject,
        text=text,
        limited=False,
        created_at=at,
    )
