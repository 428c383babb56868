"""How well marks were clicked, found from their residuals: shots with known click noise."""

from dataclasses import replace

import numpy as np
import pytest
from registration_scenes import football_shot, hockey_shot
from test_registration_solve import misses

from evaluation.registration import TWO_SIGMA, FieldPoint, held_back
from perception.registration.covariance import inflation
from perception.registration.project import by_frame
from perception.registration.solve import RegistrationConfig, solve

STATED = 1.5


def registered(shot, noise, seed, keyframes=(0, 30, 49)):
    """The cameras of a shot whose marks are off by `noise` pixels and say that they are off by 1.5."""
    calibration = shot.calibration(list(keyframes), noise_px=noise, seed=seed)
    said = tuple(replace(one, sigma_px=STATED) for one in calibration.keyframes)
    motion = shot.motion(noise_px=0.1, seed=seed)
    found = solve(motion, replace(calibration, keyframes=said), shot.field, RegistrationConfig(contradiction=1e9))
    return by_frame(found.registrations, shot.rise)


def clicks(shot, noise, seed):
    """Landmarks clicked in frames without a keyframe."""
    rng, points = np.random.default_rng(seed), []
    names = [name for name, at in sorted(shot.field.landmarks.items()) if shot._on_ground(at)]
    for frame in range(3, 48, 4):
        uv = shot.pixels(frame, np.array([shot.field.landmarks[name][:2] for name in names]))
        for k in rng.permutation(np.flatnonzero(np.isfinite(uv[:, 0])))[:3]:
            at = tuple(float(value) for value in uv[k] + rng.normal(0, noise, 2))
            points.append(FieldPoint(float(shot.times[frame]), names[k], at, STATED))
    return tuple(points)


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0, 4.0])
def test_the_click_error_is_found_and_labels_lie_within_two_sigma(noise):
    inside = []
    for seed, make in enumerate((football_shot, hockey_shot)):
        shot = make()
        cameras = registered(shot, noise, seed)
        across, down = cameras[10].mark_px
        assert noise / 1.7 < np.hypot(across, down) / np.sqrt(2) < max(1.2 * noise, 0.8)
        score = held_back(
            clicks(shot, noise, 100 + seed), shot.field, lambda t, cameras=cameras: cameras[round(t * 25)]
        )
        inside.append(score.inside)
    assert np.mean(inside) >= 0.88


def test_what_one_keyframe_says_of_its_own_marks_is_not_believed():
    assert min(registered(hockey_shot(), 0.3, 0, keyframes=(25,))[25].mark_px) >= STATED - 1e-6


def test_marks_better_than_stated_make_the_registration_more_certain():
    shot = hockey_shot()
    middle = np.array([[640.0, 360.0]])
    good, bad = (registered(shot, noise, 3)[30].covariance_at(middle)[0] for noise in (0.5, 3.0))
    assert np.trace(good) < 0.7 * np.trace(bad)


def test_claims_are_scaled_by_how_far_off_left_out_keyframes_are():
    many = {number: (0.25, 3) for number in range(60)}
    assert inflation(many, least=0.1) == pytest.approx(0.5, abs=0.03)
    assert inflation(many, least=0.8) == 0.8
    assert inflation(many) == 1.0
    assert inflation({number: (4.0, 3) for number in range(60)}) == pytest.approx(2.0, abs=0.05)
    assert inflation({}, unchecked=2.0) == 2.0


def test_what_few_keyframes_tell_is_believed_less():
    """With 3 + 9 degrees of freedom, 95.4 % of F(2, 12) lie below 1.30 times 95.4 % of half a chi-square of two."""
    few = inflation({number: (1.0, 3) for number in range(3)})
    assert few**2 == pytest.approx(1.30, abs=0.01)


def test_the_ground_lies_within_its_two_sigma_region_as_often_as_it_should():
    shot, inside = football_shot(), []
    for seed in range(0, 12, 2):
        _, squared = misses(shot, registered(shot, STATED, seed), range(0, 50, 6))
        inside.append(np.mean(squared <= TWO_SIGMA))
    assert 0.92 <= np.mean(inside) <= 0.99
