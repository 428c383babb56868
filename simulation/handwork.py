"""What a person would add to a rendered clip: a few calibration keyframes, kit examples and events.

Marks are the true pixels with the error of a hand: a little noise, rounded to half a pixel; and only what can be seen
is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ontologies.field import Field
from records.calibration import Calibration, Keyframe, Mask, OnLine
from records.scene import FieldChoice
from simulation.arena import Arena
from simulation.camera import View
from simulation.looks import Look
from simulation.plays.play import Play, scene_keys
from simulation.render import Shown
from simulation.staging import Shot

HAND_PX = 0.7
SIGMA_PX = 1.5
EDGE_PX = 12
MOST_POINTS = 9
LINES = ("blue_line_left_inner", "blue_line_right_inner", "center_line")
KIT_TIMES = (1.0, 3.0, 6.0)
BESIDE_PX = 5
FEW_POINTS, MOST_LINES = 7, 4  # with fewer landmarks than this, so many lines are marked too
LINE_STEP_M = 0.5
SPOTS = (0.1, 0.5, 0.9)  # where on the visible part of a line


class Projects(Protocol):
    """A camera."""

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Field points (N, 3), metres, to pixels (N, 2); nan where they are not seen."""


def calibrate_by_hand(shots: Sequence[Shot], field: Field, arena: Arena, look: Look, preset: str) -> Calibration:
    """Keyframes in some rendered pictures, with up to nine landmarks and two spots on each visible line.

    Args:
        shots: the pictures to mark.
        field: the rink.
        arena: knows what the near boards hide.
        look: of the clip.
        preset: name of the rink's geometry.
    """
    rng = np.random.default_rng([look.seed, 13])
    frames = tuple(_keyframe(shot, field, arena, look, rng) for shot in shots)
    masks = () if look.bug is None else (Mask("scorebug", tuple(float(v) for v in look.bug.box)),)
    return Calibration(
        "hockey", FieldChoice(preset), look.rig.width, look.rig.height, "ptz", frames, masks
    )  # fmt: skip


def _keyframe(shot: Shot, field: Field, arena: Arena, look: Look, rng: np.random.Generator) -> Keyframe:
    names = sorted(name for name, place in field.landmarks.items() if abs(place[2]) < 1e-6)
    pixels = shot.view.to_image(np.array([field.landmarks[name] for name in names]))
    seen = [i for i in range(len(names)) if _is_seen(pixels[i], shot, arena, look)]
    spread = _spread(pixels[seen], MOST_POINTS)
    points = {names[seen[i]]: _mark(pixels[seen[i]], rng) for i in spread}
    lines = []
    for name in LINES:
        at = _on_line(field, name, shot, arena, look, rng)
        if len(at) == 2:
            lines.append(OnLine(name, at))
    return Keyframe(round(shot.t, 4), points, tuple(lines), SIGMA_PX)


def mark_by_hand(
    view: Projects, size: tuple[int, int], boxes: Sequence[Sequence[float]], field: Field, t: float,
    rng: np.random.Generator,
) -> Keyframe:  # fmt: skip
    """Mark the field in any picture: up to nine landmarks on the ground, and spots on lines where these are few.

    Args:
        view: exact camera of the picture.
        size: its width and height, pixels.
        boxes: x1, y1, x2, y2 of people and graphics, which hide what they cover.
        field: what is seen.
        t: when, seconds.
        rng: of the hand.
    """

    def seen(places: np.ndarray) -> np.ndarray:
        pixels = view.to_image(places)
        return pixels[_is_open(pixels, size, boxes)]

    names = sorted(name for name, (x, y, z) in field.landmarks.items() if abs(z - float(field.surface(x, y))) < 1e-6)
    pixels = view.to_image(np.array([field.landmarks[name] for name in names]))
    usable = np.flatnonzero(_is_open(pixels, size, boxes))
    points = {names[usable[i]]: _mark(pixels[usable[i]], rng) for i in _spread(pixels[usable], MOST_POINTS)}
    lines: list[OnLine] = []
    if len(points) < FEW_POINTS:
        shown = {name: seen(_on_ground(line.shape.polyline(LINE_STEP_M), field)) for name, line in field.lines.items()}
        longest = sorted(shown, key=lambda name: (-len(shown[name]), name))[:MOST_LINES]
        for name in sorted(name for name in longest if len(shown[name]) > len(SPOTS) * 2):
            at = (shown[name][int(share * len(shown[name]))] for share in SPOTS)
            lines.append(OnLine(name, tuple(_mark(pixel, rng) for pixel in at)))
    return Keyframe(round(t, 4), points, tuple(lines), SIGMA_PX)


def _on_ground(line: Sequence[Sequence[float]] | np.ndarray, field: Field) -> np.ndarray:
    """Give field points (N, 2) the height of the ground, (N, 3)."""
    at = np.asarray(line, float)
    return np.column_stack([at, field.surface(at[:, 0], at[:, 1])])


def _is_open(pixels: np.ndarray, size: tuple[int, int], boxes: Sequence[Sequence[float]]) -> np.ndarray:
    """Whether pixels (N, 2) lie well inside the picture and outside of all boxes."""
    u, v = np.nan_to_num(pixels, nan=-1.0).T
    free = (u > EDGE_PX) & (u < size[0] - EDGE_PX) & (v > EDGE_PX) & (v < size[1] - EDGE_PX)
    for x1, y1, x2, y2 in boxes:
        free &= ~((u > x1 - BESIDE_PX) & (u < x2 + BESIDE_PX) & (v > y1 - BESIDE_PX) & (v < y2 + BESIDE_PX))
    return free


def _mark(pixel: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    u, v = np.round((pixel + rng.normal(0, HAND_PX, 2)) * 2) / 2
    return float(u), float(v)


def _is_seen(pixel: np.ndarray, shot: Shot, arena: Arena, look: Look) -> bool:
    """Inside the picture and hidden by neither boards, people nor the scorebug."""
    u, v = pixel
    view = shot.view
    if not (EDGE_PX < u < view.width - EDGE_PX and EDGE_PX < v < view.height - EDGE_PX):
        return False
    boxes = [item.box for item in shot.shown if item.kind != "puck"]
    if look.bug is not None:
        boxes.append(tuple(float(edge) for edge in look.bug.box))
    if any(x1 - 5 < u < x2 + 5 and y1 - 5 < v < y2 + 5 for x1, y1, x2, y2 in boxes):
        return False
    return not hidden_by_boards(pixel, view, arena)


def hidden_by_boards(pixel: np.ndarray, view: View, arena: Arena) -> bool:
    """Whether the near boards or the crowd before them cover a pixel, or a pixel around it."""
    ring = pixel + np.array([[0, 0], [6, 0], [-6, 0], [0, 6], [0, -6]])
    ray = view.rays(ring)
    column = (np.arctan2(ray[:, 0], ray[:, 1]) - arena.pan0) * arena.scale
    row = (np.arctan2(-ray[:, 2], np.hypot(ray[:, 0], ray[:, 1])) - arena.tilt0) * arena.scale
    height, width = arena.foreground.shape[:2]
    alpha = arena.foreground[
        np.clip(row.astype(int), 0, height - 1), np.clip(column.astype(int), 0, width - 1), 3
    ]  # fmt: skip
    return bool((alpha > 120).any())


def _spread(pixels: np.ndarray, most: int) -> list[int]:
    """Indices of points far from each other: each next one is the farthest from those taken."""
    if not len(pixels):
        return []
    taken = [int(np.argmax(np.hypot(*(pixels - pixels.mean(axis=0)).T)))]
    while len(taken) < min(most, len(pixels)):
        gaps = np.hypot(*(pixels[:, None] - pixels[taken][None]).transpose(2, 0, 1)).min(axis=1)
        taken.append(int(np.argmax(gaps)))
    return sorted(taken)


def _on_line(
    field: Field, name: str, shot: Shot, arena: Arena, look: Look, rng: np.random.Generator
) -> tuple[tuple[float, float], ...]:
    line = np.asarray(field.target(name).polyline(0.5))
    inside = line[np.abs(line[:, 1]) < field.width_m / 2 - 1]
    pixels = shot.view.to_image(np.column_stack([inside, np.zeros(len(inside))]))
    seen = [pixel for pixel in pixels if _is_seen(pixel, shot, arena, look)]
    return (_mark(seen[len(seen) // 4], rng), _mark(seen[3 * len(seen) // 4], rng)) if len(seen) > 8 else ()


def annotate_by_hand(play: Play, shots: Sequence[Shot], look: Look) -> dict[str, object]:
    """Keys of the annotations file: kit examples, possession, touches and the whistle, and the state of the game.

    Args:
        play: the truth.
        shots: every picture of the clip, in order.
        look: of the clip.
    """
    rng = np.random.default_rng([look.seed, 17])
    return {
        "schema": 1,
        "kits": _kit_examples(play, shots, rng),
        "events": [_event(event, shots, rng) for event in play.events],
        "scene": scene_keys(play),
    }


def _kit_examples(play: Play, shots: Sequence[Shot], rng: np.random.Generator) -> dict[str, list[object]]:
    """One clearly visible person of each kit at each of a few times."""
    team = {person.entity: person.team or "official" for person in play.cast if person.kind != "goalie"}
    examples: dict[str, list[object]] = {"home": [], "away": [], "official": []}
    for t in KIT_TIMES:
        shot = min(shots, key=lambda candidate: abs(candidate.t - t))
        for kit, rows in examples.items():
            people = [item for item in shot.shown if team.get(item.entity) == kit and _stands_free(item, shot)]
            if people:
                rows.append({"t": round(shot.t, 4), "at": _trunk(people[int(rng.integers(len(people)))], rng)})
    return examples


def _stands_free(item: Shown, shot: Shot) -> bool:
    x1, y1, x2, y2 = item.box
    return item.visible > 0.98 and x1 > 5 and x2 < shot.view.width - 5 and y1 > 80 and y2 < shot.view.height - 60


def _trunk(item: Shown, rng: np.random.Generator) -> list[float]:
    x1, y1, x2, y2 = item.box
    middle = np.array([(x1 + x2) / 2, y1 + 0.4 * (y2 - y1)])
    return [float(v) for v in np.round(middle + rng.normal(0, 1.5, 2))]


def _event(event: dict[str, object], shots: Sequence[Shot], rng: np.random.Generator) -> dict[str, object]:
    t = float(event["t"])  # type: ignore[arg-type]
    shot = min(shots, key=lambda candidate: abs(candidate.t - t))
    row: dict[str, object] = {"t": round(shot.t, 4), "t_sigma": 0.04, "kind": event["kind"]}
    who = [item for item in shot.shown if item.entity == event.get("entity")]
    if who:
        row["at"] = _trunk(who[0], rng)
    for key in ("team", "detail"):
        if event.get(key) is not None:
            row[key] = event[key]
    if event.get("until") is not None:
        row["until"] = round(float(event["until"]), 4)  # type: ignore[arg-type]
    return row
