"""A field: its painted lines, circles and marks, its zones, and its named landmarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ontologies.geometry import Circle, Line, Polygon, Shape
from records.errors import InputError
from records.names import unknown

Landmark = tuple[float, float, float]


@dataclass(frozen=True)
class PaintedLine:
    """A straight line of paint.

    Args:
        name: of the line.
        shape: the line that is meant by the name: the middle of the paint, or the edge that counts.
        width_m: width of the paint.
        colour: ``#rrggbb``.
        edges: name -> edge of the paint.
        counts: name of the edge, or of the line itself, that rules measure from.
    """

    name: str
    shape: Line
    width_m: float
    colour: str
    edges: Mapping[str, Line]
    counts: str

    @property
    def leading_edge(self) -> Line:
        """The edge that rules measure from."""
        return self.edges.get(self.counts, self.shape)

    @property
    def paint(self) -> Polygon:
        """The painted area."""
        one, two = self.edges.values()
        return Polygon(((one.x1, one.y1), (one.x2, one.y2), (two.x2, two.y2), (two.x1, two.y1)))


@dataclass(frozen=True)
class PaintedCircle:
    """A circle, or an arc of one, of paint; or a full spot where ``filled``."""

    name: str
    shape: Circle
    width_m: float
    colour: str
    filled: bool = False


@dataclass(frozen=True)
class Mark:
    """A short stroke of paint along points, metres: a hash mark, an L, the outline of a crease."""

    name: str
    points: tuple[tuple[float, float], ...]
    width_m: float
    colour: str


@dataclass(frozen=True)
class Numeral:
    """Painted text: where its middle is, how high it is, and the direction in which its top points (y)."""

    name: str
    text: str
    x: float
    y: float
    height_m: float
    up: float
    colour: str


@dataclass(frozen=True)
class Zone:
    """A named area: what it means, and its shape."""

    name: str
    shape: Shape
    meaning: str


@dataclass(frozen=True)
class Field:
    """The geometry of one field, metres, field frame.

    Args:
        name: of the preset.
        domain: sport.
        length_m: along x, end to end.
        width_m: along y, side to side.
        landmarks: name -> (x, y, z).
        lines: name -> painted line.
        circles: name -> painted circle or spot.
        zones: name -> area.
        boundary: where the field ends.
        marks: short strokes of paint.
        numerals: painted numbers.
        ground: colour of the surface.
        crown_m: how much higher the middle is than the sidelines.
    """

    name: str
    domain: str
    length_m: float
    width_m: float
    landmarks: Mapping[str, Landmark]
    lines: Mapping[str, PaintedLine]
    circles: Mapping[str, PaintedCircle]
    zones: Mapping[str, Zone]
    boundary: Shape
    marks: tuple[Mark, ...] = ()
    numerals: tuple[Numeral, ...] = ()
    ground: str = "#ffffff"
    crown_m: float = 0.0
    _targets: Mapping[str, Shape] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        targets: dict[str, Shape] = {}
        for line in self.lines.values():
            targets[line.name] = line.shape
            targets.update(line.edges)
        targets.update({circle.name: circle.shape for circle in self.circles.values()})
        targets.update({zone.name: zone.shape for zone in self.zones.values()})
        object.__setattr__(self, "_targets", targets)

    @property
    def targets(self) -> Mapping[str, Shape]:
        """Everything with a signed distance: zones, lines, their edges, circles."""
        return self._targets

    def target(self, name: str, where: str = "") -> Shape:
        """Return the shape of a zone, line, edge or circle.

        Raises:
            InputError: if there is none, naming the nearest.
        """
        if name not in self._targets:
            raise unknown(f"zone, line or circle of the {self.name} field", name, self._targets, where)
        return self._targets[name]

    def landmark(self, name: str, where: str = "") -> Landmark:
        """Return where a landmark is, metres.

        Raises:
            InputError: if there is none, naming the nearest.
        """
        if name not in self.landmarks:
            raise unknown(f"landmark of the {self.name} field", name, self.landmarks, where)
        return self.landmarks[name]

    def surface(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the height of the ground: ``crown_m`` in the middle, 0 at the sidelines and beyond.

        A parabola across the width, the usual cross-section of a drained grass field.
        """
        return np.asarray(crown(self.crown_m, self.width_m, x, y))

    def with_crown(self, crown_m: float) -> "Field":
        """Return the field with another crown; landmarks keep their height above the ground.

        Raises:
            InputError: if it is negative or higher than a metre.
        """
        check_crown(crown_m)
        raised = {
            name: (x, y, z + float(crown(crown_m, self.width_m, x, y) - self.surface(x, y)))
            for name, (x, y, z) in self.landmarks.items()
        }
        return replace(self, landmarks=raised, crown_m=crown_m)


def crown(crown_m: float, width_m: float, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Return the height of a surface that is a parabola across its width, metres."""
    _, py = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return np.asarray(crown_m * np.maximum(0.0, 1.0 - (2.0 * py / width_m) ** 2))


def check_crown(crown_m: float) -> None:
    """Refuse a crown that no field has.

    Raises:
        InputError: if it is negative or higher than a metre.
    """
    if not 0.0 <= crown_m <= 1.0:
        raise InputError(f"a crown of {crown_m:g} m is not between 0 and 1 m", where="field")
