"""What the mailboxes and the phone provider hold, compared with what the store has of it: every gap is named.

Unknown is not fine: a folder that cannot be looked into is a finding like a mail that is missing.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from inboxd.imap_fetcher.connection import Connection, Refused, Selected, connect
from inboxd.imap_fetcher.folder import windows
from inboxd.imap_fetcher.troubles import trouble_of, words
from inboxd.intake.door import now_ms
from inboxd.settings import Mailbox
from store import mailbox_audit

if TYPE_CHECKING:
    from inboxd.oauth import TokenSource
    from store.open import Store

# gap: on the server and not in the store. lost: the store says that it has it, and has not. unknown: could not be
# looked into. owed: stored, and what `after` says is still to be done with it. folder, total: what was counted.
Kind = Literal["gap", "lost", "unknown", "owed", "folder", "total"]

# While a fetcher is at work, mail may be on its way: it is not missing as long as it keeps coming in.
_PATIENCE_SECONDS: Final = 10.0
_LOOK_EVERY: Final = 0.5
# What is done with a mail after its commit is done at once, or tried again within minutes.
_OWED_LONG_MS: Final = 15 * 60 * 1000
_AT_ONCE: Final = 8

# State and reason, as the ledger has them.
_Place = tuple[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding, or what was counted: of the mails on the server so many are stored, old, partial, or a gap."""

    kind: Kind
    mailbox: str | None = None
    folder: str | None = None
    uidvalidity: int | None = None
    uid: int | None = None
    intake_id: str | None = None
    recording: str | None = None
    what: str | None = None
    on_server: int | None = None
    stored: int | None = None
    old: int | None = None
    partial: int | None = None
    gap: int | None = None

    def plain(self) -> dict[str, Any]:
        """Give it as JSON has it; `error` is the sentence of what makes the audit fail."""
        return {**asdict(self), "error": self.what if self.kind in ("gap", "lost", "unknown") else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What an audit needs. `look_now` has, for each mailbox that a fetcher works on, what makes it look at once.

    `phone` compares the recordings at the phone provider, and gives fields of lines; None: they are not asked for.
    """

    store: "Store"
    tokens_of: "Callable[[Mailbox], TokenSource | None]"
    look_now: Mapping[str, Callable[[], None]]
    phone: Callable[[], Iterator[Mapping[str, Any]]] | None = None


def audit(mailboxes: Sequence[Mailbox], sources: Sources) -> list[dict[str, Any]]:
    """Compare each of these mailboxes, and the phone, with the store; give findings, counts and a total at the end."""
    lines: list[Line] = []
    if mailboxes:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="audit") as pool:
            for found in pool.map(lambda mailbox: list(_of_mailbox(mailbox, sources)), mailboxes):
                lines += found
    if sources.phone is not None:
        lines += [Line(mailbox="phone", **fields) for fields in sources.phone()]
    return [line.plain() for line in (*lines, _total(lines))]


def _total(lines: Sequence[Line]) -> Line:
    folders = [line for line in lines if line.kind == "folder"]
    names = ("on_server", "stored", "old", "partial", "gap")
    return Line(kind="total", **{name: sum(getattr(line, name) for line in folders) for name in names})


def _of_mailbox(mailbox: Mailbox, sources: Sources) -> Iterator[Line]:
    lost = list(mailbox_audit.lost(sources.store, mailbox.name))
    for one in lost:
        gone = "its row in the intake is gone" if one.gone == "row" else "its bytes are gone"
        yield Line(
            kind="lost",
            mailbox=mailbox.name,
            folder=one.row.folder,
            uidvalidity=one.row.uidvalidity,
            uid=one.row.uid,
            intake_id=one.row.intake_id,
            what=f"the ledger says that the mail is stored, and {gone}",
        )
    yield from _owed(mailbox, sources.store)
    gone_there = {(one.row.folder, one.row.uidvalidity, one.row.uid) for one in lost}
    try:
        line = connect(mailbox, sources.tokens_of(mailbox))
    except Exception as error:  # noqa: BLE001 - whatever it is, what lies there is not known
        yield _unknown(mailbox, None, _sentence(error, mailbox))
        return
    try:
        for number, folder in enumerate(mailbox.folders):
            try:
                yield from _of_folder(mailbox, folder, line, sources, gone_there)
            except Exception as error:  # noqa: BLE001 - as above: the line broke, and with it the rest of the mailbox
                sentence = _sentence(error, mailbox)
                yield from (_unknown(mailbox, unseen, sentence) for unseen in mailbox.folders[number:])
                return
    finally:
        line.close()


def _owed(mailbox: Mailbox, store: "Store") -> Iterator[Line]:
    with store.read() as connection:
        rows = mailbox_audit.owed(connection, mailbox.name, before=now_ms() - _OWED_LONG_MS)
    for row in rows:
        yield Line(
            kind="owed",
            mailbox=mailbox.name,
            folder=row.folder,
            uidvalidity=row.uidvalidity,
            uid=row.uid,
            intake_id=row.intake_id,
            what=f"the mail is stored, and `after: {row.after}` is still to be done with it",
        )


def _of_folder(
    mailbox: Mailbox, folder: str, line: Connection, sources: Sources, lost: set[tuple[str, int, int]]
) -> Iterator[Line]:
    """Compare one folder. Looks only: EXAMINE, and no mail is fetched."""
    try:
        selected = line.select(folder, "look")
    except Refused as refused:
        yield _unknown(mailbox, folder, f"the server does not open the folder: {words(refused)}")
        return
    counts: Counter[str] = Counter()
    gaps: dict[int, str] = {}
    missing: set[int] = set()
    for uids in windows(line, selected):
        known = _known(sources.store, mailbox, selected, uids)
        missing.update(uid for uid in uids if uid not in known)
        _sort(known, selected, lost, counts, gaps)
    _sort(_came_in(mailbox, selected, missing, line, sources), selected, lost, counts, gaps)
    gaps |= dict.fromkeys(missing, "the mail lies on the server and is not in the store")
    line_of = partial(Line, mailbox=mailbox.name, folder=folder, uidvalidity=selected.uid_validity)
    for uid in sorted(gaps):
        yield line_of(kind="gap", uid=uid, what=gaps[uid])
    stored, old, partial_, gap = counts["stored"], counts["old"], counts["partial"], counts["lost"] + len(gaps)
    on_server = stored + old + partial_ + gap
    yield line_of(kind="folder", on_server=on_server, stored=stored, old=old, partial=partial_, gap=gap)


def _known(store: "Store", mailbox: Mailbox, selected: Selected, uids: Sequence[int]) -> dict[int, _Place]:
    """Give what the ledger says of these mails, which rise."""
    if not uids:
        return {}
    wanted = set(uids)
    rows = mailbox_audit.states(store, mailbox.name, selected.folder, selected.uid_validity, uids[0], uids[-1])
    return {uid: (state, reason) for uid, state, reason in rows if uid in wanted}


def _sort(
    known: dict[int, _Place],
    selected: Selected,
    lost: set[tuple[str, int, int]],
    counts: Counter[str],
    gaps: dict[int, str],
) -> None:
    """Count what is in the store, and put down what only the ledger knows."""
    for uid, (state, reason) in known.items():
        if (selected.folder, selected.uid_validity, uid) in lost:
            counts["lost"] += 1  # named as such already
        elif state in ("unreadable", "gone"):
            gaps[uid] = f"the server has not handed the mail out: {reason}"
        else:
            counts[state] += 1


def _came_in(
    mailbox: Mailbox, selected: Selected, missing: set[int], line: Connection, sources: Sources
) -> dict[int, _Place]:
    """Wait for mails that a fetcher may bring yet, and take those that came in, or went away, out of `missing`."""
    came: dict[int, _Place] = {}
    until = time.monotonic() + _PATIENCE_SECONDS
    look_now = sources.look_now.get(mailbox.name)
    while missing and look_now is not None and time.monotonic() < until:
        look_now()
        time.sleep(_LOOK_EVERY)
        now = _known(sources.store, mailbox, selected, sorted(missing))
        if now:
            came |= now
            missing.difference_update(now)
            until = time.monotonic() + _PATIENCE_SECONDS
    if missing:
        # Somebody may have taken them away meanwhile.
        line.noop()  # a server need not speak of it before (RFC 9051 7.5.1)
        missing.intersection_update({uid for uids in windows(line, selected) for uid in uids if uid in missing})
    return came


def _unknown(mailbox: Mailbox, folder: str | None, what: str) -> Line:
    return Line(kind="unknown", mailbox=mailbox.name, folder=folder, what=what)


def _sentence(error: Exception, mailbox: Mailbox) -> str:
    """Say why a mailbox could not be looked into. Raises an error that is a mistake of ours."""
    trouble = trouble_of(error, mailbox)
    if trouble is None:
        raise error
    return f"{trouble.what} {trouble.advice}"
