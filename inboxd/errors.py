"""The errors that reach a person or a script, each with the exit code it ends a command with."""

from collections.abc import Iterable
from typing import ClassVar

from rules.mistakes import Mistake


class InboxdError(Exception):
    """The root: one clear sentence that says what is wrong and, where it can, what would be right."""

    exit_code: ClassVar[int] = 1


class UsageWrong(InboxdError):
    """The command was called in a way it does not take."""

    exit_code = 2


class NoProvider(InboxdError):
    """Something was asked of the phone provider, and none is configured."""

    def __init__(self) -> None:
        super().__init__("there is no section twilio in the configuration: add account_sid and auth_token_file")


class TryLater(InboxdError):
    """Busy, unreachable, or taken by another daemon: the same call may go through later."""

    exit_code = 75


class ConfigurationWrong(InboxdError):
    """Configuration, rules or accounts file wrong; carries every mistake found, each with its place."""

    exit_code = 78

    def __init__(self, message: str, mistakes: Iterable[Mistake] = ()) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes) or message)


class Deferred(InboxdError):
    """A local fault kept a message from being accepted: the client keeps it and comes again (RFC 5321 4.2.5).

    `public` is the text for the client and tells nothing of the inside; the cause is chained.
    """

    exit_code = 75

    def __init__(self, public: str, *, enhanced: str = "4.3.0") -> None:
        self.public = public
        self.enhanced = enhanced
        super().__init__(public)


class PermanentFailure(InboxdError):
    """A job that would end the same with each attempt: it is dead at once, with this sentence."""


class Interrupted(InboxdError):
    """The daemon stops: the job was left where it was and waits for the next start."""


class NotYet(InboxdError):
    """What a job waits for is not there yet, far away or here: it comes again after so many seconds.

    Nothing counts against it, and it never dies of this.
    """

    def __init__(self, why: str, *, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds
