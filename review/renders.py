"""Contact sheets of rendered plays: what each sport looks like from each camera, in different places and light."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from records.errors import InputError
from records.names import unknown
from simulation.clips import CAMERAS_OF, Clip
from simulation.plays.registry import DOMAINS, cases, draw

COLUMNS, ROWS = 3, 2
THUMB = (480, 270)
JPEG_QUALITY = 82
STRIDE = 7  # cases between two pictures of a sheet
MOMENT = 0.6  # of a play's length


def sheet(domain: str, camera: str) -> np.ndarray:
    """Return frames of plays of different cases in different looks as one picture, uint8 BGR.

    Args:
        domain: sport.
        camera: one that it has.
    """
    names = sorted(cases(domain))
    pictures = []
    for number in range(COLUMNS * ROWS):
        play = draw(domain, names[(STRIDE * number + 1) % len(names)], None, number)
        at = int(MOMENT * (len(play.t) - 1))
        shot = next(Clip(play, camera, 100 + number).shots(range(at, at + 1)))
        pictures.append(cv2.resize(shot.image, THUMB, interpolation=cv2.INTER_AREA))
    rows = [np.hstack(pictures[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS)]
    return np.vstack(rows)


def write_sheets(folder: Path, domains: Sequence[str] = ()) -> list[Path]:
    """Write ``<sport>-<camera>.jpg`` for every sport and camera, or for some sports only; return the files.

    Raises:
        InputError: there is no such sport, or the folder cannot be written.
    """
    for domain in domains:
        if domain not in DOMAINS:
            raise unknown("domain", domain, DOMAINS)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for domain in domains or DOMAINS:
        for camera in CAMERAS_OF[domain]:
            path = folder / f"{domain}-{camera}.jpg"
            if not cv2.imwrite(str(path), sheet(domain, camera), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]):
                raise InputError("the picture cannot be written", str(path), "check the folder")
            written.append(path)
    return written
