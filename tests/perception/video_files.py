"""Small generated videos."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def picture(index: int, height: int = 96, width: int = 128) -> np.ndarray:
    """A textured BGR picture that shifts by a pixel per index, with the index in its upper left block."""
    rows, columns = np.mgrid[0:height, 0:width]
    wave = 110 + 60 * np.sin((columns + 3 * index) / 7.0) + 50 * np.cos((rows - index) / 5.0)
    image = np.stack([wave, wave[::-1], 255 - wave], axis=2).clip(30, 255).astype(np.uint8)
    image[:16, :16] = 40 + 8 * (index % 25)
    return image


def encode(path: Path, images, times, **options) -> Path:
    """Write pictures with PyAV. Options: rotation, audio, gop, bframes, pix_fmt, container."""
    images = list(images)
    with av.open(str(path), "w", options=options.get("container", {})) as container:
        x264 = {"preset": "ultrafast", "crf": "12", "bf": str(options.get("bframes", 0)), "threads": "1"}
        stream = container.add_stream("libx264", rate=25, options=x264)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = options.get("pix_fmt", "yuv420p")
        stream.codec_context.gop_size = options.get("gop", 12)
        stream.codec_context.time_base = stream.time_base = Fraction(1, 90000)
        if options.get("rotation"):
            stream.set_display_rotation(options["rotation"])
        if options.get("audio"):
            _tone(container)
        for image, t in zip(images, times, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = round(t * 90000), Fraction(1, 90000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _tone(container) -> None:
    sound = container.add_stream("aac", rate=48000, layout="mono")
    samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    samples.sample_rate, samples.pts = 48000, 0
    container.mux(sound.encode(samples))
    container.mux(sound.encode(None))
