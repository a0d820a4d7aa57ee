"""What an import finds at its paths, in which order, and what it leaves out."""

import os
import socket
import time
from pathlib import Path

import pytest

from inboxd.cli.import_plan import Plan
from inboxd.errors import InboxdError

DAYS = ("01", "02", "03", "04", "05", "06", "07", "08", "09")


def mail(day: str, subject: str = "x") -> bytes:
    return f"From: ops@acme.example\nDate: Tue, {day} Jan 2019 10:00:00 +0000\nSubject: {subject}\n\nhello\n".encode()


def look(*paths: Path, call: bool = False) -> Plan:
    plan = Plan()
    for path in paths:
        plan.look(path, call=call, seen=lambda: None)
    return plan


def names(plan: Plan, root: Path) -> list[str]:
    return [os.path.relpath(found.path, root) for found in plan]


def left_out(plan: Plan, root: Path) -> dict[str, str]:
    return {os.path.relpath(each.path, root): each.why for each in plan.left_out}


@pytest.fixture
def maildir(tmp_path):
    root = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Trash/cur", ".Archive.2018/cur"):
        (root / name).mkdir(parents=True)
    (root / "cur" / "1547000000.M1P1.host:2,S").write_bytes(mail("03"))
    (root / "new" / "1547000001.M1P1.host").write_bytes(mail("01"))
    (root / "tmp" / "1547000002.M1P1.host").write_bytes(mail("02"))
    (root / "cur" / "1547000003.M1P1.host:2,DS").write_bytes(mail("02"))
    (root / "cur" / "1547000004.M1P1.host:2,ST").write_bytes(mail("02"))
    (root / ".Sent" / "cur" / "1547000005.M1P1.host:2,S").write_bytes(mail("02"))
    (root / ".Trash" / "cur" / "1547000006.M1P1.host:2,S").write_bytes(mail("02"))
    (root / ".Archive.2018" / "cur" / "1547000007.M1P1.host:2,S").write_bytes(b"no header at all")
    for name in ("dovecot-uidlist", "dovecot.index.log", "subscriptions", "cur/dovecot-uidlist.lock"):
        (root / name).write_bytes(b"3 V1547000000 N8\n")
    (root / "cur" / "dovecot-uidlist.lock").unlink()
    return root


def test_all_folders_of_a_maildir_are_read_by_date_but_what_nobody_asks_for(maildir):
    plan = look(maildir)
    assert names(plan, maildir)[:3] == [
        "new/1547000001.M1P1.host", ".Sent/cur/1547000005.M1P1.host:2,S", "cur/1547000000.M1P1.host:2,S",
    ]  # fmt: skip
    # Without a date of its own: when it was delivered, as its name says.
    assert names(plan, maildir)[3:] == [".Archive.2018/cur/1547000007.M1P1.host:2,S"]
    assert [found.kept_at.timestamp() for found in plan][3] == 1547000007
    assert sorted(left_out(plan, maildir)) == [
        ".Trash", "cur/1547000003.M1P1.host:2,DS", "cur/1547000004.M1P1.host:2,ST",
    ]  # fmt: skip
    assert plan.failed == []
    assert len(plan) == 4


def test_a_folder_that_is_left_out_is_imported_when_it_is_named(maildir):
    assert len(look(maildir / ".Trash")) == 1


@pytest.mark.parametrize("kept", [("cur",), ("cur", "new"), ("new", "tmp")])
def test_a_maildir_may_lack_its_empty_folders(tmp_path, kept):
    for name in kept:
        (tmp_path / name).mkdir()
    (tmp_path / kept[0] / "1547000000.M1.host").write_bytes(mail("01"))
    (tmp_path / "dovecot-uidlist").write_bytes(b"Subject: no mail\n\n")
    assert names(look(tmp_path), tmp_path) == [f"{kept[0]}/1547000000.M1.host"]


def test_a_folder_holds_mails_mboxes_maildirs_and_recordings_at_any_depth(tmp_path):
    root = tmp_path / "export"
    (root / "2019" / "box" / "cur").mkdir(parents=True)
    (root / "2019" / "box" / "cur" / "1547000000.M1.host:2,").write_bytes(mail("04"))
    (root / "2019" / "a.eml").write_bytes(mail("05"))
    (root / "2019" / "without-ending").write_bytes(b"Received: from x\n" + mail("02"))
    (root / "2019" / "empty.eml").write_bytes(b"")
    mbox = b"From a@b.example Tue Jan 13 10:00:00 2026\n"
    (root / "all.mbox").write_bytes(mbox + mail("03") + b"\n" + mbox + mail("01"))
    (root / "voice").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    os.utime(root / "voice", (0, 0))
    os.utime(root / "2019" / "empty.eml", (2e9, 2e9))
    (root / "README.txt").write_bytes(b"From here on everything is old.\nSee: nothing\n")
    (root / "odd.eml").write_bytes(b"From somebody\n" + mail("06"))
    (root / "notes").write_bytes(b"Agenda: none\n")
    (root / "old.mbox.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (root / ".DS_Store").write_bytes(b"x")
    (root / "Junk").mkdir()
    plan = look(root)
    assert names(plan, root) == [
        "all.mbox#2", "2019/without-ending", "all.mbox#1", "2019/box/cur/1547000000.M1.host:2,", "2019/a.eml",
        "odd.eml", "2019/empty.eml", "voice",
    ]  # fmt: skip
    assert [found.kind for found in plan].count("voicemail") == 1
    assert set(left_out(plan, root)) == {"README.txt", "notes", "old.mbox.gz", ".DS_Store", "Junk"}
    assert "gunzip" in left_out(plan, root)["old.mbox.gz"]
    assert [found.read() for found in plan][:2] == [mail("01"), b"Received: from x\n" + mail("02")]
    assert all(found.kept_at.timestamp() <= time.time() for found in plan)


def test_pipes_sockets_and_loops_of_links_hold_nothing_up(tmp_path):
    (tmp_path / "a.eml").write_bytes(mail("01"))
    os.mkfifo(tmp_path / "pipe.eml")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "up").symlink_to(tmp_path)
    (tmp_path / "below" / "b.eml").symlink_to(tmp_path / "a.eml")
    (tmp_path / "gone.eml").symlink_to(tmp_path / "nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.eml"))
        plan = look(tmp_path)
    assert names(plan, tmp_path) == ["a.eml", "below/b.eml"]
    assert set(left_out(plan, tmp_path)) == {"pipe.eml", "s.eml"}
    assert [(Path(path).name, str(error)) for path, error in plan.failed] == [
        ("gone.eml", "cannot be read: No such file or directory")
    ]


@pytest.mark.parametrize("what", ["pipe", "socket", "missing"])
def test_a_path_that_is_named_and_is_no_file_fails_with_a_reason(tmp_path, what):
    path = tmp_path / "it"
    with socket.socket(socket.AF_UNIX) as listening:
        if what == "pipe":
            os.mkfifo(path)
        elif what == "socket":
            listening.bind(str(path))
        ((_, error),) = look(path).failed
    assert {"pipe": "is a pipe", "socket": "is a socket", "missing": "No such file"}[what] in str(error)


def test_a_folder_that_may_not_be_entered_is_reported_and_the_others_go_on(tmp_path, monkeypatch):
    (tmp_path / "a.eml").write_bytes(mail("01"))
    (tmp_path / "closed").mkdir()
    real = os.listdir

    def listdir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    plan = look(tmp_path)
    assert len(plan) == 1
    assert str(plan.failed[0][1]) == "cannot be read: Permission denied"


def test_a_mail_that_its_reader_moves_meanwhile_is_found_again_and_one_that_went_is_said(maildir):
    plan = look(maildir)
    moved = maildir / "new" / "1547000001.M1P1.host"
    moved.rename(maildir / "cur" / "1547000001.M1P1.host:2,S")
    (maildir / "cur" / "1547000000.M1P1.host:2,S").unlink()
    found = {Path(each.path).name: each for each in plan}
    assert found[moved.name].read() == mail("01")
    with pytest.raises(InboxdError, match="cannot be read: No such file"):
        found["1547000000.M1P1.host:2,S"].read()


def test_an_empty_mbox_and_an_empty_folder_hold_nothing(tmp_path):
    (tmp_path / "box.mbox").write_bytes(b"")
    assert len(look(tmp_path)) == 0


def test_names_that_are_no_text_are_kept_as_they_are(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.eml")
    Path(path).write_bytes(mail("01"))
    (found,) = look(tmp_path)
    assert (found.path, found.read()) == (path, mail("01"))


def test_a_hundred_thousand_mails_of_an_mbox_take_some_forty_bytes_each(tmp_path):
    import tracemalloc

    path = tmp_path / "box"
    with path.open("wb") as file:
        for number in range(10_000):
            file.write(b"From a@b.example Tue Jan 13 10:00:00 2026\n" + mail("01", str(number)) + b"\n")
    tracemalloc.start()
    plan = look(path)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(plan) == 10_000
    assert used < 10_000 * 64 + 200_000
