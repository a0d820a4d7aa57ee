"""How well and at what cost recordings are heard: word errors, processor time, memory, start-up.

    INBOXD_SHARED=… make bench-speech BENCH_ARGS="[--speech FOLDER] [--only PATTERN] [--conditions wide,mu-law,…]
                                                  [--minutes 10] [--max-wer PERCENT]"

Each clip is heard in each condition (as it is at 16 kHz, and as telephones, recorders and bad lines bring it), each in
a process of its own, as the daemon does. The clips are human speech: those in --speech (default $INBOXD_SHARED/speech),
whose README.md says what is said in each file as `file.wav`: "words", and two that the recogniser's wheel ships. Where
digits alone are said ("55501"), the number is right or wrong. Sounds that are no speech are made here; every word heard
in them is a false one. Exit status 1 for false words, or more word errors than --max-wer in the mu-law clips.
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from transcribe.numbers import find
from transcribe.numbers.spoken import runs
from transcribe.run import Limits, Recogniser

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


CONDITIONS = ("wide", "mu-law", "gsm", "mp3", "opus", "snr15", "snr8", "clipped", "loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A recording and what is said in it; `number`: the digits, when that is all there is."""

    name: str
    path: Path
    words: list[str]
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one hearing came to; seconds of wall clock, and of sound."""

    errors: int
    words: int
    wall: float
    audio: float
    text: str
    number: str = ""
    callback: tuple[str, ...] = ()


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


def clips(folder: Path | None) -> list[Clip]:
    """Return all clips there are on this machine."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assets = Path(spec.submodule_search_locations[0]) / "assets"
    found = [Clip(name=name, path=assets / f"{name}.wav", words=plain(said)) for name, said in _BUNDLED.items()]
    if folder is None:
        print("neither --speech nor INBOXD_SHARED is set: only the two clips of the wheel are heard", file=sys.stderr)
        return found
    for match in _SAID.finditer((folder / "README.md").read_text()):
        path, said = folder / match["file"], match["words"]
        number = said if said.isdigit() else None
        found.append(Clip(name=path.stem, path=path, words=[] if number else plain(said), number=number))
    return found


def as_heard(clip: Clip, condition: str, folder: Path) -> Path:
    """Write the clip as it comes in a condition; all but `wide` are 8 kHz."""
    samples, source = soundfile.read(clip.path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    path = folder / f"{clip.name}-{condition}"
    if condition == "wide":
        soundfile.write(path, soxr.resample(mono, source, 16_000), 16_000, format="WAV", subtype="PCM_16")
        return path
    line = np.clip(disturbed(soxr.resample(mono, source, 8000), condition), -1, 1)
    forms = {"gsm": ("WAV", "GSM610"), "mp3": ("MP3", None), "opus": ("OGG", "OPUS")}
    kind, coding = forms.get(condition, ("WAV", "ULAW"))
    soundfile.write(path, line, 8000, format=kind, subtype=coding)
    return path


def disturbed(line: npt.NDArray[np.float32], condition: str) -> npt.NDArray[np.float32]:
    """Return a telephone signal with noise (by its ratio in dB), clipped fivefold, or with 8 % of 20 ms frames lost."""
    random = np.random.default_rng(7)
    loudest = float(np.abs(line).max(initial=1e-9))
    if condition.startswith("snr"):
        noise = np.convolve(random.standard_normal(len(line)), [1, 0.9, 0.7, 0.5, 0.3], "same")
        speech = line[np.abs(line) > loudest / 100]
        wanted = float(np.sqrt(np.mean(speech**2))) * 10 ** (-int(condition[3:]) / 20)
        return (line + noise / noise.std() * wanted).astype(np.float32)
    if condition == "clipped":
        return np.clip(line / loudest * 5, -0.95, 0.95)
    if condition == "loss":
        frames = np.repeat(random.random(len(line) // 160 + 1) < 0.08, 160)[: len(line)]
        return np.where(frames, np.float32(0), line)
    return line


def no_speech() -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """Give ten seconds each of what telephones carry beside voices, at 8 kHz."""
    random, t = np.random.default_rng(11), np.arange(80_000) / 8000
    hiss = random.standard_normal(len(t))
    on = (t % 1.0) < 0.5

    def tones(*hertz: float) -> npt.NDArray[np.float64]:
        return sum((np.sin(2 * np.pi * each * t) for each in hertz), np.zeros(len(t))) / len(hertz)

    yield "silence", np.zeros(len(t), np.float32)
    yield "hum", (0.2 * tones(50, 100, 150)).astype(np.float32)
    yield "hiss", (0.05 * hiss).astype(np.float32)
    yield "loud hiss", (0.3 * hiss).astype(np.float32)
    yield "rumble", (0.3 * np.convolve(hiss, np.ones(40) / 40, "same")).astype(np.float32)
    yield "busy", (0.4 * tones(480, 620) * on).astype(np.float32)
    yield "dial tone", (0.4 * tones(350, 440)).astype(np.float32)
    yield "fax", (0.4 * tones(1100) * ((t % 3.5) < 0.5)).astype(np.float32)
    yield "keys", (0.4 * tones(770, 1336) * ((t % 0.5) < 0.1)).astype(np.float32)
    yield "clicks", (0.9 * (random.random(len(t)) < 0.0005)).astype(np.float32)
    chord = [tones(f, 2 * f, 3 * f) for f in (220, 277.2, 329.6, 392)]
    yield "music", (0.3 * np.choose((t * 2).astype(int) % 4, chord)).astype(np.float32)
    yield "modem", (0.4 * np.sin(2 * np.pi * (1800 * t + np.cumsum(hiss) / 40))).astype(np.float32)


def hear(recogniser: Recogniser, path: Path, clip: Clip | None = None) -> Score:
    """Hear one recording in its process, and weigh it."""
    start = time.monotonic()
    transcript = recogniser.transcribe(path, limits=Limits(wall_seconds=3600, cpu_seconds=3600))
    wall = time.monotonic() - start
    said = [] if clip is None else clip.words
    words = transcript.text.split()
    found = find(words, heard=transcript.numbers)
    return Score(
        errors=edits(plain(transcript.text), said),
        words=len(said),
        wall=wall,
        audio=transcript.duration,
        text=transcript.text,
        number="".join(run.meanings[0] for run in runs(words)),
        callback=tuple(one.value for one in found.callback),
    )


def cost(paths: list[Path]) -> float:
    """Return the processor seconds of hearing some recordings one after another, the loading of libraries included."""
    before = spent()
    with Recogniser() as recogniser:
        for path in paths:
            hear(recogniser, path)
    return spent() - before


def spent() -> float:
    """Return the processor seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peak_megabytes() -> float:
    """Return the largest resident set of any child so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def percent(scores: list[Score]) -> float:
    """Return the word errors of all scores together, in percent."""
    return 100 * sum(score.errors for score in scores) / max(1, sum(score.words for score in scores))


def accuracy(chosen: list[Clip], conditions: list[str], folder: Path) -> dict[str, float]:
    """Hear each clip in each condition, print what was misheard and a table; return the word errors in percent."""
    rows, errors = [], {}
    for condition in conditions:
        before = spent()
        with Recogniser() as recogniser:
            scores = [(clip, hear(recogniser, as_heard(clip, condition, folder), clip)) for clip in chosen]
        cpu = (spent() - before) / sum(score.audio for _, score in scores)
        for clip, score in scores:
            if (score.errors and clip.number is None) or clip.number not in {None, score.number}:
                print(f"    {condition:<8}{clip.name:<16}{clip.number or ''} {score.text}")
        said = [score for clip, score in scores if clip.number is None]
        numbers = [(clip.number, score) for clip, score in scores if clip.number is not None]
        right = sum(number == score.number for number, score in numbers)
        ten = [(number, score) for number, score in numbers if len(number) == 10]
        called = sum(f"+1{number}" in score.callback[:1] for number, score in ten)
        errors[condition] = percent(said)
        rows.append(
            f"{condition:<10}{percent(said):>8.1f}{right:>10}/{len(numbers):<4}{called:>7}/{len(ten):<4}{cpu:>9.3f}"
        )
    print(f"{'condition':<10}{'WER %':>8}{'numbers':>13}{'callbacks':>12}{'CPU s/s':>10}", *rows, sep="\n")
    said_words = sum(len(clip.words) for clip in chosen)
    print(f"over {said_words} words; CPU with the loading of libraries, once for each condition")
    return errors


def false_words(folder: Path) -> int:
    """Hear what is no speech; print and count the words."""
    count = 0
    with Recogniser() as recogniser:
        for name, sound in no_speech():
            soundfile.write(folder / "no-speech.wav", np.clip(sound, -1, 1), 8000, subtype="ULAW")
            text = hear(recogniser, folder / "no-speech.wav").text
            count += len(text.split())
            if text:
                print(f"    {name}: {text}")
    print(f"false words in {len(list(no_speech()))} sounds that are no speech: {count}")
    return count


def start_up(folder: Path) -> None:
    """Print what a recording without speech costs: the first one, and each that follows."""
    path = folder / "silence.wav"
    soundfile.write(path, np.zeros(800), 8000)
    first, more = cost([path]), cost([path] * 6)
    print(f"a recording without speech: {first:.2f} s CPU, {peak_megabytes():.0f} MB resident", end="; ")
    print(f"each that follows {(more - first) / 5:.2f} s")


def short(clip: Clip, folder: Path) -> None:
    """Print what short recordings cost, each beside the one before: the first seconds of a clip."""
    samples, rate = soundfile.read(as_heard(clip, "mu-law", folder), dtype="float32")
    for seconds in (1, 2, 4, 8):
        path = folder / f"{seconds}.wav"
        soundfile.write(path, samples[: seconds * rate], rate, subtype="ULAW")
        each = (cost([path] * 6) - cost([path])) / 5
        print(f"a recording of {seconds} s: {each:.2f} s CPU, {each / seconds:.3f} CPU s/s")


def endurance(clip: Clip, minutes: float, folder: Path) -> None:
    """Print what a long recording of speech without a pause costs."""
    samples, rate = soundfile.read(as_heard(clip, "mu-law", folder), dtype="float32")
    repeats = int(np.ceil(minutes * 60 / (len(samples) / rate)))
    path = folder / "long.wav"
    soundfile.write(path, np.tile(samples, repeats)[: int(minutes * 60 * rate)], rate, subtype="ULAW")
    before = spent()
    with Recogniser() as recogniser:
        score = hear(recogniser, path)
    cpu = (spent() - before) / score.audio
    print(
        f"{minutes:g} min of speech in one go: {score.wall:.1f} s wall, {cpu:.3f} CPU s/s, "
        f"{peak_megabytes():.0f} MB resident at most"
    )


def main() -> int:
    """Run what the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("INBOXD_SHARED")
    arguments.add_argument("--speech", type=Path, default=None if shared is None else Path(shared) / "speech")
    arguments.add_argument("--only", default="*", help="clips whose name matches")
    arguments.add_argument("--conditions", default=",".join(CONDITIONS))
    arguments.add_argument("--minutes", type=float, default=10.0, help="length of the long recording, 0 for none")
    arguments.add_argument("--max-wer", type=float, default=100.0, help="fail above this at telephone quality")
    options = arguments.parse_args()
    chosen = [clip for clip in clips(options.speech) if fnmatch.fnmatch(clip.name, options.only)]
    if not chosen:
        arguments.error(f"no clip matches {options.only}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        longest = max(chosen, key=lambda clip: len(clip.words))
        start_up(folder)
        short(longest, folder)
        errors = accuracy(chosen, options.conditions.split(","), folder)
        made_up = false_words(folder)
        if options.minutes:
            endurance(longest, options.minutes, folder)
    return 1 if made_up or errors.get("mu-law", 0.0) > options.max_wer else 0


if __name__ == "__main__":
    sys.exit(main())
