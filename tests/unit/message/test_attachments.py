"""Names that harm a disk, and what runs when opened."""

import pytest

from inboxd.message import attachments, parse


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\front\report.pdf", "report.pdf"),
        ("..", ""),
        (".hidden", "hidden"),
        ("a\x00b\r\n.pdf", "ab  .pdf"),
        ('a<b>:"c".pdf', 'a<b>:"c".pdf'),
        ("***fun***?.pdf", "***fun***?.pdf"),
        ("con.txt", "_con.txt"),
        ("nul", "_nul"),
        ("trailing. ", "trailing"),
        ("grün.pdf", "grün.pdf"),
    ],
)
def test_a_name_leads_nowhere_and_is_otherwise_what_its_sender_wrote(given, safe):
    assert attachments.safe_name(given) == safe


def test_a_long_name_keeps_its_extension():
    name = attachments.safe_name("x" * 5_000 + ".pdf")
    assert len(name) == 200
    assert name.endswith(".pdf")


@pytest.mark.parametrize(
    ("name", "content_type", "body", "dangerous"),
    [
        ("invoice.pdf", "application/pdf", "x", False),
        ("photo.jpeg", "image/jpeg", "x", False),
        ("archive.tar.gz", "application/gzip", "x", False),
        ("www.example.com.pdf", "application/pdf", "x", False),
        ("setup.exe", "application/octet-stream", "x", True),
        ("invoice.pdf.exe", "application/octet-stream", "x", True),
        ("invoice.js", "text/plain", "x", True),
        ("macro.xlsm", "application/octet-stream", "x", True),
        ("invoice.exe.pdf", "application/pdf", "x", True),
        ("invoice.pdf", "application/pdf", "MZ program", True),
        ("harmless.txt", "application/x-msdownload", "x", True),
        ("invoice\u202efdp.exe", "application/octet-stream", "x", True),
        ("invoice.pdf          .txt", "text/plain", "x", True),
    ],
)
def test_what_runs_when_opened_is_marked(name, content_type, body, dangerous, multipart):
    part = (
        f"Content-Type: {content_type}\nContent-Disposition: attachment; filename*=utf-8''{_escaped(name)}\n\n{body}\n"
    )
    (attached,) = parse(multipart("mixed", "\nHello\n", part)).attachments
    assert attached.dangerous is dangerous


def _escaped(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())
