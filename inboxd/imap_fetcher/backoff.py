"""How long to wait before the next try."""

from dataclasses import dataclass
from typing import Final

from inboxd.remote.trouble import Kind

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 300.0
# Trying a wrong password often locks accounts.
LONGEST_WITH_WRONG_CREDENTIALS: Final = 900.0


@dataclass(slots=True)
class Backoff:
    """Doubles with each failure, and begins anew after a success."""

    failures: int = 0

    def after(self, kind: Kind) -> float:
        """Count a failure and give the seconds to wait."""
        longest = LONGEST_WITH_WRONG_CREDENTIALS if kind == "credentials" else LONGEST_SECONDS
        seconds = min(FIRST_SECONDS * 2 ** min(self.failures, 20), longest)
        self.failures += 1
        return float(seconds)

    def reset(self) -> None:
        """Forget the failures."""
        self.failures = 0
