"""The words of a recording beside their times, sentence by sentence: so the place to listen to is found."""

from itertools import pairwise
from typing import Any

_PAUSE_SECONDS = 0.7
_LONGEST_LINE = 30
_ENDS = (".", "?", "!", "…", "。", "？", "！")


def lines(transcript: dict[str, Any]) -> list[str]:
    """Write a line for each sentence or breath, its start before it; nothing where the engine gives no times."""
    words = transcript.get("words") or []
    spoken: list[list[dict[str, Any]]] = [words[:1]] if words else []
    for before, word in pairwise(words):
        ended = before["text"].endswith(_ENDS) or word["start"] - before["end"] > _PAUSE_SECONDS
        if ended or len(spoken[-1]) >= _LONGEST_LINE:
            spoken.append([])
        spoken[-1].append(word)
    return [f"{_clock(line[0]['start'])}  {' '.join(word['text'] for word in line)}" for line in spoken]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
