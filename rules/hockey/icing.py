"""NHL rule 81, IIHF rule 81: icing.

A team that is not short-handed may not send the puck from behind the center line over the opponents' goal
line, outside the net. The point of the last contact decides: the puck on the stick has to contact the center
line to gain it; a skate gains nothing.

It is no icing
- when the team was short-handed at the instant in which the puck was sent; a penalty that ends later counts;
- straight from a face-off;
- when the puck touched an opponent on its way, or his goalkeeper before or after the goal line. A deflection off
  an official changes nothing;
- when the goalkeeper plays the puck, feigns to play it or goes for it;
- when a defending skater could have played it before it crossed the line;
- when an attacker would be the first to touch it. That is decided when the first skater reaches the end-zone
  dots, or at the goal line if that is later. What is too close to call is icing. Under IIHF without a race it is
  decided when a defender has crossed his blue line.

A pass that a team-mate could have received is a wave-off only where the edition says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.hockey.flight import (
    Flight,
    flights,
    from_faceoff,
    gained_line,
    goalkeeper_played,
    in_the_net,
    judged_playable,
    short_handed,
    touched_beyond,
    touched_by_official,
    touched_by_opponent,
)
from rules.hockey.play import SIGN, Play
from rules.hockey.race import race
from rules.kleene import Truth
from rules.operators import unless
from rules.propositions import Prop, fact
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

NEEDS = Needs(
    events=("faceoff", "gain_line", "goal", "goalie_play", "possession", "touch", "whistle"),
    judgements=("could_play",),
    context=("attacks", "complete", "initial", "roster", "strength", "view"),
)
TIPPED = "a team-mate touched it beyond the center line"
FIRST = "an attacker first to the puck"


@rule("hockey.icing", clause={"nhl-2025": "NHL 81.1", "iihf-2025": "IIHF 81.1"}, needs=NEEDS)
def icing(play: Play) -> Iterator[Opportunity]:
    """Nobody may shoot the puck from behind the center line over the opponents' goal line."""
    for flight in flights(play):
        crossing = flight.crossing
        netted = in_the_net(play, crossing)
        if netted is True:
            continue
        decided = race(play, flight)
        values = _wave_offs(play, flight, decided.instant.high) | {"in the net": netted}
        waved = True in values.values()
        broken: Prop = flight.sent
        for name, value in values.items():
            broken = unless(broken, fact(name, value, crossing.instant.t), name)
        yield Opportunity(
            crossing.instant if waved or flight.tipped else decided.instant,
            crossing.if_it_was(broken if waved or flight.tipped else unless(broken, decided.first, FIRST)),
            crossing.attack,
            crossing.certain and netted is False and flight.certain,
            until=decided.instant.high,
            since=flight.start.low,
            who=(flight.contact.entity,) if flight.contact is not None and flight.contact.entity is not None else (),
            movable=False,
            direction=int(SIGN[crossing.end]),
            sooner=_in_time(flight, decided.open_until),
        )


def _in_time(flight: Flight, until: float | None) -> tuple[str, float]:
    """Return by when an attacker would have had to touch the puck: to win the race, or on its way to the goal line."""
    by = flight.crossing.instant.low if until is None else until
    return f"a player of {flight.crossing.attack} had touched the puck", by


def _wave_offs(play: Play, flight: Flight, end: float) -> dict[str, Truth]:
    """Return the exceptions by name with their values, but for the race."""
    each = [_wave_offs_of(play, one, end) for one in flight.each()]
    return {name: _agreed([one[name] for one in each]) for name in each[0]}


def _agreed(values: list[Truth]) -> Truth:
    return values[0] if all(one is values[0] for one in values) else None


def _wave_offs_of(play: Play, flight: Flight, end: float) -> dict[str, Truth]:
    crossing = flight.crossing
    found = {
        "gained the center line": gained_line(play, flight),
        "short-handed": short_handed(play, flight),
        "straight from a face-off": from_faceoff(play, flight),
        "touched by an opponent": touched_by_opponent(play, flight),
        TIPPED: True if flight.tipped else touched_beyond(play, flight),
        "the goalkeeper went for it": goalkeeper_played(play, flight, end),
        "a defender could have played it": judged_playable(play, flight, crossing.defense, crossing.instant.high),
    }
    if not play.edition.reads("icing_official_deflection", "stays icing"):
        found["deflected off an official"] = touched_by_official(play, flight)
    if not play.edition.reads("icing_attainable_pass", "no wave-off"):
        found["a team-mate could have received it"] = judged_playable(
            play, flight, crossing.attack, crossing.instant.high
        )
    return found
