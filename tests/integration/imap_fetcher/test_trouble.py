"""What keeps inboxd from a mailbox is said, nothing is sent that should not be, and all is well once it is mended."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from inboxd.imap_fetcher import backoff, fetcher
from inboxd.imap_fetcher.fetcher import Fetcher
from inboxd.settings import After, Mailbox, Start
from tests.harness.desk import wait_until
from tests.harness.dovecot import Account, Dovecot
from tests.harness.mails import mail
from tests.harness.pulled import Pulled

Of = Callable[..., Mailbox]
RAWS = [mail(f"Report {number}").replace(b"\n", b"\r\n") for number in range(2)]
ALL = {"after": After(action="keep"), "start": Start(what="all")}

pytestmark = pytest.mark.usefixtures("soon")


def stored(pulled: Pulled, raws: list[bytes] = RAWS) -> None:
    wait_until(lambda: not pulled.wrong(raws), within=30, what=f"exactly the mails: {pulled.wrong(raws)}")


def trouble(fetching: Fetcher) -> str:
    wait_until(lambda: fetching.view()["trouble"] is not None, within=30, what="a trouble")
    return str(fetching.view()["trouble"])


@contextmanager
def man_in_the_middle(port: int, change: Callable[[bytes], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Stand between client and server, change what the server says, and remember what the client says."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                server = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(client, server, heard.append), daemon=True).start()
                threading.Thread(target=pump, args=(server, client, None), daemon=True).start()

        def pump(source: socket.socket, sink: socket.socket, note: Callable[[bytes], None] | None) -> None:
            with source, sink:
                try:
                    while data := source.recv(65536):
                        if note is not None:
                            note(data)
                        sink.sendall(data if note is not None else change(data))
                except OSError:
                    pass

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], heard
        listener.close()


def test_a_wrong_password_is_said_and_a_mended_file_is_read(pulled: Pulled, dovecot: Dovecot, account: Account, of: Of):
    account.append(*RAWS)
    settings = of(**ALL)
    assert settings.password is not None
    settings.password.path.write_text("not this one")
    fetching = pulled.start(settings)
    said = trouble(fetching)
    assert account.user in said
    assert str(settings.password.path) in said
    assert "not this one" not in said
    settings.password.path.write_text(account.password)
    stored(pulled)
    wait_until(lambda: fetching.view()["trouble"] is None, within=30, what="no trouble")


def test_who_has_mended_it_need_not_wait_for_the_next_try(
    pulled: Pulled, account: Account, of: Of, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 3600.0)
    monkeypatch.setattr(backoff, "LONGEST_WITH_WRONG_CREDENTIALS", 3600.0)
    account.append(*RAWS)
    settings = of(**ALL)
    assert settings.password is not None
    settings.password.path.write_text("not this one")
    fetching = pulled.start(settings)
    wait_until(lambda: fetching.view()["state"] == "waiting", within=30, what="a fetcher that waits")
    settings.password.path.write_text(account.password)

    def tried_again() -> bool:
        # It may have been said in the moment before the waiting begins, and counts from then on only.
        fetching.try_again()
        return not pulled.wrong(RAWS)

    wait_until(tried_again, within=30, every=0.2, what="the mails")


def test_a_fetcher_that_waits_for_an_hour_ends_at_once(
    pulled: Pulled, of: Of, account: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 3600.0)
    monkeypatch.setattr(backoff, "LONGEST_WITH_WRONG_CREDENTIALS", 3600.0)
    settings = of(**ALL)
    assert settings.password is not None
    settings.password.path.write_text("not this one")
    fetching = pulled.start(settings)
    wait_until(lambda: fetching.view()["state"] == "waiting", within=30, what="a fetcher that waits")
    fetching.ask_to_stop()
    assert fetching.join(30)


def test_a_password_file_that_is_gone_is_said(pulled: Pulled, account: Account, of: Of):
    settings = of(**ALL)
    assert settings.password is not None
    settings.password.path.unlink()
    assert str(settings.password.path) in trouble(pulled.start(settings))


def test_a_password_of_letters_beyond_ascii_is_taken(pulled: Pulled, dovecot: Dovecot, of: Of):
    account = dovecot.account(password='pässwörd "quoted\\')
    account.append(*RAWS)
    pulled.start(of(account, **ALL))
    stored(pulled)


def test_a_certificate_of_another_name_is_refused(pulled: Pulled, account: Account, of: Of):
    said = trouble(pulled.start(of(**ALL, host="127.0.0.1")))
    assert "certificate" in said
    assert "another name" in said


def test_a_certificate_that_nobody_vouches_for_is_refused(pulled: Pulled, account: Account, of: Of):
    assert "ca_file" in trouble(pulled.start(of(**ALL, ca_file=None)))


def test_starttls_is_used(pulled: Pulled, dovecot: Dovecot, account: Account, of: Of):
    account.append(*RAWS)
    pulled.start(of(**ALL, tls="starttls", port=dovecot.port))
    stored(pulled)
    assert f"user=<{account.user}>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1" in dovecot.log


def test_starttls_that_was_taken_out_ends_without_a_password(pulled: Pulled, dovecot: Dovecot, of: Of):
    with man_in_the_middle(dovecot.port, lambda data: data.replace(b" STARTTLS", b"")) as (port, heard):
        said = trouble(pulled.start(of(**ALL, tls="starttls", port=port)))
        assert "offers no STARTTLS" in said
        pulled.stop()
    assert not [line for line in heard if b"LOGIN" in line.upper().split() or b"AUTHENTICATE" in line.upper()]


def test_words_before_tls_do_not_count_below_it(pulled: Pulled, dovecot: Dovecot, account: Account, of: Of):
    """PREAUTH in clear would make a client skip STARTTLS (RFC 9051 11.1)."""

    def change(data: bytes) -> bytes:
        return b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n" if data.startswith(b"* OK [CAP") else data

    with man_in_the_middle(dovecot.port, change) as (port, heard):
        assert trouble(pulled.start(of(**ALL, tls="starttls", port=port)))
        pulled.stop()
    assert not [line for line in heard if b"AUTHENTICATE" in line or b" LOGIN" in line]


def test_a_server_that_is_away_is_awaited(pulled: Pulled, of: Of):
    with Dovecot.running() as server:
        account = server.account()
        account.append(*RAWS)
        server.stop()
        fetching = pulled.start(of(account, **ALL))
        assert "cannot be reached" in trouble(fetching)
        server.start()
        stored(pulled)
        server.stop()
        assert trouble(fetching)
        pulled.stop()


def test_one_mailbox_in_trouble_holds_up_no_other(pulled: Pulled, dovecot: Dovecot, of: Of):
    good, bad = dovecot.account(), dovecot.account()
    good.append(*RAWS)
    broken = pulled.start(of(bad, **ALL, name="broken", host="nowhere.invalid"))
    pulled.start(of(good, **ALL, name="good"))
    stored(pulled)
    assert "nowhere.invalid" in trouble(broken)


def test_a_stop_waits_for_no_server(pulled: Pulled, of: Of):
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        fetching = pulled.start(of(**ALL, tls="none", host="127.0.0.1", port=listener.getsockname()[1]))
        connection, _ = listener.accept()
        fetching.stop(within=1)
        assert fetching.join(0)
        connection.close()


def test_without_tls_only_this_machine_is_told_a_password(pulled: Pulled, of: Of, monkeypatch: pytest.MonkeyPatch):
    class Elsewhere(socket.socket):
        def getpeername(self) -> tuple[str, int]:
            return ("192.0.2.7", 143)

    monkeypatch.setattr(
        "inboxd.imap_fetcher.wire.socket.create_connection",
        lambda address, timeout: _connected(Elsewhere(), ("127.0.0.1", port), timeout),
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        heard: list[bytes] = []

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
                while line := client.recv(4096):
                    heard.append(line)
                    client.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + line.split()[0] + b" OK done\r\n")

        threading.Thread(target=serve, daemon=True).start()
        said = trouble(pulled.start(of(**ALL, tls="none", host="mail.example.com", port=143)))
        assert "could read the password" in said
        pulled.stop()
    assert not [line for line in heard if b"AUTHENTICATE" in line or b"LOGIN" in line.split()]


def _connected(line: socket.socket, address: tuple[str, int], timeout: float) -> socket.socket:
    line.settimeout(timeout)
    line.connect(address)
    return line


def test_a_line_that_is_lost_once_is_no_error_and_a_server_that_stays_away_is(
    pulled: Pulled, of: Of, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher, "STEADY_SECONDS", 0.0)
    with Dovecot.running() as dovecot, capture_logs() as log:
        account = dovecot.account()

        def said(event: str) -> int:
            return sum(line["event"] == event for line in log)

        fetching = pulled.start(of(account, **ALL))
        wait_until(lambda: fetching.view()["state"] == "idle", within=30, what="a line")
        fetching.cut()
        wait_until(lambda: said("connected") == 2, within=30, what="another line")
        account.append(*RAWS)
        stored(pulled)
        lost, troubles = said("mailbox_line_lost"), said("mailbox_trouble")
        dovecot.stop()
        wait_until(lambda: said("mailbox_trouble") > 0, within=30, what="the trouble in the log")
        dovecot.start()
        wait_until(lambda: said("mailbox_trouble_over") > 0, within=30, what="its end in the log")
    assert (lost, troubles) == (1, 0)
    assert said("mailbox_trouble") == 1
