"""What a moment before and after tells of a picture."""

import numpy as np
import pytest
from model_files import appeared

from perception.decode import Frame
from perception.detectors import build
from perception.detectors.neighbours import NEAR_S, neighbour, overlaid, planes, with_neighbours
from perception.runtime import open_session
from records.errors import InputError

STILL = np.eye(3)
BALL = {
    "name": "moving",
    "style": "yolox",
    "input": {"height": 64, "width": 64, "planes": 5},
    "strides": [4],
    "labels": ["ball"],
    "kinds": {"ball": "ball"},
    "score": 0.3,
}


def picture(*squares):
    """Grey, with white squares of 4 pixels at (column, row) of their upper left corner."""
    image = np.full((64, 64, 3), 60, np.uint8)
    for x, y in squares:
        image[y : y + 4, x : x + 4] = 250
    return image


def shifted(x, y):
    """The homography of a camera that sees everything so many pixels further right and down."""
    return np.array([[1.0, 0, -x], [0, 1.0, -y], [0, 0, 1.0]])


def test_what_stands_still_does_not_differ_when_the_camera_turns():
    here = (picture((20, 20), (40, 32)), STILL)
    before, after = (picture((28, 24), (48, 36)), shifted(8, 4)), (picture((12, 20), (32, 32)), shifted(-8, 0))
    five = overlaid(here, before, after)
    grey = neighbour(*here).grey
    assert (five[..., :3] == here[0]).all()
    assert (five[..., 3] == grey).all()
    assert (five[..., 4] == grey).all()


def test_nothing_seems_to_move_where_there_is_no_neighbour():
    image = picture((20, 20))
    five = planes(image, neighbour(image, STILL), None, None)
    assert (five[..., 3:] == neighbour(image, STILL).grey[..., None]).all()
    far = planes(image, neighbour(image, STILL), neighbour(image, shifted(1000, 0)), None)
    assert (far == five).all()


def test_a_model_of_five_planes_finds_what_came(tmp_path):
    detector = build(BALL, open_session(appeared(tmp_path / "m.onnx"), "cpu"))
    before, here = (picture((28, 24), (20, 40)), shifted(8, 4)), (picture((20, 20), (40, 32)), STILL)
    (found,) = detector.detect([overlaid(here, before, None)])
    assert np.round(found.xyxy).astype(int).tolist() == [[40, 32, 44, 36]]
    assert found.kind == ["ball"]
    (still,) = detector.detect([overlaid(here, here, here)])
    assert len(still) == 0


def test_a_picture_of_another_size_is_made_to_fit_plane_by_plane(tmp_path):
    detector = build(BALL, open_session(appeared(tmp_path / "m.onnx"), "cpu"))
    large = np.full((128, 128, 3), 60, np.uint8)
    before = (large.copy(), STILL)
    large[64:72, 80:88] = 250
    (found,) = detector.detect([overlaid((large, STILL), before, None)])
    assert np.abs(found.xyxy - [[80, 64, 88, 72]]).max() < 1


def test_a_model_of_other_planes_is_refused(tmp_path):
    with pytest.raises(InputError, match="input"):
        build(BALL | {"input": {"height": 64, "width": 64}}, open_session(appeared(tmp_path / "m.onnx"), "cpu"))
    with pytest.raises(InputError, match="planes 3 or 5"):
        build(BALL | {"input": {"height": 64, "width": 64, "planes": 4}}, open_session(tmp_path / "m.onnx", "cpu"))


def chosen(times, shots=None, unknown=()):
    """Times of the neighbours of pictures at some times."""
    frames = [Frame(number, t, picture(), None) for number, t in enumerate(times)]
    shots = shots or [0] * len(times)

    def known(frame):
        return None if frame.index in unknown else neighbour(frame.image, STILL, frame.t, shots[frame.index])

    seen = list(with_neighbours(iter(frames), known))
    assert [one.picture.index for one in seen] == list(range(len(times)))
    return [tuple(one and one.t for one in (each.earlier, each.later)) for each in seen]


@pytest.mark.parametrize("rate", [12.5, 25.0, 50.0])
def test_neighbours_are_so_much_time_away_whatever_the_rate(rate):
    times = [number / rate for number in range(40)]
    for t, (earlier, later) in list(zip(times, chosen(times), strict=True))[8:-8]:
        assert earlier == pytest.approx(t - NEAR_S, abs=0.5 / rate + 1e-9)
        assert later == pytest.approx(t + NEAR_S, abs=0.5 / rate + 1e-9)


def test_there_are_none_over_a_cut_a_gap_an_end_or_a_lost_frame():
    times = [0.0, 0.1, 0.2, 0.3, 1.0, 1.1]
    assert chosen(times) == [(None, 0.1), (0.0, 0.2), (0.1, 0.3), (0.2, None), (None, 1.1), (1.0, None)]
    assert chosen(times[:4], shots=[0, 0, 1, 1]) == [(None, 0.1), (0.0, None), (None, 0.3), (0.2, None)]
    assert chosen(times[:3], unknown=[1]) == [(None, None)] * 3
