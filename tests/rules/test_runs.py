"""Working run by run gives what working time stamp by time stamp gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rules import runs
from rules.kleene import known
from rules.operators import machine

SIGNAL = st.lists(st.booleans(), min_size=1, max_size=40)


@given(SIGNAL, st.data())
def test_runs_cover_the_axis_and_nothing_changes_in_them(one: list[bool], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.booleans(), min_size=len(one), max_size=len(one)))
    starts = runs.run_starts(len(one), np.array(one), np.array(other))
    pairs = list(zip(one, other, strict=True))
    assert starts.tolist() == [n for n in range(len(one)) if n == 0 or pairs[n] != pairs[n - 1]]


@given(SIGNAL)
def test_painting_the_runs_gives_the_signal_back(signal: list[bool]) -> None:
    starts = runs.run_starts(len(signal), np.array(signal))
    stops = np.append(starts[1:], len(signal))
    chosen = np.array(signal)[starts]
    assert runs.painted(starts[chosen], stops[chosen], len(signal)).tolist() == signal
    assert runs.painted(starts, np.where(chosen, stops, starts), len(signal)).tolist() == signal


@given(SIGNAL, st.data())
def test_since_on_uneven_stamps(phi: list[bool], data: st.DataObject) -> None:
    psi = data.draw(st.lists(st.booleans(), min_size=len(phi), max_size=len(phi)))
    steps = data.draw(st.lists(st.sampled_from([0.1, 1 / 60, 1.0]), min_size=len(phi), max_size=len(phi)))
    end = data.draw(st.sampled_from([0.0, 0.1, 0.3, 1.0, np.inf]))
    axis = np.cumsum(steps)
    expected = [
        any(psi[j] and axis[i] - end <= axis[j] and all(phi[j + 1 : i + 1]) for j in range(i + 1))
        for i in range(len(phi))
    ]
    assert runs.since(np.array(phi), np.array(psi), axis, end).tolist() == expected


@given(SIGNAL, st.data())
def test_ahead_on_uneven_stamps(psi: list[bool], data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.sampled_from([0.1, 1 / 60, 1.0]), min_size=len(psi), max_size=len(psi)))
    end = data.draw(st.sampled_from([0.0, 0.1, 0.3, 1.0, np.inf]))
    axis = np.cumsum(steps)
    expected = [any(psi[j] and axis[i] + end >= axis[j] for j in range(i, len(psi))) for i in range(len(psi))]
    assert runs.ahead(np.array(psi), axis, end).tolist() == expected


def test_a_machine_that_goes_to_and_fro_moves_at_every_time_stamp() -> None:
    always = known([True] * 5)
    states = machine(("a", "b"), ("a",), {"a": [(always, "b")], "b": [(always, "a")]}, 5)
    assert states.holds("a").must.tolist() == [False, True, False, True, False]


def test_nothing_is_a_signal_too() -> None:
    nothing = np.zeros(0, np.bool_)
    assert len(runs.run_starts(0, nothing)) == 0
    assert len(runs.since(nothing, nothing, np.zeros(0), 1.0)) == 0
    assert len(runs.ahead(nothing, np.zeros(0), 1.0)) == 0
