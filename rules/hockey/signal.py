"""The delayed signal: what ends it, and how it ended.

While an offside is delayed the linesman's arm is up. The signal ends by an act for which play is stopped (an
attacker touches the puck, goes for it, forces its carrier back), or it is washed out: all attackers are clear
of the zone at one instant by contact, or the puck leaves the zone. A goal that the defenders play into their own
net counts (NHL 83.4) and ends it too; one by the shot that brought the puck in does not, even after a tag-up.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import islice, takewhile

import numpy as np

from rules.context import Happening
from rules.hockey.play import PLAYERS, Entry, Play
from rules.hockey.senders import last_before
from rules.kleene import Bools, Plane, Truth, all_
from rules.operators import machine
from rules.propositions import Instant, Prop, fact

HORIZON_S = 30.0  # a signal is usually over by then; if not, all the rest is looked at
ACTS = ("touch", "possession", "pursuit", "pressure")
OWN_GOAL = "defenders put it into their own net"
LATE_S = 2.0  # an event may have been this much earlier than it is listed
CHASES = ("pursuit", "pressure")  # acts that last
STATES = ("delayed", "act", "tagged", "left", "stopped", "scored")


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a delayed signal ended.

    Attributes:
        acted: whether it ended in an act for which play is stopped.
        tagged: whether all attackers cleared the zone first.
        left: whether the puck left the zone first.
        scored: whether the defenders put it into their own net first.
        act_t: time of the act, seconds.
        end_t: when it was over, or the end of what is known, seconds.
        text: what is not known, when it is not.
        who: who acted, where that is known.
    """

    acted: Truth
    tagged: Truth
    left: Truth
    scored: Truth
    act_t: float | None
    end_t: float
    text: str
    who: tuple[str, ...]

    def prop(self) -> Prop:
        """Return the proposition that the signal ended in an act."""
        return fact(self.text, self.acted, self.end_t if self.act_t is None else self.act_t)

    def washed_out(self) -> tuple[tuple[str, Truth], ...]:
        """Return the ways in which a signal is washed out, with their values."""
        ways = {"attackers cleared the zone": self.tagged, "puck left the zone": self.left, OWN_GOAL: self.scored}
        return tuple((name, value) for name, value in ways.items() if name != OWN_GOAL or value is not False)


def outcome(play: Play, entry: Entry) -> Outcome:
    """Follow the signal from an entry on."""
    start = play.window(entry.instant.high, np.inf).start or 0
    for horizon in (HORIZON_S, np.inf):
        until = min(entry.instant.high + horizon, play.segment_end(entry.instant.t))
        here = slice(start, max(play.window(0.0, until).stop, start + 1))  # play may end within the instant
        acts, goals = _acts_after(play, entry, until), Goals(play, entry, until)
        first = {"delayed"} | ({"act"} if any(one.low < entry.instant.high for one in acts) else set())
        ends = _ends(play, entry, acts, goals, here)
        table = {"delayed": [(plane, name) for name, plane in ends.items()], "tagged": [(goals.direct(here), "act")]}
        states = machine(STATES, sorted(first), table, here.stop - start)
        if "delayed" not in states.final():
            break
    final = states.final()
    ended = ~states.possible[STATES.index("delayed")]
    position = int(np.argmax(ended)) if ended.any() else here.stop - start - 1
    act_t = next((one.t for one in sorted([*acts, *goals.listed], key=lambda one: one.t) if one.certain), None)
    open_ = final & {"delayed", "stopped"}

    def value(name: str) -> Truth:
        return None if open_ and name in final else _single(final, name, bool(open_))

    return Outcome(
        value("act") if not open_ else None,
        value("tagged"),
        value("left"),
        value("scored"),
        act_t if "act" in final else None,
        float(play.axis[start + position]),
        _text(entry, final, acts),
        tuple(one.entity for one in acts[:1] if one.entity is not None and final == {"act"}),
    )


def _acts_after(play: Play, entry: Entry, until: float) -> list[Happening]:
    """Return the reported acts of attackers that may be between an entry and an instant, in order of time."""
    acts = play.listed(*ACTS)
    later = bisect_left(acts, entry.instant.t, key=lambda one: one.t)
    lasting = [one for one in play.listed(*CHASES) if one.t < entry.instant.t]
    soon = takewhile(lambda one: one.t <= until + LATE_S, islice(acts, later, None))
    acts_of = (_perhaps(play, act, entry) for act in (*lasting, *soon))
    kept_up = (_kept_up(play, act, entry) for act in acts_of if act is not None)
    return [_doubted(one, entry) for one in kept_up if _after(one, entry)]


def _doubted(act: Happening, entry: Entry) -> Happening:
    """Return an act as an uncertain one where it may have been before the entry; who chases goes on with it."""
    return replace(act, certain=False) if act.kind not in CHASES and act.low < entry.instant.low else act


def _perhaps(play: Play, act: Happening, entry: Entry) -> Happening | None:
    """Return an act of the attackers; one of which nobody knows whose it was is an uncertain one."""
    if act.team == entry.attack:
        return act
    return replace(act, team=entry.attack, certain=False) if play.by_nobody_known(act) else None


def _ends(play: Play, entry: Entry, acts: list[Happening], goals: Goals, here: slice) -> dict[str, Plane]:
    """Return what may end the signal, by the state that it leads to, on a stretch of the axis."""
    return {
        "act": _acts(play, entry, acts, here) | goals.by_attackers(here),
        "scored": goals.own(here),
        "tagged": _cut(tagged(play, entry.attack, entry.end), here),
        "left": _cut(play.puck_out(entry.end), here),
        "stopped": _cut(play.remember(("stopped",), lambda: _stopped(play)), here),
    }


def _single(final: frozenset[str], name: str, open_: bool) -> Truth:
    if name not in final:
        return None if open_ else False
    return True if final == {name} else None


def _text(entry: Entry, final: frozenset[str], acts: list[Happening]) -> str:
    if final == {"act"}:
        return f"{_who(acts, entry)} played or went for the puck before all of {entry.attack} were clear"
    if "delayed" in final:
        return f"{entry.attack} played or went for the puck while offside was delayed (the scene or play ends first)"
    if "stopped" in final:
        return f"{entry.attack} played or went for the puck while offside was delayed (play was stopped for something)"
    return f"{entry.attack} played or went for the puck before all of them were clear and before it left the zone"


def _who(acts: list[Happening], entry: Entry) -> str:
    return (acts[0].entity if acts else None) or entry.attack


class Goals:
    """What goals after an entry mean for a delayed signal."""

    def __init__(self, play: Play, entry: Entry, until: float) -> None:
        self.play, self.entry = play, entry
        self.listed = [one for one in play.listed("goal") if _after(one, entry) and one.low <= until]
        senders = [last_before(play, replace(entry, instant=self._instant(one))) for one in self.listed]
        everybody = frozenset({entry.defense})
        self._own = [who == everybody for who in senders]
        self._maybe = [entry.defense in who for who in senders]
        self._straight: list[Truth] = [
            False if mine or not play.edition.reads("delayed_offside_goal", "disallowed") else self._untouched(goal)
            for goal, mine in zip(self.listed, self._own, strict=True)
        ]

    def own(self, here: slice) -> Plane:
        """Return where the defenders put the puck into their own net."""
        return self._plane(self._own, self._maybe, here)

    def by_attackers(self, here: slice) -> Plane:
        """Return where somebody else scores."""
        return self._plane([not one for one in self._maybe], [not one for one in self._own], here)

    def direct(self, here: slice) -> Plane:
        """Return where the shot that brought the puck in scores: nobody played it since."""
        values = self._straight
        return self._plane([value is True for value in values], [value is not False for value in values], here)

    def _instant(self, goal: Happening) -> Instant:
        return Instant(goal.t, goal.low, goal.high, self.play.k)

    def _plane(self, must: list[bool], may: list[bool], here: slice) -> Plane:
        sure = [one for one, flag in zip(self.listed, must, strict=True) if flag]
        open_ = [one for one, flag in zip(self.listed, may, strict=True) if flag]
        return Plane(self.play.reported("", sure, here).plane.must, self.play.reported("", open_, here).plane.may)

    def _untouched(self, goal: Happening) -> Truth:
        since = [
            one
            for one in self.play.listed("touch", "possession")
            if one.detail not in ("deflection", "body") and one.low < goal.t and one.high > self.entry.instant.low
        ]
        if any(one.certain and one.low > self.entry.instant.high for one in since):
            return False
        here = self.play.window(self.entry.instant.high, goal.low)
        unlisted = any(self.play.could_touch(team)[here].any() for team in ("home", "away"))
        return None if since or unlisted else True


def _cut(plane: Plane, here: slice) -> Plane:
    return Plane(plane.must[here], plane.may[here])


def _kept_up(play: Play, act: Happening, entry: Entry) -> Happening:
    """Return a chase that began before the entry and went on beyond it as one at the entry.

    Of one without an end nobody knows whether it lasted, unless somebody gained the puck since.
    """
    instant = entry.instant
    if act.kind not in CHASES or act.t >= instant.t:
        return act
    if act.until is None:
        ended = any(
            one.certain and act.t < one.t and one.high <= instant.low
            for one in play.listed("possession", "whistle", "faceoff", "goal")
        )
        return act if ended else replace(act, t=instant.high, low=instant.low, high=instant.high, certain=False)
    if act.until <= instant.low:
        return act
    if act.until >= instant.high:
        return replace(act, t=instant.high, low=instant.high, high=instant.high)
    return replace(act, t=max(act.until, instant.t), low=instant.low, high=instant.high)


def _after(act: Happening, entry: Entry) -> bool:
    return act.team == entry.attack and act.high > entry.instant.low and act.t >= entry.instant.t


def _acts(play: Play, entry: Entry, acts: list[Happening], here: slice) -> Plane:
    """Return the acts: those listed, and those that may have gone unlisted."""
    listed = play.reported("", acts, here).plane
    unlisted = play.remember(("unlisted", entry.attack, entry.end), lambda: _unlisted(play, entry.attack, entry.end))
    return Plane(listed.must, listed.may | unlisted[here])


def _unlisted(play: Play, attack: str, end: str) -> Bools:
    """Return where an attacker may have touched or chased the puck without that being listed."""
    chase = ~tagged(play, attack, end).must & ~(play.complete("pursuit") & play.complete("pressure"))
    result: Bools = play.could_touch(attack) | chase
    return result


def tagged(play: Play, attack: str, end: str) -> Plane:
    """Return whether every attacker, tracked or not, is clear of the zone at one instant."""
    return play.remember(("tagged", attack, end), lambda: _tagged(play, attack, end))


def _tagged(play: Play, attack: str, end: str) -> Plane:
    count = len(play.axis)
    planes = [play.cleared(one, end).plane for one in play.members(attack, PLAYERS)]
    planes += [~play.belongs(one, attack).plane | play.cleared(one, end).plane for one in play.strangers(PLAYERS)]
    unseen = ~play.unseen_past(attack, end).plane
    together = [one for one in play.listed("tag_up") if one.entity is None and one.team == attack]
    return (all_(planes, count) & unseen) | play.reported("", together).plane


def _stopped(play: Play) -> Plane:
    return play.reported("", play.listed("whistle", "faceoff")).plane
