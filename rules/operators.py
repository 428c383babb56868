"""The temporal operators: windows in seconds, uncertain instants, machines with sets of states.

Names and meanings are those of past-time metric temporal logic (R. Koymans, Specifying real-time properties
with metric temporal logic, 1990), read over Kleene planes at the time stamps. What lies before the first time
stamp is unknown; so is what changes between two time stamps when a window lies wholly between them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules import runs
from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Ints, Plane, known
from rules.propositions import Instant, Prop, read


@dataclass(frozen=True)
class Rise:
    """A change from false to true at an uncertain instant; when not ``certain`` it may not have happened."""

    instant: Instant
    certain: bool


def since(phi: Formula, psi: Formula, axis: Floats, start: float = 0.0, end: float = np.inf) -> Formula:
    """Return where psi held between ``end`` and ``start`` seconds ago and phi has held ever since.

    Args:
        phi: has to hold after the instant of psi, up to now.
        psi: the beginning.
        axis: (time,) seconds, increasing.
        start: the least age of psi, seconds.
        end: the greatest age of psi, seconds.
    """
    decided = phi.plane.decided and psi.plane.decided
    if start > 0:
        must, may = _since_before(phi.plane, psi.plane, axis, start, end)
    else:
        must = runs.since(phi.plane.must, psi.plane.must, axis, end)
        may = must.copy() if decided else runs.since(phi.plane.may, psi.plane.may, axis, end)
    may[: _reaching_back(phi.plane.may, axis, end)] = True
    window = "" if (start, end) == (0.0, np.inf) else f" [{start:g}, {end:g}] s ago"
    return Formula(f"{_told(phi)} since {_told(psi)}{window}", Plane(must, may), "past", (phi, psi))


def once(phi: Formula, axis: Floats, start: float = 0.0, end: float = np.inf) -> Formula:
    """Return where phi held at some time between ``end`` and ``start`` seconds ago."""
    anything = Formula("", Plane(np.ones(len(axis), np.bool_), np.ones(len(axis), np.bool_)))
    plane = since(anything, phi, axis, start, end).plane
    return Formula(f"once in [{start:g}, {end:g}] s: {phi.text}", plane, "past", (phi,))


def historically(phi: Formula, axis: Floats, start: float = 0.0, end: float = np.inf) -> Formula:
    """Return where phi held at every time between ``end`` and ``start`` seconds ago."""
    inner = once(~phi, axis, start, end)
    return Formula(f"always in [{start:g}, {end:g}] s: {phi.text}", ~inner.plane, "past", (phi,))


def eventually(phi: Formula, axis: Floats, start: float = 0.0, end: float = np.inf) -> Formula:
    """Return where phi will hold at some time between ``start`` and ``end`` seconds from then; offline.

    It is ``once`` with time turned round: what lies after the last time stamp is unknown.
    """
    if start:
        turned = Formula("", Plane(phi.plane.must[::-1], phi.plane.may[::-1]))
        plane = once(turned, -axis[::-1], start, end).plane
        plane = Plane(plane.must[::-1], plane.may[::-1])
    else:
        must = runs.ahead(phi.plane.must, axis, end)
        may = must.copy() if phi.plane.decided else runs.ahead(phi.plane.may, axis, end)
        may[bisect_right(axis, axis[-1], key=lambda t: t + end) :] = True
        plane = Plane(must, may)
    text = f"within [{start:g}, {end:g}] s from then: {phi.text}"
    return Formula(text, plane, "past", (phi,))


def held(phi: Formula, axis: Floats, seconds: float) -> Formula:
    """Return where phi has held for ``seconds``."""
    plane = historically(phi, axis, 0.0, seconds).plane
    return Formula(f"{phi.text} for {seconds:g} s", plane, "past", (phi,))


NOTHING = 3  # before the first and after the last stretch; a stretch is 0 false, 1 unknown, 2 true
POSSIBLE = np.zeros((4, 4), np.bool_)  # whether a stretch of unknown between two others may hold a rise
POSSIBLE[[0, 0, NOTHING, 2], [0, NOTHING, 2, 2]] = True
CONCEIVABLE = POSSIBLE.copy()
CONCEIVABLE[[2, NOTHING, 2, NOTHING], [0, 0, NOTHING, NOTHING]] = True


def rise(
    plane: Plane, axis: Floats, evidence: Evidence | None = None, k: float = 2.0, every: bool = False
) -> list[Rise]:
    """Return the changes from false to true, in order of time.

    A stretch of unknown between false and true is one certain rise at an uncertain instant. A stretch of
    unknown that is left to where it was entered from, or that the axis ends with after false or starts with
    before true, is a possible rise. With ``evidence`` (the margin whose sign the plane tells) the instants are
    interpolated between time stamps.

    Args:
        plane: (time,) of the state that begins.
        axis: (time,) seconds, increasing.
        evidence: what the plane was measured from.
        k: how many sigma the bounds of an instant stand for.
        every: also take as possible rises the stretches of unknown in which the state would have had to end
            and begin again unseen, or about which nothing at all is known.
    """
    count = len(axis)
    first = runs.run_starts(count, plane.must, plane.may)
    kinds = plane.must[first].astype(np.int8) + plane.may[first]
    around = np.concatenate(([NOTHING], kinds, [NOTHING]))
    before, after = around[:-2], around[2:]
    certain = (before == 0) & ((kinds == 2) | (kinds == 1) & (after == 2))
    open_ = (kinds == 1) & (CONCEIVABLE if every else POSSIBLE)[before, after]
    found = np.flatnonzero(certain | open_)
    stops = np.where(kinds == 1, np.append(first[1:], count), first)[found]
    spans = np.maximum(first[found] - 1, 0), np.minimum(stops, count - 1)
    sure = certain[found].tolist()
    if evidence is not None:
        pairs = zip(spans[0].tolist(), spans[1].tolist(), sure, strict=True)
        return [Rise(_instant(low, high, axis, evidence, k, one), one) for low, high, one in pairs]
    low, high = axis[spans[0]], axis[spans[1]]
    edges = zip(((low + high) / 2).tolist(), low.tolist(), high.tolist(), sure, strict=True)
    return [Rise(Instant(t, begin, end, k), one) for t, begin, end, one in edges]


def fall(
    plane: Plane, axis: Floats, evidence: Evidence | None = None, k: float = 2.0, every: bool = False
) -> list[Rise]:
    """Return the changes from true to false, in order of time; the arguments are those of ``rise``."""
    return rise(~plane, axis, None if evidence is None else evidence.turned(), k, every)


def at(instant: Instant, phi: Formula, axis: Floats) -> Prop:
    """Return phi over the whole of an uncertain instant: what holds throughout must, what holds anywhere may."""
    return read(instant, phi, axis)


def unless(prop: Prop, exception: Prop, name: str) -> Prop:
    """Return the proposition with an exception taken out of it; the verdict reports the exception's own value."""
    return Prop("and", (prop, Prop("not", (exception,), name=name)))


@dataclass(frozen=True, eq=False)
class States:
    """Which states a machine may be in: ``possible`` has the shape (state, time)."""

    names: tuple[str, ...]
    possible: Bools

    def holds(self, name: str) -> Plane:
        """Return where the machine is in that state."""
        row = self.possible[self.names.index(name)]
        return Plane(row & (self.possible.sum(axis=0) == 1), row)

    def final(self) -> frozenset[str]:
        """Return the states that are possible at the end."""
        return frozenset(name for name, row in zip(self.names, self.possible, strict=True) if row[-1])


Table = Mapping[str, Sequence[tuple[Plane, str]]]


def machine(names: Sequence[str], initial: Sequence[str], table: Table, count: int) -> States:
    """Run a state machine on Kleene inputs, carrying the set of states that it may be in.

    Args:
        names: all states.
        initial: the states that it may start in.
        table: for each state the (condition, next state) pairs; a state makes at most one step per time
            stamp. When two conditions may hold at one time stamp both outcomes stay possible.
        count: number of time stamps.
    """
    states = {name: place for place, name in enumerate(names)}
    arrows = _arrows(names, table)
    steps = [(states[one], place, states[other]) for place, (one, _, other) in enumerate(arrows)]
    planes = [plane for _, plane, _ in arrows]
    signals = {id(signal): signal for plane in planes for signal in (plane.must, plane.may)}
    starts = runs.run_starts(count, *signals.values())
    inputs = [plane.must[starts].astype(np.int8) + plane.may[starts] for plane in planes]
    told, words = _words(np.array(inputs, np.int8).reshape(len(planes), len(starts)))
    follow = [_Follow(steps, word) for word in words]
    positions, sets = _followed(follow, told, starts, count, sum(1 << states[name] for name in initial))
    lengths = np.diff(positions, append=count)
    rows = [np.repeat((sets >> place & 1).astype(np.bool_), lengths) for place in range(len(names))]
    return States(tuple(names), np.array(rows, np.bool_).reshape(len(names), count))


class _Follow(dict[int, int]):
    """For one input of a machine: set of states -> the set after a time stamp.

    It is ``MOVING`` less that where one time stamp more of the same input would change it again.

    Args:
        steps: origin, place of the condition in the input, target.
        given: per condition 0 for false, 1 for unknown, 2 for true.
    """

    def __init__(self, steps: list[tuple[int, int, int]], given: bytes) -> None:
        super().__init__()
        self._steps = steps
        self._given = given

    def __missing__(self, current: int) -> int:
        following = _step(current, self._steps, self._given)
        stays = _step(following, self._steps, self._given) == following
        self[current] = following if stays else MOVING - following
        return self[current]

    def path(self, current: int, length: int) -> list[int]:
        """Return the sets after each of up to ``length`` time stamps, the last one for good; a circle is repeated."""
        found: list[int] = []
        seen: dict[int, int] = {}
        while len(found) < length:
            following = self[current]
            if following > MOVING:
                return [*found, following]
            current = MOVING - following
            if current in seen:
                circle = found[seen[current] :]
                return (found + circle * (length // len(circle)))[:length]
            seen[current] = len(found)
            found.append(current)
        return found


MOVING = -1


def _followed(follow: list[_Follow], told: Ints, starts: Ints, count: int, current: int) -> tuple[Ints, Ints]:
    """Return at which positions a machine steps, and the set of states from each position on.

    Args:
        follow: per input.
        told: (run,) which input is given.
        starts: (run,) first position of each run of one input.
        count: number of positions.
        current: the set of states before the first.
    """
    sets: list[int] = []
    stepped: list[tuple[int, int]] = []  # which runs are stepped through, and in how many steps
    for run, word in enumerate(told.tolist()):
        following = follow[word][current]
        if following > MOVING:
            current = following
            sets.append(current)
        else:
            stop = int(starts[run + 1]) if run + 1 < len(starts) else count
            path = follow[word].path(current, stop - int(starts[run]))
            stepped.append((run, len(path)))
            sets += path
            current = path[-1]
    steps = np.ones(len(starts), np.int64)
    if stepped:
        steps[[run for run, _ in stepped]] = [number for _, number in stepped]
    firsts = np.cumsum(steps) - steps
    positions = np.repeat(starts - firsts, steps) + np.arange(len(sets))
    return positions, np.array(sets, np.int64)


def _words(inputs: NDArray[np.int8]) -> tuple[Ints, list[bytes]]:
    """Return which of the different inputs each run is given, and those; the shape is (condition, run)."""
    if len(inputs) > DIGITS:
        columns, told = np.unique(inputs, axis=1, return_inverse=True)
        return told.reshape(-1), [column.tobytes() for column in columns.T]
    codes = (1 << 2 * np.arange(len(inputs))) @ inputs.astype(np.int64)
    if len(inputs) > DENSE:
        found, told = np.unique(codes, return_inverse=True)
    else:
        found, told = np.arange(4 ** len(inputs)), codes
    return told, [bytes(code >> 2 * place & 3 for place in range(len(inputs))) for code in found.tolist()]


DIGITS = 31  # conditions whose values fit one whole number, two bits each
DENSE = 4  # conditions of which every input is listed


def _arrows(names: Sequence[str], table: Table) -> list[tuple[str, Plane, str]]:
    """Return the steps of a machine: from which state, under which condition, to which."""
    return [(one, plane, other) for one in names for plane, other in table.get(one, ())]


def freeze(event: Formula, holds: Mapping[str, Formula], release: Formula | None = None) -> dict[str, Formula]:
    """Return for each of some entities whether something held of it at the latest event, kept until released.

    Each event takes the set anew; an event and a release at one time stamp take it anew. Nobody is in the set
    before the first event. Where an event may have happened unseen, whoever would have been in the set either
    way is.

    Args:
        event: (time,) where the set is taken.
        holds: entity -> (time,) what is asked of it.
        release: (time,) where the set is given up; None: never.

    >>> from rules.formulas import stated
    >>> from rules.kleene import known
    >>> passed = stated("pass", known([False, True, False, False, True]))
    >>> ahead = {"h9": stated("h9 ahead", known([True, True, False, False, False]))}
    >>> frozen = freeze(passed, ahead)["h9"]
    >>> frozen.text, frozen.plane.must.tolist()
    ('h9 ahead at the latest: pass', [False, True, True, True, False])
    """
    count = len(event)
    ends = known(np.zeros(count, np.bool_)) if release is None else release.plane
    frozen = {}
    for entity, one in holds.items():
        out = (event.plane & ~one.plane) | (ends & ~event.plane) | (ends & ~one.plane)  # the last: whichever it was
        table = {"out": [(event.plane & one.plane, "in")], "in": [(out, "out")]}
        plane = machine(("out", "in"), ("out",), table, count).holds("in")
        frozen[entity] = Formula(f"{_told(one)} at the latest: {event.text}", plane, "past", (one, event))
    return frozen


def _step(current: int, steps: list[tuple[int, int, int]], given: bytes) -> int:
    """Return the set of states after one time stamp, one bit each.

    Args:
        current: the set before.
        steps: origin, place of the condition in ``given``, target.
        given: per condition 0 for false, 1 for unknown, 2 for true.
    """
    following = 0
    for origin in range(current.bit_length()):
        if current >> origin & 1:
            open_ = [(given[place], target) for one, place, target in steps if one == origin and given[place]]
            following |= sum({1 << target for _, target in open_})
            following |= 0 if any(value == 2 for value, _ in open_) else 1 << origin
    return following


def _since_before(phi: Plane, psi: Plane, axis: Floats, start: float, end: float) -> tuple[Bools, Bools]:
    """Return must and may of since with a window that ends ``start`` seconds ago, above 0.

    Where the whole window lies between two time stamps, what psi is in it is told by the stamps on either side: by
    both where it has to hold, by either where it may.
    """
    newest, oldest = runs.behind(axis, start, later=True) - 1, runs.behind(axis, end, later=False)
    between = np.flatnonzero((newest >= 0) & (newest < oldest))
    planes = []
    for held, begun, both in ((phi.must, psi.must, True), (phi.may, psi.may, False)):
        broken, begins = runs.latest(~held), runs.latest(begun)
        began = np.where(newest >= 0, begins[newest], -1)
        result = (began >= np.maximum(oldest, 0)) & (began >= broken)
        if len(between):
            near = newest[between]
            left, right = begun[near], begun[np.minimum(near + 1, len(axis) - 1)]
            result[between] |= (left & right if both else left | right) & (broken[between] <= near)
        planes.append(result)
    return planes[0], planes[1]


def _told(formula: Formula) -> str:
    return f"({formula.text})" if formula.parts else formula.text


def _reaching_back(phi: Bools, axis: Floats, end: float) -> int:
    """Return up to where phi has held since the first time stamp and the window reaches before it."""
    held_for = len(axis) if phi.all() else int(np.argmin(phi))
    return min(held_for, bisect_left(axis, axis[0], key=lambda t: t - end))


def _instant(before: int, after: int, axis: Floats, evidence: Evidence, k: float, certain: bool) -> Instant:
    """Return the instant of a rise between two positions: certainly before, and certainly after."""
    low, high = float(axis[before]), float(axis[after])
    axis, near = axis[before : after + 1], evidence.at(slice(before, after + 1))
    if not certain:
        some = bool(np.any(np.isfinite(near.margin)))
        return Instant(float(axis[int(np.nanargmax(near.margin))]) if some else (low + high) / 2, low, high, k)
    width = near.slack + k * near.sigma
    low = _crossing(axis, near.margin + width, 0, low)
    high = _crossing(axis, near.margin - width, max(len(axis) - 2, 0), high)
    return Instant(_nominal(axis, near.margin, (low + high) / 2), low, high, k)


def _crossing(axis: Floats, values: Floats, left: int, default: float) -> float:
    """Return where the line between two neighbouring values goes through zero."""
    if left + 1 >= len(axis):
        return default
    a, b = float(values[left]), float(values[left + 1])
    if not (np.isfinite(a) and np.isfinite(b)) or a > 0 or b <= a or b < 0:
        return default
    return float(axis[left] + (axis[left + 1] - axis[left]) * (-a) / (b - a))


def _nominal(axis: Floats, margin: Floats, default: float) -> float:
    """Return the last upward zero of the margin."""
    ups = np.flatnonzero((margin[:-1] <= 0) & (margin[1:] > 0))
    return _crossing(axis, margin, int(ups[-1]), default) if len(ups) else default
