"""`check` and mailboxes: signed in to, opened, and each thing that can be wrong said in its own words."""

import json
import threading

import pytest

from inboxd.preflight.mailboxes import mailboxes
from inboxd.settings import load
from tests.harness.certificates import Authority
from tests.harness.cli import call
from tests.harness.lying_imap import TRUE, LyingImap, lies
from tests.harness.mails import mail


class Desk:
    """A configuration with mailboxes, and what is found of them."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "inboxd.yaml"
        self.boxes = []

    def add(self, *, password, **keys):
        name = keys.setdefault("name", f"box{len(self.boxes)}")
        secret = self.folder / f"{name}-password"
        secret.write_text(password)
        secret.chmod(0o600)
        self.boxes.append({"address": "support@example.com", "password_file": str(secret), **keys})

    def on(self, account, **keys):
        """Add a mailbox that lies on a Dovecot."""
        server = account.server
        given = {"host": "localhost", "port": server.tls_port, "ca_file": str(server.ca_file), "user": account.user}
        self.add(**{"password": account.password, **given, **keys})

    def on_lying(self, server, **keys):
        self.add(password=server.password, host="127.0.0.1", port=server.port, tls="none", user=server.user, **keys)

    def settings(self):
        self.config.write_text(json.dumps({"imap": self.boxes}))
        return load(self.config)

    def found(self, begun=None, within=20.0):
        found = mailboxes(self.settings().imap, lambda _: None, begun or {}, within=within)
        return [f"{each.level}: {each}" for each in found]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def bad(found):
    return [line.removeprefix("failed: ") for line in found if line.startswith("failed")]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("now", "start: now: 3 mails lie there and go into the ledger only; nothing is filed or answered"),
        ("history", "start: history: 3 mails lie there and are filed quietly and closed; nothing is answered"),
        ("all", "start: all: 3 mails lie there and are filed as new mail, with clocks and answers"),
        ("2026-01-01", "start: 2026-01-01: 3 mails lie there; what came since that day is filed as new mail, what is"),
    ],
)
def test_it_says_what_will_become_of_the_mail_that_lies_there(desk, account, start, words):
    account.append(*(mail(f"Report {number}") for number in range(3)))
    desk.on(account, start=start)
    signed_in, folder = desk.found()
    assert signed_in == f"ok: imap.box0: signed in to localhost:{account.server.tls_port} as {account.user}"
    assert folder.startswith(f"ok: imap.box0 INBOX: {words}")
    assert account.flags() == {1: (), 2: (), 3: ()}


def test_of_a_folder_that_is_fetched_already_start_decides_nothing_any_more(desk, account):
    account.append(mail())
    desk.on(account)
    words = "1 mail lies there; fetched since 2026-01-13T16:00:00Z, so `start` decides nothing any more"
    assert desk.found({("box0", "INBOX"): 1768320000000})[1] == f"ok: imap.box0 INBOX: {words}"


def test_a_missing_folder_is_named_with_those_that_are_like_it_first(desk, account):
    for folder in ("Alarms", "Archive", "Sent"):
        account.create(folder)
    desk.on(account, folders=["INBOX", "alarm"])
    assert bad(desk.found()) == ["imap.box0 alarm: there is no such folder; there are Alarms, Archive, INBOX, Sent"]


def test_of_very_many_folders_the_nearest_are_named(desk):
    with LyingImap("INBOX", *(f"Folder {number}" for number in range(30))) as server:
        desk.on_lying(server, folders=["Folder 7x"])
        (found,) = bad(desk.found())
    assert found.startswith("imap.box0 Folder 7x: there is no such folder; there are Folder 7, ")
    assert found.endswith(" and 26 more")


def test_a_folder_that_can_only_be_read_is_no_place_for_marks(desk, account):
    account.create("Alarms")
    account.rights("lr", "Alarms")
    desk.on(account, folders=["Alarms"], after="seen")
    (found,) = bad(desk.found())
    assert found.startswith("imap.box0 Alarms: the folder can only be read, and `after: seen` cannot be done.")
    desk.boxes[0]["after"] = "keep"
    assert bad(desk.found()) == []


def test_the_folder_that_mail_is_moved_to_must_be_there(desk, account):
    account.create("Done")
    desk.on(account, after="move:Done")
    assert "ok: imap.box0 Done: is there for the mail that is moved" in desk.found()
    desk.boxes[0]["after"] = "move:Don"
    (found,) = bad(desk.found())
    assert "Make it, or name another; there are Done, INBOX" in found


def test_a_wrong_password_is_said_and_never_shown(desk, account):
    desk.on(account, password="hunter2hunter2")
    (found,) = desk.found()
    assert found.startswith("failed: imap.box0: ")
    assert "refuses the password" in found
    assert "hunter2" not in found
    desk.settings()
    ended = call("-c", desk.config, "check")
    assert ended.code == 1
    assert "hunter2" not in ended.out + ended.err


def test_certificates_of_another_name_and_of_nobody_known_are_told_apart(desk, account, tmp_path):
    desk.on(account, host="127.0.0.1")
    desk.on(account, folders=["Alarms"], ca_file=str(Authority.made(tmp_path).certificate))
    another, unknown = bad(desk.found())
    assert "is for another name" in another
    assert "is signed by nobody that inboxd is told to trust" in unknown


def test_what_the_server_cannot_do_and_what_that_means_is_a_warning(desk):
    able = [word for word in TRUE if word not in ("IDLE", "MOVE", "UIDPLUS")]
    with LyingImap("INBOX", "Alarms", "Done", capabilities=able) as server:
        desk.on_lying(server, name="moves", after="move:Done")
        desk.on_lying(server, name="deletes", after="delete", folders=["Alarms"])
        warnings = [line for line in desk.found() if line.startswith("warning")]
    assert [line.split(": ")[1:3] for line in warnings] == [
        ["imap.moves", "the server has no IDLE"],
        ["imap.moves", "the server has no MOVE"],
        ["imap.deletes", "the server has no IDLE"],
        ["imap.deletes", "the server has no UIDPLUS"],
    ]
    assert warnings[1].endswith("then flagged \\Deleted here, for somebody to expunge")


def test_starttls_that_was_taken_out_is_said_and_no_password_was_sent(desk):
    with LyingImap() as server:
        desk.add(password="a password", host="127.0.0.1", port=server.port, tls="starttls", user="support")
        (found,) = desk.found()
        assert "offers no STARTTLS" in found
        assert not {"LOGIN", "AUTHENTICATE"} & server.commands.keys()


def test_a_server_that_never_answers_ends_in_time_and_holds_up_no_other(desk, account):
    with LyingImap() as silent:
        silent.lie("GREETING", lies.hang(), times=None)
        desk.on_lying(silent, name="silent")
        desk.on(account, name="well")
        found = desk.found(within=2.0)
    assert found[0].startswith("failed: imap.silent: 127.0.0.1:")
    assert "did not answer within 2 seconds" in found[0]
    assert [line.split(":")[0] for line in found[1:]] == ["ok", "ok"]
    assert not [one for one in threading.enumerate() if one.name == "check-well"]


def test_check_ends_with_1_where_a_mailbox_fails_and_names_it_in_json(desk, account):
    desk.on(account, name="gone", port=1)
    desk.on(account, name="well")
    desk.settings()
    ended = call("-c", desk.config, "check", "--json")
    assert ended.code == 1
    of_mailboxes = {each["place"]: each["level"] for each in ended.json if each["place"].startswith("imap.")}
    assert of_mailboxes == {"imap.gone": "failed", "imap.well": "ok", "imap.well INBOX": "ok"}
