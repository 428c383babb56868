"""What football's rules share: the snap from the ball, velocities, rests, and what is asked of a scene."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from ontologies import football
from pipeline.judging import judge
from records.calls import Call
from records.scene import Scene, scene_of
from rules.context import Happening
from rules.football.movement import longer_than, rests
from rules.football.snapping import Ball, snap_instant
from rules.kleene import Plane, known

NFL = football.EDITIONS["nfl-2025"]
LINEUP = yaml.safe_load((Path(__file__).parents[1] / "scenarios" / "football" / "usual.yaml").read_text())
KEYS = {"schema": 1, "id": "a", "domain": "football", "edition": "nfl-2025", "attacks": {"home": "right"}, "source": ""}


def reported(t: float, sigma: float = 0.1) -> Happening:
    return Happening("snap", t, t - 2 * sigma, t + 2 * sigma, None, None, "home", None, None, True)


def ball(leaves: float, speed: float = 8.0, fps: float = 10.0, asleep: float = 0.0) -> Ball:
    """Return a ball that leaves backwards at an instant; its samples stay where it lay for as long as it is asleep.

    It gains its speed over half a metre.
    """
    t = np.arange(round(4 * fps) + 1) / fps
    since = np.where(t < leaves + asleep, 0.0, np.clip(t - leaves, 0.0, None))
    gaining = 1.0 / speed
    gone = np.where(since < gaining, speed * since**2 / (2 * gaining), speed * (since - gaining / 2))
    return Ball("ball", t, -gone, 0 * t)


def test_the_snap_is_when_the_ball_leaves_and_not_when_it_was_reported() -> None:
    instant = snap_instant(reported(3.0), ball(2.75), NFL, 2.0)
    assert instant.high == pytest.approx(2.8)  # the first sample at which it is away
    assert 2.7 - instant.low == pytest.approx(0.053, abs=0.001)  # so long noise hides at the last one that it moves


@pytest.mark.parametrize("leaves", [2.70, 2.72, 2.74, 2.76, 2.78])
@pytest.mark.parametrize("speed", [6.5, 8.0, 11.0])
def test_a_ball_was_snapped_within_the_bounds_whenever_it_left_between_two_samples(leaves: float, speed: float) -> None:
    instant = snap_instant(reported(3.0), ball(leaves, speed), NFL, 2.0)
    assert instant.low - 0.01 <= leaves <= instant.high + 0.01


def test_a_long_snap_may_be_faster_than_one_to_a_quarterback() -> None:
    bounds = [snap_instant(reported(3.0), ball(2.75, 18.0), NFL, 2.0, kick) for kick in (False, True)]
    assert bounds[1].low <= 2.75 <= bounds[1].high
    assert bounds[0].high < bounds[1].high


def test_a_ball_that_is_carried_off_at_a_run_was_snapped_a_while_ago() -> None:
    t = np.arange(41) / 10
    slow, fast = (
        Ball("ball", t, np.where(t < 2.85, 0.0, -0.6 - speed * np.clip(t - 2.9, 0.0, None)), 0 * t)
        for speed in (0.3, 3.0)
    )
    assert snap_instant(reported(3.0), slow, NFL, 2.0).high == pytest.approx(2.9 - 1.1 / 12.0)
    assert snap_instant(reported(3.0), fast, NFL, 2.0).high < 2.9 - 1.1 / 12.0 - 0.05


def test_a_ball_whose_chip_slept_left_before_its_last_sample_at_rest() -> None:
    instant = snap_instant(reported(3.0), ball(2.75, asleep=0.3), NFL, 2.0)
    assert instant.low < 2.8 < instant.high + 0.1


@pytest.mark.parametrize("leaves", [0.5, 9.0])
def test_a_ball_that_leaves_at_another_time_says_nothing(leaves: float) -> None:
    instant = snap_instant(reported(3.0), ball(leaves), NFL, 2.0)
    assert (instant.t, instant.low, instant.high) == (3.0, 2.8, 3.2)


def test_a_ball_that_was_carried_says_nothing() -> None:
    t = np.arange(41) / 10
    instant = snap_instant(reported(3.0), Ball("ball", t, 0.8 * t, 0 * t), NFL, 2.0)
    assert instant.t == 3.0


def creeping(since: float) -> Ball:
    """Return a ball that is pulled away slowly from an instant on."""
    t = np.arange(41) / 10
    return Ball("ball", t, np.where(t > since, -0.5 * (t - since), 0.0), 0 * t)


def test_a_ball_that_creeps_away_is_snapped_when_it_and_the_report_allow() -> None:
    instant = snap_instant(reported(2.6), creeping(2.2), NFL, 2.0)
    assert (instant.low, instant.high) == (pytest.approx(2.4), pytest.approx(2.8))
    apart = snap_instant(reported(3.3), creeping(2.2), NFL, 2.0)
    assert apart.low < 2.35
    assert apart.high > 3.0


def test_stretches_have_to_be_longer_than_the_blur() -> None:
    axis = np.arange(11) / 10
    mask = np.array([0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1], bool)
    assert np.flatnonzero(longer_than(mask, axis, 0.25)).tolist() == [5, 6, 7, 8, 9, 10]


def test_a_rest_is_counted_since_the_last_shift_and_may_have_begun_before_the_scene() -> None:
    axis = np.arange(21) / 10
    still = known(np.ones(21, bool))
    count = rests(still, known(np.zeros(21, bool)), axis, 0.5)
    assert count.low[-1] == pytest.approx(2.0)
    assert np.isinf(count.high[-1])
    shift = np.zeros(21, bool)
    shift[5] = True
    after = rests(known(~shift), known(shift), axis, 0.5)
    assert after.low[-1] == pytest.approx(1.4)
    assert after.high[-1] == pytest.approx(2.0)


def test_a_rest_of_which_nobody_knows_is_open() -> None:
    axis = np.arange(11) / 10
    unknown = Plane(np.zeros(11, bool), np.ones(11, bool))
    count = rests(unknown, known(np.zeros(11, bool)), axis, 0.0)
    assert count.low[-1] == 0.0
    assert np.isinf(count.high[-1])


def scene(step: float = 0.1, last: float = 4.0, **more: Any) -> Scene:
    """Return the usual line-up, standing, with a snap at 3 s."""
    t = np.arange(round(last / step) + 1) * step
    columns: dict[str, list[Any]] = {name: [] for name in ("t", "entity", "kind", "team", "role", "x", "y")}
    for name, (x, y) in LINEUP["people"].items():
        columns["t"] += t.tolist()
        columns["x"] += [x] * len(t)
        columns["y"] += [y] * len(t)
        team = {"h": "home", "a": "away"}[name[0]]
        for key, cell in (("entity", name), ("kind", "player"), ("team", team), ("role", LINEUP["roles"].get(name))):
            columns[key] += [cell] * len(t)
    columns |= {"sigma": [0.03] * len(columns["t"]), "common": [0.0] * len(columns["t"])}
    plays = {"play": ["1"], "from": [0.0], "to": [last], "offense": ["home"], "los_x": [0.0], "los_sigma": [0.02]}
    events = {"t": [3.0], "kind": ["snap"], "entity": ["h61"], "t_sigma": [0.01]}
    return scene_of({**KEYS, **more}, {"tracks": columns, "plays": plays, "events": events})


def calls(made: Scene) -> dict[str, Call]:
    return {call.rule.partition(".")[2]: call for call in judge(made).calls}


def test_every_rule_has_one_call_for_a_snap() -> None:
    found = calls(scene(roster={"home": 11, "away": 11}, complete="all"))
    assert {name: call.verdict for name, call in found.items()} == dict.fromkeys(
        (
            "false_start", "encroachment", "neutral_zone_infraction", "offside", "illegal_shift", "illegal_motion",
            "illegal_formation", "too_many_players",
        ),
        "clear",
    )  # fmt: skip
    assert all(call.opportunity == "certain" and call.t == 3.0 for call in found.values())


def test_eleven_tracked_defenders_are_no_proof() -> None:
    call = calls(scene(complete="all"))["too_many_players"]
    assert call.verdict == "undecided"
    assert "player 1 of away who is not tracked is in play" in [atom.atom for atom in call.blocked_by]


def test_without_the_line_of_scrimmage_the_neutral_zone_is_unknown() -> None:
    made = replace(scene(roster={"home": 11, "away": 11}, complete="all"), plays=None, initial={"possession": "home"})
    found = calls(made)
    assert found["offside"].verdict == "undecided"
    assert found["illegal_shift"].verdict == "clear"


def test_which_way_the_offense_plays_has_to_be_known() -> None:
    made = replace(scene(attacks={"home": None}), plays=None)
    assert judge(made).calls == ()
    coverage = [one for one in judge(made).coverage if one.rule == "football.offside"]
    assert {one.status for one in coverage} == {"judged", "blind"}
    assert {one.why for one in coverage} >= {"it is not known which team has the ball, or which way it plays"}


def test_without_play_clock_or_snap_a_delay_is_blind() -> None:
    made = replace(scene(), events=None)
    (coverage,) = [one for one in judge(made).coverage if one.rule == "football.delay_of_game"]
    assert (coverage.status, coverage.why) == ("blind", "no play clock and no snap event")
