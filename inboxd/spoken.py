"""Numbers in spoken words, as the desk uses them: a reference that is named, a number to call back at.

Which digits are meant is as certain as the words are; what follows from them is somebody else's to decide.
"""

from collections.abc import Collection

from inboxd.phone_numbers import region_of
from store import references
from transcribe.numbers import Numbers, Spoken, find, spoken
from transcribe.numbers.words import FOR_REFERENCES
from transcribe.transcript import Transcript

_LONGEST_MAIL = 10_000

_LOCAL = 10
"""A number with fewer digits is nobody's to call unless it is announced as one."""


def references_in(text: str) -> tuple[str, ...]:
    """Return the references that the words may hold, bare, in the order they were said: their check digit holds."""
    return tuple(one.value for one in find(text.split(), is_reference=is_reference).references)


def called_references_in(text: str) -> tuple[str, ...]:
    """Return what is called a reference in the words, in its form, whether its check digit holds or not."""
    named = (
        meaning
        for run in spoken.runs(text.split())
        if FOR_REFERENCES.intersection(run.before)
        for meaning in run.meanings[:1]
    )
    return tuple(dict.fromkeys(f"{digits[:-1]}-{digits[-1]}" for digits in named if 6 <= len(digits) <= 19))


def callback_in(text: str, *, near: str | None) -> str | None:
    """Return the number that the words ask to be called at, in E.164; the last one counts.

    `near` is a number of the place it was said at, in E.164: the line called, or the caller's.
    """
    asked = _asked_for(find(text.split(), region=region_of(near), is_reference=is_reference))
    return None if asked is None else asked.value


def asked_in_writing(text: str, *, near: str | None) -> str | None:
    """Return the number that a mail asks to be called at, in E.164; the last one counts.

    Mails are full of numbers: none is one to call that is not announced as such. Nor do people write it after pages.
    """
    words = text[:_LONGEST_MAIL].split()
    numbers = find(words, region=region_of(near), is_reference=is_reference, announced=True).callback
    return next((one.value for one in reversed(numbers) if one.valid), None)


def callback_of(
    transcript: Transcript, *, near: str | None, on_file: Collection[str], of_others: Collection[str]
) -> Spoken | None:
    """Return the number that a voicemail asks to be called at; as `callback_in`, with all that the recogniser knows.

    `on_file`: numbers that this caller may well give; one of them is found where it was heard but unclearly, and one
    `of_others`, that anybody may give, where no other is like it.
    """
    return _asked_for(numbers_of(transcript, near=near, on_file=on_file, of_others=of_others))


def numbers_of(
    transcript: Transcript,
    *,
    near: str | None = None,
    on_file: Collection[str] = (),
    of_others: Collection[str] = (),
) -> Numbers:
    """Return the numbers of a transcript; said nobody knows where, they are of the United States."""
    words = [word.text for word in transcript.words] or transcript.text.split()
    region = "US" if near is None else region_of(near)
    return find(
        words,
        heard=transcript.numbers,
        region=region,
        on_file=on_file,
        of_others=of_others,
        is_reference=is_reference,
    )


def is_reference(digits: str) -> bool:
    """Say whether digits are a reference whose check digit holds."""
    return references.normalise(digits) is not None


def _asked_for(numbers: Numbers) -> Spoken | None:
    asked = [one for one in numbers.callback if one.valid and one.asked]
    if asked:
        return asked[-1]
    told = [one for one in numbers.callback if one.valid and len(one.value) > _LOCAL]
    return told[-1] if told else None
