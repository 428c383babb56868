"""Spans with uncertain ends: what is said of two of them is what all their completions agree on."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rules import settle, spans
from rules.kleene import Plane, Truth
from rules.propositions import Instant
from rules.spans import Stretch, stretches


@st.composite
def drawn(draw: st.DrawFn, name: str) -> Stretch:
    low, width, length, other = (draw(st.integers(0, 4)) for _ in range(4))
    start = Instant(low + width / 2, float(low), float(low + width))
    end = low + width + length
    return Stretch(name, start, Instant(end + other / 2, float(end), float(end + other)), draw(st.booleans()))


def completions(one: Stretch) -> list[tuple[float, float] | None]:
    ends = [(one.start.low, one.start.high), (one.stop.low, one.stop.high)]
    absent: list[tuple[float, float] | None] = [] if one.certain else [None]
    return absent + list(product(*ends))


RELATIONS = {
    spans.before: lambda a, b: a[1] <= b[0],
    spans.during: lambda a, b: b[0] <= a[0] and a[1] <= b[1],
    spans.overlaps: lambda a, b: a[0] < b[1] and b[0] < a[1],
}


@given(drawn("a"), drawn("b"), st.sampled_from(sorted(RELATIONS, key=lambda one: one.__name__)))
def test_a_relation_is_what_all_completions_agree_on(one: Stretch, other: Stretch, relation) -> None:
    holds = RELATIONS[relation]
    outcomes = {a is not None and b is not None and holds(a, b) for a in completions(one) for b in completions(other)}
    expected: Truth = outcomes.pop() if len(outcomes) == 1 else None
    assert settle.settle(relation(one, other)) == expected


def test_spans_of_a_plane_have_uncertain_ends_and_may_not_be_there() -> None:
    may = np.array([True, True, False, True, True, True, False, True, False])
    must = np.array([True, False, False, False, True, False, False, False, False])
    first, second, third = stretches(Plane(must, may), np.arange(9.0), "in the lane")
    assert (first.start.low, first.start.high, first.stop.low, first.stop.high) == (-np.inf, 0, 0, 2)
    assert (second.start.low, second.start.high, second.stop.low, second.stop.high) == (2, 4, 4, 6)
    assert [one.certain for one in (first, second, third)] == [True, True, False]
    assert stretches(Plane(must & False, may & False), np.arange(9.0), "never") == []


def test_a_join_gives_the_pairs_that_are_not_excluded() -> None:
    a = [Stretch("a", Instant(0, 0, 0), Instant(1, 1, 1)), Stretch("a", Instant(5, 5, 5), Instant(6, 6, 6))]
    b = [Stretch("b", Instant(2, 2, 2), Instant(3, 1.5, 4))]
    pairs = spans.joined(a, b, spans.before)
    assert [(one.start.t, other.start.t) for one, other, _ in pairs] == [(0, 2)]
    assert pairs[0][2].leaf is not None
    assert pairs[0][2].leaf.margin == 1.0
