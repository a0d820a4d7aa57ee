"""What a caller wants, in the caller's own words: what a person would write down of a message, in a line.

Nothing is made up and nothing is rewritten. Greetings, names and "I am calling because" at the beginning are left out,
so are hesitations; sentences that only say how to call back are passed over, and of a long one its beginning is taken.
Of words in another language the beginning is taken, and nothing is left out: "um" and "er" are words there.
"""

import re
from typing import Final

_MOST_WORDS: Final = 14
_FEWEST_WORDS: Final = 3
_CUT_AFTER: Final = 6
_MOST_LETTERS: Final = 2000
_LONGEST: Final = 140
"""Letters of a line in a writing that has no spaces."""

# Words that hardly an English message does without, and that are none in other languages.
_ENGLISH_WORDS: Final = """
    the my our your this that it's i'm i've and has haven't with please you not from can't don't what there we're we've
    isn't they which because been call calling since when were would could down
"""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
_ENGLISH_SHARE: Final = 0.1

_SENTENCE_ENDS: Final = re.compile(
    r"(?<=[.!?…])(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bNo\.)(?<!\bMrs\.)(?<!\bInc\.)(?<!\bLtd\.)\s+(?=\S)"
)
# Not in capitals: the ER of a hospital is a place.
_HESITATIONS: Final = re.compile(r"(?:,\s*)?\b(?:[Uu]h+|[Uu]m+|[Ee]rm?|[Hh]mm+)\b,?")

# A word of a name is none of these: "this is broken" and "this is my third call" say what is the matter.
_NO_NAMES: Final = (
    "my|our|your|their|the|a|an|not|no|very|really|so|too|about|regarding|concerning|urgent|broken|down|still|again|just|in|"
    "on|into|to|for|of|that|what|why|how|where|when|it|is|was|are|all|only|because|related|calling|i|we|you|and|or|but|there|"
    "here|going|getting|having|ringing|happening|raining|leaking|dead|impossible|ridiculous|important"
)
_NAME: Final = rf"(?:\s+(?!(?:{_NO_NAMES})\b)[\w'’.&-]+)"
_SOMEBODY: Final = rf"(?:{_NAME}{{1,3}}?|\s+the(?:\s+[\w'-]+){{1,2}}?)"
# Where a name ends that nothing else ends: what people go on with. Recognisers do not always write a stop.
_ENDS: Final = (
    r"(?=\s*[,.;:!?–-]|\s*$|\s+(?:and|but|so|because|our|we|we're|we've|i|i'm|i've|i'd|my|the|it|it's|there|there's|can|could|"
    r"would|please|just|calling|no|none|nobody|you|your|since|regarding)\b)"
)
_CALLING: Final = r"(?:i'm|i\s+am|i\s+was|we're|we\s+are|we\s+were)?\s*(?:just\s+)?calling"
_TO_TELL: Final = r"to\s+(?:say|report|tell\s+you|let\s+you\s+know|inform\s+you)(?:\s+that)?"
_OPENINGS: Final = tuple(
    re.compile(rf"^(?:{opening})(?:[\s,.;:!?–-]+|$)", re.IGNORECASE)
    for opening in (
        r"ah|oh|well|so|okay|ok|yeah|yes|right|anyway|because|'?cause",
        r"hey|hi|hello|hullo|good\s+(?:morning|afternoon|evening|day)|greetings|howdy",
        r"there|everyone|guys|folks|(?:tech\s+|technical\s+)?support|help\s*desk",
        # "This is Front Desk from Acme Widgets": somebody, and where from.
        (
            rf"(?:this\s+is|my\s+name\s+is|my\s+name's){_SOMEBODY},?\s+(?:from|with|at|of|over\s+at|calling\s+from)"
            rf"(?:\s+the)?{_NAME}{{1,4}}?{_ENDS}"
        ),
        rf"(?:it's|it\s+is|i'm|i\s+am){_SOMEBODY},?\s+(?:from|with|over\s+at|calling\s+from)(?:\s+the)?{_NAME}{{1,4}}?{_ENDS}",
        rf"it's(?:\s+the(?:\s+[\w'-]+){{1,2}}?|\s+(?-i:[A-Z])[\w'-]+)\s+at{_NAME}{{1,4}}?(?=\s*[,.;:!?–-]|\s*$)",
        # Somebody alone, by what stands behind it; "it's" and "I'm" are names only where they are written as such.
        rf"(?:this\s+is|my\s+name\s+is|my\s+name's){_NAME}{{1,3}}?{_ENDS}",
        r"(?:it's|it\s+is|i'm|i\s+am)(?:\s+(?-i:[A-Z])[\w'’-]+){1,2}(?=\s*[,.;])",
        rf"{_CALLING}(?:\s+(?:you|in|back|again|today))*\s+from{_NAME}{{1,4}}?{_ENDS}",
        rf"(?:i'm|i\s+am|we're|we\s+are)\s+(?:with|from){_NAME}{{1,4}}?{_ENDS}\s*(?:and)?",
        (
            rf"{_CALLING}(?:\s+(?:you|in|back|again|today))*\s+(?:because(?:\s+of)?|about|regarding|concerning|since|as|"
            rf"in\s+regards?\s+to|with\s+regards?\s+to|on\s+account\s+of|{_TO_TELL})"
        ),
        rf"(?:(?:i|we)\s+)?(?:just\s+)?(?:wanted|want|need|would\s+like)\s+{_TO_TELL}",
        rf"(?:i'd|we'd)\s+(?:just\s+)?like\s+{_TO_TELL}",
        r"(?:the\s+)?reason\s+(?:that\s+|why\s+)?(?:i'm|i\s+am|for\s+my)\s+call(?:ing)?\s+is(?:\s+that)?",
    )
)
_NUMBER: Final = r"(?:number|extension|callback|call\s?back|cell|phone|mobile|name|e-?mail|address)"
_CALL_ME: Final = (
    r"(?:(?:please|can\s+you|could\s+you|would\s+you|you\s+can|so|and|just)\s+)*(?:call|ring|phone|reach)\s+(?:me|us)\b"
)
# What says how to reach somebody, how urgent it is, or which ticket it is about; and not what the matter is.
_BESIDE: Final = re.compile(
    rf"^(?:{_CALL_ME}|(?:so\s+|please\s+|if\s+you\s+could\s+)*(?:give\s+(?:me|us)\s+a\s+(?:call|ring|buzz)|get\s+back\s+to)"
    rf"|(?:my|our|the|her|his)\s+(?:[\w-]+\s+){{0,2}}{_NUMBER}(?:'s|\s+is|\s+here\s+is)\b|(?:i'll|i\s+will)\s+(?:say|repeat|spell)"
    r"|(?:my|our|the)?\s*(?:ticket|reference|case)\s+(?:number\s+)?(?:is\s+)?(?:[\d-]+|zero|oh|one|two|three|four|five|six|"
    r"seven|eight|nine)\b|(?:it|this)\s+is\s+(?:very\s+|really\s+|quite\s+)?(?:urgent|an\s+emergency|important)"
    r"|it's\s+(?:very\s+|really\s+)?(?:urgent|an\s+emergency)|again[,\s]|thanks?\b|thank\s+you|bye|good\s?bye|cheers|have\s+a\s|"
    r"talk\s+to\s+you|look(?:ing)?\s+forward|hope\s+you|how\s+are\s+you|is\s+(?:any|some)body\s+there|[\d\s,.+()-]+$)",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    rf"[,;]?\s+(?:{_CALL_ME}|(?:my|our|the)\s+(?:[\w-]+\s+)?{_NUMBER}\s+is\b|thanks?\b|thank\s+you|bye\b).*$",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(r"[,;:–]|\b(?:and|but|because|which|so|since|when|while)\b", re.IGNORECASE)


def gist(words: str) -> str:
    """Return the line; "" for no words. It ends with ` …` where the sentence goes on."""
    text = " ".join(words[:_MOST_LETTERS].split())
    if not _is_english(text):
        return _begun(text)
    said = (_opened(each) for each in _SENTENCE_ENDS.split(_opened(text)))
    return _shortened(next(filter(_says_something, said), text))


def _is_english(text: str) -> bool:
    said = [word.strip('.,;:!?…"') for word in text.lower().replace("’", "'").split()]
    return sum(word in _ENGLISH for word in said) >= _ENGLISH_SHARE * max(1, len(said)) > 0


def _begun(text: str) -> str:
    """Return the beginning of a text, as long as a line has room for."""
    words = text.split()
    kept = " ".join(words[:_MOST_WORDS])[:_LONGEST].rstrip(" .,;:–")
    return kept if kept == text.rstrip(" .,;:–") else f"{kept} …"


def _opened(text: str) -> str:
    """Return a text without hesitations and openings, however many follow each other; what is nothing else stays."""
    bare, before = " ".join(_HESITATIONS.sub(" ", text).split()), None
    while bare != before:
        before = bare
        for opening in _OPENINGS:
            bare = opening.sub("", bare, count=1) or bare
    return bare


def _says_something(sentence: str) -> bool:
    return len(sentence.split()) >= _FEWEST_WORDS and _BESIDE.match(sentence) is None


def _shortened(sentence: str) -> str:
    """Leave out what follows the matter in the same breath, and what a line has no room for."""
    bare = _TAIL.sub("", sentence)
    words = (bare if _says_something(bare) else sentence).split()
    if len(words) <= _MOST_WORDS:
        return " ".join(words).rstrip(".,;")
    kept = " ".join(words[:_MOST_WORDS])
    least = len(" ".join(words[:_CUT_AFTER]))
    joints = [found.start() for found in _JOINT.finditer(kept) if found.start() > least]
    return f"{kept[: joints[-1]].rstrip(' ,;:–') if joints else kept} …"
