"""A mailbox that is fetched in this process, with a real store behind it, and the account that must be exact.

Knows nothing of pytest; the integration tests and the benches stand on it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inboxd.imap_fetcher.fetcher import Fetcher
from inboxd.intake.door import Intake
from inboxd.settings import Mailbox
from inboxd.settings.secret import Place, SecretFile
from inboxd.settings.sections import After, Start
from store.open import Store
from store.schema import intake, intake_raw, jobs, mailbox_messages


def mailbox(folder: Path, *, name: str = "support", password: str, **keys: Any) -> Mailbox:
    """Make the settings of a mailbox on loopback; its password goes into a file in `folder`."""
    secret = folder / f"{name}-password"
    secret.write_text(password)
    secret.chmod(0o600)
    place = Place(file="inboxd.yaml", line=1, column=1)
    given: dict[str, Any] = {
        "provider": None, "host": "127.0.0.1", "port": 0, "tls": "none", "ca_file": None, "user": "support",
        "password": SecretFile(key="imap.password_file", path=secret, place=place), "oauth2": None,
        "address": "support@example.com", "folders": ("INBOX",), "after": After(action="seen"),
        "start": Start(what="all"), "authserv_id": None, "sent": None, "max_size": 52_428_800,
    }  # fmt: skip
    return Mailbox(name=name, **{**given, **keys})


@dataclass(slots=True)
class Pulled:
    """A store and the fetchers that fill it. `start` a fetcher for each mailbox; `close` ends them all."""

    folder: Path
    store: Store
    announced: list[str] = field(default_factory=list)
    fetchers: list[Fetcher] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, url: str | None = None) -> "Pulled":
        return cls(folder, Store.open(url or f"sqlite:///{folder}/inboxd.db", role="daemon", create=True))

    def start(self, mailbox: Mailbox) -> Fetcher:
        """Fetch a mailbox from now on."""
        door = Intake(self.store, self.announced.append, spool_folder=self.folder)
        fetcher = Fetcher(mailbox, store=self.store, intake=door, zone=ZoneInfo("Etc/UTC"))
        self.fetchers.append(fetcher)
        fetcher.start()
        return fetcher

    def stop(self) -> None:
        """End every fetcher."""
        while self.fetchers:
            self.fetchers.pop().stop()

    def close(self) -> None:
        self.stop()
        self.store.close()

    def kept(self) -> Counter[str]:
        """The digests of what is stored, from the bytes themselves, each as often as there is a row of it."""
        with self.store.read() as connection:
            rows = connection.execute(
                select(intake.c.blob, intake_raw.c.raw).select_from(intake.outerjoin(intake_raw))
            ).all()
        return Counter(
            hashlib.sha256(row.raw if row.blob is None else self._blob(row.blob)).hexdigest() for row in rows
        )

    def _blob(self, name: str) -> bytes:
        with self.store.blobs.open(name) as file:
            return file.read()

    def ledger(self) -> list[dict[str, Any]]:
        """The rows of the ledger."""
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(select(mailbox_messages)).mappings()]

    def states(self) -> Counter[str]:
        """How many mails stand in the ledger, by state."""
        return Counter(row["state"] for row in self.ledger())

    def owed(self) -> int:
        """With how many mails something is still to be done on the server."""
        return sum(row["after"] is not None for row in self.ledger())

    def wrong(self, sent: Iterable[bytes]) -> list[str]:
        """Compare what is stored with what was sent: each once and whole, with one job each, and nothing else."""
        wanted = Counter(hashlib.sha256(raw).hexdigest() for raw in sent)
        kept = self.kept()
        found = []
        if kept != wanted:
            too_many, too_few = (kept - wanted).total(), (wanted - kept).total()
            found.append(f"{wanted.total()} sent, {kept.total()} stored: {too_many} too many, {too_few} too few")
        with self.store.read() as connection:
            rows = connection.execute(select(intake.c.id, jobs.c.id).select_from(intake.outerjoin(jobs))).all()
        if len(rows) != len({row[0] for row in rows}) or any(row[1] is None for row in rows):
            found.append("a row of the intake has no job, or several")
        pointers = Counter(row["intake_id"] for row in self.ledger() if row["intake_id"] is not None)
        if pointers.keys() != {row[0] for row in rows}:
            found.append("the ledger points at other rows than those of the intake")
        return found
