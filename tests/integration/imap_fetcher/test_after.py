"""What is done on the server with a mail that is stored: that, and nothing else, and only then."""

from collections.abc import Callable

import pytest

from inboxd.imap_fetcher import after as after_actions
from inboxd.imap_fetcher.connection import Connection
from inboxd.settings import After, Mailbox, Start
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account, Dovecot
from tests.harness.mails import mail
from tests.harness.pulled import Pulled

Of = Callable[..., Mailbox]
RAWS = [mail(f"Report {number}").replace(b"\n", b"\r\n") for number in range(3)]


def stored(pulled: Pulled, raws: list[bytes] = RAWS) -> None:
    wait_until(lambda: not pulled.wrong(raws), within=30, what=f"exactly the mails: {pulled.wrong(raws)}")


def test_keep_leaves_no_trace(pulled: Pulled, account: Account, of: Of):
    account.append(*RAWS)
    pulled.start(of(after=After(action="keep")))
    stored(pulled)
    pulled.stop()
    assert account.flags() == {1: (), 2: (), 3: ()}
    assert pulled.owed() == 0


def test_seen_marks(pulled: Pulled, account: Account, of: Of):
    account.append(*RAWS)
    pulled.start(of(after=After(action="seen")))
    stored(pulled)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.flags() == dict.fromkeys((1, 2, 3), (rb"\Seen",))


def test_move_moves(pulled: Pulled, account: Account, of: Of):
    account.create("Done")
    account.append(*RAWS)
    pulled.start(of(after=After(action="move", folder="Done")))
    stored(pulled)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.uids() == []
    assert sorted(account.bodies("Done").values()) == sorted(RAWS)


def test_delete_deletes_these_and_nothing_that_others_flagged(pulled: Pulled, account: Account, of: Of):
    account.append(mail("flagged by somebody"), flags=[rb"\Deleted"])
    fetching = pulled.start(of(after=After(action="delete"), start=Start(what="now")))
    wait_until(lambda: fetching.view()["state"] == "idle", within=30, what="the first look")
    account.append(*RAWS)
    stored(pulled)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.uids() == [1]


@pytest.mark.usefixtures("soon")
def test_a_folder_to_move_to_that_is_missing_is_said_and_made_good_once_it_is_there(
    pulled: Pulled, account: Account, of: Of
):
    account.append(*RAWS)
    fetching = pulled.start(of(after=After(action="move", folder="Done")))
    stored(pulled)
    wait_until(lambda: bool(fetching.view()["folders"][0]["trouble"]), within=30, what="a trouble")
    trouble = fetching.view()["folders"][0]["trouble"]
    assert "Done" in trouble
    assert "stored and becomes tickets" in trouble
    assert account.uids() == [1, 2, 3]
    account.create("Done")
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.uids() == []
    wait_until(lambda: fetching.view()["folders"][0]["trouble"] is None, within=30, what="no trouble")
    assert not pulled.wrong(RAWS)


@pytest.mark.usefixtures("soon")
def test_a_full_mailbox_refuses_the_copy_and_the_mail_is_stored_all_the_same(
    pulled: Pulled, dovecot: Dovecot, of: Of, monkeypatch: pytest.MonkeyPatch
):
    # A move within one quota takes no room: a server without MOVE has to copy.
    monkeypatch.setattr(Connection, "has", lambda self, name: name != "MOVE" and bool(self.client.has_capability(name)))
    account = dovecot.account_with_quota(20)
    account.create("Done")
    raws = [mail("large", ("x" * 70 + "\n") * 190).replace(b"\n", b"\r\n")]
    account.append(*raws)
    fetching = pulled.start(of(account, after=After(action="move", folder="Done")))
    stored(pulled, raws)
    wait_until(lambda: bool(fetching.view()["folders"][0]["trouble"]), within=30, what="a trouble")
    assert "quota" in fetching.view()["folders"][0]["trouble"].lower()
    assert account.uids() == [1]


@pytest.mark.usefixtures("soon")
def test_a_folder_that_may_only_be_read_is_fetched_and_said(pulled: Pulled, account: Account, of: Of):
    account.append(*RAWS)
    account.rights("lr")
    fetching = pulled.start(of(after=After(action="seen")))
    stored(pulled)
    wait_until(lambda: bool(fetching.view()["folders"][0]["trouble"]), within=30, what="a trouble")
    assert "may only be read" in fetching.view()["folders"][0]["trouble"]
    assert pulled.owed() == 3
    pulled.stop()
    account.rights("lrwstipekxa")
    assert account.flags() == {1: (), 2: (), 3: ()}


def test_without_move_a_mail_is_copied_and_deleted(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Connection, "has", lambda self, name: name != "MOVE" and bool(self.client.has_capability(name)))
    account.create("Done")
    account.append(*RAWS)
    pulled.start(of(after=After(action="move", folder="Done")))
    stored(pulled)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.uids() == []
    assert sorted(account.bodies("Done").values()) == sorted(RAWS)


def test_without_uidplus_a_mail_is_flagged_and_nothing_expunged(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        Connection, "has", lambda self, name: name != "UIDPLUS" and bool(self.client.has_capability(name))
    )
    account.append(*RAWS)
    pulled.start(of(after=After(action="delete")))
    stored(pulled)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.flags() == dict.fromkeys((1, 2, 3), (rb"\Deleted",))


def test_what_a_crash_left_undone_is_done_by_the_next_life(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    account.append(*RAWS)

    def dies(*_: object) -> None:
        raise SystemExit("killed between commit and mark")

    with monkeypatch.context() as patched:
        patched.setattr(after_actions, "act", dies)
        patched.setattr("threading.excepthook", lambda _: None)
        pulled.start(of(after=After(action="seen")))
        stored(pulled)
        pulled.stop()
    assert account.flags() == {1: (), 2: (), 3: ()}
    assert pulled.owed() == 3
    pulled.start(of(after=After(action="seen")))
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert account.flags() == dict.fromkeys((1, 2, 3), (rb"\Seen",))
    assert not pulled.wrong(RAWS)


def test_nothing_is_marked_that_could_not_be_stored(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    from store import jobs
    from store.errors import StoreUnavailable

    def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable("no space left")

    account.append(*RAWS)
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "add_many", fails)
        fetching = pulled.start(of(after=After(action="delete")))
        wait_until(lambda: "no space left" in str(fetching.view()["trouble"]), within=30, what="the trouble")
        assert account.uids() == [1, 2, 3]
        assert pulled.ledger() == []
    stored(pulled)
    wait_until(lambda: account.uids() == [], within=30, what="the mails deleted")
