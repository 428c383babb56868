"""How landmark models are measured."""

import numpy as np

from evaluation.landmarks import SCORES, measure, measure_model, silent_score
from perception.registration.landmarks import Landmarks
from simulation.camera import View
from simulation.training.views import FieldPicture, landmarks_of

VIEW = View((0.0, -80.0, 25.0), 0.1, 0.3, 1200.0, width=640, height=360)
NAMES = tuple(landmarks_of("soccer"))
PLACES = np.array(list(landmarks_of("soccer").values()))
PIXELS = VIEW.to_image(np.column_stack([PLACES, np.zeros(len(PLACES))]))
PICTURE = FieldPicture(np.zeros((360, 640, 3), np.uint8), PIXELS, PLACES)


SURE = 0.42  # of what the model below points at


class Pointing:
    """Points at everything in the picture, so far beside it, and in black pictures only."""

    domain, names = "soccer", NAMES

    def __init__(self, beside: float) -> None:
        self.beside = beside

    def find(self, image: np.ndarray, floor: float | None = None) -> Landmarks:
        shown = not image.any() and (floor or 0.0) <= SURE
        inside = [i for i, (x, y) in enumerate(PIXELS) if shown and 0 <= x < 640 and 0 <= y < 360]
        names = tuple(NAMES[i] for i in inside)
        return Landmarks(names, PIXELS[inside] + self.beside, PLACES[inside], np.ones(len(inside)))


def test_a_model_that_points_right_has_no_error():
    white = FieldPicture(np.full((360, 640, 3), 255, np.uint8), PIXELS, PLACES)
    figures = measure(Pointing(0.0), {"soccer": [PICTURE, white], "hockey": [PICTURE], "football": [white]})
    assert figures["landmarks_found"] == 0.5
    assert figures["landmarks_wrong"] == 0.0
    assert figures["registered"] == 0.5
    assert figures["registration_m"] < 1e-3
    assert figures["false_in_hockey"] > 5
    assert figures["false_in_football"] == 0.0


def test_a_model_that_points_beside_is_found_out():
    figures = measure(Pointing(6.0), {"soccer": [PICTURE]})
    assert figures["landmarks_wrong"] == 1.0
    assert 0.3 < figures["registration_m"] < 3.0


def test_landmarks_are_believed_from_where_on_other_sports_have_none():
    white = FieldPicture(np.full((360, 640, 3), 255, np.uint8), PIXELS, PLACES)
    assert silent_score(Pointing(0.0), {"soccer": [PICTURE], "hockey": [white]}) == SCORES[0]
    assert silent_score(Pointing(0.0), {"soccer": [PICTURE], "hockey": [PICTURE]}) == 0.45


def test_a_model_is_measured_on_plays_of_every_sport(tmp_path, monkeypatch):
    asked = []

    def write(folder, domain, seed, count):
        asked.append((domain, seed, count))
        return folder

    monkeypatch.setattr("evaluation.landmarks.write_pictures", write)
    monkeypatch.setattr("evaluation.landmarks.read_pictures", lambda path: [])
    monkeypatch.setattr("evaluation.landmarks.open_session", lambda *given: given)
    monkeypatch.setattr("evaluation.landmarks.LandmarkModel", lambda session: Pointing(0.0))
    figures = measure_model(tmp_path / "m.onnx", tmp_path, 2, 1)
    assert len(asked) == 8
    assert {domain for domain, _, _ in asked} == {"basketball", "football", "hockey", "soccer"}
    assert figures["landmarks_found"] == 0.0
