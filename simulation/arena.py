"""The still part of a picture: ice, boards, glass, stands and crowd, painted once as two panoramas.

The camera's centre is fixed, so everything that stands still in the world is a function of direction alone. A
panorama is indexed by pan (columns) and tilt (rows) at a constant number of pixels per radian. The background holds
what lies behind the play; the foreground (premultiplied BGRA) holds the near boards, their glass and the heads of the
crowd in front of them, and is laid over the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ontologies.field import Field
from simulation.camera import View
from simulation.canvas import FONTS, VIVID, WORDS
from simulation.rink import Paint, paint_rink

GRID = 16
BOARD_M = 1.07
CAP_M = 0.07
KICK_M = 0.2
GLASS_M = 1.8
TEXTURE_PX_M = 50
STRIP_PX_M = 60
AROUND = np.linspace(-np.pi, np.pi, 1441)  # pans at which the wall is known all around, radians
NEAR_ROWS = 9  # of seats before the near boards
BLOCK = 64  # rows of a panorama that are worked on at once
EDGE_RAD, EDGE_PX = 0.02, 60.0  # how far outside the panorama somebody is who can still be seen in part
SKIN = np.array((130.0, 160.0, 205.0))
HAIR = np.array(((25.0, 30.0, 40.0), (50.0, 75.0, 110.0), (110.0, 150.0, 180.0), (140.0, 140.0, 140.0)))


@dataclass(frozen=True)
class ArenaLook:
    """What varies from arena to arena. Colours are BGR."""

    seed: int
    paint: Paint
    board: tuple[int, int, int] = (238, 236, 234)
    kick: tuple[int, int, int] = (40, 205, 240)
    cap: tuple[int, int, int] = (150, 70, 20)
    ads: float = 0.8
    fans: tuple[tuple[int, int, int], ...] = ((60, 60, 60), (40, 70, 190), (110, 50, 30), (200, 200, 200))
    filled: float = 0.88
    stands_light: float = 0.5
    glass: float = 0.05


@dataclass(frozen=True)
class Arena:
    """Panoramas of one arena seen from one camera centre.

    Attributes:
        background: uint8 (H, W, 4), BGR and a byte that is not used: pictures of four channels are looked up faster.
        foreground: uint8 (H, W, 4), premultiplied.
        pan0: pan of column 0, radians.
        tilt0: tilt of row 0, radians.
        scale: pixels per radian.
        foreground_top: first row with any foreground.
    """

    background: np.ndarray
    foreground: np.ndarray
    pan0: float
    tilt0: float
    scale: float
    foreground_top: int

    def maps(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        """Panorama column and row of every pixel of a view, float32 (height, width) each.

        Computed on a grid of every 16th pixel and interpolated: the error stays under 0.05 pixels.
        """
        columns, rows = view.width // GRID + 2, view.height // GRID + 2
        u = (np.arange(columns) - 0.5) * GRID - 0.5
        v = (np.arange(rows) - 0.5) * GRID - 0.5
        rays = view.rays(np.column_stack([g.ravel() for g in np.meshgrid(u, v)]))
        pan = np.arctan2(rays[:, 0], rays[:, 1])
        tilt = np.arctan2(-rays[:, 2], np.hypot(rays[:, 0], rays[:, 1]))
        out = []
        for angle, start in ((pan, self.pan0), (tilt, self.tilt0)):
            coarse = ((angle - start) * self.scale).reshape(rows, columns).astype(np.float32)
            full = cv2.resize(coarse, (columns * GRID, rows * GRID), interpolation=cv2.INTER_LINEAR)
            out.append(full[GRID : GRID + view.height, GRID : GRID + view.width])
        return out[0], out[1]


@dataclass(frozen=True)
class Panorama:
    """Geometry of the panorama that is being painted.

    Attributes:
        centre: of the camera, field metres, shape (3,).
        pans: of the columns, radians.
        tilts: of the rows, radians.
        scale: pixels per radian.
        near: distance on the ground from the camera to the near wall, by column, metres.
        far: to the far wall.
        far_s: way along the far wall, by column, metres.
        near_s: along the near wall.
        walls: distances to the near and the far wall at each of ``AROUND``, metres.
    """

    centre: np.ndarray
    pans: np.ndarray
    tilts: np.ndarray
    scale: float
    near: np.ndarray
    far: np.ndarray
    far_s: np.ndarray
    near_s: np.ndarray
    walls: tuple[np.ndarray, np.ndarray]

    def pixel(self, pan: float, distance: float, z: float) -> tuple[float, float]:
        """Return column and row of a point by its pan, its distance on the ground and its height, metres."""
        tilt = np.arctan2(self.centre[2] - z, distance)
        return (pan - self.pans[0]) * self.scale, (tilt - self.tilts[0]) * self.scale


def build_arena(
    field: Field,
    look: ArenaLook,
    centre: tuple[float, float, float],
    scale: float,
    tilts: tuple[float, float] = (0.13, 0.80),
    pans: tuple[float, float] = (-0.95, 0.95),
) -> Arena:
    """Paint an arena.

    Args:
        field: the rink.
        look: what it looks like.
        centre: camera centre, field metres.
        scale: pixels per radian; a little less than the focal length keeps it sharp.
        tilts: range of tilt, radians.
        pans: range of pan, radians.

    Returns:
        The two panoramas.
    """
    rng = np.random.default_rng(look.seed)
    outline = np.asarray(field.boundary.polyline(0.25))
    frame = panorama_of(outline, np.asarray(centre, float), scale, tilts, pans)
    background = stands(frame, look, rng)
    wall = wall_strip(look, rng, 2.2 * (field.length_m + field.width_m))
    far_wall(background, frame, look, wall)
    _ice(background, frame, look, field, wall)
    foreground = _near_side(frame, look, rng)
    rows = np.flatnonzero(foreground[:, :, 3].any(axis=1))
    top = int(rows[0]) if len(rows) else foreground.shape[0]
    seen = cv2.cvtColor(background, cv2.COLOR_BGR2BGRA)
    return Arena(seen, foreground, float(frame.pans[0]), float(frame.tilts[0]), scale, top)


def panorama_of(
    outline: np.ndarray, centre: np.ndarray, scale: float, tilts: tuple[float, float], pans: tuple[float, float]
) -> Panorama:
    """Lay out a panorama.

    Args:
        outline: of the wall around the field, shape (N, 2), metres.
        centre: of the camera, field metres.
        scale: pixels per radian.
        tilts: range of tilt, radians.
        pans: range of pan, radians.
    """
    columns = np.arange(*pans, 1 / scale)
    rows = np.arange(*tilts, 1 / scale)
    if not np.allclose(outline[0], outline[-1]):
        outline = np.vstack([outline, outline[:1]])
    relative = outline - centre[:2]
    angle = np.arctan2(relative[:, 0], relative[:, 1])
    distance = np.hypot(relative[:, 0], relative[:, 1])
    first, last = int(np.argmin(angle)), int(np.argmax(angle))
    halves = []
    for start, stop in ((first, last), (last, first)):
        count = (stop - start) % (len(outline) - 1)
        index = (start + np.arange(count + 1)) % (len(outline) - 1)
        order = np.argsort(angle[index], kind="stable")
        a, d = angle[index][order], distance[index][order]
        s = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(relative[index][order], axis=0).T))])
        halves.append([np.interp(columns, a, d), np.interp(columns, a, s), np.interp(AROUND, a, d)])
    near, far = sorted(halves, key=lambda half: float(half[2].mean()))
    return Panorama(centre, columns, rows, scale, near[0], far[0], far[1], near[1], (near[2], far[2]))


@dataclass(frozen=True)
class _Fans:
    """Seated people in a row of seats: where their heads are in the panorama, and what is seen of them.

    Attributes:
        x: columns of the panorama.
        y: rows of it.
        px_m: pixels per metre at each of them.
        shirts: BGR, shape (N, 3).
        heads: BGR, shape (N, 3).
    """

    x: np.ndarray
    y: np.ndarray
    px_m: np.ndarray
    shirts: np.ndarray
    heads: np.ndarray

    def paint(self, canvas: np.ndarray) -> None:
        """Paint everybody: shoulders and a head, opaque where the picture has a fourth channel."""
        x, y = np.round(self.x * 16).astype(int).tolist(), np.round(self.y * 16).astype(int).tolist()
        sizes = np.round(np.outer(self.px_m * 16, (0.46, 0.25, 0.36, 0.115))).astype(int).tolist()
        opaque = np.full((len(x), 1), 255)
        shirts, heads = (np.hstack([part, opaque]).tolist() for part in (self.shirts, self.heads))
        for i, (below, wide, tall, head) in enumerate(sizes):
            cv2.ellipse(canvas, (x[i], y[i] + below), (wide, tall), 0, 0, 360, shirts[i], -1, cv2.LINE_AA, 4)
            cv2.circle(canvas, (x[i], y[i]), max(head, 16), heads[i], -1, cv2.LINE_AA, 4)


@dataclass(frozen=True)
class _Row:
    """A row of seats.

    Attributes:
        wall: distance on the ground from the camera to the wall, metres, at each of ``AROUND``.
        behind_m: how far behind the wall the row is; negative before it.
        head_m: height of a seated head.
        gap_m: between two people.
        aisle_m: distance at which aisles are laid out; None: no aisles.
        light: on the row.
        heads_only: seen from behind, people show their hair.
    """

    wall: np.ndarray
    behind_m: float
    head_m: float
    gap_m: float
    aisle_m: float | None
    light: float
    heads_only: bool

    def fans(self, frame: Panorama, look: ArenaLook, rng: np.random.Generator) -> _Fans:
        """Seat people where the panorama shows the row; who sits where does not depend on what it shows."""
        away = np.maximum(self.wall + self.behind_m, 1.0)
        seats = np.concatenate([[0.0], np.cumsum((away[1:] + away[:-1]) / 2 * np.diff(AROUND))]) / self.gap_m
        count = int(seats[-1] / 1.02)
        pan = np.interp(np.cumsum(rng.uniform(0.85, 1.2, count)), seats, AROUND)
        chance, up = rng.random((4, count)), rng.normal(0, 0.06, count)
        shirts = np.array(look.fans, float)[rng.integers(len(look.fans), size=count)] + rng.normal(0, 14, (count, 3))
        hair = HAIR[rng.integers(len(HAIR), size=count)]
        skin = SKIN * rng.uniform(0.35, 1.05, (count, 1))
        bright = self.light * rng.uniform(0.7, 1.15, (count, 1))
        heads = hair if self.heads_only else np.where((chance[0] < 0.15)[:, None], hair, skin)
        seen = (chance[1] <= look.filled) & (pan > frame.pans[0] - EDGE_RAD) & (pan < frame.pans[-1] + EDGE_RAD)
        if self.aisle_m is not None:
            seen &= np.abs((pan * self.aisle_m) % 11.0 - 5.5) >= 0.6
        distance = np.interp(pan, AROUND, away)
        z = self.head_m + up + np.where((chance[2] < 0.04) & (not self.heads_only), 0.35, 0.0)
        x = (pan - frame.pans[0]) * frame.scale
        y = (np.arctan2(frame.centre[2] - z, distance) - frame.tilts[0]) * frame.scale
        seen &= (y > -EDGE_PX) & (y < len(frame.tilts) + EDGE_PX)
        shirts, heads = (np.clip(part * bright, 0, 255).astype(int)[seen] for part in (shirts, heads))
        return _Fans(x[seen], y[seen], frame.scale / distance[seen], shirts, heads)


def stands(frame: Panorama, look: ArenaLook, rng: np.random.Generator, seat_rows: int = 21) -> np.ndarray:
    """Paint the far stands with their crowd; returns the panorama, uint8 BGR."""
    canvas = np.empty((len(frame.tilts), len(frame.pans), 3), np.uint8)
    canvas[:] = [int(v * look.stands_light) for v in (48, 42, 40)]
    seeds = rng.integers(1 << 30, size=seat_rows)
    middle = float(frame.walls[1].mean()) + 1.4
    for row in range(seat_rows - 1, -1, -1):
        floor, behind = 0.35 + 0.36 * row, 0.8 * row
        _step(canvas, frame, row, floor, look)
        light = look.stands_light * (1.15 - 0.02 * row)
        seats = _Row(frame.walls[1], 1.4 + behind, floor + 1.2, 0.52, middle + behind, light, False)
        seats.fans(frame, look, np.random.default_rng(seeds[row])).paint(canvas)
    return canvas


def _step(canvas: np.ndarray, frame: Panorama, row: int, floor: float, look: ArenaLook) -> None:
    """The riser under one row of seats."""
    distance = frame.far + 1.1 + 0.8 * row
    top = (np.arctan2(frame.centre[2] - floor - 0.45, distance) - frame.tilts[0]) * frame.scale
    bottom = (np.arctan2(frame.centre[2] - floor + 0.5, distance) - frame.tilts[0]) * frame.scale
    columns = np.arange(len(frame.pans))[::8]
    outline = np.vstack([np.column_stack([columns, top[::8]]), np.column_stack([columns, bottom[::8]])[::-1]])
    shade = 34 if row % 2 else 44
    colour = tuple(int(v * look.stands_light) for v in (shade * 1.5, shade * 1.2, shade * 1.2))
    cv2.fillPoly(canvas, [np.round(outline * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def wall_strip(look: ArenaLook, rng: np.random.Generator, length: float, high: float = BOARD_M + CAP_M) -> np.ndarray:
    """Boards as one long picture: columns along the boards, rows from the cap (top) to the ground (bottom)."""
    height = int(high * STRIP_PX_M)
    strip = np.empty((height, int(length * STRIP_PX_M), 3), np.uint8)
    strip[:] = look.board
    cap, kick = int(CAP_M * STRIP_PX_M), int(KICK_M * STRIP_PX_M)
    x = 0.0
    while x < length - 6:
        width = rng.uniform(2.0, 5.5)
        if rng.random() < look.ads:
            area = strip[cap + 2 : height - kick - 2, int(x * STRIP_PX_M) : int((x + width) * STRIP_PX_M)]
            _advertise(area, rng)
        x += width + rng.uniform(0.1, 0.8)
    for joint in np.arange(1.2, strip.shape[1] / STRIP_PX_M, 2.44):
        strip[:, int(joint * STRIP_PX_M)] = (strip[:, int(joint * STRIP_PX_M)] * 0.8).astype(np.uint8)
    strip[:cap] = look.cap
    strip[height - kick :] = look.kick
    dirt = cv2.GaussianBlur(rng.standard_normal(strip.shape[:2], np.float32), (0, 0), 3)
    dirt *= 3 / float(dirt.std())
    return cv2.add(strip, cv2.merge([dirt] * 3), dtype=cv2.CV_8U)


def _advertise(area: np.ndarray, rng: np.random.Generator) -> None:
    """Fill an area of the boards with an invented advertisement."""
    ink = VIVID[rng.integers(len(VIVID))]
    height, width = area.shape[:2]
    if rng.random() < 0.4:
        area[:] = ink
        ink = (240, 240, 240) if rng.random() < 0.8 else (60, 220, 250)
    word = WORDS[rng.integers(len(WORDS))]
    font = FONTS[rng.integers(len(FONTS))]
    (w, h), _ = cv2.getTextSize(word, font, 1.0, 3)
    scale = min(0.85 * width / w, 0.62 * height / h)
    origin = (int((width - w * scale) / 2), int((height + h * scale) / 2))
    cv2.putText(area, word, origin, font, scale, ink, max(int(2.2 * scale), 1), cv2.LINE_AA)
    if rng.random() < 0.4:
        cv2.circle(
            area,
            (int(0.06 * width) + 8, height // 2),
            int(height * 0.28),
            VIVID[rng.integers(len(VIVID))],
            -1,
            cv2.LINE_AA,
        )


def _sample_strip(wall: np.ndarray, s: np.ndarray, z: np.ndarray) -> np.ndarray:
    height = wall.shape[0]
    map_x = (s * STRIP_PX_M).astype(np.float32)
    map_y = (height - z * STRIP_PX_M).astype(np.float32)
    return cv2.remap(wall, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def far_wall(
    canvas: np.ndarray,
    frame: Panorama,
    look: ArenaLook,
    wall: np.ndarray,
    heights: tuple[float, float] = (BOARD_M + CAP_M, GLASS_M),
) -> None:
    """Paint the far boards and the glass on them, heights in metres, over the stands."""
    height, glass_m = heights
    far, fall = frame.far.astype(np.float32), np.tan(frame.tilts).astype(np.float32)
    low = frame.centre[2] - far.max() * fall
    high = frame.centre[2] - far.min() * fall
    rows = np.flatnonzero((high > -0.1) & (low < height + glass_m + 0.2))
    posts = np.abs((frame.far_s + 0.6) % 1.83 - 0.02) < 0.03
    where = frame.far_s.astype(np.float32)
    for start in range(int(rows[0]) if len(rows) else 0, int(rows[-1]) + 1 if len(rows) else 0, BLOCK):
        z = float(frame.centre[2]) - far * fall[start : start + BLOCK, None]
        part = canvas[start : start + BLOCK]
        boards = _sample_strip(wall, np.broadcast_to(where, z.shape), z)
        soft = np.clip((height - z) * frame.scale / far + 0.5, 0, 1)
        if glass_m > 0:
            _glaze(part, (z - height) / glass_m, glass_m, posts, look.glass)
        part[:] = cv2.blendLinear(part, boards, 1 - soft, soft)


def _glaze(part: np.ndarray, up: np.ndarray, glass_m: float, posts: np.ndarray, strength: float) -> None:
    """Paint panes of glass over what is behind, in place.

    Args:
        part: uint8 BGR, shape (H, W, 3).
        up: how high each pixel is on the glass, 0 to 1; shape (H, W).
        glass_m: height of the glass, metres.
        posts: columns with a post.
        strength: how much light the glass itself throws back.
    """
    glass = (up >= 0) & (up < 1)
    part[glass] = part[glass] * (1 - strength) + 205 * strength
    post = glass & posts
    part[post] = part[post] * 0.6 + 70
    edge = np.abs(up - 1) * glass_m < 0.03
    part[edge] = part[edge] * 0.6 + 75


def _ice(canvas: np.ndarray, frame: Panorama, look: ArenaLook, field: Field, wall: np.ndarray) -> None:
    """Warp the picture of the rink into the panorama, three rows to one, with the boards' reflection."""
    texture = paint_rink(field, look.paint, TEXTURE_PX_M)
    base = np.arctan2(frame.centre[2], frame.far)
    first = max(int((base.min() - frame.tilts[0]) * frame.scale), 0)
    sin, cos = np.sin(frame.pans).astype(np.float32), np.cos(frame.pans).astype(np.float32)
    fine = (np.arange(BLOCK * 3) - 1.0) / 3 / frame.scale
    far, where = frame.far.astype(np.float32), frame.far_s.astype(np.float32)
    for start in range(first, len(frame.tilts), BLOCK):
        ground = (frame.centre[2] / np.tan(frame.tilts[start] + fine))[:, None].astype(np.float32)
        map_x = ground * (sin * TEXTURE_PX_M) + np.float32((frame.centre[0] + field.length_m / 2) * TEXTURE_PX_M - 0.5)
        map_y = ground * (-cos * TEXTURE_PX_M) + np.float32((field.width_m / 2 - frame.centre[1]) * TEXTURE_PX_M - 0.5)
        ice = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        part = canvas[start : start + BLOCK]
        ice = cv2.resize(ice, (len(frame.pans), BLOCK), interpolation=cv2.INTER_AREA)[: len(part)]
        tilt = frame.tilts[start : start + BLOCK, None]
        below = np.maximum(far * np.tan(tilt).astype(np.float32) - np.float32(frame.centre[2]), 0)
        share = 0.22 * np.exp(below * (-1 / 0.8))
        if share.max() > 1 / 512:
            mirrored = cv2.GaussianBlur(_sample_strip(wall, np.broadcast_to(where, below.shape), below), (0, 0), 4)
            ice = cv2.blendLinear(ice, mirrored, 1 - share, share)
        cover = np.clip((tilt - base) * frame.scale + 0.5, 0, 1).astype(np.float32)
        part[:] = cv2.blendLinear(ice, part, cover, 1 - cover) if cover.min() < 1 else ice


def _near_side(frame: Panorama, look: ArenaLook, rng: np.random.Generator) -> np.ndarray:
    """Near boards from behind, the glass on them, and the heads of the crowd in front."""
    height = BOARD_M + CAP_M
    canvas = np.zeros((len(frame.tilts), len(frame.pans), 4), np.uint8)
    fall = np.tan(frame.tilts).astype(np.float32)
    near = frame.near.astype(np.float32)
    reaches = frame.centre[2] - fall * near.max() < height + GLASS_M + 0.1
    first = int(np.argmax(reaches)) if reaches.any() else len(fall)
    posts = np.abs(frame.near_s % 1.83 - 0.9) < 0.025
    glassy = np.array([int(235 * look.glass)] * 3 + [int(255 * look.glass)], np.uint8)
    for start in range(first, len(fall), BLOCK):
        z = float(frame.centre[2]) - near * fall[start : start + BLOCK, None]
        part = canvas[start : start + BLOCK]
        glass = (z >= height) & (z < height + GLASS_M)
        part[glass] = glassy
        part[glass & posts] = (150, 150, 150, 200)
        part[np.abs(z - height - GLASS_M) < 0.02] = (150, 150, 150, 150)
        cover = np.clip((height - z) * frame.scale / near + 0.5, 0, 1)
        solid = np.empty(part.shape, np.uint8)
        solid[:] = (44, 38, 36, 255)
        solid[(z > BOARD_M - 0.12) & (z < height + 0.1)] = (*look.cap, 255)
        part[:] = cv2.blendLinear(solid, part, cover, 1 - cover)
    seeds = rng.integers(1 << 30, size=NEAR_ROWS)
    light = 0.75 * look.stands_light + 0.1
    for row in range(NEAR_ROWS):
        seats = _Row(frame.walls[0], -0.75 - 0.8 * row, 1.32 + 0.38 * row, 0.5, None, light, True)
        seats.fans(frame, look, np.random.default_rng(seeds[row])).paint(canvas)
    return canvas
