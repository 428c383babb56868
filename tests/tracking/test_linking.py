from dataclasses import replace

import numpy as np
import pytest
from scenes import AWAY, HOME

from tracking import linking, objects, picture, smoothing
from tracking.association import Sightings, match, overlaps
from tracking.linking import Linking
from tracking.smoothing import Smoothing
from tracking.teams import Teams, distance, likeness, scaled, vote

TIMES = np.arange(120) / 30.0


def sightings(paths, kits):
    """Sightings of tracks: per track the steps and a function of time."""
    step = np.concatenate([steps for steps, _ in paths])
    labels = np.repeat(np.arange(len(paths)), [len(steps) for steps, _ in paths])
    at = np.concatenate([np.array([path(TIMES[k]) for k in steps]) for steps, path in paths])
    order = np.argsort(step, kind="stable")
    count = len(step)
    boxes = np.hstack([at * 20 - (8, 40), at * 20 + (8, 0)])
    seen = Sightings(
        step[order], at[order], np.tile(0.02 * np.eye(2), (count, 1, 1)), boxes[order], np.ones(count),
        scaled(np.array(kits)[labels])[order], np.ones(count),
    )  # fmt: skip
    return seen, labels[order]


def linked(paths, kits, **settings):
    seen, labels = sightings(paths, kits)
    found = smoothing.smooth(TIMES, seen, labels, Smoothing())
    return linking.link(TIMES, seen, found, labels, Linking(**settings)), labels


def test_two_pieces_of_one_walk_are_joined():
    new, _ = linked([(steps, lambda t: (4 * t, 0)) for steps in (np.arange(40), np.arange(60, 120))], [HOME, HOME])
    assert set(new) == {0}


@pytest.mark.parametrize(
    ("second", "kits"),
    [
        (lambda t: (4 * t, 12), [HOME, HOME]),  # too far to the side
        (lambda t: (4 * t, 0), [HOME, AWAY]),  # another kit
        (lambda t: (4 * t + 20, 0), [HOME, HOME]),  # faster than anybody
    ],
)
def test_two_people_are_not_joined(second, kits):
    paths = [(np.arange(0, 40), lambda t: (4 * t, 0)), (np.arange(60, 120), second)]
    new, old = linked(paths, kits, kit_weight=40.0)
    assert (new == old).all()


def test_a_gap_that_is_too_long_stays():
    paths = [(np.arange(0, 20), lambda t: (0, 0)), (np.arange(100, 120), lambda t: (0, 0))]
    assert set(linked(paths, [HOME, HOME], gap_s=2.0)[0]) == {0, 1}
    assert set(linked(paths, [HOME, HOME], gap_s=4.0)[0]) == {0}


def strayed(**settings):
    """Somebody's track that ends on a neighbour while the next piece of it has begun."""
    walk = lambda t: (2 * t, 0)  # noqa: E731
    stray = lambda t: walk(t) if t < 1.4 else (2 * t, 0.9)  # noqa: E731
    new, old = linked([(np.arange(0, 48), stray), (np.arange(42, 120), walk)], [HOME, HOME], gate=12.0, **settings)
    return new, old


def test_the_end_of_a_track_that_strayed_is_given_up():
    new, old = strayed(overlap_s=0.5)
    assert set(new) == {0, -1}
    assert set(old[new < 0]) == {0}
    assert (new < 0).sum() == 6


def test_tracks_seen_at_once_for_long_are_two_people():
    new, old = strayed(overlap_s=0.1)
    assert (new == old).all()
    new, old = strayed(overlap_s=0.5, overlap_weight=200.0)
    assert (new == old).all()


def test_a_path_is_predicted_beyond_its_ends():
    seen, labels = sightings([(np.arange(30, 60), lambda t: (4 * t, 1))], [HOME])
    path = smoothing.smooth(TIMES, seen, labels, Smoothing())[0]
    longer = smoothing.extended(TIMES, path, (0.5, 0.2), Smoothing())
    assert longer.steps.tolist() == list(range(15, 66))
    assert longer.observed.sum() == 30
    assert longer.states[[0, -1], 0] == pytest.approx(4 * TIMES[[15, 65]], abs=0.4)
    sigma = np.sqrt(longer.covariances[:, 0, 0])
    assert (np.diff(sigma[-7:]) > 0).all()
    assert (np.diff(sigma[:16]) < 0).all()
    assert smoothing.extended(TIMES, path, (0.0, 0.0), Smoothing()).steps.tolist() == list(range(30, 60))


def taking_turns(one, two, kits=(HOME, HOME), aside=0.0):
    """Join two tracks with the same head, one of them cut off at the knees, that are seen at some steps each."""
    seen, labels = sightings([(one, lambda t: (0, 0)), (two, lambda t: (0, -0.6))], list(kits))
    boxes = np.where(labels[:, None] == 0, [0, 0, 16, 40], [aside, 0, aside + 16, 28])
    return linking.turns(TIMES, replace(seen, boxes=boxes), labels, Linking())


def test_two_tracks_that_are_seen_in_turns_are_one_person():
    assert set(taking_turns(np.arange(0, 60, 2), np.arange(1, 60, 2))) == {0}


def test_a_person_seen_twice_at_once_keeps_one_sighting():
    new = taking_turns(np.arange(0, 60, 2), np.concatenate([np.arange(1, 60, 2), [60]]))
    assert (new >= 0).all()
    both = taking_turns(np.arange(0, 62, 2), np.sort(np.concatenate([np.arange(1, 60, 2), [30]])))
    assert (both == -1).sum() == 1


@pytest.mark.parametrize(
    ("one", "two", "more"),
    [
        (np.arange(60), np.arange(60), {}),  # seen together: one behind the other
        (np.arange(60), np.arange(0, 60, 3), {}),  # the farther one comes and goes
        (np.arange(30), np.arange(30, 60), {}),  # one after the other: for link to say
        (np.arange(0, 60, 2), np.arange(1, 60, 2), {"kits": (HOME, AWAY)}),
        (np.arange(0, 60, 2), np.arange(1, 60, 2), {"aside": 12.0}),  # beside one another
    ],
)
def test_two_people_do_not_become_one(one, two, more):
    assert set(taking_turns(one, two, **more)) == {0, 1}


def test_a_track_is_cut_where_the_kit_changes():
    seen, _ = sightings([(np.arange(0, 50), lambda t: (0, t)), (np.arange(50, 120), lambda t: (0, t))], [HOME, AWAY])
    cut = linking.split(seen, np.zeros(120, int), Linking())
    assert cut.tolist() == [0] * 50 + [1] * 70
    one, _ = sightings([(np.arange(0, 120), lambda t: (0, t))], [HOME])
    assert set(linking.split(one, np.zeros(120, int), Linking())) == {0}


def test_a_double_is_found_and_a_neighbour_is_not():
    paths = [(np.arange(0, 100), lambda t: (t, 0)), (np.arange(20, 60), lambda t: (t + 0.05, 0.02)),
             (np.arange(0, 80), lambda t: (t, 1.5))]  # fmt: skip
    seen, labels = sightings(paths, [HOME] * 3)
    found = smoothing.smooth(TIMES, seen, labels, Smoothing())
    assert linking.doubles(seen, found, Linking()) == {1}


def test_correlated_errors_are_not_averaged_away():
    seen, labels = sightings([(np.arange(120), lambda t: (0, 0))], [HOME])
    own = np.sqrt(seen.noise[0, 0, 0])
    sigma = [
        np.sqrt(smoothing.smooth(TIMES, seen, labels, Smoothing(acceleration=0.1, tau_s=tau))[0].covariances[60, 0, 0])
        for tau in (0.0, 0.3)
    ]
    assert sigma[0] < 0.5 * own
    assert sigma[1] > 1.5 * sigma[0]


def test_an_outlier_hardly_moves_the_path():
    seen, labels = sightings([(np.arange(120), lambda t: (t, 0))], [HOME])
    seen.positions[60] += (0, 3)
    path = smoothing.smooth(TIMES, seen, labels, Smoothing())[0]
    assert abs(path.states[60, 1]) < 0.15


def test_matching_takes_the_least_total_and_respects_the_limit():
    assert match(np.array([[1.0, 2.0], [1.5, 9.0]]), 5.0) == [(0, 1), (1, 0)]
    assert match(np.array([[1.0, 9.0], [9.0, 9.0]]), 5.0) == [(0, 0)]
    assert overlaps(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)


def test_kits_vote_for_the_nearest_and_abstain_in_between():
    kits = {"a": HOME, "b": AWAY, "c": (HOME + AWAY) / 2, "d": AWAY + 100, "e": np.full(9, np.nan)}
    counts = dict.fromkeys(kits, 30) | {"f": 1}
    said, _ = vote(kits | {"f": HOME}, counts, Teams(), {"home": [HOME], "away": [AWAY]})
    assert {name: each.team for name, each in said.items()} == {
        "a": "home", "b": "away", "c": None, "d": None, "e": None, "f": None,
    }  # fmt: skip


def test_a_shirt_colour_is_enough():
    colour = np.concatenate([HOME[:3], np.full(6, np.nan)])
    said, _ = vote({"a": HOME, "b": AWAY}, {"a": 9, "b": 9}, Teams(), {"home": [colour], "away": [AWAY]})
    assert (said["a"].team, said["b"].team) == ("home", "away")
    assert distance(HOME[None], colour)[0] == 0


def test_the_picture_mode_follows_boxes_across_each_other():
    rows = []
    for k in range(60):
        for x in (100 + 5 * k, 400 - 5 * k):
            if k % 9 or x < 250:
                rows.append((k, x, 100 + 0.1 * x, x + 40, 220 + 0.1 * x))
    table = np.array(rows, float)
    step, boxes = table[:, 0].astype(int), table[:, 1:]
    times = np.arange(60) / 25
    labels = picture.online(times, step, boxes, np.full(len(step), 0.95))
    assert set(labels) == {-1, 0, 1}
    assert (labels == -1).sum() <= 6
    steps, names, shown = picture.offline(times, step, boxes, np.full(len(step), 0.95))
    assert sorted(np.bincount(names)) == [59, 60]  # one of them is not seen at the first instant
    first = shown[names == names[np.argmin(shown[:, 0])]]
    assert np.abs(np.diff(first[:, 0])).max() < 9
    assert len(steps) == 119


def test_of_two_objects_the_likelier_path_is_chosen():
    t = np.repeat(np.arange(20) / 20, 2)
    at = np.array([(10 * s, 0) if k % 2 == 0 else (-20 + 30 * (k % 4), 10) for k, s in enumerate(t)], float)
    noise = np.tile(0.04 * np.eye(2), (40, 1, 1))
    spots = objects.Spots(t, at, noise, np.tile([0.6, 0.3], 20), np.zeros(40, bool))
    assert objects.choose(spots, objects.ObjectTracking()) == [list(range(0, 40, 2))]


def test_sightings_of_different_kits_are_two_apart():
    kits = np.array([HOME, AWAY, (HOME + AWAY) / 2, np.full(9, np.nan)])
    said = likeness(kits, {"home": HOME[None], "away": AWAY[None]})
    assert np.linalg.norm(said[0] - said[1]) == pytest.approx(2, abs=0.01)
    assert np.linalg.norm(said[0] - said[2]) == pytest.approx(1, abs=0.01)
    assert np.isnan(said[3]).all()
