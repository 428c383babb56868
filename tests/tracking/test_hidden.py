"""Who is hidden behind somebody else, and chains of pieces that wear two kits."""

import numpy as np
import pytest
from scenes import AWAY, HOME, OFFICIAL

from tracking import linking, smoothing, teams
from tracking.association import Sightings
from tracking.linking import Linking
from tracking.smoothing import Smoothing

TIMES = np.arange(120) / 30.0


def seen_at(tracks):
    """Sightings of tracks (steps, path, kit), and the track of each; a box is 0.8 m wide and 2 m high at 20 px/m."""
    step = np.concatenate([steps for steps, _, _ in tracks])
    labels = np.repeat(np.arange(len(tracks)), [len(steps) for steps, _, _ in tracks])
    at = np.concatenate([[path(TIMES[k]) for k in steps] for steps, path, _ in tracks]).astype(float)
    kits = teams.scaled(np.array([kit for _, _, kit in tracks], float))[labels]
    order = np.argsort(step, kind="stable")
    boxes = np.hstack([at * 20 - (8, 40), at * 20 + (8, 0)])
    noise = np.tile(0.02 * np.eye(2), (len(step), 1, 1))
    ones = np.ones(len(step))
    return Sightings(step[order], at[order], noise, boxes[order], ones, kits[order], ones), labels[order]


def joined(tracks, wears=None, **settings):
    seen, labels = seen_at(tracks)
    paths = smoothing.smooth(TIMES, seen, labels, Smoothing())
    return linking.link(TIMES, seen, paths, labels, Linking(**settings), wears), labels


def turn(t):
    """A hard turn within the gap: neither end tells where the other one is."""
    return (4 * t, 0) if t < 1.5 else (12 - 4 * t, 6 * (t - 1.5))


def beside(path, dx):
    return lambda t: (path(t)[0] + dx, path(t)[1])


BEFORE, AFTER, ALL = np.arange(0, 42), np.arange(72, 120), np.arange(120)


def test_who_is_lost_behind_somebody_comes_back_from_behind_him():
    tracks = [(BEFORE, turn, HOME), (AFTER, turn, HOME), (ALL, beside(turn, 0.4), HOME)]
    new, _ = joined(tracks, gate=6.0)
    assert set(new) == {0, 2}
    new, old = joined(tracks, gate=6.0, behind=0.0)
    assert (new == old).all()


@pytest.mark.parametrize(
    "other",
    [
        (ALL, beside(turn, 2.0), HOME),  # not touching
        (np.arange(0, 60), beside(turn, 0.4), HOME),  # gone before
        (ALL, lambda t: beside(turn, 0.4)(t) if t < 1.9 else (20, 9), HOME),  # touches one end only
    ],
)
def test_nobody_is_hidden_behind_somebody_elsewhere(other):
    new, old = joined([(BEFORE, turn, HOME), (AFTER, turn, HOME), other], gate=6.0)
    assert not set(new[old == 0]) & set(new[old == 1])


def by_name(seen):
    """Say home, away or official where most sightings are of that kit, and nothing of fewer than ten."""
    names = {name: teams.scaled(np.array(kit, float)) for name, kit in (("home", HOME), ("away", AWAY))}

    def wears(rows):
        if len(rows) < 10:
            return None
        median = np.median(seen.kits[rows], axis=0)
        return min(names, key=lambda name: float(np.linalg.norm(median - names[name])))

    return wears


def test_who_clearly_wears_different_kits_is_not_joined():
    tracks = [(BEFORE, lambda t: (t, 0), HOME), (AFTER, lambda t: (t, 0), AWAY)]
    seen, labels = seen_at(tracks)
    loose = {"kit_weight": 0.0, "split_kit": 99.0}
    assert set(joined(tracks, **loose)[0]) == {0}
    assert (joined(tracks, by_name(seen), **loose)[0] == labels).all()


def test_a_joint_is_taken_back_where_the_whole_chain_shows_two_kits():
    walk = lambda t: (t, 0)  # noqa: E731
    short = [(np.arange(k, k + 9), walk, HOME if k < 60 else AWAY) for k in range(0, 108, 12)]
    seen, pieces = seen_at(short)
    parted = linking.part(seen, pieces, np.zeros_like(pieces), Linking(), by_name(seen))
    assert set(parted) == {0, 5}
    assert (seen.step[parted == 0] < 60).all()
    assert (seen.step[parted == 5] >= 60).all()


def test_a_chain_in_one_kit_stays_whole():
    walk = lambda t: (t, 0)  # noqa: E731
    seen, pieces = seen_at([(np.arange(k, k + 9), walk, AWAY) for k in range(0, 108, 12)])
    assert set(linking.part(seen, pieces, np.zeros_like(pieces), Linking(), by_name(seen))) == {0}


def test_a_kit_is_clear_or_it_is_not():
    prototypes = {"home": np.array([HOME], float), "official": np.array([OFFICIAL], float)}
    settings = teams.Teams()
    assert teams.clear_kit(np.array(HOME, float), prototypes, settings) == "home"
    between = (np.array(HOME, float) + np.array(OFFICIAL, float)) / 2
    assert teams.clear_kit(between, prototypes, settings) is None
    assert teams.clear_kit(np.full(9, np.nan), prototypes, settings) is None
    assert teams.clear_kit(np.array(HOME, float), {"home": prototypes["home"]}, settings) is None
