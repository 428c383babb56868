"""The delayed signal: what ends it, and how it ended.

While an offside is delayed the linesman's arm is up. The signal ends by an act for which play is stopped (an
attacker touches the puck, goes for it, forces its carrier back), or it is washed out: all attackers are clear
of the zone at one instant by contact, or the puck leaves the zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rules.context import Happening
from rules.hockey.play import PLAYERS, Entry, Play
from rules.kleene import Bools, Plane, Truth, all_
from rules.operators import machine
from rules.propositions import Prop, fact

HORIZON_S = 30.0  # a signal is usually over by then; if not, all the rest is looked at
ACTS = ("touch", "possession", "pursuit", "pressure", "goal")
CHASES = ("pursuit", "pressure")  # acts that last
STATES = ("delayed", "act", "tagged", "left", "stopped")


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a delayed signal ended.

    Attributes:
        acted: whether it ended in an act for which play is stopped.
        tagged: whether all attackers cleared the zone first.
        left: whether the puck left the zone first.
        act_t: time of the act, seconds.
        end_t: when it was over, or the end of what is known, seconds.
        text: what is not known, when it is not.
        who: who acted, where that is known.
    """

    acted: Truth
    tagged: Truth
    left: Truth
    act_t: float | None
    end_t: float
    text: str
    who: tuple[str, ...]

    def prop(self) -> Prop:
        """Return the proposition that the signal ended in an act."""
        return fact(self.text, self.acted, self.end_t if self.act_t is None else self.act_t)

    def washed_out(self) -> tuple[tuple[str, Truth], ...]:
        """Return the ways in which a signal is washed out, with their values."""
        return (("attackers cleared the zone", self.tagged), ("puck left the zone", self.left))


def outcome(play: Play, entry: Entry) -> Outcome:
    """Follow the signal from an entry on."""
    start = play.window(entry.instant.high, np.inf).start or 0
    acts = [one for one in (_kept_up(act, entry) for act in play.listed(*ACTS)) if _after(one, entry)]
    first = {"delayed"} | ({"act"} if any(one.low < entry.instant.high for one in acts) else set())
    inputs = {
        "act": _acts(play, entry, acts),
        "tagged": tagged(play, entry.attack, entry.end),
        "left": play.puck_out(entry.end),
        "stopped": play.remember(("stopped",), lambda: _stopped(play)),
    }
    for horizon in (HORIZON_S, np.inf):
        stop = play.window(0.0, min(entry.instant.high + horizon, _segment_end(play, entry.instant.t))).stop
        table = {"delayed": [(_cut(plane, start, stop), name) for name, plane in inputs.items()]}
        states = machine(STATES, sorted(first), table, stop - start)
        if "delayed" not in states.final():
            break
    final = states.final()
    ended = ~states.possible[STATES.index("delayed")]
    position = int(np.argmax(ended)) if ended.any() else stop - start - 1
    act_t = next((one.t for one in acts if one.certain), None)
    open_ = final & {"delayed", "stopped"}

    def value(name: str) -> Truth:
        return None if open_ and name in final else _single(final, name, bool(open_))

    return Outcome(
        value("act") if not open_ else None,
        value("tagged"),
        value("left"),
        act_t if "act" in final else None,
        float(play.axis[start + position]),
        _text(entry, final, acts),
        tuple(one.entity for one in acts[:1] if one.entity is not None and final == {"act"}),
    )


def _single(final: frozenset[str], name: str, open_: bool) -> Truth:
    if name not in final:
        return None if open_ else False
    return True if final == {name} else None


def _text(entry: Entry, final: frozenset[str], acts: list[Happening]) -> str:
    if final == {"act"}:
        return f"{_who(acts[0], entry)} played or went for the puck before all of {entry.attack} were clear"
    if "delayed" in final:
        return f"{entry.attack} played or went for the puck while offside was delayed (the scene or play ends first)"
    if "stopped" in final:
        return f"{entry.attack} played or went for the puck while offside was delayed (play was stopped for something)"
    return f"{entry.attack} played or went for the puck before all of them were clear and before it left the zone"


def _who(act: Happening, entry: Entry) -> str:
    return act.entity or entry.attack


def _segment_end(play: Play, t: float) -> float:
    return next((span.stop for span in play.scene.live if span.holds(t)), float(play.axis[-1]))


def _cut(plane: Plane, start: int, stop: int) -> Plane:
    return Plane(plane.must[start:stop], plane.may[start:stop])


def _kept_up(act: Happening, entry: Entry) -> Happening:
    """Return a chase that began before the entry and went on beyond it as one at the entry."""
    instant = entry.instant
    if act.kind not in CHASES or act.until is None or act.t >= instant.t or act.until <= instant.low:
        return act
    if act.until >= instant.high:
        return replace(act, t=instant.high, low=instant.high, high=instant.high)
    return replace(act, t=max(act.until, instant.t), low=instant.low, high=instant.high)


def _after(act: Happening, entry: Entry) -> bool:
    return act.team == entry.attack and act.high > entry.instant.low and act.t >= entry.instant.t


def _acts(play: Play, entry: Entry, acts: list[Happening]) -> Plane:
    """Return the acts: those listed, and those that may have gone unlisted."""
    listed = play.reported("", acts).plane
    return Plane(listed.must, listed.may | _unlisted(play, entry.attack, entry.end))


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
