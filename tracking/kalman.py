"""Constant velocity with white acceleration noise: one model for filtering, predicting and smoothing.

The state of D dimensions is ``[position (D), velocity (D)]``. Process noise is filterpy's continuous white noise
model (Bar-Shalom, Estimation with Applications to Tracking and Navigation, 6.2.2). Many tracks are filtered at once,
so the algebra runs on stacks of matrices; filterpy's own filter does one track per object and step.
Units are whatever the positions come in (metres on the field plane, pixels in the picture) and seconds.
"""

import functools

import numpy as np
from filterpy.common import Q_continuous_white_noise

_RIDGE = 1e-12  # keeps a covariance of zero invertible
_INSTANTS = 256  # instants of a smoothing pass back whose gains are worked out in one piece


@functools.lru_cache(maxsize=1024)
def transition(dimensions: int, dt: float) -> np.ndarray:
    """Return the 2D x 2D matrix that moves a state by ``dt`` seconds; it is shared and cannot be written to.

    >>> transition(1, 0.5)
    array([[1. , 0.5],
           [0. , 1. ]])
    """
    matrix = np.eye(2 * dimensions)
    matrix[:dimensions, dimensions:] = dt * np.eye(dimensions)
    matrix.flags.writeable = False
    return matrix


@functools.lru_cache(maxsize=1024)
def process_noise(dimensions: int, dt: float) -> np.ndarray:
    """Return the 2D x 2D process noise of ``dt`` seconds for a spectral density of 1 (unit^2 / s^3), shared."""
    noise = np.asarray(
        Q_continuous_white_noise(2, dt=dt, spectral_density=1.0, block_size=dimensions, order_by_dim=False)
    )
    noise.flags.writeable = False
    return noise


def predict(
    states: np.ndarray, covariances: np.ndarray, dt: float, densities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move T states by ``dt`` seconds.

    Args:
        states: T x 2D.
        covariances: T x 2D x 2D.
        dt: seconds, not negative.
        densities: T spectral densities of the acceleration, unit^2 / s^3.

    Returns:
        States and covariances after the step.
    """
    dimensions = states.shape[1] // 2
    move = transition(dimensions, dt)
    noise = process_noise(dimensions, dt)
    return states @ move.T, move @ covariances @ move.T + densities[:, None, None] * noise


def distances(
    states: np.ndarray, covariances: np.ndarray, positions: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compare T states with N measured positions.

    Args:
        states: T x 2D.
        covariances: T x 2D x 2D.
        positions: N x D.
        noise: N x D x D measurement covariances.

    Returns:
        Squared Mahalanobis distances T x N, and the logarithm of the determinant of each innovation covariance.
    """
    dimensions = positions.shape[1]
    spread = covariances[:, None, :dimensions, :dimensions] + noise[None]
    innovation = positions[None] - states[:, None, :dimensions]
    if dimensions == 2:
        squared, determinant = _two_dimensions(innovation, spread)
        return squared, np.log(determinant)
    solved = np.linalg.solve(spread, innovation[..., None])[..., 0]
    return (innovation * solved).sum(-1), np.linalg.slogdet(spread)[1]


def _two_dimensions(innovation: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the quadratic form and the determinant for D = 2, written out because it is the common case."""
    a, b, c = spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1]
    determinant = a * c - b * b + _RIDGE
    x, y = innovation[..., 0], innovation[..., 1]
    return (c * x * x - 2 * b * x * y + a * y * y) / determinant, determinant


def update(
    states: np.ndarray, covariances: np.ndarray, positions: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Correct T states by one measured position each (T x D, covariances T x D x D)."""
    dimensions = positions.shape[1]
    spread = covariances[:, :dimensions, :dimensions] + noise + _RIDGE * np.eye(dimensions)
    gain = np.linalg.solve(spread, covariances[:, :dimensions, :]).transpose(0, 2, 1)
    innovation = positions - states[:, :dimensions]
    corrected = states + (gain @ innovation[..., None])[..., 0]
    covariance = covariances - gain @ covariances[:, :dimensions, :]
    return corrected, (covariance + covariance.transpose(0, 2, 1)) / 2


def start(positions: np.ndarray, noise: np.ndarray, speed_sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make T states at rest from one position each; ``speed_sigma`` (T) is how fast they may be moving."""
    count, dimensions = positions.shape
    states = np.hstack([positions, np.zeros((count, dimensions))])
    covariances = np.zeros((count, 2 * dimensions, 2 * dimensions))
    covariances[:, :dimensions, :dimensions] = noise
    moving = np.arange(dimensions, 2 * dimensions)
    covariances[:, moving, moving] = (speed_sigma**2)[:, None]
    return states, covariances


def smooth(
    times: np.ndarray, positions: np.ndarray, noise: np.ndarray, densities: np.ndarray, speed_sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Filter T tracks forwards and smooth them backwards (Rauch, Tung and Striebel 1965).

    Args:
        times: n instants in seconds, strictly increasing, common to all tracks.
        positions: n x T x D, NaN where a track was not seen. Every track is seen at least once.
        noise: n x T x D x D measurement covariances, ignored where nothing was seen.
        densities: T spectral densities of the acceleration.
        speed_sigma: 1-sigma of each velocity component before the first measurement, unit / s.

    Returns:
        States n x T x 2D and covariances n x T x 2D x 2D given all measurements; NaN before a track was first seen.
    """
    count, tracks, dimensions = positions.shape
    seen = ~np.isnan(positions[..., 0])
    birth = seen.argmax(axis=0)
    ahead = np.zeros((count, tracks, 2 * dimensions)), np.zeros((count, tracks, 2 * dimensions, 2 * dimensions))
    ahead[1][:] = np.eye(2 * dimensions)
    states, covariances = ahead[0].copy(), ahead[1].copy()
    speeds = np.full(tracks, speed_sigma)
    for i in range(count):
        old = _chosen(birth < i)
        if i > 0:
            ahead[0][i, old], ahead[1][i, old] = predict(
                states[i - 1, old], covariances[i - 1, old], times[i] - times[i - 1], densities[old]
            )
            states[i, old], covariances[i, old] = ahead[0][i, old], ahead[1][i, old]
        measured = _chosen(seen[i] & (birth < i))
        states[i, measured], covariances[i, measured] = update(
            ahead[0][i, measured], ahead[1][i, measured], positions[i, measured], noise[i, measured]
        )
        new = np.flatnonzero(birth == i)
        if len(new):
            states[i, new], covariances[i, new] = start(positions[i, new], noise[i, new], speeds[new])
    _back(times, ahead, states, covariances)
    unborn = np.arange(count)[:, None] < birth
    states[unborn], covariances[unborn] = np.nan, np.nan
    return states, covariances


def _chosen(mask: np.ndarray) -> np.ndarray | slice:
    """Return what picks the chosen ones out of an array: everything without a copy, where all of them are."""
    return slice(None) if mask.all() else np.flatnonzero(mask)


def _back(times: np.ndarray, ahead: tuple[np.ndarray, np.ndarray], states: np.ndarray, covariances: np.ndarray) -> None:
    """Smooth filtered states and covariances in place, from the last instant to the first.

    Args:
        times: n instants.
        ahead: states and covariances as they were predicted for each instant.
        states: n x T x 2D, given what was seen so far.
        covariances: n x T x 2D x 2D, the same.
    """
    dimensions = states.shape[2] // 2
    for stop in range(len(times) - 1, 0, -_INSTANTS):
        first = max(stop - _INSTANTS, 0)
        moves = np.array([transition(dimensions, times[i + 1] - times[i]) for i in range(first, stop)])
        gains = np.linalg.solve(ahead[1][first + 1 : stop + 1], moves[:, None] @ covariances[first:stop])
        gains, turned = gains.swapaxes(2, 3), gains
        for i in range(stop - 1, first - 1, -1):
            gain = gains[i - first]
            states[i] += (gain @ (states[i + 1] - ahead[0][i + 1])[..., None])[..., 0]
            covariances[i] += gain @ (covariances[i + 1] - ahead[1][i + 1]) @ turned[i - first]
