"""Mails made of a few lines, as bytes with CRLF."""

from collections.abc import Callable

import pytest

_HEADER = (
    "From: Front Desk <front@example.com>\nTo: support@example.org\nSubject: Printer\nMessage-ID: <1@example.com>\n"
)


@pytest.fixture
def mail() -> Callable[..., bytes]:
    """Build a mail: header lines (a whole header when `bare`), body; text is encoded as Latin-1 to allow any byte."""

    def build(header: str = "", body: str | bytes = "Hello\n", *, bare: bool = False) -> bytes:
        text = header if bare else _HEADER + header
        if text and not text.endswith("\n"):
            text += "\n"
        raw = body if isinstance(body, bytes) else body.encode()
        return text.encode("latin-1").replace(b"\n", b"\r\n") + b"\r\n" + raw.replace(b"\n", b"\r\n")

    return build


@pytest.fixture
def multipart() -> Callable[..., bytes]:
    """Build a multipart out of parts, each a header and a body in one text."""

    def build(kind: str, *parts: str, params: str = "", closed: bool = True) -> bytes:
        head = f'{_HEADER}MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b"{params}\n\n'
        text = head + "".join(f"--b\n{part}\n" for part in parts) + ("--b--\n" if closed else "")
        return text.encode().replace(b"\n", b"\r\n")

    return build
