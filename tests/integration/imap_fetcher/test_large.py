"""A large mail comes in pieces and in constant memory; one that is too large, by its beginning."""

import resource
from collections.abc import Callable

from sqlalchemy import select

from inboxd.imap_fetcher.fetching import PIECE
from inboxd.settings import After, Mailbox, Start
from store.schema import intake
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account
from tests.harness.mails import mail
from tests.harness.pulled import Pulled

Of = Callable[..., Mailbox]
LINE = b"0123456789abcdef" * 4 + b"\r\n"


def large(size: int) -> bytes:
    head = mail("Large").replace(b"\n", b"\r\n")
    return head + LINE * ((size - len(head)) // len(LINE))


def test_60_mb_are_filed_by_their_beginning_and_left_alone(pulled: Pulled, account: Account, of: Of):
    raw = large(60_000_000)
    small = mail("Small").replace(b"\n", b"\r\n")
    account.append(raw, small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pulled.start(of(after=After(action="delete"), start=Start(what="all")))
    wait_until(lambda: pulled.states() == {"partial": 1, "stored": 1}, within=60, what="both mails")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024
    assert not pulled.wrong([raw[:PIECE], small])
    with pulled.store.read() as connection:
        envelope = connection.execute(select(intake.c.envelope).where(intake.c.size == PIECE)).scalar_one()
    assert envelope["whole_size"] == len(raw)
    wait_until(lambda: account.uids() == [1], within=30, what="the small one deleted, the large one left")
    assert account.flags() == {1: ()}
    assert pulled.owed() == 0


def test_20_mb_are_filed_whole(pulled: Pulled, account: Account, of: Of):
    raw = large(20_000_000)
    account.append(raw)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pulled.start(of(after=After(action="seen"), start=Start(what="all")))
    wait_until(lambda: not pulled.wrong([raw]), within=60, what=f"exactly the mail: {pulled.wrong([raw])}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024  # the comparison holds it whole
    assert pulled.states() == {"stored": 1}


def test_a_bound_that_is_smaller_than_a_piece_holds_too(pulled: Pulled, account: Account, of: Of):
    raw, fits = large(20_000), large(9_900)
    account.append(raw, fits)
    pulled.start(of(after=After(action="seen"), start=Start(what="all"), max_size=10_000))
    wait_until(lambda: pulled.states() == {"partial": 1, "stored": 1}, within=60, what="both mails")
    assert not pulled.wrong([raw[:10_000], fits])
