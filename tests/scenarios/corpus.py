"""Random cases for the laws: scripts of the corpus with people, times and errors shaken, and drawn plays."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st
from laws import entries, formations
from script import load, scripts

from ontologies import registry

Script = dict[str, Any]
Strategy = st.SearchStrategy[Script]

# What a domain draws beyond its corpus.
DRAWN: dict[str, tuple[Callable[[], Strategy], ...]] = {"hockey": (entries,), "football": (formations,)}

SHAKES = st.floats(-1.0, 1.0).map(lambda value: round(value, 2))
LATER = st.floats(-0.3, 0.3).map(lambda value: round(value, 2))
SIGMAS = (None, 0.01, 0.05, 0.15, 0.3)


@cache
def corpus(domain: str | None = None) -> tuple[Script, ...]:
    """Return the scripts of a domain, or of all, with the name of their file."""
    found = ({**load(path), "name": str(path.relative_to(path.parents[2]))} for path in scripts())
    return tuple(script for script in found if domain in (None, script["domain"]))


def editions(script: Script) -> list[str]:
    """Return the editions that a script can be judged under."""
    return list(script.get("editions") or sorted(registry.ontology(script["domain"]).editions))


@st.composite
def shaken(draw: st.DrawFn, domain: str | None = None) -> Script:
    """Draw a script of the corpus, with up to three people elsewhere, an event at another time, another error."""
    script = copy.deepcopy(draw(st.sampled_from(corpus(domain))))
    script["edition"] = draw(st.sampled_from(editions(script)))
    for name in draw(st.lists(st.sampled_from(sorted(script["people"])), max_size=3, unique=True)):
        move(script, name, draw(SHAKES), draw(SHAKES))
    if script.get("events") and draw(st.booleans()):
        event = draw(st.sampled_from(script["events"]))
        event[0] = max(0.0, round(event[0] + draw(LATER), 2))
    sigma = draw(st.sampled_from(SIGMAS))
    if sigma is not None:
        script["sigma"] = sigma
    if draw(st.booleans()):
        script["toward"] = {"right": "left", "left": "right"}[script.get("toward", "right")]
    return script


def move(script: Script, name: str, dx: float, dy: float) -> None:
    """Move somebody, with the parts of the body, all the way along."""
    paths = [script["people"][name], *script.get("parts", {}).get(name, {}).values()]
    for path in paths:
        for t, place in path.items():
            path[t] = [place[0] + dx, place[1] + dy, *place[2:]]


def cases(domain: str | None = None) -> Strategy:
    """Return the scripts that the laws are checked on; of one domain, or of all."""
    makers = [maker for one, several in DRAWN.items() for maker in several if domain in (None, one)]
    some = [shaken(domain)] if corpus(domain) else []
    return st.one_of(*some, *(st.one_of(maker()) for maker in makers))
