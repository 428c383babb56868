"""NFL 7-4-4: neutral zone infraction.

Before the snap a defender may not be in or over the neutral zone so that he is past an offensive lineman with a free
path to the quarterback or kicker, or so that players of the offense near him react at once. It is no foul when
nobody reacts at once and he is back without contact before the snap. Contact is encroachment; being there at the
snap is offside.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.football import defense
from rules.football.acts import judged
from rules.football.play import Play
from rules.registry import Needs, rule
from rules.verdicts import Opportunity


@rule(
    "football.neutral_zone_infraction",
    clause={"nfl-2025": "NFL 7-4-4"},
    needs=Needs(
        resolution="pose",
        events=("line_set", "reaction", "snap", "whistle"),
        context=("attacks", "complete", "plays", "roster"),
    ),
)
def neutral_zone_infraction(play: Play) -> Iterator[Opportunity]:
    """No defender may make the offense react, or get a free path to the quarterback, before the snap."""
    for phase in play.phases:
        yield judged(phase, phase.defense, [*defense.provoked(phase), *defense.unabated(phase)])
