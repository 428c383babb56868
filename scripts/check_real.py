"""Figures on the real clips against hand labels: python scripts/check_real.py [clip ...] [--notes].

Needs the real test data: RULESIGHT_TEST_DATA names its folder, by default ../shared/data. Exit status 1 if a
figure misses its target.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evaluation import realdata  # noqa: E402
from evaluation.real import assess  # noqa: E402
from records.errors import InputError  # noqa: E402
from rulesight import analyze  # noqa: E402

CLIPS = {
    "hockey": ("hockey", "video/hockey/BUF-EDM_frames_0-279.mp4"),
    "football_1": ("football", "video/american_football/cfb_clip1.mp4"),
    "football_2": ("football", "video/american_football/cfb_clip2.mp4"),
}
MODEL = "models/yolox_nano_416_coco.onnx"


def check(clip: str, data: Path, out: Path, notes: bool) -> bool:
    """Analyse one clip, print its figures and verdicts; returns whether every target is met."""
    domain, video = CLIPS[clip]
    labels = ROOT / "tests" / "real" / clip
    annotations = labels / "annotations.yaml"
    run = analyze(
        data / video,
        domain,
        calibration=labels / "calibration.yaml",
        annotations=annotations if annotations.is_file() else None,
        out=out / clip,
        overrides=["detector=yolox_nano", f"detector.model.file={data / MODEL}", "report=none"],
    )
    result = assess(run.folder, labels)
    print(f"\n{clip}")
    for line in (*result.figures, *(result.notes if notes else ())):
        print(f"  {line}")
    for call in run.calls.calls:
        print(f"  {call.t:7.2f} s  {call.rule:<28} {call.verdict:<10} {call.team or ''}")
    return all(figure.good for figure in result.figures)


def main() -> int:
    """Check the clips named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", metavar="clip", help=", ".join(CLIPS))
    parser.add_argument("--out", type=Path, help="folder to keep the runs in (stages are not run twice)")
    parser.add_argument("--notes", action="store_true", help="say what is behind the figures")
    options = parser.parse_args()
    unknown = sorted(set(options.clips) - set(CLIPS))
    if unknown:
        parser.error(f"there is no clip {unknown[0]}; there are: {', '.join(CLIPS)}")
    data = realdata.folder()
    if data is None:
        print(f"check_real: {realdata.VARIABLE} does not name the folder of real test data", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        try:
            out = options.out or Path(scratch)
            good = [check(clip, data, out, options.notes) for clip in options.clips or CLIPS]
        except InputError as error:
            print(f"check_real: {error}", file=sys.stderr)
            return 2
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
