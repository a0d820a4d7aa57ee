"""A mail handed to servers that break off, mumble or drip: what may have been taken is never called refused."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inboxd.remote.trouble import Troubled
from inboxd.settings import Outgoing
from inboxd.smtp_submission import AnswerLost, Mail, connect, transfer

MAIL = Mail(sender="", recipient="ops@acme.example", raw=b"Subject: x\r\n\r\nx\r\n")


@contextmanager
def saying(last: bytes, drip: bytes = b"") -> Iterator[Outgoing]:
    """A server that takes a mail, says `last` to its end, and then hangs up, or lets `drip` fall for ever."""
    done = threading.Event()

    def serve() -> None:
        peer, _ = listener.accept()
        with peer, peer.makefile("rb") as heard:
            for reply in (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
                peer.sendall(reply)
                heard.readline()
            while heard.readline() not in (b".\r\n", b""):
                pass
            peer.sendall(last)
            try:
                while drip and not done.wait(0.02):
                    peer.sendall(drip)
            except OSError:
                return  # the other side hung up, as it should

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Outgoing(
                provider=None, host="127.0.0.1", port=listener.getsockname()[1], tls="none", ca_file=None, user=None,
                password=None, oauth2=None, from_address=None, envelope="null", mode="send",
            )  # fmt: skip
        finally:
            done.set()
            thread.join(20)


def handed_over(outgoing: Outgoing) -> None:
    with connect(outgoing, None, hostname="desk.example.com") as session:
        transfer(session, outgoing, MAIL)


@pytest.mark.parametrize(
    "said", [b"", b"2", b"25", b"250-taken\r\n", b"taken\r\n", b"\r\n", b"354 go on\r\n", b"250-" + b"x" * 9000]
)
def test_half_a_reply_to_a_mail_says_nothing_of_what_became_of_it(said: bytes) -> None:
    with saying(said) as outgoing, pytest.raises(AnswerLost):
        handed_over(outgoing)


@pytest.mark.parametrize("said", [b"451 4.3.0 later\r\n", b"554 5.7.1 never\r\n"])
def test_a_whole_refusal_is_one(said: bytes) -> None:
    with saying(said) as outgoing, pytest.raises(Troubled) as raised:
        handed_over(outgoing)
    assert not isinstance(raised.value, AnswerLost)


def test_a_server_that_lets_its_reply_drip_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[transfer.__module__], "END_SECONDS", 0.5)
    with saying(b"250-", drip=b"x") as outgoing, pytest.raises(AnswerLost):
        handed_over(outgoing)
