"""Where everybody is over time: observed samples, and what lies between and beyond them.

Sigma in the tracks is meant after smoothing: nothing is averaged here. Between two observations that are no
further apart than the source's usual step a position is a straight line, off by what the greatest plausible
acceleration allows; in a longer gap, and before the first and after the last observation, by what the
greatest possible speed of the kind allows. A bound that cannot be exceeded counts as ``BOUND_SIGMAS`` sigma.

Long scenes: arrays that hold one value throughout are kept as one value (numpy's broadcasting), and what is
long is worked through in blocks that fit the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ontologies.base import Ontology

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCK = 1 << 15  # instants worked through at a time
BOUND_SIGMAS = 2.0  # a hard bound is worth this many sigma, the usual k of the rules
USUAL_STEPS = 2.5  # a step longer than this many median steps of the scene is a gap
OWN_STEP_S = 0.5  # what is sampled more sparsely than the rest (an annotated puck) has its own usual step, up to this
LONGEST_GAP_S = 5.0  # beyond this nothing is known
HEADING_S = 0.15  # velocities are taken over twice this time
PERSON_ACCELERATION = 10.0  # m/s^2, between two samples: a hard stop on skates or in studs
BALL_ACCELERATION = (
    100.0  # m/s^2, between two samples: friction, flight and boards; a stroke happens between few samples
)


@dataclass(frozen=True)
class Limits:
    """What empty cells mean for a kind, and what its motion allows."""

    sigma: float
    common: float
    speed: float
    acceleration: float
    velocity_sigma: float

    @staticmethod
    def of(domain: Ontology, kind: str, resolution: str | None, part: bool) -> Limits:
        """Return the limits of a kind, or of a body part of it."""
        defaults = domain.defaults
        return Limits(
            defaults.part_sigma_m if part else domain.sigma(kind, resolution),
            defaults.common_m,
            domain.top_speed(kind),
            PERSON_ACCELERATION if domain.kind(kind).person else BALL_ACCELERATION,
            defaults.velocity_sigma,
        )


@dataclass(frozen=True, eq=False)
class Series:
    """The observed samples of one entity or part, in order of time; arrays (sample,), NaN: not given."""

    t: Floats
    x: Floats
    y: Floats
    z: Floats
    sx: Floats
    sy: Floats
    common: Floats
    vx: Floats
    vy: Floats
    sv: Floats
    limits: Limits

    @cached_property
    def median_step(self) -> float:
        """The median time between two samples, seconds."""
        return float(np.median(np.diff(self.t)))

    def own_step(self, usual: float) -> float:
        """Return the longest step that is no gap."""
        if len(self.t) < 3:
            return usual
        return max(usual, min(USUAL_STEPS * self.median_step, OWN_STEP_S))


class Motion:
    """Where an entity or a part is over time; arrays (time,), metres and metres per second, field frame.

    Args:
        series: its samples.
        times: (time,) seconds, increasing.
        usual: the longest step that is no gap, seconds.
    """

    def __init__(self, series: Series, times: Floats, usual: float) -> None:
        self._series = series
        self._times = times
        self._usual = usual

    @cached_property
    def _placed(self) -> tuple[Floats, Floats, Floats, Floats, Bools]:
        series = self._series
        if not len(series.t):
            nothing, wide = constant(np.nan, len(self._times)), constant(np.inf, len(self._times))
            return nothing, nothing, wide, wide, np.zeros(len(self._times), np.bool_)
        same = series.sx is series.sy
        x, y, sx, sy, seen = gathered(lambda block: self._place(self._times[block], same), len(self._times))
        return x, y, sx, sx if same else sy, seen

    def _place(self, times: Floats, same: bool) -> tuple[Floats, Floats, Floats, Floats, Bools]:
        series = self._series
        between = _Between(series.t, times)
        bound, seen = _open_bound(series, times, self._usual, between)
        spread = bound / BOUND_SIGMAS
        sx = np.hypot(between.mixed(series.sx), spread)
        sy = sx if same else np.hypot(between.mixed(series.sy), spread)
        return between.mixed(series.x), between.mixed(series.y), sx, sy, seen

    def _mixed(self, values: Floats) -> Floats:
        """Return values given at the samples at the instants."""
        count = len(self._times)
        if not len(values):
            return constant(np.nan, count)
        if is_constant(values):
            return constant(float(values[0]), count)
        return gathered(lambda block: (_Between(self._series.t, self._times[block]).mixed(values),), count)[0]

    @property
    def x(self) -> Floats:
        """Along the field."""
        return self._placed[0]

    @property
    def y(self) -> Floats:
        """Across the field."""
        return self._placed[1]

    @property
    def sx(self) -> Floats:
        """Own 1-sigma along the field."""
        return self._placed[2]

    @property
    def sy(self) -> Floats:
        """Own 1-sigma across the field."""
        return self._placed[3]

    @property
    def seen(self) -> Bools:
        """Near enough to an observation that this is a measurement, not a guess across a gap."""
        return self._placed[4]

    @cached_property
    def inside(self) -> Bools:
        """Between the first and the last observation of the entity."""
        t, times = self._series.t, self._times
        if not len(t):
            return np.zeros(len(times), np.bool_)
        result: Bools = (t[0] - times <= self._usual) & (times - t[-1] <= self._usual)
        return result

    @cached_property
    def z(self) -> Floats:
        """Above the surface; not a number where unknown."""
        return self._mixed(self._series.z)

    @cached_property
    def common(self) -> Floats:
        """1-sigma that everything in the frame shares."""
        return self._mixed(self._series.common) if len(self._series.t) else constant(0.0, len(self._times))

    @property
    def vx(self) -> Floats:
        """Velocity along the field: of the source, or the slope over twice ``HEADING_S``."""
        return self._velocity[0]

    @property
    def vy(self) -> Floats:
        """Velocity across the field."""
        return self._velocity[1]

    @property
    def sv(self) -> Floats:
        """1-sigma of a component of the velocity."""
        return self._velocity[2]

    @cached_property
    def _velocity(self) -> tuple[Floats, Floats, Floats]:
        series, count = self._series, len(self._times)
        if not len(series.t):
            return constant(np.nan, count), constant(np.nan, count), constant(np.inf, count)
        vx, vy, sv = gathered(self._slope, count)
        return vx, vy, sv

    def _slope(self, block: slice) -> tuple[Floats, Floats, Floats]:
        series, times = self._series, self._times[block]
        between = _Between(series.t, times)
        ahead, behind = times + HEADING_S, times - HEADING_S
        slopes = [
            (np.interp(ahead, series.t, values) - np.interp(behind, series.t, values)) / (2 * HEADING_S)
            for values in (series.x, series.y)
        ]
        noise = np.sqrt(2.0) * between.mixed(np.hypot(series.sx, series.sy)) / (2 * HEADING_S)
        given = [between.mixed(values) for values in (series.vx, series.vy, series.sv)]
        known = np.isfinite(given[0]) & np.isfinite(given[1])
        sigma = np.where(known & np.isfinite(given[2]), given[2], noise)
        spread = _open_bound(series, times, self._usual, between)[0] / BOUND_SIGMAS
        velocity = np.where(known, given[0], slopes[0]), np.where(known, given[1], slopes[1])
        return *velocity, np.hypot(sigma, spread / HEADING_S)


class _Between:
    """Which two samples each instant lies between, and how far on the way from one to the other it is."""

    def __init__(self, stamps: Floats, times: Floats) -> None:
        count = len(stamps)
        right = np.clip(np.searchsorted(stamps, times, side="right"), 1, max(count - 1, 1))
        self.right = np.minimum(right, count - 1)
        self.left = np.maximum(self.right - 1, 0)
        self.step = stamps[self.right] - stamps[self.left]
        after = np.maximum(times - stamps[self.left], 0.0)
        self.share = np.minimum(after / np.where(self.step > 0, self.step, 1.0), 1.0)

    def mixed(self, values: Floats) -> Floats:
        """Return values given at the samples on the straight line between them."""
        if is_constant(values):
            return constant(float(values[0]), len(self.left))
        begin = values[self.left]
        result: Floats = begin + self.share * (values[self.right] - begin)
        return result


def _open_bound(series: Series, times: Floats, usual: float, between: _Between) -> tuple[Floats, Bools]:
    """Return how far off the straight line the truth can be, and whether that is a measurement."""
    limits, step = series.limits, between.step
    after = between.share * step
    outside = np.maximum(series.t[0] - times, times - series.t[-1])
    inside = outside <= 0
    outside = np.maximum(outside, 0.0)
    before = step - after
    nearer = np.minimum(after, before)
    usual_step = step <= usual
    within = np.where(usual_step, limits.acceleration * after * before / 2, limits.speed * nearer)
    bound = np.where(inside, within, limits.speed * outside)
    lost = np.where(inside, np.where(usual_step, 0.0, step), outside) > LONGEST_GAP_S
    seen = inside & (usual_step | (nearer <= 0))
    return np.where(lost & (bound > 0), np.inf, bound), seen


def blocks(count: int) -> Iterator[slice]:
    """Yield the blocks that ``count`` instants are worked through in; one, which may be empty, at least.

    >>> list(blocks(3))
    [slice(0, 3, None)]
    """
    for start in range(0, max(count, 1), BLOCK):
        yield slice(start, min(start + BLOCK, count))


def constant(value: float, count: int) -> Floats:
    """Return one value ``count`` times, kept once.

    >>> constant(2.0, 3)
    array([2., 2., 2.])
    """
    return np.broadcast_to(np.float64(value), (count,))


def is_constant(values: NDArray[np.generic]) -> bool:
    """Whether an array is known to hold one value along its last axis, which is kept once.

    >>> is_constant(constant(2.0, 3)), is_constant(np.full(3, 2.0))
    (True, False)
    """
    return values.shape[-1] > 0 and values.strides[-1] == 0


def base(values: Floats) -> Floats:
    """Return an array with its last axis cut to one where it is kept once; for arithmetic on what is kept.

    >>> base(constant(2.0, 3))
    array([2.])
    """
    return values[..., :1] if is_constant(values) else values


def compact(values: Floats) -> Floats:
    """Return values, kept once where they are all the same or all not a number."""
    if len(values) and (np.isnan(values).all() if np.isnan(values[0]) else bool((values == values[0]).all())):
        return constant(float(values[0]), len(values))
    return values


def gathered(make: Callable[[slice], Sequence[NDArray[np.generic]]], count: int) -> list[NDArray[np.generic]]:
    """Return what is made block by block, each array for the whole time; what is constant is kept once.

    Args:
        make: from a block of instants to arrays (time,) there, always as many.
        count: number of instants.

    >>> gathered(lambda block: (np.arange(3.0)[block], constant(2.0, 3)[block]), 3)
    [array([0., 1., 2.]), array([2., 2., 2.])]
    """
    whole: list[NDArray[np.generic]] = []
    for block in blocks(count):
        pieces = make(block)
        if block.stop == count and not whole:
            return list(pieces)
        whole = whole or [np.broadcast_to(piece[:1], (count,)) for piece in pieces]
        for place, piece in enumerate(pieces):
            kept = whole[place]
            if is_constant(kept) and not (is_constant(piece) and np.array_equal(piece[:1], kept[:1], equal_nan=True)):
                whole[place] = kept = _unfolded(kept, block.start)
            if not is_constant(kept):
                kept[block] = piece
    return whole


def _unfolded(values: NDArray[np.generic], count: int) -> NDArray[np.generic]:
    """Return room for values that are kept once; the first ``count`` are filled in."""
    result = np.empty(len(values), values.dtype)
    result[:count] = values[:count]
    return result


def joined(pieces: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    """Return the pieces one after the other along the last axis, kept once where all of them are that one value."""
    if len(pieces) == 1:
        return pieces[0]
    first = pieces[0][..., :1]
    if all(is_constant(piece) and np.array_equal(piece[..., :1], first, equal_nan=True) for piece in pieces):
        return np.broadcast_to(first, (*first.shape[:-1], sum(piece.shape[-1] for piece in pieces)))
    return np.concatenate(pieces, axis=-1)
