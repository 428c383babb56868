"""NHL rule 83, IIHF rule 82: offside.

No player of the attacking team may be in the attacking zone before the puck. He is offside when both his
skates are wholly past the leading edge of the blue line (the edge nearer the goal) at the instant in which
the puck has wholly crossed it. A skate on the line, or in the air on the near side of its plane, is onside;
stick, body and head do not count.

It is no offence
- for the puck carrier who had the puck under control (NHL: on his stick) before both his skates crossed, and
  kept it;
- when the defenders carried, passed or played the puck into their own zone themselves. A rebound that an
  attacker forced does not excuse, nor does a deflection off an official.

When an attacker brings the puck in himself, play is stopped at once. When it is shot, passed or deflected in,
the offside is delayed: see delayed_offside.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.distances import Entity
from rules.hockey.play import SIGN, Entry, Play
from rules.hockey.senders import sent_by
from rules.hockey.signal import Outcome, outcome
from rules.operators import at, unless
from rules.propositions import Prop, fact
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity

CARRIER = "puck carrier in control"
SENT_IN = "defenders played it in"
NEEDS = Needs(
    resolution="pose",
    events=("faceoff", "goal", "possession", "pressure", "pursuit", "tag_up", "touch", "whistle"),
    context=("attacks", "complete", "initial", "roster", "view"),
)


@dataclass(frozen=True, eq=False)
class Decision:
    """An entry judged: was somebody offside, did an attacker carry the puck in, and what came of the signal."""

    offside: Prop
    carried_in: Prop
    play: Play
    entry: Entry

    @property
    def signal(self) -> Outcome:
        """What came of the delayed signal; looked at only when it is asked for."""
        return self.play.remember(("signal", self.entry), lambda: outcome(self.play, self.entry))


@rule("hockey.offside", clause={"nhl-2025": "NHL 83.1", "iihf-2025": "IIHF 82.1"}, needs=NEEDS)
def offside(play: Play) -> Iterator[Opportunity]:
    """No attacker may be wholly in the attacking zone before the puck has wholly crossed its blue line."""
    for entry in play.entries:
        made = decide(play, entry)
        nobody = settle(made.offside) is False
        delayed = settle(made.carried_in) is not True
        signal = made.signal if delayed and not nobody else None
        yield Opportunity(
            entry.instant,
            entry.if_it_was(made.offside if nobody else made.offside & (made.carried_in | made.signal.prop())),
            entry.attack,
            entry.certain,
            act_t=signal.act_t if signal else None,
            until=signal.end_t if signal else None,
            exceptions=signal.washed_out() if signal else (),
            who=signal.who if signal else (),
            movable=not (nobody and delayed),
            direction=int(SIGN[entry.end]),
        )


def decide(play: Play, entry: Entry) -> Decision:
    """Judge the position of the attackers at an entry, and what came of it."""
    return play.remember(("decide", entry), lambda: _decide(play, entry))


def _decide(play: Play, entry: Entry) -> Decision:
    when, team = entry.instant, entry.attack
    people = [ahead_unless_carrier(play, entry, person) for person in play.attackers(team, when)]
    strangers = [
        at(when, play.belongs(person, team) & play.skates_past(person, entry.end), play.axis)
        for person in play.unnamed(when)
    ]
    unseen = at(when, play.unseen_past(team, entry.end), play.axis)
    anybody = Prop("or", (*people, *strangers, unseen))
    sent_in = fact(f"{entry.defense} played the puck into their own zone", sent_by(play, entry.defense, entry), when.t)
    carried_in = at(when, play.control(team), play.axis)
    return Decision(unless(anybody, sent_in, SENT_IN), carried_in, play, entry)


def ahead_unless_carrier(play: Play, entry: Entry, person: Entity) -> Prop:
    """Return whether somebody is offside at an entry: over the line, and not the carrier who took the puck there."""
    past = play.skates_past(person, entry.end)
    brought = play.brought_in(person, entry.end)
    return unless(at(entry.instant, past, play.axis), at(entry.instant, brought, play.axis), CARRIER)
