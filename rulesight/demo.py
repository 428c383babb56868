"""The embedded example: analyse a rendered clip whose truth is known, and print the calls beside it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from records import yamls
from records.calls import Call
from records.errors import InputError

NEAR_S = 0.5  # a call belongs to an expected opportunity when it is at most this far from it


def main(arguments: Sequence[str]) -> int:
    """Run ``rulesight demo [out=FOLDER]``.

    Returns:
        0 when every expected call came out as scripted, 1 when one did not.
    """
    out = _out(arguments)
    from rulesight import api, commands

    with as_file(files("rulesight") / "examples" / "demo") as example:
        run = api.analyze(
            example / "clip.mp4",
            "hockey",
            annotations=example / "annotations.yaml",
            out=out,
            overrides=["landmarks=hockey-landmarks.onnx"],
        )
        expected = yamls.read_mapping(example / "truth" / "expected.yaml")["calls"]
    print(f"{'rule':24} {'t, s':>6}  {'scripted':10} {'called':10}")
    pairs = match(expected, run.calls.calls)
    for wish, call in pairs:
        called = "nothing" if call is None else call.verdict
        print(f"{wish['rule']:24} {wish['t']:6.2f}  {wish['verdict']:10} {called:10} {wish['why']}")
    print()
    commands.print_run(run)
    return 0 if all(call is not None and call.verdict == wish["verdict"] for wish, call in pairs) else 1


def match(expected: Sequence[dict[str, Any]], calls: Sequence[Call]) -> list[tuple[dict[str, Any], Call | None]]:
    """Pair every expected call with the call of the same rule and team nearest in time, or None."""
    pairs = []
    for wish in expected:
        near = [
            call
            for call in calls
            if call.rule == wish["rule"] and call.team == wish["team"] and abs(call.t - wish["t"]) <= NEAR_S
        ]
        pairs.append((wish, min(near, key=lambda call: abs(call.t - wish["t"]), default=None)))
    return pairs


def _out(arguments: Sequence[str]) -> Path:
    out = Path("runs/demo")
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key != "out" or not value:
            raise InputError(f"rulesight demo does not know {argument!r}", "command line", "it takes out=FOLDER only")
        out = Path(value)
    return out
