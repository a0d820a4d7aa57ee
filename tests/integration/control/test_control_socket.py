"""Both ends of the control socket, over a real Unix socket."""

import json
import os
import pwd
import socket
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from inboxd.control import client, server, wire
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater, UsageWrong
from tests.harness.control import serving
from tests.harness.users import let_everybody_reach
from tests.plugins.needs import needs


@pytest.fixture
def path(tmp_path):
    return tmp_path / "control.sock"


def dial(path):
    backend = client.connect(path)
    assert backend is not None
    return backend


def raw(path, request):
    """Send bytes as they are and return the whole answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(str(path))
        sock.sendall(request)
        answer = b""
        while chunk := sock.recv(65536):
            answer += chunk
        return answer


def post(operation, body):
    head = f"POST /v1/{operation} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_nobody_listens_where_there_is_no_socket(path):
    assert client.connect(path) is None
    assert client.connect(path / "below") is None


def test_a_call_brings_arguments_and_payload_over_and_the_value_back(desk, path):
    payload = bytes(range(256)) * 3 + b"\n\r\n\x00"
    with serving(desk.backend, path):
        answer = dial(path).call("note", {"text": "grüße\n"}, payload)
    assert answer == {"notes": 1, "size": len(payload)}
    assert desk.notes[0][1:] == ("grüße\n", payload)


def test_a_large_payload_arrives_byte_for_byte(desk, path):
    payload = os.urandom(9 * 1024 * 1024)
    with serving(desk.backend, path):
        dial(path).call("note", {"text": ""}, payload)
    assert desk.notes[0][2] == payload


def test_the_actor_is_the_login_that_the_kernel_names_whatever_the_environment_says(desk, path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")
    monkeypatch.setenv("SUDO_USER", "somebody-else")
    with serving(desk.backend, path):
        assert dial(path).call("whoami", {}) == pwd.getpwuid(os.geteuid()).pw_name


def test_another_user_is_named_by_its_own_login(desk, tmp_path, path):
    if os.geteuid() != 0:
        needs("root, to become another user", "run the tests as root")
    nobody = pwd.getpwnam("nobody")
    request = post("whoami", b"{}\n")
    code = (
        f"import os, socket; os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})\n"
        f"s = socket.socket(socket.AF_UNIX); s.connect({str(path)!r}); s.sendall({request!r})\n"
        "print(s.makefile().read())"
    )
    with serving(desk.backend, path):
        let_everybody_reach(tmp_path)
        os.chown(path, 0, nobody.pw_gid)
        done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert '"value": "nobody"' in done.stdout


@pytest.mark.parametrize(
    ("operation", "kind", "code", "text"),
    [
        ("fail.usage", UsageWrong, 2, "there is no such thing; say this instead"),
        ("fail.busy", TryLater, 75, "the store is busy"),
        ("fail.other", InboxdError, 1, "that is not possible – here"),
    ],
)
def test_an_error_keeps_its_words_and_its_exit_code(desk, path, operation, kind, code, text):
    with serving(desk.backend, path), pytest.raises(InboxdError) as caught:
        dial(path).call(operation, {})
    assert (type(caught.value), caught.value.exit_code, str(caught.value)) == (kind, code, text)


def test_mistakes_in_files_keep_their_places(desk, path):
    with serving(desk.backend, path), pytest.raises(ConfigurationWrong) as caught:
        dial(path).call("fail.files", {})
    assert [str(mistake) for mistake in caught.value.mistakes] == ["rules.yaml:3:5: unknown key"]


def test_a_defect_is_one_sentence_for_the_caller_and_the_socket_goes_on(desk, path):
    with serving(desk.backend, path):
        backend = dial(path)
        with pytest.raises(InboxdError, match="its log has the details") as caught:
            backend.call("fail.defect", {})
        assert "ZeroDivision" not in str(caught.value)
        assert backend.call("note", {"text": "after"})["notes"] == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "line end"),
        (b"{}", "line end"),
        (b"{\n", "not JSON"),
        (b"[" * 100_000 + b"\n", "not JSON"),
        (b"[1]\n", "not an object"),
        (b"\xff\xfe\n", "not JSON"),
    ],
)
def test_a_body_of_another_form_is_refused_in_words(desk, path, body, why):
    with serving(desk.backend, path):
        answer = raw(path, post("note", body))
    assert answer.startswith(b"HTTP/1.1 400")
    refused = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert why in refused["error"]
    assert refused["exit_code"] == 2
    assert desk.notes == []


@pytest.mark.parametrize("line", [b"GET /v1/whoami", b"POST /", b"POST /v2/whoami", b"DELETE /v1/note"])
def test_only_posts_below_the_prefix_are_calls(desk, path, line):
    with serving(desk.backend, path):
        answer = raw(path, line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n{}\n")
    assert answer.startswith(b"HTTP/1.1 400")


def test_a_payload_above_the_cap_is_refused_and_the_reason_reaches_the_caller(desk, path):
    with serving(desk.backend, path, max_payload=2_000_000):
        backend = dial(path)
        with pytest.raises(UsageWrong, match="larger than 2000000 bytes"):
            backend.call("note", {"text": ""}, bytes(40_000_000))
        assert backend.call("note", {"text": ""}, bytes(2_000_000))["size"] == 2_000_000


def test_arguments_above_their_cap_are_refused(desk, path):
    with serving(desk.backend, path), pytest.raises(UsageWrong, match="arguments are larger"):
        dial(path).call("note", {"text": "x" * (wire.MAX_ARGUMENTS + 1)})


def test_calls_that_wait_do_not_hold_up_the_others(desk, path):
    with serving(desk.backend, path), ThreadPoolExecutor(20) as callers:
        waits = [callers.submit(dial(path).call, "ingest.outcome", {"wait_seconds": 30}) for _ in range(20)]
        assert dial(path).call("note", {"text": "meanwhile"}) == {"notes": 1, "size": 0}
        desk.open.set()
        assert [wait.result(60) for wait in waits] == [True] * 20


def test_only_owner_and_group_may_connect_however_open_the_umask_is(desk, path):
    before = os.umask(0)
    try:
        with serving(desk.backend, path):
            assert stat.S_IMODE(path.lstat().st_mode) == 0o660
    finally:
        os.umask(before)


def test_a_user_who_is_not_let_in_is_told_which_group_is(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(InboxdError, match="its group must be one of yours"):
        client.connect(path)


def test_the_socket_goes_when_the_server_closes(desk, path):
    with serving(desk.backend, path):
        assert path.is_socket()
    assert not path.exists()
    assert client.connect(path) is None


def test_a_socket_that_a_dead_daemon_left_is_replaced(desk, path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert client.connect(path) is None
    with serving(desk.backend, path):
        assert dial(path).call("note", {"text": ""})["notes"] == 1


def test_a_socket_that_answers_is_left_alone_and_the_second_daemon_told_to_come_later(desk, path):
    with serving(desk.backend, path):
        with pytest.raises(TryLater, match="another daemon answers"):
            server.bind(path)
        assert dial(path).call("note", {"text": ""})["notes"] == 1


def test_a_file_in_the_sockets_place_is_never_removed(path):
    path.write_text("precious")
    with pytest.raises(InboxdError, match="no socket"):
        server.bind(path)
    assert path.read_text() == "precious"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InboxdError, match="No such file or directory"):
        server.bind(tmp_path / "missing" / "control.sock")


def test_a_successors_socket_survives_the_close_of_its_predecessor(desk, path):
    with serving(desk.backend, path):
        path.unlink()
        sock, _ = server.bind(path)
    with sock:
        assert path.is_socket()


def test_a_path_longer_than_a_socket_name_works_at_both_ends(desk, tmp_path):
    folder = tmp_path / ("f" * 100) / ("g" * 100)
    folder.mkdir(parents=True)
    path = folder / "control.sock"
    with serving(desk.backend, path):
        assert dial(path).call("note", {"text": ""})["notes"] == 1
        with pytest.raises(TryLater):
            server.bind(path)
    assert not path.exists()


def test_a_file_name_that_cannot_fit_is_refused_in_words(tmp_path):
    with pytest.raises(InboxdError, match="name is too long"):
        client.connect(tmp_path / ("n" * 120))


def test_a_daemon_that_dies_during_a_call_leaves_the_caller_with_try_later(path):
    sock, _ = server.bind(path)

    def answer_half():
        for _ in range(2):  # the probe, then the call
            sock.setblocking(True)
            connection, _ = sock.accept()
            connection.settimeout(10)
            with connection:
                connection.recv(65536)

    thread = threading.Thread(target=answer_half)
    with sock:
        thread.start()
        with pytest.raises(TryLater, match="whether it was done is not known"):
            dial(path).call("note", {"text": "x"})
        thread.join()


def test_a_daemon_that_stopped_between_two_calls_is_said_to_be_gone(desk, path):
    with serving(desk.backend, path):
        backend = dial(path)
    with pytest.raises(TryLater, match="is gone"):
        backend.call("note", {"text": "x"})


def test_the_client_needs_neither_aiohttp_nor_a_database():
    heavy = ("aiohttp", "sqlalchemy", "pydantic", "asyncio")
    code = f"import sys, inboxd.control.client; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
