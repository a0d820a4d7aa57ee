"""A new desk's files."""

import os
import re
import stat
from pathlib import Path

import pytest

from inboxd import accounts
from inboxd.errors import InboxdError, UsageWrong
from inboxd.init_files import FILES, policies, write_desk
from inboxd.settings import load
from inboxd.templates import load as texts_and_words
from rules.load import load as load_rules

ROOT = Path(__file__).parents[3]


def test_the_files_work_as_they_stand(tmp_path: Path) -> None:
    desk = tmp_path / "some" / "desk"
    write_desk(desk)
    settings = load(desk / "inboxd.yaml")
    assert settings.smtp is not None
    assert settings.smtp.listen.host == "127.0.0.1"
    assert settings.smtp.recipients == ("support@example.com",)
    assert settings.http is not None
    assert settings.http.listen.host == "127.0.0.1"
    assert settings.store.sqlite_path == desk / "inboxd.db"
    assert settings.speech.engine == "moonshine"
    assert settings.rules is not None
    rules = load_rules(settings.rules)
    directory = accounts.load(settings.accounts, rules.plans)
    assert directory.by_address("ops@acme.example")[0].contact.authorized
    assert rules.zone == settings.desk.zone.key


def test_the_files_are_the_shipped_ones_with_the_zone_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    write_desk(tmp_path / "desk")
    for name in FILES:
        shipped = (ROOT / "config" / "default" / name).read_text("utf-8")
        expected = shipped.replace("desk: {zone: UTC}", "desk: {zone: Asia/Tokyo}")
        assert (tmp_path / "desk" / name).read_text("utf-8") == expected
    assert load(tmp_path / "desk" / "inboxd.yaml").desk.zone.key == "Asia/Tokyo"


def test_a_desk_below_etc_has_its_store_in_var_lib() -> None:
    from inboxd.init_files import _adapted

    template = (ROOT / "config" / "default" / "inboxd.yaml").read_text("utf-8")
    assert 'url: "sqlite:////var/lib/inboxd/inboxd.db"' in _adapted(template, Path("/etc/inboxd"))
    assert 'url: "sqlite:///inboxd.db"' in _adapted(template, Path("/srv/etc/inboxd"))


def test_every_key_of_the_shipped_files_is_explained_by_a_comment() -> None:
    for name in FILES:
        text = (ROOT / "config" / "default" / name).read_text("utf-8")
        assert text.startswith("#")
        assert text.count("#") >= 8, name


def test_only_the_desk_and_its_group_may_read_the_files(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_desk(tmp_path / "desk")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "desk").stat().st_mode) == 0o750
    assert {stat.S_IMODE((tmp_path / "desk" / name).stat().st_mode) for name in FILES} == {0o640}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_written_where_one_of_the_files_is_there_already(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(InboxdError, match="overwrites nothing") as refused:
        write_desk(tmp_path)
    assert refused.value.exit_code == 1
    assert str(tmp_path / name) in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text("utf-8") == "mine"


def test_a_dangling_link_is_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InboxdError, match="overwrites nothing"):
        write_desk(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_named_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InboxdError, match=r"cannot write into .*file/desk: "):
        write_desk(tmp_path / "file" / "desk")


def test_the_lines_to_edit_next_name_each_file_and_the_next_commands(tmp_path: Path) -> None:
    told = "\n".join(write_desk(tmp_path / "desk"))
    for name in FILES:
        assert str(tmp_path / "desk" / name) in told
    assert f"inboxd -c {tmp_path}/desk/inboxd.yaml check" in told


def test_a_book_with_people_on_call_says_what_reaches_them(tmp_path: Path) -> None:
    reaches = "twilio or outgoing, by which whoever is on call is reached"
    assert any(reaches in line for line in write_desk(tmp_path / "calls", "tech-line"))
    assert not any(reaches in line for line in write_desk(tmp_path / "mails", "best-effort"))


def test_a_book_that_is_not_there_is_wrong_usage_and_says_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(UsageWrong, match=r'no policy book "nonesuch": (there are|this version comes with none)'):
        write_desk(tmp_path / "desk", "nonesuch")
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize("book", policies())
def test_a_desk_from_a_policy_book_works_as_it_stands(book: str, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    write_desk(desk, book)
    settings = load(desk / "inboxd.yaml")
    assert settings.rules is not None
    rules = load_rules(settings.rules, zone=settings.desk.zone.key)
    assert rules.zone == settings.desk.zone.key
    assert len(accounts.load(settings.accounts, rules.plans)) > 0
    # What the rules name is there: the templates, and somebody of the staff for each queue.
    templates = texts_and_words(settings.templates.folder, settings.templates.language)
    effects = [rule.effects for section in rules.sections for rule in section.rules]
    named = {each.acknowledge for each in effects if each.acknowledge} | {
        name for each in effects for name in each.tell
    }
    assert named <= templates.texts.keys()
    queues = {each.queue for each in effects if each.queue}
    assert queues == {queue for member in settings.staff for queue in member.queues}
    # The default desk's sections are all there, once.
    text = (desk / "inboxd.yaml").read_text("utf-8")
    for key in ("desk", "store", "smtp", "http", "speech", "templates", "staff", "log", "rules", "accounts"):
        assert len(re.findall(rf"^{key}:", text, re.MULTILINE)) == 1, key


def test_there_are_the_five_books() -> None:
    assert policies() == ["best-effort", "office-hours", "service-levels", "tech-line", "verified-requests"]
