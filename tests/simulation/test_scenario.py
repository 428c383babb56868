import numpy as np
import pytest

from ontologies.checks import check_scene
from records.errors import InputError
from records.scene import read_scene, write_scene
from records.tables import column
from simulation.demo import demo_play
from simulation.motion import through
from simulation.scenario import PUCK_RADIUS_M, Script

EDGE_M = 26 * 0.3048


def script(rink, **changes):
    given = {"name": "s", "edition": "nhl-2025", "duration_s": 3.0, "attacks": {"home": "right", "away": "left"}}
    return Script(**(given | changes), field=rink)


def test_a_path_passes_its_waypoints_at_their_times():
    t = np.arange(91) / 30
    path = through([(0, 0, 0), (1, 5, 1), (3, 12, -2)], t)
    assert path.xy[[0, 30, 90]] == pytest.approx(np.array([[0, 0], [5, 1], [12, -2]]))
    assert np.gradient(path.xy, t, axis=0)[1:-1] == pytest.approx(path.velocity[1:-1], abs=0.02)


@pytest.mark.parametrize(
    ("waypoints", "complaint"),
    [
        ([(0, 0, 0), (1, 30, 0), (3, 31, 0)], "m/s"),
        ([(0, 0, 0), (0.3, 2, 0), (0.6, 0, 0), (3, 0, 0)], r"m/s\^2"),
        ([(0, 0, 0), (2, 1, 0)], "span"),
        ([(0, 0, 0), (2, 1, 0), (2, 2, 0), (3, 2, 0)], "order"),
    ],
)
def test_what_legs_cannot_do_is_refused(waypoints, complaint):
    with pytest.raises(InputError, match=complaint):
        through(waypoints, np.arange(91) / 30, who="h9")


def test_a_carried_puck_stays_on_the_stick_and_a_pass_arrives(rink):
    given = script(rink)
    given.skater("h1", "home", "1", via=[(0, -5, 0), (3, 7, 0)])
    given.skater("h2", "home", "2", via=[(0, 0, 6), (3, 8, 6)])
    given.puck_starts_with("h1").keeps_until(1.0).passes_to("h2", at=1.6)
    play = given.play()
    from_first = np.hypot(*(play.puck - play.paths["h1"].xy).T)
    from_second = np.hypot(*(play.puck - play.paths["h2"].xy).T)
    assert from_first[play.t <= 1.0].max() < 1.6
    assert from_second[play.t >= 1.6].max() < 1.6
    between = (play.t > 1.1) & (play.t < 1.5)
    assert (np.diff(play.puck[between, 1]) > 0).all()
    assert play.carrier[10] == "h1"
    assert play.carrier[40] is None
    assert play.carrier[60] == "h2"
    told = [(event["kind"], event["t"], event.get("entity"), event.get("until")) for event in play.events]
    assert told == [("possession", 0.0, "h1", 1.0), ("touch", 1.0, "h1", None), ("possession", 1.6, "h2", 3.0)]


def test_a_dumped_puck_lies_where_it_was_sent(rink):
    given = script(rink)
    given.skater("h1", "home", "1", via=[(0, 0, 0), (3, 5, 0)])
    given.puck_starts_with("h1").keeps_until(0.5).dumped_to((25.0, 8.0), at=2.0)
    given.skater("a1", "away", "2", via=[(0, 20, 5), (3, 24.3, 7.6)])
    given.picked_up_by("a1", at=2.8)
    play = given.play()
    assert play.puck[60] == pytest.approx([25.0, 8.0])
    assert play.carrier[-1] == "a1"


def test_bad_scripts_are_refused(rink):
    with pytest.raises(InputError, match="the puck is with"):
        script(rink).play()
    nobody = script(rink)
    nobody.puck_starts_with("ghost")
    with pytest.raises(InputError, match="ghost"):
        nobody.play()
    backwards = script(rink)
    backwards.skater("h1", "home", "1", via=[(0, 0, 0), (3, 5, 0)])
    with pytest.raises(InputError, match="cannot arrive"):
        backwards.puck_starts_with("h1").keeps_until(2.0).passes_to("h1", at=1.0)
    missed = script(rink)
    missed.skater("h1", "home", "1", via=[(0, -9, 0), (3, -5, 0)])
    missed.puck_starts_with("h1")
    missed.expect("hockey.offside", "clear", "home", ("blue_line_right_outer", 1.0), "never gets there")
    with pytest.raises(InputError, match="never crosses"):
        missed.play()


def home_ahead(play, t):
    """Metres of every home skater past the right leading edge at a time, by entity."""
    return {
        person.entity: float(np.interp(t, play.t, play.paths[person.entity].xy[:, 0])) - EDGE_M
        for person in play.cast
        if person.team == "home"
    }


def test_the_demo_is_what_its_script_says(play):
    legal, offside = play.expected
    assert (legal.verdict, offside.verdict) == ("clear", "violation")
    for want in play.expected:
        puck_x = np.interp(want.t, play.t, play.puck[:, 0])
        assert puck_x - PUCK_RADIUS_M == pytest.approx(EDGE_M, abs=0.01)
    assert len(home_ahead(play, legal.t)) == 6
    assert max(home_ahead(play, legal.t).values()) < -1.0
    ahead = {entity: gap for entity, gap in home_ahead(play, offside.t).items() if gap > -1.0}
    assert set(ahead) == {"h11"}
    assert ahead["h11"] > 3.0
    deepest = play.puck[(play.t > legal.t) & (play.t < offside.t), 0]
    assert deepest.max() > EDGE_M + 5
    assert deepest.min() < EDGE_M - 3, "the puck must come out between the entries"
    crossings = np.flatnonzero(np.diff((play.puck[:, 0] > EDGE_M + PUCK_RADIUS_M).astype(int)) == 1)
    assert len(crossings) == len(play.expected), "every entry has its expected call"


def test_the_demo_keeps_people_apart_and_the_puck_below_a_hard_shot(play):
    xy = np.stack([play.paths[person.entity].xy for person in play.cast])
    gaps = np.linalg.norm(xy[:, None] - xy[None], axis=-1) + 99 * np.eye(len(xy))[:, :, None]
    assert gaps.min() > 0.9
    assert (np.hypot(*np.diff(play.puck, axis=0).T) * 30).max() < 30


def test_a_play_becomes_a_scene_that_can_be_kept(play, tmp_path):
    scene = play.scene()
    check_scene(scene)
    write_scene(scene, tmp_path)
    again = read_scene(tmp_path)
    assert again.roster_at("home", 1.0) == 6
    assert again.is_complete("whistle", 0.0, 10.0)
    assert again.tracks.num_rows == len(play.t) * (len(play.cast) + 1)
    entity = column(again.tracks, "entity")
    assert column(again.tracks, "x")[entity == "puck"] == pytest.approx(play.puck[:, 0], abs=1e-5)


def test_the_same_script_gives_the_same_truth(rink, play):
    again = demo_play(rink)
    assert (again.puck == play.puck).all()
    assert again.tracks().equals(play.tracks())
