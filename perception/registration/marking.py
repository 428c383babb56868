"""Keyframes marked by a landmark model instead of a person: a calibration file that a person can look at and mend."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

import numpy as np

from ontologies import registry
from perception.decode import Video, open_video
from perception.registration.landmarks import LandmarkModel, agreed_homography
from records.calibration import Calibration, FieldChoice, Keyframe
from records.errors import InputError

SIGMA_PX = 3.0  # 1-sigma of the model's marks, pixels of a picture 1280 wide
WIDTH = 1280
DIGITS = 1


def marked(video: str | Path, model: LandmarkModel, every_s: float, field: FieldChoice | None = None) -> Calibration:
    """Return a calibration whose keyframes a model has marked.

    Args:
        video: the footage.
        model: of the landmarks of the sport's field.
        every_s: seconds between two pictures that are looked at.
        field: of which size it is, and which preset's; the model has to know it too.

    Raises:
        InputError: a video that cannot be read, or in no picture enough landmarks that agree on a field.
    """
    source = open_video(video)
    width, height = source.info.width, source.info.height
    frames = tuple(_keyframes(source, model, every_s, registry.field(model.domain, field).landmarks))
    if not frames:
        raise InputError(
            f"no {model.domain} field was found in any picture", str(video), "mark keyframes by hand: calibration=FILE"
        )
    return Calibration(model.domain, field or FieldChoice(), width, height, "ptz", frames)


def _keyframes(source: Video, model: LandmarkModel, every_s: float, named: Container[str]) -> Iterator[Keyframe]:
    wanted = np.arange(source.times[0], source.times[-1] + 1e-9, every_s)
    numbers = np.unique(np.clip(np.searchsorted(source.times, wanted), 0, len(source.times) - 1))
    for frame in source.at(numbers.tolist()):
        height, width = frame.image.shape[:2]
        found = model.find(frame.image)
        agreed = agreed_homography(found, (width, height))
        if agreed is None:
            continue
        points = {
            name: (round(float(u), DIGITS), round(float(v), DIGITS))
            for name, (u, v), kept in zip(found.names, found.pixels, agreed[1], strict=True)
            if kept and name in named
        }
        yield Keyframe(float(frame.t), points, (), SIGMA_PX * width / WIDTH)
