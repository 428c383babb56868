import numpy as np
import pytest
from filterpy.kalman import KalmanFilter

from tracking import kalman

RNG = np.random.default_rng(7)


def filterpy_run(times, positions, noise, density, speed):
    """filterpy's own filter and smoother for one track seen at the first instant."""
    one = KalmanFilter(dim_x=4, dim_z=2)
    states, covariances = kalman.start(positions[:1], noise[:1], np.array([speed]))
    one.x, one.P, one.H = states[0], covariances[0], np.eye(2, 4)
    xs, ps, fs, qs = [one.x.copy()], [one.P.copy()], [np.eye(4)], [np.zeros((4, 4))]
    for k in range(1, len(times)):
        dt = times[k] - times[k - 1]
        fs.append(kalman.transition(2, dt))
        qs.append(density * kalman.process_noise(2, dt))
        one.predict(F=fs[-1], Q=qs[-1])
        if not np.isnan(positions[k, 0]):
            one.update(positions[k], R=noise[k])
        xs.append(one.x.copy())
        ps.append(one.P.copy())
    x, p, _, _ = one.rts_smoother(np.array(xs), np.array(ps), Fs=fs, Qs=qs)
    return x, p


def test_smoothing_many_tracks_agrees_with_filterpy_one_by_one():
    times = np.cumsum(RNG.uniform(0.02, 0.2, 30))
    positions = RNG.normal(0, 2, (30, 3, 2)).cumsum(axis=0)
    positions[[5, 6, 7], 0] = np.nan
    positions[[12, 29], 2] = np.nan
    root = RNG.normal(0, 0.3, (30, 3, 2, 2))
    noise = root @ root.transpose(0, 1, 3, 2) + 0.05 * np.eye(2)
    densities = np.array([1.0, 5.0, 20.0])
    states, covariances = kalman.smooth(times, positions, noise, densities, 4.0)
    for track in range(3):
        x, p = filterpy_run(times, positions[:, track], noise[:, track], densities[track], 4.0)
        assert states[:, track] == pytest.approx(x, abs=1e-6)
        assert covariances[:, track] == pytest.approx(p, abs=1e-6)


def test_a_track_says_nothing_before_it_was_first_seen():
    times = np.arange(6) * 0.1
    positions = np.zeros((6, 2, 2))
    positions[:3, 1] = np.nan
    states, _ = kalman.smooth(times, positions, np.tile(np.eye(2), (6, 2, 1, 1)), np.ones(2), 1.0)
    assert np.isnan(states[:3, 1]).all()
    assert not np.isnan(states[3:, 1]).any()


def test_sigma_grows_towards_the_middle_of_a_gap():
    times = np.arange(21) * 0.1
    positions = np.zeros((21, 1, 2))
    positions[6:15] = np.nan
    _, covariances = kalman.smooth(times, positions, np.tile(0.01 * np.eye(2), (21, 1, 1, 1)), np.array([8.0]), 3.0)
    sigma = np.sqrt(covariances[:, 0, 0, 0])
    assert sigma[10] == max(sigma)
    assert sigma[10] > 3 * sigma[3]


@pytest.mark.parametrize("dimensions", [1, 2, 4])
def test_distances_are_mahalanobis(dimensions):
    states, covariances = kalman.start(np.zeros((1, dimensions)), np.eye(dimensions)[None], np.ones(1))
    there = np.full((1, dimensions), 3.0)
    squared, determinant = kalman.distances(states, covariances, there, 3 * np.eye(dimensions)[None])
    assert squared[0, 0] == pytest.approx(9 * dimensions / 4)
    assert determinant[0, 0] == pytest.approx(dimensions * np.log(4))
