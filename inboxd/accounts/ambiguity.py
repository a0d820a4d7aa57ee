"""What is on file for several accounts is on file for none: said to people, who resolve it."""

from collections.abc import Sequence

from inboxd.accounts.directory import Match


def ambiguous(text: str, matches: Sequence[Match]) -> str:
    """Say that an address or number is on file for several accounts."""
    several = " and ".join(
        dict.fromkeys(f"{match.account.id} ({match.contact.name}, {match.contact.source})" for match in matches)
    )
    return f"{text} is on file for {several}: what comes from there is filed without an account until one gives it up"
