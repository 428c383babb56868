"""What is known at one frame of a run."""

from __future__ import annotations

from dataclasses import dataclass

from perception.registration.project import FrameRegistration


@dataclass(frozen=True)
class Seen:
    """One entity at one instant.

    Attributes:
        entity: stable id.
        kind: of the ontology; None when unknown.
        team: ``home``, ``away`` or None.
        xy: metres, field frame.
        box: x1, y1, x2, y2 in pixels, or None where no detection was taken.
        observed: False where the position was predicted.
    """

    entity: str
    kind: str | None
    team: str | None
    xy: tuple[float, float]
    box: tuple[float, float, float, float] | None
    observed: bool


@dataclass(frozen=True)
class Moment:
    """What is known at one frame: its camera (None when lost) and who is where."""

    frame: int
    t: float
    camera: FrameRegistration | None
    seen: tuple[Seen, ...]
