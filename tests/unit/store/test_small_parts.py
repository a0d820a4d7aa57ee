"""The parts of the store that need no database."""

import os
import subprocess
import sys

import pytest

from store import claimant
from store.address import parse
from store.clock import boot_id
from store.errors import StoreBusy, StoreError, StoreNewer, StoreOlder, StoreUnavailable
from store.search import fold
from store.tickets import earliest_due


@pytest.mark.parametrize("module", ["store", "store.errors", "store.references"])
def test_the_cheap_modules_import_no_sqlalchemy(module: str):
    code = (
        f"import sys, {module}; print(sorted(n for n in sys.modules if n.split('.')[0] in ('sqlalchemy', 'alembic')))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_opening_a_store_that_is_up_to_date_imports_no_alembic(tmp_path):
    code = (
        "import sys; from store.open import Store\n"
        f"url = 'sqlite:///{tmp_path}/inboxd.db'\n"
        "Store.open(url, role='daemon', create=True).close()\n"
        "Store.open(url, role='daemon').close()\n"
        "print('alembic' in sys.modules, 'psycopg' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False False\n"


@pytest.mark.parametrize("error", [StoreBusy, StoreUnavailable, StoreOlder, StoreNewer])
def test_what_may_go_through_later_is_temporary(error: type[StoreError]):
    assert error("x").temporary
    assert not StoreError("x").temporary
    assert StoreError("x", temporary=True).temporary


@pytest.mark.parametrize(
    ("url", "dialect", "shown"),
    [
        ("sqlite:////var/lib/inboxd/inboxd.db", "sqlite", "/var/lib/inboxd/inboxd.db"),
        ("postgresql+psycopg://desk:secret@db.example/inboxd", "postgresql", "desk:***@db.example/inboxd"),
        ("postgresql://desk@/inboxd?host=/run/postgresql", "postgresql", "desk@/inboxd"),
    ],
)
def test_a_store_url_names_a_database_and_is_shown_without_its_password(url: str, dialect: str, shown: str):
    address = parse(url)
    assert address.dialect == dialect
    assert shown in str(address)
    assert "secret" not in str(address)


@pytest.mark.parametrize(
    "url",
    ["", "inboxd.db", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "mysql://h/d", "postgresql://h",
     "postgresql+asyncpg://h/d"],
)  # fmt: skip
def test_a_url_that_names_no_store_is_refused_with_what_would_be_right(url: str):
    with pytest.raises(StoreError, match="sqlite:////absolute/path"):
        parse(url)


def test_a_living_process_is_not_gone_and_an_ended_one_is():
    me = claimant.claimant("desk")
    assert not claimant.is_gone(me)
    host, boot, pid, start, rest = me.split(":")
    assert claimant.is_gone(f"{host}:another-boot:{pid}:{start}:{rest}")
    assert claimant.is_gone(f"{host}:{boot}:{pid}:1:{rest}")
    assert claimant.is_gone("no such form")
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with process:
        start = claimant._started(process.pid)
        other = f"desk:{boot_id()}:{process.pid}:{start}:x"
        assert not claimant.is_gone(other)
        process.kill()
        # A zombie until it is waited for: it runs nothing any more.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert claimant.is_gone(other)
    assert claimant.is_gone(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Büro, BÜRO!", "buro buro"),
        ("Straße", "strasse"),
        ("10.0.0.1", "10 0 0 1"),
        ("snake_case", "snake case"),
        ("系統a", "系 統 a"),
        ("ﬁle ½", "file 1 2"),
        ("한국", "한국"),
        ("\x00-\ud800", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(text: str, folded: str):
    assert fold(text) == folded


def test_the_earliest_due_time_is_of_a_clock_that_is_not_met():
    clocks = [{"due_at": 5, "met_at": None}, {"due_at": 3, "met_at": 2}, {"due_at": 9}]
    assert earliest_due(clocks) == 5
    assert earliest_due([]) is None
