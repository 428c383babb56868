"""The laws of the engine, on random entries and formations through the whole rulebook."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from laws import entries, formations, matched, mirrored, moved, opposite, shifted, shuffled
from script import build

from pipeline.judging import judge
from records import tables
from records.calls import Call, dumps
from records.scene import Scene

EDITIONS = {"hockey": ["nhl-2025", "iihf-2025"], "football": ["nfl-2025", "ncaa-2025"]}
SCRIPTS = st.one_of(entries(), formations())
FEW = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=1000)


def law(*strategies: Any, **named: Any) -> Any:
    """Run a law on a few cases by default, and on a thousand in the slow set."""

    def run(check: Any) -> Any:
        @pytest.mark.parametrize("effort", ["few", pytest.param("many", marks=pytest.mark.slow)])
        def test(effort: str) -> None:
            (MANY if effort == "many" else FEW)(given(*strategies, **named)(check))()

        test.__doc__ = check.__doc__
        return test

    return run


def scene_of(script: dict[str, Any], which: int = 0) -> Scene:
    return build(script, EDITIONS[script["domain"]][which])


def verdicts(scene: Scene) -> list[tuple[str, str, float]]:
    return [(call.rule, call.verdict, round(call.t, 2)) for call in judge(scene).calls]


def agree(some: tuple[Call, ...], others: tuple[Call, ...]) -> bool:
    return not any(opposite(a, b) for a, b in matched(some, others))


@law(SCRIPTS, st.integers(0, 1))
def test_mirror(script: dict[str, Any], which: int) -> None:
    scene = scene_of(script, which)
    assert verdicts(scene) == verdicts(mirrored(scene))


@law(SCRIPTS, st.sampled_from([-7.25, 100.5, 3600.0]))
def test_time_shift(script: dict[str, Any], seconds: float) -> None:
    scene = scene_of(script)
    later = [(rule, verdict) for rule, verdict, _ in verdicts(shifted(scene, seconds))]
    assert later == [(rule, verdict) for rule, verdict, _ in verdicts(scene)]


@law(entries())
def test_frame_rate_never_turns_a_verdict_over(script: dict[str, Any]) -> None:
    runs = [judge(scene_of({**script, "fps": fps})).calls for fps in (25, 30, 50, 59.94)]
    assert all(agree(runs[0], other) for other in runs[1:])


@law(SCRIPTS, st.integers(0, 99))
def test_order_of_rows_and_running_twice_give_the_same_bytes(script: dict[str, Any], seed: int) -> None:
    scene = scene_of(script)
    assert dumps(judge(scene)) == dumps(judge(scene)) == dumps(judge(shuffled(scene, seed)))


@law(SCRIPTS)
def test_officials_do_not_matter(script: dict[str, Any]) -> None:
    more = {**script, "people": {**script["people"], "o1": {0: [3, 5], 1: [5, 6]}}}
    assert verdicts(scene_of(script)) == verdicts(scene_of(more))


@law(SCRIPTS, st.sampled_from(["complete", "roster", "initial"]))
def test_more_information_never_flips(script: dict[str, Any], what: str) -> None:
    less = {"complete": "none", "roster": "open", "initial": {}}[what]
    whole, poor = judge(scene_of(script)).calls, judge(scene_of({**script, what: less})).calls
    assert agree(whole, poor)
    assert all(a.verdict != "undecided" or b.verdict == "undecided" for a, b in matched(whole, poor))


@law(entries(sigma=0.02), st.sampled_from(["puck", "h17", "h9"]), st.floats(0.3, 1.0), st.floats(1.1, 2.0))
def test_a_gap_never_flips(script: dict[str, Any], who: str, start: float, stop: float) -> None:
    assert agree(judge(scene_of(script)).calls, judge(scene_of({**script, "gaps": {who: [start, stop]}})).calls)


@law(formations(), st.integers(1, 10), st.integers(1, 10), st.floats(-0.9, 0.9))
def test_one_player_in_two_boxes_and_another_in_none_never_flip(
    script: dict[str, Any], twice: int, missed: int, dy: float
) -> None:
    names = sorted(script["people"], key=lambda name: name != "h61")
    double = {t: [x, y + dy] for t, (x, y) in script["people"][names[twice]].items()}
    seen = {name: path for name, path in script["people"].items() if name != names[missed]} | {"h99": double}
    roster = {"home": len(names), "away": 0}
    truth = {**script, "roster": roster}
    boxes = {**truth, "people": seen, "numbers": {"h99": None}, "resolution": "box"}
    assert agree(judge(scene_of(truth)).calls, judge(scene_of(boxes)).calls)


@law(SCRIPTS, st.sampled_from([1.5, 4.0]))
def test_a_greater_sigma_never_flips(script: dict[str, Any], factor: float) -> None:
    assert agree(judge(scene_of(script)).calls, judge(scene_of({**script, "sigma": script["sigma"] * factor})).calls)


@law(entries(sigma=1e-4, skates=True, brisk=True))
def test_sigma_to_zero_decides_everything_before_the_scene_ends(script: dict[str, Any]) -> None:
    calls = [call for call in judge(scene_of(script)).calls if call.rule == "hockey.offside"]
    assert calls
    left_open = "(the scene or play ends first)"
    assert all(call.verdict != "undecided" or left_open in call.blocked_by[0].atom for call in calls)


@law(SCRIPTS)
def test_sigma_to_infinity_decides_nothing(script: dict[str, Any]) -> None:
    assert all(call.verdict == "undecided" for call in judge(scene_of({**script, "sigma": 1e4})).calls)


@law(st.one_of(entries(sigma=0.02), formations(sigma=0.02)))
def test_applying_would_flip_flips(script: dict[str, Any]) -> None:
    scene = scene_of(script)
    for call in judge(scene).calls:
        flip = call.would_flip
        if flip is None or flip.entity is None:
            continue
        after = judge(moved(scene, flip.entity, flip.dx or 0.0, flip.dy or 0.0)).calls
        same = [other for other in after if other.rule == call.rule and abs(other.t - call.t) < 1e-3]
        assert [other.verdict for other in same] == [flip.text.split()[0]], flip.text


@law(entries(), st.sampled_from([0.5, 2.0]))
def test_own_position_error_written_as_sx_and_sy_is_the_same_as_sigma(script: dict[str, Any], sigma: float) -> None:
    scene = scene_of({**script, "sigma": sigma})
    columns = {name: tables.column(scene.tracks, name) for name in scene.tracks.column_names if name != "sigma"}
    columns |= {"sx": columns["t"] * 0 + sigma, "sy": columns["t"] * 0 + sigma}
    assert verdicts(replace(scene, tracks=tables.table("tracks", columns))) == verdicts(scene)
