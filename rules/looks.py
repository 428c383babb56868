"""What many looks at one thing are worth: a sign that is to hold at any of them needs a greater margin.

Somebody who stays near a line is seen on its wrong side sooner or later: at k = 2 every look is wrong once in 44, and
of thirty looks most likely one is. What a single look shows is read with k; what may be shown by any of a number of
looks, as by a machine that remembers it, is read here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from statistics import NormalDist

import numpy as np

from rules import runs
from rules.formulas import Deferred, Evidence, measured
from rules.kleene import Floats, Plane, blocks

FAR_SIGMAS = 5.0  # beyond this no look is wrong: once in three million
NEAR_SIGMAS = 1.0  # a look nearer to zero than this could as well be on the other side
NEAR_SHARE = 0.683  # of the looks at what is at zero come so near
LOST = 2.0  # where sigma is so many times that of the best look nothing is looked at: a gap
LOOK_S = 0.05  # what is seen again sooner errs as it did: no source of positions errs anew at every picture
LOOKS_PER_TAU = 10.0  # nor where errors are said to be correlated for longer: one that drifts is seldom greatest


def persisting(evidence: Evidence, axis: Floats, k: float = 2.0, tau: Floats | float = 0.0) -> Plane:
    """Return where a margin is positive, so that all looks at a visit near zero together err as seldom as one.

    A visit is a stretch in which the margin is never further from zero than ``FAR_SIGMAS``. Of the looks in it those
    count that are about zero, one in ``LOOK_S`` or in a tenth of ``tau``; of n of them each is read with the number of
    sigma at which n independent looks all stay within their errors as often as one does with k. A quick crossing is
    read as it was.

    Args:
        evidence: the margin and its errors.
        axis: (time,) seconds, increasing.
        k: how many sigma make a single look certain.
        tau: correlation time of the errors as the source states it, seconds, at each time or throughout; 0: not stated.

    >>> margin = np.array([-9.0, -1.0, 0.5, 2.2, -0.5, -9.0])
    >>> one = Evidence(margin, np.ones(6), np.zeros(6), np.ones(6), np.zeros((0, 6)))
    >>> measured("", one).plane.must.tolist()
    [False, False, False, True, False, False]
    >>> persisting(one, np.arange(6.0)).must.tolist()
    [False, False, False, False, False, False]
    """
    plane = measured("", evidence, k=k).plane
    if not len(evidence):
        return plane
    beyond, enough = _enough(evidence, axis, k, tau)
    sure = ~(beyond < enough) | (enough <= k)
    return Plane(plane.must & sure, plane.may | ~sure)


def one_of(evidence: Evidence, number: float, k: float = 2.0) -> Evidence:
    """Return evidence of one of a number of men, each of whom would decide alone if his margin were positive.

    It certainly is where all their looks together err as seldom as one does with k; that it is not is read with k.

    >>> one = Evidence(np.array([2.5, 3.0, -2.5]), np.ones(3), np.zeros(3), np.ones(3), np.zeros((0, 3)))
    >>> plane = measured("", one_of(one, 11)).plane
    >>> plane.must.tolist(), plane.may.tolist()
    ([False, True, False], [True, True, False])
    """
    sigmas = needed(number, k) - k
    if isinstance(evidence, Deferred):
        return Deferred(lambda here: _wider(evidence.at(here), sigmas), len(evidence), evidence.entity, evidence.unit)
    return _wider(evidence, sigmas)


def one_of_ever(evidence: Evidence, axis: Floats, number: float = 1.0, k: float = 2.0) -> Evidence:
    """Return evidence of one of a number of men, any of whom would decide alone at any time; see ``persisting``."""
    if not len(evidence):
        return evidence
    evidence = evidence.at(slice(0, len(evidence)))
    return _wider(evidence, _enough(evidence, axis, k, 0.0, number)[1] - k)


def _wider(evidence: Evidence, sigmas: Floats | float) -> Evidence:
    """Return evidence that takes so many sigma more to be certainly positive, and as many to be certainly not."""
    with np.errstate(invalid="ignore"):
        doubt = np.nan_to_num(sigmas * evidence.sigma / 2, posinf=0.0)
    return replace(evidence, margin=evidence.margin - doubt, slack=evidence.slack + doubt)


def _enough(
    evidence: Evidence, axis: Floats, k: float, tau: Floats | float, number: float = 1.0
) -> tuple[Floats, Floats]:
    """Return how many sigma a margin is from zero, and how many are enough for all looks of a visit together."""
    beyond, sigma = _sigmas(evidence)
    near = ~(beyond > FAR_SIGMAS)
    starts = runs.run_starts(len(near), near)
    best = np.repeat(np.minimum.reduceat(sigma, starts), np.diff(starts, append=len(near)))
    open_ = (np.abs(beyond) < NEAR_SIGMAS) & (sigma <= LOST * best)  # deep within what is open no error shows
    each = np.minimum(np.diff(axis, append=axis[-1]) / np.maximum(LOOK_S, np.asarray(tau) / LOOKS_PER_TAU), 1.0) * open_
    looks = np.where(near[starts], np.add.reduceat(each, starts), 0.0)
    more = np.clip(looks - 1.0, 0.0, None) / NEAR_SHARE  # than the one that every crossing has
    wanted = np.array([needed(number * (1.0 + one), k) for one in more.tolist()])
    return beyond, np.repeat(wanted, np.diff(starts, append=len(near)))


@cache
def needed(looks: float, k: float) -> float:
    """Return how many sigma a number of looks need to err together as seldom as one does with k.

    >>> round(needed(1, 2.0), 3), round(needed(30, 2.0), 3)
    (2.0, 3.168)
    """
    normal = NormalDist()
    wrong = -np.expm1(np.log1p(-normal.cdf(-k)) / looks) if looks > 1 else 0.0  # of each, where one errs as k does
    return -normal.inv_cdf(float(wrong)) if wrong > 0 else k


def _sigmas(evidence: Evidence) -> tuple[Floats, Floats]:
    """Return how many sigma a margin is from zero, beyond what the source leaves open (NaN: unknown), and sigma."""
    result, sigma = np.empty(len(evidence)), np.empty(len(evidence))
    for window in blocks(len(evidence)):
        here = evidence.at(window)
        with np.errstate(invalid="ignore", divide="ignore"):
            result[window] = (np.abs(here.margin) - here.slack) / here.sigma
        sigma[window] = here.sigma
    return result, sigma
