"""What the undecided calls of a run have in common: what blocks them, how close they were, and whose they are.

For every rule the undecided calls are counted by what they are blocked by (atoms with names and numbers taken out),
whether the opportunity was certain or possible, the team, how long the evidence lasts, and how far the margin nearest
to zero is from it. A rule that abstains too often is mended at the largest row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from records import calls as calls_file
from records.calls import Call
from records.errors import InputError

NAME = re.compile(r"\b(?:home|away)\b")
NUMBER = re.compile(r"\b(?:[a-z]{1,2})?\d+(?:\.\d+)?\b")
EDGES = (-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0)  # of a margin, in its unit
LENGTHS_S = (1.0, 2.0, 3.0, 4.0, 6.0, 10.0)
SHOWN = 12  # rows of a table
NOTHING = "nothing named"


def breakdown(folder: Path) -> str:
    """Return the tables of all calls in a folder and below it, as text.

    Raises:
        InputError: when there are no calls.
    """
    files = sorted(folder.rglob("calls.json"))
    if not files:
        raise InputError("no calls.json in the folder or below it", where=str(folder), mend="judge with out=FOLDER")
    return tables([call for file in files for call in calls_file.read(file).calls])


def tables(calls: Sequence[Call]) -> str:
    """Return the tables of some calls, rule by rule; a rule that decided everything has one line.

    >>> tables([])
    ''
    """
    return "\n\n".join(_of(rule, calls) for rule in sorted({call.rule for call in calls}))


def _of(rule: str, calls: Sequence[Call]) -> str:
    own = [call for call in calls if call.rule == rule]
    open_ = [call for call in own if call.verdict == "undecided"]
    lines = [f"{rule}: {len(open_)} of {len(own)} calls undecided"]
    for title, values in (
        ("blocked by", (blocked(call) for call in open_)),
        ("opportunity", (call.opportunity for call in open_)),
        ("team", (call.team or "unknown" for call in open_)),
        ("evidence lasts, s", (_bin(one[1] - one[0], LENGTHS_S) for one in (call.window for call in open_) if one)),
        ("margin", (margin(call) for call in open_)),
    ):
        lines += _table(title, values, len(open_)) if open_ else []
    return "\n".join(lines)


def _table(title: str, values: Iterable[str], count: int) -> list[str]:
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    rows = [f"    {number:6d} {number / count:6.1%}  {value}" for value, number in counts[:SHOWN]]
    rest = sum(number for _, number in counts[SHOWN:])
    return [f"  {title}", *rows, *([f"    {rest:6d} {rest / count:6.1%}  other"] if rest else [])]


def blocked(call: Call) -> str:
    """Return what a call is blocked by, without who and how many: calls that differ in nothing else are alike."""
    return " + ".join(sorted({plain(one.atom) for one in call.blocked_by})) or NOTHING


def plain(text: str) -> str:
    """Return the text of an atom with names and numbers taken out.

    >>> plain("h17's left skate wholly over the blue line"), plain("201980 in the lane for 3 s of home's control")
    ("N's left skate wholly over the blue line", "N in the lane for N s of T's control")
    """
    return NUMBER.sub("N", NAME.sub("T", text))


def margin(call: Call) -> str:
    """Return how far the margin nearest to zero is from it, as a range with its unit."""
    if call.margin is None:
        return "none"
    return f"{_bin(call.margin.value, EDGES)} {call.margin.unit}"


def _bin(value: float, edges: Sequence[float]) -> str:
    low = max((edge for edge in edges if edge <= value), default=None)
    high = min((edge for edge in edges if edge > value), default=None)
    if low is None:
        return f"under {high:g}"
    return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"
