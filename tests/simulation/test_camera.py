import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.tables import column
from simulation.camera import Rig, follow, registrations

RIG = Rig(centre=(1.0, -40.0, 17.0), fx=2300.0, k1=-0.08)


@given(
    x=st.floats(-20, 20),
    fx=st.floats(1500, 3000),
    roll=st.floats(-0.05, 0.05),
    u=st.floats(0, 1279),
    v=st.floats(150, 719),
)
def test_a_pixel_goes_to_the_field_and_back(x, fx, roll, u, v):
    view = RIG.look_at(x, 0.0, fx=fx, roll=roll)
    ground = view.to_field(np.array([[u, v]]))
    back = view.to_image(np.column_stack([ground, [0.0]]))
    assert back[0] == pytest.approx([u, v], abs=1e-3)


def test_what_the_lens_term_would_fold_back_into_the_picture_is_not_seen():
    view = RIG.look_at(0.0, 0.0, fx=1200.0)
    radius = np.linspace(0.0, 2.0 / np.sqrt(3 * 0.08), 400)
    local = np.column_stack([radius, 0 * radius, np.ones(400)])
    u = view.project(local)[:, 0]
    known = np.isfinite(u)
    assert known.tolist() == (radius < 1.0 / np.sqrt(3 * 0.08)).tolist()
    assert (np.diff(u[known]) > 0).all()
    folded = 1.0 / np.sqrt(0.08)  # here the lens term alone would draw it in the middle of the picture
    assert np.isnan(view.project(np.array([[folded, 0.0, 1.0]]))).all()
    place = np.asarray(view.centre) + np.array([folded, 0.0, 1.0]) @ view.rotation
    assert np.isnan(view.to_image(place[None])).all()


def test_the_aim_is_the_middle_of_the_picture():
    view = RIG.look_at(7.0, -2.0)
    assert view.to_image(np.array([[7.0, -2.0, 0.0]]))[0] == pytest.approx(view.principal)


def test_right_is_right_far_is_up_and_high_is_up():
    view = RIG.look_at(0.0, 0.0)
    middle, right, far, high = view.to_image(np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0], [0, 0, 1.8]], float))
    assert right[0] > middle[0] + 50
    assert far[1] < middle[1] - 20
    assert high[1] < middle[1] - 50
    assert abs(high[0] - middle[0]) < 5


def test_registrations_map_undistorted_pixels_to_the_field():
    t = np.arange(5) / 30
    views = [RIG.look_at(x, 0.0) for x in (-10.0, -5.0, 0.0, 5.0, 10.0)]
    table = registrations(t, views)
    ground = np.array([[3.0, 4.0], [-2.0, -6.0]])
    for i, view in enumerate(views):
        h = np.array([column(table, f"h{r}{c}")[i] for r in range(3) for c in range(3)]).reshape(3, 3)
        k1, fx = column(table, "k1")[i], column(table, "fx")[i]
        centre = np.array([column(table, "cx")[i], column(table, "cy")[i]])
        distorted = (view.to_image(np.column_stack([ground, [0, 0]])) - centre) / fx
        plain = distorted.copy()
        for _ in range(20):
            plain = distorted / (1 + k1 * (plain**2).sum(axis=1, keepdims=True))
        mapped = np.column_stack([plain * fx + centre, [1, 1]]) @ h.T
        assert mapped[:, :2] / mapped[:, 2:] == pytest.approx(ground, abs=1e-6)
        assert (mapped[:, 2] > 0).all()
        assert np.linalg.norm(h) == pytest.approx(1.0)


def test_the_operator_pans_smoothly_after_the_play():
    t = np.arange(150) / 30
    target = np.column_stack([np.where(t < 2.5, -10.0, 12.0), np.zeros_like(t)])
    views = follow(RIG, t, target)
    pan = np.array([view.pan for view in views])
    assert pan[0] < -0.1
    assert pan[-1] > 0.1
    assert np.abs(np.diff(pan)).max() < np.radians(2.0)
    assert np.abs(np.diff(pan, 2)).max() < np.radians(0.3)
