"""What is wrong with something far away, for the person who has to mend it."""

from dataclasses import dataclass
from typing import Literal

from inboxd.errors import InboxdError

# credentials: a person must act, trying often may lock the account; temporary: it may mend itself; refused: the server
# will not, for this folder or mail.
Kind = Literal["credentials", "temporary", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`what` is wrong, what inboxd does about it (`doing`), what a person can do (`advice`): a sentence each.

    `doing` is empty where nothing goes on by itself (a check).
    """

    kind: Kind
    what: str
    advice: str
    doing: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.what, self.doing, self.advice)))


class Troubled(InboxdError):
    """Something far away did not do what was asked. Holds the trouble; no secret ever stands in it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble
