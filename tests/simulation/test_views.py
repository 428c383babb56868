"""Pictures of fields for training know where their landmarks are, however they are bent."""

import cv2
import numpy as np
import pytest

from simulation.training import views
from simulation.training.views import FieldPicture, bent, decoded, landmarks_of, read_pictures, split_seeds

DOMAINS = ("basketball", "football", "hockey", "soccer")


@pytest.mark.parametrize("domain", DOMAINS)
def test_landmarks_that_a_model_tells_apart_lie_apart_on_the_ground(domain):
    places = np.array(list(landmarks_of(domain).values()))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert len(places) > 30
    assert apart.min() >= views.GAP_M
    assert list(landmarks_of(domain)) == list(landmarks_of(domain))


def test_a_mark_stays_on_its_landmark_when_the_picture_is_bent():
    image = np.zeros((360, 640, 3), np.uint8)
    marks = np.array([[320.0, 180.0], [250.0, 140.0], [390.0, 230.0], [np.nan, np.nan]])
    for x, y in marks[:3].astype(int):
        cv2.circle(image, (int(x), int(y)), 4, (255, 255, 255), -1)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        picture = bent(FieldPicture(image, marks, np.zeros((4, 2))), rng)
        assert picture.image.shape == (288, 512, 3)
        assert np.isnan(picture.pixels[3]).all()
        for x, y in picture.pixels[:3]:
            if 12 < x < 500 and 12 < y < 276:
                window = picture.image[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9].mean(axis=2)
                bright = window > (window.min() + window.max()) / 2
                row, column = np.argwhere(bright).mean(axis=0)
                assert (int(x) - 8 + column, int(y) - 8 + row) == pytest.approx((x, y), abs=1.2)


def test_training_and_test_share_no_play():
    assert not set(split_seeds("train", 5000)) & set(split_seeds("test", 5000))


def test_rendered_pictures_are_kept_and_read_again(tmp_path, monkeypatch):
    drawn = []

    def draw(domain, seed, count):
        drawn.append(seed)
        pixels = np.full((len(landmarks_of(domain)), 2), np.nan)
        pixels[0] = 12.5, 30.25
        return [FieldPicture(np.full((360, 640, 3), 40 * n, np.uint8), pixels, pixels + n) for n in range(count)]

    monkeypatch.setattr(views, "draw_pictures", draw)
    path = views.write_pictures(tmp_path, "soccer", 7, 3)
    assert views.write_pictures(tmp_path, "soccer", 7, 3) == path
    assert drawn == [7]
    pictures = [decoded(entry) for entry in read_pictures(path)]
    assert [round(float(one.image.mean())) for one in pictures] == [0, 40, 80]
    assert pictures[2].pixels[0].tolist() == [12.5, 30.25]
    assert pictures[2].places[0].tolist() == [14.5, 32.25]


def test_landmarks_are_where_the_camera_sees_them():
    (picture,) = views.draw_pictures("basketball", 300_003, 1)
    names = list(landmarks_of("basketball"))
    assert picture.pixels.shape == (len(names), 2)
    seen = picture.pixels[[(0 <= x < 640) and (0 <= y < 360) for x, y in picture.pixels]]
    assert len(seen) > 5
    inside = np.array([(0 <= x < 640) and (0 <= y < 360) for x, y in picture.pixels])
    _, agree = cv2.findHomography(picture.places[inside], picture.pixels[inside], cv2.RANSAC, 3.0)
    assert agree.all()  # a plane seen by a camera, but for the lens


def test_landmarks_lie_where_the_field_of_the_play_has_them():
    usual = np.array(list(landmarks_of("soccer").values()))
    (picture,) = views.draw_pictures("soccer", 300_001, 1)
    assert np.abs(picture.places - usual).max() > 0.3  # pitches are drawn in many sizes
    assert np.isfinite(picture.places).all()
