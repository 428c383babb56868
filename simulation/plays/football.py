"""Edge cases of football, each told on a board; what does not decide the verdict is drawn.

How each verdict is known: the case itself lets the man move, be late or stay, by a margin that it draws, and measures
on his own body when and by how much he is over an edge. A margin is never smaller than what words leave open: half a
helmet at an edge, a tenth of a second at an instant.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulation.plays.courses import walking_time
from simulation.plays.football_board import Gridiron, changed
from simulation.plays.football_team import HALF_WIDTH_M, HELMET_M, ZONE_M, Man, Spot
from simulation.plays.movers import Mover
from simulation.plays.registry import Book

BOOK = Book(Gridiron)
NFL, NCAA = "nfl-2025", "ncaa-2025"
INTERIOR = ("guard", "tackle")
FRONT = ("defensive_end", "defensive_tackle", "nose_tackle")


# --- false start


@BOOK.case("football.false_start", "violation")
def false_start_lineman_jerks(b: Gridiron) -> None:
    """A lineman who is set starts up before the snap, and the whistle comes at once."""
    _jerk(b, b_role=INTERIOR)


@BOOK.case("football.false_start", "violation")
def false_start_tight_end_jerks(b: Gridiron) -> None:
    """A tight end who is set starts up before the snap."""
    _jerk(b, b_role=("tight_end",))


@BOOK.case("football.false_start", "violation")
def false_start_back_leans(b: Gridiron) -> None:
    """A back leans forward abruptly with head and shoulders, and does not take a step."""
    b.line_up()
    t = b.set_at + b.draw(0.8, 2.5)
    man = b.backs()[int(b.rng.integers(len(b.backs())))]
    b.react(man, t, hop=0.0)
    b.blow(t + b.draw(0.25, 0.6))
    b.calls({"false_start": (t, (man,))})


@BOOK.case("football.false_start", "violation")
def false_start_lineman_goes_before_the_snap(b: Gridiron) -> None:
    """A tackle guesses the count wrong and sets back for the pass before the ball is snapped."""
    b.line_up()
    man, start = b.one("tackle"), b.set_at + b.cadence
    b.event(start, "reaction", man)
    man.course.by(-b.draw(0.7, 1.1), 0.0, start, start + 1.1, 0.5)
    man.bow += [(start, man.bow[-1][1]), (start + 0.5, 0.3)]
    b.blow(start + b.draw(0.25, 0.6))
    b.untouched(start)
    b.calls({"false_start": (start, (man,))})


@BOOK.case("football.false_start", "clear")
def false_start_linemen_go_down_smoothly(b: Gridiron) -> None:
    """The linemen look over and go down into their stances smoothly, and are set for a second and more."""
    b.line_up()
    t = b.set_at
    down = t + b.draw(0.8, 1.4)
    for man in b.role("guard", "tackle"):
        man.bow = [(0.0, 0.35), (t, 0.35), (down, 1.0)]
    b.snap(down + b.draw(1.3, 2.5))
    b.calls()


@BOOK.case("football.false_start", "clear")
def false_start_back_changes_sides_smoothly(b: Gridiron) -> None:
    """The running back walks to the other side of the quarterback and is set again."""
    b.line_up()
    man = b.one("running_back")
    start = b.set_at + b.draw(0.6, 1.2)
    side = -1.0 if man.course.end[1] > b.ball_y else 1.0
    far = b.draw(2.0, 3.2)
    stop = start + walking_time(far, b.draw(1.4, 2.4))
    man.course.by(-b.draw(0.0, 0.3), side * far, start, stop)
    b.snap(stop + b.draw(0.7, 2.0))
    b.calls()


@BOOK.case("football.false_start", "clear")
def false_start_passer_lifts_his_leg(b: Gridiron) -> None:
    """The quarterback lifts a leg and turns his head, and nobody flinches."""
    b.line_up()
    man = b.role("quarterback")[0]
    t = b.set_at + b.draw(0.4, 0.9)
    man.leans.append((t, t + 0.9, -0.08))
    b.snap(b.set_at + max(b.cadence, t - b.set_at + 1.2))
    b.calls()


@BOOK.case("football.false_start", "clear")
def false_start_snapper_adjusts_the_ball(b: Gridiron) -> None:
    """The snapper lifts his head and turns the ball by a few centimetres, long before the snap."""
    b.line_up()
    t = b.set_at + b.draw(0.2, 0.5)
    b.snapper.leans.append((t, t + 0.7, -0.06))
    b.ball.sent_to((b.los - ZONE_M / 2 + b.draw(-0.05, 0.03), b.ball_y + b.draw(-0.05, 0.05), 0.14), t, t + 0.4)
    b.snap(t + b.draw(2.0, 2.8))
    b.calls()


@BOOK.case("football.false_start", "clear")
def false_start_reaction_to_a_defender(b: Gridiron) -> None:
    """A defender is in the neutral zone, and the lineman opposite starts up: the defender's fault."""
    _provoked(b)


@BOOK.case("football.false_start", "violation")
def false_start_defender_stays_on_his_side(b: Gridiron) -> None:
    """A defender moves up without getting into the neutral zone, and a lineman starts up."""
    b.line_up()
    defender = b.one(*FRONT, side="defense")
    t = b.set_at + b.draw(0.9, 2.0)
    near, far = b.jump(defender, b.draw(0.05, 0.1), t)
    b.back_off(defender, far, near + b.draw(0.1, 0.3))
    man = _opposite(b, defender)
    b.react(man, near + b.draw(0.0, 0.2), defender, hop=0.0)
    when = float(b._events[-1]["t"])
    b.blow(when + b.draw(0.3, 0.6))
    b.untouched(b.span)
    b.require(b.stray(defender, 0.0, b.span) < -0.03, "he gets into the neutral zone")
    b.calls({"false_start": (when, (man,))})


@BOOK.case("football.false_start", "violation")
def false_start_long_after_the_defender_is_back(b: Gridiron) -> None:
    """A defender was in the neutral zone and is long back when a lineman starts up."""
    b.line_up()
    defender = b.one(*FRONT, side="defense")
    out = _in_and_back(b, defender, b.set_at + b.draw(0.5, 0.9))
    man = _opposite(b, defender)
    when = out + b.draw(1.3, 2.0)
    b.react(man, when, hop=b.draw(0.15, 0.3))
    b.blow(when + b.draw(0.25, 0.5))
    b.untouched(when)
    b.calls({"false_start": (when, (man,))})


@BOOK.case("football.false_start", "violation", NCAA)
def false_start_lineman_who_is_not_threatened(b: Gridiron) -> None:
    """A defender threatens one end of the line, and the tackle at the other end starts up."""
    b.line_up()
    defender = max(b.role(*FRONT, side="defense"), key=lambda one: abs(one.course.end[1] - b.ball_y))
    side = np.sign(defender.course.end[1] - b.ball_y)
    there = b.set_at + b.draw(0.8, 1.8)
    stop, _ = b.jump(defender, -b.draw(0.08, 0.2), there)
    first, _ = b.over(defender, there, stop + 0.3)
    man = next(one for one in b.role("tackle") if np.sign(one.course.end[1] - b.ball_y) == -side)
    when = max(first, stop - 0.1) + b.draw(0.1, 0.4)
    b.react(man, when, defender, hop=0.0)
    b.blow(when + b.draw(0.3, 0.5))
    b.untouched(b.span)
    b.calls({"false_start": (when, (man,))})


@BOOK.case("football.false_start", "violation", NCAA)
def false_start_never_set(b: Gridiron) -> None:
    """The offense comes from its huddle and snaps before it was set for a second."""
    b.line_up(huddle=True)
    b.snap(b.set_at + b.draw(0.15, 0.5))
    b.calls({"false_start": (b.snap_at, ())})


def _jerk(b: Gridiron, b_role: tuple[str, ...]) -> None:
    b.line_up()
    t = b.set_at + b.draw(0.5, 3.0)
    man = b.one(*b_role)
    b.react(man, t)
    b.blow(t + b.draw(0.25, 0.7))
    b.untouched(t)
    b.calls({"false_start": (t, (man,))})


def _opposite(b: Gridiron, defender: Man) -> Man:
    """Return the interior lineman nearest to a defender across the field."""
    y = defender.course.end[1]
    return min(b.role(*INTERIOR), key=lambda one: abs(one.course.end[1] - y))


def _in_and_back(b: Gridiron, defender: Man, start: float, depth: tuple[float, float] = (0.06, 0.2)) -> float:
    """Let a defender jump into the neutral zone and back, and return when the last of him is out of it."""
    stop, far = b.jump(defender, -b.draw(*depth), start)
    back = b.back_off(defender, far + b.draw(0.05, 0.25), stop + b.draw(0.02, 0.25))
    return b.over(defender, start, back + 0.2)[1]


def _provoked(b: Gridiron) -> None:
    """Let a defender get into the neutral zone, and a lineman react to him at once."""
    b.line_up()
    defender = b.one(*FRONT, side="defense")
    there = b.set_at + b.draw(0.6, 2.2)
    stop, far = b.jump(defender, -b.draw(0.08, 0.2), there)
    first, _ = b.over(defender, there, stop + 0.3)
    man = _opposite(b, defender)
    when = first + b.draw(0.08, 0.3)
    b.react(man, when, defender, hop=0.0)
    if b.chance():
        b.back_off(defender, far + 0.1, stop + b.draw(0.1, 0.3))
    b.blow(when + b.draw(0.3, 0.6))
    b.untouched(b.span)
    b.calls({"neutral_zone_infraction": (when, (defender,))})


# --- encroachment


@BOOK.case("football.encroachment", "violation", NFL)
def encroachment_contact(b: Gridiron) -> None:
    """A defender jumps into the lineman opposite before the snap."""
    _contact(b)


@BOOK.case("football.offside", "violation", NCAA)
def offside_contact_before_the_snap(b: Gridiron) -> None:
    """A defender jumps into the lineman opposite before the snap."""
    _contact(b)


def _contact(b: Gridiron) -> None:
    b.line_up()
    defender = b.one(*FRONT, side="defense")
    man = min(b.role(*INTERIOR, "center"), key=lambda one: abs(one.course.end[1] - defender.course.end[1]))
    start = b.set_at + b.draw(0.5, 2.0)
    off = man.course.end[1] - defender.course.end[1]
    stop, _ = b.jump(defender, b.ahead(man) + b.draw(0.05, 0.25), start)
    defender.course.by(0.0, off * b.draw(0.8, 1.0), start, stop, 0.6)
    b.span = stop + 2.0
    defender.span = man.span = b.span
    t = np.arange(start, stop + 0.3, 0.002)
    gap = np.linalg.norm(b._reach(defender, t)[:, None] - b._reach(man, t)[None], axis=-1).min(axis=(0, 1))
    b.require((gap < 0.2).any(), "he does not reach him")
    touch = float(t[np.flatnonzero(gap < 0.2)[0]])
    b.event(touch, "contact", defender, other=man)
    b.may_touch(defender, man)
    b.blow(touch + b.draw(0.25, 0.6))
    b.untouched(touch, defender)
    b.calls({"encroachment": (touch, (defender,))})


@BOOK.case("football.encroachment", "violation", NFL)
def encroachment_slaps_the_ball(b: Gridiron) -> None:
    """A defender reaches over and slaps the ball before the snap."""
    b.line_up(against=_over_the_ball)
    defender = min(b.role(*FRONT, side="defense"), key=lambda one: abs(one.course.end[1] - b.ball_y))
    start = b.set_at + b.draw(0.5, 2.0)
    stop, _ = b.jump(defender, -ZONE_M / 2, start)
    touch = stop
    b.event(touch, "contact", defender, other="ball")
    b.blow(touch + b.draw(0.25, 0.6))
    b.may_touch(defender, b.snapper)
    b.calls({"encroachment": (touch, (defender,))})


def _over_the_ball(spots: list[Spot]) -> list[Spot]:
    near = min((one for one in spots if one.role in FRONT), key=lambda one: abs(one.y))
    return [replace(one, y=0.12) if one is near else one for one in spots]


@BOOK.case("football.encroachment", "clear", NFL)
def encroachment_in_and_back_untouched(b: Gridiron) -> None:
    """A defender jumps into the neutral zone, touches nobody, and is back before the snap."""
    _untouched(b)


def _untouched(b: Gridiron, margin: tuple[float, float] = (0.15, 1.2)) -> None:
    b.line_up()
    defender = b.one(*FRONT, side="defense")
    out = _in_and_back(b, defender, b.set_at + b.draw(0.3, 1.0))
    b.snap(max(out + b.draw(*margin), b.set_at + 1.3))
    b.untouched(b.snap_at)
    b.calls()


@BOOK.case("football.encroachment", "clear", NFL)
def encroachment_lines_meet_after_the_snap(b: Gridiron) -> None:
    """The lines meet right after the snap."""
    b.line_up()
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    front = b.one(*FRONT, side="defense")
    b.event(b.snap_at + b.draw(0.15, 0.5), "contact", front, other=_opposite(b, front))
    b.calls()


@BOOK.case("football.encroachment", "clear", NFL)
def encroachment_walks_up_and_backs_off(b: Gridiron) -> None:
    """A linebacker walks up into a gap, stops short of the ball's tip, and walks back."""
    b.line_up()
    man = b.one("linebacker", side="defense")
    start = b.set_at + b.draw(0.1, 0.5)
    far = man.course.end[0] - b.los - b.draw(0.65, 0.9)
    near = start + walking_time(far, b.draw(2.2, 3.2))
    man.course.by(-far, 0.0, start, near)
    back = near + b.draw(0.3, 0.7)
    man.course.by(far * 0.7, 0.0, back, back + walking_time(far * 0.7, 2.5))
    man.steady = True
    b.snap(max(back + b.draw(0.3, 1.5), b.set_at + 1.3))
    b.untouched(b.snap_at)
    b.require(b.stray(man, 0.0, b.snap_at) < -0.12, "he gets into the neutral zone")
    b.calls()


@BOOK.case("football.encroachment", "clear", NFL)
def encroachment_nobody_moves(b: Gridiron) -> None:
    """A hard count, and everybody keeps still until the snap."""
    b.line_up()
    b.snap(b.set_at + b.draw(2.5, 4.5))
    b.untouched(b.snap_at)
    b.calls()


# --- neutral zone infraction


@BOOK.case("football.neutral_zone_infraction", "violation", NFL)
def neutral_zone_infraction_lineman_reacts(b: Gridiron) -> None:
    """A defender gets into the neutral zone, and the lineman opposite reacts at once."""
    _provoked(b)


@BOOK.case("football.offside", "violation", NCAA)
def offside_makes_a_lineman_react(b: Gridiron) -> None:
    """A defender gets into the neutral zone, and the lineman opposite reacts at once."""
    _provoked(b)


@BOOK.case("football.neutral_zone_infraction", "violation", NFL)
def neutral_zone_infraction_unabated(b: Gridiron) -> None:
    """A defensive end comes past the tackle before the snap, with a free path to the quarterback."""
    _unabated(b)


@BOOK.case("football.offside", "violation", NCAA)
def offside_charges_at_the_passer(b: Gridiron) -> None:
    """A defensive end comes past the tackle before the snap, with a free path to the quarterback."""
    _unabated(b)


def _unabated(b: Gridiron) -> None:
    def deep(spots: list[Spot]) -> list[Spot]:
        wide = changed(spots, lambda one: one.role == "quarterback", x=-b.draw(4.6, 5.2))
        wide = changed(wide, lambda one: one.role == "running_back", x=-b.draw(6.5, 7.2), y=-2.2 * side)
        wide = changed(wide, lambda one: one.role == "fullback", y=-3.8 * side)
        return changed(wide, lambda one: one.role == "tight_end", y=-side * (5.0 + b.draw(0, 0.4)))

    side = b.sign()
    b.line_up(
        deep, lambda spots: changed(spots, lambda one: one.role == "defensive_end" and one.y * side > 0, y=side * 5.4)
    )
    ends = [one for one in b.role("defensive_end", side="defense") if (one.course.end[1] - b.ball_y) * side > 0]
    b.require(len(ends) == 1, "one end rushes")
    man, passer = ends[0], b.role("quarterback")[0]
    start = b.set_at + b.draw(0.5, 1.8)
    line = min(one.course.end[0] for one in b.role("tackle", "guard", "center"))
    x, y = passer.course.end
    off = b.draw(1.6, 2.4)  # so far short of the quarterback he stops when he hears the whistle
    wide, turn = man.course.end[1], start + walking_time(3.0, 4.4, 0.9)
    man.course.to(b.los - 2.2, wide, start, turn, 0.9)
    way = np.array([x - b.los + 2.2, y - wide])
    length = float(np.hypot(*way))
    aim = np.array([b.los - 2.2, wide]) + way / length * (length - off)
    begin = turn - 0.8
    man.course.to(float(aim[0]), float(aim[1]), begin, begin + walking_time(length - off, b.draw(4.0, 4.8), 0.9), 0.9)
    b.span = start + 4.0
    man.span = b.span
    t = np.arange(start, b.span, 0.002)
    past = float(t[np.flatnonzero(man.xy(t)[:, 0] < line)[0]])
    b.blow(past + b.draw(0.35, 0.6))
    b.untouched(b.span)
    others = [one for one in b.men("attack") if one is not passer]
    gaps = np.array([_off_the_path(man.xy(past), passer.xy(past), one.xy(past)) for one in others])
    b.require(gaps.min() > 1.15, "somebody bars his path")
    b.calls({"neutral_zone_infraction": (past, (man,))})


def _off_the_path(a: np.ndarray, c: np.ndarray, p: np.ndarray) -> float:
    """Return how far a point is from the straight way between two others."""
    share = np.clip(np.dot(p - a, c - a) / np.dot(c - a, c - a), 0, 1)
    return float(np.hypot(*(p - a - share * (c - a))))


@BOOK.case("football.neutral_zone_infraction", "clear", NFL)
def neutral_zone_infraction_in_and_back(b: Gridiron) -> None:
    """A defender is in the neutral zone for a moment, nobody reacts, and he is back before the snap."""
    _untouched(b, (0.12, 0.6))


@BOOK.case("football.neutral_zone_infraction", "clear", NFL)
def neutral_zone_infraction_lineman_reacts_to_nothing(b: Gridiron) -> None:
    """A lineman starts up while all defenders are on their side."""
    false_start_defender_stays_on_his_side(b)


@BOOK.case("football.neutral_zone_infraction", "clear", NFL)
def neutral_zone_infraction_long_before_the_reaction(b: Gridiron) -> None:
    """A defender was in the neutral zone and is long back when a lineman starts up."""
    false_start_long_after_the_defender_is_back(b)


@BOOK.case("football.neutral_zone_infraction", "clear", NFL)
def neutral_zone_infraction_cornerback_out_wide(b: Gridiron) -> None:
    """A cornerback steps over the line far from everybody, and back before the snap."""
    b.line_up(against=lambda spots: _press(b, spots))
    man = next(one for one in b.role("cornerback", side="defense") if b.los + 1.5 > one.course.end[0])
    out = _in_and_back(b, man, b.set_at + b.draw(0.3, 0.9), (0.04, 0.15))
    b.snap(max(out + b.draw(0.15, 1.0), b.set_at + 1.3))
    b.untouched(b.snap_at)
    b.calls()


def _press(b: Gridiron, spots: list[Spot]) -> list[Spot]:
    widest = max((one for one in spots if one.role == "cornerback"), key=lambda one: abs(one.y))
    inside = widest.y - 2.2 * np.sign(widest.y)
    return [replace(one, x=b.draw(0.5, 0.9), y=inside) if one is widest else one for one in spots]


# --- offside


@BOOK.case("football.offside", "violation")
def offside_lines_up_over_the_tip(b: Gridiron) -> None:
    """A lineman of the defense has a hand or his helmet over the tip of the ball at the snap."""
    b.line_up()
    man = b.one(*FRONT, side="defense")
    b.spot_foremost(man, -b.draw(0.03, 0.15), 0.0)
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    b.require(b.stray(man, b.snap_at - 0.15, b.snap_at) > 0.02, "he is not over")
    b.calls({"offside": (b.snap_at, (man,))})


@BOOK.case("football.offside", "clear")
def offside_lines_up_just_behind_the_tip(b: Gridiron) -> None:
    """A hand of a lineman of the defense is just short of the tip of the ball at the snap."""
    b.line_up()
    man = b.one(*FRONT, side="defense")
    b.spot_foremost(man, b.draw(0.03, 0.12), 0.0)
    b.snap(b.set_at + b.cadence)
    b.require(b.stray(man, 0.0, b.snap_at) < -0.015, "he is over")
    b.calls()


@BOOK.case("football.offside", "violation")
def offside_jumps_and_is_caught(b: Gridiron) -> None:
    """A defender guesses the count wrong and is in the neutral zone at the snap."""
    b.line_up()
    man = b.one(*FRONT, side="defense")
    snap = b.set_at + max(b.cadence, 1.4)
    b.jump(man, -b.draw(0.12, 0.25), snap - b.draw(0.6, 0.85))
    b.snap(snap)
    b.untouched(snap)
    b.require(b.stray(man, snap - 0.1, snap - 0.095) > 0.02, "he is not over for long enough")
    b.require(b.stray(man, snap, snap + 0.01) > 0.02, "he is not over")
    b.calls({"offside": (snap, (man,))})


@BOOK.case("football.offside", "clear")
def offside_back_in_time(b: Gridiron) -> None:
    """A defender jumps into the neutral zone and is back on his side just before the snap."""
    _untouched(b, (0.1, 0.4))


@BOOK.case("football.offside", "clear")
def offside_crosses_right_after_the_snap(b: Gridiron) -> None:
    """An end times the count well and is in the neutral zone a moment after the snap."""
    b.line_up()
    man = b.one("defensive_end", side="defense")
    snap = b.set_at + b.cadence
    b.snap(snap)
    man.course.legs.pop()
    start = snap - b.draw(0.0, 0.12)
    man.course.by(-b.draw(0.5, 0.7), 0.0, start, start + b.draw(0.7, 0.8), 9.0)
    first, _ = b.over(man, snap - 0.2, b.span)
    b.require(first > snap + 0.1, "he is over too early")
    b.untouched(snap)
    b.calls()


@BOOK.case("football.offside", "violation")
def offside_end_of_the_offense(b: Gridiron) -> None:
    """A receiver of the offense lines up with a foot or his helmet in the neutral zone."""
    b.line_up(lambda spots: _one_split(b, spots))
    man = min(b.role("wide_receiver"), key=lambda one: -one.course.end[0])
    b.spot_foremost(man, -ZONE_M + b.draw(0.03, 0.25), b.set_at + 1.0)
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    b.require(b.stray(man, b.snap_at - 0.2, b.snap_at) > 0.02, "he is not over")
    b.calls({"offside": (b.snap_at, (man,))})


def _one_split(b: Gridiron, spots: list[Spot]) -> list[Spot]:
    b.require(any(one.role == "wide_receiver" and one.x > -1.5 for one in spots), "nobody is split")
    return spots


@BOOK.case("football.offside", "clear")
def offside_end_of_the_offense_just_behind(b: Gridiron) -> None:
    """A receiver of the offense lines up just behind the rear tip of the ball."""
    b.line_up(lambda spots: _one_split(b, spots))
    man = min(b.role("wide_receiver"), key=lambda one: -one.course.end[0])
    b.spot_foremost(man, -ZONE_M - b.draw(0.03, 0.15), b.set_at + 1.0)
    b.snap(b.set_at + b.cadence)
    b.require(b.stray(man, b.set_at + 0.3, b.snap_at) < -0.015, "he is over")
    b.calls()


@BOOK.case("football.offside", "clear")
def offside_receivers_run_past_the_line_after_the_snap(b: Gridiron) -> None:
    """The receivers are far over the line of scrimmage while the ball is live."""
    b.passes = True
    b.line_up()
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    b.calls()


# --- illegal shift


@BOOK.case("football.illegal_shift", "violation")
def illegal_shift_receivers_swap_late(b: Gridiron) -> None:
    """Two receivers change places together and are not set for a second before the snap."""
    stop = _shift(b, before=b.draw(1.3, 2.0))
    b.snap(stop + b.draw(0.1, 0.85))
    b.calls({"illegal_shift": (b.snap_at, ())})


@BOOK.case("football.illegal_shift", "clear")
def illegal_shift_receivers_swap_in_time(b: Gridiron) -> None:
    """Two receivers change places together and are set for a second and more."""
    stop = _shift(b, before=b.draw(0.3, 1.5))
    b.snap(stop + b.draw(1.1, 2.2))
    b.calls()


@BOOK.case("football.illegal_shift", "violation", NFL)
def illegal_shift_from_the_huddle(b: Gridiron) -> None:
    """The offense comes from its huddle and snaps before it was set for a second."""
    b.line_up(huddle=True)
    b.snap(b.set_at + b.draw(0.1, 0.5))
    b.calls({"illegal_shift": (b.snap_at, ())})


@BOOK.case("football.illegal_shift", "clear", NCAA)
def illegal_shift_never_set_is_a_false_start(b: Gridiron) -> None:
    """The offense snaps before it was ever set: a false start, not a shift."""
    false_start_never_set(b)


@BOOK.case("football.illegal_shift", "violation")
def illegal_shift_second_starts_before_the_first_stops(b: Gridiron) -> None:
    """A flanker has not stopped when a back starts too, and they are not set for a second."""
    b.line_up()
    first, second = _two_backs(b)
    start = b.set_at + b.draw(1.3, 2.0)
    stop = start + _drift(b, first, start)
    begin = stop - b.draw(0.7, 1.0)
    last = begin + _drift(b, second, begin)
    b.require(last > stop, "the second stops first")
    b.snap(max(last, stop) + b.draw(0.1, 0.8))
    b.calls({"illegal_shift": (b.snap_at, ())})


@BOOK.case("football.illegal_shift", "clear")
def illegal_shift_second_starts_after_the_first_stopped(b: Gridiron) -> None:
    """A flanker has stopped, for less than a second, when a back goes in motion, and he is in motion at the snap."""
    b.line_up()
    first, second = _two_backs(b)
    start = b.set_at + b.draw(1.3, 2.0)
    stop = start + _drift(b, first, start)
    begin = stop + b.draw(0.15, 0.7)
    _motion(b, second, begin, b.draw(2.0, 3.0))
    b.snap(begin + b.draw(0.9, 1.6))
    b.calls()


@BOOK.case("football.illegal_shift", "clear")
def illegal_shift_then_a_second_then_motion(b: Gridiron) -> None:
    """Two shift, all are set for a second, then a third one goes in motion."""
    stop = _shift(b, before=b.draw(0.3, 1.0))
    man = next(one for one in b.backs() if stop > one.course.rests_from)
    begin = stop + b.draw(1.1, 1.8)
    _motion(b, man, begin, b.draw(2.0, 3.5))
    b.snap(begin + b.draw(0.9, 1.8))
    b.calls()


@BOOK.case("football.illegal_shift", "clear")
def illegal_shift_one_man_stops_for_less_than_a_second(b: Gridiron) -> None:
    """One receiver alone goes in motion and stops half a second before the snap: no shift."""
    b.line_up()
    man = b.backs()[0]
    start = b.set_at + b.draw(1.2, 1.8)
    stop = start + _drift(b, man, start)
    b.snap(stop + b.draw(0.35, 0.85))
    b.calls()


def _two_backs(b: Gridiron) -> tuple[Man, Man]:
    found = b.backs()
    b.require(len(found) >= 2, "two backs are needed")
    order = b.rng.permutation(len(found))
    return found[order[0]], found[order[1]]


def _inward(b: Gridiron, man: Man) -> float:
    """Return towards which side somebody has room: away from the nearer sideline, or the ball."""
    off = man.course.end[1] - b.ball_y
    return -float(np.sign(off)) if abs(off) > 4.0 else float(np.sign(off) or 1.0)


def _drift(b: Gridiron, man: Man, start: float) -> float:
    """Let a back walk or jog to another place behind the line, and return how long he takes."""
    far = b.draw(1.8, 3.2)
    long = walking_time(far, b.draw(2.0, 3.0), 0.5)
    man.course.by(-b.draw(0.0, 0.3), _inward(b, man) * far, start, start + long, 0.5)
    man.steady = True
    return long


def _motion(b: Gridiron, man: Man, start: float, speed: float, forward: float = 0.0) -> None:
    """Let a back go in motion across the field, until long after the snap."""
    man.course.go(forward, _inward(b, man) * speed, start, start + 12.0, _gather_speed(speed))


def _gather_speed(speed: float) -> float:
    """Return how long somebody takes to get to a speed, seconds."""
    return max(0.5, speed / 4.6)


def _shift(b: Gridiron, before: float) -> float:
    """Let two backs change their places together, and return when both have stopped."""
    b.line_up()
    start = b.set_at + before
    stops = []
    for man in _two_backs(b):
        begin = start + b.draw(0.0, 0.15)
        stops.append(begin + _drift(b, man, begin))
    return max(stops)


# --- illegal motion


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_parallel(b: Gridiron) -> None:
    """A back is in motion along the line at the snap."""
    _in_motion(b, b.draw(2.0, 4.5), -b.draw(0.0, 0.1))


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_jet(b: Gridiron) -> None:
    """A receiver runs along the line at full speed at the snap."""
    _in_motion(b, b.draw(5.5, 7.0), -b.draw(0.0, 0.2))


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_backward(b: Gridiron) -> None:
    """A back is in motion sideways and away from the line at the snap."""
    _in_motion(b, b.draw(1.5, 3.5), -b.draw(0.5, 1.5))


@BOOK.case("football.illegal_motion", "violation")
def illegal_motion_forward(b: Gridiron) -> None:
    """A back is in motion sideways and towards the line at the snap."""
    man = _in_motion(b, b.draw(1.5, 3.5), b.draw(0.75, 1.5), finish=False)
    b.require(b.los - man.xy(b.snap_at)[0] > 1.95, "he is on the line")
    b.calls({"illegal_motion": (b.snap_at, (man,))})


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_turns_parallel_in_time(b: Gridiron) -> None:
    """A back goes towards the line, turns along it half a second before the snap, and goes on."""
    b.line_up(lambda spots: changed(spots, lambda one: one.role == "running_back", x=-7.0, y=0.0))
    man = b.role("running_back")[0]
    start = b.set_at + b.draw(1.1, 1.6)
    turn = start + b.draw(0.9, 1.2)
    man.course.by(b.draw(0.9, 1.5), 0.0, start, turn, 0.5)
    man.course.go(0.0, b.sign() * b.draw(2.0, 3.0), turn - 0.4, turn + 8.0, 0.5)
    b.snap(turn + b.draw(0.35, 0.8))
    b.calls()


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_stops_before_the_snap(b: Gridiron) -> None:
    """A receiver in motion towards the line stops before the snap."""
    b.line_up(lambda spots: changed(spots, lambda one: one.x < -2.0 and one.role == "wide_receiver", x=-4.4))
    man = next(one for one in b.backs() if one.person.role == "wide_receiver")
    start = b.set_at + b.draw(1.1, 1.6)
    stop = start + walking_time(2.2, 2.0)
    man.course.by(b.draw(0.8, 1.8), _inward(b, man) * b.draw(0.5, 1.5), start, stop)
    b.snap(stop + b.draw(0.35, 1.0))
    b.calls()


@BOOK.case("football.illegal_motion", "violation")
def illegal_motion_two_at_once(b: Gridiron) -> None:
    """Two backs are in motion at the snap."""
    b.line_up()
    start = b.set_at + b.draw(1.2, 1.6)
    for man in _two_backs(b):
        _motion(b, man, start + b.draw(0.0, 0.2), b.draw(1.6, 2.6), -0.1)
    b.snap(start + b.draw(1.0, 1.6))
    b.calls({"illegal_motion": (b.snap_at, ()), "illegal_shift": (b.snap_at, ())})


@BOOK.case("football.illegal_motion", "violation")
def illegal_motion_end_on_the_line(b: Gridiron) -> None:
    """A split end who is on the line is in motion along it at the snap."""
    b.line_up(lambda spots: _one_split(b, spots))
    man = min(b.role("wide_receiver"), key=lambda one: -one.course.end[0])
    start = b.set_at + b.draw(1.2, 1.6)
    man.steady = True
    _motion(b, man, start, b.draw(1.6, 2.6))
    b.snap(start + b.draw(0.9, 1.4))
    b.require(abs(man.xy(b.snap_at)[1] - b.ball_y) > 6.5, "he is among the linemen")
    b.calls({"illegal_motion": (b.snap_at, (man,))})


@BOOK.case("football.illegal_motion", "clear")
def illegal_motion_turns_upfield_after_the_snap(b: Gridiron) -> None:
    """A receiver in motion along the line turns upfield a moment after the snap."""
    _in_motion(b, b.draw(2.5, 4.0), -b.draw(0.0, 0.1))


def _in_motion(b: Gridiron, speed: float, forward: float, finish: bool = True) -> Man:
    """Put a back in motion at the snap, with a speed along the line and one towards it."""
    deeper = max(0.0, forward) * 1.6
    wide = speed > 5
    b.line_up(
        lambda spots: changed(
            spots, lambda one: one.x < -2.0 and one.role != "quarterback", x=-b.draw(2.3, 2.9) - deeper
        )
    )
    found = [one for one in b.backs() if not wide or abs(one.course.end[1] - b.ball_y) > 9]
    b.require(len(found) > 0, "nobody has room for it")
    man = found[int(b.rng.integers(len(found)))]
    start = b.set_at + b.draw(1.1, 1.8)
    _motion(b, man, start, speed, forward)
    b.snap(start + _gather_speed(speed) + b.draw(0.35, 0.9))
    if finish:
        b.calls()
    return man


# --- illegal formation


@BOOK.case("football.illegal_formation", "clear")
def illegal_formation_seven_on_the_line(b: Gridiron) -> None:
    """Five linemen and two ends on the line, four in the backfield."""
    _formation(b, lambda spots: spots)


@BOOK.case("football.illegal_formation", "violation")
def illegal_formation_tackle_too_deep(b: Gridiron) -> None:
    """A tackle is so deep that his helmet does not break the plane of the snapper's waist."""
    _formation(b, lambda spots: _deep_tackle(b, spots, -b.draw(0.06, 0.4)), True)


@BOOK.case("football.illegal_formation", "clear")
def illegal_formation_tackle_just_deep_enough(b: Gridiron) -> None:
    """A tackle is deep, but his helmet breaks the plane of the snapper's waist."""
    _formation(b, lambda spots: _deep_tackle(b, spots, b.draw(0.06, 0.25)))


@BOOK.case("football.illegal_formation", "violation")
def illegal_formation_end_off_the_line(b: Gridiron) -> None:
    """The split end is off the line too: six on it and five backs."""

    def off(spots: list[Spot]) -> list[Spot]:
        _one_split(b, spots)
        return changed(spots, lambda one: one.role == "wide_receiver" and one.x > -1.5, x=-b.draw(2.0, 2.8))

    _formation(b, off, True)


@BOOK.case("football.illegal_formation", "violation", NFL)
def illegal_formation_tackle_is_an_end(b: Gridiron) -> None:
    """Seven are on the line, both ends on one side, and a tackle who has not reported is at the other end."""
    _formation(b, lambda spots: _unbalanced(b, spots), True)


@BOOK.case("football.illegal_formation", "clear", NCAA)
def illegal_formation_tackle_is_an_end_in_college(b: Gridiron) -> None:
    """Both ends are on one side, and a tackle ends the line on the other: five numbered linemen, four backs."""
    _formation(b, lambda spots: _unbalanced(b, spots))


@BOOK.case("football.illegal_formation", "clear")
def illegal_formation_tackle_has_reported(b: Gridiron) -> None:
    """An end wears a tackle's number; he reported as eligible."""
    _formation(b, lambda spots: _first(spots, lambda one: one.role == "tight_end", numbers=(60, 79)))


@BOOK.case("football.illegal_formation", "clear")
def illegal_formation_covered_end(b: Gridiron) -> None:
    """A tight end is covered by a split end on his side; the other side ends with another one: three backs."""

    def covered(spots: list[Spot]) -> list[Spot]:
        strong = next(one for one in spots if one.role == "tight_end")
        flank = max(
            (one for one in spots if one.role == "wide_receiver" and one.y * strong.y > 0), key=lambda one: abs(one.y)
        )
        return [replace(one, x=-b.draw(0.55, 0.8)) if one is flank else one for one in spots]

    _formation(b, covered)


@BOOK.case("football.illegal_formation", {NFL: "violation", NCAA: "clear"})
def illegal_formation_ten_men(b: Gridiron) -> None:
    """Ten men, six of them on the line, and four backs."""

    def ten(spots: list[Spot]) -> list[Spot]:
        ends = [one for one in spots if one.x > -1.5 and one.role in ("wide_receiver", "tight_end")]
        drop = ends[int(b.rng.integers(len(ends)))]
        return [one for one in spots if one is not drop]

    _formation(b, ten, b.book == "nfl")


@BOOK.case("football.illegal_formation", "violation", NCAA)
def illegal_formation_guard_wears_a_back_s_number(b: Gridiron) -> None:
    """A guard wears a number in the forties: only four linemen are numbered 50 to 79."""
    _formation(b, lambda spots: _first(spots, lambda one: one.role == "guard", numbers=(40, 49)), True)


@BOOK.case("football.illegal_formation", "violation", NFL)
def illegal_formation_receiver_out_of_bounds(b: Gridiron) -> None:
    """A flanker lines up with both feet out of bounds."""

    def out(spots: list[Spot]) -> list[Spot]:
        flank = max((one for one in spots if one.role == "wide_receiver" and one.x < -1.9), key=lambda one: abs(one.y))
        edge = np.sign(flank.y) * (HALF_WIDTH_M + b.draw(0.6, 0.9)) - b.ball_y
        return [replace(one, y=float(edge)) if one is flank else one for one in spots]

    b.line_up(out, huddle=False)
    man = max(b.backs(), key=lambda one: abs(one.course.y))
    b.may_leave(man)
    b.snap(b.set_at + b.cadence)
    del man.course.legs[:]
    man.course.go(4.5, -float(np.sign(man.course.y)) * 3.0, b.snap_at + 0.05, b.snap_at + 5.0, 1.2)
    b.calls({"illegal_formation": (b.snap_at, ())})


def _first(spots: list[Spot], which, **values) -> list[Spot]:  # type: ignore[no-untyped-def]
    """Return spots of which the first that is asked for is changed."""
    one = next(spot for spot in spots if which(spot))
    return [replace(spot, **values) if spot is one else spot for spot in spots]


def _deep_tackle(b: Gridiron, spots: list[Spot], margin: float) -> list[Spot]:
    """Put a tackle where the front of his helmet is ahead of the snapper's waist by a margin."""
    waist = -0.84 - 0.15
    x = waist + margin - HELMET_M - 0.45
    tackles = [one for one in spots if one.role == "tackle"]
    man = tackles[int(b.rng.integers(2))]
    return [replace(one, x=x, bow=1.0) if one is man else one for one in spots]


def _unbalanced(b: Gridiron, spots: list[Spot]) -> list[Spot]:
    """Move the split end to the other side, outside the tight end, still on the line."""
    _one_split(b, spots)
    split = next(one for one in spots if one.role == "wide_receiver" and one.x > -1.5)
    tight = next(one for one in spots if one.role == "tight_end")
    y = float(tight.y + np.sign(tight.y) * b.draw(3.0, 5.0))
    clear = [one for one in spots if one is not split and abs(one.y - y) < 1.5]
    b.require(not clear, "somebody stands there")
    return [replace(one, y=y) if one is split else one for one in spots]


def _formation(b: Gridiron, change, wrong: bool = False) -> None:  # type: ignore[no-untyped-def]
    b.line_up(change)
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    b.calls({"illegal_formation": (b.snap_at, ())} if wrong else None)


# --- too many players


@BOOK.case("football.too_many_players", "violation")
def too_many_players_twelve_defenders(b: Gridiron) -> None:
    """Twelve of the defense are on the field at the snap."""
    b.line_up()
    man = b.man("defense", Spot("safety", b.draw(6.0, 9.0), b.draw(-9, 9), 0.1, (20, 49)))
    b.snap(b.set_at + b.cadence)
    b.calls({"too_many_players": (b.snap_at, (man,))})


@BOOK.case("football.too_many_players", "violation")
def too_many_players_twelfth_still_inside(b: Gridiron) -> None:
    """The twelfth of the defense runs off and is still inside the sideline at the snap."""
    man = _runs_off(b, b.draw(0.65, 4.0))
    b.calls({"too_many_players": (b.snap_at, (man,))})


@BOOK.case("football.too_many_players", "clear")
def too_many_players_twelfth_over_the_sideline(b: Gridiron) -> None:
    """The twelfth of the defense is over the sideline just before the snap."""
    _runs_off(b, -b.draw(0.65, 2.0))
    b.calls()


def _runs_off(b: Gridiron, inside: float) -> Mover:
    """Let a twelfth defender run off, who is so far inside the sideline at the snap."""
    b.line_up()
    snap = b.set_at + max(b.cadence, 1.6)
    side = b.sign()
    y = side * HALF_WIDTH_M - b.ball_y
    man = b.man("defense", Spot("linebacker", b.draw(6.0, 8.0), y - side * 10.0, 0.0, (51, 59)))
    speed = b.draw(4.5, 6.5)
    far = 10.0 - inside
    start = snap - far / speed - 0.5
    b.require(start > 0.1, "he has no time")
    b.may_leave(man)
    man.course.go(0.0, side * speed, start, start + 5.0, 1.0)
    b.snap(snap)
    man.course.legs.pop()
    off = float(side * HALF_WIDTH_M - man.xy(snap)[1]) * side
    man.move(0.0, side * (off - inside))
    return man


@BOOK.case("football.too_many_players", "violation")
def too_many_players_twelve_of_the_offense(b: Gridiron) -> None:
    """Twelve of the offense are in the formation at the snap."""
    b.line_up()
    man = b.man("attack", Spot("wide_receiver", -b.draw(2.1, 2.8), b.sign() * 10.0, 0.2, (11, 19)))
    b.require(all(abs(man.course.y - one.course.end[1]) > 1.2 for one in b.men("attack") if one is not man), "no room")
    b.snap(b.set_at + b.cadence)
    wrong = {"too_many_players": (b.snap_at, (man,))}
    if b.book == "ncaa":
        wrong["illegal_formation"] = (b.snap_at, ())
    b.calls(wrong)


@BOOK.case("football.too_many_players", "violation")
def too_many_players_twelve_in_the_formation_for_long(b: Gridiron) -> None:
    """Twelve of the offense stand in the formation for more than three seconds; one is off before the snap."""
    _twelfth_leaves(b, b.draw(3.2, 4.5), True)


@BOOK.case("football.too_many_players", "clear")
def too_many_players_twelve_in_the_formation_for_a_moment(b: Gridiron) -> None:
    """A twelfth of the offense notices his mistake within three seconds and is off before the snap."""
    _twelfth_leaves(b, b.draw(1.5, 2.7), False)


def _twelfth_leaves(b: Gridiron, stays: float, wrong: bool) -> None:
    """Let a twelfth one of the offense run in, stand in the formation for a time, and run off again."""
    b.line_up(huddle=False)
    side = b.sign()
    edge = side * HALF_WIDTH_M - b.ball_y
    y = edge - side * b.draw(7.0, 10.0)
    man = b.man("attack", Spot("wide_receiver", -b.draw(3.2, 4.2), y, 0.0, (11, 19)), y=float(edge + side * 1.5))
    others = [one for one in b.men("attack") if one is not man]
    there = b.ball_y + y
    b.require(all(abs(there - one.course.end[1]) > 1.0 or one.course.end[0] - man.course.x > 0.9
                  for one in others), "no room")  # fmt: skip
    far = abs(edge - y) + 1.5
    long = walking_time(far, b.draw(5.0, 6.0), 1.0)
    man.course.by(0.0, -side * far, 0.0, long, 1.0)
    man.course.by(0.0, side * far, long + stays, 2 * long + stays, 1.0)
    b.may_leave(man)
    snap = 2 * long + stays + b.draw(0.3, 1.0)
    b.snap(snap)
    man.course.legs.pop()
    b.calls({"too_many_players": (snap, (man,))} if wrong else None)


@BOOK.case("football.too_many_players", "clear")
def too_many_players_ten_defenders(b: Gridiron) -> None:
    """Only ten defenders are on the field at the snap."""
    b.line_up(against=lambda spots: spots[:-1])
    b.snap(b.set_at + b.cadence)
    b.calls()


@BOOK.case("football.too_many_players", "clear")
def too_many_players_eleventh_comes_late(b: Gridiron) -> None:
    """The eleventh defender runs on as the ball is snapped."""
    b.line_up(against=lambda spots: spots[:-1])
    snap = b.set_at + b.cadence
    side = b.sign()
    y = side * (HALF_WIDTH_M + 1.0) - b.ball_y
    man = b.man("defense", Spot("safety", b.draw(8.0, 11.0), y, 0.0, (20, 29)))
    b.may_leave(man)
    man.course.go(b.draw(0.0, 1.0), -side * b.draw(4.0, 6.0), snap - b.draw(0.8, 1.6), snap + 6.0, 1.0)
    b.snap(snap)
    b.calls()


# --- delay of game


@BOOK.case("football.delay_of_game", "clear")
def delay_of_game_snap_at_one(b: Gridiron) -> None:
    """The ball is snapped while the play clock shows 1."""
    _timed(b, b.draw(0.1, 0.9))


@BOOK.case("football.delay_of_game", "violation")
def delay_of_game_snap_at_zero(b: Gridiron) -> None:
    """The play clock shows 0 before the ball is snapped."""
    _timed(b, -b.draw(0.12, 1.2))


@BOOK.case("football.delay_of_game", "clear")
def delay_of_game_snap_in_good_time(b: Gridiron) -> None:
    """The ball is snapped with seconds left on the play clock."""
    _timed(b, b.draw(1.1, 15.0))


@BOOK.case("football.delay_of_game", "violation")
def delay_of_game_never_snapped(b: Gridiron) -> None:
    """The play clock runs out, and the whistle comes before anybody snaps."""
    b.clock_shown = True
    b.line_up()
    late = b.draw(0.2, 0.8)
    b.remaining = -late
    b.blow(b.set_at + b.draw(2.0, 3.5) + late)
    b.calls({"delay_of_game": (b.blown_at - late, ())})


@BOOK.case("football.delay_of_game", "clear")
def delay_of_game_timeout(b: Gridiron) -> None:
    """The offense takes a timeout with the play clock at 1 or 2."""
    b.clock_shown = True
    b.remaining = b.draw(0.15, 2.0)
    b.line_up()
    b.blow(b.set_at + b.draw(1.5, 3.0), "timeout")
    b.calls()


def _timed(b: Gridiron, remaining: float) -> None:
    b.clock_shown = True
    b.remaining = remaining
    b.line_up()
    b.snap(b.set_at + b.cadence)
    b.untouched(b.snap_at)
    b.calls({"delay_of_game": (b.snap_at + remaining, ())} if remaining < 0 else None)
