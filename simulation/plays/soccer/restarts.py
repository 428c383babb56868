"""Restarts: from which nobody can be offside, and from which one can."""

from __future__ import annotations

import numpy as np

from simulation.plays.movers import Mover
from simulation.plays.soccer.book import RULE, case
from simulation.plays.soccer.pitch import Pitch


def _restart(pitch: Pitch, kind: str, place: tuple[float, float], line: float, **more: float) -> tuple[Mover, float]:
    """Tell a restart that a forward in an offside position receives directly; return him and when it is taken."""
    pitch.span = pitch.draw(6.0, 7.5)
    kick = pitch.on_frame(pitch.draw(1.5, 2.2))
    x, y = place
    away = np.array([-0.5, -0.15])
    if kind == "throw_in":
        away = np.array([0.0, np.sign(y) * 0.5])
    via = [(0.0, x + 4 * away[0], y + 4 * away[1]), (kick - 0.4, x + 1.4 * away[0], y + 1.4 * away[1])]
    via += [(kick, x + away[0], y + away[1]), (pitch.span, x + 2.0, y - np.sign(y) * 2.0)]
    role = "goalkeeper" if kind == "goal_kick" else "midfielder"
    taker = pitch.player("attack", via, "way", role=role)
    if kind == "goal_kick":
        pitch.keepers_out = {"attack"}
    pitch.may_leave(taker)
    up = 1.9 if kind == "throw_in" else 0.11
    pitch.ball.starts_at((x, y, up), kick)
    pitch.defender(kick, line)
    ahead = more.get("ahead", pitch.draw(0.4, 3.0))
    v = more.get("speed", pitch.draw(0.3, 3.0))
    runner = pitch.runner(kick, line + ahead, (v, v), more.get("lane"))
    far = float(np.hypot(*(runner.xy(kick) - np.array(place))))
    taken = kick + max(far / pitch.draw(15.0, 20.0), 0.6)
    end = pitch.carried(runner, np.array([taken]))[0]
    pitch.ball.sent_to(end, kick, taken, rise=0.06 * far).taken_by(runner, taken)
    pitch.event(kick, "restart", taker, detail=kind)
    pitch.event(kick, "pass", taker, detail="hand" if kind == "throw_in" else None)
    return runner, kick


@case(RULE, "clear")
def offside_from_a_goal_kick(pitch: Pitch) -> None:
    """A forward beyond the defenders receives the ball directly from a goal kick."""
    place = (-pitch.goal + pitch.draw(4.0, 5.4), pitch.draw(-8.0, 8.0))
    runner, kick = _restart(pitch, "goal_kick", place, pitch.draw(3.0, 12.0))
    pitch.fill([kick], offside=[runner])
    pitch.expect(kick)


@case(RULE, "clear")
def offside_from_a_throw_in(pitch: Pitch) -> None:
    """A forward beyond the defenders receives the ball directly from a throw-in."""
    side = pitch.sign()
    place = (pitch.draw(5.0, 22.0), side * pitch.side)
    lane = side * (pitch.side - pitch.draw(6.0, 12.0))
    runner, kick = _restart(pitch, "throw_in", place, place[0] + pitch.draw(2.0, 8.0), lane=lane)
    pitch.fill([kick], offside=[runner])
    pitch.expect(kick)


@case(RULE, "clear")
def offside_from_a_corner(pitch: Pitch) -> None:
    """A forward on the goal line, nearer to it than the ball, receives it directly from a corner."""
    side = pitch.sign()
    place = (pitch.goal - pitch.draw(0.5, 0.75), side * (pitch.side - pitch.draw(0.2, 0.6)))
    line = pitch.goal - pitch.draw(2.0, 4.0)
    pitch.keepers_out = {"defense"}
    lane = side * pitch.draw(0.5, 3.0)
    via = [(0.0, pitch.goal - 2.2, -side * 2.0), (pitch.span, pitch.goal - 2.4, -side * 2.2)]
    pitch.span = 7.5
    pitch.player("defense", via, "ball", role="goalkeeper")
    runner, kick = _restart(pitch, "corner", place, line, lane=lane, speed=pitch.draw(-0.3, 0.05))
    gap = pitch.goal - pitch.draw(0.05, 0.25) - float(pitch.front(runner, kick)[0])
    runner.move(gap)
    pitch.may_leave(runner)
    taken = pitch.ball.legs[-1].start
    pitch.ball.legs = pitch.ball.legs[:1]
    pitch.ball.sent_to(pitch.carried(runner, np.array([taken]))[0], kick, taken, rise=2.0).taken_by(runner, taken)
    pitch.require(runner.xy(taken)[0] < pitch.goal + 0.2, "he runs off the pitch")
    pitch.fill([kick], offside=[runner])
    pitch.expect(kick)


@case(RULE, "violation")
def offside_from_a_free_kick(pitch: Pitch) -> None:
    """A forward beyond the defenders receives the ball directly from a free kick, which excuses nothing."""
    place = (pitch.draw(0.0, 18.0), pitch.draw(-20.0, 20.0))
    runner, kick = _restart(pitch, "free_kick", place, pitch.draw(24.0, 36.0))
    pitch.fill([kick], offside=[runner])
    pitch.expect(kick, runner)
