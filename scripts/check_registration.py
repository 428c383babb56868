"""Register rendered clips from marked pictures and compare with their exact cameras.

    rulesight simulate case=offside_level domain=soccer camera=high plays=2 out=clips
    python scripts/check_registration.py clips [--marked 4] [--hands 1] [--no-paint]

Prints, for each clip below the folder, the error of field points over the visible field, and how many lie inside the
2-sigma region that the registration claims.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evaluation.rendered_registration import folders, measure, together  # noqa: E402
from perception.registration.refine import RefineConfig  # noqa: E402
from perception.registration.solve import RegistrationConfig  # noqa: E402
from records.errors import InputError  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+", help="folders with rendered clips")
    parser.add_argument("--marked", type=int, default=4, help="pictures of each clip that are marked")
    parser.add_argument("--hands", type=int, default=1, help="how often each clip is marked and registered")
    parser.add_argument("--no-paint", action="store_true", help="do not look for painted lines")
    given = parser.parse_args()
    config = RegistrationConfig(refine=RefineConfig(every_s=0.0 if given.no_paint else RefineConfig.every_s))
    scores, refused = [], 0
    for folder in (one for root in given.clips for one in folders(root)):
        for hand in range(given.hands):
            try:
                scores.append(measure(folder, given.marked, hand, config))
                print(scores[-1].line(), flush=True)
            except InputError as error:
                refused += 1
                print(f"{folder.name:40} refused: {error}", flush=True)
    if scores:
        print(together(scores, f"all, {refused} refused").line())
    sys.exit(not scores)
