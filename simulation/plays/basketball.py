"""Edge cases of basketball, each told on a board; what does not decide the verdict is drawn.

How each verdict is known: feet, ball and clock are placed by the case itself, with a margin that it draws. A stay in
the lane is measured on the script's own feet, to a few hundredths of a second.
"""

from __future__ import annotations

import numpy as np

from simulation.plays.basketball_board import NEAR_M, Court, Hooper
from simulation.plays.courses import walking_time
from simulation.plays.registry import Book

BOOK = Book(Court)
NBA, FIBA = "nba-2025", "fiba-2024"


# --- three seconds


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_out_in_time(b: Court) -> None:
    """The post player is in the lane for a little less than three seconds."""
    _posts(b, b.draw(2.35, 2.85), "clear")


@BOOK.case("basketball.three_seconds", "violation")
def three_seconds_stays(b: Court) -> None:
    """The post player stays in the lane for more than three seconds."""
    _posts(b, b.draw(3.9, 5.2), "violation")


def _stays_put(b: Court, man: Hooper, until: float, verdict: str) -> None:
    """Draw again if somebody who is to stay too long is on his way out before his time is over: then he may be."""
    if verdict == "violation":
        b.require(man.course.legs[-1].start > until + 0.15, "he is on his way out in time")


def _posted(b: Court, begins: tuple[float, float], lasting: float) -> tuple[Hooper, Hooper, float, float]:
    """Send the post player into the lane, with his guard; return both, and from when until when he is in it."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[4]
    begin, stop = b.visit(man, b.draw(*begins), lasting)
    b.escort(man, guard)
    return man, guard, begin, stop


def _counted(b: Court, man: Hooper, guard: Hooper, verdict: str, t: float, *possessions: str) -> None:
    """Write down the verdict on a post player, on his guard, and on each possession.

    Args:
        b: the board.
        man: the post player.
        guard: his guard.
        verdict: on the post player's stay.
        t: when it is given, seconds.
        possessions: whose possession follows the attack's first one, in order.
    """
    b.tell("three_seconds", verdict, t, man)
    b.guarded(guard, man)
    b.quiet()
    for side in ("attack", *possessions):
        b.judged(side)


def _posts(b: Court, lasting: float, verdict: str) -> None:
    man, guard, begin, stop = _posted(b, (0.6, 2.0), lasting)
    _stays_put(b, man, begin + 3.0, verdict)
    if verdict == "violation" and b.chance():
        b.whistle(b.draw(begin + 3.3, max(stop - 0.3, begin + 3.4)))
    else:
        b.ends(stop + b.draw(0.8, 1.6))
    b.around(b.span)
    b.idle(b.span, 4)
    _counted(b, man, guard, verdict, begin + 3.0 if verdict == "violation" else stop)


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_while_the_ball_comes_up(b: Court) -> None:
    """The post player waits in the lane for long while the ball is in the backcourt, and leaves soon after."""
    b.spread(post=True, back=True)
    b.starts_behind()
    man, guard = b.five[4], b.guards[4]
    over = b.brings_up(b.draw(4.6, 6.5))
    begin = over - b.draw(2.0, 3.2)
    leaves = over + b.draw(0.4, 2.5)
    _, stop = b.visit(man, begin, leaves - begin)
    b.escort(man, guard)
    b.ends(max(stop, over) + b.draw(0.8, 1.6))
    b.require(stop - over < 2.8, "he stays too long")
    _counted(b, man, guard, "clear", stop)


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_shot_in_between(b: Court) -> None:
    """The post player is in the lane for five seconds, with a shot and an offensive rebound in between."""
    man, guard, begin, stop = _posted(b, (0.6, 1.4), b.draw(4.6, 5.4))
    release = begin + b.draw(2.2, 2.75)
    ring = b.shoot(b.handler, release - 0.35, release)
    again = b.rebounds(b.five[3], ring, b.draw(0.6, 0.9))
    b.require(stop - again < 2.8, "he stays too long")
    b.ends(stop + b.draw(0.8, 1.4))
    _counted(b, man, guard, "clear", stop, "attack")


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_exit_imminent(b: Court) -> None:
    """The post player is on his way out when the third second ends."""
    man, guard, begin, stop = _posted(b, (0.6, 1.6), b.draw(3.1, 3.35))
    going = man.course.legs[-1].start
    b.require(going < begin + 2.9, "he is not on his way yet")
    b.event(going, "exit_imminent", man, until=stop + 0.1)
    b.ends(stop + b.draw(0.8, 1.6))
    b.around(b.span)
    _counted(b, man, guard, "clear", stop)


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_act_of_shooting(b: Court) -> None:
    """The post player gets the ball in the lane and is in the act of shooting when the third second ends."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[4]
    start = b.draw(0.6, 1.4)
    begin, stop = b.visit(man, start, b.draw(4.2, 5.0))
    b.escort(man, guard)
    b.throw(b.handler, man, begin + b.draw(1.0, 1.4))
    shot = begin + b.draw(2.3, 2.8)
    release = begin + b.draw(3.2, 3.5)
    ring = b.shoot(man, shot, release, flight=0.7)
    taken = b.rebounds(b.guards[3], ring, b.draw(0.7, 1.0))
    b.ends(max(stop, taken) + b.draw(0.6, 1.0))
    _counted(b, man, guard, "clear", stop, "defense")


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_loose_ball(b: Court) -> None:
    """The ball is loose for a moment in the third second, and the count begins anew."""
    man, guard, begin, stop = _posted(b, (0.6, 1.6), b.draw(4.2, 5.0))
    loose = begin + b.draw(2.2, 2.8)
    again = b.strip(b.handler, b.handler, loose, b.draw(0.35, 0.7))
    b.require(stop - again < 2.8, "he stays too long")
    b.ends(stop + b.draw(0.8, 1.4))
    _counted(b, man, guard, "clear", stop, "attack")


@BOOK.case("basketball.three_seconds", "violation")
def three_seconds_foot_on_the_line(b: Court) -> None:
    """The post player stands beside the lane with one foot on its line for more than three seconds."""
    b.spread(post=True)
    b.starts_in_front()
    man = b.five[4]
    x, y = man.course.end
    s = float(np.sign(y))
    man.towards = (-1.0, 0.0)
    deep = b.draw(0.03, 0.1)
    start = b.draw(0.5, 1.2)
    there = s * (b.lane_half + 0.15 - deep)
    long = walking_time(abs(there - y), 2.0, 0.4)
    man.course.to(x, there, start, start + long, 0.5)
    leaves = start + long + b.draw(3.4, 4.4)
    man.course.to(x, y, leaves, leaves + long, 0.5)
    b.told.add(man.id)
    stays = b.stays(man, 0.0, leaves + 2.0)
    b.require(len(stays) == 1 and leaves - stays[0][0] > 3.3, "his foot is not on the line")
    b.escort(man, b.guards[4])
    b.ends(leaves + long + b.draw(0.5, 1.0))
    b.around(b.span)
    _counted(b, man, b.guards[4], "violation", stays[0][0] + 3.0)


@BOOK.case("basketball.three_seconds", "none")
def three_seconds_beside_the_lane(b: Court) -> None:
    """The post player stands beside the lane for long, and neither foot reaches its line."""
    b.spread(post=True)
    b.starts_in_front()
    man = b.five[4]
    x, y = man.course.end
    man.towards = (-1.0, 0.0)
    man.course.to(x, float(np.sign(y)) * (b.lane_half + 0.15 + b.draw(0.24, 0.4)), 0.4, 1.4, 0.4)
    b.ends(b.draw(6.0, 8.0))
    b.around(b.span)
    b.require(~b.in_lane(man, np.arange(0.0, b.span, 0.01), 0.19), "his foot is on the line")
    b.escort(man, b.guards[4])
    b.guarded(b.guards[4], man)
    b.quiet()
    b.judged()


@BOOK.case("basketball.three_seconds", "clear")
def three_seconds_steps_out_and_comes_back(b: Court) -> None:
    """The post player steps out of the lane with both feet and comes back: two counts."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[4]
    _, first = b.visit(man, b.draw(0.6, 1.2), b.draw(2.35, 2.8))
    home = man.course.rests_from
    begin, second = b.visit(man, home + b.draw(0.05, 0.4), b.draw(2.35, 2.8))
    b.require(begin - first > 0.3, "he is hardly out")
    b.escort(man, guard)
    b.ends(second + b.draw(0.8, 1.4))
    b.around(b.span)
    b.tell("three_seconds", "clear", first, man)
    _counted(b, man, guard, "clear", second)


@BOOK.case("basketball.three_seconds", "violation")
def three_seconds_feigns_to_leave(b: Court) -> None:
    """The post player turns to leave after two seconds, does not, and stays: the count goes on."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[4]
    paused = b.draw(0.4, 0.7)
    begin, stop = b.visit(man, b.draw(0.6, 1.4), 3.0 + paused + b.draw(0.9, 1.7))
    b.escort(man, guard)
    _stays_put(b, man, begin + 3.0 + paused, "violation")
    turn = begin + b.draw(1.6, 2.2)
    b.event(turn, "exit_imminent", man, until=turn + paused)
    b.ends(stop + b.draw(0.8, 1.4))
    b.around(b.span)
    _counted(b, man, guard, "violation", begin + 3.0 + paused)


@BOOK.case("basketball.three_seconds", {NBA: "violation", FIBA: "none"})
def three_seconds_behind_the_end_line(b: Court) -> None:
    """A player waits off the court behind the end line, under the basket, for more than three seconds."""
    b.spread()
    b.starts_in_front()
    man = b.five[4]
    begin, stop = _behind(b, man, b.draw(3.6, 4.6))
    b.around(b.span)
    if b.nba:
        b.tell("three_seconds", "violation", begin + 3.0, man)
    b.quiet()
    b.judged()
    b.require(stop < b.span, "the scene ends too early")


def _behind(b: Court, man: Hooper, lasting: float) -> tuple[float, float]:
    """Let somebody walk around behind the end line, stay there for a time and come back."""
    b.may_leave(man)
    x, y = man.course.end
    s = float(np.sign(y))
    deep = b.end + b.draw(0.45, 0.8)
    start = b.draw(0.2, 0.5)
    out = start + walking_time(float(np.hypot(deep - x, 1.5)), 2.6, 0.7)
    man.course.to(deep, y - s * 1.5, start, out, 0.7)
    into = out + walking_time(abs(y) - 2.9, 2.8, 0.7)
    man.course.to(deep, s * 1.4, out - 0.3, into, 0.7)
    man.course.to(deep, y - s * 1.5, into + lasting - 0.8, into + lasting + 1.0, 0.8)
    b.told.add(man.id)
    b.ends(into + lasting + 1.6)
    t = np.arange(0.0, b.span, 0.004)
    soles = man.soles(t)
    over = (soles[..., 0] < b.end + 1.2192 - 0.05).any(axis=0)
    inside = (np.abs(soles[..., 1]) < b.lane_half + 0.075).any(axis=0) & over
    b.require(soles[..., 0].min(axis=0)[inside] > b.end + 0.19, "he is on the court")
    found = t[inside]
    return float(found[0]), float(found[-1])


# --- defensive three seconds


@BOOK.case("basketball.defensive_three_seconds", "violation", NBA)
def defensive_three_seconds_guards_nobody(b: Court) -> None:
    """A defender sags into the lane, guards nobody and stays for more than three seconds."""
    _sags(b, b.draw(3.9, 5.2), "violation")


@BOOK.case("basketball.defensive_three_seconds", "clear", NBA)
def defensive_three_seconds_clears_in_time(b: Court) -> None:
    """A defender sags into the lane and is out of it before three seconds are over."""
    _sags(b, b.draw(2.35, 2.85), "clear")


@BOOK.case("basketball.defensive_three_seconds", "none", FIBA)
def defensive_three_seconds_not_in_fiba(b: Court) -> None:
    """A defender stands in the lane and guards nobody, where there is no such rule."""
    _sags(b, b.draw(3.4, 5.0), "none")


def _sags(b: Court, lasting: float, verdict: str) -> None:
    b.spread()
    b.starts_in_front()
    guard = b.guards[int(b.rng.integers(3, 5))]
    begin, stop = b.visit(guard, b.draw(0.6, 1.8), lasting, _middle(b, guard))
    _stays_put(b, guard, begin + 3.0, verdict)
    b.ends(stop + b.draw(0.8, 1.6))
    b.around(b.span)
    b.alone(guard, begin, min(stop, begin + 3.2))
    if verdict != "none":
        b.tell("defensive_three_seconds", verdict, begin + 3.0 if verdict == "violation" else stop, guard, "defense")
    b.quiet()
    b.judged()


def _middle(b: Court, guard: Hooper) -> tuple[float, float]:
    return b.end - b.draw(2.2, 4.0), float(np.sign(guard.course.end[1])) * b.draw(0.2, 1.0)


@BOOK.case("basketball.defensive_three_seconds", "none", NBA)
def defensive_three_seconds_at_arms_length(b: Court) -> None:
    """A defender in the lane guards the post player beside it at arm's length, for long: no count ever runs."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[4]
    start = b.draw(0.4, 1.2)
    _fronts(b, man, guard, start, start + b.draw(4.5, 6.0))
    b.around(b.span)
    b.guarded(guard, man)
    b.quiet()
    b.judged()


@BOOK.case("basketball.defensive_three_seconds", "clear", NBA)
def defensive_three_seconds_goes_to_his_man(b: Court) -> None:
    """A defender sags into the lane, guards nobody for two seconds, and then guards the post player for long."""
    b.spread(post=True)
    b.starts_in_front()
    man, guard = b.five[4], b.guards[3]
    home = guard.course.end
    b.guards[4].course.x, b.guards[4].course.y = b.basket - 1.0, -float(np.sign(man.course.y)) * (b.side_line - 1.5)
    begin = b.draw(0.6, 1.2)
    x, y = b.end - b.draw(3.5, 4.5), -float(np.sign(man.course.y)) * b.draw(0.4, 1.0)
    there = begin + walking_time(float(np.hypot(x - home[0], y - home[1])), 3.2, 0.75)
    guard.course.to(x, y, begin, there, 0.75)
    low = b.stays(guard, 0.0, there + 0.5)[0][0]
    goes = low + b.draw(1.4, 1.9)
    near = _fronts(b, man, guard, goes, goes + b.draw(4.0, 5.0))
    b.require(near - low < 2.75, "he goes too late")
    b.around(b.span)
    b.alone(guard, low, goes)
    b.told |= {guard.id, b.guards[4].id}
    b.require(not b.stays(b.guards[4], 0.0, b.span), "the other one is in the lane too")
    b.tell("defensive_three_seconds", "clear", None, guard, "defense")
    b.quiet()
    b.judged()


def _fronts(b: Court, man: Hooper, guard: Hooper, start: float, until: float) -> float:
    """Let a defender stand in the lane beside a man who is just outside it; return when he is within arm's length."""
    x, y = man.course.end
    s = float(np.sign(y))
    man.towards = (-1.0, 0.0)
    man.course.by(0.0, s * (b.lane_half + 0.45 - abs(y)), 0.3, 1.2, 0.4)
    gx, gy = x + b.draw(0.1, 0.3), s * (b.lane_half - b.draw(0.3, 0.38))
    far = float(np.hypot(gx - guard.course.end[0], gy - guard.course.end[1]))
    long = max(walking_time(far, 3.2, 0.7), 1.6)
    guard.course.to(gx, gy, start, start + long, 0.7)
    guard.course.to(x + 0.75, y + 0.2 * s, until, until + 1.6, 0.7)
    b.ends(until + b.draw(1.8, 2.4))
    b.may_touch(man, guard)
    b.require(~b.in_lane(man, np.arange(0.0, b.span, 0.01), 0.19), "his man is in the lane")
    t = np.arange(start, until, 0.01)
    near = np.hypot(*(guard.xy(t) - man.xy(t)).T) < NEAR_M
    b.require(near.any() and near[-1], "he does not get to him")
    return float(t[np.flatnonzero(near)[0]])


@BOOK.case("basketball.defensive_three_seconds", "clear", NBA)
def defensive_three_seconds_shot_in_time(b: Court) -> None:
    """A defender guards nobody in the lane, and the shot is taken before three seconds are over."""
    b.spread()
    b.starts_in_front()
    guard = b.guards[3]
    begin, stop = b.visit(guard, b.draw(0.6, 1.6), b.draw(4.0, 5.0), _middle(b, guard))
    release = begin + b.draw(2.2, 2.8)
    ring = b.shoot(b.handler, release - 0.3, release)
    taken = b.rebounds(guard, ring, 0.5)
    b.ends(max(stop, taken) + 0.8)
    b.alone(guard, begin, release)
    b.tell("defensive_three_seconds", "clear", stop, guard, "defense")
    b.quiet()
    b.judged()
    b.judged("defense")


@BOOK.case("basketball.defensive_three_seconds", "clear", NBA)
def defensive_three_seconds_while_the_ball_comes_up(b: Court) -> None:
    """A defender waits in the lane while the ball comes up, and clears it soon after."""
    b.spread(back=True)
    b.starts_behind()
    guard = b.guards[3]
    over = b.brings_up(b.draw(4.6, 6.5))
    begin = over - b.draw(2.0, 3.2)
    _, stop = b.visit(guard, begin, over + b.draw(0.4, 2.5) - begin, _middle(b, guard))
    b.ends(max(stop, over) + b.draw(0.8, 1.6))
    b.require(stop - over < 2.8, "he stays too long")
    b.alone(guard, begin, stop - 0.3)
    b.tell("defensive_three_seconds", "clear", stop, guard, "defense")
    b.quiet()
    b.judged()


@BOOK.case("basketball.defensive_three_seconds", "clear", NBA)
def defensive_three_seconds_exit_imminent(b: Court) -> None:
    """A defender is on his way out of the lane when the third second ends."""
    b.spread()
    b.starts_in_front()
    guard = b.guards[3]
    begin, stop = b.visit(guard, b.draw(0.6, 1.6), b.draw(3.1, 3.35), _middle(b, guard))
    going = guard.course.legs[-1].start
    b.require(going < begin + 2.9, "he is not on his way yet")
    b.event(going, "exit_imminent", guard, until=stop + 0.1)
    b.ends(stop + b.draw(0.8, 1.6))
    b.around(b.span)
    b.alone(guard, begin, going)
    b.tell("defensive_three_seconds", "clear", stop, guard, "defense")
    b.quiet()
    b.judged()


@BOOK.case("basketball.defensive_three_seconds", "violation", NBA)
def defensive_three_seconds_behind_the_end_line(b: Court) -> None:
    """A defender stands off the court behind the end line, within four feet of it, for more than three seconds."""
    b.spread()
    b.starts_in_front()
    guard = b.guards[4]
    begin, stop = _behind(b, guard, b.draw(3.6, 4.6))
    b.around(b.span)
    b.alone(guard, begin, min(stop, begin + 3.3))
    b.tell("defensive_three_seconds", "violation", begin + 3.0, guard, "defense")
    b.quiet()
    b.judged()


# --- eight seconds


@BOOK.case("basketball.eight_seconds", "clear")
def eight_seconds_over_in_time(b: Court) -> None:
    """Ball and both feet are over midcourt a moment before eight seconds are over."""
    _brings(b, b.draw(6.5, 7.8))


@BOOK.case("basketball.eight_seconds", "violation")
def eight_seconds_over_too_late(b: Court) -> None:
    """The ball is brought over midcourt a moment after eight seconds are over."""
    _brings(b, b.draw(8.25, 9.5))


def _brings(b: Court, at: float) -> None:
    b.spread(back=True)
    b.starts_behind()
    over = b.brings_up(at)
    late = over > 8.0
    if late and b.chance():
        b.whistle(8.0 + b.draw(0.15, 0.6))
    else:
        b.ends(over + b.draw(0.8, 1.8))
    b.idle(b.span)
    b.quiet()
    b.judged(eight_seconds=8.0 if late else None)


@BOOK.case("basketball.eight_seconds", "violation")
def eight_seconds_foot_on_the_line(b: Court) -> None:
    """The handler stops with one foot over midcourt and the other one behind it until eight seconds are over."""
    b.spread(back=True)
    b.starts_behind()
    man = b.handler
    man.towards = (0.0, 1.0)
    x, y = man.course.end
    long = walking_time(-x, b.draw(2.2, 3.0), 1.0)
    start = b.draw(0.2, 1.0)
    man.course.to(0.0, y * 0.5, start, start + long, 1.0)
    b.guards[0].course.to(1.6, y * 0.5, start + 1.0, start + long, 1.0)
    b.require(start + long < 7.5, "he is too slow")
    b.ends(b.draw(8.6, 9.4))
    b.quiet()
    b.judged(eight_seconds=8.0)


@BOOK.case("basketball.eight_seconds", "clear")
def eight_seconds_new_count_after_a_steal(b: Court) -> None:
    """The handler loses the ball after six seconds to his guard, and steals it back: a new count."""
    b.spread(back=True)
    b.starts_behind()
    man, guard = b.handler, b.guards[0]
    man.course.x = -b.draw(5.5, 7.0)
    over = b.brings_up(b.draw(9.5, 11.0))
    guard.course.legs.clear()
    lost = b.draw(5.0, 6.5)
    place = man.xy(lost + 0.4)
    guard.course.to(float(place[0]) + 0.95, float(place[1]) + 0.3, 0.3, lost - 0.1, 1.0)
    taken = b.strip(man, guard, lost, 0.4)
    again = b.strip(guard, man, taken + b.draw(0.5, 0.8), 0.4)
    b.require(over - again < 7.5, "he is too slow")
    b.require(over - again > 0.5, "he is too fast")
    b.ends(over + b.draw(0.8, 1.5))
    b.quiet()
    b.may_touch(man, guard)
    b.judged()
    b.judged("defense")
    b.judged()


@BOOK.case("basketball.eight_seconds", {NBA: "clear", FIBA: "violation"})
def eight_seconds_held_ball(b: Court) -> None:
    """Five seconds, a held ball, and some more: a new count in the NBA, the same one under FIBA."""
    _stopped(b, "jump_ball", 8.0 if not b.nba else None)


@BOOK.case("basketball.eight_seconds", "violation")
def eight_seconds_out_of_bounds(b: Court) -> None:
    """Five seconds, the ball is knocked out of bounds by a defender, and some more: the count goes on."""
    _stopped(b, "out_of_bounds", 8.0)


@BOOK.case("basketball.eight_seconds", "clear")
def eight_seconds_foul(b: Court) -> None:
    """Five seconds, a foul by a defender, and some more: a new count."""
    _stopped(b, "foul", None)


def _stopped(b: Court, why: str, limit: float | None) -> None:
    """Let play be stopped in the backcourt and go on, with eight seconds over in between altogether."""
    b.spread(back=True)
    b.starts_behind()
    man = b.handler
    stop = b.draw(4.0, 6.0)
    dead = b.draw(1.2, 2.0)
    over = b.brings_up(stop + dead + b.draw(4.4, 5.5))
    if why == "jump_ball":
        b.event(stop, "jump_ball")
    else:
        b.event(stop, "whistle", None, detail=why)
    b.ball.sent_to((*man.xy(stop + dead), 1.0), stop, stop + dead, slowing=1.0)
    b.ball.taken_by(man, stop + dead)
    begin = stop + dead
    b.require(stop + (over - begin) > 8.3, "he is too fast")
    b.require(over - begin < 7.5, "he is too slow")
    b.ends(over + b.draw(0.8, 1.5))
    b.keys["segments"] = [
        {"from": 0.0, "to": stop, "kind": "live"},
        {"from": stop, "to": begin, "kind": "stopped"},
        {"from": begin, "to": b.span, "kind": "live"},
    ]
    b.quiet()
    b.judged()
    b.judged(eight_seconds=None if limit is None else begin + 8.0 - stop)


# --- backcourt


@BOOK.case("basketball.backcourt", "violation")
def backcourt_dribbles_back(b: Court) -> None:
    """The handler backs up onto the midcourt line."""
    man = _near_midcourt(b, -b.draw(0.3, 1.0))
    t = b.when(lambda t: b.edge - (man.soles(t)[..., 0].min(axis=0) - 0.075), 0.5)
    b.require(b.carried(man, np.array([t]))[0, 0] > 0.0, "the ball is back first")
    b.judged(backcourt=t)


@BOOK.case("basketball.backcourt", "clear")
def backcourt_stays_in_front(b: Court) -> None:
    """The handler backs up, and stays in front of the midcourt line by half a shoe and more."""
    man = _near_midcourt(b, b.draw(0.75, 1.2))
    t = np.arange(0.0, b.span, 0.01)
    low = min(float(man.soles(t)[..., 0].min()) - 0.15, float(b.carried(man, t)[:, 0].min()) - 0.12)
    b.require(low > b.edge + 0.05, "he is on the line")
    b.judged()


def _near_midcourt(b: Court, x: float) -> Hooper:
    """Let the handler back up to a place near midcourt and go forward again."""
    b.spread()
    b.starts_in_front()
    man = b.handler
    here, y = man.course.end
    start = b.draw(0.5, 1.5)
    long = walking_time(here - x, b.draw(2.0, 3.0), 0.7)
    man.course.to(x, y, start, start + long, 0.7)
    stop = start + long + b.draw(0.3, 0.8)
    man.course.to(2.0, y, stop, stop + walking_time(2.0 - x, 2.0, 0.7), 0.7)
    b.shadow(0, 0.9, 0.3)
    b.ends(stop + b.draw(1.5, 2.5))
    b.idle(b.span)
    b.quiet()
    return man


@BOOK.case("basketball.backcourt", "violation")
def backcourt_passes_back(b: Court) -> None:
    """The handler passes from the frontcourt to a team-mate in the backcourt."""
    b.judged(backcourt=_passed_back(b))


def _passed_back(b: Court, touched: bool = False) -> float:
    b.spread()
    b.starts_in_front()
    mate = b.five[1]
    x, y = mate.course.end
    start = b.draw(0.2, 0.6)
    goal = -b.draw(1.0, 3.0)
    there = start + walking_time(x - goal, 5.0, 1.1)
    mate.course.to(goal, y * 0.7, start, there, 1.1)
    leaves = there - b.draw(0.1, 0.4)
    if not touched:
        taken = b.throw(b.handler, mate, leaves)
    else:
        guard = b.guards[0]
        tip = leaves + 0.15
        place = b.carried(b.handler, np.array([leaves]))[0]
        near = 0.75 * guard.xy(tip) + 0.25 * place[:2]
        b.ball.sent_to((float(near[0]), float(near[1]), 1.4), leaves, tip, slowing=1.0)
        b.event(tip, "touch", guard, detail="deflection")
        taken = tip + b.draw(0.9, 1.3)
        end = b.carried(mate, np.array([taken]))[0]
        b.ball.sent_to(end, tip, taken, rise=0.5, slowing=1.0)
        b.ball.taken_by(mate, taken)
    b.ends(max(taken, there) + b.draw(1.0, 1.6))
    b.require(b.carried(mate, np.array([taken]))[0, 0] < -0.3, "he has it in the frontcourt")
    b.quiet()
    return taken


@BOOK.case("basketball.backcourt", "clear")
def backcourt_tipped_by_a_defender(b: Court) -> None:
    """A defender deflects the pass, and a team-mate recovers it in the backcourt."""
    _passed_back(b, touched=True)
    b.judged()


@BOOK.case("basketball.backcourt", "clear")
def backcourt_straddles(b: Court) -> None:
    """The handler stops with one foot over midcourt, goes back with it and then on: he was never in front."""
    b.spread(back=True)
    b.starts_behind()
    man = b.handler
    man.towards = (0.0, 1.0)
    x, y = man.course.end
    long = walking_time(-x, b.draw(3.6, 4.4), 1.0)
    man.course.to(0.0, y * 0.5, 0.1, 0.1 + long, 1.0)
    back = 0.1 + long + b.draw(0.3, 0.6)
    man.course.to(-0.8, y * 0.5, back, back + 0.9, 0.4)
    on = back + 1.0
    man.course.to(3.0, y * 0.4, on, on + 1.8, 0.6)
    b.guards[0].course.to(4.4, y * 0.5, 0.5, on, 1.0)
    over = b.crossed(man, on, on + 2.5)
    b.require(over < 7.6, "he is too slow")
    t = np.arange(0.0, on, 0.01)
    b.require(man.soles(t)[..., 0].min(axis=0) - 0.0 < -0.03, "both feet are over")
    b.ends(over + b.draw(0.8, 1.5))
    b.quiet()
    b.judged()


@BOOK.case("basketball.backcourt", "clear")
def backcourt_long_rebound(b: Court) -> None:
    """A shot comes off the ring as far as the backcourt, where a team-mate of the shooter takes it."""
    b.spread()
    b.starts_in_front()
    mate = b.five[2]
    x, y = mate.course.end
    goal = -b.draw(1.0, 2.5)
    start = b.draw(0.2, 0.5)
    there = start + walking_time(x - goal, 5.0, 1.1)
    mate.course.to(goal, y * 0.6, start, there, 1.1)
    release = there - b.draw(0.8, 1.4)
    ring = b.shoot(b.handler, release - 0.3, release)
    taken = b.rebounds(mate, ring, b.draw(1.1, 1.5))
    b.ends(max(taken, there) + b.draw(1.0, 1.8))
    b.quiet()
    b.judged()
    b.judged()


@BOOK.case("basketball.backcourt", "clear")
def backcourt_lost_to_the_opponents(b: Court) -> None:
    """The handler loses the ball over midcourt, and an opponent takes it there."""
    b.spread()
    b.starts_in_front()
    man, guard = b.handler, b.guards[0]
    start = b.draw(0.3, 0.6)
    goal = -b.draw(1.0, 2.0)
    there = start + walking_time(guard.course.x - goal, 5.0, 1.2)
    guard.course.to(goal, guard.course.y + b.sign() * 2.2, start, there, 1.2)
    taken = b.strip(man, guard, there - b.draw(0.6, 0.9), 0.9)
    b.ends(max(taken, there) + b.draw(0.8, 1.6))
    b.quiet()
    b.judged()
    b.judged("defense")


# --- shot clock


@BOOK.case("basketball.shot_clock", "clear")
def shot_clock_released_in_time(b: Court) -> None:
    """The ball leaves the hand before the shot clock expires and hits the ring afterwards."""
    zero = b.draw(3.0, 6.0)
    _shoots(b, zero, zero - b.draw(0.12, 0.8), True, None)


@BOOK.case("basketball.shot_clock", "violation")
def shot_clock_released_too_late(b: Court) -> None:
    """The ball leaves the hand after the shot clock has expired."""
    zero = b.draw(3.0, 6.0)
    _shoots(b, zero, zero + b.draw(0.12, 0.6), True, zero)


@BOOK.case("basketball.shot_clock", "violation")
def shot_clock_misses_the_ring(b: Court) -> None:
    """The ball is in the air when the clock expires, misses the ring, and a team-mate recovers it."""
    zero = b.draw(3.0, 6.0)
    _shoots(b, zero, zero - b.draw(0.15, 0.7), False, zero)


@BOOK.case("basketball.shot_clock", {NBA: "violation", FIBA: "clear"})
def shot_clock_misses_and_opponents_gain(b: Court) -> None:
    """The ball is in the air when the clock expires, misses the ring, and an opponent gains it at once."""
    zero = b.draw(3.0, 6.0)
    _shoots(b, zero, zero - b.draw(0.15, 0.7), False, zero if b.nba else None, opponents=True)


def _shoots(
    b: Court, zero: float, release: float, ring: bool, wrong: float | None, opponents: bool | None = None
) -> None:
    b.spread()
    b.starts_in_front()
    b.shot_clock([(0.0, zero + 4.0, zero)])
    man = b.five[b.rng.integers(0, 3)]
    if man is not b.handler:
        b.throw(b.handler, man, b.draw(0.4, 0.9))
    at = b.shoot(man, release - 0.3, release, ring, flight=b.draw(0.85, 1.1))
    theirs = (b.chance() if ring else False) if opponents is None else opponents
    taker = b.guards[3] if theirs else b.five[3]
    taken = b.rebounds(taker, at, b.draw(0.6, 0.9))
    b.ends(taken + b.draw(0.6, 1.2))
    b.rows["clocks"] = [row for row in b.rows["clocks"] if row["t"] <= (at if ring else taken)]
    b.idle(release, 3)
    b.quiet()
    b.judged(shot_clock=wrong)
    b.judged("defense" if theirs else "attack")


@BOOK.case("basketball.shot_clock", "violation")
def shot_clock_still_dribbling(b: Court) -> None:
    """The handler still dribbles when the shot clock expires."""
    b.spread()
    b.starts_in_front()
    zero = b.draw(3.0, 7.0)
    b.shot_clock([(0.0, zero + 2.0, zero)])
    b.around(zero - 1.0)
    b.whistle(zero + b.draw(0.15, 0.6))
    b.rows["clocks"] = [row for row in b.rows["clocks"] if row["t"] <= b.span]
    b.quiet()
    b.judged(shot_clock=zero)


@BOOK.case("basketball.shot_clock", "clear")
def shot_clock_turnover_in_time(b: Court) -> None:
    """An opponent takes the ball with a little left on the shot clock, which starts anew."""
    b.spread()
    b.starts_in_front()
    zero = b.draw(4.0, 6.0)
    lost = zero - b.draw(0.8, 2.5)
    man, guard = b.handler, b.guards[0]
    taken = b.strip(man, guard, lost, b.draw(0.3, 0.5))
    b.ends(taken + b.draw(1.5, 2.5))
    b.shot_clock([(0.0, taken, zero), (taken, b.span, 24.0)])
    b.quiet()
    b.judged()
    b.judged("defense")


@BOOK.case("basketball.shot_clock", "clear")
def shot_clock_rim_and_rebound(b: Court) -> None:
    """The ball hits the ring with seconds left, the shooting team rebounds, and the clock starts at 14."""
    b.spread()
    b.starts_in_front()
    zero = b.draw(5.0, 9.0)
    release = zero - b.draw(2.2, 3.5)
    at = b.shoot(b.handler, release - 0.3, release)
    taken = b.rebounds(b.five[3], at, b.draw(0.6, 0.9))
    b.ends(taken + b.draw(1.0, 2.5))
    b.shot_clock([(0.0, at, zero), (at, b.span, 14.0)], [(at, taken)])
    b.quiet()
    b.judged()
    b.judged()


@BOOK.case("basketball.shot_clock", "clear")
def shot_clock_time_left(b: Court) -> None:
    """The ball goes around, and the scene ends with seconds left on the shot clock."""
    b.spread()
    b.starts_in_front()
    b.ends(b.draw(4.0, 7.0))
    b.shot_clock([(0.0, b.span, b.span + b.draw(1.0, 12.0))])
    b.around(b.span)
    b.idle(b.span)
    b.quiet()
    b.judged()
