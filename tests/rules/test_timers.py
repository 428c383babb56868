"""A stop-watch never says less or more than one that was watched without a pause between the time stamps."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.kleene import Floats, Plane, known
from rules.timers import Count, timer

State = list[float]  # the instants at which a state changes; it is false before the first


def holds(state: State, t: float) -> bool:
    return sum(change < t for change in state) % 2 == 1


@st.composite
def states(draw: st.DrawFn, axis: list[float]) -> State:
    """Draw a state that changes at most once between two time stamps."""
    changes = [-1.0] if draw(st.booleans()) else []
    for low, high in pairwise(axis):
        if draw(st.booleans()):
            changes.append(low + (high - low) * draw(st.floats(0.05, 0.95)))
    return changes


def seen(draw: st.DrawFn, state: State, axis: list[float]) -> Plane:
    truth = np.array([holds(state, t) for t in axis])
    hidden = np.array([draw(st.integers(0, 4)) == 0 for _ in axis])
    return Plane(truth & ~hidden, truth | hidden)


def reported(events: list[tuple[float, float]], axis: Floats) -> Plane:
    must, may = np.zeros(len(axis), np.bool_), np.zeros(len(axis), np.bool_)
    for t, width in events:
        first, last = np.searchsorted(axis, [t - width, t + width])
        may[first : last + 1] = True
        must[last : last + 1] = True
    return Plane(must, may)


def shown(run: State, pause: State, reset: State, restarts: list[float], axis: list[float]) -> list[float]:
    """Follow a watch that shows half a second at the first time stamp from change to change."""
    instants = sorted({*axis, *(t for t in [*run, *pause, *reset, *restarts] if axis[0] <= t <= axis[-1])})
    value, at_stamps = 0.5, []
    for place, t in enumerate(instants):
        if t in restarts or holds(reset, t):
            value = 0.0
        if t in axis:
            at_stamps.append(value)
        if place + 1 < len(instants):
            middle = (t + instants[place + 1]) / 2
            if holds(reset, middle):
                value = 0.0
            elif holds(run, middle) and not holds(pause, middle):
                value += instants[place + 1] - t
    return at_stamps


@given(st.data(), st.lists(st.sampled_from([0.04, 0.3, 0.9]), min_size=1, max_size=5))
@settings(deadline=None)
def test_the_interval_holds_the_true_count(data: st.DataObject, steps: list[float]) -> None:
    axis = [0.0, *np.cumsum(steps).tolist()]
    run, pause, reset = (data.draw(states(axis)) for _ in range(3))
    places = st.floats(0.01, 0.99).map(lambda share: share * axis[-1])
    restarts = data.draw(st.lists(st.tuples(places, st.sampled_from([0.0, 0.2])), max_size=2))
    stamps = np.array(axis)
    inputs = [seen(data.draw, state, axis) for state in (run, pause, reset)]
    count = timer(*inputs, stamps, (0.5, 0.5), restart=reported(restarts, stamps))
    true = np.array(shown(run, pause, reset, [t for t, _ in restarts], axis))
    assert np.all(count.low <= true + 1e-9)
    assert np.all(true <= count.high + 1e-9)


def test_a_timer_runs_pauses_and_starts_again() -> None:
    axis = np.arange(8.0)
    pause = known([False, False, True, True, True, False, False, False])
    reset = known([False] * 6 + [True, False])
    count = timer(known([True] * 8), pause, reset, axis)
    assert count.low.tolist() == [0, 1, 1, 1, 1, 1, 0, 0]  # the changes lie somewhere between two stamps
    assert count.high.tolist() == [0, 1, 2, 2, 2, 3, 0, 1]


def test_a_timer_with_unknown_inputs_carries_an_interval() -> None:
    nobody_knows = Plane(np.zeros(5, bool), np.array([False, False, True, False, False]))
    count = timer(known([True] * 5), known([False] * 5), nobody_knows, np.arange(5.0), initial=(0.5, 2.0))
    assert count.low.tolist() == [0.5, 1.5, 0, 0, 1]
    assert count.high.tolist() == [2, 3, 4, 5, 6]
    reached = count.reaches(2.2, "longer than 2.2 s")
    assert [reached.plane.value(i) for i in range(5)] == [False, None, None, None, None]


def test_a_game_clock_that_stands_still_does_not_count() -> None:
    lapse = np.array([1.0, 0.0, 0.0, 1.0])
    count = timer(known([True] * 5), known([False] * 5), known([False] * 5), np.arange(5.0), lapse=lapse)
    assert count.low.tolist() == count.high.tolist() == [0, 1, 1, 1, 2]


@pytest.mark.parametrize(("low", "value"), [(3.5, True), (2.9, None), (3.05, None)])
def test_a_count_of_unknown_beginning_is_beyond_a_limit_when_its_least_is(low: float, value: bool | None) -> None:
    count = Count(np.array([low]), np.array([np.inf]))
    formula = count.reaches(3.0, "more than 3 s", sigma=0.05)
    assert formula.plane.value(0) is value
    if value:
        assert formula.evidence is not None
        assert formula.evidence.margin[0] == pytest.approx(low - 3.0)
