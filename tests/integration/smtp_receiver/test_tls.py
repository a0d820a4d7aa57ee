"""STARTTLS (RFC 3207)."""

import shutil
import smtplib
import socket
import ssl
import subprocess
import warnings

import pytest


def trusting(certificate):
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    return context


def encrypt(talk, context, *, behind=b""):
    """STARTTLS on a conversation, with bytes behind the command in the same packet."""
    talk.say(b"STARTTLS\r\n" + behind)
    assert talk.hear().startswith("220 2.0.0")
    talk.socket = context.wrap_socket(talk.socket)
    return talk


@pytest.fixture
def tls_desk(open_desk, certificate):
    """A receiver with a certificate."""
    return open_desk(certificate_file=certificate[0], key_file=certificate[1])


def test_starttls_is_offered_once_and_the_message_knows_its_protocol(tls_desk, certificate):
    talk = tls_desk.call()
    talk.hear()
    assert "250-STARTTLS" in talk.ask("EHLO client.example")
    encrypt(talk, trusting(certificate[0]))
    assert "STARTTLS" not in talk.ask("EHLO client.example")
    assert talk.send(b"x") == "250 2.0.0 Q1"
    assert tls_desk.acceptor.accepted[0][0].tls == talk.socket.version() == "TLSv1.3"
    assert talk.ask("STARTTLS").startswith("503 5.5.1")


def test_smtplib_sends_a_large_message_over_tls(tls_desk, certificate):
    body = b"Subject: x\r\n\r\n" + b"line of text\r\n" * 60_000
    with smtplib.SMTP("127.0.0.1", tls_desk.port) as client:
        client.starttls(context=trusting(certificate[0]))
        client.sendmail("customer@example.org", ["support@example.com"], body)
    assert tls_desk.bodies == [body]


def test_commands_injected_behind_starttls_are_never_obeyed(tls_desk, certificate):
    talk = tls_desk.session()
    encrypt(
        talk,
        trusting(certificate[0]),
        behind=b"EHLO evil\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<support@example.com>\r\n",
    )
    assert talk.ask("NOOP").startswith("250 2.0.0")
    assert talk.ask("RCPT TO:<support@example.com>").startswith("503 5.5.1")


def test_what_was_said_in_the_clear_is_forgotten(tls_desk, certificate):
    talk = tls_desk.session()
    talk.ask("MAIL FROM:<evil@example.org>")
    encrypt(talk, trusting(certificate[0]))
    assert talk.ask("MAIL FROM:<customer@example.org>").startswith("503 5.5.1")
    talk.ask("EHLO client.example")
    talk.begin().ask(".")
    assert tls_desk.acceptor.accepted[0][0].mail_from == "customer@example.org"


def test_no_login_is_offered_or_taken_under_tls(tls_desk, certificate):
    talk = encrypt(tls_desk.session(), trusting(certificate[0]))
    assert "AUTH" not in talk.ask("EHLO client.example")
    for word in ("AUTH PLAIN AGEAYg==", "AUTH LOGIN", "auth plain"):
        assert talk.ask(word) == "502 5.5.1 Not implemented"
    assert "AGEAYg==" not in repr(tls_desk.log.entries)


def test_protocols_before_tls_1_2_are_refused(tls_desk):
    talk = tls_desk.session()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        encrypt(talk, context)
    assert tls_desk.session().send(b"x") == "250 2.0.0 Q1"


def test_a_client_that_says_nothing_in_the_handshake_is_cut(open_desk, certificate):
    desk = open_desk(certificate_file=certificate[0], key_file=certificate[1], handshake_timeout=0.3)
    talk = desk.session()
    assert talk.ask("STARTTLS").startswith("220")
    assert talk.hear_all() == []
    desk.wait_until(lambda: desk.events("tls_failed"))


def test_garbage_in_the_handshake_ends_the_session(tls_desk):
    talk = tls_desk.session()
    assert talk.ask("STARTTLS").startswith("220")
    talk.say(b"EHLO in the clear\r\n")
    assert tls_desk.session().send(b"x") == "250 2.0.0 Q1"
    with pytest.raises((UnicodeDecodeError, AssertionError)):
        assert talk.hear_all() != []


def test_a_client_that_leaves_under_tls_during_the_commit_does_not_cancel_it(tls_desk, certificate):
    talk = encrypt(tls_desk.session(), trusting(certificate[0]))
    talk.ask("EHLO client.example")
    tls_desk.acceptor.go_on.clear()
    talk.begin().say(b"kept\r\n.\r\n")
    assert tls_desk.acceptor.began.wait(20)
    talk.socket.shutdown(socket.SHUT_RDWR)
    assert tls_desk.session().ask("NOOP").startswith("250")
    tls_desk.acceptor.go_on.set()
    assert tls_desk.acceptor.finished.wait(20)


def test_a_renewed_certificate_is_served_to_the_next_client(open_desk, certificate_maker, tmp_path):
    certificate, key = certificate_maker(tmp_path, "first.example.com")
    desk = open_desk(certificate_file=certificate, key_file=key)
    first = encrypt(desk.session(), trusting(certificate))
    (tmp_path / "new").mkdir()
    new_certificate, new_key = certificate_maker(tmp_path / "new", "second.example.com")
    new_certificate.replace(certificate)
    # Between the two files' replacement they do not match: the old pair is served on.
    for _ in range(3):
        encrypt(desk.session(), ssl._create_unverified_context())
    assert len(desk.events("certificate_unusable")) == 1
    new_key.replace(key)
    second = encrypt(desk.session(), trusting(certificate))
    assert dict(pair[0] for pair in second.socket.getpeercert()["subject"]) == {"commonName": "second.example.com"}
    assert first.ask("NOOP").startswith("250")


def test_one_file_may_hold_key_and_certificate(open_desk, certificate, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(certificate[1].read_bytes() + certificate[0].read_bytes())
    desk = open_desk(certificate_file=both)
    assert encrypt(desk.session(), trusting(certificate[0])).ask("NOOP").startswith("250")


def test_a_missing_or_unfitting_certificate_fails_the_start(open_desk, certificate, certificate_maker, tmp_path):
    with pytest.raises(FileNotFoundError):
        open_desk(certificate_file=tmp_path / "none.pem")
    _, other_key = certificate_maker(tmp_path, "other.example.com")
    with pytest.raises(OSError, match="mismatch"):
        open_desk(certificate_file=certificate[0], key_file=other_key)


def test_a_key_with_a_passphrase_fails_the_start_and_asks_nobody(open_desk, certificate, tmp_path):
    locked = tmp_path / "locked.pem"
    subprocess.run(
        [
            shutil.which("openssl"),
            "ec",
            "-in",
            str(certificate[1]),
            "-aes128",
            "-passout",
            "pass:word",
            "-out",
            str(locked),
        ],
        check=True,
        capture_output=True,
    )
    with pytest.raises(OSError, match=r".+"):
        open_desk(certificate_file=certificate[0], key_file=locked)
