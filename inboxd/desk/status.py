"""What a person wants to know of the house at a glance: what is wrong, what listens, what waits and how old it is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, get_args

import inboxd
from inboxd import disk_room, views
from inboxd.canary import watch
from inboxd.desk import machine_clock
from inboxd.desk.context import Context
from inboxd.settings import Settings
from store import canaries, clock_steps, jobs, mailbox_audit, pages, recordings
from store import intake as rows
from store import outbox as outbox_rows
from store.canaries import Canary
from store.mailbox_audit import FolderCount
from store.outbox import OutboxItem, State, StateCount

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Mail is filed within seconds. What has waited this long waits for something that does not come.
_TOO_LONG_SECONDS = 600


def status(context: Context) -> dict[str, Any]:
    """Return version, problems, listeners, mailboxes, jobs by lane and state, pages, quarantine, ages of what waits.

    `problems` are sentences, one for each thing that needs a person; ages are seconds.
    """
    running = context.running()
    with context.store.read() as connection:
        lanes = jobs.counts(connection)
        held = rows.list_(connection, status="quarantined")
        ended = rows.by_status(connection)
        sending = outbox_rows.counts(connection)
        waiting = outbox_rows.oldest_waiting(connection)
        unanswered = pages.unanswered(connection)
        counted = mailbox_audit.counts(connection) if context.settings.imap else []
        out = canaries.of(connection, watch.watched(context.settings)) if context.settings.canary is not None else {}
        heard = recordings.counts(connection) if context.settings.twilio is not None else None
        clock = machine_clock.view(connection, (running.get("phone") or {}).get("clock_ahead_seconds"))
        oldest = min((lane.oldest_at for lane in lanes if lane.oldest_at is not None), default=None)
        waited = None if oldest is None else clock_steps.age(connection, oldest) // 1000
        outbox = _outbox(connection, sending, waiting)
    found: dict[str, Any] = {
        "version": inboxd.__version__,
        "configuration": str(context.settings.path),
        "store": context.settings.store.url,
        "little_room": [f"{folder}: only {said}" for folder, said in disk_room.little(context.settings)],
        **running,
        "mailboxes": mailboxes(context.settings, running.get("mailboxes", []), counted),
        "phone": _phone(context.settings, running.get("phone"), heard),
        "clock": clock,
        "jobs": {
            each.lane: {
                "ready": each.ready,
                "later": each.later,
                "planned": each.planned,
                "running": each.running,
                "dead": each.dead,
            }
            for each in lanes
        },
        "oldest_waiting_seconds": waited,
        # What came in, by how it ended: the numbers add up, so that nothing can be missing between them.
        "intake": {"total": sum(ended.values()), "waiting": ended.pop(None, 0), **ended},
        "outbox": outbox,
        "canary": _canary(context.settings, out),
        "pages": [{"ticket": ref, "since": views.time(at)} for ref, at in unanswered],
        "quarantined": len(held),
        "quarantined_since": views.time(held[-1].received_at) if held else None,
    }
    return {"problems": list(problems(found, context.policy.current.zone)), **found}


def _outbox(connection: "Connection", counted: list[StateCount], waiting: OutboxItem | None) -> dict[str, Any]:
    """Count the items by state; `held` are the queued ones that wait for a person, `oldest` the first of the others."""
    by_state: dict[str, int] = dict.fromkeys(get_args(State), 0)
    by_state |= {each.state: each.items for each in counted}
    oldest = None
    if waiting is not None:
        age = clock_steps.age(connection, waiting.released_at or waiting.created_at) // 1000
        oldest = {"id": waiting.id, "waiting_seconds": age, "reason": waiting.reason}
    return {**by_state, "held": sum(each.held for each in counted), "oldest": oldest}


def mailboxes(settings: Settings, live: list[dict[str, Any]], counted: list[FolderCount]) -> list[dict[str, Any]]:
    """Return each configured mailbox: what its fetcher says (`live`), and what the ledger counts for each folder.

    Without a fetcher its state is null. A folder that is not fetched any more stays while mails of it are counted.
    """
    of_ledger: dict[str, dict[str, FolderCount]] = defaultdict(dict)
    for each in counted:
        of_ledger[each.mailbox][each.folder] = each
    by_name = {view["name"]: view for view in live}
    found = []
    for mailbox in settings.imap:
        view = by_name.get(mailbox.name, {})
        folders = {each["folder"]: each for each in view.get("folders", ())}
        named = dict.fromkeys([*mailbox.folders, *folders, *of_ledger[mailbox.name]])
        found.append(
            {
                "name": mailbox.name,
                "state": None,
                "trouble": None,
                "since": None,
                "last_success_at": None,
                **view,
                "folders": [
                    {
                        "folder": folder,
                        "trouble": None,
                        **folders.get(folder, {}),
                        **_counts(of_ledger[mailbox.name].get(folder)),
                    }
                    for folder in named
                ],
            }
        )
    return found


def _phone(settings: Settings, live: dict[str, Any] | None, heard: dict[str, int] | None) -> dict[str, Any] | None:
    """Return what the poller says (`live`; without one its state is null), and what the ledger counts."""
    if settings.twilio is None:
        return None
    public_url = settings.http.public_url if settings.http is not None else None
    nothing = {"clock_ahead_seconds": None, "state": None, "trouble": None, "since": None, "last_success_at": None}
    return {**nothing, **(live or {}), "webhooks": public_url, "recordings": heard or {}}


def _canary(settings: Settings, out: Mapping[str, Canary]) -> dict[str, Any] | None:
    """Return what came back of the desk's mail to itself; `held` says why none is sent. null: none is wanted."""
    if settings.canary is None:
        return None
    known = ((address, out.get(key)) for key, address in watch.watched(settings).items())
    return {
        "held": watch.held(settings),
        "addresses": [
            {
                "address": address,
                "sent_at": views.time(each.sent_at if each else None),
                "came_back_at": views.time(each.back_at if each else None),
                "seconds": each.took_ms // 1000 if each is not None and each.took_ms is not None else None,
                "silent_since": views.time(each.waiting_since) if each is not None and each.alarm_at else None,
            }
            for address, each in known
        ],
    }


def _counts(of: FolderCount | None) -> dict[str, int]:
    return {name: getattr(of, name, 0) for name in ("stored", "old", "partial", "unreadable", "owed")}


def problems(found: dict[str, Any], zone: tzinfo) -> Iterator[str]:
    """Say what needs a person, the widest first; times are those of the desk's `zone`."""
    if not found["running"]:
        yield "No daemon is running: nothing is taken in, fetched or sent."
    if found.get("not_ready"):
        yield f"Mail cannot be taken in: {found['not_ready']}."
    yield from (f"{said}." for said in found.get("little_room", ()))
    yield from machine_clock.problems(found.get("clock") or {}, zone)
    mistakes = found.get("not_reloaded")
    if mistakes:
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        yield f"Not reloaded, what was read before holds; mend this, then `inboxd reload`: {mistakes[0]}{more}"
    yield from _mailbox_problems(found["mailboxes"])
    yield from _pages(found["pages"], zone)
    yield from _silences(found.get("canary"), zone)
    if (found.get("phone") or {}).get("trouble"):
        yield f"Phone: {found['phone']['trouble']}"
    waited = found["oldest_waiting_seconds"]
    if found["running"] and waited is not None and waited >= _TOO_LONG_SECONDS:
        yield f"Work has waited for {waited // 60} minutes: see the daemon's log."
    yield from _outbox_problems(found["outbox"], running=found["running"])
    if found["quarantined"]:
        since = f"the first since {_shown(found['quarantined_since'], zone)}"
        yield f"{found['quarantined']} in quarantine, {since}: see `inboxd intake list --status quarantined`."


def _mailbox_problems(mailboxes: list[dict[str, Any]]) -> Iterator[str]:
    for mailbox in mailboxes:
        if mailbox["trouble"]:
            yield f"Mailbox {mailbox['name']}: {mailbox['trouble']}"
        for folder in mailbox["folders"]:
            if folder["trouble"]:
                yield f"Mailbox {mailbox['name']}, folder {folder['folder']}: {folder['trouble']}"


def _shown(text: str, zone: tzinfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _pages(waiting: list[dict[str, Any]], zone: tzinfo) -> Iterator[str]:
    for page in waiting:
        ref, since = page["ticket"], _shown(page["since"], zone)
        yield f"Nobody has taken the page of {ref}, since {since}: `inboxd oncall ack {ref}` does."


def _silences(canary: dict[str, Any] | None, zone: tzinfo) -> Iterator[str]:
    if canary is None:
        return
    if canary["held"]:
        yield f"Canary: {canary['held']}."
        return
    for each in canary["addresses"]:
        if each["silent_since"]:
            since = _shown(each["silent_since"], zone)
            yield (
                f"Mail to {each['address']} has not come back since {since}: what customers write may be stuck, "
                "too. See `inboxd outbox list --state queued`, the mailbox, and the server before it."
            )


def _outbox_problems(outbox: dict[str, Any], *, running: bool) -> Iterator[str]:
    oldest = outbox["oldest"]
    if running and oldest is not None and oldest["waiting_seconds"] >= _TOO_LONG_SECONDS:
        why = f": {oldest['reason']}" if oldest["reason"] else "."
        yield f"The outbox waits, its oldest item for {oldest['waiting_seconds'] // 60} minutes{why}"
    if outbox["failed"]:
        yield (
            f"{outbox['failed']} in the outbox failed: see `inboxd outbox list --state failed`; mend it, then "
            "`inboxd outbox retry ID`."
        )
