"""What commands import, because that is what makes them slow to start."""

import pytest

HEAVY = {"aiohttp", "aiosmtpd", "alembic", "apscheduler", "numpy", "pydantic", "re2", "sqlalchemy", "structlog", "yaml"}
SERVERS = {"aiohttp", "aiosmtpd", "alembic", "apscheduler", "numpy", "sqlalchemy"}


def test_help_imports_nothing_but_click_and_the_standard_library(imported_by):
    imported = imported_by("--help")
    assert "click" in imported
    assert imported & HEAVY == set()
    assert {name for name in imported if name.startswith("inboxd.cli.")} <= {
        f"inboxd.cli.{name}" for name in ("main", "root", "group", "session", "output", "terminal")
    }


@pytest.mark.parametrize("line", [[name, "--help"] for name in ("tickets", "ingest", "check", "parse", "run")])
def test_the_help_of_a_command_imports_no_more(imported_by, line):
    assert imported_by(*line) & HEAVY == set()


@pytest.mark.parametrize(
    "line",
    [
        ["tickets", "list"],
        ["tickets", "show", "10010-1"],
        ["tickets", "set", "10010-1", "--tag", "x"],
        ["why", "10010-1"],
        ["check"],
        ["ingest", "MAIL"],
    ],
)
def test_a_command_that_the_daemon_answers_imports_no_database_and_no_server(desk, imported_by, tmp_path, line):
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"Subject: x\n\nx\n")
    imported = imported_by(*(str(mail) if word == "MAIL" else word for word in line))
    assert "inboxd.control.client" in imported
    assert imported & SERVERS == set()


def test_parse_imports_no_database_and_no_settings(imported_by, tmp_path):
    mail = tmp_path / "a.eml"
    mail.write_bytes(b"Subject: x\n\nx\n")
    imported = imported_by("parse", str(mail))
    assert "inboxd.message" in imported
    assert imported & (SERVERS | {"pydantic", "yaml", "inboxd.settings"}) == set()
