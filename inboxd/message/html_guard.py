"""A guard before the HTML parser, which is quadratic in depth, in attributes of one tag, and in formatting left open.

Nearly all mail is let through by figures alone, which cost a pass or two at the speed of C; only what those cannot tell
is counted tag by tag. What is written in the plain way, as mail programs do, does not even have to be taken apart.
"""

import re
from collections import Counter, defaultdict
from operator import itemgetter
from typing import Final

from inboxd.message import html_depth
from inboxd.message.limits import MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_REBUILT

# Tokenised as HTML's own tokeniser does (quotes count only behind an equals sign): the guard sees the same tags.
_ATTRIBUTE: Final = r"""=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+|=[\s/]*+"""
# (A bare tag, which most are, is told first.)
_TAG: Final = re.compile(rf"<(/?[a-zA-Z][^\s/>]*+)(?:>|((?:[\s/]++|{_ATTRIBUTE})*+))")
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
_SMALL: Final = 4_096  # what is quadratic costs nothing here
_UNCROWDED: Final = 16_384  # and attributes 10 ms, were all of it one tag: a second in the worst of mails
_LONG: Final = 4 * MAX_HTML_ATTRIBUTES
_FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# Flat ones, and those that the next of their kind closes: no deeper in one another than others are.
_ADDING_LITTLE: Final = html_depth.FLAT | {"p", "li", "dt", "dd", "option"}


# Tags in which each value stands directly behind its name and holds neither `<` nor `>`: HTML's tokeniser, too, ends
# them at their first `>`. The numbers allow no more than MAX_HTML_ATTRIBUTES, of a letter each.
_ASIDE: Final = r"[^<>\"'=]{0,24}+"
_VALUE: Final = r"(?<=[\w:-])=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=`]++(?=[\s>]))"
_PLAIN: Final = re.compile(
    rf"[^<]*+(?:<(?:/?[a-zA-Z][\w:-]*+(?:[\s/]{_ASIDE}(?:{_VALUE}{_ASIDE}){{0,20}}+)?+>|![^<>]*+>)[^<]*+)*+"
)
_START: Final = re.compile(r"<([a-zA-Z][^\s/>]*+)")
Tag = tuple[str, str]


_BARE: Final = 20  # characters of an element's two tags, without attributes
_NAME: Final = itemgetter(0)
_ATTRIBUTES_OF: Final = itemgetter(1)


def names_of(html: str) -> Counter[str]:
    """The names of all elements, in lower case, and how often each begins, or seems to."""
    found = Counter(_START.findall(html))
    return found if not any(map(str.isupper, "".join(found))) else Counter(map(str.lower, found.elements()))


def is_harmless(html: str, names: Counter[str]) -> bool:
    """Whether a parser reads it in linear time: no depth, no crowd of attributes, no formatting that is rebuilt.

    `names` are those of its elements.
    """
    if len(html) <= _SMALL:
        return True
    number = names.total()
    deepest = number - sum(names[name] for name in _ADDING_LITTLE)
    formatting = sum(names[name] for name in _FORMATTING)
    rebuilt = formatting and (formatting * _BARE + len(html)) * number  # as if each stayed open to the end
    is_flat = deepest <= MAX_HTML_DEPTH and rebuilt <= MAX_HTML_REBUILT
    if is_flat and (len(html) <= _UNCROWDED or _PLAIN.fullmatch(html) is not None):
        return True
    return _are_harmless(_TAG.findall(html))


def _are_harmless(tags: list[Tag]) -> bool:
    longest = max(map(len, map(_ATTRIBUTES_OF, tags)), default=0)
    if longest > _LONG and any(len(attributes) > _LONG and _too_many(attributes) for _, attributes in tags):
        return False
    counts = Counter(map(str.lower, map(_NAME, tags)))
    # Nothing is deeper than there are elements; only of more than that the way down is gone.
    deepest = sum(number for name, number in counts.items() if name[0] != "/" and name not in _ADDING_LITTLE)
    formatting = sum(number for name, number in counts.items() if name in _FORMATTING)
    # As if each stayed open to the end, with all attributes there are.
    rebuilt = formatting and (formatting * _BARE + sum(map(len, map(_ATTRIBUTES_OF, tags)))) * len(tags)
    if deepest <= MAX_HTML_DEPTH and rebuilt <= MAX_HTML_REBUILT:
        return True
    return _grow_little(tags)


def _grow_little(tags: list[Tag]) -> bool:
    rebuilt = formatting = 0
    opened: defaultdict[str, list[int]] = defaultdict(list)  # how long each open one is to write
    elements = html_depth.OpenElements()
    for written, attributes in tags:
        closing, name = written[0] == "/", written.lower().lstrip("/")
        if closing:
            elements.end(name)
            if opened[name]:
                formatting -= opened[name].pop()
        else:
            elements.begin(name)
            rebuilt += formatting
            if name in _FORMATTING:
                opened[name].append(len(attributes) + _BARE)
                formatting += opened[name][-1]
        if len(elements) > MAX_HTML_DEPTH or rebuilt > MAX_HTML_REBUILT:
            return False
    return True


def _too_many(attributes: str) -> bool:
    return any(number >= MAX_HTML_ATTRIBUTES for number, _ in enumerate(_ATTRIBUTES.finditer(attributes)))
