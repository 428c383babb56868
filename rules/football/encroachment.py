"""NFL 7-4-3: encroachment.

Before the snap a defender may not contact an opponent or the ball. Being in the neutral zone without contact is no
encroachment: see neutral_zone_infraction.py and offside.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.football import defense
from rules.football.play import Play
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity


@rule(
    "football.encroachment",
    clause={"nfl-2025": "NFL 7-4-3"},
    needs=Needs(
        resolution="pose",
        events=("contact", "line_set", "snap", "whistle"),
        context=("attacks", "complete", "plays", "roster"),
    ),
)
def encroachment(play: Play) -> Iterator[Opportunity]:
    """No defender may contact an opponent or the ball before the snap."""
    for phase in play.phases:
        acts = defense.contacts(phase)
        yield Opportunity(
            defense.instant_of(phase, acts), defense.ended(phase, defense.happened(acts, phase)), phase.defense,
            since=phase.start, until=phase.end.t, who=tuple(act.who for act in acts if settle(act.prop) is True),
            certain=phase.certain, movable=False, direction=phase.direction,
        )  # fmt: skip
