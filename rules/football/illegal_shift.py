"""NFL 7-4-8, NCAA 7-1-2: illegal shift.

When two or more players of the offense change position at the same time, the line-up after the huddle included, all
eleven must be set for a full second before the snap, or before another of them goes in motion. When one who moves has
not stopped as a second one starts, that is a shift too. One man in motion alone needs no second.

NFL: a quarterback who goes in motion from under center must stop for a second before a second mover starts.
NCAA: a shift that was never satisfied is a false start: see false_start.py. An illegal shift is one that comes after
the offense had been set.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules import formulas
from rules.football.play import Play
from rules.football.presnap import Phase
from rules.formulas import Evidence, Formula
from rules.operators import at
from rules.registry import Needs, rule
from rules.verdicts import Opportunity


@rule(
    "football.illegal_shift",
    clause={"nfl-2025": "NFL 7-4-8", "ncaa-2025": "NCAA 7-1-2-a"},
    needs=Needs(resolution="point", events=("line_set", "snap"), context=("attacks", "plays", "roster")),
)
def illegal_shift(play: Play) -> Iterator[Opportunity]:
    """All of the offense must be set for a second after a shift."""
    converts = play.edition.choice("unsatisfied_shift") == "false start"
    for phase in play.snaps:
        broken = unsettled(phase)
        if converts:
            broken = formulas.both(broken, phase.ever_set)
        yield Opportunity(
            phase.end, at(phase.eve, broken, phase.axis), phase.offense, since=float(phase.axis[0]),
            who=movers(phase), movable=False, direction=phase.direction,
        )  # fmt: skip


def unsettled(phase: Phase) -> Formula:
    """Return whether the offense has not been set for long enough since its last shift.

    The margin is in seconds: what the longest rest since that shift lacks.
    """
    limit = phase.edition.si("set_duration")
    plane = (~phase.set_since_shift).plane
    low, high = rest(phase)
    middle, half = (low + high) / 2, (high - low) / 2
    text = f"{phase.offense} not set for {limit:g} s since its last shift"
    told = np.isfinite(high)
    margin, slack = np.where(told, limit - middle, np.nan), np.where(told, half, 0.0)
    sigma = np.where(told, 0.0, np.inf)
    evidence = Evidence(margin, sigma, slack, np.zeros(len(phase)), np.zeros((0, len(phase))), unit="s")
    return Formula(text, plane, evidence=evidence, source="tracks", k=phase.k)


def rest(phase: Phase) -> tuple[np.ndarray, np.ndarray]:
    """Return the longest rest since the last shift, at least and at most, arrays (time,), seconds."""
    still, shift = phase.all_still.plane, phase.shifting.plane
    blur = phase.edition.si("velocity_window")
    return (
        _longest(still.must, shift.may, phase.axis, 0.0),
        _longest(still.may, shift.must, phase.axis, np.inf if still.may[0] else 0.0) + blur,
    )


def _longest(still: np.ndarray, reset: np.ndarray, axis: np.ndarray, initial: float) -> np.ndarray:
    """Return for each instant the longest stretch of stillness since the last reset."""
    result, best, run = np.zeros(len(axis)), 0.0, initial
    for i in range(len(axis)):
        if i:
            run = run + axis[i] - axis[i - 1] if still[i] and still[i - 1] else 0.0
        best = max(0.0 if reset[i] else best, run)
        result[i] = best
    return result


def movers(phase: Phase) -> tuple[str, ...]:
    """Return who of the offense certainly moved in the second before the snap."""
    late = phase.before & (phase.axis >= phase.eve.t - phase.edition.si("set_duration"))
    return tuple(one.id for one in phase.people(phase.offense) if phase.moving(one).plane.must[late].any())
