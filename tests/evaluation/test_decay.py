"""Outcomes are counted as a person would count them, and a picture of them shows what was counted."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from evaluation import decay, decay_charts
from evaluation.decay import SWEEPS, Case, Drawn, Known, Outcome, Share
from records.errors import InputError
from records.scene import Scene, scene_of
from rulesight import cli
from simulation.plays import registry
from simulation.sensors import Sensors, sense


@dataclass
class Made:
    """What the counting looks at of a call."""

    rule: str
    verdict: str
    t: float
    team: str | None = "home"
    t_sigma: float = 0.0
    id: str = "call"
    opportunity: str = "certain"


RULE = "hockey.offside"


def counted(known: list[Known], *calls: Made) -> list[tuple[str, str]]:
    return [(one.truth, one.outcome) for one in decay.matched(known, calls)]  # type: ignore[arg-type]


def test_each_opportunity_has_one_outcome() -> None:
    known = [Known(RULE, "violation", "home", 2.0)]
    assert counted(known, Made(RULE, "violation", 2.1)) == [("violation", "right")]
    assert counted(known, Made(RULE, "undecided", 2.1)) == [("violation", "undecided")]
    assert counted(known, Made(RULE, "clear", 2.1)) == [("violation", "wrong")]
    assert counted(known) == [("violation", "lost")]
    assert counted(known, Made("hockey.icing", "violation", 2.0)) == [("violation", "lost")]


def test_a_violation_out_of_thin_air_is_wrong_and_an_idle_clear_is_not() -> None:
    known = [Known(RULE, "clear", "home", 2.0)]
    right = ("clear", "right")
    assert counted(known, Made(RULE, "clear", 2.0), Made(RULE, "violation", 9.0)) == [right, ("extra", "wrong")]
    assert counted(known, Made(RULE, "clear", 2.0), Made(RULE, "clear", 9.0)) == [right]
    assert counted(known, Made(RULE, "violation", 2.0, "away")) == [("clear", "lost"), ("extra", "wrong")]
    assert counted([Known(RULE, "none")], Made(RULE, "clear", 2.0)) == [("none", "right")]
    assert counted([Known(RULE, "none")], Made(RULE, "violation", 2.0)) == [("none", "wrong")]
    assert counted([Known(RULE, "none")], Made(RULE, "undecided", 2.0)) == [("none", "undecided")]


def test_a_call_belongs_to_the_nearest_opportunity() -> None:
    known = [Known(RULE, "clear", "home", 1.0), Known(RULE, "violation", "home", 2.0)]
    assert counted(known, Made(RULE, "violation", 2.1)) == [("clear", "lost"), ("violation", "right")]
    assert counted(known, Made(RULE, "violation", 2.0), Made(RULE, "clear", 1.0)) == [
        ("clear", "right"), ("violation", "right")]  # fmt: skip


def test_a_call_on_perhaps_nothing_gives_way_to_a_certain_one() -> None:
    known = [Known(RULE, "violation", "home", 2.0)]
    perhaps = Made(RULE, "undecided", 1.9, opportunity="possible")
    assert counted(known, perhaps, Made(RULE, "violation", 2.4)) == [("violation", "right")]
    assert counted(known, perhaps) == [("violation", "undecided")]
    assert counted(known, Made(RULE, "violation", 2.0), Made(RULE, "violation", 2.4)) == [("violation", "right")]


def test_the_first_level_of_a_knob_is_the_truth_or_honest() -> None:
    for name, sweep in SWEEPS.items():
        if name != "claimed":
            assert sweep.levels[0] == 0.0
            drawn = sense(entry(10.0), sweep.sensors(0.0), 1)
            assert drawn.tracks.equals(entry(10.0).tracks), name
    assert SWEEPS["claimed"].sensors(1.0).claimed == 1.0
    assert {name for name, sweep in SWEEPS.items() if not sweep.honest} == {
        "claimed", "hidden_swaps", "hidden_team_swaps", "hidden_gaps", "hidden_events", "named_ghosts"}  # fmt: skip


def entry(x: float) -> Scene:
    """h9 carries the puck over the line at 7.92 m; h17 stands at x."""
    t = np.arange(61) / 30
    places = {"puck": 10 * t, "h9": 10 * t - 1.5, "h17": 0 * t + x, "a4": 0 * t + 20}
    count = len(t)
    columns = {
        "t": np.tile(t, 4), "entity": np.repeat(list(places), count), "x": np.concatenate(list(places.values())),
        "kind": np.repeat(["puck", "player", "player", "player"], count),
        "team": np.repeat(np.array([None, "home", "home", "away"], object), count),
        "y": np.repeat([0.0, 0.0, 8.0, 8.0], count), "sigma": np.zeros(4 * count), "common": np.zeros(4 * count),
    }  # fmt: skip
    events = {"t": [0.0], "kind": ["possession"], "entity": ["h9"], "until": [2.0], "t_sigma": [0.0]}
    keys = {"schema": 1, "id": "entry", "domain": "hockey", "edition": "nhl-2025", "source": "", "complete": "all"}
    keys |= {"attacks": {"home": "right"}, "roster": {"home": 2, "away": 1}}
    return scene_of(keys, {"tracks": columns, "events": events})


CASES = [
    Case(f"h17 at {x}", lambda x=x: entry(x), (Known(RULE, verdict, "home", 0.8),))
    for x, verdict in [(4.0, "clear"), (6.5, "clear"), (9.5, "violation"), (12.0, "violation")]
]


def test_with_noise_abstention_grows_and_not_error() -> None:
    found = list(decay.outcomes(CASES, ["position", "gaps"], repeats=4))
    assert len(found) == len(CASES) * 4 * (len(SWEEPS["position"].levels) + len(SWEEPS["gaps"].levels))
    rows = {one.level: one for one in decay.shares(found) if one.knob == "position"}
    assert rows[0.0].share("right") == 1.0
    undecided = [one.share("undecided") for one in rows.values()]
    assert undecided[-1] >= 0.4 > undecided[0]
    assert all(one.share("wrong") == 0.0 for one in rows.values())
    assert found == list(decay.outcomes(CASES, ["position", "gaps"], repeats=4))


def test_thinned_levels_are_others_for_other_plays() -> None:
    found = list(decay.outcomes(CASES, ["position"], thin=3))
    levels = {case.name: {one.level for one in found if one.case == case.name} for case in CASES}
    assert all(0.0 in own and len(own) < 6 for own in levels.values())
    assert len({tuple(sorted(own)) for own in levels.values()}) > 1


def test_an_unknown_knob_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'gaps'"):
        list(decay.outcomes(CASES, ["gabs"]))
    with pytest.raises(InputError, match="per_case is 0"):
        Drawn(per_case=0)


SHARES = [
    Share(RULE, "gaps", level, 10, {"right": right, "undecided": 10 - right - wrong, "lost": 0, "wrong": wrong})
    for level, right, wrong in [(0.0, 10, 0), (0.25, 6, 0), (0.5, 5, 1), (1.0, 3, 0), (2.0, 1, 0)]
]


def test_the_table_and_the_goals() -> None:
    rows = list(csv.DictReader(io.StringIO(decay.table(SHARES))))
    assert [row["undecided"] for row in rows] == ["0", "4", "4", "7", "9"]
    assert rows[0] | {"right": ""} == rows[0] | {"right": "", "honest": "True", "unit": "s, 10 a minute", "of": "10"}
    figure = decay.figures(SHARES)[0]
    assert (figure.value, figure.met) == (0.1, False)
    assert "0.5" in figure.name
    assert decay.worst(SHARES)[-1].startswith(f"| {RULE} | gaps | 0.5 s, 10 a minute | 10 | 0.100 | 0.500 |")


def test_shares_count_opportunities_not_calls() -> None:
    outcomes = [
        Outcome(RULE, "gaps", 0.5, "a", "clear", "right", 1),
        Outcome(RULE, "gaps", 0.5, "a", "extra", "wrong", 1),
    ]
    share = decay.shares(outcomes)[0]
    assert (share.of, share.share("right"), share.share("wrong")) == (1, 1.0, 1.0)


def test_the_picture_shows_the_shares(tmp_path: Path) -> None:
    picture = decay_charts.draw(SHARES, "gaps")
    colours = {name: int(np.all(picture == colour, axis=2).sum()) for name, colour in decay_charts.COLOURS.items()}
    assert colours["right"] > 15000  # half of a panel
    assert colours["undecided"] > 10000
    assert 100 < colours["wrong"] < 5000
    paths = decay_charts.write(SHARES, tmp_path)
    assert [path.name for path in paths] == ["gaps.png"]
    with pytest.raises(InputError, match="nothing was judged"):
        decay_charts.draw(SHARES, "misses")


def test_the_subcommand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(decay, "measure", lambda *given: SHARES)
    assert cli.main(["evaluate", "suite=decay", "domain=hockey", "knobs=[gaps]", f"out={tmp_path / 'here'}"]) == 1
    assert "0.100" in capsys.readouterr().out
    assert (tmp_path / "here" / "decay.csv").exists()
    assert (tmp_path / "here" / "gaps.png").exists()
    assert cli.main(["evaluate", "suite=decay", "knobs=[gap]"]) == 2
    assert "did you mean 'gaps'" in capsys.readouterr().err


def test_generated_plays_are_judged_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = dict(list(registry.cases("hockey").items())[:2])
    monkeypatch.setattr(registry, "cases", lambda domain: cases)
    shares = decay.measure(["hockey"], ["frames"], Drawn(per_case=1))
    assert {one.level for one in shares} == set(SWEEPS["frames"].levels)
    assert shares[0].level == 0.0
    assert shares[0].counts["wrong"] == 0


def test_the_sensors_of_a_level_are_the_knob_and_nothing_else() -> None:
    assert SWEEPS["position"].sensors(0.2) == Sensors(position=SWEEPS["position"].sensors(0.2).position)
