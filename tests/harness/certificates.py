"""A certificate authority that lives as long as a test run, and what it signs. Needs the `openssl` program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Signed:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of its own; `certificate` is what a client is given to trust."""

    folder: Path
    certificate: Path
    key: Path

    @classmethod
    def made(cls, folder: Path) -> "Authority":
        """Make one in this folder."""
        certificate, key = folder / "ca.pem", folder / "ca.key"
        _openssl(
            "req", "-x509", *_KEY, "-days", "2", "-subj", "/CN=authority of a test", "-keyout", str(key),
            "-out", str(certificate), "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip
        return cls(folder, certificate, key)

    def sign(self, name: str) -> Signed:
        """Make a server's certificate for this host name."""
        request, certificate, key = (self.folder / f"{name}.{end}" for end in ("csr", "pem", "key"))
        more = self.folder / f"{name}.ext"
        more.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:false\n")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        _openssl(
            "x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key), "-days", "2",
            "-CAcreateserial", "-extfile", str(more), "-out", str(certificate),
        )  # fmt: skip
        return Signed(certificate, key)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
