"""The directory as it will be: the accounts file over what commands put on file, and what does not fit."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from inboxd.accounts import Account, Contact, Directory, Kept, Layer
from inboxd.accounts.ambiguity import ambiguous
from inboxd.accounts.differences import differ
from inboxd.accounts.directory import same_contact
from inboxd.accounts.kept_json import kept_from_json
from inboxd.control.client import connect
from inboxd.control.wire import Backend
from inboxd.errors import ConfigurationWrong, InboxdError
from inboxd.preflight.finding import Finding, wrong
from inboxd.settings import Settings

if TYPE_CHECKING:
    from rules.ruleset import RuleSet

_SHOWN: Final = 50  # of one kind; the rest is counted


def directory(
    settings: Settings, file: Directory, kept: Layer[Kept] | Finding, rules: "RuleSet | None"
) -> Iterator[Finding]:
    """Lay the file's accounts over what commands put on file (`on_file`), and look at what does not fit."""
    if isinstance(kept, Finding):
        yield kept
        return
    whole = file.with_kept(kept)
    place = str(settings.accounts or settings.path)
    if len(kept):
        contacts = sum(len(each.contacts) for each in kept)
        own = sum(1 for each in kept if each.account)
        yield Finding(level="ok", what=f"commands put on file: {own} accounts, {contacts} contacts", place="the store")
        yield from _some(_disagreements(whole, place), "disagreements of accounts file and store", place)
        yield from _some(_dangling(whole), "accounts that are gone and have contacts in the store", "the store")
        yield from _plans(settings, whole, rules)
    yield from _some(_ambiguities(whole, place), "addresses and numbers on several accounts", place)


def on_file(settings: Settings) -> Layer[Kept] | Finding:
    """Return what commands put on file: ask the running daemon, which may read the store where this user may not.

    Without one, look into the store. A finding where neither can be done.
    """
    try:
        daemon = connect(settings.control.socket)
        if daemon is not None:
            return Layer(_from_daemon(daemon))
    except InboxdError as error:
        return Finding(
            level="warning", what=f"what commands put on file cannot be asked for: {error}", place="the store"
        )
    return _from_store(settings)


def _from_daemon(daemon: Backend) -> Iterator[Kept]:
    after: str | None = None
    while True:
        page = daemon.call("accounts.kept", {"after": after})
        yield from map(kept_from_json, page["kept"])
        after = page["after"]
        if after is None:
            return


def _from_store(settings: Settings) -> Layer[Kept] | Finding:
    from inboxd.accounts.kept import kept_from
    from store import accounts as rows
    from store.errors import StoreError, StoreMissing
    from store.open import Store

    try:
        with Store.open(settings.store.connection_url(), role="reader") as store, store.read() as connection:
            return Layer(kept_from(*rows.read(connection)).values())
    except (StoreMissing, ConfigurationWrong):
        return Layer()  # nobody has put anything on file; a password that cannot be read has a finding of its own
    except StoreError as error:
        return Finding(level="warning", what=f"what commands put on file cannot be read: {error}", place="the store")


def _disagreements(whole: Directory, place: str) -> Iterator[Finding]:
    for kept in whole.kept:
        ruling = whole.file.get(kept.id)
        if ruling is None:
            continue
        if kept.account is not None:
            yield _ruled(place, ruling, kept.account, kept.id, f"accounts remove {kept.id}")
        for contact in kept.contacts:
            named = next((each for each in ruling.contacts if same_contact(each, contact)), None)
            if named is not None:
                whose = f"{contact.id} of {kept.id}"
                yield _ruled(place, named, contact, whose, f"accounts remove-contact {kept.id} {contact.id}")


def _ruled(place: str, ruling: Account | Contact, kept: Account | Contact, whose: str, command: str) -> Finding:
    says = "says otherwise" if differ(ruling, kept) else "says the same"
    what = f"this rules over {whose}; what the store keeps ({kept.source}) {says}, and `inboxd {command}` removes it"
    return Finding(level="warning", what=what, place=f"{place}:{ruling.line}:1")


def _dangling(whole: Directory) -> Iterator[Finding]:
    for kept in whole.kept:
        if whole.get(kept.id) is None and kept.contacts:
            named = ", ".join(contact.id for contact in kept.contacts)
            what = f"no account {kept.id} is on file any more, and its contacts ({named}) count for nothing: "
            what += f"put the account back, or `inboxd accounts remove-contact {kept.id} {kept.contacts[0].id}`"
            yield Finding(level="warning", what=what, place="the store")


def _plans(settings: Settings, whole: Directory, rules: "RuleSet | None") -> Iterator[Finding]:
    from inboxd.policy.on_file import demand_plans
    from inboxd.policy.policy import Policy

    if rules is None:
        return
    try:
        demand_plans(Policy(rules=rules, directory=whole, zone=settings.desk.zone), settings.rules)
    except ConfigurationWrong as error:
        yield from wrong(error, str(settings.rules))


def _ambiguities(whole: Directory, place: str) -> Iterator[Finding]:
    for text, matches in whole.shared():
        yield Finding(level="warning", what=ambiguous(text, matches), place=place)


def _some(findings: Iterator[Finding], what: str, place: str) -> Iterator[Finding]:
    yield from islice(findings, _SHOWN)
    more = sum(1 for _ in findings)
    if more:
        yield Finding(level="warning", what=f"and {more} more {what}", place=place)
