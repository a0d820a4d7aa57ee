"""`make install` on a machine of its own, with systemd as its first process: installed, run, upgraded, removed."""

import json
import re
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.certificates import Authority
from tests.harness.desk import DeskFailed, wait_until
from tests.harness.machine import Machine
from tests.harness.mails import hand_in, mail
from tests.plugins.machine import CLONE

# One machine for all of them, in the order of the file: the last one takes inboxd away.
pytestmark = pytest.mark.timeout(900)

UNIT = "inboxd.service"


def shown(machine: Machine, *properties: str) -> dict[str, str]:
    """What systemd says of the service."""
    said = machine.run("systemctl", "show", UNIT, *(f"--property={name}" for name in properties))
    return dict(line.partition("=")[::2] for line in said.splitlines())


def logged(machine: Machine) -> list[dict[str, str]]:
    """What this life of the daemon wrote into the journal, entry by entry."""
    life = shown(machine, "InvocationID")["InvocationID"]
    machine.run("journalctl", "--sync")
    said = machine.run("journalctl", f"_SYSTEMD_INVOCATION_ID={life}", "--output=json")
    return [json.loads(line) for line in said.splitlines()]


def port(machine: Machine, listener: str) -> int:
    wanted = re.compile(rf"event=listening listener={listener} address=\S+:(\d+) ")
    (found,) = [match[1] for entry in logged(machine) if (match := wanted.match(str(entry["MESSAGE"])))]
    return int(found)


def inboxd(machine: Machine, *arguments: str, user: str = "eng1") -> list[dict[str, object]]:
    """Run a command as a member of the group and give its objects."""
    return [json.loads(line) for line in machine.run("inboxd", "--json", *arguments, user=user).splitlines()]


@pytest.fixture(scope="module")
def prepared(installed: Machine) -> Machine:
    """Installed, with a member of the group, on free ports."""
    installed.run("useradd", "--create-home", "eng1")
    installed.run("usermod", "--append", "--groups", "inboxd", "eng1")
    installed.run("sed", "-i", r's/listen: "127.0.0.1:[0-9]*"/listen: "127.0.0.1:0"/', "/etc/inboxd/inboxd.yaml")
    return installed


@pytest.fixture
def running(prepared: Machine) -> Iterator[Machine]:
    """With the service up."""
    prepared.run("systemctl", "start", UNIT)
    yield prepared
    prepared.run("systemctl", "stop", UNIT)


def test_everything_has_its_place_its_owner_and_its_mode(prepared: Machine) -> None:
    paths = [
        "/etc/inboxd", "/etc/inboxd/credentials", "/etc/inboxd/inboxd.yaml", "/etc/inboxd/accounts.yaml",
        "/var/lib/inboxd", "/usr/local/lib/systemd/system/inboxd.service",
    ]  # fmt: skip
    said = prepared.run("stat", "--format=%n %a %U %G", *paths).splitlines()
    assert said == [
        "/etc/inboxd 750 root inboxd",
        "/etc/inboxd/credentials 700 root root",
        "/etc/inboxd/inboxd.yaml 640 root inboxd",
        "/etc/inboxd/accounts.yaml 640 root inboxd",
        "/var/lib/inboxd 2770 inboxd inboxd",
        "/usr/local/lib/systemd/system/inboxd.service 644 root root",
    ]
    # Root's umask was 077.
    assert prepared.run("find", "/opt/inboxd", "!", "-type", "l", "!", "-perm", "-o=r") == ""
    assert prepared.run("readlink", "/usr/local/bin/inboxd") == "/opt/inboxd/current/bin/inboxd\n"
    assert prepared.run("inboxd", "--version", user="inboxd").startswith("inboxd ")
    assert "ok       /etc/inboxd/inboxd.yaml" in prepared.run("inboxd", "check")


def test_what_runs_is_a_compiled_copy_and_not_the_clone(prepared: Machine) -> None:
    python = "/opt/inboxd/current/bin/python"
    code = "import inboxd, store, importlib.util as u; print(inboxd.__file__, u.cache_from_source(store.__file__))"
    file, compiled = prepared.run(python, "-I", "-c", code, user="inboxd").split()
    assert file.startswith("/opt/inboxd/")
    prepared.run("test", "-s", compiled)


def test_completions_are_there_and_their_shells_accept_them(prepared: Machine) -> None:
    share = "/usr/local/share"
    prepared.run("bash", "-n", f"{share}/bash-completion/completions/inboxd")
    for shell, file in (("zsh", "zsh/site-functions/_inboxd"), ("fish", "fish/vendor_completions.d/inboxd.fish")):
        assert "_INBOXD_COMPLETE" in prepared.run("cat", f"{share}/{file}")
        if prepared.try_run("which", shell).returncode == 0:
            prepared.run(shell, "-n", f"{share}/{file}")
    said = prepared.run(
        "env", "_INBOXD_COMPLETE=bash_complete", "COMP_WORDS=inboxd rel", "COMP_CWORD=1", "inboxd", user="eng1"
    )
    assert said == "plain,reload\n"


def test_the_service_starts_files_a_mail_and_speaks_to_systemd_and_to_the_journal(running: Machine) -> None:
    assert shown(running, "ActiveState", "StatusText")["StatusText"].startswith("Ready: control at /var/lib/inboxd/")
    queue_id = hand_in(port(running, "smtp"), mail("By the service", sender="ops@acme.example"))

    def filed() -> bool:
        return inboxd(running, "intake", "show", queue_id)[0]["status"] == "filed"

    wait_until(filed, within=60, what="a ticket", every=0.2)
    (entry,) = [entry for entry in logged(running) if entry["MESSAGE"].startswith("event=filed ")]
    assert (entry["PRIORITY"], entry["_SYSTEMD_UNIT"]) == ("6", UNIT)


def test_a_recording_is_transcribed_under_the_limits_of_the_unit(running: Machine) -> None:
    pid = shown(running, "MainPID")["MainPID"]
    status = dict(line.split(":\t", 1) for line in running.run("cat", f"/proc/{pid}/status").splitlines())
    assert (status["NoNewPrivs"], status["Seccomp"], int(status["CapBnd"], 16)) == ("1", "2", 0)
    for folder in ("/etc", "/opt/inboxd", "/usr/local/bin"):
        inside = ("nsenter", "--target", pid, "--mount", "--")
        assert "Read-only" in running.try_run(*inside, "touch", f"{folder}/x").stderr, folder
    recording = running.run(
        "sh", "-c", "echo /opt/inboxd/current/lib/python3*/site-packages/moonshine_voice/assets/beckett.wav"
    )
    filed = inboxd(running, "ingest", "--caller", "+15550100", "--called", "+15550190", recording.strip())
    (ticket,) = inboxd(running, "tickets", "show", str(filed[0]["ticket"]["ref"]))  # type: ignore[index]
    assert "fail better" in ticket["entries"][0]["transcript"]["text"]  # type: ignore[index]


def test_members_work_under_their_own_names_up_and_down_and_shut_nobody_out(prepared: Machine) -> None:
    """A member with a umask of 077 files a mail with a large attachment while the daemon is down; then it starts."""
    body = "".join(f"{number:059d}\n" for number in range(6_000))
    prepared.run("install", "-m", "0644", "/dev/stdin", "/home/eng1/large.eml", stdin=mail("Large", body).decode())
    done = prepared.try_run("inboxd", "--json", "ingest", "/home/eng1/large.eml", user="eng1", umask=0o077)
    ref = json.loads(done.stdout)["ticket"]["ref"]
    prepared.run("systemctl", "start", UNIT)
    try:
        prepared.run("inboxd", "tickets", "note", ref, "Looked at it.", user="eng1")
        (ticket,) = inboxd(prepared, "tickets", "show", ref)
        assert [event["actor"] for event in ticket["events"]][-1] == "eng1"  # type: ignore[attr-defined]
        assert inboxd(prepared, "ingest", "/home/eng1/large.eml")[0]["status"] == "duplicate"
    finally:
        prepared.run("systemctl", "stop", UNIT)
    prepared.run("useradd", "outsider")
    refused = prepared.try_run("inboxd", "tickets", "list", user="outsider")
    assert refused.returncode != 0
    assert "members of its group may" in refused.stderr


def test_a_reload_goes_through_systemd_and_fails_where_the_rules_are_wrong(running: Machine) -> None:
    running.run("systemctl", "reload", UNIT)
    running.run("sh", "-c", "echo 'decid: {}' >>/etc/inboxd/rules.yaml")
    try:
        assert running.try_run("systemctl", "reload", UNIT).returncode != 0
        state = shown(running, "ActiveState", "StatusText", "ExecReload")
        assert state["ActiveState"] == "active"
        assert "status=78" in state["ExecReload"]
        assert "not reloaded, mistakes in the files: 1" in state["StatusText"]
    finally:
        running.run("sed", "-i", "$d", "/etc/inboxd/rules.yaml")
    running.run("systemctl", "reload", UNIT)
    assert "not reloaded" not in shown(running, "StatusText")["StatusText"]


def test_a_secret_that_only_root_may_read_reaches_the_daemon_and_its_folder_may_be_missing(
    prepared: Machine, tmp_path: Path
) -> None:
    authority = Authority.made(tmp_path)
    signed = authority.sign("localhost")
    folder = "/etc/inboxd/credentials"
    prepared.run("install", "-m", "0644", "/dev/stdin", "/etc/inboxd/chain.pem", stdin=signed.certificate.read_text())
    prepared.run("install", "-m", "0600", "/dev/stdin", f"{folder}/smtp-key", stdin=signed.key.read_text())
    before = prepared.run("cat", "/etc/inboxd/inboxd.yaml")
    tls = "  certificate_file: ./chain.pem\n  key_file: smtp-key\n"
    prepared.run("tee", "/etc/inboxd/inboxd.yaml", stdin=before.replace("smtp:\n", f"smtp:\n{tls}"))
    try:
        prepared.run("systemctl", "start", UNIT)
        with smtplib.SMTP("127.0.0.1", port(prepared, "smtp"), timeout=60) as client:
            client._host = "localhost"
            client.starttls(context=ssl.create_default_context(cafile=authority.certificate))
        with pytest.raises(DeskFailed, match="Permission denied"):
            prepared.run("cat", f"{folder}/smtp-key", user="inboxd")
    finally:
        prepared.run("tee", "/etc/inboxd/inboxd.yaml", stdin=before)
        prepared.run("systemctl", "stop", UNIT)
        prepared.run("rm", "-r", folder)
    prepared.run("systemctl", "start", UNIT)
    prepared.run("systemctl", "stop", UNIT)
    prepared.run("install", "-d", "-m", "0700", folder)


def test_a_daemon_that_hangs_is_killed_and_started_again(prepared: Machine) -> None:
    drop_in = "/etc/systemd/system/inboxd.service.d/watchdog.conf"
    prepared.run("install", "-D", "-m", "0644", "/dev/stdin", drop_in, stdin="[Service]\nWatchdogSec=2\n")
    prepared.run("systemctl", "daemon-reload")
    try:
        prepared.run("systemctl", "start", UNIT)
        prepared.run("kill", "-STOP", shown(prepared, "MainPID")["MainPID"])

        def started_again() -> bool:
            state = shown(prepared, "NRestarts", "ActiveState")
            return state == {"NRestarts": "1", "ActiveState": "active"}

        wait_until(started_again, within=60, what="a restart by the watchdog", every=0.2)
    finally:
        prepared.run("rm", "-r", "/etc/systemd/system/inboxd.service.d")
        prepared.run("systemctl", "daemon-reload")
        prepared.run("systemctl", "stop", UNIT)


def releases(machine: Machine) -> str:
    return machine.run("sh", "-c", "ls /opt/inboxd/releases; readlink /opt/inboxd/current")


def release(machine: Machine, name: str, *edits: str) -> None:
    """Put a release beside the one in use: a copy with another version, and with `edits` (sed) in its daemon."""
    old = machine.run("readlink", "-f", "/opt/inboxd/current").strip()
    new = f"/opt/inboxd/releases/{name}"
    machine.run("cp", "-a", old, new)
    machine.run("sh", "-c", f"grep -rlIF {old} {new}/bin {new}/pyvenv.cfg | xargs sed -i 's|{old}|{new}|g'")
    package = machine.run("sh", "-c", f"echo {new}/lib/python3*/site-packages/inboxd").strip()
    machine.run("sed", "-i", f's/^__version__ = .*/__version__ = "{name}"/', f"{package}/__init__.py")
    for edit in edits:
        machine.run("sed", "-i", edit, f"{package}/daemon.py")


def test_an_installation_that_fails_leaves_the_running_version_as_it_was(running: Machine) -> None:
    pid, before = shown(running, "MainPID"), releases(running)
    locked = f"{CLONE}/requirements/runtime.txt"
    running.run("cp", locked, "/root/locked.txt")
    running.run("sed", "-i", "s/sha256:[0-9a-f]\\{8\\}/sha256:00000000/", locked)
    try:
        refused = running.try_run("make", "-C", CLONE, "install")
    finally:
        running.run("cp", "/root/locked.txt", locked)
    assert refused.returncode != 0
    assert "the packages could not be installed" in refused.stderr
    assert releases(running) == before
    assert shown(running, "MainPID") == pid


def test_two_installations_at_once_are_one_too_many(running: Machine) -> None:
    refused = running.try_run("flock", "/opt/inboxd/.lock", "make", "-C", CLONE, "install")
    assert refused.returncode != 0
    assert "another installation is under way" in refused.stderr


def test_a_configuration_that_the_new_version_refuses_stops_nothing(running: Machine) -> None:
    release(running, "9.9.0")
    pid = shown(running, "MainPID")
    running.run("sh", "-c", "echo 'decid: {}' >>/etc/inboxd/rules.yaml")
    try:
        refused = running.try_run(f"{CLONE}/tools/install", "use", "9.9.0")
    finally:
        running.run("sed", "-i", "$d", "/etc/inboxd/rules.yaml")
        running.run("rm", "-r", "/opt/inboxd/releases/9.9.0")
    assert refused.returncode != 0
    assert 'unknown key "decid"' in refused.stderr
    assert shown(running, "MainPID") == pid


def test_a_version_that_does_not_start_is_taken_back(running: Machine) -> None:
    release(running, "9.9.1", "s/^def run(.*/&\\n    raise SystemExit(3)/")
    before = running.run("readlink", "/opt/inboxd/current")
    refused = running.try_run(f"{CLONE}/tools/install", "use", "9.9.1")
    assert refused.returncode != 0
    assert "the old version runs again" in refused.stderr
    assert running.run("readlink", "/opt/inboxd/current") == before
    assert inboxd(running, "status")[0]["version"] != "9.9.1"
    running.run("rm", "-r", "/opt/inboxd/releases/9.9.1")


def test_another_version_takes_over_with_all_that_is_there(running: Machine) -> None:
    """What `make install` does with the release that it has built."""
    large = inboxd(running, "ingest", "/home/eng1/large.eml")[0]["ticket"]
    tickets = inboxd(running, "tickets", "list")
    configuration = running.run("sh", "-c", "cd /etc/inboxd && sha256sum *.yaml")
    old = running.run("readlink", "/opt/inboxd/current").strip()
    release(running, "9.9.2")
    for version in ("9.9.2", old):
        assert "the daemon runs again" in running.run(f"{CLONE}/tools/install", "use", version)
        assert running.run("readlink", "/opt/inboxd/current").strip().endswith(version)
    assert running.run("sh", "-c", "cd /etc/inboxd && sha256sum *.yaml") == configuration
    assert inboxd(running, "tickets", "list") == tickets
    assert large is not None


def test_removal_leaves_configuration_and_store(prepared: Machine) -> None:
    said = prepared.run("make", "-C", CLONE, "uninstall")
    assert "rm -r /etc/inboxd /var/lib/inboxd" in said
    gone = "find /opt/inboxd /usr/local -name '*inboxd*' 2>/dev/null || true"
    assert prepared.run("sh", "-c", gone) == ""
    assert "not-found" in shown(prepared, "LoadState")["LoadState"]
    prepared.run("test", "-s", "/var/lib/inboxd/inboxd.db")
    prepared.run("test", "-s", "/etc/inboxd/inboxd.yaml")
