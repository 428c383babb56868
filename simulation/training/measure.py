"""How good a detector is on rendered pictures: average precision, and recall at a given rate of false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime

from simulation.training.dataset import SMALL, Sample, classes_of

STRIDES = (8, 4)
MULTIPLE = 32
SMALL_REACH_PX = 6.0


@dataclass(frozen=True)
class Found:
    """Detections of one picture: boxes (N, 4) in pixels, scores (N,), labels (N,)."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


class Runner:
    """Runs an exported detector on pictures.

    Args:
        path: the ONNX file.
        threads: of ONNX Runtime.
        strides: of its grids.
        classes: label of each of its classes; None: all labels in order.
    """

    def __init__(
        self, path: Path, threads: int = 1, strides: Sequence[int] = STRIDES, classes: Sequence[int] | None = None
    ) -> None:
        self.strides, self.classes = strides, classes
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, image: np.ndarray, floor: float = 0.02) -> Found:
        """Detections of a uint8 picture (height, width, planes) with at least a score."""
        height, width = image.shape[:2]
        tall, wide = (-(-side // MULTIPLE) * MULTIPLE for side in (height, width))
        padded = np.pad(image, ((0, tall - height), (0, wide - width), (0, 0)), constant_values=114)
        rows = self.session.run(None, {"images": padded.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
        found = decode_rows(rows, (wide, tall), floor, self.strides)
        return found if self.classes is None else replace(found, labels=np.array(self.classes)[found.labels])


def decode_rows(rows: np.ndarray, size: tuple[int, int], floor: float, grids: Sequence[int] = STRIDES) -> Found:
    """Network output (cells, 5 + classes) of a picture (width, height) to detections, overlapping ones removed."""
    scores = rows[:, 4:5] * rows[:, 5:]
    best = scores.max(axis=1)
    picked = np.flatnonzero(best >= floor)
    columns, strides = _cells(size, grids)
    row, stride = rows[picked], strides[picked][:, None]
    middle = (row[:, :2] + columns[picked]) * stride
    half = np.exp(row[:, 2:4]) * stride / 2
    boxes = np.hstack([middle - half, middle + half])
    labels = scores[picked].argmax(axis=1)
    order = np.argsort(-best[picked], kind="stable")
    keep = _suppress(boxes[order], labels[order] == SMALL)
    order = order[keep]
    return Found(boxes[order], best[picked][order], labels[order])


def _cells(size: tuple[int, int], of: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    grids, strides = [], []
    for stride in of:
        columns, rows = np.meshgrid(np.arange(size[0] // stride), np.arange(size[1] // stride))
        grids.append(np.column_stack([columns.ravel(), rows.ravel()]))
        strides.append(np.full(columns.size, stride))
    return np.vstack(grids), np.concatenate(strides)


def iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (N, 4) and (M, 4), shape (N, M)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-9)


def _suppress(boxes: np.ndarray, small: np.ndarray, limit: float = 0.6) -> np.ndarray:
    """Indices that stay when boxes in order of score remove later ones they overlap; people and puck or ball apart."""
    overlap = iou(boxes, boxes) > limit
    overlap &= small[:, None] == small[None, :]
    gone = np.zeros(len(boxes), bool)
    for i in range(len(boxes)):
        if not gone[i]:
            gone[i + 1 :] |= overlap[i, i + 1 :]
    return np.flatnonzero(~gone)


def matches(found: Found, sample: Sample, label: int) -> Iterator[tuple[float, bool | None]]:
    """Score and verdict (True hit, False false alarm, None not counted) of each detection of a class.

    People match at IoU 0.5; a puck or ball matches within 6 pixels of its middle.
    """
    mine = found.labels == label
    truth = sample.boxes[sample.labels == label]
    ignore = sample.ignore[sample.labels == label]
    near = _nearness(found.boxes[mine], truth, label)
    taken = np.zeros(len(truth), bool)
    for score, row in zip(found.scores[mine], near, strict=True):
        free = np.where(taken, -1.0, row)
        best = int(free.argmax()) if len(free) else -1
        if best >= 0 and free[best] >= 0.5:
            taken[best] = True
            yield float(score), None if ignore[best] else True
        else:
            yield float(score), False


def _nearness(boxes: np.ndarray, truth: np.ndarray, label: int) -> np.ndarray:
    """At least 0.5 where a detection and a truth belong together, shape (N, M)."""
    if label != SMALL:
        return iou(boxes, truth)
    gap = (boxes[:, None, :2] + boxes[:, None, 2:] - truth[None, :, :2] - truth[None, :, 2:]) / 2
    return 1 - np.hypot(gap[..., 0], gap[..., 1]) / (2 * SMALL_REACH_PX)


def measure(runner: Runner, samples: Iterable[Sample], domain: str = "hockey") -> dict[str, float]:
    """Return AP50 of each class of people that is there, and of the puck or ball recall at 0.2 false alarms a picture.

    Args:
        runner: the detector.
        samples: pictures of its sport.
        domain: the sport.
    """
    classes = classes_of(domain)
    outcomes: dict[int, list[tuple[float, bool | None]]] = {label: [] for label in range(len(classes))}
    wanted = np.zeros(len(classes), int)
    pictures = 0
    for sample in samples:
        found = runner(sample.image)
        pictures += 1
        for label in outcomes:
            outcomes[label] += matches(found, sample, label)
            wanted[label] += int((~sample.ignore[sample.labels == label]).sum())
    figures = {"pictures": float(pictures)}
    for label, name in enumerate(classes):
        if label == SMALL:
            figures[f"{name}_recall_at_0.2"], figures[f"{name}_score_at_0.2"] = recall_at(
                outcomes[label], int(wanted[label]), 0.2 * pictures
            )
        elif wanted[label]:
            figures[f"{name}_ap50"] = average_precision(outcomes[label], int(wanted[label]))
        figures[f"{name}_count"] = float(wanted[label])
    return figures


def average_precision(outcomes: Sequence[tuple[float, bool | None]], wanted: int) -> float:
    """Area under precision over recall, precision made monotone (as COCO does, at every recall)."""
    counted = sorted((o for o in outcomes if o[1] is not None), key=lambda o: -o[0])
    if not counted or not wanted:
        return 0.0
    hit = np.array([bool(o[1]) for o in counted])
    recall = np.cumsum(hit) / wanted
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(np.concatenate([[0.0], recall])) * precision))


def recall_at(outcomes: Sequence[tuple[float, bool | None]], wanted: int, allowed: float) -> tuple[float, float]:
    """Recall and score threshold at the most detections that make no more false alarms than allowed."""
    counted = sorted((o for o in outcomes if o[1] is not None), key=lambda o: -o[0])
    hits = false = 0
    best, score = 0.0, 1.0
    for value, hit in counted:
        hits, false = hits + bool(hit), false + (not hit)
        if false > allowed:
            break
        best, score = hits / max(wanted, 1), value
    return best, score
