"""Servers that say numbers and days that cannot be, or take their time: no mail waits for another, none is lost."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from inboxd.imap_fetcher import connection
from inboxd.imap_fetcher.fetcher import Fetcher
from inboxd.settings import Start
from tests.harness.desk import wait_until
from tests.harness.lying_imap import LyingImap, lies
from tests.harness.mails import mail
from tests.harness.pulled import Pulled, mailbox

pytestmark = pytest.mark.usefixtures("soon")

RAWS = [mail(f"Report {number}").replace(b"\n", b"\r\n") for number in range(3)]
UNFORESEEN = "unforeseen"


@pytest.fixture
def server() -> Iterator[LyingImap]:
    with LyingImap("INBOX", "Other") as server:
        for raw in RAWS:
            server.folders.put("INBOX", raw)
        yield server


Begin = Callable[..., Fetcher]


@pytest.fixture
def begin(server: LyingImap, pulled: Pulled, tmp_path: Path) -> Begin:
    """Fetch from the server; keys change the mailbox."""
    return lambda **keys: pulled.start(mailbox(tmp_path, password=server.password, **{"port": server.port, **keys}))


def settle(pulled: Pulled, fetching: Fetcher) -> None:
    def is_exact() -> bool:
        assert UNFORESEEN not in str(fetching.view())
        return not pulled.wrong(RAWS) and not pulled.owed()

    wait_until(is_exact, within=30, what="each mail stored once and marked")


@pytest.mark.parametrize("at", [b"01-Jan-0001 00:00:00 +1400", b"31-Dec-9999 23:59:59 -1400"])
@pytest.mark.parametrize("start", [Start(what="date", since=date(2026, 1, 1)), Start(what="all")])
def test_an_impossible_day_of_arrival_keeps_no_mail_from_coming_in(
    server: LyingImap, begin: Begin, pulled: Pulled, at: bytes, start: Start
) -> None:
    server.lie("UID FETCH", lies.replace(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "' + at + b'"'), times=None)
    before = time.time_ns() // 1_000_000
    settle(pulled, begin(start=start))
    with pulled.store.read() as reading:
        times = [row[0] for row in reading.exec_driver_sql("SELECT received_at FROM intake")]
    assert len(times) == len(RAWS)
    assert min(times) >= before


@pytest.mark.parametrize(
    ("command", "lie"),
    [
        ("UID SEARCH", lies.replace(rb"SEARCH", b"SEARCH 18446744073709551616")),
        ("UID FETCH", lies.add(b"* 4 FETCH (UID 18446744073709551616 RFC822.SIZE 18446744073709551616)")),
        ("SELECT", lies.replace(rb"UIDNEXT \d+", b"UIDNEXT 18446744073709551616")),
    ],
)
def test_a_number_beyond_every_bound_is_nobodys(
    server: LyingImap, begin: Begin, pulled: Pulled, command: str, lie: Any
) -> None:
    server.lie(command, lie, times=None)
    settle(pulled, begin())


@pytest.mark.parametrize("said", [b"0", b"-1", b"18446744073709551616"])
def test_a_uidvalidity_that_is_none_is_said(server: LyingImap, begin: Begin, said: bytes) -> None:
    server.lie("SELECT", lies.replace(rb"UIDVALIDITY \d+", b"UIDVALIDITY " + said), times=None)
    fetching = begin()
    wait_until(lambda: "UIDVALIDITY" in str(fetching.view()["folders"][0]["trouble"]), within=30, what="a trouble")


def test_a_status_that_cannot_be_read_is_trouble_of_the_line(server: LyingImap, begin: Begin) -> None:
    server.lie("STATUS", lies.replace(rb"UIDNEXT \d+", b"UIDNEXT many"), times=None)
    fetching = begin(folders=("INBOX", "Other"))
    wait_until(lambda: "cannot be read" in str(fetching.view()["trouble"]), within=30, what="a trouble")


def test_what_is_left_of_an_endless_line_is_no_answer(server: LyingImap, begin: Begin, pulled: Pulled) -> None:
    server.lie("UID SEARCH", lies.say_instead(b"* SEARCH " + b"123456 " * 300_000, end="go on"))
    with capture_logs() as log:
        settle(pulled, begin())
    troubles = [line for line in log if line["event"] == "mailbox_trouble"]
    assert len(troubles) == 1
    assert "folder" not in troubles[0]  # the line broke, and the folder was not refused


def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(
    server: LyingImap, begin: Begin, pulled: Pulled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 1.0)
    with dripping(server.port, at=b"BODY.PEEK[]") as (port, drip):
        fetching = begin(port=port)
        wait_until(lambda: "in time" in str(fetching.view()["trouble"]), within=30, what="a trouble")
        drip.clear()
        settle(pulled, fetching)


@contextlib.contextmanager
def dripping(to: int, *, at: bytes) -> Iterator[tuple[int, threading.Event]]:
    """Stand before a server and, once a client says `at`, hand its words on byte by byte while the event is set."""
    drip = threading.Event()
    drip.set()

    def pump(source: socket.socket, sink: socket.socket, asked: threading.Event, *, down: bool) -> None:
        with source, sink, contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not down and at in data:
                    asked.set()
                while down and data and asked.is_set() and drip.is_set():
                    sink.sendall(data[:1])
                    data = data[1:]
                    time.sleep(0.05)
                sink.sendall(data)

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", to))
                asked = threading.Event()
                for source, sink, down in ((client, server, False), (server, client, True)):
                    threading.Thread(
                        target=pump, args=(source, sink, asked), kwargs={"down": down}, daemon=True
                    ).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield listener.getsockname()[1], drip
        finally:
            drip.clear()
            listener.shutdown(socket.SHUT_RDWR)
