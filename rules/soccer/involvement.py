"""Who becomes involved after a play of the ball: the next of the team to play it, or who interferes.

What a play began ends when the team plays the ball again, when an opponent plays it deliberately (a save is no
such play), and when the ball goes out of play. Events are taken in the order of their times: the clock of a
source may be late, but then it is late for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rules.distances import Entity
from rules.kleene import Truth
from rules.soccer.ball import SAME_S, Played, swappable
from rules.soccer.play import Play, opponents

LAST = 8  # plays before one that may have come after it
ENDED = "(the scene or play ends first)"


@dataclass(frozen=True, eq=False)
class Step:
    """Something after a play: another play of the ball, or None when play stopped; ``t`` seconds."""

    t: float
    played: Played | None


@dataclass(frozen=True)
class Involvement:
    """What became of somebody after a play.

    Attributes:
        next: whether he is the next of his team to play the ball.
        excused: whether an opponent played it deliberately before.
        interferes: whether he interferes with play or an opponent before all that ends.
        t: when he plays it, seconds; None when he does not.
        open: whether the scene ended before anybody could tell.
        hinted: whether something is reported that may be his doing but does not name him.
    """

    next: Truth
    excused: Truth
    interferes: Truth
    t: float | None
    open: bool
    hinted: bool

    @property
    def value(self) -> Truth:
        """Whether he is involved."""
        played = (
            False
            if self.next is False or self.excused is True
            else (True if self.next is True and self.excused is False else None)
        )
        if played is True or self.interferes is True:
            return True
        return False if played is False and self.interferes is False else None


def after(play: Play, index: int) -> list[Step]:
    """Return what followed a play, up to the team's next certain play or a stop."""
    return play.remember(("after", index), lambda: list(_steps(play, index)))


def _steps(play: Play, index: int) -> Iterator[Step]:
    start = play.plays[index]
    limit = play.live_until(start.t)
    for one in play.plays[max(index - LAST, 0) : index]:
        if swappable(one, start):  # it may have come after, too
            yield Step(start.t, replace(one, tied=True))
    for one in play.plays[index + 1 :]:
        stop = min(play.next_whistle(start.t, min(one.t, limit)), play.left_field(start.high, min(one.low, limit)))
        if stop < np.inf:
            yield Step(stop, None)
            return
        if one.t > limit:
            return
        if one.restart is not None and one.certain:
            yield Step(one.t, None)
            return
        over = play.left_field(start.high, one.t) < np.inf  # the ball went out within the uncertain instant
        known = replace(one, tied=True) if over or swappable(one, start) else one
        yield Step(one.t, known)
        if known.certain and one.team == start.team and not known.tied:
            return
    stop = min(play.next_whistle(start.t, limit), play.left_field(start.high, limit))
    if stop < np.inf:
        yield Step(stop, None)


def reported_after(play: Play, index: int) -> frozenset[str]:
    """Return who is reported to have played the ball next, or to have interfered, after a play."""
    steps = after(play, index)
    start, stop = play.plays[index].t, steps[-1].t if steps else np.inf
    team = [one.played for one in steps if one.played is not None]
    played = {one.entity for one in team if one.entity is not None}
    told = {one.entity for one in play.listed("interfering") if one.entity is not None and start <= one.high <= stop}
    return frozenset(played | told)


def involvement(play: Play, index: int, who: Entity | None) -> Involvement:
    """Return what became of an attacker after a play; None: one who is not tracked."""
    walk = _Walk(play, index, who)
    for step in after(play, index):
        if walk.take(step):
            break
    else:
        walk.run_out()
    interferes = _interferes(play, index, who, walk)
    return Involvement(walk.next, walk.excused, interferes, walk.t, walk.open, walk.hinted)


class _Walk:
    """Goes through what followed a play, for one attacker, carrying what is possible."""

    def __init__(self, play: Play, index: int, who: Entity | None) -> None:
        self.play, self.who = play, who
        self.start = play.plays[index]
        self.clock = self.start.t
        self.may = False  # he may have played it already
        self.sure = True  # certainly nobody of his team has played it yet
        self.next: Truth = None
        self.excused: Truth = False
        self.t: float | None = None
        self.open = False
        self.hinted = False
        self.until = np.inf  # what the play began is certainly over from here on
        self.doubtful = np.inf  # and may be from here on

    def take(self, step: Step) -> bool:
        """Take a step; return whether it settles who was next."""
        self._unlisted(step.t)
        self.clock = step.t
        one = step.played
        if one is None:
            return self._settled(None if self.may else False, step.t)
        if one.team is None:
            self.may, self.sure, self.excused = True, False, _worse(self.excused)
            return self._doubt(step.t)
        if one.team != self.start.team:
            return self._opponent(one)
        mine = self._mine(one)
        self.hinted |= mine is None
        if not one.certain or one.tied:
            self.may, self.sure = self.may or mine is not False, self.sure and mine is True
            return self._doubt(step.t)
        if mine is True:
            self.t = step.t
            return self._settled(True if self.sure else None, step.t)
        return self._settled(None if self.may or mine is None else False, step.t)

    def _mine(self, one: Played) -> Truth:
        """Return whether a play of his team is his."""
        if one.entity is None:
            return None
        if self.who is None:
            return None if one.entity not in self.play.entities or self._lost(one.entity) else False
        if one.entity != self.who.id and self._may_be_renamed(one.entity, one.t):
            return None
        return one.entity == self.who.id

    def _may_be_renamed(self, entity: str, t: float) -> bool:
        """Whether a track that began after the ball was played may be of the one whose track had ended by ``t``."""
        if self.who is None or entity not in self.play.entities or not self._lost(entity):
            return False
        return self.play.last_seen(self.who) < t and self.play.entities[entity].kind == self.who.kind

    def _lost(self, entity: str) -> bool:
        """Whether somebody who is tracked at times was not when the ball was played."""
        window = self.play.window(self.start.low, self.start.high)
        return not self.play.distances.motion(entity, self.play.axis).inside[window].any()

    def _opponent(self, one: Played) -> bool:
        ends: Truth = None if one.deliberate and not one.certain else one.deliberate
        if one.tied and ends is not False:
            ends = None
        if ends is True:
            self.excused = True
            self.until = min(self.until, one.t)
        elif ends is None:
            self.excused = _worse(self.excused)
        return self._doubt(one.t) if ends is not False else False

    def _doubt(self, t: float) -> bool:
        self.doubtful = min(self.doubtful, t)
        return False

    def _settled(self, value: Truth, t: float) -> bool:
        self.next = value
        self.until = min(self.until, t)
        return True

    def run_out(self) -> None:
        """Take the end of the scene, or of live play: what had not happened yet is open."""
        self._unlisted(min(self.play.span.stop, self.play.live_until(self.start.t)))
        self.next, self.open = None, True

    def _unlisted(self, t: float) -> None:
        """Take into account who may have played the ball up to an instant without its being listed."""
        play = self.play
        if t <= self.clock or play.all_listed(self.clock, t):
            return
        mates, others = False, False
        for person in play.entities.values():
            if person.kind not in ("player", "unknown") or not self._could(person, t):
                continue
            if self.who is not None and person.id == self.who.id:
                self.may = True
            elif person.team == opponents(self.start.team or ""):
                others = True
            else:
                mates = True
        unseen = self.who is None or self._open_roster(t)
        self.may = self.may or self.who is None
        self.sure = self.sure and not (mates or unseen)
        if others or unseen:
            self.excused = _worse(self.excused)
        if mates or others or unseen:
            self._doubt(self.clock)

    def _open_roster(self, t: float) -> bool:
        window = self.play.window(self.clock, t)
        return any(self.play.unseen(team, window) > 0 for team in ("home", "away"))

    def _could(self, person: Entity, t: float) -> bool:
        start = self.clock
        if person.id == self.start.entity and start == self.start.t:  # he still has it at his feet
            start = self.play.out_of_reach_at_first(person, start, t)
        return start < t and self.play.near_ball(person, start, t)


def _worse(value: Truth) -> Truth:
    """Return what an excuse comes to when there may be a further one."""
    return True if value is True else None


def _interferes(play: Play, index: int, who: Entity | None, walk: _Walk) -> Truth:
    """Return whether somebody interferes with play or an opponent while he can still offend."""
    start = play.plays[index]
    result: Truth = False
    for event in play.listed("interfering"):
        named = event.entity is not None and event.entity in play.entities
        about: Truth = (event.entity == who.id) if named and who is not None else (False if named else None)
        if about is False or event.team not in (None, start.team) or event.high < start.t or event.t > walk.until:
            continue
        walk.hinted |= about is None
        sure = about is True and event.certain and start.t - SAME_S <= event.t <= min(walk.doubtful, walk.until)
        result = True if sure or result is True else None
    if result is not False:
        return result
    return False if np.isfinite(walk.until) and play.scene.is_complete("interfering", start.t, walk.until) else None
