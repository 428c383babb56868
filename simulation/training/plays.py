"""Plays as training sees them: of any case, from a camera, in a look and in weather that the seed draws."""

from __future__ import annotations

import numpy as np

from simulation.clips import CAMERAS_OF, Clip
from simulation.plays.registry import cases, draw
from simulation.weather import conditions

CONDITIONS = {"weather": "drawn", "light": "drawn", "interlaced": False, "close_up": False}
FOLLOWING = 0.7  # share of plays filmed from the sideline, where a sport has other cameras too


def drawn_clip(domain: str, seed: int, rng: np.random.Generator) -> Clip:
    """Return a play of a sport as a camera shows it.

    Args:
        domain: the sport.
        seed: of the play, its look and weather.
        rng: says which case, and which camera.
    """
    names = sorted(cases(domain))
    play = draw(domain, names[int(rng.integers(len(names)))], None, seed)
    cameras = CAMERAS_OF[domain]
    camera = "sideline" if rng.random() < FOLLOWING else cameras[int(rng.integers(len(cameras)))]
    return Clip(play, camera, seed, conditions(CONDITIONS, domain, seed))


def evenly(clip: Clip, count: int) -> range:
    """Return so many instants of a clip, evenly over its time; all where it has fewer."""
    return range(0, len(clip.times), max(len(clip.times) // count, 1))[:count]
