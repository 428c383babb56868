"""The temporal operators: windows in seconds, uncertain instants, machines with sets of states.

Names and meanings are those of past-time metric temporal logic (R. Koymans, Specifying real-time properties
with metric temporal logic, 1990), read over Kleene planes at the time stamps. What lies before the first time
stamp is unknown; so is what changes between two time stamps when a window lies wholly between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

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
    must = _since(phi.plane.must, psi.plane.must, axis, start, end)
    may = _since(phi.plane.may, psi.plane.may, axis, start, end) | _reaches_back(phi.plane.may, axis, end)
    if start > 0:
        must |= _squeezed(phi.plane.must, psi.plane.must, axis, (start, end), both=True)
        may |= _squeezed(phi.plane.may, psi.plane.may, axis, (start, end), both=False)
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


def held(phi: Formula, axis: Floats, seconds: float) -> Formula:
    """Return where phi has held for ``seconds``."""
    plane = historically(phi, axis, 0.0, seconds).plane
    return Formula(f"{phi.text} for {seconds:g} s", plane, "past", (phi,))


POSSIBLE = frozenset({(0, 0), (0, None), (None, 2), (2, 2)})  # what a stretch of unknown lies between: 0 false, 2 true
CONCEIVABLE = POSSIBLE | {(2, 0), (None, 0), (2, None), (None, None)}


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
    taken = CONCEIVABLE if every else POSSIBLE
    levels = np.where(plane.must, 2, np.where(plane.may, 1, 0))
    edges = np.flatnonzero(np.diff(levels)) + 1
    first = np.concatenate(([0], edges))
    last = np.concatenate((edges - 1, [len(levels) - 1]))
    kinds = levels[first]
    found = []
    for run, kind in enumerate(kinds):
        before = int(kinds[run - 1]) if run else None
        after = int(kinds[run + 1]) if run + 1 < len(kinds) else None
        certain = (kind == 2 and before == 0) or (kind == 1 and before == 0 and after == 2)
        possible = kind == 1 and (before, after) in taken
        if certain or possible:
            span = (int(first[run]) - 1, int(last[run]) + 1 if kind == 1 else int(first[run]))
            found.append(Rise(_instant(span, axis, evidence, k, certain), certain))
    return found


def fall(
    plane: Plane, axis: Floats, evidence: Evidence | None = None, k: float = 2.0, every: bool = False
) -> list[Rise]:
    """Return the changes from true to false, in order of time; the arguments are those of ``rise``."""
    turned = None if evidence is None else replace(evidence, margin=-evidence.margin, modes=-evidence.modes)
    return rise(~plane, axis, turned, k, every)


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
    index = {name: i for i, name in enumerate(names)}
    steps = [(index[a], plane, index[b]) for a in names for plane, b in table.get(a, ())]
    runs = _run_starts([plane for _, plane, _ in steps], count)
    possible = np.zeros((len(names), count), np.bool_)
    current = np.isin(np.asarray(names), np.asarray(initial))
    for start, stop in zip(runs, np.append(runs[1:], count), strict=True):
        for position in range(start, stop):
            following = _step(current, steps, position)
            possible[:, position] = following
            if bool(np.all(following == current)):
                possible[:, position:stop] = following[:, None]
                break
            current = following
    return States(tuple(names), possible)


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


def _step(current: Bools, steps: list[tuple[int, Plane, int]], position: int) -> Bools:
    following = np.zeros_like(current)
    for state in np.flatnonzero(current):
        stays = True
        for origin, plane, target in steps:
            if origin == state and plane.may[position]:
                following[target] = True
                stays = stays and not plane.must[position]
        following[state] |= stays
    return following


def _run_starts(planes: Sequence[Plane], count: int) -> Ints:
    """Return the first positions of the stretches in which no plane changes."""
    changed = np.zeros(count, np.bool_)
    changed[0] = True
    for plane in planes:
        changed[1:] |= (plane.must[1:] != plane.must[:-1]) | (plane.may[1:] != plane.may[:-1])
    return np.flatnonzero(changed)


def _latest(mask: Bools) -> Ints:
    """Return for every position the latest position up to it where the mask is true, or -1."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))


def _since(phi: Bools, psi: Bools, axis: Floats, start: float, end: float) -> Bools:
    positions = np.arange(len(axis))
    newest = positions if start == 0 else np.searchsorted(axis, axis - start, side="right") - 1
    oldest = 0 * positions if np.isinf(end) else np.searchsorted(axis, axis - end, side="left")
    began = np.where(newest >= 0, _latest(psi)[np.maximum(newest, 0)], -1)
    result: Bools = (began >= 0) & (began >= _latest(~phi)) & (began >= oldest)
    return result


def _squeezed(phi: Bools, psi: Bools, axis: Floats, window: tuple[float, float], both: bool) -> Bools:
    """Return where since holds by what is between two time stamps, when the whole window lies between them.

    What psi is there is told by the stamps on either side: by both where it has to hold, by either where it may.
    """
    newest = np.searchsorted(axis, axis - window[0], side="right") - 1
    oldest = np.searchsorted(axis, axis - window[1], side="left")
    between = (newest >= 0) & (newest < oldest)
    left, right = np.maximum(newest, 0), np.minimum(newest + 1, len(axis) - 1)
    began = psi[left] & psi[right] if both else psi[left] | psi[right]
    result: Bools = between & began & (_latest(~phi) <= newest)
    return result


def _told(formula: Formula) -> str:
    return f"({formula.text})" if formula.parts else formula.text


def _reaches_back(phi: Bools, axis: Floats, end: float) -> Bools:
    """Return where phi has held since the first time stamp and the window reaches before it."""
    result: Bools = (_latest(~phi) < 0) & (axis - end < axis[0])
    return result


def _instant(span: tuple[int, int], axis: Floats, evidence: Evidence | None, k: float, certain: bool) -> Instant:
    """Return the instant of a rise between two positions: certainly before, and certainly after."""
    before, after = max(span[0], 0), min(span[1], len(axis) - 1)
    low, high = float(axis[before]), float(axis[after])
    if evidence is None or not certain:
        middle = (
            float(axis[before + int(np.nanargmax(evidence.margin[before : after + 1]))])
            if (evidence is not None and np.any(np.isfinite(evidence.margin[before : after + 1])))
            else (low + high) / 2
        )
        return Instant(middle, low, high, k)
    upper = evidence.margin + evidence.slack + k * evidence.sigma
    lower = evidence.margin - evidence.slack - k * evidence.sigma
    low = _crossing(axis, upper, before, low)
    high = _crossing(axis, lower, max(after - 1, 0), high)
    return Instant(_nominal(axis, evidence.margin, before, after, (low + high) / 2), low, high, k)


def _crossing(axis: Floats, values: Floats, left: int, default: float) -> float:
    """Return where the line between two neighbouring values goes through zero."""
    if left + 1 >= len(axis):
        return default
    a, b = float(values[left]), float(values[left + 1])
    if not (np.isfinite(a) and np.isfinite(b)) or a > 0 or b <= a or b < 0:
        return default
    return float(axis[left] + (axis[left + 1] - axis[left]) * (-a) / (b - a))


def _nominal(axis: Floats, margin: Floats, before: int, after: int, default: float) -> float:
    """Return the last upward zero of the margin between two positions."""
    inside = margin[before : after + 1]
    ups = np.flatnonzero((inside[:-1] <= 0) & (inside[1:] > 0))
    return _crossing(axis, margin, before + int(ups[-1]), default) if len(ups) else default
