"""Soccer: a vendor's six minutes with events, and two published goals that stood, through adapters and Law 11.

There are no calls in the data. The figures say whether units, directions and clocks are right, and that nothing that
was played on is called: a `violation` in the match or in a goal is a false alarm. How much is decided is reported.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.sequences.score import Alarm, Figure, Score, at_least, under
from ontologies.checks import field_of
from pipeline.judging import judge
from records import tables
from records.adapters.formats import drafts
from records.calls import Call
from records.errors import InputError
from records.scene import Scene

Floats = NDArray[np.float64]

AROUND_M = 3.0  # players run out over the lines, and throw-ins are taken outside
SPRINT = 12.0  # m/s; nobody is faster, so a speed above it is an error of units, frame rate or identity
STEP_S = 0.4  # speeds are taken over this
NEAR_GOAL_M = 3.0  # of the goal line: where the ball of a goal ends up, given errors of a metre
ALARMS = 10


def evaluate(data: Path, out: Path | None) -> Score:
    """Judge the match and the goals.

    Args:
        data: holds ``sequences/soccer``.
        out: not used; pictures of the alarms are drawn by whoever asked.

    Raises:
        InputError: when the data is not there.
    """
    folder = data / "sequences" / "soccer"
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), mend="give the folder of real test data")
    (match,) = (draft.scene() for draft in drafts(folder / "tracab_opta", "databallpy"))
    goals = [draft.scene() for draft in drafts(folder / "last_row", "last_row")]
    judged = [(scene, call) for scene in (match, *goals) for call in judge(scene).calls]
    figures = [*_units(match), *_clocks(match), *(_goal(scene) for scene in goals), *_calls(match, judged)]
    order = {"violation": 0, "undecided": 1, "clear": 2}
    doubtful = sorted(judged, key=lambda pair: (order[pair[1].verdict], pair[1].opportunity, -_closeness(pair[1])))
    return Score(
        "soccer", tuple(figures), tuple(_notes(match, judged)), tuple(Alarm(*pair) for pair in doubtful[:ALARMS])
    )


def _closeness(call: Call) -> float:
    return 0.0 if call.margin is None else call.margin.value


def _paths(scene: Scene) -> dict[str, Floats]:
    """Return entity -> (row, 3) of t, x, y."""
    columns = [tables.column(scene.tracks, name) for name in ("entity", "t", "x", "y")]
    return {
        name: np.column_stack([values[columns[0] == name] for values in columns[1:]]).astype(np.float64)
        for name in sorted(set(columns[0].tolist()))
    }


def _units(scene: Scene) -> list[Figure]:
    """Return figures that only hold when metres, frames a second and directions are right."""
    field, paths = field_of(scene), _paths(scene)
    people = {name: path for name, path in paths.items() if name != "ball"}
    places = np.concatenate(list(people.values()))
    half_x, half_y = field.length_m / 2 + AROUND_M, field.width_m / 2 + AROUND_M
    inside = (np.abs(places[:, 1]) < half_x) & (np.abs(places[:, 2]) < half_y)
    live = scene.is_live(paths["ball"][:, 0])
    roles = dict(zip(*(tables.column(scene.tracks, name) for name in ("entity", "role")), strict=True))
    deepest = [_deepest(scene, people, name) for name in sorted(people) if roles[name] == "goalkeeper"]
    start = {name: path[0] for name, path in people.items() if path[0, 0] < 1.0}
    own = [scene.attack_sign(name.partition("_")[0], 0.0) * place[1] < 1.0 for name, place in start.items()]
    return [
        at_least(
            "share of players' positions on the pitch or within 3 m of it", float(inside.mean()), 0.99, len(inside)
        ),
        at_least("share of frames with the goalkeeper the deepest of his team", float(np.mean(deepest)), 0.9),
        at_least("players in their own half at the kick-off", float(np.mean(own)), 1.0, len(own)),
        under(
            "distance of the ball from the center mark at the kick-off, m", float(np.hypot(*paths["ball"][0, 1:])), 1.0
        ),
        under("speed of players, 99.9 % of samples, m/s", float(np.quantile(_speeds(people), 0.999)), SPRINT),
        at_least("speed of players, median, m/s", float(np.median(_speeds(people))), 0.3),
        at_least("share of the time that the ball is in play", float(live.mean()), 0.4),
    ]


def _deepest(scene: Scene, people: dict[str, Floats], keeper: str) -> float:
    team = keeper.partition("_")[0]
    sign = float(scene.attack_sign(team, 0.0))
    times = people[keeper][:, 0]
    mates = [np.interp(times, path[:, 0], sign * path[:, 1]) for name, path in people.items() if name.startswith(team)]
    return float(np.mean(sign * people[keeper][:, 1] <= np.min(mates, axis=0) + 1e-9))


def _speeds(people: dict[str, Floats]) -> Floats:
    found = []
    for path in people.values():
        later = np.searchsorted(path[:, 0], path[:, 0] + STEP_S - 1e-6)
        first = np.flatnonzero(later < len(path))
        move = path[later[first]] - path[first]
        found.append(np.hypot(move[:, 1], move[:, 2]) / move[:, 0])
    return np.concatenate(found)


def _clocks(scene: Scene) -> list[Figure]:
    """Return how near the passers are to the ball at their passes: the clocks of both sources agree."""
    paths = _paths(scene)
    assert scene.events is not None
    kinds, entities, t, sigma = (tables.column(scene.events, name) for name in ("kind", "entity", "t", "t_sigma"))
    rows = [n for n, kind in enumerate(kinds) if kind == "pass" and entities[n] in paths]
    gaps = [np.hypot(*(_at(paths[entities[n]], t[n]) - _at(paths["ball"], t[n]))) for n in rows]
    found = float(np.mean([sigma[n] < 0.2 for n in rows]))
    return [
        under("distance of the passer from the ball at his pass, median, m", float(np.median(gaps)), 1.5, len(rows)),
        at_least("share of passes whose kick was found in the ball's track", found, 0.6, len(rows)),
    ]


def _at(path: Floats, t: float) -> Floats:
    return np.array([np.interp(t, path[:, 0], path[:, axis]) for axis in (1, 2)])


def _goal(scene: Scene) -> Figure:
    """Return how far from the attacked goal line the ball of a goal ends up."""
    ball, field = _paths(scene)["ball"], field_of(scene)
    end = float(np.max(np.abs(ball[:, 1]) * np.sign(ball[:, 1]) * float(scene.attack_sign("home", 0.0))))
    return under(f"{scene.id}: the ball stops short of the goal line by, m", field.length_m / 2 - end, NEAR_GOAL_M)


def _calls(match: Scene, judged: list[tuple[Scene, Call]]) -> list[Figure]:
    wrong = sum(call.verdict == "violation" for _, call in judged)
    own = [call for scene, call in judged if scene is match]
    certain = [call for call in own if call.opportunity == "certain"]
    decided = float(np.mean([call.verdict != "undecided" for call in certain])) if certain else 0.0
    return [
        under("offside called in the match and the goals, all of which stood", float(wrong), 0.5, len(judged)),
        Figure("share of the match's certain opportunities decided", decided, of=len(certain)),
        Figure("share of the goals' opportunities decided", _decided(judged, match), of=len(judged) - len(own)),
    ]


def _decided(judged: list[tuple[Scene, Call]], match: Scene) -> float:
    rest = [call.verdict != "undecided" for scene, call in judged if scene is not match]
    return float(np.mean(rest)) if rest else 0.0


def _notes(match: Scene, judged: list[tuple[Scene, Call]]) -> list[str]:
    """Return what the undecided calls of the match wait for, the commonest first."""
    reasons = {
        "than the second-last opponent": "who is further, within the footprints and the tracking error",
        "interferes": "whether somebody interfered, which the events do not tell",
        "next of": "who played the ball next, since receptions are no events",
        "deliberately": "whether an opponent played it deliberately",
    }
    counts: Counter[str] = Counter()
    for scene, call in judged:
        if scene is match and call.verdict == "undecided":
            texts = " ".join(atom.atom for atom in call.blocked_by)
            counts.update(told for key, told in reasons.items() if key in texts)
    return [f"{number} undecided calls of the match wait for: {told}" for told, number in counts.most_common()] + [
        "the goals leave most of the players out, so rosters are open and nothing can be decided"
    ]
