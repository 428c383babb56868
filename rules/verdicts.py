"""From a rule's proposition to a call: the verdict with its evidence, margin, exceptions, blocking atoms and flip."""

from __future__ import annotations

from dataclasses import dataclass

from records.calls import Atom, Call, ExceptionValue, Flip, Margin
from records.ids import call_id
from rules import settle
from rules.kleene import WORDS, Truth
from rules.probability import probability
from rules.propositions import Instant, Leaf, Prop

VERDICTS: dict[Truth, str] = {True: "violation", False: "clear", None: "undecided"}


@dataclass(frozen=True, eq=False)
class Opportunity:
    """One opportunity to break a rule.

    Attributes:
        instant: when.
        prop: that it was a violation.
        team: whose opportunity; None: unknown.
        certain: false when it may not have happened at all.
        act_t: when a delayed offence became one, seconds.
        parent: id of the call that this one belongs to.
        until: end of the evidence, when it lies after the instant, seconds.
        since: begin of the evidence, when it lies before the instant, seconds.
        exceptions: further exceptions with their values, beyond those in the proposition.
        who: involved besides those that the evidence is about.
        movable: false when moving somebody would change more than the proposition tells.
        direction: +1 when ahead is to the right on the field, -1 to the left, 0 when neither.
        sooner: of a violation, what would have made it legal had it happened by when, seconds, as in ("h5 had left the
            lane", 4.1); None where nothing surely would.
        later: of what is clear, what would have broken the rule had it happened only when; None likewise.
    """

    instant: Instant
    prop: Prop
    team: str | None
    certain: bool = True
    act_t: float | None = None
    parent: str | None = None
    until: float | None = None
    since: float | None = None
    exceptions: tuple[tuple[str, Truth], ...] = ()
    who: tuple[str, ...] = ()
    movable: bool = True
    direction: int = 0
    sooner: tuple[str, float] | None = None
    later: tuple[str, float] | None = None


def call(rule: str, clause: str, opportunity: Opportunity) -> Call:
    """Return the call on one opportunity."""
    prop = opportunity.prop
    verdict = settle.settle(prop)
    name = call_id(rule, opportunity.instant.t, opportunity.team or "")
    cited = settle.support(prop, verdict)
    key = settle.flipping(prop, verdict) or settle.weakest(cited)
    if key is not None and key.key not in {leaf.key for leaf in cited}:
        cited = [*cited, key]
    blocking, truncated = settle.blockers(prop)
    return Call(
        id=name,
        rule=rule,
        clause=clause,
        opportunity="certain" if opportunity.certain else "possible",
        verdict=VERDICTS[verdict],
        t=opportunity.instant.t,
        t_sigma=opportunity.instant.sigma,
        act_t=opportunity.act_t if verdict is True else None,
        parent=opportunity.parent,
        window=_window(opportunity),
        team=opportunity.team,
        entities=_entities(cited, verdict, opportunity.who),
        margin=_margin(key, cited),
        probability=probability(prop, name),
        because=tuple(atom(leaf) for leaf in cited),
        exceptions=_exceptions(opportunity),
        blocked_by=tuple(atom(leaf) for leaf in blocking),
        would_flip=_flip(opportunity, verdict),
        truncated=truncated,
    )


def atom(leaf: Leaf) -> Atom:
    """Return a leaf as evidence of a call."""
    return Atom(leaf.text, WORDS[leaf.value], leaf.t, leaf.margin, leaf.sigma, leaf.source)


def _window(opportunity: Opportunity) -> tuple[float, float]:
    instant = opportunity.instant
    low = instant.low if opportunity.since is None else min(instant.low, opportunity.since)
    high = instant.high if opportunity.until is None else max(instant.high, opportunity.until)
    return low, high


def _entities(cited: list[Leaf], verdict: Truth, who: tuple[str, ...]) -> tuple[str, ...]:
    """Return who is involved: in a violation who breaks the rule, else who the evidence is about."""
    wanted = {True} if verdict is True else {True, False, None}
    named = [leaf.entity for leaf in cited if leaf.entity is not None and leaf.value in wanted]
    return tuple(dict.fromkeys([*named, *(who if verdict is not False else ())]))


def _margin(key: Leaf | None, cited: list[Leaf]) -> Margin | None:
    if key is None or key.margin is None or key.sigma is None:
        return None
    return Margin(key.margin, key.sigma, key.unit, [leaf.key for leaf in cited].index(key.key))


def _exceptions(opportunity: Opportunity) -> tuple[ExceptionValue, ...]:
    """Return the exceptions with their own values.

    One that is named for several players holds when it holds for any whom it would excuse.
    """
    values: dict[str, Truth] = {}
    for name, excuse, excused in opportunity.prop.exceptions():
        value = settle.settle(excuse) if settle.settle(excused) is not False else False
        values[name] = _either(values[name], value) if name in values else value
    values.update(dict(opportunity.exceptions))
    return tuple(ExceptionValue(name, WORDS[value]) for name, value in values.items())


def _either(one: Truth, other: Truth) -> Truth:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def _flip(opportunity: Opportunity, verdict: Truth) -> Flip | None:
    """Return the smallest change that turns the verdict over, in words too: a move, or something earlier or later."""
    if verdict is None:
        return None
    moved = _moving(opportunity, verdict) if opportunity.movable else None
    return moved or _timely(opportunity, verdict)


def _timely(opportunity: Opportunity, verdict: bool) -> Flip | None:
    """Return what would have had to happen sooner or later, and when."""
    act = opportunity.sooner if verdict else opportunity.later
    if act is None:
        return None
    told = f"{VERDICTS[not verdict]} if {act[0]} {'by' if verdict else 'only at'} {act[1]:.2f} s"
    who = next((one for one in opportunity.who if act[0].startswith(f"{one} ")), None)
    return Flip(told, who, act[1], dt=act[1] - opportunity.instant.t)


def _moving(opportunity: Opportunity, verdict: bool) -> Flip | None:
    """Return the shortest move of one entity that turns the verdict over.

    ``dx`` and ``dy`` are metres along and across the field, for the whole track of the entity. Where several hold
    a violation up, who would have to move how far is told in words only.
    """
    shift = settle.smallest_shift(opportunity.prop, verdict)
    if shift is not None:
        text = f"{VERDICTS[not verdict]} if {_moved(shift, opportunity.direction)} at {shift.leaf.t:.2f} s"
        return Flip(text, shift.entity, shift.leaf.t, shift.dx, shift.dy if abs(shift.dy) >= LEAST_M else None)
    several = settle.joint_shifts(opportunity.prop) if verdict else []
    if not several:
        return None
    told = " and ".join(_moved(one, opportunity.direction) for one in several)
    return Flip(f"{VERDICTS[False]} if {told} at {several[0].leaf.t:.2f} s", None, several[0].leaf.t)


def _moved(shift: settle.Shift, direction: int) -> str:
    moved = [f"{abs(value):.2f} m {word}" for value, word in _directions(shift, direction)]
    return f"{shift.entity} were {' and '.join(moved)}"


LEAST_M = 0.005


def _directions(shift: settle.Shift, direction: int) -> list[tuple[float, str]]:
    along = {
        1: ("further ahead", "further back"),
        -1: ("further back", "further ahead"),
        0: ("further right", "further left"),
    }
    across = ("further from the main camera", "nearer to the main camera")
    told = [(shift.dx, along[direction][shift.dx < 0]), (shift.dy, across[shift.dy < 0])]
    return [(value, word) for value, word in told if abs(value) >= LEAST_M]
