"""NBA 10-VI, FIBA article 26: three seconds.

A player may not be in the lane that his team attacks for more than three seconds while his team controls the ball in
its frontcourt and the game clock runs. The lines belong to the lane, and a foot on them is in it; NBA: the lane goes on
for 4 ft beyond the end line. He is out when both feet are.

The count begins anew when he has been out, when his team loses the ball (a strip and a regain are a new count), and
when the ball leaves a team-mate's hand on a shot. It is suspended while he is in the act of shooting, and while it
is imminent that he leaves; if he goes on to stay, it is continued.

Both are judgements. Where they are not all reported, who goes straight out at a walk or faster, and is out within
``imminent_exit``, is leaving; somebody may be leaving who may be out by then, and the player with the ball may be
shooting if his team's control may end within ``continuous_motion``, or while he moves towards the basket.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules.basketball.counts import (
    Stay,
    Watch,
    contact,
    frontcourt,
    lanes,
    leaving,
    outcome,
    shooting,
    shown_at_start,
    stays,
    steps,
    watch,
)
from rules.basketball.play import Play
from rules.context import OTHER
from rules.distances import Entity
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

EXCUSE = "act of shooting, or exit imminent"


@rule(
    "basketball.three_seconds",
    clause={"nba-2025": "NBA 10-VI", "fiba-2024": "FIBA 26"},
    needs=Needs(
        resolution="pose",
        events=("inbound", "jump_ball", "loose", "possession", "rebound", "release", "shot", "whistle"),
        judgements=("exit_imminent",),
        clocks=("game", "shot"),
        context=("attacks", "complete", "initial", "segments"),
    ),
)
def three_seconds(play: Play) -> Iterator[Opportunity]:
    """No attacker stays in the lane for more than three seconds of team control in the frontcourt."""
    for team in OTHER:
        for end, attacked in lanes(play, team):
            run = frontcourt(play, team) & attacked
            for person in play.people(team) if run.may.any() else ():
                yield from _of(play, person, team, end)


def _of(play: Play, person: Entity, team: str, end: str) -> Iterator[Opportunity]:
    found = stays(play, person, end)
    if not found:
        return
    limit = play.edition.si("lane_time")
    run = frontcourt(play, team)
    counted = watch(
        play,
        run,
        leaving(play, person, end) | shooting(play, person),
        ~contact(play, person, end) | ~play.control(team).plane,
        shown_at_start(play, person, team),
        steps(play, person, end),
    )
    text = f"{person.id} in the lane for more than {limit:g} s of {team}'s control in the frontcourt"
    for stay in found:
        made = outcome(play, stay, counted, limit, text, EXCUSE)
        if made.ran:
            yield Opportunity(
                made.instant, made.prop, team, stay.certain and made.surely_ran, until=float(play.axis[stay.stop - 1]),
                since=float(play.axis[stay.start]), who=(person.id,), movable=False,
                sooner=(f"{person.id} had left the lane", _last_moment(play, stay, counted, limit)),
            )  # fmt: skip


def _last_moment(play: Play, stay: Stay, counted: Watch, limit: float) -> float:
    """Return by when somebody would have had to leave so that his count surely stayed within the limit, seconds."""
    over = counted.full.high[stay.start : stay.stop] > limit
    return float(play.axis[max(stay.start + int(np.argmax(over)) - 1, 0)])
