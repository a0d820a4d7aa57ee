"""The canary: whether it can fly, and whether the last ones came back."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from inboxd.errors import ConfigurationWrong
from inboxd.preflight.finding import Finding
from inboxd.settings import Settings

if TYPE_CHECKING:
    from rules.ruleset import RuleSet


def canary(settings: Settings) -> Iterator[Finding]:
    """Say which addresses are watched, which mailboxes are not, and name each silence that stands."""
    wanted, place = settings.canary, f"{settings.path}: canary"
    if wanted is None:
        return
    # By need: it leads to the database.
    from inboxd.canary import watch

    if why := watch.held(settings):
        yield Finding(level="warning", what=why, place=place)
    for box in settings.imap:
        if box.address is None:
            what = f"the mailbox {box.name} has no address, so nothing is sent there: add imap.address"
            yield Finding(level="warning", what=what, place=place)
    silent = list(_silent(settings, watch.watched(settings)))
    for what in silent:
        yield Finding(level="failed", what=what, place=place)
    if not silent and not watch.held(settings):
        told = ", ".join(watch.watched(settings).values())
        what = f"every {wanted.every} s a mail to {told}; an alarm when it is not back after {wanted.limit} s"
        yield Finding(level="ok", what=what, place=place)


def paged(settings: Settings, rules: "RuleSet | None") -> Iterator[Finding]:
    """Look whether the person whom the canary's alarm pages is in the rota, and can be reached."""
    name = settings.canary.page if settings.canary is not None else None
    if name is None:
        return
    people = rules.rota.people if rules is not None and rules.rota is not None else {}
    if name not in people:
        known = ", ".join(people) or "nobody"
        what = f'canary.page names "{name}", who is not in the rota of the rules file ({known})'
    elif not people[name].ways:
        what = f'canary.page names "{name}", who has no way to be reached by in the rota'
    else:
        return
    yield Finding(level="failed", what=what, place=f"{settings.path}: canary.page")


def _silent(settings: Settings, watched: Mapping[str, str]) -> Iterator[str]:
    from inboxd.intake.door import moment
    from store import canaries
    from store.errors import StoreError
    from store.open import Store

    try:
        with (
            Store.open(settings.store.connection_url(), role="reader") as store,
            store.read() as connection,
        ):
            known = canaries.of(connection, watched)
    except (StoreError, ConfigurationWrong):
        return  # said of the store itself
    for each in known.values():
        if each.alarm_at is not None and each.waiting_since is not None:
            since = moment(each.waiting_since).astimezone(settings.desk.zone)
            yield f"mail to {each.address} has not come back since {since:%Y-%m-%d %H:%M %Z}"
