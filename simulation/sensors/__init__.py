"""From exact truth to what a perception stack would say of it: one knob for each way of being wrong, all off."""

from simulation.sensors.chain import sense
from simulation.sensors.settings import (
    Confusions,
    Events,
    FalseTracks,
    Frames,
    Gaps,
    Misses,
    Position,
    Registration,
    Sensors,
    Unknowns,
    View,
    parse,
)

__all__ = [
    "Confusions",
    "Events",
    "FalseTracks",
    "Frames",
    "Gaps",
    "Misses",
    "Position",
    "Registration",
    "Sensors",
    "Unknowns",
    "View",
    "parse",
    "sense",
]
