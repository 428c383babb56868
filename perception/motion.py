"""How the picture moves: homographies between frames from tracked corners, streaming.

Corners spread over the whole picture, stands included, are followed with the pyramidal Lucas-Kanade tracker at
reduced resolution, checked by following them back, and give one homography per frame. For a camera that only turns
and zooms this holds for everything that stands still, at any depth. Every few frames the corners of an *anchor* frame
are matched directly against the present one: that longer link cuts the drift of a chain of short ones.

What does not belong to the scene is left out. People and what they carry differ from it by a fraction of a pixel a
frame, which no threshold finds; over the frames since the anchor they differ by pixels (perception.scene_corners). So
the short links are made when the long one is, from the corners that it shows to stand still, and where others were no
new corners are taken. Optional boxes of people remove them at once, and graphics laid over the picture are found as
what stays where it is while the rest moves (or are given as boxes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from perception.planes import shrunk
from perception.scene_corners import distances, median, moved_together, near, on_one_homography, tightened
from records.tables import table

Box = Sequence[float]  # x1, y1, x2, y2 in pixels

_GRAPHIC_CELL = 16  # pixels of the full picture: side of the cells in which graphics are learnt
_GRAPHIC_VOTES = 3  # so many more corners stood still than moved along: a graphic
_TELLING = 15.0  # pixels after which a corner has shown whether it moves by itself
_FAR = 60.0  # pixels after which corners are told apart at the latest
_WORN = 0.65  # share of the corners that agreed at first with which an anchor is given up
_FITS = 3  # of a homography, each without what is far from the one before
_MOVER = 12.0  # pixels around something that moves by itself in which no new corner is taken
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
        inlier: largest distance from the homography, pixels, between neighbouring frames; where corners of the scene
            scatter less, less counts.
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
    """Corners of a frame and where they were followed to since.

    `places` holds (N, 2) reduced pixels for the frame itself and each one linked after it, nan where a corner was lost;
    `agreed` says which (N,) moved as most did, and `rows` holds the row of the table, of each frame after it. `last` is
    the picture of the last of them.
    """

    frame: int
    grey: np.ndarray
    places: list[np.ndarray]
    last: np.ndarray
    last_frame: int
    agreed: list[np.ndarray] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def alive(self) -> np.ndarray:
        """Which corners (N,) have not been lost."""
        return np.isfinite(self.places[-1][:, 0])


@dataclass
class MotionTracker:
    """Follows the picture: call `step` for each frame in order, then `table`.

    Memory does not grow with the clip except for the rows of the table.
    """

    config: MotionConfig = field(default_factory=MotionConfig)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _shot: int | None = None
    _anchor: _Anchor | None = None
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
    ) -> bool:
        """Take the next frame.

        Args:
            image: (H, W, 3) BGR or (H, W) grey, uint8.
            at: `frame`, `t` and `shot` of it.
            masks: boxes of graphics laid over this frame.
            people: boxes of people in it; corners inside are not used.
            size: width and height of the full picture where ``image`` is a shrunk one; all pixels are those of the
                full picture.

        Returns:
            Whether it could be followed from the last usable frame; False at the first frame of a shot.
        """
        if at["shot"] != self._shot:
            self._begin(size or (image.shape[1], image.shape[0]), at["shot"])
        grey = self._reduce(image)
        row: dict[str, Any] = {"frame": at["frame"], "t": at["t"], "shot": at["shot"], "inliers": 0}
        self._rows.append(row)
        linked = self._follow(grey, row)
        self._missed = 0 if linked else self._missed + 1
        if self._anchor is None or self._missed > _PATIENCE or (linked and self._worn()):
            corners = self._corners(grey, (*masks, *people, *self._close()))
            self._anchor = _Anchor(at["frame"], grey, [corners], grey, at["frame"])
        return linked

    def table(self) -> pa.Table:
        """Everything seen so far as a `motion` table; what comes after is not linked to it."""
        self._close()
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
        self._close()
        width, height = size
        self._shot, self._missed = shot, 0
        self._graphics = np.zeros((height // _GRAPHIC_CELL + 1, width // _GRAPHIC_CELL + 1), int)
        self._small = shrunk(size, self.config.height)
        self._scale = np.array(self._small) / np.array(size)

    def _reduce(self, image: np.ndarray) -> np.ndarray:
        if image.shape[1::-1] != self._small:
            image = cv2.resize(image, self._small, interpolation=cv2.INTER_AREA)
        return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)

    @property
    def _width(self) -> float:
        return float(self._small[0] / self._scale[0])

    @property
    def _middle(self) -> np.ndarray:
        """The middle of the full picture, pixels."""
        return np.asarray(0.5 * np.array(self._small) / self._scale - 0.5)

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

    def _follow(self, grey: np.ndarray, row: dict[str, Any]) -> bool:
        """Follow the corners from the last usable frame to this one; whether enough of them moved as one."""
        anchor, fewest = self._anchor, self.config.fewest
        if anchor is None:
            return False
        alive = np.flatnonzero(anchor.alive)
        if len(alive) < fewest:
            return False
        there, good = self._flow(anchor.last, grey, anchor.places[-1][alive], anchor.places[-1][alive])
        alive, there = alive[good], there[good]
        if len(alive) < fewest:
            return False
        before, after = self._full(anchor.places[-1][alive]), self._full(there)
        agree = moved_together(before - self._middle, after - self._middle, self._width, self.config.inlier)
        if agree.sum() < fewest:
            return False
        places, agreed = np.full_like(anchor.places[-1], np.nan), np.zeros(len(anchor.places[-1]), bool)
        places[alive], agreed[alive] = there, agree
        row["from_frame"] = anchor.last_frame
        anchor.places.append(places)
        anchor.agreed.append(agreed)
        anchor.rows.append(row)
        anchor.last, anchor.last_frame = grey, row["frame"]
        return True

    def _close(self) -> Iterable[Box]:
        """Write the links of the frames since the anchor, now that it shows what stands still.

        Returns:
            Boxes around what moves by itself, full pixels.
        """
        anchor, self._anchor = self._anchor, None
        if anchor is None or not anchor.rows:
            return []
        places = [self._full(one) for one in anchor.places]
        belongs, moves = self._judged(anchor, places)
        self._link_each(anchor, places, belongs, moves)
        if len(anchor.rows) > 1:
            self._link_long(anchor, belongs, moves)
        apart = places[-1][moves & anchor.alive]
        return np.hstack([apart - _MOVER, apart + _MOVER]).tolist()

    def _judged(self, anchor: _Anchor, places: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Which corners (N,) belong to the scene, and which move by themselves, where the picture had moved enough.

        Beyond that the lens and what leaves the picture tell less than the frames in between.
        """
        number = next((number for number in range(1, len(places) - 1) if self._moved(places, number) > _FAR), -1)
        known = np.flatnonzero(np.isfinite(places[number][:, 0]))
        scene = self._scene(places[0][known], places[number][known])
        belongs, moves = (np.zeros(len(places[0]), bool) for _ in range(2))
        belongs[known[scene]], moves[known[~scene]] = True, True
        return belongs, moves

    def _moved(self, places: list[np.ndarray], number: int) -> float:
        """How far the picture has moved since the anchor, pixels."""
        step = (places[number] - places[0])[np.isfinite(places[number][:, 0])]
        return float(np.hypot(median(step[:, 0]), median(step[:, 1])))

    def _link_long(self, anchor: _Anchor, belongs: np.ndarray, moves: np.ndarray) -> None:
        """Match the anchor's corners (N,) with the last frame directly, and write that link."""
        alive = np.flatnonzero(anchor.alive)
        start = anchor.places[0][alive]
        end, good = self._flow(anchor.grey, anchor.last, start, anchor.places[-1][alive])
        before, after = self._full(start), self._full(end)
        used = np.flatnonzero(good & belongs[alive])
        if len(used) < self.config.fewest:
            return
        limit = self.config.anchor_inlier
        _, agree = cv2.findHomography(before[used], after[used], cv2.USAC_MAGSAC, limit, maxIters=500, confidence=0.999)
        used = used[agree[:, 0] > 0] if agree is not None else used[:0]
        link = self._link(before[used], after[used], limit)
        if link is None:
            return
        row = {key: anchor.rows[-1][key] for key in ("frame", "t", "shot")}
        self._rows.append(row | {"from_frame": anchor.frame})
        _write(self._rows[-1], link)
        told = good & (belongs | moves)[alive]
        self._learn_graphics(link.matrix, before[told], after[told])

    def _scene(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Which corners (N,), full pixels, stand still in the world."""
        if len(before) < self.config.fewest:
            return np.zeros(len(before), bool)
        one, two = before - self._middle, after - self._middle
        group = moved_together(one, two, self._width, self.config.inlier)
        group = tightened(one, two, group, self._width, self.config.inlier)
        return on_one_homography(before, after, group, self.config.anchor_inlier)

    def _link_each(self, anchor: _Anchor, places: list[np.ndarray], belongs: np.ndarray, moves: np.ndarray) -> None:
        """Write the link of every frame since the anchor, from corners (N,) that belong to the scene."""
        links = self._chain(anchor, places, belongs)
        late = self._late(places, links) & ~belongs & ~moves
        if late.any():
            links = self._chain(anchor, places, belongs | late)
        for row, link in zip(anchor.rows, links, strict=True):
            _write(row, link)

    def _chain(self, anchor: _Anchor, places: list[np.ndarray], belongs: np.ndarray) -> list[Link | None]:
        """The links of the frames since the anchor by corners (N,), or by all that agreed where these are too few."""
        links = []
        for number, agreed in enumerate(anchor.agreed):
            both = np.isfinite(places[number + 1][:, 0])
            used = both & belongs
            used = used if used.sum() >= self.config.fewest else agreed
            links.append(self._link(places[number][used], places[number + 1][used], self.config.inlier))
        return links

    def _late(self, places: list[np.ndarray], links: list[Link | None]) -> np.ndarray:
        """Which corners (N,) came far enough along with the scene before they were lost to have shown that they do."""
        chain, found = np.eye(3), np.zeros(len(places[0]), bool)
        for link, there in zip(links, places[1:], strict=True):
            if link is None:
                break
            chain = link.matrix @ chain
            far = distances(chain, places[0], places[0]) > _TELLING
            seen = np.isfinite(there[:, 0])
            found = np.where(seen & far, distances(chain, places[0], there) < self.config.inlier, found)
        return found

    def _link(self, before: np.ndarray, after: np.ndarray, inlier: float) -> Link | None:
        """The homography of corners of the scene, full pixels, without those that were followed badly; None if few."""
        agrees = np.ones(len(before), bool)
        for _ in range(_FITS):
            if agrees.sum() < self.config.fewest:
                return None
            matrix, _ = cv2.findHomography(before[agrees], after[agrees], 0)
            if matrix is None or not np.isfinite(matrix).all() or np.linalg.det(matrix) <= 0:
                return None
            miss = distances(matrix, before, after)
            agrees, fitted = miss < near(miss[agrees], inlier), agrees
            if (agrees == fitted).all():
                break
        if agrees.sum() < self.config.fewest:
            return None
        return Link(matrix, int(agrees.sum()), median(miss[agrees]), self._support(before[agrees]))

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
        expected = distances(matrix, before, before)
        moved = np.hypot(*(after - before).T)
        telling = expected > self.config.moving
        sure = np.clip(expected / self.config.moving, 1, _GRAPHIC_VOTES).astype(int)
        vote = np.where(moved < self.config.still, sure, -1)[telling]
        cell = (after[telling] // _GRAPHIC_CELL).astype(int)
        inside = (cell >= 0).all(1) & (cell[:, 0] < self._graphics.shape[1]) & (cell[:, 1] < self._graphics.shape[0])
        np.add.at(self._graphics, (cell[inside, 1], cell[inside, 0]), vote[inside])
        np.clip(self._graphics, -2, 20, out=self._graphics)

    def _worn(self) -> bool:
        anchor = self._anchor
        assert anchor is not None
        return len(anchor.rows) >= self.config.anchor_every or anchor.agreed[-1].sum() < _WORN * anchor.agreed[0].sum()

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


def _write(row: dict[str, Any], link: Link | None) -> None:
    """Fill in a row of the table that says from which frame it is linked."""
    if link is None:
        row.pop("from_frame", None)
        return
    row |= {f"h{i}{j}": float(link.matrix[i, j]) for i in range(3) for j in range(3)}
    row |= {"inliers": link.inliers, "residual_px": link.residual}
    row["support"] = [float(value) for value in link.support.ravel()]
