"""Keyframes marked by a landmark model instead of a person: a calibration file that a person can look at and mend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from ontologies import registry
from ontologies.field import Field
from perception.decode import Video, open_video
from perception.models import locate
from perception.registration.landmarks import LEAST_POINTS, LandmarkModel, Landmarks, agreed_homography
from perception.registration.project import FrameRegistration, by_frame
from perception.registration.sizing import sized
from perception.registration.solve import RegistrationConfig, solve
from perception.runtime import open_session
from records.calibration import Calibration, FieldChoice, Keyframe, write_calibration
from records.errors import InputError
from records.tables import table

SIGMA_PX = 3.0  # 1-sigma of the model's marks, pixels of a picture 1280 wide
FAR_SIGMA = 4.0  # a mark so far from where one camera sees the landmark is on something else
ROUNDS = 8  # of leaving out the worst marks
WIDTH = 1280
DIGITS = 1
MATRIX = tuple(f"h{row}{column}" for row in range(3) for column in range(3))


def marked(video: str | Path, model: LandmarkModel, every_s: float, field: FieldChoice | None = None) -> Calibration:
    """Return a calibration whose keyframes a model has marked.

    Args:
        video: the footage.
        model: of the landmarks of the sport's field.
        every_s: seconds between two pictures that are looked at.
        field: of which size it is, where that is known, and which preset's; the model has to know that one.

    Raises:
        InputError: a video that cannot be read, or in no picture enough landmarks that agree on a field.
    """
    source = open_video(video)
    width, height = source.info.width, source.info.height
    looks = list(_looks(source, model, every_s))
    choice = sized(model.domain, field or FieldChoice(), [look for _, look in looks], width)
    what = registry.field(model.domain, choice)
    frames = tuple(_keyframes(looks, what, (width, height)))
    found = consistent(Calibration(model.domain, choice, width, height, "ptz", frames), what)
    if not found.keyframes:
        raise InputError(
            f"no {model.domain} field was found in any picture", str(video), "mark keyframes by hand: calibration=FILE"
        )
    return found


def consistent(calibration: Calibration, what: Field) -> Calibration:
    """Leave out the marks that one camera, which turns and zooms from its place, cannot have seen where they are.

    Args:
        calibration: keyframes of one camera.
        what: the field.

    Returns:
        The calibration with the other marks, and with the keyframes that still have ``LEAST_POINTS`` of them.
    """
    config = RegistrationConfig(contradiction=math.inf)
    for _ in range(ROUNDS):
        if not calibration.keyframes:
            break
        cameras = by_frame(solve(_unlinked(calibration), calibration, what, config).registrations)
        kept = tuple(_nearer(frame, cameras[i], what) for i, frame in enumerate(calibration.keyframes))
        if kept == calibration.keyframes:
            break
        calibration = replace(calibration, keyframes=tuple(one for one in kept if len(one.points) >= LEAST_POINTS))
    return calibration


def _unlinked(calibration: Calibration) -> pa.Table:
    """Return a ``motion`` table of the keyframes alone, between which nothing is known of how the picture moved."""
    frames = range(len(calibration.keyframes))
    none = {name: [None for _ in frames] for name in ("from_frame", *MATRIX, "residual_px", "support")}
    known = {"frame": list(frames), "t": [one.t for one in calibration.keyframes], "shot": [0 for _ in frames]}
    return table("motion", known | none | {"inliers": [0 for _ in frames]})


def _nearer(frame: Keyframe, camera: FrameRegistration, what: Field) -> Keyframe:
    """Return a keyframe without its farthest marks, those more than half as far off as the farthest one of all."""
    if not camera.usable:
        return replace(frame, points={})
    misses = {
        name: float(np.hypot(*(camera.to_image(np.array([what.landmarks[name][:2]]))[0] - at)))
        for name, at in frame.points.items()
    }
    limit = max(FAR_SIGMA * frame.sigma_px, 0.5 * max(misses.values()))
    return replace(frame, points={name: at for name, at in frame.points.items() if misses[name] <= limit})


def mark(video: str | Path, landmarks: str, every_s: float, field: FieldChoice, out: Path, domain: str | None) -> Path:
    """Let a landmark model mark keyframes, and write them as a calibration file.

    Args:
        video: the footage.
        landmarks: the model: a path, or the name of one that ships with this package.
        every_s: seconds between two pictures that are looked at.
        field: of which size the field is, where that is known, and which preset's.
        out: the calibration file.
        domain: of which sport the model has to be; None: of any.

    Raises:
        InputError: no such model, one of another sport, or no field is found.
    """
    session = open_session(locate(landmarks, landmarks, "landmarks="), "auto")
    sport = LandmarkModel(session).domain
    if domain not in (None, sport):
        raise InputError(f"the landmark model is of {sport}, not {domain}", landmarks, "choose another with landmarks=")
    model = LandmarkModel(session, registry.field(sport, field).landmarks)
    calibration = marked(video, model, every_s, field)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_calibration(out, calibration)
    return out


def _looks(source: Video, model: LandmarkModel, every_s: float) -> Iterator[tuple[float, Landmarks]]:
    """Yield when the model looks, and what it finds, where that is enough to be wrong."""
    wanted = np.arange(source.times[0], source.times[-1] + 1e-9, every_s)
    numbers = np.unique(np.clip(np.searchsorted(source.times, wanted), 0, len(source.times) - 1))
    for frame in source.at(numbers.tolist()):
        found = model.find(frame.image)
        if len(found.names) >= LEAST_POINTS:
            yield float(frame.t), found


def _keyframes(looks: Sequence[tuple[float, Landmarks]], what: Field, size: tuple[int, int]) -> Iterator[Keyframe]:
    """Yield the marks of each look that agree on a homography to the field."""
    for t, found in looks:
        places = np.array([what.landmarks[name][:2] for name in found.names])
        agreed = agreed_homography(replace(found, field=places), size)
        if agreed is None:
            continue
        points = {
            name: (round(float(u), DIGITS), round(float(v), DIGITS))
            for name, (u, v), kept in zip(found.names, found.pixels, agreed[1], strict=True)
            if kept
        }
        yield Keyframe(t, points, (), SIGMA_PX * size[0] / WIDTH)
