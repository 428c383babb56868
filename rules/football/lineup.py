"""Who of the offense is on the line, who is in the backfield, who is under center.

A player is on the line when his helmet breaks the plane through the snapper's waist. Where head and torso are not
tracked, the helmet is taken to be ahead of the plane through the snapper's point by ``helmet_lead`` more than the
player's own point, give or take ``helmet_lead_open``. The ``reach_sigma`` by which both men differ from others speaks
for the offense only: who is on the line without it is on it, who is off the line is off it with it.

Where tracks come from boxes, two tracks that stand too close together may be one player. Then the second one is
nobody, or stands for somebody who is not tracked: whether he is on the line is unknown, wherever the track is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rules import formulas
from rules.distances import Entity
from rules.football.coordinates import Line, ahead
from rules.football.presnap import Phase
from rules.formulas import Evidence, Formula
from rules.kleene import Plane, constant, known
from rules.looks import needed


class Lineup:
    """The line-up of the offense in a phase; formulas over the axis of the phase."""

    def __init__(self, phase: Phase) -> None:
        self.phase, self.count = phase, len(phase)
        self.people = phase.people(phase.offense)
        spare = phase.may_be_spare(self.people)
        self.leaving = {one.id for one in self.people if spare and phase.has_left(one) is not False}
        self.doubtful = phase.play.maybe_twice(self.people, phase.end, phase.snapper)
        self.on = {person.id: self._on_the_line(person) for person in self.people}
        self.unseen = phase.unseen(phase.offense, "is on the line")

    @staticmethod
    def of(phase: Phase) -> Lineup:
        """Return the line-up of a phase."""
        return phase.remember(("lineup",), lambda: Lineup(phase))

    def _on_the_line(self, person: Entity) -> Formula:
        text = f"{person.id} on the line"
        phase, snapper = self.phase, self.phase.snapper
        if snapper is not None and person.id == snapper.id:
            return formulas.always(f"{text} (the snapper)", True, self.count)
        if person.id in self.leaving:
            return formulas.always(f"{text} (he may have left the field)", None, self.count)
        if person.id in self.doubtful:
            return formulas.always(f"{text} (he may be {self.doubtful[person.id]}, tracked twice)", None, self.count)
        if snapper is None:
            return formulas.always(f"{text} (nobody knows who snapped)", None, self.count)
        plain, varied = (
            self._before_the_waist(person, text, sigma) for sigma in (0.0, phase.edition.si("reach_sigma"))
        )
        off = needed(len(self.people), phase.k)  # any one of them who is off the line may be one too few on it
        with np.errstate(invalid="ignore"):
            doubt = np.nan_to_num((off * varied.sigma - phase.k * plain.sigma) / 2, posinf=0.0, neginf=0.0)
        benefit = replace(plain, margin=plain.margin + doubt, slack=plain.slack + doubt)
        return formulas.measured(text, benefit, "tracks", phase.k)

    def _before_the_waist(self, person: Entity, text: str, varies: float) -> Evidence:
        """Return by how much a helmet breaks the plane through the snapper's waist, if men vary by so much."""
        phase = self.phase
        assert phase.snapper is not None
        snapper = phase.snapper
        lead, open_, half = (phase.edition.si(name) for name in ("helmet_lead", "helmet_lead_open", "helmet_half"))
        helmet = phase.forward(person.id).blurred(varies)
        if "head" in person.parts:
            helmet, lead, open_ = phase.forward(person.id, "head"), lead / 2 + half, open_ / 2
        waist = phase.forward(snapper.id).blurred(varies)
        if "torso" in snapper.parts:
            waist = phase.forward(snapper.id, "torso")
        if "torso" in snapper.parts and "head" in person.parts:
            lead, open_ = half, 0.0
        evidence = ahead(text, helmet, waist.moved(0.0, open_), -lead, phase.k).evidence
        assert evidence is not None
        return evidence

    def numbered(self, person: Entity) -> Formula:
        """Return whether a player's number is one of an ineligible receiver; unknown without a number."""
        text, edition = f"{person.id} numbered 50 to 79", self.phase.edition
        low, high = edition.si("ineligible_number_min"), edition.si("ineligible_number_max")
        value = None if person.number is None else low <= person.number <= high
        return formulas.stated(text, constant(value, self.count), "tracks")

    def near_the_ball(self, person: Entity) -> Formula:
        """Return whether somebody is less than a yard behind the rear tip of the ball."""
        phase = self.phase
        depth, open_ = phase.edition.si("backfield_depth_min"), phase.edition.si("helmet_lead_open")
        text = f"{person.id} less than {depth:.2f} m behind the ball"
        rear = self.rear_of_ball()
        if rear is None:
            return formulas.always(f"{text} (nobody knows where the ball is)", None, self.count)
        near = ahead(text, phase.forward(person.id).moved(0.0, open_), rear, -depth - open_, phase.k)
        return phase.one_of(near, person)

    def rear_of_ball(self) -> Line | None:
        """Return the rear tip of the ball, from the line of scrimmage or else from where the snapper is."""
        phase, snapper = self.phase, self.phase.snapper
        if phase.rear is not None:
            return phase.rear
        if snapper is None:
            return None
        feet = phase.forward(snapper.id).moved(
            phase.edition.si("snapper_to_ball"), phase.edition.si("helmet_lead_open")
        )
        return Line(feet.value, feet.own, feet.modes, feet.slack, None, feet.direction)

    def under_center(self, person: Entity) -> Formula:
        """Return whether somebody is directly behind the snapper."""
        phase, snapper = self.phase, self.phase.snapper
        text = f"{person.id} under center"
        if snapper is None:
            return formulas.always(text, None, self.count)
        across, along = phase.edition.si("under_center_across"), phase.edition.si("under_center_along")
        a, b = (phase.play.distances.motion(one.id, phase.axis) for one in (person, snapper))
        with np.errstate(invalid="ignore"):
            near = (abs(a.y - b.y) < across) & (abs(a.x - b.x) < along)
        lost = ~(np.isfinite(a.x) & np.isfinite(b.x))
        here = known(near)
        return formulas.stated(text, Plane(here.must & ~lost, here.may | lost), "tracks")
