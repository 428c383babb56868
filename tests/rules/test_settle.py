"""Settling: completions decide, the smallest blocking set is found, and moves flip what they say they flip."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import settle
from rules.kleene import Truth
from rules.probability import probability
from rules.propositions import Instant, Leaf, Prop, fact
from rules.verdicts import Opportunity, call


def leaf(name: str, value: Truth) -> Prop:
    return fact(name, value, 0.0)


def measured(name: str, margin: float, sigma: float = 0.1, entity: str = "h1") -> Prop:
    low, high = margin - 2 * sigma, margin + 2 * sigma
    value = True if low > 0 else (False if high <= 0 else None)
    return Prop("leaf", leaf=Leaf(name, name, value, 0.0, "tracks", entity, "m", margin, sigma, low, high, (1.0, 0.0)))


NAMES = ["a", "b", "c", "d"]


def trees(values: dict[str, Truth]) -> st.SearchStrategy[Prop]:
    leaves = st.sampled_from(NAMES).map(lambda name: leaf(name, values[name]))

    def joined(inner: st.SearchStrategy[Prop]) -> st.SearchStrategy[Prop]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            several.map(lambda parts: Prop("and", parts)),
            several.map(lambda parts: Prop("or", parts)),
            inner.map(lambda part: ~part),
            several.map(lambda parts: Prop("at_least", parts, number=2)),
        )

    return st.recursive(leaves, joined, max_leaves=8)


VALUES = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES})


def outcomes(prop: Prop, values: dict[str, Truth]) -> set[Truth]:
    free = [name for name in values if values[name] is None]
    return {
        prop.kleene({**values, **dict(zip(free, one, strict=True))}) for one in product([True, False], repeat=len(free))
    }


@given(st.data(), VALUES)
def test_a_verdict_is_what_all_completions_agree_on(data: st.DataObject, values: dict[str, Truth]) -> None:
    prop = data.draw(trees(values))
    values = {key: one.value for key, one in prop.leaves().items()}
    found = outcomes(prop, values)
    assert settle.settle(prop) == (found.pop() if len(found) == 1 else None)


@given(st.data(), VALUES)
@settings(deadline=None)
def test_blockers_decide_whatever_they_are_and_no_smaller_set_does(
    data: st.DataObject, values: dict[str, Truth]
) -> None:
    prop = data.draw(trees(values))
    values = {key: one.value for key, one in prop.leaves().items()}
    blocking, truncated = settle.blockers(prop)
    assert not truncated
    keys = [one.key for one in blocking]
    assert bool(keys) == (settle.settle(prop) is None)
    for given_ in product([True, False], repeat=len(keys)):
        assert settle.settle(prop, {**values, **dict(zip(keys, given_, strict=True))}) is not None
    for left_out in range(len(keys)):
        smaller = keys[:left_out] + keys[left_out + 1 :]
        decided = [
            settle.settle(prop, {**values, **dict(zip(smaller, one, strict=True))}) is not None
            for one in product([True, False], repeat=len(smaller))
        ]
        assert not all(decided)


@given(st.data(), VALUES)
def test_every_cited_atom_matters(data: st.DataObject, values: dict[str, Truth]) -> None:
    prop = data.draw(trees(values))
    verdict = settle.settle(prop)
    if verdict is None:
        return
    cited = [one.key for one in settle.support(prop, verdict)]
    alone = {key: (one.value if key in cited else None) for key, one in prop.leaves().items()}
    assert settle.settle(prop, alone) is verdict
    for key in cited:
        assert settle.settle(prop, {**alone, key: None}) is None


def test_an_atom_that_occurs_twice_is_settled_though_kleene_abstains() -> None:
    a = leaf("a", None)
    assert (a | ~a).kleene({"a@0.000000": None}) is None
    assert settle.settle(a | ~a) is True
    assert settle.blockers(a | ~a) == ([], False)


def test_more_than_twelve_unknown_atoms_are_truncated() -> None:
    many = Prop("and", tuple(leaf(f"p{n}", None) for n in range(15)))
    blocking, truncated = settle.blockers(many)
    assert truncated
    assert len(blocking) == settle.LIMIT


def test_any_number_of_unknown_atoms_that_do_not_matter_or_occur_once_is_settled() -> None:
    idle = [leaf(f"p{n}", None) & leaf(f"q{n}", False) for n in range(30)]
    prop = Prop("or", (*idle, leaf("a", None) & ~leaf("b", None)))
    assert [one.text for one in settle.blockers(prop)[0]] == ["a", "b"]
    assert not settle.blockers(prop)[1]
    many = Prop("or", (*(leaf(f"p{n}", None) for n in range(30)), leaf("a", None), ~leaf("a", None)))
    assert settle.settle(many) is True
    assert settle.blockers(many) == ([], False)


def test_more_than_twelve_atoms_that_occur_twice_are_left_to_kleene() -> None:
    pairs = [leaf(f"p{n}", None) | ~leaf(f"p{n}", None) for n in range(13)]
    assert settle.settle(Prop("and", tuple(pairs[:12]))) is True
    assert settle.settle(Prop("and", tuple(pairs))) is None
    assert settle.blockers(Prop("and", tuple(pairs)))[1]


def test_the_margin_is_that_of_the_flipping_atom_nearest_to_zero() -> None:
    near, far, idle = (
        measured("near", -0.5, entity="h1"),
        measured("far", -3.0, entity="h2"),
        measured("idle", -0.3, entity="h3"),
    )
    prop = near | far | (idle & leaf("never", False))
    key = settle.flipping(prop, False)
    assert key is not None
    assert key.text == "near"


def test_a_shift_takes_both_skates_of_a_player_along() -> None:
    prop = measured("left skate", -0.5) & measured("right skate", -1.5)
    shift = settle.smallest_shift(prop, False)
    assert shift is not None
    assert shift.dx == 1.5 + 0.2 + settle.CLEARANCE


def test_nothing_flips_when_two_hold_it_up() -> None:
    prop = measured("one", 1.0, entity="h1") | measured("two", 2.0, entity="h2")
    assert settle.smallest_shift(prop, True) is None


def test_two_who_hold_it_up_are_told_together() -> None:
    one, two = measured("one", 1.0, entity="h1"), measured("two", 2.0, entity="h2")
    shifts = settle.joint_shifts(one | two)
    assert [(shift.entity, round(shift.dx, 2)) for shift in shifts] == [("h1", -1.22), ("h2", -2.22)]
    assert settle.joint_shifts(one) == []
    assert settle.joint_shifts(one | two | leaf("reported", True)) == []
    instant = Instant(0.0, 0.0, 0.0)
    flip = call("hockey.offside", "NHL 83.1", Opportunity(instant, one | two, "home", direction=1)).would_flip
    assert flip is not None
    assert flip.text == "clear if h1 were 1.22 m further back and h2 were 2.22 m further back at 0.00 s"
    assert (flip.entity, flip.dx, flip.dy) == (None, None, None)


def test_a_count_is_flipped_by_what_happens_sooner_or_later() -> None:
    over, left = leaf("over", True), ("h5 had left the lane", 2.6)
    asked = Opportunity(Instant(3.0, 3.0, 3.0), over, "home", who=("h5",), movable=False, sooner=left)
    flip = call("basketball.three_seconds", "NBA 10-VI", asked).would_flip
    assert flip is not None
    assert (flip.text, flip.entity, flip.t) == ("clear if h5 had left the lane by 2.60 s", "h5", 2.6)
    assert flip.dt == pytest.approx(-0.4)
    asked = Opportunity(Instant(3.0, 3.0, 3.0), ~over, "home", sooner=left, later=("the ball had been snapped", 3.5))
    flip = call("football.delay_of_game", "NFL 4-6-3", asked).would_flip
    assert flip is not None
    assert flip.text == "violation if the ball had been snapped only at 3.50 s"
    assert call("a.b", "c", Opportunity(Instant(3.0, 3.0, 3.0), over, "home")).would_flip is None


def test_missing_evidence_is_never_sampled() -> None:
    assert probability(leaf("a", None), "seed") is None
    assert probability(leaf("a", None) & leaf("b", False), "seed") == 0.0
    assert probability(leaf("a", True), "seed") == 1.0
    assert probability(leaf("a", None) & leaf("b", None) & ~leaf("c", None), "seed") is None
