"""From a play's truth to figures: how everybody holds himself at each instant."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ontologies.field import Field
from simulation.arena import Arena, build_arena
from simulation.camera import View, follow
from simulation.closeup import CloseUp, camera_at
from simulation.figures import Figure, Stance
from simulation.looks import Look
from simulation.plays.play import Person, Play
from simulation.render import Renderer, Shown, draw_bug, stills
from simulation.scenario import carry_blade

MARGIN_RAD = 0.03


@dataclass(frozen=True)
class Shot:
    """One rendered picture of a play with its truth.

    Attributes:
        frame: index.
        t: seconds.
        image: uint8 BGR.
        view: the camera.
        shown: truth of the figures and the puck.
        cut: number of the camera shot that it belongs to.
        close: somebody in close-up rather than the play.
        waiting: boxes of people who wait beside the field, about, pixels x1, y1, x2, y2; not clipped.
    """

    frame: int
    t: float
    image: np.ndarray
    view: View
    shown: list[Shown]
    cut: int = 0
    close: bool = False
    waiting: tuple[tuple[float, ...], ...] = ()


def figures_at(play: Play, index: int, look: Look) -> list[Figure]:
    """Everybody's figure at one of the play's instants."""
    t = float(play.t[index])
    people = []
    for person in play.cast:
        path = play.paths[person.entity]
        velocity = path.velocity[index]
        people.append(
            Figure(
                entity=person.entity,
                kind=person.kind,
                xy=(float(path.xy[index, 0]), float(path.xy[index, 1])),
                stance=_stance(person, play, index, t),
                kit=look.kits[person.team or "official"],
                velocity=(float(velocity[0]), float(velocity[1])),
                number=person.number,
                size=0.96 + 0.08 * _chance(person.entity, "size"),
                texture=int(1000 * _chance(person.entity, "cloth")),
            )
        )
    return people


def _chance(entity: str, what: str) -> float:
    """A fixed number in [0, 1) for one person and purpose."""
    return (zlib.crc32(f"{entity}/{what}".encode()) % 10007) / 10007


def _stance(person: Person, play: Play, index: int, t: float) -> Stance:
    speed = float(np.hypot(*play.paths[person.entity].velocity[index]))
    heading = float(play.heading[person.entity][index])
    phase = 2 * np.pi * (0.95 * t + _chance(person.entity, "phase"))
    effort = min(speed / 6.0, 1.0) * (0.6 + 0.4 * np.sin(0.9 * t + 6 * _chance(person.entity, "glide")))
    if person.kind == "official":
        up = person.arm_up is not None and person.arm_up[0] <= t <= person.arm_up[1]
        return Stance(heading, 0.15 + 0.2 * effort, 0.06 + 0.08 * effort, 0.6 * effort, phase, (0.5, -0.3), 0, up)
    side = 0.3 if person.shoots == "left" else -0.3
    carrying = play.carrier[index] == person.entity
    blade = carry_blade(person, t) if carrying else (0.95 + 0.25 * _chance(person.entity, "reach"), 1.3 * side)
    lean = 0.42 + 0.3 * effort + 0.12 * _chance(person.entity, "lean")
    return Stance(heading, lean, 0.16 + 0.12 * effort, effort, phase, blade, int(carrying or speed < 5))


def arena_of(field: Field, look: Look, views: Sequence[View] = ()) -> Arena:
    """The arena of a look, sharp enough for its longest zoom: what the views show of it, or all that a camera may."""
    scale = look.rig.fx * (1 + look.rig.zoom / 2)
    if not views:
        return build_arena(field, look.arena, look.rig.centre, scale)
    pans, tilts = shown_by(views)
    return build_arena(field, look.arena, look.rig.centre, scale, tilts, pans)


def shown_by(views: Sequence[View]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ranges of pan and tilt that views take in, radians; a panorama begins below the horizon."""
    half = np.hypot(views[0].width, views[0].height) / 2
    away = max(float(np.arctan(half / view.fx)) for view in views) + MARGIN_RAD
    down = views[0].height / 2 / min(view.fx for view in views) + 3 * MARGIN_RAD
    pans, tilts = [view.pan for view in views], [view.tilt for view in views]
    return (min(pans) - away, max(pans) + away), (max(min(tilts) - down, 0.01), max(tilts) + down)


def film(
    play: Play, field: Field, look: Look, frames: Sequence[int] | None = None, close: CloseUp | None = None
) -> Iterator[Shot]:
    """Render a play, one picture at a time.

    Args:
        play: the truth.
        field: the rink.
        look: of the clip.
        frames: which of the play's instants; all by default.
        close: a cut to somebody and back.
    """
    main = follow(look.rig, play.t, play.puck, look.seed)
    renderers = [Renderer(arena_of(field, look, main), look.sensor, goal_lines(field), look.seed)]
    if close is not None:
        arena = build_arena(field, look.arena, close.views[0].centre, close.sharpness, close.tilts, close.pans)
        renderers.append(Renderer(arena, look.sensor, goal_lines(field), look.seed))
    puck_velocity = np.gradient(play.puck, play.t, axis=0)
    instants = frames if frames is not None else range(len(play.t))
    for index, near, view, still in stills(renderers, shown_at(play.t, main, close, instants)):
        puck = (float(play.puck[index, 0]), float(play.puck[index, 1]))
        motion = np.zeros(2), puck_velocity[index]
        image, shown = renderers[near].picture(view, figures_at(play, index, look), puck, motion, still)
        if look.bug is not None:
            draw_bug(image, look.bug, float(play.t[index]))
        yield Shot(index, float(play.t[index]), image, view, shown, camera_at(main, close, index)[2], near)


def shown_at(
    t: np.ndarray, main: list[View], close: CloseUp | None, instants: Iterable[int]
) -> Iterator[tuple[int, bool, View, np.ndarray]]:
    """Return, for instants of a play, whether each is shown in close-up, its view, and how the still world moves.

    Args:
        t: seconds, of all instants of the play.
        main: views of the main camera, one for each.
        close: the close-up, where there is one.
        instants: which are shown.

    Yields:
        The instant, whether it is a close-up, the view, and pixels a second, shape (2,).
    """
    for index in instants:
        views, here, cut = camera_at(main, close, index)
        yield index, cut == 1, views[here], camera_motion(views, here, float(t[1] - t[0]))


def goal_lines(field: Field) -> tuple[float, float]:
    """Where the two goal lines are along x, field metres, left then right, from the goal posts."""
    return field.landmarks["goal_post_left_far"][0], field.landmarks["goal_post_right_far"][0]


def camera_motion(views: list[View], index: int, step_s: float) -> np.ndarray:
    """How fast the still world moves in the middle of the picture, pixels a second, shape (2,)."""
    before, after = views[max(index - 1, 0)], views[min(index + 1, len(views) - 1)]
    if before is after:
        return np.zeros(2)
    middle = views[index].rays(views[index].principal[None])
    point = np.asarray(views[index].centre) + middle * 40
    span = (min(index + 1, len(views) - 1) - max(index - 1, 0)) * step_s
    return (after.to_image(point) - before.to_image(point))[0] / span
