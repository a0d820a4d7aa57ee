"""What is new in a mail: its text without quoted history and signature. Linear; the text itself loses nothing.

The lines are read once. A mark (an attribution line, a header block, "Original Message") ends the answer; behind an
attribution whose quote is marked with `>` the answer may go on, which is how people answer point by point.
"""

from dataclasses import dataclass
from typing import Final

from inboxd.message import reply_marks as marks
from inboxd.message.reply_lines import Lines
from inboxd.message.reply_signature import without_signature

_LONGEST: Final = 1_000  # characters of a line that are looked at
_FENCES: Final = frozenset(("```", "~~~"))
_CODE_LINES: Final = 200
_RULED_LINES: Final = 40  # above a rule, in which another like it says that the writer draws them
_WRAPPED_AT: Final = 60  # a quoted line as long as this one may have been wrapped


@dataclass(frozen=True, slots=True)
class Reply:
    """The new part of a text, and whether something was cut off as history.

    `empty`: nothing but history was there, or it may be so: it begins with what could be an attribution.
    """

    text: str
    cut: bool
    empty: bool = False


def of(text: str, *, from_html: bool = False, unquoted: bool = False) -> Reply:
    """The new part of `text`; all of it where nothing else would be left (an answer that is nothing but a quote).

    `from_html`: quote marks stand for blockquotes, which are also a way to indent; they are history where nothing
    else is. `unquoted`: a mail program marked its quote, and it is gone already.
    """
    scan = _Scan(text, from_html=from_html, unquoted=unquoted)
    kept = scan.run()
    new = "\n".join(without_signature(kept, scan.seams)).strip()
    if not new:
        return Reply("\n".join(kept).strip() or text.strip(), scan.cut, empty=True)
    return Reply(new, scan.cut, empty=scan.told)


class _Scan:
    def __init__(self, text: str, *, from_html: bool, unquoted: bool) -> None:
        self.found = Lines(text)
        self.lines, self.heads, self.quoted = self.found.lines, self.found.heads, self.found.quoted
        self.from_html = from_html
        self.unquoted = unquoted
        self.last = next((place for place in reversed(range(len(self.heads))) if self.heads[place]), -1)
        self.kept: list[str] = []
        self.seams: list[int] = []  # where in it a quote was left out
        self.loose: list[tuple[int, list[str]]] = []  # blockquotes that nothing introduces, and where they stood
        self.cut = False
        self.told = False  # the mail begins as a quote does, or as somebody does who tells what another wrote
        self.attributed = False  # an attribution was seen: quote marks from here on are its quote

    def run(self) -> list[str]:
        index = 0
        while index < len(self.lines):
            if self.found.is_plain(index):
                self.kept.append(self.lines[index])
                index += 1
                continue
            after = self._step(index)
            if after is None:
                break
            index = after
        return self._with_loose() if self.loose and (self.attributed or self.unquoted) else self.kept

    def _step(self, index: int) -> int | None:
        """Deal with what begins at a line; the next line to look at, or None when the answer ends here."""
        head = self.heads[index]
        if not head:
            self.kept.append("")
            return index + 1
        if head.lstrip()[0] in marks.RULES or self.found.endings[index]:
            if (after := self._code(index)) is not None:
                return after
            if marks.FORWARD.match(head) and not self._of_quote(index):
                # What somebody forwards is what they want read.
                self.kept.extend(self.lines[index:])
                return None
            if marks.ORIGINAL.match(head):
                return self._original(index)
        headed = self.found.is_header_block(index)
        if headed or self.found.ends_answer(index):
            if not headed and not self._has_answer():
                return self._tell(index, index + 1)
            self._finish(header=index if headed else None)
            return self._behind_marked(index)
        after = self.found.attribution(index)
        if after is not None and not (self.attributed and self.quoted[index]):
            return self._attributed(index, after)
        if self.quoted[index]:
            return self._quote(index)
        self.kept.append(self.lines[index])
        return index + 1

    def _has_answer(self) -> bool:
        return self.cut or any(line.strip() for line in self.kept)

    def _tell(self, index: int, after: int) -> int:
        """Keep what a mail begins with: without an address or a quote it is how people tell something, too."""
        self.told = True
        self.kept.extend(self.lines[index:after])
        return after

    def _attributed(self, index: int, after: int) -> int | None:
        if (last := self.found.shared(index)) is not None:
            self.kept.append(last)
        if not self.found.quote_follows(after):
            if not self._has_answer() and not any("@" in head for head in self.heads[index:after]):
                return self._tell(index, after)
            self._finish()
            return None
        self.cut = self.attributed = True
        self._drop_rules()
        self.seams.append(len(self.kept))
        return after

    def _code(self, index: int) -> int | None:
        """Keep what stands between two fences as it is: in code `>` is no quote mark."""
        fence = self.heads[index].lstrip(" ")[:3]
        if fence not in _FENCES:
            return None
        for end in range(index + 1, min(index + _CODE_LINES, len(self.heads))):
            if self.heads[end].strip() == fence:
                self.kept.extend(self.lines[index : end + 1])
                return end + 1
        return None

    def _of_quote(self, index: int) -> bool:
        """Whether a line is history: Apple's program puts marks before all that it sends on, the title included."""
        before = next((place for place in range(index - 1, -1, -1) if self.heads[place]), None)
        return self.quoted[index] and (self.attributed or (before is not None and self.quoted[before]))

    def _original(self, index: int) -> int | None:
        # Proton writes an attribution below the title, and the answer may go on behind its quote.
        below = self.found.next_filled(index + 1)
        after = self.found.attribution(below) if below is not None else None
        if below is not None and after is not None and self.found.quote_follows(after):
            return below
        self._finish()
        return self._behind_marked(index)

    def _behind_marked(self, index: int) -> int | None:
        """Where the answer may go on: behind a quote of which the header bears the marks, too."""
        return self._quote(index) if self.quoted[index] and self.found.quote_follows(index + 1) else None

    def _finish(self, *, header: int | None = None) -> None:
        """End the answer above the mark, without the rule that a mail program draws there, or the title."""
        self.cut = self.attributed = True
        self._drop_rules()
        if header is not None and self.kept and self._is_title(self.kept[-1][:_LONGEST], header):
            self.kept.pop()
            self._drop_rules()

    def _is_title(self, line: str, header: int) -> bool:
        """Whether a line above a header block goes with it: a title, or the sender's address as Foxmail puts it."""
        if marks.TITLED.match(line) or marks.BARE_TITLE.match(line):
            return True
        if marks.BARE_ADDRESS.match(line) is None:
            return False
        return any(line.strip(" <>*") in head for head in self.heads[header : header + 3])

    def _drop_rules(self) -> None:
        while self.kept and (not (last := self.kept[-1].strip()) or marks.SEPARATOR.match(last[:_LONGEST])):
            if last and any(last == line.strip() for line in self.kept[-_RULED_LINES:-1]):
                break  # the writer draws such ones
            self.kept.pop()

    def _with_loose(self) -> list[str]:
        out: list[str] = []
        last = 0
        for place, quote in self.loose:
            out.extend(self.kept[last:place])
            out.extend(line.lstrip("> ") for line in quote)
            last = place
        return out + self.kept[last:]

    def _quote(self, index: int) -> int:
        """Pass over a quote. A single marked line above all others is the writer's own, as in `>>> link <<<`."""
        end = index
        while end < len(self.lines) and (self.quoted[end] or self._broken_quote(end)):
            end += 1
        if self.attributed:
            return end
        if all(map(marks.PROMPT.match, self.heads[index:end])):
            self.kept.extend(self.lines[index:end])  # code: nobody quotes at the third level alone
            return end
        if self.from_html:
            self.loose.append((len(self.kept), self.lines[index:end]))
        elif self._is_announced(index) or (end - index < 2 and not (self.cut or self._is_last_word(index))):
            self.kept.extend(self.lines[index:end])
            return end
        self.cut = True
        return end

    def _is_announced(self, index: int) -> bool:
        """Whether the line right above ends with a colon: `Our limits:`. What the writer announces is the writer's."""
        return index > 0 and not self.quoted[index - 1] and self.heads[index - 1].endswith((":", "："))

    def _is_last_word(self, index: int) -> bool:
        """Whether one marked line is all that stands below the answer; what the writer announces is the writer's."""
        if index != self.last or not self.kept or self.kept[-1].strip():
            return False
        above = next((line.rstrip() for line in reversed(self.kept) if line.strip()), "")
        return above[-1:] not in ("", ":") and marks.SAID.match(self.heads[index]) is not None

    def _broken_quote(self, index: int) -> bool:
        """A line without a mark inside a quote: a link that a mail program wrapped, or the end of a long line."""
        if not (index + 1 < len(self.lines) and self.quoted[index - 1] and self.quoted[index + 1]):
            return False
        before, head = self.heads[index - 1], self.heads[index]
        if before.count("(") > before.count(")") or marks.LINK_OF_QUOTE.match(head) is not None:
            return True
        return (
            self.attributed
            and len(before) >= _WRAPPED_AT
            and 0 < len(head) < len(before)
            and before[-1] not in ".?!:"
            and (head[0].islower() or marks.LINK_AT_END.search(before) is not None)
        )
