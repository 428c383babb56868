"""Pictures with what the camera saw a moment before and after, rendered."""

import cv2
import numpy as np
import pytest

from perception.detectors.neighbours import overlaid
from simulation.training.dataset import SMALL
from simulation.training.threes import Threes, decoded, draw_threes, read_threes, seeds_of, write_threes

WHAT = Threes("soccer", 2, 0.1, overlaid)


@pytest.fixture(scope="module")
def samples():
    return list(draw_threes(WHAT, seeds_of("train", 2)[1]))


def test_the_truth_is_the_ball_alone(samples):
    assert len(samples) == 2
    for sample in samples:
        assert sample.image.shape == (720, 1280, 5)
        assert sample.labels.tolist() == [SMALL]
        width, height = (sample.boxes[0, 2:] - sample.boxes[0, :2]).tolist()
        assert 3 < width < 25
        assert 3 < height < 25


def test_a_camera_that_turns_moves_nothing_but_who_plays(samples):
    """The grass differs by less than its noise does, pixel by pixel; laid over as it comes it differs by far more."""
    for sample in samples:
        grey = cv2.cvtColor(np.ascontiguousarray(sample.image[..., :3]), cv2.COLOR_BGR2GRAY).astype(int)
        for plane in (3, 4):
            gap = np.abs(sample.image[300:650, 100:1180, plane].astype(int) - grey[300:650, 100:1180])
            assert np.median(gap) <= 3
            assert np.percentile(gap, 99.9) > 20


def test_what_was_written_is_read_and_not_drawn_again(tmp_path, samples, monkeypatch):
    path = write_threes(tmp_path, WHAT, seeds_of("train", 2)[1])
    monkeypatch.setattr("simulation.training.threes.draw_threes", lambda *given: pytest.fail("drawn again"))
    assert write_threes(tmp_path, WHAT, seeds_of("train", 2)[1]) == path
    entries = [decoded(entry) for entry in read_threes(path)]
    for read, drawn in zip(entries, samples, strict=True):
        assert (read.image == drawn.image).all()
        assert (read.boxes == drawn.boxes).all()
        assert (read.labels == drawn.labels).all()
        assert (read.ignore == drawn.ignore).all()


def test_what_decides_the_pictures_decides_where_they_lie():
    def other(here, earlier, later):
        return overlaid(here, later, earlier)

    digests = {WHAT.digest(), Threes("soccer", 3, 0.1, overlaid).digest(), Threes("soccer", 2, 0.2, overlaid).digest()}
    assert len(digests | {Threes("soccer", 2, 0.1, other).digest()}) == 4


def test_no_play_is_both_trained_and_measured_on():
    assert not set(seeds_of("train", 10_000)) & set(seeds_of("test", 10_000))
