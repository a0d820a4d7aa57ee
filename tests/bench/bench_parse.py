"""How long a mail takes to read, beside mail-parser's own time in the same run, and what a 25 MB mail takes in memory.

Run: `.venv/bin/python tests/bench/bench_parse.py`. Times are CPU milliseconds, the best of several rounds; the ratio is
what to compare between machines. mail-parser reads less (no text from HTML, no reply, no kind, no digests). `ratio` is
all that filing a mail takes; in `with_html_ratio` the HTML for showing comes on top, which `inboxd parse` makes. Then
HTML to text, beside what selectolax takes to parse it, for pages as mail programs write them.
"""

import base64
import gc
import json
import quopri
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

HEADER = (
    b"Received: from mail.example.org (mail.example.org [192.0.2.1])\r\n"
    b"\tby mx.example.com (Postfix) with ESMTPS id 4A1B2C\r\n"
    b"\tfor <support@example.com>; Tue, 3 Jun 2025 10:00:01 +0000 (UTC)\r\n"
    b"Received: from [198.51.100.7] by mail.example.org with ESMTPSA; Tue, 3 Jun 2025 10:00:00 +0000\r\n"
    b"From: =?utf-8?q?B=C3=BCro_Doe?= <frontdesk@example.org>\r\n"
    b"To: Support <support@example.com>, Sales <sales@example.com>\r\n"
    b"Cc: boss@example.org\r\nSubject: =?utf-8?b?RHJ1Y2tlciBkcnVja3QgbmljaHQgLSBiaXR0ZSBoZWxmZW4=?=\r\n"
    b"Date: Tue, 3 Jun 2025 12:00:00 +0200\r\nMessage-ID: <abc.123@mail.example.org>\r\n"
    b"In-Reply-To: <xyz.1@example.com>\r\nReferences: <xyz.0@example.com> <xyz.1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"X-Mailer: Example 1.0\r\n"
)
_SAMPLE_SECONDS = 0.005
LINE = b"The printer in room 12 prints nothing since this morning, whatever we try; the light is red.\r\n"
QUOTE = (
    b"\r\nOn Mon, Jun 2, 2025 at 9:00 AM Support <support@example.com> wrote:\r\n\r\n> " + LINE * 1 + b"> Thanks\r\n"
)


def small() -> bytes:
    """Build a plain reply of 2 KB."""
    return HEADER + b'Content-Type: text/plain; charset="utf-8"\r\n\r\n' + LINE * 6 + QUOTE


def medium() -> bytes:
    """Build a mail of 25 KB: text and HTML alternatives."""
    return _multipart(
        b"alternative",
        [
            b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + LINE * 60 + QUOTE,
            b"Content-Type: text/html; charset=utf-8\r\n\r\n" + _html(),
        ],
    )


def html_only() -> bytes:
    """Build a mail of 18 KB whose text is HTML."""
    return HEADER + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + _html()


def _html() -> bytes:
    html = b"<html><body>" + b"<p style='margin:0'>" + LINE + b"<b>now</b></p>\r\n" * 1
    html += b"".join(
        b"<p class=x>%s <a href='https://example.com/%d'>link</a></p>\r\n" % (LINE.strip(), n) for n in range(110)
    )
    return html + b"</body></html>"


def encoded() -> bytes:
    """Build a mail of 40 KB as most are: long lines and letters beyond ASCII, in quoted-printable and base64."""
    text = "\n\n".join(
        f"Der Drucker in Raum {n} druckt seit heute früh nichts mehr, gleich was wir tun." for n in range(60)
    )
    page = "".join(
        f'<p class="MsoNormal"><span lang="DE" style="font-size:11.0pt">{line}</span></p>'
        for line in text.split("\n\n")
    )
    return _multipart(
        b"alternative",
        [
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(text.encode()).replace(b"\n", b"\r\n"),
            b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + quopri.encodestring(f"<html><body>{page * 2}</body></html>".encode()).replace(b"\n", b"\r\n"),
        ],
    )


def large() -> bytes:
    """Build a mail of 1.1 MB: text, HTML and attachments."""
    noise = random.Random(1).randbytes(400_000)
    encoded = base64.encodebytes(noise).replace(b"\n", b"\r\n")
    attachment = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
    body = medium()
    inner = body[body.index(b"Content-Type: multipart") :]
    return _multipart(b"mixed", [inner, attachment, attachment], boundary=b"outer")


def huge() -> bytes:
    """Build a mail of 25 MB: a text and one attachment."""
    encoded = base64.encodebytes(random.Random(2).randbytes(18_500_000)).replace(b"\n", b"\r\n")
    attachment = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
    return _multipart(b"mixed", [b"Content-Type: text/plain\r\n\r\n" + LINE, attachment], boundary=b"outer")


def _multipart(kind: bytes, parts: list[bytes], boundary: bytes = b"inner") -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        HEADER
        + b"Content-Type: multipart/"
        + kind
        + b"; boundary="
        + boundary
        + b"\r\n\r\n"
        + body
        + b"--"
        + boundary
        + b"--\r\n"
    )


def pages() -> dict[str, str]:
    """Build HTML of some 15 KB in the ways of mail programs."""
    line = LINE.decode().strip()
    cell = '<td style="padding:4px;border:1px solid #ccc" valign="top">'
    return {
        "paragraphs": f"<html><body>{''.join(f'<p>{line}</p>' for _ in range(150))}</body></html>",
        "links": f"<p class=x>{'</p><p>'.join(f'{line} <a href=https://example.com/{n}>link</a>' for n in range(110))}",
        "Outlook": "".join(
            f'<p class="MsoNormal"><span lang="EN-US" style="font-size:11.0pt;font-family:Calibri,sans-serif">'
            f"{line}<o:p></o:p></span></p>"
            for _ in range(70)
        ),
        "Gmail": '<div dir="ltr">' + f"<div>{line}</div><div><br></div>" * 130 + "</div>",
        "tables": "<table>"
        + "".join(f'<tr>{cell}{n}</td>{cell}<font size="2">{line}</font></td></tr>' for n in range(60))
        + "</table>",
        # Hardly anything but tags, as newsletters have them.
        "dense": "<table>"
        + "".join(
            f'<tr><td>{n}</td><td><a href="https://example.com/{n}"><b>link</b></a></td></tr>' for n in range(200)
        )
        + "</table>",
    }


def best(call: Callable[[], object], seconds: float = 1.5) -> float:
    """Measure the least CPU milliseconds of one call.

    Of many at once: the kernel's account of a single short one is wrong by more than that takes.
    """
    least, spent, times = float("inf"), 0.0, 1
    gc.collect()
    while spent < seconds:
        start = time.process_time()
        for _ in range(times):
            call()
        took = time.process_time() - start
        spent += max(took, 1e-5)
        if took < _SAMPLE_SECONDS:
            times *= 2
        else:
            least = min(least, took / times)
    return least * 1000


def peak_of_huge() -> dict[str, float]:
    """Read the 25 MB mail in a process of its own; its peak beside the size of the raw mail."""
    folder = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {folder!r}); import bench_parse; bench_parse.measure_huge()"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120).stdout
    result: dict[str, float] = json.loads(out)
    return result


def measure_huge() -> None:
    """Print time and peak memory of one 25 MB mail (in the process that `peak_of_huge` starts)."""
    from inboxd.message import parse

    raw = huge()
    gc.collect()
    start = time.process_time()
    parse(raw)
    took = time.process_time() - start
    # Not ru_maxrss: it remembers the process that forked this one.
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    sys.stdout.write(json.dumps({"raw_mib": len(raw) / 2**20, "seconds": took, "peak_mib": peak}))


def _text(html: str) -> str:
    from inboxd.message import html_page, html_text

    page = html_page.read(html)
    return "" if page is None else html_text.render(page)


def main() -> None:
    """Print one JSON line for each size."""
    import mailparser
    from selectolax.lexbor import LexborHTMLParser

    from inboxd.message import parse, parse_with_html

    for make in (small, medium, encoded, html_only, large):
        name, raw = make.__name__, make()
        ours, theirs = best(lambda raw=raw: parse(raw)), best(lambda raw=raw: mailparser.parse_from_bytes(raw))
        shown = best(lambda raw=raw: parse_with_html(raw))
        line = {"mail": name, "bytes": len(raw), "ms": round(ours, 3), "mail_parser_ms": round(theirs, 3)}
        ratios = {"ratio": round(ours / theirs, 2), "with_html_ratio": round(shown / theirs, 2)}
        sys.stdout.write(json.dumps({**line, **ratios}) + "\n")
    for name, html in pages().items():
        text, parsed = best(lambda html=html: _text(html), 0.5), best(lambda html=html: LexborHTMLParser(html), 0.5)
        line = {"html": name, "characters": len(html), "ms": round(text, 3), "selectolax_ms": round(parsed, 3)}
        sys.stdout.write(json.dumps({**line, "ratio": round(text / parsed, 2)}) + "\n")
    sys.stdout.write(
        json.dumps({"mail": "huge", **{key: round(value, 2) for key, value in peak_of_huge().items()}}) + "\n"
    )


if __name__ == "__main__":
    main()
