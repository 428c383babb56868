"""What models put out, made into boxes in pixels of their own input picture.

``yolox``        one output (B, A, 5 + C): raw grid, in strides of the input; objectness and class scores 0 to 1.
``ultralytics``  one output (B, 4 + C, A): cx, cy, w, h in input pixels, class scores 0 to 1 (v8, v11 and later).
``torchvision``  boxes (N, 4) as x1, y1, x2, y2, scores (N,) and labels (N,) of one picture, in any order;
                 suppression is inside the model, which takes a batch of one, RGB from 0 to 1.
``end2end``      one output (B, N, 6): x1, y1, x2, y2, score, label; suppression is inside the model.
``detr``         boxes (B, Q, 4) as cx, cy, w, h from 0 to 1 and logits (B, Q, C), in either order; or both in one
                 output (B, Q, 4 + C). ``activation`` makes scores of logits: sigmoid, softmax (then a further last
                 class means nothing there) or none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from perception.runtime import Session
from records.errors import InputError

Raw = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Boxes (N, 4) xyxy in input pixels, scores (N,), labels (N,) of one input picture."""


@dataclass(frozen=True)
class Style:
    """How to read a model's outputs.

    Attributes:
        name: yolox, ultralytics, torchvision, end2end or detr.
        height, width: size of the input in pixels.
        classes: number of classes C.
        wanted: the classes that mean something here.
        floor: (C,) lowest score of interest per class.
        strides: of the yolox grid.
        activation: of detr logits.
        boxes_at: which of several outputs holds the boxes.
        labels_at: which of the torchvision outputs holds the labels.
        planes: of a picture.
    """

    name: str
    height: int
    width: int
    classes: int
    wanted: tuple[int, ...]
    floor: np.ndarray
    strides: tuple[int, ...] = (8, 16, 32)
    activation: str = "sigmoid"
    boxes_at: int = 0
    labels_at: int = 2
    planes: int = 3


def fitted(style: Style, session: Session) -> Style:
    """Check that the model has the inputs and outputs of its style, and say which output is which.

    Raises:
        InputError: it has others, or the style is unknown.
    """
    style = replace(style, boxes_at=_boxes_at(session), labels_at=_labels_at(session))
    if style.name == "torchvision" and session.batch != 1:
        told = "any number of pictures" if session.batch is None else f"{session.batch} pictures"
        raise InputError(f"the model takes {told} at once", str(session.path), "export it for a batch of one picture")
    session.require([(None, style.planes, style.height, style.width)], _expected(style, session))
    return style


def _boxes_at(session: Session) -> int:
    """Find the output with boxes: by its name, since logits of four classes have its shape, else by its shape."""
    named = [i for i, output in enumerate(session.outputs) if "box" in output.name or "det" in output.name]
    shaped = [i for i, output in enumerate(session.outputs) if output.shape[-1:] == (4,)]
    return (named if len(named) == 1 else shaped or [0])[0]


def _labels_at(session: Session) -> int:
    """Find the output with labels by its type, which no other has, or by its name; else take the last."""
    whole = [i for i, output in enumerate(session.outputs) if output.dtype.kind == "i" or "label" in output.name]
    return whole[0] if len(whole) == 1 else len(session.outputs) - 1


def _expected(style: Style, session: Session) -> list[tuple[int | None, ...]]:
    if style.name == "yolox":
        return [(None, len(_grid(style.height, style.width, style.strides)[0]), 5 + style.classes)]
    if style.name == "ultralytics":
        return [(None, 4 + style.classes, None)]
    if style.name == "end2end":
        return [(None, None, 6)]
    if style.name == "torchvision":
        return [(None, 4) if at == style.boxes_at else (None,) for at in range(3)]
    if style.name == "detr":
        return _expected_detr(style, session)
    raise InputError(f"unknown style {style.name!r}", "detector.style", f"choose of {', '.join(DECODERS)}")


def _expected_detr(style: Style, session: Session) -> list[tuple[int | None, ...]]:
    classes = style.classes + (style.activation == "softmax")
    if len(session.outputs) == 1:
        return [(None, None, 4 + classes)]
    boxes, logits = (None, None, 4), (None, None, classes)
    return [logits, boxes] if style.boxes_at else [boxes, logits]


def decode(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    """Return the boxes of each picture of a batch whose score reaches its class's floor.

    Raises:
        InputError: a model whose layout is open in its file gave an output of another shape than its style has.
    """
    _check_shape(style, outputs[0])
    return DECODERS[style.name](style, [np.asarray(output, np.float32) for output in outputs])


def _check_shape(style: Style, output: np.ndarray) -> None:
    """Refuse an output that the style cannot read; a file may leave its sides open, so only a run shows them."""
    sides = {
        "yolox": lambda: (len(_grid(style.height, style.width, style.strides)[0]), 5 + style.classes),
        "ultralytics": lambda: (4 + style.classes, output.shape[-1]),
        "end2end": lambda: (output.shape[1], 6),
    }.get(style.name)
    if sides is not None and output.shape[1:] != sides():
        raise InputError(
            f"the model gave an output of {list(output.shape[1:])}, the configuration says {list(sides())}",
            "detector",
            "choose the configuration that was written for this model",
        )


def _best(style: Style, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best wanted class of each row of (N, C) scores and its score."""
    few = scores[:, style.wanted]
    best = few.argmax(axis=1)
    return np.asarray(style.wanted)[best], few[np.arange(len(few)), best]


def _pick(style: Style, xyxy: np.ndarray, score: np.ndarray, label: np.ndarray) -> Raw:
    good = np.isfinite(xyxy).all(axis=1) & (score >= style.floor[label])
    return xyxy[good], score[good], label[good]


def _corners(centre_and_size: np.ndarray) -> np.ndarray:
    half = centre_and_size[:, 2:] / 2
    return np.concatenate([centre_and_size[:, :2] - half, centre_and_size[:, :2] + half], axis=1)


@lru_cache(maxsize=8)
def _grid(height: int, width: int, strides: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell of each row of the raw grid, (A, 2) column and row, and its stride (A, 1)."""
    cells, steps = [], []
    for stride in strides:
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        steps.append(np.full((columns.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(steps).astype(np.float32)


def _yolox(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    cells, steps = _grid(style.height, style.width, style.strides)
    lowest = style.floor[list(style.wanted)].min()
    results = []
    for rows in outputs[0]:
        likely = np.flatnonzero(rows[:, 4] >= lowest)  # class scores are at most 1
        few = rows[likely]
        label, score = _best(style, few[:, 5:])
        centre = (few[:, :2] + cells[likely]) * steps[likely]
        size = np.exp(np.minimum(few[:, 2:4], 20.0)) * steps[likely]
        results.append(_pick(style, _corners(np.concatenate([centre, size], axis=1)), score * few[:, 4], label))
    return results


def _ultralytics(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    results = []
    for columns in outputs[0]:
        label, score = _best(style, columns[4:].T)
        results.append(_pick(style, _corners(columns[:4].T), score, label))
    return results


def _end2end(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    results = []
    for rows in outputs[0]:
        rows = rows[np.isin(rows[:, 5], style.wanted)]
        results.append(_pick(style, rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int64)))
    return results


def _torchvision(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    boxes, labels = outputs[style.boxes_at], outputs[style.labels_at].astype(np.int64)
    (scores,) = (output for at, output in enumerate(outputs) if at not in (style.boxes_at, style.labels_at))
    known = np.isin(labels, style.wanted)
    return [_pick(style, boxes[known], scores[known], labels[known])]


def _detr(style: Style, outputs: Sequence[np.ndarray]) -> list[Raw]:
    if len(outputs) == 1:
        boxes, logits = outputs[0][..., :4], outputs[0][..., 4:]
    else:
        boxes, logits = outputs[style.boxes_at], outputs[1 - style.boxes_at]
    scale = np.array([style.width, style.height] * 2, np.float32)
    results = []
    for box, logit in zip(boxes, logits, strict=True):
        label, score = _best(style, ACTIVATIONS[style.activation](logit))
        results.append(_pick(style, _corners(box) * scale, score, label))
    return results


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "none": lambda scores: scores,
}
"""Scores from logits."""

DECODERS: dict[str, Callable[[Style, Sequence[np.ndarray]], list[Raw]]] = {
    "yolox": _yolox,
    "ultralytics": _ultralytics,
    "torchvision": _torchvision,
    "end2end": _end2end,
    "detr": _detr,
}
"""The styles."""
