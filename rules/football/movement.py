"""Who of the offense moves: velocities over a stretch of time with their sigma, and steps rather than sway.

A velocity is the slope of the best straight line through the positions of ``velocity_window`` seconds, never a
difference of two frames, and nothing after the snap goes into one before it. Its sigma takes the errors as white and
as correlated over the ontology's time, whichever is worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rules import formulas
from rules.distances import Entity
from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Plane, from_margin
from rules.timers import Count

if TYPE_CHECKING:
    from rules.football.presnap import Phase


@dataclass(frozen=True, eq=False)
class Course:
    """How somebody moves over a phase: arrays (time,); metres and seconds, forward and sideways of the offense.

    Attributes:
        x: forward.
        y: sideways.
        vx: velocity forward.
        vy: velocity sideways.
        sv: 1-sigma of a component of the velocity.
        sigma: 1-sigma of a coordinate.
        apart: how far he gets from where he is within the time of a step, before and after.
    """

    x: Floats
    y: Floats
    vx: Floats
    vy: Floats
    sv: Floats
    sigma: Floats
    apart: Floats

    @property
    def speed(self) -> Floats:
        """Length of the velocity."""
        return np.asarray(np.hypot(self.vx, self.vy))


def course(phase: Phase, person: Entity) -> Course:
    """Return how somebody moves over a phase."""
    return phase.remember(("course", person.id), lambda: _course(phase, person))


def _course(phase: Phase, person: Entity) -> Course:
    play, axis = phase.play, phase.axis
    motion = play.distances.motion(person.id, axis)
    line = phase.forward(person.id)
    half = play.edition.si("velocity_window") / 2
    last = int(np.searchsorted(axis, phase.end.low, side="right"))
    tau = play.ontology.defaults.tau_s
    sigma = line.sigma
    vx, white = _slopes(axis, line.value, half, last)
    vy, _ = _slopes(axis, motion.y, half, last)
    spread = 2 * half
    correlated = np.sqrt(2 * (1 - np.exp(-spread / tau))) / spread
    sv = sigma * np.maximum(white, correlated)
    sv = np.where(np.isfinite(vx) & np.isfinite(vy) & np.isfinite(sv), sv, np.inf)
    if play.gives_velocities(person.id):
        vx, vy = phase.direction * motion.vx, motion.vy
        sv = np.where(np.isfinite(vx) & np.isfinite(vy), motion.sv, np.inf)
    return Course(
        line.value, motion.y, vx, vy, sv, sigma, _apart(axis, line.value, motion.y, last, play.edition.si("step_time"))
    )


def moving(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody moves: faster than a man who stands sways, and a step away from where he was."""
    own = course(phase, person)
    faster = speed_atom(phase, f"{person.id} moving", own.speed, own.sv, phase.edition.si("still_speed"))
    sway = phase.edition.si("sway") / 2
    away = distance_atom(phase, f"{person.id} a step from where he stood", own, sway, sway)
    return formulas.both(faster, away).named(f"{person.id} moving")


def tells_rest(phase: Phase, person: Entity, since: float) -> bool:
    """Whether somebody who stands still from an instant to the end of a phase is known to do so."""
    here = phase.before & (phase.axis >= since)
    slow = phase.k * course(phase, person).sv[here] < phase.edition.si("still_speed")
    return bool(here.any() and slow.all())


def speed_atom(phase: Phase, text: str, speed: Floats, sigma: Floats, limit: float) -> Formula:
    """Return the atom that a speed is above a limit."""
    lost = ~np.isfinite(speed) | ~np.isfinite(sigma)
    margin = np.where(lost, np.nan, speed - limit)
    spread = np.where(lost, np.inf, sigma)
    nothing = np.zeros((0, len(phase)))
    return formulas.measured(
        text, Evidence(margin, spread, np.zeros(len(phase)), spread, nothing, unit="m/s"), "tracks", phase.k
    )


def distance_atom(phase: Phase, text: str, own: Course, limit: float, slack: float) -> Formula:
    """Return the atom that somebody gets further than a limit from where he is within the time of a step."""
    lost = ~np.isfinite(own.apart) | ~np.isfinite(own.sigma)
    spread = np.where(lost, np.inf, np.sqrt(2.0) * own.sigma)
    margin = np.where(lost, np.nan, own.apart - limit)
    nothing = np.zeros((0, len(phase)))
    open_ = np.full(len(phase), slack)
    return formulas.measured(text, Evidence(margin, spread, open_, spread, nothing), "tracks", phase.k)


def _slopes(axis: Floats, values: Floats, half: float, last: int) -> tuple[Floats, Floats]:
    """Return the slope of the best line around each instant, and its 1-sigma per unit of white noise.

    Nothing at or after the position ``last`` is used; where there are fewer than three samples it is not a number.
    """
    low = np.searchsorted(axis, axis - half - 1e-9)
    high = np.minimum(np.searchsorted(axis, axis + half + 1e-9), last)
    low = np.minimum(low, np.maximum(high - 1, 0))
    origin = axis[0]
    t, v = axis - origin, values
    known = np.isfinite(v)
    columns = [
        known,
        np.where(known, t, 0),
        np.where(known, v, 0),
        np.where(known, t * t, 0),
        np.where(known, t * v, 0),
    ]
    sums = [np.concatenate(([0.0], np.cumsum(column.astype(np.float64)))) for column in columns]
    n, st, sx, stt, stx = (total[high] - total[low] for total in sums)
    enough = n >= 3
    n = np.where(enough, n, 1.0)
    spread = stt - st * st / n
    good = enough & (spread > 1e-9)
    slope = np.where(good, (stx - st * sx / n) / np.where(good, spread, 1.0), np.nan)
    return slope, np.where(good, 1.0 / np.sqrt(np.where(good, spread, 1.0)), np.inf)


def gets_away(phase: Phase, person: Entity, limit: float) -> Plane:
    """Return in which of his movements before the snap somebody gets further than a change of stance takes him."""
    own = course(phase, person)
    last = int(np.searchsorted(phase.axis, phase.end.low, side="right"))
    apart = _apart(phase.axis, own.x, own.y, last, phase.edition.si("stance_change_time"))
    sigma = np.where(np.isfinite(own.sigma), np.sqrt(2.0) * own.sigma, np.inf)
    away = from_margin(apart - limit, sigma, 0.0, phase.k)
    run = phase.moving(person).plane.may
    return Plane(_whole_runs(run, away.must), _whole_runs(run, away.may))


def _whole_runs(run: Bools, mark: Bools) -> Bools:
    """Return the stretches of a mask in which a mark is set somewhere."""
    result = np.zeros(len(run), np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], run, [False])).astype(np.int8)))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        result[first:stop] = mark[first:stop].any()
    return result


def _apart(axis: Floats, x: Floats, y: Floats, last: int, seconds: float) -> Floats:
    """Return how far somebody gets within some time before or after each instant, up to the position ``last``."""
    result = np.zeros(len(axis))
    for offset in range(1, len(axis)):
        dt = axis[offset:] - axis[:-offset]
        near = dt <= seconds + 1e-9
        if not near.any():
            break
        off = np.where(near, np.hypot(x[offset:] - x[:-offset], y[offset:] - y[:-offset]), 0.0)
        off[max(last - offset, 0) :] = 0.0
        result[offset:] = np.fmax(result[offset:], off)
        result[:-offset] = np.fmax(result[:-offset], off)
    return np.where(np.isfinite(x), result, np.nan)


def longer_than(mask: Bools, axis: Floats, seconds: float) -> Bools:
    """Return the stretches of a mask that last longer than so many seconds, from their first stamp to their last."""
    result = np.zeros(len(mask), np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        result[first:stop] = axis[stop - 1] - axis[first] > seconds
    return result


def rests(still: Plane, shift: Plane, axis: Floats, blur: float) -> Count:
    """Return the longest stillness since the last shift, as it may have been, at every instant.

    Args:
        still: where nobody moves.
        shift: where there is a shift.
        axis: (time,) seconds.
        blur: by how much a stillness may have been longer than it looks, seconds. What lies between a stamp at which it
            held and one at which it did not may belong to it too; so may what lies before the first stamp.
    """
    low, high = np.zeros(len(axis)), np.zeros(len(axis))
    best_low, best_high, run_low, run_high = 0.0, np.inf, 0.0, 0.0
    for i in range(len(axis)):
        step = axis[i] - axis[i - 1] if i else 0.0
        near = still.may[i] or (i > 0 and still.may[i - 1])
        run_low = run_low + step if still.must[i] and i > 0 and still.must[i - 1] else 0.0
        run_high = (run_high if i > 0 and still.may[i - 1] else 0.0) + step if near else 0.0
        run_low = 0.0 if shift.may[i] else run_low
        best_low = 0.0 if shift.may[i] else max(best_low, run_low)
        run_high = 0.0 if shift.must[i] else run_high
        best_high = 0.0 if shift.must[i] else max(best_high, run_high + blur if near else 0.0)
        low[i], high[i] = best_low, best_high
    return Count(low, high)
