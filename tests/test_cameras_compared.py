"""Cameras are recovered from homographies, so that drawn ones can be laid beside published ones."""

import numpy as np
import pytest

from evaluation.cameras import QUANTITIES, drawn, pose_of, published, spread
from simulation.camera import View


@pytest.mark.parametrize("pan", [-0.6, 0.0, 0.4])
@pytest.mark.parametrize("tilt", [0.12, 0.35])
@pytest.mark.parametrize("roll", [-0.05, 0.0, 0.02])
def test_a_camera_comes_back_from_its_homography(pan, tilt, roll):
    view = View((1.5, -55.0, 18.0), pan, tilt, 2300.0, roll)
    pose = pose_of(-3.0 * np.linalg.inv(view.homography()), (1280, 720))
    assert pose.centre == pytest.approx(view.centre, abs=1e-6)
    assert (pose.fx, pose.pan, pose.tilt, pose.roll) == pytest.approx((2300.0, pan, tilt, roll), abs=1e-6)
    found = pose.quantities(34.0)
    assert found["height_m"] == pytest.approx(18.0)
    assert found["behind_m"] == pytest.approx(21.0)
    assert found["view_deg"] == pytest.approx(2 * np.degrees(np.arctan(640 / 2300)))


def test_what_no_camera_sees_is_none():
    upright = np.array([[1, 0, 639.5], [0, -2, 359.5], [0, 0, 1]])  # from straight above, twice as tall as wide
    assert pose_of(upright, (1280, 720)) is None


def test_drawn_cameras_have_a_spread():
    found = spread(drawn("soccer", "sideline", 6), "soccer")
    assert set(found) == set(QUANTITIES)
    assert all(low <= middle <= high for low, middle, high in found.values())
    assert found["roll_deg"][2] > 0.1


def test_published_cameras_stand_where_broadcasts_film_from(real_data):
    poses = published(real_data)
    assert (len(poses["hockey"]), len(poses["soccer"])) == (40, 209)
    for domain, heights in (("hockey", (3, 20)), ("soccer", (8, 30))):
        assert heights[0] < spread(poses[domain], domain)["height_m"][1] < heights[1]
