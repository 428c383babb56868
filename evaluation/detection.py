"""Detection against labelled boxes: average precision at one overlap, and the best F1."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracking.association import overlaps


@dataclass(frozen=True)
class DetectionScore:
    """Figures over all pictures.

    Attributes:
        ap: area under the precision-recall curve, every point interpolated (PASCAL VOC 2010).
        precision, recall, threshold: at the score with the best F1.
    """

    ap: float
    precision: float
    recall: float
    threshold: float


def average_precision(
    found: Sequence[tuple[np.ndarray, np.ndarray]], truth: Sequence[np.ndarray], least: float = 0.5
) -> DetectionScore:
    """Score detections of one class.

    Args:
        found: per picture, boxes N x 4 (x1, y1, x2, y2) and scores N.
        truth: per picture, boxes M x 4.
        least: intersection over union that makes a hit; each labelled box is hit once, by the best score.
    """
    total = sum(len(boxes) for boxes in truth)
    scores, hits = [], []
    for (boxes, score), labels in zip(found, truth, strict=True):
        order = np.argsort(-score, kind="stable")
        scores.append(score[order])
        hits.append(_hits(boxes[order], labels, least))
    score, hit = np.concatenate([*scores, []]), np.concatenate([*hits, []]).astype(bool)
    if not total or not len(score):
        return DetectionScore(0.0, 0.0, 0.0, 1.0)
    order = np.argsort(-score, kind="stable")
    good = np.cumsum(hit[order])
    recall, precision = good / total, good / np.arange(1, len(order) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    ap = float((np.diff(recall, prepend=0.0) * envelope).sum())
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(np.argmax(f1))
    return DetectionScore(ap, float(precision[best]), float(recall[best]), float(score[order][best]))


def _hits(boxes: np.ndarray, labels: np.ndarray, least: float) -> np.ndarray:
    """Return which boxes, best first, hit a label that none before them hit."""
    result = np.zeros(len(boxes), bool)
    if not len(labels):
        return result
    shared = overlaps(boxes, labels)
    free = np.ones(len(labels), bool)
    for i in range(len(boxes)):
        best = int(np.argmax(np.where(free, shared[i], -1.0)))
        if free[best] and shared[i, best] >= least:
            result[i], free[best] = True, False
    return result
