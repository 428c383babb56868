"""Stage watch: the first look at the footage: every frame's time and quality, shots, and how the picture moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perception.ahead import ahead
from perception.decode import Glance, open_video
from perception.motion import MotionConfig, MotionTracker
from perception.shots import LOOKAHEAD, shot_numbers
from pipeline import inputs
from pipeline.contract import Stage, Work
from records import tables
from records.calibration import Mask

DEPTH = 6  # frames that are decoded ahead
WARM_UP = 12  # frames before a chunk that motion is followed through, so that links reach across its edge


def stage(chunk_frames: int, registration: Mapping[str, Any]) -> Stage:
    """Return the stage.

    Args:
        chunk_frames: frames per piece of work.
        registration: configuration of the registration, of which ``motion`` matters here.
    """
    return Stage(
        name="watch",
        work=watch,
        reads=("video",),
        optional=("calibration",),
        writes=("frames", "motion"),
        config={"motion": dict(registration.get("motion") or {})},
        chunk_frames=chunk_frames,
    )


def watch(work: Work) -> Mapping[str, pa.Table]:
    """Look at every frame of a chunk once."""
    start, stop = work.span or (0, 0)
    video = open_video(work.sources["video"], work.spool)
    masks = _masks(work)
    known = _shots_before(work)
    config = MotionConfig(**work.config["motion"])
    motion = MotionTracker(config)
    rows: dict[str, list[Any]] = {name: [] for name in tables.SPECS["frames"].names}
    offset = 0
    with ahead(video.glances(max(0, start - WARM_UP), stop + LOOKAHEAD, config.height), DEPTH) as seen:
        for frame, number in shot_numbers(seen):
            if frame.index >= stop:
                break
            offset = known.get(frame.index, number + offset) - number
            shot = number + offset
            at = {"frame": frame.index, "t": frame.t, "shot": shot}
            graphics = [mask.box for mask in masks if _holds(mask, frame.t)]
            motion.step(frame.grey, at, graphics, size=frame.size)
            if frame.index >= start:
                _add(rows, frame, shot)
                work.advance(1)
    _report_quality(work, rows["quality"])
    moved = motion.table()
    return {
        "frames": tables.table("frames", rows),
        "motion": moved.filter(pc.greater_equal(moved.column("frame"), start)),
    }


def _shots_before(work: Work) -> Mapping[int, int]:
    """Return the shot of each frame of the chunk before this one."""
    if not work.before:
        return {}
    frames = work.before["frames"]
    return dict(zip(frames.column("frame").to_pylist(), frames.column("shot").to_pylist(), strict=True))


def _add(rows: dict[str, list[Any]], frame: Glance, shot: int) -> None:
    size = dict(zip(("width", "height"), frame.size, strict=True))
    for name, value in {"frame": frame.index, "t": frame.t, "shot": shot, "quality": frame.quality, **size}.items():
        rows[name].append(value)


def _masks(work: Work) -> tuple[Mask, ...]:
    if "calibration" not in work.sources:
        return ()
    return inputs.calibration(work.sources["calibration"]).masks


def _holds(mask: Mask, t: float) -> bool:
    return mask.span.start <= t <= mask.span.stop


def _report_quality(work: Work, quality: list[str]) -> None:
    for kind, count in sorted(Counter(quality).items()):
        if kind != "ok":
            work.note("degraded", f"{count} of {len(quality)} frames are marked {kind}")
