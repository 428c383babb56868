"""A model marks keyframes of a clip; what it marks is a calibration like a person's."""

import numpy as np
import pytest

from ontologies.checks import check_calibration
from perception.encode import write_video
from perception.registration.landmarks import Landmarks
from perception.registration.marking import SIGMA_PX, marked
from records.calibration import read_calibration, write_calibration
from records.errors import InputError
from records.scene import FieldChoice
from simulation.camera import View
from simulation.training.views import landmarks_of

NAMES = tuple(landmarks_of("soccer"))
PLACES = np.array(list(landmarks_of("soccer").values()))
VIEW = View((0.0, -80.0, 25.0), 0.1, 0.3, 600.0, width=320, height=180)


class Pointing:
    """Points right in bright pictures, and one landmark always wrong; at nothing in dark ones."""

    domain, names, places = "soccer", NAMES, PLACES

    def find(self, image: np.ndarray) -> Landmarks:
        pixels = VIEW.to_image(np.column_stack([PLACES, np.zeros(len(PLACES))]))
        inside = [i for i, (x, y) in enumerate(pixels) if 0 <= x < 320 and 0 <= y < 180 and image.mean() > 100]
        pixels[inside[:1]] += 60.0
        return Landmarks(tuple(NAMES[i] for i in inside), pixels[inside], PLACES[inside], np.ones(len(inside)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Three seconds; dark in the second one."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    images = [np.full((180, 320, 3), 20 if 25 <= n < 50 else 200, np.uint8) for n in range(75)]
    write_video(path, images, np.arange(75) / 25)
    return path


def test_a_model_marks_keyframes_where_landmarks_agree(clip, tmp_path):
    calibration = marked(clip, Pointing(), 0.5)
    assert [frame.t for frame in calibration.keyframes] == pytest.approx([0.0, 0.52, 2.0, 2.52], abs=0.03)
    assert (calibration.domain, calibration.width, calibration.height) == ("soccer", 320, 180)
    first = calibration.keyframes[0]
    assert first.sigma_px == pytest.approx(SIGMA_PX / 4)
    assert len(first.points) >= 5
    for name, at in first.points.items():
        x, y = landmarks_of("soccer")[name]
        assert at == pytest.approx(VIEW.to_image(np.array([[x, y, 0.0]]))[0], abs=0.06)
    check_calibration(calibration, "marked")
    assert marked(clip, Pointing(), 2.0, FieldChoice(None, 101.0, 66.0)).field.length_m == 101.0
    write_calibration(tmp_path / "calibration.yaml", calibration)
    assert read_calibration(tmp_path / "calibration.yaml") == calibration


def test_where_no_field_is_seen_it_says_what_to_do(clip):
    class Silent(Pointing):
        def find(self, image: np.ndarray) -> Landmarks:
            return Landmarks((), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))

    with pytest.raises(InputError, match="no soccer field was found"):
        marked(clip, Silent(), 1.0)
