"""Counting and ranking with people unseen agree with every completion of the tracked and the unseen."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rules import counting
from rules.counting import Tally, kth_greatest
from rules.formulas import Formula, stated
from rules.kleene import Plane, Truth, constant

VALUES = st.lists(st.sampled_from([True, False, None]), max_size=5)
UNSEEN = st.sampled_from([0, 1, 2])


def atoms(values: list[Truth]) -> tuple[Formula, ...]:
    return tuple(stated(f"p{n}", constant(value, 1)) for n, value in enumerate(values))


def counts(values: list[Truth], unseen: int) -> set[int]:
    each = [[value] if value is not None else [False, True] for value in values] + [[False, True]] * unseen
    return {sum(one) for one in product(*each)}


def agreed(outcomes: set[bool]) -> Truth:
    return outcomes.pop() if len(outcomes) == 1 else None


@given(VALUES, UNSEEN, st.integers(0, 6))
def test_a_tally_agrees_with_every_completion(values: list[Truth], unseen: int, number: int) -> None:
    tally = Tally(atoms(values), np.full(1, float(unseen)), "who is not tracked")
    possible = counts(values, unseen)
    assert (int(tally.low[0]), int(tally.high[0])) == (min(possible), max(possible))
    assert tally.at_least(number, "").plane.value(0) == agreed({one >= number for one in possible})
    assert tally.at_most(number, "").plane.value(0) == agreed({one <= number for one in possible})
    assert tally.exactly(number, "").plane.value(0) == agreed({one == number for one in possible})


@given(VALUES, VALUES, UNSEEN, UNSEEN, st.integers(-1, 2))
def test_two_tallies_compare_as_their_completions_do(
    some: list[Truth], others: list[Truth], unseen: int, hidden: int, by: int
) -> None:
    one = Tally(atoms(some), np.full(1, float(unseen)), "")
    other = Tally(atoms(others), np.full(1, float(hidden)), "")
    outcomes = {a - b > by for a in counts(some, unseen) for b in counts(others, hidden)}
    assert one.more_than(other, "", by).plane.value(0) == agreed(outcomes)


@given(VALUES, UNSEEN)
def test_all_and_any_agree_with_every_completion(values: list[Truth], unseen: int) -> None:
    missing, possible = np.full(1, float(unseen)), counts(values, unseen)
    whole = len(values) + unseen
    assert counting.every(atoms(values), missing, "", "").plane.value(0) == agreed({one == whole for one in possible})
    assert counting.some(atoms(values), missing, "", "").plane.value(0) == agreed({one > 0 for one in possible})


def test_an_open_roster_leaves_everything_open_but_what_the_tracked_decide() -> None:
    tally = Tally(atoms([True, True]), np.full(1, np.inf), "who is not tracked is on the ice")
    assert tally.at_least(2, "").plane.value(0) is True
    assert tally.at_least(3, "").plane.value(0) is None
    assert tally.at_most(1, "").plane.value(0) is False
    unseen = tally.at_least(3, "three").parts[2:]
    assert [one.text for one in unseen] == [
        f"one who is not tracked is on the ice (number {n} of those unseen)" for n in (1, 2, 3)
    ]


METRES = st.integers(-20, 20).map(lambda quarters: quarters / 4)


@given(
    st.lists(st.tuples(METRES, st.floats(0.0, 1.0)), min_size=1, max_size=5),
    st.integers(1, 3),
    UNSEEN,
    st.lists(st.tuples(st.floats(-1.0, 1.0)), min_size=5, max_size=5),
    st.lists(METRES, min_size=2, max_size=2),
)
def test_an_order_statistic_holds_every_rank_that_is_not_excluded(
    people: list[tuple[float, float]], number: int, unseen: int, errors: list[tuple[float]], hidden: list[float]
) -> None:
    values, width = (np.array(column)[:, None] for column in zip(*people, strict=True))
    ranked = kth_greatest(values, width, number, np.full(1, float(unseen)), 5.0)
    true = [x + w * e for (x, w), (e,) in zip(people, errors, strict=False)] + hidden[:unseen]
    if number <= len(true):
        exact = sorted(true, reverse=True)[number - 1]
        assert ranked.low[0] - 1e-9 <= exact <= ranked.high[0] + 1e-9
    assert bool(np.isnan(ranked.value[0])) == (number > len(people))
    if number <= len(people):
        assert ranked.value[0] == sorted((x for x, _ in people), reverse=True)[number - 1] == people[ranked.who[0]][0]


@given(st.lists(METRES, min_size=1, max_size=5), METRES, st.sampled_from([0.0, 0.25, 1.0]), st.integers(1, 3), UNSEEN)
def test_past_the_kth_foremost_is_what_the_order_statistic_says(
    others: list[float], own: float, width: float, number: int, unseen: int
) -> None:
    past = [
        stated(f"past {n}", Plane(np.array([own - x > width]), np.array([own - x > -width])))
        for n, x in enumerate(others)
    ]
    missing = np.full(1, float(unseen))
    found = counting.past_kth(number, past, missing, "", "").plane.value(0)
    values = np.array(others)[:, None]
    ranked = kth_greatest(values, np.full_like(values, width), number, missing, np.inf)
    assert found == (True if own > ranked.high[0] else (None if own > ranked.low[0] else False))
