"""IFAB Law 11: offside.

A player is in an offside position when, at the first contact of a team-mate who plays or touches the ball, any
part of his head, body or feet is in the opponents' half (without the halfway line) and nearer to the opponents'
goal line than both the ball and the second-last opponent. Arms do not count, of anybody; level is onside; an
opponent who left the field without permission counts on its line.

The position alone is no offence. He is penalised when he becomes involved: when he is the next of his team to
play the ball, also off the post, the goalkeeper's save or an opponent who touched it without playing it
deliberately; or when he interferes with play or an opponent, which somebody has to judge.

Nobody is offside who receives the ball directly from a goal kick, a throw-in or a corner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np

from rules import formulas
from rules.distances import Entity
from rules.formulas import Evidence
from rules.kleene import Floats, Truth
from rules.operators import at, unless
from rules.propositions import Instant, Prop, fact
from rules.registry import Needs, rule
from rules.settle import CLEARANCE, settle
from rules.soccer.fronts import Front, lead, lead_of_rank, line
from rules.soccer.involvement import ENDED, Involvement, involvement, reported_after
from rules.soccer.play import AROUND_M, Play, opponents
from rules.verdicts import Opportunity

NEEDS = Needs(
    resolution="pose",
    events=("pass", "possession", "restart", "save", "touch", "whistle"),
    judgements=("deliberate_play", "interfering", "leave_permitted"),
    context=("attacks", "complete", "roster", "view"),
)
DELIBERATE = "an opponent played the ball deliberately"


@rule("soccer.offside", clause={"ifab-2025": "IFAB Law 11"}, needs=NEEDS)
def offside(play: Play) -> Iterator[Opportunity]:
    """No player may become involved who was in an offside position when a team-mate played or touched the ball."""
    for index in play.kicks:
        moment = Moment(play, index)
        tracked, hidden = moment.opportunity()
        if tracked is False and hidden is False:
            continue
        found = moment.offences()
        offence = reduce(Prop.__or__, [one.offence for one in found])
        name, exempt = play.exempt(moment.played)
        judged = unless(offence, fact(name, exempt, moment.instant.t), name)
        if tracked is False and not any(one.became.hinted for one in found):
            continue  # only somebody whom nobody tracks may have been ahead, and nothing tells of him
        yield Opportunity(
            moment.instant,
            judged,
            moment.team,
            tracked is True and moment.played.certain and not play.maybe_dead(moment.played),
            act_t=min((one.became.t for one in found if one.guilty and one.became.t is not None), default=None),
            until=max((one.became.t for one in found if one.became.t is not None), default=None),
            exceptions=((name, True),) if exempt is True else (),
            who=tuple(one.who.id for one in found if one.who is not None and one.guilty),
            movable=all(one.movable for one in found),
            direction=moment.sign,
        )


@dataclass(frozen=True, eq=False)
class Offence:
    """One attacker at a play.

    Attributes:
        who: None: one who is not tracked.
        ahead: whether he may make the play an opportunity.
        position: that he is in an offside position.
        became: what became of him.
        offence: that he offends.
        movable: whether moving him changes nothing but his position.
    """

    who: Entity | None
    ahead: bool
    position: Prop
    became: Involvement
    offence: Prop
    movable: bool = True

    @property
    def guilty(self) -> bool:
        """Whether he certainly offends."""
        return settle(self.offence) is True


class Moment:
    """The instant at which a team plays the ball: who of it is where."""

    def __init__(self, play: Play, index: int) -> None:
        self.play, self.index = play, index
        self.played = play.plays[index]
        self.team = self.played.team or ""
        self.instant: Instant = play.instant(index)
        self.sign = play.sign(self.team, self.instant.t)
        self.window = play.window(self.instant.low, self.instant.high)
        self.axis: Floats = play.axis[self.window]
        self.ball = play.ball_front(index, self.sign, self.window)
        self.halfway = line(play.halfway(self.sign), len(self.axis), 0)
        self.attackers = [one for one in play.there(self.team, self.window) if one.id != self.played.entity]
        self.strangers = [one for one in play.unnamed(self.window) if one.id != self.played.entity]
        self.others = play.there(opponents(self.team), self.window)
        self.unseen_others = play.unseen(opponents(self.team), self.window)
        self.unseen = play.unseen(self.team, self.window)
        self.strict = 0.0 if play.edition.choice("level") == "onside" else 1e-6
        self._fronts = {one.id: play.front(one, self.sign).part(self.window) for one in self._candidates}
        self._rank = int(play.edition.si("opponents_goalwards"))
        self._defense = [play.defender(one, self.sign).part(self.window) for one in self.others]
        self._deepest = self._least_of_rank(self._rank)

    @property
    def _candidates(self) -> list[Entity]:
        """Those who may be attackers: strangers only where one of the team may be missing."""
        return self.attackers + (self.strangers if self.unseen > 0 else [])

    def opportunity(self) -> tuple[Truth, Truth]:
        """Return whether an attacker is in the opponents' half ahead of the ball: one tracked, one unseen."""
        maybe = [one for one in self._candidates if self._maybe_ahead(one)]
        values = [settle(self._in_half(one) & self._past_ball(one)) for one in maybe]
        sure = any(value is True and one.team is not None for one, value in zip(maybe, values, strict=True))
        possible = any(value is not False for value in values)
        return True if sure else (None if possible else False), self._hidden()

    def offences(self) -> list[Offence]:
        """Return what each attacker did who matters, at least one.

        Those matter who may be in an offside position and those who are reported to be involved, unless what is
        certain of both excludes an offence; if nobody is left, the foremost is told.
        """
        reported = reported_after(self.play, self.index)
        chosen = [one for one in self._by_depth() if one.id in reported or self._maybe_offside(one)]
        every = [self._offence(one) for one in chosen]
        found = [one for one in every if one.became.value is not False or settle(one.position) is not False]
        if self.unseen > 0:
            hidden = self._unseen_offence()
            found += [] if hidden is None else [hidden]
        if not found and self._candidates:
            found = every[:1] or [self._offence(self._by_depth()[0])]
        return found or [self._nobody()]

    def _by_depth(self) -> list[Entity]:
        """Return the candidates, the foremost first."""
        depth = {
            one.id: float(np.nan_to_num(self._fronts[one.id].value, nan=-np.inf).max()) for one in self._candidates
        }
        return sorted(self._candidates, key=lambda one: (-depth[one.id], one.id))

    def _offence(self, who: Entity) -> Offence:
        became = involvement(self.play, self.index, who)
        position = self._position(who)
        ahead = self._maybe_ahead(who)
        offence = position & self._involved(who.id, became)
        return Offence(who, ahead, position, became, offence, self._keeps_opportunity(position, became))

    def _maybe_ahead(self, who: Entity) -> bool:
        """Whether somebody may be ahead of the ball in the opponents' half, told quickly."""
        least = np.maximum(self.halfway.value, np.nan_to_num(self.ball.value - self._width(self.ball), nan=-np.inf))
        return not bool((self._most(who) <= least - self.strict).all())

    def _maybe_offside(self, who: Entity) -> bool:
        """Whether somebody may be in an offside position, told quickly."""
        return self._maybe_ahead(who) and not bool((self._most(who) <= self._deepest - self.strict).all())

    def _most(self, who: Entity) -> Floats:
        one = self._fronts[who.id]
        return np.nan_to_num(one.value + self._width(one), nan=np.inf)

    def _width(self, one: Front) -> Floats:
        return one.slack + self.play.k * one.sigma

    def _least_of_rank(self, rank: int) -> Floats:
        """Return how far goalwards the opponent of a rank is at least; -inf where fewer are tracked."""
        nothing = np.full((rank, len(self.axis)), -np.inf)
        least = [np.nan_to_num(one.value - self._width(one), nan=-np.inf) for one in self._defense]
        ranked = -np.sort(-np.concatenate([np.array(least).reshape(-1, len(self.axis)), nothing]), axis=0)
        chosen: Floats = ranked[rank - 1]
        return chosen

    # position

    def _position(self, who: Entity) -> Prop:
        """Return whether somebody is in an offside position."""
        parts = [self._in_half(who), self._past_ball(who), self._past_opponents(who)]
        if who.team is None:
            parts.append(fact(f"{who.id} plays for {self.team}", None, self.instant.t, "tracks"))
        return Prop("and", tuple(parts))

    def _in_half(self, who: Entity) -> Prop:
        return self._ahead(f"{who.id} in the opponents' half", self._fronts[who.id], self.halfway)

    def _past_ball(self, who: Entity) -> Prop:
        return self._ahead(f"{who.id} nearer to the goal line than the ball", self._fronts[who.id], self.ball)

    def _ahead(self, text: str, one: Front, other: Front) -> Prop:
        known = other if len(other.modes) else Front(other.value, other.slack, other.own, np.zeros_like(one.modes))
        return self._measured(text, lead(one, known, self.sign))

    def _measured(self, text: str, evidence: Evidence) -> Prop:
        if self.strict:
            evidence = Evidence(**{**vars(evidence), "margin": evidence.margin + self.strict})
        return at(self.instant, formulas.measured(text, evidence, "tracks", self.play.k), self.axis)

    def _past_opponents(self, who: Entity) -> Prop:
        """Return whether somebody is nearer to the goal line than the second-last opponent.

        Of ``n`` opponents that have to be goalwards, some may be among those whom nobody tracks: for every number
        of them who may be, he has to be past one fewer of those who are tracked.
        """
        rank = self._rank
        parts = [self._past_rank(who, rank)]
        hidden = int(min(self.unseen_others, rank)) if not self._nobody_beyond(who) else 0
        for count in range(1, hidden + 1):
            number = "an opponent who is not tracked is" if count == 1 else f"{count} opponents who are not tracked are"
            there = fact(f"{number} level with {who.id} or beyond", None, self.instant.t, "roster")
            parts.append(Prop("or", (~there, self._past_rank(who, rank - count))) if count < rank else ~there)
        return Prop("and", tuple(parts)) if len(parts) > 1 else parts[0]

    def _past_rank(self, who: Entity, rank: int) -> Prop:
        names = {1: "last", 2: "second-last"}
        told = f"{who.id} nearer to the goal line than the {names.get(rank, f'{rank}th last')} opponent"
        if len(self._defense) < rank:
            return fact(f"{told} (fewer are tracked)", True, self.instant.t, "tracks")
        evidence, order = lead_of_rank(self._fronts[who.id], self._defense, rank, self.sign, self.play.k)
        here = int(np.argmin(np.abs(self.axis - self.instant.t)))
        return self._measured(f"{told} ({self.others[order[here]].id})", evidence)

    def _nobody_beyond(self, who: Entity) -> bool:
        """Whether the camera saw that nobody untracked is level with somebody or beyond him."""
        if self.strangers or self.unseen_others <= 0:
            return self.unseen_others <= 0
        back = self._fronts[who.id].least()
        return self.play.empty_beyond(back, -np.inf, self.sign, self.window, AROUND_M)

    def _hidden(self) -> Truth:
        """Return whether an attacker whom nobody tracks is in the opponents' half ahead of the ball."""
        if self.unseen <= 0:
            return False
        seen = self.play.empty_beyond(self.ball.least(), self.play.halfway(self.sign), self.sign, self.window)
        return False if seen and not self.strangers else None

    # involvement

    def _involved(self, who: str, became: Involvement) -> Prop:
        """Return whether somebody becomes involved, with the opponents' deliberate play as an exception."""
        t, ended = self.instant.t, f" {ENDED}" if became.open else ""
        played = fact(f"{who} is the next of {self.team} to play the ball{ended}", became.next, t)
        deliberate = fact(f"{DELIBERATE} before {who} did", became.excused, t)
        interferes = fact(f"{who} interferes with play or an opponent{ended}", became.interferes, t)
        return unless(played, deliberate, DELIBERATE) | interferes

    def _unseen_offence(self) -> Offence | None:
        became = involvement(self.play, self.index, None)
        hidden = self._hidden()
        if became.value is False or hidden is False:
            return None
        who = f"a player of {self.team} who is not tracked"
        position = fact(f"{who} is in an offside position", hidden, self.instant.t, "roster")
        return Offence(None, True, position, became, position & self._involved(who, became))

    def _nobody(self) -> Offence:
        became = Involvement(False, False, False, None, False, False)
        position = fact("somebody is in an offside position", False, self.instant.t, "roster")
        return Offence(None, True, position, became, position)

    def _keeps_opportunity(self, position: Prop, became: Involvement) -> bool:
        """Whether the shortest move that turns the verdict over leaves him ahead of the ball, and on the field.

        Moved back behind the ball or into his own half he would make no opportunity any more. Where touches are
        not all listed, moving him changes who may have touched the ball.
        """
        if became.t is None and became.next is None:
            return False
        half, ball, past = (next(iter(part.leaves().values())) for part in position.parts[:3])
        if settle(position) is True:
            return past.high + CLEARANCE < min(half.high, ball.high)
        front = self._fronts[past.entity].value if past.entity in self._fronts else np.array([np.nan])
        need = CLEARANCE - min(half.low, ball.low, past.low)
        return bool(np.isfinite(front).all()) and float(front.max()) + need < self.play.field.length_m / 2
