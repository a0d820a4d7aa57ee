"""Rules and accounts taken over by a running daemon: all of it or nothing, in the middle of everything."""

import itertools
import json
import signal
import socket
import sqlite3
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import hand_in, mail

RULES = """\
decide:
  all:
    - {{rule: everything, then: {{queue: {word}, tag: {word}}}}}
"""
ACCOUNTS = """\
accounts:
  - {{id: {word}, name: Acme, contacts: [{{name: Operations, addresses: [ops@acme.example]}}]}}
"""


def write(desk: Desk, word: str) -> None:
    """Let every file say `word`, each at once or not at all."""
    for name, text in (("rules.yaml", RULES), ("accounts.yaml", ACCOUNTS)):
        new = desk.folder / f"{name}.new"
        new.write_text(text.format(word=word), "utf-8")
        new.rename(desk.folder / name)


def decided(desk: Desk, daemon: Daemon, subject: str) -> dict[str, object]:
    """Hand a mail in and give its ticket."""
    queue_id = hand_in(daemon.ports["smtp"], mail(subject, sender="ops@acme.example"))

    def filed() -> bool:
        return desk.json("intake", "show", queue_id)[0]["ticket"] is not None

    wait_until(filed, within=60, what="a ticket")
    return desk.json("tickets", "show", str(desk.json("intake", "show", queue_id)[0]["ticket"]))[0]


def health(daemon: Daemon) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.ports['http']}/healthz", timeout=60) as answer:
        return answer.read().decode()


def test_what_stands_in_the_files_holds_for_the_next_mail(desk: Desk, daemon: Daemon) -> None:
    write(desk, "night")
    assert desk.run("reload") == "Reloaded: 1 rule, 1 account.\n"
    ticket = decided(desk, daemon, "One")
    assert (ticket["queue"], ticket["tags"]) == ("night", ["night"])
    assert ticket["account"] == {"id": "night", "name": "Acme", "plan": None}


def test_a_mistake_ends_with_78_names_its_place_and_leaves_everything_as_it_was(desk: Desk, daemon: Daemon) -> None:
    write(desk, "night")
    desk.run("reload")
    write(desk, "day")
    (desk.folder / "accounts.yaml").write_text("accounts:\n  - {id: day, nmae: Acme}\n", "utf-8")
    refused = desk.try_run("reload")
    assert refused.returncode == 78
    assert f"{desk.folder}/accounts.yaml:2:15: " in refused.stderr
    in_json = [json.loads(line) for line in desk.try_run("--json", "reload").stdout.splitlines()]
    assert {(each["line"], each["column"]) for each in in_json} == {(2, 5), (2, 15)}  # no name, and a key unknown
    assert [each["error"] for each in in_json] == refused.stderr.splitlines()
    assert {line["mistake"] for line in daemon.events("not_reloaded")} == set(refused.stderr.splitlines())
    assert decided(desk, daemon, "One")["queue"] == "night"


def test_without_a_daemon_it_says_so(desk: Desk) -> None:
    done = desk.try_run("reload")
    assert done.returncode == 1
    assert "no daemon answers at" in done.stderr


def test_sections_that_only_a_restart_takes_over_are_named(desk: Desk, daemon: Daemon) -> None:
    desk.change({"smtp": {"recipients": ["support@example.com", "help@example.com"]}, "workers": {"mail": 3}})
    said = desk.run("reload").splitlines()
    assert said[1] == f"Changed in {desk.config}, and taken over by a restart only: smtp, workers."
    assert desk.json("reload")[0]["restart_needed"] == ["smtp", "workers"]
    # The text of the file may change without any of its meaning.
    desk.change({"smtp": {"recipients": ["support@example.com"]}, "workers": None})
    desk.config.write_text("# A comment moves every line.\n" + desk.config.read_text("utf-8"), "utf-8")
    assert desk.json("reload")[0]["restart_needed"] == []


def test_sighup_does_the_same_and_says_it_in_the_log(desk: Desk, daemon: Daemon) -> None:
    write(desk, "night")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: bool(daemon.events("reloaded")), within=60, what="a reload")
    (line,) = daemon.events("reloaded")
    assert (line["by"], line["rules"], line["accounts"]) == ("SIGHUP", 1, 1)
    (desk.folder / "rules.yaml").write_text("tickets: []\n", "utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: bool(daemon.events("not_reloaded")), within=60, what="a refusal")
    mistake = daemon.events("not_reloaded")[0]["mistake"]
    assert mistake.startswith(f"{desk.folder}/rules.yaml:1:1: ")
    assert decided(desk, daemon, "One")["queue"] == "night"
    assert health(daemon) == f"ok\nnot reloaded: {mistake}\n"
    # The file is mended, and nobody has told the daemon.
    write(desk, "day")
    checked = desk.try_run("check")
    assert checked.returncode == 1
    assert f"the last reload was refused: {mistake}" in checked.stderr
    desk.run("reload")
    assert health(daemon) == "ok\n"


def test_a_sighup_during_the_start_ends_nothing(desk: Desk) -> None:
    daemon = desk.start(wait=False)
    try:
        wait_until(lambda: bool(daemon.events()), within=60, what="a first line in the log", every=0.001)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_ready()
        wait_until(lambda: bool(daemon.events("reloaded")), within=60, what="a reload")
    finally:
        daemon.kill()


def test_reloads_under_load_lose_nothing_and_mix_nothing(desk: Desk, daemon: Daemon) -> None:
    """Three senders without a pause; meanwhile rules and accounts change together, two reloads at once each time."""
    write(desk, "night")
    desk.run("reload")
    stop = threading.Event()

    def send(sender: int) -> int:
        for number in itertools.count():
            if stop.is_set():
                return number
            hand_in(daemon.ports["smtp"], mail(f"Mail {number} of {sender}", sender="ops@acme.example"))
        raise AssertionError

    with ThreadPoolExecutor(5) as threads:
        senders = [threads.submit(send, sender) for sender in range(3)]
        try:
            for word in ("day", "night") * 4:
                write(desk, word)
                for reload in [threads.submit(desk.run, "reload") for _ in range(2)]:
                    assert reload.result(timeout=60) == "Reloaded: 1 rule, 1 account.\n"
        finally:
            stop.set()
        sent = sum(sender.result(timeout=60) for sender in senders)
    wait_until(desk.settled, within=120, what="an end of all work", every=0.2)
    tickets = desk.json("tickets", "list")
    assert len(tickets) == sent
    said = {(ticket["queue"], *ticket["tags"], ticket["account"]["id"]) for ticket in tickets}
    assert said == {("day", "day", "day"), ("night", "night", "night")}


@contextmanager
def service_manager(desk: Desk, tmp_path: Path) -> Iterator[socket.socket]:
    """The socket by which systemd hears from a service (sd_notify(3))."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        desk.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        yield manager


def hear(manager: socket.socket, wanted: str) -> dict[str, str]:
    """Take messages up to the first one that holds the assignment `wanted`; the pings between do not matter."""
    while True:
        said = dict(line.partition("=")[::2] for line in manager.recv(4096).decode().splitlines())
        name, _, value = wanted.partition("=")
        if said.get(name) == value:
            return said


def test_the_service_manager_hears_of_each_reload_and_of_what_became_of_it(desk: Desk, tmp_path: Path) -> None:
    with service_manager(desk, tmp_path) as manager:
        daemon = desk.start(wait=False)
        try:
            hear(manager, "READY=1")
            daemon.wait_ready()
            (desk.folder / "rules.yaml").write_text("tickets: []\n", "utf-8")
            assert desk.try_run("reload").returncode == 78
            assert int(hear(manager, "RELOADING=1")["MONOTONIC_USEC"]) > 0
            assert "not reloaded, mistakes in the files: 1" in hear(manager, "READY=1")["STATUS"]
            assert f"{desk.folder}/rules.yaml:1:1: " in desk.run("status")
            write(desk, "night")
            desk.run("reload")
            assert "Not reloaded" not in desk.run("status")
            hear(manager, "RELOADING=1")
            status = hear(manager, "READY=1")["STATUS"]
            assert status.startswith("Ready: control at ")
            assert "not reloaded" not in status
        finally:
            daemon.kill()


def test_a_watched_daemon_pings_and_says_whether_it_can_take_mail_in(desk: Desk, tmp_path: Path) -> None:
    """A store that says no is no reason to be restarted: the pings go on."""
    with service_manager(desk, tmp_path) as manager:
        desk.environment["WATCHDOG_USEC"] = "600000"
        daemon = desk.start(wait=False)
        try:
            hear(manager, "READY=1")
            assert hear(manager, "WATCHDOG=1")["STATUS"].startswith("Ready: ")
            with closing(sqlite3.connect(desk.folder / "inboxd.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                while not hear(manager, "WATCHDOG=1")["STATUS"].startswith("Cannot take mail in: the store"):
                    pass
            while not hear(manager, "WATCHDOG=1")["STATUS"].startswith("Ready: "):
                pass
        finally:
            daemon.kill()
