"""The on-file directory: accounts, their contacts, and who an address or a number belongs to.

`load` reads accounts.yaml and finds every mistake at once; a `Directory` lays it over what the store keeps, and never
changes. One address or number on two accounts is no mistake but an ambiguity, and ambiguity is for people: look-ups
return every match.
"""

from inboxd.accounts.directory import PRIMARY, Account, Contact, Directory, Kept, Match, authorized_on
from inboxd.accounts.file import load
from inboxd.accounts.layer import Layer

__all__ = ["PRIMARY", "Account", "Contact", "Directory", "Kept", "Layer", "Match", "authorized_on", "load"]
