"""Who played or touched the ball when, put together from the reported events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from ontologies.base import Edition
from records.scene import Scene
from rules.context import Happening
from rules.distances import Entity
from rules.kleene import Truth

PLAYED = ("deliberate_play", "pass", "possession", "restart", "save", "touch")
NOT_DELIBERATE = ("deflection", "forced")  # details of a touch that nobody meant
USUAL_S = 0.2 + 1e-6  # half-width of the instant of a usual report, at twice its sigma
SAME_S = 1e-6  # events closer together than this are at one instant
GOALKEEPER = "goalkeeper"


@dataclass(frozen=True, eq=False)
class Played:
    """One play or touch of the ball: what one entity did at one instant.

    Attributes:
        t: most likely, seconds; of a throw by the goalkeeper when it is let go, else the first contact.
        low: not earlier.
        high: not later.
        kinds: of the events that tell it.
        team: of who played it; None: unknown.
        entity: who played it; None: unknown.
        certain: false where the source gives it a probability below the usual.
        restart: its detail; empty when the source does not say which, None when no restart is reported.
        deliberate: whether it is an opponent's deliberate play, which ends what the other team's play began.
        tied: whether somebody else is reported to have played it at the same instant.
    """

    t: float
    low: float
    high: float
    kinds: frozenset[str]
    team: str | None
    entity: str | None
    certain: bool
    restart: str | None
    deliberate: Truth
    tied: bool = False

    @property
    def kicked(self) -> bool:
        """Whether a team-mate may be offside from it: more than a carry, whose touches nobody lists."""
        return self.kinds != {"possession"} and self.restart != "dropped_ball"


def sequence(
    happenings: Iterable[Happening], entities: Mapping[str, Entity], scene: Scene, edition: Edition
) -> list[Played]:
    """Return the plays of the ball in order of time, those of officials left out.

    Events of one entity at one instant are one play; so are a restart and the kick that takes it, and a touch
    and the judgement that it was deliberate, where their uncertain instants overlap.
    """
    groups: list[list[Happening]] = []
    for event in happenings:
        person = entities.get(event.entity) if event.entity is not None else None
        if person is not None and person.kind == "official":
            continue
        group = next((one for one in reversed(groups[-4:]) if _one_play(one, event)), None)
        if group is None:
            groups.append([event])
        else:
            group.append(event)
    made = [_played(group, entities, scene, edition) for group in groups]
    made.sort(key=lambda one: (one.t, one.entity or "", one.team or ""))
    return _with_ties(made)


def _one_play(group: Sequence[Happening], event: Happening) -> bool:
    """Whether an event tells of the same play as some others."""
    for one in group:
        unnamed = "restart" in (one.kind, event.kind) and None in (one.entity, event.entity)
        same = one.team == event.team if unnamed else one.entity is not None and one.entity == event.entity
        joined = {"restart", "deliberate_play"} & {one.kind, event.kind} and one.kind != event.kind
        if same and (abs(one.t - event.t) <= SAME_S or (joined and one.high >= event.low and event.high >= one.low)):
            return True
    return False


def _played(group: list[Happening], entities: Mapping[str, Entity], scene: Scene, edition: Edition) -> Played:
    order = ("pass", "touch", "save", "possession", "restart", "deliberate_play")
    main = min(group, key=lambda one: (not one.certain, order.index(one.kind), one.t))
    entity = next((one.entity for one in group if one.entity is not None), None)
    team = next((one.team for one in group if one.team is not None), None)
    restart = next((one.detail or "" for one in group if one.kind == "restart"), None)
    person = entities.get(entity) if entity is not None else None
    first, last = _contact(main, person, edition)
    width = (main.high - main.low) / 2
    return Played(
        first,
        first - width,
        last + width,
        frozenset(one.kind for one in group),
        team,
        entity,
        any(one.certain for one in group),
        restart,
        _deliberate(group, scene, edition),
    )


def _contact(event: Happening, person: Entity | None, edition: Edition) -> tuple[float, float]:
    """Return the contact that counts: the first, and of a throw by the goalkeeper, which lasts, the last.

    Of a throw by somebody whose role nobody knows it is either, or any time between.
    """
    thrown = event.detail in ("hand", "throw")
    usual, throw = (
        event.until if edition.choice(name) != "first" and event.until is not None else event.t
        for name in ("contact", "contact_goalkeeper_throw")
    )
    if thrown and (person is None or person.role is None):
        return min(usual, throw), max(usual, throw)
    counted = throw if thrown and person is not None and person.role == GOALKEEPER else usual
    return counted, counted


def _deliberate(group: Sequence[Happening], scene: Scene, edition: Edition) -> Truth:
    """Return whether a play is a deliberate one that takes the other team's offside position away.

    Gaining control, and a kick that is meant for a team-mate, are; a save is not, even on purpose; of any
    other touch somebody has to say so.
    """
    if edition.choice("deliberate_play") != "resets":
        return False
    kinds = {one.kind for one in group}
    if kinds & {"pass", "possession"}:
        return True if any(one.certain for one in group if one.kind in ("pass", "possession")) else None
    if "save" in kinds:
        return edition.choice("deliberate_save") != "does not reset"
    told = [one for one in group if one.kind == "deliberate_play"]
    if told:
        return True if any(one.certain for one in told) else None
    unmeant = any(one.kind == "touch" and one.detail in NOT_DELIBERATE for one in group)
    return False if unmeant or scene.is_complete("deliberate_play", group[0].t, group[0].t) else None


def swappable(one: Played, other: Played) -> bool:
    """Whether nobody knows which of two plays of different teams came first.

    The clock of a source may be late, but then it is late for all of its events: only where both are less certain
    than a usual report may they be late by more apart from each other.
    """
    if None in (one.team, other.team) or one.team == other.team:
        return False
    widths = (one.high - one.low) / 2, (other.high - other.low) / 2
    return min(widths) > USUAL_S and abs(one.t - other.t) < hypot(*widths)


def _with_ties(plays: Sequence[Played]) -> list[Played]:
    found = []
    for index, one in enumerate(plays):
        beside = [plays[n] for n in (index - 1, index + 1) if 0 <= n < len(plays)]
        tied = any(abs(other.t - one.t) <= SAME_S for other in beside)
        found.append(Played(**{**vars(one), "tied": tied}) if tied else one)
    return found
