"""Blobs: in a folder and in the database, durable before they count, swept only when nobody was promised them."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from store import recovery
from store.blob_database import DatabaseBlobs
from store.blob_folder import FolderBlobs
from store.blobs import Blobs
from store.errors import NotFound, StoreError, StoreUnavailable
from store.open import Store
from store.schema import blob_chunks
from store.schema import blobs as table
from tests.harness.users import let_everybody_reach

Accept = Callable[..., str]
BYTES = os.urandom(2_500_000)
NAME = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(params=["folder", "sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, open_store: Callable[..., Store], tmp_path: Path) -> Store | Path:
    """A folder for blobs, or a store whose database holds them."""
    if request.param == "folder":
        return tmp_path / "blobs"
    return open_store(request.getfixturevalue(f"{request.param}_url"), role="daemon")


@pytest.fixture
def blobs(place: Store | Path) -> Blobs:
    return FolderBlobs(place) if isinstance(place, Path) else DatabaseBlobs(place)


@pytest.fixture
def age(place: Store | Path) -> Callable[[], None]:
    """Make everything that is there two hours old."""

    def make_old() -> None:
        if isinstance(place, Path):
            for path in place.rglob("*"):
                os.utime(path, (time.time() - 7200,) * 2)
            return
        hours = 7_200_000
        place.write(lambda txn: txn.execute(update(table).values(touched_at=table.c.touched_at - hours)) and None)
        place.write(lambda txn: txn.execute(update(blob_chunks).values(at=blob_chunks.c.at - hours)) and None)

    return make_old


def nobody(_names: object) -> set[str]:
    return set()


def everybody(names: object) -> set[str]:
    return set(names)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 2_500_000])
def test_what_is_put_comes_back_under_its_digest(blobs: Blobs, tmp_path: Path, size: int):
    data = BYTES[:size]
    name = blobs.put(BytesIO(data))
    assert name == hashlib.sha256(data).hexdigest()
    with blobs.open(name) as source:
        assert source.read() == data
    copies = tmp_path / "copies"
    copies.mkdir()
    assert blobs.path_or_copy(name, copies).read_bytes() == data


def test_pieces_of_any_size_make_one_blob(blobs: Blobs):
    writer = blobs.create()
    for start in range(0, len(BYTES), 70_001):
        writer.write(BYTES[start : start + 70_001])
    assert writer.size == len(BYTES)
    assert writer.finish() == NAME
    writer.discard()
    assert blobs.missing([NAME]) == set()
    assert blobs.put(iter([BYTES[:10], BYTES[10:]])) == NAME


def test_a_blob_that_was_given_up_is_not_there(blobs: Blobs, tmp_path: Path):
    writer = blobs.create()
    writer.write(BYTES)
    writer.discard()
    writer.discard()
    assert blobs.missing([NAME]) == {NAME}
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "blobs" in path.parts] == []


def test_a_blob_that_is_not_there_is_not_found(blobs: Blobs, tmp_path: Path):
    for read in (blobs.open, lambda name: blobs.path_or_copy(name, tmp_path)):
        with pytest.raises(NotFound):
            read("0" * 64)


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_a_pipe_in_the_place_of_a_blob_is_no_blob_and_holds_nothing_up(blobs: Blobs, tmp_path: Path):
    path = tmp_path / "blobs" / NAME[:2] / NAME
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(NotFound, match="is no file"):
        blobs.open(NAME)
    with pytest.raises(NotFound):
        blobs.path_or_copy(NAME, tmp_path)
    assert blobs.missing([NAME]) == {NAME}
    # And it does not pass for the bytes when they come.
    assert blobs.put(BytesIO(BYTES)) == NAME
    with blobs.open(NAME) as file:
        assert file.read() == BYTES


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_a_blob_that_may_not_be_read_is_missing_and_no_error(blobs: Blobs, tmp_path: Path):
    blobs.put(BytesIO(BYTES))
    folder = tmp_path / "blobs" / NAME[:2]
    folder.chmod(0)
    if os.geteuid() == 0:
        let_everybody_reach(tmp_path / "blobs")
        os.seteuid(65534)  # root is let in everywhere
    try:
        assert blobs.missing([NAME]) == {NAME}
    finally:
        os.seteuid(os.getuid())
        folder.chmod(0o700)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65])
def test_a_name_that_is_no_digest_reaches_no_path(blobs: Blobs, name: str):
    with pytest.raises(StoreError, match="not the name of a blob"):
        blobs.open(name)


def test_a_sweep_takes_what_is_old_and_named_by_no_row(blobs: Blobs, age: Callable[[], None]):
    name = blobs.put(BytesIO(BYTES))
    blobs.create().write(BYTES)
    assert blobs.sweep(nobody, 3600).blobs == 0
    age()
    assert blobs.sweep(everybody, 3600).blobs == 0
    assert blobs.missing([name]) == set()
    young = blobs.put(BytesIO(b"young"))
    assert blobs.sweep(nobody, 3600).blobs == 1
    assert blobs.missing([name, young]) == {name}


def test_an_upload_that_never_ended_is_swept(blobs: Blobs, age: Callable[[], None]):
    unfinished = blobs.create()
    unfinished.write(BYTES)
    assert blobs.sweep(nobody, 3600).unfinished == 0
    age()
    swept = blobs.sweep(nobody, 3600)
    assert swept.unfinished == 1
    assert swept.bytes >= 2 << 20
    unfinished.discard()


def test_putting_the_same_bytes_again_saves_an_old_blob_from_the_sweep(blobs: Blobs, age: Callable[[], None]):
    blobs.put(BytesIO(BYTES))
    age()

    def meanwhile(_names: object) -> set[str]:
        # Between the question who names it and the removal: as another connection does.
        blobs.put(BytesIO(BYTES))
        return set()

    assert blobs.sweep(meanwhile, 3600).blobs == 0
    with blobs.open(NAME) as source:
        assert source.read() == BYTES


def test_the_same_bytes_from_many_threads_are_kept_once(blobs: Blobs):
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(blobs.put(BytesIO(BYTES)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert names == [NAME] * 4
    with blobs.open(NAME) as source:
        assert source.read() == BYTES


def test_no_piece_of_the_same_bytes_put_twice_is_kept_twice(store: Store):
    blobs = DatabaseBlobs(store)
    blobs.put(BytesIO(BYTES))
    blobs.put(BytesIO(BYTES))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(blob_chunks)) == 3


def test_damaged_bytes_in_the_database_are_not_given_out_as_whole(store: Store, monkeypatch: pytest.MonkeyPatch):
    blobs = DatabaseBlobs(store)
    name = blobs.put(BytesIO(BYTES))
    chunk = blob_chunks.c.number == 1
    store.write(lambda txn: txn.execute(update(blob_chunks).where(chunk).values(data=b"x" * (1 << 20))) and None)
    with blobs.open(name) as source, pytest.raises(StoreError, match="damaged"):
        source.read()


def test_a_place_that_cannot_be_written_is_a_temporary_fault(tmp_path: Path):
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match="blobs cannot be kept") as caught:
        FolderBlobs(tmp_path / "blobs").put(BytesIO(b"x"))
    assert caught.value.temporary


def test_recovery_sweeps_what_no_intake_names_and_reports_what_is_missing(store: Store, accept: Accept, tmp_path: Path):
    kept, swept, gone = (store.blobs.put(BytesIO(data)) for data in (b"kept", b"swept", b"gone"))
    named = accept(raw=None, blob=kept)
    lost = accept(raw=None, blob="f" * 64)
    recovered = recovery.recover(store, older_than_seconds=-60)
    assert recovered.swept.blobs == 2
    assert recovered.missing == (lost,)
    assert store.blobs.missing([kept, swept, gone]) == {swept, gone}
    assert named not in recovered.missing


def test_recovery_of_a_store_without_blobs_finds_nothing(store: Store):
    recovered = recovery.recover(store)
    assert (recovered.jobs, recovered.swept.blobs, recovered.missing) == (0, 0, ())


def test_blobs_stand_beside_an_sqlite_file_and_within_postgresql_unless_a_folder_is_named(
    store: Store, url: str, open_store: Callable[..., Store], tmp_path: Path
):
    kind = FolderBlobs if store.dialect == "sqlite" else DatabaseBlobs
    assert isinstance(store.blobs, kind)
    store.close()
    shared = open_store(url, role="daemon", blobs=str(tmp_path / "shared"))
    name = shared.blobs.put(BytesIO(b"x"))
    assert (tmp_path / "shared" / name[:2] / name).read_bytes() == b"x"
    with pytest.raises(StoreError, match="only a folder"):
        open_store(url, role="reader", blobs="s3://bucket")
