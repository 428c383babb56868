"""The probability of a violation, by seeded joint draws of positions, shared error modes and the instant.

Missing evidence is never sampled: where something unobserved would change the outcome there is no
probability.
"""

from __future__ import annotations

import zlib

import numpy as np

from rules.kleene import Bools, Floats, Truth
from rules.propositions import Leaf, Prop, Spread
from rules.settle import settle

DRAWS = 4096
BITS = 62  # outcomes that fit one whole number
FAR_SIGMAS = 8.0  # a normal draw is further out once in 10^15
DIGITS = 3  # a share of 4096 draws is not known better


def probability(prop: Prop, seed: str) -> float | None:
    """Return the share of draws in which the proposition holds, or None when something unobserved matters.

    Args:
        prop: the violation.
        seed: any text, usually the call's id; the same text draws the same numbers.
    """
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    leaves = prop.leaves()
    modes = max((len(leaf.spread.modes) for leaf in leaves.values() if leaf.spread is not None), default=0)
    shared = rng.standard_normal((modes, DRAWS))
    instants: dict[str, Floats] = {}
    own: dict[str, Floats] = {}
    outcomes: dict[str, Bools] = {}
    for key, leaf in leaves.items():
        spread = leaf.spread
        if spread is None or not np.isfinite(spread.margin) or not np.isfinite(spread.own):
            outcomes[key] = np.full(DRAWS, leaf.value is True)
        elif _beyond_doubt(spread):
            outcomes[key] = np.full(DRAWS, spread.margin > 0)
        else:
            moment = _drawn(instants, _instant_of(leaf), rng)
            person = _drawn(own, leaf.entity or key, rng)
            outcomes[key] = _draw(spread, shared, moment, person, rng)
    unseen = [
        key for key, leaf in leaves.items() if leaf.value is None and (leaf.spread is None or leaf.margin is None)
    ]
    if not _agree(prop, outcomes, unseen):
        return None
    return round(float(prop.evaluate(outcomes).mean()), DIGITS)


def _beyond_doubt(spread: Spread) -> bool:
    """Whether no draw in a human lifetime would turn the sign of a margin."""
    sigma = spread.own + float(np.abs(spread.modes).sum()) + abs(spread.rate * spread.time_sigma)
    return abs(spread.margin) - spread.slack > FAR_SIGMAS * sigma


def _drawn(kept: dict[str, Floats], name: str, rng: np.random.Generator) -> Floats:
    """Return the normal draws under a name, drawing them the first time."""
    if name not in kept:
        kept[name] = rng.standard_normal(DRAWS)
    return kept[name]


def _instant_of(leaf: Leaf) -> str:
    return leaf.key.rpartition("@")[2]


def _draw(spread: Spread, shared: Floats, moment: Floats, person: Floats, rng: np.random.Generator) -> Bools:
    """Draw a margin: one error per entity, shared modes, the instant, and evenly over the open extent."""
    drawn = spread.margin + spread.own * person + spread.modes @ shared[: len(spread.modes)]
    drawn = drawn + spread.rate * spread.time_sigma * moment
    result: Bools = drawn + spread.slack * rng.uniform(-1.0, 1.0, DRAWS) > 0
    return result


def _agree(prop: Prop, outcomes: dict[str, Bools], unseen: list[str]) -> bool:
    """Whether no completion of the unobserved leaves changes the outcome of any draw."""
    if not unseen:
        return True
    drawn = [key for key in outcomes if key not in unseen]
    open_: dict[str, Truth] = dict.fromkeys(unseen)
    return all(
        settle(prop, {**open_, **{key: bool(outcomes[key][draw]) for key in drawn}}) is not None
        for draw in _different([outcomes[key] for key in drawn])
    )


def _different(outcomes: list[Bools]) -> list[int]:
    """Return the numbers of draws that stand for all draws with the same outcomes."""
    varying = np.array([row for row in outcomes if row.any() and not row.all()], np.bool_)
    if len(varying) > BITS:
        return [int(draw) for draw in np.unique(varying, axis=1, return_index=True)[1]]
    codes = np.left_shift(1, np.arange(len(varying))) @ varying.reshape(len(varying), DRAWS).astype(np.int64)
    return [int(draw) for draw in np.unique(codes, return_index=True)[1]]
