"""The lines of a mail, and where in them a mail program repeats the mail that is answered: attributions and headers.

Each question looks at a bounded number of lines, and at a bounded part of each. What patterns say of a line is
remembered, and the dear ones are asked only where a cheap look allows an answer, and so often per text (`_TRIES`).
"""

import re
from itertools import chain, takewhile
from typing import Final

import re2

from inboxd.message import reply_marks as marks
from inboxd.message.reply_heads import LONGEST, TAIL, WRAPPED, endings_of, headed_in_line, heads_of, indent_of

_STOPS: Final = frozenset(".!?")
_BULLET_SIGNS: Final = frozenset(" \t*-+•")
_BULLETS: Final = frozenset(("* ", "- ", "+ ", "• "))
_LONGEST_NAME: Final = 80
_AHEAD: Final = 12
_HEADER_LINES: Final = 9
_NAMED: Final = 64  # characters in which a header line's name ends, quote marks before it included
_NOTES_LINES: Final = 14
_CREDIT_LINES: Final = 3
_TRACE_LINES: Final = 30
# Blocks of lines that are tried as attributions; people send dozens, a pasted configuration hundreds.
_TRIES: Final = 30_000
_LINED: Final = re2.compile("|".join(marks.LINES))
# What a header line, an address, or an attribution that stands in one line holds one of.
_MARKS: Final = (":", "：", "|", "@", "\t", "---", "osted", " GMT", "n reply to ")
_TELLS: Final = re.compile(r"[\d@<]")  # one of these is in each date, address and Message-ID


class Lines:
    """The lines of a text: `heads` is what is looked at of each, `quoted` whether it bears a quote mark."""

    def __init__(self, text: str) -> None:
        self.lined = _LINED.search(text.lower()) is not None
        self.lines = text.split("\n")
        self.heads = heads_of(text, self.lines)
        self.quoted = [">" in head and is_quoted(head) for head in self.heads]
        self.cites = ">>>> " in text and any(map(marks.SUPERCITE.match, self.heads))
        if self.cites:
            for place, head in enumerate(self.heads):
                self.quoted[place] |= ">" in head and marks.CITED.match(head) is not None
        self.endings = endings_of(self.heads)
        self.opens: list[bool | None] = [None] * len(self.lines)
        looked_at = "\n".join(self.heads)
        self.marks = tuple(mark for mark in _MARKS if mark in looked_at)
        self.headers: dict[int, str | None] = {}
        self.credits = any(map(text.__contains__, marks.CREDITS))
        self.tries = 0

    def is_plain(self, index: int) -> bool:
        """Whether nothing can begin at a line, told by a few looks: no mark, no address, and no verb or colon near."""
        head = self.heads[index]
        return (
            not (self.lined or self.quoted[index])
            and head.lstrip()[:1] not in marks.RULES  # (nor nothing)
            and not any(self.endings[index : index + WRAPPED])
            and not any(map(head.__contains__, self.marks))
        )

    def next_filled(self, index: int) -> int | None:
        """The next line with text, from a line on; None where none is near."""
        for place in range(index, min(index + _AHEAD, len(self.heads))):
            if self.heads[place]:
                return place
        return None

    def quote_follows(self, index: int) -> bool:
        """Whether the next line with text bears a quote mark."""
        place = self.next_filled(index)
        return place is not None and self.quoted[place]

    def _header(self, index: int) -> str | None:
        """What kind of header line stands there, as Outlook repeats them: `sender`, `when` or `other`."""
        head = self.heads[index]
        begin = head[:_NAMED]
        if ":" not in begin and "：" not in begin and "|" not in begin and "\t" not in begin:
            return None
        if index not in self.headers:
            found = marks.HEADER.match(head)
            self.headers[index] = found.lastgroup if found else None
        return self.headers[index]

    def _goes_with_headers(self, index: int) -> bool:
        """Whether a header line that is not the sender's goes on in the next: `A: yes` is the end of an answer."""
        following = index + 1 < len(self.heads) and self._header(index + 1) is not None
        return following and self.heads[index].strip(" >*|")[:2].lower() not in ("a:", "a ", "à:", "à ")

    def ends_answer(self, index: int) -> bool:
        """Whether a line without more around it says that history begins: a desk's own, or the first of Notes'."""
        return self.is_above_this_line(index) or ("@" in self.heads[index] and self.is_notes_header(index))

    def is_above_this_line(self, index: int) -> bool:
        """Whether the line is a desk's own "Please type your reply above this line"."""
        head = self.heads[index]
        return (
            self.lined
            and len(head) <= marks.LONGEST_ABOVE
            and not self.quoted[index]
            and marks.ABOVE_THIS_LINE.search(head) is not None
            and marks.REPLYING.search(head) is not None
        )

    def is_header_block(self, index: int) -> bool:
        """Outlook's way: From, Sent, To, Subject of the mail that is answered, in any order."""
        first = self._header(index)
        if first is None or (first != "sender" and not self._goes_with_headers(index)):
            return False
        if first == "sender" and headed_in_line(self.heads[index]):
            return True
        return self._holds_headers(index, first) and not self._is_of_source(index)

    def _holds_headers(self, index: int, first: str) -> bool:
        """Whether the lines from a header line on tell who wrote, when, to whom and about what."""
        kinds = {first}
        count = 1
        for place in range(index + 1, min(index + _HEADER_LINES, len(self.lines))):
            found = self._header(place)
            if found is not None:
                kinds.add(found)
                count += 1
            elif not self.heads[place] and count > 1:
                break
        if count < 2 or not ("sender" in kinds or first == "when"):
            return False
        # (Who fills in a form has an address as well, below a name of its own.)
        near = range(index, min(index + 3, len(self.heads)))
        top = " ".join(
            self.heads[place] for place in near if self._header(place) or not marks.LABEL.match(self.heads[place])
        )
        addressed = "@" in top and marks.ADDRESS.search(top) is not None
        # (Whoever books a journey writes From, To and Date as well: a mail has an address, or a subject and a time.)
        if "sender" in kinds and count >= 3 and addressed:
            return not self._is_announced(index, indented=True)
        if "sender" in kinds and count >= 3 and "subject" in kinds and self._is_dated(index):
            return not self._is_announced(index)
        return "when" in kinds and len(kinds) >= 2 and addressed and first in ("sender", "when")

    def _is_announced(self, index: int, *, indented: bool = False) -> bool:
        """Whether a line above ends with a colon: a journey, or what stands `indented` below a name, as in YAML."""
        above = next((head for head in reversed(self.heads[max(index - 2, 0) : index]) if head), "")
        if indented and (not self.heads[index - 1] or indent_of(self.heads[index]) <= indent_of(above)):
            return False
        return above.endswith((":", "：")) and marks.BARE_TITLE.match(above) is None

    def _is_of_source(self, index: int) -> bool:
        """Whether a header stands among fields that only the source of a mail shows: a header somebody asks about."""
        above = takewhile(bool, reversed(self.heads[max(index - _TRACE_LINES, 0) : index]))
        below = takewhile(marks.FIELD.match, self.heads[index + 1 : index + 1 + _TRACE_LINES])
        return any(map(marks.TRACE.match, chain(above, below)))

    def _is_dated(self, index: int) -> bool:
        """Whether a header block tells a date, whatever that is called."""
        for place in range(index, min(index + _HEADER_LINES, len(self.heads))):
            head = self.heads[place]
            if self._header(place) == "when" or marks.YEAR.search(head) or marks.TIME.search(head):
                return True
            if not head and place > index + 1:
                break
        return False

    def is_notes_header(self, index: int) -> bool:
        """Notes' way: who and when, then `To` and `Subject`, each on a line of its own and without a colon."""
        if marks.ANGLE.search(self.heads[index]) is None or ":" in self.heads[index]:
            return False
        near = self.heads[index : index + _NOTES_LINES]
        names = {head.strip().lower() for head in near[1:]}
        return (
            not names.isdisjoint(marks.NOTES_TO)
            and not names.isdisjoint(marks.NOTES_SUBJECT)
            and any(marks.YEAR.search(head) and marks.TIME.search(head) for head in near)
        )

    def attribution(self, index: int) -> int | None:
        """Where the lines behind an attribution begin that starts here; None when none does."""
        if self._runs_on(index) or self._shares(index) or (self.cites and marks.SUPERCITE.match(self.heads[index])):
            return index + 1
        if self.credits and (found := self._credit(index)) is not None:
            return found
        if marks.SEPARATOR.match(self.heads[index]):
            return self._below_headers(index + 1)
        if self.tries >= _TRIES or not any(self.endings[index : index + WRAPPED]):
            return None
        if self._ends_sentence(index):
            return None
        if self._is_name_above(index) and (found := self._from(index + 1)) is not None:
            return found
        return self._from(index)

    def _credit(self, index: int) -> int | None:
        """Behind one that ends with a Message-ID or a number, as newsreaders and Bugzilla write above a quote."""
        for end in range(index, min(index + _CREDIT_LINES, len(self.heads))):
            if not self.heads[end]:
                return None
            if self.quote_follows(end + 1):
                block = " ".join(self.heads[index : end + 1])[:LONGEST]
                return end + 1 if marks.CREDIT.match(block) else None
        return None

    def _is_name_above(self, index: int) -> bool:
        """Whether an attribution that begins with a long name may have wrapped behind it, before the address."""
        name = self.heads[index]
        below = self.heads[index + 1] if index + 1 < len(self.heads) else ""
        return (
            "<" in below
            and name[-1:] not in ("", *".!?:,;>")
            and len(name) <= _LONGEST_NAME
            and marks.STARTS_WITH_ANGLE.match(below) is not None
        )

    def _from(self, index: int) -> int | None:
        bracket: int | None = None
        opened = False
        # (The two lines of `Front Desk` and `<front@example.com> wrote:` show nothing in the first.)
        last = index + (WRAPPED if self._wraps(index) else 2)
        for end in range(index, min(last, len(self.lines))):
            head = self.heads[end]
            ending = self.endings[end]
            if not head:
                if end > index + 1 and not opened:
                    break
                continue
            # (A link in its own paragraph leaves the bracket open: `Front Desk <`, `front@example.com`, `> wrote:`.)
            opened = head.rfind("<") > head.rfind(">") or (opened and ">" not in head)
            if end > index and self._opens(end) and not self._goes_on(end):
                break  # the attribution begins later
            if end > index and (
                (head[0] in _BULLET_SIGNS and head.lstrip()[:2] in _BULLETS) or self._ends_sentence(end - 1)
            ):
                break  # what was said above is said
            if ending in ("verb", "colon") and self._is_attribution(index, end):
                return None if self._is_told(index, end) else end + 1
            if ending == "colon" and not head.endswith("mailto:") and head.rfind("(") <= head.rfind(")"):
                break  # (of what goes on behind a colon only an address, or a bracket)
            if ending == "bracket" and bracket is None and self._is_attribution(index, end):
                bracket = end + 1  # ends with an address, unless a verb comes in one of the next lines
        return bracket

    def _wraps(self, index: int) -> bool:
        """Whether an attribution may begin here that ends in a later line: as most do, or with an address or a year."""
        first = self.heads[index]
        block = " ".join(self.heads[index : index + WRAPPED])[:LONGEST]
        return _TELLS.search(block) is not None and (
            marks.OPENING.match(block) is not None
            or marks.IN_MESSAGE.match(block) is not None
            or ("@" in first and marks.ANGLE.search(first) is not None)
            or marks.YEAR.search(first) is not None
        )

    def _runs_on(self, index: int) -> bool:
        """Whether an attribution stands in this line alone, whatever it ends with."""
        head = self.heads[index]
        if "---" in head or "osted" in head or " GMT" in head:
            return marks.ONE_LINE.match(head) is not None
        if ("@" not in head and ": >" not in head) or self.endings[index] or not self._opens(index):
            return False
        return _quote_behind(head, 0)

    def _opens(self, index: int) -> bool:
        known = self.opens[index]
        if known is None:
            known = self.opens[index] = marks.OPENING.match(self.heads[index]) is not None
        return known

    def _goes_on(self, index: int) -> bool:
        """Whether a line that could begin an attribution is the wrapped end of one: a name and address before it."""
        before = self.heads[index - 1]
        if marks.DAY_ALONE.match(before) is not None:
            return True
        if before[-1:] == ">" and marks.VERB_THEN_NAME.search(self.heads[index]) is not None:
            return False  # whole in itself, below the name and address that somebody signs with
        if before[-1:] in ("", *".!?:") or marks.ANGLE.search(before) is None:
            return False
        # (A line that ends behind the address goes on in any language; and Chinese, the date names nobody.)
        return (
            self.endings[index] == "colon"
            or (self.endings[index] == "verb" and before[-1] != ">")
            or marks.CHINESE_DATE.match(self.heads[index]) is not None
        )

    def _is_attribution(self, start: int, end: int) -> bool:
        block = " ".join(self.heads[start : end + 1])[:LONGEST].lstrip(" *_").rstrip(" \t*_-")
        ending = self.endings[end]
        if ending == "colon" and _TELLS.search(block) is None and not self.quote_follows(end + 1):
            return False
        self.tries += 1
        if ending == "verb" and marks.IN_MESSAGE.match(block) is not None:
            return True
        if marks.OPENING.match(block) is not None and marks.DATED.search(block) is not None:
            if ending == "verb" or (ending == "colon" and marks.VERB_THEN_NAME.search(block[-TAIL * 3 :])):
                return True
            if (ending == "colon" or self.quote_follows(end + 1)) and marks.ADDRESS.search(block) is not None:
                return True
        if start == end and self.shared(start) is not None:
            return True
        if start == end and marks.ISO_DATE.match(block) and (ending == "colon" or not self._is_list(end + 1)):
            return True
        if ending in ("verb", "colon") and self._says_who_and_when(start, end, block):
            return True
        # No date: `Front Desk <front@example.com> wrote:` and `---- Front Desk wrote ----`, where a quote follows.
        short = start == end or (end == start + 1 and marks.STARTS_WITH_ADDRESS.match(self.heads[end]) is not None)
        if ending != "verb" or not short or len(block) >= 200 or self.quoted[start]:
            return False
        return self.quote_follows(end + 1) and marks.THING.match(block) is None

    def _below_headers(self, index: int) -> int | None:
        """Behind an attribution below two header lines or more: Yandex tells first to whom, and about what."""
        place = index
        while place < min(index + _CREDIT_LINES, len(self.heads)) and self._header(place) in ("other", "subject"):
            place += 1
        return self._from(place) if index + 2 <= place < len(self.heads) else None

    def _ends_sentence(self, index: int) -> bool:
        head = self.heads[index]
        return head[-1:] in _STOPS and marks.SENTENCE_END.search(head[-8:]) is not None

    def _is_told(self, start: int, end: int) -> bool:
        """Whether nobody is named, and nothing is quoted: `On 4 March 2025 I wrote:` is how people tell something.

        What they tell may stand between quotation marks, whoever said it.
        """
        block = " ".join(self.heads[start : end + 1])[:LONGEST]
        if "@" in block or self.quote_follows(end + 1):
            return False
        below = self.next_filled(end + 1)
        said = below is not None and self.heads[below].lstrip()[:1] in marks.QUOTATION_MARKS
        return said or marks.TOLD.search(block) is not None

    def _is_list(self, index: int) -> bool:
        """Whether indented lines follow, as below the date and name of an entry in a list of changes."""
        place = self.next_filled(index)
        return place is not None and self.lines[place].startswith(("\t", "    ", "  * ", "* "))

    def _says_who_and_when(self, start: int, end: int, block: str) -> bool:
        """Name, address, date and time in whatever language and order; within three lines, none of them empty."""
        if len(block) > 400 or end > start + 2 or not all(self.heads[start : end + 1]):
            return False
        dated = marks.YEAR.search(block) is not None and marks.TIME.search(block) is not None
        if dated and start == end and self.endings[end] == "verb" and block.rstrip()[-1:] in ":：":
            return True
        found = marks.NAME_THEN_VERB.match(block) if end <= start + 1 else None
        if found is not None and (
            # (Of two lines the first holds the verb, or it is the end of the answer.)
            start == end or (0 < found.start("verb") < len(self.heads[start]) and self.quote_follows(end + 1))
        ):
            return True
        if start == end and marks.NAME_THEN_CHINESE.match(block):
            return True
        if start == end and self.quote_follows(end + 1) and marks.DATE_AND_COLON.match(block):
            return True
        if (start == end or (end == start + 1 and marks.STARTS_WITH_ANGLE.match(self.heads[end]) is not None)) and (
            (self.endings[end] == "verb" and marks.NAME_WROTE.match(block))
            or (marks.QUOTING.match(block) and (self.quote_follows(end + 1) or marks.ADDRESS.search(block)))
        ):
            return True
        first = self.heads[start]
        if end > start and first[-1:] == ">" and marks.NAME_THEN_VERB.match(self.heads[end]) is not None:
            return False
        if (
            marks.ANGLE.search(first) is not None
            and (dated or self.quote_follows(end + 1))
            and marks.NAME_AND_DATE.match(block) is not None
        ):
            return True
        begins = marks.YEAR.search(first) is not None or marks.ANGLE.search(first) is not None
        return begins and dated and marks.ANGLE.search(block) is not None

    def _shares(self, index: int) -> bool:
        """Whether an answer, an attribution and its quote stand in this line, as HTML without line breaks leaves it."""
        head = self.heads[index]
        return self.endings[index] != "verb" and "rote" in head and " On " in head and self.shared(index) is not None

    def shared(self, index: int) -> str | None:
        """The end of an answer in whose last line the attribution begins, None where it does not."""
        head = self.heads[index]
        ends = self.endings[index] == "verb" or "rote" in head
        found = marks.WITHIN.search(head) if ends and not self._opens(index) else None
        if found is None or not head[: found.start()].strip(" ->|*"):
            return None
        if self.endings[index] != "verb" and not _quote_behind(head, found.end()):
            return None
        return head[: found.start()].rstrip(" -")


def is_quoted(line: str) -> bool:
    """Whether a line bears a quote mark: `>`, behind the initials of who is quoted or not."""
    return marks.QUOTED.match(line) is not None or marks.INITIALS.match(line) is not None


def _quote_behind(head: str, start: int) -> bool:
    """Whether a line goes on with an attribution's date, author and verb, and with what is quoted."""
    found = marks.RUN_ON.search(head, start)
    return found is not None and marks.DATED.search(head, start, found.start()) is not None
