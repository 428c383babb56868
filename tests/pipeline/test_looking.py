"""Several frames are looked at at once, and nothing of that shows in what comes out."""

import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest

from perception.decode import Frame
from perception.detectors import Boxes
from perception.detectors.neighbours import Seen
from pipeline.stages.detect import Early, Eyes, looked_at
from records.errors import InputError

OUTLINE = np.zeros((0, 2))


class Slow:
    """A detector that takes longer for even frames and counts how many it works on at once."""

    def __init__(self, broken: int = -1):
        self.now, self.most, self.lock, self.broken = 0, 0, threading.Lock(), broken

    def looks_everywhere(self, image, region):
        return int(image[0, 0, 0]) != 1  # the region of frame 1 leaves something out

    def detect(self, images, region=None):
        number = int(images[0][0, 0, 0])
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02 if number % 2 == 0 else 0.002)
        with self.lock:
            self.now -= 1
        if number == self.broken:
            raise InputError("the model cannot be run")
        return [Boxes(np.full((1, 4), number, np.float32), np.ones(1, np.float32), ["player"])]


def frames(count, taken=None):
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield Frame(number, number / 25, np.full((4, 4, 3), number, np.uint8), None)


def pictures(count, taken=None):
    return map(Seen, frames(count, taken))


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_frames_come_out_in_order_with_their_own_boxes(at_once):
    detector = Slow()
    seen = list(looked_at(Eyes(detector), pictures(12), {}, OUTLINE, at_once))
    assert [frame.index for frame, _ in seen] == list(range(12))
    assert [float(boxes.xyxy[0, 0]) for _, boxes in seen] == list(range(12))
    assert detector.most <= at_once
    assert at_once == 1 or detector.most > 1


def test_no_more_frames_are_decoded_than_are_looked_at():
    taken = []
    stream = looked_at(Eyes(Slow()), pictures(100, taken), {}, OUTLINE, 2)
    next(stream)
    assert len(taken) == 3
    stream.close()


def test_what_goes_wrong_in_a_model_is_told():
    with pytest.raises(InputError, match="cannot be run"):
        list(looked_at(Eyes(Slow(broken=3)), pictures(9), {}, OUTLINE, 2))


def found(number):
    promise = Future()
    promise.set_result([Boxes(np.full((1, 4), number, np.float32), np.ones(1, np.float32), ["player"])])
    return promise


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_was_found_early_counts_where_no_tile_is_left_out(at_once):
    early = {0: found(70), 1: found(71), 2: found(72)}
    seen = list(looked_at(Eyes(Slow()), pictures(6), {}, OUTLINE, at_once, early))
    assert [frame.index for frame, _ in seen] == list(range(6))
    assert [float(boxes.xyxy[0, 0]) for _, boxes in seen] == [70, 1, 72, 3, 4, 5]


def test_looking_early_goes_on_until_its_results_are_wanted():
    taken = []
    looking = Early(lambda: Eyes(Slow()), frames(1000, taken), 2)
    while len(taken) < 4:
        time.sleep(0.001)
    eyes, early = looking.result()
    looking.close()
    assert isinstance(eyes.detector, Slow)
    assert list(early) == list(range(len(early)))
    assert 3 <= len(early) <= len(taken) < 1000
    assert all(float(promise.result()[0].xyxy[0, 0]) == number for number, promise in early.items())
    assert not [thread for thread in threading.enumerate() if thread.name == "early"]


def test_a_detector_that_does_not_open_is_told_when_it_is_needed():
    def broken():
        raise InputError("not a model")

    looking = Early(broken, frames(3), 2)
    with pytest.raises(InputError, match="not a model"):
        looking.result()
    looking.close()


def test_what_goes_wrong_early_is_told_in_its_turn():
    taken = []
    looking = Early(lambda: Eyes(Slow(broken=2)), frames(4, taken), 2)
    while len(taken) < 4:
        time.sleep(0.001)
    eyes, early = looking.result()
    seen = looked_at(eyes, pictures(9), {}, OUTLINE, 2, early, looking.pool)
    assert [next(seen)[0].index, next(seen)[0].index] == [0, 1]
    with pytest.raises(InputError, match="cannot be run"):
        next(seen)
    looking.close()


def test_no_more_are_looked_at_at_once_when_some_were_begun_early():
    looking = Early(lambda: Eyes(Slow()), frames(1000), 2)
    time.sleep(0.05)
    eyes, early = looking.result()
    seen = list(looked_at(eyes, pictures(40), {}, OUTLINE, 2, early, looking.pool))
    looking.close()
    assert [float(boxes.xyxy[0, 0]) for _, boxes in seen] == list(range(40))
    assert eyes.detector.most == 2
