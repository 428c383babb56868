"""Non-maximum suppression, by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np


def suppress(xyxy: np.ndarray, score: np.ndarray, group: np.ndarray, iou: float) -> np.ndarray:
    """Return which boxes stay when each suppresses lower ones of its group that overlap it by more than ``iou``.

    Args:
        xyxy: (N, 4) boxes in pixels.
        score: (N,) scores.
        group: (N,) integers; boxes of different groups leave each other alone.
        iou: intersection over union, 0 to 1.

    Returns:
        Indices of the boxes that stay, best first; equal scores keep their order.
    """
    if not len(xyxy):
        return np.zeros(0, np.int64)
    corner_and_size = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1).astype(np.float64)
    kept = cv2.dnn.NMSBoxesBatched(corner_and_size, score.astype(np.float32), group.astype(np.int32), -np.inf, iou)
    kept = np.sort(np.asarray(kept, dtype=np.int64))
    return kept[np.argsort(-score[kept], kind="stable")]
