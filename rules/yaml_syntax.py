"""What libyaml finds wrong with a text, in words that say what would be right."""

import re

import yaml

# What a merge left behind that nobody settled.
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)

_TAB = "a tab; indent with spaces"
# libyaml's words for what is wrong, and ours with what would be right.
_PLAIN_WORDS = {
    "mapping values are not allowed in this context": (
        'a ":" that YAML cannot place; a text that holds ": " stands in quotes, '
        "and a key is indented like its neighbours"
    ),
    "did not find expected key": "a key was expected; is this line indented like its neighbours?",
    "could not find expected ':'": 'a ":" was expected after this key',
    "found character that cannot start any token": (
        "no value may begin with this character; put texts that begin with @, ` or % in quotes"
    ),
    "did not find expected ',' or ']'": 'a "," or the closing "]" of this list is missing',
    "did not find expected ',' or '}'": (
        'a "," or the closing "}" is missing; a text that holds ": ", " #" or "," stands in quotes'
    ),
    "did not find expected '-' indicator": (
        'a "-" was expected; is this line indented like the other entries of the list?'
    ),
    "block sequence entries are not allowed in this context": ('a list ("- …") begins on a line of its own'),
    "found unexpected end of stream": "the file ends in the middle of a text in quotes",
    "did not find expected node content": "a value was expected",
    "found unknown escape character": "unknown \\ escape; in 'single quotes' a backslash is only a backslash",
    "did not find expected <document start>": (
        "this is outside of what was begun above; is it indented like its neighbours?"
    ),
    "did not find expected comment or line break": "the text of | or > begins on the next line",
    "did not find expected hexdecimal number": "\\x is followed by two hexadecimal digits, \\u by four, \\U by eight",
    "found an indentation indicator equal to 0": "the number behind | or > is at least 1; leave it out",
    "did not find the expected '>'": "text that begins with ! stands in quotes",
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "did not find expected alphabetic or numeric character": (
        "text that begins with * or & stands in quotes (YAML would take it for an alias or an anchor)"
    ),
}


def told(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """Give line and column, from 1, and a sentence."""
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        return line, 1, "two versions of the file stand here (<<<<<<<), as a merge left them; keep one of them"
    mark = error.problem_mark or error.context_mark
    problem = (error.problem or "cannot be read").strip()
    message = _PLAIN_WORDS.get(problem, problem)
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        message = _TAB
    began = error.context_mark
    line = mark.line + 1 if mark else 1
    if began is not None and began.line + 1 < line:
        message += f" (inside of what begins on line {began.line + 1})"
    return line, mark.column + 1 if mark else 1, message
