"""A caller as phone systems write one for people: `"Desk, Front" <9525550142>`, `ACME (952) 555-0142`, `Anonymous`."""

import re
from typing import Final

from inboxd import caller_id

_NUMBER: Final = r"\+?\(?\d[\d\-. ()/]*"
# An address in angle brackets; a number in brackets behind a name; a name in brackets behind a number; a number at the
# end. Only so: digits may stand in a name, too.
_ADDRESS: Final = re.compile(r"^(?P<name>.*?)<(?P<caller>[^<>]*)>$")
_BRACKETS: Final = re.compile(rf"^(?P<name>|.*?[^\W\d].*?)[\[(](?P<caller>{_NUMBER})[\])]$")
_NAME_BEHIND: Final = re.compile(rf"^(?P<caller>{_NUMBER})[\[(](?P<name>[^\[\]()]+)[\])]$")
_NUMBER_LAST: Final = re.compile(rf"^(?P<name>.*?\D)??(?P<caller>{_NUMBER})$")
_FORMS: Final = (_ADDRESS, _BRACKETS, _NAME_BEHIND, _NUMBER_LAST)
_URI: Final = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)
_HOST: Final = re.compile(r"(?<=\d)@.*$")
_LONGEST: Final = 200
# Words that say what kind of number follows, and are nobody's name.
_LABEL: Final = re.compile(
    r"^(?:an? )?(?:extension|ext\.?|nebenstelle|poste|interno|unknown caller|unidentified caller)$", re.IGNORECASE
)
_AROUND: Final = " \t\"'“”„«»:,;-"


def split(text: str) -> tuple[str | None, str | None]:
    """Return number and name as they stand there; a caller who shows no number has such a word as the number.

    Either is None where it is not said: `Front Desk` is a name, and who has one may yet have a number elsewhere.
    """
    bare = text[:_LONGEST].strip().rstrip(".")
    for form in _FORMS:
        if (found := form.match(bare)) is not None:
            caller = _HOST.sub("", _URI.sub("", found["caller"].strip()))
            return caller or None, _name(found["name"] or "", caller)
    bare = bare.strip(_AROUND)
    if not bare or caller_id.read(bare).withheld:
        return (bare or None), None
    return None, _name(bare, "")


def _name(text: str, caller: str) -> str | None:
    name = text.strip(_AROUND)
    same = _digits(name) == _digits(caller) and not any(map(str.isalpha, name))
    if not name or same or _LABEL.match(name) or caller_id.read(name).withheld:
        return None
    return name


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
