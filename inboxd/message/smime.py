"""What an S/MIME signature is worth (RFC 8551, RFC 5652 5.6), checked with the certificate that it brings along.

That shows whether what is read is what was signed, and by whom the certificate says. It does not show who wrote the
mail: anybody makes a certificate in any name, and no root is trusted here that would vouch for one. So the best result
is `policy`, and no signature makes anybody authenticated.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from inboxd.message import clean, cms, lines
from inboxd.message.message import MailSignature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

DETACHED: Final = frozenset(("application/pkcs7-signature", "application/x-pkcs7-signature"))
"""Types of a part that signs the part before it in a multipart/signed."""

_MAX_SIGNERS: Final = 3
_MAX_SHOWN: Final = 200
# Object identifiers in DER: RFC 5754, RFC 5652 11.
_DIGESTS: Final = {
    b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01": "sha256",
    b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02": "sha384",
    b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03": "sha512",
}
_INTEGER: Final = 0x02
_KEY_ID: Final = b"\x80"
_PSS: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
_MESSAGE_DIGEST: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"


class _NotChecked(Exception):
    """Why a signature can neither be said to fit nor not to."""


def detached(signature: bytes | memoryview, content: bytes | memoryview) -> MailSignature:
    """Check a signature that stands beside `content`, which is the part as it came. Never raises; linear."""
    return _checked(signature, content, canonical=True)


def opaque(signature: bytes | memoryview) -> MailSignature:
    """Check a signature that holds its content. Never raises; linear."""
    return _checked(signature, cms.signed_content(signature) or b"", canonical=False)


def _checked(signature: bytes | memoryview, content: bytes | memoryview, *, canonical: bool) -> MailSignature:
    try:
        return _check(signature, content, canonical=canonical)
    except _NotChecked as why:
        return MailSignature(method="smime", result="neutral", reason=f"it is signed (S/MIME), and not checked: {why}")


def _check(signature: bytes | memoryview, content: bytes | memoryview, *, canonical: bool) -> MailSignature:
    found = cms.signed_data(signature)
    if found is None or not found.signers:
        raise _NotChecked("the signature cannot be read")
    first: Certificate | None = None
    for signer in found.signers[:_MAX_SIGNERS]:
        certificate = _certificate_of(signer, found.certificates)
        first = first or certificate
        if (broken := _broken(signer, certificate, content, canonical=canonical)) is not None:
            return MailSignature(method="smime", result="fail", reason=f"the S/MIME signature does not fit: {broken}")
    address, name = _named(first) if first is not None else (None, "")
    said = address or name or "nobody"
    reason = f"it is as it was signed (S/MIME); the certificate says {said}, and nobody who is trusted vouches for that"
    return MailSignature(method="smime", result="policy", signer=address, reason=reason)


def _certificate_of(signer: cms.Signer, certificates: tuple[bytes, ...]) -> "Certificate":
    from cryptography import x509

    for written in certificates:
        try:
            certificate = x509.load_der_x509_certificate(written)
            serial = certificate.serial_number
            number = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
            if signer.identifier.endswith(certificate.issuer.public_bytes() + bytes([_INTEGER, len(number)]) + number):
                return certificate
            key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
            continue  # one that cannot be read is not the one
        if signer.identifier[:1] == _KEY_ID and signer.identifier[2:] == key:
            return certificate
    raise _NotChecked("its certificate is not in it")


def _broken(
    signer: cms.Signer, certificate: "Certificate", content: bytes | memoryview, *, canonical: bool
) -> str | None:
    """Why a signature does not fit; None where it does."""
    name = _DIGESTS.get(signer.digest)
    if name is None:
        raise _NotChecked("its digest is none that is safe today")
    digests = [_digest(name, [content])]
    if canonical:
        digests.append(_digest(name, _with_crlf(content)))
    if signer.attributes:
        try:
            claimed = cms.attributes(signer).get(_MESSAGE_DIGEST, b"")[2:]
        except ValueError:
            raise _NotChecked("the signature cannot be read") from None
        if claimed not in digests:
            return "the content was changed after it was signed"
        digests = [_digest(name, [signer.attributes])]
    if any(_fits(signer, certificate, name, digest) for digest in digests):
        return None
    return "it was not made with its certificate's key" if signer.attributes else "key and content do not go together"


def _digest(name: str, pieces: Iterable[bytes | memoryview]) -> bytes:
    digest = hashlib.new(name)
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def _with_crlf(content: bytes | memoryview) -> Iterator[bytes]:
    """The content with CRLF at the end of each line (RFC 8551 3.1.1), whatever a file made of them."""
    for piece in lines.normalised(content, strip=b""):
        yield piece.replace(b"\n", b"\r\n")


def _fits(signer: cms.Signer, certificate: "Certificate", name: str, digest: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    algorithms: dict[str, HashAlgorithm] = {
        "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    }  # fmt: skip
    algorithm = algorithms[name]
    try:
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO)
            key.verify(
                signer.signature, digest, pss if signer.algorithm == _PSS else padding.PKCS1v15(), Prehashed(algorithm)
            )
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer.signature, digest, ec.ECDSA(Prehashed(algorithm)))
        else:
            raise _NotChecked("its key is of a kind that is not known")
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm):
        raise _NotChecked("its key cannot be used") from None
    return True


def _named(certificate: "Certificate") -> tuple[str | None, str]:
    """The address, or else the name, that a certificate gives its holder."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = names.get_values_for_type(x509.RFC822Name)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        addresses = []
    try:
        subject = certificate.subject
        addresses += [str(each.value) for each in subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)]
        common = [str(each.value) for each in subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    except ValueError:
        common = []
    address = next((clean.line(each)[:_MAX_SHOWN] for each in addresses if "@" in each), None)
    return address, clean.line(common[0])[:_MAX_SHOWN] if common else ""
