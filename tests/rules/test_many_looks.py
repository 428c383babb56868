"""Many looks at something near a line do not make one of them certain."""

import numpy as np
import pytest

from rules.formulas import Deferred, Evidence
from rules.looks import needed, persisting

AXIS = np.arange(300) / 30


def evidence(margin: np.ndarray, sigma: float) -> Evidence:
    own = np.full(len(margin), sigma)
    return Evidence(margin, own, np.zeros(len(margin)), own, np.zeros((0, len(margin))))


def noise(count: int, step: float, tau: float, rng: np.random.Generator) -> np.ndarray:
    """Errors of one sigma; independent where tau is 0, else correlated over so many seconds."""
    kept = np.exp(-step / tau) if tau else 0.0
    errors = rng.normal(size=count)
    for n in range(1, count):
        errors[n] = kept * errors[n - 1] + np.sqrt(1 - kept**2) * errors[n]
    return errors


@pytest.mark.parametrize("sigma", [0.02, 0.15, 0.4, 2.0])
@pytest.mark.parametrize("tau", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("true", [-1e-6, -0.1, -0.4])
def test_who_stays_short_of_a_line_is_hardly_ever_taken_to_be_over_it(sigma: float, tau: float, true: float) -> None:
    rng = np.random.default_rng(0)
    runs = [persisting(evidence(true + sigma * noise(300, 1 / 30, tau, rng), sigma), AXIS) for _ in range(200)]
    # read one by one nearly always; one look at k = 2 errs once in 44
    assert np.mean([plane.must.any() for plane in runs]) <= 0.05


def test_a_crossing_is_read_as_soon_as_it_is_beyond_its_few_open_looks() -> None:
    crossing = evidence(np.linspace(-4.0, 4.0, 61), 0.05)
    plain = persisting(crossing, np.arange(61) / 60)
    assert 60 - int(np.argmax(plain.must)) == 29  # at the second sample over the line, 0.13 m each
    assert not plain.may[:30].any()


def test_the_same_over_a_long_time() -> None:
    one = evidence(np.sin(np.arange(70000) / 5000) + 0.05 * noise(70000, 1 / 60, 0.1, np.random.default_rng(1)), 0.05)
    axis = np.arange(70000) / 60
    late = persisting(Deferred(one.at, len(one), None), axis)
    assert np.array_equal(late.must, persisting(one, axis).must)
    assert np.array_equal(late.may, persisting(one, axis).may)


def test_more_looks_need_more() -> None:
    needs = [needed(looks, 2.0) for looks in (0, 1, 2, 30, 1000)]
    assert needs == sorted(needs)
    assert needs[0] == needs[1] == 2.0
    assert needs[-1] < 4.2
