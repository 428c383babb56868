"""The operators over Kleene planes are sound, and as sharp as completions allow, against enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import operators
from rules.formulas import Evidence, Formula, at_least, both, either, stated
from rules.kleene import Plane, from_margin, known

VALUES = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=5)
STEPS = [0.0, 0.1, 0.35, 0.4, 1.4]


def plane(values: list[bool | None]) -> Plane:
    return Plane(np.array([v is True for v in values]), np.array([v is not False for v in values]))


def atom(values: list[bool | None], text: str = "p") -> Formula:
    return stated(text, plane(values))


def completions(values: list[bool | None]) -> list[list[bool]]:
    return [list(one) for one in product(*([v] if v is not None else [False, True] for v in values))]


def values_of(formula: Formula) -> list[bool | None]:
    return [formula.plane.value(i) for i in range(len(formula))]


def agreed(rows: list[list[bool]]) -> list[bool | None]:
    return [column[0] if len(set(column)) == 1 else None for column in zip(*rows, strict=True)]


def test_a_window_between_two_time_stamps_reads_both() -> None:
    axis = np.array([0.0, 1.0, 2.0])
    for values, expected in (([True, True, False], True), ([True, False, False], None), ([False, False, True], False)):
        assert values_of(operators.once(atom(values), axis, 1.3, 1.7))[2] is expected
        assert values_of(operators.historically(atom(values), axis, 1.3, 1.7))[2] is expected
    held = operators.since(atom([True, False, True]), atom([True, True, True]), axis, 1.3, 1.7)
    assert values_of(held)[2] is False


def since_by_definition(phi: list[bool], psi: list[bool], axis: list[float], start: float, end: float) -> list[bool]:
    def holds(now: int) -> bool:
        return any(
            psi[then] and start <= axis[now] - axis[then] <= end and all(phi[then + 1 : now + 1])
            for then in range(now + 1)
        )

    return [holds(now) for now in range(len(phi))]


@given(st.data(), st.sampled_from([(0.0, np.inf), (0.0, 0.3), (0.05, 1.0), (0.3, np.inf)]))
def test_since_is_what_all_completions_agree_on(data: st.DataObject, bounds: tuple[float, float]) -> None:
    phi = data.draw(VALUES)
    psi = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=len(phi), max_size=len(phi)))
    axis = STEPS[: len(phi)]
    found = values_of(operators.since(atom(phi), atom(psi), np.array(axis), *bounds))
    exact = agreed([since_by_definition(a, b, axis, *bounds) for a in completions(phi) for b in completions(psi)])
    for now, (kleene, truth) in enumerate(zip(found, exact, strict=True)):
        reaches_back = axis[now] - bounds[1] < axis[0] and all(value is not False for value in phi[: now + 1])
        if truth is True or not reaches_back:
            assert kleene == truth
        else:
            assert kleene is None


@given(VALUES, st.sampled_from([(0.0, 0.25), (0.0, np.inf), (0.5, 1.0)]))
def test_eventually_is_once_with_time_turned_round(values: list[bool | None], bounds: tuple[float, float]) -> None:
    axis = np.array([0.0, 0.25, 0.75, 1.0, 2.0][: len(values)])  # whose differences are exact
    found = values_of(operators.eventually(atom(values), axis, *bounds))
    turned = operators.once(atom(values[::-1]), axis[-1] - axis[::-1], *bounds)
    assert found == values_of(turned)[::-1]


def test_eventually_looks_ahead_and_does_not_know_the_end() -> None:
    axis = np.array([0.0, 1.0, 2.0, 3.0])
    found = operators.eventually(atom([False, False, True, False]), axis, 0.0, 1.0)
    assert values_of(found) == [False, True, True, None]
    assert found.text == "within [0, 1] s from then: p"


def test_once_and_historically_look_back_seconds_not_samples() -> None:
    axis = np.array([0.0, 0.1, 0.5, 0.6, 2.0])
    p = atom([True, False, False, False, False])
    assert values_of(operators.once(p, axis, 0.0, 0.5)) == [True, True, True, False, False]
    assert values_of(operators.historically(~p, axis, 0.0, 0.5))[3:] == [True, True]
    assert values_of(operators.held(~p, axis, 1.0))[4] is True
    assert values_of(operators.held(~p, axis, 1.0))[3] is False


def test_what_lies_before_the_first_time_stamp_is_unknown() -> None:
    axis = np.array([0.0, 1.0])
    assert values_of(operators.once(atom([False, False]), axis, 0.0, 5.0)) == [None, None]
    assert values_of(operators.held(atom([True, True]), axis, 0.5)) == [None, True]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([False, None, True], [(0.0, 0.35, True)]),
        ([False, True], [(0.0, 0.1, True)]),
        ([False, None, False], [(0.0, 0.35, False)]),
        ([None, True], [(0.0, 0.1, False)]),
        ([True, None, True], [(0.0, 0.35, False)]),
        ([True, False, False], []),
    ],
)
def test_rises(values: list[bool | None], expected: list[tuple[float, float, bool]]) -> None:
    found = operators.rise(plane(values), np.array(STEPS[: len(values)]))
    assert [(one.instant.low, one.instant.high, one.certain) for one in found] == expected


def test_a_state_that_had_to_end_unseen_is_a_rise_only_on_demand() -> None:
    for values in ([True, None, False], [None, False], [True, None], [None]):
        axis = np.array(STEPS[: len(values)])
        assert operators.rise(plane(values), axis) == []
        assert [one.certain for one in operators.rise(plane(values), axis, every=True)] == [False]


@given(st.lists(st.sampled_from([True, False, None]), min_size=2, max_size=5))
def test_every_conceivable_rise_is_within_one_that_is_found(values: list[bool | None]) -> None:
    axis = np.array(STEPS[: len(values)])
    found = operators.rise(plane(values), axis, every=True)
    for whole in completions(values):
        rises = [(axis[i], axis[i + 1]) for i in range(len(whole) - 1) if whole[i + 1] and not whole[i]]
        for low, high in rises:
            assert any(one.instant.low <= low and high <= one.instant.high for one in found)
        for one in found:
            inside = [low for low, high in rises if one.instant.low <= low and high <= one.instant.high]
            assert inside or not one.certain


def test_a_fall_is_the_rise_of_the_opposite() -> None:
    axis = np.array([0.0, 1.0])
    margin = np.array([1.0, -3.0])
    none = np.zeros(2)
    evidence = Evidence(margin, none, none, none, np.zeros((0, 2)))
    (one,) = operators.fall(known([True, False]), axis, evidence)
    assert one.certain
    assert one.instant.t == 0.25


def frozen_by_definition(event: list[bool], holds: list[bool], release: list[bool]) -> list[bool]:
    inside, states = False, []
    for a, b, c in zip(event, holds, release, strict=True):
        inside = b if a else inside and not c
        states.append(inside)
    return states


@given(st.data())
def test_a_frozen_set_is_what_all_completions_agree_on(data: st.DataObject) -> None:
    event = data.draw(VALUES.filter(lambda values: len(values) <= 4))
    same = st.lists(st.sampled_from([True, False, None]), min_size=len(event), max_size=len(event))
    holds, release = data.draw(same), data.draw(same)
    found = operators.freeze(atom(event), {"h9": atom(holds)}, atom(release))["h9"]
    cases = product(completions(event), completions(holds), completions(release))
    assert values_of(found) == agreed([frozen_by_definition(*case) for case in cases])


def run_by_definition(press: list[bool], undo: list[bool]) -> list[str]:
    state, states = "off", []
    for a, b in zip(press, undo, strict=True):
        if state == "off":
            state = "on" if a else "off"
        elif b:
            state = "off"
        states.append(state)
    return states


@given(st.data())
def test_a_machine_carries_every_state_that_a_completion_reaches(data: st.DataObject) -> None:
    press = data.draw(VALUES)
    undo = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=len(press), max_size=len(press)))
    table = {"off": [(plane(press), "on")], "on": [(plane(undo), "off")]}
    states = operators.machine(("off", "on"), ("off",), table, len(press))
    runs = [run_by_definition(a, b) for a in completions(press) for b in completions(undo)]
    for position in range(len(press)):
        reached = {run[position] for run in runs}
        assert {name for name, row in zip(states.names, states.possible, strict=True) if row[position]} == reached


def test_a_machine_does_not_decide_between_two_conditions_that_may_hold_at_once() -> None:
    both_hold = known([False, True])
    states = operators.machine(("a", "b", "c"), ("a",), {"a": [(both_hold, "b"), (both_hold, "c")]}, 2)
    assert states.final() == {"b", "c"}


@given(st.integers(1, 40), st.integers(0, 2))
def test_a_machine_whose_input_lasts_goes_on_stepping(length: int, dwell: int) -> None:
    always, now = known([True] * (length + dwell)), known([False] * dwell + [True] * length)
    circle = {"a": [(now, "b")], "b": [(always, "c")], "c": [(always, "b")]}
    states = operators.machine(("a", "b", "c"), ("a",), circle, length + dwell)
    wanted = ["a"] * dwell + ["bc"[place % 2] for place in range(length)]
    assert [name for place in range(length + dwell) for name in "abc" if states.holds(name).must[place]] == wanted


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.integers(0, 7))
def test_counting_agrees_with_completions(values: list[bool | None], number: int) -> None:
    found = at_least(number, [atom([v]) for v in values], 1, "enough").plane.value(0)
    exact = agreed([[sum(one) >= number] for one in completions(values)])[0]
    assert found == exact


@given(st.sampled_from([True, False, None]), st.sampled_from([True, False, None]))
def test_connectives_are_kleenes(a: bool | None, b: bool | None) -> None:
    pairs = [(x, y) for x in completions([a]) for y in completions([b])]
    assert values_of(both(atom([a]), atom([b]))) == agreed([[x[0] and y[0]] for x, y in pairs])
    assert values_of(either(atom([a]), atom([b]))) == agreed([[x[0] or y[0]] for x, y in pairs])
    assert values_of(~atom([a])) == agreed([[not x[0]] for x in completions([a])])


def test_a_margin_needs_k_sigma_and_an_unmeasured_one_is_unknown() -> None:
    margin, sigma = np.array([0.3, 0.1, -0.1, -0.3, np.nan]), np.array([0.1, 0.1, 0.1, 0.1, np.inf])
    made = from_margin(margin, sigma)
    assert [made.value(i) for i in range(5)] == [True, None, None, False, None]
    assert from_margin(margin, sigma, slack=0.2).value(0) is None
    assert from_margin(margin, sigma, k=4.0).value(3) is None


def test_a_plane_that_must_but_may_not_is_refused() -> None:
    with pytest.raises(ValueError, match="must has to imply"):
        Plane(np.array([True]), np.array([False]))


def test_formulas_tell_themselves() -> None:
    a, b = atom([True], "the puck is in"), atom([False], "h17 is over")
    assert (a & ~b).text == "the puck is in and (not (h17 is over))"
    assert operators.once(b, np.array([0.0]), 0, 2).text == "once in [0, 2] s: h17 is over"
