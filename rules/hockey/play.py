"""What several hockey rules need to know: entries, who has or could touch the puck, who is over the line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from ontologies import hockey
from ontologies.field import Field
from records.clock import Span
from records.scene import Scene
from rules import formulas, operators
from rules.context import OTHER, Context, Gap, Happening, chosen, evidence, tested
from rules.distances import Distances, Entity, Measure
from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Plane, constant, known
from rules.looks import persisting
from rules.operators import States
from rules.propositions import Instant, Prop, fact

PLAYERS = ("player", "goalie", "unknown")
SKATES = ("left_skate", "right_skate")
SIGN = {"right": 1.0, "left": -1.0}
NOT_STICK = ("skate", "body", "hand", "foot", "head")
LAST_PLAYS = 6  # before an icing, whose instants are put on the axis so that nothing is lost between samples
ROUNDING_M = 1e-3  # positions come in 32 bits
BLIND_S = 0.5  # coverage only: a puck that is out of sight for less is bridged by its path


@dataclass(frozen=True)
class Entry:
    """The puck goes wholly across the leading edge of the blue line at ``end``, which ``attack`` attacks."""

    instant: Instant
    certain: bool
    end: str
    attack: str

    @property
    def defense(self) -> str:
        """The other team."""
        return OTHER[self.attack]

    def if_it_was(self, broken: Prop) -> Prop:
        """Return a violation that needs the puck to have come over the line: no more certain than that is."""
        if self.certain:
            return broken
        return broken & fact("play was on and the puck came over the line", None, self.instant.t, "tracks")


class Play(Context):
    """A hockey scene with its derived facts, all Kleene."""

    def __init__(self, scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> None:
        super().__init__(scene, field, hockey.ONTOLOGY, distances, k)
        self.puck_radius = self.edition.si("puck_radius")
        self.half_blade = self.edition.si("blade_length") / 2
        self.reach = self.edition.si("puck_reach")
        self.entries = self._entries()
        self.icings = self._crossings()
        self.refine([one.instant for one in (*self.entries, *self.icings)] + self._releases())

    # the puck

    @property
    def pucks(self) -> list[Entity]:
        """The tracks of the puck."""
        return [entity for entity in self.entities.values() if entity.kind == "puck"]

    def puck_zone(self, end: str) -> tuple[States, Evidence]:
        """Return whether the puck is in the zone at ``end``, and by how much it is wholly across the edge.

        The line belongs to the zone that the puck is in: it goes in when wholly past the edge nearer the
        goal, and out when wholly past the other edge.
        """
        edges = (self.edition.choice("entry_edge"), self.edition.choice("exit_edge"))
        return self.remember(("puck_zone", end), lambda: self._puck_beyond(f"blue_line_{end}", edges, SIGN[end]))

    def _puck_beyond(self, line: str, edges: tuple[str, str], sign: float) -> tuple[States, Evidence]:
        """Return whether the puck is beyond a line: wholly past the first edge, until wholly back past the second."""
        within, back = (f"{line}_{edges[0]}", sign), (f"{line}_{edges[1]}", -sign)
        tau = self.correlated("puck")
        over, out = (persisting(self.puck_margin(*edge), self.axis, self.k, tau) for edge in (within, back))
        table = {"out": [(over, "in")], "in": [(out, "out")]}
        return operators.machine(("out", "in"), ("out", "in"), table, len(self.axis)), self.puck_margin(*within)

    def puck_out(self, end: str) -> Plane:
        """Return whether the puck is wholly on the neutral side of the blue line."""
        return self.puck_past(f"blue_line_{end}_{self.edition.choice('exit_edge')}", -SIGN[end]).plane

    def puck_past(self, target: str, sign: float) -> Formula:
        """Return whether the whole puck is past a line, to the right of it with sign +1, to the left with -1."""
        return self.remember(
            ("puck_past", target, sign), lambda: formulas.measured("", self.puck_margin(target, sign), k=self.k)
        )

    def puck_margin(self, target: str, sign: float) -> Evidence:
        """Return by how much the whole puck is past a line; of several tracks the best known counts."""
        return self.remember(("puck_margin", target, sign), lambda: self._puck_margin(target, sign))

    def _puck_margin(self, target: str, sign: float) -> Evidence:
        count = len(self.axis)
        best: Evidence | None = None
        for puck in self.pucks:
            measure = self.distances.to(puck.id, target, self.axis)
            one = evidence(measure, sign, -self.puck_radius, 0.0, puck.id)
            best = one if best is None else _better(best, one)
        if best is None:
            nothing = np.full(count, np.nan)
            return Evidence(nothing, np.full(count, np.inf), np.zeros(count), nothing, np.zeros((0, count)))
        return best

    @property
    def puck_seen(self) -> Bools:
        """Where on the axis the puck was observed."""
        return self.remember(("puck_seen",), self._puck_seen)

    def _puck_seen(self) -> Bools:
        result = np.zeros(len(self.axis), np.bool_)
        for puck in self.pucks:
            result |= self.distances.motion(puck.id, self.axis).seen
        return result

    def _entries(self) -> list[Entry]:
        """Return the entries in order of time; one that may have happened needs a sample that may be in the zone."""
        found = []
        for end in ("left", "right") if self.pucks else ():
            found += self._arrivals(end, *self.puck_zone(end))
        return sorted(found, key=lambda entry: (entry.instant.t, entry.end))

    def _releases(self) -> list[Instant]:
        """Return when the puck may have left those who played it last before it crossed a goal line."""
        events = self.listed("touch", "possession")
        stamps = [one.t for one in events]
        found = []
        for crossing in self.icings:
            last = bisect_right(stamps, crossing.instant.high)
            for one in events[max(last - LAST_PLAYS, 0) : last]:
                found.append(Instant(one.t, one.low, one.high, self.k))
                if one.until is not None:
                    width = (one.high - one.low) / 2
                    found.append(Instant(one.until, one.until - width, one.until + width, self.k))
        return found

    def goal_zone(self, end: str) -> tuple[States, Evidence]:
        """Return whether the puck is beyond the goal line at an end, and by how much it is wholly across."""
        far = self.edition.choice("icing_crossing_edge")
        near = {"outer": "inner", "inner": "outer"}[far]
        return self.remember(("goal_zone", end), lambda: self._puck_beyond(f"goal_line_{end}", (far, near), SIGN[end]))

    def _crossings(self) -> list[Entry]:
        """Return, in order of time, when the puck goes over a goal line at either end."""
        found = []
        for end in ("left", "right") if self.pucks else ():
            found += self._arrivals(end, *self.goal_zone(end))
        return sorted(found, key=lambda entry: (entry.instant.t, entry.end))

    def _arrivals(self, end: str, states: States, margin: Evidence) -> list[Entry]:
        found = []
        observed = self.sampled("puck")
        for rise in operators.rise(states.holds("in"), self.axis, margin, self.k):
            attack = self.scene.team_attacking(end, rise.instant.t)
            seen = observed[self.window(rise.instant.low, rise.instant.high)]
            if attack is None or not self._live(rise.instant) or not (rise.certain or seen[1:-1].any()):
                continue
            found.append(Entry(rise.instant, rise.certain and not self.maybe_dead(rise.instant), end, attack))
        return found

    def _live(self, instant: Instant) -> bool:
        live = bool(self.scene.is_live(np.array([instant.t]))[0])
        return live and not self._stopped_throughout(instant)

    def _stopped_throughout(self, instant: Instant) -> bool:
        spans = self._dead()
        last = bisect_right(spans, instant.low, key=lambda span: span.start)
        near = spans[max(last - 2, 0) : last]
        return any(span.start < instant.low and instant.high < span.stop for span in near)

    def _dead(self) -> list[Span]:
        """Return the spans from a whistle or goal to the next face-off; without one, when face-offs are all listed."""
        return self.remember(("dead spans",), self._dead_spans)

    def _dead_spans(self) -> list[Span]:
        found = []
        events = [one for one in self.listed("whistle", "faceoff", "goal") if one.certain]
        for event, following in zip_longest(events, events[1:]):
            if event.kind == "faceoff":
                continue
            if following is not None:
                found.append(Span(event.high, max(event.high, following.low)))
            elif event.high <= self.span.stop and self.scene.is_complete("faceoff", event.high, self.span.stop):
                found.append(Span(event.high, np.inf))
        return found

    @property
    def dead(self) -> Bools:
        """Where on the axis play is stopped for certain."""
        return self.remember(("dead",), self._dead_over)

    def _dead_over(self) -> Bools:
        result = np.zeros(len(self.axis), np.bool_)
        for span in self._dead():
            first, stop = np.searchsorted(self.axis, span.start, "right"), np.searchsorted(self.axis, span.stop, "left")
            result[first:stop] = True
        return result

    def maybe_dead(self, instant: Instant) -> bool:
        """Whether play was stopped before an instant and no face-off since is listed: it may not have been resumed."""
        events = self.remember(("stops",), self._stops)
        last = bisect_left(events, instant.low, key=lambda one: one.high)
        return last > 0 and events[last - 1].kind != "faceoff"

    def _stops(self) -> list[Happening]:
        """Return what stops and starts play for certain, in order of the last instant at which it can have been."""
        events = [one for one in self.listed("whistle", "faceoff", "goal") if one.certain]
        return sorted(events, key=lambda one: one.high)

    def gaps(self, rule: str) -> list[Gap]:
        """Return where a rule could not see what it needs."""
        dead = [Gap(span, "play is stopped", "not_applicable") for span in self._dead()]
        if rule == "hockey.too_many_men":
            return dead + self._uncounted()
        if not self.pucks:
            return [Gap(self.span, "no puck track")]
        open_ = np.zeros(len(self.axis), np.bool_)
        for end in SIGN:
            states, _ = self.goal_zone(end) if rule == "hockey.icing" else self.puck_zone(end)
            open_ |= states.possible.sum(axis=0) > 1
        line = "goal" if rule == "hockey.icing" else "blue"
        hidden = self.spans_of(
            open_ & ~self.puck_seen, f"the puck is not tracked, and it may have crossed a {line} line"
        )
        unknown = self.scene.attack_sign("home", self.axis) == 0
        return [
            *dead,
            *self.spans_of(unknown, "it is not known which end a team attacks"),
            *(gap for gap in hidden if gap.span.length >= BLIND_S),
        ]

    def _uncounted(self) -> list[Gap]:
        """Return where nobody says how many of a team are on the ice, or how many may be."""
        found: list[Gap] = []
        for team in OTHER:
            on_ice, allowed = (over(team, self.axis) for over in (self.scene.roster_over, self.scene.strength_over))
            found += self.spans_of(np.isnan(on_ice), f"it is not known how many of {team} are on the ice")
            found += self.spans_of(np.isnan(allowed), f"it is not known how many of {team} are allowed on the ice")
        return found

    # people and the blue line

    def attackers(self, team: str, instant: Instant) -> list[Entity]:
        """Return the members of a team who are tracked at an instant."""
        window = self.window(instant.low, instant.high)
        return [one for one in self.members(team, PLAYERS) if self.tracked(one)[window].any()]

    def leading(self, end: str) -> str:
        """Return the name of the leading edge of the blue line at an end."""
        return self._leading(end)

    def goalkeepers(self, team: str) -> frozenset[str]:
        """Return the ids of a team's goalkeepers."""
        people = self.members(team, PLAYERS)
        return frozenset(one.id for one in people if one.kind == "goalie" or one.role == "goalkeeper")

    def is_skater(self, name: str) -> bool:
        """Whether somebody is tracked and plays for a team."""
        return name in self.entities and self.entities[name].team is not None

    def all_tracked(self, team: str, low: float, high: float) -> bool:
        """Whether everybody of a team who is on the ice between two instants is tracked."""
        return not bool((self.missing(team, PLAYERS)[self.window(low, high)] > 0).any())

    def may_be_unseen(self, team: str, end: str, instant: Instant) -> bool:
        """Whether somebody of a team who is not tracked may be in the zone at an end."""
        return bool(self.unseen_past(team, end).plane.may[self.window(instant.low, instant.high)].any())

    def maybe_twice(self, people: Sequence[Entity], instant: Instant) -> dict[str, str]:
        """Return who of some people may be somebody else of them, tracked twice, and who that would be.

        Two tracks that stand together may be one player, unless their numbers differ or the roster says how many
        there are.
        """
        teams = {one.team for one in people if one.team is not None}
        if all(self.scene.roster_at(team, instant.t) is not None for team in teams):
            return {}
        here = self.axis[self.window(instant.low, instant.high)]
        doubtful: dict[str, str] = {}
        for n, one in enumerate(people):
            for other in people[:n]:
                if other.id not in doubtful and not self._told_apart(one, other, here):
                    doubtful[one.id] = other.id
                    break
        return doubtful

    def _told_apart(self, one: Entity, other: Entity, axis: Floats) -> bool:
        if one.number is not None and other.number is not None and one.number != other.number:
            return True
        measure = self.distances.between(one.id, other.id, axis)
        apart = measure.value > np.maximum(self.edition.si("told_apart") + ROUNDING_M, self.k * measure.sigma)
        return bool((apart | np.isnan(measure.value)).all())

    def segment_end(self, t: float) -> float:
        """Return when the live play that holds an instant ends, seconds."""
        return next((span.stop for span in self.scene.live if span.holds(t)), float(self.axis[-1]))

    def unnamed(self, instant: Instant) -> list[Entity]:
        """Return those tracked at an instant whose team is unknown."""
        window = self.window(instant.low, instant.high)
        return [one for one in self.strangers(PLAYERS) if self.tracked(one)[window].any()]

    def belongs(self, person: Entity, team: str) -> Formula:
        """Return whether somebody of unknown team belongs to a team: not when all of that team are tracked."""
        open_ = self.missing(team, PLAYERS) > 0
        return formulas.stated(f"{person.id} plays for {team}", Plane(np.zeros_like(open_), open_), "tracks")

    def skates_past(self, person: Entity, end: str) -> Formula:
        """Return whether both blades are wholly past the leading edge, and their owner is on the ice."""
        return self.remember(("skates_past", person.id, end), lambda: self._skates_past(person, end))

    def _skates_past(self, person: Entity, end: str) -> Formula:
        text = f"{person.id} wholly over the blue line"
        skates = [self._skate_past(person, end, part) for part in self._skates(person)]
        if self.edition.reads("onside_in_the_air", "contact"):
            contacts = [self._touching(person, part) for part in self._skates(person)]
            skates = [past | ~contact for past, contact in zip(skates, contacts, strict=True)]
        if len(skates) < len(SKATES):  # the other one is somewhere in the footprint
            skates.append(self._footprint_past(person, end, text))
        every = self.edition.reads("skates_past_line", "both")
        past = formulas.both(*skates) if every else formulas.either(*skates)
        off = Plane(self._off_ice(person), self._off_ice(person) | self._maybe_outside(person))
        return past & formulas.stated(f"{person.id} on the ice", ~off, "tracks") if off.may.any() else past

    def _skates(self, person: Entity) -> list[str]:
        return [part for part in SKATES if part in person.parts]

    def _footprint_past(self, person: Entity, end: str, text: str) -> Formula:
        """Return it for the ground point: the skates are somewhere in the footprint around it."""
        return self.remember(
            ("footprint_past", person.id, end, text), lambda: self._measured_footprint(person, end, text)
        )

    def _measured_footprint(self, person: Entity, end: str, text: str) -> Formula:
        measure = self.distances.to(person.id, self._leading(end), self.axis)
        radius = self.ontology.footprint(person.kind)
        return self.atom(text, measure, SIGN[end], 0.0, radius, person.id)

    def _skate_past(self, person: Entity, end: str, part: str) -> Formula:
        """Return whether the rear of one blade is past the edge; by the footprint where it was not seen."""
        text = f"{person.id}'s {part.replace('_', ' ')} wholly over the blue line"
        seen = self.distances.motion(person.id, self.axis, part).seen
        reach, open_ = self._blade(person, part)
        skate = self.atom(
            text,
            self.distances.to(person.id, self._leading(end), self.axis, part),
            SIGN[end],
            -reach,
            open_,
            person.id,
        )
        if seen.all() or skate.evidence is None:
            return skate
        coarse = self._footprint_past(person, end, text).evidence
        return (
            skate if coarse is None else formulas.measured(text, chosen(seen, skate.evidence, coarse), "parts", self.k)
        )

    def _blade(self, person: Entity, part: str) -> tuple[Floats, Floats]:
        """Return how far half a blade reaches along the field, and the half-width of what is open about that."""
        motion = self.distances.motion(person.id, self.axis)
        speed = np.hypot(motion.vx, motion.vy)
        moving = (speed > self.edition.si("heading_speed")) & (speed > self.k * motion.sv)
        along = np.abs(motion.vx) / np.where(speed > 0, speed, 1.0)
        open_ = np.where(moving, 0.0, self.half_blade / 2)
        return np.where(moving, along * self.half_blade, self.half_blade / 2), open_

    def _leading(self, end: str) -> str:
        return f"blue_line_{end}_{self.edition.choice('entry_edge')}"

    def _off_ice(self, person: Entity) -> Bools:
        """Where somebody is certainly not on the ice: outside the boards, or unseen while all who are on it are seen.

        Who is measured inside the boards is taken to be on the ice.
        """
        return self.remember(("off_ice", person.id), lambda: self._outside(person).must | self._elsewhere(person))

    def _maybe_outside(self, person: Entity) -> Bools:
        """Where somebody is measured outside the boards, perhaps so far that he is off the ice."""
        result, plane = np.zeros(len(self.axis), np.bool_), self._outside(person)
        open_ = np.flatnonzero(plane.may & ~plane.must)
        motion = self.distances.motion(person.id, self.axis)
        result[open_] = self.field.target("ice").distance(motion.x[open_], motion.y[open_]) < 0
        return result

    def _elsewhere(self, person: Entity) -> Bools:
        """Where as many of somebody's team are seen as are on the ice, and he is not one of them."""
        seen = self.distances.motion(person.id, self.axis).seen
        if person.team is None or seen.all():
            return np.zeros(len(self.axis), np.bool_)
        result: Bools = ~seen & self.remember(("all seen", person.team), lambda: self._all_seen(str(person.team)))
        return result

    def _all_seen(self, team: str) -> Bools:
        count = np.zeros(len(self.axis))
        for one in self.members(team, PLAYERS):
            count += self.distances.motion(one.id, self.axis).seen & ~self._outside(one).may
        with np.errstate(invalid="ignore"):
            result: Bools = count >= self.scene.roster_over(team, self.axis)
        return result

    def _outside(self, person: Entity) -> Plane:
        """Return whether somebody is outside the boards."""
        near, k = self.edition.si("off_ice"), self.k

        def outside(here: Measure) -> Plane:
            return Plane(-here.value - near > k * here.sigma, ~(here.value + near > k * here.sigma))

        return self.remember(
            ("outside", person.id), lambda: tested(self.distances.to(person.id, "ice", self.axis), outside)
        )

    def cleared(self, person: Entity, end: str) -> Formula:
        """Return whether somebody is out of the zone by contact: a skate on the ice, at least on the line."""
        return self.remember(("cleared", person.id, end), lambda: self._cleared(person, end))

    def _cleared(self, person: Entity, end: str) -> Formula:
        text = f"{person.id} clear of the zone"
        skates = [(part, self._skate_past(person, end, part)) for part in self._skates(person)]
        if not skates:
            clear = ~self._footprint_past(person, end, f"{person.id} wholly over the blue line")
        else:
            contact = [~past & self._touching(person, part) for part, past in skates]
            if self.edition.reads("tag_up", "plane"):
                contact = [~past for _, past in skates]
            behind = [~past for _, past in skates]
            if len(skates) < len(SKATES):
                behind.append(~self._footprint_past(person, end, text))
            clear = formulas.either(*contact, formulas.both(*behind))
        reported = [one for one in self.listed("tag_up") if one.entity == person.id]
        away = self._off_ice(person) | ~self.tracked(person)
        plane = clear.plane | known(away) | self.reported(text, reported).plane
        return formulas.stated(text, plane, "tracks")

    def _touching(self, person: Entity, part: str) -> Formula:
        z = self.distances.motion(person.id, self.axis, part).z
        low = z <= self.edition.si("ice_contact")
        return formulas.stated(
            f"{person.id}'s {part.replace('_', ' ')} on the ice", Plane(low, low | np.isnan(z)), "parts"
        )

    def unseen_past(self, team: str, end: str) -> Formula:
        """Return whether an untracked member of the team is over the line: unknown unless roster or view tell."""
        return self.remember(("unseen_past", team, end), lambda: self._unseen_past(team, end))

    def _unseen_past(self, team: str, end: str) -> Formula:
        x, y = self._zone_points(end)
        open_ = (self.missing(team, PLAYERS) > 0) & ~self.in_view(x, y)
        text = f"a player of {team} who is not tracked is over the blue line"
        return formulas.stated(text, Plane(np.zeros_like(open_), open_), "roster")

    def _zone_points(self, end: str) -> tuple[Floats, Floats]:
        """Return points, 2 m apart, that fill the zone at an end."""
        sign = SIGN[end]
        edge = abs(float(self.field.target(self._leading(end)).distance(0.0, 0.0)))
        grid = np.meshgrid(np.arange(edge, self.field.length_m / 2, 2.0) * sign,
                           np.arange(-self.field.width_m / 2, self.field.width_m / 2 + 1.0, 2.0))  # fmt: skip
        x, y = grid[0].ravel(), grid[1].ravel()
        inside = self.field.boundary.distance(x, y) > 0
        return x[inside], y[inside]

    # who has the puck

    def control(self, who: str) -> Formula:
        """Return whether a team or an entity controls the puck, as far as events and distances tell.

        A reported possession lasts until it ends as reported. Where endings are not completely listed it
        lasts for certain only while the puck is within reach. Where possessions are not completely listed,
        whoever is within reach of the puck may have it.
        """
        return self.remember(("control", who), lambda: self._control(who))

    def _control(self, who: str) -> Formula:
        count = len(self.axis)
        must, may = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        excluded = np.zeros(count, np.bool_)
        whole = self.complete("possession")
        near, listed = self.near(who), self.complete("loose")
        for event, sure, open_ in self.remember(("extents",), self._extents):
            if who in (event.entity, event.team):
                if event.certain:
                    must[sure] |= near.must[sure] | listed[sure] | self._stated_end(event)
                may[open_] = True
            elif self._may_be(event, who):
                may[open_] |= near.may[open_]
            elif event.certain:
                excluded[sure] = True
        may |= ~whole & near.may
        may &= ~excluded | must
        return formulas.stated(f"{who} has the puck", Plane(must & may, may))

    def _may_be(self, event: Happening, who: str) -> bool:
        """Whether a possession may be that of an entity or team, although it does not say so."""
        if event.entity is None:
            return event.team is None or event.team == self._team(who)
        return event.team is None and who in OTHER

    def by_nobody_known(self, event: Happening) -> bool:
        """Whether nobody knows which team an event is of; officials are of none."""
        person = self.entities.get(event.entity) if event.entity is not None else None
        return event.team is None and (person is None or person.kind in PLAYERS)

    def possessions(self) -> list[Happening]:
        """Return the reported possessions, the initial one first."""
        team = self.scene.initial.get("possession")
        start = float(self.axis[0])
        first = [] if team is None else [
            Happening("possession", start, start, start, None, None, team, None, None, True)
        ]  # fmt: skip
        return first + self.listed("possession")

    def _team(self, who: str) -> str | None:
        known_ = self.entities.get(who)
        return known_.team if known_ is not None else who

    def _stated_end(self, event: Happening) -> bool:
        return event.until is not None

    def _extents(self) -> list[tuple[Happening, slice, slice]]:
        return [(event, *self._extent(event)) for event in self.possessions()]

    def _extent(self, event: Happening) -> tuple[slice, slice]:
        """Return where on the axis a possession certainly lasts and where it may."""
        if event.until is not None:
            width = (event.high - event.low) / 2
            low, high = event.until - width, event.until + width
        else:
            enders, times = self.remember(("enders",), self._enders)
            following = bisect_right(times, event.t)
            low, high = (enders[following].low, enders[following].high) if following < len(times) else (np.inf, np.inf)
        return self.stretch(event.high, low), self.stretch(event.low, high)

    def lasted(self, event: Happening) -> tuple[float, float]:
        """Return until when a possession lasted for certain, and until when it may have, seconds."""
        _, sure, open_ = next(one for one in self.remember(("extents",), self._extents) if one[0] == event)
        ends = [float(self.axis[span.stop - 1]) if span.stop > span.start else event.low for span in (sure, open_)]
        return ends[0], ends[1]

    def _enders(self) -> tuple[list[Happening], list[float]]:
        """Return what ends a possession for certain, and when, in order of time."""
        enders = [one for one in self.listed("possession", "loose", "faceoff", "goal") if one.certain]
        return enders, [one.t for one in enders]

    def near(self, who: str, limit: float | None = None) -> Plane:
        """Return whether the puck is within reach, or another distance, of an entity or of anybody of a team."""
        distance = self.reach if limit is None else limit
        return self.remember(("near", who, distance), lambda: self._near(who, distance))

    def _near(self, who: str, limit: float) -> Plane:
        if who in self.entities:
            return self._reach(self.entities[who], limit)
        planes = [self._reach(one, limit) for one in self.members(who, PLAYERS)]
        result = constant(False, len(self.axis))
        for plane in planes:
            result = result | plane
        unseen = self._unseen_near(who)
        return result | Plane(np.zeros_like(unseen), unseen)

    def _reach(self, person: Entity, limit: float) -> Plane:
        """Return whether the puck is within reach of somebody who is tracked; unknown where the puck is not."""
        return self.remember(("reach", person.id, limit), lambda: self._reached(person, limit))

    def _reached(self, person: Entity, limit: float) -> Plane:
        result: Plane | None = None
        for puck in self.pucks:
            measure = self.distances.between(person.id, puck.id, self.axis)
            plane = within(measure, limit, self.k)
            result = plane if result is None else result & plane
        tracked = self.tracked(person)
        near = constant(None, len(self.axis)) if result is None else result
        return near & known(tracked)

    def _unseen_near(self, team: str) -> Bools:
        """Where a member of the team, or somebody of unknown team, may be near the puck without being known."""
        result: Bools = self.missing(team, PLAYERS) > 0
        around = np.zeros(len(self.axis), np.bool_)
        for puck in self.pucks if self.scene.view is not None else ():
            motion = self.distances.motion(puck.id, self.axis)
            x = motion.x + np.array([[-self.reach], [self.reach], [0.0], [0.0]])
            y = motion.y + np.array([[0.0], [0.0], [-self.reach], [self.reach]])
            around |= self.in_view(x, y) & motion.seen
        result &= ~around
        for stranger in self.strangers(PLAYERS):
            result |= (self.missing(team, PLAYERS) > 0) & self._reach(stranger, self.reach).may
        return result

    def could_touch(self, team: str) -> Bools:
        """Where somebody of the team may touch the puck without that being listed."""
        return self.remember(("could_touch", team), lambda: self._could_touch(team))

    def _could_touch(self, team: str) -> Bools:
        result: Bools = ~self.complete("touch") & self.near(team).may
        return result

    def held_by(self, team: str) -> Bools:
        """Where somebody of the team certainly has the puck."""
        return self.control(team).plane.must

    def held(self) -> Bools:
        """Where somebody certainly has the puck, so that nobody else plays it unlisted."""
        return self.remember(("held",), lambda: self.held_by("home") | self.held_by("away"))

    def brought_in(self, person: Entity, end: str) -> Formula:
        """Return whether somebody had the puck under control before he was over the line, and has kept it."""
        return self.remember(("brought_in", person.id, end), lambda: self._brought_in(person, end))

    def _brought_in(self, person: Entity, end: str) -> Formula:
        has_it = self.remember(("has it", person.id), lambda: self.control(person.id) & self._with_stick(person))
        told = f"{person.id} had the puck under control before he was over the line, and kept it"
        return operators.since(has_it, has_it & ~self.skates_past(person, end), self.axis).named(told)

    def _with_stick(self, person: Entity) -> Formula:
        """Return whether somebody who has the puck has it on the stick, where the edition wants that.

        What a possession says holds until the next report about him. A touch is over at once: after a kick
        nobody knows when the puck was back on the stick, within the time of a kick he may have had it there.
        """
        text = f"{person.id} plays it with the stick"
        must = may = np.ones(len(self.axis), np.bool_)
        if self.edition.reads("carrier_control_with", "stick"):
            plays = [one for one in self.listed("possession", "touch") if one.entity == person.id]
            begins = [one.low if one.detail in NOT_STICK else one.t for one in plays]
            may = must.copy() if any(one.detail in NOT_STICK for one in plays) else must
            for one, begin, end in zip(plays, begins, [*begins[1:], np.inf], strict=False):
                other = one.detail in NOT_STICK
                since = self.stretch(begin, end)  # the next play tells about its own first time stamp
                must[since], may[since] = not other, not other
                if other and one.kind == "touch":
                    may[since] = True
                    may[self.window(one.low, one.low).start] = False
        return formulas.stated(text, Plane(must, may))


def within(measure: Measure, limit: float, k: float) -> Plane:
    """Return whether a distance is smaller than a limit, metres."""
    return tested(measure, lambda here: _within(here, limit, k))


def _within(measure: Measure, limit: float, k: float) -> Plane:
    must = measure.value + k * measure.sigma < limit
    excluded = measure.value - k * measure.sigma > limit
    return Plane(must, ~excluded)


def _better(one: Evidence, other: Evidence) -> Evidence:
    return chosen(one.sigma <= other.sigma, one, other)


def names(people: Sequence[Entity]) -> str:
    """Return ids in words."""
    return ", ".join(person.id for person in people) or "nobody"
