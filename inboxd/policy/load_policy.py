"""The policy as the files say it: rules, accounts, templates, greetings; each mistake of each of them at its place."""

from collections.abc import Iterator
from contextlib import contextmanager

from inboxd import accounts, templates
from inboxd.accounts import Kept, Layer
from inboxd.errors import ConfigurationWrong
from inboxd.policy import greetings
from inboxd.policy.office import Office
from inboxd.policy.on_file import demand_plans
from inboxd.policy.policy import Policy
from inboxd.settings import Settings
from rules import load as rules_load
from rules.mistakes import Mistake, MistakesFound


def load_policy(settings: Settings, kept: Layer[Kept] | None = None) -> Policy:
    """Read all that a decision goes by; `kept` is what the store keeps beside the accounts file, as far as it is known.

    Raises ConfigurationWrong with the mistakes of all files, rules that do not name a kept account's plan included.
    """
    mistakes: list[Mistake] = []
    zone = settings.desk.zone.key
    rules, directory = rules_load.loads("", "rules.yaml", zone=zone), accounts.Directory()
    office, spoken, wanted = Office(settings=settings), greetings.Greetings(), settings.templates
    with _collected(mistakes):
        if settings.rules is not None:
            rules = rules_load.load(settings.rules, zone=zone)
    with _collected(mistakes):
        if settings.accounts is not None:
            directory = accounts.load(settings.accounts, plans=None if rules.plans is None else frozenset(rules.plans))
    with _collected(mistakes):
        office = Office(templates=templates.load(wanted.folder, wanted.language), settings=settings)
        mistakes += templates.missing(rules, office.templates)
    with _collected(mistakes):
        spoken = greetings.load(wanted.greetings)
        if settings.twilio is not None:
            mistakes += greetings.missing(rules, spoken)
    if mistakes:
        raise ConfigurationWrong("rules, accounts, templates or greetings are wrong", mistakes)
    policy = Policy(
        rules=rules,
        directory=directory.with_kept(kept or Layer()),
        zone=settings.desk.zone,
        office=office,
        greetings=spoken,
    )
    demand_plans(policy, settings.rules)
    return policy


@contextmanager
def _collected(mistakes: list[Mistake]) -> Iterator[None]:
    """Put the mistakes that the block finds into the list; what is no mistake at a place is raised."""
    try:
        yield
    except (MistakesFound, ConfigurationWrong) as wrong:
        if not wrong.mistakes:
            raise
        mistakes += wrong.mistakes
