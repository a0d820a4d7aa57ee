"""The law about mail over 10,000 generated rules files and more: none gives a mail a priority or wakes anybody for it.

    .venv/bin/python tests/bench/firewall_sweep.py [FILES]

The files and mails are those of tests/unit/rules/test_firewall.py, which runs 1,000 of them. It ends with a traceback
and the smallest file as soon as one breaks the law. How many files the loader refused, and how many loaded, is told.
"""

import sys
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.rules.test_firewall import FILES, MAILS, hold_the_law


def main() -> None:
    """Run as many files as are wanted, each against up to 8 mails."""
    wanted = int(sys.argv[1]) if sys.argv[1:] else 10_000
    seen: Counter[str] = Counter()

    @settings(deadline=None, database=None, max_examples=wanted, suppress_health_check=list(HealthCheck))
    @given(file=FILES, mails=st.lists(MAILS, min_size=1, max_size=8))
    def sweep(file: dict[str, object], mails: list[object]) -> None:
        loaded = hold_the_law(file, mails)  # type: ignore[arg-type]
        seen["loaded" if loaded else "refused"] += 1
        seen["mails decided"] += len(mails) * loaded

    warnings.simplefilter("ignore")  # hypothesis minds that the files are long
    sweep()
    print(
        f"{seen['loaded'] + seen['refused']:,} files: {seen['refused']:,} refused at load, {seen['loaded']:,} loaded;"
    )
    print(f"{seen['mails decided']:,} mails decided by those that loaded: none above medium, nobody paged")


if __name__ == "__main__":
    main()
