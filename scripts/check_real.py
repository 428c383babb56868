"""Figures on the real clips against hand labels: python scripts/check_real.py [clip ...] [options].

    --out FOLDER    keep the runs there: stages are not run twice
    --notes         say what is behind the figures
    --landmarks MODEL   the model marks the keyframes, in place of those that a person marked
    --disturbed N   means over N draws in each of which 3 % of the detections are missing

The same as `rulesight evaluate suite=clips`. Needs the real test data: RULESIGHT_TEST_DATA names its folder, by
default ../shared/data. Exit status 1 if a figure misses its target.
"""

import argparse
import sys

from rulesight.cli import run


def main() -> None:
    """Check the clips named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="*", metavar="clip")
    parser.add_argument("--out", help="folder to keep the runs in (stages are not run twice)")
    parser.add_argument("--notes", action="store_true", help="say what is behind the figures")
    parser.add_argument(
        "--disturbed", type=int, default=0, metavar="N", help="means over N draws of missing detections"
    )
    parser.add_argument("--landmarks", metavar="MODEL", help="a model that marks the keyframes")
    given = parser.parse_args()
    sys.argv = sys.argv[:1]
    named = [f"clips=[{','.join(given.clips)}]"] if given.clips else []
    kept = [f"out={given.out}"] if given.out else []
    marked = [f"landmarks={given.landmarks}"] if given.landmarks else []
    asked = [f"notes={str(given.notes).lower()}", f"disturbed={given.disturbed}", *named, *kept, *marked]
    run("evaluate", "suite=clips", *asked)


if __name__ == "__main__":
    main()
