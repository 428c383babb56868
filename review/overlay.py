"""overlay.mp4: the footage with everything the run knows drawn in, at the footage's own times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from perception.decode import open_video
from perception.encode import write_video
from records.calls import Call
from review import draw
from review.moment import Moment
from review.view import RunView

VERDICT_COLOURS: dict[str, draw.Colour] = {
    "violation": (80, 80, 255),
    "clear": (120, 230, 120),
    "undecided": (80, 220, 255),
}
SHOWN_BEFORE_S, SHOWN_AFTER_S = 0.5, 2.5  # how long a call stays in the picture around its instant


def write_overlay(view: RunView, video: Path, graphics: Sequence[draw.Box] = ()) -> Path:
    """Draw the overlay of a run.

    Args:
        view: the run folder.
        video: the footage that it was made from.
        graphics: boxes in pixels that the map should not cover.

    Returns:
        The path of the video.

    Raises:
        InputError: the footage cannot be read, or the disk is full.
    """
    path = view.folder / "overlay.mp4"
    frames = tqdm(_drawn(view, video, graphics), total=len(view.times), desc="overlay", unit="frame", disable=None)
    write_video(path, frames, [float(t) for t in view.times])
    return path


def annotate(view: RunView, frame: int, image: np.ndarray, graphics: Sequence[draw.Box] = ()) -> np.ndarray:
    """Draw the field, the entities, the map and the calls of one frame onto its picture, and return it."""
    moment = view.moment(frame)
    calls = [call for call in view.calls.calls if _is_shown(call, moment.t)]
    scene(view, moment, image, frozenset(name for call in calls for name in call.entities))
    draw.inset(image, view.drawing.plan(moment), graphics)
    lines = [(f"{moment.t:6.2f} s" + ("" if moment.camera else "  field lost"), (255, 255, 255))]
    draw.banner(image, lines + [(_title(call), VERDICT_COLOURS[call.verdict]) for call in calls])
    return image


def scene(view: RunView, moment: Moment, image: np.ndarray, marked: frozenset[str]) -> None:
    """Draw the lines of the field and the entities of a moment; those marked stand out."""
    if moment.camera is not None:
        view.drawing.lines(image, moment.camera)
    draw.entities(image, moment, marked)


def _drawn(view: RunView, video: Path, graphics: Sequence[draw.Box]) -> Iterator[np.ndarray]:
    for frame in open_video(video).frames(judged=False):
        yield annotate(view, frame.index, frame.image, graphics)


def _title(call: Call) -> str:
    who = " ".join(part for part in (call.team, *call.entities) if part)
    return f"{call.verdict}: {call.rule} at {call.t:.2f} s {who} ({call.clause})"


def _is_shown(call: Call, t: float) -> bool:
    return call.t - SHOWN_BEFORE_S <= t <= call.t + SHOWN_AFTER_S
