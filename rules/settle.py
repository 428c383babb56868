"""Settling a verdict: what all completions of the unknown atoms agree on, what blocks, what would flip it.

Kleene's connectives over-abstain where an atom occurs twice. So the unknown atoms at a verdict's instant that do are
enumerated, at most ``LIMIT`` of them; beyond that the Kleene value stands and the verdict says ``truncated``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.kleene import Truth
from rules.propositions import Leaf, Prop
from rules.reduction import LIMIT, Values, decide, essential


@dataclass(frozen=True)
class Shift:
    """A move of an entity, metres, that takes the margin of one leaf through zero or to certainty."""

    entity: str
    dx: float
    dy: float
    leaf: Leaf

    @property
    def length(self) -> float:
        """Length of the move, metres."""
        return float(np.hypot(self.dx, self.dy))


def values_of(prop: Prop) -> dict[str, Truth]:
    """Return the Kleene value of each leaf."""
    return {key: leaf.value for key, leaf in prop.leaves().items()}


def settle(prop: Prop, values: Values | None = None) -> Truth:
    """Return what all completions agree on, or None where they do not."""
    return decide(prop, values_of(prop) if values is None else values)[0]


def blockers(prop: Prop) -> tuple[list[Leaf], bool]:
    """Return the smallest set of unknown leaves whose every value decides, and whether it was truncated.

    It is in the order of the proposition. A truncated one holds the first ``LIMIT`` leaves that may matter.
    """
    leaves, values = prop.leaves(), values_of(prop)
    value, exact = decide(prop, values)
    if value is not None:
        return [], False
    keys, all_of_them = essential(prop, values)
    truncated = not exact or not all_of_them or len(keys) > LIMIT
    return [leaves[key] for key in keys[:LIMIT]], truncated


def support(prop: Prop, verdict: Truth) -> list[Leaf]:
    """Return a minimal set of leaves that the verdict rests on, in order of appearance.

    Leaves are given up one by one, the least certain first; what cannot be given up without losing the
    verdict is kept. For an undecided proposition these are the blocking leaves, the known ones whose
    opposite would decide it, and whatever was measured to hold.
    """
    leaves = prop.leaves()
    if verdict is None:
        relevant = _relevant(prop)
        return [leaf for key, leaf in leaves.items() if key in relevant]
    values = values_of(prop)
    order = sorted(
        (leaf for leaf in leaves.values() if leaf.value is not None),
        key=lambda leaf: (_weight(leaf), leaf.key),
    )
    _give_up(prop, verdict, values, order)
    return [leaf for key, leaf in leaves.items() if values[key] is not None]


def _give_up(prop: Prop, verdict: Truth, values: dict[str, Truth], order: list[Leaf]) -> None:
    """Make leaves unknown one by one, in place, as long as the verdict stays; many at once where all of them can go.

    What is unknown never brings a verdict back, so a number of leaves can go together just when each can in turn.
    """
    trial = {**values, **dict.fromkeys(leaf.key for leaf in order)}
    if order and settle(prop, trial) is verdict:
        values.update(trial)
    elif len(order) > 1:
        half = len(order) // 2
        _give_up(prop, verdict, values, order[:half])
        _give_up(prop, verdict, values, order[half:])


def _relevant(prop: Prop) -> set[str]:
    """Return the leaves of an undecided proposition whose being known or otherwise would matter."""
    values = values_of(prop)
    leaves = prop.leaves().items()
    found = {leaf.key for leaf in blockers(prop)[0]}
    found |= {key for key, leaf in leaves if leaf.value is True and leaf.margin is not None}
    for key, value in values.items():
        if value is not None and settle(prop, {**values, key: not value}) is not None:
            found.add(key)
    return found


def _weight(leaf: Leaf) -> float:
    """Return how certain a leaf is, |margin| / sigma; a reported fact is as certain as can be."""
    if leaf.margin is None or leaf.sigma is None:
        return np.inf
    return abs(leaf.margin) / leaf.sigma if leaf.sigma > 0 else np.inf


def flipping(prop: Prop, verdict: Truth) -> Leaf | None:
    """Return the leaf with the smallest |margin| / sigma whose change of sign changes the verdict.

    Into the opposite one where that is possible, else into an undecided one.
    The leaves of one entity move together. Of an undecided proposition it is the least certain blocking leaf
    that was measured.
    """
    if verdict is None:
        pool = [leaf for leaf in blockers(prop)[0] if leaf.margin is not None]
        pool = pool or [leaf for leaf in prop.leaves().values() if leaf.value is None and leaf.margin is not None]
    else:
        goals: tuple[Truth, ...] = (not verdict, None)
        pools = ([shift.leaf for shift in _shifts(prop, goal, certain=False)] for goal in goals)
        pool = next((found for found in pools if found), _fixed_flips(prop, verdict))
    return min(pool, key=lambda leaf: (_weight(leaf), leaf.key), default=None)


def weakest(cited: list[Leaf]) -> Leaf | None:
    """Return the measured leaf with the smallest |margin| / sigma of those that a verdict rests on.

    That is the margin of a verdict that no single change turns over: of two players who are both over the
    line, what is cited is the one who is further.
    """
    return min(
        (leaf for leaf in cited if leaf.margin is not None), key=lambda leaf: (_weight(leaf), leaf.key), default=None
    )


def smallest_shift(prop: Prop, verdict: Truth) -> Shift | None:
    """Return the shortest move of one entity that turns a definite verdict into the other one."""
    if verdict is None:
        return None
    return min(_shifts(prop, not verdict, certain=True), key=lambda shift: (shift.length, shift.entity), default=None)


def joint_shifts(prop: Prop) -> list[Shift]:
    """Return the moves of several entities, one each, that together clear a violation which no single move clears.

    Each is the shortest that clears it once the others, whose atoms hold it up as well, are out of the way. None
    when there is no such set, or when it has more than ``TOGETHER`` entities.
    """
    values = values_of(prop)
    holding = {who: own for who, own in _movable(prop).items() if any(leaf.value is True for leaf in own)}
    if not 1 < len(holding) <= TOGETHER:
        return []
    found = []
    for who, own in holding.items():
        away = {leaf.key: False for other, leaves in holding.items() if other != who for leaf in leaves if leaf.value}
        best = _shortest(prop, False, own, True, {**values, **away})
        if best is not None:
            found.append(best)
    moved = {leaf.key: _after(leaf, shift, True) for shift in found for leaf in holding[shift.entity]}
    return found if settle(prop, {**values, **moved}) is False else []


def _fixed_flips(prop: Prop, verdict: Truth) -> list[Leaf]:
    """Return the measured leaves that nobody moves (a distance between two) whose opposite flips the verdict."""
    values = values_of(prop)
    return [
        leaf
        for key, leaf in prop.leaves().items()
        if leaf.margin is not None and settle(prop, {**values, key: leaf.margin <= 0}) is (not verdict)
    ]


def _shifts(prop: Prop, goal: Truth, certain: bool) -> list[Shift]:
    """Return, per entity, the shortest move that makes the verdict the goal."""
    values = values_of(prop)
    found = (_shortest(prop, goal, own, certain, values) for own in _movable(prop).values())
    return [shift for shift in found if shift is not None]


def _movable(prop: Prop) -> dict[str, list[Leaf]]:
    """Return the leaves of each entity whose move changes them, in order of the entities' ids."""
    movable: dict[str, list[Leaf]] = {}
    for leaf in prop.leaves().values():
        if leaf.entity is not None and leaf.normal is not None and leaf.margin is not None:
            movable.setdefault(leaf.entity, []).append(leaf)
    return dict(sorted(movable.items()))


def _shortest(prop: Prop, goal: Truth, leaves: list[Leaf], certain: bool, values: Values) -> Shift | None:
    """Return the shortest move of the one whose leaves these are that makes the verdict the goal."""
    candidates = sorted(
        (candidate for leaf in leaves for candidate in _candidates(leaf, certain)),
        key=lambda s: s.length,
    )
    for shift in candidates:
        moved = {leaf.key: _after(leaf, shift, certain) for leaf in leaves}
        if settle(prop, {**values, **moved}) is goal:
            return shift
    return None


TOGETHER = 4  # more who hold a violation up are not told off one by one
CLEARANCE = 0.02  # metres beyond a threshold, so that rounding does not undo a flip


def _candidates(leaf: Leaf, certain: bool) -> list[Shift]:
    """Return the moves along the leaf's own normal that just make it true, and just make it false."""
    nx, ny, margin = _geometry(leaf)
    square = nx * nx + ny * ny
    if square < 1e-12:
        return []
    if certain:
        gains = [-leaf.low + CLEARANCE, -leaf.high - CLEARANCE]
    else:
        gains = [-margin + float(np.copysign(CLEARANCE, -margin))]
    return [
        Shift(leaf.entity or "", gain * nx / square, gain * ny / square, leaf) for gain in gains if np.isfinite(gain)
    ]


def _after(leaf: Leaf, shift: Shift, certain: bool) -> Truth:
    nx, ny, margin = _geometry(leaf)
    gain = nx * shift.dx + ny * shift.dy
    if not certain:
        return margin + gain > 0
    return True if leaf.low + gain > 0 else (False if leaf.high + gain <= 0 else None)


def _geometry(leaf: Leaf) -> tuple[float, float, float]:
    nx, ny = leaf.normal or (0.0, 0.0)
    return nx, ny, leaf.margin or 0.0
