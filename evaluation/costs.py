"""What a run costs beside bare detection, and how much memory it takes, measured on whole runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from perception import models
from perception.decode import open_video
from perception.detectors import build
from perception.detectors.neighbours import Seen
from perception.registration.project import by_frame
from perception.runtime import Share, choose, open_session, shared_out
from perception.threads import opencv_in_line
from pipeline.fields import field_from
from pipeline.stages.detect import Eyes, looked_at, outline_of, region_of
from records import tables
from records.scene import keys_of, read_scene


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock on the wall, and of all processors together."""

    wall: float
    cpu: float


@contextmanager
def stopwatch() -> Iterator[list[Spent]]:
    """Measure what is done inside; the list holds it afterwards."""
    spent: list[Spent] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield spent
    spent.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))


def bare(run: Path, video: Path, together: bool) -> Spent:
    """Measure decoding a clip once and running the detector on it, and nothing else.

    Args:
        run: folder of a finished run on the clip; its detector is used, on the same parts of every picture.
        video: the clip.
        together: several frames at once while the next one is decoded, as the analysis does it; else one frame after
            the other, as a plain loop does it, with as many threads inside the model as there are cores.
    """
    config = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["config"]
    keys = keys_of(read_scene(run))
    outline = outline_of(field_from({"field": None, **keys}))
    cameras = by_frame(tables.read(run / "registrations.parquet", "registrations"))
    model, runtime = models.find(config["detector"]["model"]).path, choose(config["runtime"]["name"])
    share = shared_out(runtime) if together else Share(1, os.cpu_count() or 1)
    with stopwatch() as spent:
        detector = build(config["detector"], open_session(model, runtime, share.inside))
        frames = open_video(video).frames(judged=False)
        if together:
            with opencv_in_line():
                for _ in looked_at(Eyes(detector), map(Seen, frames), cameras, outline, share.at_once):
                    pass
        else:
            for frame in frames:
                detector.detect([frame.image], region_of(cameras.get(frame.index), outline, frame.image.shape[:2]))
    return spent[0]


def peak_memory_mb(arguments: Mapping[str, str]) -> float:
    """Run ``rulesight analyze`` in a process of its own and return its peak resident memory in MB.

    Args:
        arguments: overrides, key to value.

    Raises:
        RuntimeError: the run failed; its last words are in the message.
    """
    code = (
        "import os, resource, sys; from rulesight import cli; status = cli.main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True); os._exit(status)"  # as the program ends
    )
    overrides = [f"{key}={value}" for key, value in arguments.items()]
    done = subprocess.run(
        [sys.executable, "-c", code, "analyze", *overrides], capture_output=True, text=True, check=False
    )
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
