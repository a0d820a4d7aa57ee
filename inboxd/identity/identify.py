"""Who it seems to be: the account and contact that an address or a number belongs to, never a guess.

Identity comes from the strict reading of the From field (`message.author`) or from the caller ID, and says nothing of
proof (`authentication`). What is ambiguous names its candidates and settles on nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from inboxd.accounts import Account, Contact, Directory, Match, authorized_on
from inboxd.identity import look_alikes
from inboxd.identity.spoken_accounts import spoken_of
from inboxd.message.message import Message

IdentifiedBy = Literal["from-address", "caller-id", "spoken-account", "spoken-reference", "forwarded", "reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Account and contact as far as they are certain, with the sentences that say why.

    `imitates` is a sentence where the address looks like one on file, `deception` where the message is built to be
    taken for somebody else's.
    """

    by: IdentifiedBy | None
    address: str | None = None
    phone: str | None = None
    account: Account | None = None
    contact: Contact | None = None
    authorized: bool | None = None
    matches: tuple[Match, ...] = ()
    claims_an_address_on_file: bool = False
    imitates: str | None = None
    deception: str | None = None
    evidence: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as the `identity` that tickets show."""
        return {"by": self.by, "evidence": list(self.evidence)}


def by_mail(directory: Directory, message: Message, today: date) -> Identity:
    """Find the account of the one author of a mail. `today` is the desk's day when the mail was received."""
    author = message.author
    if author.address is None:
        return _nobody(directory, message)
    matches = directory.by_address(author.address)
    identity = _settle(matches, f"The From address {author.address}", today, by="from-address", address=author.address)
    if matches or (imitated := look_alikes.of(directory).find(author.address)) is None:
        return identity
    sentence = imitated.sentence(author.address)
    # Letters of another alphabet are no slip; a missing letter or another ending may be an honest stranger's.
    deception = sentence if imitated.how == "foreign letters" else None
    return replace(identity, evidence=(*identity.evidence, sentence), imitates=sentence, deception=deception)


def by_forward(directory: Directory, message: Message, staff: str, today: date) -> Identity | None:
    """Find the account of the one who first wrote a mail that `staff` sent on; None where it names nobody.

    Whoever forwards can name whom he likes: who it seems to be, and nothing more.
    """
    original = message.forwarded
    if original is None:
        return None
    said = f"{staff}, who is staff, sent on what {original.address} wrote; nothing proves that."
    found = _settle(
        directory.by_address(original.address),
        f"The address {original.address}",
        today,
        by="forwarded",
        address=original.address,
    )
    return replace(found, by="forwarded", evidence=(said, *found.evidence))


def _nobody(directory: Directory, message: Message) -> Identity:
    author = message.author
    reason = author.reason or "the From field names nobody"
    named = [each for each in message.from_all if directory.by_address(each)]
    shown = [each for each in author.shown if directory.by_address(each)]
    deception = None
    if author.doubt == "deceptive":
        deception = f"The message is built to show another author than it has: {reason}."
    elif shown and not named:
        # In a name or a comment: a person reads it, and a program answers somebody else.
        deception = f"The message is built to be taken for one of {shown[0]}, which is on file: {reason}."
    return Identity(by=None, claims_an_address_on_file=bool(named or shown), deception=deception, evidence=(reason,))


def by_caller(directory: Directory, caller: str | None, today: date, *, words: str = "") -> Identity:
    """Find the account of a caller ID; `anonymous` and None are withheld numbers.

    `words`: what was said, as far as it is known; where the number is on file for several accounts, a name or an
    account number among them chooses.
    """
    if caller is None:
        return Identity(by=None, evidence=("Nobody says what number the call came from.",))
    if caller == "anonymous":
        return Identity(by=None, evidence=("The caller's number is withheld.",))
    matches = directory.by_number(caller)
    accounts = {match.account.id: match.account for match in matches}
    if len(accounts) > 1 and (spoken := spoken_of(words, accounts.values())) is not None:
        account, sentence = spoken
        one = [match for match in matches if match.account.id == account.id]
        chosen = _settle(one, f"The caller ID {caller}", today, by="spoken-account", phone=caller)
        others = _settle(matches, f"The caller ID {caller}", today, by="caller-id", phone=caller).evidence
        return replace(chosen, matches=tuple(matches), evidence=(*others, sentence))
    return _settle(matches, f"The caller ID {caller}", today, by="caller-id", phone=caller)


def by_spoken_reference(identity: Identity, ref: str, account_id: str, today: date) -> Identity:
    """Settle a caller whose number several accounts have by the ticket that he names, which is of one of them."""
    one = [match for match in identity.matches if match.account.id == account_id]
    chosen = _settle(one, f"The caller ID {identity.phone}", today, by="spoken-reference", phone=identity.phone)
    evidence = (*identity.evidence, f"The reference {ref} that was said is of {one[0].account.name} ({account_id}).")
    return replace(chosen, matches=identity.matches, evidence=evidence)


def by_address(directory: Directory, address: str, today: date, *, account_id: str | None = None) -> Identity:
    """Find the account of an address, as if it were the one author's of a mail; with `account_id` in that one alone."""
    matches = [each for each in directory.by_address(address) if account_id in (None, each.account.id)]
    return _settle(matches, f"The From address {address}", today, by="from-address", address=address)


def _settle(
    matches: Sequence[Match],
    what: str,
    today: date,
    *,
    by: IdentifiedBy,
    address: str | None = None,
    phone: str | None = None,
) -> Identity:
    accounts = {match.account.id: match.account for match in matches}
    found = tuple(matches)
    if not accounts:
        return Identity(by=None, address=address, phone=phone, evidence=(f"{what} is not on file.",))
    if len(accounts) > 1:
        names = ", ".join(f"{account.name} ({account.id})" for account in accounts.values())
        sentence = f"{what} is on file for several accounts, so for none: {names}."
        return Identity(
            by=None, address=address, phone=phone, matches=found, claims_an_address_on_file=True, evidence=(sentence,)
        )
    account = next(iter(accounts.values()))
    contacts = [match.contact for match in matches]
    certain = contacts[0] if len(contacts) == 1 else None
    if certain is None:
        who = " or ".join(contact.name or contact.id for contact in contacts)
        sentence = f"{what} is on file for {account.name} ({account.id}), as {who}: which of them is not certain."
    else:
        sentence = f"{what} is on file for {certain.name or certain.id} of {account.name} ({account.id})."
    authorized = authorized_on(certain, today) if certain is not None else None
    evidence = [sentence]
    if certain is not None and certain.authorized and not authorized:
        evidence.append(f"The authorisation of {certain.name or certain.id} ended on {certain.valid_until}.")
    return Identity(
        by=by,
        address=address,
        phone=phone,
        account=account,
        contact=certain,
        authorized=authorized,
        matches=found,
        claims_an_address_on_file=True,
        evidence=tuple(evidence),
    )
