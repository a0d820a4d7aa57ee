"""A disk that fails under SQLite: every call that makes a commit durable fails once, one after the other."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store.open import Store
from store.schema import meta
from tests.plugins.needs import needs

# Writes forty rows and says of each what became of it.
_WRITER = """
import json, sys
from sqlalchemy import insert
from store.errors import StoreUnavailable
from store.open import Store
from store.schema import meta
told = {}
with Store.open(sys.argv[1], role="daemon") as store:
    for number in range(40):
        row = {"key": f"k{number}", "value": "x" * 20_000}
        try:
            store.write(lambda txn: txn.execute(insert(meta), row) and None)
            told[row["key"]] = "stored"
        except StoreUnavailable as error:
            told[row["key"]] = str(error)
print(json.dumps(told))
"""


def run_failing(url: str, folder: Path, inject: str) -> dict[str, str]:
    """Run the writer under strace, which makes a system call on the store's files fail."""
    strace = shutil.which("strace")
    if strace is None:
        needs("strace", "apt-get install strace")
    path = folder / "inboxd.db"
    traced = ["-P", str(path), "-P", f"{path}-wal", "-P", str(folder)]
    command = [strace, "-f", "-qq", "-o", folder / "trace", *traced, "-e", f"inject={inject}"]
    command += [sys.executable, "-c", _WRITER, url]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "Operation not permitted" in done.stderr and not done.stdout:
        needs("permission to trace processes", "run the tests where ptrace is allowed")
    assert done.returncode == 0, done.stderr
    assert re.search(r"\(INJECTED\)", (folder / "trace").read_text()), "nothing was made to fail"
    told: dict[str, str] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("nth", [1, 2, 7, 20])
@pytest.mark.parametrize(
    "fault", ["fdatasync:error=EIO", "fsync,fdatasync:error=ENOSPC", "pwrite64:error=EIO", "pwrite64:error=ENOSPC"]
)
def test_a_failing_disk_costs_the_commit_it_fails_and_none_that_was_promised(
    sqlite_url: str, tmp_path: Path, open_store: Callable[..., Store], fault: str, nth: int
):
    told = run_failing(sqlite_url, tmp_path, f"{fault}:when={nth}")
    stored = {key for key, word in told.items() if word == "stored"}
    assert len(stored) >= 35, "it recovers by itself"
    with open_store(sqlite_url, role="daemon").read() as connection:
        held = {row.key for row in connection.execute(meta.select())}
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    assert stored <= held
    assert sound == "ok"
