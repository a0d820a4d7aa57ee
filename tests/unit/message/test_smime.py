"""What an S/MIME signature is worth: what it shows, and what it does not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from inboxd.message import from_json, parse, to_json
from inboxd.message.limits import MAX_DEFECTS

CONTENT = b"Content-Type: text/plain\r\n\r\nPlease order two printers.\r\n"
HEADER = b"From: Front <front@example.com>\r\nTo: b@example.com\r\nSubject: s\r\n"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(kind: str) -> Key:
    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())


@cache
def certificate(kind: str, address: str = "front@example.com") -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Front Desk")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key(kind).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .sign(key(kind), hashes.SHA256())
    )


@cache
def signature(kind: str, *options: pkcs7.PKCS7Options, pss: bool = False) -> bytes:
    with_padding = {"rsa_padding": padding.PSS(padding.MGF1(hashes.SHA256()), 32)} if pss else {}
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    builder = builder.add_signer(certificate(kind), key(kind), hashes.SHA256(), **with_padding)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def detached(content: bytes, written: bytes) -> bytes:
    return (
        HEADER
        + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\r\n\r\n--b\r\n'
        + content
        + b"\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64"
        + b"\r\n\r\n"
        + base64.encodebytes(written)
        + b"\r\n--b--\r\n"
    )


def opaque(written: bytes) -> bytes:
    kind = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return HEADER + kind + base64.encodebytes(written)


DETACHED = pkcs7.PKCS7Options.DetachedSignature


@pytest.mark.parametrize(
    "raw",
    [
        detached(CONTENT, signature("rsa", DETACHED)),
        detached(CONTENT, signature("rsa", DETACHED, pss=True)),
        detached(CONTENT, signature("ec", DETACHED)),
        detached(CONTENT, signature("ec", DETACHED)).replace(b"\r\n", b"\n"),
        detached(CONTENT, signature("ec", DETACHED, pkcs7.PKCS7Options.NoAttributes)),
        opaque(signature("ec")),
    ],
    ids=["rsa", "pss", "ec", "line feeds", "no attributes", "opaque"],
)
def test_what_is_as_it_was_signed_is_said_and_whose_word_it_is(raw):
    message = parse(raw)
    assert message.signature is not None
    assert (message.signature.result, message.signature.signer) == ("policy", "front@example.com")
    assert "nobody who is trusted" in message.signature.reason
    assert message.text.strip() == "Please order two printers."
    assert from_json(json.dumps(to_json(message))) == message


@pytest.mark.parametrize(
    "raw",
    [
        detached(CONTENT.replace(b"two", b"ten"), signature("ec", DETACHED)),
        detached(CONTENT.replace(b"two", b"ten"), signature("ec", DETACHED, pkcs7.PKCS7Options.NoAttributes)),
        opaque(signature("ec").replace(b"two printers", b"ten printers")),
        detached(CONTENT, signature("ec", DETACHED)[:-6] + b"\0" * 6),
    ],
    ids=["detached", "no attributes", "opaque", "signature"],
)
def test_what_was_changed_is_a_defect(raw):
    message = parse(raw)
    assert message.signature is not None
    assert (message.signature.result, message.signature.signer) == ("fail", None)
    assert message.signature.reason in message.defects


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (detached(CONTENT, signature("ec", DETACHED, pkcs7.PKCS7Options.NoCerts)), "certificate is not in it"),
        (detached(CONTENT, b"x"), "cannot be read"),
        (opaque(b"x"), "cannot be read"),
        (HEADER + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nHello\r\n", "no key"),
    ],
)
def test_what_cannot_be_checked_is_said(raw, why):
    found = parse(raw).signature
    assert found is not None
    assert found.result == "neutral"
    assert why in found.reason


def test_a_damaged_signature_never_raises():
    whole = signature("ec", DETACHED)
    for place in range(0, len(whole), 3):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0x21]) + whole[place + 1 :]):
            message = parse(detached(CONTENT, damaged))
            assert message.signature is not None
            assert len(message.defects) < MAX_DEFECTS


def test_a_mail_without_a_signature_has_none():
    assert parse(HEADER + b"\r\nHello\r\n").signature is None
