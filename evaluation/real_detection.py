"""Detectors on real pictures: the project's own, trained on renders, beside one that others trained on photographs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from evaluation.detection import average_precision
from evaluation.people import read_people
from perception.decode import open_video
from perception.detectors import Boxes, Detector

SIZE = (1280, 720)
BALLS = ("ball", "puck")
FALSE_BALLS = 0.5  # a picture
REACH_PX = 8.0  # a ball whose middle lies so near is found
FEET = 0.35  # of a box's width and height: feet lie so near the middle of its lower edge
FEET_PX = 4.0  # and this much further, as labels do


def on_soccer(people: Detector, ball: Detector, data: Path) -> dict[str, float]:
    """Return how good detectors are on boxed broadcast pictures of soccer.

    Args:
        people: finds people; of whatever kind.
        ball: finds the ball; may be the same.
        data: folder of the real test data.

    Returns:
        ``people_ap50`` (IoU 0.5, unlabelled crowd counts as false), ``balls_found`` at 0.5 false ones a picture, and
        how many ``pictures``, ``people`` and ``balls`` there are.
    """
    found, truth, balls, spots = [], [], [], []
    for image, boxes, labels in _boxed(data / "detection" / "soccer_players" / "valid"):
        persons = _of(people.detect([image])[0], small=False)
        found.append((persons.xyxy, persons.score))
        truth.append(boxes[labels > 0])
        balls.append(_of(ball.detect([image])[0], small=True))
        spots.append(boxes[labels == 0].reshape(-1, 2, 2).mean(axis=1))
    recall, score = found_at(balls, spots, FALSE_BALLS)
    return {
        "people_ap50": average_precision(found, truth).ap,
        "balls_found": recall,
        "at_score": score,
        "pictures": float(len(truth)),
        "people": float(sum(map(len, truth))),
        "balls": float(sum(map(len, spots))),
    }


def found_at(found: Sequence[Boxes], spots: Sequence[np.ndarray], allowed: float) -> tuple[float, float]:
    """Return the share of balls found, and from which score on, where so many false ones a picture are made at most.

    Args:
        found: detections, by picture.
        spots: middles of the balls, pixels, shape (N, 2), by picture.
        allowed: false ones a picture.
    """
    outcomes = []
    for boxes, here in zip(found, spots, strict=True):
        free = np.ones(len(here), bool)
        for box, score in zip(boxes.xyxy, boxes.score, strict=True):
            apart = np.hypot(*(here - (box[:2] + box[2:]) / 2).T)
            apart[~free] = np.inf
            hit = bool(len(apart)) and float(apart.min()) <= REACH_PX
            if hit:
                free[int(apart.argmin())] = False
            outcomes.append((float(score), hit))
    total, false, hits, best = sum(map(len, spots)), 0, 0, (0.0, 1.0)
    for score, hit in sorted(outcomes, key=lambda one: -one[0]):
        hits, false = hits + hit, false + (not hit)
        if false > allowed * len(spots):
            break
        best = hits / max(total, 1), score
    return best


def on_clip(detector: Detector, video: Path, labels: Path) -> dict[str, float]:
    """Return how many labelled people of a clip stand in a box, and how many boxes of people a picture has.

    Args:
        detector: finds people, at the scores that it is used with.
        video: the clip.
        labels: folder with ``people.yaml``.
    """
    frames = read_people(labels / "people.yaml")
    source = open_video(video)
    numbers = [int(np.argmin(np.abs(source.times - frame.t))) for frame in frames]
    hits = shown = boxes = 0
    for frame, picture in zip(frames, source.at(numbers), strict=True):
        found = _of(detector.detect([picture.image])[0], small=False)
        feet = [person.at for person in frame.people if not person.occluded and 0 <= person.at[1] < SIZE[1]]
        hits += sum(bool(_stands_in(np.array(at), found.xyxy).any()) for at in feet)
        shown += len(feet)
        boxes += len(found)
    return {"people_found": hits / max(shown, 1), "people": float(shown), "boxes_per_picture": boxes / len(frames)}


def _stands_in(at: np.ndarray, xyxy: np.ndarray) -> np.ndarray:
    """Return which boxes (N, 4) have a point near the middle of their lower edge, (N,)."""
    width, height = xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]
    across, down = np.abs((xyxy[:, 0] + xyxy[:, 2]) / 2 - at[0]), np.abs(xyxy[:, 3] - at[1])
    return np.asarray((across <= FEET * width + FEET_PX) & (down <= FEET * height + FEET_PX))


def _of(found: Boxes, small: bool) -> Boxes:
    return found[np.array([(kind in BALLS) == small for kind in found.kind], bool)]


def _boxed(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield pictures at 1280 x 720, boxes (N, 4) in pixels, and classes (N,): 0 ball, others people."""
    for path in sorted((folder / "images").glob("*.jpg")):
        rows = np.loadtxt(folder / "labels" / f"{path.stem}.txt", ndmin=2)
        middle, size = rows[:, 1:3] * SIZE, rows[:, 3:5] * SIZE
        image = cv2.resize(np.asarray(cv2.imread(str(path))), SIZE, interpolation=cv2.INTER_AREA)
        yield image, np.hstack([middle - size / 2, middle + size / 2]), rows[:, 0].astype(int)


def lines(figures: Mapping[str, float]) -> list[str]:
    """Return figures as lines of text."""
    return [f"  {name:18} {value:.3g}" for name, value in figures.items()]
