"""Entries: who is over the blue line, who has the puck, and who sent it in."""

from __future__ import annotations

import numpy as np

from simulation.plays.hockey.book import case
from simulation.plays.hockey.rink import REACH_M, Rink
from simulation.plays.movers import Mover

RULE = "hockey.offside"


def _entry_by_rush(rink: Rink, facing: str = "way") -> float:
    """Tell a puck that is carried in; return when."""
    rink.span = rink.draw(4.5, 7.0)
    rink.rush(rink.draw(2.0, 3.5), facing)
    return rink.entry()


@case(RULE, "violation")
def offside_winger_ahead_of_the_carrier(rink: Rink) -> None:
    """A winger is over the blue line with both skates when a team-mate carries the puck in."""
    entry = _entry_by_rush(rink)
    winger = rink.mate(entry, rink.blue + rink.draw(0.1, 2.5))
    rink.fill(entry)
    rink.expect(entry, winger)
    rink.whistle(entry + rink.draw(0.2, 0.7))


@case(RULE, "violation")
def offside_two_wingers_ahead(rink: Rink) -> None:
    """Two team-mates wait over the blue line when the puck is carried in."""
    entry = _entry_by_rush(rink)
    winger = rink.mate(entry, rink.blue + rink.draw(0.2, 4.0))
    other = rink.mate(entry, rink.blue + rink.draw(0.2, 4.0))
    rink.fill(entry)
    rink.expect(entry, winger, other)


@case(RULE, "clear")
def offside_everybody_behind_the_puck(rink: Rink) -> None:
    """The puck is carried in and everybody follows it."""
    entry = _entry_by_rush(rink)
    for _ in range(int(rink.rng.integers(0, 3))):
        rink.mate(entry, rink.blue - rink.draw(0.8, 3.0), (2.0, 7.0))
    rink.fill(entry, stay=False)
    rink.expect(entry)


@case(RULE, "clear")
def offside_rear_skate_on_the_line(rink: Rink) -> None:
    """A winger is ahead of the puck, but his rear skate is still on the blue line when it comes in."""
    entry = _entry_by_rush(rink)
    winger = rink.mate(entry, rink.draw(rink.blue_near, rink.blue - 0.05))
    rink.require(winger.xy(entry)[0] > rink.blue - 0.3, "he is not ahead at all")
    rink.fill(entry)
    rink.expect(entry)


@case(RULE, "clear")
def offside_rear_skate_in_the_air(rink: Rink) -> None:
    """A winger's rear skate is in the air, but not over the plane of the line, when the puck comes in."""
    entry = _entry_by_rush(rink)
    winger = rink.mate(entry, rink.blue - rink.draw(0.04, 0.3), (3.0, 7.0))
    rear = ("left_skate", "right_skate")[int(np.argmin(rink.blades(winger, entry)[:, 0]))]
    rink.require(rink.part(winger, rear, entry)[0, 2] > 0.015, "the rear skate is on the ice")
    rink.require(rink.blades(winger, entry).max() > rink.blue + 0.03, "both skates are behind")
    rink.fill(entry)
    rink.expect(entry)


@case(RULE, "clear")
def offside_carrier_backs_in(rink: Rink) -> None:
    """The carrier turns his back and is over the line before the puck, which he has under control."""
    entry = _entry_by_rush(rink, "back")
    carrier = rink.of("attack")[0]
    rink.require(rink.rear(carrier, entry) > rink.blue + 0.1, "he is not ahead of the puck")
    rink.fill(entry)
    rink.expect(entry)


@case(RULE, "violation", "nhl-2025")
def offside_ahead_of_a_carrier_who_backs_in(rink: Rink) -> None:
    """The carrier may back in ahead of the puck, his winger may not be there."""
    entry = _entry_by_rush(rink, "back")
    winger = rink.mate(entry, rink.blue + rink.draw(0.1, 3.0))
    rink.fill(entry)
    rink.expect(entry, winger)


@case(RULE, {"nhl-2025": "violation", "iihf-2025": "clear"})
def offside_backs_in_with_the_puck_at_his_skates(rink: Rink) -> None:
    """The carrier backs in ahead of a puck that he controls with his skates; the NHL wants it on the stick."""
    entry = _entry_by_rush(rink, "back")
    carrier = rink.of("attack")[0]
    rink.require(rink.rear(carrier, entry) > rink.blue + 0.1, "he is not ahead of the puck")
    rink.feet |= {carrier.id}
    rink.fill(entry)
    rink.expect(entry, carrier)


@case(RULE, "none")
def offside_puck_on_the_line_only(rink: Rink) -> None:
    """The puck gets onto the blue line but not wholly over it, and goes back; wingers wait inside."""
    rink.span = rink.draw(5.0, 7.0)
    turn, y, depth = rink.draw(2.2, 3.5), rink.draw(-8, 8), rink.draw(0.02, 0.28)
    v = rink.draw(3.0, 5.0)
    start = max(rink.blue - v * turn, -15.0)
    via = [(0.0, start, y), (turn, rink.blue - REACH_M, y + 1.0), (rink.span, rink.blue - rink.draw(4.0, 8.0), y)]
    carrier = rink.player("attack", via, "ball", role="center")
    rink.heads_for_goal(carrier)
    rink.ball.starts_with(carrier)
    t = np.linspace(0.0, rink.span, 600)
    carrier.move(rink.blue - depth - float((rink.ball.at(t)[:, 0]).max()))
    for _ in range(2):
        rink.mate(turn, rink.blue + rink.draw(0.3, 5.0), (-2.0, 2.0))
    rink.fill(rink.span)
    rink.require((rink.ball.at(t)[:, 0] + rink.puck < rink.blue + 0.02 + rink.puck).all(), "over")
    rink.expect(None)


@case(RULE, "none")
def offside_puck_leaves_only_partly(rink: Rink) -> None:
    """The puck comes out onto the blue line, which belongs to the zone, and goes in again; nobody has to leave."""
    rink.span = rink.draw(5.0, 7.0)
    out, y = rink.draw(1.8, 3.0), rink.draw(-8, 8)
    v = rink.draw(2.0, 4.0)
    via = [(0.0, rink.blue + v * out, y), (out, rink.blue, y + 1.0), (rink.span, rink.blue + rink.draw(5.0, 9.0), y)]
    point = rink.player("attack", via, "ball", role="defense")
    rink.heads_for_goal(point)
    rink.ball.starts_with(point)
    t = np.linspace(0.0, rink.span, 600)
    point.move(rink.draw(rink.blue_near + 0.03, rink.blue - 0.05) - float(rink.ball.at(t)[:, 0].min()))
    for _ in range(3):
        rink.mate(out, rink.blue + rink.draw(1.0, 8.0), (-2.0, 2.0))
    rink.fill(0.0, stay=False)
    rink.expect(None)


@case(RULE, "violation")
def offside_pass_to_a_man_inside(rink: Rink) -> None:
    """A pass goes over the blue line to a winger who waits inside with both skates."""
    winger, entry, taken = _long_pass(rink, rink.draw(0.2, 4.0))
    rink.fill(rink.span)
    rink.expect(entry, winger)
    rink.also("hockey.delayed_offside", "violation", entry, winger)
    rink.whistle(taken + rink.draw(0.2, 0.6))


@case(RULE, "clear")
def offside_pass_to_a_man_on_the_line(rink: Rink) -> None:
    """A pass goes to a winger who has one skate in the zone and the other on the blue line."""
    winger, entry, _ = _long_pass(rink, 0.0)
    rink.put_rear(winger, entry, rink.draw(rink.blue_near, rink.blue - 0.03))
    rink.fill(rink.span)
    rink.expect(entry)


def _long_pass(rink: Rink, ahead: float) -> tuple[Mover, float, float]:
    """Tell a pass from the neutral zone to somebody whose rear skate is so far over the line when it comes in."""
    rink.span = rink.draw(5.0, 7.0)
    leaves = rink.draw(1.5, 2.5)
    taken = leaves + rink.draw(0.6, 1.0)
    y = rink.draw(-8.0, 8.0)
    winger = rink.player("attack", rink.arc(taken, rink.blue + ahead, y, rink.draw(1.2, 4.0), 0.0), role="left_wing")
    from_x, from_y = rink.blue - rink.draw(6.0, 11.0), float(np.clip(y + rink.sign() * rink.draw(4, 10), -11, 11))
    v = rink.draw(2.0, 6.0)
    passer = rink.player("attack", rink.arc(leaves, from_x, from_y, v, rink.draw(-1, 1)), role="center")
    rink.heads_for_goal(winger)
    rink.ball.starts_with(passer)
    for _ in range(3):
        rink.ball.legs = rink.ball.legs[:1]
        rink.ball.starts_with(passer).passed_to(winger, leaves, taken)
        entry = rink.entry()
        rink.put_rear(winger, entry, rink.blue + ahead)
    rink.ball.starts_with(passer).passed_to(winger, leaves, taken)
    entry = rink.entry()
    rink.require(entry < taken - 0.03, "he takes it before it is in")
    rink.require(ahead == 0.0 or rink.rear(winger, entry) > rink.blue + 0.1, "he is not over")
    rink.require(rink.rear(passer, taken) < rink.blue - 0.3, "the passer is too near")
    return winger, entry, taken


@case(RULE, "clear")
def offside_defender_passes_it_in(rink: Rink) -> None:
    """A defender passes back into his own zone, where an attacker has waited; he takes it."""
    entry = _own_pass(rink)
    rink.fill(rink.span)
    rink.expect(entry)


def _own_pass(rink: Rink) -> float:
    """Tell a defender who sends the puck from the neutral zone to where an attacker takes it in the zone."""
    rink.span = rink.draw(5.5, 7.5)
    leaves = rink.draw(1.2, 2.2)
    taken = leaves + rink.draw(1.0, 1.6)
    spot = (rink.blue + rink.draw(4.0, 10.0), rink.draw(-9.0, 9.0))
    start = (rink.blue - rink.draw(3.0, 7.0), rink.draw(-9.0, 9.0))
    sender = rink.player("defense", rink.arc(leaves, *start, rink.draw(1.5, 4.0), rink.draw(-2, 2)), role="defense")
    rink.ball.starts_with(sender)
    rink.ball.sent_to(spot, leaves, taken + 0.5, slowing=1.6)
    entry = rink.entry()
    winger = rink.player(
        "attack", rink.arc(taken, *spot, rink.draw(1.5, 3.0) * rink.sign(), rink.draw(-2, 2)), role="left_wing"
    )
    rink.ball.met_by(winger, taken)
    rink.require(rink.rear(winger, np.linspace(entry - 0.3, taken, 30)) > rink.blue + 0.4, "he was not inside")
    return entry


@case(RULE, "clear")
def offside_defender_carries_it_back_in(rink: Rink) -> None:
    """A defender turns and carries the puck back into his own zone, where attackers still are."""
    rink.span = rink.draw(5.0, 7.0)
    at = rink.draw(1.8, 3.0)
    y = rink.draw(-8.0, 8.0)
    v = rink.draw(2.5, 5.5)
    carrier = rink.player("defense", rink.arc(at, rink.blue - 1.0, y, v, rink.draw(-1, 1)), role="defense")
    rink.ball.starts_with(carrier)
    entry = rink.entry()
    for _ in range(int(rink.rng.integers(1, 3))):
        rink.mate(entry, rink.blue + rink.draw(1.0, 6.0), (-3.0, 3.0))
    rink.fill(rink.span)
    rink.expect(entry)


@case(RULE, "clear")
def offside_clearance_off_his_own_man(rink: Rink) -> None:
    """A defender's clearance strikes his team-mate outside and comes back in to an attacker who has stayed."""
    entry, _ = _rebound(rink, "defense", None)
    rink.fill(rink.span)
    rink.expect(entry)


@case(RULE, "violation")
def offside_off_the_linesman(rink: Rink) -> None:
    """A defender's clearance strikes the linesman outside and comes back in to an attacker who has stayed."""
    entry, winger = _rebound(rink, "official", "deflection")
    rink.fill(rink.span)
    rink.expect(entry, winger)
    rink.also("hockey.delayed_offside", "violation", entry, winger)


@case(RULE, "violation")
def offside_rebound_that_an_attacker_forced(rink: Rink) -> None:
    """An attacker pokes the puck off a defender's skates into the zone, where a winger has stayed and takes it."""
    entry, winger = _rebound(rink, "defense", "forced")
    rink.fill(rink.span)
    rink.expect(entry, winger)
    rink.also("hockey.delayed_offside", "violation", entry, winger)


def _rebound(rink: Rink, off: str, detail: str | None) -> tuple[float, Mover]:
    """Tell a puck that comes out of the zone, strikes somebody and comes in again to a winger who has stayed.

    Args:
        rink: the board.
        off: side of whom it strikes.
        detail: of his touch; None: he stands in the way of his team-mate's clearance; forced: an attacker pokes it.
    """
    rink.span = rink.draw(5.5, 7.5)
    leaves = rink.draw(1.0, 1.8)
    struck = leaves + rink.draw(0.5, 0.8)
    taken = struck + rink.draw(1.0, 1.5)
    y = rink.draw(-7.0, 7.0)
    hit = (rink.blue - rink.draw(2.0, 5.0), rink.sign() * rink.draw(8.0, 10.5) if off == "official" else y)
    spot = (rink.blue + rink.draw(3.0, 7.0), float(np.clip(hit[1] + rink.draw(-6, 6), -10, 10)))
    if detail == "forced":
        start = (hit[0] - rink.draw(1.8, 2.6), hit[1] + rink.draw(-0.8, 0.8))
        sender = rink.player("attack", rink.arc(leaves, *start, rink.draw(1.5, 4.0), 0.0), role="center")
        struck = leaves + 0.2
    else:
        start = (rink.blue + rink.draw(3.0, 6.0), float(np.clip(hit[1] + rink.draw(-6, 6), -10, 10)))
        sender = rink.player("defense", rink.arc(leaves, *start, -rink.draw(1.5, 4.0), 0.0), role="defense")
    struck_x = hit[0] + 0.35
    target = rink.player(off, rink.arc(struck, hit[0] + 0.5, hit[1], rink.draw(-0.8, 0.8), 0.0), "ball", role=None)
    rink.may_touch(sender, target)
    rink.ball.starts_with(sender)
    rink.ball.sent_to((struck_x, hit[1]), leaves, struck)
    gap = rink.ball.at(struck)[0, :2] - target.xy(struck)
    target.move(float(gap[0] - 0.3), float(gap[1]))
    rink.ball.sent_to(spot, struck, taken + 0.6, slowing=1.6)
    rink.event(struck, "touch", target, detail=detail or "body")
    entry = rink.entry(struck)
    winger = rink.player(
        "attack", rink.arc(taken, *spot, rink.draw(1.5, 3.0) * rink.sign(), rink.draw(-2, 2)), role="right_wing"
    )
    rink.ball.met_by(winger, taken)
    rink.require(rink.rear(winger, np.linspace(entry, taken, 30)) > rink.blue + 0.3, "he was not inside")
    return entry, winger
