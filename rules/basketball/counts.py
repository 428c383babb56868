"""Counts of seconds in the lane: whose, when they run, what suspends them, and what a count comes to in a stay.

A stay is the time from somebody's first to his last contact with the lane. The count of a stay has an interval; what
the events or the tracks cannot settle about its pauses is told apart from what they cannot settle about the count
itself, so that a verdict says which of the two is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import erfc

import numpy as np

from rules import formulas
from rules.basketball.play import GAP_S, Play, runs
from rules.context import OTHER, Happening
from rules.distances import Entity
from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Plane, known
from rules.operators import unless
from rules.propositions import Instant, Prop, fact, read
from rules.timers import Count, timer

LOOKS_S = (1.0, 2.0, 3.0)  # for so long the looks at an uncertain contact are taken together
OUT_AND_BACK_S = 1.0  # nobody takes both feet out of the lane and back in less: four steps
ACCELERATION = 5.0  # m/s^2, between two samples: the hardest starts and stops of players on wood
WALKING = 0.5  # m/s: who is slower on the average stands
SQRT2, SQRT3 = np.sqrt(2.0), np.sqrt(3.0)
STILL_M = 0.1  # a player on his way out goes no deeper than this
STAY_S = 2.0  # the shortest stay that is an opportunity
TOWARDS = 0.5  # m/s towards the basket: slower is standing
REACHED_S = 1e-9


@dataclass(frozen=True)
class Stay:
    """Somebody may be in contact with the lane from ``start`` up to ``stop``, positions of the axis.

    ``person`` is None where the count is a team's.
    """

    person: Entity | None
    start: int
    stop: int
    certain: bool


@dataclass(frozen=True, eq=False)
class Watch:
    """The counts of one player: as it is if nothing suspends it beyond doubt, and with everything that may."""

    plain: Count
    full: Count


def stays(play: Play, person: Entity, end: str) -> list[Stay]:
    """Return the stays of somebody in the lane at an end that are long enough, in order of time.

    Long enough is judged by where he most likely was, and as far as his feet reach from there; how long he was in
    contact for certain, and at most, is another matter.
    """
    inside, axis = contact(play, person, end), play.axis
    evidence = play.in_lane(person, end)
    likely = inside.may & (evidence.margin + evidence.slack > 0)
    found = []
    for start, stop in runs(inside.may):
        longest = max((axis[start + b - 1] - axis[start + a] for a, b in runs(likely[start:stop])), default=0.0)
        if longest >= STAY_S - REACHED_S:
            surely = max((axis[start + b - 1] - axis[start + a] for a, b in runs(inside.must[start:stop])), default=0.0)
            found.append(Stay(person, start, stop, bool(surely >= STAY_S)))
    return found


@dataclass(frozen=True, eq=False)
class Steps:
    """When somebody steps into the lane and out of it, as one edge of a plane of contact.

    Attributes:
        contact: whether he is in contact with the lane.
        evidence: by how much.
    """

    contact: Plane
    evidence: Evidence

    def alone(self, resets: Plane, here: slice) -> bool:
        """Whether nothing but contact leaves open over a time whether a count is set back."""
        return bool(
            np.array_equal(resets.must[here], ~self.contact.may[here])
            and np.array_equal(resets.may[here], ~self.contact.must[here])
        )

    def edge(self, axis: Floats, start: int, stop: int) -> tuple[int, float] | None:
        """Return where a step over the line is most likely, and its variance, seconds squared.

        The line is passed somewhere within the reach of a foot, evenly, and the ground point has its own error. None
        where he goes to and fro.
        """
        margin = self.evidence.margin[start - 1 : stop + 1]
        into = margin > 0
        turns = np.flatnonzero(into[1:] != into[:-1])
        length = float(axis[stop] - axis[start - 1])
        speed = abs(float(margin[-1] - margin[0])) / length
        if len(turns) != 1 or speed <= 0:
            return None
        middle = start + int(turns[0])
        error = float(self.evidence.slack[middle]) ** 2 / 3 + float(self.evidence.sigma[middle]) ** 2
        return middle, min(error / speed**2, length**2 / 12)

    def touch(self, axis: Floats, start: int, stop: int, k: float) -> tuple[slice, float, float] | None:
        """Return from when to when somebody touches the lane who may not, with feet as far out as they reach.

        And the variances of both ends, seconds squared: ``start`` and ``stop`` are k sigma away.
        """
        reached = np.flatnonzero(self.evidence.margin[start:stop] + self.evidence.slack[start:stop] > 0)
        if not len(reached):
            return None
        first, last = start + int(reached[0]), start + int(reached[-1])
        ends = axis[first] - axis[start - 1], axis[stop] - axis[last]
        return slice(first, last + 1), float(ends[0] / k) ** 2, float(ends[1] / k) ** 2


def steps(play: Play, person: Entity, end: str) -> Steps:
    """Return when somebody steps into the lane and out of it."""
    key = ("steps", person.id, end)
    return play.remember(key, lambda: Steps(contact(play, person, end), _looks(play, person, end)))


def _looks(play: Play, person: Entity, end: str) -> Evidence:
    whole = play.in_lane(person, end).at(slice(0, play.count))
    return replace(whole, sigma=between_samples(play, person, whole.sigma))


def contact(play: Play, person: Entity, end: str) -> Plane:
    """Return whether somebody is in contact with the lane in live play; false where nobody tracks him."""
    return play.remember(("contact", person.id, end), lambda: _contact(play, person, end))


def _contact(play: Play, person: Entity, end: str) -> Plane:
    evidence = _looks(play, person, end)
    plane = formulas.measured("", evidence, k=play.k).plane
    plane = _looked_at(play, person, evidence, plane)
    tracked = np.isfinite(evidence.sigma) & play.tracked(person)
    return plane & play.live & known(tracked)


def between_samples(play: Play, person: Entity, sigma: Floats, acceleration: float = ACCELERATION) -> Floats:
    """Return sigma with the error of a straight line between two samples as players on a wooden floor make it.

    Zone assignment takes the hardest stop of any sport as its bound.
    """
    times = play.times_of(person)
    if len(times) < 2:
        return sigma
    left = np.clip(np.searchsorted(times, play.axis, side="right") - 1, 0, len(times) - 2)
    after, before = play.axis - times[left], times[left + 1] - play.axis
    ends = [np.searchsorted(play.axis, times[left + one] - REACHED_S) for one in (0, 1)]
    sampled = np.maximum(*(sigma[np.minimum(place, play.count - 1)] for place in ends))
    tight = np.hypot(sampled, acceleration * after * before / 2 / play.k)
    inside = (after >= 0) & (before >= 0) & (after + before <= GAP_S)
    return np.where(inside, np.minimum(sigma, tight), sigma)


def _looked_at(play: Play, person: Entity, evidence: Evidence, plane: Plane) -> Plane:
    """Return whether somebody is in contact, told from several looks where no single one tells.

    Who is in contact before and after has not been out for less than ``OUT_AND_BACK_S`` with both feet, unless
    his ground point was out as far as a foot reaches on the average; and the other way round. And a contact that lasts
    for 1, 2 or 3 s is looked at more than once; see ``_out_at_least_once``.
    """
    out, kept = np.zeros(play.count, np.bool_), plane.must.copy()
    for start, stop in runs(plane.may & ~plane.must & np.isfinite(evidence.sigma)):
        least, duration = float(evidence.margin[start:stop].min()), play.axis[stop - 1] - play.axis[start]
        inner = start > 0 and stop < play.count and duration < OUT_AND_BACK_S
        if inner and plane.must[start - 1] and plane.must[stop] and least > 0:
            kept[start:stop] = True
        elif inner and not plane.may[start - 1] and not plane.may[stop] and evidence.margin[start:stop].max() < 0:
            out[start:stop] = True
        for seconds in LOOKS_S if least < 0 else ():
            for first, last in _pieces(play.axis[start:stop], seconds):
                piece = slice(start + first, start + last + 1)
                if _out_at_least_once(play, person, evidence, piece):
                    out[piece.start + int(np.argmin(evidence.margin[piece]))] = True
    return Plane(kept & ~out, (plane.may | kept) & ~out)


def _out_at_least_once(play: Play, person: Entity, evidence: Evidence, piece: slice) -> bool:
    """Return whether somebody was out of contact at some instant of a time, by all looks together.

    Errors are independent after ``tau``, and of a player who walks so is where his feet are around his ground point;
    who stands may keep a foot where it is. Each look finds him in contact with the probability that the average
    margin gives; if that all of them do is less likely than an error of k sigma, he was out.
    """
    duration = float(play.axis[piece.stop - 1] - play.axis[piece.start])
    motion = play.distances.motion(person.id, play.axis)
    path = float(np.hypot(np.diff(motion.x[piece]), np.diff(motion.y[piece])).sum())
    walks = path > WALKING * duration
    margin, reach = float(evidence.margin[piece].mean()), float(evidence.slack[piece.start])
    sigma = float(evidence.sigma[piece].min())
    z = margin / np.hypot(sigma, reach / SQRT3) if walks else (margin + reach) / max(sigma, REACHED_S)
    looks = 1.0 + duration / play.ontology.defaults.tau_s
    return bool((0.5 * erfc(-z / SQRT2)) ** looks < 0.5 * erfc(play.k / SQRT2))


def _pieces(axis: Floats, seconds: float) -> Iterator[tuple[int, int]]:
    """Yield the first and last positions of the parts of a time that are at least so long."""
    count = int((axis[-1] - axis[0]) / seconds)
    if count:
        edges = np.searchsorted(axis, np.linspace(axis[0], axis[-1], count + 1) - 1e-9)
        yield from pairwise(np.minimum(edges, len(axis) - 1).tolist())


def frontcourt(play: Play, team: str) -> Plane:
    """Return whether a team controls the ball in its frontcourt, with the game clock running."""
    return play.remember(("frontcourt", team), lambda: play.court(team).holds("front") & play.clock_runs())


def within(play: Play, mask: Bools, seconds: float) -> Bools:
    """Return where a mask becomes true within some seconds from now; so it may where the scene ends before."""
    places = np.where(mask, np.arange(len(mask)), len(mask))
    following = np.minimum.accumulate(places[::-1])[::-1]
    t = np.append(play.axis, play.axis[-1])[following]
    return np.asarray(t - play.axis <= seconds)


def leaving(play: Play, person: Entity, end: str) -> Plane:
    """Return whether it is imminent that somebody leaves the lane.

    That is a judgement: as reported. Where it is not all reported, who goes straight out at ``exit_speed`` or more, and
    is out within ``imminent_exit`` leaves before everybody's eyes. He may be leaving when the tracks show that he may
    be out by then; where play is stopped before he is out, when he would be out soon at his pace.
    """
    return play.remember(("leaving", person.id, end), lambda: _leaving(play, person, end))


def _leaving(play: Play, person: Entity, end: str) -> Plane:
    listed = _lasting(play, "exit_imminent", person)
    soon, inside = play.edition.si("imminent_exit"), contact(play, person, end)
    evidence = play.in_lane(person, end)
    shown, open_ = _went_out(play, inside, evidence, soon), ~inside.must & ~_steps_in(play, inside)
    for start, stop in runs(inside.must):
        out = float(play.axis[stop - 1])
        depth = evidence.margin[start:stop]
        if stop < play.count and not play.live.may[stop]:
            out += _time_to_leave(play.axis[start:stop], depth, soon)
        open_[start:stop] = _outwards(depth) & (out - play.axis[start:stop] <= soon)
    told = ~play.complete("exit_imminent")
    goes = _goes_out(play, inside, evidence, soon) & told
    return Plane(listed | goes, listed | goes | ((shown | open_) & told))


def _goes_out(play: Play, inside: Plane, evidence: Evidence, soon: float) -> Bools:
    """Return where somebody leaves the lane before everybody's eyes: he goes straight out, and is out in a moment.

    At no less than ``exit_speed`` on the average up to where he is out with both feet beyond doubt.
    """
    result, speed = np.zeros(play.count, np.bool_), play.edition.si("exit_speed")
    for start, stop in runs(inside.may):
        if stop == play.count or not play.live.must[stop] or not inside.must[start:stop].any():
            continue
        first = max(start, int(np.searchsorted(play.axis, play.axis[stop] - soon - REACHED_S)))
        depth, left = evidence.margin[first : stop + 1], play.axis[stop] - play.axis[first : stop + 1]
        goes = (depth - depth[-1] >= speed * left) & (np.diff(depth, append=-np.inf) < 0)
        result[first:stop] = np.logical_and.accumulate(goes[::-1])[::-1][:-1]
    return result


def _went_out(play: Play, inside: Plane, evidence: Evidence, soon: float) -> Bools:
    """Return where somebody seems about to leave the lane in the tracks: he went straight out, and was out.

    His body passes the line from his last sure contact on; who takes longer than ``OUT_AND_BACK_S`` from there lingers,
    and is about to leave when he most likely was.
    """
    result = np.zeros(play.count, np.bool_)
    likely = evidence.margin > 0
    for start, stop in runs(inside.may):
        if stop == play.count or not play.live.must[stop] or not likely[start:stop].any():
            continue
        last = start + int(np.flatnonzero(likely[start:stop])[-1])
        sure = np.flatnonzero(inside.must[start:stop])
        if len(sure) and play.axis[stop] - play.axis[start + sure[-1]] <= OUT_AND_BACK_S:
            last = min(last, start + int(sure[-1]))
        first = max(start, int(np.searchsorted(play.axis, play.axis[last] - soon - REACHED_S)))
        result[first:stop] = _outwards(evidence.margin[first:stop])
    return result


def _steps_in(play: Play, inside: Plane) -> Bools:
    """Return where contact with the lane is open as somebody comes into it: surely out before, surely in after."""
    result = np.zeros(play.count, np.bool_)
    for start, stop in runs(inside.may & ~inside.must):
        if start > 0 and stop < play.count and not inside.may[start - 1] and inside.must[stop]:
            result[start:stop] = play.axis[stop] - play.axis[start - 1] <= OUT_AND_BACK_S
    return result


def _outwards(depth: Floats) -> Bools:
    """Return from where on somebody goes no deeper into the lane any more."""
    deepest = np.maximum.accumulate(depth[::-1])[::-1]
    return np.asarray(depth >= deepest - STILL_M)


def _time_to_leave(axis: Floats, depth: Floats, soon: float) -> float:
    """Return how long somebody would take out of the lane at the pace of his last moments, seconds."""
    before = int(np.searchsorted(axis, axis[-1] - soon / 2))
    pace = (depth[before] - depth[-1]) / max(float(axis[-1] - axis[before]), 1e-6)
    return float(depth[-1] / pace) if pace > 1e-6 else np.inf


def shooting(play: Play, person: Entity) -> Plane:
    """Return whether somebody is in the act of shooting.

    As reported, from the shot's begin to the release. Where that is not all reported, whoever may have the ball
    may be shooting when his team's control may end soon, or while he moves towards the basket.
    """
    team = person.team or "home"
    told = shots(play, [one for one in play.listed("shot") if one.entity == person.id])
    ends = within(play, ~play.control(team).plane.must, play.edition.si("continuous_motion"))
    open_ = ~play.complete("shot") & play.holds(person).may & (ends | _towards_basket(play, person))
    return Plane(told.must, told.may | open_)


def shots(play: Play, begun: Sequence[Happening]) -> Plane:
    """Return where somebody is in the act of shooting, as reported: from the begin of a shot to the release.

    He may be over the whole uncertain instant at which he begins.
    """
    must, may = np.zeros(play.count, np.bool_), np.zeros(play.count, np.bool_)
    longest = play.edition.si("continuous_motion")
    for one in begun:
        over = [later for later in play.listed("release", "loose", "rim") if later.t >= one.t]
        stop = min(min((later.high for later in over), default=one.t), one.t + longest)
        may[play.stretch(one.low, stop)] = True
        must[play.stretch(one.high, stop)] |= one.certain
    return Plane(must, may | must)


def _lasting(play: Play, kind: str, person: Entity) -> Bools:
    result = np.zeros(play.count, np.bool_)
    for one in play.listed(kind):
        if one.entity == person.id and one.certain:
            result[play.window(one.low, one.high if one.until is None else one.until)] = True
    return result


def _towards_basket(play: Play, person: Entity) -> Bools:
    motion = play.distances.motion(person.id, play.axis)
    sign = play.scene.attack_sign(person.team or "home", play.axis)
    x, y, _ = play.field.landmark("basket_right")
    dx, dy = sign * x - motion.x, y - motion.y
    with np.errstate(invalid="ignore", divide="ignore"):
        speed = (motion.vx * dx + motion.vy * dy) / np.maximum(np.hypot(dx, dy), REACHED_S)
    return ~(speed < TOWARDS)


def watch(
    play: Play, run: Plane, pauses: Plane, resets: Plane, initial: tuple[float, float], walked: Steps | None = None
) -> Watch:
    """Return the counts of one player; the plain one takes a pause that is open for none."""
    sure = known(pauses.must)
    plain, full = (counted(play, run, one, resets, initial, walked) for one in (sure, pauses))
    return watched(plain, full)


def watched(plain: Count, full: Count) -> Watch:
    """Return two counts of one player of which the full one is never greater: what may suspend it adds nothing."""
    high = np.minimum(full.high, plain.high)
    return Watch(plain, Count(np.minimum(full.low, high), high))


def counted(
    play: Play, run: Plane, pauses: Plane, resets: Plane, initial: tuple[float, float], walked: Steps | None = None
) -> Count:
    """Return a count in which the errors of its edges do not all add up.

    The timer takes every edge (a step into the lane, a catch, a pass that is lost) as early or as late as it may be.
    Edges are independent: about their middles, each evenly within its bounds, the count errs by the root of the sum of
    their squares. Where a step over a line of the lane is all that is open, it is where the ground point passes it,
    within the reach of a foot (``walked``). What is open for other reasons stays as open as it is.
    """
    widest = up_to_its_end(play, timer(run, pauses, resets, play.axis, initial), run & ~pauses, resets)
    (runs_on, run_error), (stands, pause_error) = (_edges(play, plane) for plane in (run, pauses))
    begins, reset_error = _edges(play, resets, walked)
    middle = timer(runs_on, stands, begins, play.axis, initial)
    middle = up_to_its_end(play, middle, runs_on & ~stands, begins)
    errors = np.cumsum(np.maximum(np.maximum(run_error, pause_error), reset_error))
    latest = np.maximum.accumulate(np.where(resets.must, np.arange(play.count), -1))  # what was open before is over
    spread = play.k * np.sqrt(errors - np.where(latest >= 0, errors[np.maximum(latest, 0)], 0.0))
    low = np.maximum(widest.low, middle.low - spread)
    return Count(low, np.maximum(low, np.minimum(widest.high, middle.high + spread)))


def _edges(play: Play, plane: Plane, walked: Steps | None = None) -> tuple[Plane, Floats]:
    """Return a plane whose short changes are settled at their middles, and the variances of those, seconds squared.

    A change is short when it is no longer than the samples may be apart. One that a stop of play ends stays open: the
    count may go on up to the stop. Who may have touched the lane, but never surely, did so for as long as his feet
    reach it, give or take the errors of both ends.
    """
    axis = play.axis
    must, may, variance = plane.must.copy(), plane.may.copy(), np.zeros(len(axis))
    for start, stop in runs(plane.may & ~plane.must):
        if start == 0 or stop == len(axis) or not play.live.may[stop]:
            continue
        step = walked if walked is not None and walked.alone(plane, slice(start - 1, stop + 1)) else None
        if plane.must[start - 1] != plane.must[stop]:
            middle, error = _change(axis, start, stop, step)
            if error is not None:
                must[start:middle] = may[start:middle] = plane.must[start - 1]
                must[middle:stop] = may[middle:stop] = plane.must[stop]
                variance[start] = error  # from where on the change may have come
        elif plane.must[stop] and step is not None:
            touch = step.touch(axis, start, stop, play.k)
            if touch is not None:
                here, before, after = touch
                must[start : here.start] = must[here.stop : stop] = True
                variance[start] += before
                variance[here.stop - 1] += after
    return Plane(must, may), variance


def _change(axis: Floats, start: int, stop: int, step: Steps | None) -> tuple[int, float | None]:
    """Return where a plane changes that is open from ``start`` to ``stop``, and the variance; None: it stays open."""
    told = step.edge(axis, start, stop) if step is not None else None
    if told is not None:
        return told
    length = float(axis[stop] - axis[start - 1])
    middle = int(np.searchsorted(axis, (axis[stop] + axis[start - 1]) / 2))
    return middle, length**2 / 12 if length <= GAP_S else None


def up_to_its_end(play: Play, counted: Count, going: Plane, resets: Plane) -> Count:
    """Return a count with what it may have gained between its last stamp and the one at which it is surely over.

    Where play was stopped, tracks tell that this was before the next sample, not when.
    """
    last = np.flatnonzero(resets.must[1:] & ~resets.must[:-1])
    gain = np.diff(play.axis)[last]
    stopped = ~play.live.may[last + 1]
    times = play.ball_times() if play.balls else play.scene.times
    following = np.searchsorted(times, play.axis[last], side="right")
    there = following < len(times)
    rest = np.where(there, times[np.minimum(following, len(times) - 1)] - play.axis[last], 0.0)
    gain = np.where(stopped & (rest <= GAP_S), np.maximum(rest, gain), gain)
    high = counted.high.copy()
    high[last] += np.where(going.may[last], gain, 0.0)
    return Count(counted.low, high)


def shown_at_start(play: Play, person: Entity, team: str) -> tuple[float, float]:
    """Return what the count of somebody may show when the scene starts, with his opponents or his team in control."""
    initial = play.scene.initial
    if initial.get("possession") == OTHER[team] or initial.get("frontcourt") is False:
        return 0.0, play.lead()
    given = initial.get("lane_time", {}).get(person.id)
    if given is not None:
        return float(given), float(given) + play.lead()
    since = initial.get("control_since")
    return 0.0, np.inf if since is None else max(0.0, float(play.axis[0] - since))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a count came to in a stay: whether it went over the limit, when, and whether it ran at all."""

    prop: Prop
    instant: Instant
    ran: bool
    surely_ran: bool
    settled: bool | None

    def at(self, instant: Instant) -> Outcome:
        """Return it at another instant."""
        return replace(self, instant=instant)


def outcome(play: Play, stay: Stay, counted: Watch, limit: float, text: str, excuse: str) -> Outcome:
    """Return what a player's count came to in one of his stays.

    Args:
        play: the scene.
        stay: whose and when.
        counted: his counts.
        limit: seconds that are still legal.
        text: the statement that the count is beyond the limit.
        excuse: name of what suspends the count.
    """
    here = slice(stay.start, stay.stop)
    plain, full = (_of(stay.person, one.reaches(limit, text, k=play.k)) for one in (counted.plain, counted.full))
    first = _value(plain.plane, here)
    final = _value(full.plane, here)
    place = stay.start + _telling(
        *((counted.full, full.plane) if final is True else (counted.plain, plain.plane)), here, first
    )
    t = float(play.axis[place])
    prop = read(Instant(t, t, t, play.k), plain, play.axis)
    excused = _excused(first, final, counted, here, limit)
    told = excuse if stay.person is None else f"{stay.person.id}: {excuse}"
    whole = unless(prop, fact(told, excused, t, "tracks"), excuse)
    instant = _reached(play, counted, here, limit) if final is not False else None
    if instant is None:
        last = float(play.axis[stay.stop - 1])
        instant = Instant(last, last, last, play.k)
    return Outcome(
        whole,
        instant,
        bool((counted.full.high[here] > REACHED_S).any()),
        bool((counted.full.low[here] > REACHED_S).any()),
        final,
    )


def _of(person: Entity | None, formula: Formula) -> Formula:
    """Return the atom with the player that it is about."""
    if person is None or formula.evidence is None:
        return formula
    return replace(formula, evidence=formula.evidence.about(person.id))


def _value(plane: Plane, here: slice) -> bool | None:
    return True if plane.must[here].any() else (None if plane.may[here].any() else False)


def _excused(first: bool | None, final: bool | None, counted: Watch, here: slice, limit: float) -> bool | None:
    """Return whether what suspends the count keeps it within the limit, where it would not stay there itself."""
    if final is True or first is False:
        return False
    if final is False:
        return True
    same = np.array_equal(counted.plain.low[here] > limit, counted.full.low[here] > limit)
    return False if same and first is None else None


def _telling(count: Count, plane: Plane, here: slice, value: bool | None) -> int:
    """Return the position in a stay where the count tells most: the longest that is certain, or that is possible."""
    low, high = count.low[here], count.high[here]
    if value is True:
        return int(np.argmax(low))
    if value is False:
        return int(np.argmax(high))
    middle = low + np.where(np.isfinite(high), high, low)
    return int(np.argmax(np.where(plane.may[here], middle, -1.0)))


def _reached(play: Play, counted: Watch, here: slice, limit: float) -> Instant | None:
    """Return when the count went over the limit: possibly, most likely, and certainly; None if it cannot have."""
    axis = play.axis[here]
    low, high = counted.full.low[here], counted.full.high[here]
    finite = np.where(np.isfinite(high), high, low)
    early = _crossing(axis, np.where(np.isfinite(high), high, limit + 1.0), limit)
    if early is None:
        return None
    late = _crossing(axis, low, limit)
    late = float(axis[-1]) if late is None else late
    middle = _crossing(axis, (low + finite) / 2, limit)
    nominal = min(max(early, (early + late) / 2 if middle is None else middle), late)
    return Instant(nominal, min(early, nominal), max(late, nominal), play.k)


def _crossing(axis: Floats, values: Floats, limit: float) -> float | None:
    """Return when values first go over a limit, on the line between two stamps; None where they never do."""
    over = np.flatnonzero(values > limit)
    if not len(over):
        return None
    place = int(over[0])
    if place == 0 or not 0.0 < values[place] - values[place - 1] <= 2 * (axis[place] - axis[place - 1]):
        return float(axis[place])
    share = (limit - values[place - 1]) / (values[place] - values[place - 1])
    return float(axis[place - 1] + share * (axis[place] - axis[place - 1]))


def lanes(play: Play, team: str) -> Iterator[tuple[str, Plane]]:
    """Yield each end that a team attacks in the scene, and where on the axis it does."""
    sign = play.scene.attack_sign(team, play.axis)
    for end, which in (("left", -1), ("right", 1)):
        here = sign == which
        if here.any():
            yield end, known(here)
