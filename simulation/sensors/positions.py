"""Errors of positions: everybody's own, and those that the whole frame shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.sensors.draws import Floats, Streams, gauss_markov
from simulation.sensors.settings import Position, Registration
from simulation.sensors.taking import Columns, Taking, float_or

REACH_M = 30.0  # where an affine mode reaches its nominal size
COEFFICIENTS = ("ax", "bx", "cx", "ay", "by", "cy")


def move(taking: Taking, knobs: Position, claimed: float, streams: Streams) -> Taking:
    """Give everybody and every part of a body an error of its own, and say how large it is."""
    sigmas = knobs.sigmas
    if not any(sigmas.values()):
        return taking
    kinds, domain = taking.kinds, taking.domain
    own = taking.columns["tracks"]
    person = np.array([domain.kind(kinds[name]).person for name in own["person"]], np.bool_)
    sigma = np.where(person, sigmas["person"], sigmas["ball"])
    draws = _draws(taking, own["person"], own["t"], knobs.tau_s, streams, "position")
    result = taking.with_table("tracks", _displaced(own, draws, sigma, knobs.tau_s, claimed))
    if "parts" in taking.columns and sigmas["part"]:
        parts = taking.columns["parts"]
        keys = np.array(
            [f"{name}/{part}" for name, part in zip(parts["person"], parts["part"], strict=True)], dtype=object
        )
        draws = _draws(taking, keys, parts["t"], knobs.tau_s, streams, "parts")
        sigma = np.full(len(keys), sigmas["part"])
        result = result.with_table("parts", _displaced(parts, draws, sigma, knobs.tau_s, claimed))
    return result


def _displaced(own: Columns, draws: Floats, sigma: Floats, tau_s: float, claimed: float) -> Columns:
    """Return columns with the errors in them; what was stated before counts on top of them."""
    stated = np.hypot(float_or(own["sigma"], 0.0), sigma * claimed)
    changed: Columns = {
        "x": own["x"] + sigma * draws[:, 0],
        "y": own["y"] + sigma * draws[:, 1],
        "sigma": np.where(sigma > 0, stated, own["sigma"]),
    }
    if "tau" in own:
        changed["tau"] = np.where(sigma > 0, tau_s, own["tau"])
    for name in ("sx", "sy"):
        if name in own:
            changed[name] = np.where(np.isnan(own[name]), np.nan, np.hypot(own[name], sigma * claimed))
    for name in ("vx", "vy", "sv"):
        if name in own:
            changed[name] = np.where(sigma > 0, np.nan, own[name])
    return own | changed


def _draws(taking: Taking, keys: NDArray[np.object_], t: Floats, tau_s: float, streams: Streams, effect: str) -> Floats:
    """Return a draw of variance 1 along x and y for each row: one process per key, over all instants of the scene."""
    stamps = np.unique(np.concatenate([taking.times, t]))
    names, place = np.unique(keys.astype(str), return_inverse=True)
    noises = np.stack([streams.of(effect, name).standard_normal((len(stamps), 2)) for name in names], axis=1)
    processes = gauss_markov(stamps, tau_s, noises.reshape(len(stamps), -1)).reshape(noises.shape)
    result: Floats = processes[np.searchsorted(stamps, t), place]
    return result


def share(taking: Taking, knobs: Registration, claimed: float, streams: Streams) -> Taking:
    """Displace everything in a frame together, and write the modes of it into ``errors``.

    Shifts are one mode along and one across the field; stretches, turn and shear are the four affine ones.
    """
    modes = _modes(knobs)
    if not modes:
        return taking
    stamps = taking.times
    noises = np.stack([streams.of("registration", name).standard_normal(len(stamps)) for name in modes], axis=1)
    amounts = gauss_markov(stamps, knobs.tau_s, noises)
    result = taking
    for name in ("tracks", "parts"):
        if name in taking.columns:
            own = result.columns[name]
            dx, dy = _displacement(own, stamps, amounts, modes)
            result = result.with_table(name, own | {"x": own["x"] + dx, "y": own["y"] + dy})
    return result.with_table("errors", _stated(result, stamps, modes, claimed))


def _modes(knobs: Registration) -> dict[str, tuple[float, ...]]:
    """Return the coefficients of each mode that is on."""
    across, along = knobs.sigma_m, knobs.sigma_m * knobs.along
    slope, steep = knobs.affine_m / REACH_M, knobs.affine_m * knobs.along / REACH_M
    every = {
        "shift_x": (along, 0.0, 0.0, 0.0, 0.0, 0.0),
        "shift_y": (0.0, 0.0, 0.0, across, 0.0, 0.0),
        "stretch_x": (0.0, steep, 0.0, 0.0, 0.0, 0.0),
        "shear_x": (0.0, 0.0, steep, 0.0, 0.0, 0.0),
        "shear_y": (0.0, 0.0, 0.0, 0.0, slope, 0.0),
        "stretch_y": (0.0, 0.0, 0.0, 0.0, 0.0, slope),
    }
    return {name: mode for name, mode in every.items() if any(mode)}


def _displacement(
    own: Columns, stamps: Floats, amounts: Floats, modes: dict[str, tuple[float, ...]]
) -> tuple[Floats, Floats]:
    x, y = own["true_x"], own["true_y"]
    dx, dy = np.zeros(len(x)), np.zeros(len(x))
    for n, (ax, bx, cx, ay, by, cy) in enumerate(modes.values()):
        amount = np.interp(own["t"], stamps, amounts[:, n])
        dx += amount * (ax + bx * x + cx * y)
        dy += amount * (ay + by * x + cy * y)
    return dx, dy


def _stated(taking: Taking, stamps: Floats, modes: dict[str, tuple[float, ...]], claimed: float) -> Columns:
    """Return the table of errors: these modes after those of the truth, which a common error counts among."""
    known = taking.columns.get("errors")
    columns: dict[str, list[object]] = {name: [] for name in ("t", "mode", *COEFFICIENTS)}
    if known is not None:
        for name in columns:
            columns[name].extend(known[name].tolist())
    else:
        modes = _with_common(taking, claimed) | modes
    for name, mode in modes.items():
        columns["t"].extend(stamps)
        columns["mode"].extend([name] * len(stamps))
        for coefficient, value in zip(COEFFICIENTS, mode, strict=True):
            columns[coefficient].extend([value * claimed] * len(stamps))
    return {name: np.array(values, object if name == "mode" else np.float64) for name, values in columns.items()}


def _with_common(taking: Taking, claimed: float) -> dict[str, tuple[float, ...]]:
    """Return modes for the common error that the truth states, which a table of errors would replace."""
    common = taking.columns["tracks"].get("common", np.zeros(0))
    common = common[np.isfinite(common)]
    if not len(common) or not common.any() or not claimed:
        return {}
    size = float(common.max()) / claimed
    return {"common_x": (size, 0.0, 0.0, 0.0, 0.0, 0.0), "common_y": (0.0, 0.0, 0.0, size, 0.0, 0.0)}
