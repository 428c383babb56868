"""Who is seen when: frames, gaps, misses, people in line from the camera, a view that pans."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from records.clock import Span
from records.scene import Counts
from simulation.sensors.draws import Floats, Streams, arrivals, bursts
from simulation.sensors.settings import Frames, Gaps, Misses, View
from simulation.sensors.taking import Bools, Taking, float_or

BODY_M = (0.5, 1.8)  # width of a person, and height over which nobody's feet behind him are seen
BESIDE_M = 5.0  # how far beyond the side lines the camera sees
SURE_RECALL = 0.99  # of people in a view when nobody is missed


def thin(taking: Taking, knobs: Frames, streams: Streams) -> Taking:
    """Keep the instants nearest to those of a camera with fewer frames a second; nothing is interpolated."""
    times = taking.times
    if not knobs.fps or len(times) < 2:
        return taking
    rng = streams.of("frames")
    wanted = np.arange(times[0] + rng.uniform(0.0, 1.0 / knobs.fps), times[-1], 1.0 / knobs.fps)
    wanted = wanted + rng.uniform(-knobs.jitter, knobs.jitter, len(wanted)) / knobs.fps
    right = np.clip(np.searchsorted(times, wanted), 1, len(times) - 1)
    nearest = np.where(wanted - times[right - 1] < times[right] - wanted, right - 1, right)
    kept = np.zeros(len(times), np.bool_)
    kept[nearest] = True
    for name in ("tracks", "parts"):
        if name in taking.columns:
            t = taking.columns[name]["t"]
            place = np.minimum(np.searchsorted(times, t), len(times) - 1)
            taking = taking.only(name, kept[place] | (times[place] != t))
    return taking


def interrupt(taking: Taking, knobs: Gaps, streams: Streams) -> Taking:
    """Take out stretches in which nothing is seen, and withdraw what was claimed of them."""
    if not knobs.per_minute or not knobs.length_s:
        return taking
    starts = arrivals(streams.of("gaps"), taking.span, knobs.per_minute)
    gaps = [Span(t, t + knobs.length_s) for t in starts]
    for name in ("tracks", "parts", "events", "clocks", "view"):
        if name in taking.columns:
            taking = taking.only(name, ~_inside(taking.columns[name]["t"], gaps))
    if knobs.hidden or not gaps:
        return taking
    if "events" in taking.columns:
        own = taking.columns["events"]
        taking = taking.with_table("events", own | {"until": _ended(own["t"], own["until"], gaps)})
    return taking.withdrawn((), gaps)


def _inside(t: Floats, gaps: list[Span]) -> Bools:
    return np.any([(t > gap.start) & (t < gap.stop) for gap in gaps], axis=0) if gaps else np.zeros(len(t), np.bool_)


def _ended(t: Floats, until: Floats, gaps: list[Span]) -> Floats:
    """Return ends of what lasts, at the latest at the first gap: whether it lasted longer nobody saw."""
    result = until.copy()
    for gap in gaps:
        result = np.where((t <= gap.start) & (result > gap.start), gap.start, result)
    return result


def lose(taking: Taking, knobs: Misses, roster: str, streams: Streams) -> Taking:
    """Leave out who is missed: in bursts, behind somebody, or altogether."""
    whole = [name for name in taking.people if knobs.whole and streams.of("whole", name).random() < knobs.whole]
    spans = _bursts(taking, knobs, streams)
    hidden = spans | {name: [taking.span] for name in whole}
    behind = _occlusions(taking, knobs, streams) if knobs.occluded else {}
    before = len(taking.columns["tracks"]["t"])
    for name in ("tracks", "parts"):
        if name in taking.columns and (hidden or behind):
            taking = taking.unseen(name, hidden).unseen(name, behind)
    missed = knobs.share + knobs.whole
    if knobs.occluded:
        missed = max(missed, 1.0 - len(taking.columns["tracks"]["t"]) / max(before, 1))
    if "view" in taking.columns and missed:
        own = taking.columns["view"]
        recall = float_or(own["recall"], taking.domain.defaults.recall) * max(1.0 - missed, 0.0)
        taking = taking.with_table("view", own | {"recall": recall})
    if roster == "open" or (roster == "honest" and knobs.whole > 0):
        opened = tuple(Counts(one.start, None, None) for one in taking.scene.roster)
        return dataclasses.replace(taking, scene=dataclasses.replace(taking.scene, roster=opened))
    return taking


def _bursts(taking: Taking, knobs: Misses, streams: Streams) -> dict[str, list[Span]]:
    """Return when each is missed without a reason."""
    people = set(taking.people)
    ball_share = knobs.share if knobs.ball_share is None else knobs.ball_share
    shares = {name: knobs.share if name in people else ball_share for name in taking.kinds}
    return {
        name: bursts(streams.of("misses", name), taking.span, share, knobs.burst_s)
        for name, share in shares.items()
        if share
    }


def _occlusions(taking: Taking, knobs: Misses, streams: Streams) -> dict[str, list[Span]]:
    """Return when each is lost behind a person: all of a stretch in line, or nothing of it."""
    own = taking.columns["tracks"]
    names, who = np.unique(own["person"].astype(str), return_inverse=True)
    times = np.unique(own["t"])
    at = np.searchsorted(times, own["t"])
    place = np.full((2, len(names), len(times)), np.nan)
    place[0, who, at] = own["true_x"] - knobs.camera[0]
    place[1, who, at] = own["true_y"] - knobs.camera[1]
    people = set(taking.people)
    blockers = [n for n, name in enumerate(names) if name in people]
    lost: dict[str, list[Span]] = {}
    for n, name in enumerate(names):
        rng = streams.of("occlusion", name)
        behind = _behind(place[:, n], place[:, [m for m in blockers if m != n]], knobs.camera[2])
        lost[str(name)] = [span for span in _stretches(times, behind) if rng.random() < knobs.occluded]
    return lost


def _behind(place: Floats, others: Floats, height: float) -> Bools:
    """Return when the feet of somebody at ``place`` (2, time) are hidden by one of ``others`` (2, person, time)."""
    distance = np.hypot(*place)
    near = np.hypot(*others)
    with np.errstate(invalid="ignore", divide="ignore"):
        shadow = near * height / (height - BODY_M[1])
        aside = np.abs(others[0] * place[1] - others[1] * place[0]) / distance
        ahead = others[0] * place[0] + others[1] * place[1] > 0
        hidden = (near < distance) & (distance < shadow) & (aside < BODY_M[0] / 2) & ahead
    result: Bools = hidden.any(axis=0)
    return result


def _stretches(times: Floats, mask: Bools) -> list[Span]:
    """Return the stretches of instants at which a mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [Span(float(times[a]), float(times[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def pan(taking: Taking, knobs: View) -> Taking:
    """Leave out who is not in the picture, and say what the picture showed of the field."""
    if not knobs.width_m:
        return taking
    times = taking.times
    middle = _followed(taking, times, knobs.lag_s)
    for name in ("tracks", "parts"):
        if name in taking.columns:
            own = taking.columns[name]
            off = np.abs(own["true_x"] - np.interp(own["t"], times, middle))
            taking = taking.only(name, off <= knobs.width_m / 2)
    side = BESIDE_M + float(np.abs(taking.columns["tracks"]["true_y"]).max(initial=40.0))
    low, high = middle - knobs.width_m / 2, middle + knobs.width_m / 2
    recall = np.full(len(times), SURE_RECALL)
    corners = {"x1": low, "x2": high, "x3": high, "x4": low}
    heights = {"y1": -side, "y2": -side, "y3": side, "y4": side}
    view = {"t": times, **corners, **{name: np.full(len(times), y) for name, y in heights.items()}, "recall": recall}
    return taking.with_table("view", view)


def _followed(taking: Taking, times: Floats, lag_s: float) -> Floats:
    """Return where along the field the camera looks: after the ball, or the middle of the people, with a lag."""
    own, kinds, domain = taking.columns["tracks"], taking.kinds, taking.domain
    ball: NDArray[np.bool_] = np.array([not domain.kind(kinds.get(name)).person for name in own["person"]], np.bool_)
    rows = ball if ball.any() else np.ones(len(ball), np.bool_)
    stamps, place = np.unique(own["t"][rows], return_inverse=True)
    mean = np.bincount(place, own["true_x"][rows]) / np.bincount(place)
    target = np.interp(times, stamps, mean)
    result = target.copy()
    for n in range(1, len(times)):
        share = 1.0 if not lag_s else 1.0 - np.exp(-(times[n] - times[n - 1]) / lag_s)
        result[n] = result[n - 1] + share * (target[n] - result[n - 1])
    return result
