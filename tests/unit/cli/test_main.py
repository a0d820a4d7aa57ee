"""Every way in which a command line can end."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import inboxd
from inboxd.cli import main as main_module
from inboxd.cli.group import Entry
from inboxd.cli.root import SECTIONS, main


def test_each_line_of_the_help_is_the_first_sentence_of_the_command_itself():
    ctx = click.Context(main)
    for entries in SECTIONS.values():
        for name, entry in entries.items():
            command = main.get_command(ctx, name)
            assert command is not None
            assert command.name == name
            assert (command.help or "").splitlines()[0].rstrip(".") == entry.help.rstrip(".")


def test_help_and_version_come_from_the_console_script(call):
    assert call("--help").out.startswith("Usage: inboxd ")
    assert call("-h").code == 0
    assert call("--version").out == f"inboxd {inboxd.__version__}\n"


def test_no_command_shows_the_help_on_stderr_and_is_wrong_usage(call):
    ended = call()
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: inboxd" in ended.err


@pytest.mark.parametrize(
    ("line", "like"),
    [(["tikets"], "'tickets'"), (["tickets", "shwo"], "'show'"), (["tickets", "list", "--quue", "x"], "'--queue'")],
)
def test_a_mistyped_word_is_answered_with_the_one_that_is_like_it(call, line, like):
    ended = call(*line)
    assert (ended.code, ended.out) == (2, "")
    assert "Did you mean" in ended.err
    assert like in ended.err
    assert len(ended.err.splitlines()) == 1


def test_wrong_usage_with_json_is_json_wherever_the_option_stands(call):
    for line in (["--json", "tikets"], ["tickets", "list", "--quue", "--json"]):
        ended = call(*line)
        assert ended.code == 2
        assert [set(each) for each in ended.json] == [{"error"}]


@pytest.mark.parametrize(
    "line",
    [
        ["--json", "tickets", "show", "10010-1"],
        ["tickets", "--json", "show", "10010-1"],
        ["tickets", "show", "--json", "10010-1"],
        ["tickets", "show", "10010-1", "--json"],
    ],
)
def test_json_is_taken_before_and_after_the_command(call, desk, line):
    assert call(*line).json == [desk.tickets["10010-1"]]


def test_the_configuration_is_taken_before_and_after_the_command_and_outweighs_the_environment(call, desk, monkeypatch):
    config = os.environ["INBOXD_CONFIG"]
    monkeypatch.setenv("INBOXD_CONFIG", "/nowhere/inboxd.yaml")
    for line in (["-c", config, "tickets", "list"], ["tickets", "list", "--config", config]):
        assert call(*line).code == 0
    ended = call("tickets", "list")
    assert ended.code == 78
    assert "/nowhere/inboxd.yaml" in ended.err


def test_a_failure_is_one_line_on_stderr_and_error_in_json(call, desk):
    ended = call("tickets", "show", "99999-9")
    assert (ended.code, ended.out, ended.err) == (1, "", "inboxd: no ticket 99999-9\n")
    assert call("tickets", "show", "99999-9", "--json").json == [{"error": "no ticket 99999-9"}]


@pytest.fixture
def broken(monkeypatch, tmp_path):
    """A command `broken` that raises what it is told to."""
    (tmp_path / "broken_command.py").write_text(
        "import click\nfrom inboxd.cli.group import Command\n"
        "@click.command('broken', cls=Command)\n@click.argument('how')\n"
        "def command(how):\n    raise eval(how)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_command", raising=False)
    monkeypatch.setitem(main.entries, "broken", Entry("broken_command", "Broken."))


def test_an_unexpected_exception_is_one_line_without_a_traceback(call, broken):
    ended = call("broken", "ZeroDivisionError('by\\nnothing')", "--json")
    assert ended.code == 1
    assert ended.err == "inboxd: internal error: ZeroDivisionError: by nothing (INBOXD_DEBUG=1 shows where)\n"
    assert ended.json == [{"error": ended.err.removeprefix("inboxd: ").rstrip("\n")}]


def test_the_traceback_is_shown_on_request(call, broken, monkeypatch):
    assert "Traceback" in call("broken", "KeyError(1)", "--log-level", "debug").err
    monkeypatch.setenv("INBOXD_DEBUG", "1")
    assert "Traceback" in call("broken", "KeyError(1)").err


def test_an_operating_system_error_is_said_in_its_words(call, broken):
    ended = call("broken", "OSError(28, 'No space left on device', 'x.db')")
    assert (ended.code, ended.err) == (1, "inboxd: No space left on device: x.db (INBOXD_DEBUG=1 shows where)\n")


def test_an_interrupt_ends_with_130(call, broken):
    assert call("broken", "KeyboardInterrupt()").code == 130


def test_a_reader_that_goes_away_is_not_spoken_of():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "inboxd", "--help"], stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_python_dash_m_is_the_command_line():
    done = subprocess.run([sys.executable, "-m", "inboxd", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"inboxd {inboxd.__version__}\n"


def test_a_package_of_another_project_in_the_place_of_ours_is_named(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "__init__.py").touch()
    home = Path(inboxd.__file__).parents[1]
    first = [str(tmp_path), str(home)]
    code = f"import sys; sys.path[:0] = {first}; from inboxd.cli.main import run; run(['-h'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"the package `rules` must stand beside inboxd in {home}, and it is in {tmp_path}" in done.stderr


def test_a_missing_room_is_named(call, monkeypatch):
    monkeypatch.setattr(main_module, "_ROOMS", ("rules", "cellar"))
    ended = call("--help")
    assert (ended.code, ended.out) == (1, "")
    assert "`cellar` must stand beside inboxd" in ended.err
    assert "it is missing" in ended.err
