"""What a microphone beside the field hears of a play: crowd, skates and soles, sticks and balls, whistles, music.

A whistle with a pea is an edge tone whose pitch is set by the chamber, between 2 and 4.5 kHz. The pea runs round in the
chamber some tens of times a second, and each time it passes the mouth the tone drops in loudness and a little in pitch:
the warble. Pitch rises with the breath at the start. Shoes that squeak and organs that play are there to be told from
it.

All times are the picture's. The sound of a clip starts with the picture, but what is heard in it comes ``offset_s``
later than it is seen: sound and picture of a broadcast go different ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from simulation.plays.play import Play, field_of

Wave = NDArray[np.float64]

RATE = 48_000  # samples a second
PEA_HZ = (24.0, 60.0)  # rounds of the pea a second
WHISTLE_HZ = (2000.0, 4500.0)
WHISTLE_S = (0.3, 0.9)
OFFSET_S = (-0.2, 0.3)
MICROPHONE_M = 3.0  # behind the near touchline or boards
NEAR_M = 12.0  # loudness halves over about so many metres
HALL_S = {"hockey": 0.9, "basketball": 0.8, "football": 0.25, "soccer": 0.25}  # how long a stand echoes, by sport
KNOCKS = {  # what a touch sounds like: lowest and highest pitch (Hz), how long it rings (s)
    "hockey": ((900.0, 1900.0), 0.02),
    "basketball": ((90.0, 200.0), 0.06),
    "football": ((300.0, 900.0), 0.03),
    "soccer": ((110.0, 260.0), 0.05),
}
AUDIBLE = ("touch", "possession", "release", "pass", "shot", "snap", "contact", "deliberate_play")
DRIBBLE_S = 0.6  # from one bounce of a carried basketball to the next
CHORDS = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))  # semitones above the key


@dataclass(frozen=True)
class Heard:
    """Something that can be heard in a clip.

    Attributes:
        t: from when, seconds of the picture.
        until: until when, seconds of the picture.
        what: `whistle`, `music`, `squeak` or `knock`.
        hertz: its pitch.
    """

    t: float
    until: float
    what: str
    hertz: float


@dataclass(frozen=True)
class Sound:
    """The sound of a clip.

    Attributes:
        samples: within -1 and 1, shape (N, 2), left and right; the first at the picture's first instant.
        rate: samples a second.
        offset_s: how much later than it is seen everything is heard, seconds.
        heard: in order of time.
    """

    samples: NDArray[np.float32]
    rate: int
    offset_s: float
    heard: tuple[Heard, ...]

    def truth(self) -> dict[str, object]:
        """Return everything that is known of the sound, as it is written beside a clip."""
        heard = [{"t": round(one.t, 4), "until": round(one.until, 4), "what": one.what, "hertz": round(one.hertz, 1)}
                 for one in self.heard]  # fmt: skip
        return {"rate": self.rate, "offset_s": self.offset_s, "heard": heard}


def soundtrack(play: Play, seed: int) -> Sound:
    """Return what is heard of a play.

    Args:
        play: the truth; its events say when the whistle is blown and when somebody touches the ball or puck.
        seed: of loudness, pitches, crowd, music and the offset.
    """
    booth = _Booth(play, np.random.default_rng([seed, 7]))
    booth.crowd()
    booth.soles()
    booth.knocks()
    booth.whistles()
    booth.music()
    return booth.sound()


class _Booth:
    """Where the layers of a clip's sound are put together."""

    def __init__(self, play: Play, rng: np.random.Generator) -> None:
        self.play, self.rng = play, rng
        self.start = float(play.t[0])
        step = float(np.median(np.diff(play.t)))
        self.count = round((float(play.t[-1]) - self.start + step) * RATE)
        self.offset = round(float(rng.uniform(*OFFSET_S)), 3)
        self.dry, self.far = np.zeros((self.count, 2)), np.zeros((self.count, 2))
        self.heard: list[Heard] = []
        width = field_of(play).width_m
        self.microphone = np.array([0.0, -width / 2 - MICROPHONE_M])

    def add(self, wave: Wave, t: float, loud: float, where: float = 0.0) -> None:
        """Lay a sound that begins at an instant of the picture; ``where`` is from -1 (left) to 1 (right)."""
        first = round((t + self.offset - self.start) * RATE)
        low, high = max(first, 0), min(first + len(wave), self.count)
        if low >= high:
            return
        angle = (np.clip(where, -1.0, 1.0) + 1.0) * np.pi / 4
        heard = loud * wave[low - first : high - first, None] * np.array([np.cos(angle), np.sin(angle)])
        self.dry[low:high] += heard

    def note(self, t: float, lasts: float, what: str, hertz: float) -> None:
        """Write down what is heard when."""
        self.heard.append(Heard(t, t + lasts, what, hertz))

    def place(self, xy: NDArray[np.float64]) -> tuple[float, float]:
        """Return how loud and from where something on the field is heard."""
        away = xy - self.microphone
        return float(np.exp2(-np.hypot(*away) / NEAR_M)), float(away[0] / 25.0)

    def crowd(self) -> None:
        """A murmur that swells, more so after a whistle."""
        level = self.rng.uniform(0.02, 0.12)
        t = self.start + np.arange(self.count) / RATE - self.offset
        swell = 1.0 + 0.35 * np.interp(t, np.arange(t[0], t[-1] + 2.0), self.rng.normal(size=int(t[-1] - t[0]) + 3))
        for stop in self._stops():
            swell = swell + 1.5 * np.exp(-np.clip(t - stop - 0.4, 0.0, None) / 1.5) * (t > stop + 0.4)
        for side in range(2):
            murmur = _band(self.rng.normal(size=self.count), 180.0, 1400.0) + 0.3 * _band(
                self.rng.normal(size=self.count), 1400.0, 5000.0
            )
            self.far[:, side] += level * np.clip(swell, 0.2, None) * murmur

    def soles(self) -> None:
        """Strides of everybody: blades that scrape on ice, soles that thud, shoes that squeak in a hall."""
        domain = self.play.domain
        for person in self.play.cast:
            path = self.play.paths[person.entity]
            t = self.start + float(self.rng.uniform(0.0, 0.6))
            while t < self.play.t[-1]:
                index = int(np.searchsorted(self.play.t, t))
                speed = float(np.hypot(*path.velocity[index]))
                loud, where = self.place(path.xy[index])
                if speed > 0.8:
                    self.add(self._stride(domain, speed), t, loud * min(speed / 7.0, 1.0), where)
                    if domain == "basketball" and self.rng.random() < 0.08:
                        self._squeak(t, loud, where)
                t += float(self.rng.uniform(0.9, 1.1)) * (0.62 if domain == "hockey" else 0.36)

    def _stride(self, domain: str, speed: float) -> Wave:
        if domain != "hockey":
            return 0.25 * _ring(float(self.rng.uniform(60, 140)), 0.03, self.rng)
        scrape = _band(self.rng.normal(size=round(0.16 * RATE)), 1800.0, 7500.0)
        return np.asarray(0.35 * scrape * _envelope(len(scrape), 0.05, 0.09) * min(speed / 8.0, 1.0))

    def _squeak(self, t: float, loud: float, where: float) -> None:
        hertz, lasts = float(self.rng.uniform(1500, 4000)), float(self.rng.uniform(0.05, 0.13))
        since = np.arange(round(lasts * RATE)) / RATE
        wave = np.sin(2 * np.pi * (hertz * since + 0.5 * float(self.rng.normal(0, 4000)) * since**2))
        self.add(0.3 * wave * _envelope(len(wave), 0.01, 0.03), t, loud, where)
        self.note(t, lasts, "squeak", hertz)

    def knocks(self) -> None:
        """Sticks, feet and hands on the puck or ball, and the bounces of a ball that is dribbled."""
        (low, high), rings = KNOCKS[self.play.domain]
        times = [float(event["t"]) for event in self.play.events if event["kind"] in AUDIBLE]
        if self.play.domain == "basketball":
            steps = np.arange(self.start + 0.2, float(self.play.t[-1]), DRIBBLE_S)
            carried = [self.play.carrier[int(np.searchsorted(self.play.t, t))] is not None for t in steps]
            times += [float(t) for t, own in zip(steps, carried, strict=True) if own]
        for t in sorted(times):
            index = min(int(np.searchsorted(self.play.t, t)), len(self.play.t) - 1)
            loud, where = self.place(self.play.puck[index])
            hertz = float(self.rng.uniform(low, high))
            self.add(_ring(hertz, rings, self.rng), t, 0.9 * loud, where)
            self.note(t, 4 * rings, "knock", hertz)

    def whistles(self) -> None:
        """The whistle, where the play says that it is blown."""
        for t in self._stops():
            hertz, lasts = float(self.rng.uniform(*WHISTLE_HZ)), float(self.rng.uniform(*WHISTLE_S))
            wave = whistle(hertz, lasts, self.rng)
            self.add(wave, t, float(self.rng.uniform(0.06, 0.4)), float(self.rng.uniform(-0.6, 0.6)))
            self.note(t, lasts, "whistle", hertz)

    def music(self) -> None:
        """An organ in the hall when play has stopped, sometimes, and sometimes while it goes on."""
        stops = self._stops()
        if self.rng.random() < 0.5:
            return
        t = (stops[0] + float(self.rng.uniform(0.6, 1.2))) if stops else self.start + float(self.rng.uniform(0.0, 3.0))
        lasts = float(self.play.t[-1]) - t
        if lasts < 0.3:
            return
        key = float(self.rng.uniform(160, 330))
        beat = float(self.rng.uniform(0.35, 0.6))
        loud = float(self.rng.uniform(0.02, 0.1))
        for n in range(int(lasts / beat) + 1):
            chord = _chord(key, CHORDS[n % len(CHORDS)], beat)
            self.add(chord, t + n * beat, loud)
        self.note(t, lasts, "music", key)

    def _stops(self) -> list[float]:
        return sorted(float(event["t"]) for event in self.play.events if event["kind"] == "whistle")

    def sound(self) -> Sound:
        """Return all layers together, with the echo of the stands, as loud as fits."""
        tail = round(HALL_S[self.play.domain] * RATE)
        echo = self.rng.normal(size=tail) * np.exp(-5.0 * np.arange(tail) / tail) / np.sqrt(tail)
        wet = signal.fftconvolve(self.dry, echo[:, None], axes=0)[: self.count]
        mixed = self.dry + 1.2 * wet + self.far
        peak = max(float(np.abs(mixed).max(initial=0.0)), 1e-9)
        samples = (0.8 / peak * mixed).astype(np.float32)
        heard = tuple(sorted(self.heard, key=lambda one: (one.t, one.what, one.hertz)))
        return Sound(samples, RATE, self.offset, heard)


def whistle(hertz: float, lasts: float, rng: np.random.Generator) -> Wave:
    """Return the tone of a whistle with a pea.

    Args:
        hertz: pitch while the pea is away from the mouth.
        lasts: seconds.
        rng: draws how fast the pea runs and how deep it cuts.
    """
    since = np.arange(round(lasts * RATE)) / RATE
    round_s = float(rng.uniform(*PEA_HZ)) * (1.0 - 0.4 * np.exp(-since / 0.05))  # it has to be set going
    passing = 0.5 + 0.5 * np.cos(2 * np.pi * np.cumsum(round_s) / RATE + float(rng.uniform(0, 2 * np.pi)))
    drop, cut = float(rng.uniform(0.015, 0.045)), float(rng.uniform(0.4, 0.8))
    pitch = hertz * (1.0 - drop * passing) * (1.0 - 0.1 * np.exp(-since / 0.02))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    tone = np.sin(phase) + 0.12 * np.sin(2 * phase) + 0.05 * np.sin(3 * phase)
    breath = 0.08 * _band(rng.normal(size=len(since)), 0.6 * hertz, min(1.8 * hertz, 0.45 * RATE))
    return np.asarray((tone * (1.0 - cut * passing) + breath) * _envelope(len(since), 0.02, 0.04))


def _band(noise: Wave, low: float, high: float) -> Wave:
    """Return noise between two pitches, of about unit loudness."""
    sections = signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    heard = signal.sosfilt(sections, noise)
    return np.asarray(heard / max(float(heard.std()), 1e-9))


def _envelope(count: int, attack_s: float, release_s: float) -> Wave:
    """Return how loud a sound is over its samples: it rises, stays, and fades."""
    t = np.arange(count) / RATE
    return np.asarray(np.clip(np.minimum(t / attack_s, (count / RATE - t) / release_s), 0.0, 1.0))


def _ring(hertz: float, rings_s: float, rng: np.random.Generator) -> Wave:
    """Return a blow that rings."""
    t = np.arange(round(5 * rings_s * RATE)) / RATE
    tone = np.sin(2 * np.pi * hertz * t) + 0.5 * np.sin(2 * np.pi * 2.3 * hertz * t) + 0.3 * rng.normal(size=len(t))
    return np.asarray(tone * np.exp(-t / rings_s))


def _chord(key: float, semitones: tuple[int, ...], lasts: float) -> Wave:
    """Return a chord of an organ: each voice with its octaves."""
    t = np.arange(round(lasts * RATE)) / RATE
    pitches = [key * 2 ** (one / 12) * octave for one in semitones for octave in (1, 2, 4)]
    weights = [1.0, 0.5, 0.25] * len(semitones)
    voices = sum(weight * np.sin(2 * np.pi * pitch * t) for pitch, weight in zip(pitches, weights, strict=True))
    return np.asarray(voices * _envelope(len(t), 0.02, 0.05))
