"""How the picture moves: homographies between frames from tracked corners, streaming.

Corners spread over the whole picture, stands included, are followed with the pyramidal Lucas-Kanade tracker at
reduced resolution, checked by following them back, and give one robust homography per frame (MAGSAC, fixed
seed). For a camera that only turns and zooms this holds for everything that stands still, at any depth. Every
few frames the corners of an *anchor* frame are matched directly against the present one: that longer link cuts
the drift of a chain of short ones.

What does not belong to the scene is left out: people move differently and become outliers, optional boxes of
people remove them at once, and graphics laid over the picture are found as what stays where it is while the
rest moves (or are given as boxes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from perception.planes import shrunk
from records.tables import table

Box = Sequence[float]  # x1, y1, x2, y2 in pixels

_GRAPHIC_CELL = 16  # pixels of the full picture: side of the cells in which graphics are learnt
_GRAPHIC_VOTES = 3  # so many more corners stood still than moved along: a graphic
_STRIKES = 3  # a corner that disagrees so often in a row is on something that moves by itself
_PATIENCE = 5  # frames without a homography after which the chain is given up


@dataclass(frozen=True)
class MotionConfig:
    """Settings of the corner tracker; pixels are those of the full picture.

    Args:
        height: the picture is reduced to at most this height before anything is followed.
        corners: how many corners an anchor frame gets.
        cells: columns and rows over which they are spread.
        window: side of the tracker's window, pixels of the reduced picture.
        levels: pyramid levels above the reduced picture.
        back: largest error of following a corner there and back, pixels.
        inlier: largest distance from the homography, pixels, between neighbouring frames.
        anchor_inlier: the same over a long link, where the lens shows.
        anchor_every: frames between anchors.
        fewest: with fewer inliers than this there is no homography.
        still: a corner that moved less than this while its surroundings moved `moving` is on a graphic.
        moving: see `still`.
    """

    height: int = 360
    corners: int = 160
    cells: tuple[int, int] = (8, 5)
    window: int = 11
    levels: int = 4
    back: float = 1.0
    inlier: float = 1.0
    anchor_inlier: float = 2.0
    anchor_every: int = 10
    fewest: int = 20
    still: float = 0.3
    moving: float = 2.5


@dataclass(frozen=True)
class Link:
    """A homography from the picture of one frame to that of another, and what it rests on.

    `support` (K, 3) holds the inliers summed over cells of the first picture: mean u, mean v, how many.
    """

    matrix: np.ndarray
    inliers: int
    residual: float
    support: np.ndarray


@dataclass
class _Anchor:
    """Corners of a frame (N, 2, reduced pixels), where they are now, and how often each disagreed."""

    frame: int
    grey: np.ndarray
    corners: np.ndarray
    now: np.ndarray
    strikes: np.ndarray
    fresh: int
    age: int = 0


@dataclass
class MotionTracker:
    """Follows the picture: call `step` for each frame in order, then `table`.

    Memory does not grow with the clip except for the rows of the table.
    """

    config: MotionConfig = field(default_factory=MotionConfig)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _shot: int | None = None
    _anchor: _Anchor | None = None
    _last: tuple[int, np.ndarray] | None = None
    _missed: int = 0
    _graphics: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))
    _scale: np.ndarray = field(default_factory=lambda: np.ones(2))
    _small: tuple[int, int] = (0, 0)

    def step(
        self,
        image: np.ndarray,
        at: Mapping[str, Any],
        masks: Sequence[Box] = (),
        people: Sequence[Box] = (),
        size: tuple[int, int] | None = None,
    ) -> Link | None:
        """Take the next frame.

        Args:
            image: (H, W, 3) BGR or (H, W) grey, uint8.
            at: `frame`, `t` and `shot` of it.
            masks: boxes of graphics laid over this frame.
            people: boxes of people in it; corners inside are not used.
            size: width and height of the full picture where ``image`` is a shrunk one; all pixels are those of the
                full picture.

        Returns:
            The link from the previous usable frame; None at the first frame of a shot and where there is none.
        """
        if at["shot"] != self._shot:
            self._begin(size or (image.shape[1], image.shape[0]), at["shot"])
        grey = self._reduce(image)
        link = self._follow(grey)
        self._note(at, link, self._last)
        self._missed = 0 if link else self._missed + 1
        if link or self._anchor is None or self._missed > _PATIENCE:
            self._last = (at["frame"], grey)
            if self._anchor is None or self._missed or self._worn():
                self._reanchor(grey, at, (*masks, *people))
        return link

    def table(self) -> pa.Table:
        """Everything seen so far as a `motion` table."""
        names = ["frame", "t", "shot", "from_frame", *(f"h{i}{j}" for i in range(3) for j in range(3))]
        names += ["inliers", "residual_px", "support"]
        return table("motion", {name: [row.get(name) for row in self._rows] for name in names})

    def graphics(self) -> list[tuple[int, int, int, int]]:
        """Cells of the picture (boxes, pixels) found to hold graphics that do not move with the scene."""
        rows, columns = np.nonzero(self._graphics >= _GRAPHIC_VOTES)
        side = _GRAPHIC_CELL
        return [
            (c * side, r * side, (c + 1) * side, (r + 1) * side)
            for r, c in zip(rows.tolist(), columns.tolist(), strict=True)
        ]

    def _begin(self, size: tuple[int, int], shot: int) -> None:
        width, height = size
        self._shot, self._anchor, self._last, self._missed = shot, None, None, 0
        self._graphics = np.zeros((height // _GRAPHIC_CELL + 1, width // _GRAPHIC_CELL + 1), int)
        self._small = shrunk(size, self.config.height)
        self._scale = np.array(self._small) / np.array(size)

    def _reduce(self, image: np.ndarray) -> np.ndarray:
        if image.shape[1::-1] != self._small:
            image = cv2.resize(image, self._small, interpolation=cv2.INTER_AREA)
        return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)

    def _full(self, points: np.ndarray) -> np.ndarray:
        """Reduced to full pixels; the corner of the picture, not of a pixel, is what stays."""
        return (points.astype(float) + 0.5) / self._scale - 0.5

    def _flow(
        self, first: np.ndarray, second: np.ndarray, points: np.ndarray, guess: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Follow points (N, 2) from one reduced picture into another and back; where they are, which to believe.

        The way back starts where it should end, so it needs no coarser levels: what was followed to a wrong place
        does not come home from there.
        """
        settings = {
            "winSize": (self.config.window,) * 2,
            "criteria": (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.01),
            "flags": cv2.OPTFLOW_USE_INITIAL_FLOW,
        }
        levels = self.config.levels
        there, good, _ = cv2.calcOpticalFlowPyrLK(first, second, points, guess.copy(), maxLevel=levels, **settings)
        again, back, _ = cv2.calcOpticalFlowPyrLK(second, first, there, points.copy(), maxLevel=0, **settings)
        error = np.linalg.norm((again - points) / self._scale, axis=1)
        return there, (good[:, 0] == 1) & (back[:, 0] == 1) & (error < self.config.back)

    def _follow(self, grey: np.ndarray) -> Link | None:
        """The link from the last usable frame to this one, if there is one."""
        anchor, last = self._anchor, self._last
        if anchor is None or last is None or len(anchor.now) < self.config.fewest:
            return None
        there, good = self._flow(last[1], grey, anchor.now, anchor.now)
        link, agrees = self._fit(anchor.now[good], there[good], self.config.inlier)
        if link is None:
            return None
        strikes = np.where(agrees, 0, anchor.strikes[good] + 1)
        stays = strikes < _STRIKES
        anchor.corners, anchor.now, anchor.strikes = (anchor.corners[good][stays], there[good][stays], strikes[stays])
        anchor.age += 1
        return link

    def _fit(self, first: np.ndarray, second: np.ndarray, inlier: float) -> tuple[Link | None, np.ndarray]:
        """Robust homography between reduced points, and which of them agree with it."""
        nobody = np.zeros(len(first), bool)
        if len(first) < self.config.fewest:
            return None, nobody
        before, after = self._full(first), self._full(second)
        rough, _ = cv2.findHomography(before, after, cv2.USAC_MAGSAC, inlier, maxIters=500, confidence=0.999)
        if rough is None:
            return None, nobody
        agrees = _distances(rough, before, after) < inlier
        if agrees.sum() < self.config.fewest:
            return None, nobody
        matrix, _ = cv2.findHomography(before[agrees], after[agrees], 0)
        if matrix is None or not np.isfinite(matrix).all() or np.linalg.det(matrix) <= 0:
            return None, nobody
        distances = _distances(matrix, before, after)
        agrees = distances < inlier
        if agrees.sum() < self.config.fewest:
            return None, nobody
        self._learn_graphics(matrix, before, after)
        support = self._support(before[agrees])
        return Link(matrix, int(agrees.sum()), float(np.median(distances[agrees])), support), agrees

    def _support(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) summed over cells: (K, 3) mean u, mean v, count."""
        height, width = (side * _GRAPHIC_CELL for side in self._graphics.shape)
        columns, rows = 4, 3
        cell = np.clip(points[:, 1] * rows // height, 0, rows - 1) * columns
        cell = (cell + np.clip(points[:, 0] * columns // width, 0, columns - 1)).astype(int)
        count = np.bincount(cell, minlength=rows * columns)
        sums = [np.bincount(cell, points[:, axis], rows * columns) for axis in range(2)]
        used = count > 0
        return np.column_stack([sums[0][used] / count[used], sums[1][used] / count[used], count[used]])

    def _learn_graphics(self, matrix: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
        """Vote, cell by cell, for what stayed where it was while its surroundings moved."""
        expected = np.linalg.norm(_mapped(matrix, before) - before, axis=1)
        moved = np.linalg.norm(after - before, axis=1)
        telling = expected > self.config.moving
        vote = np.where(moved < self.config.still, 1, -1)[telling]
        cell = (after[telling] // _GRAPHIC_CELL).astype(int)
        inside = (cell >= 0).all(1) & (cell[:, 0] < self._graphics.shape[1]) & (cell[:, 1] < self._graphics.shape[0])
        np.add.at(self._graphics, (cell[inside, 1], cell[inside, 0]), vote[inside])
        np.clip(self._graphics, -2, 20, out=self._graphics)

    def _worn(self) -> bool:
        anchor = self._anchor
        assert anchor is not None
        return anchor.age >= self.config.anchor_every or len(anchor.now) < 0.5 * anchor.fresh

    def _reanchor(self, grey: np.ndarray, at: Mapping[str, Any], boxes: Sequence[Box]) -> None:
        """Link this frame to the anchor directly and make it the new anchor."""
        anchor = self._anchor
        if anchor is not None and anchor.age > 1 and not self._missed:
            there, good = self._flow(anchor.grey, grey, anchor.corners, anchor.now)
            link, _ = self._fit(anchor.corners[good], there[good], self.config.anchor_inlier)
            if link is not None:
                self._note(at, link, (anchor.frame, anchor.grey))
        corners = self._corners(grey, boxes)
        self._anchor = _Anchor(at["frame"], grey, corners, corners.copy(), np.zeros(len(corners), int), len(corners))

    def _corners(self, grey: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
        """The strongest corners (N, 2) of each cell of the reduced picture, outside of the boxes and graphics."""
        strength = cv2.cornerMinEigenVal(grey, 5)
        peaks = (strength >= cv2.dilate(strength, np.ones((7, 7), np.uint8))) & (strength > 1e-5)
        border = self.config.window // 2
        peaks[:border], peaks[-border:], peaks[:, :border], peaks[:, -border:] = False, False, False, False
        for x1, y1, x2, y2 in (*boxes, *self.graphics()):
            (left, right), (top, bottom) = (
                np.array(ends) * scale for ends, scale in zip(((x1, x2), (y1, y2)), self._scale, strict=True)
            )
            peaks[max(0, int(top)) : max(0, int(np.ceil(bottom))), max(0, int(left)) : max(0, int(np.ceil(right)))] = (
                False
            )
        rows, columns = np.nonzero(peaks)
        across, down = self.config.cells
        cell = (rows * down // grey.shape[0]) * across + columns * across // grey.shape[1]
        order = np.lexsort((columns, rows, -strength[rows, columns], cell))
        starts = np.searchsorted(cell[order], cell[order])
        chosen = order[np.arange(len(order)) - starts < self.config.corners // (across * down)]
        return np.column_stack([columns[chosen], rows[chosen]]).astype(np.float32)

    def _note(self, at: Mapping[str, Any], link: Link | None, first: tuple[int, Any] | None) -> None:
        row: dict[str, Any] = {"frame": at["frame"], "t": at["t"], "shot": at["shot"], "inliers": 0}
        if link is not None and first is not None:
            row |= {f"h{i}{j}": float(link.matrix[i, j]) for i in range(3) for j in range(3)}
            row |= {"from_frame": first[0], "inliers": link.inliers, "residual_px": link.residual}
            row["support"] = [float(value) for value in link.support.ravel()]
        self._rows.append(row)


def _mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    seen = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return seen[:, :2] / seen[:, 2:]


def _distances(matrix: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.linalg.norm(_mapped(matrix, before) - after, axis=1)
