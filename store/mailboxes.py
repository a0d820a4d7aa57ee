"""The ledger of the mailboxes: which mail of which folder was taken in, and what is still to be done with it there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store import many_rows
from store.claimant import is_gone, of_host
from store.clock import lease_now, now_ms
from store.schema import mailbox_folders, mailbox_leases, mailbox_messages

State = Literal["stored", "old", "partial", "unreadable", "gone"]

_rows: Final = mailbox_messages.c
_PAGE: Final = 500
# What differs between the mails of a folder, and the states over which a later row is written.
_OF_A_MAIL: Final = ("uid", "state", "identity", "intake_id", "after", "reason")
_WRITTEN_OVER: Final = ("unreadable", "gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that was looked into before. `old_below`: UIDs under it were there at the first look, at `first_at`.

    `surveyed_at` None: not all of those stand in the ledger yet. Times in milliseconds.
    """

    uidvalidity: int
    old_below: int
    first_at: int
    surveyed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A mail for the ledger, or in it. `after` is what is to be done with it on the server now that it is stored."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    state: State
    identity: str | None = None
    intake_id: str | None = None
    after: str | None = None
    reason: str | None = None


def folder(txn: Connection, mailbox: str, name: str) -> Folder | None:
    """Give what is known of a folder; None before the first look."""
    c = mailbox_folders.c
    query = select(c.uidvalidity, c.old_below, c.first_at, c.surveyed_at)
    found = txn.execute(query.where(c.mailbox == mailbox, c.folder == name)).mappings().first()
    return None if found is None else Folder(**found)


def begin(txn: Connection, mailbox: str, name: str, *, uidvalidity: int, old_below: int) -> Folder:
    """Note the first look into a folder, and give what holds: a look of another node may have come first."""
    kind = postgresql.insert if txn.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(mailbox_folders).on_conflict_do_nothing()
    values = {"uidvalidity": uidvalidity, "old_below": old_below, "first_at": now_ms()}
    txn.execute(statement.values(mailbox=mailbox, folder=name, **values))
    found = folder(txn, mailbox, name)
    assert found is not None
    return found


def renumber(txn: Connection, mailbox: str, name: str, *, uidvalidity: int, old_below: int) -> None:
    """Note that the server numbers a folder anew. What was taken in stays under the old numbers, until it is found."""
    _change_folder(txn, mailbox, name, uidvalidity=uidvalidity, old_below=old_below)
    # These were not had: they are asked for under their new numbers, and nothing else will ever look for them.
    txn.execute(
        delete(mailbox_messages).where(
            _rows.mailbox == mailbox,
            _rows.folder == name,
            _rows.uidvalidity != uidvalidity,
            _rows.state.in_(_WRITTEN_OVER),
        )
    )


def surveyed(txn: Connection, mailbox: str, name: str) -> None:
    """Note that everything that was there at the first look stands in the ledger."""
    _change_folder(txn, mailbox, name, surveyed_at=now_ms())


def _change_folder(txn: Connection, mailbox: str, name: str, **values: int) -> None:
    c = mailbox_folders.c
    txn.execute(update(mailbox_folders).where(c.mailbox == mailbox, c.folder == name).values(**values))


def enter(txn: Connection, rows: Sequence[Row]) -> set[int]:
    """Write rows of one folder and give the UIDs of those that were written: the others stand there already.

    A mail that could not be read, or seemed gone, is written over. Two nodes that write the same at once: the second
    waits for the first one's end and gives nothing.
    """
    if not rows:
        return set()
    place = {"mailbox": rows[0].mailbox, "folder": rows[0].folder, "uidvalidity": rows[0].uidvalidity}
    same = {**place, "at": now_ms()}
    if txn.dialect.name == "sqlite":
        # It has one writer, so what is read here holds until the commit.
        standing = _standing(txn, place, {row.uid for row in rows})
        new = [row for row in rows if row.uid not in standing]
        many_rows.add(txn, mailbox_messages, [_of_a_mail(row) for row in new], same=same)
        return {row.uid for row in new}
    return set(txn.execute(_ENTER_AND_SAY, [{**same, **_of_a_mail(row)} for row in rows]).scalars())


def _of_a_mail(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _OF_A_MAIL}


def _standing(txn: Connection, place: Mapping[str, Any], uids: Collection[int]) -> set[int]:
    """Give the UIDs that stand in the ledger already. What is written over is taken out, and not among them."""
    found = txn.execute(_STANDING, {**place, "low": min(uids), "high": max(uids)}).all()
    over = [row.id for row in found if row.state in _WRITTEN_OVER and row.uid in uids]
    if over:
        txn.execute(delete(mailbox_messages).where(_rows.id.in_(over)))
    return {row.uid for row in found if row.state not in _WRITTEN_OVER}


def _entering() -> Any:
    statement = postgresql.insert(mailbox_messages)
    return statement.on_conflict_do_update(
        index_elements=["mailbox", "folder", "uidvalidity", "uid"],
        set_={name: statement.excluded[name] for name in (*_OF_A_MAIL[1:], "at")},
        # No IN: what expands cannot stand in a statement for many rows.
        where=or_(*(_rows.state == state for state in _WRITTEN_OVER)),
    ).returning(_rows.uid)


_ENTER_AND_SAY: Final = _entering()
# Built once: building costs more than running.
_STANDING: Final = select(_rows.id, _rows.uid, _rows.state).where(
    _rows.mailbox == bindparam("mailbox"),
    _rows.folder == bindparam("folder"),
    _rows.uidvalidity == bindparam("uidvalidity"),
    _rows.uid.between(bindparam("low"), bindparam("high")),
)


def _of(mailbox: str, name: str, uidvalidity: int) -> Any:
    return and_(_rows.mailbox == mailbox, _rows.folder == name, _rows.uidvalidity == uidvalidity)


def known(txn: Connection, mailbox: str, name: str, uidvalidity: int, low: int, high: int) -> set[int]:
    """Give the UIDs from `low` to `high` that need not be asked for: all in the ledger but those that seemed gone."""
    query = select(_rows.uid).where(
        _of(mailbox, name, uidvalidity), _rows.uid.between(low, high), _rows.state != "gone"
    )
    return set(txn.execute(query).scalars())


def unreadable(txn: Connection, mailbox: str, name: str, uidvalidity: int) -> list[int]:
    """Give the UIDs that the server would not hand out, rising."""
    query = select(_rows.uid).where(_of(mailbox, name, uidvalidity), _rows.state == "unreadable").order_by(_rows.uid)
    return list(txn.execute(query).scalars())


def owed(txn: Connection, mailbox: str, name: str, uidvalidity: int, limit: int) -> list[int]:
    """Give UIDs of mails with which something is still to be done on the server, rising."""
    query = select(_rows.uid).where(_of(mailbox, name, uidvalidity), _rows.after.is_not(None))
    return list(txn.execute(query.order_by(_rows.uid).limit(limit)).scalars())


def settle(txn: Connection, mailbox: str, name: str, uidvalidity: int, uids: Collection[int]) -> None:
    """Note that it was done."""
    ordered = sorted(uids)
    for start in range(0, len(ordered), _PAGE):
        page = _rows.uid.in_(ordered[start : start + _PAGE])
        txn.execute(update(mailbox_messages).where(_of(mailbox, name, uidvalidity), page).values(after=None))


def has_other_numbers(txn: Connection, mailbox: str, name: str, uidvalidity: int) -> bool:
    """Tell whether the ledger knows mails of the folder from before the server numbered it anew."""
    query = select(_rows.id).where(_rows.mailbox == mailbox, _rows.folder == name, _rows.uidvalidity != uidvalidity)
    return txn.execute(query.limit(1)).first() is not None


def by_identity(txn: Connection, mailbox: str, name: str, identities: Iterable[str]) -> dict[str, Row]:
    """Give, for each of these that the ledger knows in the folder, under whatever numbers, the latest such row."""
    found: dict[str, Row] = {}
    columns = [_rows[field] for field in Row.__slots__]
    for named in _named(mailbox, name, identities):
        query = select(*columns).where(named, _rows.state.in_(("stored", "old", "partial")))
        found |= {row["identity"]: Row(**row) for row in txn.execute(query.order_by(_rows.id)).mappings()}
    return found


def forget_numbers(txn: Connection, mailbox: str, name: str, uidvalidity: int, identities: Iterable[str]) -> None:
    """Take out what stands under other numbers of mails that were entered under these.

    A server that numbers its folders anew at each connect would let the ledger grow without end.
    """
    for named in _named(mailbox, name, identities):
        txn.execute(delete(mailbox_messages).where(named, _rows.uidvalidity != uidvalidity))


def _named(mailbox: str, name: str, identities: Iterable[str]) -> Iterator[Any]:
    """Give the conditions that find the mails of these identities, some at a time."""
    asked = list(set(identities))
    for start in range(0, len(asked), _PAGE):
        some = _rows.identity.in_(asked[start : start + _PAGE])
        yield and_(_rows.mailbox == mailbox, _rows.folder == name, some)


def take_lease(txn: Connection, mailbox: str, claimant: str, seconds: float, host: str) -> bool:
    """Take or keep the right to serve a mailbox; False while another process has it.

    The lease of a process of this host that has ended counts no more.
    """
    c = mailbox_leases.c
    clock, now = lease_now(txn.dialect.name)
    holders = txn.execute(select(c.claimant).where(c.mailbox == mailbox, of_host(c.claimant, host))).scalars()
    for holder in [holder for holder in holders if is_gone(holder)]:
        txn.execute(delete(mailbox_leases).where(c.mailbox == mailbox, c.claimant == holder))
    kind = postgresql.insert if txn.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(mailbox_leases)
    values = {
        "mailbox": bindparam("of", mailbox),
        "claimant": bindparam("by", claimant),
        "lease_clock": clock,
        "lease_until": now + int(seconds * 1000),
    }
    statement = statement.values(**values).on_conflict_do_update(
        index_elements=["mailbox"],
        set_={name: statement.excluded[name] for name in ("claimant", "lease_clock", "lease_until")},
        where=or_(c.claimant == claimant, c.lease_until <= now, c.lease_clock != clock),
    )
    return txn.execute(statement.returning(c.mailbox)).first() is not None


def drop_lease(txn: Connection, mailbox: str, claimant: str) -> None:
    """Give the right back, for the next one to take at once."""
    c = mailbox_leases.c
    txn.execute(delete(mailbox_leases).where(c.mailbox == mailbox, c.claimant == claimant))


def counted(txn: Connection, mailbox: str, name: str) -> dict[State, int]:
    """Count the mails of a folder by what became of them, under all its numbers."""
    query = select(_rows.state, func.count()).where(_rows.mailbox == mailbox, _rows.folder == name)
    return {row[0]: row[1] for row in txn.execute(query.group_by(_rows.state))}
