"""Who played the puck last before an instant, as far as events and distances tell.

A defender's deflection leaves the sender who he was, a touch that an attacker forced counts as the attackers',
and one off an official as nobody's. What may have gone unlisted, because somebody was within reach, may have
changed the sender. Of events whose times overlap any may have been the last.
"""

from __future__ import annotations

from bisect import bisect_right

from rules.context import OTHER, Happening
from rules.hockey.play import Entry, Play
from rules.kleene import Truth

Senders = frozenset[str]
BOTH: Senders = frozenset(OTHER)


def sent_by(play: Play, team: str, entry: Entry) -> Truth:
    """Return whether a team played the puck last before an entry."""
    senders = last_before(play, entry)
    return True if senders == {team} else (None if team in senders else False)


def last_before(play: Play, entry: Entry) -> Senders:
    """Return which teams may have played the puck last before an entry, ``official`` for nobody."""
    initial = play.scene.initial.get("possession")
    senders = BOTH if initial is None else frozenset({str(initial)})
    groups, over = _groups(play, entry)
    settled = next((n for n in reversed(range(len(groups))) if _settles(groups[n], entry)), 0)
    clock = max(float(play.axis[0]), over[settled - 1]) if settled else float(play.axis[0])
    for group in groups[settled:]:
        senders |= _unlisted(play, clock, group[0].low)
        senders = _after_all(play, group, senders, entry)
        clock = max(clock, *(one.high for one in group))
    return senders | _unlisted(play, clock, entry.instant.low)


def _groups(play: Play, entry: Entry) -> tuple[list[list[Happening]], list[float]]:
    """Return what was played up to an entry, in groups whose times overlap, and when all up to each was over."""
    begins, groups, over = play.remember(("groups",), lambda: _grouped(_played(play)))
    count = bisect_right(begins, entry.instant.high)
    found = groups[:count]
    if found:
        found[-1] = [one for one in found[-1] if one.low <= entry.instant.high]
    return found, over


def _grouped(played: list[Happening]) -> tuple[list[float], list[list[Happening]], list[float]]:
    """Return the begins of the groups, the groups, and the latest end up to each of them."""
    groups: list[list[Happening]] = []
    over: list[float] = []
    for one in played:
        if groups and one.low <= over[-1]:
            groups[-1].append(one)
            over[-1] = max(over[-1], one.high)
        else:
            groups.append([one])
            over.append(max(one.high, over[-1]) if over else one.high)
    return [group[0].low for group in groups], groups, over


def _played(play: Play) -> list[Happening]:
    return sorted(play.possessions() + play.listed("touch", "faceoff"), key=lambda one: (one.low, one.t))


def _settles(group: list[Happening], entry: Entry) -> bool:
    """Whether what was played before a group is irrelevant: a possession, alone and for certain before the entry."""
    if len(group) > 1:
        return False
    (one,) = group
    return one.kind == "possession" and one.team is not None and _sure(one, entry)


def _sure(one: Happening, entry: Entry) -> bool:
    return one.certain and one.high <= entry.instant.low


def _after_all(play: Play, group: list[Happening], senders: Senders, entry: Entry) -> Senders:
    """Return the possible senders after events of which nobody knows the order."""
    reached = senders
    for _ in group[1:]:
        reached = reached.union(*(_after(play, one, reached, entry) for one in group))
    sure = [one for one in group if _sure(one, entry)]
    latest = max((one.low for one in sure), default=-float("inf"))
    last = [_after(play, one, reached, entry) for one in group if one.high >= latest]
    return frozenset[str]().union(*last) if sure else reached.union(*last)


def _after(play: Play, event: Happening, senders: Senders, entry: Entry) -> Senders:
    person = play.entities.get(event.entity) if event.entity is not None else None
    if person is not None and person.kind == "official":
        ignored = play.edition.reads("deflection_off_official", "ignored")
        return senders if ignored else frozenset({"official"})
    if event.kind == "faceoff" or event.team is None:
        return BOTH
    if event.kind == "possession" or event.team == entry.attack:
        return frozenset({event.team})
    by_detail: dict[str | None, Senders] = {
        "deflection": senders,
        "forced": frozenset({entry.attack}),
        None: senders | {event.team},
        "body": senders | {event.team},
    }
    return by_detail.get(event.detail, frozenset({event.team}))


def _unlisted(play: Play, low: float, high: float) -> Senders:
    """Return the teams of which somebody may have played the puck between two instants without a report."""
    if high <= low:
        return frozenset()
    inside = play.stretch(low, high)
    return frozenset(team for team in OTHER if (play.could_touch(team)[inside] & ~play.held()[inside]).any())
