"""Sightings to tracks, frame by frame: the one association core for the field plane and for the picture.

A track is a Kalman state (tracking.kalman). Three cues are added up: the Mahalanobis distance with each sighting's own
covariance, the overlap of the boxes in the picture, and the colour of the kit. Sightings of high score are matched
first, those of low score may only continue what is left over (Zhang et al. 2022, ByteTrack). Birth and death count
seconds, not frames.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from tracking import kalman

_NEVER = 1e6  # cost of a pair that must not be matched


@dataclass(frozen=True)
class Association:
    """What makes a sighting belong to a track.

    Attributes:
        low: sightings under this score are not used at all.
        high: at or above this score a sighting is matched in the first round.
        birth: at or above this score a sighting that nobody claims starts a track.
        gate: greatest squared Mahalanobis distance of a match.
        overlap_gate: greatest squared Mahalanobis distance where the boxes overlap by ``overlap_least`` or more.
        overlap_least: intersection over union of predicted and seen box that counts as strong.
        overlap_high: least intersection over union in the rounds of the high scores; 0 lets the distance decide alone.
        overlap_low: least intersection over union in the round of the low scores.
        alone: a box of which no other one shares this much of the smaller one stands alone.
        duplicate: a sighting whose box shares this much of the smaller box with a matched one starts no track.
        distance_weight, overlap_weight, kit_weight: cost of a cue at its worst.
        kit_scale: distance of two kits (tracking.teams.scaled) that counts as entirely different.
        acceleration: spectral density of the acceleration, unit^2 / s^3 at scale 1.
        speed_sigma: 1-sigma of each velocity component of a new track, unit / s at scale 1.
        patience_s: seconds without a sighting after which a track ends.
        confirm_s: seconds over which a new track must have been seen, with at least two sightings.
        tentative_s: seconds without a sighting after which an unconfirmed track ends.
        low_s: seconds since its last sighting within which a low score may continue a track.
    """

    low: float = 0.1
    high: float = 0.5
    birth: float = 0.5
    gate: float = 16.0
    overlap_gate: float = 40.0
    overlap_least: float = 0.5
    overlap_high: float = 0.0
    overlap_low: float = 0.3
    alone: float = 0.2
    duplicate: float = 0.7
    distance_weight: float = 1.0
    overlap_weight: float = 1.0
    kit_weight: float = 0.3
    kit_scale: float = 2.0
    acceleration: float = 8.0
    speed_sigma: float = 3.0
    patience_s: float = 1.0
    confirm_s: float = 0.1
    tentative_s: float = 0.2
    low_s: float = 0.4


@dataclass(frozen=True)
class Sightings:
    """What was seen in one shot, in order of time.

    Attributes:
        step: n indices into the instants of the shot, not decreasing.
        positions: n x D, metres on the field plane or pixels.
        noise: n x D x D own covariance of the positions.
        boxes: n x 4 in pixels (x1, y1, x2, y2).
        scores: n.
        kits: n x K kit descriptors, NaN where there is none.
        scales: n, what the motion model is multiplied by: 1 on the field plane, the box height in the picture.
    """

    step: np.ndarray
    positions: np.ndarray
    noise: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    kits: np.ndarray
    scales: np.ndarray


PredictBoxes = Callable[[int, np.ndarray, np.ndarray], np.ndarray]
"""(step, T x 2D predicted states, T last sightings) -> T x 4 boxes expected in the picture of that step."""


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union of N and M boxes, N x M.

    >>> overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2]])).round(3).tolist()
    [[0.333]]
    """
    shared = _shared(first, second)
    return shared / np.maximum(_areas(first)[:, None] + _areas(second)[None] - shared, 1e-9)


def contained(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over the smaller box of N and M boxes, N x M."""
    return _shared(first, second) / np.maximum(np.minimum(_areas(first)[:, None], _areas(second)[None]), 1e-9)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    return np.clip(high - low, 0.0, None).prod(-1)


def match(cost: np.ndarray, limit: float) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of least total cost, none of them above ``limit``."""
    if not cost.size:
        return []
    rows, columns = linear_sum_assignment(np.minimum(cost, _NEVER))
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if cost[r, c] <= limit]


@dataclass
class _Alive:
    """The tracks that may still be continued, one row each."""

    names: np.ndarray
    states: np.ndarray
    covariances: np.ndarray
    scales: np.ndarray
    last: np.ndarray
    kits: np.ndarray
    born: np.ndarray
    seen: np.ndarray
    hits: np.ndarray

    def keep(self, rows: np.ndarray) -> None:
        if rows.all():
            return
        for name, value in vars(self).items():
            setattr(self, name, value[rows])

    def add(self, other: "_Alive") -> None:
        for name, value in vars(self).items():
            setattr(self, name, np.concatenate([value, getattr(other, name)]))

    def confirmed(self, settings: Association) -> np.ndarray:
        return (self.hits >= 2) & (self.seen - self.born >= settings.confirm_s - 1e-6)


@dataclass
class _Run:
    """One pass over one shot."""

    times: np.ndarray
    sightings: Sightings
    settings: Association
    predict_boxes: PredictBoxes
    labels: np.ndarray = field(init=False)
    alive: _Alive = field(init=False)
    count: int = 0

    def __post_init__(self) -> None:
        self.labels = np.full(len(self.sightings.step), -1)
        self.alive = self._born(np.array([], dtype=int), 0.0)

    def _born(self, rows: np.ndarray, t: float) -> _Alive:
        seen = self.sightings
        scales = seen.scales[rows]
        states, covariances = kalman.start(seen.positions[rows], seen.noise[rows], self.settings.speed_sigma * scales)
        names = np.arange(self.count, self.count + len(rows))
        self.count += len(rows)
        self.labels[rows] = names
        moment = np.full(len(rows), t)
        return _Alive(
            names, states, covariances, scales, rows, seen.kits[rows],
            moment, moment.copy(), np.ones(len(rows), dtype=int),
        )  # fmt: skip

    def step(self, k: int, rows: np.ndarray) -> None:
        """Advance to instant k and give its sightings to tracks."""
        alive, settings, t = self.alive, self.settings, self.times[k]
        if k:
            densities = settings.acceleration * alive.scales**2
            alive.states, alive.covariances = kalman.predict(
                alive.states, alive.covariances, t - self.times[k - 1], densities
            )
        boxes = self.predict_boxes(k, alive.states, alive.last)
        scores = self.sightings.scores[rows]
        strong, weak = rows[scores >= settings.high], rows[(scores >= settings.low) & (scores < settings.high)]
        confirmed = alive.confirmed(settings)
        free = np.ones(len(alive.names), dtype=bool)
        least = settings.overlap_high
        claimed = self._round(np.flatnonzero(confirmed), strong, boxes, free, least)
        recent = confirmed & free & (t - alive.seen <= settings.low_s)
        claimed += self._round(np.flatnonzero(recent), weak, boxes, free, settings.overlap_low)
        left = _without(strong, claimed)
        claimed += self._round(np.flatnonzero(~confirmed), left, boxes, free, least)
        self._absorb(claimed, t)
        limits = np.where(alive.confirmed(settings), settings.patience_s, settings.tentative_s)
        alive.keep(t - alive.seen <= limits + 1e-6)
        self._births(_without(left, claimed), claimed, t)

    def _round(
        self, tracks: np.ndarray, rows: np.ndarray, boxes: np.ndarray, free: np.ndarray, least: float
    ) -> list[int]:
        """Match some tracks with some sightings; returns the sightings that were claimed."""
        if not len(tracks) or not len(rows):
            return []
        cost = self._cost(tracks, rows, boxes, least)
        pairs = match(cost, _NEVER / 2)
        for r, c in pairs:
            self.labels[rows[c]] = self.alive.names[tracks[r]]
            free[tracks[r]] = False
        return [int(rows[c]) for _, c in pairs]

    def _cost(self, tracks: np.ndarray, rows: np.ndarray, boxes: np.ndarray, least: float) -> np.ndarray:
        seen, settings, alive = self.sightings, self.settings, self.alive
        squared, _ = kalman.distances(
            alive.states[tracks], alive.covariances[tracks], seen.positions[rows], seen.noise[rows]
        )
        overlap = overlaps(boxes[tracks], seen.boxes[rows])
        kit = np.linalg.norm(alive.kits[tracks][:, None] - seen.kits[rows][None], axis=-1) / settings.kit_scale
        cost = settings.distance_weight * squared / settings.gate
        cost += settings.overlap_weight * (1 - overlap)
        cost += settings.kit_weight * np.where(np.isnan(kit), 0.5, np.minimum(kit, 1.0))
        gate = np.where(overlap >= settings.overlap_least, settings.overlap_gate, settings.gate)
        cost[(squared > gate) | (overlap < least)] = _NEVER
        return cost

    def _absorb(self, claimed: list[int], t: float) -> None:
        """Correct the tracks by what they claimed."""
        if not claimed:
            return
        rows = np.array(claimed)
        alive, seen = self.alive, self.sightings
        place = {int(name): i for i, name in enumerate(alive.names)}
        at = np.array([place[int(name)] for name in self.labels[rows]])
        alive.states[at], alive.covariances[at] = kalman.update(
            alive.states[at], alive.covariances[at], seen.positions[rows], seen.noise[rows]
        )
        alive.last[at], alive.scales[at] = rows, seen.scales[rows]
        alive.hits[at] += 1
        alive.seen[at] = t
        old, new = alive.kits[at], seen.kits[rows]
        blend = np.maximum(0.1, 1.0 / alive.hits[at])[:, None]
        mixed = np.where(np.isnan(old), new, old + blend * (new - old))
        alive.kits[at] = np.where(np.isnan(new), old, mixed)

    def _births(self, rows: np.ndarray, claimed: list[int], t: float) -> None:
        seen = self.sightings
        rows = rows[seen.scores[rows] >= self.settings.birth]
        if len(rows) and claimed:
            rows = rows[contained(seen.boxes[rows], seen.boxes[claimed]).max(axis=1) < self.settings.duplicate]
        if len(rows):
            self.alive.add(self._born(rows, t))


def _without(rows: np.ndarray, claimed: list[int]) -> np.ndarray:
    """Return the rows that nobody claimed, in order."""
    taken = set(claimed)
    return np.array([row for row in rows.tolist() if row not in taken], dtype=int)


def associate(
    times: np.ndarray, sightings: Sightings, settings: Association, predict_boxes: PredictBoxes
) -> np.ndarray:
    """Give every sighting of one shot to a track.

    Args:
        times: the instants of the shot in seconds, strictly increasing; those without a sighting count too.
        sightings: what was seen.
        settings: thresholds.
        predict_boxes: where a track's box is expected.

    Returns:
        n labels, 0 and up in order of birth, -1 for sightings that no track took. A track that was never confirmed
        gets -1.
    """
    run = _Run(times, sightings, settings, predict_boxes)
    order = np.arange(len(sightings.step))
    edges = np.searchsorted(sightings.step, np.arange(len(times) + 1))
    for k in range(len(times)):
        run.step(k, order[edges[k] : edges[k + 1]])
    return _confirmed_only(run.labels, times[sightings.step], settings)


def agreed(times: np.ndarray, sightings: Sightings, settings: Association, predict_boxes: PredictBoxes) -> np.ndarray:
    """Give every sighting of one shot to a piece of a track on which both directions of time agree.

    Where people cross, an association that goes forwards and one that goes backwards take different turns as soon as
    the cues do not settle who is who (the forward-backward check of Kalal et al. 2010). What both put together is one
    piece; whose piece follows which is left to linking, which sees both ends.

    Args:
        times: see ``associate``, as are the others.
        sightings: what was seen.
        settings: thresholds.
        predict_boxes: where a track's box is expected.

    Returns:
        n labels, 0 and up in order of birth, -1 for sightings that neither direction took.
    """
    last, count = len(times) - 1, len(sightings.step)
    ahead = associate(times, sightings, settings, predict_boxes)
    turned = Sightings(**{name: values[::-1] for name, values in vars(sightings).items()})
    turned = replace(turned, step=last - turned.step)

    def behind(step: int, states: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return predict_boxes(last - step, states, count - 1 - rows)

    back = associate(times[-1] - times[::-1], turned, settings, behind)[::-1]
    pieces = _common(ahead, back, _settled(sightings, (ahead >= 0) | (back >= 0), settings), sightings.step)
    return _confirmed_only(pieces, times[sightings.step], settings)


def _settled(sightings: Sightings, taken: np.ndarray, settings: Association) -> np.ndarray:
    """Return for n sightings whether one direction of time is enough.

    It is for a good score, with which the other direction could have started a track, and for a box that no other one
    in its frame touches: there is nobody else whom it might show.
    """
    return (sightings.scores >= settings.birth) | (covered(sightings, taken) < settings.alone)


def covered(sightings: Sightings, taken: np.ndarray) -> np.ndarray:
    """Return for n sightings the most that one other box of the frame shares of the smaller one; 1 if not ``taken``."""
    result = np.ones(len(sightings.step))
    rows = np.flatnonzero(taken)
    for here in np.split(rows, np.flatnonzero(np.diff(sightings.step[rows])) + 1):
        shared = contained(sightings.boxes[here], sightings.boxes[here])
        np.fill_diagonal(shared, 0.0)
        result[here] = shared.max(axis=1, initial=0.0)
    return result


def _common(ahead: np.ndarray, back: np.ndarray, settled: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Number the pieces of two labellings: two sightings follow one another in a piece if they do so in both.

    What only one of them took contradicts nothing. Where that is enough, it goes to the piece of its track that is
    nearest in time, unless the other one has something else there; where its track has no piece, it makes one.
    """
    both = (ahead >= 0) & (back >= 0)
    pieces, count = np.full(len(ahead), -1), 0
    last: tuple[dict[int, int], dict[int, int]] = {}, {}
    for row in np.flatnonzero(both):
        names = int(ahead[row]), int(back[row])
        before = [seen.get(name, -1) for seen, name in zip(last, names, strict=True)]
        if before[0] >= 0 and before[0] == before[1]:
            pieces[row] = pieces[before[0]]
        else:
            pieces[row], count = count, count + 1
        for seen, name in zip(last, names, strict=True):
            seen[name] = int(row)
    result = pieces.copy()
    for names in (ahead, back):
        alone = (names >= 0) & ~both & settled
        for name in np.unique(names[alone]):
            rows, core = np.flatnonzero((names == name) & alone), np.flatnonzero((names == name) & both)
            if len(core):
                nearest = np.abs(step[core][None] - step[rows][:, None]).argmin(axis=1)
                result[rows] = pieces[core[nearest]]
            else:
                result[rows], count = count, count + 1
    _, inverse, times = np.unique(np.column_stack([result, step]), axis=0, return_inverse=True, return_counts=True)
    return np.where((times[inverse.ravel()] > 1) & ~both, -1, result)


def _confirmed_only(labels: np.ndarray, t: np.ndarray, settings: Association) -> np.ndarray:
    """Number the confirmed tracks from 0 in order of birth, the others -1."""
    result = np.full(len(labels), -1)
    count = 0
    order = np.argsort(labels, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if not len(rows) or labels[rows[0]] < 0:
            continue
        if len(rows) >= 2 and t[rows[-1]] - t[rows[0]] >= settings.confirm_s - 1e-6:
            result[rows] = count
            count += 1
    return result
