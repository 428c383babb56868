"""Whole matches as tracking data, made up at any length: a load for the rule engine, not a model of play.

The ball or puck goes straight from one carrier's place to the next; everybody else follows it from a place of
his own. There are whistles and restarts, passes and carries, and stretches in which somebody was not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from records.scene import Scene, scene_of

Floats = NDArray[np.float64]

WANDER_M, WANDER_S = 1.0, 2.0  # how far, and how quickly, a person strays from his path
GAP_S = 1.0  # mean length of a stretch in which somebody is not seen
OTHER = {"home": "away", "away": "home"}


@dataclass(frozen=True)
class Sport:
    """What tells one sport's matches from another's.

    Attributes:
        domain: of the ontology.
        edition: its rulebook.
        ball: id and kind of the ball or puck.
        keeper: kind of a goalkeeper.
        half: half of the length and of the width in which the ball moves, metres.
        size: players of a team, goalkeeper included.
        follow: how much of the ball's way along and across the field a player follows.
        ahead: how far a player's own place is ahead of the ball at most, in half lengths.
        kept: share of the legs on which the carrier keeps the ball.
        leg_s: shortest and longest time of a leg.
        live_s: shortest and longest stretch of live play.
        stopped_s: and of play stopped.
        periods: into how many the match is cut; teams change ends.
        events: from the instants of a match to the columns of its events.
    """

    domain: str
    edition: str
    ball: str
    keeper: str
    half: tuple[float, float]
    size: int
    follow: tuple[float, float]
    ahead: float
    kept: float
    leg_s: tuple[float, float]
    live_s: tuple[float, float]
    stopped_s: tuple[float, float]
    periods: int
    events: Callable[[Script], list[dict[str, Any]]]


@dataclass(frozen=True, eq=False)
class Script:
    """When play starts and stops, and the legs of the ball between: arrays (leg,), the last one an end only.

    Attributes:
        starts: instants at which play starts, seconds.
        stops: instants at which it stops.
        t: begin of each leg.
        x: where the ball is then.
        y: where the ball is then.
        team: 0 for home, 1 for away: who has the ball on that leg.
        carrier: number of the player who has it.
        live: whether the leg is play.
        toward: +1 where home attacks the right end, else -1.
    """

    starts: Floats
    stops: Floats
    t: Floats
    x: Floats
    y: Floats
    team: NDArray[np.int64]
    carrier: NDArray[np.int64]
    live: NDArray[np.bool_]
    toward: Floats


def match(sport: Sport, seconds: float, fps: float, gaps: float = 0.05, seed: int = 0, **keys: Any) -> Scene:
    """Make up a match.

    Args:
        sport: ``HOCKEY`` or ``SOCCER``.
        seconds: its length.
        fps: rows a second.
        gaps: share of the time in which somebody is not seen.
        seed: of the random numbers; the same seed gives the same match.
        keys: further keys of scene.yaml.
    """
    rng = np.random.default_rng(seed)
    script = _script(sport, seconds, rng)
    times = np.arange(round(seconds * fps)) / fps
    ids = [*(f"{team[0]}{n}" for team in OTHER for n in range(1, sport.size + 1)), sport.ball]
    x, y = np.empty((len(times), len(ids)), np.float32), np.empty((len(times), len(ids)), np.float32)
    seen = np.empty((len(times), len(ids)), np.bool_)
    for column, name in enumerate(ids):
        along, across = (script.x, script.y) if name == sport.ball else _path(sport, script, column, rng)
        stray = 0.0 if name == sport.ball else WANDER_M / 3
        x[:, column] = np.interp(times, script.t, along) + stray * _wander(times, rng)
        y[:, column] = np.interp(times, script.t, across) + stray * _wander(times, rng)
        seen[:, column] = ~_unseen(times, gaps, rng)
    scene = {
        "schema": 1,
        "id": f"{sport.domain}-{seconds:g}s-{seed}",
        "domain": sport.domain,
        "edition": sport.edition,
        "attacks": _ends(sport, seconds),
        "source": "made up",
        "roster": {"home": sport.size, "away": sport.size},
        **keys,
    }
    return scene_of(scene, {"tracks": _rows(sport, times, ids, x, y, seen), "events": _columns(sport.events(script))})


def _script(sport: Sport, seconds: float, rng: np.random.Generator) -> Script:
    starts, stops, t, live = [], [], [], []
    clock = 0.0
    while clock < seconds:
        stop = min(clock + rng.uniform(*sport.live_s), seconds)
        starts.append(clock)
        stops.append(stop)
        while clock < stop:
            t.append(clock)
            live.append(True)
            clock += rng.uniform(*sport.leg_s)
        t.append(stop)
        live.append(False)
        clock = stop + rng.uniform(*sport.stopped_s)
    begins, playing = np.array([*t, seconds + 1.0]), np.array([*live, False])
    count = len(begins)
    changes = rng.random(count) > 0.7
    team = np.cumsum(changes) % 2
    carrier = rng.integers(1, sport.size, count)
    keeps = rng.random(count) < sport.kept
    for leg in range(1, count):
        if keeps[leg] and not changes[leg]:
            carrier[leg] = carrier[leg - 1]
    period = np.minimum((begins * sport.periods / seconds).astype(int), sport.periods - 1)
    x, y = (_walk(half, count, rng) for half in sport.half)
    restarts = np.isin(begins, starts)
    x[restarts], y[restarts] = 0.0, 0.0
    return Script(np.array(starts), np.array(stops), begins, x, y, team, carrier, playing, 1.0 - 2.0 * (period % 2))


def _walk(half: float, count: int, rng: np.random.Generator) -> Floats:
    """Return places one after the other, each drawn around a point nearer to the middle than the one before."""
    steps, place = rng.normal(0.0, half / 3, count), 0.0
    result = np.empty(count)
    for leg, step in enumerate(steps):
        place = float(np.clip(0.8 * place + step, -half, half))
        result[leg] = place
    return result


def _path(sport: Sport, script: Script, column: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return where a player is at the begin of each leg: with the ball when it is his, else behind it."""
    team, number = divmod(column, sport.size)
    own = -script.toward if team == 0 else script.toward  # towards the own goal
    length, width = sport.half
    if number == 0:
        return own * (length - 1.0), 0.1 * script.y
    depth, lane = rng.uniform(-sport.ahead, 0.35) * length, rng.uniform(-0.8, 0.8) * width
    x = sport.follow[0] * script.x + own * depth + rng.normal(0.0, 2.0, len(own))
    y = sport.follow[1] * script.y + (1 - sport.follow[1]) * lane + rng.normal(0.0, 1.0, len(own))
    his = (script.team == team) & (script.carrier == number)
    his[1:] |= his[:-1]  # at both ends of his leg
    return (
        np.clip(np.where(his, script.x + 0.5 * own, x), -length, length),
        np.clip(np.where(his, script.y + 0.3, y), -width, width),
    )


def _wander(times: Floats, rng: np.random.Generator) -> Floats:
    knots = np.arange(times[0], times[-1] + 2 * WANDER_S, WANDER_S)
    return np.interp(times, knots, rng.standard_normal(len(knots)))


def _unseen(times: Floats, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return where somebody is not seen: stretches of ``GAP_S`` on average, that make up the share of the time."""
    if not share:
        return np.zeros(len(times), np.bool_)
    number = int(2 * (times[-1] + 1) * share / GAP_S) + 8
    begins = np.cumsum(rng.exponential(GAP_S * (1 - share) / share, number) + GAP_S)
    ends = begins + rng.exponential(GAP_S, number)
    return np.searchsorted(begins, times) > np.searchsorted(np.sort(ends), times)


def _ends(sport: Sport, seconds: float) -> list[dict[str, Any]]:
    ends = ("right", "left")
    length = seconds / sport.periods
    return [{"from": n * length, "home": ends[n % 2], "away": ends[1 - n % 2]} for n in range(sport.periods)]


def _rows(
    sport: Sport, times: Floats, ids: list[str], x: NDArray[np.float32], y: NDArray[np.float32], seen: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the columns of the tracks, in order of time."""
    moment, who = np.nonzero(seen)
    keepers = {f"{team[0]}1" for team in OTHER}
    kinds = [sport.ball if name == sport.ball else sport.keeper if name in keepers else "player" for name in ids]
    teams = [None if name == sport.ball else next(team for team in OTHER if team[0] == name[0]) for name in ids]

    def words(values: list[Any]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(who, pa.int32()), pa.array(values, pa.string()))

    count = len(who)
    return {
        "t": times[moment],
        "entity": words(ids),
        "kind": words(kinds),
        "team": words(teams),
        "x": x[seen],
        "y": y[seen],
        "sigma": np.full(count, 0.1, np.float32),
        "common": np.full(count, 0.1, np.float32),
    }


def _columns(events: list[dict[str, Any]]) -> dict[str, Any]:
    events.sort(key=lambda one: one["t"])
    names = ("t", "kind", "entity", "team", "detail")
    return {**{name: [one.get(name) for one in events] for name in names}, "t_sigma": [0.05] * len(events)}


def _legs(script: Script, kind: str, **more: Any) -> list[dict[str, Any]]:
    teams = tuple(OTHER)
    return [
        {"t": float(t), "kind": kind, "team": teams[team], "entity": f"{teams[team][0]}{who + 1}", **more}
        for t, team, who, live in zip(script.t, script.team, script.carrier, script.live, strict=True)
        if live
    ]


def _hockey_events(script: Script) -> list[dict[str, Any]]:
    dead = [{"t": float(t), "kind": "whistle"} for t in script.stops]
    return [*dead, *({"t": float(t), "kind": "faceoff"} for t in script.starts), *_legs(script, "possession")]


def _soccer_events(script: Script) -> list[dict[str, Any]]:
    dead = [{"t": float(t), "kind": "whistle"} for t in script.stops]
    kicks = [{"t": float(t), "kind": "restart", "detail": "free_kick"} for t in script.starts]
    return [*dead, *kicks, *_legs(script, "pass")]


HOCKEY = Sport(
    domain="hockey", edition="nhl-2025", ball="puck", keeper="goalie", half=(27.0, 11.0), size=6, follow=(0.8, 0.4),
    ahead=0.0, kept=0.6, leg_s=(1.5, 5.0), live_s=(20.0, 100.0), stopped_s=(15.0, 60.0), periods=3,
    events=_hockey_events,
)  # fmt: skip
SOCCER = Sport(
    domain="soccer", edition="ifab-2025", ball="ball", keeper="player", half=(50.0, 32.0), size=11, follow=(0.6, 0.3),
    ahead=0.6, kept=0.0, leg_s=(2.0, 6.0), live_s=(30.0, 180.0), stopped_s=(10.0, 40.0), periods=2,
    events=_soccer_events,
)  # fmt: skip
