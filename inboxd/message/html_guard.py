"""A guard before the HTML parser, which is quadratic in depth, in attributes of one tag, and in formatting left open.

Nearly all mail is let through by figures alone, which cost a pass or two at the speed of C; only what those cannot tell
is looked at tag by tag. What is written in the plain way, as mail programs do, does not even have to be taken apart.
How deep a tree becomes is not reckoned as a parser would, by all of HTML's rules for what is left out: where there are
so many tags that it matters, each has to be closed in order.
"""

import re
from collections import Counter, defaultdict
from itertools import islice
from operator import itemgetter
from typing import Final

from inboxd.message.limits import MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_REBUILT

# Tokenised as HTML's own tokeniser does (quotes count only behind an equals sign): the guard sees the same tags.
_ATTRIBUTE: Final = r"""=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+|=[\s/]*+"""
# (A bare tag, which most are, is told first. What begins like a comment and is none, `<!x`, `<?x`, `</ x`, ends at the
# first `>`, or with the page, and what seems a tag in it is none: HTML Living Standard, 13.2.5.41.)
_TAG: Final = re.compile(rf"<(?:(/?[a-zA-Z][^\s/>]*+)(?:>|((?:[\s/]++|{_ATTRIBUTE})*+))|(?:[!?]|/[^a-zA-Z>])[^>]*+>?)")
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
_SMALL: Final = 4_096  # characters: what is quadratic costs nothing here
_UNCROWDED: Final = 16_384  # and attributes 10 ms, were all of it one tag: a second in the worst of mails
_FEW: Final = 20_000  # tags: were each in the one before, a tenth of a second
_LONG: Final = 4 * MAX_HTML_ATTRIBUTES
_FLAT: Final = frozenset(
    (
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        # One of each is open to the end, whatever is written.
        "html", "head", "body",
    )
)  # fmt: skip
# Flat ones, and those that the next of their kind closes: no deeper in one another than others are. (But `<dd><li>`:
# neither closes the other.)
_ADDING_LITTLE: Final = _FLAT | {"p", "li", "option"}
_FLAT_TAGS: Final = _FLAT.union(f"/{name}" for name in _FLAT)
_FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_FORMATTING_ENDS: Final = frozenset(f"/{name}" for name in _FORMATTING)
# The end tag of formatting reaches over so many elements that are open in it, but not out of these: HTML Living
# Standard, 13.2.6.4.7, the adoption agency algorithm.
_REACH: Final = 8
_WALL_ENDS: Final = frozenset(
    f"/{name}" for name in ("applet", "caption", "marquee", "object", "select", "table", "td", "template", "th")
)


# Tags in which each value stands directly behind its name and holds neither `<` nor `>`: HTML's tokeniser, too, ends
# them at their first `>`. The numbers allow no more than MAX_HTML_ATTRIBUTES, of a letter each.
_ASIDE: Final = r"[^<>\"'=]{0,24}+"
_VALUE: Final = r"(?<=[\w:-])=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=`]++(?=[\s>]))"
_PLAIN_ATTRIBUTES: Final = rf"(?:[\s/]{_ASIDE}(?:{_VALUE}{_ASIDE}){{0,20}}+)?+"
_PLAIN: Final = re.compile(rf"[^<]*+(?:<(?:/?[a-zA-Z][\w:-]*+{_PLAIN_ATTRIBUTES}>|![^<>]*+>)[^<]*+)*+")
_START: Final = re.compile(r"<([a-zA-Z][^\s/>]*+)")
# Formatting around text, or around formatting around text, in tags as plain: by all rules it ends where it says.
_FORMATTING_START: Final = rf"<({'|'.join(sorted(_FORMATTING))}){_PLAIN_ATTRIBUTES}>[^<]*+"
_CLOSED: Final = re.compile(rf"{_FORMATTING_START}(?:{_FORMATTING_START}</\2>[^<]*+)*+</\1>", re.IGNORECASE)
Tag = tuple[str, str]


_BARE: Final = 20  # characters of an element's two tags, without attributes
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
    is_flat = html.count("<") <= _FEW or number - sum(names[name] for name in _ADDING_LITTLE) <= MAX_HTML_DEPTH
    formatting = sum(names[name] for name in _FORMATTING)
    rebuilt = _rebuilt_at_most(formatting, number, len(html))
    if rebuilt > MAX_HTML_REBUILT:
        closed = sum(match[0].count("</") for match in _CLOSED.finditer(html))
        rebuilt = _rebuilt_at_most(formatting - closed, number, len(html))
    if is_flat and rebuilt <= MAX_HTML_REBUILT and (len(html) <= _UNCROWDED or _PLAIN.fullmatch(html) is not None):
        return True
    tags = _TAG.findall(html)
    longest = max(map(len, map(_ATTRIBUTES_OF, tags)), default=0)
    if longest > _LONG and any(len(attributes) > _LONG and _too_many(attributes) for _, attributes in tags):
        return False
    return _leave_little_open(tags, len(tags) if is_flat else MAX_HTML_DEPTH)


def _rebuilt_at_most(formatting: int, number: int, length: int) -> int:
    """How much is rebuilt if so many of `number` elements are formatting that stays open to the end."""
    return formatting and (formatting * _BARE + length) * number


def _leave_little_open(tags: list[Tag], most: int) -> bool:
    """Whether no more than `most` elements are open at once, and little formatting is rebuilt.

    An end tag directly behind its start tag, or with nothing between but what is closed so, closes it by all rules.
    Whatever is written otherwise counts as open for good, but for formatting.
    """
    awaited: list[str] = []  # the end tags of what is open, and others that are in the way
    lengths: defaultdict[str, list[int]] = defaultdict(list)  # of formatting that is open, by its end tag
    rebuilt = formatting = 0
    for written, attributes in tags:
        tag = written.lower()
        if awaited and awaited[-1] == tag:
            awaited.pop()
            if tag in _FORMATTING_ENDS:
                formatting -= lengths[tag].pop()
        elif tag in _FORMATTING_ENDS and (place := _within_reach(awaited, tag)) is not None:
            del awaited[place]
            formatting -= lengths[tag].pop()
        else:
            rebuilt += formatting
            if tag and tag not in _FLAT_TAGS:
                awaited.append(f"/{tag}")
            if tag in _FORMATTING:
                lengths[f"/{tag}"].append(len(attributes) + _BARE)
                formatting += lengths[f"/{tag}"][-1]
            if len(awaited) > most or rebuilt > MAX_HTML_REBUILT:
                return False
    return True


def _within_reach(awaited: list[str], end: str) -> int | None:
    """Where formatting stands that an end tag ends, though other elements are open in it."""
    for back, each in enumerate(islice(reversed(awaited), _REACH), start=1):
        if each == end:
            return len(awaited) - back
        if each in _WALL_ENDS:
            break
    return None


def _too_many(attributes: str) -> bool:
    return any(number >= MAX_HTML_ATTRIBUTES for number, _ in enumerate(_ATTRIBUTES.finditer(attributes)))
