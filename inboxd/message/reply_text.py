"""What is new in a mail: its text without quoted history and signature. Linear; the text itself loses nothing.

The lines are read once. A mark (an attribution line, a header block, "Original Message") ends the answer; behind an
attribution whose quote is marked with `>` the answer may go on, which is how people answer point by point.
"""

from dataclasses import dataclass
from typing import Final

from inboxd.message import reply_marks as marks

_LOOK_BACK: Final = 6  # lines an attribution may wrap over
_LONGEST: Final = 1_000  # characters of a line that are looked at
_HEADER_LINES: Final = 9
_SIGNATURE_LINES: Final = 25


@dataclass(frozen=True, slots=True)
class Reply:
    """The new part of a text, and whether something was cut off as history."""

    text: str
    cut: bool


def of(text: str) -> Reply:
    """The new part of `text`; all of it where nothing else would be left (an answer that is nothing but a quote)."""
    lines = text.split("\n")
    kept, cut = _Scan(lines).run()
    new = "\n".join(_without_signature(kept)).strip()
    if not new:
        new = "\n".join(kept).strip() or text.strip()
    return Reply(new, cut)


class _Scan:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.heads = [line[:_LONGEST] for line in lines]
        self.quoted = [marks.QUOTED.match(line) is not None for line in lines]
        self.kept: list[str] = []
        self.cut = False
        self.attributed = False  # an attribution was seen: quote marks from here on are its quote

    def run(self) -> tuple[list[str], bool]:
        index = 0
        while index < len(self.lines):
            line = self.heads[index]
            if not line.strip():
                self.kept.append("")
                index += 1
            elif marks.FORWARD.match(line) and not self.quoted[index]:
                # What somebody forwards is what they want read.
                self.kept.extend(self.lines[index:])
                break
            elif marks.ORIGINAL.match(line) or self._header_block(index):
                self._finish()
                break
            elif (after := self._attribution(index)) is not None:
                if not self._quote_follows(after):
                    self._finish()
                    break
                self.cut = self.attributed = True
                index = after
            elif self.quoted[index]:
                index = self._quote(index)
            else:
                self.kept.append(self.lines[index])
                index += 1
        return self.kept, self.cut

    def _finish(self) -> None:
        self.cut = True
        while self.kept and (not self.kept[-1].strip() or marks.SEPARATOR.match(self.kept[-1][:_LONGEST])):
            self.kept.pop()

    def _next(self, index: int) -> int:
        """The first line from `index` on that is not blank; looks a bounded number of lines ahead."""
        for place in range(index, min(index + 12, len(self.lines))):
            if self.lines[place].strip():
                return place
        return len(self.lines)

    def _quote_follows(self, index: int) -> bool:
        place = self._next(index)
        return place < len(self.lines) and self.quoted[place]

    def _quote(self, index: int) -> int:
        """Pass over a quote. Without an attribution a single marked line is the writer's own, such as `>>> link <<<`."""
        end = index
        while end < len(self.lines) and (self.quoted[end] or self._broken_quote(end)):
            end += 1
        marked = sum(1 for place in range(index, end) if self.quoted[place])
        if marked < 2 and not self.attributed:
            self.kept.extend(self.lines[index:end])
        else:
            self.cut = True
        return end

    def _broken_quote(self, index: int) -> bool:
        """A line without a mark inside a quote: a link that a mail program wrapped."""
        if not (index + 1 < len(self.lines) and self.quoted[index - 1] and self.quoted[index + 1]):
            return False
        before = self.heads[index - 1]
        return before.count("(") > before.count(")") or marks.LINK_OF_QUOTE.match(self.heads[index]) is not None

    def _header_block(self, index: int) -> bool:
        """Outlook's way: From, Sent, To, Subject of the mail that is answered, in any order."""
        first = marks.HEADER.match(self.heads[index])
        if first is None:
            return False
        if marks.HEADERS_IN_LINE.match(self.heads[index]):
            return True
        kinds = {first.lastgroup or ""}
        count = 1
        for place in range(index + 1, min(index + _HEADER_LINES, len(self.lines))):
            found = marks.HEADER.match(self.heads[place])
            if found is not None:
                kinds.add(found.lastgroup or "")
                count += 1
            elif not self.lines[place].strip() and count > 1:
                break
        if "sender" in kinds and count >= 3:
            return True
        addressed = marks.ADDRESS.search(" ".join(self.heads[index : index + 3])) is not None
        return count >= 2 and len(kinds) >= 2 and addressed and first.lastgroup in ("sender", "when")

    def _attribution(self, index: int) -> int | None:
        """Where the lines behind an attribution begin that starts here; None when none does."""
        for end in range(index, min(index + _LOOK_BACK, len(self.lines))):
            line = self.heads[end].rstrip()
            if not line:
                if end > index + 1:
                    return None
                continue
            verb = marks.VERB_AT_END.search(line) is not None
            if not verb and not marks.COLON_AT_END.search(line) and not line.endswith(">"):
                continue
            if self._is_attribution(index, end, verb=verb):
                return end + 1
        return None

    def _is_attribution(self, start: int, end: int, *, verb: bool) -> bool:
        block = " ".join(self.heads[start : end + 1])[:_LONGEST]
        opening = marks.OPENING.match(block) is not None and marks.DATED.search(block) is not None
        address = marks.ADDRESS.search(block) is not None
        last = self.heads[end].rstrip()
        if opening and (verb or marks.VERB_THEN_NAME.search(block)):
            return True
        if opening and address and (marks.COLON_AT_END.search(last) or self._quote_follows(end + 1)):
            return True
        if start == end and self._shares_line(start):
            return True
        # No date: `Jane Doe <jane@example.com> wrote:` and `---- Jane Doe wrote ----`, where a quote follows.
        return (
            verb and end - start <= 1 and len(block) < 200 and self._quote_follows(end + 1) and not self.quoted[start]
        )

    def _shares_line(self, index: int) -> bool:
        line = self.heads[index]
        found = marks.WITHIN.search(line)
        if found is None or marks.VERB_AT_END.search(line) is None or not line[: found.start()].strip(" ->"):
            return False
        self.kept.append(line[: found.start()].rstrip(" -"))
        return True


def _without_signature(lines: list[str]) -> list[str]:
    out = list(lines)
    for index, line in enumerate(out):
        if not any(earlier.strip() for earlier in out[:index][-200:]):
            continue  # a mail that begins with a line of dashes is no signature
        rest = out[index + 1 :]
        if (
            marks.SIGNATURE.match(line[:20])
            and len(line) < 20
            and len([1 for each in rest if each.strip()]) <= _SIGNATURE_LINES
        ):
            return out[:index]
        if marks.LIST_FOOTER.match(line[:_LONGEST]) and any("mailing list" in each for each in rest[:3]):
            return out[:index]
    while out and not out[-1].strip():
        out.pop()
    if len(out) > 1 and marks.SENT_FROM.match(out[-1][:200]):
        out.pop()
    return out
