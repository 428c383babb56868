"""NFL 7-4-3: encroachment.

Before the snap a defender may not contact an opponent or the ball. Being in the neutral zone without contact is no
encroachment: see neutral_zone_infraction.py and offside.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.football import defense
from rules.football.acts import judged
from rules.football.play import Play
from rules.registry import Needs, rule
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
        yield judged(phase, phase.defense, defense.contacts(phase))
