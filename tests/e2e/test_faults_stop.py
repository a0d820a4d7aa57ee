"""SIGTERM while twenty senders are at work: an end in good order, and each 250 that was said is kept."""

import threading

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.ledger import Ledger
from tests.harness.mails import mail

SENDERS = 20


def test_a_stop_under_load_ends_with_0_and_loses_nothing_that_was_acknowledged(desk: Desk, daemon: Daemon) -> None:
    ledger, enough, port = Ledger(), threading.Event(), daemon.ports["smtp"]

    def send(client: int) -> None:
        number = 0
        while not enough.is_set():
            subject = f"report {number} of {client}"
            lines = 5000 if number % 8 == 7 else 3
            ledger.send(port, subject, mail(subject, f"{subject}\n" * lines))
            number += 1

    senders = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        wait_until(lambda: len(ledger.acknowledged()) > 5 * SENDERS, within=60, what="the load is on")
        assert daemon.stop(within=30) == 0
    finally:
        enough.set()
        for sender in senders:
            sender.join()
    # Those that were not through: told to come again, or cut before they were promised anything.
    assert ledger.codes() <= {250, 421, 0}, ledger.codes()
    again = desk.start()
    try:
        assert ledger.audit(desk, within=120) == []
        assert again.stop() == 0
    finally:
        again.kill()
