"""Kill the daemon again and again while mail comes into four mailboxes: nothing lost, doubled, or marked too early.

    .venv/bin/python -m tests.bench.kill_loop_imap --kills 200 --store sqlite
    .venv/bin/python -m tests.bench.kill_loop_imap --kills 50 --store postgresql

They lie on a real Dovecot, each with another `after` (keep, seen, move, delete). `kill -9` goes to the daemon's whole
process group at random moments, during start as well, and now and then the mail server is restarted, too. While the
daemon is dead, what is marked, moved or gone on the server must be in the store. At the end each mail that the server
took must be one entry of one ticket, byte for byte, and the mailboxes must look as `after` says.
"""

import argparse
import base64
import hashlib
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imapclient.exceptions import IMAPClientError
from sqlalchemy import select

from store.open import Store
from store.schema import intake, intake_raw
from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.dovecot import HOST, Account, Dovecot
from tests.harness.stores import section

AFTER = {"keep": "keep", "seen": "seen", "move": "move:Done", "delete": "delete"}
TLS = {"keep": "implicit", "seen": "starttls", "move": "none", "delete": "implicit"}
FOLDERS = ("INBOX", "Alarms")
# Above this an intake is a file first and a row that points at it.
LARGE = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: how often to kill, and every how many kills the server is restarted or the marks are looked at."""

    kills: int
    seed: int = 1
    restart_every: int = 15
    look_every: int = 5
    pause: float = 1.5  # of a postman between two bursts: bounds what must drain at the end
    drain_within: float = 600.0
    no_longer_than: float = float("inf")  # seconds of killing, however many kills that were


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail and what must be found of it."""

    token: str
    raw: bytes
    attachment_sha256: str | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(slots=True)
class Book:
    """What the postmen know: every letter, and in which mailboxes the server took it."""

    letters: dict[str, Letter] = field(default_factory=dict)
    taken: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in AFTER})
    appends: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)

    def taken_by(self, mailbox: str) -> set[str]:
        """The tokens of all letters that lie in this mailbox for sure, or did."""
        with self.lock:
            return set(self.taken[mailbox])


@dataclass(slots=True)
class Outcome:
    """What was found at the end; `wrong` has a sentence for each thing that must not be."""

    kills: int
    kills_before_listening: int
    restarts: int
    looks: int
    delivered: int
    appends: int
    rows: int
    duplicates: int
    quarantined: int
    seconds: float
    wrong: list[str]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.kills_before_listening} before it listened), {self.restarts} restarts of the "
            f"server in {self.seconds:.0f} s: {self.delivered} letters laid down {self.appends} times, "
            f"{self.rows} fetched, {self.duplicates} of them marked as duplicates, {self.quarantined} in quarantine; "
            f"marks looked at {self.looks} times; {len(self.wrong)} lost, doubled, damaged or marked too early"
        )


class Postman(threading.Thread):
    """Lays letters into one mailbox, in bursts; every tenth goes into the next mailbox, too, the same bytes."""

    def __init__(self, mailbox: str, plan: Plan, book: Book, accounts: dict[str, Account]) -> None:
        super().__init__(name=f"postman-{mailbox}", daemon=True)
        self._mailbox, self._plan, self._book, self._accounts = mailbox, plan, book, accounts
        self._random = random.Random(f"{plan.seed}-{mailbox}")
        names = list(AFTER)
        self._next = names[(names.index(mailbox) + 1) % len(names)]

    def run(self) -> None:
        serial = 0
        while not self._book.enough.is_set():
            for _ in range(self._random.randint(1, 8)):
                letter = self._compose(serial)
                folder = FOLDERS[serial % len(FOLDERS)]
                self._deliver(letter, self._mailbox, folder)
                if serial % 10 == 9:
                    self._deliver(letter, self._next, folder)
                serial += 1
            self._book.enough.wait(self._plan.pause * self._random.random() * 2)

    def _compose(self, serial: int) -> Letter:
        token = f"token-{self._plan.seed}-{self._mailbox}-{serial}-{self._random.getrandbits(40):010x}"
        head = [
            f"From: <user{serial}@client.example>", "To: <support@example.com>", f"Subject: Report {token}",
            f"Message-ID: <{token}@client.example>", "Date: Tue, 13 Jan 2026 16:00:00 +0000", "MIME-Version: 1.0",
        ]  # fmt: skip
        if serial % 20 != 5:
            lines = [*head, "Content-Type: text/plain; charset=utf-8", "", f"Begin {token}", "Words.", f"End {token}"]
            letter = Letter(token=token, raw=_encoded(lines), attachment_sha256=None)
        else:
            data = self._random.randbytes(LARGE)
            parts = [
                'Content-Type: multipart/mixed; boundary="cut"', "", "--cut", "Content-Type: text/plain", "",
                f"Begin {token}", f"End {token}", "--cut", "Content-Type: application/octet-stream",
                'Content-Disposition: attachment; filename="data.bin"', "Content-Transfer-Encoding: base64", "",
                *base64.encodebytes(data).decode("ascii").splitlines(), "--cut--",
            ]  # fmt: skip
            digest = hashlib.sha256(data).hexdigest()
            letter = Letter(token=token, raw=_encoded([*head, *parts]), attachment_sha256=digest)
        with self._book.lock:
            self._book.letters[token] = letter
        return letter

    def _deliver(self, letter: Letter, mailbox: str, folder: str) -> None:
        """Come again until the server says that it took the letter; it may then have it twice."""
        while True:
            with self._book.lock:
                self._book.appends += 1
            try:
                self._accounts[mailbox].append(letter.raw, folder=folder)
            except (OSError, IMAPClientError):
                time.sleep(0.05)
            else:
                break
        with self._book.lock:
            self._book.taken[mailbox].add(letter.token)


def _encoded(lines: list[str]) -> bytes:
    return "\r\n".join([*lines, ""]).encode("utf-8")


def kill_loop(desk: Desk, dovecot: Dovecot, plan: Plan) -> Outcome:
    """Run the plan on a desk of its own and say what was found."""
    started, chance = time.monotonic(), random.Random(plan.seed)
    book, wrong = Book(), list[str]()
    accounts = open_mailboxes(desk, dovecot)
    postmen = [Postman(name, plan, book, accounts) for name in AFTER]
    daemon = desk.start()
    for postman in postmen:
        postman.start()
    kills = early = restarts = looks = 0
    try:
        for number in range(1, plan.kills + 1):
            if time.monotonic() - started > plan.no_longer_than:
                break
            kills = number
            early += not _live_and_die(daemon, chance)
            if number % plan.look_every == 0:
                wrong += marked_and_not_stored(desk, book, accounts)
                looks += 1
            daemon = desk.start(wait=False)
            if number % plan.restart_every == 0:
                dovecot.stop()
                time.sleep(chance.uniform(0, 1))
                dovecot.start()
                restarts += 1
        daemon.wait_ready()
        book.enough.set()
        for postman in postmen:
            postman.join()
        wait_until(
            lambda: _drained(desk, book), within=plan.drain_within, what="everything fetched and filed", every=1.0
        )
        rows, tickets = desk.json("intake", "list"), desk.json("tickets", "export")
        audit = desk.try_run("audit")
        code = daemon.stop()
    finally:
        book.enough.set()
        daemon.kill()
    if code != 0:
        wrong.append(f"the last daemon ended with {code} on SIGTERM")
    if audit.returncode != 0:
        wrong.append(f"`inboxd audit` ended with {audit.returncode}: {audit.stdout}{audit.stderr}")
    wrong += marked_and_not_stored(desk, book, accounts)
    wrong += not_as_after_says(book, accounts)
    wrong += lost_or_doubled(book, tickets)
    wrong += damaged(desk, book)
    statuses = Counter(row["status"] for row in rows)
    return Outcome(
        kills=kills, kills_before_listening=early, restarts=restarts, looks=looks + 1,
        delivered=len(book.letters), appends=book.appends, rows=len(rows),
        duplicates=statuses["duplicate"], quarantined=statuses["quarantined"],
        seconds=time.monotonic() - started, wrong=wrong,
    )  # fmt: skip


def open_mailboxes(desk: Desk, dovecot: Dovecot) -> dict[str, Account]:
    """Make an account for each `after`, and tell the desk of them."""
    accounts = {name: dovecot.account() for name in AFTER}
    sections = []
    for name, account in accounts.items():
        for folder in (*FOLDERS[1:], "Done"):
            account.create(folder)
        password = desk.folder / f"{name}-password"
        password.write_text(account.password)
        password.chmod(0o600)
        port = dovecot.tls_port if TLS[name] == "implicit" else dovecot.port
        sections.append(
            {"name": name, "host": HOST, "port": port, "tls": TLS[name], "user": account.user,
             "ca_file": None if TLS[name] == "none" else str(dovecot.ca_file), "password_file": str(password),
             "address": "support@example.com", "folders": list(FOLDERS), "after": AFTER[name], "start": "all"}
        )  # fmt: skip
    desk.change({"imap": sections})
    return accounts


def _live_and_die(daemon: Daemon, chance: random.Random) -> bool:
    """Kill the daemon some time after it listens, or at one in six during its start; tell whether it listened."""
    within_start = chance.random() < 1 / 6
    if not within_start:
        daemon.wait_ready()
    time.sleep(chance.uniform(0.001, 1.0))
    daemon.kill()
    return bool(daemon.events("listening"))


def _drained(desk: Desk, book: Book) -> bool:
    (status,) = desk.json("status")
    if status["intake"]["waiting"] or any(each["owed"] for box in status["mailboxes"] for each in box["folders"]):
        return False
    stored = {row["sha256"] for row in desk.json("intake", "list")}
    return {letter.sha256 for letter in book.letters.values()} <= stored


def _store_of(desk: Desk) -> Store:
    settings = desk.settings()["store"]
    url = str(settings["url"]).replace("sqlite:///inboxd.db", f"sqlite:///{desk.folder}/inboxd.db")
    return Store.open(url, role="reader", blobs=settings.get("blobs") and str(desk.folder / settings["blobs"]))


def _lying_in(account: Account, folder: str) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """Token and flags of each mail in a folder."""
    with account.session() as client:
        client.select_folder(folder, readonly=True)
        found = client.search("ALL")
        answers = client.fetch(found, ["FLAGS", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if found else {}
    for answer in answers.values():
        header = next(bytes(value) for key, value in answer.items() if key.startswith(b"BODY["))
        token = header.partition(b"<")[2].partition(b"@")[0].decode("ascii")
        yield token, tuple(flag for flag in answer[b"FLAGS"] if flag != rb"\Recent")


def marked_and_not_stored(desk: Desk, book: Book, accounts: dict[str, Account]) -> Iterable[str]:
    """While the daemon is dead: what is marked, moved or gone on the server, and not in the store."""
    with _store_of(desk) as store, store.read() as connection:
        stored = set(connection.scalars(select(intake.c.sha256)))

    def kept(token: str) -> bool:
        return book.letters[token].sha256 in stored

    for name, account in accounts.items():
        taken = book.taken_by(name)
        here = {folder: list(_lying_in(account, folder)) for folder in (*FOLDERS, "Done")}
        for token, flags in (one for folder in FOLDERS for one in here[folder]):
            if flags and (name == "keep" or not kept(token)):
                yield f"{name}: {token} is marked {flags}, and it is {'stored' if kept(token) else 'not stored'}"
        lying = {token for mails in here.values() for token, _ in mails}
        for token in (token for token, _ in here["Done"] if not kept(token)):
            yield f"{name}: {token} was moved, and it is not stored"
        for token in taken - lying:
            if name != "delete" or not kept(token):
                yield f"{name}: {token} is gone from the server, and it is {'stored' if kept(token) else 'not stored'}"


def not_as_after_says(book: Book, accounts: dict[str, Account]) -> Iterable[str]:
    """At the end each mailbox looks as its `after` says."""
    for name, account in accounts.items():
        lying = [one for folder in FOLDERS for one in _lying_in(account, folder)]
        done = {token for token, _ in _lying_in(account, "Done")}
        match name:
            case "keep":
                yield from (f"keep: {token} has {flags}" for token, flags in lying if flags)
            case "seen":
                yield from (f"seen: {token} has {flags}" for token, flags in lying if flags != (rb"\Seen",))
            case _:
                yield from (f"{name}: {token} still lies there" for token, _ in lying)
        here = {token for token, _ in lying} | done
        if name != "delete":
            yield from (f"{name}: {token} lies nowhere" for token in book.taken_by(name) - here)


def lost_or_doubled(book: Book, tickets: list[dict[str, Any]]) -> Iterable[str]:
    """Each letter is one entry of one ticket, its text and attachment whole."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for ticket in tickets:
        for entry in ticket["entries"]:
            token = next((word for word in (entry["text"] or "").split() if word.startswith("token-")), "")
            found.setdefault(token, []).append((ticket["ref"], entry))
    for token, letter in book.letters.items():
        places = found.pop(token, [])
        if len(places) != 1:
            yield f"{token}: {len(places)} entries on {[ref for ref, _ in places]}"
        for _, entry in places:
            if f"Begin {token}" not in entry["text"] or f"End {token}" not in entry["text"]:
                yield f"{token}: its text is not whole: {entry['text']!r}"
            digests = [attachment["sha256"] for attachment in entry["attachments"]]
            if digests != ([letter.attachment_sha256] if letter.attachment_sha256 else []):
                yield f"{token}: its attachment is not what was sent"
    for token, places in found.items():
        yield f"{len(places)} entries of nobody's letter {token!r}"


def damaged(desk: Desk, book: Book) -> Iterable[str]:
    """The stored bytes of each row are a letter's, to the last one."""
    sent = {letter.sha256 for letter in book.letters.values()}
    with _store_of(desk) as store:
        with store.read() as connection:
            columns = (intake.c.id, intake.c.blob, intake_raw.c.raw)
            rows = connection.execute(select(*columns).select_from(intake.outerjoin(intake_raw))).all()
        for row in rows:
            raw = row.raw
            if row.blob is not None:
                with suppress(OSError), store.blobs.open(row.blob) as file:
                    raw = file.read()
            if hashlib.sha256(raw or b"").hexdigest() not in sent:
                yield f"{row.id}: its bytes are no letter's"


def main() -> int:
    """The command line; exit 1 when anything was lost, doubled, damaged or marked too early."""
    options = argparse.ArgumentParser(prog="kill_loop_imap", description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--minutes", type=float, default=float("inf"), help="kill no longer than that")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite", help="its server is made, too")
    options.add_argument("--folder", type=Path, help="keep the desk there (default: a folder that goes at the end)")
    options.add_argument("--json", action="store_true", help="the figures as one JSON object")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kill-loop-") as temporary,
        section(given.store) as changes,
        Dovecot.running() as dovecot,
    ):
        desk = Desk.init(given.folder or Path(temporary) / "desk", changes)
        plan = Plan(kills=given.kills, seed=given.seed, no_longer_than=given.minutes * 60)
        outcome = kill_loop(desk, dovecot, plan)
    if given.json:
        print(json.dumps({name: getattr(outcome, name) for name in Outcome.__slots__}))
    else:
        print(outcome, *outcome.wrong[:50], sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
