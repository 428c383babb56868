"""What soccer rules need to know: the plays of the ball, who is how far forward, who may have touched the ball."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import numpy as np

from ontologies import soccer
from ontologies.field import Field
from records.clock import Span
from records.scene import Scene
from rules.context import OTHER, Context, Gap
from rules.distances import Distances, Entity
from rules.kleene import Bools, Floats, Truth
from rules.propositions import Instant
from rules.soccer import ball as balls
from rules.soccer import fronts
from rules.soccer.ball import Played
from rules.soccer.fronts import Front

PLAYERS = ("player", "unknown")
BENCH = "substitute"
REACH_M = 2.5  # how far from his ground point a player can touch the ball: a slide, or a goalkeeper's dive
REACH_Z_M = 3.0  # and how high
BALANCE_M = 0.5  # a player this far outside the lines is off the field
AROUND_M = 5.0  # an opponent off the field counts: between the lines and the boards
NEAR_LINE_M = 2.0  # a throw-in or a corner is taken that near to its line: the feet may be outside


class Play(Context):
    """A soccer scene with its derived facts, all Kleene.

    Its axis holds the uncertain instants of the plays only: between them nothing is measured but who may have
    touched the ball unreported.
    """

    def __init__(self, scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> None:
        super().__init__(scene, field, soccer.ONTOLOGY, distances, k)
        self.stamps = distances.times
        self.span = Span(float(self.stamps[0]), float(self.stamps[-1]))
        self.plays = balls.sequence(self.listed(*balls.PLAYED), self.entities, scene, self.edition)
        self.restarts = [one.t for one in self.plays if one.restart is not None]
        self.kicks = [
            n for n, one in enumerate(self.plays) if (one.kicked or self._interfering_in(n)) and self._judged(one)
        ]
        self.axis = self._axis()
        self._kept.clear()

    def _judged(self, one: Played) -> bool:
        """Whether a play is live, tracked, and by a known team that attacks a known end."""
        if one.team is None or not self.span.holds(one.t) or not self._live(one.t):
            return False
        return self.sign(one.team, one.t) != 0 and self._dead(one) is not True

    def _live(self, t: float) -> bool:
        return bool(self.scene.is_live(np.array([t]))[0])

    def sign(self, team: str, t: float) -> int:
        """Return +1 when a team attacks the right end at an instant, -1 the left, 0 when nobody knows."""
        return int(self.scene.attack_sign(team, np.array([t]))[0])

    def _dead(self, one: Played) -> Truth:
        """Return whether play was stopped and not resumed; unknown when restarts are not all listed."""
        last = self.last_whistle(one.t)
        if last is None or one.restart is not None:
            return False
        position = bisect_left(self.restarts, last)
        if position < len(self.restarts) and self.restarts[position] <= one.t:
            return False
        return True if self.scene.is_complete("restart", last, one.t) else None

    def maybe_dead(self, one: Played) -> bool:
        """Whether it is not known that a play was made while the ball was in play."""
        return self._dead(one) is not False

    def last_whistle(self, t: float) -> float | None:
        """Return the time of the last certain whistle before an instant."""
        times = self.whistles
        position = bisect_left(times, t - balls.SAME_S)
        return times[position - 1] if position else None

    def next_whistle(self, start: float, before: float) -> float:
        """Return the time of the first certain whistle between two instants; infinite: there is none."""
        position = bisect_left(self.whistles, start + balls.SAME_S)
        return self.whistles[position] if position < len(self.whistles) and self.whistles[position] < before else np.inf

    @property
    def whistles(self) -> list[float]:
        """The times of the certain whistles."""
        return self.remember(("whistles",), lambda: [one.t for one in self.listed("whistle") if one.certain])

    def _axis(self) -> Floats:
        pieces = []
        for index in self.kicks:
            low, t, high = self._bounds(index)
            first, last = np.searchsorted(self.stamps, (low, high))
            pieces.append(np.concatenate([self.stamps[first:last], [low, t, high]]))
        return np.unique(np.concatenate(pieces)) if pieces else self.stamps[[0]]

    def _bounds(self, index: int) -> tuple[float, float, float]:
        """Return the bounds and the middle of the instant of a play, within the scene.

        A carry goes on until somebody interferes: which of its touches came last before that nobody knows.
        """
        one = self.plays[index]
        high = one.high if one.kicked else max([one.high, *self._interfering_in(index)])
        start, stop = self.span.start, self.span.stop
        return max(one.low, start), min(max(one.t, start), stop), min(high, stop)

    def _interfering_in(self, index: int) -> list[float]:
        one = self.plays[index]
        following = next((other.t for other in self.plays[index + 1 :] if other.team == one.team), np.inf)
        return [
            event.t for event in self.listed("interfering") if event.team == one.team and one.t <= event.t < following
        ]

    def instant(self, index: int) -> Instant:
        """Return when a play was made."""
        low, t, high = self._bounds(index)
        return Instant(t, low, high, self.k)

    def live_until(self, t: float) -> float:
        """Return the end of the stretch of live play that holds an instant."""
        return next((span.stop for span in self.scene.live if span.holds(t)), np.inf)

    def gaps(self, rule: str) -> list[Gap]:
        """Return where nobody noted who played the ball or knows who attacks which end, and where play is dead."""
        found = [Gap(span, "play is stopped", "not_applicable") for span in self._stops()]
        if not self.plays and not self.scene.is_complete("touch", self.span.start, self.span.stop):
            return [*found, Gap(self.span, "no events tell when the ball was played")]
        for one in self.plays:
            if one.kicked and one.team is None and self.span.holds(one.t):
                found.append(Gap(Span(one.low, one.high), "it is not known which team played the ball"))
        for index in self.kicks:
            if self._overlooked(index):
                low, _, high = self._bounds(index)
                found.append(Gap(Span(low, high), "an attacker whom nobody tracks may be ahead of the ball"))
        unknown = self.scene.attack_sign("home", self.stamps) == 0
        edges = np.flatnonzero(np.diff(np.concatenate(([False], unknown, [False])).astype(np.int8)))
        for first, stop in zip(edges[::2], edges[1::2], strict=True):
            span = Span(float(self.stamps[first]), float(self.stamps[stop - 1]))
            found.append(Gap(span, "it is not known which end a team attacks"))
        return found

    def _overlooked(self, index: int) -> bool:
        """Whether at a play nobody tracked is surely ahead of the ball, and somebody untracked may be."""
        team, t = self.plays[index].team or "", self.plays[index].t
        low, _, high = self._bounds(index)
        sign, window = self.sign(team, t), self.window(low, high)
        if self.unseen(team, window) <= 0:
            return False
        ball = self.ball_front(index, sign, window)
        half = self.halfway(sign)
        for person in self.there(team, window):
            one = self.front(person, sign).part(window)
            least = one.value - one.slack - self.k * one.sigma
            if person.id != self.plays[index].entity and bool((least > np.maximum(ball.most(self.k), half)).all()):
                return False
        return not self.empty_beyond(ball.least(), half, sign, window)

    def _stops(self) -> list[Span]:
        """Return the spans from a whistle to the next restart, where restarts are all listed."""
        found = []
        for whistle, following in pairwise([*self.whistles, np.inf]):
            position = bisect_left(self.restarts, whistle)
            stop = self.restarts[position] if position < len(self.restarts) else np.inf
            if stop <= following and self.scene.is_complete("restart", whistle, min(stop, self.span.stop)):
                found.append(Span(whistle, stop))
        return found

    # who is where

    def there(self, team: str, window: slice) -> list[Entity]:
        """Return the members of a team who are tracked in a window of the axis, the bench left out."""
        people = self.remember(("members", team), lambda: self.members(team, PLAYERS))
        return [one for one in people if one.role != BENCH and self._tracked(one)[window].any()]

    def unnamed(self, window: slice) -> list[Entity]:
        """Return those tracked in a window whose team is unknown."""
        people = self.remember(("strangers",), lambda: self.strangers(PLAYERS))
        return [one for one in people if self._tracked(one)[window].any()]

    def _tracked(self, person: Entity) -> Bools:
        return self.remember(("tracked", person.id), lambda: self.tracked(person))

    def last_seen(self, person: Entity) -> float:
        """Return when the track of somebody ends, seconds."""
        inside = self.remember(
            ("seen", person.id), lambda: self.distances.motion(person.id, self.stamps).inside
        )  # on all stamps: the axis holds the plays only
        return float(self.stamps[inside][-1]) if inside.any() else -np.inf

    def unseen(self, team: str, window: slice) -> float:
        """Return how many of a team may be in play in a window without being tracked; infinite: nobody knows."""
        missing = self.remember(("missing", team), lambda: self.missing(team, PLAYERS))
        return float(missing[window].max())

    def front(self, person: Entity, sign: int) -> Front:
        """Return how far forward the foremost part of somebody is that counts, for a team that attacks ``sign``."""
        return self.remember(("front", person.id, sign), lambda: self._front(person, sign))

    def _front(self, person: Entity, sign: int) -> Front:
        middle = "halfway_line"
        half = self.ontology.footprint(person.kind) / 2
        body = fronts.front(self.distances.to(person.id, middle, self.axis), sign, half, half, person.id)
        counted = fronts.BODY if self.edition.choice("arms") == "excluded" else fronts.BODY + fronts.ARMS
        parts = [
            (
                fronts.front(self.distances.to(person.id, middle, self.axis, part), sign, 0.0, 0.0, person.id),
                self.distances.motion(person.id, self.axis, part).seen,
            )
            for part in person.parts
            if part in counted
        ]
        whole = set(fronts.BODY) <= set(person.parts)
        return fronts.kept_behind(fronts.foremost(body, parts, whole, self.k), self.field.length_m / 2, self.k)

    def defender(self, person: Entity, sign: int) -> Front:
        """Return the front of an opponent; one who is off the field counts unless the referee let him go."""
        return self.remember(("defender", person.id, sign), lambda: self._defender(person, sign))

    def _defender(self, person: Entity, sign: int) -> Front:
        one = self.front(person, sign)
        pitch = self.distances.to(person.id, "pitch", self.axis)
        beyond = -pitch.value - BALANCE_M
        outside, maybe = beyond > self.k * pitch.sigma, beyond > -self.k * pitch.sigma
        if not maybe.any():
            return one
        if self.edition.choice("off_the_field") != "counted on the line":
            return fronts.absent(one, outside, np.zeros_like(outside))
        told = [event for event in self.listed("leave_permitted") if event.entity == person.id]
        permitted = np.zeros(len(self.axis), np.bool_)
        for event in told:
            permitted |= (self.axis >= event.t) & (self.axis <= (np.inf if event.until is None else event.until))
        perhaps = np.where(permitted, maybe & ~outside, outside & ~self.complete("leave_permitted"))
        return fronts.absent(one, outside & permitted, perhaps)

    def ball_front(self, index: int, sign: int, window: slice) -> Front:
        """Return the foremost point of the ball when it is played; where it is not tracked, it is at who plays it."""
        tracked = [one for one in self.entities.values() if one.kind == "ball"]
        radius = self.edition.si("ball_radius")
        for one in tracked:
            found = self._ball(one, sign, radius).part(window)
            if np.isfinite(found.sigma).all():
                return found
        player = self.entities.get(self.plays[index].entity or "")
        if player is None or not self._tracked(player)[window].any():
            nothing = np.full(window.stop - window.start, np.nan)
            return Front(nothing, np.zeros_like(nothing), nothing, np.zeros((0, len(nothing))))
        measure = self.distances.to(player.id, "halfway_line", self.axis)
        return fronts.front(measure, sign, radius, fronts.AT_FEET_M, None).part(window)

    def _ball(self, one: Entity, sign: int, radius: float) -> Front:
        return self.remember(("ball", one.id, sign), lambda: self._ball_over_time(one, sign, radius))

    def _ball_over_time(self, one: Entity, sign: int, radius: float) -> Front:
        motion = self.distances.motion(one.id, self.axis)
        found = fronts.front(self.distances.to(one.id, "halfway_line", self.axis), sign, radius, 0.0, None)
        return Front(np.where(motion.inside, found.value, np.nan), found.slack, found.own, found.modes)

    def halfway(self, sign: int) -> float:
        """Return where the opponents' half begins, metres in the direction of attack: the line is own half."""
        far = (sign > 0) == (self.edition.choice("halfway_line") == "own half")
        line = self.field.target("halfway_line_right" if far else "halfway_line_left")
        return sign * -float(line.distance(0.0, 0.0))

    def empty_beyond(self, x: float, least: float, sign: int, window: slice, around: float = 0.0) -> bool:
        """Whether the camera surely saw everybody whose foremost part is beyond a coordinate.

        Args:
            x: the coordinate in the direction of attack, metres; -inf: unknown.
            least: and beyond this one, metres.
            sign: +1 when the attacked goal is on the right.
            window: of the axis.
            around: how far off the field somebody counts too, metres.
        """
        side, end = self.field.width_m / 2 + around, self.field.length_m / 2 + around
        x = max(x, least) - self.ontology.footprint("player")
        corners_x = np.array([x, end, end, x]) * sign
        corners_y = np.array([-side, -side, side, side])
        return bool(self.in_view(corners_x, corners_y)[window].all())

    # who may have touched the ball unreported

    def all_listed(self, start: float, stop: float) -> bool:
        """Whether every touch of the ball between two instants is listed."""
        return self.scene.is_complete("touch", start, stop)

    def near_ball(self, person: Entity, start: float, stop: float) -> bool:
        """Whether somebody may have been within reach of the ball between two instants."""
        reach = self.remember(("reach", person.id), lambda: self._reach(person))
        return bool(reach[_between(self.stamps, start, stop)].any())

    def out_of_reach_at_first(self, person: Entity, start: float, stop: float) -> float:
        """Return when somebody is first surely out of reach of the ball; ``stop`` when never."""
        window = _between(self.stamps, start, stop)
        reach = self.remember(("reach", person.id), lambda: self._reach(person))[window]
        return stop if reach.all() else float(self.stamps[window][int(np.argmin(reach))])

    def _reach(self, person: Entity) -> Bools:
        result = np.ones(len(self.stamps), np.bool_)
        for one in (one for one in self.entities.values() if one.kind == "ball"):
            measure = self.distances.between(person.id, one.id, self.stamps)
            height = self.distances.motion(one.id, self.stamps).z
            result &= ~(measure.value - self.k * measure.sigma > REACH_M) & ~(height > REACH_Z_M)
        result &= self.distances.motion(person.id, self.stamps).inside
        return result

    def left_field(self, start: float, stop: float) -> float:
        """Return when the ball was first wholly and surely out of the field between two instants; infinite: never."""
        times = self.remember(("out",), self._out)
        position = int(np.searchsorted(times, start, side="right"))
        return float(times[position]) if position < len(times) and times[position] < stop else np.inf

    def _out(self) -> Floats:
        """Return the time stamps at which the ball has come to be wholly and surely beyond the lines."""
        beyond = np.zeros(len(self.stamps), np.bool_)
        for one in (one for one in self.entities.values() if one.kind == "ball"):
            measure = self.distances.to(one.id, "pitch", self.stamps)
            inside = self.distances.motion(one.id, self.stamps).inside
            beyond |= inside & (-measure.value - self.edition.si("ball_radius") > self.k * measure.sigma)
        beyond[1:] &= ~beyond[:-1]
        return self.stamps[beyond]

    # restarts

    def exempt(self, one: Played) -> tuple[str, Truth]:
        """Return from which restart nobody can be offside, in words, and whether the play is one.

        An unreported restart may be one where restarts are not all listed and the ball is where they are taken.
        """
        names = {"goal_kick": "a goal kick", "throw_in": "a throw-in", "corner": "a corner"}
        if one.restart in names and self.edition.choice(one.restart) == "no offence":
            return f"received directly from {names[one.restart]}", True
        text = "received directly from a goal kick, a throw-in or a corner"
        if one.restart or (one.restart is None and self.scene.is_complete("restart", one.t, one.t)):
            return text, False
        return text, None if self._at_a_restart(one) else False

    def _at_a_restart(self, one: Played) -> bool:
        """Whether a play may be made where goal kicks, throw-ins or corners are taken."""
        who = [e for e in self.entities.values() if e.kind == "ball" or e.id == one.entity]
        window = self.window(one.low, one.high)
        if not who or one.team is None:
            return True
        own_end = "left" if self.sign(one.team, one.t) > 0 else "right"
        return all(self._places(entity, own_end)[window].any() for entity in who)

    def _places(self, entity: Entity, own_end: str) -> Bools:
        """Return where on the axis somebody, or the ball, may be where such restarts are taken."""
        return self.remember(("at a restart", entity.id, own_end), lambda: self._at_restart_places(entity, own_end))

    def _at_restart_places(self, entity: Entity, own_end: str) -> Bools:
        edge, area = (self.distances.to(entity.id, name, self.axis) for name in ("pitch", f"goal_area_{own_end}"))
        on_line = ~(edge.value - self.k * edge.sigma > NEAR_LINE_M)
        in_area = ~(area.value + self.k * area.sigma < 0)
        return on_line | in_area


def opponents(team: str) -> str:
    """Return the other team."""
    return OTHER[team]


def _between(stamps: Floats, start: float, stop: float) -> slice:
    """Return the positions of the time stamps from one before an instant to one after another."""
    first = max(int(np.searchsorted(stamps, start, side="right")) - 1, 0)
    last = min(int(np.searchsorted(stamps, stop, side="left")), len(stamps) - 1)
    return slice(first, max(last, first) + 1)
