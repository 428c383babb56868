"""Pictures of a play: background panorama, figures from far to near, near boards, lens and sensor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simulation.ahead import ahead
from simulation.arena import Arena
from simulation.camera import View
from simulation.figures import Body, Patch, paint_net, paint_people, smear

BallPainter = Callable[[tuple[float, ...], View, np.ndarray], Patch | None]

FOLDS_PX = 2.5  # of the cloth, in the picture
GRAIN = (900, 1600)  # rows and columns of the noise, of which each picture takes a part
PUCK_M = 0.0762
PUCK_THICK_M = 0.0254


@dataclass(frozen=True)
class Sensor:
    """What the camera and the broadcast do to the light.

    Attributes:
        exposure_s: seconds that the shutter is open.
        noise: standard deviation of the noise, grey levels.
        soften: standard deviation of the lens blur, pixels.
        gain: multiplies the picture.
        offset: added to the picture, grey levels.
        saturation: 1 leaves colours alone.
        sharpen: strength of the broadcast's edge enhancement.
    """

    exposure_s: float = 0.008
    noise: float = 2.0
    soften: float = 0.5
    gain: float = 1.0
    offset: float = 0.0
    saturation: float = 1.0
    sharpen: float = 0.3


@dataclass(frozen=True)
class Bug:
    """The scorebug: drawn-on graphics with a clock.

    Attributes:
        names: of the two teams.
        score: goals of each.
        period: as it is shown.
        clock_s: seconds left when the clip starts.
        running: the clock counts down.
        left: of the box, pixels.
        top: of the box, pixels.
    """

    names: tuple[str, str] = ("NOR", "HAL")
    score: tuple[int, int] = (1, 1)
    period: str = "2nd"
    clock_s: float = 754.0
    running: bool = True
    left: int = 350
    top: int = 26

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Pixels x1, y1, x2, y2."""
        return self.left, self.top, self.left + 560, self.top + 40


@dataclass(frozen=True)
class Shown:
    """Truth of one object in a picture.

    Attributes:
        entity: id.
        kind: `player`, `goalie`, `official`, `staff`, `puck` or `ball`.
        box: of the whole body without the stick, hidden parts included, pixels x1, y1, x2, y2; not clipped.
        ground: pixel of the ground point (the puck's centre).
        visible: share of the painted pixels that nothing hides and that lie in the picture.
    """

    entity: str
    kind: str
    box: tuple[float, float, float, float]
    ground: tuple[float, float]
    visible: float


@dataclass(frozen=True)
class Still:
    """What stands still, as one picture shows it.

    Attributes:
        behind: uint8 (height, width, 4), BGR and a byte that is not used.
        front: uint8 BGRA, premultiplied, from row ``front_top`` on: what lies before the play.
        front_top: first row of it.
    """

    behind: np.ndarray
    front: np.ndarray
    front_top: int


class Renderer:
    """Paints pictures of one arena.

    Args:
        arena: the still world.
        sensor: the camera's sensor.
        goals_x: x of the lines at which hockey's nets stand, field metres.
        seed: of folds and noise.
        ball: paints the ball; None: hockey's puck.
        mirrors: whether the ground mirrors, as ice and polished wood do.
    """

    def __init__(
        self,
        arena: Arena,
        sensor: Sensor,
        goals_x: Sequence[float],
        seed: int = 0,
        ball: BallPainter | None = None,
        mirrors: bool = True,
    ) -> None:
        self.arena, self.sensor, self.goals_x = arena, sensor, tuple(goals_x)
        self._ball, self._small = (paint_puck, "puck") if ball is None else (ball, "ball")
        self._under = _mirror if mirrors else _shadow
        self._rng = np.random.default_rng(seed)
        wave = cv2.GaussianBlur(self._rng.standard_normal((1024, 1024), np.float32), (0, 0), FOLDS_PX)
        self._folds = cv2.convertScaleAbs(wave, alpha=12 / float(wave.std()), beta=128)
        luma, chroma = (self._rng.standard_normal((*GRAIN, n), np.float32) * sensor.noise for n in (1, 3))
        grain = np.rint(luma + 0.5 * chroma)
        self._lighter, self._darker = (np.clip(sign * grain, 0, 127).astype(np.uint8) for sign in (1, -1))

    def picture(
        self,
        view: View,
        figures: Sequence[Body],
        puck: tuple[float, ...] | None,
        motion: tuple[np.ndarray, np.ndarray] | None = None,
        still: Still | None = None,
    ) -> tuple[np.ndarray, list[Shown]]:
        """Paint one picture.

        Args:
            view: the camera.
            figures: everybody.
            puck: the ball or puck, field metres, (x, y) or (x, y, z), or None.
            motion: pixels a second of the still world in the picture (2,) and field metres a second of the puck (2,).
            still: what stands still, where it has been looked up before; it is painted over.

        Returns:
            uint8 BGR picture (height, width, 3) and the truth of everything in it, far to near.
        """
        camera_motion, puck_velocity = motion if motion is not None else (np.zeros(2), np.zeros(2))
        still = still or self.still(view, camera_motion)
        world, front = still.behind, still.front
        patches = self._patches(view, figures, puck, puck_velocity)
        shown = _truth(patches, view, still.front_top, front)
        for _, patch in patches:
            self._under(world, patch, view)
        for _, patch in patches:
            paste(world, patch)
        if len(front):
            lay_over(world[still.front_top :], front)
        return self._sense(cv2.cvtColor(world, cv2.COLOR_BGRA2BGR)), shown

    def still(self, view: View, camera_motion: np.ndarray) -> Still:
        """Look up what stands still, smeared by the camera's motion: pixels a second, shape (2,)."""
        map_x, map_y = self.arena.maps(view)
        moved = camera_motion * self.sensor.exposure_s
        behind = cv2.remap(self.arena.background, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        front_top, front = self._front(map_x, map_y, moved)
        return Still(smear(behind, moved, cv2.BORDER_REFLECT), front, front_top)

    def _patches(
        self, view: View, figures: Sequence[Body], puck: tuple[float, ...] | None, puck_velocity: np.ndarray
    ) -> list[tuple[Body | str, Patch]]:
        """Everything that moves, far to near."""
        found: list[tuple[Body | str, Patch]] = []
        patches = paint_people(figures, view, self._folds, self.sensor.exposure_s)
        for figure, patch in zip(figures, patches, strict=True):
            if patch is not None:
                found.append((figure, patch))
        for x in self.goals_x:
            net = paint_net(x, view)
            if net is not None:
                found.append(("net", net))
        if puck is not None:
            patch = self._ball(puck, view, puck_velocity * self.sensor.exposure_s)
            if patch is not None:
                if self._small == "puck":
                    patch.depth = _puck_depth(patch, found)
                found.append((self._small, patch))
        return sorted(found, key=lambda pair: -pair[1].depth)

    def _front(self, map_x: np.ndarray, map_y: np.ndarray, moved: np.ndarray) -> tuple[int, np.ndarray]:
        """First row of the foreground in this picture and the foreground from there on."""
        if self.arena.foreground_top >= len(self.arena.background):
            return len(map_y), np.zeros((0, map_y.shape[1], 4), np.uint8)
        rows = np.flatnonzero(map_y.max(axis=1) >= self.arena.foreground_top - 1)
        top = int(rows[0]) if len(rows) else map_y.shape[0]
        if top == map_y.shape[0]:
            return top, np.zeros((0, map_y.shape[1], 4), np.uint8)
        front = cv2.remap(
            self.arena.foreground, map_x[top:], map_y[top:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        return top, smear(front, moved, cv2.BORDER_REFLECT)

    def _sense(self, picture: np.ndarray) -> np.ndarray:
        sensor = self.sensor
        if sensor.soften > 0.2:
            picture = cv2.GaussianBlur(picture, (0, 0), sensor.soften)
        if sensor.sharpen > 0:
            soft = cv2.blur(picture, (5, 5))
            picture = cv2.addWeighted(picture, 1 + sensor.sharpen, soft, -sensor.sharpen, 0)
        if sensor.saturation != 1:
            grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            picture = cv2.addWeighted(picture, sensor.saturation, grey, 1 - sensor.saturation, 0)
        if sensor.gain != 1 or sensor.offset != 0:
            picture = cv2.convertScaleAbs(picture, alpha=sensor.gain, beta=sensor.offset)
        if sensor.noise > 0:
            height, width = picture.shape[:2]
            y, x = int(self._rng.integers(GRAIN[0] - height + 1)), int(self._rng.integers(GRAIN[1] - width + 1))
            part = (slice(y, y + height), slice(x, x + width))
            picture = cv2.subtract(cv2.add(picture, self._lighter[part]), self._darker[part])
        return picture


def stills(
    renderers: Sequence[Renderer], shown: Iterable[tuple[int, bool, View, np.ndarray]]
) -> Iterator[tuple[int, bool, View, Still]]:
    """Look up what stands still in one picture after the other, while those before are painted.

    Args:
        renderers: of the main camera and of close-ups.
        shown: for each picture the play's instant, whether it is a close-up, the view, and how fast the still world
            moves in it, pixels a second.
    """
    return ahead((index, near, view, renderers[near].still(view, moved)) for index, near, view, moved in shown)


def paint_puck(xy: tuple[float, ...], view: View, smear_m: np.ndarray) -> Patch | None:
    """Paint the puck lying on the ice, smeared along its motion (field metres while the shutter is open)."""
    rim = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    disc = np.column_stack([np.cos(rim), np.sin(rim)]) * PUCK_M / 2
    at = np.asarray(xy, float)
    rings = [
        np.column_stack([at + disc + k * smear_m, np.full(16, z)]) for k in (-0.5, 0.5) for z in (0.0, PUCK_THICK_M)
    ]
    outline = view.to_image(np.vstack(rings))
    low, high = np.floor(outline.min(axis=0)) - 2, np.ceil(outline.max(axis=0)) + 2
    if not np.isfinite(outline).all() or high[0] < 0 or high[1] < 0 or low[0] >= view.width or low[1] >= view.height:
        return None
    still = view.to_image(np.vstack([np.column_stack([at + disc, np.full(16, z)]) for z in (0.0, PUCK_THICK_M)]))
    width = max(float(np.ptp(outline[:, 0])), float(np.ptp(outline[:, 1])), 1.0)
    sharp = max(float(np.ptp(still[:, 0])), 1.0)
    solid = int(255 * min(1.0, 1.25 * sharp / width))  # the same light, spread over the smear
    size = ((high - low) * 4).astype(int)
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    hull = cv2.convexHull(outline.astype(np.float32))[:, 0]
    fixed = np.round(((hull - low) * 4 + 1.5) * 16).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, (int(22 * solid / 255),) * 3 + (solid,), cv2.LINE_AA, 4)
    image = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    depth = float(view.to_camera(np.array([[*xy, 0.0]]))[0, 2])
    extent = [float(v) for v in (*outline.min(axis=0), *outline.max(axis=0))]
    return Patch(image, int(low[0]), int(low[1]), (extent[0], extent[1], extent[2], extent[3]), depth)


def _puck_depth(puck: Patch, found: Sequence[tuple[Body | str, Patch]]) -> float:
    """Depth that hides the puck behind nearer bodies but not behind the sticks that play it."""
    x, y = (puck.box[0] + puck.box[2]) / 2, (puck.box[1] + puck.box[3]) / 2
    hiding = [
        patch.depth
        for what, patch in found
        if what != "net" and patch.depth < puck.depth
        and patch.box[0] <= x <= patch.box[2] and patch.box[1] <= y <= patch.box[3]
    ]  # fmt: skip
    return max(hiding) + 1e-3 if hiding else 0.0


def lay_over(under: np.ndarray, over: np.ndarray) -> None:
    """Lay a premultiplied BGRA picture over a BGR or BGRA picture of the same size, in place."""
    keep = cv2.bitwise_not(cv2.extractChannel(over, 3))
    channels = under.shape[2]
    cv2.multiply(under, cv2.merge([keep] * channels), dst=under, scale=1 / 255)
    cv2.add(under, over if channels == 4 else cv2.cvtColor(over, cv2.COLOR_BGRA2BGR), dst=under)


def _overlap(patch: Patch, width: int, height: int) -> tuple[slice, slice, slice, slice] | None:
    h, w = patch.image.shape[:2]
    x0, y0, x1, y1 = max(patch.left, 0), max(patch.top, 0), min(patch.left + w, width), min(patch.top + h, height)
    if x1 <= x0 or y1 <= y0:
        return None
    return (
        slice(y0, y1), slice(x0, x1), slice(y0 - patch.top, y1 - patch.top), slice(x0 - patch.left, x1 - patch.left),
    )  # fmt: skip


def paste(picture: np.ndarray, patch: Patch) -> None:
    """Lay a patch over the picture, in place."""
    cut = _overlap(patch, picture.shape[1], picture.shape[0])
    if cut is not None:
        lay_over(picture[cut[0], cut[1]], patch.image[cut[2], cut[3]])


def _shadow(picture: np.ndarray, patch: Patch, view: View) -> None:
    """Soft shadow on the grass under a figure, away from the far lights."""
    x1, y1, x2, y2 = patch.box
    width, height = x2 - x1, y2 - y1
    if width < 3:
        return
    reach = max(int(0.42 * height), 4)
    axes = max(int(0.42 * width), 1), max(int(0.16 * height), 1)
    canvas = _spot((int(1.6 * width) + 8, reach), axes, max(int(0.1 * height) | 1, 3))
    paste(picture, Patch(canvas, int((x1 + x2) / 2 - canvas.shape[1] / 2), int(y2 - reach / 2), patch.box, patch.depth))


@functools.lru_cache(maxsize=512)
def _spot(size: tuple[int, int], axes: tuple[int, int], soft: int) -> np.ndarray:
    """Return a soft dark ellipse in the middle of a patch of so many columns and rows; many people's are alike."""
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    cv2.ellipse(canvas, (size[0] // 2, size[1] // 2), axes, 0, 0, 360, (0, 0, 0, 105), -1, cv2.LINE_AA)
    return cv2.blur(canvas, (soft, soft))


def _mirror(picture: np.ndarray, patch: Patch, view: View) -> None:
    """A faint mirror image on the ice under a figure."""
    x1, y1, x2, y2 = patch.box
    width, height = x2 - x1, y2 - y1
    if width < 12:
        return
    body = patch.image[: max(int(y2) - patch.top, 2)][::-1]
    mirrored = cv2.resize(body, (body.shape[1], max(int(0.5 * len(body)), 2)))
    mirrored = cv2.blur(mirrored[: max(int(0.45 * height), 2)], (5, 9), borderType=cv2.BORDER_CONSTANT)
    fade = np.linspace(0.3, 0.0, len(mirrored), dtype=np.float32)[:, None, None]
    mirrored = (mirrored * fade).astype(np.uint8)
    paste(picture, Patch(mirrored, patch.left, int(y2) - 3, patch.box, patch.depth))


def _truth(patches: list[tuple[Body | str, Patch]], view: View, front_top: int, front: np.ndarray) -> list[Shown]:
    taken = np.zeros((view.height, view.width), bool)
    if len(front):
        taken[front_top:] = front[:, :, 3] > 150
    shown: list[Shown] = []
    grounds = _grounds(patches, view)
    for what, patch in reversed(patches):
        solid = cv2.extractChannel(patch.image, 3) > 100
        cut = _overlap(patch, view.width, view.height)
        free = 0
        if cut is not None:
            inside, before = solid[cut[2], cut[3]], taken[cut[0], cut[1]]
            free = int(np.count_nonzero(inside & ~before))
            if what != "net":
                before |= inside
        if what == "net":
            continue
        share = free / max(int(np.count_nonzero(solid)), 1)
        x1, y1, x2, y2 = patch.box
        if not isinstance(what, str):
            shown.append(Shown(what.entity, what.kind, patch.box, grounds[what.entity], share))
        else:
            shown.append(Shown(what, what, patch.box, ((x1 + x2) / 2, (y1 + y2) / 2), share))
    return shown[::-1]


def _grounds(patches: list[tuple[Body | str, Patch]], view: View) -> dict[str, tuple[float, float]]:
    """Return the pixels of people's ground points."""
    people = [what for what, _ in patches if not isinstance(what, str)]
    pixels = view.to_image(np.array([(*one.xy, 0.0) for one in people]).reshape(-1, 3)).tolist()
    return {one.entity: (x, y) for one, (x, y) in zip(people, pixels, strict=True)}


def draw_bug(picture: np.ndarray, bug: Bug, t: float) -> None:
    """Draw the scorebug at a time (seconds since the clip's start), in place."""
    x1, y1, x2, y2 = bug.box
    left = bug.clock_s - (t if bug.running else 0.0)
    cv2.rectangle(picture, (x1, y1), (x2, y2), (52, 34, 22), -1)
    cv2.rectangle(picture, (x1, y1), (x2, y1 + 3), (190, 150, 60), -1)
    cv2.rectangle(picture, (x2 - 175, y1 + 4), (x2, y2), (90, 62, 40), -1)
    font = cv2.FONT_HERSHEY_DUPLEX
    white = (245, 245, 245)
    for i, (name, score) in enumerate(zip(bug.names, bug.score, strict=True)):
        x = x1 + 14 + 190 * i
        cv2.putText(picture, name, (x, y2 - 11), font, 0.8, white, 2, cv2.LINE_AA)
        cv2.rectangle(picture, (x + 120, y1 + 7), (x + 158, y2 - 4), (235, 235, 235), -1)
        cv2.putText(picture, str(score), (x + 130, y2 - 11), font, 0.8, (30, 20, 20), 2, cv2.LINE_AA)
    clock = f"{bug.period} {int(left) // 60:02d}:{int(left) % 60:02d}"
    cv2.putText(picture, clock, (x2 - 165, y2 - 11), font, 0.75, white, 2, cv2.LINE_AA)
