"""Senders one confusable step away from an address on file: who they imitate, and by what.

An index over all addresses on file, made once for each directory: a look costs the same for ten accounts and for fifty
thousand.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from inboxd import addresses
from inboxd.accounts import Directory
from inboxd.public_suffix import organisational

How = Literal["foreign letters", "letters that look alike", "one letter", "added word", "another ending", "as a prefix"]

_SHORTEST: Final = 4
"""Letters of a name: shorter ones are a step away from half the world."""

_SHORTEST_MAILBOX: Final = 3
"""At a domain on file only few are near enough to be taken for another."""

# Letters of other alphabets that look like Latin ones, and Latin ones that look like each other (after Unicode UTS 39,
# as far as a domain or a mailbox can hold them). Everything is compared in this form.
_DOUBLES: Final = {
    "a": "\u0430\u03b1\u0251",
    "b": "\u0432\u044c",
    "c": "\u0441\u03f2",
    "d": "\u0501",
    "e": "\u0435\u03b5",
    "g": "\u0261\u0581",
    "h": "\u04bb\u043d\u0570",
    "j": "\u0458",
    "k": "\u043a\u03ba",
    "l": "1i|\u0456\u04cf\u03b9\u0131\u0269\u0142\u01c0",
    "m": "\u043c",
    "n": "\u0578\u03b7\u0438",
    "o": "0\u043e\u03bf\u0585\u00f8\u03c3",
    "p": "\u0440\u03c1",
    "q": "\u051b",
    "r": "\u0433",
    "s": "5\u0455",
    "t": "\u0442\u03c4",
    "u": "\u03c5\u057d",
    "v": "\u03bd\u0475",
    "w": "\u051d\u0461",
    "x": "\u0445\u03c7",
    "y": "\u0443\u03b3",
}
_TRANSLATION: Final = str.maketrans({double: plain for plain, doubles in _DOUBLES.items() for double in doubles})
_MARKS: Final = re.compile(r"[.-]")
_SEPARATORS: Final = re.compile(r"[._-]")
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_WORDS: Final = (
    "support", "help", "helpdesk", "service", "services", "mail", "email", "secure", "security", "login", "account",
    "accounts", "billing", "invoice", "office", "online", "portal", "it", "hq", "inc", "llc", "ltd", "corp", "group",
    "team", "desk", "admin", "my", "the", "app", "cloud", "web", "www",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAlike:
    """The address on file that a sender resembles, and how."""

    address: str
    how: How

    def sentence(self, sender: str) -> str:
        """Say it to staff."""
        what = {
            "foreign letters": "it is written with letters of another alphabet that look the same",
            "letters that look alike": "some letters are others that look the same",
            "one letter": "one letter is different, missing, added, or changed places",
            "added word": "a word is added to the name",
            "another ending": "the ending of the domain is another one",
            "as a prefix": "the domain only begins like it",
        }[self.how]
        return f"{sender} looks like {self.address}, which is on file, but is another address: {what}."


@functools.lru_cache(maxsize=2)
def of(directory: Directory) -> "LookAlikes":
    """Return the index of a directory, made at the first question."""
    return LookAlikes(directory)


class LookAlikes:
    """The index over the addresses of a directory."""

    def __init__(self, directory: Directory) -> None:
        self._by_domain: dict[str, list[str]] = {}
        for account in directory:
            for contact in account.contacts:
                for address in contact.addresses:
                    self._by_domain.setdefault(addresses.key(address).rpartition("@")[2], []).append(address)
        self._by_skeleton = {skeleton(_letters(domain)): domain for domain in reversed(self._by_domain)}
        self._by_label: dict[str, str] = {}
        self._by_label_skeleton: dict[str, str] = {}
        self._by_joined: dict[str, tuple[str, How]] = {}
        self._by_shortened: dict[str, set[str]] = {}
        for domain in self._by_domain:
            label = _label(domain)
            if label is None or len(label) < _SHORTEST or label in self._by_label:
                continue
            self._by_label[label] = domain
            self._by_label_skeleton.setdefault(skeleton(label), domain)
            self._by_joined.setdefault(_joined(label), (domain, "one letter"))
            self._by_joined.setdefault(_joined(_letters(organisational(domain) or domain)), (domain, "added word"))
            for shortened in _shortened(label):
                self._by_shortened.setdefault(shortened, set()).add(label)

    def find(self, address: str) -> LookAlike | None:
        """Return what an address imitates; None when it resembles nothing on file, or is on file itself."""
        local, _, domain = addresses.key(address).rpartition("@")
        if domain in self._by_domain:
            return self._mailbox(local, domain)
        found = self._domain(domain)
        if found is None:
            return None
        imitated, how = found
        return LookAlike(address=self._address_at(imitated, local), how=how)

    def _address_at(self, domain: str, local: str) -> str:
        known = self._by_domain[domain]
        return next((each for each in known if addresses.key(each).rpartition("@")[0] == local), known[0])

    def _mailbox(self, local: str, domain: str) -> LookAlike | None:
        for known in self._by_domain[domain]:
            other = addresses.key(known).rpartition("@")[0]
            if other == local:
                return None
            if skeleton(other) == skeleton(local):
                return LookAlike(address=known, how="letters that look alike")
            if len(other) >= _SHORTEST_MAILBOX and (_swapped(other, local) or _joined(other) == _joined(local)):
                return LookAlike(address=known, how="one letter")
        return None

    def _domain(self, domain: str) -> tuple[str, How] | None:
        letters = _letters(domain)
        if (imitated := self._by_skeleton.get(skeleton(letters))) is not None:
            return imitated, "letters that look alike" if letters.isascii() else "foreign letters"
        # `acme.example.evil.test` and `acme.example-mail.test`.
        for end in (mark.start() for mark in _MARKS.finditer(domain)):
            if domain[:end] in self._by_domain:
                return domain[:end], "as a prefix"
        label = _label(domain)
        if label is None or len(label) < _SHORTEST:
            return None
        if (imitated := self._by_label.get(label)) is not None:
            # A part of the same organisation's domain is no imitation of it.
            return None if organisational(imitated) == organisational(domain) else (imitated, "another ending")
        if (imitated := self._by_label_skeleton.get(skeleton(label))) is not None:
            return imitated, "letters that look alike" if label.isascii() else "foreign letters"
        # `acme-widgets.test` for `acmewidgets.example`; `acmewidgets-example.test`: the whole domain as one word.
        return self._by_joined.get(_joined(label)) or self._added_word(label) or self._one_letter(label)

    def _added_word(self, label: str) -> tuple[str, How] | None:
        for candidate in _without_words(label):
            # Hardly a name begins or ends with one of the words: the name itself was looked up before.
            if candidate == label:
                continue
            if len(candidate) >= _SHORTEST and (imitated := self._by_label_skeleton.get(skeleton(candidate))):
                return imitated, "added word"
        return None

    def _one_letter(self, label: str) -> tuple[str, How] | None:
        # Of so short a name half of the words of that length are a letter away; with two that changed places, few are.
        step = _one_step if len(label) > _SHORTEST else _swapped
        for shortened in _shortened(label):
            for known in sorted(self._by_shortened.get(shortened, ())):
                if step(known, label):
                    return self._by_label[known], "one letter"
        return None


def skeleton(text: str) -> str:
    """Return the form in which texts that look the same are the same."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter)).translate(_TRANSLATION)
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain


def _letters(domain: str) -> str:
    """Return a domain as people see it."""
    if "xn--" not in domain:
        return domain
    # By need: nearly every domain is ASCII, and the tables cost 10 ms.
    import idna

    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def _label(domain: str) -> str | None:
    registered = organisational(domain)
    return None if registered is None else _letters(registered).partition(".")[0]


def _shortened(label: str) -> Iterator[str]:
    yield label
    for index in range(len(label)):
        yield label[:index] + label[index + 1 :]


def _without_words(label: str) -> Iterator[str]:
    pieces = label.split("-")
    if len(pieces) > 1:
        yield from pieces
        yield "".join(pieces)
        for start in (1, 0):
            yield "-".join(pieces[start : len(pieces) - 1 + start])
    for word in _WORDS:
        yield label.removeprefix(word).removeprefix("-")
        yield label.removesuffix(word).removesuffix("-")


def _joined(text: str) -> str:
    """Return a name without what only separates its parts."""
    return _SEPARATORS.sub("", text)


def _swapped(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    places = [index for index, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    return (
        len(places) == 2
        and places[1] == places[0] + 1
        and one[places[0]] == other[places[1]]
        and one[places[1]] == other[places[0]]
    )


def _one_step(one: str, other: str) -> bool:
    """Whether one letter was changed, added or left out, or two neighbours changed places."""
    if one == other:
        return False
    if len(one) == len(other):
        return _swapped(one, other) or sum(left != right for left, right in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and any(long[:index] + long[index + 1 :] == short for index in range(len(long)))
