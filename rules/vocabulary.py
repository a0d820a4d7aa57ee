"""The tests that `when` and `needs` know, one row each: what a file may write, and what is looked at in a message."""

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import chain
from typing import Any

from rules.conditions import OnMail, Test
from rules.decision import PRIORITIES, Shown
from rules.file_names import pattern, says_one_of
from rules.mistakes import short
from rules.scope import Scope
from rules.view import View
from rules.yaml_errors import shown, suggest
from rules.yaml_places import Loc

_FEW = 8

# Reads a test's value in the file; None after a mistake was noted.
Reader = Callable[[str, Any, Loc, Scope], Test | None]

CHANNELS = ("email", "voicemail")
VERDICTS = ("authenticated", "unverified", "failed", "unknown", "none")
HOURS = "hours."
MAX_PATTERN = 200


def read_test(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """One test of the file, ready to be asked; None after a mistake was noted."""
    if name.startswith(HOURS):
        return _hours(name, value, loc, scope)
    reader = TESTS.get(name)
    if reader is None:
        names = chain(TESTS, ("all", "any", "not"), (HOURS + calendar for calendar in scope.calendar_names))
        scope.mistake(loc, f'unknown test "{short(name)}"{suggest(name, names)}', key=True)
        return None
    return reader(name, value, loc, scope)


def _row(scope: Scope, loc: Loc) -> int:
    return scope.document.mark(loc, key=True)[0]


def _truth(value_of: Callable[[View], bool | None], *, voicemail_only: bool = False) -> Reader:
    """A test that is true or false; neither holds where nothing is known."""
    mail: OnMail = "never" if voicemail_only else "depends"

    def look(view: View, wanted: bool) -> tuple[Shown, bool]:
        there = value_of(view)
        return there, there is wanted

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        if not isinstance(value, bool):
            scope.mistake(loc, f"expected true or false, got {shown(value)}")
            return None
        return Test(name=name, line=_row(scope, loc), wanted=value, look=look, given=value, mail=mail)

    return read


def _word(
    value_of: Callable[[View], str | None],
    *,
    allowed: Callable[[Scope], tuple[str, Collection[str] | None]] | None = None,
    fold: bool = False,
    voicemail_only: bool = False,
    filed: bool = False,
) -> Reader:
    """A test for one of some words. `filed`: long sections may be filed by it (see `rules.index`)."""
    mail: OnMail = "never" if voicemail_only else "depends"

    def look(view: View, accepted: Collection[str]) -> tuple[Shown, bool]:
        there = value_of(view)
        return there, there is not None and (_fold(there) if fold else there) in accepted

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        texts = scope.texts(loc, value)
        if texts is None:
            return None
        if allowed is not None:
            what, names = allowed(scope)
            if names is not None:
                known = [scope.known(at, what, text, names) for at, text in texts]
                if not all(known):
                    return None
        wanted = tuple(text for _, text in texts)
        return Test(
            name=name,
            line=_row(scope, loc),
            wanted=_bare(wanted),
            look=look,
            given=_searchable(tuple([_fold(text) for text in wanted]) if fold else wanted),
            mail=mail,
            filed=wanted if filed else None,
        )

    return read


def _searchable(words: tuple[str, ...]) -> Collection[str]:
    """A few words as they are, many as a set."""
    return words if len(words) <= _FEW else frozenset(words)


def _fold(address: str) -> str:
    # CONTRACT: ASCII case is ignored; other letters are what they are.
    return "".join(char.lower() if char.isascii() else char for char in address)


def _bare(wanted: tuple[str, ...]) -> Shown:
    return wanted[0] if len(wanted) == 1 else wanted


_either_channel = _word(lambda view: view.facts.channel, allowed=lambda _: ("channel", CHANNELS))


def _channel(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    test = _either_channel(name, value, loc, scope)
    return None if test is None else replace(test, mail="always" if "email" in test.given else "never")


def _says(found: Callable[[View], Any]) -> Reader:
    """A name of `phrases`, or a list of the words themselves."""

    def look(view: View, list_name: str) -> tuple[Shown, bool]:
        phrases = found(view).get(list_name)
        return phrases, phrases is not None

    def read(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
        texts = scope.texts(loc, value)
        if texts is None:
            return None
        if not isinstance(value, list):
            hint = f" (for the words themselves write {name}: [{texts[0][1]}])"
            if not scope.known(loc, "phrase list", texts[0][1], scope.phrase_names, hint):
                return None
            list_name = texts[0][1]
        else:
            for at, text in texts:
                if text in scope.phrase_names:
                    scope.mistake(
                        at,
                        f'"{text}" names a phrase list, but a list here holds the words themselves; '
                        f"write any: [{{{name}: {text}}}, …]",
                    )
            # A name that no phrase list can have: it stands on several lines.
            list_name = "\n" + "\n".join(text for _, text in texts)
            if list_name not in scope.phrases:
                scope.add_phrases(list_name, texts)
        wanted = tuple(text for _, text in texts)
        row = _row(scope, loc)
        return Test(name=name, line=row, wanted=_bare(wanted), look=look, given=list_name, filed=(list_name,))

    return read


def _hours(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    calendar = name.removeprefix(HOURS)
    if calendar not in scope.calendar_names:
        names = (HOURS + known for known in scope.calendar_names)
        told = suggest(name, names) if scope.calendar_names else "; the file defines no calendars"
        scope.mistake(loc, f'unknown calendar "{short(calendar)}" in "{short(name)}"{told}', key=True)
        return None
    if value not in ("open", "closed"):
        scope.mistake(loc, f"expected open or closed, got {shown(value)}")
        return None
    return Test(name=name, line=_row(scope, loc), wanted=value, look=_look_at_hours, given=(calendar, value))


def _look_at_hours(view: View, wanted: tuple[str, str]) -> tuple[Shown, bool]:
    state = view.hours(wanted[0])
    return state, state == wanted[1]


def _tag(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """Tags are those that people set and those of earlier rules, so no index may file by them."""
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    wanted = tuple(text for _, text in texts)
    return Test(name=name, line=_row(scope, loc), wanted=_bare(wanted), look=_look_at_tags, given=wanted)


def _look_at_tags(view: View, wanted: tuple[str, ...]) -> tuple[Shown, bool]:
    return tuple(view.tags), any(tag in view.tags for tag in wanted)


def _from(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    for at, text in texts:
        local, _, domain = text.rpartition("@")
        if not domain or "*" in text or " " in text or "@" in local:
            scope.mistake(at, f'expected an address or a domain ("ops@acme.example", "@acme.example"), got "{text}"')
            return None
    wanted = tuple(text for _, text in texts)
    accepted = _searchable(tuple([_fold(text) for text in wanted]))
    return Test(name=name, line=_row(scope, loc), wanted=_bare(wanted), look=_look_at_author, given=accepted)


def _look_at_author(view: View, accepted: Collection[str]) -> tuple[Shown, bool]:
    address = view.facts.from_address
    if address is None:
        return None, False
    there = _fold(address)
    return address, there in accepted or there[there.rfind("@") :] in accepted


_something_attached = _truth(lambda view: bool(view.facts.attachments))


def _attachment(name: str, value: Any, loc: Loc, scope: Scope) -> Test | None:
    """`true`, `false`, or file names in which `*` stands for anything."""
    if isinstance(value, bool):
        return _something_attached(name, value, loc, scope)
    texts = scope.texts(loc, value)
    if texts is None:
        return None
    for at, text in texts:
        if len(text) > MAX_PATTERN:
            scope.mistake(at, f"expected a file name of at most {MAX_PATTERN} characters, got {len(text)}")
            return None
    wanted = tuple(text for _, text in texts)
    patterns = tuple([pattern(text) for text in wanted])
    return Test(name=name, line=_row(scope, loc), wanted=_bare(wanted), look=_look_at_files, given=patterns)


def _look_at_files(view: View, patterns: tuple[tuple[str, ...], ...]) -> tuple[Shown, bool]:
    files = view.facts.attachments
    return files, any(says_one_of(patterns, file) for file in files)


TESTS: dict[str, Reader] = {
    "channel": _channel,
    "line": _word(
        lambda view: view.line,
        allowed=lambda scope: ("line", scope.line_names),
        voicemail_only=True,
        filed=True,
    ),
    "line.known": _truth(lambda view: view.line_known, voicemail_only=True),
    "source": _word(lambda view: view.facts.source, fold=True),
    "account.known": _truth(lambda view: view.facts.account_id is not None),
    "account.id": _word(lambda view: view.facts.account_id, filed=True),
    "account.plan": _word(
        lambda view: view.facts.account_plan, allowed=lambda scope: ("plan", scope.plans), filed=True
    ),
    "contact.known": _truth(lambda view: view.facts.contact_id is not None),
    "contact.authorized": _truth(lambda view: view.facts.contact_authorized),
    "contact.role": _word(lambda view: view.facts.contact_role, filed=True),
    "authentication.verdict": _word(lambda view: view.facts.verdict, allowed=lambda _: ("verdict", VERDICTS)),
    "proof": _word(lambda view: view.facts.verdict, allowed=lambda _: ("verdict", VERDICTS)),
    "says": _says(lambda view: view.said),
    "subject": _says(lambda view: view.said_in_subject),
    "from": _from,
    "attachment": _attachment,
    "auto-reply": _truth(lambda view: view.facts.is_auto_reply),
    "bounce": _truth(lambda view: view.facts.is_bounce),
    "list": _truth(lambda view: view.facts.is_list),
    "claimed_urgency": _word(lambda view: view.facts.claimed_urgency, allowed=lambda _: ("urgency", tuple(PRIORITIES))),
    "tag": _tag,
}
