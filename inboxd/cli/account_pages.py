"""Accounts for a person to read: a table of them, and one as a page."""

from datetime import tzinfo
from typing import Any

from inboxd.cli import terminal, times


def table(found: list[dict[str, Any]], limit: int | None) -> str:
    """Return a line for each account."""
    if not found:
        return "No account is on file."
    rows = [(item["id"], item["name"], item["plan"], len(item["contacts"]), item["source"]) for item in found]
    return terminal.table(("ID", "NAME", "PLAN", "CONTACTS", "FROM"), rows, limit=limit, gives=1)


def page(account: dict[str, Any], zone: tzinfo) -> str:
    """Return one account whole, its times in `zone`."""
    head = f"{account['id']}  {account['name']}  (plan: {account['plan'] or 'none'}; {account['source']})"
    rows = [
        (
            contact["name"],
            contact["role"],
            "authorized" if contact["authorized"] else "not authorized",
            f"until {contact['valid_until']}" if contact["valid_until"] else "",
            ", ".join([*contact["addresses"], *contact["numbers"]]),
            contact["source"],
        )
        for contact in account["contacts"]
    ]
    headers = ("CONTACT", "ROLE", "MAY ASK", "VALID", "ON FILE", "FROM")
    parts = [terminal.one_line(head), "", terminal.table(headers, rows, limit=terminal.width(), gives=4)]
    if account["events"]:
        parts += ["", "Events", *(_event(event, zone) for event in account["events"])]
    return "\n".join(parts)


def _event(event: dict[str, Any], zone: tzinfo) -> str:
    why = f" ({event['why']})" if event["why"] else ""
    return "  " + terminal.one_line(f"{times.shown(event['at'], zone)}  {event['actor']}  {event['what']}{why}")
