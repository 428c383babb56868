"""What the calls on some scenarios say beyond their verdict, and that the corpus is as wide as it should be."""

import re
from collections import Counter
from pathlib import Path

import pytest
from laws import in_time
from script import HERE, build, load, scripts, wanted

from pipeline.judging import judge
from records.calls import Call
from rules.registry import EDITIONS, RULES, domain_of, lacks


def call_on(name: str, rule: str = "hockey.offside", edition: str = "nhl-2025") -> Call:
    script = load(Path(HERE, *name.split("/")).with_suffix(".yaml"))
    (found,) = [call for call in judge(build(script, edition)).calls if call.rule == rule]
    return found


def test_a_violation_names_the_offender_his_margin_and_what_did_not_excuse_him() -> None:
    call = call_on("hockey/offside/violation_both_skates_a_foot_over")
    assert call.entities == ("h17",)
    assert call.margin is not None
    assert call.margin.value == pytest.approx(0.3, abs=0.05)
    assert call.because[call.margin.atom].atom == "h17's left skate wholly over the blue line"
    assert {one.name: one.value for one in call.exceptions} == {
        "puck carrier in control": "false",
        "defenders played it in": "false",
    }
    assert call.act_t is None
    assert call.probability is not None
    assert call.probability > 0.99


def test_would_flip_says_who_should_have_been_where() -> None:
    call = call_on("hockey/offside/violation_both_skates_a_foot_over")
    assert call.would_flip is not None
    assert call.would_flip.entity == "h17"
    assert call.would_flip.dx == pytest.approx(-0.4, abs=0.1)
    assert call.would_flip.text.startswith("clear if h17 were 0.")
    assert "further back" in call.would_flip.text


def test_the_carriers_exception_is_true_for_him_who_is_ahead() -> None:
    call = call_on("hockey/offside/clear_carrier_backs_in_with_control")
    assert ("puck carrier in control", "true") in [(one.name, one.value) for one in call.exceptions]
    assert "h9 had the puck under control before he was over the line, and kept it" in [
        one.atom for one in call.because
    ]


def test_a_delayed_offside_is_linked_and_tells_its_act() -> None:
    name = "hockey/delayed_offside/violation_straggler_has_not_tagged"
    offside, delayed = call_on(name), call_on(name, "hockey.delayed_offside")
    assert delayed.parent == offside.id
    assert delayed.act_t == offside.act_t == 4.0
    assert delayed.t == offside.t
    assert "h9" in delayed.entities
    assert set(offside.entities) == {"h8", "h9"}


def test_with_two_players_over_the_margin_is_that_of_the_further() -> None:
    call = call_on("hockey/delayed_offside/violation_straggler_has_not_tagged")
    assert call.margin is not None
    assert call.margin.value == pytest.approx(4.0, abs=0.01)
    assert call.would_flip is not None
    assert call.would_flip.entity is None
    assert call.would_flip.text.startswith("clear if h17 were ")
    assert " and h8 were " in call.would_flip.text


def test_what_washed_out_a_signal_is_told() -> None:
    tagged = call_on("hockey/offside/clear_dump_in_and_everybody_tags_up")
    assert ("attackers cleared the zone", "true") in [(one.name, one.value) for one in tagged.exceptions]
    left = call_on("hockey/delayed_offside/clear_defenders_carry_it_out")
    assert ("puck left the zone", "true") in [(one.name, one.value) for one in left.exceptions]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("undecided_not_all_attackers_in_the_picture", "a player of home who is not tracked is over the blue line"),
        ("undecided_winger_lost_at_the_line", "h17 wholly over the blue line"),
        ("undecided_winger_level_with_the_line", "h17 wholly over the blue line"),
        ("undecided_puck_hidden_behind_the_boards", "h17 wholly over the blue line"),
        ("undecided_nobody_noted_who_played_the_puck", "away played the puck into their own zone"),
    ],
)
def test_an_undecided_call_says_what_is_missing(name: str, reason: str) -> None:
    call = call_on(f"hockey/offside/{name}")
    assert reason in [atom.atom for atom in call.blocked_by]
    assert all(atom.value == "unknown" for atom in call.blocked_by)
    assert call.would_flip is None


def test_missing_evidence_has_no_probability_but_measured_doubt_has() -> None:
    assert call_on("hockey/offside/undecided_not_all_attackers_in_the_picture").probability is None
    doubt = call_on("hockey/offside/undecided_winger_level_with_the_line").probability
    assert doubt is not None
    assert 0.05 < doubt < 0.95


def test_a_formation_says_who_is_missing_on_the_line() -> None:
    call = call_on(
        "football/illegal_formation/undecided_end_between_line_and_backfield", "football.illegal_formation", "nfl-2025"
    )
    assert [atom.atom for atom in call.blocked_by] == ["h81 on the line"]


@pytest.mark.parametrize(
    "name",
    [
        "violation_forty_seconds_after_the_play",
        "violation_twenty_five_seconds_after_ready",
        "violation_clock_shows_zero_before_the_snap",
    ],
)
def test_a_snap_by_the_time_that_would_flip_is_in_time(name: str) -> None:
    script = load(Path(HERE, "football", "delay_of_game", f"{name}.yaml"))
    rule = "football.delay_of_game"
    flip = call_on(f"football/delay_of_game/{name}", rule, "nfl-2025").would_flip
    assert flip is not None
    assert flip.text.startswith("clear if the ball had been snapped by ")
    assert flip.t is not None
    sooner = [[flip.t - 0.05, *one[1:]] if one[1] == "snap" else one for one in script["events"]]
    found = [call for call in judge(build({**script, "events": sooner}, "nfl-2025")).calls if call.rule == rule]
    assert [call.verdict for call in found] == ["clear"]


def test_who_retires_in_time_makes_a_change_legal() -> None:
    name, rule = "violation_retiring_player_plays_the_puck_far_from_the_bench", "hockey.too_many_men"
    flip = call_on(f"hockey/too_many_men/{name}", rule).would_flip
    assert flip is not None
    assert flip.entity is None
    assert flip.text.startswith("clear if h5 had gone off by ")
    assert flip.t is not None
    script = load(Path(HERE, "hockey", "too_many_men", f"{name}.yaml"))
    gone = {0: [-8, -10], flip.t - 0.7: [-8, -10], flip.t - 0.2: [-8, -13.8], 9: [-8, -13.9]}
    script = {**script, "people": {**script["people"], "h5": gone}}
    assert [call.verdict for call in judge(build(script, "nhl-2025")).calls if call.rule == rule] == []


IN_TIME = {
    "hockey.icing": "a player of home had touched the puck",
    "football.illegal_shift": "all of home had been set",
    "football.illegal_motion": "had stopped",
}


@pytest.mark.parametrize("rule", IN_TIME)
def test_what_happens_by_the_time_that_would_flip_is_in_time(rule: str) -> None:
    told = 0
    for path in sorted(Path(HERE, *rule.split(".")).glob("violation_*.yaml")):
        for edition in (one for one in EDITIONS[domain_of(rule)] if lacks(rule, one) is None):
            scene = build(load(path), edition)
            for call in (one for one in judge(scene).calls if one.rule == rule):
                if call.would_flip is None or call.would_flip.dt is None:
                    continue
                assert IN_TIME[rule] in call.would_flip.text
                other = in_time(scene, call)
                assert other is not None
                found = [(one.verdict, one.team) for one in judge(other).calls if one.rule == rule]
                assert ("violation", call.team) not in found, (path.stem, edition, call.would_flip.text, found)
                told += 1
    assert told >= 2


LEAST = {"violation": 2, "clear": 4, "undecided": 2}
JUDGED = [(rule, edition) for rule in RULES for edition in EDITIONS[domain_of(rule)] if lacks(rule, edition) is None]


@pytest.fixture(scope="module")
def told() -> Counter[tuple[str, str, str]]:
    """Return how many scenarios of each rule and edition want each verdict; no call at all is a clear one."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for script in map(load, scripts()):
        for edition in script["editions"]:
            for verdict in set(wanted(script, script["rule"], edition)) or {"clear"}:
                counts[script["rule"], edition, verdict] += 1
    return counts


@pytest.mark.parametrize(("rule", "edition"), JUDGED)
def test_every_rule_has_violations_look_alikes_and_undecided_scenarios(
    told: Counter[tuple[str, str, str]], rule: str, edition: str
) -> None:
    assert all(told[rule, edition, verdict] >= least for verdict, least in LEAST.items())


def test_every_cross_sport_case_has_a_scenario_that_stays_clear() -> None:
    names = [path.stem for path in scripts()]
    told = {int(found[2]) for name in names if (found := re.match(r"(clear|none)_bleed_(\d\d)_", name))}
    assert told == set(range(1, 16))
