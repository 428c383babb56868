import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception.registration import camera as c
from perception.registration.project import FrameRegistration, by_frame, parabolic_rise
from records.tables import table

CENTRE = (639.5, 359.5)
VECTOR = np.array([0.3, 0.2, 0.02, np.log(2000.0), -3.0, -55.0, 20.0, 0.02, 0.4, 0.5])


def points(number=30, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(0, 40, number), rng.uniform(-15, 20, number), rng.uniform(0, 2, number)])


def row(vector=VECTOR, crown=0.0, **changes):
    matrix = c.homography(vector, CENTRE)
    stand = c.stands(vector)
    values = {f"h{i}{j}": matrix[i, j] for i in range(3) for j in range(3)}
    values |= {"frame": 3, "t": 0.1, "shot": 0, "status": "ok", "k1": float(c.radial(vector, CENTRE))}
    values |= {"fx": float(np.exp(vector[c.LOG_FOCAL])), "cx": CENTRE[0], "cy": CENTRE[1], "crown_m": crown}
    values |= {f"camera_{axis}": stand[k] for k, axis in enumerate("xyz")}
    return {**values, "residual_px": 0.5, "covariance": None} | changes


@pytest.mark.parametrize("slot", [slot for slot in range(c.SIZE) if slot != c.CROWN])
def test_derivatives_by_the_camera_are_those_of_differences(slot):
    world, many = points(), np.tile(VECTOR, (30, 1))
    step = np.eye(c.SIZE)[slot] * 1e-6
    numeric = (c.project(many + step, world, CENTRE).uv - c.project(many - step, world, CENTRE).uv) / 2e-6
    exact = c.project(many, world, CENTRE).by_camera[:, :, slot]
    assert np.abs(numeric - exact).max() < 1e-5 * max(1.0, np.abs(exact).max())


@pytest.mark.parametrize("axis", range(3))
def test_derivatives_by_the_point_are_those_of_differences(axis):
    world, many = points(), np.tile(VECTOR, (30, 1))
    step = np.eye(3)[axis] * 1e-5
    numeric = (c.project(many, world + step, CENTRE).uv - c.project(many, world - step, CENTRE).uv) / 2e-5
    assert np.abs(numeric - c.project(many, world, CENTRE).by_point[:, :, axis]).max() < 1e-5


def test_angles_undo_rotation():
    assert np.allclose(c.angles(c.rotation(0.7, 0.3, -0.1)), (0.7, 0.3, -0.1))


def test_the_frame_of_reference_is_that_of_the_docs():
    right, down, forward = c.rotation(0.0, 0.0, 0.0)
    assert np.allclose(right, [1, 0, 0])
    assert np.allclose(down, [0, 0, -1])
    assert np.allclose(forward, [0, 1, 0])
    assert c.rotation(0.1, 0.0, 0.0)[2][0] > 0
    assert c.rotation(0.0, 0.1, 0.0)[2][2] < 0


@given(st.floats(-0.3, 0.5), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_undistort_undoes_distort(k1, x, y):
    at = np.array([[x, y]])
    if 1.0 + 3.0 * k1 * np.sum(at**2) > 0.05:
        assert np.allclose(c.undistort(c.distort(at, k1), k1), at, atol=1e-6)


def test_beyond_the_fold_of_the_lens_there_is_nothing():
    assert np.isnan(c.undistort(np.array([[2.0, 0.0]]), -0.3)).all()


def test_rays_meet_the_ground_where_it_was_seen():
    ground = points() * (1, 1, 0)
    many = np.tile(VECTOR, (30, 1))
    crowned = ground + np.column_stack([np.zeros((30, 2)), 0.4 * parabolic_rise(*ground[:, :2].T)])
    uv = c.project(many, crowned, CENTRE).uv
    assert np.abs(c.on_surface(many, c.rays(many, uv, CENTRE), parabolic_rise) - crowned).max() < 1e-3


def test_a_row_maps_like_the_camera_it_came_from():
    ground = points() * (1, 1, 0)
    uv = c.project(np.tile(VECTOR, (30, 1)), ground, CENTRE).uv
    seen = FrameRegistration.from_row(row())
    assert np.abs(seen.to_image(ground[:, :2]) - uv).max() < 1e-6
    assert np.abs(seen.to_field(uv) - ground[:, :2]).max() < 1e-6


def test_heights_and_crown_are_used():
    world = points()
    seen = FrameRegistration.from_row(row(crown=0.4))
    uv = c.project(np.tile(VECTOR, (30, 1)), world, CENTRE).uv
    assert np.abs(seen.to_image(world) - uv).max() < 1e-6
    assert np.abs(seen.to_field(uv, world[:, 2]) - world[:, :2]).max() < 1e-6
    there = seen.to_image(world[:, :2])
    assert np.abs(seen.to_field(there) - world[:, :2]).max() < 1e-3
    flat = FrameRegistration.from_row(row(crown=0.0)).to_image(world[:, :2])
    assert np.abs(there - flat).max() > 3.0


def test_the_scale_and_sign_of_the_matrix_do_not_matter():
    ground = points()[:, :2]
    plain = row()
    turned = plain | {f"h{i}{j}": -7.0 * plain[f"h{i}{j}"] for i in range(3) for j in range(3)}
    one, two = FrameRegistration.from_row(plain), FrameRegistration.from_row(turned)
    assert np.allclose(one.to_image(ground), two.to_image(ground))


def test_above_the_horizon_and_behind_the_camera_there_is_no_field():
    level = VECTOR.copy()
    level[c.TILT] = 0.05
    seen = FrameRegistration.from_row(row(level))
    assert np.isnan(seen.to_field(np.array([[640.0, 10.0]]))).all()
    assert np.isnan(seen.to_image(np.array([[-3.0, -90.0]]))).all()


def test_a_lost_frame_maps_nothing():
    lost = FrameRegistration.from_row(row(status="lost"))
    assert not lost.usable
    assert np.isnan(lost.to_field(np.array([[1.0, 2.0]]))).all()
    assert np.isnan(lost.to_image(np.array([[1.0, 2.0, 0.0]]))).all()
    assert np.isnan(lost.covariance_at(np.array([[1.0, 2.0]]))).all()


def test_heights_without_a_camera_are_refused():
    seen = FrameRegistration.from_row(row(camera_x=None))
    with pytest.raises(ValueError, match="camera"):
        seen.to_image(np.array([[1.0, 2.0, 1.5]]))


def test_covariance_is_that_of_drawn_matrices():
    rng = np.random.default_rng(3)
    plain = row()
    matrix = np.array([plain[f"h{i}{j}"] for i in range(3) for j in range(3)])
    root = rng.normal(0, 2e-6, (9, 9)) * np.abs(matrix)[:, None]
    seen = FrameRegistration.from_row(plain | {"covariance": (root @ root.T).ravel().tolist()})
    uv = np.array([[300.0, 500.0], [1000.0, 300.0]])
    drawn = []
    for _ in range(4000):
        values = matrix + root @ rng.normal(size=9)
        other = row() | {f"h{i}{j}": values[3 * i + j] for i in range(3) for j in range(3)}
        drawn.append(FrameRegistration.from_row(other).to_field(uv))
    for place in range(2):
        wanted = np.cov(np.array(drawn)[:, place].T)
        assert np.allclose(seen.covariance_at(uv)[place], wanted, rtol=0.1, atol=0.05 * np.trace(wanted))


def test_a_pixel_is_as_many_metres_as_the_jacobian_says():
    seen = FrameRegistration.from_row(row(crown=0.4))
    uv = np.array([[300.0, 500.0]])
    step = np.array([[0.5, -0.3]])
    moved = seen.to_field(uv + step) - seen.to_field(uv)
    assert np.allclose(seen.pixel_jacobian(uv)[0] @ step[0], moved[0], rtol=1e-2)


def test_a_table_is_indexed_by_frame():
    rows = [row(), row(status="lost") | {"frame": 4}]
    columns = {name: [one[name] for one in rows] for name in rows[0]}
    found = by_frame(table("registrations", columns))
    assert found[3].usable
    assert not found[4].usable
    assert found[3].residual_px == pytest.approx(0.5)
