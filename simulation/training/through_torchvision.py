"""A detector through torchvision: its FCOS, on a small backbone, learned from nothing (Tian et al., 2019)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.detection import FCOS
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.fcos import FCOSHead
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import clip_boxes_to_image

from records.errors import InputError
from records.names import unknown
from simulation.training.curves import draw_curves
from simulation.training.dataset import Sample, classes_of
from simulation.training.frameworks import a_picture, painted, refuse_gap, stamp, unseen
from simulation.training.train import Batches, Recipe, render_data, training_seeds
from simulation.training.trainer import Losses, Trainer, begun, learn

STRIDES = (4, 8, 16, 32)  # the puck or ball covers a few pixels: the finest grid is finer than is usual
BACKBONES = {
    "resnet18": (("layer1", "layer2", "layer3"), (64, 128, 256)),
    "resnet34": (("layer1", "layer2", "layer3"), (64, 128, 256)),
    "resnet50": (("layer1", "layer2", "layer3"), (256, 512, 1024)),
    "mobilenet_v3_small": (("1", "3", "8"), (16, 24, 48)),
    "mobilenet_v3_large": (("3", "6", "12"), (24, 40, 112)),
}
"""Layers of a backbone at strides 4, 8 and 16, and their channels."""

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FLOOR = 0.02  # score below which the exported model says nothing
OVERLAP = 0.6
MANY = 0.1  # share by which the numbers of detections may differ: ties among candidates are broken in other ways
GROUPS = 32  # of the head's normalisation


@dataclass(frozen=True)
class TorchvisionRecipe(Recipe):
    """Everything that decides the result.

    Attributes:
        backbone: one of `BACKBONES`.
        width: channels of pyramid and heads, a multiple of 32.
        convolutions: of each head before its last one.
    """

    backbone: str = "resnet18"
    width: int = 64
    convolutions: int = 1


def train(recipe: TorchvisionRecipe, folder: Path, out: Path, threads: int, every: int = 200) -> dict[str, float]:
    """Render, train (going on from where a killed run stopped), draw the curves, export.

    Args:
        recipe: what to do.
        folder: of all sports' trainings.
        out: the ONNX file.
        threads: of torch, and processes that render.
        every: updates between checkpoints.

    Returns:
        How far ONNX Runtime is from torchvision, and the file's size.

    Raises:
        InputError: an unknown backbone or width, a checkpoint of another recipe, no parity.
    """
    torch.set_num_threads(threads)
    _check(recipe)
    mine = folder / recipe.domain
    mine.mkdir(parents=True, exist_ok=True)
    files = render_data(folder / "data", training_seeds(recipe), recipe.per_arena, recipe.domain, threads)
    start = folder / recipe.after / "checkpoint.pt" if recipe.after else None
    trainer = trainer_of(recipe, mine / "checkpoint.pt", start)
    trained = cast(Grids, learn(trainer, PaintedBatches(files, recipe), mine / "history.json", every))
    draw_curves(json.loads((mine / "history.json").read_text()), mine / "curves.png")
    gap = export(trained.fcos, out, a_picture(unseen(folder, recipe.domain, 1, 1)))
    stamp(out, recipe, "Apache-2.0")
    return {"parity": refuse_gap(gap, out), "megabytes": out.stat().st_size / 1e6}


def _check(recipe: TorchvisionRecipe) -> None:
    if recipe.backbone not in BACKBONES:
        raise unknown("backbone", recipe.backbone, BACKBONES, "rulesight train torchvision.backbone")
    for key, side, of in (("torchvision.width", recipe.width, GROUPS), ("recipe.size", recipe.size, STRIDES[-1])):
        if side % of:
            raise InputError(f"{key} is {side}", "rulesight train", f"a multiple of {of}")


class PaintedBatches(Batches):
    """Batches in which nothing is left that is to be ignored."""

    def __call__(self, step: int) -> tuple[Tensor, list[Sample]]:
        """Pictures (batch, 3, size, size), float BGR 0 to 255, and their truth."""
        samples = [painted(sample) for sample in super().__call__(step)[1]]
        images = np.stack([sample.image.transpose(2, 0, 1) for sample in samples]).astype(np.float32)
        return torch.from_numpy(images), samples


def network(recipe: TorchvisionRecipe) -> FCOS:
    """Return torchvision's FCOS with new weights."""
    layers, channels = BACKBONES[recipe.backbone]
    whole = torchvision.models.get_model(recipe.backbone, weights=None, norm_layer=nn.BatchNorm2d)
    body = whole if recipe.backbone.startswith("resnet") else whole.features
    backbone = BackboneWithFPN(body, {name: str(i) for i, name in enumerate(layers)}, list(channels), recipe.width)
    anchors = AnchorGenerator(tuple((stride,) for stride in STRIDES), ((1.0,),) * len(STRIDES))
    classes = len(classes_of(recipe.domain))
    return FCOS(
        backbone, classes, image_mean=list(MEAN), image_std=list(SPREAD), anchor_generator=anchors,
        head=FCOSHead(recipe.width, 1, classes, recipe.convolutions), score_thresh=FLOOR, nms_thresh=OVERLAP,
        detections_per_img=300,
    )  # fmt: skip


class Grids(nn.Module):
    """What is trained: pictures to class logits, box numbers and middle-ness of all cells."""

    def __init__(self, fcos: FCOS) -> None:
        super().__init__()
        self.fcos = fcos
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("spread", torch.tensor(SPREAD)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, 3, H, W), BGR 0 to 255, to (N, cells, classes), (N, cells, 4) and (N, cells, 1)."""
        found = self.fcos.head(list(self.fcos.backbone((images.flip(1) / 255 - self.mean) / self.spread).values()))
        return found["cls_logits"], found["bbox_regression"], found["bbox_ctrness"]


def trainer_of(recipe: TorchvisionRecipe, checkpoint: Path, start: Path | None = None) -> Trainer:
    """Return the trainer, with the weights of a checkpoint where there is one.

    Args:
        recipe: what to do.
        checkpoint: of this training.
        start: checkpoint of another sport's, from which a new training begins.
    """
    like = network(recipe)
    maps = [torch.zeros(1, 1, recipe.size // stride, recipe.size // stride) for stride in STRIDES]
    picture = ImageList(torch.zeros(1, 3, recipe.size, recipe.size), [(recipe.size, recipe.size)])
    (anchors,) = like.anchor_generator(picture, maps)
    cells = [one.numel() for one in maps]

    def losses(found: tuple[Tensor, Tensor, Tensor], samples: Sequence[Sample]) -> Losses:
        truth = [{"boxes": torch.from_numpy(s.boxes), "labels": torch.from_numpy(s.labels)} for s in samples]
        heads = dict(zip(("cls_logits", "bbox_regression", "bbox_ctrness"), found, strict=True))
        parts = like.compute_loss(truth, heads, [anchors] * len(samples), cells)
        return parts | {"total": torch.stack(list(parts.values())).sum()}

    return Trainer(recipe, checkpoint, partial(_new, recipe, start), losses)


def _new(recipe: TorchvisionRecipe, start: Path | None) -> Grids:
    return begun(Grids(network(recipe)), start)


class Whole(nn.Module):
    """All of the detector, as torchvision runs it: boxes, scores and labels of one picture."""

    def __init__(self, fcos: FCOS) -> None:
        super().__init__()
        self.fcos = fcos

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One picture (1, 3, H, W), RGB 0 to 1, to boxes (N, 4) in pixels, scores (N,) and labels (N,)."""
        (found,) = self.fcos([images[0]])
        return found["boxes"], found["scores"], found["labels"]


def export(fcos: FCOS, path: Path, picture: np.ndarray) -> float:
    """Write a detector as ONNX, from ``images`` to ``boxes``, ``scores`` and ``labels``.

    Args:
        fcos: trained weights.
        path: of the file.
        picture: on which both are compared, (1, 3, height, width), RGB 0 to 1; the model takes this size.

    Returns:
        The largest difference between torchvision and ONNX Runtime, in pixels and in scores.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fcos.transform.min_size, fcos.transform.max_size = (min(picture.shape[2:]),), max(picture.shape[2:])  # as it is
    whole = Whole(fcos).eval()
    images = torch.from_numpy(picture)
    names = ["boxes", "scores", "labels"]
    free = {name: {0: "found"} for name in names}
    torch.onnx.export(
        whole, (images,), str(path), input_names=["images"], output_names=names, dynamic_axes=free,
        opset_version=17, dynamo=False,
    )  # fmt: skip
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(names, {"images": picture})
    with torch.no_grad():
        wanted = [one.numpy() for one in whole(images)]
        everything = candidates(fcos, images)
    return apart(everything, found) if abs(len(found[0]) - len(wanted[0])) <= MANY * len(wanted[0]) else float("inf")


def candidates(fcos: FCOS, images: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return what torchvision chooses detections of: a box for every cell, and its score for every class.

    Args:
        fcos: in evaluation.
        images: one picture (1, 3, H, W), RGB 0 to 1.

    Returns:
        Boxes (cells, 4) in pixels, clipped to the picture, and scores (cells, classes).
    """
    picture, _ = fcos.transform([images[0]])
    features = list(fcos.backbone(picture.tensors).values())
    found = fcos.head(features)
    (anchors,) = fcos.anchor_generator(picture, features)
    boxes = fcos.box_coder.decode(found["bbox_regression"][0], anchors)
    scores = torch.sqrt(torch.sigmoid(found["cls_logits"][0]) * torch.sigmoid(found["bbox_ctrness"][0]))
    return clip_boxes_to_image(boxes, picture.image_sizes[0]).numpy(), scores.numpy()


def apart(candidates: tuple[np.ndarray, np.ndarray], found: Sequence[np.ndarray]) -> float:
    """Return how far the farthest detection is from the nearest candidate.

    Which of candidates that are all but equal is chosen is left open: it turns on the last digit.

    Args:
        candidates: boxes (cells, 4) and scores (cells, classes).
        found: boxes (N, 4), scores (N,) and labels (N,).
    """
    gaps = [
        np.maximum(np.abs(candidates[0] - box).max(axis=1), np.abs(candidates[1][:, label] - score)).min()
        for box, score, label in zip(*found, strict=True)
    ]
    return float(max(gaps, default=0.0))


def recipe_of(shared: dict[str, Any], own: dict[str, Any]) -> TorchvisionRecipe:
    """Return the recipe of settings that every detector has and of this framework's own."""
    return TorchvisionRecipe(**shared, **own)
