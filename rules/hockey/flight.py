"""How the puck came over a goal line: which attacker had the last contact with it, where, and what it met since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rules.context import Happening
from rules.distances import Entity
from rules.hockey.play import NOT_STICK, PLAYERS, SIGN, Entry, Play
from rules.kleene import Bools, Truth
from rules.operators import at
from rules.propositions import Instant, Prop, fact
from rules.settle import settle

OPPOSITE = {"left": "right", "right": "left"}
DEFLECTED = ("deflection", "body")


@dataclass(frozen=True, eq=False)
class Contact:
    """A contact of the attackers with the puck: when the puck left, who that was, whether it was on the stick.

    ``played`` is false of a deflection, ``held`` true at the end of a possession.
    """

    instant: Instant
    certain: bool
    entity: str | None
    stick: Truth
    played: bool = True
    held: bool = False

    @property
    def who(self) -> str:
        """Who it was, in words."""
        return self.entity or "somebody"


@dataclass(frozen=True, eq=False)
class Flight:
    """The puck on its way over a goal line.

    Attributes:
        crossing: of the goal line, by the puck that ``crossing.attack`` sent.
        contact: the last contact of the attackers; None when none is listed.
        others: contacts that may have been the last instead.
        sent: whether the puck was sent from behind the center line.
        certain: false when it may have been sent from beyond.
        tipped: whether it was sent from behind, but for a team-mate's deflection on the way.
    """

    crossing: Entry
    contact: Contact | None
    sent: Prop
    certain: bool = False
    tipped: bool = False
    others: tuple[Contact, ...] = ()

    def each(self) -> list[Flight]:
        """Return the flight as it is for each contact that may have been the last."""
        return [self, *(replace(self, contact=one, others=()) for one in self.others)]

    @property
    def start(self) -> Instant:
        """When the puck was sent; without a contact, when it crossed the goal line."""
        return self.crossing.instant if self.contact is None else self.contact.instant


def flights(play: Play) -> Iterator[Flight]:
    """Yield the pucks that may have been sent from behind the center line and crossed the opponents' goal line.

    A puck that comes out again and crosses once more is still the same.
    """
    judged: set[tuple[str | None, float]] = set()
    for crossing in play.icings:
        flight = _flight(play, crossing)
        if flight is None:
            continue
        sent = None if flight.contact is None else (flight.contact.entity, flight.contact.instant.t)
        if sent is None or sent not in judged:
            yield flight
        if sent is not None and crossing.certain:
            judged.add(sent)


def _flight(play: Play, crossing: Entry) -> Flight | None:
    contacts = _contacts(play, crossing)
    last = [one for one in contacts if not _superseded(one, contacts)]
    behind = {settle(_not_past(play, crossing, one)) for one in last}
    if behind - {False}:
        sent = _chosen(play, crossing, last)
        return Flight(crossing, last[-1], sent, behind == {True} and last[0].certain, others=tuple(last[:-1]))
    origin = next((one for one in reversed(contacts) if one.played), None)
    if origin is not None and not any(one.played for one in last):
        started = settle(_not_past(play, crossing, origin))
        if started is not False:
            return Flight(crossing, last[-1], _chosen(play, crossing, last), started is True, tipped=True)
    if _unlisted_sender(play, crossing, contacts):
        text = f"{crossing.attack} sent the puck from behind the center line"
        return Flight(crossing, None, fact(text, None, crossing.instant.t))
    return None


def _superseded(one: Contact, contacts: list[Contact]) -> bool:
    return any(other.certain and other.instant.low > one.instant.high for other in contacts)


def _chosen(play: Play, crossing: Entry, last: list[Contact]) -> Prop:
    """Return whether the last contact was behind the center line; of several it may be any."""
    result = _sent(play, crossing, last[0])
    if not last[0].certain:
        result = result & fact(f"{last[0].who} of {crossing.attack} played the puck", None, last[0].instant.t)
    for one in last[1:]:
        later = fact(f"{one.who} was the last of {crossing.attack} to play the puck", None, one.instant.t)
        result = (later & _sent(play, crossing, one)) | (~later & result)
    return result


# contacts of the attackers


def _contacts(play: Play, crossing: Entry) -> list[Contact]:
    """Return the contacts since a face-off or the opponents' possession, up to one that was certainly later."""
    found: list[Contact] = []
    for event in _backwards(play, crossing):
        if _ends_it(event, crossing, found):
            break
        unknown = play.by_nobody_known(event)
        if event.kind == "faceoff" or (event.team != crossing.attack and not unknown):
            continue
        one = _contact(play, replace(event, certain=False) if unknown else event, crossing)
        if not _same_play(one, found):
            found.append(one)
        if one.certain and one.played and len(found) > 1 and not _overlaps(one, found[:-1]):
            break
    return sorted(found, key=lambda one: (one.instant.t, one.instant.low))


def _backwards(play: Play, crossing: Entry) -> Iterator[Happening]:
    """Yield what was played before a crossing, the latest first."""
    events = play.remember(("handled",), lambda: _handled(play))
    stamps = play.remember(("handled stamps",), lambda: [one.low for one in events])
    for event in reversed(events[: bisect_right(stamps, crossing.instant.high)]):
        if event.t <= crossing.instant.high:
            yield event


def _handled(play: Play) -> list[Happening]:
    return sorted(play.possessions() + play.listed("touch", "faceoff"), key=lambda one: (one.low, one.t))


def _ends_it(event: Happening, crossing: Entry, found: list[Contact]) -> bool:
    """Whether nothing before an event matters: a drop of the puck, or the opponents had it under control since."""
    if event.kind == "faceoff":
        return event.certain
    sure = event.certain and event.high <= crossing.instant.low
    before = all(event.high < one.instant.low for one in found)
    return event.kind == "possession" and event.team == crossing.defense and sure and before


def _contact(play: Play, event: Happening, crossing: Entry) -> Contact:
    instant = Instant(event.t, event.low, event.high, play.k)
    held = event.kind == "possession"
    if held:
        instant = _left(play, event, crossing)
    stick: Truth = None if event.detail in (None, "deflection") else event.detail not in NOT_STICK
    if held and event.detail is None:
        stick = True
    return Contact(instant, event.certain, event.entity, stick, held or event.detail not in DEFLECTED, held)


def _same_play(one: Contact, found: list[Contact]) -> bool:
    """Whether a possession ended with a touch of the same player that is there already."""
    return one.held and any(
        other.entity == one.entity and not other.held and other.instant.high >= one.instant.low for other in found
    )


def _overlaps(one: Contact, others: list[Contact]) -> bool:
    return any(other.instant.low <= one.instant.high for other in others)


def _left(play: Play, event: Happening, crossing: Entry) -> Instant:
    """Return when the puck left somebody who had it: as reported, or when it went out of his reach."""
    limit = crossing.instant
    if event.until is not None:
        width = (event.high - event.low) / 2
        return (
            Instant(event.until, event.until - width, event.until + width, play.k) if event.until < limit.t else limit
        )
    end = next((one for one in play.listed("loose") if one.certain and event.t < one.t <= limit.t), None)
    if end is not None:
        return Instant(end.t, end.low, end.high, play.k)
    window = play.window(event.t, limit.t)
    near = play.near(event.entity if event.entity in play.entities else crossing.attack)
    times = play.axis[window]
    surely = np.flatnonzero(near.must[window])
    low = int(surely[-1]) if len(surely) else 0
    out = np.flatnonzero(~near.may[window][low:])
    high = low + int(out[0]) if len(out) else len(times) - 1
    return Instant(float(times[high]), float(times[low]), float(times[high]), play.k)


def _unlisted_sender(play: Play, crossing: Entry, contacts: list[Contact]) -> bool:
    """Whether an attacker may have sent the puck without that being listed, after all that is."""
    start = max([float(play.axis[0]), *(one.instant.high for one in contacts)])
    for event in _backwards(play, crossing):
        if event.certain and event.high <= crossing.instant.low:
            start = max(start, event.high)
            break
    behind = play.puck_past(*_release_edge(play, crossing)).plane.may
    here = _between(play, start, crossing.instant.low)
    return bool((play.could_touch(crossing.attack) & here & behind & ~play.held_by(crossing.defense)).any())


# where the puck was sent from


def _release_edge(play: Play, crossing: Entry) -> tuple[str, float]:
    """Return the edge of the center line that counts, and the sign of the side from which icing is."""
    near = play.edition.reads("icing_release_edge", "near")
    side = OPPOSITE[crossing.end] if near else crossing.end
    return f"center_line_{side}", -SIGN[crossing.end]


def _sent(play: Play, crossing: Entry, contact: Contact) -> Prop:
    """Return whether the puck was sent from behind the center line at a contact.

    On the stick it has to contact the line to gain it; otherwise it has to be wholly past it.
    """
    when, who = contact.instant, contact.who
    edge, sign = _release_edge(play, crossing)
    behind = _at(play, when, f"the puck wholly behind the center line when {who} sent it", edge, sign)
    other = _not_past(play, crossing, contact)
    stick = True if play.edition.reads("gain_line_with", "any") else contact.stick
    if stick is None:
        held = fact(f"{who} had the puck on the stick", None, when.t)
        return (held & behind) | (~held & other)
    return behind if stick else other


def _not_past(play: Play, crossing: Entry, contact: Contact) -> Prop:
    text = f"the puck wholly past the center line when {contact.who} sent it"
    return ~_at(play, contact.instant, text, f"center_line_{crossing.end}", SIGN[crossing.end])


def _at(play: Play, when: Instant, text: str, target: str, sign: float) -> Prop:
    return at(when, play.puck_past(target, sign).named(text), play.axis)


def gained_line(play: Play, flight: Flight) -> Truth:
    """Return whether a reported gain of the line still counted at the last contact: the puck did not go back since."""
    crossing, contact = flight.crossing, flight.contact
    value: Truth = False
    if contact is None:
        return value
    behind = play.puck_past(*_release_edge(play, crossing)).plane
    for event in play.listed("gain_line"):
        unknown = play.by_nobody_known(event)
        if (event.team != crossing.attack and not unknown) or event.low > contact.instant.high:
            continue
        sure = event.certain and not unknown
        if event.high >= contact.instant.low:
            value = True if sure else (value or None)
            continue
        since = play.window(event.high, contact.instant.low)
        if not behind.must[since].any():
            value = True if sure and not behind.may[since].any() else (value or None)
    return value


# what it met on its way


def touched_by_opponent(play: Play, flight: Flight) -> Truth:
    """Return whether an opponent touched the puck between the last contact and the goal line."""
    low, high, team = flight.start, flight.crossing.instant, flight.crossing.defense
    value: Truth = False
    for event in _backwards(play, flight.crossing):
        if event.high < low.low:
            break
        if event.kind == "faceoff" or (event.team != team and not play.by_nobody_known(event)):
            continue
        inside = event.certain and event.team == team and event.low > low.high and event.high < high.low
        value = True if inside else (value or None)
    if value is False and (play.could_touch(team) & _between(play, low.high, high.low)).any():
        return None
    return value


def touched_beyond(play: Play, flight: Flight) -> Truth:
    """Return whether a team-mate may have touched the puck beyond the center line without that being listed."""
    edge, sign = _release_edge(play, flight.crossing)
    past = ~play.puck_past(edge, sign).plane
    here = _between(play, flight.start.high, flight.crossing.instant.low)
    return None if (play.could_touch(flight.crossing.attack) & here & past.may).any() else False


def touched_by_official(play: Play, flight: Flight) -> Truth:
    """Return whether the puck touched an official on its way, as far as is listed."""
    low, high = flight.start, flight.crossing.instant
    officials = {one.id for one in play.entities.values() if one.kind == "official"}
    hits = [one for one in play.listed("touch") if one.entity in officials and low.high < one.t < high.low]
    return any(one.certain for one in hits) or (None if hits else False)


def short_handed(play: Play, flight: Flight) -> Truth:
    """Return whether fewer of the attackers than of the opponents were allowed on the ice when the puck was sent."""
    if play.edition.reads("short_handed_may_ice", "no"):
        return False
    low, high = flight.start.low, flight.start.high
    steps = [one.start for one in play.scene.strength if low < one.start < high]
    stamps = np.array([low, *steps, high])
    own, others = (play.scene.strength_over(team, stamps) for team in (flight.crossing.attack, flight.crossing.defense))
    if np.isnan(own).any() or np.isnan(others).any():
        return None
    fewer = own < others
    return True if fewer.all() else (None if fewer.any() else False)


def from_faceoff(play: Play, flight: Flight) -> Truth:
    """Return whether the puck came straight from one of those who faced off."""
    contact = flight.contact
    if contact is None:
        return None
    if contact.held:
        return False
    drop = _drop_before(play, contact)
    if drop is None:
        known = play.scene.is_complete("faceoff", float(play.axis[0]), contact.instant.low)
        first = not any(one.t < contact.instant.t for one in play.listed("touch", "possession"))
        return None if first and (not known or play.scene.initial.get("last_restart") == "faceoff") else False
    between = [one for one in play.listed("touch", "possession") if drop.t <= one.t < contact.instant.t]
    if any(one.entity != contact.entity for one in between):
        return False
    took = _took(play, drop, contact)
    here = _between(play, drop.high, contact.instant.low)
    unlisted = (play.could_touch("home") | play.could_touch("away")) & here
    return None if took and unlisted.any() else took


def _drop_before(play: Play, contact: Contact) -> Happening | None:
    drops = [one for one in play.listed("faceoff") if one.t <= contact.instant.t]
    return drops[-1] if drops else None


def _took(play: Play, drop: Happening, contact: Contact) -> Truth:
    """Return whether somebody faced off: he is named, or he was near the puck, where only those two may be."""
    named = {one for one in (drop.entity, drop.other) if one is not None and play.is_skater(one)}
    if contact.entity in named:
        return True
    if len(named) == 2 or contact.entity not in play.entities:
        return False if len(named) == 2 else None
    limit = play.edition.si("faceoff_distance")
    position = play.window(drop.t, drop.t).start
    value = play.near(contact.entity, limit).value(position)
    return value if drop.certain else None


def goalkeeper_played(play: Play, flight: Flight, end: float) -> Truth:
    """Return whether the goalkeeper played, feigned to play or went for the puck, before or after the goal line.

    He may do so until the race is over, and touch the puck as the first one as long as play goes on.
    """
    team, low = flight.crossing.defense, flight.start.low
    keepers = play.goalkeepers(team)
    value: Truth = False
    for one in play.listed("goalie_play", "touch", "possession", "whistle", "faceoff"):
        if one.high < low or (one.kind == "goalie_play" and one.low > end):
            continue
        unknown = play.by_nobody_known(one) and one.kind != "whistle" and one.kind != "faceoff"
        if unknown or (one.team == team and (one.kind == "goalie_play" or one.entity in keepers)):
            if one.certain and not unknown and one.low >= low:
                return True
            value = None
        elif one.low > flight.crossing.instant.high:
            break
    if value is None or (not keepers and play.all_tracked(team, low, flight.crossing.instant.high)):
        return value
    return False if play.scene.is_complete("goalie_play", low, end) else None


def judged_playable(play: Play, flight: Flight, team: str, end: float) -> Truth:
    """Return whether somebody of a team was judged to have been able to play the puck."""
    low = flight.start.low
    near = [one for one in play.listed("could_play") if one.high >= low and one.low <= end]
    events = [one for one in near if one.team == team or play.by_nobody_known(one)]
    if events:
        return True if any(one.certain and one.team == team for one in events) else None
    return False if play.scene.is_complete("could_play", low, end) else None


def in_the_net(play: Play, crossing: Entry) -> Truth:
    """Return whether the puck went into the net: a goal is reported, or it went between the posts under the bar."""
    when = crossing.instant
    goals = [one for one in play.listed("goal") if one.low <= when.high and one.high >= when.low - 0.5]
    if goals:
        return True if any(one.certain for one in goals) else None
    between, under = _between_posts(play, crossing)
    if between is False or (between is True and under is False):
        return False
    if between is True and under is True:
        return True
    return False if play.scene.is_complete("goal", when.low, when.high) else None


def _between_posts(play: Play, crossing: Entry) -> tuple[Truth, Truth]:
    """Return whether the puck crossed between the posts, and whether it was under the bar."""
    post, bar = (play.field.landmark(f"goal_{part}_{crossing.end}_far") for part in ("post", "top"))
    here = play.window(crossing.instant.low, crossing.instant.high)
    between: set[bool | None] = set()
    under: set[bool | None] = set()
    for puck in play.pucks:
        motion = play.distances.motion(puck.id, play.axis)
        sigma = play.distances.to(puck.id, f"goal_line_{crossing.end}", play.axis).sigma[here]
        margin = abs(post[1]) - np.abs(motion.y[here])
        between |= {True if one > play.k * s else (None if one > -play.k * s else False)
                    for one, s in zip(margin, sigma, strict=True)}  # fmt: skip
        under |= {None if np.isnan(z) else bool(z < bar[2]) for z in motion.z[here]}
    return _agreed(between), _agreed(under)


def _agreed(values: set[bool | None]) -> Truth:
    return next(iter(values)) if len(values) == 1 else None


def _between(play: Play, low: float, high: float) -> Bools:
    result: Bools = (play.axis > low) & (play.axis < high)
    return result


def skaters(play: Play, team: str) -> list[Entity]:
    """Return the tracked members of a team but for the goalkeepers, by id."""
    return [one for one in play.members(team, PLAYERS) if one.id not in play.goalkeepers(team)]
