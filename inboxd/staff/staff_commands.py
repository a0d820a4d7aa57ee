"""Commands in a mail of staff: lines that begin with `#`, at the head of what is new in it, and nowhere else.

Only what a mail may do is one: no mail sets a priority, whoever wrote it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

STATUSES: Final = ("open", "waiting", "solved", "closed")
TYPES: Final = ("incident", "problem", "service-request")
KNOWN: Final = "#note, #reply, #alone, #status, #assign, #queue, #type, #tag, #untag"
_NONE: Final = "none"
_TEXT_BEHIND: Final = frozenset({"note", "reply", "alone"})
_FIELDS: Final = frozenset({"status", "type", "assignee", "queue"})
_MOST: Final = 20
_LONGEST: Final = 100
# A command behind a bullet, between asterisks, or with a sign that only looks like the one before it.
_MEANT: Final = re.compile(
    r"[^\w>]{0,4}[#\u266f]\s?(?:note|reply|alone|status|assign|queue|type|tag|untag)\b", re.IGNORECASE
)
# Below other words only what was to keep something in the house, and as commands are written: a file of settings may
# say `# Note: …`.
_MEANT_BELOW: Final = re.compile(r"[^\w>]{0,4}[#\u266f](?:note|alone)\b(?!:)", re.IGNORECASE)
# Signs without width, which editors leave in a line and nobody sees there.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What the head of a mail asks for, and the text below it; `wrong` says what is no command, a sentence each.

    `reply`: a person says that the text is for the customer, whatever it reads like. `alone`: for who asked, and nobody
    in copy but whom the mail itself names. `unclear`: a sentence for each line of the text that may have been meant as
    a command.
    """

    text: str
    note: bool = False
    reply: bool = False
    alone: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    tag: tuple[str, ...] = ()
    untag: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether any command was given, a wrong one included."""
        return self.note or self.changes or bool(self.wrong)

    @property
    def changes(self) -> bool:
        """Whether the ticket is to be changed by them."""
        return bool(self.fields or self.tag or self.untag)


def read(text: str, name: str, *, whole: str) -> Commands:
    """Read the head of a mail that somebody called `name` wrote; `text` is what is new in the `whole` of it. Total.

    A command at the head of what is new that does not stand at the head of the whole may be a quote, and may be meant:
    it is wrong, so that nothing is done and nothing leaves the house.
    """
    lines = text.strip().splitlines()
    while lines and not _seen(lines[0]):
        lines.pop(0)
    written = list(islice(filter(None, map(_seen, whole.splitlines())), _MOST))
    head: list[str] = []
    quoted: list[str] = []
    while len(head) < _MOST and lines and (first := _seen(lines[0])).startswith("#"):
        if written[len(head) : len(head) + 1] != [first]:
            quoted.append(f'"{first[:_LONGEST]}" is no command of yours where it stands: it may be a quote.')
            break
        lines.pop(0)
        line = first.lstrip("#").strip()
        head.append(line)
        word, _, rest = line.partition(" ")
        if word.lower() in _TEXT_BEHIND and rest.strip():
            # `#note The rest of the line is the first of the note.`
            lines.insert(0, rest.strip())
            break
    found = [_one(line, name) for line in head]
    note, answer = (any(each == (word, None) for each in found) for word in ("note", "reply"))
    both = ["#note and #reply: it is one or the other."] if note and answer else []
    return Commands(
        text="\n".join(lines).strip(),
        note=note,
        reply=answer,
        alone=("alone", None) in found,
        fields={field: value for field, value in found if field in _FIELDS},
        tag=tuple(str(value) for field, value in found if field == "tag"),
        untag=tuple(str(value) for field, value in found if field == "untag"),
        wrong=(*quoted, *both, *(str(value) for field, value in found if field == "wrong")),
        unclear=() if answer else tuple(_unclear(lines)),
    )


def _seen(line: str) -> str:
    return " ".join((line if line.isascii() else _UNSEEN.sub("", line)).split())


def _unclear(lines: Sequence[str]) -> Iterator[str]:
    """Say which lines of a text may have been meant as commands, and are none where or as they stand."""
    for place, line in enumerate(lines):
        seen = _seen(unicodedata.normalize("NFKC", line[:_LONGEST]))
        if (_MEANT_BELOW if place else _MEANT).match(seen) is not None:
            yield (
                f'"{seen}" may be meant as a command: those begin with a plain # and stand above all else.'
                " #reply in the first line sends it as it is."
            )


def _one(line: str, name: str) -> tuple[str, str | None]:
    """Return what a command sets and to what; `wrong` and the sentence for what is none."""
    word, _, rest = line.partition(" ")
    value = rest.strip()[:_LONGEST]
    low = value.lower()
    match word.lower():
        case "note" | "reply" | "alone" as which:
            return which, None
        case "status" if low in STATUSES:
            return "status", low
        case "type" if low in (*TYPES, _NONE):
            return "type", None if low == _NONE else low
        case "assign" if value:
            return "assignee", {"me": name, _NONE: None}.get(low, value)
        case "queue" if value:
            return "queue", None if low == _NONE else value
        case ("tag" | "untag") as which if value and " " not in value:
            return which, value
        case "priority":
            return "wrong", "#priority: no mail sets a priority; use inboxd tickets set."
    return "wrong", f'"#{line[:_LONGEST]}" is no command: there are {KNOWN}.'
