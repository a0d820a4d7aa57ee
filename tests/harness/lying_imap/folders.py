"""What the server holds: folders, their mails, and what has happened to each of them."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(slots=True)
class Mail:
    """A mail in a folder. `said_size` is what RFC822.SIZE says, if that is a lie; `hidden` shows it to nobody yet."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    internal_date: datetime = datetime(2026, 1, 13, 16, 0, tzinfo=UTC)
    said_size: int | None = None
    hidden: bool = False


@dataclass(slots=True)
class Folder:
    """A folder. Whoever reads or changes it holds the server's lock."""

    name: str
    uidvalidity: int = 1000
    uidnext: int = 1
    mails: dict[int, Mail] = field(default_factory=dict)

    def seen(self) -> list[int]:
        """The UIDs that a client is shown, in their order."""
        return sorted(uid for uid, mail in self.mails.items() if not mail.hidden)


class Folders:
    """All folders of the one user, and `gone`: mails that were expunged, by folder."""

    def __init__(self, *names: str) -> None:
        self.lock = threading.RLock()
        self.by_name = {name: Folder(name=name) for name in names}
        self.gone: list[tuple[str, Mail]] = []

    def put(self, name: str, raw: bytes, *, uid: int | None = None, hidden: bool = False) -> int:
        """Lay a mail into a folder and give its UID."""
        with self.lock:
            folder = self.by_name[name]
            number = folder.uidnext if uid is None else uid
            folder.uidnext = max(folder.uidnext, number + 1)
            folder.mails[number] = Mail(uid=number, raw=raw, hidden=hidden)
            return number

    def show(self, name: str) -> None:
        """Let everybody see the mails that were hidden: lower UIDs than some that were shown before."""
        with self.lock:
            for mail in self.by_name[name].mails.values():
                mail.hidden = False

    def renumber(self, name: str, *, first: int = 1) -> None:
        """Give the folder a new UIDVALIDITY and its mails new UIDs, from `first` on (RFC 3501 2.3.1.1)."""
        with self.lock:
            folder = self.by_name[name]
            mails = [folder.mails[uid] for uid in sorted(folder.mails)]
            for number, mail in enumerate(mails, first):
                mail.uid = number
            folder.mails = {mail.uid: mail for mail in mails}
            folder.uidvalidity += 1
            folder.uidnext = first + len(mails)

    def expunge(self, name: str, uids: list[int]) -> None:
        """Take mails away for good."""
        with self.lock:
            folder = self.by_name[name]
            self.gone += [(name, folder.mails.pop(uid)) for uid in uids if uid in folder.mails]

    def copy(self, name: str, uids: list[int], to: str) -> None:
        """Lay copies into another folder, flags and date kept."""
        with self.lock:
            for uid in uids:
                mail = self.by_name[name].mails[uid]
                copy = self.by_name[to].mails[self.put(to, mail.raw)]
                copy.flags, copy.internal_date = set(mail.flags), mail.internal_date

    def flags(self, name: str) -> dict[int, set[str]]:
        """The flags of each mail of a folder by its UID."""
        with self.lock:
            return {uid: set(mail.flags) for uid, mail in self.by_name[name].mails.items()}
