"""Seeded random streams, one for each effect and each thing it acts on, and the processes drawn from them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from records.clock import Span

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Streams:
    """Random streams of one seed: the same names give the same stream, whatever else was drawn."""

    seed: int

    def of(self, *names: str) -> np.random.Generator:
        """Return the stream of an effect and of whom it acts on.

        >>> bool(Streams(1).of("gaps").random() == Streams(1).of("gaps").random())
        True
        """
        return np.random.default_rng([self.seed, *(zlib.crc32(name.encode()) for name in names)])


def gauss_markov(t: Floats, tau_s: float, noises: Floats) -> Floats:
    """Return first-order Gauss-Markov processes of variance 1 (Ornstein-Uhlenbeck), shape (time, process).

    Args:
        t: (time,) seconds, increasing.
        tau_s: correlation time; 0: white.
        noises: (time, process) standard normal draws.
    """
    result = np.array(noises, np.float64)
    if tau_s > 0.0:
        kept = np.exp(-np.diff(t) / tau_s)
        fresh = np.sqrt(1.0 - kept**2)
        for row in range(1, len(result)):
            result[row] = kept[row - 1] * result[row - 1] + fresh[row - 1] * noises[row]
    return result


def bursts(rng: np.random.Generator, over: Span, share: float, burst_s: float) -> list[Span]:
    """Return stretches that make up a share of the time on average: exponential ones with exponential pauses."""
    if share <= 0.0:
        return []
    if share >= 1.0:
        return [over]
    pause_s = burst_s * (1.0 - share) / share
    found = []
    inside = bool(rng.random() < share)
    t = over.start
    while t <= over.stop:
        length = float(rng.exponential(burst_s if inside else pause_s))
        if inside:
            found.append(Span(t, t + length))
        t, inside = t + length, not inside
    return found


def arrivals(rng: np.random.Generator, over: Span, per_minute: float) -> list[float]:
    """Return the instants of a Poisson process over a span, in order."""
    count = rng.poisson(per_minute / 60.0 * over.length)
    return sorted(float(t) for t in rng.uniform(over.start, over.stop, count))
