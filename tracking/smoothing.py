"""From labelled sightings to smooth tracks with velocities and honest errors.

Detectors repeat their mistake from frame to frame, so n looks are not n independent ones. Noise of variance s^2 that is
correlated over tau seconds has the spectral density 2 tau s^2 (Ornstein-Uhlenbeck); white noise sampled every dt has
r dt. So each sighting enters with r = s^2 max(1, 2 tau / dt). Sightings that disagree with the smoothed path are given
more noise in a second pass (an iteratively reweighted fit).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracking import kalman
from tracking.association import Sightings

_TOGETHER = 32  # tracks smoothed at once: bounds the memory on long clips


@dataclass(frozen=True)
class Smoothing:
    """How paths are smoothed.

    Attributes:
        acceleration: spectral density of the acceleration, unit^2 / s^3 at scale 1.
        speed_sigma: 1-sigma of each velocity component before the first sighting, unit / s at scale 1.
        tau_s: correlation time of a detector's error.
        outlier: sightings further from the path than this many sigmas are given more noise.
        passes: how often the fit is repeated with new weights.
    """

    acceleration: float = 6.0
    speed_sigma: float = 3.0
    tau_s: float = 0.2
    outlier: float = 2.5
    passes: int = 2


@dataclass(frozen=True)
class Path:
    """One smoothed track: n instants from its first to its last sighting.

    Attributes:
        label: of the track.
        steps: n indices into the instants of the shot.
        states: n x 2D, position and velocity.
        covariances: n x 2D x 2D.
        rows: n indices of the sighting at each instant, -1 where nothing was seen.
    """

    label: int
    steps: np.ndarray
    states: np.ndarray
    covariances: np.ndarray
    rows: np.ndarray

    @property
    def observed(self) -> np.ndarray:
        """Whether something was seen at each instant."""
        return self.rows >= 0

    def filled(self, times: np.ndarray, longest_s: float) -> "Path":
        """Return the path without the instants inside gaps longer than this; ``times`` are those of the shot."""
        seen = np.flatnonzero(self.observed)
        after = np.searchsorted(seen, np.arange(len(self.rows)))
        before = np.maximum(after - ~self.observed, 0)
        gap = times[self.steps[seen[after]]] - times[self.steps[seen[before]]]
        return self.taken(gap <= longest_s)

    def taken(self, keep: np.ndarray) -> "Path":
        """Return some of the instants."""
        return Path(self.label, self.steps[keep], self.states[keep], self.covariances[keep], self.rows[keep])


def smooth(times: np.ndarray, sightings: Sightings, labels: np.ndarray, settings: Smoothing) -> list[Path]:
    """Smooth every track of a shot.

    Args:
        times: instants of the shot, seconds, strictly increasing.
        sightings: what was seen.
        labels: n, the track of each sighting, -1 for none; one sighting a track and instant.
        settings: see Smoothing.

    Returns:
        The paths in the order of their labels.
    """
    members = {int(name): np.flatnonzero(labels == name) for name in np.unique(labels[labels >= 0])}
    order = sorted(members, key=lambda name: (sightings.step[members[name][0]], name))
    paths: list[Path] = []
    for i in range(0, len(order), _TOGETHER):
        chunk = order[i : i + _TOGETHER]
        paths.extend(_smooth_chunk(times, sightings, {name: members[name] for name in chunk}, settings))
    return sorted(paths, key=lambda path: path.label)


def extended(times: np.ndarray, path: Path, reach_s: Sequence[float], settings: Smoothing) -> Path:
    """Return a path of scale 1 that is predicted before its first and after its last instant.

    Args:
        times: instants of the shot, seconds.
        path: the smoothed track.
        reach_s: how many seconds before and after.
        settings: see Smoothing.
    """
    first, last = times[path.steps[0]], times[path.steps[-1]]
    before = np.flatnonzero((times < first) & (times >= first - reach_s[0]))
    after = np.flatnonzero((times > last) & (times <= last + reach_s[1]))
    parts = [(path.steps, path.states, path.covariances, path.rows)]
    for steps, end, sign in ((before, 0, -1.0), (after, -1, 1.0)):
        turn = np.diag(np.repeat([1.0, sign], path.states.shape[1] // 2))
        state, covariance = (path.states[end] @ turn)[None], (turn @ path.covariances[end] @ turn)[None]
        made = [
            kalman.predict(state, covariance, abs(times[k] - times[path.steps[end]]), np.array([settings.acceleration]))
            for k in steps
        ]
        if made:
            states = np.concatenate([one for one, _ in made]) @ turn
            covariances = turn @ np.concatenate([one for _, one in made]) @ turn
            parts.insert(0 if sign < 0 else len(parts), (steps, states, covariances, np.full(len(steps), -1)))
    return Path(path.label, *(np.concatenate(column) for column in zip(*parts, strict=True)))


def _smooth_chunk(
    times: np.ndarray, sightings: Sightings, members: dict[int, np.ndarray], settings: Smoothing
) -> Iterator[Path]:
    """Smooth some tracks together on the span that they cover."""
    first = min(sightings.step[rows[0]] for rows in members.values())
    last = max(sightings.step[rows[-1]] for rows in members.values())
    instants = times[first : last + 1]
    dimensions = sightings.positions.shape[1]
    table = np.full((len(instants), len(members)), -1)
    factor = np.ones(len(members))
    scales = np.ones(len(members))
    for column, rows in enumerate(members.values()):
        table[sightings.step[rows] - first, column] = rows
        spacing = np.median(np.diff(times[sightings.step[rows]])) if len(rows) > 1 else np.inf
        factor[column] = max(1.0, 2 * settings.tau_s / spacing)
        scales[column] = np.median(sightings.scales[rows])
    seen = table >= 0
    positions = np.where(seen[..., None], sightings.positions[table], np.nan)
    own = np.where(seen[..., None, None], sightings.noise[table], np.eye(dimensions))
    noise = own * factor[:, None, None]
    weight = np.ones(table.shape)
    for _ in range(settings.passes):
        states, covariances = kalman.smooth(
            instants, positions, noise * weight[..., None, None],
            settings.acceleration * scales**2, settings.speed_sigma * float(np.median(scales)),
        )  # fmt: skip
        off = np.where(seen[..., None], positions - states[..., :dimensions], 0.0)
        squared = (off * np.linalg.solve(own, off[..., None])[..., 0]).sum(-1)
        weight = np.maximum(1.0, squared / settings.outlier**2)
    for column, (label, rows) in enumerate(members.items()):
        span = slice(sightings.step[rows[0]] - first, sightings.step[rows[-1]] - first + 1)
        yield Path(
            label, np.arange(span.start, span.stop) + first, states[span, column].copy(),
            covariances[span, column].copy(), table[span, column].copy(),
        )  # fmt: skip
