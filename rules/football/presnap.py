"""A pre-snap phase: who is in it, where the neutral zone is, who is in it, who moves, and when all were set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from rules import formulas, kleene, looks, operators
from rules.context import Happening
from rules.distances import Entity
from rules.football import movement
from rules.football.coordinates import Line, ahead, fixed
from rules.formulas import Formula
from rules.kleene import Bools, Floats, Plane, Truth, known
from rules.propositions import Instant, Prop, fact
from rules.settle import settle
from rules.timers import Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.football.play import Play

LINEMEN = ("center", "guard", "tackle", "snapper", "lineman")
ELIGIBLE_BACKS = ("quarterback", "running_back", "fullback", "wide_receiver")
UPRIGHT = ("quarterback", "wide_receiver", "running_back", "linebacker", "cornerback", "safety", "punter", "returner")
PARTS = ("head", "torso", "left_foot", "right_foot", "left_hand", "right_hand")
SAME_S = 1e-6  # a full second is enough, however it is rounded
LIES_S, LIES_M = 0.5, 0.5  # a ball that lies for so long, within so much, tells the line of scrimmage
SNAPPER_REACH_M = 1.5  # an arm and a bow: the ball is no further from the snapper's shoulders

Kept = TypeVar("Kept")


@dataclass(eq=False)
class Phase:
    """From the end of the play before to a snap or a whistle; formulas are over its own part of the axis.

    Attributes:
        play: the scene.
        window: its part of the scene's axis.
        end: when it ended: the snap, the whistle, or the end of the scene.
        by: ``snap``, ``whistle`` or ``end``.
        event: the report of what ended it.
        offense: team.
        defense: team.
        direction: in which the offense plays: +1 right, -1 left.
        snapper: who snaps, where that is known.
        set_event: the report that the line is set.
        row: of the plays table.
    """

    play: Play
    window: slice
    end: Instant
    by: str
    event: Happening | None
    offense: str
    defense: str
    direction: int
    snapper: Entity | None
    set_event: Happening | None
    row: dict[str, Any]
    _kept: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.axis: Floats = self.play.axis[self.window].copy()
        self.edition = self.play.edition
        self.k = self.play.k

    def __len__(self) -> int:
        return len(self.axis)

    def remember(self, key: tuple[object, ...], make: Callable[[], Kept]) -> Kept:
        """Return what was made under a key, making it the first time."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    # time

    @property
    def eve(self) -> Instant:
        """The last instant whose movements the snap itself has not blurred: velocities are taken over a stretch."""
        blur = self.blur / 2 if self.by == "snap" else 0.0
        t = max(self.end.low - blur, float(self.axis[0]))
        return Instant(t, t, t, self.k)

    @property
    def last_moment(self) -> Instant:
        """From the eve to the snap: what moves against the rules does so throughout, and what does not at no time."""
        low, high = self.eve.t, max(self.end.low, self.eve.t)
        return Instant((low + high) / 2, low, high, self.k)

    @cached_property
    def start(self) -> float:
        """When the phase begins: the line is set, or else everybody of the offense is still for the first time."""
        if self.set_event is not None:
            return self.set_event.t
        still = self.all_still.plane.must & self.before
        return float(self.axis[int(np.argmax(still))]) if still.any() else float(self.axis[0])

    @cached_property
    def certain(self) -> bool:
        """Whether there was such a phase at all: the ball was snapped, or the line was set."""
        return self.by == "snap" or self.set_event is not None or bool((self.all_still.plane.must & self.before).any())

    @cached_property
    def possible(self) -> bool:
        """Whether there may have been such a phase."""
        return self.certain or bool((self.all_still.plane.may & self.before).any())

    @cached_property
    def before(self) -> Bools:
        """Where on the axis the ball has certainly not been snapped."""
        result: Bools = self.axis <= self.eve.t
        return result

    @cached_property
    def during(self) -> Bools:
        """Where on the axis the phase is on: from its start until the ball is snapped."""
        result: Bools = self.before & (self.axis >= self.start)
        return result

    def sometime(self, formula: Formula, low: float = -np.inf, high: float = np.inf) -> Prop:
        """Return whether a formula held at some time of the phase, read at the instant that tells it best."""
        t = self.worst(formula, low, high)
        late = self._before_the_whistle(formula, low, high)
        if t is None:
            return fact(f"{formula.text} (there was no time for it)", None if late else False, self.end.t, "scene")
        then = operators.at(Instant(t, t, t, self.k), formula, self.axis)
        return then | fact(f"{formula.text} before the whistle, or after it", None, self.end.t) if late else then

    def _before_the_whistle(self, formula: Formula, low: float, high: float) -> bool:
        """Whether a formula may hold only where nobody knows whether the whistle has gone already."""
        if self.by != "whistle":
            return False
        last = (self.axis > self.end.low) & (self.axis <= min(self.end.high, high)) & (self.axis >= low)
        return bool(formula.plane.may[last].any())

    def worst(self, formula: Formula, low: float = -np.inf, high: float = np.inf) -> float | None:
        """Return the first instant at which a formula holds, or else may hold, or else comes nearest to it."""
        here = self.during & (self.axis >= low) & (self.axis <= high)
        if not here.any():
            return None
        for plane in (formula.plane.must, formula.plane.may):
            found = here & plane
            if found.any():
                near = _largest(formula, found) if plane is formula.plane.may else int(np.argmax(found))
                return float(self.axis[near])
        return float(self.axis[_largest(formula, here)])

    # people

    def people(self, team: str) -> list[Entity]:
        """Return the members of a team who are tracked at the end of the phase, but for those who have left."""
        return self.remember(("people", team), lambda: self._people(team))

    def _people(self, team: str) -> list[Entity]:
        """Return who is tracked; who is off the field while a full side is on it does not play."""
        everybody = self.play.lined_up(team, self.end)
        full = int(self.edition.si("players_max"))
        if len(everybody) <= full:
            return everybody
        stay = [one for one in everybody if self.has_left(one) is not True]
        return stay if len(stay) >= full else everybody

    def has_left(self, person: Entity) -> Truth:
        """Return whether somebody is wholly off the field when the phase ends."""
        return settle(~operators.at(self.end, self.in_field(person), self.axis))

    def in_field(self, person: Entity) -> Formula:
        """Return whether somebody is in the field of play: not wholly over its edge."""
        measure = self.play.distances.to(person.id, "in_bounds", self.axis)
        radius = self.play.ontology.footprint(person.kind)
        return self.play.atom(f"{person.id} in the field of play", measure, 1.0, 0.0, radius, person.id)

    def open_places(self, team: str) -> int:
        """Return how many of a team, up to a full side, may be on the field at the end without being tracked."""
        end = self.play.window(self.end.low, self.end.high)
        missing = float(self.play.not_tracked(team)[end].max())
        return int(min(missing, max(0.0, self.edition.si("players_max") - len(self.people(team)))))

    def may_be_spare(self, people: Sequence[Entity]) -> bool:
        """Whether the offense may be more than a full side, those who are not tracked included."""
        end = self.play.window(self.end.low, self.end.high)
        return len(people) + float(self.play.not_tracked(self.offense)[end].max()) > self.edition.si("players_max")

    def unseen(self, team: str, text: str) -> list[Formula]:
        """Return an unknown atom for each player of a team who may be there without being tracked."""
        return [
            formulas.always(f"player {n + 1} of {team} who is not tracked {text}", None, len(self), "roster")
            for n in range(self.open_places(team))
        ]

    def lineman(self, person: Entity) -> bool:
        """Whether somebody is an interior lineman by his role."""
        return person.role in LINEMEN or (self.snapper is not None and person.id == self.snapper.id)

    # the neutral zone

    def forward(self, entity: str, part: str | None = None) -> Line:
        """Return how far forward somebody, or a part of him, is."""
        return self.remember(
            ("forward", entity, part), lambda: self.play.coordinate(entity, self.direction, self.axis, part)
        )

    @cached_property
    def scrimmage(self) -> Line | None:
        """The tip of the ball nearer the defense: as given, or from the ball at rest, whichever is known better."""
        given, own = self._given_scrimmage(), self._ball_tip()
        if given is None or own is None:
            return given or own
        at = int(np.searchsorted(self.axis, self.eve.t))
        return own if self.row.get("los_sigma") is None and own.sigma[at] < given.sigma[at] else given

    def _given_scrimmage(self) -> Line | None:
        if self.row.get("los_x") is None:
            return None
        sigma = self.row["los_sigma"] if self.row["los_sigma"] is not None else self.play.ontology.defaults.los_sigma_m
        return fixed(self.direction * float(self.row["los_x"]), float(sigma), len(self), self.direction)

    def _ball_tip(self) -> Line | None:
        """Return the forward tip of the ball where it lies before it is snapped."""
        ball = self.play.ball
        if ball is None:
            return None
        line = self.forward(ball.entity)
        here = self.before & (self.axis >= self.eve.t - LIES_S) & np.isfinite(line.value)
        if not here.any():
            return None
        last = int(np.flatnonzero(here)[-1])
        lies = float(np.median(line.value[here]))
        if self._far_from_snapper(lies, last) or np.ptp(line.value[here]) > LIES_M:
            return None
        own = np.full(len(self), line.own[last])
        modes = np.repeat(line.modes[:, last : last + 1], len(self), axis=1)
        tip = self.edition.si("ball_length") / 2
        return Line(np.full(len(self), lies + tip), own, modes, 0.0, None, self.direction)

    def _far_from_snapper(self, x: float, position: int) -> bool:
        """Whether a ball cannot be the one that is snapped: the snapper bows over it, and it is not behind him."""
        if self.snapper is None:
            return False
        line = self.forward(self.snapper.id)
        off, spread = x - line.value[position], self.k * float(np.hypot(line.own[position], line.own[position]))
        return bool(not -spread <= off <= SNAPPER_REACH_M + spread)

    @cached_property
    def rear(self) -> Line | None:
        """The edge of the neutral zone nearer the offense."""
        front = self.scrimmage
        return None if front is None else front.moved(-self.edition.si("neutral_zone_length"))

    def in_zone(self, person: Entity) -> Formula:
        """Return whether any part of somebody is in or beyond the neutral zone, seen from his own side."""
        return self.remember(("in_zone", person.id), lambda: self._in_zone(person))

    def ever_in_zone(self, person: Entity) -> Formula:
        """Return the same where anybody's being there at any time decides: certain where all looks seldom err."""
        return self.remember(("ever_in_zone", person.id), lambda: self._in_zone(person, ever=True))

    def _in_zone(self, person: Entity, ever: bool = False) -> Formula:
        defends = person.team == self.defense
        line = self.scrimmage if defends else self.rear
        text = f"{person.id} in or beyond the neutral zone"
        if line is None:
            return formulas.always(f"{text} (nobody knows where the ball was)", None, len(self))
        found = [self._over(person, line, defends, None, text, 0.0 if self._all_parts(person) else self.reach(person))]
        for part in (part for part in PARTS if part in person.parts):
            name = f"{person.id}'s {part.replace('_', ' ')} in or beyond the neutral zone"
            found.append(self._over(person, line, defends, part, name, 0.0))
        return formulas.either(*(self.one_of_ever(one, person) if ever else one for one in found))

    def reach(self, person: Entity) -> float:
        """Return how far ahead of somebody's point his helmet and hands are, metres, as a rule."""
        return self.edition.si("reach_upright" if person.role in UPRIGHT else "reach_in_stance")

    def _all_parts(self, person: Entity) -> bool:
        """Whether everything that reaches ahead of a body is tracked: then its outer bound is not needed."""
        return all(part in person.parts for part in PARTS if part != "torso")

    def _over(self, person: Entity, line: Line, defends: bool, part: str | None, text: str, reach: float) -> Formula:
        """Return whether a point of somebody, or what reaches ahead of it, is over a line towards the other side."""
        sign = -1.0 if defends else 1.0
        own = self.forward(person.id, part).moved(sign * reach / 2, reach / 2)
        if reach:
            own = own.blurred(self.edition.si("reach_sigma"))
        return ahead(text, line, own, 0.0, self.k) if defends else ahead(text, own, line, 0.0, self.k)

    def one_of(self, atom: Formula, person: Entity) -> Formula:
        """Return the atom of one of a team, any of whom would decide alone: certain where all of them seldom err."""
        if atom.evidence is None or person.team is None:
            return atom
        evidence = looks.one_of(atom.evidence, len(self.people(person.team)), self.k)
        return formulas.measured(atom.text, evidence, atom.source, self.k)

    def one_of_ever(self, atom: Formula, person: Entity) -> Formula:
        """Return the atom of one of a team, any of whom would decide alone at any time of the phase."""
        if atom.evidence is None or person.team is None:
            return atom
        evidence = looks.one_of_ever(atom.evidence, self.axis, len(self.people(person.team)), self.k)
        return formulas.measured(atom.text, evidence, atom.source, self.k)

    def at_the_line(self, person: Entity) -> Formula:
        """Return whether one of the offense is so near the line of scrimmage that he is lined up there."""
        text = f"{person.id} at the line"
        if self.scrimmage is None:
            return formulas.always(text, None, len(self))
        return ahead(text, self.forward(person.id), self.scrimmage, -self.edition.si("line_depth"), self.k)

    # movement

    def moving(self, person: Entity) -> Formula:
        """Return whether somebody is moving, not merely swaying where he stands."""
        return self.remember(("moving", person.id), lambda: movement.moving(self, person))

    def motions(self) -> list[Formula]:
        """Return for each of the offense, seen or not, whether he is moving."""
        return self.remember(
            ("motions",),
            lambda: [
                *(self.moving(one) for one in self.people(self.offense)),
                *self.unseen(self.offense, "is moving"),
            ],
        )

    @cached_property
    def all_still(self) -> Formula:
        """Whether nobody of the offense is moving."""
        return ~counted(1, self.motions(), len(self), f"somebody of {self.offense} is moving")

    @cached_property
    def shifting(self) -> Formula:
        """Whether as many of the offense as make a shift are moving at the same time.

        A velocity that is taken over a stretch of time makes a movement look longer, by up to half of it at both ends:
        two movements surely overlap only where they seem to for longer than that.
        """
        number = int(self.edition.si("shift_movers"))
        text = f"{number} of {self.offense} are moving"
        seen = counted(number, self.motions(), len(self), text)
        moved = [self._changes_place(one) for one in self.people(self.offense)]
        both = kleene.at_least(moved, number, len(self)).must
        sure = movement.longer_than(both, self.axis, self.blur)
        return formulas.stated(text, Plane(sure, seen.plane.may), "tracks")

    def _changes_place(self, person: Entity) -> Plane:
        """Return where somebody moves, and not only changes his stance, which a back may do without a stop."""
        plane = self.moving(person).plane
        if "stance_change" not in self.edition.constants or person.role not in ELIGIBLE_BACKS:
            return plane
        return plane & movement.gets_away(self, person, self.edition.si("stance_change"))

    @cached_property
    def rest_since_shift(self) -> Count:
        """The longest time for which all of the offense were still since their last shift."""
        return movement.rests(self.all_still.plane, self.shifting.plane, self.axis, self.blur)

    @cached_property
    def longest_rest(self) -> Count:
        """The longest time for which all of the offense were still before the snap, and since a huddle was broken."""
        broken = np.zeros(len(self), np.bool_)
        for one in self.play.listed("huddle_break"):
            broken |= (self.axis <= one.t) & one.certain
        return movement.rests(self.all_still.plane, known(broken), self.axis, self.blur)

    @cached_property
    def blur(self) -> float:
        """By how much a rest looks shorter than it was, at most: half the stretch of a velocity at both ends.

        A source that states its velocities so well that a beginning step cannot be lost in them has not blurred them.
        """
        limit = self.edition.si("sharp_speed")
        offense = self.play.lined_up(self.offense, self.end)
        sharp = all(self.k * self.play.velocity_sigma(one.id) < limit for one in offense)
        return 0.0 if sharp else self.edition.si("velocity_window")

    def rested(self, count: Count) -> Formula:
        """Return whether all of the offense rested for as long as a shift asks for; the margin is in seconds."""
        limit = self.edition.si("set_duration")
        return count.reaches(limit - SAME_S, f"{self.offense} set for {limit:g} s", k=self.k)

    # reports

    def reactions(self) -> list[Happening]:
        """Return the reported reactions of the offense in the phase."""
        return self.reports("reaction", self.offense)

    def reports(self, kind: str, team: str) -> list[Happening]:
        """Return what was reported of a team in the phase, after its start and before its end; perhaps of it."""
        low, high = float(self.axis[0]), self.end.low if self.by == "snap" else self.end.high
        found = [one for one in self.play.listed(kind) if one.team in (team, None) and low <= one.t <= high]
        return [one if one.team == team else replace(one, certain=False) for one in found]

    @cached_property
    def maybe_snapped(self) -> float:
        """When the ball may first have been snapped without a report, seconds: half of the offense go at once."""
        if self.by == "snap" or self.complete("snap"):
            return np.inf
        many = int(self.edition.si("players_max")) // 2 + 1
        gone = self.during & counted(many, self.motions(), len(self), "").plane.may
        return float(self.axis[int(np.argmax(gone))]) if gone.any() else np.inf

    def complete(self, kind: str) -> bool:
        """Whether everything of a kind is listed from the start of the phase to its end."""
        return self.play.scene.is_complete(kind, self.start, self.end.t)


def _largest(formula: Formula, here: Bools) -> int:
    """Return where among some instants a formula comes nearest to holding."""
    margin = nearness(formula)
    values = np.where(here & np.isfinite(margin), margin, -np.inf)
    return int(np.argmax(values)) if np.isfinite(values).any() else int(np.argmax(here))


def nearness(formula: Formula) -> Floats:
    """Return by how many sigma a formula holds, a conjunction by its weakest part and a disjunction by its best."""
    count = len(formula)
    if formula.evidence is not None:
        width = formula.k * formula.evidence.sigma + formula.evidence.slack
        return np.asarray(formula.evidence.margin / np.where(width > 0, width, 1e-9))
    if formula.op in ("and", "or") and formula.parts:
        stack = np.stack([nearness(part) for part in formula.parts])
        stack = np.where(np.isnan(stack), -np.inf if formula.op == "or" else np.inf, stack)
        return np.asarray(stack.min(axis=0) if formula.op == "and" else stack.max(axis=0))
    if formula.op == "not":
        return -nearness(formula.parts[0])
    return np.where(formula.plane.must, np.inf, np.where(formula.plane.may, 0.0, -np.inf)) + np.zeros(count)


def counted(number: int, parts: Sequence[Formula], count: int, text: str) -> Formula:
    """Return whether at least ``number`` of some formulas hold; never where there are fewer of them."""
    if len(parts) < number:
        return formulas.always(text, False, count, "tracks")
    return formulas.at_least(number, parts, count, text)
