"""How well and at what cost recordings are heard: word errors, processor time, memory, start-up.

    INBOXD_SHARED=… .venv/bin/python -m tests.bench.bench_speech [--only PATTERN] [--minutes 15] [--max-wer PERCENT]

Each clip is heard as it is, at 16 kHz, and as the telephone brings it, 8 kHz mu-law; each in the child process that
the daemon uses. The clips are human speech: those in $INBOXD_SHARED/speech, and two that the recogniser's wheel ships.
Exit status 1 when the word errors over all telephone clips exceed --max-wer.
"""

import argparse
import fnmatch
import importlib.util
import os
import re
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from transcribe.run import Limits, transcribe_file

_BUNDLED = {
    "beckett": "ever tried ever failed no matter try again fail again fail better",
    "two_cities": (
        "it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness it "
        "was the epoch of belief it was the epoch of incredulity it was the season of light it was the season of "
        "darkness it was the spring of hope it was the winter of despair we had everything before us we had nothing "
        "before us we were all going direct to heaven we were all going direct the other way in short the period was "
        "so far like the present period that some of its noisiest authorities insisted on its being received for good "
        "or for evil in the superlative degree of comparison only"
    ),
}
_SAID = re.compile(r'`(?P<file>[^`]+)`: "(?P<words>[^"]+)"')
_SAME = {"mr": "mister"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    path: Path
    words: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one hearing came to; seconds of wall clock, of processor time, of sound."""

    errors: int
    words: int
    wall: float
    cpu: float
    audio: float
    text: str


def plain(text: str) -> list[str]:
    """Return the words of a text, without case, punctuation and spelling that cannot be heard."""
    return [_SAME.get(word, word) for word in re.findall(r"[a-z']+", text.lower())]


def edits(heard: list[str], said: list[str]) -> int:
    """Count the words to replace, drop and add."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            last, row[j] = row[j], min(last + (word != other), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def clips() -> list[Clip]:
    """Return all clips there are on this machine."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assets = Path(spec.submodule_search_locations[0]) / "assets"
    found = [Clip(name=name, path=assets / f"{name}.wav", words=plain(said)) for name, said in _BUNDLED.items()]
    shared = os.environ.get("INBOXD_SHARED")
    if shared is None:
        print("INBOXD_SHARED is not set: only the two clips of the wheel are heard", file=sys.stderr)
        return found
    folder = Path(shared) / "speech"
    for match in _SAID.finditer((folder / "README.md").read_text()):
        path = folder / match["file"]
        found.append(Clip(name=path.stem, path=path, words=plain(match["words"])))
    return found


def as_heard(clip: Clip, rate: int, folder: Path) -> Path:
    """Write the clip at a rate; 8 kHz is mu-law, as the telephone has it."""
    samples, source = soundfile.read(clip.path, dtype="float32", always_2d=True)
    path = folder / f"{clip.name}-{rate}.wav"
    coded = "ULAW" if rate == 8000 else "PCM_16"
    soundfile.write(path, soxr.resample(samples.mean(axis=1), source, rate), rate, subtype=coded)
    return path


def hear(path: Path, words: list[str]) -> Score:
    """Hear one recording in its child process, and weigh it."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    transcript = transcribe_file(path, limits=Limits(wall_seconds=3600, cpu_seconds=3600))
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    heard = plain(transcript.text)
    return Score(
        errors=edits(heard, words),
        words=len(words),
        wall=wall,
        cpu=cpu,
        audio=transcript.duration,
        text=transcript.text,
    )


def peak_megabytes() -> float:
    """Return the largest resident set of any child so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def percent(scores: list[Score]) -> float:
    """Return the word errors of all scores together, in percent."""
    return 100 * sum(score.errors for score in scores) / max(1, sum(score.words for score in scores))


def accuracy(chosen: list[Clip], folder: Path) -> dict[int, list[Score]]:
    """Hear each clip at both rates, print a line for each."""
    scores: dict[int, list[Score]] = {16_000: [], 8000: []}
    print(f"{'clip':<16}{'rate':>7}{'seconds':>9}{'errors':>8}{'WER %':>7}{'CPU s':>7}{'wall s':>8}")
    for clip in chosen:
        for rate, kept in scores.items():
            score = hear(as_heard(clip, rate, folder), clip.words)
            kept.append(score)
            print(
                f"{clip.name:<16}{rate:>7}{score.audio:>9.1f}{score.errors:>4}/{score.words:<3}"
                f"{percent([score]):>7.1f}{score.cpu:>7.2f}{score.wall:>8.2f}"
            )
            if score.errors:
                print(f"    {score.text}")
    for rate, kept in scores.items():
        cost = sum(score.cpu for score in kept) / sum(score.audio for score in kept)
        print(
            f"all clips at {rate} Hz: {percent(kept):.1f} % word errors over {sum(s.words for s in kept)} words, "
            f"{cost:.3f} CPU s for each second of sound, start-up included"
        )
    return scores


def start_up(folder: Path) -> None:
    """Print what a recording without speech costs."""
    soundfile.write(folder / "silence.wav", np.zeros(800), 8000)
    scores = [hear(folder / "silence.wav", []) for _ in range(5)]
    cpu = min(score.cpu for score in scores)
    wall = sorted(score.wall for score in scores)[2]
    print(
        f"a recording without speech, median of 5: {wall:.2f} s wall, {cpu:.2f} s CPU, "
        f"{peak_megabytes():.0f} MB resident"
    )


def endurance(clip: Clip, minutes: float, folder: Path) -> None:
    """Print what a long recording of speech without a pause costs."""
    samples, rate = soundfile.read(as_heard(clip, 8000, folder), dtype="float32")
    repeats = int(np.ceil(minutes * 60 / (len(samples) / rate)))
    soundfile.write(folder / "long.wav", np.tile(samples, repeats)[: int(minutes * 60 * rate)], rate, subtype="ULAW")
    score = hear(folder / "long.wav", [])
    print(
        f"{minutes:g} min of speech in one go: {score.wall:.1f} s wall, {score.cpu / score.audio:.3f} CPU s/s, "
        f"{peak_megabytes():.0f} MB resident at most"
    )


def main() -> int:
    """Run what the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", default="*", help="clips whose name matches")
    arguments.add_argument("--minutes", type=float, default=15.0, help="length of the long recording, 0 for none")
    arguments.add_argument("--max-wer", type=float, default=100.0, help="fail above this at telephone quality")
    options = arguments.parse_args()
    chosen = [clip for clip in clips() if fnmatch.fnmatch(clip.name, options.only)]
    if not chosen:
        arguments.error(f"no clip matches {options.only}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_up(folder)
        scores = accuracy(chosen, folder)
        if options.minutes:
            endurance(max(chosen, key=lambda clip: len(clip.words)), options.minutes, folder)
    return 1 if percent(scores[8000]) > options.max_wer else 0


if __name__ == "__main__":
    sys.exit(main())
