"""What is painted on a field while it is put together: the builder that every sport's field starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as item

from ontologies.base import Constant
from ontologies.field import Field, Landmark, Mark, Numeral, PaintedCircle, PaintedLine, Zone, crown
from ontologies.geometry import Shape
from records.errors import InputError
from records.names import unknown

ENDS = (("left", -1.0), ("right", 1.0))
SIDES = (("near", -1.0), ("far", 1.0))
SLACK_M = 0.05  # a size that is asked for may be rounded by so much


@dataclass
class Markings:
    """Collects the parts of one field.

    Args:
        sizes: name -> metres.
        crown_m: how much higher the middle is than the sidelines, metres.
    """

    sizes: Mapping[str, float]
    crown_m: float = 0.0
    landmarks: dict[str, Landmark] = item(default_factory=dict)
    lines: dict[str, PaintedLine] = item(default_factory=dict)
    circles: dict[str, PaintedCircle] = item(default_factory=dict)
    zones: dict[str, Zone] = item(default_factory=dict)
    marks: list[Mark] = item(default_factory=list)
    numerals: list[Numeral] = item(default_factory=list)

    def point(self, name: str, x: float, y: float, above: float = 0.0) -> None:
        """Add a landmark at a height above the ground there, metres."""
        ground = float(crown(self.crown_m, self.sizes["width"], x, y))
        self.landmarks[name] = (x + 0.0, y + 0.0, ground + above)

    def zone(self, name: str, shape: Shape, meaning: str) -> None:
        """Add a named area."""
        self.zones[name] = Zone(name, shape, meaning)

    def field(self, preset: str, domain: str, boundary: Shape, ground: str) -> Field:
        """Return the field of what was collected.

        Args:
            preset: its name.
            domain: sport.
            boundary: where it ends.
            ground: colour of the surface, ``#rrggbb``.
        """
        return Field(
            preset,
            domain,
            self.sizes["length"],
            self.sizes["width"],
            self.landmarks,
            self.lines,
            self.circles,
            self.zones,
            boundary,
            tuple(self.marks),
            tuple(self.numerals),
            ground,
            self.crown_m,
        )


def sizes_of(
    domain: str, presets: Mapping[str, Mapping[str, Constant]], preset: str, **asked: float | None
) -> dict[str, float]:
    """Return the sizes of a preset in metres, with those that a scene asks for.

    Args:
        domain: sport, named in errors.
        presets: preset -> name -> constant; ``length_min`` and ``length_max`` allow a range, and so for the width.
        preset: which one.
        asked: ``length`` and ``width``, metres; None: the preset's.

    Raises:
        InputError: on an unknown preset, or a size outside what the rulebook allows.
    """
    if preset not in presets:
        raise unknown(f"{domain} field", preset, presets)
    sizes = {name: constant.si for name, constant in presets[preset].items()}
    for name, size in asked.items():
        if size is None:
            continue
        low, high = sizes.get(f"{name}_min", sizes[name]), sizes.get(f"{name}_max", sizes[name])
        if not low - SLACK_M <= size <= high + SLACK_M:
            allowed = f"{low:g} m" if low == high else f"{low:g} to {high:g} m"
            raise InputError(
                f"a {preset} field of {name} {size:g} m does not exist",
                where=f"field, {name}_m",
                mend=f"{name} is {allowed}",
            )
        sizes[name] = float(size)
    return sizes
