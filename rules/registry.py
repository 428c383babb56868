"""All rules, and which edition has which: the table rule x edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from records.errors import InputError
from records.names import unknown
from rules.verdicts import Opportunity

EDITIONS: dict[str, tuple[str, ...]] = {
    "hockey": ("nhl-2025", "iihf-2025"),
    "football": ("nfl-2025", "ncaa-2025"),
    "soccer": ("ifab-2025",),
    "basketball": ("nba-2025", "fiba-2024"),
}

# Every rule id, and the editions that lack it with the reason.
RULES: dict[str, dict[str, str]] = {
    "hockey.offside": {},
    "hockey.delayed_offside": {},
    "hockey.icing": {},
    "hockey.too_many_men": {},
    "football.false_start": {},
    "football.encroachment": {"ncaa-2025": "NCAA counts it as offside (7-1-5)"},
    "football.neutral_zone_infraction": {"ncaa-2025": "NCAA counts it as offside (7-1-5)"},
    "football.offside": {},
    "football.illegal_shift": {},
    "football.illegal_motion": {},
    "football.illegal_formation": {},
    "football.too_many_players": {},
    "football.delay_of_game": {},
    "soccer.offside": {},
    "basketball.three_seconds": {},
    "basketball.defensive_three_seconds": {"fiba-2024": "FIBA has no defensive three seconds"},
    "basketball.eight_seconds": {},
    "basketball.backcourt": {},
    "basketball.shot_clock": {},
}

Judge = Callable[[Any], Iterator[Opportunity]]
J = TypeVar("J", bound=Judge)


@dataclass(frozen=True)
class Needs:
    """What a rule needs of a scene to decide all its opportunities; what is missing makes it abstain, never fail.

    Attributes:
        resolution: the coarsest that settles near cases: ``point``, ``box`` or ``pose``.
        events: kinds of events that it reads.
        judgements: kinds of judgement events that may excuse.
        clocks: ``game``, ``shot`` or ``play``.
        context: keys of scene.yaml and optional tables that it reads, e.g. ``attacks``, ``roster``, ``plays``.
    """

    resolution: str = "point"
    events: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule that can be judged.

    Attributes:
        id: one of ``RULES``.
        clause: edition -> clause as cited in a call.
        needs: what it reads.
        judge: from a play to its opportunities.
    """

    id: str
    clause: Mapping[str, str]
    needs: Needs
    judge: Judge


_JUDGES: dict[str, Rule] = {}


def rule(name: str, clause: Mapping[str, str], needs: Needs) -> Callable[[J], J]:
    """Register a rule's function under its id.

    Args:
        name: one of ``RULES``.
        clause: edition -> clause as cited in a call.
        needs: what it reads of a scene.
    """
    if name not in RULES:
        raise InputError(f"rule '{name}' is not in the table of rules", where="rules/registry.py")

    def registered(function: J) -> J:
        _JUDGES[name] = Rule(name, clause, needs, function)
        return function

    return registered


def domain_of(name: str) -> str:
    """Return the domain of a rule id.

    >>> domain_of("hockey.offside")
    'hockey'
    """
    return name.partition(".")[0]


def rules_of(domain: str) -> dict[str, Rule | None]:
    """Return the rules of a domain by id; None where the domain's rulebook has no file for it yet.

    Raises:
        InputError: when the domain is unknown.
    """
    if domain not in EDITIONS:
        raise unknown("domain", domain, EDITIONS)
    names = [name for name in RULES if domain_of(name) == domain]
    if domain in PACKAGES:
        import_module(PACKAGES[domain])
    return {name: _JUDGES.get(name) for name in names}


PACKAGES = {
    "basketball": "rules.basketball",
    "hockey": "rules.hockey",
    "football": "rules.football",
    "soccer": "rules.soccer",
}


def lacks(name: str, edition: str) -> str | None:
    """Return why an edition does not have a rule, or None when it does."""
    return RULES[name].get(edition)
