"""The words that numbers are made of, in English."""

from __future__ import annotations

_ONES = "zero one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = {word: str(n) for n, word in enumerate(_ONES.split())} | {
    "oh": "0",
    "o": "0",
    "nought": "0",
    "naught": "0",
    "niner": "9",
}
TEENS = {word: str(n) for n, word in enumerate(_TEENS.split(), 10)}
TENS = {word: str(n) for n, word in enumerate(_TENS.split(), 2)}
ROUND = {"hundred": "00", "thousand": "000"}
"""Said after a figure: "eight hundred"."""
TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
HOMOPHONES = {"for": "4", "fore": "4", "to": "2", "too": "2", "ate": "8", "won": "1"}
"""Numbers only between two others."""

_PAUSES = "um umm uh uhm er erm hm hmm let me see"
JOINTS = frozenset({"dash", "hyphen", "and", "then", "area", "code", "space", "dot", "minus", *_PAUSES.split()})
"""Said within a number, and no part of it."""

CORRECTIONS = frozenset({"no", "sorry", "correction", "rather", "wait", "oops", "mean", "make", "scratch", "mistake"})
"""What follows replaces what came before: "five, no, sorry, nine"."""
AROUND_CORRECTIONS = frozenset({"i", "that", "that's", "it's", "my", "actually"})
"""Said with a correction; without one, "that's" begins the number anew."""

_NATO = """alfa alpha bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar
    papa quebec romeo sierra tango uniform victor whiskey x-ray xray yankee zulu"""
_SINGLE = "bcdefghjklmnpqrstuvwxyz"
LETTERS = {letter: letter.upper() for letter in _SINGLE} | {word: word[0].upper() for word in _NATO.split()}
"""Spelled: single letters that are no words, and the NATO alphabet."""

FOR_REFERENCES = frozenset({"ticket", "reference", "ref", "case", "incident", "tickets"})
FOR_ACCOUNTS = frozenset({"account", "customer", "client", "member", "membership", "contract"})
FOR_CALLS = frozenset(
    {"call", "callback", "reach", "phone", "cell", "mobile", "telephone", "number", "dial", "ring", "text", "contact"}
)
_PAPERS = "order invoice po purchase tracking bill statement quote rma policy claim license licence passport isbn"
_THINGS = "fax serial model version build part error ip port imei mac asset badge room suite zip postcode postal"
_SECRETS = "card credit visa ssn social security pin passcode password routing"
FOR_OTHERS = frozenset(f"{_PAPERS} {_THINGS} {_SECRETS}".split())
"""What else has numbers: nobody is called back at those."""
FOR_EXTENSIONS = frozenset({"extension", "ext"})
