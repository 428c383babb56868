"""What a run will cost, said before it starts, and the caps that refuse what would not fit."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from records.errors import InputError

FRAMES_IN_FLIGHT = 24  # decoded pictures that decoder, detector and encoder hold together at most
BASE_MEMORY_MB = 520.0  # interpreter, libraries, and a small model in which several pictures are at once
TABLE_BYTES_PER_FRAME = 40_000.0  # all tables together, in memory
OVERHEAD = 0.35  # time of everything else, as a share of the detector's
DISK_BYTES_PER_FRAME = 45_000.0  # tables, cache, overlay at 1280x720


@dataclass(frozen=True)
class Size:
    """What the estimate needs to know of a clip.

    Attributes:
        frames: number of frames.
        width: pixels.
        height: pixels.
        duration_s: seconds.
    """

    frames: int
    width: int
    height: int
    duration_s: float


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to need.

    Attributes:
        seconds: wall-clock time.
        memory_mb: peak resident memory.
        disk_mb: space in the run folder.
    """

    seconds: float
    memory_mb: float
    disk_mb: float

    def __str__(self) -> str:
        """Return the estimate as people read it."""
        minutes, seconds = divmod(round(self.seconds), 60)
        duration = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
        return f"about {duration}, {self.memory_mb:.0f} MB of memory, {self.disk_mb:.0f} MB of disk"


def estimate(size: Size, seconds_per_frame: float) -> Estimate:
    """Estimate a run.

    Args:
        size: of the clip.
        seconds_per_frame: measured on one of its frames.
    """
    picture_mb = size.width * size.height * 3 / 1e6
    memory = BASE_MEMORY_MB + FRAMES_IN_FLIGHT * picture_mb + size.frames * TABLE_BYTES_PER_FRAME / 1e6
    scale = size.width * size.height / (1280 * 720)
    disk = size.frames * DISK_BYTES_PER_FRAME * max(scale, 0.2) / 1e6
    return Estimate(size.frames * seconds_per_frame, memory, disk)


def check_caps(size: Size, limits: Mapping[str, float], where: str) -> None:
    """Refuse a clip that is larger than the limits in the configuration.

    Raises:
        InputError: naming the limit and how to raise it.
    """
    megapixels = size.width * size.height / 1e6
    if megapixels > limits["megapixels"]:
        raise InputError(
            f"frames of {size.width}x{size.height} are above the limit of {limits['megapixels']:g} megapixels",
            where=where,
            mend=f"scale the video down or set limits.megapixels={megapixels:.1f}",
        )
    if size.duration_s > limits["duration_s"]:
        raise InputError(
            f"{size.duration_s:.0f} s of video are above the limit of {limits['duration_s']:g} s",
            where=where,
            mend=f"cut the video or set limits.duration_s={size.duration_s:.0f}",
        )


def check_room(needed: Estimate, limits: Mapping[str, float], out: Path) -> None:
    """Refuse a run that would not fit into the memory limit or onto the disk.

    Raises:
        InputError: naming what is short.
    """
    if needed.memory_mb > limits["memory_gb"] * 1000:
        raise InputError(
            f"the run would need about {needed.memory_mb / 1000:.1f} GB of memory",
            where=str(out),
            mend=f"cut the video or set limits.memory_gb={needed.memory_mb / 1000:.0f}",
        )
    existing = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    free_mb = shutil.disk_usage(existing).free / 1e6
    if needed.disk_mb > free_mb:
        raise InputError(
            f"the run would need about {needed.disk_mb:.0f} MB of disk and {free_mb:.0f} MB are free",
            where=str(out),
            mend="free some space or choose another folder with out=",
        )
