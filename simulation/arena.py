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
        background: uint8 (H, W, 3).
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
            out.append(np.ascontiguousarray(full[GRID : GRID + view.height, GRID : GRID + view.width]))
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
    """

    centre: np.ndarray
    pans: np.ndarray
    tilts: np.ndarray
    scale: float
    near: np.ndarray
    far: np.ndarray
    far_s: np.ndarray
    near_s: np.ndarray

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
    return Arena(background, foreground, float(frame.pans[0]), float(frame.tilts[0]), scale, top)


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
        halves.append((np.interp(columns, a, d), np.interp(columns, a, s)))
    halves.sort(key=lambda pair: pair[0].mean())
    return Panorama(centre, columns, rows, scale, halves[0][0], halves[1][0], halves[1][1], halves[0][1])


def _fan(canvas: np.ndarray, x: float, y: float, px_m: float, colours: tuple, alpha: int | None = None) -> None:
    """One seated person: shoulders and head; (x, y) is the middle of the head."""
    shirt, head = (((*c, 255) if alpha else c) for c in colours)
    centre = (int(x * 16), int((y + 0.46 * px_m) * 16))
    cv2.ellipse(canvas, centre, (int(0.25 * px_m * 16), int(0.36 * px_m * 16)), 0, 0, 360, shirt, -1, cv2.LINE_AA, 4)
    cv2.circle(canvas, (int(x * 16), int(y * 16)), max(int(0.115 * px_m * 16), 16), head, -1, cv2.LINE_AA, 4)


def _random_fan(look: ArenaLook, rng: np.random.Generator, light: float, from_behind: bool) -> tuple:
    shirt = np.array(look.fans[rng.integers(len(look.fans))], float) + rng.normal(0, 14, 3)
    skin = np.array((130, 160, 205), float) * rng.uniform(0.35, 1.05)
    hair = np.array(((25, 30, 40), (50, 75, 110), (110, 150, 180), (140, 140, 140))[rng.integers(4)], float)
    head = hair if from_behind or rng.random() < 0.15 else skin
    bright = light * rng.uniform(0.7, 1.15)
    return tuple(tuple(int(v) for v in np.clip(c * bright, 0, 255)) for c in (shirt, head))


def stands(frame: Panorama, look: ArenaLook, rng: np.random.Generator, seat_rows: int = 21) -> np.ndarray:
    """Paint the far stands with their crowd; returns the panorama, uint8 BGR."""
    canvas = np.zeros((len(frame.tilts), len(frame.pans), 3), np.uint8)
    canvas[:] = [int(v * look.stands_light) for v in (48, 42, 40)]
    pan_low, pan_high = float(frame.pans[0]), float(frame.pans[-1])
    for row in range(seat_rows - 1, -1, -1):
        middle = float(frame.far.mean()) + 1.4 + 0.8 * row
        pan = pan_low + rng.uniform(0, 0.01)
        floor = 0.35 + 0.36 * row
        _step(canvas, frame, row, floor, look)
        while pan < pan_high:
            distance = float(np.interp(pan, frame.pans, frame.far)) + 1.4 + 0.8 * row
            pan += 0.52 / distance * rng.uniform(0.85, 1.2)
            aisle = abs((pan * middle) % 11.0 - 5.5) < 0.6
            if aisle or rng.random() > look.filled:
                continue
            x, y = frame.pixel(pan, distance, floor + 1.2 + rng.normal(0, 0.06) + 0.35 * (rng.random() < 0.04))
            light = look.stands_light * (1.15 - 0.02 * row)
            _fan(canvas, x, y, frame.scale / distance, _random_fan(look, rng, light, False))
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
    for joint in np.arange(1.2, length, 2.44):
        strip[:, int(joint * STRIP_PX_M)] = (strip[:, int(joint * STRIP_PX_M)] * 0.8).astype(np.uint8)
    strip[:cap] = look.cap
    strip[height - kick :] = look.kick
    dirt = cv2.GaussianBlur(rng.normal(0, 1, strip.shape[:2]).astype(np.float32), (0, 0), 3)
    return np.clip(strip + (dirt / dirt.std() * 3)[:, :, None], 0, 255).astype(np.uint8)


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
    z = frame.centre[2] - frame.far[None, :] * np.tan(frame.tilts)[:, None]
    s = np.broadcast_to(frame.far_s[None, :], z.shape)
    rows = np.flatnonzero(((z > -0.1) & (z < height + glass_m + 0.2)).any(axis=1))
    if not len(rows):
        return
    low, high = int(rows[0]), int(rows[-1]) + 1
    z, s, part = z[low:high], s[low:high], canvas[low:high]
    boards = _sample_strip(wall, s, z)
    soft = np.clip((height - z) * frame.scale / frame.far[None, :] + 0.5, 0, 1)[:, :, None]
    glass = ((z >= height) & (z < height + glass_m))[:, :, None]
    tinted = part * (1 - look.glass) + 205 * look.glass
    post = glass[:, :, 0] & (np.abs((s + 0.6) % 1.83 - 0.02) < 0.03)
    tinted[post] = tinted[post] * 0.6 + 70
    edge = (glass_m > 0) & (np.abs(z - height - glass_m) < 0.03)
    out = np.where(glass, tinted, part)
    out[edge] = out[edge] * 0.6 + 75
    canvas[low:high] = np.clip(out * (1 - soft) + boards * soft, 0, 255).astype(np.uint8)


def _ice(canvas: np.ndarray, frame: Panorama, look: ArenaLook, field: Field, wall: np.ndarray) -> None:
    """Warp the picture of the rink into the panorama, three rows to one, with the boards' reflection."""
    texture = paint_rink(field, look.paint, TEXTURE_PX_M)
    base = np.arctan2(frame.centre[2], frame.far)
    first = max(int((base.min() - frame.tilts[0]) * frame.scale), 0)
    sin, cos = np.sin(frame.pans), np.cos(frame.pans)
    block = 200
    fine = (np.arange(block * 3) - 1.0) / 3 / frame.scale
    for start in range(first, len(frame.tilts), block):
        tilt = frame.tilts[start] + fine
        ground = (frame.centre[2] / np.tan(tilt))[:, None]
        map_x = ((frame.centre[0] + ground * sin + field.length_m / 2) * TEXTURE_PX_M - 0.5).astype(np.float32)
        map_y = ((field.width_m / 2 - frame.centre[1] - ground * cos) * TEXTURE_PX_M - 0.5).astype(np.float32)
        ice = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        ice = cv2.resize(ice, (len(frame.pans), block), interpolation=cv2.INTER_AREA)
        stop = min(start + block, len(frame.tilts))
        tilt = frame.tilts[start:stop][:, None]
        below = frame.far[None, :] * np.tan(tilt) - frame.centre[2]
        mirrored = _sample_strip(wall, np.broadcast_to(frame.far_s[None, :], below.shape), np.maximum(below, 0))
        mirrored = cv2.GaussianBlur(mirrored, (0, 0), 4)
        share = (0.22 * np.exp(-np.maximum(below, 0) / 0.8))[:, :, None]
        ice = ice[: stop - start] * (1 - share) + mirrored * share
        cover = np.clip((tilt - base[None, :]) * frame.scale + 0.5, 0, 1)[:, :, None]
        canvas[start:stop] = (ice * cover + canvas[start:stop] * (1 - cover)).astype(np.uint8)


def _near_side(frame: Panorama, look: ArenaLook, rng: np.random.Generator) -> np.ndarray:
    """Near boards from behind, the glass on them, and the heads of the crowd in front."""
    height = BOARD_M + CAP_M
    z = frame.centre[2] - frame.near[None, :] * np.tan(frame.tilts)[:, None]
    canvas = np.zeros((*z.shape, 4), np.uint8)
    glass = (z >= height) & (z < height + GLASS_M)
    canvas[glass] = [int(235 * look.glass)] * 3 + [int(255 * look.glass)]
    s = np.broadcast_to(frame.near_s[None, :], z.shape)
    posts = glass & (np.abs(s % 1.83 - 0.9) < 0.025)
    canvas[posts] = (150, 150, 150, 200)
    canvas[np.abs(z - height - GLASS_M) < 0.02] = (150, 150, 150, 150)
    cover = np.clip((height - z) * frame.scale / frame.near[None, :] + 0.5, 0, 1)
    cap = (z > BOARD_M - 0.12) & (z < height + 0.1)
    colour = np.where(cap[:, :, None], np.array(look.cap), np.array([44, 38, 36]))
    solid = np.dstack([colour, np.full(z.shape, 255)]) * cover[:, :, None]
    canvas = np.clip(solid + canvas * (1 - cover[:, :, None]), 0, 255).astype(np.uint8)
    pan_low, pan_high = float(frame.pans[0]), float(frame.pans[-1])
    for row in range(9):
        pan = pan_low
        floor = 0.12 + 0.38 * row
        while pan < pan_high:
            distance = float(np.interp(pan, frame.pans, frame.near)) - 0.75 - 0.8 * row
            pan += 0.5 / distance * rng.uniform(0.85, 1.2)
            if rng.random() > look.filled:
                continue
            x, y = frame.pixel(pan, distance, floor + 1.2 + rng.normal(0, 0.07))
            if -50 < y < canvas.shape[0] + 50:
                fan = _random_fan(look, rng, 0.75 * look.stands_light + 0.1, True)
                _fan(canvas, x, y, frame.scale / distance, fan, alpha=255)
    return canvas
