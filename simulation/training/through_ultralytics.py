"""A detector through ultralytics, from one of its own architectures, learned from nothing.

Ultralytics is AGPL-3.0, and says the same of what is trained with it: it is a user's own choice, and is imported here
only, by name. Offline, quiet, and with all that it writes in the run folder.
"""

from __future__ import annotations

import csv
import importlib
import json
import logging
import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import torch
from tqdm import tqdm

from records.errors import InputError
from simulation.training.curves import draw_curves
from simulation.training.dataset import Sample, classes_of
from simulation.training.frameworks import INPUT, a_picture, keep_recipe, painted, refuse_gap, stamp, unseen
from simulation.training.train import Batches, Recipe, render_data, training_seeds

LICENCE = "AGPL-3.0"
CHOOSE_CROPS = 32  # that ultralytics looks at when it has finished; nothing depends on it
LOSSES = {"train/box_loss": "box", "train/cls_loss": "class", "train/dfl_loss": "edges"}
INTEGRATIONS = ("sync", "clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb", "vscode_msg")
QUALITY = 95  # of the crops, as JPEG


@dataclass(frozen=True)
class UltralyticsRecipe(Recipe):
    """Everything that decides the result; what averages weights, and single precision, are ultralytics' own.

    Attributes:
        architecture: name of one of its own, or a file like them; those with p2 have a finer grid for the ball.
        start: weights to begin with, a file of the user's own; None: from nothing.
        crops: different ones; seen again and again, each time disturbed in another way.
        device: ``cpu``, or the number of a GPU.
    """

    architecture: str = "yolov8n-p2.yaml"
    start: str | None = None
    crops: int = 6400
    device: str = "cpu"

    @property
    def per_epoch(self) -> int:
        """Updates until all crops were seen, after which a checkpoint is written."""
        return math.ceil(self.crops / self.batch)

    @property
    def epochs(self) -> int:
        """How often all crops are seen."""
        return max(round(self.steps / self.per_epoch), 1)


def recipe_of(shared: dict[str, Any], own: dict[str, Any]) -> UltralyticsRecipe:
    """Return the recipe of settings that every detector has and of this framework's own."""
    return UltralyticsRecipe(**shared, **{**own, "device": "cpu" if own["device"] is None else str(own["device"])})


def train(recipe: UltralyticsRecipe, folder: Path, out: Path, threads: int) -> dict[str, float]:
    """Render, train (going on with the epoch in which a killed run stopped), draw the curves, export.

    Args:
        recipe: what to do.
        folder: of all sports' trainings.
        out: the ONNX file.
        threads: of torch, and processes that render.

    Returns:
        How far ONNX Runtime is from ultralytics, and the file's size.

    Raises:
        InputError: no such weights, a folder of another recipe, no parity.
    """
    mine = (folder / recipe.domain).resolve()
    start = _start(recipe, folder)
    keep_recipe(mine / "recipe.json", recipe, {"folder": str(mine)})
    files = render_data(folder / "data", training_seeds(recipe), recipe.per_arena, recipe.domain, threads)
    data = write_crops(files, recipe, mine / "crops")
    shut_in(mine / "ultralytics")
    kept = mine / "checkpoint.pt"
    if not _finished(kept, recipe):
        _learn(recipe, data, start, kept, threads)
    draw_curves(_history(mine / "ultralytics/run/results.csv", recipe), mine / "curves.png")
    gap = export(kept, out, a_picture(unseen(folder, recipe.domain, 1, 1)))
    stamp(out, recipe, LICENCE)
    return {"parity": refuse_gap(gap, out), "megabytes": out.stat().st_size / 1e6}


def _start(recipe: UltralyticsRecipe, folder: Path) -> Path | None:
    if not recipe.architecture.endswith(".yaml"):
        where = f"ultralytics.architecture={recipe.architecture}"
        raise InputError("no architecture", where, "give a .yaml; weights are given as ultralytics.start=FILE")
    chosen = recipe.start or (folder / recipe.after / "checkpoint.pt" if recipe.after else None)
    if chosen is not None and not Path(chosen).is_file():
        raise InputError("no weights to begin with", str(chosen), "nothing is fetched: give a file, or null")
    return None if chosen is None else Path(chosen).resolve()


def shut_in(folder: Path) -> None:
    """Import ultralytics so that it stays in a folder, fetches nothing, tells nobody and talks to nobody."""
    folder.mkdir(parents=True, exist_ok=True)
    inside = {"YOLO_CONFIG_DIR": str(folder / "config"), "MPLCONFIGDIR": str(folder / "config")}
    os.environ |= {**inside, "YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
    (folder / "config").mkdir(exist_ok=True)
    ultralytics = importlib.import_module("ultralytics")
    logging.getLogger("ultralytics").setLevel(logging.WARNING)
    known = {name: False for name in INTEGRATIONS if name in ultralytics.settings}
    places = {name: str(folder / name) for name in ("datasets_dir", "weights_dir", "runs_dir")}
    ultralytics.settings.update(known | places)
    importlib.import_module("ultralytics.data.utils").check_font = lambda *_: None  # nothing is drawn, no font fetched


def write_crops(files: Sequence[Path], recipe: UltralyticsRecipe, folder: Path) -> Path:
    """Write crops of rendered pictures as ultralytics reads them, unless they are there already.

    Args:
        files: of rendered arenas.
        recipe: says how many, how large, and their seed.
        folder: gets ``images``, ``labels`` and ``data.yaml``.

    Returns:
        The file ``data.yaml``.
    """
    told = folder / "data.yaml"
    if told.exists():
        return told
    batches = Batches(files, recipe)
    counts = {"train": recipe.per_epoch, "val": math.ceil(CHOOSE_CROPS / recipe.batch)}
    at = 0
    for which, count in counts.items():
        (folder / "images" / which).mkdir(parents=True, exist_ok=True)
        (folder / "labels" / which).mkdir(parents=True, exist_ok=True)
        for _ in tqdm(range(count), desc=f"crops to {which}", disable=not os.isatty(2)):
            for number, sample in enumerate(batches(at)[1]):
                _write_crop(painted(sample), folder, which, f"{at * recipe.batch + number:06d}")
            at += 1
    names = dict(enumerate(classes_of(recipe.domain)))
    partial = told.with_suffix(".partial")  # json is yaml
    partial.write_text(json.dumps({"path": str(folder), "train": "images/train", "val": "images/val", "names": names}))
    partial.replace(told)
    return told


def _write_crop(sample: Sample, folder: Path, which: str, name: str) -> None:
    cv2.imwrite(str(folder / "images" / which / f"{name}.jpg"), sample.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    height, width = sample.image.shape[:2]
    boxes = sample.boxes / np.array([width, height] * 2)
    rows = np.column_stack([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]])
    lines = [
        " ".join([str(label), *(f"{number:.6f}" for number in row)])
        for label, row in zip(sample.labels.tolist(), rows.tolist(), strict=True)
    ]
    (folder / "labels" / which / f"{name}.txt").write_text("\n".join(lines))


def _finished(kept: Path, recipe: UltralyticsRecipe) -> bool:
    if not kept.exists():
        return False
    state = torch.load(kept, map_location="cpu", weights_only=False)  # our own file, with ultralytics' classes in it
    return int(state["epoch"]) + 1 >= recipe.epochs


def _learn(recipe: UltralyticsRecipe, data: Path, start: Path | None, kept: Path, threads: int) -> None:
    trainers = importlib.import_module("ultralytics.models.yolo.detect")
    settings = {
        "model": recipe.architecture, "data": str(data), "task": "detect", "mode": "train",
        "project": str(kept.parent / "ultralytics"), "name": "run", "exist_ok": True,
        "epochs": recipe.epochs, "patience": recipe.epochs, "batch": recipe.batch, "nbs": recipe.batch,
        "imgsz": recipe.size, "seed": recipe.seed, "deterministic": True, "device": recipe.device, "workers": 0,
        "pretrained": str(start) if start else False, "resume": str(kept) if kept.exists() else False,
        "optimizer": "AdamW", "lr0": recipe.rate, "lrf": 0.02, "cos_lr": True, "momentum": 0.9,
        "weight_decay": recipe.decay, "warmup_epochs": recipe.warmup / recipe.per_epoch, "warmup_bias_lr": 0.0,
        "mosaic": 0.0, "close_mosaic": 0, "scale": 0.25, "amp": False, "val": False, "plots": False, "verbose": False,
    }  # fmt: skip
    trainer = trainers.DetectionTrainer(overrides=settings)
    torch.set_num_threads(threads)  # which ultralytics has set by now
    done = 0 if not kept.exists() else 1 + int(torch.load(kept, weights_only=False)["epoch"])
    bar = tqdm(
        total=recipe.epochs * recipe.per_epoch, initial=done * recipe.per_epoch, desc="train", disable=not os.isatty(2)
    )

    def told(state: Any) -> None:
        bar.update()
        bar.set_postfix(loss=f"{float(state.loss.detach()):.3f}")

    def saved(state: Any) -> None:
        """Keep the checkpoint whole or not at all; ultralytics writes over its own."""
        partial = kept.with_suffix(".partial")
        shutil.copyfile(state.last, partial)
        partial.replace(kept)

    trainer.add_callback("on_train_batch_end", told)
    trainer.add_callback("on_model_save", saved)
    trainer.train()
    bar.close()


def _history(path: Path, recipe: UltralyticsRecipe) -> list[dict[str, float]]:
    """Return the losses of each epoch, the last that was written of those that a killed run had begun twice."""
    with path.open(newline="") as stream:
        rows = {int(float(row["epoch"])): row for row in csv.DictReader(stream, skipinitialspace=True)}
    return [
        {"step": float(epoch * recipe.per_epoch)}
        | {name: float(row[key]) for key, name in LOSSES.items() if key in row}
        for epoch, row in sorted(rows.items())
    ]


def export(weights: Path, path: Path, picture: np.ndarray) -> float:
    """Write a detector as ONNX by ultralytics' own exporter.

    Args:
        weights: the checkpoint.
        path: of the ONNX file.
        picture: on which both are compared, (1, 3, height, width), RGB 0 to 1; the model takes this size.

    Returns:
        The largest difference between ultralytics and ONNX Runtime, in pixels and in scores.
    """
    yolo = importlib.import_module("ultralytics").YOLO
    made = yolo(str(weights)).export(
        format="onnx", imgsz=list(INPUT), opset=17, simplify=False, dynamic=False, device="cpu", verbose=False
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    network = yolo(str(weights)).model.float().eval()
    with torch.no_grad():
        wanted = network(torch.from_numpy(picture))
    wanted = wanted[0] if isinstance(wanted, (tuple, list)) else wanted
    return float(np.abs(session.run(None, {"images": picture})[0] - wanted.numpy()).max())
