"""Pictures of a field as SVG, drawn from the same objects that rules measure with.

One picture shows the whole field with the names of its lines, circles and zones and the edges that
count; the other one enlarges the left far quarter and numbers its landmarks, since the other quarters are
its mirror images.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np

from ontologies import basketball, football, hockey, registry, soccer
from ontologies.base import Constant
from ontologies.field import Field, Numeral, PaintedCircle
from ontologies.geometry import Circle, HalfPlane, Polygon, RoundedRectangle, Strip
from records.scene import FieldChoice

INK, ACCENT, PAPER = "#1d2733", "#d6006c", "#ffffff"
FONT = 'font-family="DejaVu Sans, Verdana, sans-serif"'
MIN_STROKE_PX = 1.0
PICTURES = (
    "hockey-nhl",
    "hockey-iihf",
    "football-nfl",
    "football-ncaa",
    "basketball-nba",
    "basketball-fiba",
    "soccer-ifab",
)


@dataclass(frozen=True)
class Frame:
    """From field metres to picture pixels: a window on the field, pixels a metre, and the upper left corner."""

    x1: float
    x2: float
    y1: float
    y2: float
    scale: float
    left: float
    top: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a field point; +y is up."""
        return self.left + (x - self.x1) * self.scale, self.top + (self.y2 - y) * self.scale

    def holds(self, x: float, y: float) -> bool:
        """Whether a field point is in the window."""
        return self.x1 <= x <= self.x2 and self.y1 <= y <= self.y2

    @property
    def width(self) -> float:
        """Pixels."""
        return (self.x2 - self.x1) * self.scale

    @property
    def height(self) -> float:
        """Pixels."""
        return (self.y2 - self.y1) * self.scale


def all_pictures() -> dict[str, str]:
    """Return file name -> SVG for every field, the same bytes every time."""
    result = {}
    for name in PICTURES:
        domain, preset = name.split("-")
        field = registry.field(domain, FieldChoice(preset))
        result[f"{name}.svg"] = overview(field)
        result[f"{name}-landmarks.svg"] = landmarks(field)
    return result


def overview(field: Field) -> str:
    """Return the picture of the whole field: names of lines, circles and zones, edges that count."""
    rim = _rim(field)
    scale = 1320 / (field.length_m + 2 * rim)
    frame = Frame(
        -field.length_m / 2 - rim,
        field.length_m / 2 + rim,
        -field.width_m / 2 - rim,
        field.width_m / 2 + rim,
        scale,
        20,
        200,
    )
    parts = [
        *_paint(field, frame),
        *_counting_edges(field, frame),
        *_zone_names(field, frame),
        *_circle_names(field, frame),
        *_line_names(field, frame),
        *_axes(frame),
    ]
    title = f"{field.domain} {field.name}: {field.length_m:.3f} x {field.width_m:.3f} m; dashed: the edge that counts"
    return _document(frame.left * 2 + frame.width + 40, frame.top + frame.height + 60, title, parts)


def landmarks(field: Field) -> str:
    """Return the picture of the left far quarter with its landmarks numbered and a key beside it."""
    rim = _rim(field)
    scale = 900 / (field.length_m / 2 + rim)
    frame = Frame(-field.length_m / 2 - rim, 1.5, -1.5, field.width_m / 2 + rim, scale, 20, 60)
    inside = sorted(
        (x, -y, z, name)
        for name, (x, y, z) in field.landmarks.items()
        if frame.x1 <= x <= 1e-9 and -1e-9 <= y <= frame.y2
    )
    parts = list(_paint(field, frame))
    taken: list[tuple[float, float, float, float]] = []
    for number, (x, minus_y, _, _) in enumerate(inside, start=1):
        u, v = frame.at(x, -minus_y)
        parts.append(f'<circle cx="{u:.2f}" cy="{v:.2f}" r="2.6" fill="{ACCENT}" stroke="{PAPER}" stroke-width="0.8"/>')
        parts += _number(str(number), u, v, taken)
    rows = 30 if len(inside) <= 60 else 34
    key_x = frame.left + frame.width + 30
    for index, (x, minus_y, z, name) in enumerate(inside):
        u, v = key_x + 400 * (index // rows), 70 + 17 * (index % rows)
        height = f", {z:.2f}" if z else ""
        parts.append(_text(u, v, f"{index + 1:>2}  {name}  ({x:.2f}, {-minus_y:.2f}{height})", 11.5, INK, "start"))
    columns = (len(inside) + rows - 1) // rows
    title = (
        f"{field.domain} {field.name}: landmarks of the left far quarter, metres; right and near ones are mirror images"
    )
    height = max(frame.top + frame.height + 20, 70 + 17 * rows)
    return _document(key_x + 400 * columns, height, title, parts)


def filled_in(page: str) -> str:
    """Return a markdown page with the tables between its ``<!-- table: name -->`` marks made anew.

    Names are ids of editions (their constants) and ``field`` plus a preset (its sizes).

    Raises:
        InputError: if a name is neither.
    """
    pieces = re.split(r"(<!-- table: [a-z0-9 -]+ -->\n)(?:.*?)(<!-- end -->)", page, flags=re.DOTALL)
    for index in range(1, len(pieces) - 1, 3):
        name = pieces[index].removeprefix("<!-- table: ").removesuffix(" -->\n")
        pieces[index] += constants_table(_constants(name)) + "\n"
    return "".join(pieces)


def _constants(name: str) -> Iterable[Constant]:
    modules = (basketball, football, hockey, soccer)
    presets = {f"field {preset}": sizes for module in modules for preset, sizes in module.PRESETS.items()}
    return (presets[name] if name in presets else registry.edition(name).constants).values()


def constants_table(constants: Iterable[Constant]) -> str:
    """Return a markdown table of constants: value, unit, metres or seconds, source, confirmed."""
    rows = ["| constant | value | SI | confirmed | source |", "|---|---|---|---|---|"]
    for one in constants:
        plain = isinstance(one.value, str)
        value = one.value if isinstance(one.value, str) else f"{one.value:g} {one.unit}"
        si = "" if plain or one.unit in ("count", "") else f"{one.si:.4f}"
        rows.append(f"| {one.name} | {value} | {si} | {'yes' if one.confirmed else 'no'} | {one.source} |")
    return "\n".join(rows)


def _rim(field: Field) -> float:
    return 1.5 if isinstance(field.boundary, RoundedRectangle) else 6.0


def _paint(field: Field, frame: Frame) -> list[str]:
    """Draw ground, lines, circles, marks and numerals, clipped to the frame and, in a rink, the boards."""
    clip = f"clip-{field.domain}-{field.name}"
    rink = isinstance(field.boundary, RoundedRectangle)
    window = f'<rect x="{frame.left:.2f}" y="{frame.top:.2f}" width="{frame.width:.2f}" height="{frame.height:.2f}"/>'
    edge = _points(field.boundary.polyline(0.5), frame)
    parts = [
        f'<clipPath id="{clip}-window">{window}</clipPath>',
        f'<clipPath id="{clip}"><polygon points="{edge}"/></clipPath>',
        f'<g clip-path="url(#{clip}-window)">',
    ]
    if rink:
        parts.append(f'<polygon points="{edge}" fill="{field.ground}" stroke="{INK}" stroke-width="2.5"/>')
    else:
        parts.append(window.replace("<rect", f'<rect fill="{field.ground}"'))
    parts.append(f'<g clip-path="url(#{clip})">' if rink else "<g>")
    for line in field.lines.values():
        if line.width_m:
            parts.append(_strip(line.paint, line.colour, frame))
    parts += [_circle(circle, frame) for circle in field.circles.values()]
    for mark in field.marks:
        width = max(mark.width_m * frame.scale, MIN_STROKE_PX)
        parts.append(
            f'<polyline points="{_points(np.array(mark.points), frame)}" fill="none" '
            f'stroke="{mark.colour}" stroke-width="{width:.2f}"/>'
        )
    parts += [_numeral(numeral, frame) for numeral in field.numerals if frame.holds(numeral.x, numeral.y)]
    return [*parts, "</g></g>"]


def _strip(paint: Polygon, colour: str, frame: Frame) -> str:
    points = _points(np.array(paint.corners), frame)
    return f'<polygon points="{points}" fill="{colour}" stroke="{colour}" stroke-width="{MIN_STROKE_PX / 2:.2f}"/>'


def _circle(circle: PaintedCircle, frame: Frame) -> str:
    if circle.filled:
        u, v = frame.at(circle.shape.x, circle.shape.y)
        radius = circle.shape.radius * frame.scale
        return f'<circle cx="{u:.2f}" cy="{v:.2f}" r="{radius:.2f}" fill="{circle.colour}"/>'
    width = max(circle.width_m * frame.scale, MIN_STROKE_PX)
    return (
        f'<polyline points="{_points(circle.shape.polyline(0.2), frame)}" fill="none" '
        f'stroke="{circle.colour}" stroke-width="{width:.2f}"/>'
    )


def _numeral(numeral: Numeral, frame: Frame) -> str:
    u, v = frame.at(numeral.x, numeral.y)
    size = numeral.height_m * frame.scale / 0.73
    turn = 0 if numeral.up > 0 else 180
    shown = " ".join(numeral.text)
    return (
        f'<text x="{u:.2f}" y="{v + 0.365 * size:.2f}" font-size="{size:.2f}" fill="{numeral.colour}" '
        f'text-anchor="middle" {FONT} font-weight="bold" textLength="{2.2 * size / 1.37:.2f}" '
        f'transform="rotate({turn} {u:.2f} {v:.2f})">{shown}</text>'
    )


def _counting_edges(field: Field, frame: Frame) -> list[str]:
    parts = []
    for line in field.lines.values():
        if line.counts == line.name and line.name.startswith(("yard", "restraining", "trapezoid", "hash")):
            continue
        edge = line.leading_edge
        (u1, v1), (u2, v2) = frame.at(edge.x1, edge.y1), frame.at(edge.x2, edge.y2)
        parts.append(
            f'<line x1="{u1:.2f}" y1="{v1:.2f}" x2="{u2:.2f}" y2="{v2:.2f}" stroke="{ACCENT}" '
            'stroke-width="1.4" stroke-dasharray="7 5"/>'
        )
    return parts


def _line_names(field: Field, frame: Frame) -> list[str]:
    """Write the names of lines: of those across above the field, of others beside them."""
    parts = []
    for line in field.lines.values():
        shape = line.shape
        if shape.x1 == shape.x2:
            parts += _name_above(line.name, shape.x1, field, frame)
        elif shape.y1 == shape.y2:
            u, v = frame.at(-11.5 if "hash" in line.name else (shape.x1 + shape.x2) / 2, shape.y1)
            lift = -5 if shape.y1 > 0 else 13
            parts.append(_text(u, v + lift, line.name, 11, INK, "middle", halo=True))
        else:
            u, v = frame.at((shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2)
            lift = -14 if shape.y1 > 0 else 22
            anchor, edge = ("start", 8) if shape.x1 < 0 else ("end", frame.left + frame.width + 12)
            parts.append(_text(edge, v + lift, line.name, 10.5, INK, anchor, halo=True))
    return parts


def _name_above(name: str, x: float, field: Field, frame: Frame) -> list[str]:
    u, _ = frame.at(x, 0.0)
    v, top = frame.top - 8, frame.at(0.0, field.width_m / 2)[1]
    turned = f'<g transform="rotate(-60 {u:.2f} {v:.2f})">{_text(u, v, name, 12, INK, "start")}</g>'
    leader = f'<line x1="{u:.2f}" y1="{v + 2:.2f}" x2="{u:.2f}" y2="{top:.2f}" stroke="{INK}" stroke-width="0.5"/>'
    return [turned, leader]


def _circle_names(field: Field, frame: Frame) -> list[str]:
    parts = []
    for circle in field.circles.values():
        shape: Circle = circle.shape
        below = shape.radius if not circle.filled else shape.radius + 0.1
        u, v = frame.at(shape.x, shape.y - below)
        parts.append(_text(u, v + (13 if circle.filled else -6), circle.name, 10.5, INK, "middle", halo=True))
    return parts


def _zone_names(field: Field, frame: Frame) -> list[str]:
    """Write each zone's name: small ones of one end in a column, joined to them, the others on the zone."""
    parts: list[str] = []
    rows: dict[tuple[int, int], int] = {}
    for zone in field.zones.values():
        x, y = _place(zone.shape, field)
        small = field.domain == "hockey" and abs(x) > 0.36 * field.length_m
        column = (np.sign(x) * 0.25 * field.length_m, 2.4) if small else (x, y)
        slot = (round(column[0] / 4), round(column[1] / 2))
        row = rows.get(slot, 0)
        rows[slot] = row + 1
        u, v = frame.at(*column)
        v += 15 * row
        if small:
            (to_u, to_v), edge = frame.at(x, y), 36 if x > 0 else -36
            parts.append(
                f'<line x1="{u + edge:.2f}" y1="{v - 4:.2f}" x2="{to_u:.2f}" y2="{to_v:.2f}" '
                'stroke="#4a4f8f" stroke-width="0.6"/>'
            )
            parts.append(f'<circle cx="{to_u:.2f}" cy="{to_v:.2f}" r="2" fill="#4a4f8f"/>')
        parts.append(_text(u, v, f"[{zone.name}]", 11, "#4a4f8f", "middle", halo=True))
    return parts


def _place(shape: object, field: Field) -> tuple[float, float]:
    """Return a point that is typical of a zone: well inside it, and apart from those of other zones."""
    low = -field.width_m * (0.33 if field.domain == "hockey" else 0.13)
    if isinstance(shape, Polygon):
        xs, ys = zip(*shape.corners, strict=True)
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        if abs(x) < 1e-6:
            return x, low - 2.0
        return (x, y) if field.domain == "football" or max(ys) < 3 else (x, y - 0.4 * max(ys))
    if isinstance(shape, HalfPlane):
        beyond = 5.5 if abs(shape.line.x1) < 0.4 * field.length_m else 1.4
        return shape.line.x1 + (beyond if shape.positive else -beyond), -5.0 if beyond < 2 else low
    if isinstance(shape, Strip):
        return (-3.4, low + 3.6) if shape.low.x1 == shape.low.x2 else (0.0, 0.0)
    return 0.0, low - 2.0


def _axes(frame: Frame) -> list[str]:
    """Draw the origin and the two directions of the field frame."""
    u, v = frame.left + 18, frame.top + frame.height + 38
    arrow = f'stroke="{INK}" stroke-width="1.6"'
    return [
        f'<line x1="{u:.2f}" y1="{v:.2f}" x2="{u + 44:.2f}" y2="{v:.2f}" {arrow}/>',
        f'<line x1="{u:.2f}" y1="{v:.2f}" x2="{u:.2f}" y2="{v - 26:.2f}" {arrow}/>',
        _text(u + 50, v + 4, "+x right", 12, INK, "start"),
        _text(u + 6, v - 18, "+y far", 12, INK, "start"),
        _text(
            u + 130,
            v + 4,
            "the origin is the centre of the field; the main camera is on the near side (-y)",
            12,
            INK,
            "start",
        ),
    ]


def _number(text: str, u: float, v: float, taken: list[tuple[float, float, float, float]]) -> list[str]:
    """Write a number beside a point where no other number stands, joined to it by a thin line."""
    width, height = 6.6 * len(text) + 2, 11.0
    options = [
        (u + r * np.cos(a), v - r * np.sin(a))
        for r in (11, 17, 24, 32, 42)
        for a in np.arange(8) * np.pi / 4 + np.pi / 8
    ]
    spot = options[0]
    for x, y in options:
        new = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if all(new[2] <= old[0] or old[2] <= new[0] or new[3] <= old[1] or old[3] <= new[1] for old in taken):
            spot = (float(x), float(y))
            taken.append(new)
            break
    x, y = spot
    return [
        f'<line x1="{u:.2f}" y1="{v:.2f}" x2="{x:.2f}" y2="{y:.2f}" stroke="{ACCENT}" stroke-width="0.6"/>',
        _text(x, y + 4, text, 10.5, INK, "middle", halo=True),
    ]


def _points(points: np.ndarray, frame: Frame) -> str:
    return " ".join("{:.2f},{:.2f}".format(*frame.at(float(x), float(y))) for x, y in points)


def _text(u: float, v: float, text: str, size: float, colour: str, anchor: str, halo: bool = False) -> str:
    around = f' stroke="{PAPER}" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{u:.2f}" y="{v:.2f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{around} '
        f"{FONT}>{escape(text)}</text>"
    )


def _document(width: float, height: float, title: str, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
    )
    return "\n".join(
        [
            head,
            f"<title>{escape(title)}</title>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            _text(20, 28, title, 15, INK, "start"),
            *parts,
            "</svg>",
            "",
        ]
    )
