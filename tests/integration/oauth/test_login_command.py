"""`inboxd oauth login`, as a person types it and as a script calls it."""

import io
import json
import os
import pty
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from store import oauth_tokens
from store.open import Store
from tests.harness.cli import Ended, call
from tests.harness.desk import Desk
from tests.harness.token_endpoint import TokenEndpoint

PATIENCE = 60


def sections(endpoint: TokenEndpoint) -> dict[str, Any]:
    endpoint.clients = {"inboxd": None}
    oauth2 = {"client_id": "inboxd", "token_url": f"{endpoint.url}/token", "authorize_url": f"{endpoint.url}/authorize"}
    mailboxes = [
        {"name": "support", "host": "127.0.0.1", "port": 1, "tls": "none", "user": "s@example.com", "oauth2": oauth2},
        {"name": "billing", "host": "127.0.0.1", "port": 1, "tls": "none", "user": "b", "password_file": "billing"},
    ]
    outgoing = {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "s@example.com", "oauth2": oauth2}
    return {"imap": mailboxes, "outgoing": outgoing}


@pytest.fixture
def desk(tmp_path: Path, endpoint: TokenEndpoint) -> Desk:
    return Desk.init(tmp_path / "desk", {**sections(endpoint), "http": None})


def kept(desk: Desk, name: str) -> str | None:
    with Store.open(f"sqlite:///{desk.folder / 'inboxd.db'}", role="reader") as store, store.read() as txn:
        token = oauth_tokens.get(txn, name)
    return None if token is None else token.refresh_token


def browse(address: str) -> str:
    return requests.get(address, allow_redirects=False, timeout=20).headers["Location"]


def log_in_by_pipe(desk: Desk, name: str) -> tuple[int, str, str]:
    """Sign in as a script does: read the address, hand in the answer."""
    process = subprocess.Popen(
        desk.command("oauth", "login", name),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=desk.environment,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    while not (lines and lines[-1].startswith("http")):
        lines.append(process.stdout.readline().decode())
    out, err = process.communicate(f"{browse(lines[-1].strip())}\n".encode(), timeout=PATIENCE)
    return process.returncode, "".join(lines) + out.decode(), err.decode()


def test_a_script_signs_in_and_the_token_shows_nowhere(desk: Desk, endpoint: TokenEndpoint) -> None:
    code, out, err = log_in_by_pipe(desk, "outgoing")
    assert code == 0, err
    token = kept(desk, "outgoing")
    assert token is not None
    assert endpoint.is_good(token)
    assert token not in out + err
    assert "keeps the sign-in of outgoing" in out


def test_while_the_daemon_runs_it_is_the_daemon_that_keeps_the_token(desk: Desk, endpoint: TokenEndpoint) -> None:
    daemon = desk.start()
    try:
        code, _, err = log_in_by_pipe(desk, "support")
        assert code == 0, err
        token = kept(desk, "imap.support")
        assert token is not None
        assert token not in daemon.log()
    finally:
        daemon.kill()
    assert endpoint.is_good(token)


def test_on_a_terminal_nothing_of_a_long_answer_is_shown_or_cut(desk: Desk, endpoint: TokenEndpoint) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        desk.command("oauth", "login", "support"), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs,
        env=desk.environment, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = bytearray()

    def watch() -> None:
        try:
            while piece := os.read(ours, 4096):
                shown.extend(piece)
        except OSError:
            return  # the other side has closed the terminal

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert process.stdout is not None
    address = next(line for line in iter(process.stdout.readline, b"") if line.startswith(b"http")).decode().strip()
    # Longer than the 4,096 bytes at which a terminal cuts a line; a slip of the fingers is taken back.
    pasted = f"{browse(address)}&session_state={'x' * 6000}"
    while b"not shown" not in shown:
        assert process.poll() is None
    for start in range(0, len(pasted), 1000):
        os.write(ours, pasted[start : start + 1000].encode())
    os.write(ours, b"oops\x7f\x7f\x7f\x7f\n")
    assert process.wait(PATIENCE) == 0, bytes(shown)
    process.stdout.close()
    watcher.join(10)
    os.close(ours)
    assert b"session_state" not in shown
    token = kept(desk, "imap.support")
    assert token is not None
    assert endpoint.is_good(token)


# Without a process of its own: what is judged before anything is kept.


def call_with(stdin: bytes, monkeypatch: pytest.MonkeyPatch, desk: Desk, *arguments: str) -> Ended:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    return call("-c", desk.config, "oauth", "login", *arguments)


def kept_nothing(desk: Desk) -> bool:
    return not (desk.folder / "inboxd.db").exists()


@pytest.fixture
def bare_desk(tmp_path: Path, endpoint: TokenEndpoint) -> Desk:
    (tmp_path / "inboxd.yaml").write_text(json.dumps(sections(endpoint)))
    return Desk(folder=tmp_path)


def test_json_says_the_address_and_then_what_went_wrong(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call_with(b"made up\n", monkeypatch, bare_desk, "--json", "support")
    assert done.code == 2
    first, second = done.json
    assert first["name"] == "imap.support"
    assert first["address"].startswith("http://127.0.0.1:")
    assert "no address" in second["error"]
    assert kept_nothing(bare_desk)


@pytest.mark.parametrize(
    ("name", "stdin", "code", "words"),
    [
        ("billing", b"", 2, "signed in to by password"),
        ("nobody", b"", 2, 'no mailbox "nobody" that is signed in to by oauth2: there is outgoing, support'),
        ("support", b"", 2, "nothing was pasted"),
        ("support", b"http://127.0.0.1:49700/?error=access_denied\n", 1, "said no on the page"),
        ("support", b"http://127.0.0.1:49700/?code=abc&state=other\n", 2, "another attempt"),
        ("support", b"x" * 100_000, 2, "too long"),
        ("support", b"made-up-code\n", 1, "inboxd oauth login support again"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_kept(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, stdin: bytes, code: int, words: str
) -> None:
    done = call_with(stdin, monkeypatch, bare_desk, name)
    assert (done.code, words in done.err) == (code, True), done.err
    assert kept_nothing(bare_desk)
