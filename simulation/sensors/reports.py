"""Events: missed, late, and what can still be claimed of them."""

from __future__ import annotations

import numpy as np

from records.clock import EVERYWHEN
from simulation.sensors.draws import Floats, Streams
from simulation.sensors.settings import Events
from simulation.sensors.taking import Columns, Taking, float_or

WHISTLE = "whistle"


def report(taking: Taking, knobs: Events, claimed: float, streams: Streams) -> Taking:
    """Miss some events, note others at a wrong time, and say so.

    Events before the first instant say what held then: they are known from outside and stay.
    """
    if "events" not in taking.columns:
        return taking
    keys = _keys(taking.columns["events"])
    if knobs.missed:
        taking = _missed(taking, keys, knobs, streams)
        keys = _keys(taking.columns["events"])
    if knobs.lag_s or knobs.jitter_s:
        taking = taking.with_table("events", _late(taking, keys, knobs, claimed, streams))
    return taking


def _keys(own: Columns) -> list[str]:
    """Return what names each event: when it was, of which kind, whose."""
    return [
        f"{t:.4f} {kind} {who} {team}"
        for t, kind, who, team in zip(own["t"], own["kind"], own["entity"], own["team"], strict=True)
    ]


def _missed(taking: Taking, keys: list[str], knobs: Events, streams: Streams) -> Taking:
    own = taking.columns["events"]
    kinds = knobs.kinds or tuple(kind for kind in taking.domain.event_kinds if kind != WHISTLE)
    concerned = np.array([kind in kinds for kind in own["kind"]], np.bool_)
    drawn = np.array([streams.of("missed", key).random() for key in keys])
    gone = concerned & (drawn < knobs.missed) & (own["t"] >= taking.span.start)
    taking = taking.only("events", ~gone)
    return taking if knobs.hidden else taking.withdrawn(kinds, [EVERYWHEN])


def _late(taking: Taking, keys: list[str], knobs: Events, claimed: float, streams: Streams) -> Columns:
    """Return the events with one offset for all and an error of each one's own; what lasts ends as it was noted."""
    own = taking.columns["events"]
    offset = knobs.lag_s * streams.of("lag").standard_normal()
    drawn = np.array([streams.of("jitter", key).standard_normal() for key in keys])
    inside = own["t"] >= taking.span.start
    shift: Floats = np.where(inside, offset + knobs.jitter_s * drawn, 0.0)
    stated = np.hypot(float_or(own["t_sigma"], 0.0), claimed * np.hypot(knobs.lag_s, knobs.jitter_s))
    t = own["t"] + shift
    return own | {
        "t": t,
        "until": np.maximum(own["until"] + offset, t),
        "t_sigma": np.where(inside, stated, own["t_sigma"]),
    }
