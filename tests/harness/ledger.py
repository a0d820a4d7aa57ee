"""A book of what clients were told, and the audit that holds the desk to it.

A client here does what a mail server does: it keeps a message until it hears 250, and comes again after anything else.
"""

import smtplib
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.harness.desk import Desk, wait_until
from tests.harness.mails import mail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client heard last: the reply's code (0: no connection, or one that was closed) and text."""

    code: int
    text: str

    @property
    def queue_id(self) -> str:
        return self.text.split()[-1]


def attempt(port: int, raw: bytes, *, sender: str = "someone@client.example", timeout: float = 60) -> Answer:
    """Hand in one mail by SMTP, once, and give the answer, whatever it is."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=timeout) as client:
            client.ehlo("client.example")
            code, text = client.mail(sender)
            if code == 250:
                code, text = client.rcpt("support@example.com")
            if code == 250:
                code, text = client.data(raw)
    except smtplib.SMTPResponseException as refused:
        code, text = refused.smtp_code, str(refused.smtp_error).encode()
    except OSError as error:  # smtplib's own exceptions, too: a connection that was refused, closed or cut
        code, text = 0, repr(error).encode()
    return Answer(code, text.decode("ascii", "replace"))


@dataclass(slots=True)
class Ledger:
    """Messages by their subject, which no two share, with each answer given for them. Safe to use from threads."""

    raw: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, port: int, subject: str, raw: bytes | None = None, **options: Any) -> Answer:
        """Try once to hand in the message of this subject; `raw` where it is not a plain one."""
        with self.lock:
            body = self.raw.setdefault(subject, raw or mail(subject, f"Text of {subject}.\n"))
        answer = attempt(port, body, **options)
        with self.lock:
            self.answers.setdefault(subject, []).append(answer)
        return answer

    def deliver(self, port: int, subject: str, raw: bytes | None = None, *, within: float = 60) -> Answer:
        """Come again with the message of this subject until it is accepted."""
        answers: list[Answer] = []

        def accepted() -> bool:
            answers.append(self.send(port, subject, raw))
            return answers[-1].code == 250

        wait_until(accepted, within=within, what=f"250 for {subject}", every=0.1)
        return answers[-1]

    def codes(self, subject: str | None = None) -> set[int]:
        """The codes that were heard, for one subject or all."""
        return {answer.code for key, all_ in self.answers.items() if subject in (None, key) for answer in all_}

    def acknowledged(self) -> dict[str, list[str]]:
        """The queue ids of each message that heard 250."""
        found = {key: [one.queue_id for one in all_ if one.code == 250] for key, all_ in self.answers.items()}
        return {key: ids for key, ids in found.items() if ids}

    def audit(self, desk: Desk, *, within: float = 120) -> list[str]:
        """Wait until nothing is under way and name everything that is not as promised: lost, doubled, refused for good.

        Each message that heard 250 is on exactly one ticket, and the row of each 250 leads to it; one that never did
        is on one at most.
        """
        wait_until(desk.settled, within=within, what="every intake done or dead", every=0.5)
        rows = {row["id"]: row for row in desk.json("intake", "list")}
        places: dict[str, list[str]] = {}
        for ticket in desk.json("tickets", "export"):
            places.setdefault(ticket["subject"], []).append(ticket["ref"])
        promised = self.acknowledged()
        wrong = [
            f"{subject}: answered {one.code} {one.text}"
            for subject, all_ in self.answers.items()
            for one in all_
            if one.code >= 500
        ]
        for subject, answers in self.answers.items():
            refs, ids = places.get(subject, []), promised.get(subject, [])
            if len(refs) > 1 or (ids and not refs):
                wrong.append(f"{subject}: on tickets {refs} after {answers}")
            for queue_id in ids:
                row = rows.get(queue_id)
                if row is None or row["status"] not in ("filed", "duplicate") or row["ticket"] not in refs:
                    wrong.append(f"{subject}: acknowledged as {queue_id}, whose row is {row}")
        wrong += [f"{subject}: a ticket of nobody's message" for subject in places if subject not in self.answers]
        return wrong
