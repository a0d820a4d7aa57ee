"""What an import changes: it says the whole of each account it names, as far as the accounts file does not rule."""

from collections.abc import Iterable, Iterator

from inboxd.accounts.differences import Difference, How, differ
from inboxd.accounts.directory import Account, Contact, Directory, Kept, same_contact


def compare(directory: Directory, imported: Iterable[Account], *, complete: bool = False) -> list[Difference]:
    """Return the differences in the order of the import.

    Contacts that a command added stay, unless the import names one of their addresses: then they become the import's.
    `complete`: the import names every account that imports are to keep; what an earlier one brought goes.
    """
    found: list[Difference] = []
    named: set[str] = set()
    for account in imported:
        named.add(account.id)
        found += _account(directory.file.get(account.id), directory.kept.get(account.id), account)
    if complete:
        for kept in sorted(directory.kept, key=lambda each: each.id):
            if kept.id not in named:
                found += gone(kept, imported_only=True)
    return found


def gone(kept: Kept, *, imported_only: bool) -> Iterator[Difference]:
    """Give what it means that an account goes, with its contacts; or only what imports brought of it."""
    if kept.account and not (imported_only and kept.account.source.kind != "import"):
        yield Difference(how="removed", account_id=kept.id, before=kept.account, after=None)
    for contact in kept.contacts:
        if not (imported_only and contact.source.kind != "import"):
            yield Difference(how="removed", account_id=kept.id, before=contact, after=None)


def _account(ruling: Account | None, kept: Kept | None, new: Account) -> Iterator[Difference]:
    if ruling is not None:
        if differ(ruling, new):
            yield Difference(how="file-rules", account_id=new.id, before=ruling, after=new)
    elif kept is None or kept.account is None:
        yield Difference(how="added", account_id=new.id, before=None, after=new)
    elif differ(kept.account, new):
        yield Difference(how="changed", account_id=new.id, before=kept.account, after=new)
    yield from _contacts(ruling.contacts if ruling else (), kept.contacts if kept else (), new)


def _contacts(ruling: tuple[Contact, ...], kept: tuple[Contact, ...], new: Account) -> Iterator[Difference]:
    left = list(kept)
    for contact in new.contacts:
        same = [each for each in left if same_contact(each, contact)]
        left = [each for each in left if each not in same]
        ruler = next((each for each in ruling if same_contact(each, contact)), None)
        if ruler is not None:
            # What the store keeps of it is not looked at while the file rules; `check` says that it is there.
            if differ(ruler, contact):
                yield _of(new.id, "file-rules", ruler, contact)
            continue
        if not same:
            yield _of(new.id, "added", None, contact)
        elif differ(same[0], contact):
            yield _of(new.id, "changed", same[0], contact)
        # Two contacts of old whose addresses are one contact's now.
        for other in same[1:]:
            yield _of(new.id, "removed", other, None)
    for contact in left:
        if contact.source.kind == "import":
            yield _of(new.id, "removed", contact, None)


def _of(account_id: str, how: How, before: Contact | None, after: Contact | None) -> Difference:
    return Difference(how=how, account_id=account_id, before=before, after=after)
