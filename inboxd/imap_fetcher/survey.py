"""Looks at mails by their headers alone: those that lay there at the first look, and all after a new numbering."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from inboxd.imap_fetcher.connection import Connection, Refused, Selected
from inboxd.imap_fetcher.fetch_reply import Fetched
from inboxd.imap_fetcher.fetching import Wanted
from inboxd.imap_fetcher.identity import FIELDS, identity, identity_of_old
from inboxd.imap_fetcher.site import Site
from inboxd.imap_fetcher.start import verdict
from store import mailboxes
from store.mailboxes import Folder, Row

if TYPE_CHECKING:
    from sqlalchemy import Connection as Transaction

AT_ONCE: Final = 500
_ITEMS: Final = f"INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]"
_LONGEST_HEADER: Final = 64 * 1024


def survey(
    site: Site, line: Connection, folder: Selected, place: Folder, uids: Sequence[int], *, renumbered: bool
) -> list[Wanted]:
    """Put what need not be fetched into the ledger, and give the rest. At most `AT_ONCE` mails."""
    heads = _heads(line, uids)
    identities = {uid: _name(head, place) for uid, head in heads.items()}
    before: dict[str, Row] = {}
    if renumbered:
        with site.store.read() as connection:
            before = mailboxes.by_identity(
                connection,
                site.mailbox.name,
                folder.folder,
                [one for one in identities.values() if one is not None],
            )
    rows: list[Row] = []
    wanted: list[Wanted] = []
    for uid in uids:
        same = before.get(identities.get(uid) or "")
        if same is not None:
            rows.append(_moved(same, folder, uid))
            continue
        head = heads.get(uid, Fetched(uid=uid))
        what = (
            verdict(site.mailbox.start, head.internal_date, first_at=place.first_at, zone=site.zone)
            if uid < place.old_below
            else "new"
        )
        if what == "old":
            rows.append(
                Row(
                    mailbox=site.mailbox.name,
                    folder=folder.folder,
                    uidvalidity=folder.uid_validity,
                    uid=uid,
                    state="old",
                    identity=identities.get(uid),
                )
            )
        else:
            wanted.append(Wanted(uid=uid, size=head.size, history=what == "history"))
    if rows:
        site.store.write(lambda txn: _enter(txn, rows, before))
    return wanted


def _name(head: Fetched, place: Folder) -> str | None:
    if head.body is None:
        return None
    return identity(head.body) or identity_of_old(
        head.body, at=head.internal_date, size=head.size, first_at=place.first_at
    )


def _enter(txn: "Transaction", rows: Sequence[Row], moved: Collection[str]) -> None:
    """Enter rows; of mails that moved the old places go in the same transaction, with what was owed there."""
    mailboxes.enter(txn, rows)
    mailboxes.forget_numbers(txn, rows[0].mailbox, rows[0].folder, rows[0].uidvalidity, moved)


def _heads(line: Connection, uids: Sequence[int]) -> dict[int, Fetched]:
    """Ask for the headers of all at once, and one by one where the server refuses that for the sake of one."""
    try:
        return line.fetch(uids, _ITEMS, bodies=len(uids) * _LONGEST_HEADER)
    except Refused:
        if len(uids) == 1:
            return {}
    found: dict[int, Fetched] = {}
    for uid in uids:
        found |= _heads(line, [uid])
    return found


def _moved(same: Row, folder: Selected, uid: int) -> Row:
    """The mail's place under its new number; what was owed on the server is owed still."""
    return Row(
        mailbox=same.mailbox,
        folder=same.folder,
        uidvalidity=folder.uid_validity,
        uid=uid,
        state=same.state,
        identity=same.identity,
        intake_id=same.intake_id,
        after=same.after,
        reason=same.reason,
    )
