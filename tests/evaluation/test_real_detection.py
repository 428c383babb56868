"""How detectors are measured on real pictures, on pictures drawn here."""

import cv2
import numpy as np
import pytest

from evaluation.real_detection import found_at, on_clip, on_soccer
from perception.detectors import Boxes


def boxes(*rows):
    xyxy = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    return Boxes(xyxy, np.array([row[4] for row in rows], np.float32), [row[5] for row in rows])


def around(x, y, score):
    return (x - 4, y - 4, x + 4, y + 4, score, "ball")


class Saying:
    """A detector that finds the same in every picture."""

    def __init__(self, *rows):
        self.rows = rows

    def detect(self, images, region=None):
        return [boxes(*self.rows) for _ in images]


def test_balls_count_once_and_only_before_too_many_are_false():
    spots = [np.array([[100.0, 100.0]]), np.array([[50.0, 50.0]])]
    found = [
        boxes(around(103, 100, 0.9), around(100, 102, 0.8)),
        boxes(around(300, 300, 0.7), around(50, 50, 0.6)),
    ]
    assert found_at(found, spots, 1.0) == (1.0, pytest.approx(0.6))
    assert found_at(found, spots, 0.5) == (0.5, pytest.approx(0.8))
    assert found_at(found, spots, 0.0) == (0.5, pytest.approx(0.9))
    assert found_at([boxes(), boxes()], spots, 0.5) == (0.0, 1.0)


@pytest.fixture
def labelled(tmp_path):
    """One grey picture with a ball at (640, 360) and a person beside it."""
    folder = tmp_path / "detection" / "soccer_players" / "valid"
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / "a.jpg"), np.full((360, 640, 3), 120, np.uint8))
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.01 0.02\n2 0.25 0.5 0.05 0.25\n")
    return tmp_path


def test_people_and_balls_of_boxed_pictures(labelled):
    person = (288, 270, 352, 450, 0.9, "unknown")
    right = Saying(person, around(641, 360, 0.5))
    figures = on_soccer(right, right, labelled)
    assert figures["people_ap50"] == 1.0
    assert figures["balls_found"] == 1.0
    assert (figures["pictures"], figures["people"], figures["balls"]) == (1, 1, 1)
    beside = Saying((388, 270, 452, 450, 0.9, "player"), around(700, 360, 0.5))
    assert on_soccer(beside, beside, labelled)["people_ap50"] == 0.0
    assert on_soccer(beside, beside, labelled)["balls_found"] == 0.0


def test_people_of_a_clip_are_found_by_their_feet(tmp_path, monkeypatch):
    (tmp_path / "people.yaml").write_text(
        "frames:\n- {t: 0.0, people: [{id: a, team: home, kind: player, at: [100, 200]},"
        " {id: b, team: home, kind: player, at: [400, 200]},"
        " {id: c, team: home, kind: player, at: [600, 200], occluded: true}]}\n"
    )

    class Source:
        times = np.array([0.0])

        def at(self, numbers):
            from perception.decode import Frame

            return (Frame(number, 0.0, np.zeros((720, 1280, 3), np.uint8), None) for number in numbers)

    monkeypatch.setattr("evaluation.real_detection.open_video", lambda video: Source())
    figures = on_clip(Saying((80, 100, 120, 204, 0.9, "player"), around(400, 200, 0.9)), tmp_path / "v.mp4", tmp_path)
    assert figures == {"people_found": 0.5, "people": 2.0, "boxes_per_picture": 1.0}
