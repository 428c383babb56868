"""The rules on perfect tracks of generated plays, against the calls that the plays' authors wrote down.

Every play knows its calls from its own script. So a difference is an error of the rules or of the script; which
one, the text of the rulebook decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.judging import judge
from records.calls import Call, Calls
from records.scene import Scene
from simulation.plays.folders import seeds
from simulation.plays.play import Expected, Play
from simulation.plays.registry import Case, draw

MOST_UNDECIDED = 0.01
WRONG = ("wrong", "missing violation", "unexpected violation")


@dataclass(frozen=True)
class Finding:
    """How one expected call, or a call that nobody expected, came out.

    Attributes:
        outcome: `right`, `undecided`, `missing clear`, `wrong name` (nobody is named who did it), `extra clear`, or one
            of `WRONG`.
        rule: rule id.
        text: what was expected and what was called.
    """

    outcome: str
    rule: str
    text: str


@dataclass
class Tally:
    """The findings over the plays of a case.

    Attributes:
        case: its name.
        plays: how many were judged.
        outcomes: how often each outcome.
        notes: play and finding of what did not come out right.
    """

    case: str
    plays: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """Definite calls that are wrong, and violations that were passed over."""
        return sum(self.outcomes[name] for name in WRONG)

    @property
    def judged(self) -> int:
        """All calls, expected or not, but for what is clear and was not asked for."""
        return sum(count for name, count in self.outcomes.items() if name != "extra clear")


def check(
    cases: Sequence[Case],
    count: int,
    seed: int = 0,
    keep: Callable[[Play, Scene, Calls], object] | None = None,
    tick: Callable[[], object] = lambda: None,
) -> list[Tally]:
    """Judge so many plays of each case and compare the calls with those expected.

    Args:
        cases: which.
        count: plays of each; editions in turn.
        seed: of the first play of each case.
        keep: called with each play that does not come out right, its scene and its calls.
        tick: called after each play.
    """
    tallies = []
    for case in cases:
        tally = Tally(case.name)
        for edition, number in seeds(case, count, seed):
            play = draw(case.board.DOMAIN, case.name, edition, number)
            scene = play.scene()
            calls = judge(scene)
            findings = compare(play, calls.calls)
            tally.plays += 1
            tally.outcomes.update(one.outcome for one in findings)
            bad = [one for one in findings if one.outcome not in ("right", "extra clear")]
            tally.notes += [(play.name, one) for one in bad]
            if bad and keep is not None:
                keep(play, scene, calls)
            tick()
        tallies.append(tally)
    return tallies


def compare(play: Play, calls: Sequence[Call]) -> list[Finding]:
    """Return a finding for every expected call and for every call that was not expected."""
    slack = 0.5 * float(play.t[1] - play.t[0])
    left = list(calls)
    found = []
    for want in sorted(play.expected, key=lambda one: (one.verdict == "none", one.rule, one.t or 0.0)):
        if want.verdict == "none":
            found += [] if any(one.rule == want.rule for one in left) else [Finding("right", want.rule, "no call")]
            continue
        near = [one for one in left if _fits(want, one, slack)] or [one for one in left if _open(want, one)]
        near.sort(key=lambda one: (one.verdict != want.verdict, abs(one.t - (want.t or one.t)), one.id))
        if near:
            left.remove(near[0])
        found.append(_finding(want, near[0] if near else None))
    return [*found, *_unexpected(left)]


def _fits(want: Expected, call: Call, slack: float) -> bool:
    timely = want.t is None or abs(call.t - want.t) <= want.t_sigma + slack
    return call.rule == want.rule and timely and want.team in (None, call.team)


def _open(want: Expected, call: Call) -> bool:
    """Whether a call leaves open what was expected: undecided, at another instant of the same stretch."""
    held = want.t is not None and call.window is not None and call.window[0] <= want.t <= call.window[1]
    return call.verdict == "undecided" and call.rule == want.rule and held and want.team in (None, call.team)


def _finding(want: Expected, call: Call | None) -> Finding:
    told = f"expected {want.verdict}" + ("" if want.t is None else f" at {want.t:.3f} s")
    if call is None:
        return Finding(f"missing {want.verdict}", want.rule, f"{told}, no call")
    text = f"{told}, called {call.verdict} at {call.t:.3f} s, {' '.join(call.entities)}"
    if call.verdict == "undecided":
        return Finding("undecided", want.rule, f"{text}: {'; '.join(atom.atom for atom in call.blocked_by)}")
    if call.verdict != want.verdict:
        return Finding("wrong", want.rule, text)
    if want.entities and not set(want.entities) & set(call.entities):
        return Finding("wrong name", want.rule, f"{text} instead of {' '.join(want.entities)}")
    return Finding("right", want.rule, text)


def _unexpected(calls: Sequence[Call]) -> Iterator[Finding]:
    names = {"clear": "extra clear", "undecided": "undecided", "violation": "unexpected violation"}
    for call in calls:
        text = f"nothing expected, called {call.verdict} at {call.t:.3f} s, {' '.join(call.entities)}"
        yield Finding(names[call.verdict], call.rule, text)


def lines(tallies: Sequence[Tally]) -> Iterator[str]:
    """Yield a table: a line per case, and one for all."""
    total = Tally("all")
    for one in tallies:
        total.plays += one.plays
        total.outcomes.update(one.outcomes)
    yield f"{'case':56} {'plays':>6} {'calls':>6} {'wrong':>6} {'undecided':>9} {'name':>5} {'missing':>7}"
    for one in (*tallies, total):
        got = one.outcomes
        yield (
            f"{one.case:56} {one.plays:6} {one.judged:6} {one.wrong:6} {got['undecided']:9} {got['wrong name']:5} "
            f"{got['missing clear']:7}"
        )


def good(tallies: Sequence[Tally]) -> bool:
    """Whether no definite call is wrong, no violation was passed over, and one in a hundred is undecided at most."""
    judged = sum(one.judged for one in tallies)
    undecided = sum(one.outcomes["undecided"] for one in tallies)
    return not any(one.wrong for one in tallies) and undecided <= MOST_UNDECIDED * judged
