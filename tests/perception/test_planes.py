import av
import cv2
import numpy as np
import pytest
from video_files import encode, picture

from perception.decode import THUMBNAIL, open_video
from perception.planes import Planes


def scene(size=(192, 128)):
    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (8, 12, 3), np.uint8)
    return cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "rgb24", "yuv420p10le"])
def test_grey_and_colour_are_those_of_the_whole_picture(form):
    raw = av.VideoFrame.from_ndarray(scene(), format="bgr24").reformat(format=form)
    whole, planes = raw.to_ndarray(format="bgr24"), Planes(raw)
    for size in ((192, 128), (96, 64), (60, 40)):
        grey = cv2.resize(cv2.cvtColor(whole, cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_AREA)
        assert np.abs(planes.grey(size).astype(int) - grey).mean() < 3
    small = cv2.resize(whole, (48, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(planes.colour((48, 32)).astype(int) - small).mean() < 4


def test_black_and_white_are_what_they_are_in_either_range():
    for form in ("yuv420p", "yuvj420p"):
        for level in (0, 255):
            raw = av.VideoFrame.from_ndarray(np.full((64, 64, 3), level, np.uint8), format="bgr24").reformat(
                format=form
            )
            planes = Planes(raw)
            assert np.abs(planes.grey((32, 32)).astype(int) - level).max() <= 1
            assert planes.level(float(planes.brightness.mean())) == pytest.approx(level, abs=2)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_glances_are_small_upright_frames(tmp_path, rotation):
    path = encode(tmp_path / "v.mp4", [picture(i) for i in range(5)], np.arange(5) / 25, rotation=rotation)
    video = open_video(path)
    frames, glances = list(video.frames()), list(video.glances(0, 99, 48))
    assert [(g.index, g.t, g.quality) for g in glances] == [(f.index, f.t, f.quality) for f in frames]
    for frame, glance in zip(frames, glances, strict=True):
        height, width = frame.image.shape[:2]
        assert glance.size == (width, height)
        assert glance.grey.shape == (48, round(width * 48 / height))
        assert glance.image.shape[0] == min(height, THUMBNAIL)
        whole = cv2.cvtColor(cv2.resize(frame.image, glance.grey.shape[::-1], interpolation=cv2.INTER_AREA), 6)
        assert np.abs(glance.grey.astype(int) - whole).mean() < 4
