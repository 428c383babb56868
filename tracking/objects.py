"""One puck or ball: which of the sparse sightings are it, and where it was between them.

A puck is one thing, often hidden, and its look-alikes are many: so the path is chosen over the whole shot at once
(dynamic programming over sightings), not greedily. What a person annotated is pinned: the path goes through it.
"""

from dataclasses import dataclass

import numpy as np

from tracking import kalman

_PINNED = 1e4  # reward for a pinned sighting: no other reason outweighs it


@dataclass(frozen=True)
class ObjectTracking:
    """How a puck or ball moves, and when it is believed.

    Attributes:
        acceleration: spectral density of the acceleration, m^2 / s^3: hits and passes are in it.
        speed_sigma: 1-sigma of each velocity component before the first sighting, m/s.
        speed: greatest speed, m/s.
        typical_speed: 1-sigma of the displacement between sightings over their distance in time, m/s.
        gap_s: longest time between two sightings of one path; in longer gaps nothing is said.
        low: sightings under this score are not used.
        prior: score at which a sighting is as likely wrong as right.
        least: sightings, not pinned, that a stretch of path needs where nothing is pinned.
    """

    acceleration: float = 400.0
    speed_sigma: float = 10.0
    speed: float = 45.0
    typical_speed: float = 12.0
    gap_s: float = 1.0
    low: float = 0.05
    prior: float = 0.2
    least: int = 4


@dataclass(frozen=True)
class Spots:
    """Sightings of one kind of object in one shot, in order of time.

    Attributes:
        t: n seconds.
        positions: n x 2 metres.
        noise: n x 2 x 2 own covariance.
        scores: n.
        pinned: n, whether a person said so.
    """

    t: np.ndarray
    positions: np.ndarray
    noise: np.ndarray
    scores: np.ndarray
    pinned: np.ndarray


def choose(spots: Spots, settings: ObjectTracking) -> list[list[int]]:
    """Choose the sightings that are the object.

    Returns:
        Stretches of path in order of time; each is a list of indices with strictly increasing t, no two further
        apart than ``gap_s``.
    """
    usable = np.flatnonzero(spots.pinned | (spots.scores >= settings.low))
    usable = usable[np.argsort(spots.t[usable], kind="stable")]
    if not len(usable):
        return []
    worth = _worth(spots, usable, settings)
    best, previous = worth.copy(), np.full(len(usable), -1)
    for j in range(len(usable)):
        earlier = np.flatnonzero(spots.t[usable[:j]] < spots.t[usable[j]] - 1e-6)
        if not len(earlier):
            continue
        total = best[earlier] + worth[j] + _step(spots, usable[earlier], usable[j], settings)
        k = int(np.argmax(total))
        if total[k] > worth[j]:
            best[j], previous[j] = total[k], earlier[k]
    chain, j = [], int(np.argmax(best))
    while j >= 0:
        chain.append(int(usable[j]))
        j = int(previous[j])
    return _stretches(spots, chain[::-1], settings)


def _worth(spots: Spots, rows: np.ndarray, settings: ObjectTracking) -> np.ndarray:
    """Return the log odds of sightings."""
    score = np.clip(spots.scores[rows], 0.01, 0.99)
    odds = np.log(score / (1 - score)) - np.log(settings.prior / (1 - settings.prior))
    return np.where(spots.pinned[rows], _PINNED, odds)


def _step(spots: Spots, before: np.ndarray, after: int, settings: ObjectTracking) -> np.ndarray:
    """Return the logarithm of how well each earlier sighting leads to a later one; a long gap starts anew."""
    gap = spots.t[after] - spots.t[before]
    off = np.linalg.norm(spots.positions[after] - spots.positions[before], axis=1)
    own = np.sqrt((np.trace(spots.noise[before], axis1=1, axis2=2) + np.trace(spots.noise[after])) / 2)
    spread = np.hypot(own, settings.typical_speed * gap)
    cost = -0.5 * (off / spread) ** 2 - np.log1p(gap / 0.1)
    reachable = off <= settings.speed * gap + 3 * own
    near = np.where(reachable, cost, -np.inf)
    both = spots.pinned[before] & spots.pinned[after]
    anew = np.where(both, -10.0, -6.0)
    return np.where(gap <= settings.gap_s, np.where(both & ~reachable, anew, near), anew)


def _stretches(spots: Spots, chain: list[int], settings: ObjectTracking) -> list[list[int]]:
    """Cut a path at gaps and jumps; a stretch without a pin needs some sightings."""
    stretches: list[list[int]] = []
    for row in chain:
        last = stretches[-1][-1] if stretches else None
        if last is None or _cut(spots, last, row, settings):
            stretches.append([])
        stretches[-1].append(row)
    return [rows for rows in stretches if spots.pinned[rows].any() or len(rows) >= settings.least]


def _cut(spots: Spots, last: int, row: int, settings: ObjectTracking) -> bool:
    gap = spots.t[row] - spots.t[last]
    own = np.sqrt(np.trace(spots.noise[last]) + np.trace(spots.noise[row]))
    moved = np.linalg.norm(spots.positions[row] - spots.positions[last])
    return bool(gap > settings.gap_s or moved > settings.speed * gap + 3 * own)


def path(
    times: np.ndarray, spots: Spots, rows: list[int], settings: ObjectTracking
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Smooth one stretch.

    Args:
        times: instants at which the path is wanted, strictly increasing; those outside the stretch are left out.
        spots: all sightings.
        rows: those of the stretch.
        settings: see ObjectTracking.

    Returns:
        Instants m, states m x 4, covariances m x 4 x 4, and whether something was seen there.
    """
    at = spots.t[rows]
    wanted = times[(times >= at[0]) & (times <= at[-1])]
    instants = np.unique(np.concatenate([wanted, at]))
    positions = np.full((len(instants), 1, 2), np.nan)
    noise = np.tile(np.eye(2), (len(instants), 1, 1, 1))
    place = np.searchsorted(instants, at)
    positions[place, 0], noise[place, 0] = spots.positions[rows], spots.noise[rows]
    states, covariances = kalman.smooth(
        instants, positions, noise, np.array([settings.acceleration]), settings.speed_sigma
    )
    keep = np.isin(instants, wanted)
    seen = ~np.isnan(positions[keep, 0, 0])
    return instants[keep], states[keep, 0], covariances[keep, 0], seen
