"""Does the calibration fit? Pictures of the keyframes, and of frames between, with the projected field drawn over.

A keyframe's picture shows every mark as a ring with an arrow to where the registration puts it, and how many pixels
that is; red means that it contradicts the other marks by many sigma. Frames between show what the footage really gets:
there the lines come from tracked corners and paint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ontologies.checks import check_calibration
from ontologies.field import Field
from perception.decode import Video, open_video
from perception.motion import MotionTracker
from perception.registration.marks import check_keyframes
from perception.registration.project import FrameRegistration, by_frame
from perception.registration.solve import RegistrationConfig, solve
from perception.shots import shot_numbers
from records.calibration import Calibration, Keyframe, read_calibration
from records.errors import InputError, within

Colour = tuple[int, int, int]  # blue, green, red

PAINT: Colour = (80, 255, 255)
GOOD: Colour = (90, 220, 90)
BAD: Colour = (60, 60, 255)
STEP_M = 0.3  # metres between the points of a projected line
BAD_SIGMA = 5.0  # a mark that is farther off is drawn red
ON_GROUND_M = 1e-6
ENLARGED = 2  # pictures are drawn this many times larger, so that half a pixel can be seen
FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class Mark:
    """A mark of a keyframe: its name, its pixel, and the pixel where the registration puts it."""

    name: str
    at: np.ndarray
    projected: np.ndarray

    @property
    def miss(self) -> float:
        """Pixels between the two."""
        return float(np.linalg.norm(self.projected - self.at))


def calibrate(
    video: Path, calibration_path: Path, out: Path, frames: int = 9, config: RegistrationConfig | None = None
) -> list[Path]:
    """Register a clip and write pictures that show how well it fits.

    Args:
        video: the footage.
        calibration_path: its keyframes.
        out: folder for the pictures; made if it is not there.
        frames: how many pictures besides the keyframes, evenly over the clip.
        config: settings of the registration. Marks that contradict each other are drawn, not refused.

    Returns:
        The pictures in order of time, then `residuals.txt`: every mark with its miss.

    Raises:
        InputError: on a video or calibration that cannot be used.
    """
    calibration = read_calibration(calibration_path)
    field = check_calibration(calibration, str(calibration_path))
    source = open_video(video)
    with within(str(calibration_path)):
        check_keyframes(calibration, source.times, field)
        registered = _register(source, calibration, field, config or RegistrationConfig(contradiction=float("inf")))
    times = {frame: one.t for frame, one in registered.items()}
    keyframes = {min(times, key=lambda frame: abs(times[frame] - key.t)): key for key in calibration.keyframes}
    numbers = sorted(times)
    between = np.linspace(0, len(numbers) - 1, max(frames, 0)).round().astype(int)
    wanted = sorted({numbers[place] for place in between} | set(keyframes))
    out.mkdir(parents=True, exist_ok=True)
    written, lines = [], []
    for frame in source.at(wanted):
        camera = registered[frame.index]
        marks = marks_of(keyframes[frame.index], camera, field) if frame.index in keyframes else []
        sigma = keyframes[frame.index].sigma_px if frame.index in keyframes else 1.0
        kind = "keyframe" if frame.index in keyframes else "between"
        path = out / f"{frame.index:06d}_{kind}.png"
        if not cv2.imwrite(str(path), picture(frame.image, camera, field, marks, sigma)):
            raise InputError("cannot write the picture", where=str(path))
        written.append(path)
        lines += [f"{frame.t:9.3f} s  {mark.miss:6.2f} px  {mark.name}" for mark in marks]
    residuals = out / "residuals.txt"
    residuals.write_text("\n".join([*lines, ""]))
    return [*written, residuals]


def _register(
    source: Video, calibration: Calibration, field: Field, config: RegistrationConfig
) -> dict[int, FrameRegistration]:
    tracker = MotionTracker()
    for frame, shot in shot_numbers(source.frames()):
        boxes = [mask.box for mask in calibration.masks if mask.span.holds(frame.t)]
        tracker.step(frame.image, {"frame": frame.index, "t": frame.t, "shot": shot}, boxes)

    def read(wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        for frame in source.at(wanted):
            yield frame.index, frame.image

    return by_frame(solve(tracker.table(), calibration, field, config, read).registrations)


def marks_of(keyframe: Keyframe, camera: FrameRegistration, field: Field) -> list[Mark]:
    """Every mark of a keyframe, and where the registration of its frame puts it.

    For a mark on a line or circle that is the nearest point of the projected curve.
    """
    if not camera.usable:
        return []
    found = []
    for name, at in keyframe.points.items():
        found.append(Mark(name, np.array(at), camera.to_image(_place(name, camera, field))[0]))
    for line in keyframe.on:
        curve = camera.to_image(field.target(line.line).polyline(0.05))
        curve = curve[np.isfinite(curve).all(axis=1)]
        for at in line.at:
            away = np.linalg.norm(curve - np.array(at), axis=1)
            if len(away):
                found.append(Mark(line.line, np.array(at), curve[np.argmin(away)]))
    return found


def _place(name: str, camera: FrameRegistration, field: Field) -> np.ndarray:
    """A landmark on the ground that the camera found, (1, 2), or above it, (1, 3), metres."""
    x, y, z = field.landmark(name)
    at, up = np.array([[x, y]]), z - float(field.surface(x, y))
    return at if abs(up) < ON_GROUND_M else np.column_stack([at, camera.surface(at) + up])


def picture(
    image: np.ndarray, camera: FrameRegistration, field: Field, marks: Sequence[Mark] = (), sigma_px: float = 1.5
) -> np.ndarray:
    """A picture (H, W, 3) with the field and the marks drawn over it, enlarged."""
    drawn = cv2.resize(image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_LINEAR)
    for points in outlines(field):
        for run in _visible(camera.to_image(points), image.shape):
            cv2.polylines(drawn, [_pixels(run)], False, PAINT, 1, cv2.LINE_AA)
    for mark in marks:
        _draw(drawn, mark, BAD if mark.miss > BAD_SIGMA * sigma_px else GOOD)
    _headline(drawn, camera, marks)
    return drawn


def outlines(field: Field) -> list[np.ndarray]:
    """The paint of a field as polylines (N, 2), metres: both edges of lines, circles, marks, the boundary."""
    shapes = [shape for name in sorted(field.lines) for shape in field.lines[name].edges.values()]
    shapes += [field.circles[name].shape for name in sorted(field.circles)]
    return [
        *(shape.polyline(STEP_M) for shape in (*shapes, field.boundary)),
        *(np.array(mark.points) for mark in field.marks),
    ]


def _visible(uv: np.ndarray, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The runs of points (N, 2) that lie in or near the picture."""
    middle = np.array([shape[1], shape[0]]) / 2
    with np.errstate(invalid="ignore"):
        near = np.isfinite(uv).all(axis=1) & (np.abs(uv - middle) < 2 * middle).all(axis=1)
    edges = np.nonzero(np.diff(near.astype(int)))[0] + 1
    return [
        part for part, here in zip(np.split(uv, edges), np.split(near, edges), strict=True) if len(part) > 1 and here[0]
    ]


def _pixels(uv: np.ndarray) -> np.ndarray:
    return np.round((uv + 0.5) * ENLARGED - 0.5).astype(np.int32)


def _draw(image: np.ndarray, mark: Mark, colour: Colour) -> None:
    at = _pixels(mark.at)
    cv2.circle(image, (int(at[0]), int(at[1])), 6, colour, 1, cv2.LINE_AA)
    if np.isfinite(mark.projected).all():
        to = _pixels(mark.projected)
        cv2.arrowedLine(image, (int(at[0]), int(at[1])), (int(to[0]), int(to[1])), colour, 1, cv2.LINE_AA, 0, 0.3)
        cv2.putText(image, f"{mark.miss:.1f}", (int(at[0]) + 9, int(at[1]) - 5), FONT, 0.4, colour, 1, cv2.LINE_AA)


def _headline(image: np.ndarray, camera: FrameRegistration, marks: Sequence[Mark]) -> None:
    text = f"frame {camera.frame}  {camera.t:.3f} s  {camera.status}"
    if camera.usable and camera.covariance is not None:
        height, width = image.shape[0] / ENLARGED, image.shape[1] / ENLARGED
        spread = camera.covariance_at(np.array([[width / 2, height / 2]]))[0]
        text += f"  1 sigma in the middle {100 * np.sqrt(max(np.trace(spread), 0.0)):.0f} cm"
    if marks:
        misses = [mark.miss for mark in marks]
        text += f"  marks: median {np.median(misses):.1f} px, worst {max(misses):.1f} px"
    cv2.rectangle(image, (0, 0), (image.shape[1], 30), (0, 0, 0), -1)
    cv2.putText(image, text, (10, 21), FONT, 0.6, (255, 255, 255), 1, cv2.LINE_AA)
