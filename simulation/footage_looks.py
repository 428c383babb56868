"""What varies from clip to clip of football, soccer and basketball: kits, stadium, camera, light; drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from records.names import unknown
from simulation.arena import ArenaLook
from simulation.camera import Rig
from simulation.canvas import WORDS
from simulation.figures import OFFICIAL_KIT, Kit
from simulation.floor import Floor
from simulation.footage import FootageLook
from simulation.looks import ROLL_RAD, colour, draw_bug_look, draw_kit, draw_sensor, kit_distance, vivid
from simulation.rink import Paint
from simulation.stadium import StadiumLook
from simulation.turf import Turf

TURF_SHADES = ((52, 120, 72), (44, 104, 58), (60, 128, 96), (58, 112, 62), (66, 120, 110))
BENCHED = {"football": (0.4, 0.95), "soccer": (0.0, 0.25)}  # how full the sidelines are
REFEREES = ((30, 30, 32), (40, 220, 235), (120, 60, 200), (200, 160, 60))
UNLIKE = 55.0  # grey levels by which the kits of two teams differ, at least


@dataclass(frozen=True)
class Platform:
    """Where a sport's main camera stands.

    Attributes:
        away_m: from the middle of the field, metres.
        above_m: it, metres.
        fx: focal length, pixels.
    """

    away_m: tuple[float, float]
    above_m: tuple[float, float]
    fx: tuple[float, float]


PLATFORMS = {
    "football": Platform((58, 78), (18, 32), (1900, 3000)),
    "soccer": Platform((58, 92), (11, 28), (1900, 3700)),
}


def _sideline(rng: np.random.Generator, domain: str) -> Rig:
    """Draw a broadcast camera high above the near sideline, which follows the ball."""
    platform = PLATFORMS[domain]
    return Rig(
        centre=(float(rng.normal(0, 4)), float(-rng.uniform(*platform.away_m)), float(rng.uniform(*platform.above_m))),
        fx=float(rng.uniform(*platform.fx)),
        roll=float(rng.normal(0, ROLL_RAD)),
        k1=float(rng.uniform(-0.06, 0.02)),
        lag_s=float(rng.uniform(0.5, 1.0)),
        zoom=float(rng.uniform(0.0, 0.2)),
        reach_m=52.0,
        shake=float(rng.choice([0.0, 0.0002])),
    )


def _high(rng: np.random.Generator, domain: str) -> Rig:
    """Draw a tactical camera that holds all twenty-two, from the press box."""
    wide = _sideline(rng, domain)
    return replace(wide, fx=wide.fx * 0.62, zoom=0.0, lag_s=1.2, shake=0.0)


def _end_zone(rng: np.random.Generator, _: str) -> Rig:
    """Draw a camera on a lift behind an end line."""
    side = float(rng.choice([-1.0, 1.0]))
    return Rig(
        centre=(side * float(rng.uniform(72, 84)), float(rng.normal(0, 2)), float(rng.uniform(10, 17))),
        fx=float(rng.uniform(2200, 3600)),
        roll=float(rng.normal(0, ROLL_RAD)),
        k1=float(rng.uniform(-0.05, 0.02)),
        lag_s=float(rng.uniform(0.5, 1.0)),
        zoom=0.0,
        reach_m=52.0,
        shake=float(rng.choice([0.0, 0.0002])),
    )


def _court_side(rng: np.random.Generator) -> Rig:
    """Draw a broadcast camera above the lower stands of a hall."""
    return Rig(
        centre=(float(rng.normal(0, 1.5)), float(rng.uniform(-30, -22)), float(rng.uniform(8, 13))),
        fx=float(rng.uniform(1250, 1900)),
        roll=float(rng.normal(0, ROLL_RAD)),
        k1=float(rng.uniform(-0.08, 0.02)),
        lag_s=float(rng.uniform(0.3, 0.7)),
        zoom=float(rng.uniform(0.0, 0.2)),
        reach_m=12.0,
        shake=float(rng.choice([0.0, 0.0003])),
    )


CAMERAS: Mapping[str, Callable[[np.random.Generator, str], Rig]] = {
    "end_zone": _end_zone,
    "high": _high,
    "sideline": _sideline,
}


def footage_look(seed: int, camera: str = "sideline", domain: str = "football") -> FootageLook:
    """Draw a look; the same seed gives the same look.

    Args:
        seed: of the random numbers.
        camera: of `CAMERAS`.
        domain: `football`, `soccer` or `basketball`, which has a `sideline` camera only.

    Raises:
        InputError: there is no such camera.
    """
    if domain == "basketball" and camera == "sideline":
        return _hall(seed)
    if camera not in CAMERAS:
        raise unknown("camera", camera, CAMERAS)
    rng = np.random.default_rng([seed, 83])
    kits = _kits(rng) | {"official": OFFICIAL_KIT if domain == "football" else _referee(rng)}
    stands = _stands(rng, kits)
    stadium = StadiumLook(stands, _turf(rng, kits["home"], domain))
    sensor, bug = draw_sensor(rng), draw_bug_look(rng)
    benched = float(rng.uniform(*BENCHED[domain]))
    return FootageLook(seed, kits, CAMERAS[camera](rng, domain), stadium, sensor, bug, benched)


def _hall(seed: int) -> FootageLook:
    """Draw a look of basketball."""
    rng = np.random.default_rng([seed, 89])
    kits = _kits(rng)
    grey = colour(np.full(3, rng.uniform(90, 150)))
    kits |= {"official": Kit(grey, (30, 28, 28), (30, 28, 28), grey, grey, grey)}
    kits |= {team: replace(kits[team], trousers=kits[team].shirt) for team in ("home", "away")}
    stands = _stands(rng, kits)
    wood = colour(np.array((110, 165, 205)) * rng.uniform(0.75, 1.12) + rng.normal(0, 6, 3))
    main, second = kits["home"].shirt, kits["home"].stripe
    floor = Floor(
        seed=int(rng.integers(1 << 30)),
        wood=wood,
        line=(240, 242, 242) if rng.random() < 0.8 else (40, 36, 36),
        border=main if rng.random() < 0.7 else vivid(rng),
        lane=main if rng.random() < 0.6 else None,
        logo=(main, second) if rng.random() < 0.8 else None,
        grain=float(rng.uniform(4, 14)),
        apron_m=float(rng.uniform(2.6, 3.6)),
    )
    stadium = StadiumLook(stands, floor, rows=34, corner_m=1.0, wall_m=0.9, texture_px_m=70)
    sensor, bug = draw_sensor(rng), draw_bug_look(rng)
    return FootageLook(seed, kits, _court_side(rng), stadium, sensor, bug, float(rng.uniform(0.2, 0.8)))


def _stands(rng: np.random.Generator, kits: Mapping[str, Kit]) -> ArenaLook:
    """Draw wall and crowd."""
    return ArenaLook(
        seed=int(rng.integers(1 << 30)),
        paint=Paint(0),
        board=colour(np.full(3, rng.uniform(40, 235))),
        kick=vivid(rng),
        cap=vivid(rng),
        ads=float(rng.uniform(0.3, 0.9)),
        fans=(kits["home"].shirt, kits["home"].stripe, (50, 50, 55), (190, 190, 195), vivid(rng), kits["away"].shirt),
        filled=float(rng.uniform(0.4, 0.98)),
        stands_light=float(rng.uniform(0.35, 0.95)),
    )


def _kits(rng: np.random.Generator) -> dict[str, Kit]:
    """Draw both teams' kits and the staff's; trousers are often lighter or darker than the shirt."""
    home = draw_kit(rng, light=False)
    away = draw_kit(rng, light=bool(rng.random() < 0.7))
    while kit_distance(home, away) < UNLIKE:
        away = draw_kit(rng, light=True)
    kits = {}
    for team, kit in (("home", home), ("away", away)):
        trousers = colour(np.full(3, rng.uniform(170, 235))) if rng.random() < 0.4 else kit.trousers
        kits[team] = replace(kit, trousers=trousers, gloves=(40, 40, 40) if rng.random() < 0.6 else kit.stripe)
    dark = colour(np.full(3, rng.uniform(30, 110)))
    staff = Kit(dark, colour(np.array([90, 120, 140]) * rng.uniform(0.4, 1.1)), dark, dark, dark, dark)
    return kits | {"staff": staff}


def _referee(rng: np.random.Generator) -> Kit:
    """Draw soccer's officials: one strong colour, black below."""
    shirt = REFEREES[rng.integers(len(REFEREES))]
    black = (28, 26, 26)
    return Kit(shirt, black, black, shirt, black, black)


def _turf(rng: np.random.Generator, home: Kit, domain: str) -> Turf:
    shade = np.array(TURF_SHADES[rng.integers(len(TURF_SHADES))], float) * rng.uniform(0.8, 1.15)
    names = [str(word).upper() for word in rng.choice(WORDS, 2)]
    football = domain == "football"
    return Turf(
        seed=int(rng.integers(1 << 30)),
        grass=colour(shade),
        stripe_m=float(rng.choice([0.0, 4.572, 9.144])) if football else float(rng.choice([0.0, 5.5, 7.5])),
        stripes=float(rng.uniform(4, 20)),
        ends=(home.shirt, home.shirt) if football and rng.random() < 0.75 else None,
        words=(names[0], names[1]) if rng.random() < 0.8 else ("", ""),
        logo=(home.shirt, home.stripe) if football and rng.random() < 0.7 else None,
        wear=float(rng.uniform(0.3, 2.0)),
        apron_m=float(rng.uniform(7.5, 11.0)),
    )
