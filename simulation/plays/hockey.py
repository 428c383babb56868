"""Hockey: edge cases of offside, delayed offside, icing and too many men, told on a rink."""

from __future__ import annotations

from simulation.plays.registry import Book
from simulation.plays.rink import Rink

BOOK = Book(Rink)
case = BOOK.case


@case("hockey.offside", "violation")
def offside_winger_ahead_of_the_carrier(rink: Rink) -> None:
    """A winger is over the blue line with both skates when a team-mate carries the puck in."""
    rink.span = rink.draw(4.5, 7.0)
    rink.rush(at=rink.draw(2.0, 3.5))
    entry = rink.entry()
    winger = rink.mate(entry, rink.blue + rink.draw(0.1, 2.5))
    rink.fill(entry)
    rink.expect(entry, winger)


@case("hockey.offside", "clear")
def offside_rear_skate_on_the_line(rink: Rink) -> None:
    """A winger is ahead of the puck, but his rear skate is still on the blue line when it comes in."""
    rink.span = rink.draw(4.5, 7.0)
    rink.rush(at=rink.draw(2.0, 3.5))
    entry = rink.entry()
    rink.mate(entry, rink.draw(rink.blue_near, rink.blue - 0.05))
    rink.fill(entry)
    rink.expect(entry)
