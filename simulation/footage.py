"""Football, soccer and basketball plays as footage: who holds himself how at each instant, seen by a camera."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ontologies.field import Field
from simulation.arena import Arena
from simulation.athletes import PARTS, Athlete, paint_ball, standing, strides
from simulation.camera import Rig, View, follow
from simulation.closeup import CloseUp, camera_at
from simulation.figures import Kit
from simulation.plays.play import Person, Play
from simulation.render import Bug, Renderer, Sensor, draw_bug, stills
from simulation.stadium import StadiumLook, build_stadium
from simulation.staging import Shot, shown_at, shown_by

BENCH_DEPTH_M = {"football": (3.2, 5.4), "soccer": (3.2, 5.4), "basketball": (1.6, 2.6)}  # where people wait
BENCH_REACH = 0.42  # of half the field, to either side of the middle
BENCH_SPREAD_M = 1.1  # between two people, about
WAITING_M = (0.8, 1.95)  # width and height of one of them, arms and hair included


@dataclass(frozen=True)
class FootageLook:
    """Everything about a clip that does not change what happens in it.

    Attributes:
        seed: of everything below that is drawn while filming.
        kits: of `home`, `away` and `official`.
        rig: the camera.
        stadium: what stands still.
        sensor: of the camera.
        bug: the scorebug, or None.
        benched: how full the sideline is with people who wait, 0 to 1.
    """

    seed: int
    kits: dict[str, Kit]
    rig: Rig
    stadium: StadiumLook
    sensor: Sensor
    bug: Bug | None
    benched: float = 0.8


def athletes_at(play: Play, index: int, look: FootageLook) -> list[Athlete]:
    """Return everybody's figure at one of the play's instants."""
    paths = [play.paths[person.entity] for person in play.cast]
    xy, velocity = np.array([path.xy[index] for path in paths]), np.array([path.velocity[index] for path in paths])
    heading = np.array([play.heading[person.entity][index] for person in play.cast])
    begun = np.array([_chance(person.entity, "phase") for person in play.cast])
    phase = 2 * np.pi * (1.4 * float(play.t[index]) + begun)
    parts = strides(xy, heading, np.hypot(*velocity.T), phase)
    for person, own in zip(play.cast, parts, strict=True):
        for number, name in enumerate(PARTS):
            known = play.parts.get((person.entity, name))
            if known is not None:
                own[number] = known[index]
    places = zip(xy.tolist(), velocity.tolist(), heading.tolist(), parts, strict=True)
    return [_athlete(play, person, look, place) for person, place in zip(play.cast, places, strict=True)]


def _athlete(
    play: Play, person: Person, look: FootageLook, place: tuple[list[float], list[float], float, np.ndarray]
) -> Athlete:
    """Return somebody's figure from his ground point, velocity, heading and parts, in the order of ``PARTS``."""
    xy, velocity, heading, parts = place
    return Athlete(
        entity=person.entity,
        kind=person.kind,
        xy=(xy[0], xy[1]),
        heading=heading,
        parts=dict(zip(PARTS, parts, strict=True)),
        kit=look.kits[person.team or "official"] if person.kind != "staff" else look.kits["staff"],
        wear="football" if play.domain == "football" and person.kind != "staff" else "shirt",
        velocity=(velocity[0], velocity[1]),
        number=person.number,
        texture=int(1000 * _chance(person.entity, f"cloth{look.seed}")),
    )


def _chance(entity: str, what: str) -> float:
    """Return a fixed number in [0, 1) for one person and purpose."""
    return (zlib.crc32(f"{entity}/{what}".encode()) % 10007) / 10007


def bench(field: Field, look: FootageLook, wear: str) -> list[Athlete]:
    """Draw who waits on the sidelines, players and staff among them: home on the near one, in a hall all on the far."""
    rng = np.random.default_rng([look.seed, 5])
    found = []
    sides = (("home", -1.0), ("away", 1.0)) if field.domain != "basketball" else (("home", 1.0), ("away", 1.0))
    for team, side in sides:
        x = -BENCH_REACH * field.length_m / 2
        while x < BENCH_REACH * field.length_m / 2:
            x += BENCH_SPREAD_M * float(rng.uniform(0.5, 1.8))
            if rng.random() > look.benched:
                continue
            xy = (x, side * (field.width_m / 2 + float(rng.uniform(*BENCH_DEPTH_M[field.domain]))))
            staff = rng.random() < 0.3
            heading = float(-side * np.pi / 2 + rng.normal(0, 0.7))
            kit, worn = look.kits["staff" if staff else team], "shirt" if staff else wear
            texture, number = int(rng.integers(1000)), "" if staff else str(int(rng.integers(1, 99)))
            name = f"{team}-bench-{len(found)}"
            parts = standing(xy, heading)
            found.append(Athlete(name, "player", xy, heading, parts, kit, worn, (0.0, 0.0), number, texture))
    return found


def boxes_of(waiting: Sequence[Athlete], view: View) -> tuple[tuple[float, ...], ...]:
    """Return the boxes of people who stand, about, pixels x1, y1, x2, y2, not clipped; those in the picture only."""
    if not waiting:
        return ()
    feet = np.array([(*person.xy, 0.0) for person in waiting])
    right = np.array([np.cos(view.pan), -np.sin(view.pan), 0.0]) * WAITING_M[0] / 2
    up = np.array([0.0, 0.0, WAITING_M[1]])
    corners = np.stack([feet - right, feet + right, feet - right + up, feet + right + up], axis=1)
    pixels = view.to_image(corners.reshape(-1, 3)).reshape(-1, 4, 2)
    boxes = np.hstack([pixels.min(axis=1), pixels.max(axis=1)])
    inside = (boxes[:, :2] < (view.width, view.height)).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)
    return tuple(tuple(float(value) for value in box) for box in boxes[inside])


def stadium_of(field: Field, look: FootageLook, views: list[View], waiting: Sequence[Athlete]) -> Arena:
    """Paint what the views show of the stadium, those who wait among it, sharp enough for the longest zoom."""
    pans, tilts = shown_by(views)
    sharpest = max(view.fx for view in views)
    return build_stadium(field, look.stadium, look.rig.centre, sharpest, pans, tilts, waiting)


def film(
    play: Play, field: Field, look: FootageLook, frames: Sequence[int] | None = None, close: CloseUp | None = None
) -> Iterator[Shot]:
    """Render a play, one picture at a time.

    Args:
        play: the truth.
        field: where it is played.
        look: of the clip.
        frames: which of the play's instants; all by default.
        close: a cut to somebody and back.
    """
    main = follow(look.rig, play.t, play.ball[:, :2], look.seed)
    wear = "football" if play.domain == "football" else "shirt"
    waiting = bench(field, look, wear)
    arenas = [stadium_of(field, look, main, waiting)]
    if close is not None:
        ranges = (close.pans, close.tilts)
        centre = close.views[0].centre
        arenas.append(build_stadium(field, look.stadium, centre, close.sharpness, *ranges, waiting))
    velocity = np.gradient(play.ball[:, :2], play.t, axis=0)
    ball = functools.partial(paint_ball, sport=play.domain)
    mirrors = play.domain == "basketball"
    renderers = [Renderer(arena, look.sensor, (), look.seed, ball, mirrors) for arena in arenas]
    instants = frames if frames is not None else range(len(play.t))
    for index, near, view, still in stills(renderers, shown_at(play.t, main, close, instants)):
        place = tuple(float(v) for v in play.ball[index])
        motion = np.zeros(2), velocity[index]
        picture, shown = renderers[near].picture(view, athletes_at(play, index, look), place, motion, still)
        if look.bug is not None:
            draw_bug(picture, look.bug, float(play.t[index]))
        t, cut, beside = float(play.t[index]), camera_at(main, close, index)[2], boxes_of(waiting, view)
        yield Shot(index, t, picture, view, shown, cut, near, beside)
