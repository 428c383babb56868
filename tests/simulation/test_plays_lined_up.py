"""Football and basketball plays: what their scripts say of people and balls holds, and the rules agree."""

import numpy as np
import pytest

from evaluation.plays import check, good
from ontologies.checks import check_scene
from records.errors import InputError
from simulation.plays import cases, draw
from simulation.plays.basketball_board import Court
from simulation.plays.courses import Course, quickest, sway, walking_time
from simulation.plays.football_board import Gridiron
from simulation.plays.football_team import ZONE_M

BOARDS = {"football": Gridiron, "basketball": Court}
ALL = [(sport, name) for sport in BOARDS for name in cases(sport)]
LATER = pytest.mark.slow


def ahead(play, xy):
    """Return how far ahead of the tip of the ball something is, towards the defense."""
    row = play.rows["plays"][0]
    return (1 if row["direction"] == "right" else -1) * (np.asarray(xy)[..., 0] - row["los_x"])


def event(play, kind):
    return next(one for one in play.events if one["kind"] == kind)


def players(play, team):
    return [one for one in play.cast if one.kind == "player" and one.team == team]


# courses


def test_a_course_rests_between_its_legs():
    course = Course(1.0, 2.0).to(4.0, 6.0, 1.0, 3.0).by(0.0, -1.0, 5.0, 6.0)
    t = np.array([0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 9.0])
    assert np.allclose(course(t)[:, 0], [1, 1, 4, 4, 4, 4, 4])
    assert np.allclose(course(t)[:, 1], [2, 2, 6, 6, 6, 5, 5])
    assert np.allclose(course(t, 1), 0.0)
    assert course.rests_from == 6.0
    assert course.end == (4.0, 5.0)


def test_the_derivatives_of_a_course_are_those_of_its_places():
    course = (
        Course(0.0, 0.0, swaying=sway(np.random.default_rng(1), 0.02)).to(5.0, 2.0, 0.5, 2.5).go(0.0, 3.0, 1.5, 6.0)
    )
    t = np.linspace(0.0, 7.0, 7001)
    for order in (0, 1):
        slope = np.gradient(course(t, order), t, axis=0)
        assert np.abs(slope - course(t, order + 1))[2:-2].max() < 0.02


def test_a_leg_takes_as_long_as_its_speed_and_its_acceleration_ask():
    t = np.linspace(0.0, 6.0, 3001)
    walk = Course(0.0, 0.0).to(6.0, 0.0, 0.0, walking_time(6.0, 3.0))
    assert np.hypot(*walk(t, 1).T).max() == pytest.approx(3.0, abs=1e-3)
    jump = Course(0.0, 0.0).to(0.6, 0.0, 0.0, quickest(0.6, 8.0), 9.0)
    assert np.hypot(*jump(t, 2).T).max() == pytest.approx(8.0, rel=1e-2)
    with pytest.raises(InputError, match="cannot stop"):
        walk.to(0.0, 0.0, 3.0, 2.0)


# both sports


def test_every_rule_has_edge_cases_of_both_kinds():
    for sport in BOARDS:
        rules = {}
        for case in cases(sport).values():
            verdicts = [case.verdict_of(edition) for edition in case.editions]
            rules.setdefault(case.rule, []).extend(verdicts)
            assert case.name.startswith(case.rule.split(".")[1])
            assert len(case.title) > 20
        assert len(rules) == (9 if sport == "football" else 5)
        for rule, verdicts in rules.items():
            assert len(verdicts) >= 6, rule
            assert verdicts.count("violation") >= 2, rule
            assert len(verdicts) - verdicts.count("violation") >= 3, rule


@pytest.mark.parametrize(
    ("sport", "name"), [one if n % 6 == 0 else pytest.param(*one, marks=LATER) for n, one in enumerate(ALL)]
)
def test_a_play_is_plausible(sport, name):
    case = cases(sport)[name]
    play = draw(sport, name, case.editions[-1], 5)
    check_scene(play.scene())
    own = {want.verdict for want in play.expected if want.rule == case.rule}
    assert case.verdict_of(case.editions[-1]) in own
    step = play.t[1] - play.t[0]
    for person in play.cast:
        path, limits = play.paths[person.entity], BOARDS[sport].LIMITS[person.kind]
        assert np.hypot(*path.velocity.T).max() <= limits.speed + 1e-6
        assert np.hypot(*np.diff(path.velocity, axis=0).T).max() / step <= limits.acceleration + 1e-6
        assert np.abs(np.diff(path.xy, axis=0) / step - path.velocity[:-1]).max() < 0.5
    assert {person.kind for person in play.cast} >= {"player", "official", "staff"}


@pytest.mark.parametrize(("sport", "name"), ALL[::25])
def test_the_same_seed_gives_the_same_play(sport, name):
    one, again, other = (draw(sport, name, None, seed).scene() for seed in (3, 3, 4))
    assert one.tracks.equals(again.tracks)
    assert one.parts.equals(again.parts)
    assert not one.tracks.equals(other.tracks)


@pytest.mark.parametrize("sport", BOARDS)
def test_the_rules_agree_with_the_authors(sport):
    tallies = check(list(cases(sport).values())[3::11], 1, seed=21)
    assert good(tallies), "\n".join(str(note) for one in tallies for note in one.notes)


@pytest.mark.slow
@pytest.mark.parametrize("sport", BOARDS)
def test_the_rules_agree_with_the_authors_on_many_plays(sport):
    tallies = check(list(cases(sport).values()), 6, seed=2000)
    assert good(tallies), "\n".join(str(note) for one in tallies for note in one.notes)


# football


@pytest.mark.parametrize("edition", ["nfl-2025", "ncaa-2025"])
def test_an_ordinary_snap(edition):
    play = draw("football", "illegal_formation_seven_on_the_line", edition, 7)
    assert {want.verdict for want in play.expected} == {"clear"}
    snap, lined_up = event(play, "snap")["t"], event(play, "line_set")["t"]
    offense = play.rows["plays"][0]["offense"]
    defense = "home" if offense == "away" else "away"
    assert len(players(play, offense)) == len(players(play, defense)) == 11
    still = (play.t > lined_up) & (play.t < snap)
    for person in players(play, offense):
        assert np.hypot(*play.paths[person.entity].velocity[still].T).max() < 0.1
    lies = play.ball[play.t < snap]
    assert np.ptp(lies, axis=0).max() < 1e-6
    assert ahead(play, lies[0]) == pytest.approx(-ZONE_M / 2, abs=1e-6)
    places = [play.paths[one.entity].xy for one in players(play, offense)]
    assert sum(np.hypot(*(xy[-1] - xy[still][-1])) > 0.2 for xy in places) >= 9


def test_who_is_offside_is_over_the_tip_of_the_ball_at_the_snap():
    play = draw("football", "offside_lines_up_over_the_tip", "nfl-2025", 3)
    want = next(one for one in play.expected if one.verdict == "violation")
    here = int(np.searchsorted(play.t, want.t)) - 1
    reach = min(float(ahead(play, xyz[here])) for (entity, _), xyz in play.parts.items() if entity in want.entities)
    assert -0.2 < reach < -0.015


def test_the_play_clock_shows_what_the_case_says():
    late = draw("football", "delay_of_game_snap_at_zero", "nfl-2025", 2)
    fine = draw("football", "delay_of_game_snap_at_one", "nfl-2025", 2)
    for play, shown in ((late, 0.0), (fine, 1.0)):
        before = [row["value"] for row in play.rows["clocks"] if row["t"] <= event(play, "snap")["t"]]
        assert before[-1] == shown


# basketball


def test_who_stays_too_long_has_a_foot_in_the_lane_all_the_time():
    play = draw("basketball", "three_seconds_stays", "nba-2025", 4)
    want = next(one for one in play.expected if one.verdict == "violation")
    feet = [xyz for (entity, _), xyz in play.parts.items() if entity in want.entities]
    inside = (play.t > want.t - 2.9) & (play.t < want.t)
    touching = np.any([(np.abs(foot[:, 1]) < 2.45) & (np.abs(foot[:, 0]) > 14.33 - 5.8) for foot in feet], axis=0)
    assert touching[inside].all()
    assert not touching[play.t < want.t - 3.2].any()


def test_a_late_crossing_is_late_by_feet_and_ball():
    play = draw("basketball", "eight_seconds_over_too_late", "fiba-2024", 4)
    attack = next(one.team for one in play.expected if one.verdict == "violation")
    sign = 1 if play.attacks[attack] == "right" else -1
    before = play.t <= 8.0
    assert not (sign * play.ball[before, 0] > 0.5).any()


def test_the_shot_leaves_the_hand_before_or_after_the_clock_expires():
    for name, late in (("shot_clock_released_in_time", False), ("shot_clock_released_too_late", True)):
        play = draw("basketball", name, "nba-2025", 6)
        zero = next((row["t"] for row in play.rows["clocks"] if row["value"] == 0.0), np.inf)
        assert (event(play, "release")["t"] > zero) == late
