"""Icing: who sent the puck from where, what it met on its way, and who would be first to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.plays.hockey.book import case
from simulation.plays.hockey.rink import Rink
from simulation.plays.movers import Mover

RULE = "hockey.icing"
AHEAD_M = 1.5  # who is first is ahead by more


@dataclass(frozen=True, eq=False)
class Shot:
    """A puck on its way down the ice: who sent it, when, when it comes into the zone and over the goal line."""

    shooter: Mover
    leaves: float
    entry: float
    crossing: float


def _shot(rink: Rink, puck_x: tuple[float, float] | None = None, feet: bool = False) -> Shot:
    """Tell a puck that is sent down the ice and goes wide of the goal to the end boards.

    Args:
        rink: the board.
        puck_x: between which places along the rink it is sent; None: in his own half.
        feet: whether he kicks it.
    """
    rink.span = rink.draw(7.0, 8.5)
    leaves = rink.on_frame(rink.draw(0.8, 1.5))
    low, high = puck_x or (-rink.end + 6.0, -rink.center - 0.4)
    v, y = rink.draw(1.5, 5.0), rink.draw(-0.6, 0.6) * rink.half_width
    room = max(2.0, rink.blue - 2.0 - high)
    shooter = rink.player("attack", rink.arc(leaves, low, y, v, rink.draw(-1, 1), room), role="defense")
    rink.ball.starts_with(shooter)
    shooter.move(rink.draw(low, high) - float(rink.ball.at(leaves)[0, 0]))
    if feet:
        rink.feet |= {shooter.id}
    wide = rink.sign() * rink.draw(rink.post + 0.8, rink.post + 5.5)
    far = rink.end - 0.2 - float(rink.ball.at(leaves)[0, 0])
    rink.ball.sent_to((rink.end - 0.2, wide), leaves, leaves + far / rink.draw(13.0, 19.0), slowing=rink.draw(1.1, 1.5))
    return _told(rink, shooter, leaves)


def _told(rink: Rink, shooter: Mover, leaves: float) -> Shot:
    entry = rink.entry(leaves)
    crossing = rink.when(lambda t: rink.ball.at(t)[:, 0] - rink.puck - rink.goal_line, leaves)
    rink.require(crossing < rink.span - 1.6, "it takes too long")
    return Shot(shooter, leaves, entry, crossing)


def _racer(rink: Rink, side: str, at: float, lane: float) -> Mover:
    """Add a skater who races for the puck and passes the end-zone dots at a time."""
    puck = rink.ball.at(rink.span)[0, :2]
    v, wide = rink.draw(7.0, 8.6), rink.half_width - 3.0
    lane = float(np.clip(lane, -wide, wide))
    start = rink.dots - 0.93 * v * at
    slope = (puck[1] - lane) / (puck[0] - rink.dots)
    via = [
        (0.0, start, float(np.clip(lane - rink.draw(-3, 3), -wide, wide))),
        (0.55 * at, rink.dots - 0.45 * v * at, float(np.clip(lane - 0.15 * slope * v * at, -wide, wide))),
        (at, rink.dots, lane),
    ]
    room = puck[0] - 2.2 - rink.dots
    brakes = 2 * room / v
    for share in (0.33, 0.66, 1.0, 1.4, 1.8):
        gone = 1.0 - (1.0 - min(share, 1.0)) ** 2
        via.append((at + share * brakes, rink.dots + gone * room, lane + gone * 0.75 * (puck[1] - lane)))
    return rink.player(side, via, role="defense" if side == "defense" else rink.forward())


def _race(rink: Rink, shot: Shot, defender_first: bool | None) -> None:
    """Add a race: an attacker from outside the zone, a defender; true: the defender leads, None: by a nose only."""
    puck = rink.ball.at(rink.span)[0, :2]
    reach = shot.entry + (rink.dots - rink.blue + rink.draw(0.6, 3.0)) / 7.8
    late = reach if defender_first is not False else reach + rink.draw(0.3, 1.0)
    early = reach - rink.draw(0.3, 1.2) if defender_first else late
    if defender_first is None:
        early = reach - rink.draw(0.02, 0.06)
    chaser = _racer(rink, "attack", reach, puck[1] + rink.draw(-3.0, 3.0))
    defender = _racer(rink, "defense", early, puck[1] + rink.draw(-3.0, 3.0))
    rink.may_touch(chaser, defender)
    rink.require(rink.rear(chaser, shot.entry) < rink.blue - 0.2, "the chaser is offside")
    at = decided(rink, shot.crossing, [chaser, defender])
    lead = _far(rink, defender, at) - _far(rink, chaser, at)
    sooner = _needs(rink, defender, at) - _needs(rink, chaser, at)
    if defender_first is None:
        rink.require(-0.45 < lead < -0.02, "not that close")
        rink.require(sooner < 0.08, "the chaser is faster")
    elif defender_first:
        rink.require(lead < -0.3 and sooner < -0.12, "the defender is not ahead")
    else:
        rink.require(lead > AHEAD_M and sooner > 0.12, "the chaser is not ahead")


def _far(rink: Rink, who: Mover, t: float) -> float:
    return float(np.hypot(*(rink.ball.at(t)[0, :2] - who.xy(t))))


def _needs(rink: Rink, who: Mover, t: float) -> float:
    """Return how long somebody needs to the puck at the speed with which he goes towards it, seconds."""
    way = rink.ball.at(t)[0, :2] - who.xy(t)
    far = float(np.hypot(*way))
    return far / max(float(who.velocity(t) @ way) / far, 3.0)


def decided(rink: Rink, crossing: float, people: list[Mover] | None = None) -> float:
    """Return when a race is decided: the first skater at the dots, not before the puck is over the goal line.

    Under IIHF also when a defender is over his blue line and no attacker is.
    """
    skaters = [*rink.of("attack", "player"), *rink.of("defense", "player")] if people is None else people

    def over(t: np.ndarray) -> np.ndarray:
        x = {side: [one.xy(t)[:, 0] for one in skaters if one.side == side] for side in ("attack", "defense")}
        reached = np.max([*x["attack"], *x["defense"]], axis=0) > rink.dots
        if rink.edition.id.startswith("iihf"):
            alone = np.max(x["attack"], axis=0) < rink.blue
            reached |= (np.max(x["defense"], axis=0) > rink.blue) & alone
        return reached.astype(float)

    return crossing if over(np.array([crossing]))[0] > 0 else rink.when(over, crossing)


def _others(rink: Rink, shot: Shot, skaters: tuple[int, int] = (5, 5)) -> None:
    """Add everybody else: they stay out of it."""
    rink.deep = rink.blue + 3.0
    rink.lane = (rink.ball.at(shot.leaves)[0, :2], rink.ball.at(rink.span)[0, :2])
    rink.fill(rink.span, skaters=skaters)
    t = np.linspace(shot.leaves, shot.crossing, 80)
    for one in (*rink.of("attack", "player"), *rink.of("defense", "player")):
        if one is not shot.shooter and frozenset((one.id, shot.shooter.id)) not in rink.together:
            far = np.hypot(*(rink.ball.at(t)[:, :2] - one.xy(t)).T)
            rink.require(far > 0.5, "it strikes somebody")


@case(RULE, "violation")
def icing_defender_wins_the_race(rink: Rink) -> None:
    """A defender sends the puck down the ice from his own half, and an opponent wins the race for it."""
    shot = _shot(rink)
    _race(rink, shot, True)
    _others(rink, shot)
    at = decided(rink, shot.crossing)
    rink.expect(at, shot.shooter, t_sigma=0.1)
    rink.also("hockey.offside", "clear", shot.entry)
    rink.whistle(at + rink.draw(0.3, 0.6))


@case(RULE, "violation")
def icing_nobody_chases(rink: Rink) -> None:
    """The puck is cleared down the ice, nobody of the team follows it, and a defender skates back for it."""
    shot = _shot(rink)
    reach = shot.entry + (rink.dots - rink.blue + rink.draw(0.0, 3.0)) / 7.8
    _racer(rink, "defense", reach, rink.ball.at(rink.span)[0, 1] + rink.draw(-3.0, 3.0))
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), shot.shooter, t_sigma=0.1)


@case(RULE, "violation")
def icing_too_close_to_call(rink: Rink) -> None:
    """Both are level at the dots, the defender ahead by a nose if at all; what is too close is icing."""
    shot = _shot(rink)
    _race(rink, shot, None)
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), shot.shooter, t_sigma=0.1)


@case(RULE, "clear")
def icing_attacker_wins_the_race(rink: Rink) -> None:
    """The puck is sent down the ice, and a team-mate of who sent it is clearly first at the dots."""
    shot = _shot(rink)
    _race(rink, shot, False)
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), t_sigma=0.1)
    rink.also("hockey.offside", "clear", shot.entry)


@case(RULE, "clear")
def icing_short_handed(rink: Rink) -> None:
    """A team that is short-handed clears the puck."""
    shot = _shot(rink)
    rink.allowed = [(0.0, 5, 6)]
    _race(rink, shot, True)
    _others(rink, shot, (4, 5))
    rink.expect(shot.crossing)


@case(RULE, "violation")
def icing_penalty_is_over(rink: Rink) -> None:
    """The penalty of the team is over, its player is out of the box, and the puck is sent down the ice then."""
    shot = _shot(rink)
    _released(rink, shot.leaves - rink.draw(0.1, 0.6))
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), shot.shooter, t_sigma=0.1)


@case(RULE, "clear")
def icing_penalty_ends_while_it_slides(rink: Rink) -> None:
    """The puck is sent down the ice by a team that is short-handed, whose penalty ends while it slides."""
    shot = _shot(rink)
    _released(rink, shot.leaves + rink.draw(0.1, 1.0))
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(shot.crossing)


def _released(rink: Rink, t: float) -> None:
    """Tell a player of the attack who steps out of the penalty box at a time."""
    x, box = rink.draw(-3.0, 3.0), rink.half_width + 0.7
    via = [(0.0, x, box), (t, x, box), (t + 0.9, x + 0.3, rink.half_width - 1.2), (rink.span, x + 2.0, rink.draw(4, 8))]
    who = rink.player("attack", via, "ball", role="center")
    rink.may_leave(who)
    out = rink.when(lambda m: rink.on_ice(who, m).astype(float), 0.0)
    rink.allowed = [(0.0, 5, 6), (min(t, out - 0.02), 6, 6)]
    rink.require(out > t, "he comes too soon")


@case(RULE, "clear")
def icing_goalkeeper_goes_for_it(rink: Rink) -> None:
    """The goalkeeper comes out of his goal towards the puck."""
    shot = _shot(rink)
    t, side = shot.crossing - rink.draw(0.2, 0.6), np.sign(rink.ball.at(rink.span)[0, 1])
    out = rink.goal_line - 1.0
    via = [
        (0.0, out, 0.0),
        (t - 0.2, out, 0.1 * side),
        (t + 0.9, out + 0.7, 2.4 * side),
        (rink.span, out + 0.2, 2.6 * side),
    ]
    keeper = rink.player("defense", via, "ball", role="goalkeeper", kind="goalie")
    rink.event(t + 0.1, "goalie_play", keeper)
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(shot.crossing)


@case(RULE, "clear")
def icing_defender_could_have_played_it(rink: Rink) -> None:
    """The puck passes a defender within his reach, and the linesman says that he could have played it."""
    shot = _shot(rink)
    t = shot.entry - rink.draw(0.1, 0.5)
    x, y, _ = rink.ball.at(t)[0]
    v = rink.draw(1.5, 4.0)
    idle = rink.player("defense", rink.arc(t, x, y + rink.sign() * rink.draw(0.7, 1.2), v, 0.0), "way", role="defense")
    rink.event(t, "could_play", idle)
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(shot.crossing)


@case(RULE, "clear")
def icing_defender_tips_it(rink: Rink) -> None:
    """A defender gets his stick to the puck on its way."""
    shot = _shot(rink)
    t = shot.leaves + rink.draw(0.35, 0.8) * (shot.crossing - shot.leaves)
    x, y, _ = rink.ball.at(t)[0]
    v, side = rink.draw(1.5, 4.0), rink.sign()
    tipper = rink.player("defense", rink.arc(t, x - 0.5, y + side * 0.9, v, 0.0), "way", role="defense")
    rink.event(t, "touch", tipper, detail="deflection" if rink.chance() else "stick")
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(shot.crossing)


@case(RULE, "clear")
def icing_team_mate_tips_it_beyond_the_center_line(rink: Rink) -> None:
    """A team-mate beyond the center line tips the puck that was sent from behind it."""
    shot = _shot(rink)
    t = rink.when(lambda m: rink.ball.at(m)[:, 0] - rink.draw(1.0, 5.0), shot.leaves)
    x, y, _ = rink.ball.at(t)[0]
    mate = rink.player(
        "attack", rink.arc(t, x - 0.5, y + rink.sign() * 0.9, rink.draw(1.5, 4.0), 0.0, 4.0), role="center"
    )
    rink.event(t, "touch", mate, detail="deflection")
    rink.require(mate.xy(shot.entry)[0] < rink.blue - 0.8, "he is offside")
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(shot.crossing)


@case(RULE, "violation")
def icing_off_the_linesman(rink: Rink) -> None:
    """The puck is sent from the own half and strikes a linesman on its way, which changes nothing."""
    shot = _shot(rink)
    t = shot.leaves + rink.draw(0.3, 0.6) * (shot.crossing - shot.leaves)
    x, y, _ = rink.ball.at(t)[0]
    man = rink.player(
        "official", rink.arc(t, x + 0.3, y + rink.sign() * 0.25, rink.draw(-1, 1), 0.0), "ball", "linesman"
    )
    wide = rink.sign() * rink.draw(rink.post + 0.8, rink.post + 5.5)
    far = rink.end - 0.2 - x
    rink.ball.sent_to((rink.end - 0.2, wide), t, t + far / rink.draw(12.0, 16.0), slowing=rink.draw(1.1, 1.5))
    rink.event(t, "touch", man, detail="deflection")
    shot = _told(rink, shot.shooter, shot.leaves)
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), shot.shooter, t_sigma=0.1)


@case(RULE, "clear")
def icing_sent_from_the_center_line(rink: Rink) -> None:
    """The puck touches the center line on the stick of who sends it: he has gained the line."""
    shot = _shot(rink, (-rink.center + 0.02, rink.center))
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(None)


@case(RULE, "violation")
def icing_kicked_from_the_center_line(rink: Rink) -> None:
    """The puck is on the center line when he kicks it down the ice; a skate does not gain the line."""
    shot = _shot(rink, (-rink.center + 0.02, rink.center), feet=True)
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(decided(rink, shot.crossing), shot.shooter, t_sigma=0.1)


@case(RULE, "none")
def icing_sent_from_beyond_the_center_line(rink: Rink) -> None:
    """The puck is sent from beyond the center line: a dump-in."""
    shot = _shot(rink, (rink.center + 0.15, rink.blue_near - 1.5))
    rink.require(rink.rear(shot.shooter, np.linspace(0, shot.entry, 40)) < rink.blue - 0.3, "he is offside")
    _race(rink, shot, True)
    _others(rink, shot)
    rink.expect(None)


@case(RULE, "none")
def icing_stops_short(rink: Rink) -> None:
    """The puck is sent down the ice and stops short of the goal line."""
    rink.span = rink.draw(6.0, 8.0)
    leaves = rink.on_frame(rink.draw(0.8, 1.5))
    x, y = rink.draw(-rink.end + 6.0, -2.0), rink.draw(-8.0, 8.0)
    shooter = rink.player("attack", rink.arc(leaves, x, y, rink.draw(1.5, 4.0), 0.0, 6.0), role="defense")
    rink.ball.starts_with(shooter)
    stop = (rink.goal_near - rink.draw(0.1, 4.0), rink.sign() * rink.draw(3.0, 9.0))
    rink.ball.sent_to(stop, leaves, leaves + (stop[0] - x) / rink.draw(10.0, 14.0), slowing=2.0)
    entry = rink.entry(leaves)
    rink.deep = rink.blue + 3.0
    rink.fill(rink.span)
    rink.expect(None)
    rink.also("hockey.offside", "clear", entry)


@case(RULE, "none")
def icing_into_the_empty_net(rink: Rink) -> None:
    """The puck is sent the length of the ice into the empty net: a goal."""
    rink.span = rink.draw(6.0, 8.0)
    leaves = rink.on_frame(rink.draw(0.8, 1.5))
    x, y = rink.draw(-rink.end + 6.0, -2.0), rink.draw(-6.0, 6.0)
    shooter = rink.player("attack", rink.arc(leaves, x, y, rink.draw(1.5, 4.0), 0.0, 6.0), role="defense")
    rink.ball.starts_with(shooter)
    net = (rink.goal_line + 0.5, rink.draw(-0.5, 0.5))
    rink.ball.sent_to(net, leaves, leaves + (net[0] - x) / rink.draw(13.0, 18.0), slowing=1.2)
    crossing = rink.when(lambda t: rink.ball.at(t)[:, 0] - rink.puck - rink.goal_line, leaves)
    rink.event(crossing, "goal", shooter)
    rink.pulled = {"defense"}
    rink.deep = rink.blue + 3.0
    rink.fill(rink.span, skaters=(5, 6))
    rink.expect(None)


@case(RULE, "clear")
def icing_straight_from_a_face_off(rink: Rink) -> None:
    """A centre wins the draw in his own end, and the puck goes all the way down."""
    rink.span = rink.draw(6.5, 8.0)
    drop = rink.draw(0.8, 1.4)
    dot = np.array([-rink.dots, rink.sign() * abs(rink.field.landmark("end_dot_right_far")[1])])
    rink.ball.starts_at(dot, drop + 0.12)
    pair = []
    for side, sign in (("attack", -1.0), ("defense", 1.0)):
        x, y = dot + np.array([sign * 0.85, 0.0])
        via = [(0.0, x, y), (drop, x + 0.05, y), (rink.span, x + sign * 2.5 + 3.0, y * 0.7)]
        pair.append(rink.player(side, via, "ball", role="center"))
    rink.may_touch(*pair)
    rink.event(drop, "faceoff", pair[0], other=pair[1])
    rink.event(drop + 0.12, "touch", pair[0], detail="stick")
    wide = rink.sign() * rink.draw(rink.post + 0.8, rink.post + 5.5)
    far = rink.end - 0.2 - float(dot[0])
    end = drop + 0.12 + far / rink.draw(12.0, 16.0)
    rink.ball.sent_to((rink.end - 0.2, wide), drop + 0.12, end, slowing=1.2)
    shot = _told(rink, pair[0], drop + 0.12)
    _race(rink, shot, True)
    _others(rink, shot)
    circle = rink.field.circles["end_circle_left_far"].shape.radius
    for one in (*rink.of("attack"), *rink.of("defense")):
        if one not in pair:
            rink.require(np.hypot(*(one.xy(drop) - dot)) > circle + 0.3, "somebody is in the circle")
    rink.expect(shot.crossing)
