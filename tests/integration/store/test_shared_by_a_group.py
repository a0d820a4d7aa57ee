"""Two users of one group take turns on an SQLite store: the daemon and, while it is down, a member with a command."""

import io
import os
import stat
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store.errors import StoreError
from store.health import prove_writable
from store.open import Store
from tests.plugins.needs import needs

DAEMON, MEMBER, MEMBERS_OWN_GROUP, GROUP = 61_001, 61_002, 61_003, 61_000
BODY = os.urandom(300_000)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder as the installation makes it: the daemon's, handed down to the group.

    Not below pytest's own folder, which each new run of it on this machine closes to everybody else.
    """
    if os.geteuid() != 0:
        needs("root, to become other users", "run the tests as root")
    with tempfile.TemporaryDirectory() as above:
        Path(above).chmod(0o755)
        shared = Path(above) / "state"
        shared.mkdir()
        os.chown(shared, DAEMON, GROUP)
        shared.chmod(0o2770)
        yield shared


def as_user(uid: int, gid: int, umask: int, work: Callable[[], None]) -> None:
    """Do `work` in a child that is this user and a member of the group, whatever its own umask is."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([GROUP])
            os.setgid(gid)
            os.setuid(uid)
            os.umask(umask)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def keep(folder: Path) -> Callable[[], None]:
    def work() -> None:
        with Store.open(f"sqlite:///{folder}/inboxd.db", role="command", create=True) as store:
            store.write(prove_writable)
            name = store.blobs.put(io.BytesIO(BODY))
            assert not store.blobs.missing([name])
            with store.blobs.open(name) as kept:
                assert kept.read() == BODY

    return work


@pytest.mark.parametrize("first", ["daemon", "member"])
@pytest.mark.parametrize("umask", [0o077, 0o022, 0o007])
def test_what_the_one_makes_the_other_works_on_whatever_their_umasks_are(folder: Path, first: str, umask: int) -> None:
    users = [(DAEMON, GROUP, 0o007), (MEMBER, MEMBERS_OWN_GROUP, umask)]
    if first == "member":
        users.reverse()
    for uid, gid, mask in users * 2:
        as_user(uid, gid, mask, keep(folder))
    for path in folder.rglob("*"):
        found = path.stat()
        assert found.st_gid == GROUP, path
        wanted = 0o770 if path.is_dir() else 0o660
        assert stat.S_IMODE(found.st_mode) & 0o777 == wanted, path


def test_a_folder_of_one_s_own_keeps_to_one_s_own_umask(folder: Path) -> None:
    folder.chmod(0o700)
    as_user(DAEMON, GROUP, 0o077, keep(folder))
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.rglob("*")} == {0}


def test_root_makes_no_first_store_in_the_folder_of_another_user(folder: Path) -> None:
    with pytest.raises(StoreError, match="belongs to the user 61001, who could not use what root leaves there"):
        Store.open(f"sqlite:///{folder}/inboxd.db", role="daemon", create=True)
    assert list(folder.iterdir()) == []


def test_who_may_not_use_a_file_of_the_store_hears_which_one_and_whose_it_is(folder: Path):
    as_user(DAEMON, GROUP, 0o007, keep(folder))

    def refused(role: Any, words: str) -> Callable[[], None]:
        def work() -> None:
            with pytest.raises(StoreError, match=words) as caught:
                Store.open(f"sqlite:///{folder}/inboxd.db", role=role)
            assert not caught.value.temporary

        return work

    (folder / "inboxd.db").chmod(0o440)
    belongs = f"by this user: it belongs to {DAEMON}, mode"
    as_user(MEMBER, MEMBERS_OWN_GROUP, 0o077, refused("command", f"inboxd.db may not be written to {belongs} 0440"))
    (folder / "inboxd.db").chmod(0o600)
    as_user(MEMBER, MEMBERS_OWN_GROUP, 0o077, refused("reader", f"inboxd.db may not be read {belongs} 0600"))
