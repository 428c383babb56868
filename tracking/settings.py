"""The tracker's settings, as one value built from a config, with every unknown key refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from records.errors import InputError
from records.names import unknown
from tracking.association import Association
from tracking.filtering import Filtering
from tracking.linking import Linking
from tracking.objects import ObjectTracking
from tracking.smoothing import Smoothing
from tracking.teams import Teams


@dataclass(frozen=True)
class Output:
    """What is written of a track.

    Attributes:
        least_sightings: a track with fewer is dropped.
        least_s: a track seen over a shorter time is dropped.
        fill_s: in gaps up to this long a position is predicted; in longer ones nothing is said.
        beyond_s: so far a track is predicted before its first and after its last sighting, if that is in the midst of
            the picture: nobody vanishes there.
        bias_m: 1-sigma of what smoothing cannot take away: the lower edge of a box is not the point under a person.
        crease_share: a track that is within a crease for this share of its instants is the goalie; 0 switches it off.
        crease_margin_m: how far outside the crease still counts.
    """

    least_sightings: int = 5
    least_s: float = 0.3
    fill_s: float = 2.0
    beyond_s: float = 0.0
    bias_m: float = 0.15
    crease_share: float = 0.0
    crease_margin_m: float = 1.0


@dataclass(frozen=True)
class TrackerSettings:
    """All settings of the tracker; units are seconds, metres and, where said, pixels."""

    association: Association = field(default_factory=Association)
    smoothing: Smoothing = field(default_factory=Smoothing)
    linking: Linking = field(default_factory=Linking)
    filtering: Filtering = field(default_factory=Filtering)
    teams: Teams = field(default_factory=Teams)
    objects: ObjectTracking = field(default_factory=ObjectTracking)
    output: Output = field(default_factory=Output)


def tracker_settings(content: Mapping[str, Any], where: str = "tracker") -> TrackerSettings:
    """Build the settings from a mapping of sections.

    Args:
        content: section -> key -> value; what is left out keeps its default.
        where: named in errors.

    Raises:
        InputError: on an unknown section or key, or a value of the wrong type.
    """
    sections = {each.name: each.default_factory for each in fields(TrackerSettings)}
    built = {}
    for name, values in content.items():
        if name not in sections:
            raise unknown("section", name, sections, where)
        built[name] = _section(sections[name], values, f"{where}.{name}")
    return TrackerSettings(**built)


def _section(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, Mapping):
        raise InputError("expected keys with values", where=where)
    defaults = {each.name: each.default for each in fields(kind)}
    for key, value in values.items():
        if key not in defaults:
            raise unknown("key", key, defaults, where)
        flag = isinstance(defaults[key], bool)
        if flag != isinstance(value, bool) or not isinstance(value, int | float):
            wanted = "true or false" if flag else "a number"
            raise InputError(f"expected {wanted}, not {value!r}", where=f"{where}.{key}")
    return kind(**values)
