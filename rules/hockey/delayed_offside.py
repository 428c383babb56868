"""NHL rule 83.3, IIHF rule 82.3: delayed offside.

The puck came into the zone with an attacker offside, but no attacker brought it in. The linesman raises his
arm and lets play go on. Play is stopped when an attacker touches the puck, tries to gain it, or forces or is
about to hit its carrier. The signal is washed out when all attackers are clear of the zone at the same
instant, by contact of a skate with the line or with the ice outside, or when the puck leaves the zone.

This call belongs to the offside call of the same entry and is never a second foul.
"""

from __future__ import annotations

from collections.abc import Iterator

from records.ids import call_id
from rules.hockey.offside import NEEDS, decide
from rules.hockey.play import SIGN, Play
from rules.registry import rule
from rules.settle import settle
from rules.verdicts import Opportunity


@rule("hockey.delayed_offside", clause={"nhl-2025": "NHL 83.3", "iihf-2025": "IIHF 82.3"}, needs=NEEDS)
def delayed_offside(play: Play) -> Iterator[Opportunity]:
    """A delayed offside ends in a stoppage when an attacker plays before all are clear."""
    for entry in play.entries:
        made = decide(play, entry)
        signalled = made.offside & ~made.carried_in
        happened = settle(signalled)
        seen = any(leaf.entity is not None and leaf.value is not False for leaf in made.offside.leaves().values())
        if happened is False or (happened is None and not seen):
            continue
        acted = made.signal.prop()
        yield Opportunity(
            entry.instant,
            entry.if_it_was(acted if happened else signalled & acted),
            entry.attack,
            entry.certain and happened is True,
            act_t=made.signal.act_t,
            parent=call_id("hockey.offside", entry.instant.t, entry.attack),
            until=made.signal.end_t,
            exceptions=made.signal.washed_out(),
            who=made.signal.who,
            direction=int(SIGN[entry.end]),
        )
