"""Offside position: the second-last opponent, the ball, the halfway line, and which parts of a body count."""

from __future__ import annotations

import numpy as np

from simulation.plays.movers import Mover
from simulation.plays.soccer.book import RULE, case
from simulation.plays.soccer.pitch import BODY, Pitch


def through_ball(pitch: Pitch, ahead: float, line: float | None = None) -> tuple[Mover, Mover, float, float]:
    """Tell a pass to a runner whose foremost part is so far beyond the second-last opponent when it is played.

    Returns:
        The runner, the second-last opponent, when the pass is played and when it is received.
    """
    pitch.span = pitch.draw(5.0, 7.0)
    kick = pitch.on_frame(pitch.draw(1.3, 2.4))
    x = pitch.draw(8.0, 32.0) if line is None else line
    back = pitch.defender(kick, x)
    runner = pitch.runner(kick, x + ahead)
    taken = kick + pitch.draw(0.9, 1.8)
    pitch.passer(kick, x - pitch.draw(7.0, 20.0))
    pitch.ball.passed_to(runner, kick, taken, rise=pitch.draw(0.0, 2.5))
    return runner, back, kick, taken


@case(RULE, "violation")
def offside_ahead_of_the_last_line(pitch: Pitch) -> None:
    """A through ball reaches a forward who was beyond the second-last defender when it was played."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.1, 2.5))
    pitch.fill([kick], offside=[runner], margin=0.08)
    pitch.expect(kick, runner)


@case(RULE, "clear")
def offside_level(pitch: Pitch) -> None:
    """The forward is level with the second-last defender, to a few centimetres, when the pass is played."""
    runner, _, kick, _ = through_ball(pitch, -pitch.draw(0.005, 0.06))
    pitch.fill([kick], onside=[runner])
    pitch.expect(kick)


@case(RULE, "clear")
def offside_timed_his_run(pitch: Pitch) -> None:
    """The forward starts behind the defender, is onside when the pass is played and yards clear when he gets it."""
    runner, back, kick, taken = through_ball(pitch, -pitch.draw(0.1, 1.5))
    pitch.require(pitch.front(runner, taken) > pitch.front(back, taken) + 1.5, "he is not clear of him")
    pitch.fill([kick], onside=[runner])
    pitch.expect(kick)


@case(RULE, "violation")
def offside_one_part_of_the_body(pitch: Pitch) -> None:
    """Only a foot or the head of the forward is beyond the second-last defender."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.03, 0.2))
    x = np.sort([float(pitch.part(runner, name, kick)[0, 0]) for name in BODY])
    pitch.fill([kick], offside=[runner])
    pitch.require(x[-2] < pitch.barrier(kick) - 0.01, "more than one part is beyond")
    pitch.expect(kick, runner)


@case(RULE, "clear")
def offside_arm_only(pitch: Pitch) -> None:
    """Only the outstretched arm of the forward is beyond the second-last defender."""
    runner, _, kick, _ = through_ball(pitch, -pitch.draw(0.02, 0.3))
    pitch.reaching |= {runner.id}
    hands = max(float(pitch.part(runner, name, kick)[0, 0]) for name in ("left_hand", "right_hand"))
    pitch.fill([kick], onside=[runner])
    pitch.require(hands > pitch.barrier(kick) + 0.05, "his arm is not beyond")
    pitch.expect(kick)


@case(RULE, "clear")
def offside_defenders_foot_plays_him_on(pitch: Pitch) -> None:
    """The defender's trailing leg, not his body, keeps the forward onside."""
    runner, back, kick, _ = through_ball(pitch, -pitch.draw(0.01, 0.08))
    torso = float(pitch.part(back, "torso", kick)[0, 0])
    pitch.fill([kick], onside=[runner])
    pitch.require(pitch.front(runner, kick) > torso + 0.03, "he is behind the defender's body too")
    pitch.expect(kick)


@case(RULE, "none")
def offside_own_half(pitch: Pitch) -> None:
    """The forward is beyond all defenders but the goalkeeper, in his own half, when the pass is played."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.5, 3.0), line=-pitch.draw(3.5, 9.0))
    pitch.require(pitch.front(runner, kick) < pitch.half - 0.02, "he is over the halfway line")
    pitch.require(pitch.front(runner, kick) > pitch.ball.at(kick)[0, 0] + 0.5, "he is behind the ball")
    pitch.fill([kick], onside=[runner], nobody_ahead=True)
    pitch.expect(None)


@case(RULE, "none")
def offside_foot_on_the_halfway_line(pitch: Pitch) -> None:
    """The forward's foremost foot is on the halfway line, which belongs to his own half."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.5, 3.0), line=-pitch.draw(1.5, 6.0))
    lead = pitch.draw(0.0, 2 * pitch.half) - pitch.half - 0.005 - float(pitch.front(runner, kick)[0])
    pitch.require(abs(lead) < 4.0, "too far away")
    _shifted(pitch, runner, kick, lead)
    pitch.fill([kick], onside=[runner], nobody_ahead=True)
    pitch.expect(None)


def _shifted(pitch: Pitch, runner: Mover, kick: float, dx: float) -> None:
    """Move a runner, and where the pass reaches him."""
    runner.move(dx)
    taken = pitch.ball.legs[-1].start
    pitch.ball.legs = pitch.ball.legs[:1]
    pitch.ball.passed_to(runner, kick, taken)


@case(RULE, "violation")
def offside_just_over_the_halfway_line(pitch: Pitch) -> None:
    """The forward's foot is just over the halfway line, and only the goalkeeper is beyond him."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.5, 3.0), line=-pitch.draw(1.5, 6.0))
    lead = pitch.half + pitch.draw(0.03, 0.5) - float(pitch.front(runner, kick)[0])
    pitch.require(abs(lead) < 4.0, "too far away")
    _shifted(pitch, runner, kick, lead)
    pitch.fill([kick], offside=[runner])
    pitch.expect(kick, runner)


def _cut_back(pitch: Pitch, behind: float) -> tuple[Mover, float]:
    """Tell a pass from near the goal line to somebody so far behind the ball, beyond all defenders but one."""
    pitch.span = pitch.draw(4.5, 6.0)
    kick = pitch.on_frame(pitch.draw(1.3, 2.2))
    y = pitch.sign() * pitch.draw(8.0, 22.0)
    x = pitch.goal - pitch.draw(2.5, 6.0)
    route = pitch.arc(kick, x, y, pitch.draw(0.1, 0.5), -np.sign(y) * pitch.draw(1.0, 4.0))
    pitch.ball.starts_with(pitch.player("attack", route, role="forward"))
    ball = float(pitch.ball.at(kick)[0, 0])
    receiver = pitch.runner(kick, ball + 0.11 - behind, (0.0, 0.8), pitch.draw(-0.3, 0.3) * y)
    pitch.defender(kick, ball - behind - pitch.draw(0.5, 3.0))
    taken = kick + pitch.draw(0.6, 1.0)
    pitch.ball.passed_to(receiver, kick, taken)
    return receiver, kick


@case(RULE, "none")
def offside_behind_the_ball(pitch: Pitch) -> None:
    """A cut-back from the goal line reaches a forward beyond the defenders but behind the ball."""
    receiver, kick = _cut_back(pitch, pitch.draw(0.05, 2.0))
    pitch.fill([kick], onside=[receiver])
    pitch.require(pitch.front(receiver, kick) > pitch.second_last(kick) + 0.1, "he is behind the defenders too")
    pitch.require(pitch.front(receiver, kick) < pitch.ball.at(kick)[0, 0] + 0.1, "he is ahead of the ball")
    pitch.expect(None)


@case(RULE, "violation")
def offside_ahead_of_the_ball(pitch: Pitch) -> None:
    """A pass from near the goal line reaches a forward who is nearer to it than the ball and the defenders."""
    receiver, kick = _cut_back(pitch, -pitch.draw(0.05, 1.0))
    pitch.fill([kick], offside=[receiver])
    pitch.expect(kick, receiver)


def _keeper_upfield(pitch: Pitch, others: int) -> tuple[Mover, float]:
    """Tell a through ball while the goalkeeper is upfield and so many defenders are beyond the runner."""
    pitch.keepers_out = {"defense"}
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.3, 2.5))
    for n in range(others):
        pitch.defender(kick, float(pitch.front(runner, kick)[0]) + pitch.draw(0.5, 4.0), (n - 0.5) * 16.0)
    x = pitch.draw(-5.0, 12.0)
    pitch.require(x < pitch.front(runner, kick) - 6.0, "he is not upfield")
    pitch.player("defense", pitch.arc(kick, x, pitch.draw(-10, 10), pitch.draw(1.0, 5.0), 0.0), role="goalkeeper")
    return runner, kick


@case(RULE, "violation")
def offside_goalkeeper_upfield_one_behind(pitch: Pitch) -> None:
    """The goalkeeper is upfield, and only one defender is beyond the forward."""
    runner, kick = _keeper_upfield(pitch, 1)
    pitch.fill([kick], offside=[runner], margin=0.1)
    pitch.expect(kick, runner)


@case(RULE, "clear")
def offside_goalkeeper_upfield_two_behind(pitch: Pitch) -> None:
    """The goalkeeper is upfield, and two defenders are beyond the forward."""
    runner, kick = _keeper_upfield(pitch, 2)
    pitch.fill([kick], onside=[runner])
    pitch.expect(kick)


@case(RULE, "clear")
def offside_defender_behind_the_goal_line(pitch: Pitch) -> None:
    """A defender has run off behind the goal line without leave; he counts on it and plays the forward on."""
    runner, _, kick, _ = through_ball(pitch, pitch.draw(0.3, 3.0))
    x, y = pitch.goal + pitch.draw(0.9, 1.8), pitch.sign() * pitch.draw(6.0, 18.0)
    off = pitch.player("defense", [(0.0, x, y), (pitch.span, x + 0.2, y - 1.0)], "ball", role="defender")
    pitch.may_leave(off)
    pitch.fill([kick], onside=[runner])
    pitch.require(pitch.front(runner, kick) > np.sort([pitch.front(one, kick)[0] for one in pitch.of("defense")])[-3]
                  + 0.1, "he is onside anyway")  # fmt: skip
    pitch.expect(kick)
