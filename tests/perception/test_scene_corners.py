import numpy as np
import pytest

from perception.scene_corners import distances, moved_together, on_one_homography, tightened
from simulation.camera import Rig

RIG = Rig(centre=(0.0, -60.0, 18.0), fx=2200.0, k1=-0.03)
WIDTH = 1280


def turned(pan_px, zoom=1.0):
    """Pixels from the middle of a slow turn: of stands and of grass, and where a player of each place would be."""
    rng = np.random.default_rng(3)
    first, second = RIG.look_at(0.0, 0.0), RIG.look_at(60.0 * pan_px / RIG.fx, 0.2, fx=RIG.fx * zoom)
    pixels = np.vstack([rng.uniform((20, 10), (1260, 120), (60, 2)), rng.uniform((20, 250), (1260, 700), (90, 2))])
    rays = first.rays(pixels)
    moved = second.to_image(np.asarray(first.centre) + 80.0 * rays)
    middle = first.principal
    return pixels - middle, moved - middle + rng.normal(0, 0.05, moved.shape)


@pytest.mark.parametrize(("pan_px", "zoom"), [(4.0, 1.0), (30.0, 1.0), (30.0, 1.02), (150.0, 0.98)])
def test_players_are_told_from_what_stands_still(pan_px, zoom):
    """Two thirds of the corners below the stands are on players, who run with the camera, each a little otherwise."""
    before, after = turned(pan_px, zoom)
    rng = np.random.default_rng(4)
    moves = np.repeat(rng.normal((0.5 * pan_px, 0.0), (6.0, 3.0), (12, 2)), 5, axis=0)
    after[60:120] += moves
    plays = np.zeros(len(before), bool)
    plays[60:120] = np.linalg.norm(moves, axis=1) > 2.5
    group = moved_together(before, after, WIDTH, 1.0)
    group = tightened(before, after, group, WIDTH, 1.0)
    group = on_one_homography(before, after, group, 2.0)
    assert not (group & plays).any()
    still = np.r_[0:60, 120:150]
    assert group[still].mean() > 0.95


def test_what_moves_at_random_is_no_group():
    rng = np.random.default_rng(5)
    before = rng.uniform((-640, -360), (640, 360), (100, 2))
    after = before + rng.normal(0, 60, before.shape)
    assert moved_together(before, after, WIDTH, 1.0).sum() < 20


def test_a_group_without_two_corners_apart_is_none():
    before = np.random.default_rng(6).uniform(0, 20, (50, 2))
    assert not moved_together(before, before + 1.0, WIDTH, 1.0).any()
    nobody = np.zeros(50, bool)
    assert not tightened(before, before + 1.0, nobody, WIDTH, 1.0).any()
    assert not on_one_homography(before, before + 1.0, nobody, 1.0).any()


def test_distances_are_from_where_the_homography_takes_a_point():
    matrix = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 4.0], [0.0, 0.0, 1.0]])
    assert distances(matrix, np.zeros((2, 2)), np.zeros((2, 2))) == pytest.approx([5.0, 5.0])
