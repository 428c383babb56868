"""The laws of the engine, on the shaken corpus and on drawn plays, through every rule of every rulebook.

By default each law is tried on a few cases of all domains together; in the slow set on many cases of each domain
(``-m slow -k "law_name and hockey"``).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from corpus import Script, Strategy, cases, corpus, editions
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from laws import (
    changed,
    contradictions,
    entries,
    formations,
    in_time,
    matched,
    mirrored,
    moved,
    opposite,
    out_of_thin_air,
    shifted,
    shuffled,
    with_sigma,
)
from mutations import with_constants
from odd import odd
from poorer import CHANGES, Change
from script import build, wanted

from ontologies import registry
from ontologies.base import Constant
from ontologies.checks import field_of
from pipeline.judging import judge
from records import tables
from records.calls import Call, dumps, loads
from records.errors import InputError
from records.scene import Scene
from rules import engine, settle
from rules.propositions import Prop
from rules.verdicts import Opportunity
from tracking.zones import assign

FEW = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
MANY = settings(FEW, max_examples=250)  # in each of four domains
BETWEEN_SAMPLES_M = 0.01  # what the path between two samples leaves open however good they are
DOMAINS = [domain for domain in registry.DOMAINS if corpus(domain)]


def law(*makers: Callable[[str | None], Strategy] | st.SearchStrategy[Any], only: str | None = None) -> Any:
    """Run a law on a few cases by default, and on many of each domain in the slow set.

    Args:
        makers: strategies, or functions that make one for a domain.
        only: the one domain that the law is about.
    """
    efforts = [
        pytest.param((None, FEW), id="few"),
        *(
            pytest.param((domain, MANY), id=domain, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])
            for domain in ([only] if only else DOMAINS)
        ),
    ]

    def run(check: Any) -> Any:
        @pytest.mark.parametrize("effort", efforts)
        def test(effort: tuple[str | None, settings]) -> None:
            domain, much = effort
            chosen = [one if isinstance(one, st.SearchStrategy) else one(domain) for one in makers]
            much(given(*chosen)(check))()

        test.__doc__ = check.__doc__
        return test

    return run


def scene_of(script: Script, which: int = 0) -> Scene:
    known = editions(script)
    return build(script, script.get("edition") or known[which % len(known)])


def verdicts(scene: Scene) -> list[tuple[str, str, float]]:
    return sorted((call.rule, call.verdict, round(call.t, 2)) for call in judge(scene).calls)


def agree(some: tuple[Call, ...], others: tuple[Call, ...]) -> bool:
    return not any(opposite(a, b) for a, b in matched(some, others))


def opportunities(scene: Scene) -> list[tuple[Call, Opportunity]]:
    field = field_of(scene)
    return engine.judged(scene, engine.prepare(scene, field, assign(scene, field)))


# completion


@law(cases, st.integers(0, 2**32 - 1))
def test_no_completion_of_the_unknown_atoms_changes_a_definite_verdict(script: Script, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for call, opportunity in opportunities(scene_of(script)):
        leaves = opportunity.prop.leaves()
        same_key_is_same_atom(opportunity.prop)
        values = {
            key: rng.integers(0, 2, 64).astype(bool) if leaf.value is None else np.full(64, leaf.value)
            for key, leaf in leaves.items()
        }
        outcome = opportunity.prop.evaluate(values)
        if call.verdict != "undecided":
            assert np.all(outcome == (call.verdict == "violation")), call.id


def same_key_is_same_atom(prop: Prop) -> None:
    seen: dict[str, Any] = {}
    for leaf in prop.walk():
        known = seen.setdefault(leaf.key, leaf)
        assert (known.value, known.margin) == (leaf.value, leaf.margin), leaf.key


@law(cases)
def test_taking_a_cited_atom_away_loses_the_verdict(script: Script) -> None:
    for call, opportunity in opportunities(scene_of(script)):
        verdict = {"violation": True, "clear": False, "undecided": None}[call.verdict]
        if verdict is None or call.truncated:
            continue
        cited = settle.support(opportunity.prop, verdict)
        keys = {leaf.key for leaf in cited}
        alone = {key: (leaf.value if key in keys else None) for key, leaf in opportunity.prop.leaves().items()}
        if sum(value is None for value in alone.values()) > settle.LIMIT:
            continue
        assert settle.settle(opportunity.prop, alone) is verdict
        for key in keys:
            assert settle.settle(opportunity.prop, {**alone, key: None}) is None, (call.id, key)


@law(cases)
def test_blocking_atoms_decide_whatever_they_are(script: Script) -> None:
    for call, opportunity in opportunities(scene_of(script)):
        blocking, truncated = settle.blockers(opportunity.prop)
        assert bool(blocking) == (call.verdict == "undecided")
        if truncated or not blocking:
            continue
        values = settle.values_of(opportunity.prop)
        rng = np.random.default_rng(len(blocking))
        for _ in range(8):
            drawn = {leaf.key: bool(value) for leaf, value in zip(blocking, rng.integers(0, 2, 12), strict=False)}
            assert settle.settle(opportunity.prop, {**values, **drawn}) is not None


# information


@st.composite
def poorer(draw: st.DrawFn, script: Script, change: Change) -> tuple[Scene, Scene]:
    scene = scene_of(script, draw(st.integers(0, 1)))
    return scene, change(draw, scene)


@law(cases, st.sampled_from(CHANGES), st.data())
def test_who_knows_less_is_never_sure_of_the_opposite(script: Script, change: Change, data: st.DataObject) -> None:
    scene, less = data.draw(poorer(script, change))
    truth, told = judge(scene).calls, judge(less).calls
    assert not contradictions(truth, told), change.__name__
    assert not out_of_thin_air(truth, told), change.__name__


@law(cases, st.sampled_from(["complete", "roster", "initial"]))
def test_more_information_never_unsettles(script: Script, what: str) -> None:
    less = {"complete": "none", "roster": "open", "initial": {}}[what]
    assume(script.get(what) != less)
    whole, poor = judge(scene_of(script)).calls, judge(scene_of({**script, what: less})).calls
    assert agree(whole, poor)
    known = {one.id: one.verdict for one in whole}
    for told in poor:
        assert told.verdict == "undecided" or known.get(told.id) != "undecided", told.id


@law(cases, st.sampled_from([1.5, 4.0]))
def test_a_greater_sigma_never_flips(script: Script, factor: float) -> None:
    sigma = script.get("sigma", 0.03)
    sigmas = {who: factor * own for who, own in script.get("sigmas", {}).items()}
    loose = {**script, "sigma": sigma * factor, "sigmas": sigmas}
    assert not contradictions(judge(scene_of(script)).calls, judge(scene_of(loose)).calls)


@law(st.sampled_from([script for script in corpus() if script["expect"]]), st.floats(-6.0, -2.5))
def test_sigma_to_zero_decides_what_is_decided_with_more(script: Script, power: float) -> None:
    for edition in editions(script):
        sigma = min(10.0**power, script.get("sigma", 1.0))
        calls = judge(with_sigma(build(script, edition), sigma)).calls
        for rule in script["expect"]:
            expected = wanted(script, rule, edition)
            if "undecided" not in expected:
                assert [call.verdict for call in calls if call.rule == rule] == expected, (script["name"], edition)


@law(entries(sigma=1e-4, skates=True, brisk=True), only="hockey")
def test_sigma_to_zero_decides_every_entry_before_the_scene_ends(script: Script) -> None:
    calls = [call for call in judge(scene_of(script)).calls if call.rule == "hockey.offside"]
    assert calls
    for call in calls:
        blocking = call.blocked_by[0] if call.blocked_by else None
        ended = blocking is not None and "(the scene or play ends first)" in blocking.atom
        level = blocking is not None and blocking.margin is not None and abs(blocking.margin) < BETWEEN_SAMPLES_M
        assert call.verdict != "undecided" or ended or level, call.id


@law(cases, st.integers(0, 999))
def test_with_infinite_sigma_positions_say_nothing(script: Script, seed: int) -> None:
    scene = with_sigma(scene_of(script), 1e4)
    for call, opportunity in opportunities(scene):
        sure = [leaf for leaf in opportunity.prop.leaves().values() if leaf.unit == "m" and leaf.margin is not None]
        assert all(leaf.value is None for leaf in sure), call.id
    rng = np.random.default_rng(seed)
    elsewhere = scene
    for who in sorted(set(tables.column(scene.tracks, "entity"))):
        elsewhere = moved(elsewhere, who, *rng.uniform(-8.0, 8.0, 2))
    assert not contradictions(judge(elsewhere).calls, judge(scene).calls)


@law(formations(), st.integers(1, 10), st.integers(1, 10), st.floats(-0.9, 0.9), only="football")
def test_one_player_in_two_boxes_and_another_in_none_never_flip(
    script: Script, twice: int, missed: int, dy: float
) -> None:
    names = sorted(script["people"], key=lambda name: name != "h61")
    double = {t: [x, y + dy] for t, (x, y) in script["people"][names[twice]].items()}
    seen = {name: path for name, path in script["people"].items() if name != names[missed]} | {"h99": double}
    roster = {"home": len(names), "away": 0}
    truth = {**script, "roster": roster}
    boxes = {**truth, "people": seen, "numbers": {"h99": None}, "resolution": "box"}
    assert agree(judge(scene_of(truth)).calls, judge(scene_of(boxes)).calls)


# symmetry


@law(cases, st.integers(0, 1))
def test_mirror(script: Script, which: int) -> None:
    scene = scene_of(script, which)
    assert verdicts(scene) == verdicts(mirrored(scene))


@law(cases, st.sampled_from([-7.25, 100.5, 3600.0]))
def test_time_shift(script: Script, seconds: float) -> None:
    scene = scene_of(script)
    later = [(rule, verdict) for rule, verdict, _ in verdicts(shifted(scene, seconds))]
    assert later == [(rule, verdict) for rule, verdict, _ in verdicts(scene)]


@law(cases)
def test_frame_rate_never_turns_a_verdict_over(script: Script) -> None:
    runs = [judge(scene_of({**script, "fps": fps})).calls for fps in (25, 30, 50, 59.94)]
    for other in runs[1:]:
        assert not contradictions(runs[0], other)
        assert not contradictions(other, runs[0])


@law(cases)
def test_units_of_the_rulebook_do_not_matter(script: Script) -> None:
    scene = scene_of(script)
    constants = registry.ontology(scene.domain).editions[scene.edition].constants
    metric = {name: in_other_units(one) for name, one in constants.items()}
    with with_constants(scene.domain, scene.edition, metric):
        converted = verdicts(scene)
    assert converted == verdicts(scene)


def in_other_units(constant: Constant) -> Constant:
    """Return a length in metres, which is exactly what ``si`` says; any other unit would round it."""
    lengths = ("ft", "in", "yd", "cm")
    return replace(constant, value=constant.si, unit="m") if constant.unit in lengths else constant


@law(cases, st.integers(0, 99))
def test_order_of_rows_and_running_twice_give_the_same_bytes(script: Script, seed: int) -> None:
    scene = scene_of(script)
    assert dumps(judge(scene)) == dumps(judge(scene)) == dumps(judge(shuffled(scene, seed)))


@law(cases, st.sampled_from(["official", "staff"]))
def test_officials_and_staff_do_not_matter(script: Script, kind: str) -> None:
    last = max(t for path in script["people"].values() for t in path)
    more = {**script, "people": {**script["people"], "o99": {0: [3, 5], last: [5, 6]}}}
    scene = scene_of(more)
    own = tables.column(scene.tracks, "entity") == "o99"
    scene = replace(scene, tracks=changed(scene.tracks, "tracks", kind=lambda kinds: np.where(own, kind, kinds)))
    assert verdicts(scene_of(script)) == verdicts(scene)


@law(cases, st.sampled_from([0.5, 2.0]))
def test_own_position_error_written_as_sx_and_sy_is_the_same_as_sigma(script: Script, sigma: float) -> None:
    scene = with_sigma(scene_of(script), sigma)
    columns = {name: tables.column(scene.tracks, name) for name in scene.tracks.column_names if name != "sigma"}
    columns |= {"sx": columns["t"] * 0 + sigma, "sy": columns["t"] * 0 + sigma}
    assert verdicts(replace(scene, tracks=tables.table("tracks", columns))) == verdicts(scene)


# odd scenes


@law(cases, st.integers(0, 2**32 - 1))
def test_an_odd_scene_is_judged_or_refused_in_one_line(script: Script, seed: int) -> None:
    told = ""
    try:
        names, scene = odd(scene_of(script), seed)
        calls = judge(scene)
        event(", ".join(sorted(names)))
        assert loads(dumps(calls)) == calls
    except InputError as error:
        told = str(error)
    assert "\n" not in told


# flips


@law(cases)
def test_applying_would_flip_flips(script: Script) -> None:
    scene = with_sigma(scene_of(script), 0.02)
    for call, opportunity in opportunities(scene):
        flip = call.would_flip
        if flip is None:
            continue
        if flip.dt is not None:
            other = in_time(scene, call)
            if other is not None:
                same = [one for one in judge(other).calls if one.rule == call.rule and one.team == call.team]
                same = [one for one in same if flip.entity in (*one.entities, None)] or same
                assert call.verdict not in [one.verdict for one in same if abs(one.t - call.t) < 1.0], flip.text
            continue
        moves = [(flip.entity, flip.dx or 0.0, flip.dy or 0.0)]
        if flip.entity is None:
            moves = [(one.entity, one.dx, one.dy) for one in settle.joint_shifts(opportunity.prop)]
        after = judge(reduce(lambda one, move: moved(one, *move), moves, scene)).calls
        same = [one for one in after if one.rule == call.rule and abs(one.t - call.t) < 1e-3]
        verdict = flip.text.split()[0]
        assert verdict in [one.verdict for one in same], flip.text
        assert len(same) > 1 or call.verdict not in [one.verdict for one in same], flip.text
