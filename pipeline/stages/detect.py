"""Stage detect: people and things in the picture, and the colours that they wear.

Only that part of the picture is looked at in which somebody on the field could be seen; a frame without
registration is looked at whole.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from ontologies.field import Field
from perception import kits, models
from perception.decode import Frame, open_video
from perception.detectors import Boxes, Detector, build
from perception.detectors.neighbours import REACH_S, Neighbour, Seen, neighbour, planes, with_neighbours
from perception.detectors.tiling import Tiling, tiles
from perception.registration.project import FrameRegistration, by_frame
from perception.runtime import Session, choose, open_session, shared_out
from pipeline.contract import Stage, Work
from pipeline.fields import field_from
from records import ids, tables
from records.errors import InputError
from tracking.footing import passes_below

MARGIN_M = 1.5  # how far outside the field feet are looked for
KIT_MARGIN_M = 2.5  # kits of boxes whose feet seem further outside are not described
HEAD_M = 2.6  # how far above the ground the tallest stretched person ends
OUTLINE_STEP_M = 1.0
CORNERS = ("x1", "y1", "x2", "y2")
COLOURS = tuple(f"c{n}" for n in range(9))


@dataclass(frozen=True)
class Trial:
    """A detector that was opened and run once, before the run.

    Attributes:
        name: what tables call it.
        path: the model's file.
        sha256: its hash.
        licence: of the model.
        provider: what it really runs on.
        seconds: wall-clock time for one picture of the clip's size, where several are looked at at once.
    """

    name: str
    path: Path
    sha256: str
    licence: str
    provider: str
    seconds: float

    def about(self) -> dict[str, str]:
        """Return what the manifest says of the model."""
        return {"name": self.name, "sha256": self.sha256, "licence": self.licence, "provider": self.provider}


def try_out(
    detector: Mapping[str, Any], runtime: Mapping[str, Any], size: tuple[int, int], group: str = "detector"
) -> Trial:
    """Open a detector and run it on a piece of an empty picture of ``size`` (height, width).

    Args:
        detector: its configuration.
        runtime: configuration of the runtime.
        size: height and width, pixels.
        group: the part of the configuration that it stands in, for messages.

    Raises:
        InputError: the model is missing or not the one that was meant, its layout is not what the
            configuration says, or the runtime that was asked for does not start.
    """
    model = models.find(detector["model"], group=group)
    session = _session(model.path, runtime, choose(runtime["name"]))
    made = build(detector, session)
    pieces = tiles(made.tiling, *size)
    one, blank = replace(made, tiling=Tiling()), np.zeros((*size, made.form.planes), np.uint8)
    one.detect([blank])
    begun = time.perf_counter()
    one.detect([blank])
    each = time.perf_counter() - begun
    seconds = each * len(pieces) / shared_out(session.provider, runtime["threads"]).at_once
    return Trial(made.name, model.path, model.sha256, model.licence, session.provider, seconds)


def stage(
    chunk_frames: int,
    field: Mapping[str, Any],
    models: Mapping[str, Mapping[str, Any]],
    runtime: Mapping[str, Any],
    provider: str,
    barrier_m: float,
) -> Stage:
    """Return the stage.

    Args:
        chunk_frames: frames per piece of work.
        field: ``domain``, ``edition`` and what is chosen of the geometry.
        models: configurations by name: ``detector``, and ``ball`` where that one finds the puck or ball.
        runtime: configuration of the runtime.
        provider: what the session really runs on; results of another provider are not the same.
        barrier_m: height of the barrier around the field, which the crowd in front of it is seen against; 0: none.
    """
    return Stage(
        name="detect",
        work=detect,
        reads=("video", "model", "frames", "registrations"),
        optional=("ball",),
        writes=("detections", "appearance"),
        config={
            "field": dict(field),
            **{name: dict(config) for name, config in models.items()},
            "runtime": dict(runtime),
            "provider": provider,
            "barrier_m": barrier_m,
        },
        chunk_frames=chunk_frames,
        begin=begin,
    )


@dataclass(frozen=True, eq=False)
class Eyes:
    """What looks at pictures.

    Attributes:
        detector: finds everything in one picture.
        ball: finds the puck or ball by its neighbours in time; None: the detector does.
    """

    detector: Detector
    ball: Detector | None = None

    def model_of(self, kind: str) -> str:
        """Return which of them finds a kind."""
        return self.ball.name if self.ball is not None and kind in self.ball.kinds.values() else self.detector.name

    def look(self, seen: Seen[Frame], region: np.ndarray | None, known: Future[list[Boxes]] | None = None) -> Boxes:
        """Return the boxes in a picture.

        Args:
            seen: the picture with its neighbours.
            region: mask (height, width) of where people on the field can be seen; None: everywhere.
            known: what the detector finds in it, where it looks or has looked already.
        """
        image = seen.picture.image
        boxes = (known.result() if known else self.detector.detect([image], region))[0]
        if self.ball is None:
            return boxes
        here = seen.here or neighbour(image, np.eye(3))
        found = self.ball.detect([planes(image, here, seen.earlier, seen.later)], region)[0]
        others = np.array([self.model_of(kind) == self.detector.name for kind in boxes.kind], bool)
        return _together([boxes[others], found])


class Early:
    """What looks at pictures, opened once for all chunks, and what it found before it was known where frames look.

    Registering a shot keeps one core busy. Meanwhile the first frames, as far as they are in the spool, are looked
    at whole, one after the other. That counts only where the region turns out to leave out no tile.

    Args:
        open_eyes: called in a thread of its own.
        frames: looked at in order.
        at_once: how many frames may be looked at at once, now and later; each takes its memory.
    """

    def __init__(self, open_eyes: Callable[[], Eyes], frames: Iterator[Frame], at_once: int) -> None:
        self.pool = ThreadPoolExecutor(max_workers=at_once)
        self._found: dict[int, Future[list[Boxes]]] = {}
        self._wanted = threading.Event()
        self._eyes = self.pool.submit(open_eyes)
        self._thread = threading.Thread(target=self._look, args=(frames,), name="early", daemon=True)
        self._thread.start()

    def _look(self, frames: Iterator[Frame]) -> None:
        if self._eyes.exception() is not None:
            return
        with contextlib.suppress(InputError, OSError):  # of frames; whoever reads them in their turn is told
            for frame in frames:
                if self._wanted.is_set():
                    return
                found = self.pool.submit(self._eyes.result().detector.detect, [frame.image])
                self._found[frame.index] = found
                wait([found])

    def close(self) -> None:
        """Look at no further frame, and wait for those that are being looked at."""
        self._wanted.set()
        self._thread.join()
        self.pool.shutdown(cancel_futures=True)

    def result(self) -> tuple[Eyes, Mapping[int, Future[list[Boxes]]]]:
        """Return what looks, and what the detector finds in frames that are or were looked at, by index.

        No more follow.

        Raises:
            InputError: a model cannot be opened.
        """
        self._wanted.set()
        return self._eyes.result(), dict(self._found)


def begin(work: Work) -> Early:
    """Begin before the frames are registered."""
    config = work.config

    def opened(name: str, source: str) -> Detector:
        return build(config[name], _session(work.sources[source], config["runtime"], config["provider"]))

    def open_eyes() -> Eyes:
        return Eyes(opened("detector", "model"), opened("ball", "ball") if "ball" in work.sources else None)

    return Early(open_eyes, _kept_frames(work), _at_once(work))


def _kept_frames(work: Work) -> Iterator[Frame]:
    """Yield the first frames as long as they need not be decoded."""
    spool = work.spool
    if spool is None or "frames" not in work.tables:
        return
    video = open_video(work.sources["video"], spool)
    kept = itertools.takewhile(spool.__contains__, range(work.tables["frames"].num_rows))
    for index in kept:
        yield from video.at([index], judged=False)


def detect(work: Work) -> Mapping[str, pa.Table]:
    """Find boxes in every frame of a chunk and describe the kits in them."""
    config = work.config
    early: Early = work.begun
    eyes, known = early.result()
    field = field_from(config["field"])
    outline = outline_of(field)
    start, count, around = _rows(work, REACH_S if eyes.ball else 0.0)
    cameras = by_frame(work.tables["registrations"].slice(around.start, len(around)))
    seen = _with_neighbours(_frames(work, around), cameras) if eyes.ball else map(Seen[Frame], _frames(work, around))
    wanted = (one for one in seen if start <= one.picture.index < start + count)
    pieces = []
    for frame, boxes in looked_at(eyes, wanted, cameras, outline, _at_once(work), known, early.pool):
        near = _near_field(cameras.get(frame.index), field, boxes.xyxy, config["barrier_m"])
        pieces.append(_Piece(frame.index, frame.t, boxes, near, *kits.describe(frame.image, boxes.xyxy[near])))
        work.advance(1)
    names = [_names(piece) for piece in pieces]
    return {"detections": _detections(pieces, names, eyes), "appearance": _appearance(pieces, names)}


@dataclass(frozen=True, eq=False)
class _Piece:
    """What was found in one frame: N boxes; which of them are near the field (N,); the kits of those M.

    Describing a crowd would cost more than all of the field. Arrays, since objects for every number of a chunk would
    take more memory than its pictures.
    """

    frame: int
    t: float
    boxes: Boxes
    near: np.ndarray
    kits: np.ndarray
    pixels: np.ndarray


def _detections(pieces: Sequence[_Piece], names: Sequence[list[str]], eyes: Eyes) -> pa.Table:
    counts = [len(piece.boxes) for piece in pieces]
    corners = _stacked([piece.boxes.xyxy for piece in pieces], 4)
    columns = {
        "detection": [name for some in names for name in some],
        "frame": np.repeat([piece.frame for piece in pieces], counts),
        "t": np.repeat([piece.t for piece in pieces], counts),
        "kind": [kind for piece in pieces for kind in piece.boxes.kind],
        "score": np.concatenate([np.zeros(0, np.float32), *(piece.boxes.score for piece in pieces)]),
        **{name: corners[:, place] for place, name in enumerate(CORNERS)},
        "model": [eyes.model_of(kind) for piece in pieces for kind in piece.boxes.kind],
    }
    return tables.table("detections", columns)


def _appearance(pieces: Sequence[_Piece], names: Sequence[list[str]]) -> pa.Table:
    colours = _stacked([piece.kits for piece in pieces], len(COLOURS))
    columns = {
        "detection": [
            name
            for piece, some in zip(pieces, names, strict=True)
            for name, near in zip(some, piece.near.tolist(), strict=True)
            if near
        ],
        "t": np.repeat([piece.t for piece in pieces], [len(piece.pixels) for piece in pieces]),
        **{name: colours[:, place] for place, name in enumerate(COLOURS)},
        "pixels": np.concatenate([np.zeros(0, np.int32), *(piece.pixels for piece in pieces)]),
    }
    return tables.table("appearance", columns)


def _names(piece: _Piece) -> list[str]:
    return [ids.detection_id(piece.frame, number) for number in range(len(piece.boxes))]


def _stacked(parts: Sequence[np.ndarray], width: int) -> np.ndarray:
    return np.concatenate([np.zeros((0, width), np.float32), *parts])


def _with_neighbours(frames: Iterator[Frame], cameras: Mapping[int, FrameRegistration]) -> Iterator[Seen[Frame]]:
    def registered(frame: Frame) -> Neighbour | None:
        camera = cameras.get(frame.index)
        if camera is None or camera.matrix is None:
            return None
        return neighbour(frame.image, camera.matrix, frame.t, camera.shot)

    return with_neighbours(frames, registered)


def looked_at(
    eyes: Eyes,
    frames: Iterator[Seen[Frame]],
    cameras: Mapping[int, FrameRegistration],
    outline: np.ndarray,
    at_once: int,
    early: Mapping[int, Future[list[Boxes]]] | None = None,
    pool: ThreadPoolExecutor | None = None,
) -> Iterator[tuple[Frame, Boxes]]:
    """Yield every frame with its boxes, in order.

    ``eyes`` look at ``at_once`` frames while the caller decodes the next one and describes the one before.
    Frames that are in ``early``, looked at whole, are not looked at again where that is what their region comes to.
    """
    known, waiting = early or {}, deque[tuple[Frame, Future[Boxes]]]()
    with contextlib.nullcontext(pool) if pool else ThreadPoolExecutor(max_workers=at_once) as workers:
        for seen in frames:
            frame = seen.picture
            region = region_of(cameras.get(frame.index), outline, frame.image.shape[:2])
            whole = frame.index in known and eyes.detector.looks_everywhere(frame.image, region)
            waiting.append((frame, workers.submit(eyes.look, seen, region, known[frame.index] if whole else None)))
            if len(waiting) > at_once:
                first, found = waiting.popleft()
                yield first, found.result()
        for first, found in waiting:
            yield first, found.result()


def _at_once(work: Work) -> int:
    return shared_out(work.config["provider"], work.config["runtime"]["threads"]).at_once


def _session(path: Path, runtime: Mapping[str, Any], provider: str) -> Session:
    return open_session(path, runtime["name"], shared_out(provider, runtime["threads"]).inside)


def _rows(work: Work, reach_s: float) -> tuple[int, int, range]:
    """Return the first frame of a chunk, how many it has, and which ones lie no more than ``reach_s`` outside it."""
    start, stop = work.span or (0, work.tables["frames"].num_rows)
    t = tables.column(work.tables["frames"], "t")
    low = np.searchsorted(t, t[start] - reach_s, side="left")
    high = np.searchsorted(t, t[stop - 1] + reach_s, side="right")
    return start, stop - start, range(int(low), int(high))


def _frames(work: Work, around: range) -> Iterator[Frame]:
    threads = 1 if work.config["provider"] == "cpu" else None  # the detector has the cores
    return open_video(work.sources["video"], work.spool, threads).frames(around.start, around.stop, judged=False)


def outline_of(field: Field) -> np.ndarray:
    """Return the edge of where people can stand as points (N, 2), metres, going once around."""
    points = np.asarray(field.boundary.polyline(OUTLINE_STEP_M), dtype=float)
    outward = -np.column_stack(field.boundary.gradient(points[:, 0], points[:, 1]))
    return points + MARGIN_M * outward


def region_of(camera: FrameRegistration | None, outline: np.ndarray, size: tuple[int, int]) -> np.ndarray | None:
    """Return the mask (height, width) of where people on the field can be seen, or None for everywhere."""
    if camera is None or not camera.usable or camera.camera is None:
        return None
    feet = camera.to_image(np.column_stack([outline, np.zeros(len(outline))]))
    heads = camera.to_image(np.column_stack([outline, np.full(len(outline), HEAD_M)]))
    seen = np.isfinite(feet).all(axis=1) & np.isfinite(heads).all(axis=1)
    if seen.sum() < 3:
        return None
    limit = 8 * max(size)
    corners = np.clip(np.concatenate([feet[seen], heads[seen]]), -limit, limit)
    mask = np.zeros(size, np.uint8)
    cv2.fillConvexPoly(mask, np.round(cv2.convexHull(corners.astype(np.float32))).astype(np.int32), 255)
    return mask


def _together(found: Sequence[Boxes]) -> Boxes:
    """Return boxes of several models, best first."""
    xyxy, score = (np.concatenate([getattr(one, name) for one in found]) for name in ("xyxy", "score"))
    order = np.argsort(-score, kind="stable")
    kinds = [kind for one in found for kind in one.kind]
    return Boxes(xyxy[order], score[order], [kinds[place] for place in order.tolist()])


def _near_field(camera: FrameRegistration | None, field: Field, xyxy: np.ndarray, barrier_m: float) -> np.ndarray:
    """Return which of N boxes stand on the field or near it; all of them where nothing is known."""
    if camera is None or not camera.usable or not len(xyxy):
        return np.ones(len(xyxy), bool)
    across = (xyxy[:, 0] + xyxy[:, 2]) / 2
    feet = camera.to_field(np.column_stack([across, xyxy[:, 3]]))
    near = field.boundary.distance(feet[:, 0], feet[:, 1]) > -KIT_MARGIN_M
    if barrier_m > 0:
        middle = np.column_stack([across, (xyxy[:, 1] + xyxy[:, 3]) / 2])[near]
        near[near] = ~passes_below(middle, camera, field.boundary, barrier_m)
    return near
