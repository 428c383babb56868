"""How well a person marked the field, as the marks themselves tell.

Nobody knows beforehand how well he clicks. After an adjustment, the residuals of a kind of mark, over the redundancy
which that kind has in it, say how large its errors were: the a-posteriori variance factor of photogrammetry, one for
each kind (variance components: Helmert 1907; Foerstner 1979). Three kinds: landmarks across the picture, landmarks
down the picture (the field is seen at a low angle, and what is squeezed along the line of sight is missed by fewer
pixels), and points on lines and circles across these.

    factor^2 = sum(weight * residual^2) / redundancy,    redundancy = sum(1 - weight * J S J^T)

Residuals are in stated sigmas, J is a row of the design, S the covariance of all unknowns. As the factors change the
weights and so the redundancy, this is repeated until they stay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perception.registration.bundle import Problem, Rows, Solution, adjust

PRIOR_FREEDOM = 3.0  # degrees of freedom that the stated error is worth: it is right to a factor of 1.5, 1-sigma
FINEST_PX = 0.3  # whole pixels are off by 0.29 px, 1-sigma
COARSEST = 3.0  # marks that seem so many times as bad as stated are bad in places, not all over
_ROUNDS = 5
_SETTLED = 0.02  # relative change of a factor that matters no more


def rescaled(solution: Solution) -> Solution:
    """Adjust again with marks as good as they turned out to be.

    With one keyframe alone no mark is taken to be better than stated: lens and camera give way to its errors.

    Args:
        solution: an adjustment with the stated errors.
    """
    stated = solution.problem
    poses = {int(pose) for part in solution.rows[:2] for pose in part.pose}
    least = 0.0 if len(poses) > 1 else 1.0
    factors = np.ones(3)
    for _ in range(_ROUNDS):
        before = factors
        factors = np.clip(_factors(solution, before), least, COARSEST)
        solution = adjust(_restated(stated, factors), solution.cameras, solution.state.offsets)
        if np.max(np.abs(factors / before - 1.0)) < _SETTLED:
            break
    return solution


def landmark_error(problem: Problem) -> tuple[float, float] | None:
    """Return the 1-sigma of a plain click across and down the picture, pixels; None where no landmark is marked.

    Plain is what is stated to be best: what is stated to be worse has more than the click that makes it so.
    """
    if not len(problem.points.sigma):
        return None
    across, down = np.min(problem.points.sigma, axis=0)
    return float(across), float(down)


def redundancy(part: Rows, blocks: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Return which share of each of N observations is checked by all others (N,), 0 to 1.

    Args:
        part: the observations.
        blocks: of the covariance of all unknowns, see Normal.covariance.
    """
    own, common = part.by_pose, part.by_shared
    poses, cross, shared = blocks
    explained = np.einsum("ni,nij,nj->n", own, poses[part.pose], own)
    explained += 2.0 * np.einsum("ni,nij,nj->n", own, cross[part.pose], common)
    explained += np.einsum("ni,ij,nj->n", common, shared, common)
    return np.clip(1.0 - part.weight * explained, 0.0, 1.0)


def _factors(solution: Solution, now: np.ndarray) -> np.ndarray:
    """Return the factors (3,) on the stated errors, shrunk towards 1, given an adjustment with the factors ``now``."""
    points, curves = solution.rows[:2]
    blocks = solution.normal.covariance()
    misses, freedom = np.zeros(3), np.zeros(3)
    for part, kinds in ((points, (0, 1)), (curves, (2,))):
        squared, free = part.weight * part.residual**2, redundancy(part, blocks)
        for place, kind in enumerate(kinds):
            misses[kind] = np.sum(squared[place :: len(kinds)])
            freedom[kind] = np.sum(free[place :: len(kinds)])
    return np.asarray(np.sqrt((misses * now**2 + PRIOR_FREEDOM) / (freedom + PRIOR_FREEDOM)))


def _restated(problem: Problem, factors: np.ndarray) -> Problem:
    """Return the problem with the errors of its marks times the factors (3,)."""
    points = replace(problem.points, sigma=np.maximum(problem.points.sigma * factors[:2], FINEST_PX))
    on = replace(problem.on, sigma=np.maximum(problem.on.sigma * factors[2], FINEST_PX))
    return replace(problem, points=points, on=on)
