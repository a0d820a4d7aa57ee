"""What is new in a mail: its text without quoted history and signature. Linear; the text itself loses nothing.

The lines are read once. A mark (an attribution line, a header block, "Original Message") ends the answer; behind an
attribution whose quote is marked with `>` the answer may go on, which is how people answer point by point.
"""

from dataclasses import dataclass
from typing import Final, Literal

from inboxd.message import reply_marks as marks
from inboxd.message.reply_signature import without_signature

_WRAPPED: Final = 6  # lines an attribution may wrap over
_LONGEST: Final = 1_000  # characters of a line that are looked at
_TAIL: Final = 60  # characters at a line's end that can hold an attribution's verb
_AHEAD: Final = 12
_HEADER_LINES: Final = 9

_Ending = Literal["", "verb", "colon", "bracket"]


@dataclass(frozen=True, slots=True)
class Reply:
    """The new part of a text, and whether something was cut off as history."""

    text: str
    cut: bool


def of(text: str, *, from_html: bool = False) -> Reply:
    """The new part of `text`; all of it where nothing else would be left (an answer that is nothing but a quote).

    `from_html`: quote marks stand for blockquotes, which are also a way to indent; they are history where nothing
    else is.
    """
    scan = _Scan(text, from_html=from_html)
    kept = scan.run()
    new = "\n".join(without_signature(kept)).strip()
    if not new:
        new = "\n".join(kept).strip() or text.strip()
    return Reply(new, scan.cut)


class _Scan:
    def __init__(self, text: str, *, from_html: bool) -> None:
        lowered = text.lower()
        self.lined = any(word in lowered for word in marks.LINES)
        self.lines = lines = text.split("\n")
        self.from_html = from_html
        self.heads = [_head(line) for line in lines]
        self.quoted = [marks.QUOTED.match(head) is not None for head in self.heads]
        self.endings = [_ending(head) for head in self.heads]
        self.opens: list[bool | None] = [None] * len(lines)
        self.kept: list[str] = []
        self.loose: list[tuple[int, list[str]]] = []  # blockquotes that nothing introduces, and where they stood
        self.cut = False
        self.attributed = False  # an attribution was seen: quote marks from here on are its quote

    def run(self) -> list[str]:
        index = 0
        while index < len(self.lines):
            after = self._step(index)
            if after is None:
                break
            index = after
        return self._with_loose() if self.attributed and self.loose else self.kept

    def _step(self, index: int) -> int | None:
        """Deal with what begins at a line; the next line to look at, or None when the answer ends here."""
        head = self.heads[index]
        if not head:
            self.kept.append("")
            return index + 1
        if head.lstrip()[0] in marks.RULES or self.endings[index]:
            if marks.FORWARD.match(head) and not self.quoted[index]:
                # What somebody forwards is what they want read.
                self.kept.extend(self.lines[index:])
                return None
            if marks.ORIGINAL.match(head):
                self._finish()
                return None
        if self._header_block(index) or (self.lined and self._above_this_line(index)):
            self._finish()
            return None
        after = self._attribution(index)
        if after is not None and not (self.attributed and self.quoted[index]):
            if not self._quote_follows(after):
                self._finish()
                return None
            self.cut = self.attributed = True
            return after
        if self.quoted[index]:
            return self._quote(index)
        self.kept.append(self.lines[index])
        return index + 1

    def _finish(self) -> None:
        """End the answer above the mark, without the rule that a mail program draws there."""
        self.cut = self.attributed = True
        while self.kept and (not self.kept[-1].strip() or marks.SEPARATOR.match(self.kept[-1][:_LONGEST])):
            self.kept.pop()

    def _with_loose(self) -> list[str]:
        out: list[str] = []
        last = 0
        for place, quote in self.loose:
            out.extend(self.kept[last:place])
            out.extend(line.lstrip("> ") for line in quote)
            last = place
        return out + self.kept[last:]

    def _quote_follows(self, index: int) -> bool:
        for place in range(index, min(index + _AHEAD, len(self.lines))):
            if self.heads[place]:
                return self.quoted[place]
        return False

    def _quote(self, index: int) -> int:
        """Pass over a quote. Without an attribution a single marked line is the writer's own, as in `>>> link <<<`."""
        end = index
        while end < len(self.lines) and (self.quoted[end] or self._broken_quote(end)):
            end += 1
        if self.attributed:
            return end
        if self.from_html:
            self.loose.append((len(self.kept), self.lines[index:end]))
        elif end - index < 2:
            self.kept.extend(self.lines[index:end])
            return end
        self.cut = True
        return end

    def _broken_quote(self, index: int) -> bool:
        """A line without a mark inside a quote: a link that a mail program wrapped."""
        if not (index + 1 < len(self.lines) and self.quoted[index - 1] and self.quoted[index + 1]):
            return False
        before = self.heads[index - 1]
        return before.count("(") > before.count(")") or marks.LINK_OF_QUOTE.match(self.heads[index]) is not None

    def _header(self, index: int) -> str | None:
        """What kind of header line stands there, as Outlook repeats them: `sender`, `when` or `other`."""
        head = self.heads[index]
        if ":" not in head and "：" not in head:
            return None
        found = marks.HEADER.match(head)
        return found.lastgroup if found else None

    def _above_this_line(self, index: int) -> bool:
        head = self.heads[index]
        return (
            len(head) <= marks.LONGEST_ABOVE
            and not self.quoted[index]
            and marks.ABOVE_THIS_LINE.search(head) is not None
        )

    def _header_block(self, index: int) -> bool:
        """Outlook's way: From, Sent, To, Subject of the mail that is answered, in any order."""
        first = self._header(index)
        if first is None:
            return False
        if marks.HEADERS_IN_LINE.match(self.heads[index]):
            return True
        kinds = {first}
        count = 1
        for place in range(index + 1, min(index + _HEADER_LINES, len(self.lines))):
            found = self._header(place)
            if found is not None:
                kinds.add(found)
                count += 1
            elif not self.heads[place] and count > 1:
                break
        addressed = marks.ADDRESS.search(" ".join(self.heads[index : index + 3])) is not None
        # (Whoever books a journey writes From, To and Date as well: a mail has a subject or an address.)
        if "sender" in kinds and count >= 3 and (addressed or "subject" in kinds):
            return True
        return count >= 2 and len(kinds) >= 2 and addressed and first in ("sender", "when")

    def _attribution(self, index: int) -> int | None:
        """Where the lines behind an attribution begin that starts here; None when none does."""
        if not any(self.endings[index : index + _WRAPPED]):
            return None
        bracket: int | None = None
        for end in range(index, min(index + _WRAPPED, len(self.lines))):
            head = self.heads[end]
            ending = self.endings[end]
            if not head and end > index + 1:
                break
            if end > index and self._opens(end) and not self._goes_on(end):
                break  # the attribution begins later
            if ending in ("verb", "colon") and self._is_attribution(index, end):
                return end + 1
            if ending == "bracket" and bracket is None and self._is_attribution(index, end):
                bracket = end + 1  # ends with an address, unless a verb comes in one of the next lines
        return bracket

    def _opens(self, index: int) -> bool:
        known = self.opens[index]
        if known is None:
            known = self.opens[index] = marks.OPENING.match(self.heads[index]) is not None
        return known

    def _goes_on(self, index: int) -> bool:
        """Whether a line that could begin an attribution is the wrapped end of one: a name and address before it."""
        before = self.heads[index - 1]
        return self.endings[index] == "colon" and before[-1:] not in ".!?:" and marks.ANGLE.search(before) is not None

    def _is_attribution(self, start: int, end: int) -> bool:
        block = " ".join(self.heads[start : end + 1])[:_LONGEST]
        ending = self.endings[end]
        if ending == "verb" and marks.IN_MESSAGE.match(block) is not None:
            return True
        if marks.OPENING.match(block) is not None and marks.DATED.search(block) is not None:
            if ending == "verb" or (ending == "colon" and marks.VERB_THEN_NAME.search(block[-_TAIL * 3 :])):
                return True
            if (ending == "colon" or self._quote_follows(end + 1)) and marks.ADDRESS.search(block) is not None:
                return True
        if start == end and (marks.ISO_DATE.match(block) or self._shares_line(start)):
            return True
        if ending in ("verb", "colon") and self._says_who_and_when(start, end, block):
            return True
        # No date: `Front Desk <front@example.com> wrote:` and `---- Front Desk wrote ----`, where a quote follows.
        short = start == end or (end == start + 1 and marks.STARTS_WITH_ADDRESS.match(self.heads[end]) is not None)
        return (
            ending == "verb" and short and len(block) < 200 and not self.quoted[start] and self._quote_follows(end + 1)
        )

    def _says_who_and_when(self, start: int, end: int, block: str) -> bool:
        """Name, address, date and time in whatever language and order; within three lines, none of them empty."""
        if len(block) > 400 or end > start + 2 or not all(self.heads[start : end + 1]):
            return False
        if start == end and (marks.NAME_THEN_VERB.match(block) or marks.NAME_THEN_CHINESE.match(block)):
            return True
        if start == end and (
            marks.NAME_WROTE.match(block)
            or (marks.QUOTING.match(block) and (self._quote_follows(end + 1) or marks.ANGLE.search(block)))
        ):
            return True
        first = self.heads[start]
        if marks.ANGLE.search(first) is not None and marks.NAME_AND_DATE.match(block) is not None:
            return True
        begins = marks.YEAR.search(first) is not None or marks.ANGLE.search(first) is not None
        return begins and all(each.search(block) is not None for each in (marks.ANGLE, marks.YEAR, marks.TIME))

    def _shares_line(self, index: int) -> bool:
        """The answer ends in the line in which the attribution begins: keep its beginning."""
        head = self.heads[index]
        found = marks.WITHIN.search(head) if self.endings[index] == "verb" else None
        if found is None or not head[: found.start()].strip(" ->"):
            return False
        self.kept.append(head[: found.start()].rstrip(" -"))
        return True


def _head(line: str) -> str:
    """What is looked at of a line: its beginning, without what has no width."""
    head = line[:_LONGEST]
    return (head if head.isascii() else head.translate(marks.INVISIBLE)).rstrip()


def _ending(head: str) -> _Ending:
    tail = head[-_TAIL:].rstrip(" \t-_*")
    colon = tail[-1:] in (":", "：") and bool(tail)
    words = tail.rstrip(" :：\u00a0").lower()
    if words.endswith(marks.VERBS):
        return "verb"
    if colon:
        return "colon"
    return "bracket" if head[-1:] == ">" else ""
