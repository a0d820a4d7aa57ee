"""How long a command takes to start, beside `import click` in the same Python: `python tests/bench/bench_startup.py`.

Ends with 1 when `inboxd --help` takes more than 5.5 times as long as `import click`. The best of several runs counts:
what else the machine does only adds.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

_LIMIT = 5.5
_RUNS = 15

_HELP = ["-m", "inboxd", "--help"]


def seconds(arguments: list[str]) -> float:
    """The best wall-clock time of a whole process."""
    best = float("inf")
    for _ in range(_RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=False, capture_output=True)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    """Print the times and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        mail = Path(folder) / "a.eml"
        mail.write_bytes(b"From: a@b.example\nSubject: x\n\nx\n")
        subprocess.run([sys.executable, "-m", "inboxd", "init", str(desk)], check=True, capture_output=True)
        config = ["-c", str(desk / "inboxd.yaml")]
        measured = {
            "python -c pass": ["-c", "pass"],
            "import click": ["-c", "import click"],
            "inboxd --help": _HELP,
            "inboxd tickets list --help": ["-m", "inboxd", "tickets", "list", "--help"],
            "inboxd parse (one mail)": ["-m", "inboxd", "parse", str(mail)],
            "inboxd rules check": ["-m", "inboxd", "rules", "check", *config],
            "inboxd check": ["-m", "inboxd", "check", *config],
        }
        times = {name: seconds(arguments) for name, arguments in measured.items()}
    for name, taken in times.items():
        print(f"{name:<28} {taken * 1000:7.1f} ms  {taken / times['import click']:5.2f} x import click")
    return 0 if times["inboxd --help"] <= _LIMIT * times["import click"] else 1


if __name__ == "__main__":
    sys.exit(main())
