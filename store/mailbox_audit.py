"""What the ledger of the mailboxes says, held against the rows and bytes it points at. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, and_, case, func, select

from store.open import Store
from store.schema import intake, intake_raw, mailbox_folders, mailbox_messages

State = Literal["stored", "old", "partial", "unreadable", "gone"]
_PAGE: Final = 2000

_ledger = mailbox_messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCount:
    """How many mails of a folder stand in the ledger, by state; of `owed` ones something is still to be done."""

    mailbox: str
    folder: str
    stored: int
    old: int
    partial: int
    unreadable: int
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mail of the ledger. `after` is what is still to be done with it on the server; `at` in milliseconds."""

    folder: str
    uidvalidity: int
    uid: int
    state: State
    intake_id: str | None
    after: str | None
    reason: str | None
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A mail that the ledger calls kept, and is not: its row in the intake is gone, or the bytes behind that."""

    row: Row
    gone: Literal["row", "bytes"]


_ROW: Final = (
    _ledger.folder,
    _ledger.uidvalidity,
    _ledger.uid,
    _ledger.state,
    _ledger.intake_id,
    _ledger.after,
    _ledger.reason,
    _ledger.at,
)
_IN_THE_STORE: Final = _ledger.state.in_(("stored", "partial"))
_RAW_OF: Final = mailbox_messages.outerjoin(intake, intake.c.id == _ledger.intake_id).outerjoin(
    intake_raw, intake_raw.c.intake_id == intake.c.id
)


def counts(connection: Connection) -> list[FolderCount]:
    """Count every folder's mails, by mailbox and folder."""
    by_state = {
        name: func.count(case((_ledger.state == name, 1))) for name in ("stored", "old", "partial", "unreadable")
    }
    found = connection.execute(
        select(
            _ledger.mailbox,
            _ledger.folder,
            func.count(_ledger.after).label("owed"),
            *(count.label(name) for name, count in by_state.items()),
        )
        .group_by(_ledger.mailbox, _ledger.folder)
        .order_by(_ledger.mailbox, _ledger.folder)
    ).mappings()
    return [FolderCount(**row) for row in found]


def begun(connection: Connection) -> dict[tuple[str, str], int]:
    """Give when each folder of each mailbox was first looked into, in milliseconds."""
    columns = mailbox_folders.c
    return {
        (row.mailbox, row.folder): row.first_at
        for row in connection.execute(select(columns.mailbox, columns.folder, columns.first_at))
    }


def states(
    store: Store, mailbox: str, folder: str, uidvalidity: int, low: int, high: int
) -> Iterator[tuple[int, State, str | None]]:
    """Give UID, state and the reason for it of each mail under this numbering from `low` to `high`, UIDs rising.

    Page by page, each read by itself: nothing keeps a long transaction open.
    """
    wanted = and_(_ledger.mailbox == mailbox, _ledger.folder == folder, _ledger.uidvalidity == uidvalidity)
    columns = select(_ledger.uid, _ledger.state, _ledger.reason)
    while True:
        with store.read() as connection:
            page = connection.execute(
                columns.where(wanted, _ledger.uid.between(low, high)).order_by(_ledger.uid).limit(_PAGE)
            ).all()
        yield from ((row.uid, row.state, row.reason) for row in page)
        if len(page) < _PAGE:
            return
        low = page[-1].uid + 1


def lost(store: Store, mailbox: str) -> Iterator[Lost]:
    """Give each mail of the mailbox, under whatever numbering, whose row or bytes are gone from the store."""
    last = 0
    while True:
        with store.read() as connection:
            page = connection.execute(
                select(
                    _ledger.id,
                    *_ROW,
                    intake.c.id.label("kept_row"),
                    intake.c.blob,
                    intake_raw.c.intake_id.label("kept_raw"),
                )
                .select_from(_RAW_OF)
                .where(_ledger.mailbox == mailbox, _IN_THE_STORE, _ledger.id > last)
                .order_by(_ledger.id)
                .limit(_PAGE)
            ).all()
        if not page:
            return
        missing = store.blobs.missing({row.blob for row in page if row.blob is not None})
        for row in page:
            if row.kept_row is None:
                yield Lost(row=_row(row), gone="row")
            elif row.kept_raw is None and (row.blob is None or row.blob in missing):
                yield Lost(row=_row(row), gone="bytes")
        last = page[-1].id


def owed(connection: Connection, mailbox: str, before: int) -> list[Row]:
    """Give the mails that were stored before that time and with which something is still to be done on the server."""
    found = connection.execute(
        select(*_ROW)
        .where(_ledger.mailbox == mailbox, _ledger.after.is_not(None), _ledger.at < before)
        .order_by(_ledger.folder, _ledger.uidvalidity, _ledger.uid)
    )
    return [_row(row) for row in found]


def _row(row: object) -> Row:
    return Row(**{column.name: getattr(row, column.name) for column in _ROW})
