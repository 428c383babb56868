"""Who has the ball, from tracking alone: what its samples show, and what must have gone on between them.

A team controls the ball while one of its players holds or dribbles it, and while it passes. So control begins with a
*grip*, when the ball stays within reach of one team and clearly nearer to it than to the other, and goes on from one
sample with that team to the next, unless the ball came to the ring between them, flew where nobody reaches it, was
with an opponent, or was loose for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules.kleene import Bools, Floats, Ints, Plane

REACH_M = 1.5  # from a ground point to a ball that is held or dribbled: an arm and a step
NEARER_M = 0.3  # a ball is with the one of two who is nearer by this: two hands' width
OVERHEAD_M = 2.6  # a ball above this is not under control, unless somebody jumps
OUT_OF_REACH_M = 3.6  # a ball above this is in nobody's hand: the highest reach in a jump
RING_M = 1.2  # a ball this close to the ring, seen from above,
RING_HEIGHT_M = 2.7  # and this high, is a shot, a dunk or a rebound
GRIP_S = 0.4  # a touch in passing is shorter
PASS_S = 2.0  # a pass is in the air for less; after longer it is a loose ball
SAME_S = 1e-6
SET_S = 1.5  # whoever runs the shot clock has set it going so long after a team gained the ball
RESET_LOOKS = 2  # a shot clock is set anew no later than this many samples after the ball touched the ring
FREE, HOME, AWAY, BOTH, HIGH, RING = range(6)
CODES = {"home": HOME, "away": AWAY}
OTHER = {"home": "away", "away": "home"}


@dataclass(frozen=True)
class Hold:
    """A team controls the ball from the sample ``first`` to the sample ``last``."""

    team: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Samples:
    """What the samples of the ball show.

    Attributes:
        t: (sample,) seconds.
        code: (sample,) with whom the ball is, or where.
        within: team -> (sample,) whether the ball is within its reach, whoever else's it may be.
        near: team -> (sample,) whether the ball may be within its reach.
        unbroken: (sample - 1,) whether play went on from a sample to the next, without a stop or a gap.
        reset: (sample - 1,) whether the shot clock was set anew between two samples.
        counted: (sample - 1,) whether the shot clock was shown at both, and went on or up.
        held: (sample - 1,) whether it was shown at both, and stood still.
    """

    t: Floats
    code: Ints
    within: dict[str, Bools]
    near: dict[str, Bools]
    unbroken: Bools
    reset: Bools
    counted: Bools
    held: Bools


def within_reach(nearest: dict[str, tuple[Floats, Floats]], z: Floats, sign: float) -> dict[str, Bools]:
    """Return for each team whether the ball is within reach of one of its players; see ``coded``.

    With ``sign`` +1 it surely is, with -1 it may be.
    """
    with np.errstate(invalid="ignore"):
        low = ~(z > OUT_OF_REACH_M)
        return {team: low & ~(value + sign * wide >= REACH_M) for team, (value, wide) in nearest.items()}


def coded(
    nearest: dict[str, tuple[Floats, Floats]], z: Floats, to_ring: Floats, stranger: tuple[Floats, Floats]
) -> Ints:
    """Return with whom the ball is at each sample, or where it is.

    Args:
        nearest: team -> distance of its nearest player to the ball, and k sigma of it, metres.
        z: height of the ball; not a number where unknown.
        to_ring: distance of the ball to the nearer ring, seen from above.
        stranger: distance of the nearest player of whom nobody knows the team, and k sigma of it, metres; he may be of
            either.
    """
    (home, home_open), (away, away_open), (neither, neither_open) = nearest["home"], nearest["away"], stranger
    with np.errstate(invalid="ignore"):
        with_home, with_away = home + home_open < REACH_M, away + away_open < REACH_M
        low = ~(z > OVERHEAD_M)
        code = np.full(len(z), FREE)
        code[low & (with_home | with_away | (neither + neither_open < REACH_M))] = BOTH
        code[low & with_home & (home + NEARER_M < np.minimum(away, neither))] = HOME
        code[low & with_away & (away + NEARER_M < np.minimum(home, neither))] = AWAY
        code[z > OUT_OF_REACH_M] = HIGH
        code[(z > RING_HEIGHT_M) & (to_ring < RING_M)] = RING
    return code


def holds(samples: Samples) -> list[Hold]:
    """Return the times of team control that the samples prove, in order.

    One begins with a grip: two successive samples, at least ``GRIP_S`` apart, at which the ball is with the team. It
    goes on while the ball is with the team again within ``PASS_S``, and nothing between says otherwise.
    """
    found = []
    for team, own in CODES.items():
        chain: list[int] = []
        for place in np.flatnonzero(samples.code == own).tolist():
            if chain and not _goes_on(samples, team, chain[0], chain[-1], place):
                found += _proved(samples, team, chain)
                chain = []
            chain.append(place)
        found += _proved(samples, team, chain)
    found.sort(key=lambda one: (one.first, one.last))
    return found


def _goes_on(samples: Samples, team: str, begin: int, last: int, place: int) -> bool:
    """Whether the ball stayed with a team from one sample to another at which it has it.

    One look at which an opponent is nearer is no grip of the opponent, with somebody of the team in reach as well or
    with a shot clock that goes on. While it goes on, a ball held up close to the ring is still held, and a ball high in
    the air is passed. A shot clock that is set anew as control begins says nothing against it.
    """
    looks = slice(last + 1, place)
    inner, near = samples.code[looks], samples.within[team][looks]
    after = slice(last, min(place + RESET_LOOKS, len(samples.reset)))
    goes_on = bool(samples.counted[after].all() and not samples.reset[after].any())
    other = (inner == CODES[OTHER[team]]) & (near | goes_on)
    twice = bool((other[1:] & other[:-1]).any())
    held_up = (inner == RING) & near & goes_on
    touched = np.concatenate(([last], last + 1 + np.flatnonzero((inner == BOTH) | (other & near) | held_up), [place]))
    quick = bool((np.diff(samples.t[touched]) <= PASS_S).all())
    passed = np.isin(inner, (FREE, BOTH)) | other | held_up | ((inner == HIGH) & goes_on)
    anew = samples.reset[max(last, begin + RESET_LOOKS) : place].any()
    return quick and bool(passed.all()) and not twice and bool(samples.unbroken[last:place].all()) and not bool(anew)


def _proved(samples: Samples, team: str, chain: list[int]) -> list[Hold]:
    """Return the control that a chain of samples proves: from its first grip to its end, and a struggle after it."""
    begin = chain[0] if chain else 0
    for place, following in pairwise(chain):
        if not bool((samples.code[place + 1 : following] == BOTH).all()):
            begin = following
        elif samples.t[following] - samples.t[begin] >= GRIP_S:
            return [Hold(team, begin, _struggle(samples, chain[-1]))]
    return []


def _struggle(samples: Samples, last: int) -> int:
    """Return the last look at a contested ball that nobody else was seen with before play stopped, or it was shot."""
    place = last
    while place + 1 < len(samples.code) and samples.unbroken[place] and samples.code[place + 1] == BOTH:
        place += 1
    over = place + 1 >= len(samples.code) or not samples.unbroken[place] or samples.code[place + 1] in (RING, HIGH)
    return place if over else last


def control(samples: Samples, axis: Floats) -> dict[str, Plane]:
    """Return over the axis which team controls the ball, as far as tracking tells."""
    must = {team: np.zeros(len(axis), np.bool_) for team in CODES}
    may = {team: np.ones(len(axis), np.bool_) for team in CODES}
    found = holds(samples)
    for one in found:
        here = _between(axis, samples.t[one.first], samples.t[one.last])
        must[one.team][here] = True
        may[OTHER[one.team]][here] = False
    for team in CODES:
        for low, high in [*_far_away(samples, team), *_not_begun(samples)]:
            may[team][_between(axis, low, high)] = False
    for one, following in pairwise(found):
        _after(samples, axis, may, one, following)
    return {team: Plane(must[team], may[team] | must[team]) for team in CODES}


def _after(samples: Samples, axis: Floats, may: dict[str, Bools], one: Hold, following: Hold) -> None:
    """Mark who cannot have controlled the ball between two successive times of control."""
    here = _between(axis, samples.t[one.last], samples.t[following.first])
    for place in one.last + np.flatnonzero(samples.reset[one.last : following.first]):
        for team in CODES:  # the ball was at the ring or lost before the clock was set anew
            may[team][_between(axis, samples.t[place] + SAME_S, samples.t[place + 1] - SAME_S)] = False
    ring = _ring(samples, slice(one.last, following.first + 1))
    if ring is not None:
        gone = _between(axis, samples.t[_left_the_hand(samples, one, ring[0])], samples.t[ring[1]])
        for team in CODES:
            may[team][gone] = False
        if _nobody_else(samples, OTHER[one.team], one.last, ring[0]):
            may[OTHER[one.team]][_between(axis, samples.t[one.last], samples.t[ring[0]])] = False
        if _nobody_else(samples, OTHER[following.team], ring[1], following.first):
            may[OTHER[following.team]][_between(axis, samples.t[ring[1]], samples.t[following.first])] = False
    elif one.team == following.team:
        may[OTHER[one.team]][here] &= not _nobody_else(samples, OTHER[one.team], one.last, following.first)


def _far_away(samples: Samples, team: str) -> list[tuple[float, float]]:
    """Return when a team has lost the ball: nobody of it is near for longer than a pass takes, and opponents are.

    From the first look after that at which an opponent has it within reach, until somebody of the team may have it.
    """
    near, found = np.flatnonzero(samples.near[team]), []
    for first, last in pairwise(near.tolist()):
        late = (samples.t[first:last] > samples.t[first] + PASS_S) & samples.within[OTHER[team]][first:last]
        if late.any():
            found.append((float(samples.t[first + int(np.argmax(late))]), float(samples.t[last] - SAME_S)))
    return found


def _not_begun(samples: Samples) -> list[tuple[float, float]]:
    """Return when no team has gained the ball yet: play goes on, but the shot clock that was set anew stands still.

    It is started as a team gains the ball, and whoever runs it takes ``SET_S`` at most.
    """
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], samples.held & samples.unbroken, [False])).astype(np.int8)))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if samples.reset[max(first - RESET_LOOKS, 0) : first].any():
            found.append((float(samples.t[first]), float(samples.t[last]) - SET_S))
    return found


def _between(axis: Floats, low: float, high: float) -> slice:
    return slice(int(np.searchsorted(axis, low, side="left")), int(np.searchsorted(axis, high, side="right")))


def _ring(samples: Samples, inner: slice) -> tuple[int, int] | None:
    """Return the first and the last look at a ball that came to the ring or was on its way, or None.

    Where the shot clock is shown it tells: a ball at the ring or out of reach was shot if the clock was set anew then.
    """
    places = np.arange(inner.start, inner.stop)
    ends = np.minimum(places + RESET_LOOKS, len(samples.reset))
    told = np.array([bool(samples.counted[a:b].all()) for a, b in zip(places, ends, strict=True)], np.bool_)
    anew = bool(samples.reset[inner.start : inner.stop - 1].any())
    soon = np.array([bool(samples.reset[a:b].any()) for a, b in zip(places, ends, strict=True)], np.bool_)
    code = samples.code[inner]
    shot = np.where(told, (np.isin(code, (RING, HIGH)) & anew) | ((code == RING) & soon), code == RING)
    here = np.flatnonzero(shot)
    return None if not len(here) else (int(inner.start + here[0]), int(inner.start + here[-1]))


def _nobody_else(samples: Samples, team: str, first: int, last: int) -> bool:
    """Whether a team was surely not with the ball between two samples of unbroken play."""
    alone = not bool(np.isin(samples.code[first : last + 1], (CODES[team], BOTH)).any())
    return alone and bool(samples.unbroken[first:last].all())


def _left_the_hand(samples: Samples, one: Hold, ring: int) -> int:
    """Return the first sample from which on a ball that came to the ring was with nobody."""
    held = np.isin(samples.code[one.last : ring], (HOME, AWAY, BOTH))
    return one.last + int(np.flatnonzero(held)[-1]) + 1 if held.any() else ring


def stacked(values: Sequence[Floats], count: int) -> Floats:
    """Return rows of values (row, sample), infinite where nothing is known; one such row where there are none."""
    rows = np.array(values, np.float64).reshape(-1, count) if values else np.full((1, count), np.inf)
    return np.where(np.isfinite(rows), rows, np.inf)
