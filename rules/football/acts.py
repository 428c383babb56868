"""What may be done wrong in a pre-snap phase, and the one call that comes of it: the first act tells when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rules.football.presnap import Phase
from rules.propositions import Instant, Prop, fact
from rules.settle import settle
from rules.verdicts import Opportunity


@dataclass(frozen=True, eq=False)
class Act:
    """Something that may have been done before the snap: whether it was, when, and by whom."""

    prop: Prop
    t: float
    who: str


def judged(phase: Phase, team: str, acts: Sequence[Act]) -> Opportunity:
    """Return the opportunity of a phase: no act of a team may have been done in it."""
    acts = [_unless_snapped(phase, act) for act in acts]
    return Opportunity(
        _instant(phase, acts), _any(phase, team, acts), team,
        since=phase.start, until=phase.end.t, who=tuple(act.who for act in acts if settle(act.prop) is True),
        certain=phase.certain, movable=False, direction=phase.direction,
    )  # fmt: skip


def _unless_snapped(phase: Phase, act: Act) -> Act:
    """Return an act that was none if the ball had been snapped by then, without a report."""
    if act.t < phase.maybe_snapped:
        return act
    return replace(act, prop=act.prop & ~fact("the ball had been snapped unseen", None, act.t))


def _instant(phase: Phase, acts: Sequence[Act]) -> Instant:
    """Return when the first act was that certainly happened, or else may have; without one the end of the phase."""
    for wanted in (True, None):
        times = [act.t for act in acts if settle(act.prop) is wanted]
        if times:
            t = min(times)
            return Instant(t, t, t, phase.k)
    return phase.end


def _any(phase: Phase, team: str, acts: Sequence[Act]) -> Prop:
    """Return whether any act was done; unknown where the scene ends before the phase does and none was yet."""
    nobody = fact(f"nobody of {team} was near", False, phase.end.t, "tracks")
    done = Prop("or", tuple(act.prop for act in acts)) if acts else nobody
    if phase.by != "end":
        return done
    later = fact("something happens before the snap (the scene ends first)", None, phase.end.t, "scene")
    return Prop("or", (done, later))
