import numpy as np
import pytest
from scenes import AWAY, GROUND, HOME, OFFICIAL, footage

from records import tables
from records.errors import InputError
from tracking.settings import tracker_settings
from tracking.tracker import Example, track

TIMES = np.arange(90) / 30.0
SETTINGS = tracker_settings({})


def column(table, name):
    return tables.column(table, name)


def walk(x, y, vx=0.0, vy=0.0, hidden=()):
    def path(t):
        if any(a <= t < b for a, b in hidden):
            return None
        return x + vx * t, y + vy * t

    return path


def test_people_keep_their_identity_and_position():
    people = [(walk(-10, 0, 4), HOME), (walk(10, 0.5, -4), AWAY), (walk(0, 10), OFFICIAL)]
    found = track(footage(TIMES, people), GROUND, SETTINGS)
    assert sorted(set(column(found.tracks, "entity"))) == ["person-001", "person-002", "person-003"]
    assert found.tracks.num_rows == 3 * len(TIMES)
    first = found.tracks.filter(np.equal(column(found.tracks, "entity"), "person-001"))
    truth = np.array([people[0][0](t) for t in TIMES])
    off = np.hypot(column(first, "x") - truth[:, 0], column(first, "y") - truth[:, 1])
    assert np.median(off) < 0.1
    assert np.median(column(first, "vx")) == pytest.approx(4, abs=0.3)
    assert (np.abs(column(first, "vx") - 4) < 3 * column(first, "sv")).mean() > 0.9


def test_stated_sigma_covers_the_error():
    people = [(walk(-20 + 5 * k, 5 - k, 1 + 0.3 * k), HOME if k % 2 else AWAY) for k in range(8)]
    found = track(footage(TIMES, people, seed=3), GROUND, SETTINGS)
    truth = {f"person-{k + 1:03d}": path for k, (path, _) in enumerate(people)}
    rows = found.tracks.to_pylist()
    sigmas = [(row["x"] - truth[row["entity"]](row["t"])[0]) / row["sx"] for row in rows]
    assert np.mean(np.abs(sigmas) < 2) > 0.93


def test_a_gap_is_bridged_with_rows_that_say_so():
    people = [(walk(-10, 0, 4, hidden=[(1.0, 1.8)]), HOME), (walk(0, 8), AWAY)]
    found = track(footage(TIMES, people), GROUND, SETTINGS)
    assert len(set(column(found.tracks, "entity"))) == 2
    one = [row for row in found.tracks.to_pylist() if row["entity"] == "person-001"]
    hidden = [row for row in one if 1.0 <= row["t"] < 1.8]
    assert len(hidden) == 24
    assert not any(row["observed"] for row in hidden)
    assert max(row["sx"] for row in hidden) > 1.5 * np.median([row["sx"] for row in one if row["observed"]])
    assert hidden[12]["x"] == pytest.approx(-10 + 4 * hidden[12]["t"], abs=0.6)


def test_nothing_is_said_about_a_gap_that_is_too_long():
    settings = tracker_settings({"output": {"fill_s": 0.5}})
    people = [(walk(-10, 0, 4, hidden=[(1.0, 1.8)]), HOME), (walk(0, 8), AWAY)]
    found = track(footage(TIMES, people), GROUND, settings)
    times = [row["t"] for row in found.tracks.to_pylist() if row["entity"] == "person-001"]
    assert not [t for t in times if 1.0 <= t < 1.8]
    assert max(times) > 2.9


def test_the_time_steps_do_not_matter():
    people = [(walk(-10, 0, 4), HOME), (walk(10, 2, -4), AWAY)]
    for times in (np.arange(75) / 25, np.arange(180) / 59.94, np.cumsum(np.tile([0.02, 0.05], 43))):
        found = track(footage(times, people), GROUND, SETTINGS)
        assert len(set(column(found.tracks, "entity"))) == 2


def test_who_stands_outside_is_dropped_with_a_reason():
    people = [(walk(0, 17.5), HOME), (walk(0, 14.6), AWAY), (walk(-33, 0), HOME)]
    found = track(footage(TIMES, people), GROUND, SETTINGS)
    assert set(column(found.tracks, "entity")) == {"person-001"}
    assert np.median(column(found.tracks, "y")) == pytest.approx(14.6, abs=0.1)
    assert set(column(found.dropped, "reason")) == {"outside the field"}
    assert found.dropped.num_rows + found.links.num_rows == 3 * len(TIMES)


def test_teams_by_example_and_officials_apart():
    people = [(walk(-12 + 4 * k, 0, 0, 1), (HOME, AWAY)[k % 2]) for k in range(6)] + [(walk(14, 5), OFFICIAL)]
    clip = footage(TIMES, people)
    at = lambda k: (640 + 20 * (-12 + 4 * k), 360 - 18)  # noqa: E731
    found = track(clip, GROUND, SETTINGS, (Example("home", 0.0, at(0)), Example("away", 0.0, at(1))))
    by = {row["entity"]: (row["kind"], row["team"]) for row in found.tracks.to_pylist()}
    assert [by[f"person-{k + 1:03d}"] for k in range(7)] == [
        ("player", "home"), ("player", "away"), ("player", "home"), ("player", "away"), ("player", "home"),
        ("player", "away"), ("official", None),
    ]  # fmt: skip


def test_without_examples_kits_have_no_team():
    people = [(walk(-12 + 4 * k, 0), (HOME, AWAY)[k % 2]) for k in range(6)]
    found = track(footage(TIMES, people), GROUND, SETTINGS)
    assert set(column(found.tracks, "team")) == {None}
    assert [found.votes[f"person-{k + 1:03d}"].kit for k in range(4)] == ["kit_b", "kit_a", "kit_b", "kit_a"]


def test_a_pixel_that_two_kits_claim_names_none():
    people = [(walk(-12 + 4 * k, 0), (HOME, AWAY)[k % 2]) for k in range(6)]
    same = (640 - 240, 360 - 18)
    found = track(footage(TIMES, people), GROUND, SETTINGS, (Example("home", 0.0, same), Example("away", 0.0, same)))
    assert set(column(found.tracks, "team")) == {None}


def test_two_people_who_cross_keep_their_kits():
    people = [(walk(-6, 0, 4), HOME), (walk(6, 0.2, -4), AWAY)] + [(walk(-20 + 4 * k, 9), HOME) for k in range(3)]
    found = track(footage(TIMES, people, seed=5), GROUND, SETTINGS)
    first = [row for row in found.tracks.to_pylist() if row["entity"] == "person-001"]
    kinds = {found.votes[name].kit for name in ("person-001", "person-002")}
    assert kinds == {"kit_a", "kit_b"}
    assert first[0]["x"] * first[-1]["x"] < 0


def test_unusable_frames_are_not_used():
    clip = footage(TIMES, [(walk(0, 0), HOME), (walk(5, 5), AWAY)])
    quality = ["ok"] * 90
    quality[40] = "duplicate"
    frames = clip.frames.set_column(3, "quality", [quality])
    changed = type(clip)(frames, clip.observations, clip.detections, clip.appearance, clip.views)
    found = track(changed, GROUND, SETTINGS)
    rows = [row for row in found.tracks.to_pylist() if row["t"] == TIMES[40]]
    assert [row["observed"] for row in rows] == [False, False]
    assert set(column(found.dropped, "reason")) == {"frame is not usable"}


def test_tracks_do_not_cross_a_cut():
    clip = footage(TIMES, [(walk(0, 0), HOME), (walk(5, 5), AWAY)])
    frames = clip.frames.set_column(2, "shot", [np.array([0] * 45 + [1] * 45, dtype=np.int32)])
    changed = type(clip)(frames, clip.observations, clip.detections, clip.appearance, clip.views)
    found = track(changed, GROUND, SETTINGS)
    assert len(set(column(found.tracks, "entity"))) == 4


def test_the_puck_goes_through_what_a_person_pinned():
    pins = [(t, 10 * t, 0.0, "annotation", None) for t in TIMES[::10]]
    wrong = [(t, -20.0, 10.0, "detector", 0.9) for t in TIMES[5::3]]
    found = track(footage(TIMES, [], puck=pins + wrong), GROUND, SETTINGS)
    rows = found.tracks.to_pylist()
    assert {row["entity"] for row in rows} == {"puck"}
    assert max(abs(row["x"] - 10 * row["t"]) for row in rows) < 0.5
    assert sum(row["observed"] for row in rows) == 9
    seen, between = [[row["sx"] for row in rows if row["observed"] is flag] for flag in (True, False)]
    assert max(between) > 1.5 * max(seen)


def test_nothing_is_said_about_the_puck_between_far_pins():
    pins = [(t, 0.0, 0.0, "annotation", None) for t in (TIMES[3], TIMES[6], TIMES[60], TIMES[63])]
    found = track(footage(TIMES, [], puck=pins), GROUND, SETTINGS)
    times = column(found.tracks, "t")
    assert not ((times > TIMES[6]) & (times < TIMES[60])).any()
    assert len(times) == 8


def test_nobody_and_nothing_gives_empty_tables():
    found = track(footage(TIMES, []), GROUND, SETTINGS)
    assert (found.tracks.num_rows, found.links.num_rows, found.dropped.num_rows) == (0, 0, 0)


def test_the_same_input_gives_the_same_output():
    people = [(walk(-12 + 4 * k, 0, 0.5), (HOME, AWAY)[k % 2]) for k in range(6)]
    one, two = (track(footage(TIMES, people, seed=9), GROUND, SETTINGS) for _ in range(2))
    assert one.tracks.equals(two.tracks)
    assert one.links.equals(two.links)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"asociation": {}}, "did you mean 'association'"),
        ({"association": {"gats": 3}}, "did you mean 'gate'"),
        ({"association": {"gate": "wide"}}, "expected a number"),
        ({"teams": {"striped_officials": 1}}, "expected true or false"),
        ({"teams": 4}, "expected keys"),
    ],
)
def test_wrong_settings_are_refused(content, says):
    with pytest.raises(InputError, match=says):
        tracker_settings(content)
