"""What a proposition leaves open, exactly: its known parts folded away, and its repeated atoms enumerated.

A Boolean function in which every unknown atom occurs once takes both values unless Kleene's logic decides it, for
its parts can be chosen one by one. So only atoms that occur more than once have to be tried in all combinations,
and the rest is Kleene's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from rules.kleene import Bools, Truth
from rules.propositions import Prop

LIMIT = 12  # atoms that are tried in all combinations, by design: 2**12 completions
Values = Mapping[str, Truth]


def reduced(prop: Prop, values: Values) -> Prop | bool:
    """Return a proposition without its known parts: its value, or an equal one over unknown leaves only."""
    if prop.leaf is not None:
        value = values[prop.leaf.key]
        return prop if value is None else value
    if prop.op == "not":
        inner = reduced(prop.parts[0], values)
        return not inner if isinstance(inner, bool) else Prop("not", (inner,))
    number = {"and": len(prop.parts), "or": 1}.get(prop.op, prop.number)
    rest: list[Prop] = []
    for part in prop.parts:
        one = reduced(part, values)
        if isinstance(one, Prop):
            rest.append(one)
        else:
            number -= one
    if number <= 0 or number > len(rest):
        return number <= 0
    return rest[0] if len(rest) == 1 else Prop("at_least", tuple(rest), number=number)


def occurrences(prop: Prop) -> Counter[str]:
    """Return how often each leaf occurs, in order of appearance."""
    return Counter(leaf.key for leaf in prop.walk())


def decide(prop: Prop, values: Values) -> tuple[Truth, bool]:
    """Return what all completions of the unknown leaves agree on, and whether that is exact.

    It is not when more than ``LIMIT`` of them occur more than once; then it is what Kleene's logic says.
    """
    value = prop.kleene(values)
    if value is not None or all(values[key] is not None for key in prop.repeated):
        return value, True
    left = reduced(prop, values)
    if isinstance(left, bool):
        return left, True
    repeated = [key for key, count in occurrences(left).items() if count > 1]
    if len(repeated) > LIMIT:
        return None, False
    if not repeated:
        return None, True
    must, may = _planes(left, grid(repeated))
    return (True if must.all() else (None if may.any() else False)), True


def essential(prop: Prop, values: Values) -> tuple[list[str], bool]:
    """Return the unknown leaves that an undecided proposition depends on, and whether those are all and exact.

    They are the smallest set whose every value decides: were one of them left out, some values of the others
    would leave the proposition to it. When more than ``LIMIT`` are unknown and some occur more than once, leaves
    that turn out not to matter may be among them.
    """
    left = reduced(prop, values)
    if isinstance(left, bool):
        return [], True
    counts = occurrences(left)
    keys = list(counts)
    if max(counts.values()) == 1:
        return keys, True
    if len(keys) > LIMIT:
        return keys, False
    table = np.broadcast_to(_planes(left, grid(keys))[0], (2,) * len(keys))
    return [key for axis, key in enumerate(keys) if np.any(table.take(0, axis) != table.take(1, axis))], True


def grid(keys: list[str]) -> dict[str, Bools]:
    """Return for each leaf its values in all completions, arrays that broadcast to the shape (2,) * n."""
    result = {}
    for axis, key in enumerate(keys):
        shape = [1] * len(keys)
        shape[axis] = 2
        result[key] = np.array([False, True]).reshape(shape)
    return result


def _planes(prop: Prop, given: Mapping[str, Bools]) -> tuple[Bools, Bools]:
    """Return must and may for arrays of values of some leaves; the others are unknown."""
    if prop.leaf is not None:
        value = given.get(prop.leaf.key)
        return (np.array(False), np.array(True)) if value is None else (value, value)
    parts = [_planes(part, given) for part in prop.parts]
    if prop.op == "not":
        must, may = parts[0]
        return ~may, ~must
    number = {"and": len(parts), "or": 1}.get(prop.op, prop.number)
    least, most = np.zeros((), np.int64), np.zeros((), np.int64)
    for must, may in parts:
        least, most = least + must, most + may
    return least >= number, most >= number
