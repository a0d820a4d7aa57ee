"""A canary that comes back: known by our own Message-ID and by the signature in it, and by nothing less.

Who makes up either of the two has written a mail like any other. It ends here as `ignored`, and ends the alarm, when it
came in by the way that it was sent for.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from inboxd import addresses, reply_token
from inboxd.canary import watch
from inboxd.judging.judge_message import Judged
from inboxd.settings import Settings
from store import canaries, dead_addresses, secret
from store import intake as rows
from store.intake import Intake
from store.outbox import OutboxItem

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TOKEN: Final = re.compile(r"\bCanary (\d{13,15})\.[a-z2-7]{16}\b")

# Said in what `take` returns when an alarm is over, for the log.
OVER: Final = "canary_back"


def sent_at(txn: "Connection", item: OutboxItem) -> int | None:
    """Return when an item was sent as a canary (ms); None for any other item."""
    return None if item.kind != "notice" or item.ticket_id is not None else _signed(txn, item, item.text)


def take(txn: "Connection", intake: Intake, judged: Judged, item: OutboxItem, sent: int) -> dict[str, Any] | None:
    """End a mail that has the Message-ID of a canary; None where it is not that mail."""
    if _signed(txn, item, judged.message.text) != sent:
        return None
    settings = judged.policy.office.settings
    key = addresses.key(item.to_address)
    known = canaries.of(txn, [key]).get(key)
    seconds = max(0, canaries.now(txn) - sent) // 1000
    if known is None or settings is None or not _came_by_its_way(settings, intake, key):
        return _ignored(txn, intake, f"The canary to {item.to_address} came by another way than its own.")
    reason = f"The canary to {item.to_address} came back after {seconds} s."
    over = _note(txn, judged, key, sent)
    return _ignored(txn, intake, reason) | ({OVER: item.to_address} if over else {})


def _note(txn: "Connection", judged: Judged, key: str, sent: int) -> bool:
    """Write down that one has come back; tell whether that ended an alarm."""
    known = canaries.hold(txn, key, key)
    if known.waiting_since is None or sent < known.waiting_since:
        return False  # it came a second time
    now = canaries.now(txn)
    # An earlier one came, a later one is still out.
    since = None if sent == known.sent_at else known.sent_at
    canaries.change(txn, key, waiting_since=since, back_at=now, took_ms=max(0, now - sent), alarm_at=None)
    dead_addresses.forget(txn, key)  # an earlier one may have bounced
    if known.alarm_at is None:
        return False
    subject = f"Mail to {known.address} comes back again"
    watch.tell_staff(txn, judged.policy, subject, f"{subject}. The alarm is over.\n", at=now)
    return True


def _signed(txn: "Connection", item: OutboxItem, text: str) -> int | None:
    """Return the time in the first token of a text whose signature holds for the item's address."""
    key = secret.kept_reply_key(txn)
    found = _TOKEN.search(text)
    if key is None or found is None:
        return None
    at = int(found[1])
    return at if found[0] == f"Canary {reply_token.canary(addresses.key(item.to_address), at, key)}" else None


def _came_by_its_way(settings: Settings, intake: Intake, key: str) -> bool:
    """Whether it came by a mailbox of the address, or by SMTP where the address is one that is delivered so."""
    name, folder = intake.envelope.get("mailbox"), intake.envelope.get("folder")
    if name is not None:
        # What lies among the mails that were sent has never left.
        return any(
            box.name == name and addresses.key(box.address or "") == key and (box.sent is None or folder != box.sent)
            for box in settings.imap
        )
    listed = settings.smtp.recipients if settings.smtp is not None else ()
    return bool(intake.envelope.get("rcpt_tos")) and key in map(addresses.key, listed)


def _ignored(txn: "Connection", intake: Intake, reason: str) -> dict[str, Any]:
    rows.conclude(txn, intake.id, status="ignored", reason=reason)
    return {"status": "ignored", "reason": reason}
