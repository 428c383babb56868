"""Landmark models on real pictures; skipped where the private data is absent."""

import cv2
import numpy as np
import pytest

from evaluation.real_landmarks import RealPicture, field_error, marked_pictures, measure_real
from perception.registration.landmarks import Landmarks

SPOTS = np.array([(x, y) for x in (-20.0, 0.0, 20.0) for y in (-10.0, 0.0, 10.0)])
MATRIX = np.array([[22.0, 6.0, 640.0], [-1.0, -12.0, 360.0], [0.0, 0.006, 1.0]])
PIXELS = cv2.perspectiveTransform(SPOTS[None], MATRIX)[0]


class Pointing:
    """Points at nine spots, so many pixels beside them, in every picture."""

    domain = "hockey"

    def __init__(self, beside: float) -> None:
        self.beside = beside

    def find(self, image: np.ndarray) -> Landmarks:
        return Landmarks(tuple("abcdefghi"), PIXELS + self.beside, SPOTS, np.ones(9))


def test_the_error_is_that_of_the_marked_points():
    picture = RealPicture(np.zeros((720, 1280, 3), np.uint8), PIXELS[:4], SPOTS[:4] + np.array([0.0, 0.5]))
    assert field_error(Pointing(0.0), picture) == pytest.approx(0.5, abs=1e-3)
    assert 0.5 < field_error(Pointing(20.0), picture) < 4.0


@pytest.mark.parametrize(("domain", "count", "usual_m"), [("soccer", 34, 0.6), ("hockey", 4, 1e-6)])
def test_marked_points_lie_on_the_field_they_are_said_to_be_of(real_data, domain, count, usual_m):
    found = list(marked_pictures(domain, real_data))
    assert len(found) == count
    errors = []
    for picture in found:
        assert picture.image.shape == (720, 1280, 3)
        matrix, _ = cv2.findHomography(picture.pixels, picture.field, 0)
        placed = cv2.perspectiveTransform(picture.pixels[None], matrix)[0]
        errors.append(np.median(np.hypot(*(placed - picture.field).T)))
        u, v = cv2.perspectiveTransform(np.array([[[640.0, 300.0], [640.0, 500.0]]]), matrix)[0]
        assert v[1] < u[1]  # lower in the picture is nearer, and near is -y
    assert np.median(errors) < usual_m


def test_what_is_found_in_other_sports_is_counted(real_data):
    figures = measure_real(Pointing(0.0), real_data)
    assert figures["false_in_soccer"] == figures["false_in_football"] == figures["false_in_basketball"] == 9.0
    assert figures["pictures_of_soccer"] > 34
    assert figures["registered"] == 1.0
    assert figures["median_m"] > 5.0
