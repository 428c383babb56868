"""What becomes of somebody in an offside position: who plays the ball next, and off whom it comes."""

from __future__ import annotations

import numpy as np

from simulation.plays.movers import Mover
from simulation.plays.soccer.book import RULE, case
from simulation.plays.soccer.pitch import BALL_M, Pitch
from simulation.plays.soccer.position import through_ball


def _idle(pitch: Pitch, kick: float) -> Mover:
    """Add a forward who is offside and strolls, away from where the ball goes."""
    line = max(float(pitch.front(one, kick)[0]) for one in pitch.of("defense"))
    y = -np.sign(float(pitch.ball.at(pitch.span)[0, 1]) or 1.0) * pitch.draw(8.0, 22.0)
    return pitch.runner(kick, line + pitch.draw(0.5, 4.0), (-1.5, 1.5), y)


@case(RULE, "clear")
def offside_not_involved(pitch: Pitch) -> None:
    """A forward is in an offside position and stays out of it; the pass goes to a team-mate who is onside."""
    runner, _, kick, _ = through_ball(pitch, -pitch.draw(0.1, 1.5))
    idle = _idle(pitch, kick)
    pitch.fill([kick], offside=[idle], onside=[runner])
    pitch.expect(kick)


@case(RULE, "violation")
def offside_interfering(pitch: Pitch) -> None:
    """The pass goes to a team-mate who is onside; a forward in an offside position hinders a defender."""
    runner, back, kick, taken = through_ball(pitch, -pitch.draw(0.1, 1.5))
    idle = _idle(pitch, kick)
    pitch.event(kick + pitch.draw(0.2, 0.9) * (taken - kick), "interfering", idle, other=back)
    pitch.fill([kick], offside=[idle], onside=[runner])
    pitch.expect(kick, idle)


@case(RULE, "violation")
def offside_second_of_two_runners(pitch: Pitch) -> None:
    """Two forwards run for the ball; the one who was onside leaves it to the one who was not."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.1, 2.0))
    other = pitch.runner(kick, float(pitch.front(runner, kick)[0]) - pitch.draw(2.3, 4.0), (3.0, 7.0))
    pitch.fill([kick], offside=[runner], onside=[other], margin=0.08)
    pitch.expect(kick, runner)


def _off_somebody(pitch: Pitch, ahead: float) -> tuple[Mover, Mover, float, float, float]:
    """Tell a ball that is played forward, meets a defender on its way and goes on to a forward.

    Returns:
        The forward, the defender, when it was played, when it met the defender and when the forward has it.
    """
    pitch.span = pitch.draw(5.5, 7.5)
    kick = pitch.on_frame(pitch.draw(1.3, 2.2))
    x, y = pitch.draw(12.0, 30.0), pitch.draw(-0.4, 0.4) * pitch.side
    back = pitch.defender(kick, x, y, (-1.0, 1.0))
    runner = pitch.runner(kick, x + ahead, (0.5, 4.0), y + pitch.sign() * pitch.draw(3.0, 9.0))
    pitch.passer(kick, x - pitch.draw(8.0, 16.0), y + pitch.draw(-6, 6))
    met = kick + pitch.draw(0.6, 1.0)
    spot = back.xy(met) + np.array([-0.35, 0.15])
    pitch.ball.sent_to((*spot, pitch.draw(0.2, 1.2)), kick, met)
    taken = met + pitch.draw(0.8, 1.3)
    pitch.ball.sent_to(pitch.carried(runner, np.array([taken]))[0], met, taken, rise=pitch.draw(0.0, 1.0))
    pitch.ball.taken_by(runner, taken)
    return runner, back, kick, met, taken


@case(RULE, "violation")
def offside_deflected_by_a_defender(pitch: Pitch) -> None:
    """The pass is deflected by a defender and comes to the forward who was offside when it was played."""
    runner, back, kick, met, _ = _off_somebody(pitch, pitch.draw(0.2, 3.0))
    pitch.told[round(kick, 6)] = {"kind": "pass", "detail": None}
    pitch.event(met, "touch", back, detail="deflection")
    pitch.fill([kick], offside=[runner], margin=0.1)
    pitch.expect(kick, runner)


@case(RULE, "clear")
def offside_defender_plays_it_deliberately(pitch: Pitch) -> None:
    """A defender has time and room and plays the ball deliberately, badly, to the forward who was offside."""
    runner, back, kick, met, _ = _off_somebody(pitch, pitch.draw(0.2, 3.0))
    pitch.told[round(kick, 6)] = {"kind": "pass", "detail": None}
    pitch.event(met, "touch", back, detail=str(pitch.rng.choice(["foot", "head"])))
    pitch.event(met, "deliberate_play", back)
    pitch.fill([kick], offside=[runner], margin=0.1)
    pitch.expect(kick)


@case(RULE, "clear")
def offside_opponent_takes_the_ball(pitch: Pitch) -> None:
    """The pass is meant for a forward who is offside, but a defender takes it and keeps it."""
    pitch.span = pitch.draw(5.0, 6.5)
    kick = pitch.on_frame(pitch.draw(1.3, 2.2))
    x, y = pitch.draw(12.0, 30.0), pitch.draw(-0.4, 0.4) * pitch.side
    back = pitch.defender(kick, x, y, (-1.0, 1.0))
    runner = pitch.runner(kick, x + pitch.draw(0.2, 3.0), (0.5, 4.0), y + pitch.sign() * pitch.draw(3.0, 9.0))
    pitch.passer(kick, x - pitch.draw(8.0, 16.0))
    pitch.ball.passed_to(back, kick, kick + pitch.draw(0.8, 1.2))
    pitch.told[round(kick, 6)] = {"kind": "pass", "detail": None}
    pitch.fill([kick], offside=[runner], margin=0.1)
    pitch.expect(kick)


def _shot(pitch: Pitch) -> tuple[Mover, float, float]:
    """Tell a shot at goal with a forward in an offside position; return him, when it is, and when it gets there."""
    pitch.span = pitch.draw(5.0, 6.5)
    kick = pitch.on_frame(pitch.draw(1.3, 2.2))
    x = pitch.goal - pitch.draw(7.0, 11.0)
    y = pitch.draw(-8.0, 8.0)
    pitch.defender(kick, x, y + pitch.sign() * pitch.draw(2.0, 5.0), (-0.5, 1.0))
    runner = pitch.runner(kick, x + pitch.draw(0.4, 2.5), (0.3, 2.0), pitch.sign() * pitch.draw(3.0, 8.0))
    pitch.passer(kick, x - pitch.draw(6.0, 14.0), y, role="forward")
    far = pitch.goal - 1.0 - float(pitch.ball.at(kick)[0, 0])
    return runner, kick, kick + far / pitch.draw(20.0, 26.0)


@case(RULE, "violation")
def offside_rebound_off_the_goalkeeper(pitch: Pitch) -> None:
    """The goalkeeper saves a shot, and the ball rebounds to a forward who was offside when it was taken."""
    runner, kick, met = _shot(pitch)
    x, y = pitch.goal - pitch.draw(0.8, 1.6), pitch.draw(-2.0, 2.0)
    via = [(0.0, x, 0.3 * y), (kick, x, 0.4 * y), (met, x, y), (pitch.span, x - 0.3, 0.6 * y)]
    keeper = pitch.player("defense", via, "ball", role="goalkeeper")
    pitch.keepers_out = {"defense"}
    _rebound(pitch, runner, kick, met, (x - 0.4, y))
    pitch.event(met, "save", keeper)
    pitch.fill([kick], offside=[runner], margin=0.15)
    pitch.expect(kick, runner)


@case(RULE, "violation")
def offside_rebound_off_the_post(pitch: Pitch) -> None:
    """A shot comes back off the post to a forward who was offside when it was taken."""
    runner, kick, met = _shot(pitch)
    post = abs(pitch.field.landmark("goal_post_right_far")[1])
    _rebound(pitch, runner, kick, met, (pitch.goal - BALL_M, pitch.sign() * (post + 0.02)))
    pitch.fill([kick], offside=[runner], margin=0.15)
    pitch.expect(kick, runner)


def _rebound(pitch: Pitch, runner: Mover, kick: float, met: float, spot: tuple[float, float]) -> None:
    pitch.ball.sent_to((*spot, pitch.draw(0.2, 1.4)), kick, met)
    pitch.told[round(kick, 6)] = {"kind": "touch", "detail": "foot"}
    taken = met + pitch.draw(0.6, 1.1)
    pitch.ball.sent_to(pitch.carried(runner, np.array([taken]))[0], met, taken)
    pitch.ball.taken_by(runner, taken)


@case(RULE, "clear")
def offside_comes_back_before_the_next_pass(pitch: Pitch) -> None:
    """A forward who was offside at one pass, to somebody else, is onside when the next one is played to him."""
    pitch.span = pitch.draw(6.5, 8.0)
    kick = pitch.on_frame(pitch.draw(1.2, 1.8))
    x, y = pitch.draw(14.0, 30.0), pitch.sign() * pitch.draw(4.0, 10.0)
    back = pitch.defender(kick, x, y, (-0.6, 0.8))
    second = pitch.on_frame(kick + pitch.draw(1.9, 2.6))
    runner = pitch.runner(kick, x + pitch.draw(0.3, 1.2), (-3.0, -1.8), y - np.sign(y) * pitch.draw(4.0, 8.0))
    mate = pitch.runner(kick, x - pitch.draw(5.0, 9.0), (0.5, 2.0), -y)
    pitch.passer(kick, x - pitch.draw(12.0, 20.0))
    pitch.ball.passed_to(mate, kick, kick + pitch.draw(0.8, 1.1))
    pitch.ball.passed_to(runner, second, second + pitch.draw(0.7, 1.1))
    pitch.require(pitch.front(runner, second) < pitch.front(back, second) - 0.4, "he is not back")
    pitch.fill([kick, second], offside=[runner], onside=[mate])
    pitch.require(pitch.front(runner, second) < pitch.barrier(second) - 0.1, "he is not onside")
    pitch.expect(kick)


@case(RULE, "violation")
def offside_headed_on(pitch: Pitch) -> None:
    """A team-mate heads the ball on; the forward was onside at the pass but not at the header."""
    pitch.span = pitch.draw(5.5, 7.0)
    kick = pitch.on_frame(pitch.draw(1.2, 1.8))
    header = pitch.on_frame(kick + pitch.draw(1.0, 1.4))
    x, y = pitch.draw(12.0, 28.0), pitch.draw(-12.0, 12.0)
    pitch.defender(header, x, y + pitch.sign() * pitch.draw(3.0, 8.0), (-0.5, 0.8))
    runner = pitch.runner(header, x + pitch.draw(0.2, 2.0), (2.5, 5.5), y - pitch.sign() * pitch.draw(3.0, 8.0))
    mate = pitch.runner(header, x - pitch.draw(3.0, 7.0), (0.5, 2.0), y)
    pitch.passer(kick, x - pitch.draw(18.0, 28.0))
    spot = mate.xy(header) + np.array([0.1, 0.0])
    pitch.ball.sent_to((*spot, 1.75), kick, header, rise=2.0)
    taken = header + pitch.draw(0.8, 1.2)
    pitch.ball.sent_to(pitch.carried(runner, np.array([taken]))[0], header, taken, rise=0.8)
    pitch.ball.taken_by(runner, taken)
    pitch.told[round(kick, 6)] = {"kind": "pass", "detail": None}
    pitch.event(header, "pass", mate)
    pitch.require(pitch.front(runner, kick) < pitch.front(pitch.of("defense")[0], kick) - 0.2, "he was offside before")
    pitch.fill([header], offside=[runner], margin=0.1)
    pitch.require(pitch.front(runner, kick) < pitch.barrier(kick) - 0.1, "he was offside at the pass")
    for one in pitch.of("attack"):
        if one not in (runner, mate):
            pitch.require(pitch.front(one, kick) < pitch.barrier(kick) - 0.3, "a bystander was offside")
    pitch.expect(header, runner)


@case(RULE, "none")
def offside_from_an_opponents_back_pass(pitch: Pitch) -> None:
    """A defender passes back towards his goalkeeper, and a forward beyond the defenders intercepts it."""
    pitch.span = pitch.draw(5.0, 6.5)
    kick = pitch.on_frame(pitch.draw(1.2, 2.0))
    x, y = pitch.draw(8.0, 24.0), pitch.draw(-14.0, 14.0)
    sender = pitch.defender(kick, x, y, (-1.5, 0.5))
    pitch.ball.starts_with(sender)
    taken = kick + pitch.draw(0.8, 1.3)
    runner = pitch.runner(taken, x + pitch.draw(6.0, 12.0), (1.0, 4.0), 0.5 * y)
    pitch.ball.passed_to(runner, kick, taken)
    pitch.told[round(kick, 6)] = {"kind": "pass", "detail": None}
    pitch.require(pitch.front(runner, kick) > x + 0.5, "he is not beyond the defenders")
    pitch.fill([kick], offside=[runner])
    pitch.expect(None)
