"""The progress bar."""

import os
import pty
import subprocess
import sys

import pytest


@pytest.fixture
def mails(tmp_path):
    """Five mails, to be parsed."""
    paths = [tmp_path / f"{number}.eml" for number in range(5)]
    for path in paths:
        path.write_bytes(b"Subject: x\n\nx\n")
    return [str(path) for path in paths]


def on_a_terminal(arguments, stdout):
    """Run a command whose stderr is a terminal, and its stdout too or a pipe; return what each received."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "inboxd", *arguments],
        stdin=subprocess.DEVNULL, stdout=theirs if stdout == "terminal" else subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    piped = b""
    if process.stdout is not None:
        with process.stdout:
            piped = process.stdout.read()
    assert process.wait(60) == 0
    return seen.decode(), piped.decode()


def test_the_bar_is_on_stderr_and_leaves_json_alone(mails):
    seen, piped = on_a_terminal(["parse", "--json", *mails], "pipe")
    assert "0/5" in seen
    assert "5/5" in seen
    assert len(piped.splitlines()) == 5
    assert "\x1b" not in piped


def test_the_bar_makes_way_for_results_on_the_same_terminal(mails):
    seen, _ = on_a_terminal(["parse", *mails], "terminal")
    for line in seen.split("\r\n"):
        shown = line.rpartition("\x1b[K")[2]  # what stands after the bar was wiped
        assert not ("reading [" in shown and ".eml" in shown)
    assert seen.endswith("\r\x1b[K")


def test_a_few_paths_need_no_bar(mails):
    seen, _ = on_a_terminal(["parse", *mails[:3]], "pipe")
    assert seen == ""
