"""The schema: made at once, made by migrations, and guarded by its epoch."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from store.address import parse
from store.connect import reader_engine
from store.create import touch, upgrade
from store.errors import StoreError, StoreMissing, StoreNewer, StoreOlder
from store.open import Store
from store.schema import EPOCH, REVISIONS
from tests.plugins.postgres import PostgresServer, programs

OpenStore = Callable[..., Store]


def test_the_revisions_known_without_alembic_are_those_of_the_scripts():
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    script = ScriptDirectory.from_config(config)
    assert tuple(revision.revision for revision in reversed(list(script.walk_revisions()))) == REVISIONS


def sqlite_schema(url: str) -> dict[str, list[str]]:
    engine = reader_engine(parse(url))
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        # The order of columns and constraints within a table is of no consequence.
        schema = {name: sorted(" ".join(sql.split()).replace(" )", "").split(", ")) for name, sql in rows}
    engine.dispose()
    return schema


def test_migrations_make_the_same_sqlite_schema_as_the_tables(tmp_path: Path, open_store: OpenStore):
    by_tables, by_migrations = tmp_path / "tables.db", tmp_path / "migrations.db"
    open_store(f"sqlite:///{by_tables}", role="command", create=True)
    touch(by_migrations)
    upgrade(parse(f"sqlite:///{by_migrations}"))
    made = sqlite_schema(f"sqlite:///{by_tables}")
    assert len(made) > 40
    assert sqlite_schema(f"sqlite:///{by_migrations}") == made


def dump(postgres: PostgresServer, database: str) -> list[str]:
    told = subprocess.run(
        [programs() / "pg_dump", "--schema-only", "--no-owner", "-h", postgres.folder, "-U", "postgres", database],
        capture_output=True,
        text=True,
        check=True,
    )
    # Newer minor versions put a random word into \restrict lines.
    return [line for line in told.stdout.splitlines() if not line.startswith("\\")]


def test_migrations_make_the_same_postgresql_schema_as_the_tables(postgres: PostgresServer, open_store: OpenStore):
    with postgres.database() as by_tables, postgres.database() as by_migrations:
        Store.open(postgres.url(by_tables), role="command", create=True).close()
        upgrade(parse(postgres.url(by_migrations)))
        made = dump(postgres, by_tables)
        assert any("uq_jobs_running_ticket" in line for line in made)
        assert dump(postgres, by_migrations) == made


def test_a_migrated_store_is_current_and_takes_writes(empty_url: str, open_store: OpenStore):
    address = parse(empty_url)
    if address.path is not None:
        touch(address.path)
    upgrade(address)
    store = open_store(empty_url, role="daemon")
    assert store.schema_state().word == "current"
    assert store.write(lambda txn: txn.execute(text("SELECT count(*) FROM tickets")).scalar()) == 0


def test_a_missing_store_is_made_by_whoever_writes_and_missed_by_a_reader(empty_url: str, open_store: OpenStore):
    for role in ("reader", "command", "daemon"):
        with pytest.raises(StoreMissing):
            open_store(empty_url, role=role)
    open_store(empty_url, role="command", create=True).close()
    with open_store(empty_url, role="reader").read() as connection:
        assert "tickets" in inspect(connection).get_table_names()


def set_in(store: Store, statement: str) -> None:
    store.write(lambda txn: txn.execute(text(statement)) and None)


def test_an_older_store_is_refused_and_the_refusal_names_the_command(url: str, open_store: OpenStore):
    with open_store(url, role="command") as store:
        set_in(store, "UPDATE meta SET value = '0' WHERE key = 'epoch'")
    with pytest.raises(StoreOlder, match="inboxd db upgrade"):
        open_store(url, role="daemon")
    assert open_store(url, role="reader", any_schema=True).schema_state().word == "older"


def test_a_newer_store_is_refused(url: str, open_store: OpenStore):
    with open_store(url, role="command") as store:
        set_in(store, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer):
        open_store(url, role="daemon")
    assert open_store(url, role="reader", any_schema=True).schema_state().word == "newer"


def test_a_running_writer_stops_when_the_epoch_is_raised_under_it(store: Store):
    set_in(store, f"UPDATE meta SET value = '{EPOCH + 1}' WHERE key = 'epoch'")
    with pytest.raises(StoreNewer):
        set_in(store, "UPDATE meta SET value = '1' WHERE key = 'made_at'")


def test_a_database_of_something_else_is_left_alone(empty_url: str, open_store: OpenStore):
    with open_store(empty_url, role="command", create=True) as store:
        set_in(store, "DROP TABLE alembic_version")
    with pytest.raises(StoreError, match="something else"):
        open_store(empty_url, role="command", create=True)


def test_upgrading_a_current_store_changes_nothing(url: str, open_store: OpenStore):
    store = open_store(url, role="command")
    before = store.schema_state()
    assert store.upgrade() == before
