"""What landmark models find: python scripts/check_landmarks.py MODEL [MODEL ...] [--plays N].

A model is an ONNX file, or the name of one that ships, such as hockey-landmarks.onnx. With --plays on rendered pictures
of N plays of each sport that training never saw; without it on real pictures, which needs the real test data:
RULESIGHT_TEST_DATA names its folder, by default ../shared/data.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from evaluation import realdata
from evaluation.landmarks import measure_model
from evaluation.real_landmarks import lines, measure_real
from perception.models import locate
from perception.registration.landmarks import LandmarkModel
from perception.runtime import open_session
from records.errors import InputError


def main() -> int:
    """Print the figures of each model named on the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--plays", type=int, default=0, metavar="N", help="rendered plays of each sport")
    given = parser.parse_args()
    try:
        paths = {name: locate(name, name, "MODEL") for name in given.models}
        with tempfile.TemporaryDirectory() as scratch:
            for name, path in paths.items():
                figures = measure_model(path, Path(scratch), given.plays, 1) if given.plays else _on_real(path)
                print(name, *lines(figures), sep="\n", flush=True)
    except InputError as error:
        print(f"check_landmarks.py: {error}", file=sys.stderr)
        return 2
    return 0


def _on_real(path: Path) -> dict[str, float]:
    data = realdata.folder()
    if data is None:
        raise InputError("there is no real test data", realdata.VARIABLE, "let it name the folder")
    return measure_real(LandmarkModel(open_session(path, "cpu", 1)), data)


if __name__ == "__main__":
    sys.exit(main())
