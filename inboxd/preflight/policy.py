"""Rules and accounts: read as the daemon will read them."""

from collections.abc import Iterator

from inboxd import accounts
from inboxd.errors import ConfigurationWrong
from inboxd.preflight.finding import Finding, mistakes, wrong
from inboxd.settings import Settings
from rules.mistakes import MistakesFound


def policy(settings: Settings) -> Iterator[Finding]:
    """Read rules and accounts; each mistake is a finding."""
    plans: frozenset[str] | None = None
    if settings.rules is not None:
        from rules.load import load

        try:
            rules = load(settings.rules, zone=settings.desk.zone.key)
        except MistakesFound as found:
            yield from mistakes(found.mistakes)
        else:
            plans = None if rules.plans is None else frozenset(rules.plans)
            yield Finding(level="ok", what="rules without mistakes", place=str(settings.rules))
    if settings.accounts is not None:
        try:
            directory = accounts.load(settings.accounts, plans)
        except ConfigurationWrong as error:
            yield from wrong(error, str(settings.accounts))
        else:
            yield Finding(
                level="ok",
                what=f"{len(directory)} account{'' if len(directory) == 1 else 's'}",
                place=str(settings.accounts),
            )
