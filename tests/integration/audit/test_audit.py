"""Each gap that somebody makes on purpose is named, what is well is not, and the counts add up."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from inboxd import audit as audit_module
from inboxd.audit import Sources, audit
from inboxd.settings import Mailbox
from inboxd.settings.sections import After
from store.schema import intake_raw, mailbox_messages
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account
from tests.harness.lying_imap import LyingImap, lies
from tests.harness.mails import mail
from tests.harness.pulled import Pulled, mailbox


@pytest.fixture
def pulled(tmp_path: Path) -> Iterator[Pulled]:
    opened = Pulled.open(tmp_path)
    yield opened
    opened.close()


class Case:
    """A mailbox on a Dovecot of which five mails were fetched, and a folder with two."""

    def __init__(self, pulled: Pulled, account: Account, **keys: Any) -> None:
        self.pulled, self.account = pulled, account
        account.create("Alarms")
        account.append(*(mail(f"Report {number}") for number in range(5)))
        account.append(*(mail(f"Alarm {number}") for number in range(2)), folder="Alarms")
        self.mailbox = mailbox(
            pulled.folder, password=account.password, port=account.server.port, user=account.user,
            folders=("INBOX", "Alarms"), after=After(action="keep"), **keys,
        )  # fmt: skip
        pulled.start(self.mailbox)
        wait_until(lambda: pulled.states() == {"stored": 7}, within=30, what="seven mails stored")
        pulled.stop()

    def lines(self, *kinds: str, at_work: Any = None, of: Mailbox | None = None) -> list[dict[str, Any]]:
        looks = {} if at_work is None else {self.mailbox.name: at_work}
        sources = Sources(store=self.pulled.store, tokens_of=lambda _: None, look_now=looks)
        return [line for line in audit([of or self.mailbox], sources) if line["kind"] in kinds]

    def counts(self) -> dict[str, tuple[int, ...]]:
        names = ("on_server", "stored", "old", "partial", "gap")
        found = {
            line["folder"] or line["kind"]: tuple(line[name] for name in names)
            for line in self.lines("folder", "total")
        }
        for on_server, *parts in found.values():
            assert on_server == sum(parts)
        return found

    def found(self, *kinds: str, **options: Any) -> list[tuple[str, str, int | None]]:
        kinds = kinds or ("gap", "lost", "unknown", "owed")
        return [(line["kind"], line["folder"], line["uid"]) for line in self.lines(*kinds, **options)]

    def sql(self, statement: Any) -> None:
        self.pulled.store.write(lambda txn: txn.execute(statement))


@pytest.fixture
def case(pulled: Pulled, account: Account) -> Case:
    return Case(pulled, account)


def test_where_all_is_well_nothing_is_found_and_the_counts_add_up(case: Case) -> None:
    assert case.found() == []
    assert case.counts() == {"INBOX": (5, 5, 0, 0, 0), "Alarms": (2, 2, 0, 0, 0), "total": (7, 7, 0, 0, 0)}
    assert case.account.flags() == dict.fromkeys(range(1, 6), ())


def test_each_line_has_every_field(case: Case) -> None:
    case.account.append(mail("new"))
    fields = ["kind", "mailbox", "folder", "uidvalidity", "uid", "intake_id", "recording", "what"]
    fields += ["on_server", "stored", "old", "partial", "gap", "error"]
    assert all(list(line) == fields for line in case.lines("gap", "folder", "total"))
    (gap,) = case.lines("gap")
    assert gap["error"] == gap["what"] == "the mail lies on the server and is not in the store"


def test_a_mail_that_nobody_fetched_is_a_gap(case: Case) -> None:
    case.account.append(mail("new"), mail("newer"), folder="Alarms")
    assert case.found() == [("gap", "Alarms", 3), ("gap", "Alarms", 4)]
    assert case.counts()["Alarms"] == (4, 2, 0, 0, 2)


def test_a_row_taken_out_of_the_ledger_is_a_gap(case: Case) -> None:
    ledger = mailbox_messages.c
    case.sql(delete(mailbox_messages).where(ledger.folder == "INBOX", ledger.uid == 3))
    assert case.found() == [("gap", "INBOX", 3)]
    assert case.counts()["INBOX"] == (5, 4, 0, 0, 1)


def test_a_mail_whose_bytes_were_taken_out_of_the_store_is_lost(case: Case) -> None:
    row = next(row for row in case.pulled.ledger() if (row["folder"], row["uid"]) == ("INBOX", 2))
    case.sql(delete(intake_raw).where(intake_raw.c.intake_id == row["intake_id"]))
    (lost,) = case.lines("lost")
    assert (lost["folder"], lost["uid"], lost["intake_id"]) == ("INBOX", 2, row["intake_id"])
    assert lost["error"] == "the ledger says that the mail is stored, and its bytes are gone"
    assert case.counts()["INBOX"] == (5, 4, 0, 0, 1)


def test_a_mail_whose_row_was_taken_out_of_the_intake_is_lost(case: Case) -> None:
    case.sql(update(mailbox_messages).where(mailbox_messages.c.uid == 4).values(intake_id=None))
    assert case.found() == [("lost", "INBOX", 4)]
    assert case.lines("lost")[0]["what"].endswith("its row in the intake is gone")


def test_a_large_mail_whose_file_was_removed_is_lost(pulled: Pulled, account: Account) -> None:
    large = mail("Large", ("x" * 70 + "\n") * 6000)
    account.append(large)
    box = mailbox(pulled.folder, password=account.password, port=account.server.port, user=account.user)
    pulled.start(box)
    wait_until(lambda: pulled.states() == {"stored": 1} and not pulled.owed(), within=30, what="the mail stored")
    pulled.stop()
    (blob,) = [path for path in (pulled.folder / "blobs").rglob("*") if path.is_file() and len(path.name) == 64]
    sources = Sources(store=pulled.store, tokens_of=lambda _: None, look_now={})
    assert [line["kind"] for line in audit([box], sources)] == ["folder", "total"]
    blob.unlink()
    lines = audit([box], sources)
    assert [(line["kind"], line["gap"]) for line in lines] == [("lost", None), ("folder", 1), ("total", 1)]


def test_a_lost_mail_is_named_even_when_the_server_has_it_no_more(case: Case) -> None:
    case.sql(update(mailbox_messages).where(mailbox_messages.c.uid == 4).values(intake_id=None))
    case.account.expunge(4)
    assert case.found() == [("lost", "INBOX", 4)]
    assert case.counts()["INBOX"] == (4, 4, 0, 0, 0)


def test_mail_that_went_away_from_the_server_is_no_gap(case: Case) -> None:
    case.account.expunge(1, 2, 3)
    assert case.found() == []
    assert case.counts()["INBOX"] == (2, 2, 0, 0, 0)


def test_old_mail_in_the_ledger_is_accounted_for(case: Case) -> None:
    case.sql(update(mailbox_messages).where(mailbox_messages.c.folder == "Alarms").values(state="old", intake_id=None))
    assert case.found() == []
    assert case.counts()["Alarms"] == (2, 0, 2, 0, 0)


@pytest.mark.parametrize("state", ["unreadable", "gone"])
def test_a_mail_that_the_server_does_not_hand_out_is_a_gap_with_its_reason(case: Case, state: str) -> None:
    changes = {"state": state, "intake_id": None, "reason": "it gives no body"}
    case.sql(update(mailbox_messages).where(mailbox_messages.c.uid == 5).values(**changes))
    assert case.found() == [("gap", "INBOX", 5)]
    assert case.lines("gap")[0]["what"] == "the server has not handed the mail out: it gives no body"


def test_what_is_owed_for_long_is_named_and_is_no_gap(case: Case) -> None:
    case.sql(update(mailbox_messages).where(mailbox_messages.c.uid == 5).values(after="seen", at=1))
    case.sql(update(mailbox_messages).where(mailbox_messages.c.uid == 3).values(after="seen"))
    (owed,) = case.lines("owed")
    assert (owed["uid"], owed["error"]) == (5, None)
    assert owed["what"] == "the mail is stored, and `after: seen` is still to be done with it"


def test_a_folder_that_cannot_be_opened_is_not_known_and_the_others_are_looked_at(case: Case) -> None:
    case.account.remove("Alarms")
    assert case.found() == [("unknown", "Alarms", None)]
    assert case.counts().keys() == {"INBOX", "total"}


def test_a_mailbox_that_cannot_be_reached_is_not_known(case: Case) -> None:
    away = mailbox(case.pulled.folder, password="x", port=1, user="support")
    (line,) = case.lines("unknown", of=away)
    assert "127.0.0.1:1 cannot be reached" in line["error"]


def test_a_line_that_breaks_leaves_the_rest_of_the_folders_unknown(pulled: Pulled) -> None:
    with LyingImap("INBOX", "Alarms", "Done") as server:
        server.lie("EXAMINE", lies.drop(), text=b"ALARMS")
        box = mailbox(pulled.folder, password=server.password, port=server.port, folders=("INBOX", "Alarms", "Done"))
        lines = audit([box], Sources(store=pulled.store, tokens_of=lambda _: None, look_now={}))
    assert [(line["kind"], line["folder"]) for line in lines] == [
        ("folder", "INBOX"), ("unknown", "Alarms"), ("unknown", "Done"), ("total", None)
    ]  # fmt: skip


def test_a_new_numbering_that_nobody_has_looked_at_is_a_gap(case: Case) -> None:
    case.account.renumber()
    assert case.counts()["INBOX"] == (5, 0, 0, 0, 5)


def test_mail_that_a_fetcher_brings_meanwhile_is_waited_for(case: Case) -> None:
    fetcher = case.pulled.start(case.mailbox)
    wait_until(lambda: fetcher.view()["state"] == "idle", within=20, what="an idle fetcher")
    # A row taken out of the ledger is a mail that the fetcher has not seen yet: it needs to be told to look.
    ledger = mailbox_messages.c
    case.sql(delete(mailbox_messages).where(ledger.folder == "Alarms", ledger.uid == 1))
    case.account.append(mail("new"))
    assert case.found(at_work=fetcher.look_now) == []


def test_mail_that_no_fetcher_brings_is_a_gap_after_a_while(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(audit_module, "_LOOK_EVERY", 0.05)
    case.account.append(mail("new"))
    asked = threading.Event()
    assert case.found(at_work=asked.set) == [("gap", "INBOX", 6)]
    assert asked.is_set()


def test_mail_that_somebody_takes_away_meanwhile_is_no_gap(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_module, "_PATIENCE_SECONDS", 0.2)
    case.account.append(mail("new"))
    assert case.found(at_work=lambda: 6 in case.account.uids() and case.account.expunge(6)) == []
    assert case.counts()["INBOX"] == (5, 5, 0, 0, 0)


def test_many_mailboxes_are_looked_at_side_by_side(pulled: Pulled) -> None:
    with LyingImap() as server:
        boxes = [mailbox(pulled.folder, name=f"box{n}", password=server.password, port=server.port) for n in range(12)]
        lines = audit(boxes, Sources(store=pulled.store, tokens_of=lambda _: None, look_now={}))
    assert [line["mailbox"] for line in lines] == [box.name for box in boxes] + [None]


def test_without_a_mailbox_there_is_a_total_of_nothing(pulled: Pulled) -> None:
    (total,) = audit([], Sources(store=pulled.store, tokens_of=lambda _: None, look_now={}))
    assert (total["kind"], total["on_server"], total["error"]) == ("total", 0, None)
