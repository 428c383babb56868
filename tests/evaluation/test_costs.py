"""What a run costs is measured on what really runs."""

import time

import numpy as np
import pytest

from evaluation.costs import Spent, loop_video, measure
from perception.decode import open_video


def test_a_looped_clip_has_every_frame_again_and_time_runs_on(short_clip, tmp_path):
    looped = tmp_path / "looped.mp4"
    loop_video(short_clip, looped, 3)
    once, often = open_video(short_clip), open_video(looped)
    assert often.info.frames == 3 * once.info.frames
    assert (np.diff(often.times) > 0).all()
    first, again = (next(often.frames(n, n + 1)).image for n in (2, 2 + once.info.frames))
    assert np.abs(first.astype(int) - again).mean() < 1


def test_decoding_is_told_from_the_rest(short_clip):
    def work():
        for _ in open_video(short_clip).frames():
            time.sleep(0.005)

    spent = measure(work)
    assert 0 < spent.decoding < spent.total - 0.005 * 25
    assert spent.inference == 0


def test_overhead_is_a_share_of_what_is_needed():
    assert Spent(total=5.0, decoding=1.0, inference=3.0).overhead == pytest.approx(0.25)
