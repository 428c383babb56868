"""NBA 10-VIII, FIBA article 28: eight seconds.

A team that gains control in its backcourt has to bring the ball into its frontcourt within eight seconds. The ball
is there when it is beyond the midcourt line and so are both feet of the player who dribbles or holds it. The
line belongs to the backcourt.

The count begins anew with a new team control. After a stop it begins anew for some reasons (a foul of the
opponents, a kick; NBA: a jump ball, a delay warning) and goes on after others (the ball out of bounds; FIBA: a jump
ball too), as ``backcourt_count_new_after`` lists; a whistle with no reason leaves both open.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules.basketball.counts import Outcome, Stay, Watch, outcome
from rules.basketball.play import Play, Possession
from rules.context import OTHER
from rules.kleene import Plane, constant, known
from rules.propositions import Instant
from rules.registry import Needs, rule
from rules.timers import Count, timer
from rules.verdicts import Opportunity

EXCUSE = "the count was suspended"


@rule(
    "basketball.eight_seconds",
    clause={"nba-2025": "NBA 10-VIII", "fiba-2024": "FIBA 28"},
    needs=Needs(
        resolution="pose",
        events=("inbound", "jump_ball", "loose", "possession", "rebound", "release", "whistle"),
        clocks=("game",),
        context=("attacks", "complete", "initial", "segments"),
    ),
)
def eight_seconds(play: Play) -> Iterator[Opportunity]:
    """The ball is brought into the frontcourt within eight seconds."""
    limit = play.edition.si("backcourt_time")
    for team in OTHER:
        counted = count(play, team)
        text = f"{team} had the ball in the backcourt for more than {limit:g} s"
        for one in play.possessions(team):
            made = _outcome(play, one, counted, limit, text)
            until = float(play.axis[one.stop - 1])
            yield Opportunity(
                made.instant,
                made.prop,
                team,
                one.certain,
                since=float(play.axis[one.start]),
                until=until,
                movable=False,
            )


def count(play: Play, team: str) -> Count:
    """Return how long a team has had the ball in its backcourt."""
    run = play.court(team).holds("back") & play.clock_runs()
    kept = play.kept_after_stop(team)
    reset = ~play.control(team).plane & ~kept & ~known(play.theirs_throughout(team))
    return timer(run, constant(False, play.count), reset, play.axis, _at_start(play, team))


def _at_start(play: Play, team: str) -> tuple[float, float]:
    initial = play.scene.initial
    holder, given, since = (initial.get(name) for name in ("possession", "backcourt_time", "control_since"))
    if holder not in (None, team) or play.court(team).holds("front").must[0]:
        return 0.0, 0.0  # what a team had to do before the scene begins is over
    if given is not None:
        return (0.0 if holder is None else float(given)), float(given) + play.lead()
    return 0.0, np.inf if since is None else max(0.0, float(play.axis[0] - since))


def _outcome(play: Play, one: Possession, counted: Count, limit: float, text: str) -> Outcome:
    """Return what the count came to until the ball was in the frontcourt, or control was lost."""
    stop = _settled(play, one)
    made = outcome(play, Stay(None, one.start, stop, True), Watch(counted, counted), limit, text, EXCUSE)
    t = float(play.axis[min(stop, one.stop - 1)])
    return made if made.settled is not False else made.at(Instant(t, t, t, play.k))


def _settled(play: Play, one: Possession) -> int:
    """Return the position by which a team's ball is surely in the frontcourt, or its possession is over."""
    front: Plane = play.court(one.team).holds("front")
    inside = np.flatnonzero(front.must[one.start : one.stop])
    return one.start + int(inside[0]) + 1 if len(inside) else one.stop
