"""Another name, expired, unknown authority: three sentences, from real handshakes."""

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest

from inboxd.remote.certificate_words import in_words
from tests.harness.certificates import Authority


@contextmanager
def serving(signed):
    """Offer this certificate on a port of loopback, for one handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            line, _ = listening.accept()
            with line, pytest.raises(ssl.SSLError):
                context.wrap_socket(line, server_side=True).recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def refused(signed, *, trusts, name):
    """The words for a handshake that must fail."""
    context = ssl.create_default_context(cafile=str(trusts))
    with (
        serving(signed) as port,
        socket.create_connection(("127.0.0.1", port), 10) as line,
        pytest.raises(ssl.SSLCertVerificationError) as caught,
    ):
        context.wrap_socket(line, server_hostname=name)
    return in_words(caught.value, "mail.example.com:993")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.made(tmp_path_factory.mktemp("authority"))


def test_a_certificate_of_another_name(authority):
    what, advice = refused(authority.sign("localhost"), trusts=authority.certificate, name="mail.example.com")
    assert what.startswith("The certificate of mail.example.com:993 is for another name (Hostname mismatch")
    assert "`host`" in advice


def test_an_expired_certificate(authority):
    signed = authority.sign("localhost")
    old = authority.folder / "expired.pem"
    subprocess.run(
        ["openssl", "x509", "-req", "-in", str(authority.folder / "localhost.csr"), "-CA", str(authority.certificate),
         "-CAkey", str(authority.key), "-CAcreateserial", "-days", "-1", "-extfile",
         str(authority.folder / "localhost.ext"), "-out", str(old)],
        check=True, capture_output=True,
    )  # fmt: skip
    signed.certificate.write_bytes(old.read_bytes())
    what, advice = refused(signed, trusts=authority.certificate, name="localhost")
    assert what == "The certificate of mail.example.com:993 has expired."
    assert "renew" in advice


def test_a_certificate_of_an_unknown_authority(authority, tmp_path):
    what, advice = refused(authority.sign("localhost"), trusts=Authority.made(tmp_path).certificate, name="localhost")
    assert "is signed by nobody that inboxd is told to trust" in what
    assert "`ca_file`" in advice


def test_anything_else_is_said_in_the_words_of_the_library():
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 26, "unsuitable certificate purpose"
    assert in_words(error, "h:1")[0] == "The certificate of h:1 is not accepted: unsuitable certificate purpose."
