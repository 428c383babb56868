"""NFL 7-5-1, NCAA 7-1-4: illegal formation.

NFL: at the snap the offense must have at least seven players on the line; the players at both ends of the
line must be eligible (numbers 50 to 79 are not, unless reported); everyone else must be at least one yard
behind the line, except the quarterback under center; nobody may be out of bounds.

NCAA: at most four players in the backfield, and at least five players on the line numbered 50 to 79. So ten
players can be legal, and an eligible number that is covered by another is no foul.

A player is on the line when his helmet breaks the plane through the snapper's waist. Where head and torso are
not tracked, the helmet is taken to be ahead of the plane through the snapper's ground point by ``LEAD`` more
than the player's own ground point, give or take ``OPEN``.

Where tracks come from boxes, two tracks that stand too close together may be one player. Then the second one is
nobody, or stands for somebody who is not tracked: whether he is on the line is unknown, wherever the track is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rules import formulas
from rules.distances import Entity
from rules.football.play import BEHIND_CENTER_M, UNDER_CENTER_M, Line, Play, Snap, number_between, outside
from rules.formulas import Formula
from rules.kleene import known
from rules.operators import at
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

LEAD_M = 0.5  # a helmet is that far ahead of the feet, seen from the snapper's waist, which is behind his
OPEN_M = 0.2  # give or take: from an upright receiver to a lineman on three points
SNAPPER_M = 0.3  # the rear tip of the ball is that far ahead of the snapper's feet
HELMET_M = 0.12  # half a helmet
REPORTED = {
    "tight_end": True,
    "wide_receiver": True,
    "tackle": False,
    "guard": False,
    "center": False,
    "lineman": False,
}


@rule(
    "football.illegal_formation",
    clause={"nfl-2025": "NFL 7-5-1", "ncaa-2025": "NCAA 7-1-4-a"},
    needs=Needs(resolution="pose", events=("snap",), context=("attacks", "plays", "roster", "view")),
)
def illegal_formation(play: Play) -> Iterator[Opportunity]:
    """The offense must be lined up legally at the snap."""
    numbered = play.edition.choice("formation") == "backs and numbered linemen"
    for snap in play.snaps:
        line = OnTheLine(play, snap)
        faults = line.backs_and_numbers() if numbered else line.seven_and_ends()
        broken = formulas.either(*faults, *line.out_of_bounds())
        yield Opportunity(snap.instant, at(snap.instant, broken, play.axis), snap.offense, direction=snap.direction)


class OnTheLine:
    """Who of the offense is on the line at a snap."""

    def __init__(self, play: Play, snap: Snap) -> None:
        self.play, self.snap, self.count = play, snap, len(play.axis)
        self.people = play.lined_up(snap.offense, snap.instant)
        self.doubtful = play.maybe_twice(self.people, snap.instant, snap.snapper)
        self.on = {person.id: self._on_the_line(person) for person in self.people}
        self.unseen = [
            formulas.always(
                f"player {n + 1} of {snap.offense} who is not tracked is on the line",
                None,
                self.count,
                "roster",
            )
            for n in range(play.unseen(snap.offense, snap.instant))
        ]

    def seven_and_ends(self) -> list[Formula]:
        """Return the ways to break the NFL's rule."""
        number = int(self.play.edition.si("line_players_min"))
        seven = formulas.at_least(number, [*self.on.values(), *self.unseen], self.count, f"{number} on the line")
        return [~seven, *self._in_between(), *self._ineligible_ends()]

    def backs_and_numbers(self) -> list[Formula]:
        """Return the ways to break the NCAA's rule."""
        backs_max, linemen_min = (int(self.play.edition.si(name)) for name in ("backs_max", "line_numbered_min"))
        backs = [~one for one in [*self.on.values(), *self.unseen]]
        linemen = [self.on[one.id] & self._numbered(one) for one in self.people]
        too_many = formulas.at_least(backs_max + 1, backs, self.count, f"{backs_max + 1} backs")
        enough = formulas.at_least(
            linemen_min, [*linemen, *self.unseen], self.count, f"{linemen_min} linemen numbered 50 to 79"
        )
        return [too_many, ~enough]

    def out_of_bounds(self) -> list[Formula]:
        """Return, for those near a sideline, whether they are out of bounds."""
        return [atom for atom in (outside(self.play, one) for one in self.people) if atom is not None]

    def _on_the_line(self, person: Entity) -> Formula:
        text = f"{person.id} on the line"
        play, snap = self.play, self.snap
        if snap.snapper is not None and person.id == snap.snapper.id:
            return formulas.always(f"{text} (the snapper)", True, self.count)
        if person.id in self.doubtful:
            return formulas.always(f"{text} (he may be {self.doubtful[person.id]}, tracked twice)", None, self.count)
        if snap.snapper is None:
            return formulas.always(f"{text} (nobody knows who snapped)", None, self.count)
        helmet, lead, open_ = play.forward(person, snap.direction), LEAD_M, OPEN_M
        if "head" in person.parts:
            helmet, lead, open_ = (
                play.forward(person, snap.direction, "head"),
                LEAD_M / 2 + HELMET_M,
                OPEN_M / 2,
            )
        part = "torso" if "torso" in snap.snapper.parts else None
        if part is not None and "head" in person.parts:
            lead, open_ = HELMET_M, 0.0
        waist = play.forward(snap.snapper, snap.direction, part, open_)
        return play.ahead(text, helmet, waist, -lead)

    def _numbered(self, person: Entity) -> Formula:
        return number_between(self.play, person, f"{person.id} numbered 50 to 79")

    def _in_between(self) -> list[Formula]:
        """Return, for each player but one under center, whether he is neither on the line nor a yard behind it."""
        return [
            formulas.both(~self.on[person.id], self._near_the_ball(person), ~self._under_center(person))
            for person in self.people
        ]

    def _near_the_ball(self, person: Entity) -> Formula:
        """Return whether somebody is less than a yard behind the rear tip of the ball."""
        depth = self.play.edition.si("backfield_depth_min")
        text = f"{person.id} less than {depth:.2f} m behind the ball"
        rear = self._rear_of_ball()
        if rear is None:
            return formulas.always(f"{text} (nobody knows where the ball is)", None, self.count)
        front = self.play.forward(person, self.snap.direction, slack=OPEN_M)
        return self.play.ahead(text, front, rear, -depth - OPEN_M)

    def _rear_of_ball(self) -> Line | None:
        """Return the rear tip of the ball, from the line of scrimmage or else from where the snapper is."""
        scrimmage, snapper = self.snap.scrimmage, self.snap.snapper
        if scrimmage is not None:
            length = self.play.edition.si("neutral_zone_length")
            return replace(scrimmage, value=scrimmage.value - length)
        if snapper is None:
            return None
        feet = self.play.forward(snapper, self.snap.direction, slack=OPEN_M)
        return replace(feet, value=feet.value + SNAPPER_M, entity=None)

    def _under_center(self, person: Entity) -> Formula:
        """Return whether somebody is directly behind the snapper."""
        snapper = self.snap.snapper
        text = f"{person.id} under center"
        if snapper is None:
            return formulas.always(text, None, self.count)
        a, b = (self.play.distances.motion(one.id, self.play.axis) for one in (person, snapper))
        near = (abs(a.y - b.y) < UNDER_CENTER_M) & (abs(a.x - b.x) < BEHIND_CENTER_M)
        return formulas.stated(text, known(near), "tracks")

    def _ineligible_ends(self) -> list[Formula]:
        """Return, for each player numbered 50 to 79, whether he is at an end of the line without having reported."""
        found = []
        for person in self.people:
            numbered = self._numbered(person)
            if not numbered.plane.may.any():
                continue
            reported = formulas.always(f"{person.id} reported as eligible", REPORTED.get(person.role or ""), self.count)
            found += [formulas.both(self.on[person.id], numbered, end, ~reported) for end in self._ends(person)]
        return found

    def _ends(self, person: Entity) -> list[Formula]:
        """Return whether nobody on the line is outside somebody, on either side."""
        others = [other for other in self.people if other.id != person.id]
        result = []
        for side in (1.0, -1.0):
            outer = [self.on[other.id] for other in others if self._wider(other, person, side)]
            result.append(~formulas.any_of([*outer, *self.unseen], self.count, f"anybody outside {person.id}"))
        return result

    def _wider(self, other: Entity, person: Entity, side: float) -> bool:
        """Whether one is further to a side than another at the snap; players are never level across the field."""
        here = self.play.window(self.snap.instant.t, self.snap.instant.t).start
        y, own = (self.play.distances.motion(one.id, self.play.axis).y[here] for one in (other, person))
        return bool(side * (y - own) > 0)
