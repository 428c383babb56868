"""How verdicts decay with what sensors do to the truth: right, undecided, lost, wrong, by rule, knob and level."""

from __future__ import annotations

import contextlib
import csv
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tqdm import tqdm

from evaluation.sequences.score import Figure, under
from pipeline.judging import judge
from records.calls import Call
from records.errors import InputError
from records.names import unknown
from records.scene import Scene
from simulation.plays import registry
from simulation.sensors import (
    Confusions,
    Events,
    FalseTracks,
    Frames,
    Gaps,
    Misses,
    Position,
    Registration,
    Sensors,
    Unknowns,
    View,
    sense,
)

OUTCOMES = ("right", "undecided", "lost", "wrong")
LIMIT = 0.02  # of wrong definite verdicts
TOLERANCE_S = 1.5  # a call this far from an opportunity is on another one, beyond what lag explains
DOUBTFUL_M = 0.2  # own noise at which misstated sigmas are tried


@dataclass(frozen=True)
class Known:
    """The verdict that a play has by construction: ``violation``, ``clear``, or ``none`` (no opportunity)."""

    rule: str
    verdict: str
    team: str | None = None
    t: float | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """A play with its verdicts.

    Attributes:
        name: of the play; the seed of what the sensors do to it comes from it.
        make: returns the scene of exact truth.
        known: all its opportunities under the rules that it lists.
    """

    name: str
    make: Callable[[], Scene]
    known: tuple[Known, ...]


@dataclass(frozen=True)
class Sweep:
    """One knob over its levels; the first is off, or honest.

    Attributes:
        title: what is turned, for people.
        unit: of the levels.
        levels: from off to bad.
        sensors: of a level.
        honest: whether the scene still tells the truth about itself.
    """

    title: str
    unit: str
    levels: tuple[float, ...]
    sensors: Callable[[float], Sensors]
    honest: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of one opportunity at one level of one knob.

    Attributes:
        rule: rule id.
        knob: name of the sweep.
        level: of the knob.
        case: name of the play.
        truth: the verdict by construction; ``extra`` where a violation was called and there was no opportunity.
        outcome: one of ``OUTCOMES``.
        seed: that the sensors had.
        call: id of the call; None: none was made.
    """

    rule: str
    knob: str
    level: float
    case: str
    truth: str
    outcome: str
    seed: int
    call: str | None = None


@dataclass(frozen=True)
class Share:
    """The outcomes of one rule at one level, as counts.

    Attributes:
        of: opportunities that there were.
        counts: outcome -> how many; a violation out of thin air is a wrong one too.
    """

    rule: str
    knob: str
    level: float
    of: int
    counts: Mapping[str, int]

    def share(self, outcome: str) -> float:
        """Return the share of the opportunities with an outcome."""
        return self.counts.get(outcome, 0) / self.of if self.of else 0.0


@dataclass(frozen=True)
class Drawn:
    """How much is judged.

    Attributes:
        per_case: plays of each edge case; its editions take turns.
        repeats: how often the sensors are drawn anew.
        thin: each play is judged at one level of so many.
        seed: of the first play.
    """

    per_case: int = 2
    repeats: int = 1
    thin: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("per_case", "repeats", "thin"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}", "decay", "give 1 or more")


def _position(level: float) -> Sensors:
    return Sensors(position=Position(sigma_m=level))


def _registration(level: float) -> Sensors:
    return Sensors(registration=Registration(sigma_m=level, affine_m=level))


def _together(level: float) -> Sensors:
    """Everything at once; 1 is about a broadcast camera and a good tracker."""
    return Sensors(
        position=Position(sigma_m=0.15 * level),
        registration=Registration(sigma_m=0.05 * level, affine_m=0.05 * level),
        misses=Misses(share=min(0.03 * level, 1.0), ball_share=min(0.15 * level, 1.0)),
        false_tracks=FalseTracks(per_minute=6.0 * level),
        confusions=Confusions(chance=min(0.1 * level, 1.0)),
        frames=Frames(fps=30.0, jitter=0.1) if level else Frames(),
        events=Events(jitter_s=0.05 * level, missed=min(0.02 * level, 1.0)),
    )


def _claimed(level: float) -> Sensors:
    return Sensors(position=Position(sigma_m=DOUBTFUL_M), claimed=level)


SWEEPS: dict[str, Sweep] = {
    "position": Sweep("own position noise", "1-sigma, m", (0.0, 0.05, 0.1, 0.2, 0.4, 0.8), _position),
    "registration": Sweep("shared registration error", "1-sigma across, m", (0.0, 0.05, 0.1, 0.2, 0.4), _registration),
    "misses": Sweep(
        "missed in bursts", "share of the time", (0.0, 0.05, 0.1, 0.2, 0.4), lambda v: Sensors(misses=Misses(share=v))
    ),
    "occlusion": Sweep(
        "lost behind somebody",
        "share of the times in line",
        (0.0, 0.25, 0.5, 1.0),
        lambda v: Sensors(misses=Misses(occluded=v)),
    ),
    "never_seen": Sweep(
        "people never tracked", "share of the people", (0.0, 0.05, 0.1, 0.2), lambda v: Sensors(misses=Misses(whole=v))
    ),
    "false_tracks": Sweep(
        "tracks of nobody", "per minute", (0.0, 10.0, 30.0, 100.0), lambda v: Sensors(false_tracks=FalseTracks(v))
    ),
    "confusions": Sweep(
        "identity lost in a close pass", "chance", (0.0, 0.25, 0.5, 1.0), lambda v: Sensors(confusions=Confusions(v))
    ),
    "confused_teams": Sweep(
        "identity and team lost in a close pass",
        "chance",
        (0.0, 0.25, 0.5, 1.0),
        lambda v: Sensors(confusions=Confusions(v, kits_tell=False)),
    ),
    "gaps": Sweep(
        "nothing seen at all", "s, 10 a minute", (0.0, 0.25, 0.5, 1.0, 2.0), lambda v: Sensors(gaps=Gaps(10.0, v))
    ),
    "lag": Sweep(
        "events against tracks", "1-sigma, s", (0.0, 0.04, 0.1, 0.2, 0.4), lambda v: Sensors(events=Events(lag_s=v))
    ),
    "jitter": Sweep(
        "each event's time", "1-sigma, s", (0.0, 0.04, 0.1, 0.2, 0.4), lambda v: Sensors(events=Events(jitter_s=v))
    ),
    "frames": Sweep(
        "frame rate", "fps", (0.0, 15.0, 10.0, 5.0, 2.0), lambda v: Sensors(frames=Frames(v, 0.2 if v else 0.0))
    ),
    "teams": Sweep(
        "team unknown", "share of the people", (0.0, 0.1, 0.25, 0.5), lambda v: Sensors(unknowns=Unknowns(team=v))
    ),
    "kinds": Sweep(
        "kind unknown", "share of the people", (0.0, 0.1, 0.25, 0.5), lambda v: Sensors(unknowns=Unknowns(kind=v))
    ),
    "roles": Sweep(
        "role unknown", "share of the people", (0.0, 0.1, 0.25, 0.5), lambda v: Sensors(unknowns=Unknowns(role=v))
    ),
    "events": Sweep(
        "events missed", "share of the events", (0.0, 0.05, 0.1, 0.2, 0.4), lambda v: Sensors(events=Events(missed=v))
    ),
    "view": Sweep("panning view", "width, m", (0.0, 60.0, 45.0, 30.0, 20.0), lambda v: Sensors(view=View(width_m=v))),
    "together": Sweep("everything at once", "1: broadcast", (0.0, 0.5, 1.0, 2.0, 4.0), _together),
    "claimed": Sweep("stated sigma", f"share of {DOUBTFUL_M:g} m", (1.0, 0.7, 0.5, 0.25), _claimed, honest=False),
    "hidden_swaps": Sweep(
        "swaps that nobody noticed",
        "chance",
        (0.0, 0.25, 0.5, 1.0),
        lambda v: Sensors(confusions=Confusions(v, hidden=1.0)),
        honest=False,
    ),
    "hidden_team_swaps": Sweep(
        "swaps across teams that nobody noticed",
        "chance",
        (0.0, 0.25, 0.5, 1.0),
        lambda v: Sensors(confusions=Confusions(v, kits_tell=False, hidden=1.0)),
        honest=False,
    ),
    "hidden_gaps": Sweep(
        "gaps that nobody noticed",
        "s, 10 a minute",
        (0.0, 0.25, 0.5, 1.0, 2.0),
        lambda v: Sensors(gaps=Gaps(10.0, v, hidden=True)),
        honest=False,
    ),
    "hidden_events": Sweep(
        "events missed, said to be complete",
        "share of the events",
        (0.0, 0.05, 0.1, 0.2, 0.4),
        lambda v: Sensors(events=Events(missed=v, hidden=True)),
        honest=False,
    ),
    "named_ghosts": Sweep(
        "tracks of nobody, in a team",
        "per minute",
        (0.0, 10.0, 30.0, 100.0),
        lambda v: Sensors(false_tracks=FalseTracks(v, named=1.0)),
        honest=False,
    ),
}


def chosen(knobs: Sequence[str] | None) -> dict[str, Sweep]:
    """Return sweeps by their names; None: all.

    Raises:
        InputError: if there is none of a name.
    """
    for name in knobs or ():
        if name not in SWEEPS:
            raise unknown("knob", name, SWEEPS, "decay")
    return {name: SWEEPS[name] for name in (SWEEPS if knobs is None else knobs)}


def _play(domain: str, name: str, edition: str, seed: int) -> Case:
    play = registry.draw(domain, name, edition, seed)
    known = tuple(Known(one.rule, one.verdict, one.team, one.t) for one in play.expected)
    return Case(f"{domain}/{name}/{edition}/{seed}", play.scene, known)


def outcomes(
    cases: Iterable[Case], knobs: Sequence[str] | None = None, repeats: int = 1, thin: int = 1
) -> Iterator[Outcome]:
    """Yield what becomes of every opportunity at every level of the knobs, in order of the cases.

    Args:
        cases: plays with their verdicts.
        knobs: names of sweeps; None: all.
        repeats: how often the sensors are drawn anew.
        thin: each play is judged at one level of so many, another selection for each play.

    Raises:
        InputError: on an unknown knob.
    """
    sweeps = list(chosen(knobs))
    for case in cases:
        yield from _decayed(case, sweeps, repeats, thin)


def _decayed(case: Case, knobs: Sequence[str], repeats: int, thin: int) -> list[Outcome]:
    """Return the outcomes of one case; a setting that several sweeps share is judged once."""
    truth = case.make()
    judged: dict[tuple[Sensors, int], tuple[Call, ...]] = {}
    found = []
    settings = [(knob, level) for knob in knobs for level in SWEEPS[knob].levels]
    for knob, level in settings:
        sensors = SWEEPS[knob].sensors(level)
        if sensors == Sensors() or zlib.crc32(f"{case.name} {knob} {level:g}".encode()) % thin == 0:
            for repeat in range(repeats):
                seed = zlib.crc32(case.name.encode()) + repeat
                key = (sensors, 0 if sensors == Sensors() else seed)
                if key not in judged:
                    judged[key] = tuple(judge(sense(truth, *key)).calls)
                found += [replace(one, knob=knob, level=level, case=case.name, seed=seed)
                          for one in matched(case.known, judged[key])]  # fmt: skip
    return found


def measure(domains: Sequence[str], knobs: Sequence[str], drawn: Drawn, workers: int = 1) -> list[Share]:
    """Return what becomes of the verdicts on generated plays.

    Args:
        domains: sports.
        knobs: names of sweeps.
        drawn: which plays, and how often.
        workers: processes.

    Raises:
        InputError: on an unknown knob or sport.
    """
    jobs = [(domain, name, n, tuple(knobs), drawn)
            for domain in domains for name in registry.cases(domain) for n in range(drawn.per_case)]  # fmt: skip
    with contextlib.ExitStack() as stack:
        run: Callable[..., Iterator[list[Outcome]]] = map
        if workers > 1:
            run = stack.enter_context(ProcessPoolExecutor(workers)).map
        done = tqdm(run(_judged_play, jobs), total=len(jobs), disable=not sys.stderr.isatty())
        return shares(one for several in done for one in several)


def _judged_play(job: tuple[str, str, int, tuple[str, ...], Drawn]) -> list[Outcome]:
    domain, name, n, knobs, drawn = job
    case = registry.cases(domain)[name]
    play = _play(domain, name, case.editions[n % len(case.editions)], drawn.seed + n)
    return list(outcomes([play], knobs, drawn.repeats, drawn.thin))


def figures(counted: Sequence[Share]) -> list[Figure]:
    """Return for each rule the worst share of wrong definite verdicts of the honest knobs, beside its goal."""
    found = []
    for rule in sorted({one.rule for one in counted}):
        own = [one for one in counted if one.rule == rule and SWEEPS[one.knob].honest]
        if own:
            worst_one = max(own, key=lambda one: one.share("wrong"))
            name = f"{rule}: wrong definite, worst ({worst_one.knob} {worst_one.level:g})"
            found.append(under(name, worst_one.share("wrong"), LIMIT, worst_one.of))
    return found


def matched(known: Sequence[Known], calls: Sequence[Call]) -> list[Outcome]:
    """Return what became of each opportunity, and violations called where there was none.

    A call belongs to the nearest opportunity of its rule and team.
    """
    found = []
    for rule in sorted({one.rule for one in known}):
        own = [one for one in known if one.rule == rule]
        left = [call for call in calls if call.rule == rule]
        if any(one.verdict == "none" for one in own):
            found += [_outcome(one, _worst(left)) for one in own]
            continue
        pairs = sorted((_distance(one, call), n, m) for n, one in enumerate(own)
                       for m, call in enumerate(left) if _may_be(one, call))  # fmt: skip
        taken: dict[int, int] = {}
        for _, n, m in pairs:
            if n not in taken and m not in taken.values():
                taken[n] = m
        found += [_outcome(one, left[taken[n]] if n in taken else None) for n, one in enumerate(own)]
        more = [call for m, call in enumerate(left) if m not in taken.values() and call.verdict == "violation"]
        fouls = [one for one in own if one.verdict == "violation"]
        found += [
            Outcome(rule, "", 0.0, "", "extra", "wrong", 0, call.id)
            for call in more
            if not any(_may_be(one, call) for one in fouls)
        ]
    return found


def _worst(calls: Sequence[Call]) -> Call | None:
    """Return the call that is most against there being nothing to call."""
    order = {"violation": 0, "undecided": 1, "clear": 2}
    return min(calls, key=lambda call: (order[call.verdict], call.t), default=None)


def _time(known: Known, call: Call) -> float:
    return call.t if known.t is None else known.t


def _distance(known: Known, call: Call) -> float:
    """Return how far a call is from an opportunity; one that may be on nothing at all comes last."""
    return abs(call.t - _time(known, call)) + (TOLERANCE_S if call.opportunity == "possible" else 0.0)


def _may_be(known: Known, call: Call) -> bool:
    """Whether a call may be on an opportunity: of its team, and not far from it in time."""
    same = known.team is None or call.team is None or known.team == call.team
    return same and abs(call.t - _time(known, call)) <= TOLERANCE_S + 2.0 * call.t_sigma


def _outcome(known: Known, call: Call | None) -> Outcome:
    verdict = None if call is None else call.verdict
    if known.verdict == "none":
        outcome = {"violation": "wrong", "undecided": "undecided"}.get(verdict or "", "right")
    elif verdict is None:
        outcome = "lost"
    else:
        outcome = "right" if verdict == known.verdict else "undecided" if verdict == "undecided" else "wrong"
    return Outcome(known.rule, "", 0.0, "", known.verdict, outcome, 0, None if call is None else call.id)


def shares(found: Iterable[Outcome]) -> list[Share]:
    """Return the outcomes counted by rule, knob and level, sorted."""
    counted: dict[tuple[str, str, float], dict[str, int]] = {}
    opportunities: dict[tuple[str, str, float], int] = {}
    for one in found:
        key = (one.rule, one.knob, one.level)
        opportunities[key] = opportunities.get(key, 0) + (one.truth != "extra")
        counts = counted.setdefault(key, dict.fromkeys(OUTCOMES, 0))
        counts[one.outcome] += 1
    order = {(name, level): n for name, sweep in SWEEPS.items() for n, level in enumerate(sweep.levels)}
    keys = sorted(counted, key=lambda key: (key[0], list(SWEEPS).index(key[1]), order[key[1:]]))
    return [Share(*key, opportunities[key], counted[key]) for key in keys]


def table(counted: Sequence[Share]) -> str:
    """Return the counts as csv: rule, knob, level, of, right, undecided, lost, wrong."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["rule", "knob", "honest", "level", "unit", "of", *OUTCOMES])
    for one in counted:
        sweep = SWEEPS[one.knob]
        row: list[Any] = [one.rule, one.knob, sweep.honest, f"{one.level:g}", sweep.unit, one.of]
        writer.writerow([*row, *(one.counts[name] for name in OUTCOMES)])
    return stream.getvalue()


def worst(counted: Sequence[Share]) -> list[str]:
    """Return per rule and knob the worst level as lines of markdown: share wrong there, and how much is still right."""
    lines = ["| rule | knob | worst level | of | wrong | right | undecided or lost |", "|---|---|---|---|---|---|---|"]
    groups: dict[tuple[str, str], list[Share]] = {}
    for one in counted:
        groups.setdefault((one.rule, one.knob), []).append(one)
    for (rule, knob), several in groups.items():
        one = max(several, key=lambda item: item.share("wrong"))
        left = one.share("undecided") + one.share("lost")
        level = f"{one.level:g} {SWEEPS[knob].unit}"
        cells = [
            rule,
            knob,
            level,
            str(one.of),
            *(f"{value:.3f}" for value in (one.share("wrong"), one.share("right"), left)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
