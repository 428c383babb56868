"""Cameras with exact truth that look at a field: what the registration's tests compare with."""

from dataclasses import dataclass, replace

import numpy as np

from ontologies import football, hockey
from ontologies.field import Field, crown
from perception.registration.camera import (
    ARM,
    CAMERA_X,
    CAMERA_Z,
    CROWN,
    LENS,
    LOG_FOCAL,
    PAN,
    ROLL,
    SIZE,
    TILT,
    on_surface,
    project,
    rays,
)
from records.calibration import Calibration, Keyframe, OnLine
from records.scene import FieldChoice
from records.tables import table

WIDTH, HEIGHT = 1280, 720
CENTRE = (0.5 * (WIDTH - 1), 0.5 * (HEIGHT - 1))
RATE = 25.0


@dataclass(frozen=True)
class Shot:
    """A field, the true camera vectors (N, 10) and the times (N,) of a shot."""

    field: Field
    cameras: np.ndarray
    times: np.ndarray

    def rise(self, x, y):
        return crown(1.0, self.field.width_m, x, y)

    def pixels(self, frame, xy):
        """True pixels (M, 2) of field points (M, 2); nan outside of the picture."""
        xy = np.atleast_2d(xy)
        camera = np.tile(self.cameras[frame], (len(xy), 1))
        height = self.cameras[frame, CROWN] * self.rise(*xy.T)
        uv = project(camera, np.column_stack([xy, height]), CENTRE).uv
        inside = (uv > 0).all(1) & (uv < (WIDTH - 1, HEIGHT - 1)).all(1)
        return np.where(inside[:, None], uv, np.nan)

    def pixels_above(self, frame, xyz):
        """True pixels (M, 2) of points (M, 3), heights above a ground without a crown, outside of the picture too."""
        camera = np.tile(self.cameras[frame], (len(xyz), 1))
        height = xyz[:, 2] + self.cameras[frame, CROWN] * self.rise(*xyz[:, :2].T)
        return project(camera, np.column_stack([xyz[:, :2], height]), CENTRE).uv

    def ground(self, frame, uv):
        """True field points (M, 2) under pixels (M, 2)."""
        camera = np.tile(self.cameras[frame], (len(uv), 1))
        return on_surface(camera, rays(camera, np.asarray(uv, float), CENTRE), self.rise)[:, :2]

    def motion(self, noise_px=0.05, seed=0, broken=()):
        """The motion table of an ideal tracker: links of one and of ten frames; none into `broken` frames."""
        rng, rows = np.random.default_rng(seed), []
        for frame in range(len(self.times)):
            sources = [frame - 1] if frame else [None]
            sources += [frame - 10] if frame >= 10 and frame % 10 == 0 else []
            for source in sources:
                row = {"frame": frame, "t": self.times[frame], "shot": 0, "inliers": 0}
                if source is not None and not any(source < one <= frame for one in broken):
                    shift = rng.normal(0.0, noise_px, 2)
                    matrix = self._homography(source, frame, shift)
                    row |= {f"h{i}{j}": matrix[i, j] for i in range(3) for j in range(3)}
                    row |= {"from_frame": source, "inliers": 200, "residual_px": 0.2}
                rows.append(row)
        names = sorted({name for row in rows for name in row})
        return table("motion", {name: [row.get(name) for row in rows] for name in names})

    def _homography(self, first, second, shift):
        """The homography that fits best where pixels of one frame go in another, stands far behind the field."""
        import cv2

        grid = np.stack(np.meshgrid(np.linspace(60, WIDTH - 60, 8), np.linspace(60, HEIGHT - 60, 6)), -1).reshape(-1, 2)
        one, two = (np.tile(self.cameras[frame], (len(grid), 1)) for frame in (first, second))
        direction = rays(one, grid, CENTRE)
        ground = on_surface(one, direction, self.rise)
        far = one[:, CAMERA_X : CAMERA_Z + 1] + direction * (90.0 / np.linalg.norm(direction, axis=1))[:, None]
        point = np.where(np.isfinite(ground[:, :1]) & (np.abs(ground[:, 1:2]) < 40), ground, far)
        seen = project(two, point, CENTRE).uv + shift
        return cv2.findHomography(grid, seen, 0)[0]

    def calibration(self, frames, noise_px=0.5, seed=1, lines=True, mode="ptz"):
        """Keyframes in which every visible landmark (at most 8) and some points on lines are marked."""
        rng, keyframes = np.random.default_rng(seed), []
        for frame in frames:
            names = [name for name, at in sorted(self.field.landmarks.items()) if self._on_ground(at)]
            uv = self.pixels(frame, np.array([self.field.landmarks[name][:2] for name in names]))
            seen = np.nonzero(np.isfinite(uv[:, 0]))[0]
            seen = seen[:: max(1, len(seen) // 8)]
            points = {names[one]: _clicked(uv[one], rng, noise_px) for one in seen}
            on = tuple(self._marked_lines(frame, rng, noise_px)) if lines else ()
            keyframes.append(Keyframe(float(self.times[frame]), points, on, max(noise_px, 0.1)))
        domain = self.field.domain
        return Calibration(domain, FieldChoice(), WIDTH, HEIGHT, mode, tuple(keyframes))

    def _on_ground(self, at):
        return abs(at[2] - float(self.field.surface(at[0], at[1]))) < 1e-6

    def _marked_lines(self, frame, rng, noise_px):
        for name, line in sorted(self.field.lines.items()):
            uv = self.pixels(frame, line.shape.polyline(1.0))
            uv = uv[np.isfinite(uv[:, 0])]
            if len(uv) >= 4:
                spread = uv[np.linspace(0, len(uv) - 1, 4).astype(int)]
                yield OnLine(name, tuple(_clicked(at, rng, noise_px) for at in spread))

    def render(self, frame, noise=3.0, seed=2):
        """The painted field as this camera sees it, uint8 BGR; beyond the boundary there is grey texture."""
        grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), -1).reshape(-1, 2)
        ground = self.ground(frame, grid)
        step = np.linalg.norm(ground - np.roll(ground, -1, axis=0), axis=1)
        size = np.nan_to_num(np.clip(step, 0.005, 1.0), nan=1.0)
        rng = np.random.default_rng(seed)
        image = np.tile(_bgr(self.field.ground), (len(grid), 1))
        x, y = np.nan_to_num(ground, nan=1e6).T
        outside = self.field.boundary.distance(x, y) < 0
        image[outside] = rng.integers(40, 120, (int(outside.sum()), 1))
        for line in self.field.lines.values():
            if line.name.startswith("hash_"):
                continue
            one, two = line.edges.values()
            across = np.minimum(one.distance(x, y), -two.distance(x, y))
            across = np.maximum(across, np.minimum(two.distance(x, y), -one.distance(x, y)))
            near = np.nonzero(across > -1.0)[0]
            _blend(image, near, line.paint.distance(x[near], y[near]), size, line.colour)
        for circle in self.field.circles.values():
            distance = circle.shape.distance(x, y)
            inside = distance if circle.filled else circle.width_m / 2 - np.abs(distance)
            near = np.nonzero(inside > -1.0)[0]
            _blend(image, near, inside[near], size, circle.colour)
        image += noise * rng.choice(rng.normal(size=4096), image.shape)
        return np.clip(image, 0, 255).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)


def _clicked(at, rng, noise_px):
    return tuple(np.clip(at + rng.normal(0, noise_px, 2), 0, (WIDTH - 1, HEIGHT - 1)).tolist())


def _bgr(colour):
    return np.array([int(colour[place : place + 2], 16) for place in (5, 3, 1)], float)


def _blend(image, where, inside, size, colour):
    share = np.clip(inside / size[where] + 0.5, 0.0, 1.0)[:, None]
    image[where] += share * (_bgr(colour) - image[where])


def hockey_shot(frames=60, arm=0.3):
    """A camera above the stands that follows the play from one zone to the other and zooms."""
    t = np.arange(frames) / RATE
    cameras = np.zeros((frames, SIZE))
    cameras[:, PAN] = -0.45 + 0.9 * t / max(t[-1], 1e-9)
    cameras[:, TILT] = 0.27 + 0.02 * np.sin(2 * t)
    cameras[:, LOG_FOCAL] = np.log(1700.0) + 0.1 * np.sin(1.5 * t)
    cameras[:, ROLL], cameras[:, LENS], cameras[:, ARM] = 0.008, 0.02, arm
    cameras[:, CAMERA_X : CAMERA_Z + 1] = (1.5, -36.0, 12.0)
    return Shot(hockey.field("nhl"), cameras, t)


def football_shot(frames=50, crown_m=0.3):
    """A camera far away and high that sees yard lines and hash marks, zooming in."""
    t = np.arange(frames) / RATE
    cameras = np.zeros((frames, SIZE))
    cameras[:, PAN] = -0.12 + 0.05 * t
    cameras[:, TILT] = 0.36 + 0.01 * t
    cameras[:, LOG_FOCAL] = np.log(3600.0) + 0.12 * t
    cameras[:, ROLL], cameras[:, LENS], cameras[:, ARM], cameras[:, CROWN] = -0.005, 0.03, 0.3, crown_m
    cameras[:, CAMERA_X : CAMERA_Z + 1] = (-4.0, -80.0, 31.0)
    return Shot(football.field("ncaa"), cameras, t)


def still(shot):
    """The same shot by a camera that stands still."""
    return replace(shot, cameras=np.tile(shot.cameras[len(shot.times) // 2], (len(shot.times), 1)))
