"""Random instants of play for training pictures: who stands where, how, and where the puck is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ontologies.field import Field
from simulation.figures import Figure, Kit, Stance, blade_point

APART_M = 0.7
GOALMOUTH = 0.35


@dataclass(frozen=True)
class State:
    """One instant.

    Attributes:
        figures: everybody.
        puck: field metres, or None.
        puck_velocity: metres a second, shape (2,).
        aim: field metres, what the camera looks at.
    """

    figures: list[Figure]
    puck: tuple[float, float] | None
    puck_velocity: np.ndarray
    aim: tuple[float, float]


def random_state(field: Field, kits: dict[str, Kit], rng: np.random.Generator) -> State:
    """Draw an instant: skaters gather around the play, goalies mind their nets, officials keep away.

    Args:
        field: the rink.
        kits: of `home`, `away` and `official`.
        rng: source of chance.
    """
    half = np.array([field.length_m / 2 - 1.2, field.width_m / 2 - 0.7])
    play = rng.uniform(-1, 1, 2) * [25, 11]
    if rng.random() < GOALMOUTH:
        play = np.array([rng.choice([-1.0, 1.0]) * rng.uniform(19, 25), rng.uniform(-5, 7)])
    spread = rng.uniform(3.0, 9.0)
    taken: list[np.ndarray] = []
    figures: list[Figure] = []
    for team in ("home", "away"):
        for i in range(int(rng.integers(4, 7))):
            at = _spot(play, spread, half, taken, rng)
            number = str(int(rng.integers(1, 99)))
            figures.append(_skater(f"{team}{i}", at, play, kits[team], number, rng))
        end = (1 if team == "home" else -1) * (half[0] - 4.0)
        at = np.array([end - np.sign(end) * rng.uniform(-1.0, 1.2), rng.uniform(-1.2, 1.2)])
        heading = float(np.arctan2(play[1] - at[1], play[0] - at[0]) + rng.normal(0, 0.2))
        figures.append(Figure(f"goalie_{team}", "goalie", _pair(at), _crouch(heading, rng), kits[team], number="35"))
    for i in range(int(rng.integers(3, 5))):
        at = _spot(play, spread * 1.6, half, taken, rng, edge=rng.random() < 0.6)
        figures.append(_official(f"official{i}", at, play, kits["official"], rng))
    puck, velocity = _puck(figures, play, spread, half, rng)
    aim = np.clip(play + rng.normal(0, 4, 2), [-23, -3], [23, 3]) * [1, 0.4]
    return State(figures, puck, velocity, _pair(aim))


def _crouch(heading: float, rng: np.random.Generator) -> Stance:
    return Stance(heading, float(rng.uniform(0, 1)), float(rng.uniform(0, 0.5)), float(rng.uniform(0, 1)))


def _pair(xy: np.ndarray) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])


def _spot(
    play: np.ndarray,
    spread: float,
    half: np.ndarray,
    taken: list[np.ndarray],
    rng: np.random.Generator,
    edge: bool = False,
) -> np.ndarray:
    """A free spot on the ice, near the play or along the far boards."""
    for _ in range(30):
        at = np.clip(play + rng.normal(0, spread, 2), -half, half)
        if edge:
            at[1] = half[1] - rng.uniform(0, 1.0)
        if np.hypot(*np.maximum(np.abs(at) - half + 7.5, 0)) > 7.5:  # outside the rounded corner
            continue
        if all(np.hypot(*(at - other)) > APART_M for other in taken):
            break
    taken.append(at)
    return at


def _skater(entity: str, at: np.ndarray, play: np.ndarray, kit: Kit, number: str, rng: np.random.Generator) -> Figure:
    speed = float(rng.uniform(0, 9)) * float(rng.random() < 0.8)
    way = float(rng.uniform(0, 2 * np.pi))
    towards = float(np.arctan2(play[1] - at[1], play[0] - at[0]))
    heading = way if rng.random() < 0.6 else towards + float(rng.normal(0, 0.5))
    effort = min(speed / 6, 1.0)
    side = 0.3 if rng.random() < 0.6 else -0.3
    stance = Stance(
        heading=heading,
        lean=float(rng.uniform(0.2, 0.6) + 0.35 * effort),
        crouch=float(rng.uniform(0.04, 0.34)),
        stride=float(effort * rng.uniform(0.3, 1.1)),
        phase=float(rng.uniform(0, 2 * np.pi)),
        blade=(float(rng.uniform(0.5, 1.4)), side * float(rng.uniform(0.3, 2.2))),
        grip=int(rng.random() < 0.75),
    )
    velocity = (speed * float(np.cos(way)), speed * float(np.sin(way)))
    size, texture = float(rng.uniform(0.93, 1.06)), int(rng.integers(1000))
    return Figure(entity, "player", _pair(at), stance, kit, velocity, number, size, texture)


def _official(entity: str, at: np.ndarray, play: np.ndarray, kit: Kit, rng: np.random.Generator) -> Figure:
    towards = float(np.arctan2(play[1] - at[1], play[0] - at[0]))
    stance = Stance(
        heading=towards + float(rng.normal(0, 0.5)),
        lean=float(rng.uniform(0.05, 0.55)),
        crouch=float(rng.uniform(0.0, 0.25)),
        stride=float(rng.uniform(0, 0.7)),
        phase=float(rng.uniform(0, 2 * np.pi)),
        blade=(0.5, -0.3),
        grip=0,
        arm_up=bool(rng.random() < 0.25),
    )
    return Figure(entity, "official", _pair(at), stance, kit, texture=int(rng.integers(1000)))


def _puck(
    figures: list[Figure], play: np.ndarray, spread: float, half: np.ndarray, rng: np.random.Generator
) -> tuple[tuple[float, float] | None, np.ndarray]:
    """On a stick, free on the ice, or nowhere."""
    kind = rng.random()
    if kind < 0.05:
        return None, np.zeros(2)
    if kind < 0.5:
        skaters = [figure for figure in figures if figure.kind == "player"]
        carrier = skaters[int(rng.integers(len(skaters)))]
        at = blade_point(carrier.xy, carrier.stance) + rng.normal(0, 0.07, 2)
        return _pair(np.clip(at, -half, half)), np.array(carrier.velocity)
    at = np.clip(play + rng.normal(0, spread, 2), -half, half)
    speed = rng.uniform(0, 28) if rng.random() < 0.8 else 0.0
    way = rng.uniform(0, 2 * np.pi)
    return _pair(at), speed * np.array([np.cos(way), np.sin(way)])
