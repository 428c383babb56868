"""What a run costs is measured on what really runs."""

import numpy as np

import rulesight
from evaluation.costs import bare, loop_video
from perception.decode import open_video


def test_a_looped_clip_has_every_frame_again_and_time_runs_on(short_clip, tmp_path):
    looped = tmp_path / "looped.mp4"
    loop_video(short_clip, looped, 3)
    once, often = open_video(short_clip), open_video(looped)
    assert often.info.frames == 3 * once.info.frames
    assert (np.diff(often.times) > 0).all()
    first, again = (next(often.frames(n, n + 1)).image for n in (2, 2 + once.info.frames))
    assert np.abs(first.astype(int) - again).mean() < 1


def test_bare_detection_looks_at_every_frame_with_the_detector_of_the_run(short_clip, short_calibration, tmp_path):
    run = rulesight.analyze(short_clip, "hockey", short_calibration, out=tmp_path / "run", overrides=["report=none"])
    for together in (False, True):
        spent = bare(run.folder, short_clip, together)
        assert spent.wall > 0.2
        assert spent.cpu > 0.2
