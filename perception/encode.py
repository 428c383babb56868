"""Pictures with times, and sound, to a video file: H.264 and AAC in mp4, same content to the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np

from records.errors import InputError

TICKS = 60_000
"""Ticks per second of the written timestamps: whole steps for 24, 25, 29.97, 30, 50, 59.94 and 60 Hz, and few
enough for MPEG-4."""

X264 = {"preset": "veryfast", "x264-params": "cpu-independent=1"}
"""x264 picks algorithms that round differently by what the processor offers, unless told not to."""

AUDIO_BLOCK = 1024
"""Samples of one AAC frame."""

THREADS = 2
"""Fixed, since x264's output depends on it."""


def encoder() -> str:
    """Return the name of the video encoder to use: ``libx264`` where it is built in, else ``mpeg4``."""
    return "libx264" if "libx264" in av.codecs_available else "mpeg4"


@dataclass(frozen=True)
class Audio:
    """Sound of a video.

    Attributes:
        samples: float within -1 and 1, shape (N, 2), left and right; the first is heard at 0 s.
        rate: samples a second, one that AAC knows: 44100, 48000.
    """

    samples: np.ndarray
    rate: int


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    times: Iterable[float],
    quality: int = 20,
    audio: Audio | None = None,
) -> int:
    """Write a video, each picture at its own time; nothing is left behind when that fails.

    Args:
        path: the file, ``.mp4``; replaced only when the new one is complete.
        frames: uint8 BGR pictures of shape (height, width, 3), all of one size; an odd side gets its last
            row or column twice, since the format wants even ones.
        times: seconds, rising by at least 1/60000.
        quality: constant rate factor of libx264, lower is better.
        audio: its sound; None: a video without sound.

    Returns:
        The number of frames written.

    Raises:
        InputError: times that do not rise, pictures of different sizes, no picture, or a disk that is full.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".part")
    try:
        count = _write(partial, zip(frames, times, strict=True), quality, audio)
        partial.replace(path)
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(
            f"the video cannot be written: {error.strerror}",
            str(path),
            "free some space or choose another folder",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(path: Path, shown: Iterable[tuple[np.ndarray, float]], quality: int, audio: Audio | None) -> int:
    count, last = 0, None
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        for image, t in shown:
            picture = _even(image)
            if not count:
                _add_streams(container, picture, quality, audio)
            stream = container.streams.video[0]
            pts = round(t * TICKS)
            _check(path, picture, stream, (t, last is None or pts > last))
            container.mux(stream.encode(_video_frame(picture, pts)))
            count, last = count + 1, pts
        if not count:
            raise InputError("no picture to write", str(path))
        container.mux(container.streams.video[0].encode(None))
        if audio is not None:
            _mux_audio(container, audio)
    return count


def _add_streams(container: av.container.OutputContainer, image: np.ndarray, quality: int, audio: Audio | None) -> None:
    name = encoder()
    options = {"crf": str(quality), **X264} if name == "libx264" else {"qscale": "4"}
    stream = container.add_stream(name, rate=30, options=options)
    stream.height, stream.width = image.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.thread_count = THREADS
    stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
    if audio is not None:
        container.add_stream("aac", rate=audio.rate, layout="stereo")


def _mux_audio(container: av.container.OutputContainer, audio: Audio) -> None:
    stream = container.streams.audio[0]
    for first in range(0, len(audio.samples), AUDIO_BLOCK):
        block = np.ascontiguousarray(audio.samples[first : first + AUDIO_BLOCK].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = audio.rate, first, Fraction(1, audio.rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _check(path: Path, image: np.ndarray, stream: av.VideoStream, rises: tuple[float, bool]) -> None:
    if not rises[1]:
        raise InputError(f"the time {rises[0]:.6f} s does not rise", str(path))
    if image.shape[:2] != (stream.height, stream.width):
        raise InputError("pictures of different sizes", str(path))


def _video_frame(image: np.ndarray, pts: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(image, format="bgr24")
    frame.pts = pts
    frame.time_base = Fraction(1, TICKS)
    return frame


def _even(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    return np.ascontiguousarray(np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))
