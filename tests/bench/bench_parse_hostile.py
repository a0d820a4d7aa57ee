"""What the dearest mails cost to read: 25 MB of one line again and again, each shape in a process of its own.

Run: `.venv/bin/python tests/bench/bench_parse_hostile.py [SHAPE …]`. CPU seconds and the peak of memory, with
the raw mail in it; a worker has 10 s and 512 MB (`inboxd.worker_child`). The HTML is made safe to show, which a worker
does not. `mail` is the same of honest lines.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BYTES: Final = 25_000_000
HEADER: Final = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Re: s\r\nMessage-ID: <1@example.com>\r\n"
PLAIN: Final = b"Content-Type: text/plain; charset=utf-8\r\n"
FLOWED: Final = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
HTML: Final = b"Content-Type: text/html; charset=utf-8\r\n"
SHAPES: Final = {
    "mail": (PLAIN, "The printer in room 12 prints nothing since this morning, whatever we try.\n"),
    "attributions": (PLAIN, "On Mon wrote\n> On Tue, a <a@b.example> wrote:\n"),
    "verbs": (PLAIN, "1 wrote\n"),
    "colons": (PLAIN, "a:\n"),
    "numbers with colons": (PLAIN, "1:\n"),
    "wide colons": (PLAIN, "a：\n"),
    "addresses with colons": (PLAIN, "a <a@b.example>:\n"),
    "header lines": (PLAIN, "to: a\n"),
    "signature marks": (PLAIN, "-- \nx\n"),
    "rules": (PLAIN, "--\n"),
    "stars": (PLAIN, "*" * 100 + "\n"),
    "dashes": (PLAIN, "–" * 90 + ":\n"),
    "quotes": (PLAIN, "> x\ny\n"),
    "flowed": (FLOWED, "ab \n"),
    "end tags of nothing": (HTML, "<pre></a>"),
    "comments that never end": (HTML, "</"),
    "paragraphs": (HTML, "<p>On 1 wrote:</p>"),
    "quotes in HTML": (HTML, '<div class="gmail_quote">x</div>'),
}


def main() -> None:
    """Print one JSON line for each shape."""
    for shape in sys.argv[1:] or SHAPES:
        code = (
            f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import {Path(__file__).stem} as bench; "
        )
        subprocess.run([sys.executable, "-c", f"{code}bench.measure({shape!r})"], check=True, timeout=120)


def measure(shape: str) -> None:
    """Print what one shape costs (in the process that `main` starts)."""
    from inboxd.message import parse_with_html

    top, line = SHAPES[shape]
    unit = line.encode()
    # Of HTML only the first million characters are parsed, and none where there are more.
    size = 900_000 if top == HTML else BYTES
    raw = HEADER + top + b"\r\n" + unit * (size // len(unit))
    parse_with_html(raw[:2_000])
    start = time.process_time()
    parse_with_html(raw)
    took = time.process_time() - start
    # Not ru_maxrss: it remembers the process that forked this one.
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    found = {"shape": shape, "mb": round(len(raw) / 1e6, 1), "seconds": round(took, 2), "peak_mib": round(peak)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
