"""How many dictated numbers are heard right, beside the recipe that reads each stretch once.

    .venv/bin/python -m tests.bench.bench_digits FOLDER [--conditions mu-law,gsm,snr10] [--number 40] [--seed 11]

FOLDER holds a speaker's digits, a recording each, 0 to 9 and perhaps `oh`, as programs ship them that speak numbers
(Debian's `saytime`, or `digits/` of `asterisk-core-sounds-en-wav`). Postcodes and telephone numbers are composed of
them: faster and slower, louder and softer, with gaps and without. They compare; what people dictate in one breath is
harder. A number counts as right when its digits are all that was heard, a callback when it is named first.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from tests.bench.bench_speech import disturbed
from transcribe.audio import Recording
from transcribe.engines import beam, moonshine, moonshine_model
from transcribe.engines.moonshine_network import RATE, Network
from transcribe.engines.moonshine_tokens import Tokens
from transcribe.engines.speech_finder import SpeechFinder
from transcribe.engines.windows import windows
from transcribe.limits import DEFAULT_LIMITS
from transcribe.numbers import find
from transcribe.numbers.spoken import runs
from transcribe.run import Recogniser
from transcribe.transcript import NumberHeard

Sound = npt.NDArray[np.float32]
Heard = tuple[str, tuple[NumberHeard, ...]]

_AREAS = ("206", "218", "303", "320", "415", "512", "612", "763", "773", "952")
_TEMPI = (0.82, 0.88, 0.94, 1.0, 1.06, 1.12, 1.2)
_LINE_NOISE = 0.0015
_TOKENS_A_SECOND = 6.5


class Speaker:
    """Says numbers out of single digits."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Read the digits; raises FileNotFoundError with the first that is missing."""
        self.random = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        self._digits = {name: _read(folder, name) for name in "0123456789"}
        self._oh = _read(folder, "oh") if any(folder.glob("oh.*")) else self._digits["0"]

    def say(self, number: str, gaps: tuple[float, ...]) -> Sound:
        """Speak the digits of a number at 8 kHz; a blank is a longer pause."""
        tempo, gap = self.random.choice(_TEMPI), self.random.choice(gaps)
        parts = [_silence(self.random.uniform(0.15, 0.8))]
        for digit in number:
            parts.append(_silence(self.random.uniform(0.35, 0.9)) if digit == " " else self._digit(digit, tempo))
            parts.append(_silence(max(0.0, self.random.gauss(gap, gap / 2))))
        whole = np.concatenate([*parts, _silence(self.random.uniform(0.1, 0.6))])
        loud = whole * np.float32(10 ** (self.random.uniform(-16, 0) / 20))
        noise = self._noise.standard_normal(len(loud)).astype(np.float32) * np.float32(_LINE_NOISE)
        line: Sound = soxr.resample(loud + noise, RATE, 8000)
        return line

    def _digit(self, digit: str, tempo: float) -> Sound:
        spoken = self._oh if digit == "0" and self.random.random() < 0.4 else self._digits[digit]
        speed = tempo * self.random.uniform(0.97, 1.03) * self.random.choice((0.8, 0.9, 1.0))
        louder = np.float32(10 ** (self.random.uniform(-3, 2) / 20))
        sound: Sound = soxr.resample(spoken * louder, RATE, RATE * speed)
        return sound


def _read(folder: Path, name: str) -> Sound:
    path = next(iter(sorted(folder.glob(f"{name}.*"))), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has no recording of {name}")
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    sound: Sound = soxr.resample(samples.mean(axis=1), rate, RATE)
    loudness = np.convolve(np.abs(sound), np.ones(160) / 160, "same")
    audible = np.flatnonzero(loudness > 0.02 * max(0.2, float(np.abs(sound).max())))
    return sound[max(0, audible[0] - 480) : audible[-1] + 800]


def _silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)


def in_one_pass(path: Path) -> Heard:
    """Hear by the recipe to hold against: the same stretches, each read once, greedily; in a process of its own.

    (libmoonshine has one detector for each process, which goes on with what it heard before.)
    """
    model = moonshine_model.locate(None)
    finder = SpeechFinder(*moonshine._library_and_detector(model))
    with path.open("rb") as file:
        for block in Recording(file.fileno(), DEFAULT_LIMITS).blocks(RATE):
            finder.hear(block)
    sound, spans = finder.finish()
    network, tokens = Network(model.folder), Tokens.read(model.folder / "tokenizer.bin")
    words = []
    for window in windows(spans, moonshine._loudness(sound)):
        samples = sound[int(window.start * RATE) : int(window.end * RATE)].astype(np.float32) / np.float32(32767)
        longest = int(len(samples) / RATE * _TOKENS_A_SECOND) + 4
        found = beam.search(network, network.hear([samples]), width=1, longest=longest, depth=0.0)
        words += [tokens.text(found[0].tokens)] if found else []
    return " ".join(words), ()


def compose(folder: Path, number: int, seed: int, condition: str, into: Path) -> Iterator[tuple[str, Path]]:
    """Write so many postcodes, and three quarters as many telephone numbers; gives the digits of each."""
    speaker = Speaker(folder, seed)
    draw = speaker.random

    def figures(count: int) -> str:
        return "".join(draw.choice("0123456789") for _ in range(count))

    for index in range(number + number * 3 // 4):
        if index < number:
            said, gaps = figures(5), (0.0, 0.05, 0.12, 0.25)
        else:
            area, exchange, rest = draw.choice(_AREAS), draw.choice("23456789") + figures(2), figures(4)
            said = f"{area} {exchange} {rest}" if draw.random() < 0.8 else area + exchange + rest
            gaps = (0.0, 0.03, 0.08, 0.15)
        line = np.clip(disturbed(speaker.say(said, gaps), condition), -1, 1)
        path = into / f"{index}.wav"
        soundfile.write(path, line, 8000, subtype="GSM610" if condition == "gsm" else "ULAW")
        yield said.replace(" ", ""), path


def right(said: list[tuple[str, Path]], heard: Iterable[Heard]) -> tuple[int, int, int]:
    """Count postcodes, telephone numbers and callbacks that are right."""
    counts = [0, 0, 0]
    for (digits, _), (text, numbers) in zip(said, heard, strict=True):
        words = text.split()
        got = "".join(run.meanings[0] for run in runs(words))
        counts[len(digits) == 10] += got == digits
        called = [one.value for one in find(words, heard=numbers).callback]
        counts[2] += called[:1] == [f"+1{digits}"]
    return counts[0], counts[1], counts[2]


def main() -> int:
    """Run what the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--conditions", default="mu-law,gsm,snr10")
    arguments.add_argument("--number", type=int, default=40, help="postcodes of each condition")
    arguments.add_argument("--seed", type=int, default=11)
    options = arguments.parse_args()
    print(f"{'condition':<10}{'':<12}{'postcodes':>12}{'numbers':>12}{'callbacks':>12}")
    with Recogniser() as recogniser, get_context("fork").Pool(1, maxtasksperchild=1) as alone:

        def here(paths: list[Path]) -> Iterator[Heard]:
            for transcript in map(recogniser.transcribe, paths):
                yield transcript.text, transcript.numbers

        for condition in options.conditions.split(","):
            with tempfile.TemporaryDirectory() as name:
                said = list(compose(options.folder, options.number, options.seed, condition, Path(name)))
                long = sum(len(digits) == 10 for digits, _ in said)
                for what, hear in (("one pass", partial(alone.imap, in_one_pass)), ("here", here)):
                    short, numbers, callbacks = right(said, hear([path for _, path in said]))
                    print(
                        f"{condition:<10}{what:<12}{short:>7} of {len(said) - long:<3}{numbers:>6} of {long:<3}"
                        f"{callbacks:>6} of {long:<3}",
                        flush=True,
                    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
