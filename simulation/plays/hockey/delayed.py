"""Delayed offside: the puck is dumped in with somebody inside; tag-ups, touches, chases."""

from __future__ import annotations

import numpy as np

from simulation.plays.hockey.book import case
from simulation.plays.hockey.rink import Rink
from simulation.plays.movers import Mover

RULE = "hockey.delayed_offside"
OFFSIDE = "hockey.offside"


def _both(rink: Rink, entry: float, *who: Mover) -> None:
    """Expect the delayed call and the offside call that it belongs to: they have the same verdict."""
    rink.expect(entry, *who)
    rink.also(OFFSIDE, rink.task.verdict, entry, *who)


def _leaves(rink: Rink, entry: float, out: float, inside: float) -> Mover:
    """Add an attacker who is over the line at an entry and skates out to be clear of it at about a time."""
    y = rink.free_lane(entry)
    v = (inside + 1.0) / max(out - entry, 0.3)
    via = [
        (0.0, rink.blue + inside + rink.draw(-2.0, 3.0), y + rink.draw(-2, 2)),
        (entry, rink.blue + inside, y),
        (out, rink.blue - 0.7, y + rink.draw(-1, 1)),
        (rink.span, rink.blue - 0.7 - min(v, 3.0) * rink.draw(0.4, 0.8), y + rink.draw(-1, 1)),
    ]
    return rink.player("attack", via, role=rink.forward())


def _tagged(rink: Rink, people: list[Mover], after: float) -> float:
    """Return when all of some attackers are clear of the zone at one instant."""

    def clear(t: np.ndarray) -> np.ndarray:
        return np.all([rink.clear_of_zone(one, t) for one in people], axis=0).astype(float)

    return rink.when(clear, after)


@case(RULE, "clear")
def delayed_offside_all_tag_up(rink: Rink) -> None:
    """The puck is dumped in with a winger inside; he comes out, and a team-mate goes in for it then."""
    rink.span = rink.draw(7.0, 9.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    winger = _leaves(rink, entry, entry + rink.draw(0.9, 1.8), rink.draw(0.3, 2.5))
    rink.require(rink.rear(winger, entry) > rink.blue + 0.1, "he is not over the line")
    tagged = _tagged(rink, [winger], entry)
    chaser = rink.retriever("attack", rink.draw(tagged + 1.6, rink.span - 0.4), rink.blue - rink.draw(1.5, 5.0), tagged)
    rink.require(rink.blades(chaser, np.linspace(entry - 0.5, tagged + 0.05, 60)) < rink.blue - 0.2, "he goes too soon")
    rink.fill(rink.span)
    _both(rink, entry)


def _curls(rink: Rink, entry: float, past: tuple[float, float]) -> tuple[Mover, str, float]:
    """Add a winger who is inside, curls at the line, and goes back in with one skate beyond the leading edge.

    Args:
        rink: the board.
        entry: when the puck comes in.
        past: how far that skate is beyond the edge at least and at most, metres.

    Returns:
        Who, the name of that skate, and when he is deepest.
    """
    out, y, side = entry + rink.draw(0.8, 1.5), rink.draw(-6.0, 6.0), rink.sign()
    inside = rink.draw(1.2, 3.0)
    via = [
        (0.0, rink.blue + inside + rink.draw(0.0, 3.0), y - side * 3.5),
        (entry, rink.blue + inside, y - side * 2.0),
        (out, rink.blue, y),
        (2 * out - entry, rink.blue + inside, y + side * 2.0),
        (rink.span, rink.blue + inside + rink.draw(2.0, 5.0), y + side * rink.draw(2.5, 4.0)),
    ]
    winger = rink.player("attack", via, role="left_wing")
    t = np.linspace(entry, rink.span, 500)
    winger.move(rink.blue - rink.draw(*past) - float(rink.blades(winger, t).min()))
    least = rink.blades(winger, t).min(axis=1)
    rink.require(least.max() > rink.blue + 0.06, "both skates come out")
    rink.require(rink.rear(winger, entry) > rink.blue + 0.1, "he is not over the line")
    part = int(np.argmin(least))
    return winger, ("left_skate", "right_skate")[part], float(t[np.argmin(rink.blades(winger, t)[part])])


@case(RULE, "clear")
def delayed_offside_one_skate_touches_the_line(rink: Rink) -> None:
    """The winger inside comes back, touches the line with one skate and turns; then a team-mate takes the puck."""
    rink.span = rink.draw(7.0, 9.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    winger, _, _ = _curls(rink, entry, (0.08, 0.3))
    tagged = _tagged(rink, [winger], entry)
    t = np.linspace(tagged, rink.span, 300)
    clear = rink.clear_of_zone(winger, t)
    rink.require(clear.mean() * (rink.span - tagged) > 0.05, "he hardly touches it")
    taken = rink.draw(tagged + 1.6, rink.span - 0.4)
    chaser = rink.retriever("attack", taken, rink.blue - rink.draw(1.5, 5.0), tagged)
    rink.require(rink.blades(chaser, np.linspace(entry - 0.5, tagged + 0.1, 60)) < rink.blue - 0.2, "he goes too soon")
    rink.fill(rink.span)
    _both(rink, entry)


@case(RULE, "violation")
def delayed_offside_skate_above_the_line(rink: Rink) -> None:
    """The winger inside swings his skate over the line without touching it, no tag-up; a team-mate plays it."""
    rink.span = rink.draw(7.0, 9.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    winger, skate, deepest = _curls(rink, entry, (0.08, 0.3))
    t = np.linspace(entry, rink.span, 500)
    behind = t[rink.blades(winger, t).min(axis=0) < rink.blue + 0.05]
    rink.raised[winger.id, skate] = (float(behind.min()) - 0.05, float(behind.max()) + 0.05)
    taken = rink.draw(deepest + 1.8, rink.span - 0.4)
    chaser = rink.retriever("attack", taken, rink.blue - rink.draw(1.5, 5.0), deepest)
    rink.fill(rink.span)
    _both(rink, entry, winger, chaser)
    rink.whistle(taken + rink.draw(0.15, 0.5))


@case(RULE, "violation")
def delayed_offside_touch_before_tag_up(rink: Rink) -> None:
    """The puck is dumped in and the winger who was inside plays it without having come out."""
    winger, entry, taken = _stays_in(rink)
    rink.fill(rink.span)
    _both(rink, entry, winger)
    rink.whistle(taken + rink.draw(0.15, 0.5))


def _stays_in(rink: Rink, takes: bool = True) -> tuple[Mover, float, float]:
    """Tell a dump with a winger inside who goes to the puck; return him, the entry and when he would be there."""
    rink.span = rink.draw(6.0, 8.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    taken = entry + rink.draw(1.6, 2.6)
    y, spot = rink.free_lane(entry), rink.ball.at(taken)[0, :2]
    inside = rink.draw(0.8, 6.0)
    via = [
        (0.0, rink.blue + inside + rink.draw(-6.0, 2.0), y + rink.draw(-2, 2)),
        (entry, rink.blue + inside, y),
        (taken, spot[0] - 0.8, spot[1]),
        (rink.span, spot[0] - 1.5, spot[1] - np.sign(spot[1]) * 3.0),
    ]
    winger = rink.player("attack", via, role="left_wing")
    if takes:
        rink.ball.met_by(winger, taken)
    rink.require(rink.rear(winger, np.linspace(entry, taken, 40)) > rink.blue + 0.1, "he is not inside")
    return winger, entry, taken


@case(RULE, "violation")
def delayed_offside_goes_for_the_puck(rink: Rink) -> None:
    """The winger who was inside chases the loose puck before he has come out; the defenders get it."""
    winger, entry, taken = _stays_in(rink, takes=False)
    rink.event(taken - rink.draw(0.6, 1.0), "pursuit", winger, until=taken)
    rink.retriever("defense", taken - rink.draw(0.1, 0.4), rink.blue + rink.draw(2.0, 7.0))
    rink.fill(rink.span)
    _both(rink, entry, winger)


@case(RULE, "violation")
def delayed_offside_forces_the_carrier(rink: Rink) -> None:
    """A defender has the puck, and the winger who is still inside presses him."""
    winger, entry, taken = _stays_in(rink, takes=False)
    carrier = rink.retriever("defense", taken - rink.draw(0.4, 0.8), rink.blue + rink.draw(2.0, 7.0))
    rink.event(taken, "pressure", winger, other=carrier, until=min(taken + rink.draw(0.5, 1.0), rink.span))
    rink.may_touch(winger, carrier)
    rink.fill(rink.span)
    _both(rink, entry, winger)
    rink.whistle(taken + rink.draw(0.3, 0.7))


@case(RULE, "violation")
def delayed_offside_straggler(rink: Rink) -> None:
    """One winger comes out, the other stays inside, and the first goes back in and plays the puck."""
    rink.span = rink.draw(7.5, 9.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    straggler = rink.mate(entry, rink.blue + rink.draw(1.5, 5.0), (-0.5, 2.5))
    first = _leaves(rink, entry, entry + rink.draw(0.9, 1.5), rink.draw(0.3, 2.0))
    rink.require(rink.rear(first, entry) > rink.blue + 0.1, "he is not over the line")
    tagged = _tagged(rink, [first], entry)
    taken = rink.draw(tagged + 1.6, rink.span - 0.4)
    chaser = rink.retriever("attack", taken, rink.blue - rink.draw(1.5, 5.0), tagged)
    rink.require(rink.rear(straggler, np.linspace(entry, taken, 60)) > rink.blue + 0.2, "he comes out")
    rink.fill(rink.span)
    _both(rink, entry, chaser, straggler, first)
    rink.whistle(taken + rink.draw(0.15, 0.5))


@case(RULE, "violation")
def delayed_offside_not_all_at_one_instant(rink: Rink) -> None:
    """One winger is out and in again before the other has come out, so they were never clear together."""
    rink.span = rink.draw(8.0, 9.5)
    entry = rink.dump(rink.draw(1.4, 1.8))
    out = entry + rink.draw(0.7, 1.0)
    back = out + rink.draw(0.8, 1.1)
    y, other = rink.draw(2.0, 10.0), rink.draw(-10.0, -2.0)
    early = [
        (0.0, rink.blue + 2.0, y),
        (entry, rink.blue + rink.draw(0.8, 1.5), y),
        (out, rink.blue - 0.8, y),
        (back, rink.blue + 1.0, y),
        (rink.span, rink.blue + rink.draw(5.0, 8.0), y * 0.6),
    ]
    late = [
        (0.0, rink.blue + 4.0, other),
        (entry, rink.blue + rink.draw(3.0, 5.0), other),
        (back, rink.blue + 2.0, other),
        (back + rink.draw(0.8, 1.2), rink.blue - 0.8, other),
        (rink.span, rink.blue - rink.draw(1.5, 3.0), other),
    ]
    one = rink.player("attack", early, role="left_wing")
    two = rink.player("attack", late, role="right_wing")
    t = np.linspace(entry, rink.span, 400)
    clear = np.stack([rink.clear_of_zone(each, t) for each in (one, two)])
    rink.require(clear.any(axis=1), "one of them never comes out")
    last, again = t[clear[0]].max(), t[clear[1]].min()
    rink.require(again > last + 0.15, "they are clear together")
    for each in (one, two):
        rink.require(rink.rear(each, entry) > rink.blue + 0.1, "he is not over the line")
    taken = rink.draw(again + 0.8, rink.span - 0.3)
    rink.require(taken > again + 0.8, "no time")
    chaser = rink.retriever("attack", taken, rink.blue - rink.draw(1.5, 4.0), entry)
    rink.fill(rink.span)
    _both(rink, entry, chaser, one, two)


@case(RULE, "clear")
def delayed_offside_defenders_bring_it_out(rink: Rink) -> None:
    """A winger stays inside and out of play while a defender fetches the puck and passes it out of the zone."""
    rink.span = rink.draw(7.5, 9.0)
    entry = rink.dump(rink.draw(1.5, 2.2))
    rink.mate(entry, rink.blue + rink.draw(0.3, 4.0), (-1.7, 2.0))
    fetched = entry + rink.draw(1.8, 2.4)
    rink.retriever("defense", fetched, rink.blue + rink.draw(2.0, 7.0))
    leaves = fetched + rink.draw(0.4, 0.9)
    taken = leaves + rink.draw(1.2, 1.6)
    place = (rink.blue - rink.draw(3.0, 7.0), rink.draw(-8.0, 8.0))
    outlet = rink.player("defense", rink.arc(taken, *place, -rink.draw(2.0, 5.0), rink.draw(-1, 1)), role="center")
    rink.ball.passed_to(outlet, leaves, taken)
    gone = rink.when(lambda t: rink.blue_near - rink.puck - rink.ball.at(t)[:, 0], entry + 0.5)
    rink.require(gone < rink.span - 0.2, "it does not come out in time")
    rink.fill(rink.span)
    _both(rink, entry)


@case(RULE, "none")
def delayed_offside_nobody_is_inside(rink: Rink) -> None:
    """The puck is dumped in with everybody onside, and an attacker goes for it: there is no signal."""
    rink.span = rink.draw(6.5, 8.5)
    entry = rink.dump(rink.draw(1.5, 2.2))
    chaser = rink.retriever("attack", rink.draw(entry + 2.2, rink.span - 0.4), rink.blue - rink.draw(1.5, 6.0), entry)
    rink.require(rink.blades(chaser, np.linspace(0.0, entry, 60)) < rink.blue - 0.2, "he is offside")
    rink.fill(entry)
    rink.expect(None)
    rink.also(OFFSIDE, "clear", entry)


@case(RULE, "none")
def delayed_offside_carried_in(rink: Rink) -> None:
    """A winger is inside when the puck is carried in: play is stopped at once, nothing is delayed."""
    rink.span = rink.draw(4.5, 7.0)
    rink.rush(rink.draw(2.0, 3.5))
    entry = rink.entry()
    winger = rink.mate(entry, rink.blue + rink.draw(0.1, 2.5))
    rink.fill(entry)
    rink.expect(None)
    rink.also(OFFSIDE, "violation", entry, winger)
    rink.whistle(entry + rink.draw(0.2, 0.7))
