"""A model marks keyframes of a clip; what it marks is a calibration like a person's."""

import numpy as np
import pytest

from ontologies import registry
from ontologies.checks import check_calibration
from perception.encode import write_video
from perception.registration.landmarks import Landmarks
from perception.registration.marking import SIGMA_PX, marked
from perception.registration.sizing import sized
from records.calibration import read_calibration, write_calibration
from records.errors import InputError
from records.scene import FieldChoice
from simulation.camera import View
from simulation.training.views import landmarks_of

NAMES = tuple(landmarks_of("soccer"))
PLACES = np.array(list(landmarks_of("soccer").values()))
VIEW = View((0.0, -80.0, 25.0), 0.1, 0.3, 600.0, width=320, height=180)


PIXELS = VIEW.to_image(np.column_stack([PLACES, np.zeros(len(PLACES))]))


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


def seen_on(choice: FieldChoice, pan: float) -> Landmarks:
    """What a camera sees of a pitch of some size, exactly."""
    field, view = registry.field("soccer", choice), View((0.0, -80.0, 25.0), pan, 0.3, 900.0)
    at = view.to_image(np.array([(*field.landmarks[name][:2], 0.0) for name in NAMES]))
    inside = [i for i, (x, y) in enumerate(at) if 0 <= x < 1280 and 0 <= y < 720]
    return Landmarks(tuple(NAMES[i] for i in inside), at[inside], PLACES[inside], np.ones(len(inside)))


def test_a_pitch_of_which_nobody_said_how_large_it_is_gets_the_size_that_fits():
    true = FieldChoice(None, 108.0, 72.5)
    looks = [seen_on(true, pan) for pan in (-0.5, -0.2, 0.3)]
    found = sized("soccer", FieldChoice(), looks, 1280)
    assert found.length_m == pytest.approx(108.0, abs=1.0)
    assert found.width_m == pytest.approx(72.5, abs=0.5)
    given = sized("soccer", FieldChoice(None, 108.0, None), looks, 1280)
    assert given.length_m == 108.0
    assert given.width_m == pytest.approx(72.5, abs=0.5)
    assert sized("soccer", true, looks, 1280) == true


def test_where_no_picture_tells_a_pitch_is_of_the_usual_size():
    middle = [i for i, name in enumerate(NAMES) if "center" in name or "halfway" in name]
    look = Landmarks(tuple(NAMES[i] for i in middle), PIXELS[middle], PLACES[middle], np.ones(len(middle)))
    few = Landmarks(look.names[:3], look.pixels[:3], look.field[:3], look.scores[:3])
    assert sized("soccer", FieldChoice(), [few], 320) == FieldChoice(None, 105.0, 68.0)
    assert sized("soccer", FieldChoice(), [], 320) == FieldChoice()
    assert sized("hockey", FieldChoice(), [few], 320) == FieldChoice()


def test_where_no_field_is_seen_it_says_what_to_do(clip):
    class Silent(Pointing):
        def find(self, image: np.ndarray) -> Landmarks:
            return Landmarks((), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))

    with pytest.raises(InputError, match="no soccer field was found"):
        marked(clip, Silent(), 1.0)
