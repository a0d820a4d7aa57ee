"""What the first import of 50,000 accounts costs, step by step, in CPU seconds, whatever else the machine does.

    python -m tests.bench.bench_account_steps [--accounts 50000]

The transaction is what mail waits for on SQLite. The collector's pass over the whole heap is the one step that holds up
every thread of the daemon at one go.
"""

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

from inboxd.accounts import Directory, Kept, Layer
from inboxd.accounts.changes import Maker, changes_of
from inboxd.accounts.compare import compare
from inboxd.accounts.kept import kept_from
from inboxd.accounts.reading import read
from store import accounts as rows
from store.open import Store
from tests.bench.bench_accounts import as_csv

T = TypeVar("T")


def step(name: str, work: Callable[[], T]) -> T:
    """Do the work, and print what it cost."""
    begun = time.process_time()
    made = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:<28} {time.process_time() - begun:6.2f} CPU s, peak {peak} MiB")
    return made


def main() -> None:
    """Measure each step once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=50_000)
    text = "\n".join(as_csv(parser.parse_args().accounts)).encode()
    maker = Maker(actor="eng1", at=1, source="import", file="customers.csv")
    gc.disable()  # as the daemon does it
    imported = step("read the file", lambda: read(text, "customers.csv", None))
    found = step("compare", lambda: compare(Directory(), imported))
    changes = step("rows and events", lambda: changes_of(found, maker))
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{folder}/inboxd.db", role="daemon", create=True) as store,
    ):

        def read_back() -> Layer[Kept]:
            with store.read() as connection:
                return Layer(kept_from(*rows.read(connection)).values())

        step("the transaction", lambda: store.write(lambda txn: rows.write(txn, changes, expected=0)))
        kept = step("read back", read_back)
    step("compare the same again", lambda: compare(Directory(kept=kept), imported))
    gc.enable()
    step("collector, the whole heap", gc.collect)


if __name__ == "__main__":
    main()
