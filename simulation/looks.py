"""What varies from clip to clip: kits, arena, camera, light, scorebug; drawn from a seed."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import numpy as np

from simulation.arena import ArenaLook
from simulation.camera import Rig
from simulation.figures import OFFICIAL_KIT, Colour, Kit
from simulation.render import Bug, Sensor
from simulation.rink import Paint

DEMO_SEED = 7
DEMO_KITS = {
    "home": Kit(
        shirt=(62, 84, 14), trousers=(40, 34, 26), socks=(62, 84, 14), stripe=(40, 190, 235), helmet=(50, 66, 14),
        gloves=(40, 34, 26), numbers=(235, 240, 240),
    ),
    "away": Kit(
        shirt=(234, 234, 236), trousers=(44, 22, 104), socks=(230, 230, 232), stripe=(48, 24, 118),
        helmet=(44, 22, 104), gloves=(44, 22, 104), numbers=(48, 24, 118),
    ),
}  # fmt: skip
KIT_DISTANCE = 60.0
NAMES = ("NOR", "HAL", "VIK", "OST", "SUN", "GRA", "TOR", "LUM", "KES", "ARC")


@dataclass(frozen=True)
class Look:
    """Everything about a clip that does not change what happens in it."""

    seed: int
    kits: dict[str, Kit]
    rig: Rig
    arena: ArenaLook
    sensor: Sensor
    bug: Bug | None


def kit_distance(first: Kit, second: Kit) -> float:
    """Root mean square difference of shirt (twice), trousers, socks and helmet, in grey levels."""
    parts = ("shirt", "shirt", "trousers", "socks", "helmet")
    gaps = [np.subtract(getattr(first, part), getattr(second, part), dtype=float) for part in parts]
    return float(np.sqrt(np.mean(np.square(gaps))))


def like_the_demo(kit: Kit) -> bool:
    """Whether a kit could be taken for one of the demo clip's, which no training picture may show."""
    return any(kit_distance(kit, demo) < KIT_DISTANCE for demo in DEMO_KITS.values())


def demo_look() -> Look:
    """The look of the embedded clip."""
    base = random_look(DEMO_SEED)
    bug = Bug(score=(1, 2), period="3rd", clock_s=93.0)
    rig = Rig(centre=(0.6, -38.5, 17.2), fx=2250.0, k1=-0.05, lag_s=0.5, zoom=0.1, reach_m=20.0)
    sensor = Sensor(exposure_s=0.007, noise=1.8, soften=0.45, gain=1.05)
    return Look(DEMO_SEED, dict(DEMO_KITS) | {"official": OFFICIAL_KIT}, rig, base.arena, sensor, bug)


ROLL_RAD = 0.009  # half a degree: a head is levelled by hand
LOW = 0.5  # share of the cameras on a platform over the lower stands: published broadcasts are filmed from there


def random_look(seed: int) -> Look:
    """Draw a look; the same seed gives the same look. Kits like the demo's are never drawn."""
    rng = np.random.default_rng([seed, 71])
    kits = {"home": draw_kit(rng, light=False), "away": draw_kit(rng, light=rng.random() < 0.85)}
    kits["official"] = OFFICIAL_KIT
    tint = rng.normal(0, 3.5, 3)
    level = rng.uniform(-22, 6)
    paint = Paint(
        seed=int(rng.integers(1 << 30)),
        ice=colour(np.array((238, 232, 226)) + level + tint),
        red=colour(np.array((75, 60, 195)) + rng.normal(0, 15, 3)),
        blue=colour(np.array((165, 72, 52)) + rng.normal(0, 18, 3)),
        crease=colour(np.array((235, 205, 150)) + rng.normal(0, 8, 3)),
        wear=float(rng.uniform(0.4, 1.8)),
        logo=None if rng.random() < 0.15 else (vivid(rng), vivid(rng)),
        ads=int(rng.integers(2, 8)),
    )
    arena = ArenaLook(
        seed=int(rng.integers(1 << 30)),
        paint=paint,
        kick=(40, 205, 240) if rng.random() < 0.85 else vivid(rng),
        cap=vivid(rng),
        ads=float(rng.uniform(0.5, 0.95)),
        fans=(kits["home"].shirt, kits["home"].stripe, (50, 50, 55), (190, 190, 195), vivid(rng), kits["away"].shirt),
        filled=float(rng.uniform(0.55, 0.98)),
        stands_light=float(rng.uniform(0.3, 0.9)),
        glass=float(rng.uniform(0.015, 0.1)),
    )
    rig = Rig(
        centre=(float(rng.normal(0, 1.5)), float(rng.uniform(-44, -32)), float(rng.uniform(13, 20))),
        fx=float(rng.uniform(1750, 2900)),
        k1=float(rng.uniform(-0.1, 0.03)),
        lag_s=float(rng.uniform(0.3, 0.7)),
        zoom=float(rng.uniform(0.0, 0.25)),
        reach_m=float(rng.uniform(18, 24)),
        shake=float(rng.choice([0.0, 0.0003])),
        roll=float(np.random.default_rng([seed, 109]).normal(0, ROLL_RAD)),
    )
    return Look(seed, kits, _lowered(rig, seed), arena, draw_sensor(rng), draw_bug_look(rng))


def _lowered(rig: Rig, seed: int) -> Rig:
    """Return the camera as drawn, or on a low platform near the boards, from where it has to turn further."""
    rng = np.random.default_rng([seed, 127])
    if rng.random() >= LOW:
        return rig
    centre = (float(rng.normal(0, 4)), float(rng.uniform(-36, -21)), float(rng.uniform(6, 12)))
    return replace(rig, centre=centre, fx=float(rng.uniform(1700, 3600)), reach_m=float(rng.uniform(23, 28)))


def draw_sensor(rng: np.random.Generator) -> Sensor:
    """Draw what a camera and a broadcast do to the light."""
    return Sensor(
        exposure_s=float(rng.uniform(0.002, 0.016)),
        noise=float(rng.uniform(0.5, 5.0)),
        soften=float(rng.uniform(0.2, 1.0)),
        gain=float(rng.uniform(0.85, 1.08)),
        offset=float(rng.uniform(-10, 8)),
        saturation=float(rng.uniform(0.7, 1.25)),
        sharpen=float(rng.uniform(0.0, 0.6)),
    )


def draw_kit(rng: np.random.Generator, light: bool) -> Kit:
    """Draw a team's kit, a light or a dark one, unlike those of the demo clip."""
    while True:
        main, second = vivid(rng), vivid(rng)
        dark = colour(np.array(main) * rng.uniform(0.3, 1.0))
        pale = colour(np.full(3, 236) + rng.normal(0, 5, 3))
        shirt = pale if light else main
        trousers = dark if rng.random() < 0.7 else (35, 32, 30)
        helmet = pale if rng.random() < (0.6 if light else 0.15) else trousers
        kit = Kit(
            shirt=shirt,
            trousers=trousers,
            socks=shirt if rng.random() < 0.8 else second,
            stripe=main if light else (second if rng.random() < 0.6 else pale),
            helmet=helmet,
            gloves=trousers,
            yoke=second if rng.random() < 0.3 else None,
            numbers=main if light else pale,
        )
        if not like_the_demo(kit):
            return kit


def draw_bug_look(rng: np.random.Generator) -> Bug | None:
    """Draw a scorebug, or none."""
    if rng.random() < 0.15:
        return None
    names = rng.choice(NAMES, 2, replace=False)
    return Bug(
        (str(names[0]), str(names[1])),
        (int(rng.integers(6)), int(rng.integers(6))),
        "2nd",
        float(rng.uniform(60, 1190)),
        True,
        int(rng.choice([60, 350, 660])),
        int(rng.choice([20, 34, 640])),
    )


def vivid(rng: np.random.Generator) -> Colour:
    """Draw a strong colour."""
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.5, 1.0), rng.uniform(0.25, 0.95))
    return colour(np.array((blue, green, red)) * 255)


def colour(values: np.ndarray) -> Colour:
    """Return three grey levels as a colour."""
    blue, green, red = (int(v) for v in np.clip(values, 0, 255))
    return blue, green, red
