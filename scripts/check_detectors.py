"""What the detectors that ship find in real pictures, beside YOLOX-nano: python scripts/check_detectors.py.

On boxed pictures of soccer the precision of people, and balls found at 0.5 false ones a picture; on the labelled clips
of hockey and football the share of people who stand in a box. Needs the real test data: RULESIGHT_TEST_DATA names its
folder, by default ../shared/data.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evaluation import realdata
from evaluation.real_detection import lines, on_clip, on_soccer
from perception import models
from perception.detectors import Detector, build
from perception.runtime import open_session
from records.errors import InputError
from rulesight.api import composed
from rulesight.measure import CLIPS, LABELS, MODEL

ALL = {"score": 0.01, "most": 1000}  # precision counts every score
FINE = {"columns": 5, "rows": 4, "overlap": 0.2}  # a ball of some pixels vanishes in larger tiles
SPORTS_BALL = {"labels": "coco", "kinds": {"sports ball": "ball"}}


def main() -> int:
    """Print the figures of both; returns the exit status."""
    data = realdata.folder()
    try:
        if data is None:
            raise InputError("there is no real test data", realdata.VARIABLE, "let it name the folder")
        theirs = _config("soccer", "yolox_nano", data / MODEL)
        ours = _opened(_config("soccer", "shipped") | ALL)
        print("soccer, as shipped", *lines(on_soccer(ours, ours, data)), sep="\n", flush=True)
        people, ball = _opened(theirs | ALL), _opened(theirs | ALL | SPORTS_BALL | {"tiles": FINE})
        print("soccer, YOLOX-nano", *lines(on_soccer(people, ball, data)), sep="\n", flush=True)
        for name, (domain, video) in sorted(CLIPS.items()):
            for told, config in (
                ("as shipped", _config(domain, "shipped")),
                ("YOLOX-nano", _config(domain, "yolox_nano", data / MODEL)),
            ):
                figures = on_clip(_opened(config), data / video, LABELS / name)
                print(f"{name}, {told}", *lines(figures), sep="\n", flush=True)
    except InputError as error:
        print(f"check_detectors.py: {error}", file=sys.stderr)
        return 2
    return 0


def _config(domain: str, detector: str, file: Path | None = None) -> Mapping[str, Any]:
    where = [f"detector.model.file='{file}'"] if file else []
    return composed([f"domain={domain}", f"detector={detector}", *where])["detector"]


def _opened(config: Mapping[str, Any]) -> Detector:
    return build(config, open_session(models.find(config["model"]).path, "cpu"))


if __name__ == "__main__":
    sys.exit(main())
