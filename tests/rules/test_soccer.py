"""What the calls on offside say beyond their verdict, and what the rule can see of a scene."""

from pathlib import Path
from typing import Any

import pytest
from soccer_play import corpus, play

from pipeline.judging import judge
from records.calls import Call, Calls


def calls(script: dict[str, Any]) -> Calls:
    return judge(play(script))


def only(script: dict[str, Any]) -> Call:
    (call,) = calls(script).calls
    return call


def test_a_violation_names_the_offender_his_margin_when_he_became_involved_and_what_would_flip_it() -> None:
    call = only(corpus("violation_by_a_foot"))
    assert (call.t, call.act_t, call.team, call.entities) == (2.0, 3.5, "home", ("h9",))
    assert call.margin is not None
    assert call.margin.value == pytest.approx(0.2, abs=0.01)
    assert call.because[call.margin.atom].atom == "h9 nearer to the goal line than the second-last opponent (a4)"
    assert call.would_flip is not None
    assert call.would_flip.text.startswith("clear if h9 were 0.3")
    assert {one.value for one in call.exceptions} == {"false"}
    assert call.probability is not None
    assert call.probability > 0.99


def test_only_the_one_who_becomes_involved_offends() -> None:
    assert only(corpus("violation_second_of_two_runners")).entities == ("h11",)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("clear_from_a_goal_kick", "received directly from a goal kick"),
        ("clear_bleed_15_from_a_throw_in", "received directly from a throw-in"),
        ("clear_from_a_corner", "received directly from a corner"),
        ("clear_defender_plays_it_deliberately", "an opponent played the ball deliberately"),
        ("clear_from_an_opponents_back_pass", "an opponent played the ball deliberately"),
    ],
)
def test_what_excuses_is_told(name: str, told: str) -> None:
    assert (told, "true") in [(one.name, one.value) for one in only(corpus(name)).exceptions]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("undecided_level_within_the_footprint", "h9 nearer to the goal line than the second-last opponent (a4)"),
        ("undecided_not_all_opponents_in_the_picture", "an opponent who is not tracked is level with h9 or beyond"),
        ("undecided_nobody_judged_the_defenders_touch", "an opponent played the ball deliberately before h9 did"),
        ("undecided_whether_he_interfered", "h9 interferes with play or an opponent"),
        (
            "undecided_the_clip_ends_before_he_gets_there",
            "h9 is the next of home to play the ball (the scene or play ends first)",
        ),
    ],
)
def test_an_undecided_call_says_what_is_missing(name: str, told: str) -> None:
    call = only(corpus(name))
    assert told in [atom.atom for atom in call.blocked_by]
    assert call.would_flip is None


def test_moving_a_receiver_who_is_level_with_the_ball_back_is_no_flip() -> None:
    """Behind the ball he would make no opportunity any more, so nothing is said about it."""
    script = corpus("violation_foot_past_the_front_of_the_ball")
    assert only(script).would_flip is None


def test_a_pass_known_to_half_a_second_is_decided_when_he_was_offside_all_that_time() -> None:
    script = corpus("undecided_when_the_pass_was_played")
    script["people"]["h9"] = {0: [36, 5], 2: [39, 5], 3.5: [45, 4.5], 5: [48, 3.5]}
    call = only(script)
    assert call.verdict == "violation"
    assert call.t_sigma == pytest.approx(0.25)


def test_without_a_ball_track_the_ball_is_where_the_passer_is() -> None:
    script = corpus("violation_through_ball_behind_the_back_line")
    del script["people"]["ball"]
    assert only(script).verdict == "violation"
    script["people"]["h8"] = {0: [36.5, 0], 5: [36.5, 0]}
    assert only(script).verdict == "undecided"


def test_a_carry_that_is_all_reported_is_an_opportunity_only_when_somebody_interferes_during_it() -> None:
    script = corpus("violation_blocks_the_goalkeepers_view")
    script["events"] = [[1.0, "possession", "h8"]]
    assert calls(script).calls == ()
    script["events"] += [[2.2, "interfering", "h9"]]
    call = only(script)
    assert (call.verdict, call.entities) == ("violation", ("h9",))


def test_a_stranger_who_may_be_a_team_mate_leaves_it_open() -> None:
    script = corpus("violation_through_ball_behind_the_back_line")
    script["people"]["x9"] = script["people"].pop("h9")
    script["events"][1][2] = "x9"
    script["roster"] = {"home": 2, "away": 3}
    assert "undecided" in [call.verdict for call in calls(script).calls]
    script["roster"] = {"home": 1, "away": 3}
    assert all(call.verdict != "violation" for call in calls(script).calls)


def test_the_end_of_live_play_leaves_involvement_open() -> None:
    script = corpus("violation_through_ball_behind_the_back_line")
    script["segments"] = [{"from": 0.0, "to": 3.0, "kind": "live"}, {"from": 3.0, "to": 9.0, "kind": "other"}]
    assert only(script).verdict == "undecided"


def coverage(script: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(one.status, one.why) for one in calls(script).coverage}


def test_coverage_says_where_the_rule_was_blind() -> None:
    script = corpus("violation_through_ball_behind_the_back_line")
    assert coverage(script) == {("judged", None)}
    assert ("blind", "no events tell when the ball was played") in coverage(
        {**script, "events": [], "complete": "none"}
    )
    assert coverage({**script, "events": []}) == {("judged", None)}
    assert ("not_applicable", "play is stopped") in coverage(corpus("none_play_is_dead"))
    unknown = {**script, "events": [[2.0, "touch", "x3"], *script["events"][1:]]}
    assert ("blind", "it is not known which team played the ball") in coverage(unknown)
    alone = corpus("none_everybody_behind_the_ball")
    alone["roster"] = {"home": 11, "away": 3}
    assert ("blind", "an attacker whom nobody tracks may be ahead of the ball") in coverage(alone)


def test_the_corpus_is_as_wide_as_it_should_be() -> None:
    names = [path.stem for path in (Path(__file__).parents[1] / "scenarios" / "soccer" / "offside").glob("*.yaml")]
    counts = {
        verdict: sum(name.startswith(verdict) for name in names) for verdict in ("violation", "clear", "undecided")
    }
    assert counts["violation"] >= 6
    assert counts["clear"] >= 14
    assert counts["undecided"] >= 8
