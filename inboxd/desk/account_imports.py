"""Importing a file of accounts: what it would change, and changing it, all or nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

from inboxd.accounts import Account, Directory, Kept
from inboxd.accounts.ambiguity import ambiguous
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.compare import compare
from inboxd.accounts.differences import Difference, as_json
from inboxd.accounts.reading import read
from inboxd.accounts.results import Item
from inboxd.desk.arguments import Number
from inboxd.desk.context import Context
from inboxd.errors import ConfigurationWrong, TryLater
from inboxd.intake.door import now_ms
from rules.collector import without_garbage_collector
from store.accounts import Changes

_PAGE = 500


def import_(
    context: Context, payload: bytes, name: str, complete: bool = False, because: str | None = None
) -> dict[str, Any]:
    """Put the accounts of a file on file; `name` is the file's, `payload` its content. Returns what `preview` does."""
    return _import(context, payload, name, complete=complete, because=because, dry_run=False)


def preview(context: Context, payload: bytes, name: str, complete: bool = False) -> dict[str, Any]:
    """Say what an import would change: counts, and the name under which `differences` gives every line."""
    return _import(context, payload, name, complete=complete, because=None, dry_run=True)


def differences(context: Context, result: str, start: Number = 0) -> dict[str, Any]:
    """Return a page of what an import found; `more` says whether another follows."""
    try:
        items, more = context.on_file.results.page(result, start, _PAGE)
    except KeyError:
        raise TryLater("what this import found is not kept any more: run it again") from None
    return {"items": [{"warning": each} if isinstance(each, str) else as_json(each) for each in items], "more": more}


def _import(
    context: Context, payload: bytes, name: str, *, complete: bool, because: str | None, dry_run: bool
) -> dict[str, Any]:
    plans = context.policy.current.rules.plans
    with without_garbage_collector():
        imported = read(payload, name, None if plans is None else frozenset(plans))
        if complete and not imported:
            raise ConfigurationWrong(f"{name} names no account, and would remove every imported one: was it cut off?")
        maker = Maker(
            actor=context.actor,
            at=now_ms(),
            source="import",
            file=_shown(PurePath(name).name),
            why=because or f"import of {_shown(PurePath(name).name)}",
        )

        def decide(directory: Directory) -> tuple[Changes, tuple[Directory, list[Difference]]]:
            found = compare(directory, imported, complete=complete)
            return (Changes() if dry_run else changes_of(found, maker)), (directory, found)

        directory, found = context.on_file.change(decide)
        after = _after(directory, found) if dry_run else context.policy.current.directory
        warnings = list(_warnings(after, imported))
    return {
        "dry_run": dry_run,
        "accounts": len(imported),
        "changes": dict(Counter(each.how for each in found)),
        "warnings": len(warnings),
        "result": _held(context, [*found, *warnings]),
    }


def _held(context: Context, items: Sequence[Item]) -> str | None:
    return context.on_file.results.keep(items) if items else None


def _shown(name: str) -> str:
    """Return a file's name as it may stand in a line of text: names of files hold whatever they like."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)[:200]


def _after(directory: Directory, found: Iterable[Difference]) -> Directory:
    """Return the directory as it is when these differences are made."""
    changed: dict[str, Kept] = {}
    for each in found:
        if each.how == "file-rules":
            continue
        kept = changed.get(each.account_id) or directory.kept.get(each.account_id)
        account, contacts = (kept.account, kept.contacts) if kept else (None, ())
        if isinstance(each.thing, Account):
            account = each.after if isinstance(each.after, Account) else None
        else:
            contacts = tuple(contact for contact in contacts if contact is not each.before)
            contacts = contacts if each.after is None or isinstance(each.after, Account) else (*contacts, each.after)
        changed[each.account_id] = Kept(id=each.account_id, account=account, contacts=contacts)
    return directory.with_kept(directory.kept.replaced(changed))


def _warnings(directory: Directory, imported: Sequence[Account]) -> Iterator[str]:
    named = {account.id for account in imported}
    for text, matches in directory.shared():
        if any(match.account.id in named for match in matches):
            yield ambiguous(text, matches)
