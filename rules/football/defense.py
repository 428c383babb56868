"""What the defense may do wrong before the snap, which the two rulebooks call by different names.

NFL: contact is encroachment, the rest a neutral zone infraction. NCAA: all of it is offside.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rules import formulas
from rules.context import Happening
from rules.distances import Entity
from rules.football import movement
from rules.football.acts import Act
from rules.football.coordinates import ahead
from rules.football.presnap import Phase
from rules.formulas import Evidence, Formula
from rules.kleene import constant
from rules.propositions import Prop, fact


def contacts(phase: Phase) -> list[Act]:
    """Return whether each of the defense touched an opponent or the ball before the snap."""
    reported = [one for one in phase.play.listed("contact") if _in(phase, one) and _defender(phase, one) is not None]
    found = [
        Act(
            fact(f"{_defender(phase, one)} made contact", True if one.certain else None, one.t), one.t, one.entity or ""
        )
        for one in reported
    ]
    for person in phase.people(phase.defense):
        touching = _touching(phase, person)
        t = phase.worst(touching)
        if t is not None:
            found.append(Act(phase.sometime(touching), t, person.id))
    return found if phase.complete("contact") else [*found, *_unseen(phase, "touches an opponent")]


def _unseen(phase: Phase, text: str) -> list[Act]:
    """Return an unknown act for each defender who may be there without being tracked."""
    return [Act(phase.sometime(one), phase.end.t, "") for one in phase.unseen(phase.defense, text)]


def _in(phase: Phase, one: Happening) -> bool:
    return bool(phase.axis[0] <= one.t <= (phase.end.low if phase.by == "snap" else phase.end.high))


def _defender(phase: Phase, one: Happening) -> str | None:
    """Return the defender who made the contact: he who did it, or else he whom an opponent could not but touch."""
    return one.entity if one.team == phase.defense else None


def _touching(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody of the defense touches an opponent.

    Two men whose points are nearer than a body is wide touch. Within an arm's length they may, unless all contacts
    are listed; further apart they do not.
    """
    width, reach = phase.edition.si("body_width"), phase.edition.si("touch_reach")
    complete = phase.complete("contact")
    limit, slack = (width, 0.0) if complete else ((width + reach) / 2, (reach - width) / 2)
    parts = [_near(phase, person, other.id, limit, slack) for other in phase.people(phase.offense)]
    if phase.play.ball is not None and not complete:
        half = (phase.edition.si("reach_in_stance") + phase.edition.si("ball_length") / 2) / 2
        parts.append(_near(phase, person, phase.play.ball.entity, half, half))
    return formulas.any_of(parts, len(phase), f"{person.id} touches an opponent")


def _near(phase: Phase, person: Entity, other: str, limit: float, slack: float) -> Formula:
    measure = phase.play.distances.between(person.id, other, phase.axis)
    evidence = Evidence(limit - measure.value, measure.sigma, np.full(len(phase), slack), measure.own, -measure.modes)
    return phase.one_of_ever(formulas.measured(f"{person.id} touches {other}", evidence, "tracks", phase.k), person)


def provoked(phase: Phase) -> list[Act]:
    """Return whether each defender in or over the neutral zone made the offense react at once."""
    window = phase.edition.si("immediate")
    found = []
    for one in phase.reactions():
        for person in _culprits(phase, one):
            there = phase.sometime(phase.ever_in_zone(person), one.low - window, one.high)
            caused = fact(f"{one.entity} reacted to {person.id}", causes(phase, one, person), one.t)
            found.append(Act(Prop("and", (there, caused)), one.t, person.id))
    unlisted = _unlisted_reaction(phase)
    for person in phase.people(phase.defense):
        both = formulas.both(phase.ever_in_zone(person), unlisted)
        t = phase.worst(both)
        if t is not None and both.plane.may[phase.during].any():
            found.append(Act(phase.sometime(both), t, person.id))
    if unlisted.plane.may[phase.during].any():
        hidden = phase.unseen(phase.defense, "is in or beyond the neutral zone")
        found += [Act(phase.sometime(formulas.both(atom, unlisted)), phase.end.t, "") for atom in hidden]
    return found


def causes(phase: Phase, reaction: Happening, person: Entity) -> bool | None:
    """Whether a defender is he who made somebody react: as reported, and where he threatens the other at all."""
    if reaction.other is None:
        return None
    if reaction.other != person.id:
        return False
    near = threatens(phase, person, reaction)
    return near if reaction.certain or near is False else None


def _culprits(phase: Phase, one: Happening) -> list[Entity]:
    return [person for person in phase.people(phase.defense) if one.other in (None, person.id)]


def _unlisted_reaction(phase: Phase) -> Formula:
    """Return whether somebody of the offense reacts without its being listed: a twitch is not seen in tracks."""
    value = False if phase.complete("reaction") else None
    return formulas.stated(f"somebody of {phase.offense} reacts at once", constant(value, len(phase)))


def threatens(phase: Phase, defender: Entity, reaction: Happening) -> bool | None:
    """Whether he who reacted is one of those whom a defender can threaten.

    NCAA: the lineman opposite and his neighbours, or the two at the sides of the gap. NFL: whoever is near.
    """
    if "threatened_linemen_max" not in phase.edition.constants or reaction.entity is None:
        return True
    here = int(np.clip(np.searchsorted(phase.axis, reaction.t), 0, len(phase) - 1))
    distances = phase.play.distances
    y = float(distances.motion(defender.id, phase.axis).y[here])
    linemen = [one for one in phase.people(phase.offense) if phase.lineman(one)]
    off = {one.id: abs(float(distances.motion(one.id, phase.axis).y[here]) - y) for one in linemen}
    if reaction.entity not in off:
        return None if len(off) < int(phase.edition.si("line_numbered_min")) else False
    faces = min(off.values()) <= phase.edition.si("lineman_width")
    limit = int(phase.edition.si("threatened_linemen_max" if faces else "threatened_linemen_in_gap"))
    return sorted(off.values()).index(off[reaction.entity]) < limit


def unabated(phase: Phase) -> list[Act]:
    """Return whether each defender came past the offensive line with a free path to the quarterback."""
    linemen = [one for one in phase.people(phase.offense) if phase.lineman(one)]
    targets = [one for one in phase.people(phase.offense) if one.role in ("quarterback", "kicker", "punter")]
    found = []
    for person in phase.people(phase.defense):
        if linemen and targets:
            past = formulas.both(*(_past(phase, person, one) for one in linemen))
            free = _free_path(phase, person, targets[0])
        else:
            past = _deep(phase, person)
            free = formulas.always(f"{person.id} has a free path (nobody knows who plays what)", None, len(phase))
        own = movement.course(phase, person)
        rush = movement.speed_atom(
            phase, f"{person.id} moves towards the backfield", -own.vx, own.sv, phase.edition.si("still_speed")
        )
        both = formulas.both(past, rush, free)
        t = phase.worst(both)
        if t is not None:
            found.append(Act(phase.sometime(both), t, person.id))
    return [*found, *_unseen(phase, "comes past the line with a free path")]


def _deep(phase: Phase, defender: Entity) -> Formula:
    """Return whether a defender is so far behind the line of scrimmage that a lineman may be ahead of him."""
    text = f"{defender.id} past the line"
    if phase.rear is None:
        return formulas.always(text, None, len(phase))
    return ahead(text, phase.rear, phase.forward(defender.id), 0.0, phase.k)


def _past(phase: Phase, defender: Entity, lineman: Entity) -> Formula:
    """Return whether a defender is behind an offensive lineman who is at the line."""
    text = f"{defender.id} past {lineman.id}"
    past = phase.one_of_ever(
        ahead(text, replace(phase.forward(lineman.id), entity=None), phase.forward(defender.id), 0.0, phase.k), defender
    )
    return formulas.both(past, phase.at_the_line(lineman))


def _free_path(phase: Phase, defender: Entity, target: Entity) -> Formula:
    """Return whether none of the offense is near the straight path from a defender to the quarterback."""
    distances, axis = phase.play.distances, phase.axis
    a, b = (distances.motion(one.id, axis) for one in (defender, target))
    others = [one for one in phase.people(phase.offense) if one.id != target.id]
    limit = phase.edition.si("free_path")
    least, sigma = np.full(len(phase), np.inf), np.zeros(len(phase))
    for one in others:
        c = distances.motion(one.id, axis)
        dx, dy = b.x - a.x, b.y - a.y
        along = np.clip(((c.x - a.x) * dx + (c.y - a.y) * dy) / np.maximum(dx**2 + dy**2, 1e-9), 0.0, 1.0)
        off = np.hypot(c.x - a.x - along * dx, c.y - a.y - along * dy)
        least = np.fmin(least, off)
        sigma = np.fmax(sigma, distances.between(one.id, defender.id, axis).sigma)
    lost = ~np.isfinite(least) | ~np.isfinite(sigma)
    spread = np.where(lost, np.inf, sigma)
    evidence = Evidence(np.where(lost, np.nan, least - limit), spread, np.zeros(len(phase)), spread,
                        np.zeros((0, len(phase))))  # fmt: skip
    return formulas.measured(f"{defender.id} has a free path to {target.id}", evidence, "tracks", phase.k)
