"""What every training has in common: a recipe, a rate, weights that go on where a killed run stopped, a loop."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import cv2
import torch
from torch import Tensor, nn
from tqdm import tqdm

from records.errors import InputError


@dataclass(frozen=True)
class Updates:
    """What a recipe says of the updates of the weights.

    Attributes:
        steps: how many.
        rate: greatest learning rate.
        warmup: updates until it is reached.
        decay: weight decay.
        average: decay of the moving average of the weights, which is what is exported.
        seed: of everything.
        half: multiply in bfloat16; weights, their updates and the losses stay in single precision.
    """

    steps: int = 4000
    rate: float = 3e-3
    warmup: int = 150
    decay: float = 1e-3
    average: float = 0.998
    seed: int = 1
    half: bool = True


N = TypeVar("N", bound=nn.Module)
Losses = dict[str, Tensor]
"""Losses by name; ``total`` is what is made small."""


def begun(network: N, start: Path | None, but: str | None = None) -> N:
    """Return a network with the averaged weights of another training.

    Args:
        network: with new weights.
        start: checkpoint of the other training; None: the network stays as it is.
        but: weights whose names begin so stay new.

    Raises:
        InputError: there is no such checkpoint.
    """
    if start is None:
        return network
    if not start.exists():
        raise InputError("the training to begin after has not run", str(start), "train that sport first, or after=null")
    known = torch.load(start, weights_only=True)["averaged"]
    kept = {name: value for name, value in known.items() if but is None or not name.startswith(but)}
    network.load_state_dict(network.state_dict() | kept)
    return network


def learning_rate(recipe: Updates, step: int) -> float:
    """Linear warm-up, then a half cosine down to 2 %."""
    if step < recipe.warmup:
        return recipe.rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(recipe.steps - recipe.warmup, 1)
    return recipe.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))


class Trainer:
    """Weights, optimiser, moving average and step; saved to and loaded from a checkpoint.

    Args:
        recipe: what to do.
        checkpoint: the file.
        network: makes a network with new weights.
        losses: of a network's output and the truth of a batch.

    Raises:
        InputError: the checkpoint belongs to another recipe.
    """

    def __init__(
        self, recipe: Updates, checkpoint: Path, network: Callable[[], nn.Module], losses: Callable[[Any, Any], Losses]
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.checkpoint, self.step, self.losses = recipe, checkpoint, 0, losses
        self.model, self.averaged = network(), network()
        self.averaged.load_state_dict(self.model.state_dict())
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        self.history: list[dict[str, float]] = []
        if checkpoint.exists():
            self._load()

    def _load(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            where = str(self.checkpoint)
            raise InputError("the checkpoint belongs to another recipe", where, "train into another folder")
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.history = state["step"], state["history"]

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(
            {
                "recipe": asdict(self.recipe), "model": self.model.state_dict(), "step": self.step,
                "averaged": self.averaged.state_dict(), "optimiser": self.optimiser.state_dict(),
                "history": self.history,
            },
            partial,
        )  # fmt: skip
        partial.replace(self.checkpoint)

    def update(self, images: Tensor, truth: Any) -> dict[str, float]:
        """One update of the weights; returns the losses."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        self.model.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.half):
            found = self.model(images)
        parts = self.losses(_single(found), truth)
        self.optimiser.zero_grad()
        parts["total"].backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
        self.optimiser.step()
        self.step += 1
        self._average()
        return {name: float(value.detach()) for name, value in parts.items()}

    def _average(self) -> None:
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
                if slow.dtype.is_floating_point:
                    slow.lerp_(fast, 1 - keep)
                else:
                    slow.copy_(fast)


def _single(found: Tensor | tuple[Tensor, ...]) -> Any:
    """Return what a network answers, one map or several, in single precision."""
    return found.float() if isinstance(found, Tensor) else tuple(one.float() for one in found)


def learn(trainer: Trainer, batches: Callable[[int], tuple[Tensor, Any]], history: Path, every: int = 200) -> nn.Module:
    """Go on until the recipe's last update; return the averaged weights.

    Args:
        trainer: weights, where an earlier run left them.
        batches: pictures and truth by step number: the same step gives the same batch, so that a run resumes exactly.
        history: file of the losses.
        every: updates between checkpoints.
    """
    recipe = trainer.recipe
    bar = tqdm(total=recipe.steps, initial=trainer.step, desc="train", disable=not os.isatty(2))
    cv2.setNumThreads(1)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(batches, trainer.step)
        while trainer.step < recipe.steps:
            images, truth = coming.result()
            coming = pool.submit(batches, trainer.step + 1)
            parts = trainer.update(images, truth)
            bar.update()
            bar.set_postfix(loss=f"{parts['total']:.3f}")
            if trainer.step % 20 == 0 or trainer.step == recipe.steps:
                trainer.history.append({"step": float(trainer.step), **parts})
            if trainer.step % every == 0 or trainer.step == recipe.steps:
                trainer.save()
                history.write_text(json.dumps(trainer.history))
    bar.close()
    return trainer.averaged.eval()
