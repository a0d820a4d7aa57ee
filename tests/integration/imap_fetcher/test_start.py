"""What lay there before inboxd came, and what happens to it when the server numbers a folder anew."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from inboxd.imap_fetcher import folder as folder_module
from inboxd.imap_fetcher import survey as survey_module
from inboxd.imap_fetcher.fetcher import Fetcher
from inboxd.imap_fetcher.start import verdict
from inboxd.settings import After, Mailbox, Start
from store.schema import intake
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account
from tests.harness.mails import mail
from tests.harness.pulled import Pulled

Of = Callable[..., Mailbox]
OLD = [mail(f"Old {number}").replace(b"\n", b"\r\n") for number in range(4)]
NEW = [mail(f"New {number}").replace(b"\n", b"\r\n") for number in range(3)]
KEEP = After(action="keep")


def idle(fetching: Fetcher) -> None:
    wait_until(
        lambda: fetching.view()["state"] == "idle" and not any(one["unexamined"] for one in fetching.view()["folders"]),
        within=30,
        what="an end of the first look",
    )


def stored(pulled: Pulled, raws: list[bytes]) -> None:
    wait_until(lambda: not pulled.wrong(raws), within=30, what=f"exactly the mails: {pulled.wrong(raws)}")


def nameless(raw: bytes) -> bytes:
    """The mail with nothing in its header by which it could be known again."""
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    return b"\r\n".join(each for each in lines if not each.lower().startswith((b"message-id:", b"received:")))


def dies(*_: object, **__: object) -> object:
    raise SystemExit("killed")


def histories(pulled: Pulled) -> set[bool]:
    with pulled.store.read() as connection:
        return {envelope.get("history", False) for (envelope,) in connection.execute(select(intake.c.envelope))}


def test_now_puts_old_mail_into_the_ledger_alone(pulled: Pulled, account: Account, of: Of):
    account.append(*OLD)
    idle(pulled.start(of(after=After(action="seen"), start=Start(what="now"))))
    account.append(*NEW)
    stored(pulled, NEW)
    assert pulled.states() == {"old": 4, "stored": 3}
    assert all(row["identity"] for row in pulled.ledger())
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert [uid for uid, flags in account.flags().items() if flags] == [5, 6, 7]


def test_history_is_old_mail_and_what_comes_later_is_not(pulled: Pulled, account: Account, of: Of):
    account.append(*OLD)
    idle(pulled.start(of(after=KEEP, start=Start(what="history"))))
    stored(pulled, OLD)
    assert histories(pulled) == {True}
    account.append(*NEW)
    stored(pulled, OLD + NEW)
    assert histories(pulled) == {True, False}


def test_all_is_new_mail(pulled: Pulled, account: Account, of: Of):
    account.append(*OLD)
    pulled.start(of(after=KEEP, start=Start(what="all")))
    stored(pulled, OLD)
    assert histories(pulled) == {False}


def test_a_date_divides_old_from_new_by_arrival(pulled: Pulled, account: Account, of: Of):
    account.append(OLD[0], at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    account.append(OLD[1], at=datetime(2026, 3, 2, 0, 1, tzinfo=UTC))
    idle(pulled.start(of(after=KEEP, start=Start(what="date", since=date(2026, 3, 2)))))
    stored(pulled, [OLD[1]])
    assert pulled.states() == {"old": 1, "stored": 1}


def test_a_date_is_meant_in_the_zone_of_the_desk():
    start = Start(what="date", since=date(2026, 3, 2))
    arrived = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    later = 1_800_000_000_000
    assert verdict(start, arrived, first_at=later, zone=ZoneInfo("Etc/UTC")) == "new"
    assert verdict(start, arrived, first_at=later, zone=ZoneInfo("America/Chicago")) == "old"


def test_a_mail_that_a_server_shows_late_is_new_when_it_came_after_the_first_look():
    first = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    first_at = int(first.timestamp() * 1000)

    def judged(at: datetime) -> str:
        return verdict(Start(what="now"), at, first_at=first_at, zone=ZoneInfo("Etc/UTC"))

    assert judged(first + timedelta(seconds=1)) == "new"
    assert judged(first) == "old"
    assert judged(datetime(2038, 1, 1, tzinfo=UTC)) == "old"


def test_received_at_is_the_arrival_at_the_server_and_never_in_the_future(pulled: Pulled, account: Account, of: Of):
    account.append(OLD[0], at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    account.append(OLD[1], at=datetime(2037, 3, 1, 12, 0, tzinfo=UTC))
    pulled.start(of(after=KEEP, start=Start(what="all")))
    stored(pulled, OLD[:2])
    with pulled.store.read() as connection:
        rows = connection.execute(select(intake.c.received_at, intake.c.accepted_at).order_by(intake.c.seq)).all()
    assert rows[0].received_at == int(datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp() * 1000)
    assert rows[1].received_at <= rows[1].accepted_at


def test_the_row_says_where_the_mail_lies(pulled: Pulled, account: Account, of: Of):
    account.append(OLD[0])
    pulled.start(of(after=KEEP, start=Start(what="all")))
    stored(pulled, OLD[:1])
    with pulled.store.read() as connection:
        row = connection.execute(select(intake.c.source, intake.c.envelope)).one()
    assert row.source == "support"
    wanted = {"mailbox": "support", "folder": "INBOX", "uid": 1, "uidvalidity": account.uidvalidity()}
    assert {key: row.envelope[key] for key in wanted} == wanted


def test_a_first_look_that_was_cut_short_goes_on(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    account.append(*OLD)
    settings = of(after=KEEP, start=Start(what="now"))
    with monkeypatch.context() as patched:
        patched.setattr(folder_module, "AT_ONCE", 1)

        def once(*args: object, **keys: object) -> object:
            patched.setattr(folder_module, "survey", dies)
            return survey_module.survey(*args, **keys)

        patched.setattr("threading.excepthook", lambda _: None)
        patched.setattr(folder_module, "survey", once)
        fetching = pulled.start(settings)
        wait_until(lambda: fetching.join(0.1), within=30, what="its end")
        assert pulled.states() == {"old": 1}
    account.append(*NEW)
    idle(pulled.start(settings))
    stored(pulled, NEW)
    assert pulled.states() == {"old": 4, "stored": 3}


@pytest.mark.parametrize("start", ["now", "all"])
def test_renumbered_mail_keeps_its_place(pulled: Pulled, account: Account, of: Of, start: str):
    account.append(*OLD)
    settings = of(after=After(action="seen"), start=Start(what=start))
    idle(pulled.start(settings))
    account.append(*NEW[:2])
    wanted = (OLD if start == "all" else []) + NEW[:2]
    stored(pulled, wanted)
    pulled.stop()
    account.expunge(1)
    account.append(NEW[2])
    validity = account.renumber()
    idle(pulled.start(settings))
    stored(pulled, [*wanted, NEW[2]])
    rows = [row for row in pulled.ledger() if row["uidvalidity"] == validity]
    assert len(rows) == 6
    assert sum(row["state"] == "old" for row in rows) == (3 if start == "now" else 0)


def test_old_mail_without_a_name_stays_old_and_what_came_since_is_fetched_again(
    pulled: Pulled, account: Account, of: Of
):
    account.append(*map(nameless, OLD), at=datetime(2026, 3, 1, tzinfo=UTC))
    settings = of(after=KEEP, start=Start(what="now"))
    idle(pulled.start(settings))
    account.append(nameless(NEW[0]))
    stored(pulled, [nameless(NEW[0])])
    fetched, moved = [nameless(NEW[0])], []
    for number in range(2):
        pulled.stop()
        account.renumber()
        # As old as the old ones, and not there at the first look: somebody has moved it here.
        moved.append(nameless(mail(f"Moved {number}")))
        account.append(moved[-1], at=datetime(2026, 2, 1, tzinfo=UTC))
        idle(pulled.start(settings))
        # Nothing tells these from others of their second and size, so the bytes are looked at again. They say that it
        # is no second ticket: see `test_two_ways`.
        fetched += [nameless(NEW[0]), *moved]
        stored(pulled, fetched)
    assert pulled.states()["old"] == 4


def test_a_folder_that_was_empty_and_is_renumbered_holds_new_mail(pulled: Pulled, account: Account, of: Of):
    settings = of(after=KEEP, start=Start(what="now"))
    idle(pulled.start(settings))
    pulled.stop()
    account.append(*NEW)
    account.renumber()
    idle(pulled.start(settings))
    stored(pulled, NEW)


def test_renumbered_before_the_first_look_was_over_old_mail_stays_old(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    account.append(*OLD, at=datetime(2026, 3, 1, tzinfo=UTC))
    settings = of(after=KEEP, start=Start(what="now"))
    with monkeypatch.context() as patched:
        patched.setattr("threading.excepthook", lambda _: None)
        patched.setattr(folder_module, "survey", dies)
        fetching = pulled.start(settings)
        wait_until(lambda: fetching.join(0.1), within=30, what="its end")
    account.renumber()
    # Servers say an arrival to the second.
    account.append(*NEW, at=datetime.now(UTC) + timedelta(seconds=2))
    idle(pulled.start(settings))
    stored(pulled, NEW)
    assert pulled.states() == {"old": 4, "stored": 3}


@pytest.mark.usefixtures("soon")
def test_several_folders_each_with_its_own_numbers(pulled: Pulled, account: Account, of: Of):
    account.create("Phone/Voice")
    account.create("Größe")
    fetching = pulled.start(of(after=KEEP, start=Start(what="now"), folders=("INBOX", "Phone/Voice", "Größe")))
    idle(fetching)
    account.append(NEW[0])
    account.append(NEW[1], folder="Phone/Voice")
    account.append(NEW[2], folder="Größe")
    stored(pulled, NEW[:3])
    assert [one["folder"] for one in fetching.view()["folders"]] == ["INBOX", "Phone/Voice", "Größe"]


@pytest.mark.usefixtures("soon")
def test_other_folders_are_looked_at_without_a_hint(pulled: Pulled, account: Account, of: Of):
    account.create("Phone")
    idle(pulled.start(of(after=After(action="seen"), start=Start(what="now"), folders=("INBOX", "Phone"))))
    account.append(*NEW, folder="Phone")
    stored(pulled, NEW)
    wait_until(lambda: pulled.owed() == 0, within=30, what="nothing owed")
    assert set(account.flags("Phone").values()) == {(rb"\Seen",)}


@pytest.mark.usefixtures("soon")
def test_a_folder_that_is_missing_holds_up_no_other_and_is_found_once_it_is_there(
    pulled: Pulled, account: Account, of: Of
):
    account.append(NEW[0])
    fetching = pulled.start(of(after=KEEP, start=Start(what="all"), folders=("Phone", "INBOX")))
    stored(pulled, NEW[:1])
    wait_until(lambda: bool(fetching.view()["folders"][0]["trouble"]), within=30, what="a trouble")
    assert "The folder Phone cannot be fetched" in fetching.view()["folders"][0]["trouble"]
    assert fetching.view()["trouble"] is None
    account.create("Phone")
    account.append(NEW[1], folder="Phone")
    stored(pulled, NEW[:2])
    wait_until(lambda: fetching.view()["folders"][0]["trouble"] is None, within=30, what="no trouble")


def test_more_than_a_batch_comes_in_whole(pulled: Pulled, account: Account, of: Of):
    raws = [mail(f"Report {number}", "Words.\n" * number).replace(b"\n", b"\r\n") for number in range(250)]
    with account.session() as client:
        for raw in raws:
            client.append("INBOX", raw)
    pulled.start(of(after=After(action="delete"), start=Start(what="all")))
    stored(pulled, raws)
    wait_until(lambda: account.uids() == [], within=30, what="all deleted")
    assert len(pulled.announced) == len(set(pulled.announced)) == 250
