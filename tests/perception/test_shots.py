import cv2
import numpy as np
import pytest

from perception.decode import Frame, read_frames
from perception.shots import LOOKAHEAD, CutDetector, shot_numbers

SHAPE = (180, 320)


def world(seed, size=(360, 1600), tint=(1.0, 1.0, 1.0)):
    """A wide textured place for a camera to look at."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 220, (size[0] // 24, size[1] // 24), np.uint8)
    grey = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        at = (int(rng.integers(size[1])), int(rng.integers(size[0])))
        cv2.circle(grey, at, int(rng.integers(8, 40)), int(rng.integers(256)), -1)
    return np.clip(grey[..., None] * np.array(tint), 0, 255).astype(np.uint8)


def view(place, x, y=60):
    return place[y : y + SHAPE[0], x : x + SHAPE[1]]


def numbers(images, qualities=None):
    qualities = qualities or ["ok"] * len(images)
    frames = [
        Frame(i, i / 25, image, quality) for i, (image, quality) in enumerate(zip(images, qualities, strict=True))
    ]
    results = list(shot_numbers(iter(frames)))
    assert [frame.index for frame, _ in results] == list(range(len(images)))
    return [shot for _, shot in results]


def test_one_shot():
    place = world(1)
    assert numbers([view(place, 3 * i) for i in range(20)]) == [0] * 20


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (0.5, 1.0, 0.6)])
def test_cuts_with_and_without_new_colours(tint):
    first, second = world(1), world(2, tint=tint)
    images = [view(first, 3 * i) for i in range(10)] + [view(second, 200 + 3 * i) for i in range(12)]
    assert numbers([*images, *[view(first, 900)] * 5]) == [0] * 10 + [1] * 12 + [2] * 5


def test_a_jump_of_the_same_camera_is_a_cut():
    place = world(3)
    images = [view(place, 2 * i) for i in range(8)] + [view(place, 1000 + 2 * i) for i in range(8)]
    assert numbers(images) == [0] * 8 + [1] * 8


@pytest.mark.parametrize("speed", [20, 60])
def test_a_fast_blurred_pan_is_none(speed):
    place = world(4)
    images = [view(place, 0)] * 5
    images += [cv2.blur(view(place, speed * i), (max(speed // 2, 1), 1)) for i in range(1, 1200 // speed)]
    images += [view(place, 1200)] * 5
    assert set(numbers(images)) == {0}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_flash_is_none(length):
    place = world(5)
    images = [view(place, 3 * i).copy() for i in range(20)]
    for image in images[8 : 8 + length]:
        image[:] = np.clip(image * 0.4 + 160, 0, 255)
    assert numbers(images) == [0] * 20


def test_a_flash_right_before_a_cut_does_not_hide_it():
    first, second = world(6), world(7, tint=(0.4, 1.0, 1.0))
    images = [view(first, 3 * i).copy() for i in range(10)] + [view(second, 3 * i) for i in range(10)]
    images[5][:] = 255
    assert numbers(images) == [0] * 10 + [1] * 10


def test_frames_that_say_nothing_stay_where_they_are():
    first, second = world(8), world(9)
    nothing = np.zeros((*SHAPE, 3), np.uint8)
    images = [view(first, 0)] * 5 + [nothing] * 6 + [view(first, 6)] * 5 + [nothing] * 2 + [view(second, 0)] * 5
    qualities = ["ok"] * 5 + ["gap"] * 6 + ["ok"] * 5 + ["corrupt"] * 2 + ["ok"] * 5
    assert numbers(images, qualities) == [0] * 18 + [1] * 5


def test_black_lasting_longer_than_a_flash_parts_shots():
    first, second = world(10), world(11)
    black = np.zeros((*SHAPE, 3), np.uint8)
    assert numbers([view(first, 0)] * 5 + [black] * 8 + [view(second, 0)] * 5) == [0] * 5 + [1] * 8 + [2] * 5


def test_answers_come_a_few_frames_late():
    detector, place = CutDetector(), world(12)
    late = [len(detector.push(view(place, i))) for i in range(10)]
    assert late == [0] * LOOKAHEAD + [1] * (10 - LOOKAHEAD)
    assert len(detector.finish()) == LOOKAHEAD
    assert CutDetector().finish() == []


CLIPS = [
    "american_football/cfb_clip1",
    "american_football/cfb_clip2",
    "basketball/halfcourt_2p",
    "soccer/soccer_08fd33_4",
    "hockey/BUF-EDM_frames_0-279",
]


def test_real_clips_have_no_cut_and_their_joints_one_each(real_data):
    def stream():
        for clip in CLIPS:
            for frame in read_frames(real_data / f"video/{clip}.mp4", 0, None, 2):
                yield Frame(frame.index, frame.t, frame.image, frame.quality)

    shots = np.array([shot for _, shot in shot_numbers(stream())])
    assert (np.flatnonzero(np.diff(shots)) + 1).tolist() == [60, 120, 255, 340]
