"""What several basketball rules need to know: who controls the ball, since when in the frontcourt, who is in the lane.

Team control begins when a player of a team holds or dribbles the ball, goes on through its passes, and ends when the
ball is loose, leaves the hand on a shot, is dead, or the opponents control it. It is taken from events where they are
given, and from tracking where they are not all listed (ball.py). A team's frontcourt begins beyond the
midcourt line, which belongs to the backcourt: a dribbler is there when ball and both feet are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ontologies import basketball
from ontologies.field import Field
from records import tables
from records.scene import Scene
from rules import formulas, operators
from rules.basketball import ball as tracking
from rules.context import OTHER, Context, Gap, Happening, chosen, evidence
from rules.distances import Distances, Entity
from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Plane, any_, constant, known, unknown
from rules.looks import persisting
from rules.operators import States
from rules.propositions import Instant

PLAYERS = ("player", "unknown")
FEET = ("left_foot", "right_foot")
SIGN = {"right": 1.0, "left": -1.0}
BALL_KINDS = ("possession", "loose", "release", "whistle", "rebound", "inbound", "jump_ball")
CONTROL_KINDS = ("possession", "loose", "release")  # what has to be listed for control to be known from events alone
STATES = ("home", "away", "none", "home_dead", "away_dead")
TOE_M = 0.15  # half a shoe: how far a foot reaches from its point
RUNS = 0.2  # a clock that goes down by less than this share of the time is held, or stuck
RISEN_S = 1.0  # a shot clock that gains more than this was set anew
GAP_S = 1.2  # samples of the ball that are further apart say nothing of what went on in between
HORIZON_S = 0.6  # a player may have the ball between two samples when he has it at either


@dataclass(frozen=True)
class Possession:
    """A team controls the ball between two positions of the axis (``stop`` is not in it); possibly it does not."""

    team: str
    end: str | None
    start: int
    stop: int
    certain: bool


class Play(Context):
    """A basketball scene with its derived facts, all Kleene."""

    def __init__(self, scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> None:
        super().__init__(scene, field, basketball.ONTOLOGY, distances, k)
        self.refine(self._instants())
        self.count = len(self.axis)
        self.live = known(np.asarray(scene.is_live(self.axis), np.bool_))

    def _instants(self) -> Iterable[Instant]:
        """Yield the instants that the axis needs: events, their ends, the edges and middles of segments."""
        for one in self.happenings:
            yield Instant(one.t, one.low, one.high, self.k)
            if one.until is not None:
                yield Instant(one.until, one.until, one.until, self.k)
        for span in (segment.span for segment in self.scene.segments):
            for t in (span.start, (span.start + span.stop) / 2, span.stop):
                if np.isfinite(t):
                    yield Instant(t, t, t, self.k)

    # the ball

    @property
    def balls(self) -> list[Entity]:
        """The tracks of the ball."""
        return [entity for entity in self.entities.values() if entity.kind == "ball"]

    def people(self, team: str) -> list[Entity]:
        """Return the tracked players of a team, by id."""
        return self.members(team, PLAYERS)

    def perhaps_of(self, team: str) -> list[Entity]:
        """Return the tracked players of a team, and those who may be of it, since nobody knows their team."""
        return [*self.people(team), *self.strangers(PLAYERS)]

    @property
    def players(self) -> list[Entity]:
        """All tracked players of both teams."""
        return [*self.people("home"), *self.people("away")]

    def times_of(self, person: Entity) -> Floats:
        """Return when somebody was observed, seconds."""
        return self.remember(("times_of", person.id), lambda: self._observed((person.id,)))

    def ball_times(self) -> Floats:
        """Return when the ball was observed, seconds."""
        return self.remember(("ball_times",), self._ball_times)

    def _ball_times(self) -> Floats:
        return self._observed(tuple(ball.id for ball in self.balls))

    def _observed(self, who: tuple[str, ...]) -> Floats:
        tracks = self.scene.tracks
        names, words = tables.coded(tracks, "entity")
        own = np.isin(names, [place for place, word in enumerate(words) if word in who])
        own &= tables.flags(tracks, "observed", default=True)
        return np.unique(tables.column(tracks, "t")[own])

    def in_play(self, person: Entity) -> Bools:
        """Return where on the axis somebody may be on the court: tracked, and not replaced for a while.

        Who was not seen for longer than ``GAP_S`` while as many of his team were as are in play sat on the bench.
        """
        return self.remember(("in_play", person.id), lambda: self._in_play(person))

    def _in_play(self, person: Entity) -> Bools:
        tracked = self.tracked(person)
        if person.team is None:
            return tracked
        others = [self._seen(one) for one in self.people(person.team) if one.id != person.id]
        roster = self.scene.roster_over(person.team, self.axis)
        with np.errstate(invalid="ignore"):
            full = np.sum(others, axis=0) >= roster if others else np.zeros(self.count, np.bool_)
        return np.asarray(tracked & (self._seen(person) | ~full))

    def _seen(self, person: Entity) -> Bools:
        """Return where on the axis somebody was observed at samples no further apart than ``GAP_S``."""
        return self.remember(("seen", person.id), lambda: self._find_seen(person))

    def _find_seen(self, person: Entity) -> Bools:
        times = self.times_of(person)
        if not len(times):
            return np.zeros(self.count, np.bool_)
        left = np.clip(np.searchsorted(times, self.axis, side="right") - 1, 0, len(times) - 1)
        right = np.minimum(left + (self.axis > times[left]), len(times) - 1)
        inside = (self.axis >= times[0]) & (self.axis <= times[-1])
        return np.asarray(inside & (times[right] - times[left] <= GAP_S))

    def near(self) -> dict[str, tuple[Floats, Floats]]:
        """Return for all players, of a known team or not, how far the ball is at its samples, and k sigma of it."""
        return self.remember(("near",), self._near)

    def _near(self) -> dict[str, tuple[Floats, Floats]]:
        times, found = self.ball_times(), {}
        for person in [*self.players, *self.strangers(PLAYERS)]:
            inside = self.distances.motion(person.id, times).inside
            measures = [self.distances.between(person.id, ball.id, times) for ball in self.balls]
            best = min(measures, key=lambda one: float(np.nansum(np.isinf(one.sigma))))
            value = np.where(inside, best.value, np.inf)
            found[person.id] = (np.where(np.isnan(value), np.inf, value), self.k * best.sigma)
        return found

    def samples(self) -> tracking.Samples:
        """Return what the samples of the ball show."""
        return self.remember(("samples",), self._samples)

    def _samples(self) -> tracking.Samples:
        times = self.ball_times()
        motion = self.distances.motion(self.balls[0].id, times)
        rings = [self.field.landmark(f"basket_{end}") for end in ("left", "right")]
        to_ring = np.min([np.hypot(motion.x - x, motion.y - y) for x, y, _ in rings], axis=0)
        nearest = {team: self._nearest(self.people(team)) for team in OTHER}
        perhaps = {team: self._nearest(self.perhaps_of(team)) for team in OTHER}
        code = tracking.coded(nearest, motion.z, to_ring, self._nearest(self.strangers(PLAYERS)))
        within = tracking.within_reach(nearest, motion.z, 1.0)
        close = tracking.within_reach(perhaps, motion.z, -1.0)
        middles = (times[:-1] + times[1:]) / 2
        live = np.asarray(self.scene.is_live(times), np.bool_)
        unbroken = np.asarray(self.scene.is_live(middles), np.bool_) & live[:-1] & live[1:] & (np.diff(times) <= GAP_S)
        return tracking.Samples(times, code, within, close, unbroken, *self._set_anew(times))

    def _nearest(self, people: Sequence[Entity]) -> tuple[Floats, Floats]:
        near, times = self.near(), self.ball_times()
        own = [near[person.id] for person in people]
        values = tracking.stacked([value for value, _ in own], len(times))
        opens = tracking.stacked([width for _, width in own], len(times))
        best = np.argmin(values, axis=0)
        where = np.arange(len(times))
        return values[best, where], opens[best, where]

    def _set_anew(self, times: Floats) -> tuple[Bools, Bools, Bools]:
        """Return between which samples the shot clock went up: a new possession, or the ball at the ring.

        And between which it was shown and went on, or up; and between which it was shown and stood still.
        """
        t, value = self.clock("shot")
        if len(t) < 2:
            nothing = np.zeros(max(len(times) - 1, 0), np.bool_)
            return nothing, nothing, nothing
        at = np.interp(times, t, value, left=np.nan, right=np.nan)
        latest = times - t[np.clip(np.searchsorted(t, times, side="right") - 1, 0, len(t) - 1)]
        shown = np.isfinite(at) & (latest <= GAP_S)
        with np.errstate(invalid="ignore"):
            gained, twice = np.diff(at), shown[1:] & shown[:-1]
            on = (gained > RISEN_S) | (gained < -RUNS * np.diff(times))
            held = np.abs(gained) <= RUNS * np.diff(times)
        return gained > RISEN_S, twice & on, twice & held

    def until_next_sample(self, place: int) -> float:
        """Return how long after a position of the axis the next sample is, seconds; 0 where there is a gap."""
        times = self.ball_times() if self.balls else self.scene.times
        following = int(np.searchsorted(times, self.axis[place], side="right"))
        step = float(times[following] - self.axis[place]) if following < len(times) else 0.0
        return step if step <= GAP_S else 0.0

    def clock(self, name: str) -> tuple[Floats, Floats]:
        """Return times and values of a clock, seconds; only what could be read."""
        return self.remember(("clock", name), lambda: self._clock(name))

    def _clock(self, name: str) -> tuple[Floats, Floats]:
        content = self.scene.clocks
        if content is None:
            return np.zeros(0), np.zeros(0)
        t, value = tables.column(content, "t"), tables.column(content, "value")
        own = np.array([one == name for one in tables.column(content, "clock")], np.bool_) & np.isfinite(value)
        return t[own], value[own]

    def clock_sigma(self, name: str) -> float:
        """Return the greatest 1-sigma of a clock's readings, seconds."""
        content = self.scene.clocks
        if content is None:
            return self.ontology.defaults.clock_sigma_s
        own = np.array([one == name for one in tables.column(content, "clock")], np.bool_)
        sigma = tables.column(content, "sigma")[own]
        return float(np.max(np.where(np.isnan(sigma), self.ontology.defaults.clock_sigma_s, sigma), initial=0.0))

    def clock_runs(self) -> Plane:
        """Return where the game clock runs: in live play, unless it is shown to stand still."""
        return self.remember(("clock_runs",), self._clock_runs)

    def _clock_runs(self) -> Plane:
        content = self.scene.clocks
        if content is None:
            return self.live
        flags, t = tables.column(content, "running"), tables.column(content, "t")
        own = np.array([one == "game" for one in tables.column(content, "clock")], np.bool_)
        told = own & np.array([flag is not None for flag in flags], np.bool_)
        if not told.any():
            return self.live
        stands = np.array([flag is False for flag in flags[told]], np.bool_)
        latest = np.searchsorted(t[told], self.axis, side="right") - 1
        standing = np.where(latest >= 0, stands[np.maximum(latest, 0)], False)
        return self.live & known(~standing)

    def lead(self) -> float:
        """Return for how long the scene had been going on when somebody was first tracked, at most, seconds."""
        told = [one.t for one in self.happenings] + [
            float(t[0]) for t, _ in map(self.clock, ("game", "shot")) if len(t)
        ]
        return max(0.0, float(self.axis[0]) - min(told, default=np.inf))

    # team control

    def control(self, team: str) -> Formula:
        """Return whether a team controls the ball."""
        return self.remember(("control", team), lambda: self._control(team))

    def _control(self, team: str) -> Formula:
        events, tracks = self._listed_control(team), self._tracked_control()
        plane = _merged(events, tracks[team]) & self.live & ~self.remember(("stops",), self._stops) & ~self._ended(team)
        return formulas.stated(f"{team} controls the ball", plane)

    def _stops(self) -> Plane:
        """Return where play is stopped by a listed whistle or jump ball, though tracks may show control.

        It certainly is at that instant, when that ends control for good, and it may be until the next possession.
        Where everything is listed the events by themselves say so.
        """
        starts = self.listed("possession", "rebound")
        may = np.zeros(self.count, np.bool_)
        for one in self.listed("whistle", "jump_ball"):
            until = min((later.high for later in starts if later.low >= one.low), default=np.inf)
            may[self.stretch(one.low, until)] = True
        must, open_ = self._whistles(False).must, ~self._all_listed()
        return Plane(must & open_, (may | must) & open_)

    def _ended(self, team: str) -> Plane:
        """Return where a listed loose ball or release ended a team's control, though tracks may show it still.

        It certainly did at that instant, and may have until the next listed possession. Where everything is listed the
        events by themselves say when it certainly did.
        """
        starts = self.listed("possession", "rebound")
        may = np.zeros(self.count, np.bool_)
        for one in self._ends_of_control(team):
            until = min((later.high for later in starts if later.high >= one.low), default=np.inf)
            may[self.stretch(one.low, until)] = True
        must = self._end_of_control(team).must & ~self._all_listed()
        return Plane(must, may | must)

    def _tracked_control(self) -> dict[str, Plane]:
        return self.remember(("tracked_control",), self._find_tracked_control)

    def _find_tracked_control(self) -> dict[str, Plane]:
        if not self.balls or len(self.ball_times()) < 2:
            return {team: unknown(self.count) for team in OTHER}
        return tracking.control(self.samples(), self.axis)

    def _all_listed(self) -> Bools:
        """Return where everything that begins or ends control is listed, and what went unlisted before is settled.

        After a time in which some of it may not be listed nobody can tell from events who has the ball, until the next
        that gains it is.
        """
        return self.remember(("all_listed",), self._find_all_listed)

    def _find_all_listed(self) -> Bools:
        listed = np.ones(self.count, np.bool_)
        for kind in CONTROL_KINDS:
            listed &= self.complete(kind)
        places = np.arange(self.count)
        unlisted = np.maximum.accumulate(np.where(listed, -1, places))
        gained = [one.high for one in self.listed("possession", "rebound") if one.certain]
        told = np.searchsorted(np.sort(gained), self.axis, side="right")
        latest = np.concatenate(([-np.inf], np.sort(gained)))[told]
        return np.asarray((unlisted < 0) | (self.axis[np.maximum(unlisted, 0)] < latest))

    def _listed_control(self, team: str) -> Plane:
        states, listed = self.remember(("ball_states",), self._ball_states), self._all_listed()
        holds = states.holds(team)
        sure = self._held_spans(team)
        other = self._held_spans(OTHER[team])
        must = np.where(listed, holds.must, sure)
        may = np.where(listed, holds.may, ~other | sure)
        return Plane(must, may | must)

    def _held_spans(self, team: str) -> Bools:
        """Return where a report says outright that a team has the ball: from its possession to its ``until``."""
        result = np.zeros(self.count, np.bool_)
        for one in self.listed("possession"):
            if one.team == team and one.certain and one.until is not None:
                result |= (self.axis >= one.high) & (self.axis <= one.until)
        return result

    def ball_states(self) -> States:
        """Return who controls the ball by the events alone, and for whom a count goes on after a whistle."""
        return self.remember(("ball_states",), self._ball_states)

    def _ball_states(self) -> States:
        gains = {team: self._gain(team) for team in OTHER}
        ends = {team: self._end_of_control(team) for team in OTHER}
        dead, kept = self._whistles(False), self._whistles(True)
        table: dict[str, list[tuple[Plane, str]]] = {"none": [(gains[team], team) for team in OTHER]}
        for team in OTHER:
            others = (gains[OTHER[team]], OTHER[team])
            table[team] = [(kept, f"{team}_dead"), (dead, "none"), others, (ends[team] & ~gains[team], "none")]
            table[f"{team}_dead"] = [(gains[team], team), others, (dead, "none")]
        initial, since = (self.scene.initial.get(name) for name in ("possession", "control_since"))
        start = STATES if initial is None else (str(initial),)
        if initial is not None and since is not None and since > self.axis[0]:
            start = (f"{initial}_dead",)  # a throw-in, say: the ball is theirs, and not yet in control
        return operators.machine(STATES, start, table, self.count)

    def _reported(self, events: Sequence[Happening]) -> Plane:
        return self.reported("", events).plane

    def _gain(self, team: str) -> Plane:
        own = [one for one in self.listed("possession", "rebound") if one.team == team]
        nobody = [one for one in self.listed("possession", "rebound") if one.team is None]
        perhaps = self._reported(nobody)
        return self._reported(own) | Plane(np.zeros_like(perhaps.must), perhaps.may)

    def _end_of_control(self, team: str) -> Plane:
        return self._reported(self._ends_of_control(team))

    def _ends_of_control(self, team: str) -> list[Happening]:
        return [*self.listed("loose"), *(one for one in self.listed("release") if one.team in (team, None))]

    def _whistles(self, kept: bool) -> Plane:
        """Return where play is stopped, so that the backcourt count goes on afterwards, or so that it does not."""
        found = unknown(self.count) & constant(False, self.count)
        new = self.edition.choice("backcourt_count_new_after").split()
        for one in self.listed("whistle", "jump_ball"):
            word = one.detail if one.kind == "whistle" else one.kind
            plane = self._reported([one])
            anew = None if word is None else word in new
            if anew is None and kept:  # it may go on; a stop it is in any case
                found = found | Plane(np.zeros_like(plane.must), plane.may)
            elif anew is not kept:
                found = found | plane
        return found

    def kept_after_stop(self, team: str) -> Plane:
        """Return whether play is stopped so that a team's backcourt count goes on afterwards."""
        listed = constant(False, self.count)
        if self.listed("whistle", "jump_ball"):
            listed = self.ball_states().holds(f"{team}_dead")
        must, may = listed.must.copy(), listed.may | (~self.live).may
        for start, stop, last in self.remember(("told_stops",), self._told_stops):
            must[start:stop], may[start:stop] = listed.must[last], listed.may[last]
        return Plane(must, may)

    def theirs_throughout(self, team: str) -> Bools:
        """Return where a team has the ball or keeps its count, though not whether play is stopped already."""
        states = self.ball_states()
        own = [name in (team, f"{team}_dead") for name in states.names]
        others = states.possible[~np.array(own, np.bool_)].any(axis=0)
        return np.asarray(~others & self._all_listed() & self.live.must)

    def _told_stops(self) -> list[tuple[int, int, int]]:
        """Return when play is stopped and it is listed why: whistles with their reasons, or a jump ball, began it.

        The last of them tells whether a count goes on, and from its position on it is known.
        """
        found = []
        complete = self.complete("whistle") & self.complete("jump_ball")
        stops = self.listed("whistle", "jump_ball")
        for start, stop in runs((~self.live).may):
            since = float(self.axis[max(start - 1, 0)])
            inside = [one for one in stops if since <= one.t <= self.axis[stop - 1]]
            told = all(one.certain and (one.kind == "jump_ball" or one.detail is not None) for one in inside)
            if inside and told and complete[start:stop].all():
                last = int(np.searchsorted(self.axis, max(one.high for one in inside)))
                found.append((start, stop, min(max(last, start), stop - 1)))
        return found

    # who has the ball

    def holds(self, person: Entity) -> Plane:
        """Return whether somebody has the ball in his hands or dribbles it."""
        return self.remember(("holds", person.id), lambda: self._holds(person))

    def _holds(self, person: Entity) -> Plane:
        tracked = self._tracked_hold(person)
        team = person.team
        if team is None:
            return Plane(np.zeros(self.count, np.bool_), tracked.may)
        merged = _merged(self.reported_to_hold(person), tracked)
        return merged & known(self.control(team).plane.may)

    def reported_to_hold(self, person: Entity) -> Plane:
        """Return whether somebody has the ball as reported: from his possession to its end, or to anybody's next."""
        must, may = np.zeros(self.count, np.bool_), ~self._all_listed()
        events = self.listed(*BALL_KINDS)
        for place, one in enumerate(events):
            if one.kind not in ("possession", "rebound") or one.team != person.team:
                continue
            after = min((later.high for later in events[place + 1 :] if later.t > one.t), default=np.inf)
            stop = min(after, one.until if one.until is not None else np.inf)
            here = (self.axis >= one.low) & (self.axis <= stop)
            if one.entity is None:
                may |= here
            elif one.entity == person.id:
                may |= here
                told = self._all_listed() if one.until is None else self.axis <= one.until  # else he may have passed it
                must |= here & (self.axis >= one.high) & told & one.certain
        may |= self._before_the_first(events)
        return Plane(must, may | must)

    def _before_the_first(self, events: Sequence[Happening]) -> Bools:
        first = min((one.t for one in events), default=np.inf)
        return np.asarray(self.axis < first)

    def _tracked_hold(self, person: Entity) -> Plane:
        if not self.balls or len(self.ball_times()) < 2:
            return unknown(self.count)
        times, (value, wide) = self.ball_times(), self.near()[person.id]
        code = self.samples().code
        everybody = tracking.stacked([one for one, _ in self.near().values()], len(times))
        nearest = value <= everybody.min(axis=0) + 1e-9
        own = tracking.CODES[person.team or "home"]
        sure = nearest & (code == own) & (value + wide < tracking.REACH_M)
        wide = np.where(np.isfinite(wide), wide, 0.0)  # a ball or a player out of sight is with nobody for sure
        perhaps = (value - wide < tracking.REACH_M) & (code != tracking.HIGH)
        return self._between_samples(Plane(sure, perhaps | sure))

    # the frontcourt

    def court(self, team: str) -> States:
        """Return where a team's ball is: ``none`` without control, else ``back`` or ``front``."""
        return self.remember(("court", team), lambda: self._court(team))

    def _court(self, team: str) -> States:
        control = self.control(team).plane
        forward, back = self._touches(team, True), self._touches(team, False)
        enter = control & forward & ~back
        table = {
            "none": [(control & ~enter, "back"), (enter, "front")],
            "back": [(~control, "none"), (enter, "front")],
            "front": [(~control, "none"), (control & back, "back")],
        }
        return operators.machine(("none", "back", "front"), self._initial_court(team), table, self.count)

    def _initial_court(self, team: str) -> tuple[str, ...]:
        holder = self.scene.initial.get("possession")
        if holder is None:
            return ("none", "back", "front")
        if holder != team:
            return ("none",)
        front = self.scene.initial.get("frontcourt")
        return ("back", "front") if front is None else (("front",) if front else ("back",))

    def _touches(self, team: str, front: bool) -> Plane:
        """Return whether somebody of the team has the ball, both wholly in the frontcourt, or not both."""
        parts = []
        for person in self.perhaps_of(team):
            here = self.feet_in_front(person, team) & self.ball_in_front(team, person)
            parts.append(self.holds(person) & (here if front else ~here))
        told, seen = any_(parts, self.count), self._seen_touches(team, front)
        may = np.where(self._all_listed(), told.may, told.may & seen.may)
        must = told.must | (seen.must & told.may)
        return Plane(must, may | must)

    def _seen_touches(self, team: str, front: bool) -> Plane:
        """Return the same from the samples of the ball: where everybody who may have it is, and the ball is.

        What holds at two successive samples holds in between: nobody goes over the line and comes back so quickly.
        """
        if not self.balls or len(self.ball_times()) < 2:
            return unknown(self.count)
        times, near = self.ball_times(), self.near()
        ball = self._beyond(self.balls[0].id, team, self.edition.si("ball_radius"), 0.0, times=times)
        held = self.samples().code == tracking.CODES[team]
        all_there, anybody = held.copy(), np.zeros(len(times), np.bool_)
        for person in self.perhaps_of(team):
            value, wide = near[person.id]
            perhaps = value - np.where(np.isfinite(wide), wide, 0.0) < tracking.REACH_M
            here = self._feet(person, team, times) & ball
            here = here if front else ~here
            all_there &= ~perhaps | here.must
            anybody |= perhaps & here.may
        return self._between_samples(Plane(all_there, anybody | all_there))

    def _between_samples(self, plane: Plane) -> Plane:
        """Return over the axis what the samples of the ball tell: what holds at both neighbours, what may at either."""
        left, right, close = self._neighbours()
        return Plane(
            plane.must[left] & plane.must[right] & close,
            plane.may[left] | plane.may[right] | ~close,
        )

    def _neighbours(self) -> tuple[np.ndarray, np.ndarray, Bools]:
        """Return the samples of the ball before and after each position, and whether they are near enough."""
        times = self.ball_times()
        left = np.clip(np.searchsorted(times, self.axis, side="right") - 1, 0, len(times) - 1)
        right = np.minimum(left + (self.axis > times[left]), len(times) - 1)
        close = (times[right] - times[left] <= GAP_S) & (self.axis >= times[0]) & (self.axis <= times[-1])
        return left, right, np.asarray(close)

    def touches_back(self, team: str) -> Plane:
        """Return whether somebody of a team has the ball, and it or he touches the backcourt."""
        return self.remember(("touches_back", team), lambda: self._touches(team, False))

    def court_at_start(self, team: str) -> bool:
        """Whether the team's ball may have been in the frontcourt before the scene starts."""
        return "front" in self._initial_court(team)

    def feet_in_front(self, person: Entity, team: str) -> Plane:
        """Return whether both feet are beyond the midcourt line, which is backcourt."""
        return self.remember(("feet_in_front", person.id, team), lambda: self._feet(person, team, self.axis))

    def _feet(self, person: Entity, team: str, times: Floats) -> Plane:
        feet = [part for part in FEET if part in person.parts]
        reach = self.ontology.footprint(person.kind)
        whole = self._beyond(
            person.id, team, reach / 2, reach / 2, times=times
        )  # the point is between the feet: one is behind it
        parts = [self._beyond(person.id, team, TOE_M / 2, TOE_M / 2, part, times) for part in feet]
        if len(parts) == len(FEET):
            seen = np.all([self.distances.motion(person.id, times, part).seen for part in feet], axis=0)
            exact = parts[0] & parts[1]
            return Plane(np.where(seen, exact.must, whole.must), np.where(seen, exact.may, whole.may))
        return whole

    def ball_in_front(self, team: str, holder: Entity) -> Plane:
        """Return whether the ball is beyond the midcourt line; where it is not tracked, it is where its holder is."""
        radius = self.edition.si("ball_radius")
        if not self.balls:
            return self._beyond(holder.id, team, 0.0, tracking.REACH_M)
        return self.remember(("ball_in_front", team), lambda: self._beyond(self.balls[0].id, team, radius, 0.0))

    def _beyond(
        self,
        entity: str,
        team: str,
        off: float,
        open_: float,
        part: str | None = None,
        times: Floats | None = None,
    ) -> Plane:
        """Return whether an entity is beyond the far edge of the midcourt line by more than ``off``, give or take.

        A team is in its frontcourt from any look on that shows it there; see ``rules.looks``.
        """
        axis = self.axis if times is None else times
        result = unknown(len(axis))
        sign = self.scene.attack_sign(team, axis)
        for end, which in (("right", 1), ("left", -1)):
            if (sign == which).any():
                measure = self.distances.to(entity, self._front_edge(end), axis, part)
                found = evidence(measure, 1.0, -off, open_, entity)
                told = persisting(found, axis, self.k, self._correlated_at(entity, axis))
                here = sign == which
                result = Plane(np.where(here, told.must, result.must), np.where(here, told.may, result.may))
        return result

    def _correlated_at(self, entity: str, times: Floats) -> Floats:
        """Return for how long the errors of somebody's positions are correlated at some times, seconds."""
        return np.asarray(np.interp(times, self.axis, self.correlated(self.entities[entity].kind)))

    def _front_edge(self, end: str) -> str:
        """Return the zone that is a team's frontcourt: without the midcourt line, as the edition says."""
        return f"frontcourt_{end}" + ("" if self.edition.choice("midcourt_line") == "backcourt" else "_with_line")

    # the lane

    def end_of(self, team: str) -> str | None:
        """Return the end that a team attacks in the middle of the scene; rules look at one end at a time."""
        return self.scene.attacks_at(team, float(self.axis[self.count // 2]))

    def in_lane(self, person: Entity, end: str) -> Evidence:
        """Return by how much somebody touches the lane at an end, its lines included, metres."""
        return self.remember(("in_lane", person.id, end), lambda: self._in_lane(person, end))

    def _in_lane(self, person: Entity, end: str) -> Evidence:
        zone = f"{self.edition.choice('lane_zone').replace('lane', f'lane_{end}', 1)}"
        reach = self.ontology.footprint(person.kind)
        whole = self._touching(person, zone, reach / 2, None)  # the ground point lies between the feet
        feet = [part for part in FEET if part in person.parts]
        if len(feet) < len(FEET):
            return whole
        left, right = (self._touching(person, zone, TOE_M / 2, part) for part in feet)
        better = left.margin >= right.margin
        exact = chosen(better, left, right)
        seen = np.all([self.distances.motion(person.id, self.axis, part).seen for part in feet], axis=0)
        return chosen(seen, exact, whole)

    def _touching(self, person: Entity, zone: str, half: float, part: str | None) -> Evidence:
        measure = self.distances.to(person.id, zone, self.axis, part)
        atom = self.atom("", measure, 1.0, half, half, person.id)
        assert atom.evidence is not None
        return atom.evidence

    def gaps(self, rule: str) -> list[Gap]:
        """Return where nobody can say who has the ball, or where the shot clock is not shown."""
        if rule == "basketball.shot_clock" and not len(self.clock("shot")[0]):
            return [Gap(self.span, "no shot clock")]
        home, away = self.control("home").plane, self.control("away").plane
        open_ = (home.may & ~home.must) & (away.may & ~away.must)
        blind = self.spans_of(open_, "it is not known who has the ball")
        ends = self.spans_of(self.scene.attack_sign("home", self.axis) == 0, "it is not known which end a team attacks")
        return [*ends, *(gap for gap in blind if gap.span.length >= GAP_S)]

    # possessions

    def possessions(self, team: str) -> list[Possession]:
        """Return the times of team control, in order."""
        return self.remember(("possessions", team), lambda: self._possessions(team))

    def _possessions(self, team: str) -> list[Possession]:
        plane = self.control(team).plane
        found = []
        for start, stop in runs(plane.may):
            if plane.must[start:stop].any():
                end = self.scene.attacks_at(team, float(self.axis[start]))
                found.append(Possession(team, end, start, stop, True))
        return found


def _merged(one: Plane, other: Plane) -> Plane:
    """Return what two sources tell together: either shows it; where they contradict each other the first is right."""
    must = one.must | (other.must & one.may)
    return Plane(must, must | (one.may & other.may))


def runs(mask: Bools) -> list[tuple[int, int]]:
    """Return the stretches in which a mask is true, as positions (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
