"""Line changes: who is on the ice, who is at the bench, and who plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.plays.hockey.book import case
from simulation.plays.hockey.rink import Rink
from simulation.plays.movers import Mover

RULE = "hockey.too_many_men"


@dataclass(frozen=True, eq=False)
class Swap:
    """A substitute for a retiring player of the attack, near the attack's bench.

    Attributes:
        substitute: who comes on.
        retiring: who goes off.
        on: when the substitute is on the ice with both skates, seconds.
        near: when the retiring player is within the distance of a legal change of the bench.
        off: when the retiring player is off the ice.
    """

    substitute: Mover
    retiring: Mover
    on: float
    near: float
    off: float


def _benches(rink: Rink) -> tuple[float, float]:
    """Put the benches beside each other at one side of the rink; return the span of the attack's."""
    low, high = -rink.draw(9.0, 11.0), -1.5
    side = "-y" if rink.flip[1] > 0 else "+y"
    spans = {"attack": (low, high), "defense": (-high, -low)}
    rink.keys["benches"] = {
        rink.teams[name]: {"side": side, "x": sorted(rink.flip[0] * x for x in span)} for name, span in spans.items()
    }
    return low, high


def _swap(rink: Rink, gap: float, carries: bool = False, stays: bool = False) -> Swap:
    """Tell a change; the puck is elsewhere, with the attack.

    Args:
        rink: the board.
        gap: how long after the substitute is on the retiring player comes within the distance, seconds; negative:
            before.
        carries: the retiring player has the puck on his way until shortly before he is near.
        stays: the substitute stays at the bench.
    """
    rink.span = rink.draw(8.0, 9.5)
    low, high = _benches(rink)
    bench = -rink.half_width
    on_at = rink.draw(2.6, 3.4)
    near_at = on_at + gap
    x = rink.draw(low + 2.0, high - 2.0)
    gate = float(np.clip(x + rink.sign() * rink.draw(1.5, 2.5), low + 0.5, high - 0.5))
    limit = rink.edition.si("change_distance")
    v = rink.draw(2.2, 3.4)
    edge = bench + limit
    via = [
        (0.0, x + rink.draw(-3, 3), edge + min(v * near_at, 14.0)),
        (0.6 * near_at, x + rink.draw(-0.5, 0.5), edge + min(0.4 * v * near_at, 6.0)),
        (near_at, x, edge),
        (near_at + limit / 1.6, x, bench),
        (near_at + limit / 1.6 + 0.7, x, bench - 0.7),
        (rink.span + 2.0, x + 0.1, bench - 0.75),
    ]
    retiring = rink.player("attack", via, role="left_wing")
    steps = [(0.0, gate, bench - 0.7), (on_at - 0.6, gate, bench - 0.65), (on_at, gate, bench + 0.3)]
    if stays:
        steps += [(on_at + 0.8, gate + 0.4, bench + 0.9), (rink.span, gate + 0.8, bench + 0.95)]
    else:
        steps += [(on_at + 1.0, gate + 0.5, bench + 3.0), (on_at + 2.2, gate + 1.0, bench + 7.0)]
        steps += [(rink.span, gate + rink.draw(2.0, 6.0), bench + rink.draw(9.0, 12.0))]
    substitute = rink.player("attack", steps, role="right_wing")
    rink.may_leave(retiring, substitute)
    rink.may_touch(retiring, substitute)
    t = np.linspace(0.0, rink.span, 40)
    rink.require(low + 0.2 < retiring.xy(t)[-1, 0] < high - 0.2, "he is not at the bench")
    on = rink.when(lambda m: rink.on_ice(substitute, m).astype(float))
    off = rink.when(lambda m: 1.0 - rink.on_ice(retiring, m).astype(float))
    near = rink.when(lambda m: limit + bench - _height(rink, retiring, m))
    if not carries:
        _puck_elsewhere(rink)
    return Swap(substitute, retiring, on, near, off)


def _height(rink: Rink, who: Mover, t: np.ndarray) -> np.ndarray:
    return who.xy(t)[:, 1]


def _puck_elsewhere(rink: Rink) -> Mover:
    """Tell an attacker who has the puck on the far side of the rink."""
    y = rink.draw(0.35, 0.7) * rink.half_width
    via = [
        (0.0, rink.draw(-14, -8), y),
        (rink.span / 2, rink.draw(-4, 0), y),
        (rink.span, rink.draw(2.0, 5.0), y * 0.9),
    ]
    carrier = rink.player("attack", via, role="center")
    rink.ball.starts_with(carrier)
    return carrier


def _rest(rink: Rink, swap: Swap, skaters: tuple[int, int] = (6, 5)) -> None:
    """Add everybody else; nobody else of the attack comes near the bench."""
    rink.fill(rink.span, skaters=skaters)
    t = np.linspace(0.0, rink.span, 100)
    bench = -rink.half_width
    for one in rink.of("attack", "player"):
        if one not in (swap.substitute, swap.retiring):
            rink.require(one.xy(t)[:, 1] > bench + 2.8, "somebody else is at the bench")
    for one in rink.of("defense", "player"):
        for mine in (swap.substitute, swap.retiring):
            rink.require(np.hypot(*(one.xy(t) - mine.xy(t)).T) > 0.5, "somebody is run into")


@case(RULE, "none")
def too_many_men_legal_change(rink: Rink) -> None:
    """The retiring player is within five feet of the bench when his substitute comes on, who then plays the puck."""
    swap = _swap(rink, -rink.draw(0.08, 0.5))
    rink.require(swap.near < swap.on - 0.05 < swap.off - 0.1, "he is not at the bench in time")
    t = rink.draw(swap.off + 0.3, rink.span - 0.5)
    rink.event(t, "contact", swap.substitute)
    _rest(rink, swap)
    rink.expect(None)


@case(RULE, "none")
def too_many_men_retiring_player_is_off(rink: Rink) -> None:
    """The retiring player is over the boards before his substitute comes on."""
    swap = _swap(rink, -rink.draw(2.0, 2.4))
    rink.require(swap.off < swap.on - 0.05, "he is still on")
    rink.event(rink.draw(swap.on + 0.2, rink.span - 0.5), "contact", swap.substitute)
    _rest(rink, swap)
    rink.expect(None)


@case(RULE, "clear")
def too_many_men_early_and_nobody_involved(rink: Rink) -> None:
    """The substitute comes on while the retiring player is far away, and neither has to do with play meanwhile."""
    swap = _swap(rink, rink.draw(0.6, 1.6))
    _rest(rink, swap)
    rink.expect(None)


@case(RULE, "violation")
def too_many_men_substitute_checks_an_opponent(rink: Rink) -> None:
    """The substitute comes on too early and checks an opponent while the retiring player is still out."""
    swap = _swap(rink, rink.draw(1.0, 2.0))
    t = rink.draw(swap.on + 0.4, swap.near - 0.15)
    rink.require(swap.near - swap.on > 0.7, "too short")
    place = swap.substitute.xy(t)
    target = rink.player("defense", rink.arc(t, place[0] + 0.7, place[1] + 0.4, rink.draw(-2, 2), 0.0), role="center")
    rink.may_touch(swap.substitute, target)
    rink.event(t, "contact", swap.substitute, other=target)
    _fill_around(rink, swap, target)
    rink.expect(t, swap.substitute)
    rink.whistle(t + rink.draw(0.3, 0.8))


def _fill_around(rink: Rink, swap: Swap, *known: Mover) -> None:
    rink.fill(rink.span, skaters=(6, 5))
    t = np.linspace(0.0, rink.span, 100)
    for one in rink.of("attack", "player"):
        if one not in (swap.substitute, swap.retiring, *known):
            rink.require(one.xy(t)[:, 1] > -rink.half_width + 2.8, "somebody else is at the bench")


@case(RULE, "violation")
def too_many_men_substitute_plays_the_puck(rink: Rink) -> None:
    """The substitute comes on too early, and a pass comes to him while the retiring player is still out."""
    swap = _swap(rink, rink.draw(1.6, 2.4))
    passer = rink.of("attack", "player")
    carrier = next(one for one in passer if one not in (swap.substitute, swap.retiring))
    taken = swap.on + rink.draw(0.9, 1.3)
    rink.require(taken < swap.near - 0.15, "the retiring player is at the bench")
    rink.ball.starts_with(carrier).passed_to(swap.substitute, taken - rink.draw(0.7, 1.0), taken)
    _rest(rink, swap)
    rink.expect(taken, swap.substitute)


@case(RULE, "violation")
def too_many_men_retiring_player_plays_the_puck(rink: Rink) -> None:
    """The substitute is on while the retiring player, far from the bench, still has the puck."""
    swap = _swap(rink, rink.draw(1.6, 2.4), carries=True)
    rink.ball.starts_with(swap.retiring)
    leaves = swap.on + rink.draw(0.3, 0.8)
    rink.require(leaves < swap.near - 0.3, "he is at the bench")
    place = (swap.retiring.xy(leaves)[0] + rink.draw(4, 7), rink.draw(0.0, 6.0))
    mate = rink.player("attack", rink.arc(leaves + 0.9, *place, rink.draw(0.5, 2.0), 0.0, 2.0), role="center")
    rink.ball.passed_to(mate, leaves, leaves + 0.9)
    _rest(rink, swap)
    rink.expect(swap.on, swap.retiring, t_sigma=0.1)


@case(RULE, "clear")
def too_many_men_struck_by_accident(rink: Rink) -> None:
    """The substitute is on too early, and the puck strikes his skate by accident."""
    swap = _swap(rink, rink.draw(1.6, 2.4))
    carrier = next(one for one in rink.of("attack", "player") if one not in (swap.substitute, swap.retiring))
    t = swap.on + rink.draw(0.8, 1.2)
    rink.require(t < swap.near - 0.15, "the retiring player is at the bench")
    spot = swap.substitute.xy(t) + np.array([0.2, 0.15])
    rink.ball.starts_with(carrier).sent_to(spot, t - rink.draw(0.6, 0.9), t)
    away = spot + np.array([rink.draw(3.0, 6.0), rink.draw(3.0, 5.0)])
    rink.ball.sent_to(away, t, t + 1.2, slowing=2.0)
    rink.event(t, "touch", swap.substitute, detail="deflection")
    _rest(rink, swap)
    rink.expect(None)


@case(RULE, "none")
def too_many_men_one_skate_over_the_boards(rink: Rink) -> None:
    """A substitute sits on the boards with one skate on the ice and touches an opponent; he is not on yet."""
    rink.span = rink.draw(6.0, 8.0)
    low, high = _benches(rink)
    x, bench = rink.draw(low + 1.0, high - 1.0), -rink.half_width
    via = [(0.0, x, bench - 0.5), (2.0, x, bench - 0.05), (3.5, x + 0.05, bench), (rink.span, x + 0.1, bench - 0.6)]
    sitter = rink.player("attack", via, "ball", role="left_wing")
    rink.may_leave(sitter)
    _puck_elsewhere(rink)
    t = rink.draw(2.2, 3.2)
    passing = rink.player("defense", rink.arc(t, x, bench + 0.9, rink.sign() * rink.draw(2, 5), 0.0), role="center")
    rink.may_touch(sitter, passing)
    rink.event(t, "contact", sitter, other=passing)
    rink.fill(rink.span, skaters=(6, 5))
    rink.require(~rink.on_ice(sitter, np.linspace(0.0, rink.span, 300)), "both skates are on the ice")
    rink.expect(None)


@case(RULE, "none")
def too_many_men_goalkeeper_pulled(rink: Rink) -> None:
    """The goalkeeper skates to the bench, and the extra attacker comes on when he is within five feet of it."""
    rink.span = rink.draw(8.0, 9.5)
    low, high = _benches(rink)
    bench, limit = -rink.half_width, rink.edition.si("change_distance")
    near = rink.draw(4.4, 5.4)
    x = low + rink.draw(0.8, 2.0)
    start = (-rink.goal_line + 1.5, rink.draw(-0.5, 0.5))
    via = [
        (0.0, *start),
        (0.4 * near, start[0] + 0.42 * (x - start[0]), start[1] + 0.4 * (bench + limit - start[1])),
        (near, x, bench + limit),
        (near + 0.9, x + 0.1, bench),
        (near + 1.6, x + 0.1, bench - 0.7),
        (rink.span + 2.0, x + 0.15, bench - 0.75),
    ]
    keeper = rink.player("attack", via, role="goalkeeper", kind="goalie")
    on_at, gate = near + rink.draw(0.15, 0.5), min(x + rink.draw(1.2, 2.0), high - 0.3)
    steps = [(0.0, gate, bench - 0.7), (on_at - 0.6, gate, bench - 0.65), (on_at, gate, bench + 0.25)]
    steps += [
        (on_at + 1.0, gate + 0.6, bench + 2.8),
        (rink.span, gate + rink.draw(2.0, 5.0), bench + rink.draw(6.0, 9.0)),
    ]
    extra = rink.player("attack", steps, role="extra_attacker")
    rink.may_leave(keeper, extra)
    rink.may_touch(keeper, extra)
    _puck_elsewhere(rink)
    on = rink.when(lambda m: rink.on_ice(extra, m).astype(float))
    at = rink.when(lambda m: limit + bench - _height(rink, keeper, m))
    rink.require(at < on - 0.05, "he comes too soon")
    off = rink.when(lambda m: 1.0 - rink.on_ice(keeper, m).astype(float))
    rink.event(rink.draw(off + 0.2, rink.span - 0.2), "contact", extra)
    rink.fill(rink.span, skaters=(6, 5))
    rink.expect(None)


@case(RULE, "violation")
def too_many_men_six_in_a_penalty(rink: Rink) -> None:
    """A team with a player in the penalty box has five skaters on the ice, and one of them plays the puck."""
    rink.span = rink.draw(5.0, 7.0)
    _benches(rink)
    rink.allowed = [(0.0, 5, 6)]
    carrier = _puck_elsewhere(rink)
    rink.fill(rink.span)
    rink.expect(None, carrier)


@case(RULE, "violation")
def too_many_men_at_the_bench_and_in_play(rink: Rink) -> None:
    """The retiring player is at the bench but checks an opponent there when his substitute is on."""
    swap = _swap(rink, -rink.draw(0.1, 0.25))
    rink.require(swap.near < swap.on - 0.03, "he is not at the bench")
    t = rink.draw(swap.on + 0.1, swap.off - 0.2)
    rink.require(swap.off - swap.on > 0.4, "too short")
    place = swap.retiring.xy(t)
    target = rink.player("defense", rink.arc(t, place[0] + 0.8, place[1] + 0.4, rink.draw(2, 4), 0.0), role="center")
    rink.may_touch(swap.retiring, swap.substitute, target)
    rink.event(t, "contact", swap.retiring, other=target)
    _fill_around(rink, swap, target)
    rink.expect(t, swap.retiring)
