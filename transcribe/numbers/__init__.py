"""Numbers that people say: telephone numbers, ticket references, account numbers. Pure: text in, values out."""

from transcribe.numbers.find import Numbers, Spoken, find

__all__ = ["Numbers", "Spoken", "find"]
