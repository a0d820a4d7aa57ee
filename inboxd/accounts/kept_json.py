"""What the store keeps of the directory as JSON, on its way from a daemon to `check`."""

from datetime import date
from typing import Any

from inboxd.accounts.directory import Account, Contact, Kept, Source


def as_json(kept: Kept) -> dict[str, Any]:
    """Return everything that `kept_from_json` needs."""
    account = kept.account
    return {
        "id": kept.id,
        "account": account and {"name": account.name, "plan": account.plan, "source": _source_json(account.source)},
        "contacts": [
            {
                "id": each.id,
                "name": each.name,
                "addresses": list(each.addresses),
                "numbers": list(each.numbers),
                "authorized": each.authorized,
                "role": each.role,
                "valid_until": _day_json(each.valid_until),
                "source": _source_json(each.source),
            }
            for each in kept.contacts
        ],
    }


def kept_from_json(given: dict[str, Any]) -> Kept:
    """Return what `as_json` was given."""
    account = given["account"]
    return Kept(
        id=given["id"],
        account=account and Account(id=given["id"], **{**account, "source": _source(account["source"])}),
        contacts=tuple(map(_contact, given["contacts"])),
    )


def _contact(given: dict[str, Any]) -> Contact:
    changed = {
        "addresses": tuple(given["addresses"]),
        "numbers": tuple(given["numbers"]),
        "valid_until": _day(given["valid_until"]),
        "source": _source(given["source"]),
    }
    return Contact(**{**given, **changed})


def _source_json(source: Source) -> dict[str, Any]:
    return {"kind": source.kind, "file": source.file, "by": source.by, "on": _day_json(source.on)}


def _source(given: dict[str, Any]) -> Source:
    return Source(**{**given, "on": _day(given["on"])})


def _day_json(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
