"""The schema as a whole: what a database holds, making a store, bringing one up to date."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from store.address import Address
from store.clock import now_ms
from store.connect import writer_engine
from store.errors import StoreError, StoreMissing, StoreNewer, StoreOlder
from store.schema import EPOCH, FTS_DDL, REVISIONS, metadata, tables_for

# One number for all of inboxd's schema work on a PostgreSQL database (pg_advisory_xact_lock).
_ADVISORY_LOCK: Final = 0x1B0_0D5

# As Alembic makes it: a store made at once looks to it like one that was migrated all the way.
_VERSIONS: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """What a database holds.

    `word`: `empty` (nothing), `current`, `older` (upgrade it), `newer` (made by a newer inboxd), `foreign` (tables of
    something else). `revision` and `epoch` are what was found, None where there is none.
    """

    word: Literal["empty", "current", "older", "newer", "foreign"]
    revision: str | None = None
    epoch: int | None = None


def look(connection: Connection) -> SchemaState:
    """Say what the database holds."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return SchemaState(word="empty")
    if not {"meta", "alembic_version"} <= names:
        return SchemaState(word="foreign")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    found = connection.execute(text("SELECT value FROM meta WHERE key = 'epoch'")).scalar()
    epoch = None if found is None else int(found)
    if revision == REVISIONS[-1] and epoch == EPOCH:
        return SchemaState(word="current", revision=revision, epoch=epoch)
    known = revision in REVISIONS and (epoch is None or epoch <= EPOCH)
    return SchemaState(word="older" if known else "newer", revision=revision, epoch=epoch)


def demand(state: SchemaState, address: Address) -> None:
    """Raise what keeps this program from using the store, in words that say what to do."""
    match state.word:
        case "current":
            return
        case "empty":
            raise StoreMissing(f"there is no store at {address} yet; a command that writes makes one")
        case "older":
            raise StoreOlder(f"the schema of the store {address} is older than this program: run `inboxd db upgrade`")
        case "newer":
            raise StoreNewer(f"the store {address} was made by a newer inboxd: use that one, or a backup from before")
        case "foreign":
            raise StoreError(f"the database {address} holds tables of something else: give inboxd one of its own")


def touch(path: Path) -> None:
    """Make an empty database file that only owner and group may read. Raises StoreError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o660))
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"cannot make the store {path}: {error.strerror}") from error
    try:
        # The file's name must outlive the power, or every later commit is a promise about a file nobody finds.
        os.fsync(folder)
    finally:
        os.close(folder)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})


def create(address: Address) -> None:
    """Make the tables in an empty database; leave any other as it is. One transaction: all or nothing."""
    if address.path is not None:
        touch(address.path)
    engine = writer_engine(address)
    with engine.begin() as connection:
        _lock(connection)
        # Another process may have made them while we waited for the lock.
        if look(connection).word != "empty":
            return
        metadata.create_all(connection, tables=list(tables_for(address.dialect)), checkfirst=False)
        if address.dialect == "sqlite":
            connection.exec_driver_sql(FTS_DDL)
        _VERSIONS.create(connection)
        connection.execute(_VERSIONS.insert(), {"version_num": REVISIONS[-1]})
        rows = [{"key": "epoch", "value": str(EPOCH)}, {"key": "made_at", "value": str(now_ms())}]
        connection.execute(metadata.tables["meta"].insert(), rows)


def upgrade(address: Address) -> None:
    """Run the migrations that the store lacks, all in one transaction. The caller holds the store's lock."""
    # By need: Alembic costs as much to import as the rest, and an up-to-date store never asks for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "store:migrations")
    # SQLite: a rebuilt table must not take along what refers to it; the check at the end makes up for it.
    engine = writer_engine(address, foreign_keys=False)
    with engine.begin() as connection:
        _lock(connection)
        state = look(connection)
        if state.word in {"newer", "foreign"}:
            demand(state, address)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if address.dialect == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise StoreError(f"the upgrade would leave {len(broken)} references without their row; nothing changed")
