"""What a detector gives back for one picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Boxes:
    """The boxes of one picture, best first.

    Attributes:
        xyxy: float32 array of shape (N, 4): left, top, right, bottom in pixels of the picture; the edges of the
            first pixel are 0 and 1.
        score: float32 array of shape (N,), 0 to 1, as the model gives it (not a calibrated probability).
        kind: N kinds of the ontology; ``unknown`` where the model knows persons only.
    """

    xyxy: np.ndarray = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    score: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    kind: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not (self.xyxy.shape == (len(self.kind), 4) and self.score.shape == (len(self.kind),)):
            raise ValueError(f"{self.xyxy.shape} boxes, {self.score.shape} scores, {len(self.kind)} kinds")

    def __getitem__(self, kept: np.ndarray) -> Boxes:
        """Return those of a mask (N,)."""
        kinds = [kind for kind, keep in zip(self.kind, kept.tolist(), strict=True) if keep]
        return Boxes(self.xyxy[kept], self.score[kept], kinds)

    def __len__(self) -> int:
        return len(self.kind)
