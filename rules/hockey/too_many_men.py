"""NHL rule 74, IIHF rule 74: too many men on the ice.

A team may change players at any time when the retiring player is at his own bench (NHL: within 5 feet, IIHF:
within 1.50 m) and out of play. A substitute is on when both his skates are on the ice. It is an infraction when
the player who comes on or the one who retires plays the puck, or checks or touches an opponent, while more
players are in play than the team is allowed. A puck that strikes him by accident is none.

Who goes off at his bench is not in play, unless he is involved himself: a legal change is no spell with too many. In
a spell in which nobody comes on or goes off, any of the team is one too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rules import formulas
from rules.context import OTHER, Happening
from rules.distances import Entity
from rules.formulas import Formula
from rules.hockey.change import ACCIDENTS, ACTS, Change, allowed, crowds
from rules.hockey.play import PLAYERS, Play, within
from rules.kleene import Truth
from rules.operators import at
from rules.propositions import Instant, Prop, fact
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity

NEEDS = Needs(
    resolution="pose",
    events=("contact", "faceoff", "goal", "possession", "touch", "whistle"),
    judgements=("deliberate_play", "exit_imminent"),
    context=("benches", "complete", "roster", "strength"),
)
MOST_ACTS = 8  # acts of one spell that are looked at; the first that is certain decides


@rule("hockey.too_many_men", clause={"nhl-2025": "NHL 74.1", "iihf-2025": "IIHF 74.1"}, needs=NEEDS)
def too_many_men(play: Play) -> Iterator[Opportunity]:
    """No team may have more players in play than it is allowed, one of them involved."""
    for team in OTHER:
        for crowd in crowds(play, team):
            change = Change(play, crowd)
            for low, high, certain in change.spells():
                spell = _judged(play, change, low, high, certain)
                if certain or settle(spell.prop) is not False:  # a legal change that only may have been a spell is none
                    yield spell


def _judged(play: Play, change: Change, low: float, high: float, certain: bool) -> Opportunity:
    """Judge one spell: the first act that is a violation, or else the first that may be one."""
    acts = [(one, act_of(play, change, one, low, high)) for one in _acts(play, change, low, high)[:MOST_ACTS]]
    values = [settle(prop) for _, prop in acts]
    first = next((n for n, value in enumerate(values) if value is True), None)
    if first is None:
        first = next((n for n, value in enumerate(values) if value is None), None)
    unlisted = [fact(text, None, low) for text in _unlisted(play, change, low, high)]
    start = Instant(low, low, low, play.k)
    instant = start if first is None else _instant(play, acts[first][0])
    broken = Prop("or", (*(prop for _, prop in acts), *unlisted)) if acts or unlisted else _nothing(change, low)
    if first is not None and values[first] is True:
        broken = acts[first][1]
    if play.maybe_dead(instant):
        broken = broken & fact("play was on", None, instant.t)
        certain = False
    return Opportunity(
        instant, broken, change.team, certain, until=high, since=low, movable=False, sooner=_in_time(change, low, high)
    )


def _in_time(change: Change, low: float, high: float) -> tuple[str, float] | None:
    """Return who should have gone off by when, so that there would have been no spell: one man, and only one."""
    name, before = change.retires(low, high), change.axis[change.axis < low]
    if name is None or not len(before):
        return None
    return f"{name} had gone off", float(before[-1])


def _nothing(change: Change, t: float) -> Prop:
    return fact(f"{change.team} one too many plays the puck or touches an opponent", False, t)


def _instant(play: Play, event: Happening) -> Instant:
    return Instant(event.t, event.low, event.high, play.k)


def _acts(play: Play, change: Change, low: float, high: float) -> list[Happening]:
    """Return what the team's players did with the puck or to opponents in a spell, in order of time."""
    mine = [one for one in play.listed(*ACTS) if one.team == change.team or play.by_nobody_known(one)]
    near = [_in_the_spell(play, change, one, low, high) for one in mine if one.low <= high]
    return sorted((one for one in near if one is not None), key=lambda one: one.t)


def _in_the_spell(play: Play, change: Change, act: Happening, low: float, high: float) -> Happening | None:
    """Return an act if it is in a spell; who has the puck has it, if he can, when too many are there for certain."""
    if act.kind != "possession":
        return act if act.high >= low else None
    surely, perhaps = play.lasted(act)
    if max(perhaps, act.high) < low:
        return None
    since = change.surely_since(max(low, act.low), min(high, surely))
    if since is not None and since > act.high:
        return replace(act, t=since, low=since, high=since)
    return act if act.high >= low else replace(act, t=low, low=low, high=low, certain=act.certain and surely >= low)


def act_of(play: Play, change: Change, event: Happening, low: float, high: float) -> Prop:
    """Return whether an act was an infraction: too many in play, and one who comes on or goes off did it."""
    when = _instant(play, event)
    person = next((one for one in change.people if one.id == event.entity), None)
    if person is None:
        return fact(f"one too many of {change.team} did it", None, event.t) & _too_many(play, change, None, when)
    done = fact(f"{person.id} {_did(event)}", _meant(play, event), event.t)
    one_of = fact(
        f"{person.id} comes on or goes off, or nobody does", change.surplus(person, low, high), event.t, "tracks"
    )
    return _too_many(play, change, person, when) & one_of & done


def _did(event: Happening) -> str:
    return "touched an opponent" if event.kind == "contact" else "played the puck"


def _meant(play: Play, event: Happening) -> Truth:
    """Return whether an act was none by accident."""
    sure: Truth = True if event.certain else None
    if event.kind != "touch":
        return sure
    if event.detail in ACCIDENTS:
        return False
    if event.detail is not None:
        return sure
    judged = [one for one in play.listed("deliberate_play") if one.entity == event.entity]
    return sure if any(one.low <= event.high and one.high >= event.low for one in judged) else None


def _too_many(play: Play, change: Change, actor: Entity | None, when: Instant) -> Prop:
    """Return whether more are in play than allowed at an instant; who acts is in play wherever he is on the ice."""
    stamps = np.clip([when.low, when.t, when.high], play.axis[0], play.axis[-1])  # nothing is said of before the scene
    number = int(allowed(play, change.team, stamps).max()) + 1
    doubtful = play.maybe_twice(change.people, when)
    counted: list[Formula] = []
    for one in change.people:
        formula = change.on_ice(one) if actor is not None and one.id == actor.id else change.planes[one.id]
        if one.id in doubtful:
            text = f"{one.id} in play (he may be {doubtful[one.id]}, tracked twice)"
            formula = formulas.always(text, None, change.count, "tracks")
        counted.append(formula)
    counted += [
        formulas.always(f"player {n + 1} of {change.team} who is not tracked is in play", None, change.count, "roster")
        for n in range(_missing(play, change, when))
    ]
    text = f"{number} of {change.team} in play"
    return at(when, formulas.at_least(number, counted, change.count, text), change.axis)


def _missing(play: Play, change: Change, when: Instant) -> int:
    """Return how many of the team are on the ice untracked, as far as the roster tells."""
    missing = play.missing(change.team, PLAYERS)[play.window(when.low, when.high)].max()
    return int(missing) if np.isfinite(missing) else 0


def _unlisted(play: Play, change: Change, low: float, high: float) -> Iterator[str]:
    """Yield what one too many may have done in a spell without its being listed, in words."""
    here = play.window(low, high)
    people = [one for one in change.people if change.surplus(one, low, high) is not False]
    for one in people:
        if (~play.complete("touch") & play.near(one.id).may)[here].any():
            yield f"{one.id}, one too many, played the puck"
        if (~play.complete("contact")[here]).any() and _met(play, one, here):
            yield f"{one.id}, one too many, touched an opponent"


def _met(play: Play, person: Entity, here: slice) -> bool:
    """Whether somebody may have been near enough to an opponent to touch him."""
    limit, axis = play.edition.si("body_reach"), play.axis[here]
    opponents = play.members(OTHER[person.team or ""], PLAYERS) if person.team else []
    return any(
        bool((within(play.distances.between(person.id, one.id, axis), limit, play.k).may
              & play.distances.motion(one.id, axis).inside).any())
        for one in opponents
    )  # fmt: skip
