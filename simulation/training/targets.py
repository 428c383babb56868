"""What the network should say (targets) and how wrong it is (losses)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from simulation.training.dataset import SMALL, Sample
from simulation.training.network import PEOPLE, PEOPLE_STRIDE, SMALL_STRIDE, split

SPREAD = 0.54 / 6


@dataclass(frozen=True)
class Target:
    """Targets of a batch on one grid.

    Attributes:
        heat: (N, classes, H, W), 1 in the middle of an object, falling off as a Gaussian.
        count: (N, 1, H, W), weight of the class loss; 0 where objects are to be ignored.
        box: (N, 4, H, W), x1 y1 x2 y2 in cells of the object that the cell stands for.
        weight: (N, 1, H, W), weight of the box loss, 0 outside the objects' middles.
    """

    heat: Tensor
    count: Tensor
    box: Tensor
    weight: Tensor


def assign(samples: list[Sample], size: int) -> tuple[Target, Target]:
    """Targets of people (stride 8) and puck or ball (stride 4) for square pictures of a size in pixels."""
    people = [_draw(sample, sample.labels != SMALL, size, PEOPLE_STRIDE, PEOPLE) for sample in samples]
    return _stack(people), assign_small(samples, size)


def assign_small(samples: list[Sample], size: int) -> Target:
    """Targets of the puck or ball (stride 4) for square pictures of a size in pixels."""
    return _stack([_draw(sample, sample.labels == SMALL, size, SMALL_STRIDE, 1) for sample in samples])


def _stack(parts: list[tuple[np.ndarray, ...]]) -> Target:
    return Target(*(torch.from_numpy(np.stack(arrays)) for arrays in zip(*parts, strict=True)))


def _draw(
    sample: Sample, chosen: np.ndarray, size: int, stride: int, classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    cells = size // stride
    heat = np.zeros((classes, cells, cells), np.float32)
    count = np.ones((1, cells, cells), np.float32)
    box = np.zeros((4, cells, cells), np.float32)
    weight = np.zeros((1, cells, cells), np.float32)
    boxes = sample.boxes[chosen] / stride
    labels = sample.labels[chosen] if classes > 1 else np.zeros(int(chosen.sum()), np.int64)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    grid = np.arange(cells, dtype=np.float32)
    for i in np.argsort(-area, kind="stable"):  # small objects are drawn last and win shared cells
        x1, y1, x2, y2 = boxes[i]
        if sample.ignore[chosen][i]:
            low, high = np.floor(boxes[i, :2]).astype(int), np.ceil(boxes[i, 2:]).astype(int) + 1
            count[:, max(low[1] - 1, 0) : high[1], max(low[0] - 1, 0) : high[0]] = 0.0
            continue
        # middles of cells lie at index + 1/2
        across = _bump(grid + 0.5, (x1 + x2) / 2, max(float(x2 - x1) * SPREAD, 0.45))
        down = _bump(grid + 0.5, (y1 + y2) / 2, max(float(y2 - y1) * SPREAD, 0.45))
        bump = down[:, None] * across[None, :]
        column, row = min(int((x1 + x2) / 2), cells - 1), min(int((y1 + y2) / 2), cells - 1)
        bump[row, column] = 1.0
        heat[labels[i]] = np.maximum(heat[labels[i]], bump)
        inside = bump > 0.35
        box[:, inside] = boxes[i][:, None]
        weight[0, inside] = bump[inside] / bump[inside].sum()
    count = np.where((heat == 1).any(axis=0, keepdims=True), 1.0, count).astype(np.float32)
    return heat, count, box, weight


def _bump(at: np.ndarray, middle: float, sigma: float) -> np.ndarray:
    return np.exp(-((at - middle) ** 2) / (2 * sigma**2)).astype(np.float32)


def focal_loss(logits: Tensor, heat: Tensor, count: Tensor) -> Tensor:
    """Sum of the penalty-reduced focal loss (Zhou et al. 2019, eq. 1 with alpha 2, beta 4)."""
    miss = functional.softplus(logits) * torch.sigmoid(logits) ** 2 * (1 - heat) ** 4 * count  # 0 in a middle
    middle = torch.nonzero(heat == 1, as_tuple=True)
    wanted = logits[middle]
    hit = functional.softplus(-wanted) * torch.sigmoid(-wanted) ** 2 * count.expand_as(heat)[middle]
    return miss.sum() + hit.sum()


def decode_boxes(box: Tensor) -> Tensor:
    """Box numbers (N, 4, H, W) to x1 y1 x2 y2 in cells."""
    rows = torch.arange(box.shape[2], dtype=box.dtype, device=box.device)[:, None]
    columns = torch.arange(box.shape[3], dtype=box.dtype, device=box.device)[None, :]
    x, y = box[:, 0] + columns, box[:, 1] + rows
    half_w, half_h = box[:, 2].exp() / 2, box[:, 3].exp() / 2
    return torch.stack([x - half_w, y - half_h, x + half_w, y + half_h], dim=1)


def giou_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - generalised IoU (Rezatofighi et al. 2019) of boxes (N, 4, H, W), shape (N, 1, H, W)."""
    overlap = (torch.minimum(found[:, 2:], wanted[:, 2:]) - torch.maximum(found[:, :2], wanted[:, :2])).clamp(min=0)
    shared = overlap.prod(dim=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=1) for boxes in (found, wanted)]
    union = areas[0] + areas[1] - shared + 1e-6
    hull = (torch.maximum(found[:, 2:], wanted[:, 2:]) - torch.minimum(found[:, :2], wanted[:, :2])).prod(dim=1) + 1e-6
    return (1 - shared / union + (hull - union) / hull)[:, None]


def loss(outputs: tuple[Tensor, Tensor], targets: tuple[Target, Target]) -> dict[str, Tensor]:
    """Losses of a batch by name; `total` is their sum."""
    parts = _people_loss(outputs[0], targets[0]) | _small_loss(outputs[1], targets[1])
    return parts | {"total": torch.stack(list(parts.values())).sum()}


def small_loss(output: Tensor, target: Target) -> dict[str, Tensor]:
    """The same of a network that knows the puck or ball only."""
    parts = _small_loss(output, target)
    return parts | {"total": torch.stack(list(parts.values())).sum()}


def _people_loss(raw: Tensor, target: Target) -> dict[str, Tensor]:
    logits, box = split(raw, PEOPLE)
    objects = (target.heat == 1).sum().clamp(min=1)
    gap = (giou_loss(decode_boxes(box), target.box) * target.weight).sum()
    return {
        "people_class": focal_loss(logits, target.heat, target.count) / objects,
        "people_box": 2.0 * gap / objects,
    }


def _small_loss(raw: Tensor, target: Target) -> dict[str, Tensor]:
    logits, box = split(raw, 1)
    objects = (target.heat == 1).sum().clamp(min=1)
    gap = (_middle_loss(decode_boxes(box), target.box) * target.weight).sum()
    return {
        "small_class": focal_loss(logits, target.heat, target.count) / objects,
        "small_box": 0.5 * gap / objects,
    }


def _middle_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """How far middle and size of tiny boxes are off, in cells, shape (N, 1, H, W)."""
    gaps = functional.smooth_l1_loss(found, wanted, reduction="none", beta=0.2)
    return gaps.mean(dim=1, keepdim=True)
