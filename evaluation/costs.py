"""What a run costs: time by what it was spent on, and peak memory, measured on whole runs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest import mock

import av

from perception.decode import Video
from perception.runtime import Session


@dataclass
class Spent:
    """Seconds of one run.

    Attributes:
        total: wall-clock time of the run.
        decoding: of it, waiting for decoded frames, all passes over the footage together.
        inference: of it, inside the detector's ONNX Runtime session.
    """

    total: float = 0.0
    decoding: float = 0.0
    inference: float = 0.0

    @property
    def overhead(self) -> float:
        """Everything else, as a share of decoding and inference."""
        needed = self.decoding + self.inference
        return (self.total - needed) / needed


def measure(work: Callable[[], Any]) -> Spent:
    """Run ``work`` and say what its time went into."""
    spent = Spent()
    with _timed_decoding(spent), _timed_inference(spent):
        begun = time.perf_counter()
        work()
        spent.total = time.perf_counter() - begun
    return spent


@contextmanager
def _timed_decoding(spent: Spent) -> Iterator[None]:
    original = Video.at

    def at(self: Video, indices: Any) -> Iterator[Any]:
        frames = original(self, indices)
        while True:
            begun = time.perf_counter()
            frame = next(frames, None)
            spent.decoding += time.perf_counter() - begun
            if frame is None:
                return
            yield frame

    with mock.patch.object(Video, "at", at):
        yield


@contextmanager
def _timed_inference(spent: Spent) -> Iterator[None]:
    original = Session._part  # every run of a model, whole batches or one by one, goes through it

    def part(self: Session, *args: Any) -> Any:
        begun = time.perf_counter()
        result = original(self, *args)
        spent.inference += time.perf_counter() - begun
        return result

    with mock.patch.object(Session, "_part", part):
        yield


def peak_memory_mb(arguments: Mapping[str, str]) -> float:
    """Run ``rulesight analyze`` in a process of its own and return its peak resident memory in MB.

    Args:
        arguments: overrides, key to value.

    Raises:
        RuntimeError: the run failed; its last words are in the message.
    """
    code = (
        "import resource, sys; from rulesight import cli; status = cli.main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(status)"
    )
    overrides = [f"{key}={value}" for key, value in arguments.items()]
    command = [sys.executable, "-c", code, "analyze", *overrides]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes here
    return int(done.stdout.split()[-1]) / unit


def loop_video(source: Path, target: Path, times: int) -> None:
    """Write a clip ``times`` times in a row, packets copied, timestamps moved on."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        copy = writer.add_stream_from_template(stream)
        packets = [packet for packet in reader.demux(stream) if packet.pts is not None]
        step = Fraction(1) / (stream.average_rate or 30) / stream.time_base
        first = min(packet.pts for packet in packets)
        length = max(packet.pts for packet in packets) - first + round(step)
        stamps = [(packet.pts, packet.dts) for packet in packets]
        for turn in range(times):
            for packet, (pts, dts) in zip(packets, stamps, strict=True):
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.stream = copy
                writer.mux(packet)
