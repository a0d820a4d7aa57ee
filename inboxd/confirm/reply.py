"""What a mail on a ticket is worth as an answer to a question that was put there (docs/mail-out.md, "The question")."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from inboxd import addresses
from inboxd.message import forwards, kinds
from store.confirmations import Confirmation

if TYPE_CHECKING:
    from inboxd.judging.judge_message import Judged
    from inboxd.message import Message

Outcome = Literal[
    "confirms", "refuses", "automatic", "unproven", "not-theirs", "early", "late", "unread", "unclear", "aside",
    "after-refusal"
]  # fmt: skip

# The words of docs/mail-out.md, and what they are in the languages that templates are shipped in.
_REFUSAL: Final = re.compile(
    r"(?:no|nope|not (?:us|me)|stop|den(?:y|ied)|cancel(?:led)?|nein|nicht (?:wir|ich)|stopp|ablehnen|abgelehnt)\b",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rs]?)\b"
    r"[^\n,.!?:;]{0,60}[\n,.!?:;]+",
    re.IGNORECASE,
)
# Said before a refusal by who is polite.
_SOFTLY: Final = re.compile(
    r"(?:sorry|oh|hey|(?:thanks|thank you|danke|entschuldigung|bitte|please)(?=,| (?:stop|cancel)))\b\W*", re.IGNORECASE
)
# Nobody who confirms says this in the first sentence, and a question more costs less than a password less.
_DENIAL: Final = re.compile(
    r"\b(?:not (?:us|me)|(?:not|n['’]t) (?:from|by) (?:us|me)|(?:was|is)(?:n['’]t| not) (?:us|me|ours|mine"
    r"|(?:our|my) (?:request|e-?mail|message|call|doing))"
    r"|do(?:n['’]t| not) (?:do (?:that|this|it)|proceed|go ahead|allow)"
    r"|(?:i|we) (?:did(?:n['’]t| not)|never)(?: ever)? (?:(?:ask|request|order|authori[sz])\w*|call(?:ed)?(?! back)"
    r"|(?:sen[dt]|wr[io]te) (?:that|this|it|you|any)\w*)"
    r"|(?:das )?war(?:en)? (?:das )?(?:nicht )?(?:wir|ich) nicht|nicht von (?:uns|mir)"
    r"|(?:ich|wir) haben?(?: das| dies| so ?etwas)? (?:nicht|nie|niemals) "
    r"(?:angefragt|verlangt|geschrieben|angerufen|beauftragt|bestellt|geschickt|gesendet))\b",
    re.IGNORECASE,
)
# Who lets a stranger in says so: a question back, or a promise to look into it, is no yes.
_AGREEMENT: Final = re.compile(
    r"(?:yes|yep|yeah|confirmed|approved|agreed|granted|(?:i|we)(?: hereby)? (?:confirm|approve|agree)"
    r"|ja|jawohl|bestätigt|genehmigt|einverstanden|(?:ich|wir) (?:bestätigen?|genehmigen?))\b",
    re.IGNORECASE,
)
# These begin a promise as often as a yes, so they count where the sentence holds nothing else.
_AGREEMENT_ALONE: Final = re.compile(
    r"(?:ok(?:ay)?|sure|fine|correct|right|(?:that is|that['’]s) (?:right|correct|fine)|go ahead|please do"
    r"|in ordnung|gern(?:e)?|richtig|stimmt|das (?:stimmt|ist richtig))\W*",
    re.IGNORECASE,
)
_NEGATION: Final = re.compile(
    r"\b(?:not|never|nobody|no(?! problem)|\w+n['’]t|nicht|nie|niemand(?:en)?|kein(?! problem)\w*)\b", re.IGNORECASE
)
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_SENTENCE: Final = re.compile(r"[^.!?\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a mail is to a question; `sentence` says why, for staff."""

    confirmation: Confirmation
    outcome: Outcome
    sentence: str


def judge(
    asked: Confirmation, account_id: str | None, judged: "Judged", *, names_it: bool, means_it: bool
) -> Reply | None:
    """Say what a mail that joins the ticket is to a question; None where it is no answer to it at all.

    `account_id` is the account whose authorised contacts may confirm; `names_it`: the mail answers the very mail that
    asked; `means_it`: it names the ticket by what a forger cannot have chosen.
    """
    theirs = account_id is not None and any(match.account.id == account_id for match in judged.identity.matches)
    about_it = judged.at <= asked.expires_at or names_it
    # Somebody else who takes part in the ticket; or the same people, about something else by now.
    if not about_it or not (theirs or names_it):
        return None
    outcome, sentence = (
        _by_author(asked, account_id, judged) or _by_time(asked, judged) or _by_words(asked, judged, means_it=means_it)
    )
    return Reply(confirmation=asked, outcome=outcome, sentence=sentence)


_Found = tuple[Outcome, str]


def _by_author(asked: Confirmation, account_id: str | None, judged: "Judged") -> _Found | None:
    """A person, proven, who may confirm this."""
    identity, who = judged.identity, _who(judged)
    if _is_automatic(judged.message):
        return "automatic", f"{who} answered by a program, which confirms nothing."
    if judged.authentication.verdict != "authenticated":
        refused = " It says no." if refuses(judged.message) else ""
        return "unproven", f"An answer from {who} is not proven.{refused} {judged.authentication.reason}"
    if identity.account is None or identity.account.id != account_id or not identity.authorized:
        return "not-theirs", f"{who} answered, and may not confirm it: no authorised contact of the account."
    if asked.purpose == "access" and not _is_asked(asked, judged):
        return "not-theirs", f"{who} answered in the place of {asked.to_address}, who was asked."
    return None


def _by_time(asked: Confirmation, judged: "Judged") -> _Found | None:
    if judged.at <= asked.asked_at:
        return "early", f"The mail from {_who(judged)} was received before the question was put."
    if judged.at > asked.expires_at:
        return "late", f"{_who(judged)} answered after the seven days in which an answer counts."
    return None


def _by_words(asked: Confirmation, judged: "Judged", *, means_it: bool) -> _Found:
    who = _who(judged)
    if not _is_readable(judged.message):
        return "unread", f"{who} answered, and there are no words in it that could be read."
    if refuses(judged.message):
        return "refuses", f"{who} answered: no."
    if kinds.says_away(_own_words(judged.message)):
        return "unread", f"{who} answered in the words of a note of absence, so perhaps nobody has read the question."
    if asked.purpose == "access" and not agrees(judged.message):
        return "unclear", f"{who} answered, and said neither yes nor no in the first sentence."
    if not means_it:
        return (
            "aside",
            f"{who} answered somebody else's mail, or named the ticket by nothing that is proven.",
        )
    by = f" by {judged.authentication.method}" if judged.authentication.method else ""
    return "confirms", f"{who} is on file, authorised, and answered; that the answer is theirs is proven{by}."


def _who(judged: "Judged") -> str:
    return judged.identity.address or "somebody"


def refuses(message: "Message") -> bool:
    """Tell whether a reply begins with a refusal, or says in its first sentence that it was somebody else.

    A greeting before it is passed over.
    """
    text = _without_signs(_own_words(message))
    greeted = _without_signs(_GREETING.sub("", text, count=1))
    first = _SENTENCE.match(greeted)
    denies = first is not None and _DENIAL.search(first.group()) is not None
    return denies or any(_REFUSAL.match(each) for each in (text, greeted, _SOFTLY.sub("", greeted, count=1)))


def agrees(message: "Message") -> bool:
    """Tell whether a reply begins with a yes that is neither a question nor takes itself back in the same sentence.

    A greeting before it is passed over.
    """
    text = _without_signs(_own_words(message))
    return any(map(_says_yes, (text, _without_signs(_GREETING.sub("", text, count=1)))))


def _says_yes(text: str) -> bool:
    found = _SENTENCE.match(text)
    sentence = found.group() if found is not None else ""
    if text[len(sentence) :].startswith("?") or _NEGATION.search(sentence):
        return False
    return _AGREEMENT.match(sentence) is not None or _AGREEMENT_ALONE.fullmatch(sentence) is not None


def _own_words(message: "Message") -> str:
    """The words of a reply; "" where it holds nothing but what it answers or sends on."""
    if message.says_nothing_new:
        return ""
    words = forwards.own_words(message.reply_text)
    return "\n".join(line for line in words.splitlines() if not line.lstrip().startswith(">")).strip()


def _without_signs(text: str) -> str:
    found = _NO_LETTERS.match(text)
    return text if found is None else text[found.end() :]


def _is_automatic(message: "Message") -> bool:
    return message.is_automatic or message.is_read_receipt


def _is_readable(message: "Message") -> bool:
    """What is encrypted, broken or empty may say no as well as yes."""
    return message.unreadable is None and not message.is_encrypted and bool(_without_signs(_own_words(message)))


def _is_asked(asked: Confirmation, judged: "Judged") -> bool:
    contact = judged.identity.contact
    return contact is not None and addresses.key(asked.to_address) in map(addresses.key, contact.addresses)
