"""Multi-object tracking figures, by TrackEval: HOTA, MOTA, IDF1, switches.

TrackEval is in the ``bench`` extra. Its metric classes are called on arrays; nothing is written to disk. Files are
those of the MOTChallenge: frame (from 1), id, left, top, width, height, confidence, ...
"""

import configparser
import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from records.errors import InputError
from tracking import picture
from tracking.association import overlaps


@dataclass(frozen=True)
class Sequence:
    """One sequence: number of frames, frames per second, detections (n x 7) and truth (m x 6).

    Columns: frame (from 1), id, left, top, width, height, and the confidence of detections.
    """

    name: str
    frames: int
    rate: float
    detections: np.ndarray
    truth: np.ndarray


def read_sequence(folder: str | Path, detections: str = "sort_frcnn_det.txt") -> Sequence:
    """Read a MOTChallenge folder; truth whose confidence is 0 is left out.

    Raises:
        InputError: if a file is missing.
    """
    place = Path(folder)
    for name in ("seqinfo.ini", "gt/gt.txt", f"det/{detections}"):
        if not (place / name).is_file():
            raise InputError(f"no {name}", where=str(place))
    info = configparser.ConfigParser()
    info.read(place / "seqinfo.ini", encoding="utf-8")
    truth = np.loadtxt(place / "gt/gt.txt", delimiter=",", ndmin=2)
    found = np.loadtxt(place / "det" / detections, delimiter=",", ndmin=2)
    section = info["Sequence"]
    return Sequence(
        place.name, int(section["seqLength"]), float(section["frameRate"]), found[:, :7], truth[truth[:, 6] != 0, :6]
    )


def score(truth: np.ndarray, tracked: np.ndarray, frames: int) -> Mapping[str, float]:
    """Compare tracks with truth at IoU 0.5 (HOTA: 0.05 to 0.95).

    Args:
        truth: m x 6: frame (from 1), id, left, top, width, height.
        tracked: n x 6, the same.
        frames: number of frames.

    Returns:
        HOTA, AssA, DetA, MOTA, IDF1 in percent; switches, false_positives, misses as counts.

    Raises:
        InputError: if TrackEval is not installed.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from trackeval.metrics import CLEAR, HOTA, Identity

            metrics = HOTA(), CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False})
    except ImportError as error:
        raise InputError("TrackEval is not installed", mend="pip install 'rulesight[bench]'") from error
    data = _arranged(truth, tracked, frames)
    with contextlib.redirect_stdout(io.StringIO()):
        hota, clear, identity = (metric.eval_sequence(data) for metric in metrics)
    return {
        "HOTA": 100 * float(np.mean(hota["HOTA"])),
        "DetA": 100 * float(np.mean(hota["DetA"])),
        "AssA": 100 * float(np.mean(hota["AssA"])),
        "MOTA": 100 * float(clear["MOTA"]),
        "IDF1": 100 * float(identity["IDF1"]),
        "switches": int(clear["IDSW"]),
        "false_positives": int(clear["CLR_FP"]),
        "misses": int(clear["CLR_FN"]),
    }


def tracked(sequence: Sequence, offline: bool = False) -> np.ndarray:
    """Track a sequence in the picture plane; returns rows n x 6: frame, id, left, top, width, height."""
    found = sequence.detections[np.argsort(sequence.detections[:, 0], kind="stable")]
    times = np.arange(sequence.frames) / sequence.rate
    step = found[:, 0].astype(int) - 1
    boxes = np.hstack([found[:, 2:4], found[:, 2:4] + found[:, 4:6]])
    if offline:
        step, names, boxes = picture.offline(times, step, boxes, found[:, 6])
    else:
        names = picture.online(times, step, boxes, found[:, 6])
        step, names, boxes = step[names >= 0], names[names >= 0], boxes[names >= 0]
    return np.hstack([step[:, None] + 1, names[:, None], boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


def _arranged(truth: np.ndarray, tracked: np.ndarray, frames: int) -> dict[str, object]:
    """Bring rows into the form TrackEval's metrics take: per frame, ids from 0, and similarities."""
    sides = []
    for rows in (truth, tracked):
        names, ids = np.unique(rows[:, 1], return_inverse=True)
        sides.append((rows, ids, len(names)))
    data: dict[str, object] = {
        "num_timesteps": frames,
        "num_gt_dets": len(truth),
        "num_tracker_dets": len(tracked),
        "num_gt_ids": sides[0][2],
        "num_tracker_ids": sides[1][2],
    }
    per_frame = [[np.flatnonzero(rows[:, 0] == k) for k in range(1, frames + 1)] for rows, _, _ in sides]
    for key, (_, ids, _), places in zip(("gt_ids", "tracker_ids"), sides, per_frame, strict=True):
        data[key] = [ids[here] for here in places]
    corners = [np.hstack([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]]) for rows, _, _ in sides]
    data["similarity_scores"] = [
        overlaps(corners[0][left], corners[1][right]) for left, right in zip(*per_frame, strict=True)
    ]
    return data
