"""Paint a play in two ways and time both: python scripts/compare_renderers.py [--frames 40] [--out FOLDER].

One way is the project's own, the other a scene on a software rasteriser; with one thread and with two. Needs the extra
`bench` and Mesa's EGL.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

WAYS = {"warped": (), "plain scene": (0, 1.0), "smooth scene": (4, 8.0)}  # samples of a pixel, looks at a texture
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def once(way: str, frames: int, threads: int, out: Path | None) -> None:
    """Print what one way takes with so many threads, in a process of its own: Mesa asks for them only once."""
    import cv2

    from evaluation import renderers

    cv2.setNumThreads(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    stage = renderers.staged(frames)
    paint = renderers.warped(stage) if way == "warped" else renderers.rasterised(stage, *WAYS[way])
    wall, cpu, picture = renderers.timed(paint, stage.instants)
    print(f"{way:14} threads {threads}: {wall:6.1f} ms a picture, {cpu:6.1f} ms of CPU", flush=True)
    if out is not None:
        cv2.imwrite(str(out / f"{way.replace(' ', '-')}.png"), picture)


def main() -> None:
    """Run every way with one thread and with two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--once", nargs=2, metavar=("WAY", "THREADS"), help="one way only, in this process")
    given = parser.parse_args()
    if given.once:
        from records.errors import InputError

        try:
            once(given.once[0], given.frames, int(given.once[1]), given.out)
        except InputError as error:
            sys.exit(str(error))
        return
    for way in WAYS:
        for threads in (1, 2):
            asked = [__file__, "--frames", str(given.frames), "--once", way, str(threads)]
            asked += ["--out", str(given.out)] if given.out else []
            done = subprocess.run(
                [sys.executable, *asked], env=os.environ | {"LP_NUM_THREADS": str(threads)}, check=False
            )
            if done.returncode:
                sys.exit(done.returncode)


if __name__ == "__main__":
    main()
