"""The calibration file: a few keyframes in which a person has marked the field."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from records import parse, yamls
from records.clock import EVERYWHEN, Span
from records.errors import InputError
from records.files import write_text
from records.scene import FieldChoice, parse_field

SCHEMA = 1
CAMERAS = ("ptz", "static", "free")
DEFAULT_SIGMA_PX = 1.5
Pixel = tuple[float, float]


@dataclass(frozen=True)
class Mask:
    """A drawn-on graphic: name, box (x1, y1, x2, y2) in pixels, and the seconds in which it is there."""

    name: str
    box: tuple[float, float, float, float]
    span: Span = EVERYWHEN


@dataclass(frozen=True)
class OnLine:
    """Pixels that lie somewhere on a named line or circle of the field."""

    line: str
    at: tuple[Pixel, ...]


@dataclass(frozen=True)
class Keyframe:
    """What a person marked in one picture.

    Args:
        t: seconds, presentation time.
        points: landmark -> pixel of the decoded picture.
        on: pixels on named lines and circles.
        sigma_px: 1-sigma of a mark, pixels.
    """

    t: float
    points: Mapping[str, Pixel] = field(default_factory=dict)
    on: tuple[OnLine, ...] = ()
    sigma_px: float = DEFAULT_SIGMA_PX


@dataclass(frozen=True)
class Calibration:
    """Which field is seen, the size of the picture, the kind of camera, the keyframes in order of time."""

    domain: str
    field: FieldChoice
    width: int
    height: int
    camera: str
    keyframes: tuple[Keyframe, ...]
    masks: tuple[Mask, ...] = ()


def read_calibration(path: str | Path) -> Calibration:
    """Read and check a calibration file; names of landmarks are checked by ``ontologies.checks``.

    Raises:
        InputError: on anything wrong in it, naming the file and the key.
    """
    return calibration_of(yamls.read_mapping(path), str(path))


def calibration_of(content: Mapping[str, Any], where: str = "calibration") -> Calibration:
    """Make a checked calibration from the keys of the file.

    Raises:
        InputError: on anything wrong in it.
    """
    needed = ("schema", "domain", "picture", "keyframes")
    given = parse.mapping(content, where, (*needed, "field", "camera", "masks"), needed)
    parse.version(given["schema"], SCHEMA, "calibration format", where)
    picture = parse.mapping(given["picture"], f"{where}, picture", ("width", "height"), ("width", "height"))
    frames = tuple(
        sorted(
            (
                _keyframe(item, f"{where}, keyframe {index}")
                for index, item in enumerate(parse.sequence(given["keyframes"], f"{where}, keyframes"), start=1)
            ),
            key=lambda frame: frame.t,
        )
    )
    if not frames:
        raise InputError("a calibration needs at least one keyframe", where=where)
    times = [frame.t for frame in frames]
    if len(set(times)) < len(times):
        raise InputError("two keyframes have the same t", where=where)
    result = Calibration(
        domain=parse.name(given["domain"], f"{where}, domain"),
        field=parse_field(given.get("field"), f"{where}, field"),
        width=parse.whole(picture["width"], f"{where}, picture, width", low=1),
        height=parse.whole(picture["height"], f"{where}, picture, height", low=1),
        camera=parse.choice(given.get("camera", "ptz"), CAMERAS, f"{where}, camera"),
        keyframes=frames,
        masks=tuple(
            _mask(item, f"{where}, mask {index}")
            for index, item in enumerate(parse.sequence(given.get("masks") or [], where), start=1)
        ),
    )
    return _marks_are_near(result, where)


def write_calibration(path: str | Path, calibration: Calibration) -> None:
    """Write a calibration file; reading it gives an equal one.

    Raises:
        InputError: if it cannot be written.
    """
    choice = {name: value for name, value in vars(calibration.field).items() if value is not None}
    content: dict[str, Any] = {"schema": SCHEMA, "domain": calibration.domain}
    if choice:
        content["field"] = choice
    content["picture"] = {"width": calibration.width, "height": calibration.height}
    content["camera"] = calibration.camera
    if calibration.masks:
        content["masks"] = [_mask_out(mask) for mask in calibration.masks]
    content["keyframes"] = [_keyframe_out(frame) for frame in calibration.keyframes]
    write_text(path, yamls.dumps(content))


def pixel(value: Any, where: str) -> Pixel:
    """Read a pixel, ``[u, v]``.

    Raises:
        InputError: if it is none.
    """
    u, v = parse.numbers(value, 2, where)
    return u, v


def _keyframe(value: Any, where: str) -> Keyframe:
    given = parse.mapping(value, where, ("t", "points", "on", "sigma_px"), ("t",))
    points = parse.mapping(given.get("points") or {}, f"{where}, points")
    marks = {landmark: pixel(at, f"{where}, points, {landmark}") for landmark, at in points.items()}
    lines = parse.sequence(given.get("on") or [], f"{where}, on")
    result = Keyframe(
        parse.number(given["t"], f"{where}, t"),
        marks,
        tuple(_on(item, f"{where}, on, item {index}") for index, item in enumerate(lines, start=1)),
        parse.number(given.get("sigma_px", DEFAULT_SIGMA_PX), f"{where}, sigma_px", low=0.01, high=1000.0),
    )
    if not result.points and not result.on:
        raise InputError("a keyframe needs points or on", where=where)
    return result


def _on(value: Any, where: str) -> OnLine:
    given = parse.mapping(value, where, ("line", "at"), ("line", "at"))
    at = parse.sequence(given["at"], f"{where}, at")
    if not at:
        raise InputError("no pixel is given", where=f"{where}, at")
    marks = tuple(pixel(item, f"{where}, at") for item in at)
    return OnLine(parse.name(given["line"], f"{where}, line"), marks)


def _mask(value: Any, where: str) -> Mask:
    given = parse.mapping(value, where, ("name", "box", "from", "to"), ("name", "box"))
    x1, y1, x2, y2 = parse.numbers(given["box"], 4, f"{where}, box")
    if x1 >= x2 or y1 >= y2:
        raise InputError("a box is [x1, y1, x2, y2] with x1 < x2 and y1 < y2", where=f"{where}, box")
    start = -math.inf if given.get("from") is None else parse.number(given["from"], f"{where}, from")
    stop = math.inf if given.get("to") is None else parse.number(given["to"], f"{where}, to")
    if start > stop:
        raise InputError(f"a span must end after it starts, not [{start:g}, {stop:g}]", where=where)
    return Mask(parse.name(given["name"], f"{where}, name"), (x1, y1, x2, y2), Span(start, stop))


def _marks_are_near(calibration: Calibration, where: str) -> Calibration:
    """Refuse a mark farther outside the picture than the picture is big: a slip of the keyboard."""
    w, h = calibration.width, calibration.height
    for frame in calibration.keyframes:
        marks = [(name, at) for name, at in frame.points.items()]
        marks += [(line.line, at) for line in frame.on for at in line.at]
        for name, (u, v) in marks:
            if not (-w <= u <= 2 * w and -h <= v <= 2 * h):
                raise InputError(
                    f"'{name}' at ({u:g}, {v:g}) lies far outside the {w} x {h} picture",
                    where=f"{where}, keyframe at {frame.t:g} s",
                )
    return calibration


def _mask_out(mask: Mask) -> dict[str, Any]:
    result: dict[str, Any] = {"name": mask.name, "box": list(mask.box)}
    if math.isfinite(mask.span.start):
        result["from"] = mask.span.start
    if math.isfinite(mask.span.stop):
        result["to"] = mask.span.stop
    return result


def _keyframe_out(frame: Keyframe) -> dict[str, Any]:
    result: dict[str, Any] = {"t": frame.t}
    if frame.points:
        result["points"] = {name: list(at) for name, at in frame.points.items()}
    if frame.on:
        result["on"] = [{"line": one.line, "at": [list(at) for at in one.at]} for one in frame.on]
    return {**result, "sigma_px": frame.sigma_px}
