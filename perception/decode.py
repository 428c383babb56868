"""Video files to pictures with presentation times, through PyAV.

A frame's **time** is ``pts * time_base`` of its stream, in seconds, as the file says it; the first frame is
not moved to zero. A frame's **index** is its rank among all presentation timestamps that the container
announces, so it is the same whether the frame was reached from the start or by a seek. A frame that cannot be
decoded keeps its place: it comes out as a black picture of quality ``gap``, never as a shorter video.

Qualities:

``ok``         decoded, differs from its predecessor.
``duplicate``  shows the same picture as its predecessor.
``black``      nothing but black.
``corrupt``    the decoder concealed damage in it, or it rests on such a frame (up to the next key frame).
``gap``        announced but not decodable; the picture is all zeros.

Pixels do not depend on the number of threads. Decoders conceal damage in an order that threads disturb, so a
stretch that turns out damaged is decoded again by one thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import av.error
import cv2
import numpy as np

from perception.ahead import ahead
from perception.planes import Planes, shrunk, shrunk_to
from perception.spool import Spool
from records.errors import InputError

BLOCK = 8
"""Side in pixels of the blocks over which grey levels and their differences are averaged."""

SAME_LEVELS = 6
"""Two pictures are the same when no block differs by more than this many grey levels of 255 in the mean.
Repeats that x264 coded again at rate factors 12 to 23 differ by 0 to 9, broadcast frames in motion by 30 to
190, a puck of 3x3 pixels that moves by 50."""

BLACK_LEVEL = 24
"""A picture is black when no block mean is above this grey level (studio black is 16 where not rescaled)."""

NO_TIME = -(2**62)
"""Stands for a timestamp that is not there."""

MAX_THREADS = 4
"""Each decoding thread holds pictures; more than a few only cost memory."""

DEPTH = 4
"""Pictures that are decoded ahead while the one before them is compared with its predecessor."""

THUMBNAIL = 72
"""Height in pixels of the small colour picture of a glance."""


@dataclass(frozen=True)
class VideoInfo:
    """What a file holds, as found by reading its packets and decoding one frame.

    Attributes:
        width: picture width in pixels, after rotation.
        height: picture height in pixels, after rotation.
        rotation: degrees counterclockwise that the file asks for, already applied to frames: 0, 90, 180, 270.
        frames: number of frames announced by the packets that are there.
        start_s: time of the first frame in seconds.
        duration_s: from the first frame to the end of the last one, in seconds.
        rate: mean frames per second; 0 for a single frame without a stated rate.
        variable_rate: True when the steps between frames differ by more than a millisecond.
        has_audio: True when there is a sound stream.
        codec: name of the video codec.
        missing_s: seconds that the file's header announces after the last frame that is there.
        truncated: True when the file ends early: inside a packet, or before what its header announces. What
            was to come is a stretch of unknown, not a shorter video.
    """

    width: int
    height: int
    rotation: int
    frames: int
    start_s: float
    duration_s: float
    rate: float
    variable_rate: bool
    has_audio: bool
    codec: str
    missing_s: float
    truncated: bool


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture.

    Attributes:
        index: rank among the presentation timestamps of the file, from 0.
        t: presentation time in seconds.
        image: uint8 array of shape (height, width, 3), BGR, contiguous, rotated upright.
        quality: ``ok``, ``duplicate``, ``black``, ``corrupt`` or ``gap`` (see the module); None where nobody asked.
    """

    index: int
    t: float
    image: np.ndarray
    quality: str | None


@dataclass(frozen=True, eq=False)
class Glance:
    """As much of a frame as a first look needs, at a fraction of the cost of its whole picture.

    Attributes:
        index: as in `Frame`.
        t: as in `Frame`.
        size: width and height of the whole picture in pixels, upright.
        grey: grey levels (h, w), uint8, upright, shrunk to the height that was asked for; all zeros in a gap.
        image: the picture in colour (h, w, 3), BGR, upright, at most `THUMBNAIL` high.
        quality: as in `Frame`.
    """

    index: int
    t: float
    size: tuple[int, int]
    grey: np.ndarray
    image: np.ndarray
    quality: str


@dataclass(frozen=True)
class _Packets:
    """Timestamps of a stream: every frame's, sorted, and those of the key frames in both orders."""

    pts: np.ndarray
    key_pts: np.ndarray
    key_dts: np.ndarray
    last_s: float
    complete: bool


@dataclass(frozen=True)
class _Stated:
    """What the file's header says, true or not."""

    codec: str
    has_audio: bool
    rate: float
    end_s: float | None


@dataclass(frozen=True, eq=False)
class Video:
    """A file whose packets have been listed, ready to be read from any frame.

    Attributes:
        path: the file.
        info: what it holds.
        times: float64 array of shape (frames,), presentation times in seconds.
        spool: where decoded pictures are kept for the next pass, and looked for; None: nowhere.
        threads: that decode, each of which holds pictures; None: one per core, up to `MAX_THREADS`.
    """

    path: Path
    info: VideoInfo
    times: np.ndarray
    packets: _Packets
    spool: Spool | None = None
    threads: int | None = None

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1, judged: bool = True) -> Iterator[Frame]:
        """Yield the frames ``start, start + step, ...`` below ``stop``; the same as slicing the whole file.

        Args:
            start: index of the first frame.
            stop: index after the last one; None: the end of the file.
            step: one of so many.
            judged: whether the quality of each frame is wanted, which costs as much as a third of its decoding.

        Raises:
            InputError: the range is not inside the file, or the file's timestamps run backwards.
        """
        stop = self.info.frames if stop is None else min(stop, self.info.frames)
        if start < 0 or step < 1 or start > self.info.frames:
            raise InputError(
                f"no frames {start}:{stop}:{step}",
                str(self.path),
                f"it has frames 0 to {self.info.frames - 1}",
            )
        return self.at(range(start, stop, step), judged)

    def at(self, indices: Iterable[int], judged: bool = True) -> Iterator[Frame]:
        """Yield the frames with these indices (rising), seeking wherever that skips a key frame.

        Args:
            indices: of the frames.
            judged: whether the quality of each frame is wanted.

        Raises:
            InputError: an index outside the file, or timestamps that run backwards.
        """
        wanted = np.asarray(list(indices), dtype=np.int64)
        if len(wanted) and (np.any(np.diff(wanted) <= 0) or wanted[0] < 0 or wanted[-1] >= self.info.frames):
            raise InputError("frame indices must rise", str(self.path), f"and lie in 0 to {self.info.frames - 1}")
        if judged:
            for index, raw, _, quality in self._looked_at(wanted):
                yield Frame(index, float(self.times[index]), self._image(raw), quality)
            return
        for part, kept in self._kept(wanted):
            for index, raw in self._from_spool(part) if kept else self._stretch(part):
                yield Frame(index, float(self.times[index]), self._image(raw), None)

    def glances(self, start: int, stop: int, height: int) -> Iterator[Glance]:
        """Yield a first look at each of the frames from ``start`` to before ``stop``, as far as there are any.

        Args:
            start: index of the first frame.
            stop: index after the last one.
            height: to which grey levels are shrunk; lower pictures stay as they are.

        Raises:
            InputError: the picture's size changes, or timestamps run backwards.
        """
        size = (self.info.width, self.info.height)
        small, thumbnail = shrunk(size, height), shrunk(size, THUMBNAIL)
        for index, raw, planes, quality in self._looked_at(np.arange(start, min(stop, self.info.frames))):
            if raw is None or planes is None:
                grey, image = np.zeros(small[::-1], np.uint8), np.zeros((*thumbnail[::-1], 3), np.uint8)
            else:
                self._check_size(raw)
                grey, image = self._upright(planes.grey, small), self._upright(planes.colour, thumbnail)
            yield Glance(index, float(self.times[index]), size, grey, image, quality)

    def _kept(self, wanted: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
        """Split where the spool begins or ends to have the pictures, and say whether it has them."""
        spool = self.spool
        has = np.array([spool is not None and index in spool for index in wanted.tolist()], bool)
        for part in np.split(wanted, np.flatnonzero(np.diff(has)) + 1):
            if len(part):
                yield part, bool(has[np.searchsorted(wanted, part[0])])

    def _from_spool(self, wanted: np.ndarray) -> Iterator[tuple[int, av.VideoFrame]]:
        assert self.spool is not None
        for index in wanted.tolist():
            yield index, self.spool.get(index)

    def _stretches(self, wanted: np.ndarray) -> Iterator[np.ndarray]:
        """Split where a key frame lies between two wanted frames, so that decoding may start there."""
        keys = np.searchsorted(self.packets.pts, np.sort(self.packets.key_pts))
        before = np.searchsorted(keys, np.maximum(wanted - 1, 0), side="right")
        after = np.searchsorted(keys, wanted, side="right")
        cuts = np.flatnonzero(before[1:] > after[:-1]) + 1
        yield from (part for part in np.split(wanted, cuts) if len(part))

    def _stretch(self, wanted: np.ndarray) -> Iterator[tuple[int, av.VideoFrame | None]]:
        needed = np.zeros(self.info.frames, bool)
        needed[wanted] = True
        for part in self._stretches(wanted):
            for index, raw, _ in self._decoded(int(part[0]), int(part[-1]) + 1):
                if needed[index]:
                    yield index, raw

    def _looked_at(self, wanted: np.ndarray) -> Iterator[tuple[int, av.VideoFrame | None, Planes | None, str]]:
        """Decode with qualities, for which each frame is compared with the one before it."""
        needed = np.zeros(self.info.frames + 1, bool)
        needed[wanted] = True
        for part in self._stretches(wanted):
            last: Planes | None = None
            with ahead(self._decoded(max(int(part[0]) - 1, 0), int(part[-1]) + 1), DEPTH) as decoded:
                for index, raw, damaged in decoded:
                    if not (needed[index] or needed[index + 1]):
                        continue
                    planes = None if raw is None else Planes(raw)
                    quality = "gap" if planes is None else _quality(planes, last, damaged)
                    last = planes
                    if needed[index]:
                        yield index, raw, planes, quality

    def _decoded(self, start: int, stop: int) -> Iterator[tuple[int, av.VideoFrame | None, bool]]:
        for index, raw, damaged in _decoded(self, start, stop, self.threads or _threads()):
            if self.spool is not None and raw is not None:
                self.spool.put(index, raw)
            yield index, raw, damaged

    def _image(self, raw: av.VideoFrame | None) -> np.ndarray:
        if raw is None:
            return np.zeros((self.info.height, self.info.width, 3), np.uint8)
        self._check_size(raw)
        image = raw.to_ndarray(format="bgr24")
        return np.ascontiguousarray(np.rot90(image, self.info.rotation // 90)) if self.info.rotation else image

    def _upright(self, make: Callable[[tuple[int, int]], np.ndarray], size: tuple[int, int]) -> np.ndarray:
        """Make a small picture of an upright size (width, height)."""
        turns = self.info.rotation // 90
        image = make(size[::-1] if turns % 2 else size)
        return np.ascontiguousarray(np.rot90(image, turns)) if turns else image

    def _check_size(self, raw: av.VideoFrame) -> None:
        width, height = (raw.height, raw.width) if self.info.rotation in (90, 270) else (raw.width, raw.height)
        if (width, height) != (self.info.width, self.info.height):
            raise InputError(
                f"the picture size changes to {width}x{height} at {_seconds(raw):.3f} s",
                str(self.path),
                "cut the file there and give the parts one by one",
            )


def probe(path: str | Path) -> VideoInfo:
    """Say what a file holds.

    Raises:
        InputError: no such file, not a video, no picture stream, no frame, or unusable timestamps.
    """
    return open_video(path).info


def read_frames(path: str | Path, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
    """Yield frames ``start`` to ``stop - 1`` of a file, every ``step``-th; see `Video.frames`.

    Raises:
        InputError: as `probe`, or timestamps that run backwards.
    """
    return open_video(path).frames(start, stop, step)


def open_video(path: str | Path, spool: Spool | None = None, threads: int | None = None) -> Video:
    """List the packets of a file (without decoding them) so that its frames can be read in any order.

    The listing is remembered while the file's size and modification time stay the same.

    Args:
        path: the file.
        spool: where pictures that are decoded are kept and looked for; it must have none of another file.
        threads: that decode; None: one per core, up to `MAX_THREADS`. Pixels do not depend on it.

    Raises:
        InputError: no such file, not a video, no picture stream, no frame, or unusable timestamps.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("no such video file", str(path), "give the path of a video file")
    state = path.stat()
    video = _listed(path, state.st_size, state.st_mtime_ns)
    return replace(video, spool=spool, threads=threads)


@lru_cache(maxsize=8)
def _listed(path: Path, size: int, modified: int) -> Video:
    """`open_video`, keyed by the file's state."""
    with _stream(path, threads=1) as (container, stream):
        packets = _list_packets(path, container, stream)
        base = Fraction(stream.time_base)
        times = packets.pts * base.numerator / base.denominator
        stated = _Stated(
            stream.codec_context.name,
            bool(container.streams.audio),
            float(stream.average_rate or 0),
            _declared_end(container, stream),
        )
    raw = _first_decodable(path)
    if raw is None:
        raise InputError("no frame can be decoded", str(path), "export the video again")
    rotation = _quarter_turns(path, raw) * 90
    width, height = (raw.height, raw.width) if rotation in (90, 270) else (raw.width, raw.height)
    info = _info((width, height, rotation), times, packets, stated)
    return Video(path, info, times, packets)


def _info(shape: tuple[int, int, int], times: np.ndarray, packets: _Packets, stated: _Stated) -> VideoInfo:
    steps = np.diff(times)
    step_s = float(np.median(steps)) if len(steps) else packets.last_s
    end_s = float(times[-1]) + (packets.last_s or step_s)
    missing_s = max((stated.end_s or 0.0) - end_s, 0.0)
    missing_s = missing_s if missing_s > 1.5 * step_s else 0.0
    return VideoInfo(
        width=shape[0],
        height=shape[1],
        rotation=shape[2],
        frames=len(times),
        start_s=float(times[0]),
        duration_s=end_s - float(times[0]),
        rate=float(len(steps) / (times[-1] - times[0])) if len(steps) else stated.rate,
        variable_rate=bool(len(steps) and np.ptp(steps) > 1e-3),
        has_audio=stated.has_audio,
        codec=stated.codec,
        missing_s=missing_s,
        truncated=missing_s > 0 or not packets.complete,
    )


def _declared_end(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Return the time in seconds at which the header says the pictures end, or None when it does not say."""
    if stream.duration is not None:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    only_pictures = len(container.streams) == 1 and container.duration is not None
    return (container.duration + (container.start_time or 0)) / av.time_base if only_pictures else None


@contextmanager
def _stream(path: Path, threads: int) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """Open a file and its first picture stream that is not a cover."""
    try:
        container = av.open(str(path), mode="r")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"not a readable video: {_reason(error)}", str(path), "export it again, for example as mp4"
        ) from error
    with container:
        streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not streams or streams[0].codec_context is None:
            raise InputError("no picture stream that can be decoded", str(path), "give a video file")
        stream = streams[0]
        stream.codec_context.thread_count = threads
        stream.thread_type = "FRAME" if threads > 1 else "NONE"
        yield container, stream


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _threads() -> int:
    return max(min(os.cpu_count() or 1, MAX_THREADS), 1)


def _list_packets(path: Path, container: av.container.InputContainer, stream: av.VideoStream) -> _Packets:
    stamps: list[tuple[int, int, bool]] = []
    last = (NO_TIME, 0)
    complete = True
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:  # the file ends in the middle of a packet; what came before it counts
            complete = False
            break
        if packet is None:
            break
        if packet.pts is None or packet.size == 0 or packet.is_discard:
            continue
        dts = packet.dts if packet.dts is not None else NO_TIME
        stamps.append((packet.pts, dts, packet.is_keyframe))
        last = max(last, (packet.pts, packet.duration or 0))
    if not stamps:
        raise InputError("no frame with a presentation time", str(path), "export the video again, for example as mp4")
    table = np.array(stamps, dtype=np.int64)
    _check_stamps(path, table, Fraction(stream.time_base))
    keys = table[table[:, 2] == 1]
    keys[:, 1] = np.where(keys[:, 1] == NO_TIME, keys[:, 0], keys[:, 1])
    return _Packets(np.sort(table[:, 0]), keys[:, 0], keys[:, 1], float(last[1] * stream.time_base), complete)


def _check_stamps(path: Path, table: np.ndarray, base: Fraction) -> None:
    """Refuse timestamps that repeat, or whose decoding order jumps back."""
    pts = np.sort(table[:, 0])
    dts = table[table[:, 1] != NO_TIME, 1]
    back = np.flatnonzero(np.diff(dts) < 0)
    twice = np.flatnonzero(np.diff(pts) == 0)
    if len(back):
        raise _backwards(path, float(dts[back[0] + 1] * base))
    if len(twice):
        raise _backwards(path, float(pts[twice[0]] * base))


def _backwards(path: Path, t: float) -> InputError:
    return InputError(
        f"timestamps are not monotonic at {t:.3f} s",
        str(path),
        "write it again with fresh timestamps, or cut it there",
    )


def _first_decodable(path: Path) -> av.VideoFrame | None:
    with _stream(path, threads=1) as (container, stream):
        return next(_pictures(container, stream), None)


def _pictures(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Yield whatever the decoder makes of the packets; what it cannot decode shows as a missing timestamp."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            pictures = packet.decode()
        except av.error.FFmpegError:  # a broken packet: its timestamp stays without a frame and becomes a gap
            if packet is None:
                return
            continue
        yield from pictures


def _decoded(video: Video, start: int, stop: int, threads: int) -> Iterator[tuple[int, av.VideoFrame | None, bool]]:
    """Yield (index, picture or None, damaged) for every index from start to stop - 1."""
    expected = start
    for index, raw, damaged in _from_keyframe(video, start, stop, threads):
        if threads > 1 and (damaged or raw is None):
            yield from _decoded(video, expected, stop, threads=1)
            return
        if index >= expected:
            yield index, raw, damaged
            expected = index + 1


def _from_keyframe(
    video: Video, start: int, stop: int, threads: int
) -> Iterator[tuple[int, av.VideoFrame | None, bool]]:
    """Decode from the key frame at or before start; damage lasts until the next key frame."""
    pts = video.packets.pts
    dts, position = _entry(video, int(pts[start]))
    with _stream(video.path, threads) as (container, stream):
        if dts is not None:
            container.seek(dts, stream=stream, backward=True)
        damaged = False
        for raw in _pictures(container, stream):
            index = _index(video, raw)
            if index < position:
                if position > 0 and index < start:  # a picture that leads the key frame and belongs before it
                    continue
                raise _backwards(video.path, _seconds(raw))
            for gap in range(position, min(index, stop)):
                damaged = True
                yield gap, None, True
            if index >= stop:
                return
            damaged = raw.is_corrupt or (damaged and not raw.key_frame)
            yield index, raw, damaged
            position = index + 1
            if position >= stop:
                return
        for gap in range(position, stop):
            yield gap, None, True


def _entry(video: Video, target: int) -> tuple[int | None, int]:
    """Return where to seek (a decoding time; None: the start) to decode ``target`` (pts), and the index.

    Demuxers seek by decoding time or by cues that may be missing, so where a seek lands is looked at, and an
    earlier key frame is tried when that is too late.
    """
    packets = video.packets
    order = np.argsort(packets.key_pts, kind="stable")
    candidates = order[: np.searchsorted(packets.key_pts[order], target, side="right")]
    with _stream(video.path, threads=1) as (container, stream):
        for key in reversed(candidates[1:]):
            dts = int(packets.key_dts[key])
            landed = _landed(container, stream, dts)
            if landed is not None and landed <= packets.key_pts[key]:
                return dts, int(np.searchsorted(packets.pts, landed))
    return None, 0


def _landed(container: av.container.InputContainer, stream: av.VideoStream, dts: int) -> int | None:
    """Return the pts of the key frame that seeking to ``dts`` reaches, None when it reaches none."""
    try:
        container.seek(dts, stream=stream, backward=True)
        packet = next(container.demux(stream), None)
    except av.error.FFmpegError:
        return None
    return packet.pts if packet is not None and packet.is_keyframe else None


def _index(video: Video, raw: av.VideoFrame) -> int:
    pts = video.packets.pts
    index = int(np.searchsorted(pts, raw.pts)) if raw.pts is not None else len(pts)
    if index >= len(pts) or pts[index] != raw.pts:
        raise InputError("a frame's time is not among those of its packets", str(video.path), "export the video again")
    return index


def _seconds(raw: av.VideoFrame) -> float:
    return float(raw.pts * raw.time_base)


def _quarter_turns(path: Path, raw: av.VideoFrame) -> int:
    turns, rest = divmod(raw.rotation, 90)
    if rest:
        raise InputError(f"rotated by {raw.rotation} degrees", str(path), "export it upright")
    return turns % 4


def _quality(planes: Planes, last: Planes | None, damaged: bool) -> str:
    if damaged:
        return "corrupt"
    if planes.level(_highest_block(planes.half)) <= BLACK_LEVEL:
        return "black"
    if last is None or last.half.shape != planes.half.shape:
        return "ok"
    same = planes.difference(_highest_block(cv2.absdiff(planes.half, last.half))) <= SAME_LEVELS
    return "duplicate" if same else "ok"


def _highest_block(levels: np.ndarray) -> int:
    """Return the highest mean over the blocks of a picture that was shrunk to half its sides."""
    height, width = levels.shape
    return int(shrunk_to(levels, (max(2 * width // BLOCK, 1), max(2 * height // BLOCK, 1))).max())
