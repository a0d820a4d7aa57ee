"""A crowd that says nothing, or one byte now and then: whoever has a mail to hand in is served all the same."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.harness.desk import Daemon, Desk
from tests.harness.ledger import Ledger

IDLE, DRIPPING = 300, 50
OPENING = b"EHLO client.example\r\nMAIL FROM:<slow@client.example>\r\nRCPT TO:<support@example.com>\r\nDATA\r\n"


class Drips(threading.Thread):
    """Sends one byte on each of its connections, again and again."""

    def __init__(self, connections: list[socket.socket], drop: bytes) -> None:
        super().__init__()
        self._connections, self._drop = connections, drop
        self.enough, self.rounds = threading.Event(), 0

    def run(self) -> None:
        while not self.enough.wait(0.1):
            for connection in self._connections:
                connection.send(self._drop)
            self.rounds += 1


@pytest.fixture
def crowd(daemon: Daemon) -> Iterator[list[Drips]]:
    """300 connections that say nothing, 25 that drip a command, 25 that drip a body; no two from one address."""
    with ExitStack() as stack:

        def connect(number: int) -> socket.socket:
            # All of 127/8 is this host: the limit for one client is not what is tried here.
            source = (f"127.0.{number % 8}.{2 + number // 8}", 0)
            connection = socket.create_connection(("127.0.0.1", daemon.ports["smtp"]), 30, source_address=source)
            stack.enter_context(connection)
            assert connection.recv(4096).startswith(b"220 ")
            return connection

        connections = [connect(number) for number in range(IDLE + DRIPPING)]
        commands, bodies = connections[IDLE : IDLE + DRIPPING // 2], connections[IDLE + DRIPPING // 2 :]
        for body in bodies:
            body.sendall(OPENING)
        drips = [Drips(commands, b"N"), Drips(bodies, b"x")]
        for one in drips:
            one.start()
        try:
            yield drips
        finally:
            for one in drips:
                one.enough.set()
                one.join()


def test_a_new_client_is_greeted_and_its_mail_accepted_in_the_middle_of_a_crowd(
    desk: Desk, daemon: Daemon, crowd: list[Drips]
) -> None:
    ledger = Ledger()
    for number in range(20):
        # No second chance: greeted and accepted at the first try.
        assert ledger.send(daemon.ports["smtp"], f"report {number}", timeout=30).code == 250
    assert ledger.audit(desk) == []
    assert all(one.is_alive() and one.rounds > 2 for one in crowd), "the crowd was sent away or said nothing"
