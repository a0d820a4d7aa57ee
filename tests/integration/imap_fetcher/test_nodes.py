"""Two nodes on one PostgreSQL: one serves a mailbox, and what both take in is stored once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inboxd.imap_fetcher import fetcher as fetcher_module
from inboxd.imap_fetcher.lease import Lease
from inboxd.settings import After, Mailbox, Start
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account
from tests.harness.mails import mail
from tests.harness.pulled import Pulled

Of = Callable[..., Mailbox]
RAWS = [mail(f"Report {number}").replace(b"\n", b"\r\n") for number in range(150)]
ALL = {"after": After(action="seen"), "start": Start(what="all")}


@pytest.fixture
def nodes(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Pulled, Pulled]]:
    first = Pulled.open(tmp_path, postgres_url)
    second = Pulled.open(tmp_path, postgres_url)
    yield first, second
    first.close()
    second.close()


def test_one_serves_and_the_other_takes_over(
    nodes: tuple[Pulled, Pulled], account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetcher_module, "_LEASE_AGAIN_SECONDS", 0.2)
    first, second = nodes
    serving = first.start(of(**ALL))
    wait_until(lambda: serving.view()["state"] == "idle", within=30, what="the first look")
    waiting = second.start(of(**ALL))
    wait_until(lambda: waiting.view()["state"] == "elsewhere", within=30, what="the other one to wait")
    account.append(*RAWS[:3])
    wait_until(lambda: not first.wrong(RAWS[:3]), within=30, what=f"exactly the mails: {first.wrong(RAWS[:3])}")
    assert len(first.announced) == 3
    first.stop()
    account.append(*RAWS[3:6])
    wait_until(lambda: not first.wrong(RAWS[:6]), within=30, what=f"exactly the mails: {first.wrong(RAWS[:6])}")
    assert len(second.announced) == 3


def test_both_at_once_store_each_mail_once(
    nodes: tuple[Pulled, Pulled], account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Lease, "take", lambda self: True)
    with account.session() as client:
        for raw in RAWS:
            client.append("INBOX", raw)
    for node in nodes:
        node.start(of(**ALL))
    first, second = nodes
    wait_until(
        lambda: not first.wrong(RAWS) and first.owed() == 0, within=60, what=f"exactly the mails: {first.wrong(RAWS)}"
    )
    assert sorted(first.announced + second.announced) == sorted(set(first.announced + second.announced))
    assert len(first.announced) + len(second.announced) == len(RAWS)
